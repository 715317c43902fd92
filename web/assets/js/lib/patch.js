// patch: the server answers with elements that carry ids; each takes the place
// of its namesake. A whole page works too: its <main> and title are taken.
// Only text fetched from this very origin ever comes here.
import { html } from "./trusted.js";

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function swap(text) {
  const t = document.createElement("template");
  t.innerHTML = html(text);
  const at = document.activeElement?.id;
  for (const el of [...t.content.children]) {
    if (el.localName === "title") document.title = el.textContent;
    if (el.dataset.say) say(el.dataset.say);
    const into = el.dataset.append && document.querySelector(el.dataset.append);
    const old = el.id && document.getElementById(el.id);
    if (into) into.append(el);
    else if (old) old.replaceWith(el);
  }
  const next = document.querySelector("[data-focus]") || (at ? document.getElementById(at) : null);
  if (next && document.activeElement !== next) next.focus({ preventScroll: true });
  next?.removeAttribute("data-focus");
  document.dispatchEvent(new Event("patched"));
}

// say has a screen reader say what a patch has changed: the element carries
// the sentence as data-say.
function say(text) {
  const at = document.getElementById("say");
  if (at) at.textContent = text;
}

export function patch(text, quiet) {
  if (!quiet && document.startViewTransition && !calm()) document.startViewTransition(() => swap(text));
  else swap(text);
}

// ask fetches a fragment and patches it. An answer that is no HTML (a file, a
// proxy's error) is left to the browser: the caller gets false.
export async function ask(url, opt = {}, quiet) {
  const u = new URL(url, location.href);
  if (u.origin !== location.origin) return false;
  const r = await fetch(u, { ...opt, headers: { "X-Fragment": "1" }, credentials: "same-origin" });
  // The server names where to go in a header, so that the page there is opened
  // once; a redirect that fetch has already followed is opened again.
  const to = r.headers.get("X-Location") || (r.redirected && r.url);
  if (to) { location.assign(new URL(to, u)); return true; }
  if (!r.headers.get("Content-Type")?.startsWith("text/html")) return false;
  patch(await r.text(), quiet);
  return true;
}

// offline shows the line the page keeps hidden for this.
export function offline(is) {
  const el = document.getElementById("offline");
  if (el) el.hidden = !is;
}
