package shell

import (
	"net/http"
	"net/url"

	"rapport/web/parts"
)

// IconPath is where IconHandler is mounted.
const IconPath = "/icon.svg"

// IconHref is the address of a built-in mark in a practice's colours, for the
// browser's tab.
func IconHref(mark, brandHex, accentHex string) string {
	return IconPath + "?" + url.Values{"m": {mark}, "b": {brandHex}, "a": {accentHex}}.Encode()
}

// IconHandler draws the mark in its query. It is a pure function of the
// address and needs no session. What is no mark or no colour becomes the
// default one.
func IconHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		h := w.Header()
		h.Set("Content-Type", "image/svg+xml")
		h.Set("Cache-Control", "public, max-age=604800")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(parts.MarkSVG(q.Get("m"), q.Get("b"), q.Get("a")))
	})
}
