// outbox: what was written without a connection waits on this device, and goes by itself
// with the key it had, so that it is said once however often it is sent. It is for whoever
// wrote it: another who signs in here finds nothing, and signing out forgets it.
const who = () => document.body.dataset.who || "";

function store(mode) {
  return new Promise((ok, no) => {
    const r = indexedDB.open("rapport-outbox", 1);
    r.onupgradeneeded = () => r.result.createObjectStore("out", { autoIncrement: true });
    r.onerror = () => no(r.error);
    r.onsuccess = () => ok(r.result.transaction("out", mode).objectStore("out"));
  });
}
const done = (r) => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });

// keep puts a form's words aside.
export async function keep(action, words) {
  await done((await store("readwrite")).add({ who: who(), action, words: [...words] }));
  await told();
}

async function told() {
  const n = await done((await store("readonly")).count());
  for (const el of document.querySelectorAll("[data-waiting]")) el.hidden = !n;
}

// send sends what waits, in one window at a time.
async function send(then) {
  const s = await store("readonly");
  const [keys, all] = await Promise.all([done(s.getAllKeys()), done(s.getAll())]);
  let sent = 0;
  for (const [i, x] of all.entries()) {
    if (x.who === who()) {
      const d = new FormData();
      for (const [k, v] of x.words) v instanceof Blob ? d.append(k, v, v.name || "file") : d.append(k, v);
      try {
        const r = await fetch(x.action, { method: "POST", body: d, headers: { "X-Fragment": "1" }, credentials: "same-origin" });
        if (r.status >= 500 || r.status === 401) continue;
      } catch { return; } // still no connection
    }
    await done((await store("readwrite")).delete(keys[i]));
    sent++;
  }
  await told();
  if (sent) then();
}

export function waiting(then) {
  if (!self.indexedDB) return;
  const go = () => (navigator.locks ? navigator.locks.request("rapport-outbox", { ifAvailable: true }, (l) => l && send(then)) : send(then)).catch(() => {});
  addEventListener("online", go);
  setInterval(go, 20000);
  go();
}
