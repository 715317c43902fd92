package record

import (
	"context"
	"encoding/hex"
	"errors"
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
// before another does: longer than the longest conversation with a mail server.
const leaseFor = 3 * time.Minute

// queue keeps a letter in the transaction of its cause.
func (v *Vault) queue(ctx context.Context, tx store.Tx, l account.Letter) error {
	id := make([]byte, 16)
	if _, err := io.ReadFull(v.rand, id); err != nil {
		return wrap("letter", err)
	}
	p := Parcel{ID: hex.EncodeToString(id), Letter: l, Made: v.now.Now()}
	p.Next = p.Made
	if l.After.After(p.Made) {
		p.Made, p.Next = l.After, l.After
	}
	return v.put(ctx, tx, store.Outbox, id, time.Time{}, &p)
}

// Due takes at most n letters that are to be sent now, oldest first. Each is
// lent: nobody else gets it for a while. What is of no use any more, because its
// link has ended, is dropped.
func (v *Vault) Due(ctx context.Context, n int) ([]Parcel, error) {
	var out []Parcel
	any := false
	err := v.st.View(ctx, func(r store.Reader) error {
		return r.Objects(ctx, store.Outbox, func(store.Object) error { any = true; return nil })
	})
	if err != nil || !any {
		return nil, wrap("letters", err)
	}
	err = v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) (err error) {
		out, err = v.due(ctx, tx, n)
		return err
	}})
	return out, wrap("letters", err)
}

func (v *Vault) due(ctx context.Context, tx store.Tx, n int) ([]Parcel, error) {
	var out []Parcel
	now := v.now.Now()
	err := tx.Objects(ctx, store.Outbox, func(o store.Object) error {
		var p Parcel
		err := v.unpack(store.Outbox, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &p)
		if err == nil && !now.Before(p.Next) {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Parcel) int { return a.Made.Compare(b.Made) })
	var lent []Parcel
	for _, p := range out {
		if len(lent) == n {
			break
		}
		use, err := v.useful(ctx, tx, p.Letter, now)
		if err != nil {
			return nil, err
		}
		if !use {
			if err := v.dropParcel(ctx, tx, p.ID); err != nil {
				return nil, err
			}
			continue
		}
		lent = append(lent, p)
		p.Next = now.Add(leaseFor)
		if err := v.putParcel(ctx, tx, p); err != nil {
			return nil, err
		}
	}
	return lent, nil
}

// useful reports whether a letter still says something true.
func (v *Vault) useful(ctx context.Context, r store.Reader, l account.Letter, now time.Time) (bool, error) {
	if !l.Ends.IsZero() && !now.Before(l.Ends) {
		return false, nil
	}
	if l.While == (account.Hash{}) {
		return true, nil
	}
	_, err := r.Object(ctx, store.Links, l.While[:])
	if errors.Is(err, store.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func parcelKey(id string) ([]byte, error) {
	key, err := hex.DecodeString(id)
	if err != nil || len(key) != 16 {
		return nil, errs.E(errs.Invalid, "record: no such letter")
	}
	return key, nil
}

func (v *Vault) putParcel(ctx context.Context, tx store.Tx, p Parcel) error {
	key, err := parcelKey(p.ID)
	if err != nil {
		return err
	}
	return v.put(ctx, tx, store.Outbox, key, time.Time{}, &p)
}

func (v *Vault) dropParcel(ctx context.Context, tx store.Tx, id string) error {
	key, err := parcelKey(id)
	if err != nil {
		return err
	}
	return tx.DropObject(ctx, store.Outbox, key)
}

// Settled says that a letter is done with: sent, or given up.
func (v *Vault) Settled(ctx context.Context, id string) error {
	return wrap("letters", v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error { return v.dropParcel(ctx, tx, id) }}))
}

// Again says that a letter could not be sent, and when to try again.
func (v *Vault) Again(ctx context.Context, id string, next time.Time) error {
	key, err := parcelKey(id)
	if err != nil {
		return err
	}
	return wrap("letters", v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		var p Parcel
		err := v.get(ctx, tx, store.Outbox, key, &p)
		if errs.Is(err, errs.NotFound) {
			return nil // somebody else settled it
		}
		if err != nil {
			return err
		}
		p.Tries++
		p.Next = next
		return v.putParcel(ctx, tx, p)
	}}))
}
