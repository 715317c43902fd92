package account

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"rapport/errs"
)

// Ways is how somebody comes into their account, as they see it.
type Ways struct {
	Passkeys []Way
	App      bool
	AppMade  time.Time
	Spares   int
	Bound    bool
	Mails    []Mail
	Devices  []DeviceIn
	Waiting  *Recovery // somebody is getting back into the account
	Notes    []Note
	Enrols   bool // this session may make a way in without a passkey
	AppOnly  bool // an authenticator app is the only way in
	Locked   bool // nothing but links lets the account in
}

// Way is one passkey.
type Way struct {
	ID         string // for removing it
	Name       string
	Made, Used time.Time
}

// DeviceIn is one browser that is signed in.
type DeviceIn struct {
	ID         string // for ending it
	Name       string
	Made, Seen time.Time
	This       bool
	Level      Level
}

// short names a hash in a form; it opens nothing.
func short(b []byte) string { return hex.EncodeToString(b[:min(len(b), 8)]) }

// Ways returns how the account of a session comes in.
func (d *Doors) Ways(ctx context.Context, session string) (Ways, error) {
	var w Ways
	err := d.keep.Look(ctx, func(r Reader) error {
		a, s, err := d.own(ctx, r, session, SeeWays)
		if err != nil {
			return err
		}
		now := d.now.Now()
		w = Ways{Spares: len(a.Spares), Bound: a.Bound != nil, Mails: a.Mails, Notes: a.Notes, Enrols: d.enrols(a, s) || d.recovers(a, s) || d.coded(a, s), AppOnly: a.appOnly(), Locked: a.Locked()}
		if a.App != nil {
			w.App, w.AppMade = true, a.App.Made
		}
		for _, p := range a.Passkeys {
			w.Passkeys = append(w.Passkeys, Way{short(p.Credential.ID), p.Name, p.Made, p.Used})
		}
		if a.Back.waits(now) {
			w.Waiting = &Recovery{a.Back.Proofs, a.Back.Opens, a.Back.open(now)}
		}
		for _, h := range a.Sessions {
			var x Session
			err := r.Get(ctx, Sessions, h[:], &x)
			if errs.Is(err, errs.NotFound) || err == nil && !x.live(now) {
				continue
			}
			if err != nil {
				return err
			}
			w.Devices = append(w.Devices, DeviceIn{short(h[:]), x.Device.Name, x.Made, x.Seen, h == s.Hash, x.at(now)})
		}
		slices.Reverse(w.Devices)
		return nil
	})
	return w, err
}

// change runs an errand on the account of a session and keeps it.
func (d *Doors) change(ctx context.Context, session string, e Errand, f func(Desk, *Access, *Session) error) error {
	return d.errand(ctx, session, e, func(k Desk, a *Access, s *Session) error {
		if err := f(k, a, s); err != nil {
			return err
		}
		return d.putAccess(ctx, k, a)
	})
}

// EndDevice ends one session of the account, or all but this one for the id "".
func (d *Doors) EndDevice(ctx context.Context, session, id string) error {
	return d.change(ctx, session, EndDevice, func(k Desk, a *Access, s *Session) error {
		if id == "" {
			k.Note(Act{Subject: a.Subject, What: "signout"})
			if err := d.distrust(ctx, k, a, func(h Hash) bool { return h != HashOf(s.Device.Trust) }); err != nil {
				return err
			}
			return d.endAll(ctx, k, a, s.Hash)
		}
		for i, h := range a.Sessions {
			if short(h[:]) != id {
				continue
			}
			var x Session
			err := k.Get(ctx, Sessions, h[:], &x)
			if errs.Is(err, errs.NotFound) {
				break
			}
			if err != nil {
				return err
			}
			k.Note(Act{Subject: a.Subject, What: "signout"})
			a.Sessions = slices.Delete(a.Sessions, i, i+1)
			if err := d.distrust(ctx, k, a, func(h Hash) bool { return h == HashOf(x.Device.Trust) }); err != nil {
				return err
			}
			return k.Drop(ctx, Sessions, h[:])
		}
		return nil // it ended meanwhile, which is what was asked for
	})
}

// errLast is for the last way in, which cannot be removed.
var errLast = errs.Say(errs.E(errs.Conflict, "account: the last way in"), "account.last")

// DropKey removes a passkey by its id, or the app for the id "app". The last way
// in stays.
func (d *Doors) DropKey(ctx context.Context, session, id string) error {
	return d.change(ctx, session, DropKey, func(k Desk, a *Access, s *Session) error {
		how, keys, app := ByPasskey, len(a.Passkeys), a.App
		if id == "app" {
			a.App, how = nil, ByAppCode
		} else {
			a.Passkeys = slices.DeleteFunc(a.Passkeys, func(p Passkey) bool { return short(p.Credential.ID) == id })
		}
		if len(a.Passkeys) == keys && a.App == app {
			return nil // it is gone already
		}
		if a.Locked() {
			return errLast
		}
		k.Note(Act{Subject: a.Subject, What: "keydrop", How: how})
		if err := d.endAll(ctx, k, a, s.Hash); err != nil { // whoever holds what was removed is out
			return err
		}
		return d.tell(ctx, k, a, LetterKeyGone, "/account")
	})
}

// AddMail sends a link to a further address of the account's; following it, in a
// browser that is signed in to the account, adds the address.
func (d *Doors) AddMail(ctx context.Context, session, typed string, from Origin) error {
	address, err := ParseMail(typed)
	if err != nil {
		return err
	}
	// nothing is counted for who may not
	if err := d.errand(ctx, session, Contact, func(Desk, *Access, *Session) error { return nil }); err != nil {
		return err
	}
	quiet, err := d.quiet(ctx, address, from)
	if err != nil {
		return err
	}
	t, h, err := d.token()
	if err != nil {
		return err
	}
	return d.keep.Change(ctx, func(k Desk) error {
		a, _, err := d.own(ctx, k, session, Contact)
		if err != nil {
			return err
		}
		l := Link{Hash: h, For: ToAddMail, Subject: a.Subject, Uses: Once, Mail: address, Ends: d.now.Now().Add(LinkLife), Lang: from.Lang.String()}
		k.Note(Act{Subject: a.Subject, What: "link", How: ByMail})
		if err := d.putLink(ctx, k, l); err != nil || quiet {
			return err
		}
		return k.Tell(ctx, Letter{Kind: LetterVerify, To: address, Lang: from.Lang, Path: "/in/" + t})
	})
}

// DropMail removes an address; the account is no longer found by it.
func (d *Doors) DropMail(ctx context.Context, session, address string) error {
	return d.change(ctx, session, Contact, func(k Desk, a *Access, _ *Session) error {
		if !slices.ContainsFunc(a.Mails, func(m Mail) bool { return m.Address == address }) {
			return nil // somebody else's address is not theirs to remove
		}
		if err := d.tell(ctx, k, a, LetterKeyGone, "/account"); err != nil { // who reads it hears so
			return err
		}
		a.Mails = slices.DeleteFunc(a.Mails, func(m Mail) bool { return m.Address == address })
		k.Note(Act{Subject: a.Subject, What: "keydrop", How: ByMail})
		if err := d.unindexed(ctx, k, a.Subject, "mail", SameMail(address)); err != nil {
			return err
		}
		if slices.ContainsFunc(a.Mails, func(m Mail) bool { return SameMailbox(m.Address, address) }) {
			return nil
		}
		return d.unindexed(ctx, k, a.Subject, "mailbox", Mailbox(address))
	})
}
