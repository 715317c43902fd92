// The page that opens a copy on somebody's own machine, without a connection. It reads the
// file piece by piece, opens each piece as it comes, and hands over the whole only once its
// end was reached: a copy that was cut short opens to nothing.
import { Decrypter } from "./age.js";

const form = document.querySelector("form");
const file = form.querySelector("#file");
const words = form.querySelector("#words");
const button = form.querySelector("button");
const said = document.querySelector("#said");
const save = document.querySelector("#save");

// tell shows one of the sentences that the page brought along.
const tell = (name, part) => {
  said.textContent = document.querySelector("[data-say=" + name + "]").textContent.replace("{part}", part ?? "");
  said.dataset.state = name;
};

// parts are kept as blobs, which a browser may lay aside: no more than one lies in memory
// for long.
const most = 16 << 20;

async function open() {
  const age = new Decrypter();
  // the age tool's own 2^18 is taken too; what asks for more would only freeze the page
  age.addPassphrase(words.value.trim().normalize("NFC"));
  const from = file.files[0];
  let read = 0;
  const meter = new TransformStream({
    transform(chunk, out) {
      read += chunk.length;
      tell("working", Math.floor((read / from.size) * 100) + " %");
      out.enqueue(chunk);
    },
  });
  const stream = await age.decrypt(from.stream().pipeThrough(meter));
  const whole = [];
  let some = [], held = 0;
  const lay = () => {
    whole.push(new Blob(some));
    some = [];
    held = 0;
  };
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    some.push(value);
    held += value.length;
    if (held >= most) lay();
  }
  lay();
  return new Blob(whole, { type: "application/zip" });
}

form.addEventListener("submit", async (e) => {
  e.preventDefault();
  if (!file.files.length || !words.value.trim()) return tell("empty");
  button.disabled = true;
  save.hidden = true;
  tell("begin");
  await new Promise((f) => setTimeout(f, 50)); // so that it is read before the long part
  try {
    const copy = await open();
    save.href = URL.createObjectURL(copy);
    save.download = file.files[0].name.replace(/\.age$/, "").replace(/(\.zip)?$/, ".zip");
    save.hidden = false;
    tell("done");
    save.focus();
  } catch (err) {
    tell(/identity|passphrase|no identity matched/i.test(String(err?.message)) ? "wrong" : "broken");
  } finally {
    button.disabled = false;
  }
});
