// day.js: the day keeps itself up to date, and visits can be dragged to another time.
// Every act is a link or a form without it. It asks for a number that changes with the
// practice's times, and for the day itself only when that is another.

const pane = document.querySelector("[data-day-state]"), wide = matchMedia("(min-width: 64rem)");

// who waits, and where now is
function tick() {
  for (const el of document.querySelectorAll("[data-since]")) {
    const n = Math.max(0, Math.floor((Date.now() - Date.parse(el.dataset.since)) / 60000));
    if (Number.isFinite(n) && Math.abs(n - el.textContent) < 600) el.textContent = n;
  }
}

// busy: somebody is in the middle of something that a new page would take away
const busy = () => held || document.activeElement?.matches("#day-side :is(input, select, textarea)") || document.querySelector("details.confirm[open], #keys[open], #idle[open]");

async function watch() {
  if (document.hidden || !pane) return;
  try {
    const r = await fetch(pane.dataset.dayState, { credentials: "same-origin" });
    const now = (await r.json()).state;
    const day = document.getElementById("day");
    if (String(now) !== day.dataset.state && !busy()) {
      const was = document.querySelector(".day-scroll"), at = [was?.scrollLeft, was?.scrollTop];
      document.addEventListener("patched", () => document.querySelector(".day-scroll")?.scrollTo(...at), { once: true });
      document.dispatchEvent(new CustomEvent("ask", { detail: location.pathname + location.search }));
    }
  } catch { /* not to be reached now: it is asked again */ }
}
if (pane) {
  setInterval(watch, 5000);
  setInterval(tick, 30000);
  document.addEventListener("visibilitychange", watch);
}

// the day that is chosen is shown
document.querySelector(".daybar-date button")?.remove();
document.querySelector(".daybar-date input[type=date]")?.addEventListener("change", (e) => { if (e.target.value) e.target.form.requestSubmit(); });

// today begins at now
if (wide.matches && !location.hash) {
  const line = document.querySelector("[data-nowline]");
  const box = line?.closest(".day-scroll");
  if (box) box.scrollTop += line.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
}

// dragging
let held = null;
const step = 5;
document.addEventListener("pointerdown", (e) => {
  const card = e.target.closest?.("[data-move]");
  if (!card || e.button || !wide.matches || e.pointerType === "touch" || e.target.closest("button")) return;
  held = { card, x: e.clientX, y: e.clientY, id: e.pointerId, top: e.clientY - card.getBoundingClientRect().top, moved: false };
});
function over(e) {
  for (const lane of document.querySelectorAll(".lane[data-who]:not([data-who=''])")) {
    const r = lane.getBoundingClientRect();
    if (e.clientX < r.left || e.clientX >= r.right || e.clientY < r.top || e.clientY > r.bottom) continue;
    const hours = parseFloat(getComputedStyle(lane).getPropertyValue("--nh")), minute = (e.clientY - held.top - r.top) / r.height * hours * 60;
    return { lane, minute: Math.max(0, Math.round(minute / step) * step) };
  }
}
document.addEventListener("pointermove", (e) => {
  if (!held || e.pointerId !== held.id) return;
  const dx = e.clientX - held.x, dy = e.clientY - held.y;
  if (!held.moved && Math.hypot(dx, dy) < 6) return;
  if (!held.moved) {
    held.moved = true;
    held.card.classList.add("is-held");
    try { held.card.setPointerCapture(e.pointerId); } catch { /* it is gone already */ }
  }
  e.preventDefault();
  held.card.style.translate = dx + "px " + dy + "px";
});
function drop(e, go) {
  if (!held || e.pointerId !== held.id) return;
  const h = held, to = h.moved && go && over(e);
  held = null;
  h.card.classList.remove("is-held");
  if (!h.moved) return;
  const stop = (c) => { c.preventDefault(); c.stopPropagation(); };
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", stop, true), 50);
  if (!to) { h.card.style.translate = ""; return; }
  const at = new Date(Date.parse(to.lane.dataset.begin) + to.minute * 60000);
  location.assign(h.card.dataset.move + "?" + new URLSearchParams({ who: to.lane.dataset.who, at: at.toISOString().replace(/\.\d+/, "") }));
}
document.addEventListener("pointerup", (e) => drop(e, true));
document.addEventListener("pointercancel", (e) => drop(e, false));
document.addEventListener("keydown", (e) => { if (e.key === "Escape" && held) drop({ pointerId: held.id }, false); });
document.addEventListener("dragstart", (e) => { if (e.target.closest?.("[data-move]") && wide.matches) e.preventDefault(); });
