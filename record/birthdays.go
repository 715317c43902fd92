package record

import (
	"context"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// toldBand is the band of ages that people were last told about, for one client.
type toldBand struct{ From int }

// Birthdays tells clients, and those who are their guardians, that what a
// guardian sees has changed with age. What they see has changed already: it is
// worked out anew at every look. Each change is told once. It returns how many
// clients it was told about.
func (v *Vault) Birthdays(ctx context.Context, who account.Actor) (int, error) {
	if d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory}); !d.Allow() {
		return 0, v.noted(ctx, who, Telling, "tell", d)
	}
	rules := v.minors.Load()
	if rules == nil {
		return 0, nil
	}
	guarded, err := v.guarded(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, c := range guarded {
		did, err := v.birthday(ctx, who, rules, c)
		if err != nil {
			return n, err
		}
		if did {
			n++
		}
	}
	return n, nil
}

// guarded returns whoever has a guardian.
func (v *Vault) guarded(ctx context.Context) ([]fhir.ClientID, error) {
	var out []fhir.ClientID
	err := v.st.View(ctx, func(r store.Reader) error {
		return r.Objects(ctx, store.Circles, func(o store.Object) error {
			var x circle
			key := append([]byte(nil), o.Key...)
			if err := v.unpack(store.Circles, store.Object{Key: key, Body: o.Body}, &x); err != nil {
				return err
			}
			for _, g := range x.Grants {
				if g.Tie == Guardian && !g.Open() && len(key) == len(store.PID{}) {
					out = append(out, clientID(store.PID(key)))
					return nil
				}
			}
			return nil
		})
	})
	return out, wrap("birthdays", err)
}

// beyond is the band of who has outgrown the rules.
const beyond = 1000

// birthday tells of one client, if the band changed since it was last told.
func (v *Vault) birthday(ctx context.Context, who account.Actor, rules *Rules, c fhir.ClientID) (bool, error) {
	card, ok := v.people.card(c)
	if !ok {
		return false, nil
	}
	now := toldBand{From: beyond}
	if b, ok := rules.On(card.Birth, policy.DayIn(v.now.Now(), v.zoneOf(card))); ok {
		now.From = b.From
	}
	key := v.Key("band", rules.ID+" "+string(c))
	var before toldBand
	known := false
	err := v.st.View(ctx, func(r store.Reader) error {
		err := v.get(ctx, r, store.Marks, key, &before)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		known = err == nil
		return err
	})
	if err != nil || known && before == now {
		return false, wrap("birthdays", err)
	}
	line := v.line(ctx, who, Telling, "tier", policy.Software, 0)
	v.chain(ctx, line, c)
	act := &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		if err := v.put(ctx, tx, store.Marks, key, time.Time{}, &now); err != nil || !known {
			return err // the first time there is nothing to tell yet
		}
		return v.tellTier(ctx, tx, c)
	}}
	if known {
		act.Lines = []*ledger.Line{line}
	}
	return known, wrap("birthdays", v.led.Commit(ctx, act))
}

// tellTier tells a client and their guardians: a letter, and a note on their own
// page.
func (v *Vault) tellTier(ctx context.Context, tx store.Tx, c fhir.ClientID) error {
	all, err := v.circleOf(ctx, tx, c)
	if err != nil {
		return err
	}
	whom := []account.Subject{{Kind: account.Client, ID: string(c)}}
	for _, g := range all.Grants {
		if g.Tie == Guardian && !g.Open() {
			whom = append(whom, g.Who)
		}
	}
	for _, s := range whom {
		if err := v.tellAccount(ctx, tx, s, account.LetterTier, "/account"); err != nil {
			return err
		}
	}
	return nil
}
