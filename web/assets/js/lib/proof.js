// proof: the arithmetic of the practice's book, and nothing else. It is written from the
// RFCs and docs/proof.md, not from the program that keeps the book, so that the two check
// each other.
export const text = (s) => new TextEncoder().encode(s);
export const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
export const b64 = (b) => btoa(b.reduce((s, c) => s + String.fromCharCode(c), ""));
export const hex = (b) => b.reduce((s, c) => s + c.toString(16).padStart(2, "0"), "");

// bytes reads base64 that is written in the one way it can be.
export function bytes(s) {
  const b = Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
  if (b64(b) !== s) throw new Error("base64");
  return b;
}

export async function hash(...xs) {
  const all = new Uint8Array(xs.reduce((n, x) => n + x.length, 0));
  let at = 0;
  for (const x of xs) { all.set(x, at); at += x.length; }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

const join = (l, r) => hash([1], l, r);
const half = Math.floor;

// leafOf is the leaf hash of an entry's salted commitment.
export const leafOf = async (salt, entry) => hash([0], await hash(text("rapport/ledger/v1\n"), salt, await hash(entry)));

// climb is RFC 9162, 2.1.3.2: from a leaf to the root of a tree of size leaves, or null.
export async function climb(leaf, index, size, path) {
  let fn = index, sn = size - 1, r = leaf;
  if (!(index < size)) return null;
  for (const p of path) {
    if (!sn || p.length !== 32) return null;
    if (fn % 2 || fn === sn) {
      r = await join(p, r);
      while (fn && fn % 2 === 0) { fn /= 2; sn = half(sn / 2); }
    } else r = await join(r, p);
    fn = half(fn / 2); sn = half(sn / 2);
  }
  return sn ? null : r;
}

// still is RFC 9162, 2.1.4.2: does the tree of size leaves begin with the one of from?
export async function still(from, old, size, now, path) {
  if (from === size) return !path.length && same(old, now);
  let fn = from - 1, sn = size - 1, ps = path;
  if (!(from > 0 && from < size && path.length)) return false;
  while (fn % 2) { fn = half(fn / 2); sn = half(sn / 2); }
  if (!fn) ps = [old, ...path];
  let fr = ps[0], sr = fr;
  for (const c of ps.slice(1)) {
    if (!sn || c.length !== 32) return false;
    if (fn % 2 || fn === sn) {
      fr = await join(c, fr); sr = await join(c, sr);
      while (fn && fn % 2 === 0) { fn /= 2; sn = half(sn / 2); }
    } else sr = await join(sr, c);
    fn = half(fn / 2); sn = half(sn / 2);
  }
  return !sn && same(fr, old) && same(sr, now);
}

// print is the fingerprint of a key that is written as golang.org/x/mod/sumdb/note does.
export async function print(key) {
  const [name, id, ...rest] = key.split("+"), k = bytes(rest.join("+"));
  const all = await hash(text(name + "\n"), k);
  if (!name || k[0] !== 1 || k.length !== 33 || hex(all.slice(0, 4)) !== id) throw new Error("key");
  return { name, id: all.slice(0, 4), raw: k.slice(1), short: (await hash(k)).slice(0, 16) };
}

// open reads a checkpoint: its size and root. What is not signed with the key it throws out;
// signed is null where this browser cannot tell.
export async function open(note, key) {
  const k = await print(key), end = note.lastIndexOf("\n\n") + 1, signedText = note.slice(0, end);
  const [origin, n, head, ...more] = signedText.split("\n"), size = Number(n), root = bytes(head);
  const sigs = note.slice(end + 1).split("\n"), form = /^— [^ +]+ ((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;
  if (!end || sigs.pop() !== "" || !more.length || origin !== k.name || !Number.isSafeInteger(size) || size < 0 || String(size) !== n || root.length !== 32) throw new Error("note");
  let pub, signed;
  try { pub = await crypto.subtle.importKey("raw", k.raw, "Ed25519", false, ["verify"]); } catch { /* an older browser */ }
  for (const l of sigs) {
    const m = form.exec(l), sig = m ? Uint8Array.from(atob(m[1]), (c) => c.charCodeAt(0)) : [];
    if (sig.length < 5) throw new Error("note");
    if (signed !== undefined || !l.startsWith("— " + origin + " ") || !same(sig.slice(0, 4), k.id)) continue;
    signed = pub ? await crypto.subtle.verify("Ed25519", pub, sig.slice(4), text(signedText)) : null;
  }
  if (!signed && signed !== null) throw new Error("note");
  return { size, root, head, signed };
}
