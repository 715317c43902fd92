package fhir

import (
	"bytes"
	"slices"
)

// ParamKind is the type of a search parameter (R4 search, 3.1.1.4).
type ParamKind uint8

// The kinds; the order is part of schema.bin's format. The zero kind is no
// parameter.
const (
	_ ParamKind = iota
	TokenParam
	StringParam
	ReferenceParam
	DateParam
	NumberParam
	QuantityParam
	URIParam
	CompositeParam
)

// Param is a search parameter of a resource type.
type Param struct {
	Code   string
	Number uint16 // its number in facets; it never changes
	Kind   ParamKind
	// Of a composite: its parts, and whether they are other parameters of the
	// resource (Root) or sit together in an element (Nested), or both.
	Parts        []Param
	Root, Nested bool

	notFalse bool
}

// typeSearch is what search and compartments know of a resource type.
type typeSearch struct {
	root         uint32
	params       []Param  // by number
	about, named []uint16 // the compartment's parameters: whom it is about, who else is named
}

// searchState is a state of a type's automaton: what to take at the node reached
// and where its children lead.
type searchState struct {
	accepts []accept
	edges   [][]searchEdge // by element
}

type accept struct {
	no    uint16
	kind  ParamKind
	parts []uint32 // a composite's: states to run from the node
}

type searchEdge struct {
	filters []filter
	to      uint32
}

// The kinds of filter; the numbers are the generator's steps.
const (
	filterIndex        = 3
	filterEquals       = 4
	filterRefIs        = 5
	filterExtension    = 6
	filterHasExtension = 7
)

type filter struct {
	kind uint8
	n    int
	s    string
}

func (r *reader) search(s *schema) {
	s.states = make([]searchState, r.n())
	for i := range s.states {
		st := &s.states[i]
		st.accepts = make([]accept, r.n())
		for j := range st.accepts {
			a := &st.accepts[j]
			a.no, a.kind, a.parts = uint16(r.n()), ParamKind(r.n()), r.states()
		}
		for range r.n() {
			elem := r.n()
			e := searchEdge{filters: make([]filter, r.n())}
			for j := range e.filters {
				e.filters[j] = filter{uint8(r.n()), r.n(), r.s()}
			}
			e.to = uint32(r.n())
			if elem >= len(st.edges) {
				st.edges = append(st.edges, make([][]searchEdge, elem+1-len(st.edges))...)
			}
			st.edges[elem] = append(st.edges[elem], e)
		}
	}
	s.search = make([]typeSearch, len(s.resource))
	for i := range s.search {
		t := &s.search[i]
		t.root = uint32(r.n())
		t.params = make([]Param, r.n())
		for j := range t.params {
			r.param(s, &t.params[j])
		}
		t.about, t.named = r.numbers(), r.numbers()
	}
}

func (r *reader) param(s *schema, p *Param) {
	p.Number, p.Kind = uint16(r.n()), ParamKind(r.n())
	flags := r.n()
	p.notFalse, p.Root, p.Nested = flags&1 != 0, flags&2 != 0, flags&4 != 0
	if p.Number > 0 && int(p.Number) <= len(s.params) {
		p.Code = s.params[p.Number-1]
	}
	if n := r.n(); n > 0 {
		p.Parts = make([]Param, n)
		for i := range p.Parts {
			no, kind := uint16(r.n()), ParamKind(r.n())
			p.Parts[i] = Param{Code: s.params[no-1], Number: no, Kind: kind}
		}
	}
}

func (r *reader) states() []uint32 {
	n := r.n()
	if n == 0 {
		return nil
	}
	l := make([]uint32, n)
	for i := range l {
		l[i] = uint32(r.n())
	}
	return l
}

func (r *reader) numbers() []uint16 {
	l := make([]uint16, r.n())
	for i := range l {
		l[i] = uint16(r.n())
	}
	return l
}

// ParamOf returns a search parameter of a resource type. The parameters _id and
// _lastUpdated are not among them: they are not in the facet's rows.
func ParamOf(typ, code string) (Param, bool) {
	s := r4()
	no, ok := s.number[typ]
	if !ok {
		return Param{}, false
	}
	want, ok := s.paramNo[code]
	if !ok {
		return Param{}, false
	}
	ps := s.search[no-1].params
	i, ok := slices.BinarySearchFunc(ps, want, func(p Param, n uint16) int { return int(p.Number) - int(n) })
	if !ok {
		return Param{}, false
	}
	return ps[i], true
}

// Params returns the search parameters of a resource type by number. The slice
// is shared and must not be changed.
func Params(typ string) []Param {
	s := r4()
	if no, ok := s.number[typ]; ok {
		return s.search[no-1].params
	}
	return nil
}

// KnownSystem returns the number of a code system in the table that keeps
// facets small, or 0.
func KnownSystem(url string) uint32 { return r4().systemNo[url] }

// KnownSystemName returns the code system under a number of that table, or "".
func KnownSystemName(n uint32) string {
	if s := r4(); n > 0 && int(n) <= len(s.systems) {
		return s.systems[n-1]
	}
	return ""
}

// A hit is a node a parameter takes: the parameter's number, the node, and the
// state that took it.
func hit(no uint16, node, state uint32) uint64 {
	return uint64(no)<<48 | uint64(node)<<16 | uint64(state)
}
func hitParam(h uint64) uint16 { return uint16(h >> 48) }
func hitNode(h uint64) uint32  { return uint32(h >> 16) }
func hitState(h uint64) uint32 { return uint32(h & 0xffff) }

// collect fills d.hits with what an automaton takes, by parameter and then in
// the order of the resource.
func (d *Doc) collect(root uint32) {
	if d.collected {
		return
	}
	d.collected = true
	d.hits = d.hits[:0]
	d.walk(1, root)
	slices.Sort(d.hits)
}

func (d *Doc) walk(n, at uint32) {
	st := &d.s.states[at]
	for c := d.n[n].child; c != 0; c = d.n[c].next {
		x := &d.n[c]
		if x.flags&(flagUnder|flagNull) != 0 || int(x.elem) >= len(st.edges) {
			continue
		}
		for i := range st.edges[x.elem] {
			e := &st.edges[x.elem][i]
			if len(e.filters) > 0 && !d.passes(c, e.filters) {
				continue
			}
			to := &d.s.states[e.to]
			for j := range to.accepts {
				d.hits = append(d.hits, hit(to.accepts[j].no, c, e.to))
			}
			if to.edges != nil {
				d.walk(c, e.to)
			}
		}
	}
}

func (d *Doc) passes(c uint32, fs []filter) bool {
	n := Node{d, c}
	for i := range fs {
		f := &fs[i]
		ok := false
		switch f.kind {
		case filterIndex:
			ok = int(d.n[c].at) == f.n
		case filterEquals:
			for k := d.n[c].child; k != 0; k = d.n[k].next {
				if x := &d.n[k]; int(x.elem) == f.n && x.flags&(flagUnder|flagNull) == 0 {
					ok = ok || string(Node{d, k}.bytes()) == f.s
				}
			}
		case filterExtension:
			ok = string(n.Get("url").bytes()) == f.s
		case filterHasExtension:
			for x := range n.Each("extension") {
				ok = ok || string(x.Get("url").bytes()) == f.s
			}
		case filterRefIs:
			ok = d.refersTo(n, f.s)
		}
		if !ok {
			return false
		}
	}
	return true
}

// refersTo says whether a Reference or canonical leads to a type of resource, as
// far as the resource itself can tell.
func (d *Doc) refersTo(n Node, typ string) bool {
	r := n
	if d.n[n.i].typ == d.s.reference {
		if r = n.Get("reference"); !r.OK() {
			return string(n.Get("type").bytes()) == typ
		}
	}
	b := r.bytes()
	if len(b) > 1 && b[0] == '#' {
		want := bytes.Clone(b[1:])
		for c := range d.Root().Each("contained") {
			if bytes.Equal(c.Get("id").bytes(), want) {
				return c.Type() == typ
			}
		}
		return false
	}
	if got := refType(b); got != nil {
		return string(got) == typ
	}
	return string(n.Get("type").bytes()) == typ
}
