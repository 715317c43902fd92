// What a client's copy of their lines proves, and what a receipt says of it. It is written
// from docs/proof.md, beside package proof and not from it; a test has both judge the same
// files.
import { bytes, climb, hash, hex, leafOf, open, print, same, still, text } from "../../assets/js/lib/proof.js";

const largest = 64 << 20;
const enough = 50;
const whole = (n) => Number.isSafeInteger(n) && n >= 0;
const keys = (o, want) => o && typeof o === "object" && Object.keys(o).join() === want;
const list = (a) => Array.isArray(a) && a.every((h) => typeof h === "string" && bytes(h).length === 32);

// parse reads a copy: nothing but what was written, to the byte, or null.
export function parse(raw) {
  try {
    if (raw.byteLength > largest) return null;
    const said = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw).replace(/[ \r\n]+$/, "");
    const c = JSON.parse(said), head = JSON.stringify({ ...c, lines: [] }).slice(0, -2);
    if (!keys(c, "format,made,client,key,checkpoint,since,lines") || !Array.isArray(c.since) || !Array.isArray(c.lines)) return null;
    if (head + "\n" + c.lines.map((l) => JSON.stringify(l)).join(",\n") + "\n]}" !== said) return null;
    const ok = c.format === "looks/1" && new Date(c.made).toISOString().replace(".000Z", "Z") === c.made && /^[a-z2-7]{26}$/.test(c.client) &&
      /^[!-*,-~]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/.test(c.key) && typeof c.checkpoint === "string" && /^[\n -~—]+$/.test(c.checkpoint) &&
      c.since.every((s) => keys(s, "from,hashes") && whole(s.from) && s.from > 0 && list(s.hashes)) &&
      c.lines.every((l) => keys(l, "entry,salt,index,hashes") && whole(l.index) && typeof l.entry === "string" && typeof l.salt === "string" && bytes(l.salt).length === 32 && list(l.hashes) && bytes(l.entry));
    return ok ? c : null;
  } catch { return null; }
}

// entry reads what of an entry a check needs, or null.
function entry(raw) {
  try {
    const said = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw), e = JSON.parse(said);
    if (!Number.isSafeInteger(e.pseq) || e.pseq < 1 || new Date(e.time).toISOString() !== e.time) return null;
    return e;
  } catch { return null; }
}

// check says all that is wrong with a copy, as [kind, number, to] or with two sizes, and
// holds it to a receipt if there is one. It also returns the lines that are in the book.
export async function check(c, receipt) {
  const wrong = [], out = { wrong, lines: c.lines.length, size: 0, signed: true, unproven: false, last: "" };
  const add = (...x) => { if (wrong.length < enough) wrong.push(x); };
  let key, book;
  try { key = await print(c.key); } catch { add("key"); return out; }
  try { book = await open(c.checkpoint, c.key); } catch { add("signature"); return out; }
  out.size = book.size;
  out.signed = book.signed;

  const leaves = [], es = [], at = new Map();
  for (const [i, l] of c.lines.entries()) {
    const raw = bytes(l.entry), top = await climb(leaves[i] = await leafOf(bytes(l.salt), raw), l.index, book.size, l.hashes.map(bytes));
    es[i] = top && same(top, book.root) ? entry(raw) : null;
    if (es[i]) at.set(es[i].pseq, i);
  }
  let want = 1, prev = "", last = -1, time = "";
  const held = new Map();
  for (const [i, l] of c.lines.entries()) {
    const e = es[i];
    if (!e) { add("altered", want); want++; prev = null; continue; }
    const n = e.pseq;
    held.set(n, leaves[i]);
    if (n < want) { add("order", n); continue; }
    if (n > want) {
      if (wrong.length < enough) {
        let from = want;
        for (const k of [...[...at].filter(([k, j]) => k >= want && k < n && j > i).map(([k]) => k).sort((a, b) => a - b), n]) {
          if (from < k) add("missing", from, k - 1);
          from = k + 1;
        }
      }
      prev = null;
    }
    if (prev !== null && (typeof e.prev === "string" ? e.prev : "") !== prev) add("chain", n);
    if (e.time < time) add("dated", n); else time = e.time;
    if (l.index <= last) add("order", n); else last = l.index;
    if (e.client !== c.client || !key.name.endsWith("/" + e.instance)) add("other", n);
    want = n + 1;
    prev = hex(leaves[i]);
  }
  out.last = time;
  if (receipt) await hold(c, receipt, key, book, held, add, out);
  return out;
}

async function hold(c, r, key, book, held, add, out) {
  if (!same(r.print, key.short)) return add("receipt-key");
  const leaf = held.get(r.number);
  if (!leaf || !same(leaf, r.leaf)) add("receipt-line", r.number);
  if (r.size > book.size) return add("receipt-shorter", book.size, r.size);
  if (r.size === book.size) return same(r.root, book.root) || add("receipt-other", book.size, r.size);
  const s = c.since.find((x) => x.from === r.size);
  if (!s) out.unproven = true;
  else if (!await still(r.size, r.root, book.size, book.root, s.hashes.map(bytes))) add("receipt-other", book.size, r.size);
}

// letters are those of Crockford's base 32.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
function plain(s) {
  const b = [];
  let have = 0, bits = 0;
  for (const ch of s) {
    const v = letters.indexOf(ch);
    if (v < 0) return null;
    have = (have << 5) | v;
    bits += 5;
    if (bits >= 8) { bits -= 8; b.push((have >> bits) & 255); have &= (1 << bits) - 1; }
  }
  return Uint8Array.from(b);
}

// readReceipt reads a receipt as it was scanned or typed: { receipt } or { misread: part }.
export async function readReceipt(said) {
  const s = said.toUpperCase().replace(/[ \t\r\n.]*[\n.][ \t\r\n.]*/g, ".").replace(/[ \t\r\u00a0\u202f-]/g, "").replace(/^\.+|\.+$/g, "");
  const cut = s.indexOf("."), fixed = cut < 0 ? s + "." : s.slice(0, cut + 1) + s.slice(cut + 1).replace(/O/g, "0").replace(/[IL]/g, "1");
  const m = /^BOOK1\.([0-9]{8})\.([1-9][0-9]{0,15})\.([0-9A-Z]{56})\.([0-9A-Z]{32})\.([1-9][0-9]{0,15})\.([0-9A-Z]{56})$/.exec(fixed);
  if (!m || text(said).length > 2000) return { misread: "form" };
  const [, day, size, root, key, number, leaf] = m, r = { day: day.slice(0, 4) + "-" + day.slice(4, 6) + "-" + day.slice(6), size: Number(size), number: Number(number) };
  if (!whole(r.size)) return { misread: "root" };
  if (!whole(r.number)) return { misread: "line" };
  for (const [name, tag, before, typed, n] of [["root", "root", size, root, 32], ["print", "key", day, key, 16], ["leaf", "line", number, leaf, 32]]) {
    const b = plain(typed), sum = b && await hash(text(tag + " " + before + " "), b.slice(0, n));
    if (!b || !same(b.slice(n), sum.slice(0, b.length - n))) return { misread: tag };
    r[name] = b.slice(0, n);
  }
  const d = new Date(r.day);
  if (isNaN(d) || d.toISOString().slice(0, 10) !== r.day) return { misread: "key" };
  return { receipt: r };
}
