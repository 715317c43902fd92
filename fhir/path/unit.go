package path

import (
	"math/big"
	"strings"

	"rapport/fhir/ucum"
)

// inUnits turns two amounts in different units into amounts in base units. ok is
// false when they have no dimension in common.
func inUnits(x, y *big.Rat, from, to string) (a, b *big.Rat, ok bool) {
	u, err := ucum.Parse(from)
	if err != nil {
		return nil, nil, false
	}
	v, err := ucum.Parse(to)
	if err != nil || !u.Same(v) {
		return nil, nil, false
	}
	return u.Base(x), v.Base(y), true
}

// degrees says whether a unit is one that cannot be added up: 20 'Cel' and 1 'K'.
func degrees(unit string) bool {
	u, err := ucum.Parse(unit)
	return err == nil && u.Degrees()
}

// multiply is the product of two quantities, in the product of their units.
func multiply(a, b atom) atom {
	n := a.num.mul(b.num)
	switch {
	case b.unit() == "1":
		a.num = n
		return a
	case a.unit() == "1":
		b.num = n
		return b
	}
	return atom{kind: kindQuantity, num: n, text: bracketed(a.unit()) + "." + bracketed(b.unit())}
}

// divide is the quotient of two quantities. What is left of units of the same
// dimension is a number.
func divide(a, b atom) atom {
	if b.unit() == "1" {
		a.num = a.num.quo(b.num)
		return a
	}
	if x, y, ok := common(a, b); ok && !degrees(a.unit()) {
		return atom{kind: kindQuantity, num: fromRat(x.Quo(x, y)), text: "1"}
	}
	q := atom{kind: kindQuantity, num: a.num.quo(b.num), text: "/" + bracketed(b.unit())}
	if a.unit() != "1" {
		q.text = a.unit() + q.text
	}
	return q
}

func bracketed(unit string) string {
	if strings.ContainsAny(unit, "./") {
		return "(" + unit + ")"
	}
	return unit
}
