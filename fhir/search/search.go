// Package search evaluates FHIR R4 search parameters over facets, in memory and
// without opening a resource. It refuses what would leave the chart: chaining,
// _has and _include are errs.Invalid here, and so is everything it does not
// know, because a filter that is ignored shows too much.
package search

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/internal/facet"
)

// Query is a parsed search over one resource type. It does not change and may be
// used by many at once.
type Query struct {
	typ    string
	number uint16
	conds  []cond
	ids    [][]string // each _id: one of these
	when   []cond     // each _lastUpdated
	sorts  []sortKey
	count  int
}

// Params returns the codes of the parameters the query asks about or sorts by,
// _id and _lastUpdated apart, so that a gate can refuse those that would tell.
func (q *Query) Params() []string {
	var out []string
	for _, c := range q.conds {
		out = append(out, c.param.Code)
	}
	for _, k := range q.sorts {
		if k.param.Code != "" {
			out = append(out, k.param.Code)
		}
	}
	return out
}

// cond is one repetition of a parameter: it holds when any of its values does.
type cond struct {
	param fhir.Param
	mod   modifier
	vals  []value
}

type modifier uint8

const (
	plain modifier = iota + 1
	not
	text
	exact
	containing
	missing
	present // :missing=false
	byIdentifier
	above // the uri asked for, or one it lies under
	below // the uri asked for, or one that lies under it
)

var modifiers = map[string]modifier{"not": not, "text": text, "exact": exact, "contains": containing, "missing": missing, "identifier": byIdentifier, "above": above, "below": below}

// allowed says which modifiers a kind of parameter takes; :missing goes with all
// that have rows of their own.
func (m modifier) allowed(k fhir.ParamKind) bool {
	switch m {
	case plain:
		return true
	case missing, present:
		return k != fhir.CompositeParam
	case not, text:
		return k == fhir.TokenParam
	case exact, containing:
		return k == fhir.StringParam
	case byIdentifier:
		return k == fhir.ReferenceParam
	case above, below:
		return k == fhir.URIParam
	}
	return false
}

const (
	maxConds  = 64
	maxValues = 1000
	maxCount  = 1_000_000
)

// Parse reads the parameters of a search over one resource type. An error is
// errs.Invalid; it names parameters R4 has and never a value. Parameters about
// the answer rather than the question (_format, _summary, _elements …) are the
// caller's to take out first.
func Parse(typ string, params url.Values) (*Query, error) {
	no, ok := fhir.TypeNumber(typ)
	if !ok {
		return nil, errs.E(errs.Invalid, "search: no such resource type")
	}
	q := &Query{typ: typ, number: no}
	keys := make([]string, 0, len(params))
	for k := range params {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		for _, v := range params[k] {
			if err := q.add(k, v); err != nil {
				return nil, err
			}
		}
	}
	if len(q.conds)+len(q.ids)+len(q.when) > maxConds {
		return nil, errs.E(errs.Invalid, "search: more than %d conditions", maxConds)
	}
	slices.SortStableFunc(q.conds, func(a, b cond) int { return cmp.Compare(a.param.Number, b.param.Number) })
	return q, nil
}

func (q *Query) add(key, v string) error {
	code, mod, modified := strings.Cut(key, ":")
	switch {
	case strings.ContainsRune(key, '.'):
		return errs.E(errs.Invalid, "search: chained parameters are not supported")
	case code == "_has" || code == "_include" || code == "_revinclude":
		return errs.E(errs.Invalid, "search: %s is not supported", code)
	case code == "_sort" && !modified:
		return q.sort(v)
	case code == "_count" && !modified:
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > maxCount {
			return errs.E(errs.Invalid, "search: _count must be a number from 1")
		}
		q.count = n
		return nil
	case code == "_id" && !modified:
		ids := split(v, ',')
		if len(ids) > maxValues {
			return errs.E(errs.Invalid, "search: too many values for _id")
		}
		for i := range ids {
			ids[i] = string(facet.AppendID(nil, []byte(unescape(ids[i]))))
		}
		q.ids = append(q.ids, ids)
		return nil
	case code == "_lastUpdated" && !modified:
		c, err := newCond(fhir.Param{Code: code, Kind: fhir.DateParam}, "", v)
		q.when = append(q.when, c)
		return err
	}
	p, ok := fhir.ParamOf(q.typ, code)
	if !ok {
		return errs.E(errs.Invalid, "search: %s has no parameter %s", q.typ, known(code))
	}
	if modified && mod == "" {
		return errs.E(errs.Invalid, "search: %s: a modifier is missing", code)
	}
	c, err := newCond(p, mod, v)
	q.conds = append(q.conds, c)
	return err
}

// known returns a parameter's name if R4 has it anywhere, so that an error does
// not repeat what somebody typed in the wrong place.
func known(code string) string {
	for _, t := range fhir.Types() {
		if _, ok := fhir.ParamOf(t, code); ok {
			return code
		}
	}
	return "of that name"
}

func newCond(p fhir.Param, mod, v string) (cond, error) {
	c := cond{param: p, mod: plain}
	typ := uint16(0)
	if mod != "" {
		m, ok := modifiers[mod]
		if t, isType := fhir.TypeNumber(mod); isType && p.Kind == fhir.ReferenceParam {
			m, ok, typ = plain, true, t
		}
		if !ok || !m.allowed(p.Kind) {
			return c, errs.E(errs.Invalid, "search: %s does not take that modifier", p.Code)
		}
		c.mod = m
	}
	if c.mod == missing {
		switch v {
		case "true":
		case "false":
			c.mod = present
		default:
			return c, errs.E(errs.Invalid, "search: %s:missing must be true or false", p.Code)
		}
		return c, nil
	}
	vals := split(v, ',')
	if len(vals) > maxValues {
		return c, errs.E(errs.Invalid, "search: too many values for %s", p.Code)
	}
	for _, s := range vals {
		x, err := newValue(p, c.mod, s)
		if err != nil {
			return c, err
		}
		if typ != 0 {
			if x.typ != 0 && x.typ != typ {
				return c, errs.E(errs.Invalid, "search: %s names two types", p.Code)
			}
			x.typ = typ
		}
		c.vals = append(c.vals, x)
	}
	return c, nil
}

// Type returns the resource type the query is over.
func (q *Query) Type() string { return q.typ }

// Count returns how many results were asked for, or 0 when it was left open.
func (q *Query) Count() int { return q.count }

// NeedsTime reports that the query filters or sorts by _lastUpdated, so that
// MatchAt and CompareAt must be used.
func (q *Query) NeedsTime() bool {
	return len(q.when) > 0 || slices.ContainsFunc(q.sorts, func(s sortKey) bool { return s.by == byTime })
}

// split cuts s at sep, but not where a backslash precedes it (R4 search,
// 3.1.1.4.0.1). The parts keep their escapes.
func split(s string, sep byte) []string {
	var out []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
