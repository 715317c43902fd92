package account

import (
	"context"
	"slices"
	"time"
)

// trustedMax bounds the devices an account knows.
const trustedMax = 20

func (d *Doors) trustKey(h Hash) []byte { return d.keep.Key("device", string(h[:])) }

// trust remembers the device of a session that was opened with a key: tries from
// it are counted apart. It lets nobody in.
func (d *Doors) trust(ctx context.Context, k Desk, a *Access, s *Session) error {
	if s.Level < ByKey || s.Device.Use != Theirs || s.Device.Trust == "" || slices.Contains(s.Proofs, MadeUp) {
		return nil
	}
	h := HashOf(s.Device.Trust)
	if slices.Contains(a.Trusted, h) {
		return nil
	}
	if a.Trusted = append(a.Trusted, h); len(a.Trusted) > trustedMax {
		old := a.Trusted[0]
		if err := d.distrust(ctx, k, a, func(h Hash) bool { return h == old }); err != nil {
			return err
		}
	}
	whose, err := d.readers(ctx, k, "device", string(h[:]))
	if err != nil || slices.Contains(whose, a.Subject) {
		return err
	}
	whose = append(whose, a.Subject)
	return k.Put(ctx, Addresses, d.trustKey(h), time.Time{}, &whose)
}

// distrust forgets devices.
func (d *Doors) distrust(ctx context.Context, k Desk, a *Access, which func(Hash) bool) error {
	var left []Hash
	for _, h := range a.Trusted {
		if !which(h) {
			left = append(left, h)
			continue
		}
		if err := d.unindexed(ctx, k, a.Subject, "device", string(h[:])); err != nil {
			return err
		}
	}
	a.Trusted = left
	return nil
}

// known returns the accounts that came in with a key from the device a try is
// from.
func (d *Doors) known(ctx context.Context, from Origin) (whose []Subject, err error) {
	if from.Trust == "" {
		return nil, nil
	}
	h := HashOf(from.Trust)
	err = d.keep.Look(ctx, func(r Reader) error {
		whose, err = d.readers(ctx, r, "device", string(h[:]))
		return err
	})
	return whose, err
}

// take counts a try to come in.
func (d *Doors) take(ctx context.Context, from Origin, w way) error {
	whose, err := d.known(ctx, from)
	if err != nil {
		return err
	}
	return d.limit.take(from, w, len(whose) > 0)
}

// guess counts a guess at an account.
func (d *Doors) guess(ctx context.Context, s Subject, from Origin) error {
	whose, err := d.known(ctx, from)
	if err != nil {
		return err
	}
	return d.limit.guess(s.Kind.String()+" "+s.ID, from, slices.Contains(whose, s))
}

// knows reports that a try is from a device that somebody who reads a mailbox came in
// from before.
func (d *Doors) knows(ctx context.Context, box string, from Origin) (bool, error) {
	whose, err := d.known(ctx, from)
	if err != nil || len(whose) == 0 {
		return false, err
	}
	var here []Subject
	err = d.keep.Look(ctx, func(r Reader) error {
		here, err = d.readers(ctx, r, "mailbox", box)
		return err
	})
	return slices.ContainsFunc(here, func(s Subject) bool { return slices.Contains(whose, s) }), err
}

// quiet counts a letter to an address; true means that it is not sent.
func (d *Doors) quiet(ctx context.Context, address string, from Origin) (bool, error) {
	box := Mailbox(address)
	known, err := d.knows(ctx, box, from)
	return err == nil && d.limit.letter(box, from, known), err
}

// stray puts a try with what never was on the ledger, as long as there are few, and
// returns what it was refused for.
func (d *Doors) stray(ctx context.Context, p Proof, denied error) error {
	if !d.limit.stray() {
		return denied
	}
	err := d.keep.Change(ctx, func(k Desk) error {
		k.Note(Act{What: "signin", How: p, Refused: true})
		return nil
	})
	if err != nil {
		return err
	}
	return denied
}
