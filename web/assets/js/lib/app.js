// app: the worker that keeps style and scripts, and is told to forget them when
// somebody signs out, with what waited to be sent.
import { script } from "./trusted.js";

export function app() {
  const sw = navigator.serviceWorker;
  if (!sw) return;
  sw.register(script("/sw.js")).catch(() => {});
  addEventListener("submit", (e) => {
    if (!/\/(out|away)$/.test(e.target.action)) return;
    sw.controller?.postMessage("wipe");
    self.indexedDB?.deleteDatabase("rapport-outbox");
  });
}
