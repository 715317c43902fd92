package fhir

import (
	"bytes"
	"rapport/errs"
	"strings"
)

// Doc is one parsed resource: the bytes it came from and a flat tree over them.
// The zero Doc is empty; Reset fills it, again and again, without allocating
// once it has grown. A Doc is for one goroutine at a time.
type Doc struct {
	// Src is the JSON as given. It must not change while the Doc is in use.
	Src []byte

	s         *schema
	n         []node // n[0] is nobody; n[1] is the resource
	i         int
	depth     int
	fault     string // why Src is not JSON, or is too deep or too long
	spaced    bool   // there is whitespace between tokens
	issues    []issue
	strange   []issue  // properties R4 does not have, kept as they are
	buf       []byte   // an unescaped string
	body      []byte   // the compacted resource, when spaced
	hits      []uint64 // what search takes from the resource, once collected
	collected bool
	writer    *facetWriter
	text      string // Src again, when strings may share it
}

// node is one occurrence of an element. Its JSON is Src[start:end].
type node struct {
	start, end          uint32
	next, child, parent uint32 // 0 is none
	at                  uint32 // place in its array
	typ, owner          uint16
	elem                uint16 // place in its owner
	flags               uint8
}

const (
	flagUnder  = 1 << iota // it is the _name beside a primitive
	flagNull               // it is a null that keeps a place in an array
	flagEscape             // it is a string with escapes
)

// Parse reads and validates one resource against R4: structure, cardinality,
// types, the form of primitives, required codes. The error is errs.Invalid and
// tells the first issue by element names, never by content.
func Parse(b []byte) (*Doc, error) {
	d := &Doc{n: make([]node, 0, 16+len(b)/32)}
	return d, d.Reset(b)
}

// Reset parses another resource into d, as Parse does. Everything taken from d
// before is void. After an error only Issues may be asked.
func (d *Doc) Reset(b []byte) error {
	d.s, d.Src = r4(), b
	d.n = append(d.n[:0], node{})
	d.i, d.depth, d.fault, d.spaced, d.collected = 0, 0, "", false, false
	d.issues, d.strange, d.body, d.text = d.issues[:0], d.strange[:0], nil, ""
	if len(b) > 1<<31 {
		d.fail("too long")
	} else if d.space(); d.resource(0, 0, 0) {
		d.space()
		if d.i != len(b) {
			d.fail("there is more after the resource")
		}
	}
	if d.fault != "" {
		d.issues = d.issues[:min(len(d.issues), maxIssues-1)]
		d.issue("invalid", d.fault, 0, "")
		d.issues[0], d.issues[len(d.issues)-1] = d.issues[len(d.issues)-1], d.issues[0]
	}
	if len(d.issues) > 0 {
		return errs.E(errs.Invalid, "fhir: %s", d.Issues()[0])
	}
	return nil
}

func (d *Doc) node(parent uint32, owner, elem, typ uint16) uint32 {
	d.n = append(d.n, node{start: uint32(d.i), parent: parent, owner: owner, elem: elem, typ: typ})
	return uint32(len(d.n) - 1)
}

// resource reads an object that says its own type.
func (d *Doc) resource(parent uint32, owner, elem uint16) bool {
	if d.i >= len(d.Src) || d.Src[d.i] != '{' {
		d.issue("structure", "a resource is expected", parent, "")
		return d.skip()
	}
	t, known, ok := d.resourceType()
	if !ok {
		return false
	}
	if !known {
		d.issue("structure", "resourceType is missing or unknown", parent, "")
		return d.skip()
	}
	return d.object(d.node(parent, owner, elem, t), t)
}

// resourceType looks ahead for the type of the object at d.i.
func (d *Doc) resourceType() (t uint16, known, ok bool) {
	at, depth, spaced := d.i, d.depth, d.spaced
	defer func() { d.i, d.depth, d.spaced = at, depth, spaced }()
	d.i++
	if d.space(); d.i < len(d.Src) && d.Src[d.i] == '}' {
		return 0, false, true
	}
	for {
		k, ok := d.key()
		if !ok {
			return 0, false, false
		}
		if string(d.value(k)) == "resourceType" {
			if d.Src[d.i] != '"' {
				return 0, false, true
			}
			v, ok := d.str()
			if !ok {
				return 0, false, false
			}
			t, known := d.s.byName[string(d.value(v))]
			return t, known && d.s.types[t].resource && !d.s.types[t].abstract, true
		}
		if !d.skip() {
			return 0, false, false
		}
		if more, ok := d.more('}'); !ok || !more {
			return 0, false, ok
		}
	}
}

// object is what is known of an object while it is read.
type object struct {
	self        uint32
	last        uint32 // the last child
	typ         uint16
	next        uint16 // the element that follows the last one in R4's order
	typed       bool   // resourceType has been seen
	nulls       bool
	seen, under mask
	chosen      [16]uint16 // by choice group: element + 1
}

func (d *Doc) object(self uint32, typ uint16) bool {
	if d.depth++; d.depth > maxDepth {
		return d.fail("too deep")
	}
	o := object{self: self, typ: typ}
	d.i++
	d.space()
	if d.i < len(d.Src) && d.Src[d.i] == '}' {
		d.i++
		d.issue("structure", "an object may not be empty", self, "")
	} else {
		for {
			k, ok := d.key()
			if !ok || !d.property(&o, k) {
				return false
			}
			more, ok := d.more('}')
			if !ok {
				return false
			}
			if !more {
				break
			}
		}
	}
	d.n[self].end = uint32(d.i)
	d.complete(&o)
	d.depth--
	return true
}

// field finds the element a property stands for.
func (d *Doc) field(o *object, key []byte) (fi uint16, under, ok bool) {
	t := &d.s.types[o.typ]
	if len(key) > 1 && key[0] == '_' {
		under, key = true, key[1:]
	}
	// Most systems write elements in R4's order: look a little ahead first.
	for i := int(o.next); i < min(int(o.next)+4, len(t.elems)); i++ {
		if t.elems[i].name == string(key) {
			fi, ok = uint16(i), true
			break
		}
	}
	if !ok {
		fi, ok = t.byName[string(key)]
	}
	if !ok || (under && d.s.types[t.elems[fi].typ].prim == primNone) {
		return 0, under, false
	}
	o.next = fi + 1
	return fi, under, true
}

// stranger takes note of a property R4 does not have: it is kept, as it is, and
// reads as nothing. What could be mistaken for an element of R4's, or stands
// there twice, is not kept but refused.
func (d *Doc) stranger(o *object, key []byte) {
	bare := bytes.TrimPrefix(key, []byte("_"))
	for i := range d.s.types[o.typ].elems {
		if strings.EqualFold(d.s.types[o.typ].elems[i].name, string(bare)) {
			d.issue("structure", "an element R4 does not have here", o.self, "")
			return
		}
	}
	if len(bare) == 0 || strings.EqualFold(string(bare), "resourceType") || len(d.strange) >= maxIssues {
		d.issue("structure", "an element R4 does not have here", o.self, "")
		return
	}
	for _, x := range d.strange {
		if x.node == o.self && x.name == string(key) {
			d.issue("structure", "a property is given twice", o.self, "")
			return
		}
	}
	d.strange = append(d.strange, issue{"structure", "", o.self, string(key), d.i})
}

// property reads the value of one property of o.
func (d *Doc) property(o *object, k text) bool {
	t := &d.s.types[o.typ]
	key := d.value(k)
	fi, under, ok := d.field(o, key)
	if !ok {
		if t.resource && string(key) == "resourceType" {
			if o.typed {
				d.issue("structure", "a property is given twice", o.self, "resourceType")
			}
			o.typed = true
		} else {
			d.stranger(o, key)
		}
		return d.skip()
	}
	e := &t.elems[fi]
	seen := &o.seen
	if under {
		seen = &o.under
	}
	if seen.has(fi) {
		d.issue("structure", "a property is given twice", o.self, e.name)
	}
	seen.set(fi)
	if e.choice >= 0 {
		if was := o.chosen[e.choice]; was != 0 && was != fi+1 {
			d.issue("structure", "more than one of a choice", o.self, e.base+"[x]")
		}
		o.chosen[e.choice] = fi + 1
	}
	if d.Src[d.i] != '[' {
		if e.array {
			d.issue("structure", "an array is expected", o.self, e.name)
			return d.skip()
		}
		return d.element(o, fi, under, 0)
	}
	if !e.array {
		d.issue("structure", "an array is not allowed", o.self, e.name)
		return d.skip()
	}
	return d.array(o, fi, under)
}

func (d *Doc) array(o *object, fi uint16, under bool) bool {
	if d.depth++; d.depth > maxDepth {
		return d.fail("too deep")
	}
	d.i++
	if d.space(); d.i < len(d.Src) && d.Src[d.i] == ']' {
		d.i++
		d.depth--
		d.issue("structure", "an array may not be empty", o.self, d.s.types[o.typ].elems[fi].name)
		return true
	}
	for at := uint32(0); ; at++ {
		if at == maxArray {
			return d.fail("an array is too long")
		}
		if d.space(); d.i >= len(d.Src) {
			return d.fail("the text ends too early")
		}
		if !d.element(o, fi, under, at) {
			return false
		}
		more, ok := d.more(']')
		if !ok {
			return false
		}
		if !more {
			d.depth--
			return true
		}
	}
}

// element reads one value of an element and hangs it under o.
func (d *Doc) element(o *object, fi uint16, under bool, at uint32) bool {
	e := &d.s.types[o.typ].elems[fi]
	kind := &d.s.types[e.typ]
	c := d.Src[d.i]
	before := uint32(len(d.n))
	ok := true
	switch {
	case c == 'n':
		ok = d.null(o, fi, under, kind.prim)
	case under:
		if c != '{' {
			d.issue("structure", "an object is expected", o.self, "_"+e.name)
			return d.skip()
		}
		ci := d.node(o.self, o.typ, fi, d.s.element)
		d.n[ci].flags = flagUnder
		ok = d.object(ci, d.s.element)
	case kind.prim != primNone:
		ok = d.primitive(o, fi, e, kind.prim)
	case kind.resource:
		ok = d.resource(o.self, o.typ, fi)
	case c != '{':
		d.issue("structure", "an object is expected", o.self, e.name)
		return d.skip()
	default:
		ci := d.node(o.self, o.typ, fi, e.typ)
		ok = d.object(ci, e.typ)
		if ok && (e.set >= 0 || e.targets >= 0) {
			d.n[ci].at = at
			d.bound(ci, e)
		}
	}
	if !ok || uint32(len(d.n)) == before {
		return ok
	}
	d.n[before].at = at
	if o.last == 0 {
		d.n[o.self].child = before
	} else {
		d.n[o.last].next = before
	}
	o.last = before
	return true
}

// null reads a null, which may only keep a place beside a primitive's
// extensions, in an array.
func (d *Doc) null(o *object, fi uint16, under bool, p prim) bool {
	e := &d.s.types[o.typ].elems[fi]
	at := d.i
	if kind, ok := d.scalar(); !ok || kind != '0' {
		return d.fail("a value is expected")
	}
	if !e.array || p == primNone {
		d.issue("structure", "null is not allowed", o.self, e.name)
		return true
	}
	ci := d.node(o.self, o.typ, fi, e.typ)
	d.n[ci].start, d.n[ci].end = uint32(at), uint32(d.i)
	d.n[ci].flags = flagNull
	if under {
		d.n[ci].flags |= flagUnder
	}
	o.nulls = true
	return true
}
