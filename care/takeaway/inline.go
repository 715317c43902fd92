package takeaway

import (
	"context"
	"crypto/sha256"
	_ "embed" // what is written into pages that stand alone
	"encoding/base64"
	"io"

	"github.com/a-h/templ"
)

//go:embed copy.css
var copyCSS string

//go:embed opener.min.js
var openerJS string

// copyPolicy lets a page of the copy load nothing, and openerPolicy lets the opener run
// its own script and reach nowhere: neither can tell anybody anything.
var (
	copyPolicy   = "default-src 'none'; style-src " + hashed(copyCSS) + "; base-uri 'none'; form-action 'none'"
	openerPolicy = "default-src 'none'; style-src " + hashed(copyCSS) + "; script-src " + hashed(openerJS) + "; base-uri 'none'; form-action 'none'"
)

// hashed names a text in a content security policy (CSP Level 3, hash-source).
func hashed(s string) string {
	h := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}

// inlined writes a style or a script of our own into a page. The text is ours, and the
// page's policy names its hash.
func inlined(tag, text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		return all(io.WriteString(w, "<"+tag+">"+text+"</"+tag+">"))
	})
}
