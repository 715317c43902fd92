package record

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

var _ account.Keeper = (*Vault)(nil)

// errNoDoor is for what is not kept, or not any more.
var errNoDoor = errs.E(errs.NotFound, "record: nothing of that at the doors")

// shelves says where the doors' things lie.
var shelves = map[account.Shelf]store.Space{
	account.Sessions: store.Sessions, account.Links: store.Links, account.Accesses: store.Access,
	account.Addresses: store.Contacts, account.Ceremonies: store.Ceremonies, account.Waiting: store.Waiting,
}

// box seals what is neither in a chart nor on the ledger: doors, circles, letters.
func (v *Vault) box() seal.Box { return v.doorBox }

func (v *Vault) place(s store.Space, key []byte) []byte {
	return append(append([]byte{'d', byte(s)}, v.inst[:]...), key...)
}

// pack seals a small thing for its place.
func (v *Vault) pack(s store.Space, key []byte, ends time.Time, x any) (store.Object, error) {
	raw, err := json.Marshal(x)
	if err != nil {
		return store.Object{}, err
	}
	o := store.Object{Key: key, Body: v.box().Seal(nil, seal.Pad(nil, raw), v.place(s, key))}
	if !ends.IsZero() {
		o.Expires = ends.UnixMilli()
	}
	return o, nil
}

// unpack opens a small thing and reads it into x.
func (v *Vault) unpack(s store.Space, o store.Object, x any) error {
	padded, err := v.box().Open(nil, o.Body, v.place(s, o.Key))
	if err != nil {
		return err
	}
	raw, err := seal.Unpad(padded)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, x)
}

// get reads a small thing; errs.NotFound if it is not there.
func (v *Vault) get(ctx context.Context, r store.Reader, s store.Space, key []byte, x any) error {
	o, err := r.Object(ctx, s, key)
	if errors.Is(err, store.ErrNotExist) {
		return errNoDoor
	}
	if err != nil {
		return err
	}
	o.Key = key
	return v.unpack(s, o, x)
}

// put keeps a small thing until it ends.
func (v *Vault) put(ctx context.Context, tx store.Tx, s store.Space, key []byte, ends time.Time, x any) error {
	o, err := v.pack(s, key, ends, x)
	if err != nil {
		return err
	}
	return tx.SetObject(ctx, s, o)
}

// Key implements account.Keeper.
func (v *Vault) Key(kind, of string) []byte {
	m := hmac.New(sha256.New, v.doorKey[:])
	io.WriteString(m, kind) //nolint:errcheck // a hash never fails
	m.Write([]byte{0})
	io.WriteString(m, of) //nolint:errcheck // a hash never fails
	return m.Sum(nil)[:16]
}

// doorReader reads the doors' things.
type doorReader struct {
	v *Vault
	r store.Reader
}

// Get implements account.Reader.
func (d doorReader) Get(ctx context.Context, s account.Shelf, key []byte, x any) error {
	sp, ok := shelves[s]
	if !ok {
		return errs.E(errs.Internal, "record: no such shelf")
	}
	return d.v.get(ctx, d.r, sp, key, x)
}

// doorDesk changes the doors' things in one transaction.
type doorDesk struct {
	doorReader
	tx    store.Tx
	notes []account.Act
}

// Put implements account.Desk.
func (d *doorDesk) Put(ctx context.Context, s account.Shelf, key []byte, ends time.Time, x any) error {
	return d.v.put(ctx, d.tx, shelves[s], key, ends, x)
}

// Drop implements account.Desk.
func (d *doorDesk) Drop(ctx context.Context, s account.Shelf, key []byte) error {
	return d.tx.DropObject(ctx, shelves[s], key)
}

// Note implements account.Desk.
func (d *doorDesk) Note(n account.Act) { d.notes = append(d.notes, n) }

// Tell implements account.Desk.
func (d *doorDesk) Tell(ctx context.Context, l account.Letter) error { return d.v.queue(ctx, d.tx, l) }

// Look implements account.Keeper.
func (v *Vault) Look(ctx context.Context, f func(account.Reader) error) error {
	return wrap("doors", v.st.View(ctx, func(r store.Reader) error { return f(doorReader{v, r}) }))
}

// Change implements account.Keeper.
func (v *Vault) Change(ctx context.Context, f func(account.Desk) error) error {
	act := &ledger.Act{}
	act.Write = func(ctx context.Context, tx store.Tx) error {
		d := &doorDesk{doorReader: doorReader{v, tx}, tx: tx}
		if err := f(d); err != nil {
			return err
		}
		act.Lines = nil
		for _, n := range d.notes {
			act.Lines = append(act.Lines, v.entering(ctx, tx, n))
		}
		return v.tidy(ctx, tx, len(d.notes) > 0)
	}
	return wrap("doors", v.led.Commit(ctx, act))
}

// tidy forgets what has ended, now and then.
func (v *Vault) tidy(ctx context.Context, tx store.Tx, due bool) error {
	if !due {
		return nil
	}
	now := v.now.Now().UnixMilli()
	for _, sp := range []store.Space{store.Links, store.Sessions, store.Ceremonies} {
		if err := tx.DropExpired(ctx, sp, now); err != nil {
			return err
		}
	}
	return nil
}

// entering is the ledger line of somebody coming, going, or changing how they
// come in: in the client's own chain if it is a client.
func (v *Vault) entering(ctx context.Context, r store.Reader, n account.Act) *ledger.Line {
	line := v.line(ctx, n.By, Entering, n.What, policy.None, 0)
	line.Entry.Refused = n.Refused
	if n.At != "" {
		line.Entry.At = n.At
	}
	if n.How != 0 {
		line.Entry.How = n.How.String()
	}
	if n.By.Kind() == account.Nobody {
		p, _ := v.personIn(ctx, r, n.Subject) //nolint:errcheck // somebody who has left is entered without a name
		line.Entry.Actor = ledger.Actor{Kind: n.Subject.Kind.String(), ID: n.Subject.ID, Name: p.Name, Title: p.Title}
	}
	if n.Subject.Kind == account.Client {
		v.chain(ctx, line, fhir.ClientID(n.Subject.ID))
	}
	return line
}

// chain makes a line one of a client's own, if there is such a client.
func (v *Vault) chain(ctx context.Context, line *ledger.Line, c fhir.ClientID) {
	pid, ok := pidOf(c)
	if !ok {
		return
	}
	row, ok := v.people.row(c)
	if !ok {
		return
	}
	if k, err := v.ring.Client(ctx, pid); err == nil {
		line.PID, line.Row, line.Keys, line.Entry.Client = pid, row, k.Ledger, string(c)
	}
}

// guest returns the name that an account without a chart goes by.
func (v *Vault) guest(ctx context.Context, r store.Reader, s account.Subject) (account.Person, error) {
	var a account.Access
	if err := v.get(ctx, r, store.Access, v.accessKey(s), &a); err != nil {
		return account.Person{}, fmt.Errorf("record: guest: %w", err)
	}
	if a.Moved { // they are a client now, and come in as one
		return account.Person{}, errNoDoor
	}
	return account.Person{Name: a.Name, Language: a.Language}, nil
}
