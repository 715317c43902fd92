// search: <form data-live-get> with an <input data-search> asks as you type,
// quietly, and the answer's [data-results] list is walked with the arrow keys.
// On a page without such a list the form is an ordinary one. A form that posts
// keeps what was looked for out of every address.
import { ask, offline } from "./patch.js";

let timer, stop;

async function find(form) {
  clearTimeout(timer);
  stop?.abort();
  stop = new AbortController();
  const u = new URL(form.action, location.href), words = new URLSearchParams(new FormData(form));
  const post = form.method === "post";
  if (!post) u.search = words;
  form.setAttribute("aria-busy", "true");
  try {
    await ask(u, post ? { method: "POST", body: words, signal: stop.signal } : { signal: stop.signal }, true);
    offline(false);
    if (!post && !form.hasAttribute("data-elsewhere")) history.replaceState(null, "", u);
    form.removeAttribute("aria-busy");
  } catch (e) {
    if (e.name === "AbortError") return;
    form.removeAttribute("aria-busy");
    offline(true);
  }
}

const listed = (form) => form?.matches("form[data-live-get]") && document.querySelector("[data-results]");
const links = () => [...document.querySelectorAll("[data-results] a[href]")];

export function search() {
  addEventListener("input", (e) => {
    if (!e.target.matches?.("[data-search]") || !listed(e.target.form)) return;
    clearTimeout(timer);
    timer = setTimeout(find, 140, e.target.form);
  });
  addEventListener("change", (e) => {
    if (!e.target.matches?.("[data-search]") && listed(e.target.form)) find(e.target.form);
  });
  // Enter goes to the first result and never opens it: opening someone's chart
  // is an act that is written down.
  addEventListener("submit", (e) => {
    if (!listed(e.target)) return;
    e.preventDefault();
    find(e.target).then(() => links()[0]?.focus());
  });
  addEventListener("keydown", (e) => {
    if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
    const box = e.target.matches?.("[data-search]") ? e.target : document.querySelector("[data-search]");
    if (!box) return;
    const typing = e.target.matches?.("input, textarea, select, [contenteditable]");
    if (e.key === "/" && !typing && document.documentElement.dataset.keys !== "off") {
      e.preventDefault();
      box.focus();
      box.select();
      return;
    }
    const all = links(), at = all.indexOf(document.activeElement);
    if (e.target !== box && at < 0) return;
    if (e.key === "ArrowDown") all[Math.min(at + 1, all.length - 1)]?.focus();
    else if (e.key === "ArrowUp") at > 0 ? all[at - 1].focus() : box.focus();
    else if (e.key === "Escape" && at >= 0) box.focus();
    else return;
    e.preventDefault();
  });
}
