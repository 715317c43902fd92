// trusted: the one Trusted Types policy of a page. Text becomes elements only when it was
// fetched from this very origin (lib/patch.js), and one address becomes a script.
const own = self.trustedTypes?.createPolicy("rapport", {
  createHTML: (s) => s,
  createScriptURL: (s) => { if (s !== "/sw.js") throw TypeError(s); return s; },
});
export const html = (s) => own ? own.createHTML(s) : s;
export const script = (s) => own ? own.createScriptURL(s) : s;
