package fhir

import "iter"

// This file is the resource as FHIRPath sees it (package path): a primitive and
// the _name beside it are one element, and an element is called by its base name
// (value, never valueQuantity).

// Elements goes through the children called name, or through all of them if name
// is "". A primitive that has only extensions is among them.
func (n Node) Elements(name string) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.i == 0 {
			return
		}
		d := n.d
		if x := &d.n[n.i]; x.flags&flagUnder == 0 && d.s.types[x.typ].prim != primNone {
			if n = n.Beside(); n.i == 0 {
				return
			}
		}
		for c := d.n[n.i].child; c != 0; c = d.n[c].next {
			x := &d.n[c]
			if name != "" && d.s.types[x.owner].elems[x.elem].base != name {
				continue
			}
			k := c
			if x.flags&(flagUnder|flagNull) == flagNull {
				if k = (Node{d, c}).Beside().i; k == 0 {
					continue
				}
			} else if x.flags&flagUnder != 0 && (x.flags&flagNull != 0 || d.at(c, flagUnder)) {
				continue
			}
			if !yield(Node{d, k}) {
				return
			}
		}
	}
}

// at says whether the place of an object beside a primitive is also one of
// something without these flags: its value, or the null that stands for it.
func (d *Doc) at(c uint32, without uint8) bool {
	x := &d.n[c]
	for k := d.n[x.parent].child; k != 0; k = d.n[k].next {
		y := &d.n[k]
		if y.elem == x.elem && y.at == x.at && y.flags&without == 0 {
			return true
		}
	}
	return false
}

// alone says whether an object beside a primitive is all there is of it. A null
// is never an element itself: what lies beside it is.
func (d *Doc) alone(c uint32) bool {
	return d.n[c].flags&flagNull == 0 && !d.at(c, flagUnder|flagNull)
}

// Beside returns what holds a primitive's id and extensions: the _name beside
// it, or the element itself if there is nothing but that.
func (n Node) Beside() Node {
	if n.i < 2 {
		return Node{}
	}
	d, x := n.d, &n.d.n[n.i]
	if x.flags&flagUnder != 0 {
		return n
	}
	for k := d.n[x.parent].child; k != 0; k = d.n[k].next {
		y := &d.n[k]
		if y.elem == x.elem && y.at == x.at && y.flags&(flagUnder|flagNull) == flagUnder {
			return Node{d, k}
		}
	}
	return Node{}
}

// Within goes through everything below the element, in the order it is written.
func (n Node) Within() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.i == 0 {
			return
		}
		d := n.d
		if x := &d.n[n.i]; x.flags&flagUnder == 0 && d.s.types[x.typ].prim != primNone {
			if n = n.Beside(); n.i == 0 {
				return
			}
		}
		end := d.n[n.i].end
		for c := n.i + 1; c < uint32(len(d.n)) && d.n[c].start < end; c++ {
			if d.n[c].flags&(flagUnder|flagNull) != 0 && !d.alone(c) {
				continue
			}
			if !yield(Node{d, c}) {
				return
			}
		}
	}
}

// Having goes through the elements below this one whose only child called name
// says text, in the order they are written.
func (n Node) Having(name, text string) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.i == 0 {
			return
		}
		d := n.d
		end := d.n[n.i].end
		for c := n.i + 1; c < uint32(len(d.n)) && d.n[c].start < end; c++ {
			x := &d.n[c]
			if x.flags&(flagUnder|flagNull) != 0 || x.parent == n.i {
				continue
			}
			e := &d.s.types[x.owner].elems[x.elem]
			if len(e.base) != len(name) || e.base != name || !(Node{d, c}).Says(text) {
				continue
			}
			if e.array && (x.at > 0 || x.next != 0 && d.n[x.next].elem == x.elem && d.n[x.next].flags&flagUnder == 0) {
				continue
			}
			if !yield(Node{d, x.parent}) {
				return
			}
		}
	}
}

// Says reports that the element is a primitive with these characters.
func (n Node) Says(text string) bool {
	return n.i != 0 && n.d.n[n.i].flags&flagUnder == 0 && n.d.s.types[n.d.n[n.i].typ].prim != primNone && string(n.bytes()) == text
}

// Element returns the name an element has in FHIRPath: value, where Name says
// valueQuantity.
func (n Node) Element() string {
	if n.i < 2 {
		return ""
	}
	x := &n.d.n[n.i]
	return n.d.s.types[x.owner].elems[x.elem].base
}

// Declared returns the R4 type of the element, which is the primitive's also when
// there are only extensions. valued reports a primitive that has a value.
func (n Node) Declared() (typ string, valued bool) {
	if n.i == 0 {
		return "", false
	}
	x := &n.d.n[n.i]
	if x.flags&flagUnder != 0 {
		return n.d.s.types[n.d.s.types[x.owner].elems[x.elem].typ].name, false
	}
	t := &n.d.s.types[x.typ]
	return t.name, t.prim != primNone
}

// Parent returns the element this one is in, or nothing for the resource.
func (n Node) Parent() Node {
	if n.i < 2 {
		return Node{}
	}
	return Node{n.d, n.d.n[n.i].parent}
}

// Size returns how many nodes lie below the element: the work of going through
// Within.
func (n Node) Size() int {
	if n.i == 0 {
		return 0
	}
	end := n.d.n[n.i].end
	lo, hi := int(n.i)+1, len(n.d.n)
	for lo < hi {
		m := (lo + hi) / 2
		if n.d.n[m].start < end {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo - int(n.i) - 1
}

// TypeInfo says what R4 has under the name of a type: a resource, a primitive, or
// another type if neither. Element, BackboneElement, Resource and DomainResource
// are types.
func TypeInfo(name string) (known, resource, primitive bool) {
	s := r4()
	i, ok := s.byName[name]
	if !ok {
		switch name {
		case "Resource", "DomainResource":
			return true, true, false
		case "Element", "BackboneElement", "Quantity":
			return true, false, false
		}
		return false, false, false
	}
	t := &s.types[i]
	return true, t.resource, t.prim != primNone
}

// HasElement reports whether a type of R4 has an element called name in FHIRPath.
func HasElement(typ, name string) bool {
	s := r4()
	i, ok := s.byName[typ]
	if !ok {
		return false
	}
	for j := range s.types[i].elems {
		if s.types[i].elems[j].base == name {
			return true
		}
	}
	return false
}
