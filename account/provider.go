package account

import (
	"context"
	"time"

	"rapport/errs"
)

// Provider asks the practice's identity provider whether an account still lives.
// gone is certain; an error means that it could not be asked.
type Provider interface {
	Still(ctx context.Context, id Identity, renew string) (next string, gone bool, err error)
}

// How often the provider is asked about a session, and how long a session lives
// on when it does not answer.
const (
	askEvery  = 45 * time.Second
	askForget = 10 * time.Minute
)

// UseProvider has sessions that came in through the practice's identity provider
// asked about, so that a leaver is out within a minute.
func (d *Doors) UseProvider(p Provider) { d.provider = p }

func (d *Doors) identityKey(id Identity) []byte {
	return d.keep.Key("identity", id.Issuer+"\x00"+id.Subject)
}

// Bind ties a member of staff's account to one at the identity provider. It needs
// a session that may make a way in.
func (d *Doors) Bind(ctx context.Context, session string, id Identity, renew string) (In, error) {
	return d.keyed(ctx, session, AddKey, func(k Desk, a *Access, s *Session) error {
		if a.Subject.Kind != Staff || id.Issuer == "" || id.Subject == "" {
			return errKey
		}
		var whose Subject
		err := k.Get(ctx, Addresses, d.identityKey(id), &whose)
		if err == nil && whose != a.Subject {
			return errKey
		}
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		if a.Provider != nil {
			if err := k.Drop(ctx, Addresses, d.identityKey(*a.Provider)); err != nil {
				return err
			}
		}
		a.Provider = &id
		s.Renew, s.Asked = renew, d.now.Now()
		k.Note(Act{Subject: a.Subject, What: "keyadd", How: ByProvider})
		return k.Put(ctx, Addresses, d.identityKey(id), time.Time{}, &a.Subject)
	}, Device{}, ByProvider)
}

// EnterBy lets in a member of staff whom the identity provider vouches for. at is
// when they last showed the provider who they are, renew what it gave to ask
// again with.
func (d *Doors) EnterBy(ctx context.Context, id Identity, at time.Time, renew string, dev Device) (In, error) {
	var in In
	var denied error
	err := d.keep.Change(ctx, func(k Desk) error {
		in, denied = In{}, nil
		var whose Subject
		err := k.Get(ctx, Addresses, d.identityKey(id), &whose)
		if err == nil {
			_, err = d.people.Person(ctx, whose)
		}
		if errs.Is(err, errs.NotFound) {
			denied = errKey
			k.Note(Act{What: "signin", How: ByProvider, Refused: true})
			return nil
		}
		if err != nil {
			return err
		}
		a, err := d.access(ctx, k, whose)
		if err != nil {
			return err
		}
		if a.Provider == nil || *a.Provider != id {
			denied = errKey
			k.Note(Act{Subject: whose, What: "signin", How: ByProvider, Refused: true})
			return nil
		}
		t, h, err := d.token()
		if err != nil {
			return err
		}
		now := d.now.Now()
		s := Session{Hash: h, Subject: whose, Made: now, Seen: now, Level: ByKey, Proofs: []Proof{ByProvider}, Device: dev, Renew: renew, Asked: now}
		if !at.After(now) {
			s.Touched = at
		}
		in = In{t, s}
		return d.keepNew(ctx, k, a, &s, ByProvider)
	})
	if err == nil {
		err = denied
	}
	return in, err
}

// stillThere reports whether the identity provider still knows who holds a session. It
// is asked now and then; a session whose account is gone there ends.
func (d *Doors) stillThere(ctx context.Context, s *Session) (bool, error) {
	now := d.now.Now()
	if d.provider == nil || s.Renew == "" || now.Sub(s.Asked) < askEvery {
		return true, nil
	}
	var a *Access
	err := d.keep.Look(ctx, func(r Reader) (err error) {
		a, err = d.access(ctx, r, s.Subject)
		return err
	})
	if err != nil {
		return false, err
	}
	if a.Provider == nil {
		return false, nil
	}
	next, gone, err := d.provider.Still(ctx, *a.Provider, s.Renew)
	if err != nil && now.Sub(s.Asked) < askForget {
		return true, nil //nolint:nilerr // it could not be asked, and is asked again at the next request
	}
	return !gone && err == nil, d.keep.Change(ctx, func(k Desk) error {
		var x Session
		if gerr := k.Get(ctx, Sessions, s.Hash[:], &x); gerr != nil {
			if errs.Is(gerr, errs.NotFound) {
				return nil
			}
			return gerr
		}
		if gone || err != nil {
			k.Note(Act{Subject: s.Subject, What: "signout", How: ByProvider})
			return k.Drop(ctx, Sessions, s.Hash[:])
		}
		x.Asked = now
		if next != "" {
			x.Renew = next
		}
		return k.Put(ctx, Sessions, x.Hash[:], x.Ends, &x)
	})
}
