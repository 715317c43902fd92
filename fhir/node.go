package fhir

import (
	"iter"
	"strconv"
)

// Node is one element of a resource, or nothing. The zero Node is nothing, and
// asking nothing gives nothing, so paths need no checks on the way.
type Node struct {
	d *Doc
	i uint32
}

// Root returns the resource itself; nothing, when Src is not JSON to its end.
func (d *Doc) Root() Node {
	if len(d.n) < 2 || d.fault != "" {
		return Node{}
	}
	return Node{d, 1}
}

// OK reports that there is such an element.
func (n Node) OK() bool { return n.i != 0 }

// child returns the first value called name: the property (valueQuantity) or the
// element (value).
func (n Node) child(name string) Node {
	if n.i == 0 {
		return Node{}
	}
	for c := n.d.n[n.i].child; c != 0; c = n.d.n[c].next {
		if n.d.called(c, name) {
			return Node{n.d, c}
		}
	}
	return Node{}
}

func (d *Doc) called(c uint32, name string) bool {
	x := &d.n[c]
	if x.flags&(flagUnder|flagNull) != 0 {
		return false
	}
	e := &d.s.types[x.owner].elems[x.elem]
	return e.base == name || e.name == name
}

// Get follows a path of element names, taking the first value at each step.
func (n Node) Get(path ...string) Node {
	for _, p := range path {
		n = n.child(p)
	}
	return n
}

// Each goes through all values called name, in order.
func (n Node) Each(name string) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.i == 0 {
			return
		}
		for c := n.d.n[n.i].child; c != 0; c = n.d.n[c].next {
			if n.d.called(c, name) && !yield(Node{n.d, c}) {
				return
			}
		}
	}
}

func (n Node) count(name string) int {
	k := 0
	for range n.Each(name) {
		k++
	}
	return k
}

// Children goes through all values of the element, in order; the _name beside a
// primitive is not among them.
func (n Node) Children() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.i == 0 {
			return
		}
		for c := n.d.n[n.i].child; c != 0; c = n.d.n[c].next {
			if n.d.n[c].flags&(flagUnder|flagNull) == 0 && !yield(Node{n.d, c}) {
				return
			}
		}
	}
}

// Type returns the R4 type of the value: CodeableConcept, dateTime, Patient.
func (n Node) Type() string {
	if n.i == 0 {
		return ""
	}
	return n.d.s.types[n.d.n[n.i].typ].name
}

// Name returns the property the value is written under: valueQuantity.
func (n Node) Name() string {
	if n.i < 2 {
		return ""
	}
	x := &n.d.n[n.i]
	return n.d.s.types[x.owner].elems[x.elem].name
}

// Raw returns the JSON of the value, a part of Doc.Src.
func (n Node) Raw() []byte {
	if n.i == 0 {
		return nil
	}
	x := &n.d.n[n.i]
	return n.d.Src[x.start:x.end:x.end]
}

// bytes returns the characters of a string, number or truth value. With escapes
// they lie in the Doc's buffer until the next call.
func (n Node) bytes() []byte {
	if n.i == 0 {
		return nil
	}
	x := &n.d.n[n.i]
	b := n.d.Src[x.start:x.end]
	if len(b) < 2 || b[0] != '"' {
		return b
	}
	b = b[1 : len(b)-1]
	if x.flags&flagEscape != 0 {
		n.d.buf = unescape(n.d.buf[:0], b)
		return n.d.buf
	}
	return b
}

// Str returns the characters of a string, number or truth value, and "" for
// anything else.
func (n Node) Str() string {
	if n.i == 0 || n.d.s.types[n.d.n[n.i].typ].prim == primNone {
		return ""
	}
	x := &n.d.n[n.i]
	if t := n.d.text; t != "" && x.flags&flagEscape == 0 {
		if t[x.start] == '"' {
			return t[x.start+1 : x.end-1]
		}
		return t[x.start:x.end]
	}
	return string(n.bytes())
}

// Bool returns a truth value; nothing is false.
func (n Node) Bool() bool { return n.i != 0 && string(n.Raw()) == "true" }

// Int returns a whole number; nothing is 0.
func (n Node) Int() int {
	if n.i == 0 {
		return 0
	}
	v, err := strconv.Atoi(string(n.Raw()))
	if err != nil {
		return 0
	}
	return v
}

// Time returns a date, dateTime or instant.
func (n Node) Time() Time {
	t, ok := parseTime(n.bytes())
	if !ok {
		return Time{}
	}
	return t
}
