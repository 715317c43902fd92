// push.js: this device is told that there is something. The page's form says
// where (action) and with whose key (data-key); without a browser that can, it
// stays hidden and the other ways stand.
const form = document.querySelector("form[data-push]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const el of document.querySelectorAll("[data-zone]")) el.value = zone || "";

const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
// "Firefox on Android": what a person calls it, and nothing that marks the machine
const name = () => {
  const a = navigator.userAgent;
  const b = /Edg\//.test(a) ? "Edge" : /Firefox\//.test(a) ? "Firefox" : /Chrome\//.test(a) ? "Chrome" : /Safari\//.test(a) ? "Safari" : "";
  const on = /Android/.test(a) ? "Android" : /iPhone/.test(a) ? "iPhone" : /iPad/.test(a) ? "iPad" : /Mac/.test(a) ? "Mac" : /Windows/.test(a) ? "Windows" : /Linux/.test(a) ? "Linux" : "";
  return b && on ? b + " · " + on : form.dataset.name;
};

const apple = /iPhone|iPad/.test(navigator.userAgent), there = matchMedia("(display-mode: standalone)").matches;
if (apple && !there) document.querySelector("[data-ios]")?.removeAttribute("hidden");

if (form && "serviceWorker" in navigator && "PushManager" in self) {
  form.hidden = false;
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const denied = form.querySelector("[data-denied]"), b = form.querySelector("button");
    b.setAttribute("aria-busy", "true");
    denied.hidden = true;
    try {
      if ((await Notification.requestPermission()) !== "granted") throw 0;
      const reg = await navigator.serviceWorker.ready;
      const sub = await reg.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.key) });
      const r = await fetch(form.action, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", "X-Fragment": "1" }, body: JSON.stringify({ ...sub.toJSON(), name: name(), zone }) });
      if (!r.ok) throw 0;
      location.reload();
    } catch {
      denied.hidden = false;
    }
    b.removeAttribute("aria-busy");
  });
}
