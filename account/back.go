package account

import (
	"context"
	"slices"
	"time"

	"rapport/errs"
)

// proved adds a proof to a recovery; one whose first proof is long ago begins
// anew. It reports whether there are now two, for the first time.
func (d *Doors) proved(a *Access, p Proof) bool {
	now := d.now.Now()
	if a.Back == nil || a.Back.Opens.IsZero() && now.Sub(a.Back.Begun) > backLapse || !a.Back.Opens.IsZero() && !a.Back.waits(now) {
		a.Back = &Back{Begun: now}
	}
	if !slices.Contains(a.Back.Proofs, p) {
		a.Back.Proofs = append(a.Back.Proofs, p)
	}
	if len(a.Back.Proofs) < 2 || !a.Back.Opens.IsZero() {
		return false
	}
	a.Back.Opens = now.Add(BackWaits)
	return true
}

// Recovery says how far a recovery is.
type Recovery struct {
	Proofs []Proof
	Opens  time.Time // zero while a proof is missing
	Open   bool      // a new way in may be made now
}

// GetBack begins to get somebody back into an account they are locked out of, or
// goes on with it: what opened their session is one proof, and a recovery code is
// another. With two, every address is told, and a day later a new way in may be
// made. Nothing is given away meanwhile.
func (d *Doors) GetBack(ctx context.Context, session, spare string, from Origin) (Recovery, error) {
	s, err := d.session(ctx, session)
	if err != nil {
		return Recovery{}, err
	}
	if s == nil {
		return Recovery{}, Low(ByLink)
	}
	if spare != "" {
		if err := d.guess(ctx, s.Subject, from); err != nil {
			return Recovery{}, err
		}
	}
	var w Recovery
	var denied error
	err = d.keep.Change(ctx, func(k Desk) error {
		denied = nil
		a, s, err := d.own(ctx, k, session, GetBack)
		if err != nil {
			return err
		}
		enough := false
		for _, p := range s.Proofs {
			// what was shown hours ago is not shown now
			if (p == ByMail || p == AtDesk) && d.now.Now().Sub(s.Made).Abs() <= backLapse {
				enough = d.proved(a, p) || enough
			}
		}
		if spare != "" {
			if a.spendSpare(spare) {
				enough = d.proved(a, BySpare) || enough
			} else {
				denied = errWrong
				k.Note(Act{Subject: a.Subject, What: "recover", How: BySpare, Refused: true})
			}
		}
		if enough {
			if err := d.begun(ctx, k, a); err != nil {
				return err
			}
		}
		if a.Back != nil {
			if (enough || a.Back.Opens.IsZero()) && s.Device.Trust != "" {
				a.Back.From = HashOf(s.Device.Trust)
			}
			w = Recovery{a.Back.Proofs, a.Back.Opens, a.Back.open(d.now.Now())}
		}
		return d.putAccess(ctx, k, a)
	})
	if err == nil {
		err = denied
	}
	return w, err
}

// begun tells every address that somebody is getting back in, with a way to stop
// it, and puts it on the ledger.
func (d *Doors) begun(ctx context.Context, k Desk, a *Access) error {
	t, h, err := d.token()
	if err != nil {
		return err
	}
	a.Back.Stop = h
	l := Link{Hash: h, For: ToStop, Subject: a.Subject, Uses: Once, Ends: a.Back.Opens.Add(BackOpen)}
	if err := d.putLink(ctx, k, l); err != nil {
		return err
	}
	k.Note(Act{Subject: a.Subject, What: "recover"})
	for _, m := range a.Mails { // a day from now, unless it is stopped
		if err := k.Tell(ctx, Letter{Kind: LetterBackOpen, To: m.Address, Lang: a.tongue(), Path: "/in/back", After: a.Back.Opens, While: h}); err != nil {
			return err
		}
	}
	return d.tell(ctx, k, a, LetterBack, "/in/stop/"+t)
}

// StopBack stops a recovery by the link that every address was sent.
func (d *Doors) StopBack(ctx context.Context, token string) error {
	return d.keep.Change(ctx, func(k Desk) error {
		l, err := d.link(ctx, k, HashOf(token))
		if err != nil {
			return err
		}
		if l.For != ToStop {
			return errNoLink
		}
		if err := k.Drop(ctx, Links, l.Hash[:]); err != nil {
			return err
		}
		a, err := d.access(ctx, k, l.Subject)
		if err != nil {
			return err
		}
		return d.stop(ctx, k, a)
	})
}

// stop ends a recovery, and whatever session it was asked from.
func (d *Doors) stop(ctx context.Context, k Desk, a *Access) error {
	if a.Back != nil && a.Back.Stop != (Hash{}) {
		if err := k.Drop(ctx, Links, a.Back.Stop[:]); err != nil {
			return err
		}
	}
	a.Back = nil
	for _, h := range slices.Clone(a.Sessions) {
		var s Session
		err := k.Get(ctx, Sessions, h[:], &s)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		if err == nil && s.Level < ByKey {
			if err := k.Drop(ctx, Sessions, h[:]); err != nil {
				return err
			}
		}
	}
	k.Note(Act{Subject: a.Subject, What: "stopped"})
	return d.putAccess(ctx, k, a)
}

// StopOwn stops a recovery from inside the account.
func (d *Doors) StopOwn(ctx context.Context, session string) error {
	return d.keep.Change(ctx, func(k Desk) error {
		a, _, err := d.own(ctx, k, session, StopBack)
		if err != nil {
			return err
		}
		return d.stop(ctx, k, a)
	})
}

// recovers reports that a session may make a new way in because a recovery has
// waited its time: it shows one of the recovery's own proofs, on the device the
// recovery was begun on, or was opened at the desk.
func (d *Doors) recovers(a *Access, s *Session) bool {
	if !a.Back.open(d.now.Now()) || !slices.ContainsFunc(s.Proofs, func(p Proof) bool { return slices.Contains(a.Back.Proofs, p) }) {
		return false
	}
	return a.Back.From == (Hash{}) || s.Device.Trust != "" && a.Back.From == HashOf(s.Device.Trust) || slices.Contains(s.Proofs, AtDesk)
}

// newWay prepares an account for a new way in: after a recovery it is the only
// one, and after the first nobody is in by the link that led to it.
func (d *Doors) newWay(ctx context.Context, k Desk, a *Access, s *Session) error {
	if d.recovers(a, s) && s.at(d.now.Now()) < Fresh {
		return d.back(ctx, k, a)
	}
	if a.Locked() { // codes that somebody printed by a link are not the first way in's
		a.Spares = nil
		return d.endAll(ctx, k, a, s.Hash)
	}
	return nil
}

// back completes a recovery: what let the account in before no longer does, and
// every other session ends.
func (d *Doors) back(ctx context.Context, k Desk, a *Access) error {
	if a.Back.Stop != (Hash{}) {
		if err := k.Drop(ctx, Links, a.Back.Stop[:]); err != nil {
			return err
		}
	}
	if a.Bound != nil {
		if err := k.Drop(ctx, Addresses, d.identityKey(*a.Bound)); err != nil {
			return err
		}
	}
	a.Back, a.Passkeys, a.App, a.Spares, a.Bound, a.Regained = nil, nil, nil, nil, nil, d.now.Now()
	if err := d.distrust(ctx, k, a, func(Hash) bool { return true }); err != nil {
		return err
	}
	if err := d.endAll(ctx, k, a, Hash{}); err != nil {
		return err
	}
	k.Note(Act{Subject: a.Subject, What: "recovered"})
	return d.tell(ctx, k, a, LetterBackDone, "/account")
}

// Vouch makes a link, shown at the desk, that proves the practice saw somebody
// who is locked out. It is one of two proofs, and gives nobody a credential.
// Whether by may do this, package record decides.
func (d *Doors) Vouch(ctx context.Context, by Actor, s Subject) (string, error) {
	return d.hand(ctx, Link{For: ToGetBack, Subject: s, Uses: Once, Ends: d.now.Now().Add(deskLife)}, by)
}
