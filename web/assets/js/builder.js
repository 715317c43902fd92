// builder.js: the editor of a question shows it on the phone while it is typed.
// <form data-preview> has a button named "do" with the value "preview"; the server answers
// the script with the phone alone, and without a script with the whole page. A select in
// [data-again] changes what else can be said, so the page is made anew. Nothing is kept
// until the form is sent.
const form = document.querySelector("form[data-preview]");
const button = form?.querySelector("button[value=preview]");
let timer;

function look() {
  form.dataset.live = "";
  form.requestSubmit(button); // app.js takes it while the form is live
  delete form.dataset.live;
}

form?.addEventListener("input", (e) => {
  clearTimeout(timer);
  if (e.target.closest("[data-again]")) return;
  timer = setTimeout(look, 500);
});
form?.addEventListener("change", (e) => {
  if (!e.target.closest("[data-again]")) return;
  clearTimeout(timer);
  form.requestSubmit(button);
});
