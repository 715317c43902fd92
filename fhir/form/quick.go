package form

import (
	"regexp"
	"strconv"
	"strings"

	"rapport/fhir"
	"rapport/fhir/path"
)

// Most expressions begin by looking an item up in the whole response by its
// linkId. A form has hundreds of these and a response hundreds of items, so they
// are found all at once, while the response is indexed, and the expressions get
// them as variables.

// quick is one look-up: the items of a linkId anywhere in the response, or only
// at its top.
type quick struct {
	link string
	top  bool
}

var lookUp = regexp.MustCompile(`%resource\s*\.\s*(item|descendants\(\s*\)|repeat\(\s*item\s*\))\s*\.\s*where\(\s*linkId\s*=\s*'([^'\\]*)'\s*\)`)

const quickName = "rapport_found_"

// quickly puts variables in the place of look-ups.
func (f *Form) quickly(src string) string {
	return lookUp.ReplaceAllStringFunc(src, func(m string) string {
		parts := lookUp.FindStringSubmatch(m)
		q := quick{link: parts[2], top: parts[1] == "item"}
		n, ok := f.quicks[q]
		if !ok {
			if f.quicks == nil {
				f.quicks = map[quick]int{}
			}
			n = len(f.quicks)
			f.quicks[q] = n
		}
		return "%" + quickName + strconv.Itoa(n)
	})
}

// found returns what a look-up found.
func (s *Sheet) found(name string) ([]path.Value, bool) {
	digits, ok := strings.CutPrefix(name, quickName)
	if !ok {
		return nil, false
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n >= len(s.finds) {
		return nil, false
	}
	return s.finds[n], true
}

// index notes where the items of the response lie, and finds what is looked up.
func (s *Sheet) index(n fhir.Node, top bool) {
	for c := range n.Each("item") {
		s.nodes = append(s.nodes, c)
		if len(s.finds) > 0 {
			link := c.Get("linkId").Str()
			if k, ok := s.form.quicks[quick{link, false}]; ok {
				s.finds[k] = append(s.finds[k], path.Of(c))
			}
			if k, ok := s.form.quicks[quick{link, true}]; ok && top {
				s.finds[k] = append(s.finds[k], path.Of(c))
			}
		}
		s.index(c, false)
		for a := range c.Each("answer") {
			s.index(a, false)
		}
	}
}
