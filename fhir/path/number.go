package path

import (
	"math/big"
	"strconv"
	"strings"
)

// number is a decimal with the places it was written with: coef × 10^-scale. It
// does not change once made. The zero number is 0.
type number struct {
	coef  *big.Int
	scale int32 // not negative
}

const (
	maxDigits = 600
	places    = 16 // of a quotient, at least
)

var ten = big.NewInt(10)

func pow10(n int32) *big.Int { return new(big.Int).Exp(ten, big.NewInt(int64(n)), nil) }

func whole(i int64) number { return number{big.NewInt(i), 0} }

func (n number) int() *big.Int {
	if n.coef == nil {
		return new(big.Int)
	}
	return n.coef
}

// parseNumber reads a decimal as FHIR writes it. What would need more than
// maxDigits digits is none.
func parseNumber(s string) (number, bool) {
	if s == "" || len(s) > maxDigits {
		return number{}, false
	}
	exp := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > maxDigits || e < -maxDigits {
			return number{}, false
		}
		s, exp = s[:i], e
	}
	body := strings.TrimLeft(s, "+-")
	if len(s)-len(body) > 1 || body == "" {
		return number{}, false
	}
	whole, frac, dot := strings.Cut(body, ".")
	if whole == "" || dot && frac == "" {
		return number{}, false
	}
	for _, c := range []byte(whole + frac) {
		if !digit(c) {
			return number{}, false
		}
	}
	c, ok := new(big.Int).SetString(whole+frac, 10)
	if !ok {
		return number{}, false
	}
	if s[0] == '-' {
		c.Neg(c)
	}
	scale := len(frac) - exp
	if scale < 0 {
		c.Mul(c, pow10(int32(-scale)))
		scale = 0
	}
	n := number{c, int32(scale)}
	return n, n.fits()
}

// fits says whether a number is short enough to work with.
func (n number) fits() bool { return n.scale <= 2*maxDigits && n.int().BitLen() <= 4*maxDigits }

func (n number) String() string {
	s := new(big.Int).Abs(n.int()).String()
	if n.scale > 0 {
		if k := int(n.scale) + 1 - len(s); k > 0 {
			s = strings.Repeat("0", k) + s
		}
		at := len(s) - int(n.scale)
		s = s[:at] + "." + s[at:]
	}
	if n.int().Sign() < 0 {
		s = "-" + s
	}
	return s
}

// align brings two numbers to the same scale.
func align(a, b number) (x, y *big.Int, scale int32) {
	x, y = a.int(), b.int()
	switch {
	case a.scale < b.scale:
		return new(big.Int).Mul(x, pow10(b.scale-a.scale)), y, b.scale
	case a.scale > b.scale:
		return x, new(big.Int).Mul(y, pow10(a.scale-b.scale)), a.scale
	}
	return x, y, a.scale
}

func (n number) cmp(m number) int {
	x, y, _ := align(n, m)
	return x.Cmp(y)
}

func (n number) add(m number) number {
	x, y, s := align(n, m)
	return number{new(big.Int).Add(x, y), s}
}

func (n number) neg() number { return number{new(big.Int).Neg(n.int()), n.scale} }
func (n number) abs() number { return number{new(big.Int).Abs(n.int()), n.scale} }
func (n number) mul(m number) number {
	return number{new(big.Int).Mul(n.int(), m.int()), n.scale + m.scale}
}

func (n number) zero() bool { return n.int().Sign() == 0 }

func (n number) rat() *big.Rat { return new(big.Rat).SetFrac(n.int(), pow10(n.scale)) }

// fromRat rounds a fraction to a decimal: exactly when it has an end near, else
// to 16 places and 18 digits at least.
func fromRat(r *big.Rat) number {
	p := int32(places)
	if d := int32(len(r.Denom().String()) - len(r.Num().String())); d > 0 {
		p = max(p, min(d+18, maxDigits))
	}
	return roundRat(r, p).trim()
}

// roundRat rounds half away from zero.
func roundRat(r *big.Rat, places int32) number {
	x := new(big.Int).Mul(r.Num(), pow10(places))
	q, m := new(big.Int).QuoRem(x, r.Denom(), new(big.Int))
	if m.Abs(m).Lsh(m, 1).Cmp(r.Denom()) >= 0 {
		q.Add(q, big.NewInt(int64(r.Sign())))
	}
	return number{q, places}
}

func (n number) quo(m number) number { return fromRat(new(big.Rat).Quo(n.rat(), m.rat())) }

// trim takes zeros off the end.
func (n number) trim() number {
	if n.scale == 0 {
		return n
	}
	s := n.int().String()
	k := min(int32(len(s)-len(strings.TrimRight(s, "0"))), n.scale)
	if n.zero() {
		k = n.scale
	}
	if k == 0 {
		return n
	}
	return number{new(big.Int).Quo(n.int(), pow10(k)), n.scale - k}
}

// round keeps that many places, half away from zero; it adds none.
func (n number) round(p int32) number {
	if p >= n.scale {
		return n
	}
	return roundRat(n.rat(), p)
}

// widen writes the number with that many places, which must not be fewer.
func (n number) widen(p int32) number {
	if p <= n.scale {
		return n
	}
	return number{new(big.Int).Mul(n.int(), pow10(p-n.scale)), p}
}

// floor keeps that many places, towards minus infinity.
func (n number) floor(p int32) number {
	if p >= n.scale {
		return n.widen(p)
	}
	q, _ := new(big.Int).DivMod(n.int(), pow10(n.scale-p), new(big.Int))
	return number{q, p}
}

func (n number) ceil(p int32) number { return n.neg().floor(p).neg() }

// truncate drops the places.
func (n number) truncate() number {
	return number{new(big.Int).Quo(n.int(), pow10(n.scale)), 0}
}

func (n number) int64() (int64, bool) {
	t := n.trim()
	return t.int().Int64(), t.scale == 0 && t.int().IsInt64()
}

func (n number) float() float64 {
	f, _ := n.rat().Float64()
	return f
}

// fromFloat is for what no fraction can say: ln, exp and the like.
func fromFloat(f float64) (number, bool) {
	n, ok := parseNumber(strconv.FormatFloat(f, 'f', 12, 64))
	return n.trim(), ok
}
