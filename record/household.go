package record

import (
	"context"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Household is whom one actor looks after, opened for that actor. The zero Household is
// closed.
type Household struct {
	v    *Vault
	who  account.Actor
	what Parts
}

// OpenHousehold opens whom an actor looks after, and says which parts of their
// charts may be opened through it. Only clients and guests who came in with a key
// look after anybody.
func (v *Vault) OpenHousehold(_ context.Context, who account.Actor, what Parts) (*Household, error) {
	if err := helper(who); err != nil {
		return nil, err
	}
	return &Household{v, who, what}, nil
}

// Caring returns whom the actor looks after today, by name.
func (h *Household) Caring(ctx context.Context) ([]Cared, error) {
	if h == nil || h.v == nil {
		return nil, errRefused
	}
	return h.v.Caring(ctx, h.who)
}

// Beyond returns the minors the actor is a guardian of and, at their age, sees nothing of.
func (h *Household) Beyond(ctx context.Context) ([]Cared, error) {
	if h == nil || h.v == nil {
		return nil, errRefused
	}
	return h.v.Beyond(ctx, h.who)
}

// Charts opens the parts the page named, of everybody's chart, the actor's own
// first; see Vault.OpenAll.
func (h *Household) Charts(ctx context.Context) ([]*Chart, error) {
	if h == nil || h.v == nil {
		return nil, errRefused
	}
	return h.v.OpenAll(ctx, h.who, h.what)
}

// Waiting reports that the actor asked to be taken on and that the practice has
// yet to answer.
func (h *Household) Waiting(ctx context.Context) (bool, error) {
	if h == nil || h.v == nil {
		return false, errRefused
	}
	err := h.v.st.View(ctx, func(r store.Reader) error {
		var w account.Wait
		return h.v.get(ctx, r, store.Waiting, h.v.Key("waiting", h.who.ID()), &w)
	})
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return err == nil, wrap("waiting", err)
}

// Asks returns who asks the actor for help by a link; errs.NotFound if nobody does
// any more.
func (h *Household) Asks(ctx context.Context, token string) (Asked, error) {
	if h == nil || h.v == nil {
		return Asked{}, errRefused
	}
	return h.v.Asks(ctx, h.who, token)
}

// Take accepts to act for whoever asked by a link.
func (h *Household) Take(ctx context.Context, token string) (fhir.ClientID, error) {
	if h == nil || h.v == nil {
		return "", errRefused
	}
	return h.v.TakeHelp(ctx, h.who, token)
}

// Decline says no to whoever asked by a link.
func (h *Household) Decline(ctx context.Context, token string) error {
	if h == nil || h.v == nil {
		return errRefused
	}
	return h.v.DeclineHelp(ctx, h.who, token)
}

// AskToJoin asks the practice to take the actor on, who has no chart; one who asked
// already still asks.
func (h *Household) AskToJoin(ctx context.Context) error {
	if h == nil || h.v == nil || h.who.Kind() != account.Guest {
		return errRefused
	}
	v := h.v
	line := v.line(ctx, h.who, Helping, "join", policy.None, 0)
	return wrap("join", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		a, err := v.accessOf(ctx, tx, h.who.Subject())
		if err != nil {
			return err
		}
		if a == nil || a.Moved {
			return errAbsent
		}
		w, key := account.Wait{Subject: h.who.Subject(), Name: a.Name, At: v.now.Now()}, v.Key("waiting", h.who.ID())
		if len(a.Mails) > 0 {
			w.Mail = a.Mails[0].Address
		}
		var was account.Wait
		if err := v.get(ctx, tx, store.Waiting, key, &was); !errs.Is(err, errs.NotFound) {
			return err
		}
		return v.put(ctx, tx, store.Waiting, key, time.Time{}, &w)
	}}))
}

// StepBack ends what the actor may do for a client.
func (h *Household) StepBack(ctx context.Context, of fhir.ClientID) error {
	if h == nil || h.v == nil {
		return errRefused
	}
	return h.v.StepBack(ctx, h.who, of)
}
