// book.js: the map of open times stays true. It asks the practice which times are open
// and waits for the answer; a seat that is taken elsewhere goes, one that is given back
// comes. It counts down what is held, says so to a screen reader now and then, and when
// nothing is held any more keeps the page as it is. Without it every button works.
const house = document.querySelector("[data-open]");
const offline = (is) => { const el = document.getElementById("offline"); if (el) el.hidden = !is; };
const say = (text) => { const at = document.getElementById("say"); if (at) at.textContent = text; };

// what is open, as the server says it: {"lena.2026-11-26": {"630": 3}}
const video = 2;
let state = "", stop;

function seats() { return [...house.querySelectorAll(".seats .seat")]; }

function split(slot) {
  const at = slot.lastIndexOf(".");
  return [slot.slice(0, at), slot.slice(at + 1)];
}

// fresh makes a seat that was taken when the page was made, beside one of its kind.
function fresh(key, minute, ways) {
  const day = key.slice(key.lastIndexOf(".") + 1), list = house.querySelector('.seats[data-day="' + day + '"]');
  const row = house.querySelector('.times [data-m="' + minute + '"]'), col = house.querySelector('[data-who="' + key.slice(0, -day.length - 1) + '"]');
  if (!list || !row || !col) return;
  const li = document.createElement("li"), b = document.createElement("button");
  const put = (name, text) => { const el = document.createElement(name); el.textContent = text; b.append(el, " "); };
  li.className = "r" + ([...row.parentNode.children].indexOf(row) + 1) + " c" + ([...col.parentNode.children].indexOf(col) + 1);
  b.className = "seat";
  b.name = "pick";
  b.value = key + "." + minute;
  put("b", row.textContent);
  put("span", col.dataset.name);
  if (ways & video && house.querySelector(".legend .v")) b.classList.add("v");
  li.append(b);
  const later = [...list.children].find((x) => Number(split(x.firstElementChild.value)[1]) > minute);
  list.insertBefore(li, later || null);
}

function update(free) {
  const known = new Set();
  for (const b of seats()) {
    known.add(b.value);
    const [key, minute] = split(b.value), is = Boolean(free[key]?.[minute]) || b.classList.contains("pick");
    if (!is && b === document.activeElement) { // whoever was about to press it is told
      say(house.dataset.gone);
      b.closest("section").querySelector("h2").focus?.();
    }
    b.parentNode.hidden = !is;
  }
  for (const [key, times] of Object.entries(free)) {
    for (const [minute, ways] of Object.entries(times)) if (!known.has(key + "." + minute)) fresh(key, Number(minute), ways);
  }
  for (const list of house.querySelectorAll(".seats")) {
    const n = list.querySelectorAll("li:not([hidden]) .seat:not(.pick)").length;
    for (const el of house.querySelectorAll('[data-left-of="' + list.dataset.day + '"]')) el.textContent = (n === 1 ? house.dataset.one : house.dataset.many).replace(/\d+/, n);
  }
  for (const b of document.querySelectorAll(".fit")) {
    const [key, minute] = split(b.value);
    if (house.querySelector('.seats[data-day="' + key.slice(key.lastIndexOf(".") + 1) + '"]') && !b.getAttribute("aria-pressed")) b.parentNode.hidden = !free[key]?.[minute];
  }
}

// Nothing of who asks goes with it: it is about times alone, and must not keep a
// session alive by itself.
async function watch() {
  stop = new AbortController();
  const mine = stop;
  let wait = 0;
  while (!mine.signal.aborted) {
    try {
      const r = await fetch(house.dataset.open + "&state=" + state, { credentials: "omit", signal: mine.signal });
      if (!r.ok) throw new Error(r.status);
      const now = await r.json();
      offline(false);
      wait = 0;
      if (String(now.state) !== state) { state = String(now.state); update(now.free); }
    } catch {
      if (mine.signal.aborted) return;
      wait = Math.min(wait ? wait * 2 : 1000, 30000);
      await new Promise((ok) => setTimeout(ok, wait));
    }
  }
}

if (house?.dataset.open) {
  const turn = () => { stop?.abort(); if (!document.hidden) watch(); };
  document.addEventListener("visibilitychange", turn);
  addEventListener("pagehide", () => stop?.abort());
  addEventListener("pageshow", (e) => e.persisted && turn());
  turn();
}

// what is held
const hold = document.querySelector("[data-seconds]");
if (hold) {
  const total = Number(hold.dataset.seconds), end = Date.now() + total * 1000;
  const clock = hold.querySelector("[data-clock]"), ring = hold.querySelector(".ring"), full = Number(ring?.getAttribute("stroke-dasharray").split(" ")[0]);
  let last = total;
  const over = () => {
    const here = hold.contains(document.activeElement);
    for (const el of hold.querySelectorAll("[data-held]")) el.hidden = true;
    for (const el of hold.querySelectorAll("[data-over]")) el.hidden = false;
    if (here) hold.querySelector("p[data-over]").focus();
    const seat = document.querySelector("#mine .seat");
    if (seat) { seat.classList.remove("pick"); seat.removeAttribute("aria-pressed"); }
    say(hold.getAttribute("data-say-0"));
  };
  const timer = setInterval(() => {
    const s = Math.max(0, Math.round((end - Date.now()) / 1000));
    clock.textContent = Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0");
    ring?.setAttribute("stroke-dasharray", (full * s / Math.max(1, total)).toFixed(1) + " 100");
    for (const at of [120, 60, 30]) if (s <= at && last > at) say(hold.getAttribute("data-say-" + at));
    last = s;
    if (s === 0) { clearInterval(timer); over(); }
  }, 500);
}

// Confirm is pressed once: what is pressed twice is one visit anyway.
document.getElementById("book")?.addEventListener("submit", (e) => {
  if (e.submitter?.getAttribute("aria-busy")) e.preventDefault();
  else e.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => document.querySelectorAll("#book [aria-busy]").forEach((b) => b.removeAttribute("aria-busy")));
