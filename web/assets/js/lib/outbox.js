// outbox: what was written without a connection waits on this device, and goes by itself
// with the key it had, so that it is said once however often it is sent. It is for whoever
// wrote it: another who signs in here finds nothing, and signing out forgets it. What the
// practice does not take is not thrown away: it comes back to where it was written.
const who = () => document.body.dataset.who || "";
const turned = /^\/(in|account)\b/; // the way to a page that asks who one is

function store(mode) {
  return new Promise((ok, no) => {
    const r = indexedDB.open("rapport-outbox", 1);
    r.onupgradeneeded = () => r.result.createObjectStore("out", { autoIncrement: true });
    r.onerror = () => no(r.error);
    r.onsuccess = () => {
      r.result.onversionchange = () => r.result.close(); // else nobody can forget it
      const t = r.result.transaction("out", mode);
      t.oncomplete = t.onabort = () => r.result.close();
      ok(t.objectStore("out"));
    };
  });
}
const done = (r) => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });

// post sends a form's words. It gives the address to go on at when they arrived, null when
// they have to wait, and else what is wrong with them, in a sentence.
export async function post(action, words) {
  const r = await fetch(action, { method: "POST", body: words, headers: { "X-Fragment": "1" }, credentials: "same-origin" });
  const at = r.headers.get("X-Location");
  const to = at && new URL(at, location.href);
  if (to && !turned.test(to.pathname)) return { to };
  if (to || r.ok || r.status >= 500 || [401, 408, 409, 429].includes(r.status)) return null;
  const said = (await r.text()).match(/class="problem"[^>]*>([^<]+)</)?.[1] || "";
  return { wrong: said.replace(/&#(\d+);/g, (_, n) => String.fromCharCode(n)).replaceAll("&amp;", "&").trim() };
}

// keep puts a form's words aside; at is the page they were written on.
export async function keep(action, words) {
  await done((await store("readwrite")).add({ who: who(), action, at: location.pathname + location.search, words: [...words] }));
  await told();
}

const mine = async () => {
  const s = await store("readonly");
  const [keys, all] = await Promise.all([done(s.getAllKeys()), done(s.getAll())]);
  return all.map((x, i) => ({ ...x, key: keys[i] })).filter((x) => x.who === who());
};
const forget = async (x) => done((await store("readwrite")).delete(x.key));

async function told() {
  const all = await mine(), no = all.find((x) => x.wrong !== undefined);
  for (const el of document.querySelectorAll("[data-waiting]")) el.hidden = !all.some((x) => x.wrong === undefined);
  for (const el of document.querySelectorAll("[data-refused]")) {
    el.hidden = !no;
    if (no) el.querySelector("a").href = no.at;
  }
}

// send sends what waits, in one window at a time.
async function send(went, back) {
  let to;
  for (const x of await mine()) {
    const d = new FormData();
    for (const [k, v] of x.words) v instanceof Blob ? d.append(k, v, v.name || "file") : d.append(k, v);
    if (x.wrong === undefined) {
      let r;
      try { r = await post(x.action, d); } catch { break; } // still no connection
      if (!r) continue;
      if (r.to) {
        await forget(x);
        back(x.action, d);
        if (x.at === location.pathname + location.search) to = r.to;
        continue;
      }
      const { key, ...rest } = x;
      x.wrong = rest.wrong = r.wrong;
      await done((await store("readwrite")).put(rest, key));
    }
    if (back(x.action, d, x.wrong)) await forget(x);
  }
  await told();
  if (to) went(to);
}

// waiting has what waits go. went is told where to go on when what was written on this page
// has arrived; back is told all that went, and with what is wrong with it all that did not:
// it says whether it has taken that back.
export function waiting(went, back) {
  if (!self.indexedDB) return;
  const go = () => (navigator.locks ? navigator.locks.request("rapport-outbox", { ifAvailable: true }, (l) => l && send(went, back)) : send(went, back)).catch(() => {});
  addEventListener("online", go);
  setInterval(go, 20000);
  go();
}
