package record

import (
	"rapport/record/internal/policy"
)

// Youth says whether somebody is a minor. The zero Youth is that it is not known.
type Youth uint8

// Whether somebody is a minor.
const (
	AgeUnknown Youth = iota
	Grown            // of age
	Minor            // not of age, by the rules in force
	Unruled          // not of age nearly anywhere; the practice has switched no rules on
)

// usualMajority is the age at which nearly everywhere nobody is a minor any more.
// It gives nobody anything: it says when to ask for rules.
const usualMajority = 18

// youth says whether the person of a card is a minor today.
func (v *Vault) youth(c Card) Youth {
	day, rules := policy.DayIn(v.now.Now(), v.zoneOf(c)), v.minors.Load()
	if rules == nil {
		age, ok := policy.Age(c.Birth, day, policy.LastOfFebruary)
		switch {
		case !ok:
			return AgeUnknown
		case age < usualMajority:
			return Unruled
		}
		return Grown
	}
	age, ok := policy.Age(c.Birth, day, rules.LeapDay)
	switch {
	case !ok:
		return AgeUnknown
	case age < rules.Majority:
		return Minor
	}
	return Grown
}

// Youth says whether this client is a minor today.
func (c *Chart) Youth() Youth {
	if c == nil || c.v == nil || c.parts&Person == 0 {
		return AgeUnknown
	}
	card, _ := c.v.people.card(c.client)
	return c.v.youth(card)
}
