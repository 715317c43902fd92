package takeaway

import (
	"bytes"

	"rapport/web"
)

// opener answers GET /take/open.html with the page that opens a copy without us. It is
// about nobody, and the same for everybody.
func opener(a *web.Ask) (web.Answer, error) {
	var b bytes.Buffer
	if err := openerPage(a.P).Render(a.Context(), &b); err != nil {
		return web.Answer{}, err
	}
	return web.File("text/html; charset=utf-8", "open.html", b.Bytes()), nil
}
