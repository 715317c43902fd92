// passkey.js: coming in with a passkey, making one, and showing once more who
// one is. The page says where: data-begin asks for what the browser needs,
// data-passkey takes its answer. Without a passkey or a script, the page's other
// ways stand.
const json = { "Content-Type": "application/json" };

async function post(url, body) {
  const r = await fetch(url, { method: "POST", headers: json, body: JSON.stringify(body), credentials: "same-origin" });
  let x = {};
  try { x = await r.json(); } catch { /* no JSON: the fallback is shown */ }
  return { ok: r.ok, ...x };
}

async function go(el) {
  const url = el.dataset.passkey, make = "make" in el.dataset;
  const begun = await post(el.dataset.begin || url + "/begin", {});
  if (!begun.ok) return begun;
  const publicKey = make ? PublicKeyCredential.parseCreationOptionsFromJSON(begun.options) : PublicKeyCredential.parseRequestOptionsFromJSON(begun.options);
  const c = await navigator.credentials[make ? "create" : "get"]({ publicKey });
  const lent = document.querySelector("[data-lent]")?.checked || false;
  return post(url, { ceremony: begun.ceremony, answer: c.toJSON(), lent, to: el.dataset.to || "/" });
}

for (const el of document.querySelectorAll("[data-passkey]")) {
  const b = el.querySelector("[data-passkey-go]"), p = el.querySelector("[data-passkey-problem]");
  if (!self.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  el.hidden = false;
  b.addEventListener("click", async () => {
    if (b.getAttribute("aria-busy")) return;
    b.setAttribute("aria-busy", "true");
    p.hidden = true;
    let x;
    try { x = await go(el); } catch { x = {}; }
    b.removeAttribute("aria-busy");
    if (x.to) {
      const carry = document.getElementById("carry");
      if (carry && x.ok) carry.submit();
      else location.assign(x.to);
      return;
    }
    p.textContent = x.problem || p.dataset.fallback;
    p.hidden = false;
  });
}

// what is said of this device goes with every way in on the page
for (const box of document.querySelectorAll("[data-lent]")) {
  box.addEventListener("change", () => {
    for (const f of document.querySelectorAll("form")) {
      let i = f.querySelector("input[type=hidden][name=lent]");
      if (!i) { i = document.createElement("input"); i.type = "hidden"; i.name = "lent"; f.append(i); }
      i.value = box.checked ? "on" : "";
    }
  });
}

// a page that only leads on does so by itself
document.querySelector("[data-onward]")?.click();
