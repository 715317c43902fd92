// check.js: checks on the reader's own device that one line of the ledger is in
// the practice's book. It trusts nothing of the page but the signed checkpoint's
// key, and that only as long as it stays the key this device saw first. Its
// answer is the name in data-check-result; it exposes nothing else.
const el = document.querySelector("[data-check]");
const bytes = (b64) => Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
const text = (s) => new TextEncoder().encode(s);
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

const hash = async (...xs) => {
  const all = new Uint8Array(xs.reduce((n, x) => n + x.length, 0));
  let at = 0;
  for (const x of xs) { all.set(x, at); at += x.length; }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
};

// RFC 9162, 2.1.3.2: from a leaf to the root of a tree of size leaves.
async function root(leaf, index, size, path) {
  let fn = index, sn = size - 1, r = leaf;
  for (const p of path) {
    if (sn === 0) return null;
    if (fn % 2 || fn === sn) {
      r = await hash([1], p, r);
      while (fn && fn % 2 === 0) { fn /= 2; sn = Math.floor(sn / 2); }
    } else {
      r = await hash([1], r, p);
    }
    fn = Math.floor(fn / 2); sn = Math.floor(sn / 2);
  }
  return sn === 0 ? r : null;
}

// The signature under a note, as golang.org/x/mod/sumdb/note writes it:
// true, false, or null when this browser cannot tell.
async function signed(note, end, verifier) {
  const [name, id, ...rest] = verifier.split("+");
  const key = bytes(rest.join("+"));
  const print = await hash(text(name + "\n"), key);
  if (key[0] !== 1 || [...print.slice(0, 4)].map((b) => b.toString(16).padStart(2, "0")).join("") !== id) return false;
  const line = note.slice(end + 2).split("\n").find((l) => l.startsWith("— " + name + " "));
  if (!line) return false;
  const sig = bytes(line.slice(name.length + 3));
  if (!same(sig.slice(0, 4), print.slice(0, 4))) return false;
  let pub;
  try { pub = await crypto.subtle.importKey("raw", key.slice(1), "Ed25519", false, ["verify"]); } catch { return null; }
  return crypto.subtle.verify("Ed25519", pub, sig.slice(4), text(note.slice(0, end + 1)));
}

// What the page says must be what the entry says.
function facts(raw) {
  const e = JSON.parse(new TextDecoder().decode(raw)), d = el.dataset;
  const what = (e.what || []).map((w) => w.part + ":" + (w.n || 0)).join(" ");
  return e.time === d.time && (e.actor.name || "") === d.name && e.act === d.act && e.purpose === d.purpose &&
    String(!!e.refused) === d.refused && what === d.what;
}

// The newest book this device has seen; it must not become another or shorter.
function kept(verifier, size, head) {
  let old;
  try { old = JSON.parse(localStorage.getItem("book")); } catch { /* nothing kept, or not by us */ }
  if (old && (old.verifier !== verifier || size < old.size || size === old.size && head !== old.head)) return false;
  try { localStorage.setItem("book", JSON.stringify({ verifier, size, head })); } catch { /* private browsing */ }
  return true;
}

async function check() {
  const res = await fetch(el.dataset.check, { headers: { Accept: "application/json" } });
  if (!res.ok || !crypto.subtle) return ["unable"];
  const p = await res.json(), note = p.checkpoint.Note, end = note.indexOf("\n\n");
  const [origin, n, head] = note.split("\n"), size = Number(n), entry = bytes(p.entry);
  if (end < 0 || origin !== p.verifier.split("+")[0] || !(p.index < size)) return ["bad"];
  const commitment = await hash(text("rapport/ledger/v1\n"), bytes(p.salt), await hash(entry));
  const top = await root(await hash([0], commitment), p.index, size, p.hashes.map(bytes));
  if (!top || !same(top, bytes(head)) || !facts(entry) || String(p.index) !== el.dataset.check.split("/").at(-2)) return ["bad"];
  const ok = await signed(note, end, p.verifier);
  if (ok === false) return ["bad"];
  if (!kept(p.verifier, size, head)) return ["shrunk"];
  return [ok ? "ok" : "unsigned", p.index + 1, size];
}

const count = (n) => (n > 9999 ? String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f") : String(n));

function show(name, line, size) {
  for (const x of el.querySelectorAll("[data-is]")) {
    x.hidden = x.dataset.is !== name && !(name === "unable" && x.dataset.is === "server");
    const t = x.querySelector("p");
    if (!x.hidden && line) t.textContent = t.textContent.replace("{line}", count(line)).replace("{size}", count(size));
  }
  el.dataset.checkResult = name;
}

if (el) {
  show("working");
  check().catch((e) => [e instanceof TypeError ? "unable" : "bad"]).then((r) => show(...r));
}
