// week.js: the week that is moved by hand. Every block is a link to its form, and
// stays one. With a mouse it is dragged, or its edge; with the keyboard, arrow keys
// move a block in focus and Shift with them its end. Either way the form's own address
// is sent what changed, and answers with the week: app.js sends it (form[data-live]).
const step = 15, wide = matchMedia("(min-width: 64rem)");
const say = (text) => { const at = document.getElementById("say"); if (at) at.textContent = text; };
const clock = (m) => String(Math.floor(m / 60)).padStart(2, "0") + ":" + String(m % 60).padStart(2, "0");
const week = () => document.querySelector("[data-week]");
const at = (b) => ({ day: +b.dataset.day, from: +b.dataset.from, to: +b.dataset.to });

// names are the days from Monday on; a weekday of Go begins with Sunday
const order = [1, 2, 3, 4, 5, 6, 0];
const told = (w, x) => w.dataset.said.replace("{day}", w.dataset.days.split("|")[order.indexOf(x.day)]).replace("{from}", clock(x.from)).replace("{to}", clock(x.to));

// place shows a block where it would be.
function place(b, x) {
  const n = x.to - x.from, set = { "--sh": Math.floor(x.from / 60), "--sm": x.from % 60, "--lh": Math.floor(n / 60), "--lm": n % 60 };
  for (const k in set) b.style.setProperty(k, set[k]);
  const lane = document.querySelector(`.lane[data-day="${x.day}"]`), had = document.activeElement === b;
  if (lane && !lane.contains(b)) {
    lane.append(b.closest("li"));
    if (had) b.focus({ preventScroll: true });
  }
  b.querySelector("[data-times]").textContent = clock(x.from) + "–" + clock(x.to);
  Object.assign(b.dataset, x);
}

const fits = (x) => x.from >= 0 && x.to <= 24 * 60 && x.to - x.from >= step;

function send(b) {
  const form = document.getElementById("week-move"), x = at(b);
  form.action = b.href;
  for (const [k, v] of Object.entries({ day: x.day, from: clock(x.from), to: clock(x.to) })) form.elements[k].value = v;
  week().setAttribute("aria-busy", "true");
  form.requestSubmit();
}
// not sent: the page says so, and the block can be tried again
document.addEventListener("unsent", () => week()?.removeAttribute("aria-busy"));

// keys
let due, waits;
document.addEventListener("keydown", (e) => {
  const b = e.target.closest?.("[data-block]");
  if (!b || e.ctrlKey || e.metaKey || e.altKey || !e.key.startsWith("Arrow") || week().hasAttribute("aria-busy")) return;
  e.preventDefault();
  const x = at(b), up = e.key === "ArrowUp" ? -step : e.key === "ArrowDown" ? step : 0;
  if (up && e.shiftKey) x.to += up;
  else if (up) { x.from += up; x.to += up; }
  else {
    const i = order.indexOf(x.day) + ((e.key === "ArrowRight") === (document.dir !== "rtl") ? 1 : -1);
    if (i < 0 || i > 6) return;
    x.day = order[i];
  }
  if (!fits(x)) return;
  place(b, x);
  say(told(week(), x));
  clearTimeout(due);
  waits = b;
  due = setTimeout(flush, 900);
});
function flush() {
  clearTimeout(due);
  const b = waits;
  waits = null;
  if (b) send(b);
}
document.addEventListener("focusout", (e) => { if (waits && e.target === waits) setTimeout(() => { if (waits && document.activeElement !== waits) flush(); }); });

// mouse, pen and finger
let held;
document.addEventListener("pointerdown", (e) => {
  const b = e.target.closest?.("[data-block]");
  if (!b || e.button || !wide.matches || week().hasAttribute("aria-busy")) return;
  const r = b.getBoundingClientRect(), x = at(b);
  held = { b, was: x, x: { ...x }, px: e.clientX, py: e.clientY, scale: r.height / Math.max(5, x.to - x.from), end: r.bottom - e.clientY < 9, moved: false, id: e.pointerId };
});
document.addEventListener("pointermove", (e) => {
  if (!held || e.pointerId !== held.id) return;
  const dx = e.clientX - held.px, dy = e.clientY - held.py;
  if (!held.moved && Math.hypot(dx, dy) < 5) return;
  if (!held.moved) {
    held.moved = true;
    held.b.classList.add("is-held");
    try { held.b.setPointerCapture(e.pointerId); } catch { /* it is gone already */ }
  }
  e.preventDefault();
  const by = Math.round(dy / held.scale / step) * step, x = { ...held.was };
  if (held.end) x.to += by;
  else {
    x.from += by; x.to += by;
    for (const lane of document.querySelectorAll(".lane[data-day]")) {
      const r = lane.getBoundingClientRect();
      if (e.clientX >= r.left && e.clientX < r.right) x.day = +lane.dataset.day;
    }
  }
  if (!fits(x)) return;
  held.x = x;
  place(held.b, x);
});
function drop(e, keep) {
  if (!held || e.pointerId !== held.id) return;
  const h = held;
  held = null;
  h.b.classList.remove("is-held");
  if (!h.moved) return;
  // what was dragged is not also followed
  const stop = (c) => { c.preventDefault(); c.stopPropagation(); };
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", stop, true), 50);
  if (!keep) { place(h.b, h.was); return; }
  if (h.x.day !== h.was.day || h.x.from !== h.was.from || h.x.to !== h.was.to) send(h.b);
}
document.addEventListener("pointerup", (e) => drop(e, true));
document.addEventListener("pointercancel", (e) => drop(e, false));
document.addEventListener("dragstart", (e) => { if (e.target.closest?.("[data-block]") && wide.matches) e.preventDefault(); });
document.addEventListener("keydown", (e) => {
  if (e.key === "Escape" && held?.moved) drop({ pointerId: held.id }, false);
});
