// brand.js: the practice sees its brand on the page it is setting it on.
// <form data-brand="/theme.css"> with inputs named brand, accent, name, mark
// and typeface. Colours are previewed by pointing the page's own theme link at
// the server's generator, so nothing is styled inline. Nothing is saved until
// the form is. With data-colours="/path" that page says how legible they are.
const form = document.querySelector("form[data-brand]");
const sheet = document.getElementById("theme");

function show() {
  const f = new FormData(form), hex = (k) => String(f.get(k) || "").replace(/^#/, "");
  if (sheet && /^[0-9a-f]{6}$/i.test(hex("brand")) && /^[0-9a-f]{6}$/i.test(hex("accent"))) {
    const u = new URL(form.dataset.brand, location.href);
    u.searchParams.set("b", hex("brand"));
    u.searchParams.set("a", hex("accent"));
    if (sheet.href !== u.href) {
      // a second link takes over once it has loaded: the page never flashes
      const next = sheet.cloneNode();
      next.removeAttribute("id");
      next.href = u.href;
      next.onload = next.onerror = () => { sheet.href = u.href; sheet.onload = () => next.remove(); };
      sheet.after(next);
      if (form.dataset.colours) document.dispatchEvent(new CustomEvent("ask", { detail: form.dataset.colours + u.search }));
    }
  }
  const face = f.get("typeface");
  if (face) document.documentElement.dataset.letters = face;
  const name = f.get("name");
  if (name) document.querySelectorAll("[data-brand-name]").forEach((el) => (el.textContent = name));
  const mark = form.querySelector("[name=mark]:checked")?.closest("label")?.querySelector("svg");
  if (mark) document.querySelectorAll("[data-brand-mark] > :is(svg, img)").forEach((el) => el.replaceWith(mark.cloneNode(true)));
}

let timer;
form?.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 120); });
form?.addEventListener("reset", () => setTimeout(show));
// the two ways to write a colour follow each other
form?.addEventListener("input", (e) => {
  const twin = e.target.dataset?.twin && form.elements[e.target.dataset.twin];
  if (twin && /^#?[0-9a-f]{6}$/i.test(e.target.value)) twin.value = (e.target.value[0] === "#" ? "" : "#") + e.target.value;
});
