package record

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// A guest has no chart yet. What they book is kept in the calendar, sealed, and goes
// into their chart when they are taken on.

// noteMost is how long a note with a visit can be, in characters.
const noteMost = 2000

// brief refuses a note that is none.
func brief(note string) error {
	if n := utf8.RuneCountInString(note); n > noteMost {
		return errs.E(errs.Invalid, "record: a note of %d characters, %d are enough", n, noteMost)
	}
	return nil
}

// guestMost is how many visits to come somebody has who is no client yet.
const guestMost = 3

// errMany refuses one more.
var errMany = errs.Say(errs.E(errs.Conflict, "record: a guest has %d visits to come", guestMost), "visits.many")

// TimesOf returns the times for who is signed in, or for a browser nobody is signed in
// at.
func (v *Vault) TimesOf(who account.Actor, token string) *Calendar {
	t := v.Times(token)
	if who.Kind() == account.Guest {
		t.who = who
	}
	return t
}

// Reserved is a visit of somebody who has no chart yet.
type Reserved struct {
	ID string
	Seat
}

// reservedID is the name of what a guest books. It follows from the key, so that
// confirming twice is confirming once.
func (t *Calendar) reservedID(key string) timeID {
	return timeID(t.v.Key("reserved "+t.who.ID(), key))
}

// Reserve books a visit for a guest: what is held for their browser, or a time that is
// open. Instead names one of theirs that is given back in the same act, "" for none.
func (t *Calendar) Reserve(ctx context.Context, key, note string, p Pick, instead string) (string, error) {
	if t == nil || t.v == nil || t.who.Kind() != account.Guest || key == "" {
		return "", errRefused
	}
	if err := brief(note); err != nil {
		return "", err
	}
	id := t.reservedID(key)
	if instead != "" { // it keeps its name, and its slips are good
		var err error
		if id, err = reservedName(instead); err != nil {
			return "", err
		}
	}
	var freed []timeID
	var took []*taking
	var lapsed time.Time
	write := func(ctx context.Context, tx store.Tx) error {
		freed, took, lapsed = nil, nil, t.v.now.Now()
		if err := tx.Lapse(ctx, lapsed.UnixMilli()); err != nil {
			return err
		}
		was, err := t.v.takenAs(ctx, tx, id)
		if err != nil || was != nil && was.is(p) && was.Mode == p.Mode && was.Guest == t.who.ID() {
			return err // it was booked before
		}
		held, err := t.v.heldBy(ctx, tx, t.holder)
		if err != nil {
			return err
		}
		var old *taking
		if instead != "" {
			if old, err = t.reserved(ctx, tx, instead); err != nil {
				return err
			}
			if err := t.v.inTime(*old); err != nil {
				return err
			}
		}
		seat, ok := t.v.times.seat(t.v, p, false, t.holder, held, old)
		if held != nil && held.is(p) && held.Mode == p.Mode && t.v.stands(held, false) {
			seat, ok = held.Seat, true
		}
		if !ok {
			return errGone
		}
		seat.Guest, seat.Note, seat.Kept, seat.Made = t.who.ID(), note, 0, t.v.now.Now().UTC()
		for _, x := range []*taking{held, old} {
			if x == nil {
				continue
			}
			freed = append(freed, x.ID)
			if err := tx.Free(ctx, x.ID); err != nil {
				return err
			}
		}
		x, err := t.v.closed(id, store.Visit, seat)
		if err != nil {
			return err
		}
		if err := t.v.limited(ctx, tx, x); err != nil {
			return goneIf(err)
		}
		if err := tx.Take(ctx, x.Taken); err != nil {
			return goneIf(err)
		}
		took = append(took, x)
		if err := t.counted(ctx, tx, id); err != nil {
			return err
		}
		kind := account.LetterBooked
		if old != nil {
			kind = account.LetterMoved
			if err := t.v.freed(ctx, tx, old.Seat); err != nil {
				return err
			}
		}
		return t.v.tellVisit(ctx, tx, seat, hex.EncodeToString(id[:]), kind)
	}
	err := t.act(ctx, "book", write, func() {
		t.v.times.lapse(lapsed)
		if len(took) > 0 {
			t.v.times.change(freed, took)
		}
	})
	return hex.EncodeToString(id[:]), wrap("reserve", err)
}

// act is one act of a guest on the calendar, on the practice's own chain.
func (t *Calendar) act(ctx context.Context, what string, write func(context.Context, store.Tx) error, after func()) error {
	line := t.v.line(ctx, t.who, Booking, what, policy.None, 0)
	return t.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: write, After: after})
}

// goneIf makes of a time that is taken what people are told.
func goneIf(err error) error {
	if errors.Is(err, store.ErrTaken) {
		return errGone
	}
	return err
}

// inTime refuses to change a visit later than its service allows.
func (v *Vault) inTime(x taking) error {
	s, _ := v.Timetable().Service(x.Service)
	if v.now.Now().After(x.Seat.From.Add(-time.Duration(s.Change) * time.Minute)) {
		return errTooLate
	}
	return nil
}

// reservedName reads what a visit of a guest is called.
func reservedName(id string) (timeID, error) {
	key, err := hex.DecodeString(id)
	if err != nil || len(key) != len(timeID{}) {
		return timeID{}, errNoVisit
	}
	return timeID(key), nil
}

// counted notes, in the transaction that takes it, one more visit of a guest, and
// refuses what would be too many to come. What is asked is the disk: others may be
// booking in the same commit.
func (t *Calendar) counted(ctx context.Context, tx store.Tx, id timeID) error {
	key := t.v.Key("reserved by", t.who.ID())
	var ids []timeID
	if err := t.v.get(ctx, tx, store.Marks, key, &ids); err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	now, until := t.v.now.Now(), time.Time{}
	left := []timeID{id}
	for _, x := range append(ids, id) {
		y, err := t.v.takenAs(ctx, tx, x)
		if err != nil {
			return err
		}
		if y == nil || y.Guest != t.who.ID() || !y.Seat.To.After(now) {
			continue
		}
		if !slices.Contains(left, x) {
			left = append(left, x)
		}
		if y.Seat.To.After(until) {
			until = y.Seat.To
		}
	}
	if len(left) > guestMost {
		return errMany
	}
	return t.v.put(ctx, tx, store.Marks, key, until, left)
}

// reserved reads one of the guest's own.
func (t *Calendar) reserved(ctx context.Context, r store.Reader, id string) (*taking, error) {
	key, err := reservedName(id)
	if err != nil {
		return nil, err
	}
	x, err := t.v.takenAs(ctx, r, key)
	if err != nil {
		return nil, err
	}
	if x == nil || x.Guest == "" || x.Guest != t.who.ID() {
		return nil, errNoVisit
	}
	return x, nil
}

// Reservations returns what a guest has booked, in order.
func (t *Calendar) Reservations() []Reserved {
	if t == nil || t.v == nil || t.who.Kind() != account.Guest {
		return nil
	}
	var out []Reserved
	for _, x := range t.v.reservedBy(t.who.ID()) {
		out = append(out, Reserved{hex.EncodeToString(x.ID[:]), x.Seat})
	}
	return out
}

// Release calls off what a guest booked.
func (t *Calendar) Release(ctx context.Context, id string) error {
	if t == nil || t.v == nil || t.who.Kind() != account.Guest {
		return errRefused
	}
	var freed []timeID
	return wrap("release", t.act(ctx, "cancel", func(ctx context.Context, tx store.Tx) error {
		x, err := t.reserved(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := t.v.inTime(*x); err != nil {
			return err
		}
		freed = []timeID{x.ID}
		if err := tx.Free(ctx, x.ID); err != nil {
			return err
		}
		if err := t.v.freed(ctx, tx, x.Seat); err != nil {
			return err
		}
		return t.v.tellVisit(ctx, tx, x.Seat, id, account.LetterOff)
	}, func() { t.v.times.change(freed, nil) }))
}

// CheckIn is [Chart.CheckIn] for what a guest booked.
func (t *Calendar) CheckIn(id string) string {
	if t == nil || t.v == nil {
		return ""
	}
	return t.v.checkIn(t.who.ID(), id)
}

// bring puts what a guest booked into the chart they have now. What was brought before
// is not there to be brought again.
func (v *Vault) bring(ctx context.Context, who account.Actor, why Purpose, b policy.Basis, guest string, as fhir.ClientID) error {
	mine := v.reservedBy(guest)
	if len(mine) == 0 {
		return nil
	}
	names, err := v.staffNames(ctx)
	if err != nil {
		return err
	}
	for _, x := range mine {
		c, err := (&Directory{v: v, who: who, why: why, basis: b}).inner(ctx, as)
		if err != nil {
			return err
		}
		c.inside = true
		seat := x.Seat
		seat.Guest, seat.Note = "", ""
		_, err = v.commit(ctx, deed{act: "book",
			plan: func(context.Context, store.Reader) ([]Write, error) {
				return []Write{{c, []Change{c.appointmentOf("v"+hex.EncodeToString(x.ID[:]), seat, names, x.Note)}}}, nil
			},
			also: func(ctx context.Context, tx store.Tx, _ bool) error { return tx.Free(ctx, x.ID) },
			gave: func() []timeID { return []timeID{x.ID} },
		})
		if err != nil && !errors.Is(err, store.ErrNotExist) { // somebody else brought it
			return err
		}
	}
	return nil
}

// reservedBy returns what a guest has booked, in order.
func (v *Vault) reservedBy(guest string) []*taking {
	v.times.mu.RLock()
	defer v.times.mu.RUnlock()
	var out []*taking
	for _, x := range v.times.byID {
		if guest != "" && x.Guest == guest {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b *taking) int { return a.Seat.From.Compare(b.Seat.From) })
	return out
}
