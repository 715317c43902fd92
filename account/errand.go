package account

import (
	"context"
	"errors"

	"rapport/errs"
)

// errLow is in the error of an errand that needs a stronger session.
type errLow struct{ need Level }

// Error implements error.
func (e errLow) Error() string { return "account: needs " + e.need.String() }

// NeedOf returns the level that was missing, if that is what an error says.
func NeedOf(err error) (Level, bool) {
	var low errLow
	ok := errors.As(err, &low)
	return low.need, ok
}

// Low returns the error for what needs a stronger session than there is.
func Low(need Level) error { return errs.E(errs.Refused, "account: %w", errLow{need}) }

// own opens an account for one of its owner's errands: the session must be live
// and strong enough. One that is live and too weak comes back with the refusal.
func (d *Doors) own(ctx context.Context, r Reader, token string, e Errand) (*Access, *Session, error) {
	h := HashOf(token)
	var s Session
	err := r.Get(ctx, Sessions, h[:], &s)
	if errs.Is(err, errs.NotFound) || err == nil && (token == "" || !s.live(d.now.Now())) {
		return nil, nil, Low(least(e))
	}
	if err != nil {
		return nil, nil, err
	}
	if _, err := d.people.Person(ctx, s.Subject); errs.Is(err, errs.NotFound) {
		return nil, nil, Low(least(e)) // whoever has left has no errands
	} else if err != nil {
		return nil, nil, err
	}
	a, err := d.access(ctx, r, s.Subject)
	if err != nil {
		return nil, nil, err
	}
	may := false
	switch e {
	case AddKey, SeeWays:
		may = d.enrols(a, &s) || d.recovers(a, &s) || d.coded(a, &s)
	case MakeSpares:
		may = d.enrols(a, &s) || d.coded(a, &s)
	case Contact:
		may = d.coded(a, &s)
	}
	if need := least(e); !may && s.at(d.now.Now()) < need {
		return nil, &s, Low(need)
	}
	return a, &s, nil
}

// enrols reports that a session may make a way in without an old one: it was
// handed out for that, and nothing else lets the account in yet.
func (d *Doors) enrols(a *Access, s *Session) bool { return s.Enrols && a.Locked() }

// coded reports that a session is of an account that has an authenticator app and no
// passkey to touch, and that a code of the app was typed for it a moment ago. It may do
// what a passkey is needed for with the account itself, and nothing else, so that who
// began with an app can go on to a passkey.
func (d *Doors) coded(a *Access, s *Session) bool {
	return a.appOnly() && s.Level == ByKey && !s.Coded.IsZero() && d.now.Now().Sub(s.Coded).Abs() < freshFor
}

// denials are what the ledger calls an errand that was refused.
var denials = map[Errand]string{AddKey: "keyadd", DropKey: "keydrop", MakeSpares: "spares", Contact: "contact"}

// denied puts on the ledger that a live session was too weak for an errand. A
// token of no session leaves no line: anybody can make those up.
func denied(k Desk, s *Session, e Errand) {
	if what := denials[e]; s != nil && what != "" {
		k.Note(Act{Subject: s.Subject, What: what, Refused: true})
	}
}

// errand runs something on the account of a session in one change. A session that
// is too weak is refused, and that is kept.
func (d *Doors) errand(ctx context.Context, session string, e Errand, f func(Desk, *Access, *Session) error) error {
	var weak error
	err := d.keep.Change(ctx, func(k Desk) error {
		weak = nil
		a, s, err := d.own(ctx, k, session, e)
		if errs.Is(err, errs.Refused) && s != nil {
			denied(k, s, e)
			weak = err
			return nil
		}
		if err != nil {
			return err
		}
		return f(k, a, s)
	})
	if err == nil {
		err = weak
	}
	return err
}
