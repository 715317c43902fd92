// pin: the newest book this device has seen, and the newest line of each person whose list
// was opened on it, by the beginning of their address. It lies in a cookie, because signing out empties every other place; the
// way out that hides where one was takes the cookie too.
import { open } from "./proof.js";

const most = 6; // people

export async function pinned() {
  try {
    const p = JSON.parse(decodeURIComponent(/(?:^|; )book=([^;]*)/.exec(document.cookie)[1]));
    return { ...p, ...(await open(p.n, p.k)) };
  } catch { return null; } // nothing kept, or not by us
}

// pin keeps a book, unless another window has kept a longer one meanwhile.
export async function pin(n, k, size, tag, line) {
  const had = await pinned(), l = { ...had?.l };
  if (had && had.size > size) return;
  delete l[tag];
  const all = Object.fromEntries([...Object.entries(l), [tag, line]].slice(-most));
  document.cookie = "book=" + encodeURIComponent(JSON.stringify({ n, k, l: all })) +
    "; Path=/me; Max-Age=34560000; SameSite=Strict" + (location.protocol === "https:" ? "; Secure" : "");
}
