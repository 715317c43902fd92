// looks.js: checks on the reader's own device that the practice's book is still the one this
// device saw before, that every line on the page is in it and says what the page says, and
// that none is left out. It trusts nothing of the page. What does not fit it says in words
// of its own, over the page, and only the reader can take that away.
import { bytes, climb, hex, leafOf, open, same, still } from "./lib/proof.js";
import { pin, pinned } from "./lib/pin.js";

const el = document.querySelector("[data-book]");
const shown = [...document.querySelectorAll("[data-line]")];
const numbers = shown.map((x) => Number(x.dataset.line));
const wrong = (why, more) => ({ why, ...more });

// says is what a page claims of a line, made from the line itself.
const says = (l, e) => [l.index, e.time, e.actor.name || "", e.act, e.purpose, e.refused ? 1 : 0, (e.what || []).map((w) => w.part + ":" + (w.n || 0)).join(" ")].join("|");

// older holds a book to the one that was kept.
async function older(was, now, key, since) {
  const more = { was: was.size, now: now.size };
  if (was.k !== key) throw wrong("key");
  if (now.size < was.size) throw wrong("shorter", more);
  if (now.size === was.size && now.head !== was.head) throw wrong("other", more);
  if (!await still(was.size, was.root, now.size, now.root, (since?.hashes || []).map(bytes))) throw wrong("changed", more);
}

// read holds every line to the book and to the one before it, and returns them by number.
async function read(lines, book) {
  const all = new Map();
  let last = 0;
  for (const l of lines) {
    const raw = bytes(l.entry), leaf = await leafOf(bytes(l.salt), raw), top = await climb(leaf, l.index, book.size, l.hashes.map(bytes));
    const e = JSON.parse(new TextDecoder().decode(raw)), n = e.pseq, before = all.get(n - 1);
    if (!top || !same(top, book.root) || !(n > last) || before && before.leaf !== e.prev) throw wrong("line", { line: n, at: e.time });
    all.set(last = n, { e, l, leaf: hex(leaf) });
  }
  return all;
}

// page holds what the page shows to the lines, and looks for what it leaves out. It is false
// where there are too many lines to tell.
function page(all, newest) {
  shown.forEach((x, i) => {
    const y = all.get(numbers[i]);
    if (!y || says(y.l, y.e) !== x.dataset.says) throw wrong("line", { line: numbers[i], at: x.dataset.says.split("|")[1], x });
  });
  const q = new URLSearchParams(location.search), below = Number(q.get("below")), to = below > 1 ? below - 1 : newest, low = el.dataset.low;
  if (!low || /^(people|software|you|helpers)$/.test(q.get("who"))) return !low;
  // what came after the page was made cannot be on it
  const made = Date.parse(all.get(newest).e.time) - performance.now() - 6e4;
  for (let n = to; n >= Math.min(low, ...numbers); n--) {
    const y = all.get(n);
    if (!y) return false;
    if (!numbers.includes(n) && !(y.e.actor.kind === "client" && y.e.actor.id === el.dataset.me) && (to < newest || Date.parse(y.e.time) < made)) throw wrong("hidden", { line: n, at: y.e.time });
  }
  return true;
}

async function check(seen) {
  const was = await pinned(), tag = location.pathname.slice(4, 12), mine = was?.l[tag];
  const ask = new URLSearchParams({ from: was?.size || 0, low: el.dataset.low || "", lines: [...numbers, ...(mine ? [mine[0]] : [])].join(" ") });
  const r = await fetch(el.dataset.book + "?" + ask, { headers: { Accept: "application/json" } });
  if (!r.ok) return ["unable"];
  const b = await r.json();
  seen.was = was && { checkpoint: was.n, key: was.k, line: mine };
  seen.now = b;
  const now = await open(b.checkpoint, b.key).catch(() => { throw wrong("signature"); });
  if (was) await older(was, now, b.key, b.since);
  const all = await read(b.lines, now), newest = Math.max(...all.keys());
  if (mine && all.get(mine[0])?.leaf !== mine[1]) throw wrong("mine", { line: mine[0] });
  const whole = page(all, newest), one = all.get(numbers[0]);
  await pin(b.checkpoint, b.key, now.size, tag, [newest, all.get(newest).leaf]);
  return [now.signed ? whole ? "ok" : "some" : "unsigned", { n: shown.length, line: one && one.l.index + 1, size: now.size }];
}

const count = (n) => (n > 9999 ? String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f") : String(n));
const fill = (s, x) => s.replace(/\{(\w+)\}/g, (m, k) => (typeof x[k] === "number" ? count(x[k]) : x[k] ?? m));

// show lets one of the page's own sentences stand.
function show(name, x) {
  for (const s of el.querySelectorAll("[data-is]")) {
    s.hidden = !s.dataset.is.split(" ").includes(name);
    const p = s.querySelector("p");
    if (!s.hidden && x) p.textContent = fill(p.textContent, x);
  }
  const here = document.getElementById("here");
  for (const at of x && here ? document.querySelectorAll("[data-line] .lk-acts") : []) at.append(Object.assign(here.cloneNode(true), { hidden: false, id: "" }));
  el.dataset.bookResult = name;
}

const put = (tag, kids, more) => { const x = Object.assign(document.createElement(tag), more); x.append(...[kids].flat()); return x; };

// alarm stands over the page. Its words came with this script, not with the page.
function alarm(f, seen) {
  const w = self.looksWords, { x, ...why } = f;
  const file = URL.createObjectURL(new Blob([JSON.stringify({ why, at: new Date(), ...seen }, null, 1)], { type: "application/json" }));
  const past = /^(key|shorter|other|changed|mine)$/.test(f.why);
  const kids = [put("h1", w.title, { tabIndex: -1 }), put("p", fill(w[f.why], { ...f, at: f.at && new Date(f.at).toLocaleString(document.documentElement.lang) })), put("p", past ? w.means : w.fault), put("h2", w.todo),
    put("ol", [w.keep, put("a", w.save, { href: file, download: "book.json", className: "btn btn-primary" }), w.show].map((s) => put("li", s)))];
  if (past) {
    kids.push(put("details", [put("summary", w.know), put("p", w.lose), put("button", w.anew, { className: "btn btn-quiet", onclick() { document.cookie = "book=; Path=/me; Max-Age=0"; location.reload(); } })]));
  }
  const under = [...document.body.children];
  const on = put("button", w.page, { className: "btn btn-quiet", onclick() { box.classList.add("is-read"); under.forEach((u) => { u.inert = false; }); on.remove(); } });
  const box = put("section", put("div", [...kids, put("p", w.own), on]), { className: "book-alarm" });
  box.setAttribute("role", "alert");
  show("alarm"); // none of the page's own sentences
  (el.querySelector("[role=status]") || el).append(put("p", w.title));
  under.forEach((u) => { u.inert = true; });
  document.body.prepend(box);
  box.querySelector("h1").focus();
  x?.classList.add("is-wrong");
  el.dataset.bookResult = f.why;
}

if (el) {
  const seen = {};
  show("working");
  (self.crypto?.subtle ? check(seen) : Promise.resolve(["unable"])).then((r) => show(...r)).catch((f) => (f.why || seen.now ? alarm(f.why ? f : wrong("broken"), seen) : show("unable")));
}
