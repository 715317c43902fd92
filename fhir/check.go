package fhir

import (
	"bytes"
	"math/bits"
	"slices"
)

// primitive reads and checks one primitive value.
func (d *Doc) primitive(o *object, fi uint16, e *elem, p prim) bool {
	ci := d.node(o.self, o.typ, fi, e.typ)
	c := d.Src[d.i]
	if c == '{' || c == '[' {
		d.issue("structure", "a single value is expected", ci, "")
		ok := d.skip()
		d.n[ci].end = uint32(d.i)
		return ok
	}
	if c != '"' {
		kind, ok := d.scalar()
		d.n[ci].end = uint32(d.i)
		if ok && !scalarFits(p, kind, d.Src[d.n[ci].start:d.i]) {
			d.issue("structure", "not a valid "+d.s.types[e.typ].name, ci, "")
		}
		return ok
	}
	t, ok := d.str()
	if !ok {
		return false
	}
	d.n[ci].end = uint32(d.i)
	if t.esc {
		d.n[ci].flags = flagEscape
	}
	if p >= primBoolean && p <= primDecimal {
		d.issue("structure", "not a valid "+d.s.types[e.typ].name, ci, "")
		return true
	}
	v := d.value(t)
	switch {
	case !lexical(p, v) || t.esc && !printable(v):
		d.issue("value", "not a valid "+d.s.types[e.typ].name, ci, "")
	case e.set >= 0 && p == primCode && !d.s.sets[e.set].has(v):
		d.issue("code-invalid", "not a code of "+d.s.sets[e.set].url, ci, "")
	}
	return true
}

// complete checks what can only be known at an object's end.
func (d *Doc) complete(o *object) {
	t := &d.s.types[o.typ]
	for w := range t.required {
		for miss := t.required[w] &^ (o.seen[w] | o.under[w]); miss != 0; miss &= miss - 1 {
			d.issue("required", "is required", o.self, t.elems[w*64+bits.TrailingZeros64(miss)].name)
		}
	}
	for i := range t.choices {
		if t.choices[i].required && o.chosen[i] == 0 {
			d.issue("required", "is required", o.self, t.choices[i].name+"[x]")
		}
	}
	if o.typ == d.s.extension && o.seen.has(t.byName["extension"]) == (o.chosen[0] != 0) {
		d.issue("invariant", "an extension has either a value or extensions (ext-1)", o.self, "")
	}
	if o.nulls {
		d.nulls(o)
	}
}

// nulls checks that every null keeps the place of something on the other side:
// {"given":[null,"B"],"_given":[{…},null]} (FHIR JSON, 2.6.2).
func (d *Doc) nulls(o *object) {
	if len(d.issues) > 0 {
		return // with a property given twice the runs below are not runs
	}
	for c := d.n[o.self].child; c != 0; c = d.n[c].next {
		x := &d.n[c]
		if x.at != 0 {
			continue
		}
		other := d.n[o.self].child
		for other != 0 && (d.n[other].elem != x.elem || (d.n[other].flags^x.flags)&flagUnder == 0) {
			other = d.n[other].next
		}
		for run := c; run != 0 && d.n[run].elem == x.elem && (d.n[run].flags^x.flags)&flagUnder == 0; run = d.n[run].next {
			beside := other != 0 && d.n[other].elem == x.elem && (d.n[other].flags^x.flags)&flagUnder != 0
			if d.n[run].flags&flagNull != 0 && (!beside || d.n[other].flags&flagNull != 0) {
				d.issue("structure", "null with nothing beside it", run, "")
				return
			}
			if beside {
				other = d.n[other].next
			}
		}
	}
}

// bound checks the codes of a concept and the type a reference names.
func (d *Doc) bound(ci uint32, e *elem) {
	switch {
	case e.targets >= 0 && e.typ == d.s.reference:
		r := Node{d, ci}.Get("reference")
		typ := refType(r.bytes())
		if typ == nil {
			return
		}
		if _, known := d.s.number[string(typ)]; known && !slices.Contains(d.s.targets[e.targets], string(typ)) {
			d.issue("value", "may not refer to that type of resource", r.i, "")
		}
	case e.set >= 0 && e.typ == d.s.coding:
		if !d.coded(Node{d, ci}, &d.s.sets[e.set]) {
			d.issue("code-invalid", "not a code of "+d.s.sets[e.set].url, ci, "")
		}
	case e.set >= 0 && e.typ == d.s.concept:
		n := 0
		for c := range (Node{d, ci}).Each("coding") {
			if n++; d.coded(c, &d.s.sets[e.set]) {
				return
			}
		}
		d.issue("code-invalid", "no code of "+d.s.sets[e.set].url, ci, "")
	}
}

func (d *Doc) coded(coding Node, set *codeSet) bool {
	system, code := coding.Get("system"), coding.Get("code")
	for i := range set.systems {
		if s := &set.systems[i]; s.url == string(system.bytes()) && s.has(code.bytes()) {
			return true
		}
	}
	return false
}

// refType returns the type a literal or conditional reference names, or nil:
// Patient/1, https://a.example/fhir/Patient/1/_history/2, Patient?identifier=….
func refType(ref []byte) []byte {
	typ, _ := splitRef(ref)
	if typ == nil {
		if q := bytes.IndexByte(ref, '?'); q > 0 {
			typ = ref[bytes.LastIndexByte(ref[:q], '/')+1 : q]
		}
	}
	return typ
}

// splitRef returns the type and id of a literal reference. Both are nil for
// fragments, URNs and anything else.
func splitRef(ref []byte) (typ, id []byte) {
	if h := bytes.Index(ref, []byte("/_history/")); h > 0 {
		ref = ref[:h]
	}
	k := bytes.LastIndexByte(ref, '/')
	if k <= 0 || ref[0] == '#' {
		return nil, nil
	}
	typ, id = ref[:k], ref[k+1:]
	if j := bytes.LastIndexByte(typ, '/'); j >= 0 {
		typ = typ[j+1:]
	}
	if !lexical(primID, id) || len(typ) == 0 || typ[0] < 'A' || typ[0] > 'Z' || bytes.IndexByte(typ, '?') >= 0 {
		return nil, nil
	}
	return typ, id
}
