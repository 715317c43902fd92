// compose: <form data-composer> with a textarea and hidden key. data-draft says where what
// is typed is kept. Files go as file, file2 … with caption, caption2 … and seconds.
import { keep, post } from "./outbox.js";

const most = 4;
export const added = new WeakMap(); // form → [{ file, caption, seconds }]
const words = (form) => form.querySelector("textarea[name=text]");
const picker = (form) => form.querySelector("[data-attach]").dataset;

// problem says what is wrong, or that nothing is.
function problem(form, text = "") {
  const at = form.querySelector("[data-problem]");
  at.textContent = text;
  at.className = "problem";
  at.hidden = !text;
}

// show lists what goes along, with a way to take it out.
export function show(form) {
  const ul = form.querySelector("[data-attached]"), all = added.get(form) || [];
  ul.replaceChildren(...all.map((x, i) => {
    const li = document.createElement("li"), b = document.createElement("button");
    li.textContent = x.file.name + " ";
    b.type = "button";
    b.className = "btn btn-quiet btn-sm";
    b.textContent = picker(form).remove;
    b.onclick = () => { all.splice(i, 1); problem(form); show(form); };
    li.append(b);
    return li;
  }));
}

// add takes a file along, unless the practice would not take it with what is there.
export function add(form, file, caption = "", seconds = 0) {
  const all = added.get(form) || [], at = picker(form);
  if (all.length >= most) return problem(form, at.many);
  if (all.reduce((n, x) => n + x.file.size, file.size) > at.most) return problem(form, at.large);
  all.push({ file, caption, seconds });
  added.set(form, all);
  problem(form);
  show(form);
}

// sent is what a form sends, with what was added.
function sent(form) {
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
  words(form).value = "";
  form.querySelector("[name=key]").value = crypto.randomUUID();
  added.delete(form);
  problem(form);
  show(form);
}

// back hears what became of what waited. What arrived does not stand in the form any more,
// as a draft; what did not stands where it was written, as it was.
export function back(action, d, wrong) {
  for (const form of document.querySelectorAll("form[data-composer]")) {
    const text = words(form), typed = text.value, files = added.get(form)?.length;
    if (wrong === undefined && typed === d.get("text") && !files) clear(form);
    if (wrong === undefined || form.action !== action || files || typed && typed !== d.get("text")) continue;
    for (const el of form.elements) {
      const all = d.getAll(el.name);
      if (/radio|checkbox/.test(el.type)) el.checked = all.includes(el.value);
      else if (el.type !== "file" && all.length) el.value = all[0];
    }
    for (let i = 1; i <= most; i++) {
      const n = i > 1 ? i : "", f = d.get("file" + n);
      if (f) add(form, f, d.get("caption" + n), Number(d.get("seconds" + n)));
    }
    problem(form, wrong || picker(form).wrong);
    return true;
  }
}

export function composers(then) {
  for (const form of document.querySelectorAll("form[data-composer]")) {
    const text = words(form), pick = form.querySelector("[data-attach]");
    pick.addEventListener("change", () => { for (const f of pick.files) add(form, f); pick.value = ""; });
    form.addEventListener("paste", (e) => { for (const f of e.clipboardData?.files || []) add(form, f); });
    form.addEventListener("dragover", (e) => e.preventDefault());
    form.addEventListener("drop", (e) => { e.preventDefault(); for (const f of e.dataTransfer?.files || []) add(form, f); });
    text.addEventListener("keydown", (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) form.requestSubmit(); });

    // what is typed is kept here and there, so that it is on the next device too
    let timer, saving, had = text.value;
    const save = (last) => {
      clearTimeout(timer);
      if (!form.dataset.draft || text.value === had) return;
      had = text.value;
      saving = fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams({ text: had }), credentials: "same-origin", keepalive: last })
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
      const d = sent(form);
      await Promise.race([saving, new Promise((ok) => { setTimeout(ok, 2000); })]); // else a draft could come after it
      const r = await post(form.action, d).catch(() => null);
      try {
        if (r?.wrong !== undefined) problem(form, r.wrong || pick.dataset.wrong);
        else {
          if (!r) await keep(form.action, d);
          clear(form);
          had = "";
          if (r?.to.pathname === location.pathname) then();
          else if (r) location.assign(r.to);
        }
      } catch { problem(form, pick.dataset.wrong); } // it cannot even wait here
      b.removeAttribute("aria-busy");
      text.focus();
    });
  }
}
