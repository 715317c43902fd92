// Package ucum reads the unit codes of UCUM (case sensitive) and tells which can
// be turned into each other, and by how much, exactly. It knows the prefixes and
// units of UCUM's essence 2.0.1, which table.txt holds in a shorter form; the test
// TestTable makes it anew with -update from ucum-essence.xml.
//
// It refuses what it does not know, and does not translate the units whose scale
// is not a ratio, except degrees of temperature: a pH is only comparable with a
// pH. It does not check that a code is one people would use.
//
// The table is derived from the UCUM tables, copyright Regenstrief Institute, Inc.
// and the UCUM Organization, used under the UCUM licence (ucum.org/license); it
// leaves out names, symbols and properties and changes no value.
package ucum

import (
	_ "embed" // for table.txt
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"

	"rapport/errs"
)

// Unit is a unit as so much of UCUM's base units. The zero Unit is none.
type Unit struct {
	factor *big.Rat
	zero   *big.Rat // of degrees: where their zero lies, in kelvin; nil elsewhere
	dims   string   // base units with their exponents, sorted
}

const (
	maxCode  = 256
	maxDepth = 16
	maxBits  = 8192
)

//go:embed table.txt
var table string

type entry struct {
	metric bool
	unit   Unit
}

type tables struct {
	prefix map[string]*big.Rat
	units  map[string]entry
}

// known is the table, read on first use. That it can be read is a matter of the
// build, so it panics rather than answer.
var known = sync.OnceValue(func() *tables {
	t, err := read(table)
	if err != nil {
		panic("ucum: table.txt: " + err.Error())
	}
	return t
})

// read reads lines of a kind, a code, a value and a unit. The kinds are p for a
// prefix, b for a base unit, u and m for a unit without and with prefixes, a and A
// for an arbitrary one, s and S for one with a scale of its own.
func read(text string) (*tables, error) {
	t := &tables{map[string]*big.Rat{}, map[string]entry{}}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	// A unit may be made of later ones: go round until all are known.
	for len(lines) > 0 {
		var later []string
		for _, l := range lines {
			ok, err := t.line(strings.Fields(l))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", l, err)
			}
			if !ok {
				later = append(later, l)
			}
		}
		if len(later) == len(lines) {
			return nil, fmt.Errorf("%s: made of unknown units", lines[0])
		}
		lines = later
	}
	return t, nil
}

func (t *tables) line(f []string) (ok bool, err error) {
	if len(f) < 2 || len(f[0]) != 1 {
		return false, fmt.Errorf("a line that is none")
	}
	kind, code := f[0][0], f[1]
	metric := strings.IndexByte("bmAS", kind) >= 0
	switch kind {
	case 'b', 'a', 'A', 's', 'S':
		u := Unit{factor: big.NewRat(1, 1), dims: code + "1"}
		if d, ok := degrees[code]; ok {
			u = Unit{big.NewRat(d[0], d[1]), big.NewRat(d[2], d[3]), "K1"}
		}
		t.units[code] = entry{metric, u}
		return true, nil
	}
	if len(f) < 3 {
		return false, fmt.Errorf("a line without a value")
	}
	v, good := new(big.Rat).SetString(f[2])
	if !good {
		return false, fmt.Errorf("a value that is none")
	}
	if kind == 'p' {
		t.prefix[code] = v
		return true, nil
	}
	if len(f) != 4 {
		return false, fmt.Errorf("a unit without a unit")
	}
	p := &parser{t: t, s: f[3]}
	b, err := p.whole()
	if err != nil {
		return false, nil
	}
	t.units[code] = entry{metric, Unit{factor: v.Mul(v, b.factor), dims: b.key()}}
	return true, nil
}

// degrees are the scales of temperature: the size of a degree in kelvin and where
// zero lies, as fractions.
var degrees = map[string][4]int64{"Cel": {1, 1, 27315, 100}, "[degF]": {5, 9, 45967 * 5, 900}, "[degRe]": {5, 4, 27315, 100}}

// Parse reads a code, of at most 256 bytes. The error is errs.Invalid.
func Parse(code string) (Unit, error) {
	if len(code) > maxCode {
		return Unit{}, errs.E(errs.Invalid, "ucum: the code is too long")
	}
	t := known()
	if e, ok := t.units[code]; ok {
		return e.unit, nil
	}
	p := &parser{t: t, s: code}
	b, err := p.whole()
	if err != nil {
		return Unit{}, err
	}
	return Unit{factor: b.factor, dims: b.key()}, nil
}

// Same reports that amounts in the two units can be compared.
func (u Unit) Same(v Unit) bool { return u.factor != nil && v.factor != nil && u.dims == v.dims }

// Degrees reports a unit whose zero is not where its dimension's is: Cel. Amounts
// in it cannot be added or multiplied.
func (u Unit) Degrees() bool { return u.zero != nil }

// Base returns an amount in base units, whichever they are: amounts of the same
// dimension can be compared so.
func (u Unit) Base(x *big.Rat) *big.Rat {
	if u.factor == nil {
		return new(big.Rat)
	}
	x = new(big.Rat).Mul(x, u.factor)
	if u.zero != nil {
		x.Add(x, u.zero)
	}
	return x
}

// Convert turns an amount in one unit into one in another. ok is false when they
// cannot be compared.
func Convert(x *big.Rat, from, to Unit) (out *big.Rat, ok bool) {
	if !from.Same(to) {
		return nil, false
	}
	out = from.Base(x)
	if to.zero != nil {
		out.Sub(out, to.zero)
	}
	return out.Quo(out, to.factor), true
}

// key writes dimensions in one way.
func (b product) key() string {
	var s strings.Builder
	for _, k := range slices.Sorted(maps.Keys(b.dims)) {
		if n := b.dims[k]; n != 0 {
			fmt.Fprintf(&s, "%s%d", k, n)
		}
	}
	return s.String()
}
