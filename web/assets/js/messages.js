// messages.js: what writing to and fro needs beside forms and links, which work without
// it: a draft kept while typing, files shown before they go, a recorder, photos shown at
// a tap, news without reloading, and a message that waits when there is no connection.
import { back, composers } from "./lib/compose.js";
import { waiting } from "./lib/outbox.js";
import { recorder } from "./lib/record.js";

// a photo is shown by whoever wants to see it
document.addEventListener("click", (e) => {
  const a = e.target.closest?.("[data-cover] a[data-show]");
  if (!a) return;
  e.preventDefault();
  const img = a.parentElement.querySelector("img");
  img.src = a.href;
  img.alt = a.dataset.alt;
  img.tabIndex = -1;
  img.focus();
  a.parentElement.classList.add("shown");
  a.remove();
});

// the page hears that it has changed, and asks for itself again: pieces with ids are
// exchanged, and where somebody writes is not one of them
const end = () => document.getElementById("end")?.scrollIntoView({ block: "end" });
const log = document.querySelector("[data-log]");
const want = (to) => document.dispatchEvent(new CustomEvent("ask", { detail: to }));
function again() {
  const l = log && (log.scrollHeight > log.clientHeight + 1 ? log : document.scrollingElement);
  if (l && l.scrollHeight - l.scrollTop - l.clientHeight < 120) document.addEventListener("patched", end, { once: true });
  want(location.pathname + location.search);
}
// what somebody looks at or listens to stays as it is when there are news
const had = new Map();
function hold() {
  for (const li of document.querySelectorAll("#log li[id]")) {
    li.querySelectorAll("figure").forEach((f, i) => {
      const was = had.get(li.id + i);
      if (was && was !== f) f.replaceWith(was);
      else had.set(li.id + i, f);
    });
  }
}
hold();
document.addEventListener("patched", hold);

// a list beside what is open comes by itself, and stays as fresh
const side = document.querySelector("[data-fill]")?.dataset.fill;
const heard = new Set();
function hear() {
  for (const el of document.querySelectorAll("[data-stream]")) {
    const at = el.dataset.stream, then = el.id === "queue" && side ? () => want(side) : again;
    if (heard.has(el.id || at)) continue;
    heard.add(el.id || at);
    let lost = 0, es, poll;
    const open = () => {
      es = new EventSource(at);
      es.addEventListener("changed", then);
      es.onopen = () => { lost = 0; };
      es.onerror = () => { if (++lost >= 3) { es.close(); poll ||= setInterval(then, 30000); } };
    };
    open();
    addEventListener("pagehide", () => es.close());
    addEventListener("pageshow", (e) => { if (e.persisted) open(); });
  }
}
hear();
if (side) {
  document.addEventListener("patched", hear);
  want(side);
}
end();
composers(again);
recorder();
waiting((to) => log ? again() : document.querySelector("[data-composer] textarea")?.value || location.assign(to), back);
