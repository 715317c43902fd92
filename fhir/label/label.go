// Package label says which sensitive compartments something in a chart belongs to: by
// the labels it carries, and by the codes and the few words in it. What it knows lies in
// codes/, one line a code, with its source; docs/labels.md says what that misses.
//
// It refuses to decide who may see what is in one; that is the policy's. It refuses to
// read prose, to weigh, and to hear a "no": a test for an infection that found none says
// as much as one that found it.
package label

import (
	"strings"
)

// Set is a set of compartments. The zero Set is what anybody may see who may see the part.
type Set uint16

// The compartments. Their order is kept on disk.
const (
	Reproductive Set = 1 << iota // pregnancy, contraception, abortion, fertility
	Sexual                       // sexual health: infections, HIV, function
	Gender                       // gender identity, and care for it
	Mental                       // mental and behavioural health
	Substance                    // alcohol and drugs, and help with them
	Genetic                      // genetic tests, and what they say
	Violence                     // abuse, assault, violence at home
	Own                          // what the client said is private
	Other                        // any other label: what is not understood stays closed
	end
)

// All is every compartment.
const All = end - 1

var codes = [...]string{"reproductive", "sexual", "gender", "mental", "substance", "genetic", "violence", "own", "other"}

// Each returns the single compartments of a set, in their fixed order.
func (s Set) Each() []Set {
	var out []Set
	for i := range codes {
		if x := Set(1) << i; s&x != 0 {
			out = append(out, x)
		}
	}
	return out
}

// String returns the codes of a set, joined by spaces.
func (s Set) String() string {
	var out []string
	for i, c := range codes {
		if s>>i&1 != 0 {
			out = append(out, c)
		}
	}
	return strings.Join(out, " ")
}

// Parse is the inverse of String; unknown codes are left out.
func Parse(text string) Set {
	var s Set
	for w := range strings.FieldsSeq(text) {
		s |= parseOne(w)
	}
	return s
}

func parseOne(code string) Set {
	for i, c := range codes {
		if c == code {
			return 1 << i
		}
	}
	return 0
}
