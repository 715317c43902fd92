package account

import (
	"context"
	"slices"

	"rapport/errs"
)

// goTo puts the actor where they said they are at work, or at the only place where
// they hold a role, and adds what they may do there. What a session says of a place
// where they hold none is as if it said nothing.
func (a *Actor) goTo(at []At, place string) {
	if len(at) == 0 {
		return
	}
	a.at = &at
	i := slices.IndexFunc(at, func(x At) bool { return x.Place == place })
	if i < 0 && len(at) == 1 {
		i = 0
	}
	if i < 0 {
		return
	}
	a.place = at[i].Place
	a.roles |= at[i].Roles
}

// GoTo says at which place a member of staff is at work, for the rest of their
// session. It is on the ledger.
func (d *Doors) GoTo(ctx context.Context, session, place string) error {
	return d.keep.Change(ctx, func(k Desk) error {
		_, s, err := d.own(ctx, k, session, GoTo)
		if err != nil {
			return err
		}
		p, err := d.people.Person(ctx, s.Subject)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(p.Places, func(x At) bool { return x.Place == place }) {
			return errs.E(errs.NotFound, "account: they hold no role there")
		}
		s.Place = place
		k.Note(Act{Subject: s.Subject, What: "place", At: place})
		return k.Put(ctx, Sessions, s.Hash[:], s.Ends, s)
	})
}
