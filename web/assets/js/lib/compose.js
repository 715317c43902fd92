// compose: <form data-composer> with a textarea and hidden key. data-draft says where what
// is typed is kept. Files go as file, file2 … with caption, caption2 … and seconds.
import { keep } from "./outbox.js";

const most = 4;
export const added = new WeakMap(); // form → [{ file, caption, seconds }]

// show lists what goes along, with a way to take it out.
export function show(form) {
  const ul = form.querySelector("[data-attached]"), all = added.get(form) || [];
  const text = form.querySelector("[data-attach]").dataset.remove;
  ul.replaceChildren(...all.map((x, i) => {
    const li = document.createElement("li"), b = document.createElement("button");
    li.textContent = x.file.name + " ";
    b.type = "button";
    b.className = "btn btn-quiet btn-sm";
    b.textContent = text;
    b.onclick = () => { all.splice(i, 1); show(form); };
    li.append(b);
    return li;
  }));
}

export function add(form, file, caption = "", seconds = 0) {
  const all = added.get(form) || [];
  if (all.length < most) all.push({ file, caption, seconds });
  added.set(form, all);
  show(form);
}

// words is what a form sends, with what was added.
function words(form) {
  const d = new FormData(form);
  d.delete("file");
  (added.get(form) || []).forEach((x, i) => {
    const n = i ? i + 1 : "";
    d.set("file" + n, x.file, x.file.name);
    d.set("caption" + n, x.caption);
    d.set("seconds" + n, String(x.seconds));
  });
  return d;
}

function clear(form) {
  form.querySelector("textarea[name=text]").value = "";
  form.querySelector("[name=key]").value = crypto.randomUUID();
  added.delete(form);
  show(form);
}

export function composers(then) {
  for (const form of document.querySelectorAll("form[data-composer]")) {
    const text = form.querySelector("textarea[name=text]"), pick = form.querySelector("[data-attach]");
    pick.addEventListener("change", () => { for (const f of pick.files) add(form, f); pick.value = ""; });
    form.addEventListener("paste", (e) => { for (const f of e.clipboardData?.files || []) add(form, f); });
    form.addEventListener("dragover", (e) => e.preventDefault());
    form.addEventListener("drop", (e) => { e.preventDefault(); for (const f of e.dataTransfer?.files || []) add(form, f); });
    text.addEventListener("keydown", (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) form.requestSubmit(); });

    // what is typed is kept here and there, so that it is on the next device too
    let timer, had = text.value;
    const save = (last) => {
      clearTimeout(timer);
      if (!form.dataset.draft || text.value === had) return;
      had = text.value;
      fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams({ text: had }), credentials: "same-origin", keepalive: last })
        .then((r) => r.json()).then((x) => { const at = form.querySelector("[data-grade]"); if (at && x.grade !== undefined) at.textContent = x.grade; }).catch(() => {});
    };
    text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 1500); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) save(true); });

    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const b = form.querySelector("button:not([type=button])");
      if (b.getAttribute("aria-busy")) return;
      if (!text.value.trim() && !added.get(form)?.length) return text.focus();
      clearTimeout(timer);
      b.setAttribute("aria-busy", "true");
      const d = words(form);
      try {
        const r = await fetch(form.action, { method: "POST", body: d, headers: { "X-Fragment": "1" }, credentials: "same-origin" });
        const to = r.headers.get("X-Location");
        if (r.ok && to) {
          clear(form);
          had = "";
          const u = new URL(to, location.href);
          if (u.pathname === location.pathname) then();
          else location.assign(u);
        } else form.submit(); // what is wrong with it, the page says
      } catch {
        await keep(form.action, d);
        clear(form);
        had = "";
      }
      b.removeAttribute("aria-busy");
      text.focus();
    });
  }
}
