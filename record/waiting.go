package record

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// Waiting is somebody who asked to be taken on.
type Waiting struct {
	account.Wait
	Also []string // who else uses their address
}

// Waiting returns who asked to be taken on, oldest first, for staff who look for
// somebody or answer for who somebody is.
func (d *Directory) Waiting(ctx context.Context) ([]Waiting, error) {
	if d == nil || d.v == nil || d.why != Finding && d.why != Vouching {
		return nil, errRefused
	}
	var out []Waiting
	err := d.v.st.View(ctx, func(r store.Reader) error {
		err := r.Objects(ctx, store.Waiting, func(o store.Object) error {
			var w Waiting
			err := d.v.unpack(store.Waiting, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &w.Wait)
			out = append(out, w)
			return err
		})
		for i := range out {
			if err == nil {
				out[i].Also, err = d.v.alsoRead(ctx, r, out[i].Mail, "", out[i].Subject)
			}
		}
		return err
	})
	slices.SortFunc(out, func(a, b Waiting) int { return a.At.Compare(b.At) })
	return out, wrap("waiting", err)
}

// Wait returns one of those who wait; errs.NotFound once they do not.
func (d *Directory) Wait(ctx context.Context, guest string) (Waiting, error) {
	all, err := d.Waiting(ctx)
	if err != nil {
		return Waiting{}, err
	}
	for _, w := range all {
		if w.Subject.ID == guest {
			return w, nil
		}
	}
	return Waiting{}, errAbsent
}

// Card returns what the directory knows of one client.
func (d *Directory) Card(id fhir.ClientID) (Card, bool) {
	if d == nil || d.v == nil {
		return Card{}, false
	}
	return d.v.people.card(id)
}

// Youth says whether the person of a card is a minor today.
func (d *Directory) Youth(c Card) Youth {
	if d == nil || d.v == nil {
		return AgeUnknown
	}
	return d.v.youth(c)
}

// Shared returns who else uses the address of somebody who waits, if the person
// they are taken on as is a minor, or may be: whom staff must ask about in private.
// The card may be of somebody who has no chart yet.
func (d *Directory) Shared(ctx context.Context, w Waiting, as Card) (names []string, err error) {
	if d == nil || d.v == nil || d.why != Vouching {
		return nil, errRefused
	}
	err = d.v.st.View(ctx, func(r store.Reader) error {
		names, err = d.v.shared(ctx, r, w.Subject, []account.Mail{{Address: w.Mail}}, as)
		return err
	})
	return names, wrap("address", err)
}

// shared is who else uses the addresses of who is, or may be, a minor.
func (v *Vault) shared(ctx context.Context, r store.Reader, guest account.Subject, mails []account.Mail, as Card) (names []string, err error) {
	if v.youth(as) == Grown {
		return nil, nil
	}
	for _, m := range mails {
		also, err := v.alsoRead(ctx, r, m.Address, as.Client, guest)
		if err != nil {
			return nil, err
		}
		names = append(names, also...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Accept takes somebody on who asked: as the client of a chart that staff say is
// theirs. Their way in, their addresses and whom they look after become that
// client's; they are told, and come in again. It is for who vouches. A minor's address that
// somebody else uses, and one of somebody whose age is not known, needs a private
// question first.
func (d *Directory) Accept(ctx context.Context, guest string, as fhir.ClientID, asked Asking) error {
	if d == nil || d.v == nil || d.why != Vouching {
		return errRefused
	}
	v := d.v
	if _, ok := v.people.row(as); !ok {
		return errAbsent
	}
	from, to := account.Subject{Kind: account.Guest, ID: guest}, account.Subject{Kind: account.Client, ID: string(as)}
	line := v.line(ctx, d.who, d.why, "accept", d.basis, 0)
	v.chain(ctx, line, as)
	err := wrap("accept", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		var w account.Wait
		if err := v.get(ctx, tx, store.Waiting, v.Key("waiting", guest), &w); err != nil {
			return err // nobody is taken on who did not ask
		}
		if err := v.private(ctx, tx, from, as, asked); err != nil {
			return err
		}
		if has, err := v.accessOf(ctx, tx, to); err != nil || comesIn(has) {
			return orElse(err, errTaken)
		}
		card, _ := v.people.card(as)
		guardians, err := v.ownAccount(ctx, tx, as, card)
		if err != nil {
			return err
		}
		for _, g := range guardians {
			if err := v.tellAccount(ctx, tx, g, account.LetterOwn, "/family"); err != nil {
				return err
			}
		}
		if err := v.become(ctx, tx, from, to); err != nil {
			return err
		}
		return v.tellAccount(ctx, tx, to, account.LetterWelcome, "/in")
	}}))
	if err != nil {
		return err
	}
	return wrap("accept", v.bring(ctx, d.who, d.why, d.basis, guest, as)) // if not now, then with the next reminders
}

// private makes sure that staff asked in private who else reads the addresses of
// a minor, and writes down that they did.
func (v *Vault) private(ctx context.Context, tx store.Tx, from account.Subject, as fhir.ClientID, asked Asking) error {
	a, err := v.accessOf(ctx, tx, from)
	if err != nil {
		return err
	}
	if a == nil || a.Moved {
		return errAbsent
	}
	if asked != AskedInPrivate {
		card, _ := v.people.card(as)
		also, err := v.shared(ctx, tx, from, a.Mails, card)
		if err != nil || len(also) > 0 {
			return orElse(err, errSharedMail)
		}
		return nil
	}
	for i := range a.Mails {
		a.Mails[i].Private = true
	}
	return v.put(ctx, tx, store.Access, v.accessKey(from), time.Time{}, a)
}

// Decline tells nobody anything: the account stays, and is no longer waiting.
func (d *Directory) Decline(ctx context.Context, guest string) error {
	if d == nil || d.v == nil || d.why != Vouching {
		return errRefused
	}
	line := d.v.line(ctx, d.who, d.why, "decline", d.basis, 0)
	return wrap("decline", d.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		var w account.Wait
		if err := d.v.get(ctx, tx, store.Waiting, d.v.Key("waiting", guest), &w); err != nil {
			return err
		}
		return tx.DropObject(ctx, store.Waiting, d.v.Key("waiting", guest))
	}}))
}

// Admit makes a chart for somebody who is new, with a name, a birth date and how
// to reach them, for who vouches. If somebody like them is here, that is proposed.
func (d *Directory) Admit(ctx context.Context, person fhir.Resource) (fhir.ClientID, error) {
	if d == nil || d.v == nil || d.why != Vouching || strings.TrimSpace(person.ID) == "" {
		return "", errRefused
	}
	c, err := d.v.newChart(ctx)
	if err != nil {
		return "", err
	}
	c.who, c.why, c.basis = d.who, d.why, d.basis
	c.asked, c.parts, c.writes = Person, Person, Person
	if _, err = c.Put(ctx, person); err != nil {
		return "", err
	}
	_, err = d.v.propose(ctx, d.who, d.why, d.basis, []fhir.ClientID{c.client})
	return c.client, err
}

// NewID draws a logical id for somebody new: a UUID of version 4 (RFC 9562).
func (d *Directory) NewID() (string, error) {
	if d == nil || d.v == nil {
		return "", errRefused
	}
	var b [16]byte
	if _, err := io.ReadFull(d.v.rand, b[:]); err != nil {
		return "", wrap("draw", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}
