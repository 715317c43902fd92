package theme

import (
	"compress/gzip"
	"net/http"
	"net/url"
	"strings"
)

// edition is part of a theme's address. Raise it whenever the same two colours
// give another style sheet, because browsers keep one for a year; a test holds
// its hash.
const edition = "2"

// Path is where Handler is mounted.
const Path = "/theme.css"

// Href is the address of the style sheet for two colours. Colours that are
// none fall back to the defaults, so that a page never goes without.
func Href(brandHex, accentHex string) string {
	q := url.Values{"v": {edition}, "b": {plain(brandHex, DefaultBrand)}, "a": {plain(accentHex, DefaultAccent)}}
	return Path + "?" + q.Encode()
}

func plain(hex, otherwise string) string {
	c, err := Hex(hex)
	if err != nil {
		c, _ = Hex(otherwise)
	}
	return c.Hex()[1:]
}

// Handler serves the style sheet for the colours in its query, b and a. It is
// a pure function of the address: it holds nothing, needs no session, and also
// serves the preview while a practice tries out colours. A colour that is none
// is a 400.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		t, err := New(q.Get("b"), q.Get("a"))
		if err != nil {
			http.Error(w, "not a colour", http.StatusBadRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/css; charset=utf-8")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			_, _ = w.Write([]byte(t.CSS()))
			return
		}
		h.Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(t.CSS()))
		_ = z.Close()
	})
}
