package record

import (
	"context"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
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

// StepBack ends what the actor may do for a client.
func (h *Household) StepBack(ctx context.Context, of fhir.ClientID) error {
	if h == nil || h.v == nil {
		return errRefused
	}
	return h.v.StepBack(ctx, h.who, of)
}
