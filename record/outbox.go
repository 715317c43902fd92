package record

import (
	"context"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// Parcel is a letter on its way.
type Parcel struct {
	ID     string
	Letter account.Letter
	Made   time.Time
	Tries  int
	Next   time.Time // not before
}

// leaseFor is how long somebody who took a letter to send it may take over it
// before another does.
const leaseFor = 2 * time.Minute

// queue keeps a letter in the transaction of its cause.
func (v *Vault) queue(ctx context.Context, tx store.Tx, l account.Letter) error {
	id := make([]byte, 16)
	if _, err := io.ReadFull(v.rand, id); err != nil {
		return wrap("letter", err)
	}
	now := v.now.Now()
	return v.put(ctx, tx, store.Outbox, id, time.Time{}, &Parcel{ID: hex.EncodeToString(id), Letter: l, Made: now, Next: now})
}

// Due takes at most n letters that are to be sent now, oldest first. Each is
// lent: nobody else gets it for a while.
func (v *Vault) Due(ctx context.Context, n int) ([]Parcel, error) {
	var out []Parcel
	any := false
	err := v.st.View(ctx, func(r store.Reader) error {
		return r.Objects(ctx, store.Outbox, func(store.Object) error { any = true; return nil })
	})
	if err != nil || !any {
		return nil, wrap("letters", err)
	}
	err = v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		out = nil
		now := v.now.Now()
		err := tx.Objects(ctx, store.Outbox, func(o store.Object) error {
			var p Parcel
			if err := v.unpack(store.Outbox, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &p); err != nil {
				return err
			}
			if !now.Before(p.Next) {
				out = append(out, p)
			}
			return nil
		})
		if err != nil {
			return err
		}
		slices.SortFunc(out, func(a, b Parcel) int { return a.Made.Compare(b.Made) })
		out = out[:min(n, len(out))]
		for i := range out {
			lent := out[i]
			lent.Next = now.Add(leaseFor)
			if err := v.putParcel(ctx, tx, lent); err != nil {
				return err
			}
		}
		return nil
	}})
	return out, wrap("letters", err)
}

func (v *Vault) putParcel(ctx context.Context, tx store.Tx, p Parcel) error {
	id, err := hex.DecodeString(p.ID)
	if err != nil {
		return errs.E(errs.Invalid, "record: no such letter")
	}
	return v.put(ctx, tx, store.Outbox, id, time.Time{}, &p)
}

// Settled says that a letter is done with: sent, or given up.
func (v *Vault) Settled(ctx context.Context, p Parcel) error {
	id, err := hex.DecodeString(p.ID)
	if err != nil {
		return errs.E(errs.Invalid, "record: no such letter")
	}
	return wrap("letters", v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		return tx.DropObject(ctx, store.Outbox, id)
	}}))
}

// Again says that a letter could not be sent, and when to try again.
func (v *Vault) Again(ctx context.Context, p Parcel, next time.Time) error {
	p.Tries++
	p.Next = next
	return wrap("letters", v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		return v.putParcel(ctx, tx, p)
	}}))
}
