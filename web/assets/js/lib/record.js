// record: a voice or a video, in the page's <dialog data-recorder>. The camera is asked
// for when somebody taps, and let go of however the window closes.
import { add } from "./compose.js";

const longest = 180; // seconds
const kinds = { video: ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"], voice: ["audio/webm;codecs=opus", "audio/webm", "audio/mp4"] };

export function recorder() {
  const box = document.querySelector("[data-recorder]");
  if (!box || !self.MediaRecorder || !navigator.mediaDevices?.getUserMedia) return;
  const at = (n) => box.querySelector("[data-rec-" + n + "]");
  const view = at("view"), hear = at("hear"), time = at("time");
  let form, kind, stream, rec, chunks, blob, seconds, tick, turn = 0;

  const only = (...names) => { for (const n of ["start", "stop", "use", "again"]) at(n).hidden = !names.includes(n); };
  const release = () => {
    clearInterval(tick);
    stream?.getTracks().forEach((t) => t.stop());
    stream = null;
  };
  const wrong = (text) => { at("problem").textContent = text; at("problem").hidden = false; only(); };

  async function ready() {
    blob = null;
    at("problem").hidden = at("words").hidden = hear.hidden = true;
    view.hidden = kind !== "video";
    time.textContent = "0:00";
    only();
    const mine = ++turn;
    let got;
    try {
      got = await navigator.mediaDevices.getUserMedia(kind === "video" ? { video: { width: 640 }, audio: true } : { audio: true });
    } catch (e) {
      return wrong(e.name === "NotFoundError" ? box.dataset.none : box.dataset.denied);
    }
    if (!box.open || mine !== turn) return got.getTracks().forEach((t) => t.stop());
    stream = got;
    if (kind === "video") {
      view.removeAttribute("src");
      view.controls = false;
      view.muted = true;
      view.srcObject = stream;
      view.play().catch(() => {});
    }
    only("start");
    at("start").focus();
  }

  at("start").onclick = () => {
    const mime = kinds[kind].find((m) => MediaRecorder.isTypeSupported(m));
    rec = new MediaRecorder(stream, { mimeType: mime, videoBitsPerSecond: 1000000 });
    chunks = [];
    seconds = 0;
    rec.ondataavailable = (e) => e.data.size && chunks.push(e.data);
    rec.onstop = () => {
      release();
      blob = new Blob(chunks, { type: rec.mimeType.split(";")[0] });
      const el = kind === "video" ? view : hear;
      el.srcObject = null;
      el.src = URL.createObjectURL(blob);
      el.hidden = false;
      el.controls = true;
      view.muted = false;
      at("words").hidden = false;
      only("use", "again");
      at("use").focus();
    };
    rec.start(1000);
    tick = setInterval(() => {
      seconds++;
      time.textContent = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
      if (seconds >= longest) rec.stop();
    }, 1000);
    only("stop");
    at("stop").focus();
  };
  at("stop").onclick = () => rec.stop();
  at("again").onclick = ready;
  at("use").onclick = () => {
    const name = kind + "." + (blob.type.includes("mp4") ? "mp4" : "webm");
    add(form, new File([blob], name, { type: blob.type }), at("caption").value, Math.max(seconds, 1));
    box.close();
  };
  at("cancel").onclick = () => box.close();
  box.addEventListener("close", () => {
    if (rec?.state === "recording") { rec.onstop = null; rec.stop(); }
    release();
    view.srcObject = null;
    at("caption").value = "";
  });
  addEventListener("pagehide", release);

  for (const b of document.querySelectorAll("[data-record]")) {
    b.hidden = false;
    b.addEventListener("click", () => {
      form = b.closest("form");
      kind = b.dataset.record;
      box.showModal();
      ready();
    });
  }
}
