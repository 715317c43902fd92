package path

// This file finds items by where(name = 'text') without evaluating anything for
// those that are not it. It answers what the long way would.

// everywhere are the names that are of a text wherever R4 has them, so that they
// can be looked for below an element without looking at types.
var everywhere = map[string]bool{"linkId": true, "url": true}

// find looks below elements: descendants().where(linkId = 'text').
func (s *scope) find(n *node) (vs []Value, ok bool, err error) {
	l := n.left
	if l.op != opCall || l.name != "descendants" || l.left == nil || !everywhere[n.path.name] || s.run.env.Strict {
		return nil, false, nil
	}
	on, err := s.eval(l.left)
	if err != nil {
		return nil, false, err
	}
	for _, v := range on {
		if err := s.run.work(2 + v.node.Size()/8); err != nil {
			return nil, false, err
		}
		for x := range v.node.Having(n.path.name, n.path.text) {
			vs = append(vs, Value{node: x})
		}
	}
	return vs, true, nil
}

// pick looks among elements. ok is false when one of them needs the long way.
func (s *scope) pick(l []Value, want *lookup) (vs []Value, ok bool, err error) {
	if s.run.env.Strict {
		return nil, false, nil
	}
	if err := s.run.work(2 * len(l)); err != nil {
		return nil, false, err
	}
	for _, v := range l {
		if v.atom != nil {
			return nil, false, nil
		}
		n, says := 0, false
		for x := range v.node.Elements(want.name) {
			n++
			t, valued := x.Declared()
			switch {
			case dates[t]:
				return nil, false, nil
			case valued && textual[t]:
				says = x.Says(want.text)
			}
		}
		if n == 1 && says {
			vs = append(vs, v)
		}
	}
	return vs, true, nil
}

var dates = map[string]bool{"date": true, "dateTime": true, "instant": true, "time": true}

// textual are the primitives that are Strings to FHIRPath.
var textual = map[string]bool{
	"string": true, "code": true, "id": true, "markdown": true, "uri": true, "url": true, "canonical": true, "uuid": true, "oid": true,
	"base64Binary": true, "xhtml": true,
}
