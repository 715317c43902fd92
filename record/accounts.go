package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

var (
	_ account.Keeper = (*Vault)(nil)
	_ account.People = (*Vault)(nil)
)

// doorBox seals links and sessions.
func (v *Vault) doorBox() seal.Box { return seal.NewBox(v.ring.Own("doors")) }

func (v *Vault) doorPlace(s store.Space, h account.Hash) []byte {
	return append(append([]byte{'d', byte(s)}, v.inst[:]...), h[:]...)
}

func (v *Vault) sealDoor(s store.Space, h account.Hash, ends time.Time, x any) (store.Object, error) {
	raw, err := json.Marshal(x)
	if err != nil {
		return store.Object{}, err
	}
	return store.Object{Key: h[:], Expires: ends.UnixMilli(), Body: v.doorBox().Seal(nil, seal.Pad(nil, raw), v.doorPlace(s, h))}, nil
}

func (v *Vault) openDoor(s store.Space, h account.Hash, o store.Object, x any) error {
	padded, err := v.doorBox().Open(nil, o.Body, v.doorPlace(s, h))
	if err != nil {
		return err
	}
	raw, err := seal.Unpad(padded)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, x)
}

var errNoDoor = errs.E(errs.NotFound, "record: no such link or session")

// KeepLink implements account.Keeper.
func (v *Vault) KeepLink(ctx context.Context, l account.Link) error {
	o, err := v.sealDoor(store.Links, l.Hash, l.Ends, l)
	if err != nil {
		return wrap("link", err)
	}
	line := v.entering(ctx, l.Subject, "link")
	return wrap("link", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		return tx.SetObject(ctx, store.Links, o)
	}}))
}

// entering is the ledger line of somebody coming or going: in the client's own
// chain if it is a client.
func (v *Vault) entering(ctx context.Context, s account.Subject, act string) *ledger.Line {
	p, _ := v.Person(ctx, s) //nolint:errcheck // somebody who has left is entered without a name
	line := v.line(ctx, account.Actor{}, Entering, act, policy.None, 0)
	line.Entry.Actor = ledger.Actor{Kind: s.Kind.String(), ID: s.ID, Name: p.Name, Title: p.Title}
	if s.Kind == account.Client {
		c := fhir.ClientID(s.ID)
		if pid, ok := pidOf(c); ok {
			if row, ok := v.people.row(c); ok {
				if k, err := v.ring.Client(ctx, pid); err == nil {
					line.PID, line.Row, line.Keys, line.Entry.Client = pid, row, k.Ledger, s.ID
				}
			}
		}
	}
	return line
}

// Enter implements account.Keeper.
func (v *Vault) Enter(ctx context.Context, link account.Hash, now time.Time, newSession func(account.Link) account.Session) (account.Session, error) {
	var s account.Session
	var l account.Link
	// whose it is decides which chain the line goes to, so the link is read first;
	// whether it is still good is decided again inside the transaction
	err := v.st.View(ctx, func(r store.Reader) error { return v.readLink(ctx, r, link, now, &l) })
	if err == nil {
		_, err = v.Person(ctx, l.Subject) // whoever has left stays out
	}
	if err != nil {
		return s, wrap("enter", v.turnedAway(ctx, err))
	}
	s = newSession(l)
	o, err := v.sealDoor(store.Sessions, s.Hash, s.Ends, s)
	if err != nil {
		return s, wrap("enter", err)
	}
	line := v.entering(ctx, l.Subject, "signin")
	err = v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		var again account.Link
		if err := v.readLink(ctx, tx, link, now, &again); err != nil {
			return err
		}
		if again.Uses == account.Once {
			if err := tx.DropObject(ctx, store.Links, link[:]); err != nil {
				return err
			}
		}
		for _, sp := range []store.Space{store.Links, store.Sessions} {
			if err := tx.DropExpired(ctx, sp, now.UnixMilli()); err != nil {
				return err
			}
		}
		return tx.SetObject(ctx, store.Sessions, o)
	}})
	if err != nil {
		return account.Session{}, wrap("enter", v.turnedAway(ctx, err))
	}
	return s, nil
}

func (v *Vault) readLink(ctx context.Context, r store.Reader, h account.Hash, now time.Time, l *account.Link) error {
	o, err := r.Object(ctx, store.Links, h[:])
	if errors.Is(err, store.ErrNotExist) {
		return errNoDoor
	}
	if err != nil {
		return err
	}
	if err := v.openDoor(store.Links, h, o, l); err != nil {
		return err
	}
	if !now.Before(l.Ends) || l.Uses == 0 {
		return errNoDoor
	}
	return nil
}

// turnedAway notes a sign-in that failed, and returns why it did.
func (v *Vault) turnedAway(ctx context.Context, err error) error {
	if !errs.Is(err, errs.NotFound) {
		return err
	}
	line := v.line(ctx, account.Actor{}, Entering, "signin", policy.None, 0)
	line.Entry.Refused = true
	if lerr := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}}); lerr != nil {
		return unwritten(lerr)
	}
	return err
}

// Session implements account.Keeper.
func (v *Vault) Session(ctx context.Context, h account.Hash) (account.Session, error) {
	var s account.Session
	err := v.st.View(ctx, func(r store.Reader) error {
		o, err := r.Object(ctx, store.Sessions, h[:])
		if errors.Is(err, store.ErrNotExist) {
			return errNoDoor
		}
		if err != nil {
			return err
		}
		return v.openDoor(store.Sessions, h, o, &s)
	})
	return s, wrap("session", err)
}

// KeepSession implements account.Keeper. That a session was seen is no act, so
// there is no line.
func (v *Vault) KeepSession(ctx context.Context, s account.Session) error {
	o, err := v.sealDoor(store.Sessions, s.Hash, s.Ends, s)
	if err != nil {
		return wrap("session", err)
	}
	return wrap("session", v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.Object(ctx, store.Sessions, s.Hash[:]); err != nil {
			return errNoDoor // it ended meanwhile, and stays ended
		}
		return tx.SetObject(ctx, store.Sessions, o)
	}}))
}

// DropSession implements account.Keeper.
func (v *Vault) DropSession(ctx context.Context, s account.Session) error {
	line := v.entering(ctx, s.Subject, "signout")
	return wrap("session", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		return tx.DropObject(ctx, store.Sessions, s.Hash[:])
	}}))
}

// Person implements account.People.
func (v *Vault) Person(ctx context.Context, s account.Subject) (account.Person, error) {
	switch s.Kind {
	case account.Client:
		if _, ok := v.people.row(fhir.ClientID(s.ID)); !ok {
			return account.Person{}, errNoDoor
		}
		card, _ := v.people.card(fhir.ClientID(s.ID))
		return account.Person{Name: card.Name, Language: card.Language}, nil
	case account.Staff:
		return v.staffPerson(ctx, s.ID)
	}
	return account.Person{}, errNoDoor
}

func (v *Vault) staffPerson(ctx context.Context, id string) (account.Person, error) {
	var m StaffMember
	err := v.st.View(ctx, func(r store.Reader) error {
		o, err := r.Object(ctx, store.StaffSpace, []byte(id))
		if errors.Is(err, store.ErrNotExist) {
			return errNoDoor
		}
		if err == nil {
			err = json.Unmarshal(o.Body, &m)
		}
		return err
	})
	if err != nil {
		return account.Person{}, wrap("staff", err)
	}
	roles, ok := account.ParseRoles(m.Roles)
	if m.Left || !ok {
		return account.Person{}, errNoDoor
	}
	return account.Person{Name: m.Name, Title: m.Title, Roles: roles}, nil
}

// Verify recomputes the ledger from disk; the error names the first wrong entry.
func (v *Vault) Verify(ctx context.Context) (LedgerReport, error) { return v.led.Verify(ctx) }

// LedgerReport is what Verify found.
type LedgerReport = ledger.Report

// Health is what a look at the whole vault found.
type Health struct {
	Keys    int // keys that open
	Clients int
}

// Check reads every page of the data and opens every key.
func (v *Vault) Check(ctx context.Context) (Health, error) {
	var h Health
	var err error
	if h.Keys, err = v.ring.Check(ctx); err != nil {
		return h, wrap("check", err)
	}
	if err := v.st.Check(ctx); err != nil {
		return h, wrap("check", err)
	}
	err = v.st.View(ctx, func(r store.Reader) error {
		return r.Clients(ctx, func(store.Client, store.PID) error { h.Clients++; return nil })
	})
	if err == nil && h.Keys < 2*h.Clients+1 {
		err = fmt.Errorf("%d keys for %d clients: some are missing from the keyring", h.Keys, h.Clients)
	}
	return h, wrap("check", err)
}

// LastEntry returns when the newest act on the ledger was; the zero Time if there
// is none.
func (v *Vault) LastEntry(ctx context.Context) (time.Time, error) {
	t, err := v.led.Newest(ctx)
	return t, wrap("ledger", err)
}
