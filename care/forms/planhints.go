package forms

import (
	"strconv"

	"rapport/lang"
)

// planHints are all hints about a template.
func planHints(root *tree, in []lang.Tag) []hint {
	base := baseOf(root)
	var out []hint
	judged := func(at string) {
		e, ok := element(root, at)
		if !ok {
			return
		}
		s := e.read(base)
		all := []texts{s.title, s.about, s.why}
		if e.sort == theHead {
			all = all[:1] // what it says of itself is for staff
		}
		for _, t := range all {
			for _, h := range judge(t, base, in) {
				h.Place = at
				out = append(out, h)
			}
		}
	}
	judged("head")
	for i := range root.each("goal") {
		judged("g" + strconv.Itoa(i))
	}
	for i, a := range root.each("action") {
		judged("a" + strconv.Itoa(i))
		for j := range a.each("action") {
			judged("a" + strconv.Itoa(i) + "." + strconv.Itoa(j))
		}
	}
	return out
}
