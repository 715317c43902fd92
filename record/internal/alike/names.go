package alike

import (
	"strings"
	"unicode/utf8"
)

// letters is how many characters a word has.
func letters(w string) int { return utf8.RuneCountInString(w) }

// near reports that two words are a slip or, if they are long, two apart.
func near(a, b string) bool {
	n := max(letters(a), letters(b))
	switch {
	case a == b:
		return true
	case n >= 8:
		return slips(a, b, 2) <= 2
	case n >= 4:
		return slips(a, b, 1) <= 1
	}
	return false
}

// initial reports that one word is the first letter of the other, in a script
// where letters stand for names.
func initial(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	r, n := utf8.DecodeRuneInString(a)
	return n == len(a) && n < len(b) && r < 0x530 && strings.HasPrefix(b, a)
}

// givenFit says how well a given name fits another. A slip in the first letter is
// none: Jayden and Kayden are brothers.
func givenFit(a, b string) Reason {
	short, long := a, b
	if len(short) > len(long) {
		short, long = b, a
	}
	x, _ := utf8.DecodeRuneInString(a)
	y, _ := utf8.DecodeRuneInString(b)
	switch {
	case a == b:
		return SameGiven
	case initial(a, b):
		return GivenInitial
	case x == y && near(a, b), letters(short) >= 3 && strings.HasPrefix(long, short), len(a) >= 4 && exchanged(a, b):
		return GivenNear
	}
	return DifferentGiven
}

// exchanged reports that two words differ by their first two letters' order.
func exchanged(a, b string) bool {
	return len(a) == len(b) && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
}

// ordered returns two names the one with fewer words first, so that nothing
// depends on which came first.
func ordered(a, b []string) (few, many []string) {
	if len(a) > len(b) || len(a) == len(b) && strings.Join(a, " ") > strings.Join(b, " ") {
		return b, a
	}
	return a, b
}

// givens compares given names word by word. Every word of the shorter must have
// its own in the longer: María José is not María Luz, and Anne may be Anne Marie.
func givens(a, b []string) Reason {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	few, many := ordered(a, b)
	if whole := strings.Join(few, ""); whole == strings.Join(many, "") {
		if initial(whole, whole+".") {
			return GivenInitial // J and J
		}
		return SameGiven
	}
	var taken [maxList]bool
	all := SameGiven
	for i, w := range few {
		fit, at := DifferentGiven, -1
		for j, v := range many {
			f := givenFit(w, v)
			if j != i && (f == SameGiven || f == GivenNear) {
				f = GivenNear
			} else if j != i {
				continue
			}
			if !taken[j] && f < fit {
				fit, at = f, j
			}
		}
		if at < 0 {
			return DifferentGiven
		}
		taken[at] = true
		if fit == GivenInitial && i > 0 {
			fit = SameGiven // John A and John Andrew
		}
		all = max(all, fit)
	}
	return all
}

// families compares family names: the same, a slip apart, or one with another
// name beside it.
func families(a, b []string) Reason {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	few, many := ordered(a, b)
	x, y := strings.Join(few, ""), strings.Join(many, "")
	switch {
	case x == y:
		return SameFamily
	case near(x, y):
		return FamilyNear
	}
	var taken [maxList]bool
	for _, w := range few {
		at := -1
		for j, v := range many {
			if !taken[j] && letters(v) > 1 && near(w, v) {
				at = j
				break
			}
		}
		if at < 0 {
			return DifferentFamily
		}
		taken[at] = true
	}
	return FamilyNear
}

// swapped reports that the given name of each is the family name of the other.
func swapped(a, b *face) bool {
	is := func(given, family []string) bool {
		f := families(given, family)
		return f == SameFamily || f == FamilyNear
	}
	return is(a.given, b.family) && is(b.given, a.family)
}

// addresses compares streets in one place. A street without a place is no
// address: every town has a High Street.
func addresses(a, b *face) Reason {
	switch {
	case !samePlace(a, b) || !sameStreet(a.street, b.street):
		return 0
	case sameHouse(a.house, b.house):
		return SameAddress
	}
	return AddressNear
}

// sameStreet reports that two streets are one but for slips, or one is written
// with more beside it (the name of the house, of the village).
func sameStreet(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	few, many := ordered(a, b)
	x, y := strings.Join(few, ""), strings.Join(many, "")
	if most := 1 + max(len(x), len(y))/10; slips(x, y, most) <= most {
		return true
	}
	var taken [maxList]bool
	fit := 0
	for _, w := range few {
		for j, v := range many {
			if !taken[j] && near(w, v) {
				taken[j] = true
				fit++
				break
			}
		}
	}
	return fit >= 2 && (fit == len(few) || 3*fit >= 2*len(many))
}

func samePlace(a, b *face) bool {
	return a.postcode != "" && a.postcode == b.postcode || a.city != "" && b.city != "" && near(a.city, b.city)
}

// sameHouse reports that two lists of house and flat numbers are equal, in any
// order.
func sameHouse(a, b []string) bool {
	if len(a) != len(b) || len(a) == 0 {
		return false
	}
	var taken [maxList]bool
	for _, w := range a {
		at := -1
		for j, v := range b {
			if !taken[j] && v == w {
				at = j
				break
			}
		}
		if at < 0 {
			return false
		}
		taken[at] = true
	}
	return true
}
