package path

import (
	"math/big"
)

// calendar are the words for durations, and the UCUM unit each is written with.
var calendar = map[string]string{
	"year": "a", "years": "a", "month": "mo", "months": "mo", "week": "wk", "weeks": "wk", "day": "d", "days": "d",
	"hour": "h", "hours": "h", "minute": "min", "minutes": "min", "second": "s", "seconds": "s", "millisecond": "ms", "milliseconds": "ms",
}

// monthsIn are the calendar units that are no fixed length of time.
var monthsIn = map[string]int64{"a": 12, "mo": 1}

// unit is a quantity's unit in UCUM's words.
func (a atom) unit() string {
	if u, ok := calendar[a.text]; ok {
		return u
	}
	return a.text
}

// common brings two quantities to one unit. ok is false when they have none in
// common: other dimensions, or a calendar month against a number of seconds.
func common(a, b atom) (x, y *big.Rat, ok bool) {
	ua, ub := a.unit(), b.unit()
	ma, mb := monthsIn[ua], monthsIn[ub]
	if a.calendar && ma > 0 || b.calendar && mb > 0 {
		if ma == 0 || mb == 0 || !(a.calendar || a.either) || !(b.calendar || b.either) {
			return nil, nil, false
		}
		return times(a.num, ma), times(b.num, mb), true
	}
	x, y = a.num.rat(), b.num.rat()
	if ua == ub {
		return x, y, true
	}
	return inUnits(x, y, ua, ub)
}

func times(n number, by int64) *big.Rat {
	r := n.rat()
	return r.Mul(r, new(big.Rat).SetInt64(by))
}

// compareQuantity orders two quantities; sure is false when they cannot be
// compared.
func compareQuantity(a, b atom) (order int, sure bool) {
	x, y, ok := common(a, b)
	if !ok {
		return 0, false
	}
	return x.Cmp(y), true
}

// likeQuantity is ~ of two quantities: the same to the digits of the less exact
// one, and a year much like 1 'a'.
func likeQuantity(a, b atom) bool {
	a.calendar, b.calendar = false, false
	if a.unit() == b.unit() {
		p := min(a.num.trim().scale, b.num.trim().scale)
		return a.num.round(p).cmp(b.num.round(p)) == 0
	}
	x, y, ok := common(a, b)
	if !ok {
		return false
	}
	d := new(big.Rat).Sub(x, y)
	bound := new(big.Rat).Abs(x)
	if v := new(big.Rat).Abs(y); v.Cmp(bound) > 0 {
		bound = v
	}
	return d.Abs(d).Cmp(bound.Mul(bound, big.NewRat(1, 100))) <= 0
}
