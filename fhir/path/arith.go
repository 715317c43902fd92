package path

import (
	"math"
	"math/big"
	"time"
)

// arithmetic is + - * / div mod.
func (r *run) arithmetic(op string, a, b atom) ([]Value, error) {
	switch {
	case a.timely() && b.kind == kindQuantity && (op == "+" || op == "-"):
		return r.shift(op, a, b)
	case a.kind == kindString && b.kind == kindString && op == "+":
		if err := r.room(len(a.text) + len(b.text)); err != nil {
			return nil, err
		}
		return r.text(a.text + b.text)
	case a.kind == kindInt && b.kind == kindInt:
		return r.wholes(op, a.i, b.i)
	case a.numeric() && b.numeric():
		return r.decimals(op, a.number(), b.number())
	}
	a, b = meet(a, b)
	if a.kind == kindQuantity && b.kind == kindQuantity {
		return r.quantities(op, a, b)
	}
	return nil, fail("%s is not for %s and %s", op, kindNames[a.kind], kindNames[b.kind])
}

// wholes is arithmetic of Integers. What does not fit is nothing (FHIRPath 6.6).
func (r *run) wholes(op string, a, b int64) ([]Value, error) {
	switch op {
	case "/":
		return r.decimals(op, whole(a), whole(b))
	case "div", "mod":
		if b == 0 || a == math.MinInt64 && b == -1 {
			return nil, nil
		}
		if op == "div" {
			return []Value{Int(a / b)}, nil
		}
		return []Value{Int(a % b)}, nil
	}
	x, y, z := big.NewInt(a), big.NewInt(b), new(big.Int)
	switch op {
	case "+":
		z.Add(x, y)
	case "-":
		z.Sub(x, y)
	case "*":
		z.Mul(x, y)
	default:
		return nil, fail("%s is not for numbers", op)
	}
	if !z.IsInt64() {
		return nil, nil
	}
	return []Value{Int(z.Int64())}, nil
}

func (r *run) decimals(op string, a, b number) ([]Value, error) {
	switch op {
	case "+":
		return r.decimal(a.add(b))
	case "-":
		return r.decimal(a.add(b.neg()))
	case "*":
		return r.decimal(a.mul(b))
	case "/", "div", "mod":
		if b.zero() {
			return nil, nil
		}
	}
	switch op {
	case "/":
		return r.decimal(a.quo(b))
	case "div":
		x, y, _ := align(a, b)
		q := new(big.Int).Quo(x, y)
		if !q.IsInt64() {
			return nil, nil
		}
		return []Value{Int(q.Int64())}, nil
	case "mod":
		x, y, scale := align(a, b)
		return r.decimal(number{new(big.Int).Rem(x, y), scale})
	}
	return nil, fail("%s is not for numbers", op)
}

// quantity makes a Quantity, unless its parts have grown too long.
func (r *run) quantity(q atom) ([]Value, error) {
	if _, err := r.decimal(q.num); err != nil {
		return nil, err
	}
	if len(q.text) > maxUnit {
		return nil, fail("a unit grows too long")
	}
	return []Value{computed(q)}, nil
}

const maxUnit = 1000

func (r *run) quantities(op string, a, b atom) ([]Value, error) {
	if err := r.work(20); err != nil {
		return nil, err
	}
	switch op {
	case "+", "-":
		return r.addQuantities(op, a, b)
	case "*":
		return r.quantity(multiply(a, b))
	case "/":
		if b.num.zero() {
			return nil, nil
		}
		return r.quantity(divide(a, b))
	}
	return nil, fail("%s is not for quantities", op)
}

// addQuantities adds in the unit of the first. What has none in common is nothing.
func (r *run) addQuantities(op string, a, b atom) ([]Value, error) {
	if op == "-" {
		b.num = b.num.neg()
	}
	if a.unit() != b.unit() || a.calendar != b.calendar {
		if degrees(a.unit()) || degrees(b.unit()) {
			return nil, nil
		}
		var ok bool
		if b, ok = b.in(a); !ok {
			return nil, nil
		}
	}
	a.num = a.num.add(b.num)
	return r.quantity(a)
}

// in is a quantity in the unit of another, if it can be.
func (a atom) in(unit atom) (atom, bool) {
	unit.num = whole(1)
	x, y, ok := common(a, unit)
	if !ok || y.Sign() == 0 {
		return a, false
	}
	unit.num = fromRat(x.Quo(x, y))
	return unit, true
}

// shift moves a date or time by a duration. Only the part of the duration that
// the moment's precision can show is used (FHIRPath 6.6.7).
func (r *run) shift(op string, a, q atom) ([]Value, error) {
	unit := q.unit()
	if monthsIn[unit] > 0 && !q.calendar && !q.either {
		return nil, fail("%s cannot move a date by '%s'", op, unit)
	}
	if op == "-" {
		q.num = q.num.neg()
	}
	per, ok := unitSteps[unit]
	if !ok {
		return nil, fail("%s takes a duration to move a date by", op)
	}
	if a.kind == kindTime && per.p <= toDay {
		return nil, fail("%s takes hours or less to move a time by", op)
	}
	n := q.num
	if unit == "s" {
		n, per = n.mul(whole(1000)), unitSteps["ms"]
	}
	v, ok := n.truncate().int64()
	if !ok || v > 1e14 || v < -1e14 {
		return nil, nil
	}
	moved, ok := a.when.move(v, per, a.kind)
	if !ok {
		return nil, nil
	}
	a.when = moved
	if a.kind == kindTime {
		a.when.year, a.when.month, a.when.day = 0, 0, 0
	}
	a.text = a.when.write(a.kind)
	return []Value{computed(a)}, nil
}

// unitStep is a unit of time: the precision that shows it, and how much of that
// or, below a day, how many milliseconds it is.
type unitStep struct {
	p  precision
	by int64
}

var unitSteps = map[string]unitStep{
	"a": {toYear, 1}, "mo": {toMonth, 1}, "wk": {toDay, 7}, "d": {toDay, 1},
	"h": {toHour, 3_600_000}, "min": {toMinute, 60_000}, "s": {toSecond, 1000}, "ms": {toFraction, 1},
}

// coarser brings an amount of a unit finer than what is known to what is: to a
// year, 24 months are two and 23 are one.
func (p precision) coarser(v int64, per unitStep) (int64, unitStep) {
	switch {
	case p >= toSecond || per.p <= p:
		return v, per
	case p == toYear && per.p == toMonth:
		return v / 12, unitSteps["a"]
	case p <= toMonth:
		days := v * per.by
		if per.p > toDay {
			days /= 86_400_000
		}
		if p == toYear {
			return days / 365, unitSteps["a"]
		}
		return days / 30, unitSteps["mo"]
	}
	finest := map[precision]int64{toDay: 86_400_000, toHour: 3_600_000, toMinute: 60_000}[p]
	if p == toDay {
		return v * per.by / finest, unitSteps["d"]
	}
	return v * per.by / finest, unitStep{p, finest}
}

// move adds v units, which are at most 1e14. ok is false when the year that comes
// out cannot be written.
func (m moment) move(v int64, per unitStep, k kind) (out moment, ok bool) {
	if per.p > toDay && (v > math.MaxInt64/per.by || v < math.MinInt64/per.by) {
		return m, false
	}
	v, per = m.known.coarser(v, per)
	t := m.time()
	switch {
	case per.p <= toMonth:
		if per.p == toYear {
			v *= 12
		}
		if v > 12*10_000 || v < -12*10_000 {
			return m, false
		}
		y, mo, d := t.Date()
		first := time.Date(y, mo+time.Month(v), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
		t = first.AddDate(0, 0, min(d, lastDay(first.Year(), int(first.Month())))-1)
	case per.p == toDay:
		if v > 4_000_000 || v < -4_000_000 {
			return m, false
		}
		t = t.AddDate(0, 0, int(v*per.by))
	default:
		ms := v * per.by
		if k == kindTime {
			t = t.AddDate(2000, 0, 0) // the day goes round
			ms %= 86_400_000
		}
		days := ms / 86_400_000
		if days > 4_000_000 || days < -4_000_000 {
			return m, false
		}
		t = t.AddDate(0, 0, int(days)).Add(time.Duration(ms%86_400_000) * time.Millisecond)
	}
	if m.known == toSecond && t.Nanosecond() > 0 {
		m.known = toFraction
	}
	return m.at(t)
}
