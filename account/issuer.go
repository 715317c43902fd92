package account

import (
	"context"
	"sync"
	"time"

	"rapport/errs"
)

// Issuer asks the practice's identity provider whether an account still lives.
// gone is certain; an error means that it could not be asked.
type Issuer interface {
	Still(ctx context.Context, id Identity, renew string) (next string, gone bool, err error)
}

// How often the provider is asked about a session, and how long a session lives
// on when it does not answer.
const (
	askEvery  = 45 * time.Second
	askForget = 10 * time.Minute
)

// UseIssuer has sessions that came in through the practice's identity provider
// asked about, so that a leaver is out within a minute.
func (d *Doors) UseIssuer(p Issuer) { d.issuer = p }

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
		if err := d.newWay(ctx, k, a, s); err != nil {
			return err
		}
		if a.Bound != nil {
			if err := k.Drop(ctx, Addresses, d.identityKey(*a.Bound)); err != nil {
				return err
			}
		}
		a.Bound = &id
		s.Renew, s.Asked = renew, d.now.Now()
		k.Note(Act{Subject: a.Subject, What: "keyadd", How: ByIssuer})
		if err := d.tell(ctx, k, a, LetterKeyAdded, "/account"); err != nil {
			return err
		}
		return k.Put(ctx, Addresses, d.identityKey(id), time.Time{}, &a.Subject)
	}, ByIssuer)
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
			k.Note(Act{What: "signin", How: ByIssuer, Refused: true})
			return nil
		}
		if err != nil {
			return err
		}
		a, err := d.access(ctx, k, whose)
		if err != nil {
			return err
		}
		if a.Bound == nil || *a.Bound != id {
			denied = errKey
			k.Note(Act{Subject: whose, What: "signin", How: ByIssuer, Refused: true})
			return nil
		}
		t, h, err := d.token()
		if err != nil {
			return err
		}
		now := d.now.Now()
		s := Session{Hash: h, Subject: whose, Made: now, Seen: now, Level: ByKey, Proofs: []Proof{ByIssuer}, Device: dev, Renew: renew, Asked: now}
		if !at.After(now) {
			s.Touched = at
		}
		err = d.keepNew(ctx, k, a, &s, ByIssuer)
		in = In{t, s}
		return err
	})
	if err == nil {
		err = denied
	}
	if err != nil {
		return In{}, err
	}
	return in, nil
}

// due reports that the issuer is to be asked about a session.
func (d *Doors) due(s *Session) bool {
	return d.issuer != nil && s.Renew != "" && d.now.Now().Sub(s.Asked) >= askEvery
}

// flight is one question to the issuer, and its answer once it is done.
type flight struct {
	done  chan struct{}
	there bool
	err   error
}

// flights are the questions under way. What is given to ask again with often works
// once only, so a session is never asked about twice at a time.
type flights struct {
	mu  sync.Mutex
	now map[Hash]*flight
}

// stillThere reports whether the issuer still knows who holds a session. It is
// asked now and then, once for all who wait; a session whose account is gone there
// ends.
func (d *Doors) stillThere(ctx context.Context, s *Session) (bool, error) {
	if !d.due(s) {
		return true, nil
	}
	d.asking.mu.Lock()
	f := d.asking.now[s.Hash]
	if f != nil {
		d.asking.mu.Unlock()
		select {
		case <-f.done:
			return f.there, f.err
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	f = &flight{done: make(chan struct{}), err: errNobodyAsked}
	if d.asking.now == nil {
		d.asking.now = map[Hash]*flight{}
	}
	d.asking.now[s.Hash] = f
	d.asking.mu.Unlock()
	defer func() {
		d.asking.mu.Lock()
		delete(d.asking.now, s.Hash)
		d.asking.mu.Unlock()
		close(f.done)
	}()
	// whoever asked first may turn away; what the issuer gave must be kept all the same
	f.there, f.err = d.ask(context.WithoutCancel(ctx), s.Hash)
	return f.there, f.err
}

// errNobodyAsked stands until there is an answer.
var errNobodyAsked = errs.E(errs.Unavailable, "account: the identity service was not asked")

// ask asks the issuer about a session, as it is now.
func (d *Doors) ask(ctx context.Context, h Hash) (bool, error) {
	var a *Access
	var s Session
	err := d.keep.Look(ctx, func(r Reader) (err error) {
		if err = r.Get(ctx, Sessions, h[:], &s); err == nil {
			a, err = d.access(ctx, r, s.Subject)
		}
		return err
	})
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	if err != nil || !d.due(&s) { // somebody asked in between
		return err == nil, err
	}
	if a.Bound == nil {
		return false, nil
	}
	now := d.now.Now()
	next, gone, err := d.issuer.Still(ctx, *a.Bound, s.Renew)
	if err != nil && now.Sub(s.Asked) < askForget {
		return true, nil //nolint:nilerr // it could not be asked, and is asked again at the next request
	}
	there := !gone && err == nil
	return there, d.keep.Change(ctx, func(k Desk) error {
		var x Session
		err := k.Get(ctx, Sessions, h[:], &x)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if !there {
			k.Note(Act{Subject: s.Subject, What: "signout", How: ByIssuer})
			return k.Drop(ctx, Sessions, h[:])
		}
		x.Asked = now
		if next != "" {
			x.Renew = next
		}
		return k.Put(ctx, Sessions, h[:], x.Ends, &x)
	})
}
