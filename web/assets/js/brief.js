// brief.js: what a form states is gone through with single keys: J and K move, A
// accepts, E edits, X sets aside. Every act is a form without it. The keys are off where
// somebody switched the console's keys off, and in fields.

const list = document.querySelector("[data-claims]");
const open = () => [...(list?.querySelectorAll('[data-claim="true"]') ?? [])];
const here = () => document.activeElement?.closest?.("[data-claim]");
const on = () => document.documentElement.dataset.keys !== "off";

if (list && on()) list.querySelector("[data-claims-keys]")?.removeAttribute("hidden");

// after a decision the page opens at the next one, wherever that is
if (/^#f\d+$/.test(location.hash)) {
  const at = document.querySelector(location.hash), all = open();
  const next = all.find((li) => !at || li === at || at.compareDocumentPosition(li) & Node.DOCUMENT_POSITION_FOLLOWING) ?? all[0];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "center" });
}

addEventListener("keydown", (e) => {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || !list || !on() || document.querySelector("dialog[open]")) return;
  if (e.key === "Escape") {
    const fold = document.activeElement?.closest?.("details.claim-f[open]");
    if (fold) { fold.open = false; fold.closest("[data-claim]").focus(); }
    return;
  }
  if (e.target.matches?.("input, textarea, select, [contenteditable]")) return;
  const k = e.key.toLowerCase(), all = open(), li = here();
  if (k === "j" || k === "k") {
    const n = all.indexOf(li);
    const to = n < 0 ? (k === "j" ? all[0] : all.at(-1)) : all[Math.min(Math.max(n + (k === "j" ? 1 : -1), 0), all.length - 1)];
    if (to) { e.preventDefault(); to.focus({ preventScroll: true }); to.scrollIntoView({ block: "nearest" }); }
    return;
  }
  const key = li && "aex".includes(k) && li.querySelector(`[data-key="${k}"]`);
  if (!key) return;
  e.preventDefault();
  key.click();
  if (key.parentElement.open) key.parentElement.querySelector("input:not([type=hidden]), select")?.focus();
});
