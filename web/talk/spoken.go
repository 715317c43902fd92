package talk

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// spoken draws a paragraph without a space that nobody wrote: a template puts one between
// its elements, and a marked word may end a sentence.
func spoken(rs []Run) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, r := range rs {
			text := templ.EscapeString(r.Text)
			if r.Hot {
				text = "<mark>" + text + "</mark>"
			}
			b.WriteString(text)
			if r.End {
				b.WriteString("<br>")
			}
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}
