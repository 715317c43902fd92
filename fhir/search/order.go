package search

import (
	"bytes"
	"cmp"
	"math"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/internal/facet"
)

type sortBy uint8

const (
	byParam sortBy = iota + 1
	byID
	byTime
)

type sortKey struct {
	by    sortBy
	param fhir.Param
	down  bool
}

func (q *Query) sort(v string) error {
	for s := range strings.SplitSeq(v, ",") {
		code, down := strings.CutPrefix(s, "-")
		k := sortKey{by: byParam, down: down}
		switch code {
		case "_id":
			k.by = byID
		case "_lastUpdated":
			k.by = byTime
		default:
			p, ok := fhir.ParamOf(q.typ, code)
			if !ok || p.Kind == fhir.CompositeParam {
				return errs.E(errs.Invalid, "search: %s cannot be sorted by that", q.typ)
			}
			k.param = p
		}
		if q.sorts = append(q.sorts, k); len(q.sorts) > 8 {
			return errs.E(errs.Invalid, "search: too many parameters to sort by")
		}
	}
	return nil
}

// Compare orders two facets by _sort: negative when a comes first. A resource
// without the value comes last either way; of several values the first in the
// order counts. It does not
// allocate but for uris of the table. Sort stably: what compares as 0 has no
// order of its own.
func (q *Query) Compare(a, b []byte) int { return q.CompareAt(a, b, 0, 0) }

// CompareAt is Compare for resources that last changed at these times, in Unix
// milliseconds.
func (q *Query) CompareAt(a, b []byte, updatedA, updatedB int64) int {
	if len(q.sorts) == 0 {
		return 0
	}
	_, idA, groupsA := facet.Open(a)
	_, idB, groupsB := facet.Open(b)
	for i := range q.sorts {
		k := &q.sorts[i]
		c := 0
		switch k.by {
		case byID:
			c = orderIDs(idA, idB)
		case byTime:
			c = cmp.Compare(updatedA, updatedB)
		default:
			rowsA, okA := facet.Find(groupsA, k.param.Number)
			rowsB, okB := facet.Find(groupsB, k.param.Number)
			switch {
			case !okA && !okB:
				continue
			case !okA:
				return 1
			case !okB:
				return -1
			}
			c = k.rows(rowsA, rowsB)
		}
		if k.down {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// orderIDs compares ids as kept; UUIDs keep their order among themselves.
func orderIDs(a, b []byte) int {
	if len(a) == 0 || len(b) == 0 || a[0] == b[0] {
		return bytes.Compare(a, b)
	}
	return strings.Compare(facet.IDText(a), facet.IDText(b))
}

func (k *sortKey) rows(a, b []byte) int {
	switch k.param.Kind {
	case fhir.DateParam:
		return cmp.Compare(k.date(a), k.date(b))
	case fhir.NumberParam, fhir.QuantityParam:
		return cmp.Compare(k.number(a), k.number(b))
	}
	return order(k.text(a), k.text(b))
}

// date returns the value that counts: the earliest beginning, or the latest end.
func (k *sortKey) date(rows []byte) int64 {
	best := int64(math.MaxInt64)
	if k.down {
		best = math.MinInt64
	}
	for len(rows) > 0 {
		var d facet.Date
		if d, rows = facet.NextDate(rows); k.down {
			best = max(best, d.To)
		} else {
			best = min(best, d.From)
		}
	}
	return best
}

func (k *sortKey) number(rows []byte) float64 {
	best := math.Inf(1)
	if k.down {
		best = math.Inf(-1)
	}
	for len(rows) > 0 {
		var x facet.Quantity
		x, rows = facet.NextQuantity(rows)
		low, high, ok := bounds(&x)
		switch {
		case !ok:
		case k.down:
			best = max(best, high)
		default:
			best = min(best, low)
		}
	}
	return best
}

// text returns the text that counts. A token sorts by what is shown for it, then
// by its code.
func (k *sortKey) text(rows []byte) []byte {
	var best []byte
	for first := true; len(rows) > 0; first = false {
		var s []byte
		switch k.param.Kind {
		case fhir.TokenParam:
			var t facet.Token
			if t, rows = facet.NextToken(rows); len(t.Text) > 0 {
				s = t.Text
			} else {
				s = t.Code
			}
		case fhir.ReferenceParam:
			var r facet.Ref
			if r, rows = facet.NextRef(rows); r.ID != nil {
				s = r.ID
			} else {
				s = r.Text
			}
		case fhir.URIParam:
			var system uint64
			if system, s, rows = facet.NextURI(rows); s == nil {
				s = []byte(fhir.KnownSystemName(facet.Known(system)))
			}
		case fhir.StringParam:
			s, rows = facet.NextText(rows)
		default:
			return nil
		}
		if c := order(s, best); first || (c < 0) != k.down && c != 0 {
			best = s
		}
	}
	return best
}
