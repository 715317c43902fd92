package search

import (
	"math"
	"strings"

	"rapport/fhir"
	"rapport/fhir/internal/facet"
)

// Match reports whether a facet meets every condition. It does not
// allocate, but for :above and :below. A facet of another type or of a deleted
// resource never matches, nor does any when the query asks about _lastUpdated:
// that needs MatchAt.
func (q *Query) Match(f []byte) bool { return len(q.when) == 0 && q.MatchAt(f, 0) }

// MatchAt is Match for a resource that last changed at a time, in Unix
// milliseconds.
func (q *Query) MatchAt(f []byte, updated int64) bool {
	typ, id, groups := facet.Open(f)
	if typ != q.number {
		return false
	}
	for i := range q.ids {
		if !oneOf(q.ids[i], id) {
			return false
		}
	}
	for i := range q.when {
		at := floorDiv(updated, 1000)
		if !q.when[i].date(facet.Date{From: at, To: at + 1}) {
			return false
		}
	}
	for i := range q.conds {
		if !q.conds[i].holds(groups) {
			return false
		}
	}
	return true
}

func floorDiv(a, b int64) int64 {
	d := a / b
	if a%b < 0 {
		d--
	}
	return d
}

func oneOf(list []string, b []byte) bool {
	for _, s := range list {
		if s == string(b) {
			return true
		}
	}
	return false
}

func (c *cond) holds(groups []byte) bool {
	if c.param.Kind == fhir.CompositeParam && c.mod == plain {
		return c.composite(groups)
	}
	rows, ok := facet.Find(groups, c.param.Number)
	switch c.mod {
	case missing:
		return !ok
	case present:
		return ok
	case not:
		return !c.any(rows)
	}
	return ok && c.any(rows)
}

// any says whether any row meets any value.
func (c *cond) any(rows []byte) bool {
	for i := range c.vals {
		if c.vals[i].among(rows, c.param.Kind, c.mod) {
			return true
		}
	}
	return false
}

// composite says whether the parts of a value hold together: over the resource's
// own parameters, or within one element.
func (c *cond) composite(groups []byte) bool {
	for i := range c.vals {
		v := &c.vals[i]
		if c.param.Root && v.together(c.param.Parts, groups) {
			return true
		}
		if !c.param.Nested {
			continue
		}
		tuples, _ := facet.Find(groups, c.param.Number)
		for len(tuples) > 0 {
			all := true
			for j := range v.parts {
				var rows []byte
				rows, tuples = facet.NextText(tuples)
				all = all && len(rows) > 0 && v.parts[j].among(rows, c.param.Parts[j].Kind, plain)
			}
			if all {
				return true
			}
		}
	}
	return false
}

func (v *value) together(parts []fhir.Param, groups []byte) bool {
	for j := range v.parts {
		rows, ok := facet.Find(groups, parts[j].Number)
		if !ok || !v.parts[j].among(rows, parts[j].Kind, plain) {
			return false
		}
	}
	return true
}

// among says whether any row meets the value.
func (v *value) among(rows []byte, kind fhir.ParamKind, m modifier) bool {
	for len(rows) > 0 {
		hit := false
		switch kind {
		case fhir.TokenParam:
			var t facet.Token
			t, rows = facet.NextToken(rows)
			if m == text {
				hit = len(t.Text) > 0 && contains(t.Text, v.text, atWords)
			} else {
				hit = v.token(&t)
			}
		case fhir.StringParam:
			var s []byte
			s, rows = facet.NextText(rows)
			hit = v.string(s, m)
		case fhir.ReferenceParam:
			var r facet.Ref
			r, rows = facet.NextRef(rows)
			if m == byIdentifier {
				hit = r.Named && v.token(&r.Identifier)
			} else {
				hit = v.reference(&r)
			}
		case fhir.DateParam:
			var d facet.Date
			d, rows = facet.NextDate(rows)
			hit = v.date(d)
		case fhir.NumberParam, fhir.QuantityParam:
			var x facet.Quantity
			x, rows = facet.NextQuantity(rows)
			hit = v.quantity(&x)
		case fhir.URIParam:
			var sys uint64
			var s []byte
			sys, s, rows = facet.NextURI(rows)
			hit = v.uri(sys, s, m)
		default:
			return false
		}
		if hit {
			return true
		}
	}
	return false
}

func (v *value) token(t *facet.Token) bool {
	if v.code != "" && v.code != string(t.Code) {
		return false
	}
	if v.anySystem {
		return true
	}
	// A code element has one system, which the facet does not repeat: asking for
	// system|code asks for the code.
	if t.System == facet.ImpliedSystem {
		return v.code != "" && v.system != facet.NoSystem
	}
	return v.system == t.System && (v.system != facet.OtherSystem || v.other == string(t.Other)) && (v.code != "" || len(t.Code) > 0)
}

func (v *value) string(s []byte, m modifier) bool {
	switch m {
	case exact:
		return v.text == string(s)
	case containing:
		return contains(s, v.text, anywhere)
	}
	return begins(s, v.text)
}

func (v *value) reference(r *facet.Ref) bool {
	if r.ID != nil {
		return v.id != "" && v.id == string(r.ID) && (v.typ == 0 || v.typ == r.Type)
	}
	if v.text == "" || len(r.Text) < len(v.text) || string(r.Text[:len(v.text)]) != v.text {
		return false
	}
	return len(r.Text) == len(v.text) || r.Text[len(v.text)] == '|' // a canonical's version
}

func (v *value) uri(system uint64, s []byte, m modifier) bool {
	if m == plain {
		return system == v.system && (system != facet.OtherSystem || string(s) == v.text)
	}
	if system != facet.OtherSystem {
		known := fhir.KnownSystemName(facet.Known(system))
		if m == above {
			return under(v.text, known)
		}
		return under(known, v.text)
	}
	if m == above {
		return under(v.text, string(s))
	}
	return under(string(s), v.text)
}

// under says whether a uri is another or lies under it. URNs lie nowhere (R4
// search, 3.1.1.4.17).
func under(u, top string) bool {
	if top == "" || strings.HasPrefix(u, "urn:") || len(u) < len(top) || u[:len(top)] != top {
		return false
	}
	return len(u) == len(top) || strings.IndexByte(":/?#", u[len(top)]) >= 0 || strings.IndexByte(":/", top[len(top)-1]) >= 0
}

func (c *cond) date(d facet.Date) bool {
	for i := range c.vals {
		if c.vals[i].date(d) {
			return true
		}
	}
	return false
}

// date compares ranges (R4 search, 3.1.1.4.7 and the table of prefixes).
func (v *value) date(d facet.Date) bool {
	within := v.from <= d.From && d.To <= v.to
	switch v.prefix {
	case eq:
		return within
	case ne:
		return !within
	case gt:
		return d.To > v.to
	case lt:
		return d.From < v.from
	case ge:
		return within || d.To > v.to
	case le:
		return within || d.From < v.from
	case sa:
		return d.From >= v.to
	case eb:
		return d.To <= v.from
	case ap:
		return d.From < v.to && v.from < d.To
	}
	return false
}

// quantity compares numbers. The number asked for stands for what rounds to it;
// the number kept is taken as exact, unless it is a range or has a comparator.
func (v *value) quantity(q *facet.Quantity) bool {
	if v.code != "" && v.code != string(q.Code) && (!v.anySystem || v.code != string(q.Unit)) {
		return false
	}
	if !v.anySystem && (v.system != q.System || (v.system == facet.OtherSystem && v.other != string(q.Other))) {
		return false
	}
	low, high, ok := bounds(q)
	if !ok {
		return false
	}
	within := v.low <= low && (high < v.high || high == low && low == v.low)
	switch v.prefix {
	case eq:
		return within
	case ne:
		return !within
	case gt:
		return high > v.num
	case lt:
		return low < v.num
	case ge:
		return high >= v.num
	case le:
		return low <= v.num
	case sa:
		return low > v.num
	case eb:
		return high < v.num
	case ap:
		return low <= v.high && v.low <= high
	}
	return false
}

// bounds returns the numbers a kept quantity may stand for, [low, high].
func bounds(q *facet.Quantity) (low, high float64, ok bool) {
	if q.Range {
		low, high = math.Inf(-1), math.Inf(1)
		a, _, is := decimal(q.Value)
		if is {
			low = a
		}
		b, _, has := decimal(q.High)
		if has {
			high = b
		}
		return low, high, is || has
	}
	n, _, ok := decimal(q.Value)
	low, high = n, n
	switch q.Comparator {
	case '<':
		low, high = math.Inf(-1), math.Nextafter(n, math.Inf(-1))
	case '(':
		low = math.Inf(-1)
	case ')':
		high = math.Inf(1)
	case '>':
		low, high = math.Nextafter(n, math.Inf(1)), math.Inf(1)
	}
	return low, high, ok
}
