package path

import (
	"math"
	"math/big"
)

// FHIRPath 5.7, math, and the sums SDC and CQL people expect.
var maths = map[string]*function{
	"abs":          {0, 0, fnAbs},
	"ceiling":      {0, 0, numeric(func(c *call, n number) ([]Value, error) { return c.whole(n.ceil(0)) })},
	"floor":        {0, 0, numeric(func(c *call, n number) ([]Value, error) { return c.whole(n.floor(0)) })},
	"truncate":     {0, 0, numeric(func(c *call, n number) ([]Value, error) { return c.whole(n.truncate()) })},
	"round":        {0, 1, numeric(fnRound)},
	"exp":          {0, 0, numeric(func(_ *call, n number) ([]Value, error) { return real(math.Exp(n.float())), nil })},
	"ln":           {0, 0, numeric(func(_ *call, n number) ([]Value, error) { return real(math.Log(n.float())), nil })},
	"sqrt":         {0, 0, numeric(func(_ *call, n number) ([]Value, error) { return real(math.Sqrt(n.float())), nil })},
	"log":          {1, 1, numeric(fnLog)},
	"power":        {1, 1, numeric(fnPower)},
	"precision":    {0, 0, fnPrecision},
	"lowBoundary":  {0, 1, func(c *call) ([]Value, error) { return c.boundary(0) }},
	"highBoundary": {0, 1, func(c *call) ([]Value, error) { return c.boundary(1) }},
	"comparable":   {1, 1, fnComparable},
	"sum":          {0, 0, fnSum},
	"avg":          {0, 0, fnAvg},
	"min":          {0, 0, func(c *call) ([]Value, error) { return c.extreme(-1) }},
	"max":          {0, 0, func(c *call) ([]Value, error) { return c.extreme(1) }},
}

func numeric(f func(c *call, n number) ([]Value, error)) func(c *call) ([]Value, error) {
	return func(c *call) ([]Value, error) {
		a, ok, err := c.one()
		if err != nil || !ok {
			return nil, err
		}
		if !a.numeric() {
			return nil, fail("%s() is for a number, not for %s", c.name(), kindNames[a.kind])
		}
		return f(c, a.number())
	}
}

// whole makes an Integer, or nothing if it does not fit.
func (c *call) whole(n number) ([]Value, error) {
	i, ok := n.int64()
	if !ok {
		return nil, nil
	}
	return []Value{Int(i)}, nil
}

// real makes a Decimal of what has no exact digits.
func real(f float64) []Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	n, ok := fromFloat(f)
	if !ok {
		return nil
	}
	return []Value{computed(atom{kind: kindDecimal, num: n})}
}

func fnAbs(c *call) ([]Value, error) {
	a, ok, err := c.one()
	if err != nil || !ok {
		return nil, err
	}
	switch {
	case a.kind == kindInt && a.i == math.MinInt64:
		return nil, nil
	case a.kind == kindInt && a.i < 0:
		a.i = -a.i
	case a.kind == kindDecimal, a.kind == kindQuantity:
		a.num = a.num.abs()
	case a.kind != kindInt:
		return nil, fail("abs() is for a number, not for %s", kindNames[a.kind])
	}
	return []Value{computed(a)}, nil
}

func fnRound(c *call, n number) ([]Value, error) {
	p := int64(0)
	if c.takes() > 0 {
		var ok bool
		var err error
		if p, ok, err = c.argInt(0); err != nil || !ok {
			return nil, err
		}
		if p < 0 {
			return nil, fail("round() takes a number of places from 0 up")
		}
	}
	return c.run.decimal(n.round(int32(min(p, maxDigits))))
}

func fnLog(c *call, n number) ([]Value, error) {
	a, ok, err := c.argAtom(0)
	if err != nil || !ok {
		return nil, err
	}
	if !a.numeric() {
		return nil, fail("log() takes a number")
	}
	return real(math.Log(n.float()) / math.Log(a.number().float())), nil
}

func fnPower(c *call, n number) ([]Value, error) {
	a, ok, err := c.argAtom(0)
	if err != nil || !ok {
		return nil, err
	}
	if !a.numeric() {
		return nil, fail("power() takes a number")
	}
	if a.kind != kindInt || a.i < 0 || int64(n.int().BitLen()+1)*a.i > 4*maxDigits {
		return real(math.Pow(n.float(), a.number().float())), nil
	}
	p := number{new(big.Int).Exp(n.int(), big.NewInt(a.i), nil), n.scale * int32(a.i)}
	if n.scale == 0 && p.int().IsInt64() {
		return []Value{Int(p.int().Int64())}, nil
	}
	return c.run.decimal(p)
}

// fnPrecision counts the digits known: after the point of a Decimal, of a date or
// time all.
func fnPrecision(c *call) ([]Value, error) {
	a, ok, err := c.one()
	if err != nil || !ok {
		return nil, err
	}
	switch {
	case a.numeric():
		return []Value{Int(int64(a.number().scale))}, nil
	case a.timely():
		return []Value{Int(int64(a.digits()))}, nil
	}
	return nil, nil
}

// boundary is lowBoundary() (side 0) and highBoundary() (side 1).
func (c *call) boundary(side int) ([]Value, error) {
	a, ok, err := c.one()
	if err != nil || !ok {
		return nil, err
	}
	p := int64(-1)
	if c.takes() > 0 {
		if p, ok, err = c.argInt(0); err != nil || !ok {
			return nil, err
		}
		if p < 0 || p > 100 {
			return nil, nil
		}
	}
	if a.timely() {
		a, ok := a.boundary(side, int(p))
		if !ok {
			return nil, nil
		}
		return []Value{computed(a)}, nil
	}
	if !a.numeric() && a.kind != kindQuantity {
		return nil, fail("%s() is for a number, date or time, not for %s", c.name(), kindNames[a.kind])
	}
	if p < 0 {
		p = 8
	}
	if p > 31 {
		return nil, nil
	}
	n := a.number()
	half := number{big.NewInt(5), n.scale + 1}
	if side == 0 {
		n = n.add(half.neg()).floor(int32(p))
	} else {
		n = n.add(half).ceil(int32(p))
	}
	if a.kind == kindInt {
		a.kind = kindDecimal
	}
	a.num = n
	return []Value{computed(a)}, nil
}

func fnComparable(c *call) ([]Value, error) {
	a, ok, err := c.one()
	if err != nil || !ok {
		return nil, err
	}
	b, ok, err := c.argAtom(0)
	if err != nil || !ok {
		return nil, err
	}
	if a.kind != kindQuantity || b.kind != kindQuantity {
		return nil, fail("comparable() is for quantities")
	}
	_, sure := compareQuantity(a, b)
	return boolean(sure), nil
}

func fnSum(c *call) ([]Value, error) {
	var total atom
	for i := range c.on {
		a, ok, err := c.single(c.on[i : i+1])
		if err != nil || !ok {
			return nil, err
		}
		if i == 0 {
			total = a
			if !a.numeric() && a.kind != kindQuantity {
				return nil, fail("%s() is for numbers, not for %s", c.name(), kindNames[a.kind])
			}
			continue
		}
		vs, err := c.run.arithmetic("+", total, a)
		if err != nil || len(vs) == 0 {
			return nil, err
		}
		total = *vs[0].atom
	}
	if len(c.on) == 0 {
		return nil, nil
	}
	return []Value{computed(total)}, nil
}

func fnAvg(c *call) ([]Value, error) {
	vs, err := fnSum(c)
	if err != nil || len(vs) == 0 {
		return nil, err
	}
	return c.run.arithmetic("/", *vs[0].atom, atom{kind: kindInt, i: int64(len(c.on))})
}

// extreme is min() (-1) and max() (1). It is nothing when two cannot be compared.
func (c *call) extreme(side int) ([]Value, error) {
	var best atom
	for i := range c.on {
		a, ok, err := c.single(c.on[i : i+1])
		if err != nil || !ok {
			return nil, err
		}
		if i == 0 {
			best = a
			continue
		}
		d, sure, ok := order(a, best)
		if !ok {
			return nil, fail("%s() cannot compare %s with %s", c.name(), kindNames[a.kind], kindNames[best.kind])
		}
		if !sure {
			return nil, nil
		}
		if d*side > 0 {
			best = a
		}
	}
	if len(c.on) == 0 {
		return nil, nil
	}
	return []Value{computed(best)}, nil
}
