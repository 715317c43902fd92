package record

import (
	"context"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
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

// What a minor has no account of their own for.
var (
	errOwnRules = errs.Say(errs.E(errs.Conflict, "record: no rules for minors"), "joining.own_rules")
	errOwnAge   = errs.Say(errs.E(errs.Conflict, "record: too young for an account"), "joining.own_age")
	errOwnKnown = errs.Say(errs.E(errs.Conflict, "record: no guardian knows"), "joining.own_known")
)

// ownAccount refuses somebody an account of their own where the rules for minors do,
// and returns the guardians who are told of it. c is "" for who has no chart yet.
func (v *Vault) ownAccount(ctx context.Context, r store.Reader, c fhir.ClientID, card Card) (tell []account.Subject, err error) {
	rules := v.minors.Load()
	switch v.youth(card) {
	case Unruled:
		return nil, errOwnRules
	case Grown, AgeUnknown:
		return nil, nil
	}
	band, _ := rules.On(card.Birth, policy.DayIn(v.now.Now(), v.zoneOf(card)))
	switch band.OwnAccount {
	case policy.OnTheirOwn:
		return nil, nil
	case policy.GuardianKnows:
	default:
		return nil, errOwnAge
	}
	all, err := v.circleOf(ctx, r, c)
	if err != nil {
		return nil, err
	}
	for _, g := range v.living(all.Grants) {
		if g.Tie == Guardian && !g.Open() {
			tell = append(tell, g.Who)
		}
	}
	if len(tell) == 0 {
		return nil, errOwnKnown
	}
	return tell, nil
}

// OwnAccount says why this client is not to have an account of their own, by the rules
// for minors; nil if they may.
func (c *Chart) OwnAccount(ctx context.Context) error {
	if err := c.vouched(); err != nil {
		return err
	}
	card, ok := c.v.people.card(c.client)
	if !ok {
		return errAbsent
	}
	return c.v.st.View(ctx, func(r store.Reader) error {
		_, err := c.v.ownAccount(ctx, r, c.client, card)
		return err
	})
}

// OwnAccount says why somebody new is not to have an account of their own, by the rules
// for minors; nil if they may.
func (d *Directory) OwnAccount(ctx context.Context, as Card) error {
	if d == nil || d.v == nil || d.why != Vouching {
		return errRefused
	}
	return d.v.st.View(ctx, func(r store.Reader) error {
		_, err := d.v.ownAccount(ctx, r, as.Client, as)
		return err
	})
}
