package record

import (
	"context"
	"fmt"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/store"
)

var _ account.People = (*Vault)(nil)

// Person implements account.People.
func (v *Vault) Person(ctx context.Context, s account.Subject) (p account.Person, err error) {
	err = v.st.View(ctx, func(r store.Reader) error {
		p, err = v.personIn(ctx, r, s)
		return err
	})
	return p, err
}

// personIn is Person over one state.
func (v *Vault) personIn(ctx context.Context, r store.Reader, s account.Subject) (account.Person, error) {
	switch s.Kind {
	case account.Client:
		if _, ok := v.people.row(fhir.ClientID(s.ID)); !ok {
			return account.Person{}, errNoDoor
		}
		card, _ := v.people.card(fhir.ClientID(s.ID))
		return account.Person{Name: card.Name, Language: card.Language}, nil
	case account.Staff:
		return v.staffPerson(ctx, r, s.ID)
	case account.Guest:
		return v.guest(ctx, r, s)
	}
	return account.Person{}, errNoDoor
}

func (v *Vault) staffPerson(ctx context.Context, r store.Reader, id string) (account.Person, error) {
	m, err := staffIn(ctx, r, id)
	if err != nil {
		return account.Person{}, wrap("staff", err)
	}
	all, at, ok := m.roles(v.practice.Load().Places)
	if m.Left || m.Frozen || !ok {
		return account.Person{}, errNoDoor
	}
	return account.Person{Name: m.Name, Title: m.Title, Roles: all, Places: at}, nil
}

// Health is what a look at the whole vault found.
type Health struct {
	Keys    int // keys that open
	Clients int
}

// Check reads every page of the data, opens every key, and looks for the file of every
// attachment.
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
		return r.Clients(ctx, func(_ store.Client, pid store.PID) error {
			if _, here := v.people.row(clientID(pid)); here {
				h.Clients++
			}
			return nil
		})
	})
	if err == nil && h.Keys < 2*h.Clients+1 {
		err = fmt.Errorf("%d keys for %d clients: some are missing from the keyring", h.Keys, h.Clients)
	}
	if err == nil {
		var n int
		if n, err = v.missing(ctx); n > 0 {
			err = errs.E(errs.Internal, "%d attachments have no file: restore the folder blobs, too", n)
		}
	}
	return h, wrap("check", err)
}

// LastEntry returns when the newest act on the ledger was; the zero Time if there
// is none.
func (v *Vault) LastEntry(ctx context.Context) (time.Time, error) {
	t, err := v.led.Newest(ctx)
	return t, wrap("ledger", err)
}
