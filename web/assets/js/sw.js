// sw.js: what this site keeps on a device, and how it tells that there is something.
// It keeps style sheets, scripts, fonts and one page that says "no connection":
// nothing about anybody. Pages are never kept.
const shelf = "rapport-1";
const away = "/offline";

self.addEventListener("install", (e) => e.waitUntil(caches.open(shelf).then((c) => c.add(away)).then(() => self.skipWaiting())));
self.addEventListener("activate", (e) => e.waitUntil(caches.keys().then((ks) => Promise.all(ks.filter((k) => k !== shelf).map((k) => caches.delete(k)))).then(() => self.clients.claim())));

self.addEventListener("fetch", (e) => {
  const u = new URL(e.request.url);
  if (e.request.method !== "GET" || u.origin !== location.origin) return;
  if (u.pathname.startsWith("/assets/")) {
    e.respondWith(caches.open(shelf).then(async (c) => {
      const had = await c.match(e.request);
      if (had) return had;
      const r = await fetch(e.request);
      if (r.ok) c.put(e.request, r.clone());
      return r;
    }));
  } else if (e.request.mode === "navigate") {
    e.respondWith(fetch(e.request).catch(() => caches.match(away)));
  }
});

// a push carries which notice it is, a line that says nothing, and where it leads
self.addEventListener("push", (e) => {
  let x = {};
  try { x = e.data.json(); } catch { /* what does not read says nothing */ }
  const how = { body: x.text || "", tag: x.id || "" };
  how.data = x.link || "/";
  e.waitUntil(self.registration.showNotification(x.title || "…", how));
});
self.addEventListener("notificationclick", (e) => {
  e.notification.close();
  const to = new URL(e.notification.data, location.origin);
  if (to.origin !== location.origin) return;
  e.waitUntil(self.clients.matchAll({ type: "window" }).then((ws) => ws.length ? ws[0].focus().then((w) => w.navigate(to.href)) : self.clients.openWindow(to.href)));
});
// who signs out leaves nothing behind
self.addEventListener("message", (e) => {
  if (e.data === "wipe") e.waitUntil(caches.delete(shelf));
});
