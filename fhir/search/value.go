package search

import (
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/internal/facet"
)

// value is one thing to compare with, in the shape that makes comparing cheap.
type value struct {
	prefix prefix

	// token, quantity, identifier
	anySystem bool
	system    uint64
	other     string
	code      string // "" for any

	text string // a folded text, or an exact one; a uri; a reference that is a text

	typ uint16 // reference
	id  string // as kept

	from, to int64 // date

	num, low, high float64 // number, quantity: the number and what it stands for, [low, high)

	parts []value // composite
}

type prefix uint8

const (
	eq prefix = iota + 1
	ne
	gt
	lt
	ge
	le
	sa
	eb
	ap
)

var prefixes = map[string]prefix{"eq": eq, "ne": ne, "gt": gt, "lt": lt, "ge": ge, "le": le, "sa": sa, "eb": eb, "ap": ap}

func takePrefix(s string) (prefix, string) {
	if len(s) > 2 {
		if p, ok := prefixes[s[:2]]; ok {
			return p, s[2:]
		}
	}
	return eq, s
}

func newValue(p fhir.Param, m modifier, s string) (value, error) {
	bad := errs.E(errs.Invalid, "search: not a value for %s", p.Code)
	if s == "" {
		return value{}, bad
	}
	switch p.Kind {
	case fhir.TokenParam:
		if m == text {
			return value{text: fold(unescape(s))}, nil
		}
		return tokenValue(s), nil
	case fhir.StringParam:
		v := value{text: unescape(s)}
		if m != exact {
			v.text = fold(v.text)
		}
		return v, nil
	case fhir.ReferenceParam:
		if m == byIdentifier {
			return tokenValue(s), nil
		}
		return referenceValue(unescape(s)), nil
	case fhir.URIParam:
		u := unescape(s)
		return value{system: facet.System(fhir.KnownSystem(u)), text: u}, nil
	case fhir.DateParam:
		if v, ok := dateValue(s); ok {
			return v, nil
		}
	case fhir.NumberParam, fhir.QuantityParam:
		if v, ok := quantityValue(s); ok {
			return v, nil
		}
	case fhir.CompositeParam:
		parts := split(s, '$')
		if len(parts) != len(p.Parts) {
			return value{}, bad
		}
		var v value
		for i, x := range parts {
			pv, err := newValue(p.Parts[i], plain, x)
			if err != nil {
				return v, bad
			}
			v.parts = append(v.parts, pv)
		}
		return v, nil
	}
	return value{}, bad
}

// tokenValue reads code, system|code, |code and system|.
func tokenValue(s string) value {
	parts := split(s, '|')
	if len(parts) == 1 {
		return value{anySystem: true, code: unescape(s)}
	}
	v := value{code: unescape(strings.Join(parts[1:], "|"))}
	v.setSystem(unescape(parts[0]))
	return v
}

func (v *value) setSystem(s string) {
	if s == "" {
		v.system = facet.NoSystem
		return
	}
	v.system = facet.System(fhir.KnownSystem(s))
	if v.system == facet.OtherSystem {
		v.other = s
	}
}

// referenceValue reads an id, Type/id, or an absolute reference.
func referenceValue(s string) value {
	typ, id, ok := strings.Cut(s, "/")
	if !ok {
		return value{id: string(facet.AppendID(nil, []byte(s))), text: s}
	}
	if n, known := fhir.TypeNumber(typ); known {
		id, _, _ = strings.Cut(id, "/_history/")
		return value{typ: n, id: string(facet.AppendID(nil, []byte(id)))}
	}
	return value{text: s}
}

func dateValue(s string) (value, bool) {
	p, s := takePrefix(s)
	v := value{prefix: p}
	if t, ok := fhir.ParseTime(s); ok {
		v.from, v.to = t.Span()
		return v, true
	}
	// Search allows a time to the minute, and a plus in an address is a space.
	if len(s) >= 16 && s[10] == 'T' {
		date, rest := s[:16], strings.Replace(s[16:], " ", "+", 1)
		if t, ok := fhir.ParseTime(date + ":00" + rest); ok {
			v.from, _ = t.Span()
			v.to = v.from + 60
			return v, true
		}
		if t, ok := fhir.ParseTime(date + rest); ok {
			v.from, v.to = t.Span()
			return v, true
		}
	}
	return v, false
}

// quantityValue reads number, number|system|code and number||code.
func quantityValue(s string) (value, bool) {
	parts := split(s, '|')
	if len(parts) > 3 {
		return value{}, false
	}
	p, number := takePrefix(parts[0])
	v := value{prefix: p, anySystem: true}
	n, half, ok := decimal([]byte(number))
	if !ok {
		return v, false
	}
	v.num, v.low, v.high = n, n-half, n+half
	if p == ap {
		tenth := max(n, -n) / 10
		v.low, v.high = n-max(tenth, half), n+max(tenth, half)
	}
	if len(parts) == 3 {
		v.code = unescape(parts[2])
	}
	if len(parts) > 1 && parts[1] != "" {
		v.anySystem = false
		v.setSystem(unescape(parts[1]))
	}
	return v, true
}
