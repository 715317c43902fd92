package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"time"

	"rapport/errs"
)

// How long links may be followed.
const (
	LinkLife   = 24 * time.Hour   // one handed out by the practice
	deskLife   = 15 * time.Minute // one shown at the desk
	mailLife   = 10 * time.Minute // one asked for by somebody who wants to come in
	helpLife   = 72 * time.Hour   // one that asks somebody to help
	wrongCodes = 5                // how often a code may be typed wrongly
)

// For says what a link is for.
type For uint8

// What links are for. The zero For is for nothing.
const (
	_         For = iota
	ToEnrol       // to make a first way in
	ToSignIn      // to come in, after asking for it
	ToJoin        // to ask the practice to be taken on
	ToHelp        // to act for somebody, if one wants to
	ToGetBack     // to show that the practice saw them
	ToAddMail     // to show that an address is read
	ToStop        // to stop a recovery
	ToVisit       // to answer for one visit; it lets nobody in
	ToFeed        // to read when somebody's visits are; it lets nobody in
)

// Link is a way in that was handed out.
type Link struct {
	Hash    Hash
	For     For
	Subject Subject   // whom it lets in; nobody for who is not known yet
	Made    time.Time // for ToFeed
	Ends    time.Time
	Uses    Uses
	Mail    string // the address it was sent to, which is read by who follows it
	Name    string // of who wants to join
	Lang    string
	Asking  Hash // the browser that asked; the zero Hash for any
	Code    string
	Born    string // what must be typed with it, "" for nothing
	Wrong   int    // how often that was wrong
	Of      string // for ToHelp: the client it is about; for ToVisit: the visit
	Grant   string // for ToHelp: which of those who may act for them
	Private bool   // staff asked in private who reads the address
}

// Uses says how often a link may be followed. The zero Uses never.
type Uses uint8

// How often a link may be followed.
const (
	_    Uses = iota
	Once      // the first redemption spends it
	Demo      // as often as one likes, and no proof is asked for; only made-up practices hand these out
)

var errNoLink = errs.E(errs.NotFound, "account: no such link")

// asked is what the browser that asked for a link holds the token of.
type asked struct {
	Links []Hash // one for each account with the address
	Box   string // the mailbox that guesses at the code are counted for
	Ends  time.Time
	Wrong int
}

func (d *Doors) putLink(ctx context.Context, k Desk, l Link) error {
	return k.Put(ctx, Links, l.Hash[:], l.Ends, &l)
}

// link reads a link that may still be followed.
func (d *Doors) link(ctx context.Context, r Reader, h Hash) (Link, error) {
	var l Link
	err := r.Get(ctx, Links, h[:], &l)
	if errs.Is(err, errs.NotFound) || err == nil && (!d.now.Now().Before(l.Ends) || l.Uses == 0 || l.For == 0) {
		return Link{}, errNoLink
	}
	return l, err
}

// Invite makes a link for an account and returns its token, which is shown once
// and kept nowhere. Who follows it makes their first way in.
func (d *Doors) Invite(ctx context.Context, s Subject, u Uses) (string, error) {
	return d.hand(ctx, Link{For: ToEnrol, Subject: s, Uses: u, Ends: d.now.Now().Add(LinkLife)}, Actor{})
}

// hand hands out a link.
func (d *Doors) hand(ctx context.Context, l Link, by Actor) (string, error) {
	t, h, err := d.token()
	if err != nil {
		return "", err
	}
	if _, err := d.people.Person(ctx, l.Subject); err != nil {
		return "", err
	}
	l.Hash = h
	err = d.keep.Change(ctx, func(k Desk) error {
		k.Note(Act{Subject: l.Subject, By: by, What: "link", How: l.proof()})
		return d.putLink(ctx, k, l)
	})
	if err != nil {
		return "", err
	}
	return t, nil
}

// standing reports that a link lets nobody in, and is read as often as one likes.
func (l Link) standing() bool { return l.For == ToVisit || l.For == ToFeed }

// proof is what following a link shows.
func (l Link) proof() Proof {
	switch {
	case l.Uses == Demo:
		return MadeUp
	case l.For == ToHelp: // who asked for help holds it too, so it shows nothing of the address
		return ByHand
	case l.Mail != "":
		return ByMail
	}
	return AtDesk
}

// code draws six digits.
func (d *Doors) code() (string, error) {
	n, err := rand.Int(d.rand, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("account: draw code: %w", err)
	}
	return fmt.Sprintf("%06d", n), nil
}

// Seen is what a link shows before it is spent. Looking spends nothing, so that a
// mail scanner that follows it takes nothing away.
type Seen struct {
	For  For
	Here bool   // it may be spent in this browser
	Code string // to be typed where the link was asked for, if it was not here
	Born bool   // a birth date must be typed with it
	Demo bool
	Of   string // for ToHelp: the client it is about
}

// Peek looks at a link without spending it. asking is the token of this browser
// if it asked for one.
func (d *Doors) Peek(ctx context.Context, token, asking string) (Seen, error) {
	var l Link
	err := d.keep.Look(ctx, func(r Reader) error {
		var err error
		l, err = d.link(ctx, r, HashOf(token))
		return err
	})
	if err == nil && l.standing() {
		err = errNoLink
	}
	if err != nil {
		return Seen{}, err
	}
	s := Seen{For: l.For, Here: l.here(asking), Born: l.Born != "", Demo: l.Uses == Demo, Of: l.Of}
	if !s.Here {
		s.Code = l.Code
	}
	return s, nil
}

// here reports that a link may be spent in the browser with this token.
func (l Link) here(asking string) bool { return l.Asking == (Hash{}) || l.Asking == HashOf(asking) }

// Ask is what somebody who follows a link brings along.
type Ask struct {
	Asking string // the token of the browser that asked for it
	Born   string // a birth date, for a link that wants one
	Device Device
	Old    string // the session that this browser had; it ends
}

// Enter spends a link's token and lets somebody in. Of many who try at once, one
// succeeds.
func (d *Doors) Enter(ctx context.Context, token string, ask Ask) (In, error) {
	find := func(r Reader) (Link, error) {
		l, err := d.link(ctx, r, HashOf(token))
		if err == nil && (!l.here(ask.Asking) || l.For == ToStop || l.standing()) { // what stops something lets nobody in
			return Link{}, errNoLink
		}
		return l, err
	}
	err := d.keep.Look(ctx, func(r Reader) error {
		_, err := find(r)
		return err
	})
	if errs.Is(err, errs.NotFound) {
		return In{}, d.stray(ctx, 0, errNoLink)
	}
	if err != nil {
		return In{}, err
	}
	return d.enter(ctx, ask, func(k Desk) (Link, error) { return find(k) })
}

// TypeCode lets somebody in who was sent a link, opened it elsewhere and typed
// the code that stood there into the browser that asked.
func (d *Doors) TypeCode(ctx context.Context, code string, ask Ask) (In, error) {
	key := HashOf(ask.Asking)
	find := func(r Reader) (q asked, err error) {
		err = r.Get(ctx, Ceremonies, key[:], &q)
		if errs.Is(err, errs.NotFound) || err == nil && (q.Box == "" || !d.now.Now().Before(q.Ends) || q.Wrong >= wrongCodes) {
			return q, errNoLink
		}
		return q, err
	}
	var q asked
	err := d.keep.Look(ctx, func(r Reader) (err error) {
		q, err = find(r)
		return err
	})
	if errs.Is(err, errs.NotFound) {
		return In{}, d.stray(ctx, 0, errNoLink)
	}
	if err != nil {
		return In{}, err
	}
	from := Origin{Trust: ask.Device.Trust}
	known, err := d.knows(ctx, q.Box, from)
	if err == nil {
		err = d.limit.code(q.Box, from, known)
	}
	if err != nil {
		return In{}, err
	}
	return d.enter(ctx, ask, func(k Desk) (Link, error) {
		q, err := find(k)
		if err != nil {
			return Link{}, err
		}
		for _, h := range q.Links {
			l, err := d.link(ctx, k, h)
			if err == nil && subtle.ConstantTimeCompare([]byte(l.Code), []byte(code)) == 1 {
				return l, k.Drop(ctx, Ceremonies, key[:])
			}
			if err != nil && !errs.Is(err, errs.NotFound) {
				return Link{}, err
			}
		}
		q.Wrong++
		if err := k.Put(ctx, Ceremonies, key[:], q.Ends, &q); err != nil {
			return Link{}, err
		}
		return Link{}, errWrong
	})
}

// errWrong is for what was typed wrongly and may be typed again.
var errWrong = errs.Say(errs.E(errs.Invalid, "account: wrong code"), "door.code_wrong")

// enter spends the link that find finds and opens a session for it. What was
// wrong is kept too: the count, and a line on the ledger.
func (d *Doors) enter(ctx context.Context, ask Ask, find func(Desk) (Link, error)) (In, error) {
	var in In
	var denied error
	err := d.keep.Change(ctx, func(k Desk) error {
		in, denied = In{}, nil
		l, err := find(k)
		if err == nil {
			err = d.lets(ctx, k, l, ask)
		}
		if err == nil {
			err = d.spend(ctx, k, l, ask)
		}
		if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Invalid) {
			denied = err
			k.Note(Act{Subject: l.Subject, What: "signin", Refused: true})
			if errs.Is(err, errs.NotFound) && l.For != 0 { // it lets nobody in any more, and is refused once
				return k.Drop(ctx, Links, l.Hash[:])
			}
			return nil
		}
		if err != nil {
			return err
		}
		in, err = d.comesIn(ctx, k, l, ask)
		return err
	})
	if err == nil {
		err = denied
	}
	if err != nil || in.Token == ask.Old {
		return in, err
	}
	return in, d.Leave(ctx, ask.Old)
}

// lets refuses a link that lets nobody in, or not any more. Nothing is spent.
func (d *Doors) lets(ctx context.Context, k Desk, l Link, ask Ask) error {
	if l.Subject.Kind == Nobody {
		if l.For == ToJoin || l.For == ToHelp {
			return nil
		}
		return errNoLink
	}
	a, err := d.access(ctx, k, l.Subject) // whose it is now: a guest may be a client since
	if err != nil {
		return err
	}
	if _, err := d.people.Person(ctx, a.Subject); err != nil {
		return err // whoever has left stays out
	}
	switch l.For {
	case ToSignIn:
		if !a.reads(l.Mail) { // the address was removed meanwhile
			return errNoLink
		}
	case ToHelp:
		if !a.Locked() { // they come in by their own way, and accept then
			return Low(ByKey)
		}
	case ToAddMail:
		own, s, err := d.own(ctx, k, ask.Old, SeeWays)
		if err == nil && (own.Subject != a.Subject || s.at(d.now.Now()) < ByKey) {
			return Low(ByKey)
		}
		return err
	}
	return nil
}

// spend checks what must come with a link, and uses it up.
func (d *Doors) spend(ctx context.Context, k Desk, l Link, ask Ask) error {
	if l.Born != "" && subtle.ConstantTimeCompare([]byte(l.Born), []byte(ask.Born)) != 1 {
		l.Wrong++
		if l.Wrong >= wrongCodes {
			if err := k.Drop(ctx, Links, l.Hash[:]); err != nil {
				return err
			}
			return errNoLink
		}
		if err := d.putLink(ctx, k, l); err != nil {
			return err
		}
		return errs.Say(errs.E(errs.Invalid, "account: not that birth date"), "door.born_wrong")
	}
	if l.Uses == Demo || l.For == ToHelp { // an invitation to help is spent when it is accepted
		return nil
	}
	return k.Drop(ctx, Links, l.Hash[:])
}
