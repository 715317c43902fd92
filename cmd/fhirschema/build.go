package main

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// prims are the primitive types; the order is that of fhir.prim and is part of
// the format.
var prims = []string{"", "boolean", "integer", "unsignedInt", "positiveInt", "decimal", "string", "markdown", "uri", "url", "canonical",
	"uuid", "oid", "id", "code", "base64Binary", "instant", "date", "dateTime", "time", "xhtml"}

type elem struct {
	name, base string
	typ        int
	array      bool
	required   bool
	choice     int // group + 1
	binding    int // set + 1
	targets    int // target list + 1
}

type group struct {
	name     string
	required bool
}

type typ struct {
	name     string
	prim     int
	resource bool
	abstract bool
	domain   bool
	elems    []elem
	groups   []group
}

type set struct {
	url   string
	codes map[string][]string
}

type schema struct {
	types   []typ
	index   map[string]int
	sets    []set
	targets [][]string
}

func (s *schema) typ(name string) int {
	i, ok := s.index[name]
	if !ok {
		i = len(s.types)
		s.types = append(s.types, typ{name: name, prim: max(0, slices.Index(prims, name))})
		s.index[name] = i
	}
	return i
}

func (s *schema) resources() []string {
	var out []string
	for _, t := range s.types {
		if t.resource && !t.abstract {
			out = append(out, t.name)
		}
	}
	sort.Strings(out)
	return out
}

func build(d *defs) (*schema, error) {
	s := &schema{index: map[string]int{}}
	b := &builder{schema: s, defs: d, setOf: map[string]int{}, targetOf: map[string]int{}}
	for i := range d.structures {
		b.structure(&d.structures[i])
	}
	for _, t := range s.types {
		if len(t.elems) > 256 || len(t.groups) > 16 {
			return nil, fmt.Errorf("%s has more elements than the parser's masks hold", t.name)
		}
	}
	return s, nil
}

type builder struct {
	*schema
	defs            *defs
	setOf, targetOf map[string]int
}

func (b *builder) structure(d *structure) {
	ti := b.typ(d.ID)
	t := &b.types[ti]
	t.resource, t.abstract = d.Kind == "resource", d.Abstract
	t.domain = strings.HasSuffix(d.BaseDefinition, "/DomainResource")
	if d.Kind == "primitive-type" || len(d.Snapshot.Element) == 0 {
		return
	}
	parents := map[string]bool{}
	for _, e := range d.Snapshot.Element {
		if k := strings.LastIndexByte(e.Path, '.'); k > 0 {
			parents[e.Path[:k]] = true
		}
	}
	for i := range d.Snapshot.Element[1:] {
		if e := &d.Snapshot.Element[1+i]; e.Max != "0" {
			b.element(e, parents[e.Path])
		}
	}
}

func (b *builder) element(e *element, inner bool) {
	k := strings.LastIndexByte(e.Path, '.')
	owner, name := e.Path[:k], e.Path[k+1:]
	oi := b.typ(owner)
	el := elem{name: name, base: name, array: e.Max != "1", required: e.Min > 0, binding: b.binding(e)}
	switch {
	case e.ContentReference != "":
		el.typ = b.typ(strings.TrimPrefix(e.ContentReference, "#"))
	case strings.HasSuffix(name, "[x]"):
		base := strings.TrimSuffix(name, "[x]")
		b.types[oi].groups = append(b.types[oi].groups, group{base, e.Min > 0})
		el.base, el.choice, el.required = base, len(b.types[oi].groups), false
		for _, t := range e.Type {
			el.name = base + strings.ToUpper(t.Code[:1]) + t.Code[1:]
			el.typ = b.typ(t.Code)
			el.targets = b.target(t.Code, t.TargetProfile)
			b.types[oi].elems = append(b.types[oi].elems, el)
		}
		return
	case inner:
		el.typ = b.typ(e.Path)
	default:
		code := e.Type[0].Code
		if strings.HasPrefix(code, "http://hl7.org/fhirpath/System.") {
			code = "string"
			switch {
			case name == "id" && b.types[oi].resource:
				code = "id"
			case name == "url" && owner == "Extension":
				code = "uri"
			}
		}
		el.typ = b.typ(code)
		el.targets = b.target(code, e.Type[0].TargetProfile)
	}
	b.types[oi].elems = append(b.types[oi].elems, el)
}

func (b *builder) binding(e *element) int {
	if e.Binding == nil || e.Binding.Strength != "required" {
		return 0
	}
	url := strings.SplitN(e.Binding.ValueSet, "|", 2)[0]
	i, ok := b.setOf[url]
	if !ok {
		codes := b.defs.expand(url, 0)
		if codes != nil {
			b.sets = append(b.sets, set{url, codes})
			i = len(b.sets)
		}
		b.setOf[url] = i
	}
	return i
}

func (b *builder) target(code string, profiles []string) int {
	if code != "Reference" || len(profiles) == 0 {
		return 0
	}
	var names []string
	for _, p := range profiles {
		n := p[strings.LastIndexByte(p, '/')+1:]
		if n == "Resource" {
			return 0
		}
		names = append(names, n)
	}
	sort.Strings(names)
	key := strings.Join(names, " ")
	i, ok := b.targetOf[key]
	if !ok {
		b.targets = append(b.targets, names)
		i = len(b.targets)
		b.targetOf[key] = i
	}
	return i
}
