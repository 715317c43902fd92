package form

import (
	"strings"

	"rapport/fhir"
)

// element is a part of a resource being put together.
type element struct {
	typ  string
	kids []*property
	raw  string // a finished value
}

// property is one property: its values, of which there is one unless it is a list.
type property struct {
	name   string
	list   bool
	values []*element
	slices []string // the slice each value belongs to
}

func (e *element) member(name string) *property {
	for _, m := range e.kids {
		if m.name == name {
			return m
		}
	}
	return nil
}

// step is one element of a path, settled against its type.
type step struct {
	name, slice, of string
	list            bool
}

// resolve settles the steps of a path. A choice without its type ends the path
// and takes its name from the value: kind is the value's FHIR type.
func resolve(typ string, path []string, kind string) ([]step, bool) {
	var out []step
	for n, p := range path {
		name, slice, _ := strings.Cut(p, ":")
		choice := strings.HasSuffix(name, "[x]")
		if choice {
			name = strings.TrimSuffix(name, "[x]")
			if strings.HasPrefix(slice, name) {
				name, slice, choice = slice, "", false
			}
		}
		of, list, ok := fhir.Property(typ, name)
		if !ok && n == len(path)-1 {
			for _, k := range kinds(kind) {
				if of, list, ok = fhir.Property(typ, name+k); ok {
					name += k
					break
				}
			}
		}
		if !ok || choice && n < len(path)-1 {
			return nil, false
		}
		out = append(out, step{name, slice, of, list})
		typ = of
	}
	return out, len(out) > 0
}

// kinds are the ways a value may stand in a choice, the nearest first.
func kinds(kind string) []string {
	switch kind {
	case "Coding":
		return []string{"CodeableConcept", "Coding", "String", "Boolean"}
	case "date":
		return []string{"Date", "DateTime", "String"}
	case "dateTime":
		return []string{"DateTime", "Date", "String"}
	case "integer":
		return []string{"Integer", "Decimal", "Quantity", "Age", "String"}
	case "decimal":
		return []string{"Decimal", "Quantity", "Age", "Integer", "String"}
	case "Quantity":
		return []string{"Quantity", "Age", "Duration", "String"}
	case "uri":
		return []string{"Uri", "String"}
	case "":
		return nil
	}
	return []string{strings.ToUpper(kind[:1]) + kind[1:], "String"}
}

// placed is a value on its way into a resource.
type placed struct {
	steps []step
	raw   string
}

// put writes values that belong together, below the elements that are open. Of a
// list they share one element: the last, unless something in it is taken.
func (e *element) put(vs []placed, open map[string]*element) {
	fresh := map[string]*element{}
	for _, v := range vs {
		e.place(v, vs, open, fresh, "")
	}
}

func (e *element) place(v placed, all []placed, open, fresh map[string]*element, at string) {
	st := v.steps[0]
	m := e.member(st.name)
	if m == nil {
		m = &property{name: st.name, list: st.list}
		e.kids = append(e.kids, m)
	}
	if len(v.steps) == 1 {
		leaf := &element{typ: st.of, raw: v.raw}
		if !m.list {
			m.values, m.slices = []*element{leaf}, []string{st.slice}
			return
		}
		m.values, m.slices = append(m.values, leaf), append(m.slices, st.slice)
		return
	}
	key := at + "/" + st.name + ":" + st.slice
	kid := open[key]
	if kid == nil {
		kid = fresh[key]
	}
	if kid == nil {
		kid = m.last(st, all)
		fresh[key] = kid
	}
	kid.place(placed{v.steps[1:], v.raw}, shifted(all, st), open, fresh, key)
}

// shifted are the values that go on below a step.
func shifted(all []placed, st step) []placed {
	var out []placed
	for _, v := range all {
		if len(v.steps) > 1 && v.steps[0] == st {
			out = append(out, placed{v.steps[1:], v.raw})
		}
	}
	return out
}

// last returns the element of a property to go on in: its last one, unless what
// is coming has no room there.
func (m *property) last(st step, all []placed) *element {
	for n := len(m.values) - 1; n >= 0; n-- {
		k := m.values[n]
		if m.slices[n] != st.slice || k.raw != "" {
			continue
		}
		taken := false
		for _, v := range shifted(all, st) {
			if q := k.member(v.steps[0].name); q != nil && !q.list && len(v.steps) == 1 {
				taken = true
			}
		}
		if !m.list || !taken {
			return k
		}
		break
	}
	k := &element{typ: st.of}
	if !m.list && len(m.values) > 0 {
		m.values, m.slices = nil, nil
	}
	m.values, m.slices = append(m.values, k), append(m.slices, st.slice)
	return k
}

// set puts a property in place if it has none.
func (e *element) set(name, raw string) {
	if e.member(name) != nil || raw == "" {
		return
	}
	_, list, ok := fhir.Property(e.typ, name)
	if !ok {
		return
	}
	e.kids = append(e.kids, &property{name: name, list: list, values: []*element{{raw: raw}}, slices: []string{""}})
}

func (e *element) resource() []byte {
	for n, m := range e.kids {
		if m.name == "id" {
			e.kids = append(e.kids[:n:n], e.kids[n+1:]...)
			break
		}
	}
	b := append([]byte(`{"resourceType":`), quote(e.typ)...)
	return append(e.members(append(b, ',')), '}')
}

func (e *element) members(b []byte) []byte {
	first := true
	for _, m := range e.kids {
		if len(m.values) == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(b, quote(m.name)...), ':')
		if m.list {
			b = append(b, '[')
		}
		for n, v := range m.values {
			if n > 0 {
				b = append(b, ',')
			}
			b = v.write(b)
		}
		if m.list {
			b = append(b, ']')
		}
	}
	return b
}

func (e *element) write(b []byte) []byte {
	if e.raw != "" {
		return append(b, e.raw...)
	}
	return append(e.members(append(b, '{')), '}')
}
