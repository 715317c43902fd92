package demo

import (
	"encoding/base32"
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"strings"
)

// dice is the only source of chance. Each person has dice of their own, named
// after them, so that a change in one life leaves the other lives as they were.
type dice struct{ r *rand.Rand }

func newDice(seed uint64, name string) *dice {
	h := fnv.New64a()
	h.Write([]byte(name)) // a hash.Hash never fails
	return &dice{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

var base32Lower = base32.StdEncoding.WithPadding(base32.NoPadding)

// id returns 26 lowercase base32 characters: 128 bits of the dice.
func (d *dice) id() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], d.r.Uint64())
	binary.BigEndian.PutUint64(b[8:], d.r.Uint64())
	return strings.ToLower(base32Lower.EncodeToString(b[:]))
}

// between returns a whole number from lo to hi, both included.
func (d *dice) between(lo, hi int) int { return lo + d.r.IntN(hi-lo+1) }

// around returns a number near mean: a bell curve cut off at two and a half
// spreads, so that no made-up reading is absurd.
func (d *dice) around(mean, spread float64) float64 {
	n := d.r.NormFloat64()
	return mean + spread*max(-2.5, min(2.5, n))
}

// hits reports whether something with a chance of p (0 to 1) happens.
func (d *dice) hits(p float64) bool { return d.r.Float64() < p }

// pick returns one of the choices.
func pick[T any](d *dice, from []T) T { return from[d.r.IntN(len(from))] }

// curve is a course of life: values at given days ago, joined by straight
// lines. Points run from the oldest day to the newest.
type curve []point

type point struct {
	ago   int
	value float64
}

// at returns the value of the curve on the day that is ago days back.
func (c curve) at(ago int) float64 {
	if ago >= c[0].ago {
		return c[0].value
	}
	for i := 1; i < len(c); i++ {
		if a, b := c[i-1], c[i]; ago >= b.ago {
			part := float64(a.ago-ago) / float64(a.ago-b.ago)
			return a.value + part*(b.value-a.value)
		}
	}
	return c[len(c)-1].value
}
