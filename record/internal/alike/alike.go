// Package alike decides how likely two descriptions of people are one person,
// and says why in reasons a front desk can read. It also finds, among very many
// people, the few worth comparing. It keeps nothing but what it was given, does
// no I/O, and refuses to merge anybody: a verdict is a proposal to a human.
//
// The sum is Fellegi and Sunter's (J. Am. Stat. Assoc. 64, 1969): every thing
// that agrees adds how much more often it agrees for one person than for two,
// every thing that contradicts takes away. Two things are added to it. What a
// household shares (family name, address, phone, mail) counts together only up
// to a bound, so that twins, or a father and a son with one name, are not one
// person for living together. And what is missing says nothing.
//
// It does not know which names are common, nor that Bob is Robert. It cannot
// tell twins apart whose given names are a slip of the finger away from each
// other (Anna, Anne), or who are kept under one number: these it proposes.
package alike

// Person is what is known of somebody. Everything may be empty, and what is
// empty is not compared.
type Person struct {
	Given, Family string
	Birth         string   // FHIR date: YYYY, YYYY-MM or YYYY-MM-DD
	Gender        string   // FHIR administrative gender
	Street        string   // house number and street
	City          string   // or suburb
	Postcode      string   //
	Phones, Mails []string //
	Numbers       []string // identifiers, "system|value"; without a system they are not compared
}

// Verdict is how likely two descriptions are one person.
type Verdict struct {
	Score   int      // 0 to 100; not a percentage: compare it with Likely and Possible
	Reasons []Reason // for, then against; each once
}

// The thresholds of a score. There is none from which people are merged without
// anybody looking.
const (
	// Likely is the least score that is proposed to staff. It takes more than a
	// name and a household: a birth date or a number must agree too.
	Likely = 50
	// Possible is the least score worth showing to somebody who is looking at one
	// of the two anyway, such as a name and a phone number with no birth date.
	Possible = 44
)

// Reason is one thing that speaks for or against two descriptions being one
// person. The zero Reason is none.
type Reason uint8

// The reasons for, strongest kinds first, and then the reasons against.
const (
	_ Reason = iota
	SameNumber
	SameBirth
	BirthSlip   // day and month exchanged, one digit wrong, or two beside each other exchanged
	BirthPartly // as far as both are known; 1 January is taken to say the year only
	SameGiven
	GivenNear    // a slip away, shortened, or in another order
	GivenInitial // one is only the first letter of the other
	NamesSwapped // each has the other's family name for a given name
	SameFamily
	FamilyNear  // a slip away, or one is part of the other
	SameAddress // house, street and place, but for slips
	AddressNear // street and place, with another house number or none
	SamePhone
	SameMail
	NumberSlip // numbers of one system that are a slip apart: says nothing either way

	DifferentBirth
	DifferentGender // one male, one female
	DifferentNumber // two numbers of one system
	DifferentGiven
	DifferentFamily
)

// table says of every reason what it is called and what it weighs: about twice
// the logarithm to base 2 of how much more often it is true of one person than of
// two. The weights of numbers and names are near what FEBRL's data gives, those
// of phone, mail and gender are estimates.
var table = [...]struct {
	code   string
	weight int
}{
	SameNumber:      {"same-number", 44},
	SameBirth:       {"same-birth", 28},
	BirthSlip:       {"birth-slip", 14},
	BirthPartly:     {"birth-partly", 12},
	SameGiven:       {"same-given", 14},
	GivenNear:       {"given-near", 10},
	GivenInitial:    {"given-initial", 5},
	NamesSwapped:    {"names-swapped", 30}, // from here to SameMail, of a household
	SameFamily:      {"same-family", 16},
	FamilyNear:      {"family-near", 12},
	SameAddress:     {"same-address", 18},
	AddressNear:     {"address-near", 8},
	SamePhone:       {"same-phone", 16},
	SameMail:        {"same-mail", 16},
	NumberSlip:      {"number-slip", 0},
	DifferentBirth:  {"different-birth", -20},
	DifferentGender: {"different-gender", -10},
	DifferentNumber: {"different-number", -8},
	DifferentGiven:  {"different-given", -20},
	DifferentFamily: {"different-family", -10},
}

// household is the most that NamesSwapped to SameMail weigh together. With
// SameGiven it stays below Likely, and with SameBirth and DifferentGiven below
// Possible.
const household = 34

// String returns the reason's code: lowercase words joined by hyphens, the same
// for ever, to look up what people are told. It is "" for no reason.
func (r Reason) String() string {
	if int(r) >= len(table) {
		return ""
	}
	return table[r].code
}

// Named returns the reason with a code; none if there is none.
func Named(code string) Reason {
	for r := SameNumber; int(r) < len(table); r++ {
		if table[r].code == code {
			return r
		}
	}
	return 0
}

// Codes returns the codes of all reasons: for, then against.
func Codes() []string {
	var out []string
	for r := SameNumber; int(r) < len(table); r++ {
		out = append(out, table[r].code)
	}
	return out
}

// Against reports whether the reason speaks against one person.
func (r Reason) Against() bool { return r >= DifferentBirth && int(r) < len(table) }

// Compare says how likely a and b are one person. It gives the same verdict
// whichever comes first.
func Compare(a, b Person) Verdict {
	x, y := look(a), look(b)
	var said [len(table)]bool
	said[births(x.birth, y.birth)] = true
	said[numbers(x.numbers, y.numbers)] = true
	gender := genders(a.Gender, b.Gender)
	said[gender] = true
	given, family := givens(x.given, y.given), families(x.family, y.family)
	if gender != 0 && (given == GivenNear || given == GivenInitial) {
		given = DifferentGiven // Paul and Paula
	}
	if family == DifferentFamily && swapped(&x, &y) {
		given, family = NamesSwapped, 0
	}
	said[given], said[family] = true, true
	said[addresses(&x, &y)] = true
	said[SamePhone] = samePhone(x.phones, y.phones)
	said[SameMail] = sharesAny(x.mails, y.mails)
	return verdict(&said)
}

func verdict(said *[len(table)]bool) Verdict {
	v := Verdict{Reasons: make([]Reason, 0, 8)}
	home := 0
	for r := SameNumber; int(r) < len(table); r++ {
		if !said[r] {
			continue
		}
		v.Reasons = append(v.Reasons, r)
		if r >= NamesSwapped && r <= SameMail {
			home += table[r].weight
		} else {
			v.Score += table[r].weight
		}
	}
	v.Score = min(100, max(0, v.Score+min(home, household)))
	return v
}

func genders(a, b string) Reason {
	if a == "male" && b == "female" || a == "female" && b == "male" {
		return DifferentGender
	}
	return 0
}

// numbers compares identifiers: one that both have decides, whatever else they
// have, because somebody who is kept twice has two record numbers.
func numbers(a, b []number) Reason {
	var found Reason
	for _, x := range a {
		for _, y := range b {
			switch {
			case x.system != y.system:
			case x.value == y.value:
				return SameNumber
			case found != NumberSlip && len(x.value) >= 6 && len(y.value) >= 6 && slips(x.value, y.value, 1) <= 1:
				found = NumberSlip
			case found == 0:
				found = DifferentNumber
			}
		}
	}
	return found
}

func sharesAny(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

// samePhone takes a number with its country code and one with the 0 used at home
// for the same.
func samePhone(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if tail(x) == tail(y) {
				return true
			}
		}
	}
	return false
}

// tail is the part of a phone number that is the same at home and abroad.
func tail(digits string) string { return digits[max(0, len(digits)-8):] }
