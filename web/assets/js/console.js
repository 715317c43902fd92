// console.js: what the care team's pages run: app.js and single keys. The keys
// can be switched off (WCAG 2.2, 2.1.4), in the dialog that "?" opens; the
// choice stays on this machine.
import "./app.js";

const root = document.documentElement, kept = "keys";
root.dataset.keys = localStorage.getItem(kept) || "on";

const sheet = document.getElementById("keys");
const box = sheet?.querySelector("input[type=checkbox]");
if (box) {
  box.checked = root.dataset.keys === "on";
  box.addEventListener("change", () => localStorage.setItem(kept, (root.dataset.keys = box.checked ? "on" : "off")));
}
document.addEventListener("click", (e) => {
  if (e.target.closest?.("[data-keys-open]")) sheet?.showModal();
});

let first, when = 0;
addEventListener("keydown", (e) => {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || root.dataset.keys === "off") return;
  if (e.target.matches?.("input, textarea, select, [contenteditable]") || sheet?.open) return;
  const k = e.key.toLowerCase();
  // g, then a letter: the nav links carry it as data-key
  if (first === "g" && e.timeStamp - when < 1200) {
    first = 0;
    const to = document.querySelector(`a[data-key="${CSS.escape(k)}"]`);
    if (to) { e.preventDefault(); to.click(); }
    return;
  }
  first = k; when = e.timeStamp;
  if (k === "?") { e.preventDefault(); sheet?.showModal(); return; }
  // a letter of its own: what carries it as data-hot is used, or written in
  const hot = document.querySelector(`[data-hot="${CSS.escape(k)}"]`);
  if (hot) {
    e.preventDefault();
    const text = hot.querySelector("textarea");
    const tab = text && document.querySelector('.seg [value="' + (k === "n" ? "note" : "reply") + '"]');
    if (tab) tab.checked = true;
    text ? text.focus() : hot.click();
    return;
  }
  if (k !== "j" && k !== "k") return;
  const all = [...document.querySelectorAll("[data-results] a[href], .rows a.row")].filter((a, i, l) => l.indexOf(a) === i);
  const at = all.indexOf(document.activeElement);
  const to = all[k === "j" ? Math.min(at + 1, all.length - 1) : Math.max(at - 1, 0)];
  if (to) { e.preventDefault(); to.focus(); to.scrollIntoView({ block: "nearest" }); }
});
