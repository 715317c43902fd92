// app.js: progressive enhancement, no framework. Every form and link works
// without it. With it, forms marked data-live post in the background and the
// server answers with fragments (see lib/patch.js).
//
// Other modules do not import this file. They dispatch
//   document.dispatchEvent(new CustomEvent("ask", { detail: "/same/origin/url" }))
// to have a fragment fetched and patched, and listen for "patched".
import { ask, offline, patch } from "./lib/patch.js";
import { idle } from "./lib/idle.js";
import { search } from "./lib/search.js";
import { app } from "./lib/app.js";

addEventListener("submit", async (e) => {
  const form = e.target;
  if (e.defaultPrevented || !form.matches("[data-live]")) return;
  e.preventDefault();
  const b = e.submitter;
  if (b?.getAttribute("aria-busy")) return;
  const body = new FormData(form, b);
  const url = b?.hasAttribute("formaction") ? b.formAction : form.action;
  const files = form.enctype === "multipart/form-data";
  b?.setAttribute("aria-busy", "true");
  try {
    const ok = await ask(url, { method: "POST", body: files ? body : new URLSearchParams(body) });
    offline(false);
    if (!ok) location.reload();
  } catch {
    // nothing typed is lost: the form stays as it is, and the page says so
    const lost = new CustomEvent("unsent", { bubbles: true, cancelable: true, detail: form });
    if (form.dispatchEvent(lost)) offline(true);
  } finally {
    b?.removeAttribute("aria-busy");
  }
});

document.addEventListener("ask", (e) => ask(e.detail).catch(() => offline(true)));

// a page that came back with something wrong begins there
const wrong = document.querySelector("main [data-focus], main [aria-invalid=true]");
if (wrong) wrong.focus();

// server-sent events: <body data-events="/live">
const src = document.body.dataset.events;
if (src) new EventSource(src).addEventListener("patch", (e) => patch(e.data));

// countdowns: <b data-until="2026-11-24T09:40:00Z">
let timer;
function tick() {
  clearInterval(timer);
  const els = document.querySelectorAll("[data-until]");
  if (!els.length) return;
  const step = () => els.forEach((el) => {
    const s = Math.max(0, Math.round((Date.parse(el.dataset.until) - Date.now()) / 1000));
    el.textContent = Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0");
  });
  step();
  timer = setInterval(step, 1000);
}
tick();
document.addEventListener("patched", tick);

// menus close on Escape and on a click elsewhere
const menus = () => document.querySelectorAll("details.menu[open]");
addEventListener("click", (e) => menus().forEach((m) => m.contains(e.target) || (m.open = false)));
addEventListener("keydown", (e) => {
  if (e.key === "Escape") menus().forEach((m) => { m.open = false; m.querySelector("summary").focus(); });
});

// a page to print: <button data-print hidden> shows itself
for (const b of document.querySelectorAll("[data-print]")) {
  b.hidden = false;
  b.addEventListener("click", () => print());
}

// away: the way out that hides where one was leaves no page behind to go back to
document.querySelector("[data-away]")?.addEventListener("submit", async (e) => {
  e.preventDefault();
  document.body.replaceChildren();
  try { await fetch("/away", { method: "POST", credentials: "same-origin" }); } finally { location.replace("/away"); }
});

search();
idle();
app();
