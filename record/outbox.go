package record

import (
	"context"
	"encoding/binary"
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
	ID     string // of this lease of it
	Once   string `json:"-"` // the same for each try
	Letter account.Letter
	Made   time.Time
	Tries  int
	Next   time.Time // not before
	Of     rungOf    `json:",omitzero"` // which rung of what it is
}

// rungOf names a rung of a ladder.
type rungOf struct {
	Who  account.Subject
	ID   string
	Rung int
}

// leaseFor is how long somebody who took a letter to send it may take over it
// before another does: longer than the longest conversation with a mail server.
const leaseFor = 3 * time.Minute

// A letter, and a ladder, lies under the time at which it is due: the first are found
// without reading the rest, however many wait.

// timedKey is such a name, with 8 random bytes after the time.
func timedKey(at time.Time, random []byte) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(max(at.UnixMilli(), 0))), random...) //nolint:gosec // not negative
}

// keyTime is the time of a timed key.
func keyTime(key []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(key))) //nolint:gosec // as it was written
}

// errEnough ends the reading of a space.
var errEnough = errors.New("record: enough")

// dueIn hands over what lies in a space of timed keys and is due, the first first.
func dueIn(ctx context.Context, r store.Reader, s store.Space, now time.Time, f func(store.Object) error) error {
	err := r.Objects(ctx, s, func(o store.Object) error {
		if len(o.Key) != 16 || keyTime(o.Key).After(now) {
			return errEnough
		}
		return f(store.Object{Key: slices.Clone(o.Key), Expires: o.Expires, Body: o.Body})
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// queue keeps a letter in the transaction of its cause.
func (v *Vault) queue(ctx context.Context, tx store.Tx, l account.Letter) error {
	return v.queueFor(ctx, tx, l, rungOf{})
}

func (v *Vault) queueFor(ctx context.Context, tx store.Tx, l account.Letter, n rungOf) error {
	random := make([]byte, 8)
	if _, err := io.ReadFull(v.rand, random); err != nil {
		return wrap("letter", err)
	}
	p := Parcel{Letter: l, Made: v.now.Now(), Of: n}
	p.Next = p.Made
	if l.After.After(p.Made) {
		p.Made, p.Next = l.After, l.After
	}
	return v.put(ctx, tx, store.Outbox, timedKey(p.Next, random), time.Time{}, &p)
}

// Due takes at most n letters that are to be sent now, oldest first. Each is
// lent: nobody else gets it for a while. What is of no use any more, because its
// link has ended, is dropped.
func (v *Vault) Due(ctx context.Context, n int) ([]Parcel, error) {
	var out []Parcel
	any := false
	err := v.st.View(ctx, func(r store.Reader) error {
		return dueIn(ctx, r, store.Outbox, v.now.Now(), func(store.Object) error { any = true; return errEnough })
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
	type waiting struct {
		key []byte
		Parcel
	}
	var all []waiting
	now := v.now.Now()
	err := dueIn(ctx, tx, store.Outbox, now, func(o store.Object) error {
		x := waiting{key: o.Key}
		if err := v.unpack(store.Outbox, o, &x.Parcel); err != nil {
			return err
		}
		all = append(all, x)
		if len(all) >= 2*n+20 { // more than enough, with what is of no use
			return errEnough
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b waiting) int { return a.Made.Compare(b.Made) })
	var lent []Parcel
	for _, p := range all {
		if len(lent) == n {
			break
		}
		use, err := v.useful(ctx, tx, p.Letter, now)
		if err != nil {
			return nil, err
		}
		if err := tx.DropObject(ctx, store.Outbox, p.key); err != nil {
			return nil, err
		}
		if !use {
			continue
		}
		p.Next = now.Add(leaseFor)
		key := timedKey(p.Next, p.key[8:])
		p.ID, p.Once = hex.EncodeToString(key), hex.EncodeToString(key[8:])
		if err := v.put(ctx, tx, store.Outbox, key, time.Time{}, &p.Parcel); err != nil {
			return nil, err
		}
		lent = append(lent, p.Parcel)
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

// Settled says that the other side took a letter. What somebody else has settled, or has
// taken since, stays as it is.
func (v *Vault) Settled(ctx context.Context, id string) error {
	return v.settleParcel(ctx, id, func(ctx context.Context, tx store.Tx, p Parcel) error { return v.arrived(ctx, tx, p, RungSent) })
}

// Lost says that a letter is given up: nobody takes it.
func (v *Vault) Lost(ctx context.Context, id string) error {
	return v.settleParcel(ctx, id, func(ctx context.Context, tx store.Tx, p Parcel) error { return v.arrived(ctx, tx, p, RungLost) })
}

// Again says that a letter could not be sent, and when to try again.
func (v *Vault) Again(ctx context.Context, id string, next time.Time) error {
	return v.settleParcel(ctx, id, func(ctx context.Context, tx store.Tx, p Parcel) error {
		key, err := parcelKey(id)
		if err != nil {
			return err
		}
		p.Tries++
		p.Next, p.ID = next, ""
		return v.put(ctx, tx, store.Outbox, timedKey(next, key[8:]), time.Time{}, &p)
	})
}

// settleParcel ends a lease.
func (v *Vault) settleParcel(ctx context.Context, id string, then func(context.Context, store.Tx, Parcel) error) error {
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
		if err := tx.DropObject(ctx, store.Outbox, key); err != nil {
			return err
		}
		return then(ctx, tx, p)
	}}))
}
