package main

import (
	"encoding/binary"
	"sort"
)

// encoder writes the format fhir/schema.go reads: a table of strings, then
// records of varints that point into it.
type encoder struct {
	strings []string
	index   map[string]int
	b       []byte
}

func (e *encoder) n(v int) { e.b = binary.AppendUvarint(e.b, uint64(v)) }

func (e *encoder) s(v string) {
	i, ok := e.index[v]
	if !ok {
		i = len(e.strings)
		e.strings = append(e.strings, v)
		e.index[v] = i
	}
	e.n(i)
}

func (e *encoder) flag(bits ...bool) {
	v := 0
	for i, b := range bits {
		if b {
			v |= 1 << i
		}
	}
	e.n(v)
}

func encode(s *schema, n *numbers, x *searches) []byte {
	e := &encoder{index: map[string]int{}}
	e.n(len(s.types))
	for i := range s.types {
		e.typ(&s.types[i])
	}
	e.sets(s)
	e.n(len(s.targets))
	for _, names := range s.targets {
		e.list(names)
	}
	e.list(n.types)
	e.list(n.params)
	e.list(n.systems)
	e.searches(x)
	out := []byte("RFS1")
	out = binary.AppendUvarint(out, uint64(len(e.strings)))
	for _, v := range e.strings {
		out = binary.AppendUvarint(out, uint64(len(v)))
		out = append(out, v...)
	}
	return append(out, e.b...)
}

func (e *encoder) list(names []string) {
	e.n(len(names))
	for _, v := range names {
		e.s(v)
	}
}

func (e *encoder) typ(t *typ) {
	e.s(t.name)
	e.n(t.prim)
	e.flag(t.resource, t.abstract)
	e.n(len(t.groups))
	for _, g := range t.groups {
		e.s(g.name)
		e.flag(g.required)
	}
	e.n(len(t.elems))
	for _, l := range t.elems {
		e.s(l.name)
		e.s(l.base)
		e.n(l.typ)
		e.flag(l.array, l.required)
		e.n(l.choice)
		e.n(l.binding)
		e.n(l.targets)
	}
}

func (e *encoder) sets(s *schema) {
	e.n(len(s.sets))
	for _, x := range s.sets {
		e.s(x.url)
		var systems []string
		for u := range x.codes {
			systems = append(systems, u)
		}
		sort.Strings(systems)
		e.n(len(systems))
		for _, u := range systems {
			e.s(u)
			codes := append([]string(nil), x.codes[u]...)
			sort.Strings(codes)
			e.list(codes)
		}
	}
}

func (e *encoder) searches(x *searches) {
	e.n(len(x.states))
	for i := range x.states {
		st := &x.states[i]
		e.n(len(st.accepts))
		for _, a := range st.accepts {
			e.n(a.no)
			e.n(a.kind)
			e.n(len(a.parts))
			for _, p := range a.parts {
				e.n(p)
			}
		}
		e.n(len(st.edges))
		for _, d := range st.edges {
			e.n(d.elem)
			e.n(len(d.filters))
			for _, f := range d.filters {
				e.n(int(f.kind))
				e.n(f.n)
				e.s(f.s)
			}
			e.n(d.to)
		}
	}
	for i := range x.roots {
		e.n(x.roots[i])
		e.n(len(x.params[i]))
		for _, u := range x.params[i] {
			e.n(u.no)
			e.n(u.kind)
			e.n(u.flags)
			e.n(len(u.parts))
			for _, p := range u.parts {
				e.n(p.no)
				e.n(p.kind)
			}
		}
		for _, l := range x.compartments[i] {
			e.n(len(l))
			for _, no := range l {
				e.n(no)
			}
		}
	}
}
