package fhir

import (
	"bytes"
	"crypto/sha256"
	"math"
	"slices"
	"unicode/utf8"

	"rapport/fhir/internal/facet"
)

// Facet appends the resource's facet to dst: a hash of its compact body, its
// type and id, and the values of all R4 search parameters of its type. Package
// search reads it. The resource must have parsed without issues.
func (d *Doc) Facet(dst []byte) []byte {
	typ, _ := TypeNumber(d.Type())
	sum := sha256.Sum256(d.Compact())
	dst = facet.Header(dst, [16]byte(sum[:16]), typ, d.ID())
	if typ == 0 {
		return dst
	}
	t := &d.s.search[typ-1]
	d.collect(t.root)
	if d.writer == nil {
		d.writer = &facetWriter{d: d}
	}
	w := d.writer
	w.dst, w.known = dst, w.known[:0]
	hits := d.hits
	for i := range t.params {
		p := &t.params[i]
		n := 0
		for n < len(hits) && hitParam(hits[n]) == p.Number {
			n++
		}
		w.group(p, hits[:n])
		hits = hits[n:]
	}
	dst, w.dst = w.dst, nil
	return dst
}

// GoneFacet appends the facet of a deleted resource: its id and no values.
func GoneFacet(dst []byte, id string) []byte {
	return facet.Header(dst, [16]byte{}, 0, id)
}

// FacetID returns the logical id of the resource a facet belongs to.
func FacetID(f []byte) string {
	_, id, _ := facet.Open(f)
	return facet.IDText(id)
}

// FacetHash returns the first 16 bytes of the SHA-256 of the compact body.
func FacetHash(f []byte) [16]byte { return facet.Hash(f) }

// FacetType returns the type of the resource a facet belongs to, or "" for a
// deleted one.
func FacetType(f []byte) string {
	t, _, _ := facet.Open(f)
	return TypeName(t)
}

// maxFacetText bounds one text in a facet: longer ones are found by how they
// begin.
const maxFacetText = 1024

type facetWriter struct {
	d     *Doc
	dst   []byte
	rows  []byte
	outer []byte // the other one of two buffers, while a composite is built
	bare  bool   // leave out what is shown for codes
	known []wroteGroup
	a, b  [256]byte // for texts with escapes
}

type wroteGroup struct {
	p        *Param
	from, to int
}

// sameShape reports that equal rows of two parameters mean the same.
func sameShape(a, b *Param) bool {
	return a.Kind == b.Kind && slices.EqualFunc(a.Parts, b.Parts, func(x, y Param) bool { return x.Kind == y.Kind })
}

func (w *facetWriter) group(p *Param, hits []uint64) {
	if len(hits) == 0 && !p.notFalse {
		return
	}
	w.rows = w.rows[:0]
	for _, h := range hits {
		w.row(p, h)
	}
	if len(hits) == 0 {
		w.rows = facet.AppendToken(w.rows, facet.Token{System: facet.ImpliedSystem, Code: []byte("false")})
	}
	if len(w.rows) == 0 {
		return
	}
	for _, k := range w.known {
		if k.to-k.from == len(w.rows) && bytes.Equal(w.dst[k.from:k.to], w.rows) && sameShape(k.p, p) {
			w.dst = facet.Same(w.dst, p.Number, k.p.Number)
			return
		}
	}
	w.dst = facet.Group(w.dst, p.Number, w.rows)
	w.known = append(w.known, wroteGroup{p, len(w.dst) - len(w.rows), len(w.dst)})
}

func (w *facetWriter) row(p *Param, h uint64) {
	n := Node{w.d, hitNode(h)}
	if p.notFalse {
		v := "true"
		if string(n.bytes()) == "false" {
			v = "false"
		}
		w.rows = facet.AppendToken(w.rows, facet.Token{System: facet.ImpliedSystem, Code: []byte(v)})
		return
	}
	if p.Kind == CompositeParam {
		w.composite(n, hitState(h), p.Number)
		return
	}
	w.value(p.Kind, n)
}

// composite appends one tuple: the rows of each part, with their length. A tuple
// that lacks a part can never match and is left out. Nobody asks for what is
// shown for a code there, so that is too.
func (w *facetWriter) composite(n Node, state uint32, no uint16) {
	d := w.d
	w.bare = true
	for _, a := range d.s.states[state].accepts {
		if a.no != no {
			continue
		}
		begun := len(w.rows)
		for _, start := range a.parts {
			w.rows, w.outer = w.outer[:0], w.rows
			from := len(d.hits)
			d.walk(n.i, start)
			for i := from; i < len(d.hits); i++ {
				w.part(d.hits[i])
			}
			d.hits = d.hits[:from]
			part := w.rows
			w.rows, w.outer = facet.Bytes(w.outer, part), part
			if len(part) == 0 {
				w.rows = w.rows[:begun]
				break
			}
		}
	}
	w.bare = false
}

// part appends the rows a part of a composite takes at one node.
func (w *facetWriter) part(h uint64) {
	for _, a := range w.d.s.states[hitState(h)].accepts {
		if a.no == 0 {
			w.value(a.kind, Node{w.d, hitNode(h)})
		}
	}
}

func (w *facetWriter) value(kind ParamKind, n Node) {
	if w.d.n[n.i].typ == w.d.s.extension {
		if n = n.Get("value"); !n.OK() {
			return
		}
	}
	switch kind {
	case TokenParam:
		w.token(n)
	case StringParam:
		w.text(n)
	case ReferenceParam:
		w.reference(n)
	case DateParam:
		w.date(n)
	case NumberParam, QuantityParam:
		w.quantity(n)
	case URIParam:
		if w.d.isPrim(n) {
			u := n.bytes()
			w.rows = facet.AppendURI(w.rows, w.d.system(u), u)
		}
	}
}

func (d *Doc) isPrim(n Node) bool { return n.i != 0 && d.s.types[d.n[n.i].typ].prim != primNone }

func (d *Doc) system(u []byte) uint64 {
	if len(u) == 0 {
		return facet.NoSystem
	}
	return facet.System(d.s.systemNo[string(u)])
}

// copied returns a value's characters, in buf when Doc's own buffer could be
// overwritten before they are used.
func copied(n Node, buf []byte) []byte {
	b := n.bytes()
	if n.i != 0 && n.d.n[n.i].flags&flagEscape != 0 {
		b = append(buf[:0], b...)
	}
	if len(b) > maxFacetText {
		n := maxFacetText
		for n > 0 && !utf8.RuneStart(b[n]) {
			n--
		}
		b = b[:n]
	}
	return b
}

func (w *facetWriter) text(n Node) {
	if w.d.isPrim(n) {
		w.rows = facet.Bytes(w.rows, copied(n, nil))
		return
	}
	for c := range n.Children() {
		if w.d.s.types[w.d.n[c.i].typ].prim == primString {
			w.rows = facet.Bytes(w.rows, copied(c, nil))
		}
	}
}

func (w *facetWriter) reference(n Node) {
	d := w.d
	t := &d.s.types[d.n[n.i].typ]
	if t.resource {
		w.rows = facet.AppendRef(w.rows, d.s.number[t.name], n.Get("id").bytes())
		return
	}
	r := n
	if d.n[n.i].typ == d.s.reference {
		if r = n.Get("reference"); !r.OK() {
			if id := n.Get("identifier"); id.OK() {
				w.rows = facet.AppendRefIdentifier(w.rows, w.coded(id, "value", Node{}))
			} else {
				w.rows = facet.AppendRefNothing(w.rows)
			}
			return
		}
	} else if t.prim == primNone {
		return
	}
	b := r.bytes()
	typ, id := splitRef(b)
	if no := d.s.number[string(typ)]; no != 0 && bytes.HasPrefix(b, typ) {
		w.rows = facet.AppendRef(w.rows, no, id)
		return
	}
	w.rows = facet.AppendRefText(w.rows, b)
}

func (w *facetWriter) date(n Node) {
	span := facet.Date{From: math.MinInt64, To: math.MaxInt64}
	switch n.Type() {
	case "Period":
		span = period(n)
	case "Timing":
		first := true
		for e := range n.Each("event") {
			from, to := e.Time().Span()
			if first {
				span.From, span.To = from, to
			}
			span.From, span.To, first = min(span.From, from), max(span.To, to), false
		}
		if p := n.Get("repeat", "boundsPeriod"); first && p.OK() {
			span = period(p)
		}
	default:
		t := n.Time()
		if t.IsZero() {
			return
		}
		span.From, span.To = t.Span()
	}
	w.rows = facet.AppendDate(w.rows, span)
}

func period(n Node) facet.Date {
	span := facet.Date{From: math.MinInt64, To: math.MaxInt64}
	if t := n.Get("start").Time(); !t.IsZero() {
		span.From, _ = t.Span()
	}
	if t := n.Get("end").Time(); !t.IsZero() {
		_, span.To = t.Span()
	}
	if span.To < span.From {
		span.To = span.From // an end before the start: a point
	}
	return span
}
