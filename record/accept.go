package record

import (
	"context"
	"encoding/hex"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/store"
)

func (v *Vault) offerHolder(key []byte) store.Key {
	return v.holder("offer", hex.EncodeToString(key))
}

// Accept moves a visit to the time that is offered. Its old time is given back in the
// same act, and whoever else was asked hears that it has gone.
func (c *Chart) Accept(ctx context.Context, visit string) error {
	if !c.books() {
		return errRefused
	}
	v, key := c.v, c.v.wishKey(c.client, visit)
	var x wish
	err := v.st.View(ctx, func(r store.Reader) error { return v.get(ctx, r, store.Wishes, key, &x) })
	if errs.Is(err, errs.NotFound) || err == nil && (x.Ask == nil || !v.now.Now().Before(x.Ask.Ends)) {
		return wrap("accept", errGone)
	}
	if err != nil {
		return wrap("accept", err)
	}
	in := *c
	if !x.Ask.Race {
		in.held = v.offerHolder(key)
	}
	s := x.Ask.Seat
	return in.moveWith(ctx, visit, Pick{s.Service, s.Who, s.From, s.Mode}, func(ctx context.Context, tx store.Tx) error {
		return v.answered(ctx, tx, key, x)
	})
}

// answered ends an offer that was accepted: the wish is met, and the others hear. What
// was declined, taken back or offered to another since is gone.
func (v *Vault) answered(ctx context.Context, tx store.Tx, key []byte, x wish) error {
	var now wish
	err := v.get(ctx, tx, store.Wishes, key, &now)
	if errs.Is(err, errs.NotFound) || err == nil && (now.Ask == nil || now.Ask.Freed != x.Ask.Freed || !v.now.Now().Before(now.Ask.Ends)) {
		return errGone
	}
	if err != nil {
		return err
	}
	if err := tx.DropObject(ctx, store.Wishes, key); err != nil {
		return err
	}
	fk, err := hex.DecodeString(x.Ask.Freed)
	if err != nil {
		return err
	}
	var f freedTime
	err = v.get(ctx, tx, store.Freed, fk, &f)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := v.tellOthers(ctx, tx, f, hex.EncodeToString(key)); err != nil {
		return err
	}
	return tx.DropObject(ctx, store.Freed, fk)
}

// tellOthers tells those who were asked at once that somebody else was first.
func (v *Vault) tellOthers(ctx context.Context, tx store.Tx, f freedTime, but string) error {
	for _, k := range f.Race {
		if k == but {
			continue
		}
		key, err := hex.DecodeString(k)
		if err != nil {
			return err
		}
		var x wish
		err = v.get(ctx, tx, store.Wishes, key, &x)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		x.Ask = nil
		if err := v.put(ctx, tx, store.Wishes, key, x.Before, &x); err != nil {
			return err
		}
		if err := v.tellVisit(ctx, tx, Seat{Client: x.Client, From: x.Before}, x.Visit, account.LetterGone); err != nil {
			return err
		}
	}
	return nil
}

// DeclineOffer leaves an offer to the next; the wish stays.
func (c *Chart) DeclineOffer(ctx context.Context, visit string) error {
	if !c.books() {
		return errRefused
	}
	v := c.v
	return c.wished(ctx, "decline", visit, func(_ fhir.Appointment, x *wish) (*wish, error) {
		if x == nil || x.Ask == nil {
			return nil, errNoVisit
		}
		x.Ask.Ends = v.now.Now()
		return x, nil
	})
}
