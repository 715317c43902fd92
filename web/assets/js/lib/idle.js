// idle: warns two minutes before a session ends, and covers the page when it
// has. The page itself stays as it is, so that nothing typed is lost: whoever
// comes in again, in another window and with the same account, goes on where
// they were.
const lead = 120;

export function idle() {
  const box = document.getElementById("idle"), span = Number(document.body.dataset.idle);
  if (!box || !span) return;
  const at = (name) => box.querySelector("[data-idle-" + name + "]");
  let seen = Date.now(), over = false;

  const state = (ended) => {
    over = ended;
    at("warn").hidden = at("stay").hidden = ended;
    at("over").hidden = at("out").hidden = !ended;
    document.body.classList.toggle("covered", ended);
  };

  // true: still in; false: not any more; null: it could not be asked
  const stay = async () => {
    try {
      const r = await fetch("/stay", { method: "POST", credentials: "same-origin" });
      // somebody else may have come in meanwhile, or the same person by a link, which
      // shows less: the page is not theirs to see
      const now = r.ok ? await r.json() : {}, page = document.body.dataset;
      const is = now.who === page.who && (now.keyed || !("keyed" in page));
      if (is) seen = Date.now();
      return is;
    } catch { return null; }
  };

  const step = async () => {
    const left = span - (Date.now() - seen) / 1000;
    if (left <= 0 && !over) {
      if (box.open) box.close();
      state(true);
      box.showModal();
    } else if (left > 0 && left <= lead && !box.open) {
      state(false);
      box.showModal();
    }
  };

  at("stay").addEventListener("click", async () => {
    const is = await stay();
    if (is === false) state(true);
    else if (is) box.close();
  });
  // they come in again in another window, and find this page as it was
  const back = async () => {
    if (over && await stay()) { state(false); box.close(); }
  };
  addEventListener("focus", back);
  box.addEventListener("cancel", (e) => { if (over) e.preventDefault(); });

  // what the page asks for by itself keeps the session as well
  document.addEventListener("patched", () => { seen = Date.now(); });
  setInterval(step, 5000);
  document.addEventListener("visibilitychange", () => (document.hidden ? 0 : over ? back() : step()));
}
