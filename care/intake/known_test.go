package intake

import (
	"strings"
	"testing"

	"rapport/web/webtest"
)

// What is prescribed here is not asked for again: whether it is still true is, with one
// tap.
func TestAMedicineThatIsPrescribedIsAskedWithOneTap(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada := h.As("ada")
	p := begun(t, h, ada)
	var asked []string
	for range 200 {
		if strings.HasSuffix(path(p), "/review") {
			break
		}
		if s := p.Text("main"); strings.Contains(s, "mlodipine") && p.Count(`button[value=enough]`) == 0 {
			asked = append(asked, p.Text("h1"))
			if p.Count(".opts .opt") == 0 {
				t.Errorf("%q is not answered with one tap", p.Text("h1"))
			}
		}
		switch {
		case p.Count(`button[value=enough]`) > 0:
			p = press(ada, p, "do", "enough")
		case p.Count(`button[value=decline]`) > 0:
			p = press(ada, p, "do", "decline")
		default:
			p = press(ada, p)
		}
	}
	if len(asked) != 1 {
		t.Errorf("asked about what is prescribed: %q, want one page", asked)
	}
}
