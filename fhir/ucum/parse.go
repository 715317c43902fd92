package ucum

import (
	"math/big"
	"strconv"
	"strings"

	"rapport/errs"
)

// product is a factor and the exponents of base units.
type product struct {
	factor *big.Rat
	dims   map[string]int
}

type parser struct {
	t     *tables
	s     string
	i     int
	depth int
}

func (p *parser) fail(what string) error {
	return errs.E(errs.Invalid, "ucum: %s at %d", what, p.i)
}

func (p *parser) at(c byte) bool { return p.i < len(p.s) && p.s[p.i] == c }

func (p *parser) whole() (product, error) {
	b, err := p.term()
	if err == nil && p.i != len(p.s) {
		err = p.fail("something unexpected")
	}
	return b, err
}

// term reads components joined by points and strokes, from left to right.
func (p *parser) term() (product, error) {
	if p.depth++; p.depth > maxDepth {
		return product{}, p.fail("the code is too deep")
	}
	defer func() { p.depth-- }()
	out := product{big.NewRat(1, 1), map[string]int{}}
	power := 1
	if p.at('/') {
		p.i++
		power = -1
	}
	for {
		b, err := p.component()
		if err != nil {
			return out, err
		}
		if err := p.times(&out, b, power); err != nil {
			return out, err
		}
		switch {
		case p.at('.'):
			power = 1
		case p.at('/'):
			power = -1
		default:
			return out, nil
		}
		p.i++
	}
}

var one = big.NewRat(1, 1)

// times multiplies by a power of another product.
func (p *parser) times(out *product, b product, power int) error {
	rounds := max(power, -power)
	if b.factor.Cmp(one) == 0 {
		rounds = 0
	}
	for range rounds {
		if power > 0 {
			out.factor.Mul(out.factor, b.factor)
		} else {
			out.factor.Quo(out.factor, b.factor)
		}
		if out.factor.Num().BitLen() > maxBits || out.factor.Denom().BitLen() > maxBits {
			return p.fail("the unit is too large or too small")
		}
	}
	for k, n := range b.dims {
		out.dims[k] += n * power
		if out.dims[k] > 1000 || out.dims[k] < -1000 {
			return p.fail("the exponent is too large")
		}
	}
	return nil
}

func (p *parser) component() (product, error) {
	plain := product{big.NewRat(1, 1), nil}
	switch {
	case p.at('('):
		p.i++
		b, err := p.term()
		if err != nil {
			return b, err
		}
		if !p.at(')') {
			return b, p.fail("a bracket does not end")
		}
		p.i++
		return b, p.annotation()
	case p.at('{'):
		return plain, p.annotation()
	}
	s, err := p.symbol()
	if err != nil {
		return plain, err
	}
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		if n == 0 {
			return plain, p.fail("zero is no unit")
		}
		return product{big.NewRat(int64(n), 1), nil}, p.annotation()
	}
	atom, power := exponent(s)
	u, ok := p.t.atom(atom)
	if !ok {
		return plain, p.fail("an unknown unit")
	}
	if u.zero != nil {
		return plain, p.fail("degrees cannot be part of a unit")
	}
	out := product{big.NewRat(1, 1), map[string]int{}}
	if err := p.times(&out, product{u.factor, dimensions(u.dims)}, power); err != nil {
		return out, err
	}
	return out, p.annotation()
}

// symbol reads up to what separates units; brackets keep what is in them.
func (p *parser) symbol() (string, error) {
	start, inside := p.i, false
	for ; p.i < len(p.s); p.i++ {
		c := p.s[p.i]
		switch {
		case c == '[' && !inside:
			inside = true
		case c == ']' && inside:
			inside = false
		case c <= ' ' || c > '~':
			return "", p.fail("a character that is in no code")
		case !inside && strings.IndexByte("./(){}", c) >= 0:
			if p.i == start {
				return "", p.fail("a unit is expected")
			}
			return p.s[start:p.i], nil
		}
	}
	if inside || p.i == start {
		return "", p.fail("the code ends too early")
	}
	return p.s[start:], nil
}

// annotation passes {what is in braces}.
func (p *parser) annotation() error {
	if !p.at('{') {
		return nil
	}
	n := strings.IndexByte(p.s[p.i:], '}')
	if n < 0 {
		return p.fail("an annotation does not end")
	}
	p.i += n + 1
	return nil
}

// exponent cuts the exponent off a symbol: m2, s-1, 10*3.
func exponent(s string) (atom string, power int) {
	i := len(s)
	for i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
		i--
	}
	if i == len(s) {
		return s, 1
	}
	if i > 0 && (s[i-1] == '-' || s[i-1] == '+') {
		i--
	}
	n, err := strconv.Atoi(s[i:])
	if err != nil || n > 99 || n < -99 {
		return "", 1
	}
	return s[:i], n
}

// atom finds a unit, with or without a prefix.
func (t *tables) atom(s string) (Unit, bool) {
	if e, ok := t.units[s]; ok {
		return e.unit, true
	}
	for n := 1; n <= 2 && n < len(s); n++ {
		f, ok := t.prefix[s[:n]]
		if !ok {
			continue
		}
		if e, ok := t.units[s[n:]]; ok && e.metric && e.unit.zero == nil {
			return Unit{factor: new(big.Rat).Mul(f, e.unit.factor), dims: e.unit.dims}, true
		}
	}
	return Unit{}, false
}

// dimensions reads what key wrote.
func dimensions(s string) map[string]int {
	out := map[string]int{}
	for s != "" {
		i := 0
		for inside := false; i < len(s); i++ {
			if s[i] == '[' {
				inside = true
			} else if s[i] == ']' {
				inside = false
			} else if c := s[i]; !inside && (c == '-' || c >= '0' && c <= '9') {
				break
			}
		}
		k := i + 1
		for k < len(s) && s[k] >= '0' && s[k] <= '9' {
			k++
		}
		n, err := strconv.Atoi(s[i:k])
		if err != nil {
			return out
		}
		out[s[:i]] += n
		s = s[k:]
	}
	return out
}
