package main

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
)

// kinds are the search parameter types; the order is that of fhir.ParamKind and
// is part of the format.
var kinds = []string{"", "token", "string", "reference", "date", "number", "quantity", "uri", "composite"}

// Flags of a parameter of a type.
const (
	flagNotFalse = 1 << iota // true when the element exists and is not false
	flagRoot                 // a composite whose parts are other parameters of the resource
	flagNested               // a composite whose parts sit together in an element
)

type filter struct {
	kind stepKind
	n    int // an index, or the element to compare
	s    string
}

type edge struct {
	elem    int
	filters []filter
	to      int
}

type accept struct {
	no, kind int
	parts    []int // a composite's parts: states to run from here
}

type state struct {
	typ     int
	accepts []accept
	edges   []edge
}

type part struct{ no, kind int }

type usedParam struct {
	no, kind, flags int
	parts           []part
}

// searches is everything search needs: one automaton per resource type.
type searches struct {
	states       []state
	roots        []int // by type number - 1; -1 for none
	params       [][]usedParam
	compartments [][2][]int // by type number - 1: parameters naming the subject, and the others
}

type compiler struct {
	*schema
	numbers *numbers
	out     *searches
	byURL   map[string]*param
	paramNo map[string]int
}

func compile(s *schema, d *defs, n *numbers) (*searches, error) {
	c := &compiler{schema: s, numbers: n, out: &searches{}, byURL: map[string]*param{}, paramNo: map[string]int{}}
	for i, p := range n.params {
		c.paramNo[p] = i + 1
	}
	for i := range d.params {
		c.byURL[d.params[i].URL] = &d.params[i]
	}
	c.out.params = make([][]usedParam, len(n.types))
	c.out.compartments = make([][2][]int, len(n.types))
	for i, t := range n.types {
		c.out.roots = append(c.out.roots, c.state(s.typ(t)))
		for j := range d.params {
			if err := c.param(i, t, &d.params[j]); err != nil {
				return nil, fmt.Errorf("%s on %s: %w", d.params[j].ID, t, err)
			}
		}
		sort.Slice(c.out.params[i], func(a, b int) bool { return c.out.params[i][a].no < c.out.params[i][b].no })
	}
	c.members(d)
	if len(c.out.states) > 1<<16 {
		return nil, fmt.Errorf("%d states do not fit 16 bits", len(c.out.states))
	}
	return c.out, nil
}

func (c *compiler) state(t int) int {
	c.out.states = append(c.out.states, state{typ: t})
	return len(c.out.states) - 1
}

// param adds one parameter to the automaton of one type, if it applies to it.
func (c *compiler) param(ti int, t string, p *param) error {
	inherited := slices.Contains(p.Base, "Resource") || (slices.Contains(p.Base, "DomainResource") && c.types[c.typ(t)].domain)
	if !inherited && !slices.Contains(p.Base, t) {
		return nil
	}
	if p.Code == "_id" || p.Code == "_lastUpdated" {
		return nil // the header of a facet, and the row it lies in
	}
	u := usedParam{no: c.paramNo[p.Code], kind: slices.Index(kinds, p.Type)}
	if err := c.parts(&u, p); err != nil {
		return nil // a part that needs %resource: the parameter is not offered
	}
	for _, alt := range split(p.Expression, "|") {
		steps, err := parse(alt)
		if err != nil {
			return err
		}
		if first := steps[0].a; first != t && first != "Resource" && first != "DomainResource" {
			continue
		}
		if last := len(steps) - 1; steps[last].kind == stepNotFalse {
			u.flags |= flagNotFalse
			steps = steps[:last]
		}
		if len(steps) == 1 {
			u.flags |= flagRoot
			continue
		}
		if p.Type == "composite" {
			u.flags |= flagNested
		}
		ok, err := c.link(c.out.roots[ti], steps[1:], accept{no: u.no, kind: u.kind}, p)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("nothing fits %q", alt)
		}
	}
	for _, x := range c.out.params[ti] {
		if x.no == u.no {
			return fmt.Errorf("%s is defined twice", p.Code)
		}
	}
	c.out.params[ti] = append(c.out.params[ti], u)
	return nil
}

func (c *compiler) parts(u *usedParam, p *param) error {
	for _, x := range p.Component {
		if strings.Contains(x.Expression, "%") {
			return fmt.Errorf("unsupported %q", x.Expression)
		}
		q := c.byURL[x.Definition]
		if q == nil {
			return fmt.Errorf("no %s", x.Definition)
		}
		// A combo parameter looks at the resource and at its components; over the
		// resource its parts are the plain ones, or values of components would mix.
		u.parts = append(u.parts, part{c.paramNo[strings.TrimPrefix(q.Code, "combo-")], slices.Index(kinds, q.Type)})
	}
	return nil
}

// link walks and extends the automaton from a state along steps.
func (c *compiler) link(from int, steps []step, a accept, p *param) (bool, error) {
	if len(steps) == 0 {
		return true, c.accept(from, a, p)
	}
	name, filters := steps[0], []filter(nil)
	if name.kind == stepExtension {
		filters = append(filters, filter{kind: stepExtension, s: name.a})
		name = step{kind: stepName, a: "extension"}
	}
	if name.kind != stepName {
		return false, fmt.Errorf("a path may not start with step %d", name.kind)
	}
	rest, as := steps[1:], ""
	for len(rest) > 0 && rest[0].kind != stepName && rest[0].kind != stepExtension {
		switch r := rest[0]; r.kind {
		case stepAs:
			as = r.a
		case stepIndex:
			filters = append(filters, filter{kind: stepIndex, n: r.n})
		case stepEquals:
			filters = append(filters, filter{kind: stepEquals, s: r.a + "\x00" + r.b})
		default:
			filters = append(filters, filter{kind: r.kind, s: r.a})
		}
		rest = rest[1:]
	}
	return c.edges(from, name.a, as, filters, rest, a, p)
}

func (c *compiler) edges(from int, name, as string, filters []filter, rest []step, a accept, p *param) (bool, error) {
	found := false
	elems := c.types[c.out.states[from].typ].elems
	for ei, e := range elems {
		if e.base != name || (as != "" && !strings.EqualFold(c.types[e.typ].name, as)) {
			continue
		}
		fs := slices.Clone(filters)
		fits := true
		for i := range fs {
			if fs[i].kind == stepEquals {
				child, value, _ := strings.Cut(fs[i].s, "\x00")
				fs[i].n = slices.IndexFunc(c.types[e.typ].elems, func(x elem) bool { return x.name == child })
				fs[i].s = value
				fits = fits && fs[i].n >= 0
			}
		}
		if !fits {
			continue
		}
		to := -1
		for _, ed := range c.out.states[from].edges {
			if ed.elem == ei && reflect.DeepEqual(ed.filters, fs) {
				to = ed.to
			}
		}
		if to < 0 {
			to = c.state(e.typ)
			c.out.states[from].edges = append(c.out.states[from].edges, edge{ei, fs, to})
		}
		ok, err := c.link(to, rest, a, p)
		if err != nil {
			return false, err
		}
		found = found || ok
	}
	return found, nil
}

func (c *compiler) accept(at int, a accept, p *param) error {
	for _, x := range c.out.states[at].accepts {
		if x.no == a.no {
			return nil
		}
	}
	for _, comp := range p.Component {
		start := c.state(c.out.states[at].typ)
		kind := slices.Index(kinds, c.byURL[comp.Definition].Type)
		for _, alt := range split(comp.Expression, "|") {
			steps, err := parse(alt)
			if err != nil {
				return err
			}
			if _, err := c.link(start, steps, accept{kind: kind}, &param{}); err != nil {
				return err
			}
		}
		a.parts = append(a.parts, start)
	}
	s := &c.out.states[at]
	s.accepts = append(s.accepts, a)
	return nil
}

// subjects are the parameters that say whom a resource is about, before those
// that say who did, wrote, asked for or received something.
var subjects = []string{"patient", "subject", "individual", "beneficiary", "actor", "member"}

func (c *compiler) members(d *defs) {
	of := map[string][]string{}
	for _, m := range d.members {
		of[m.Code] = m.Param
	}
	for i, t := range c.numbers.types {
		codes := of[t]
		// R4 leaves some types out of the compartment although they name a person
		// (Task.for, Device.patient): for us those belong to the person too.
		if len(codes) == 0 {
			codes = []string{"patient", "subject"}
		}
		for _, code := range codes {
			no := c.paramNo[code]
			if !slices.ContainsFunc(c.out.params[i], func(u usedParam) bool { return u.no == no && u.kind == 3 }) {
				continue
			}
			w := 1
			if slices.Contains(subjects, code) {
				w = 0
			}
			c.out.compartments[i][w] = append(c.out.compartments[i][w], no)
		}
	}
}
