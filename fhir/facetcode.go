package fhir

import (
	"bytes"

	"rapport/fhir/internal/facet"
)

// token appends the codes of an element, and what is shown for them.
func (w *facetWriter) token(n Node) {
	switch n.Type() {
	case "Coding":
		w.rows = facet.AppendToken(w.rows, w.coded(n, "code", n.Get("display")))
	case "CodeableConcept":
		w.concept(n)
	case "Identifier":
		w.rows = facet.AppendToken(w.rows, w.coded(n, "value", n.Get("type", "text")))
	case "ContactPoint":
		w.rows = facet.AppendToken(w.rows, facet.Token{Code: copied(n.Get("value"), nil)})
	case "code", "boolean":
		w.rows = facet.AppendToken(w.rows, facet.Token{System: facet.ImpliedSystem, Code: n.bytes()})
	default:
		if w.d.isPrim(n) {
			w.rows = facet.AppendToken(w.rows, facet.Token{Code: copied(n, nil)})
		}
	}
}

func (w *facetWriter) concept(n Node) {
	shown, text := w.bare, n.Get("text")
	for c := range n.Each("coding") {
		w.rows = facet.AppendToken(w.rows, w.coded(c, "code", c.Get("display")))
		shown = shown || text.OK() && bytes.Equal(text.Raw(), c.Get("display").Raw())
	}
	if text.OK() && !shown {
		w.rows = facet.AppendToken(w.rows, facet.Token{Text: copied(text, nil)})
	}
}

// coded returns the token of a Coding or Identifier. Its parts may lie in w's
// buffers: it must be appended before the next.
func (w *facetWriter) coded(n Node, value string, shown Node) facet.Token {
	t := facet.Token{Code: copied(n.Get(value), w.a[:0])}
	if !w.bare {
		t.Text = copied(shown, w.b[:0])
	}
	t.Other = n.Get("system").bytes()
	t.System = w.d.system(t.Other)
	return t
}

// quantity appends a number, a Quantity, Money or a Range.
func (w *facetWriter) quantity(n Node) {
	var q facet.Quantity
	switch n.Type() {
	case "Range":
		low, high := n.Get("low"), n.Get("high")
		q.Value, q.High, q.Range = low.Get("value").bytes(), high.Get("value").bytes(), true
		if !low.OK() {
			low = high
		}
		w.unit(&q, low)
	case "Money":
		q.System = w.d.system([]byte("urn:iso:std:iso:4217"))
		q.Code, q.Value = n.Get("currency").bytes(), n.Get("value").bytes()
	default:
		if w.d.isPrim(n) {
			q.Value = n.bytes()
			break
		}
		q.Value = n.Get("value").bytes()
		switch string(n.Get("comparator").bytes()) {
		case "<":
			q.Comparator = '<'
		case "<=":
			q.Comparator = '('
		case ">=":
			q.Comparator = ')'
		case ">":
			q.Comparator = '>'
		}
		w.unit(&q, n)
	}
	w.rows = facet.AppendQuantity(w.rows, q)
}

func (w *facetWriter) unit(q *facet.Quantity, n Node) {
	q.Code, q.Unit = copied(n.Get("code"), w.a[:0]), copied(n.Get("unit"), w.b[:0])
	if bytes.Equal(q.Code, q.Unit) {
		q.Unit = nil
	}
	q.Other = n.Get("system").bytes()
	q.System = w.d.system(q.Other)
}
