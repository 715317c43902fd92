// The page that checks a client's copy of their lines on somebody's own machine, without a
// connection and without the practice. It speaks all its languages, and says in the end
// what it could not check.
import { check, parse, readReceipt } from "./copy.js";
import { bytes } from "../../assets/js/lib/proof.js";

const words = JSON.parse(document.querySelector("#words").textContent);
const form = document.querySelector("form");
const said = document.querySelector("#said");
const lines = document.querySelector("#lines");
let tongue, told = null;

const fill = (s, x) => s.replace(/\{(\w+)\}/g, (m, k) => (typeof x[k] === "number" ? x[k].toLocaleString(tongue) : x[k] ?? m));
const put = (tag, kids, more) => { const x = Object.assign(document.createElement(tag), more); x.append(...[kids].flat()); return x; };
const when = (t) => new Date(t).toLocaleString(tongue, { dateStyle: "long", timeStyle: "medium" });

// speak puts the page into one of its languages, with what it has already said.
function speak(t) {
  tongue = t;
  document.documentElement.lang = t;
  document.title = words[t].title;
  for (const x of document.querySelectorAll("[data-t]")) x.textContent = words[t][x.dataset.t];
  for (const b of document.querySelectorAll("[data-speak]")) b.setAttribute("aria-pressed", String(b.dataset.speak === t));
  if (told) tell(told);
}

// faults are the sentences for what is wrong.
function faults(w, r) {
  return r.wrong.map(([kind, a, b]) => {
    const x = /receipt-(shorter|other)/.test(kind) ? { now: a, was: b } : { line: a, to: b };
    return fill(kind === "missing" && b > a ? w["missing-many"] : w[kind], x);
  });
}

function tell(r) {
  const w = words[tongue], out = [];
  said.dataset.state = r.state;
  said.className = r.state === "good" ? "good" : r.state === "working" ? "" : "bad";
  lines.replaceChildren();
  if (r.state === "good" || r.state === "wrong") {
    out.push(put("p", put("b", r.state === "good" ? fill(w.good, r) : w.wrong)));
    if (r.wrong.length) out.push(put("ul", faults(w, r).map((s) => put("li", s))));
    if (r.receipt && !r.wrong.some(([k]) => k.startsWith("receipt"))) out.push(put("p", fill(r.unproven ? w["receipt-unproven"] : w["receipt-good"], { ...r.receipt, now: r.size })));
    if (r.signed === null) out.push(put("p", w.unsigned));
    if (r.wrong.length) out.push(put("p", w.todo));
    out.push(put("p", w.limits));
    const bad = new Set(r.wrong.filter(([k]) => !k.startsWith("receipt")).map(([, n]) => n));
    lines.append(put("ol", r.show.map((l) => put("li", [put("b", l.who), " ", put("span", l.time && when(l.time)), l.refused ? " · " + w.refused : ""], { value: l.number, className: bad.has(l.number) ? "bad" : "" }))));
  } else out.push(put("p", w[r.state]));
  said.replaceChildren(...out);
}

// who is written on a line, whatever it is worth.
function row(l, i) {
  try {
    const e = JSON.parse(new TextDecoder().decode(bytes(l.entry)));
    return { number: Number.isSafeInteger(e.pseq) ? e.pseq : i + 1, time: isNaN(Date.parse(e.time)) ? "" : e.time, who: [e.actor?.name || e.actor?.id || e.actor?.kind || "?", e.actor?.title].filter(Boolean).join(", "), refused: e.refused };
  } catch { return { number: i + 1, time: "", who: "?" }; }
}

async function go() {
  const file = form.elements.file.files[0], typed = form.elements.receipt.value;
  if (!file) return { state: "empty" };
  if (!self.crypto?.subtle) return { state: "unable" };
  const read = typed.trim() ? await readReceipt(typed) : {};
  if (read.misread) return { state: "misread-" + read.misread };
  const copy = parse(await file.arrayBuffer());
  if (!copy) return { state: "unread" };
  const r = await check(copy, read.receipt);
  return { ...r, receipt: read.receipt, state: r.wrong.length ? "wrong" : "good", made: copy.made, show: copy.lines.map(row) };
}

form.addEventListener("submit", async (e) => {
  e.preventDefault();
  tell({ state: "working" });
  told = await go().catch(() => ({ state: "unread" }));
  tell(told);
  said.dataset.verdict = JSON.stringify({ state: told.state, wrong: told.wrong || [], unproven: !!told.unproven });
  said.focus();
});
form.elements.paper.addEventListener("change", async () => {
  const f = form.elements.paper.files[0];
  if (f) form.elements.receipt.value = (await f.text()).slice(0, 2000);
});
for (const b of document.querySelectorAll("[data-speak]")) b.addEventListener("click", () => speak(b.dataset.speak));
speak([...navigator.languages.map((l) => l.slice(0, 2)), document.documentElement.lang].find((l) => words[l]));
