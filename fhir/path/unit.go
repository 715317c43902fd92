package path

import "math/big"

// convert brings two numbers in different units to one.
func convert(x, y *big.Rat, from, to string) (a, b *big.Rat, ok bool) { return nil, nil, false }

// offset says whether a unit's zero is not where its dimension's is.
func offset(unit string) bool { return unit == "Cel" || unit == "[degF]" || unit == "[degRe]" }

func multiply(a, b atom) (number, string) {
	n := a.num.mul(b.num)
	switch {
	case a.unit() == "1":
		return n, b.unit()
	case b.unit() == "1":
		return n, a.unit()
	}
	return n, a.unit() + "." + b.unit()
}

func divide(a, b atom) (number, string) {
	n := a.num.quo(b.num)
	switch {
	case b.unit() == "1":
		return n, a.unit()
	case a.unit() == b.unit():
		return n, "1"
	}
	return n, a.unit() + "/" + b.unit()
}
