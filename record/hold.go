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
	"rapport/fhir"
	"rapport/hours"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// Calendar is the practice's times for one who may take some: what is open, and the
// one time that is held for them while they choose. A hold is no act about anybody's
// chart and has no line on the ledger; the visit it becomes has. The zero Calendar
// shows nothing and holds nothing.
type Calendar struct {
	v      *Vault
	holder store.Key // zero for one who may only look
	client fhir.ClientID
	who    account.Actor // a guest who is signed in
	staff  bool
	until  time.Time // holds end then; the zero time is after the practice's minutes
}

// Calendar returns the times for who may write visits into this chart.
func (c *Chart) Calendar() *Calendar {
	if c == nil || c.v == nil || c.writes&Visits == 0 {
		return &Calendar{}
	}
	t := &Calendar{v: c.v, client: c.client, staff: c.who.Kind() == account.Staff}
	t.holder = c.holder()
	return t
}

// holder is for whom a chart's times are held: the client, whoever acts for them, so
// that two tabs and a helper have one time between them; staff have one of their own.
func (c *Chart) holder() store.Key {
	if c.held != (store.Key{}) {
		return c.held
	}
	if c.who.Kind() == account.Staff {
		return c.v.holder("staff", c.who.ID())
	}
	return c.v.holder("client", string(c.client))
}

// keptMost is for how long staff may keep a time for a client.
const keptMost = 4 * time.Hour

// KeepFor holds a time for the client until then, for staff who offer it to them: they
// find it held when they come to book. A time the client holds themselves stays theirs.
func (c *Chart) KeepFor(ctx context.Context, p Pick, until time.Time) (Held, error) {
	if c == nil || c.v == nil || c.writes&Visits == 0 || !c.byStaff() {
		return Held{}, errRefused
	}
	if most := c.v.now.Now().Add(keptMost); until.After(most) {
		until = most
	}
	if !until.After(c.v.now.Now()) || !until.Before(p.From) {
		return Held{}, wrap("keep for", errGone)
	}
	t := &Calendar{v: c.v, client: c.client, staff: true, holder: c.v.holder("client", string(c.client)), until: until}
	if h, err := t.Held(ctx); err == nil && !h.From.Equal(p.From) {
		return Held{}, wrap("keep for", errs.Say(errs.E(errs.Conflict, "record: the client is choosing a time"), "visits.choosing"))
	}
	return t.Hold(ctx, p)
}

// Times returns the times for somebody who is not known here: token is their
// browser's, "" for one who may only look.
func (v *Vault) Times(token string) *Calendar {
	t := &Calendar{v: v}
	if token != "" {
		t.holder = v.holder("guest", token)
	}
	return t
}

func (v *Vault) holder(kind, id string) store.Key {
	return store.Key(v.Key("holder "+kind, id))
}

// Pick is a time as somebody chooses it. The end follows from the service.
type Pick struct {
	Service string
	Who     string // staff id
	From    time.Time
	Mode    hours.Modes // one of the opening's
}

// Held is the time that is held for somebody.
type Held struct {
	Seat
	Ends time.Time
	Left int         // how often it can be kept on
	Ways hours.Modes // the ways it can be, if no other is chosen
	In   string      // the room it would be in, in person; "" for none
	key  string
}

// keepings is how often a hold can be kept on.
const keepings = 10

// What a time is refused for.
var (
	errGone     = errs.Say(errs.E(errs.Conflict, "record: the time is taken"), "visits.gone")
	errNotHeld  = errs.Say(errs.E(errs.Conflict, "record: no time is held"), "visits.not_held")
	errKept     = errs.Say(errs.E(errs.Conflict, "record: the time was kept as often as it can be"), "visits.kept")
	errTooLate  = errs.Say(errs.E(errs.Conflict, "record: it is too late to change the visit"), "visits.too_late")
	errAnyTimes = errs.E(errs.Refused, "record: no times")
)

// Openings returns the times at which a service can be had; see [Vault.Openings].
func (t *Calendar) Openings(q hours.Query) []hours.Opening {
	if t == nil || t.v == nil {
		return nil
	}
	q.Staff = t.staff
	return t.v.Openings(q)
}

// Timetable returns what the practice wrote down about its times; nobody may change it.
func (t *Calendar) Timetable() *hours.Timetable {
	if t == nil || t.v == nil {
		return &hours.Timetable{}
	}
	return t.v.Timetable()
}

// Watch is [Vault.Watch].
func (t *Calendar) Watch() (state uint64, next <-chan struct{}) {
	if t == nil || t.v == nil {
		return 0, nil
	}
	return t.v.Watch()
}

// Held returns the time that is held; errs.Conflict if there is none, or none any more.
func (t *Calendar) Held(ctx context.Context) (Held, error) {
	if t == nil || t.v == nil || t.holder == (store.Key{}) {
		return Held{}, errNotHeld
	}
	var out Held
	err := t.v.st.View(ctx, func(r store.Reader) error {
		x, err := t.v.heldBy(ctx, r, t.holder)
		if x == nil || err != nil {
			return orElse(err, errNotHeld)
		}
		out = x.held()
		out.Ways, out.In = t.v.times.ways(t.v, x, t.staff)
		return nil
	})
	return out, wrap("held", err)
}

// Holds reports whether times can be held: of somebody who helps a client, whether
// they may book for them.
func (t *Calendar) Holds() bool { return t != nil && t.v != nil && t.holder != (store.Key{}) }

func (x *taking) held() Held {
	return Held{Seat: x.Seat, Ends: time.UnixMilli(x.Ends), Left: keepings - x.Kept, Ways: x.Mode, In: x.Room, key: hex.EncodeToString(x.ID[:])}
}

// heldBy returns the hold of somebody that has not ended; nil for none.
func (v *Vault) heldBy(ctx context.Context, r store.Reader, k store.Key) (*taking, error) {
	x, err := r.HeldBy(ctx, k)
	if errors.Is(err, store.ErrNotExist) || err == nil && x.Ends <= v.now.Now().UnixMilli() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return v.opened(x)
}

// Hold holds a time for some minutes, and gives back the one that was held before. A
// time somebody else has meanwhile is errs.Conflict, and what was held stays held. The
// same time again is the same hold.
func (t *Calendar) Hold(ctx context.Context, p Pick) (Held, error) {
	if t == nil || t.v == nil || t.holder == (store.Key{}) {
		return Held{}, errAnyTimes
	}
	if _, here := t.v.people.row(t.client); t.client != "" && !here {
		return Held{}, errAnyTimes // merged since it was opened
	}
	var id timeID
	if _, err := io.ReadFull(t.v.rand, id[:]); err != nil {
		return Held{}, wrap("hold", err)
	}
	f := func(ctx context.Context, tx store.Tx, old *taking) (*taking, error) {
		if old != nil && old.is(p) && old.Mode == p.Mode {
			return nil, nil
		}
		if old != nil && old.is(p) { // the same time another way
			id = old.ID
		}
		seat, ok := t.v.times.seat(t.v, p, t.staff, t.holder, old)
		if !ok {
			return nil, errGone
		}
		if old != nil && old.is(p) {
			seat.Kept = old.Kept
		}
		seat.Client = t.client
		x, err := t.v.closed(id, store.Hold, seat)
		if err != nil {
			return nil, err
		}
		x.Holder, x.Ends = t.holder, t.v.now.Now().Add(t.v.Timetable().Hold()).UnixMilli()
		if !t.until.IsZero() {
			x.Ends = t.until.UnixMilli()
		} else if old != nil && old.is(p) {
			x.Ends = old.Ends
		}
		return x, nil
	}
	out, err := t.turn(ctx, f, nil)
	for try := 0; errors.Is(err, store.ErrTaken) && try < retries; try++ {
		if _, open := t.v.times.seat(t.v, p, t.staff, t.holder); !open {
			break
		}
		out, err = t.turn(ctx, f, nil) // somebody has the room since, and another is free
	}
	return out, wrap("hold", goneIf(err))
}

// is reports that a time is the one that is picked.
func (x *taking) is(p Pick) bool {
	return x.Service == p.Service && x.Who == p.Who && x.Seat.From.Equal(p.From)
}

// Keep holds on to what is held for as long again.
func (t *Calendar) Keep(ctx context.Context) (Held, error) {
	if t == nil || t.v == nil || t.holder == (store.Key{}) {
		return Held{}, errAnyTimes
	}
	out, err := t.turn(ctx, func(_ context.Context, _ store.Tx, old *taking) (*taking, error) {
		switch {
		case old == nil:
			return nil, errNotHeld
		case old.Kept >= keepings:
			return nil, errKept
		}
		seat := old.Seat
		seat.Kept++
		x, err := t.v.closed(old.ID, store.Hold, seat)
		if err != nil {
			return nil, err
		}
		x.Taken.From, x.Taken.To, x.Of = old.Taken.From, old.Taken.To, old.Of
		x.Holder, x.Ends = t.holder, max(t.v.now.Now().Add(t.v.Timetable().Hold()).UnixMilli(), old.Ends)
		return x, nil
	}, nil)
	return out, wrap("keep", err)
}

// turn replaces what is held, in one transaction. A refusal is no failure of the
// commit: others share it. F may give back more, and notes it in also.
func (t *Calendar) turn(ctx context.Context, f func(context.Context, store.Tx, *taking) (*taking, error), also *[]timeID) (Held, error) {
	var out Held
	var refused error
	var freed []timeID
	var took []*taking
	var lapsed time.Time
	err := t.v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		refused, freed, took, lapsed = nil, nil, nil, t.v.now.Now()
		if err := tx.Lapse(ctx, lapsed.UnixMilli()); err != nil {
			return err
		}
		old, err := t.v.heldBy(ctx, tx, t.holder)
		if err != nil {
			return err
		}
		x, err := f(ctx, tx, old)
		if err != nil || x == nil {
			if refused = err; err == nil {
				out = old.held()
			}
			if errs.KindOf(err) != errs.Conflict {
				return err
			}
			return nil
		}
		if old != nil {
			if err := tx.Free(ctx, old.ID); err != nil {
				return err
			}
		}
		err = t.v.limited(ctx, tx, x)
		if err == nil {
			err = tx.Take(ctx, x.Taken)
		}
		if errors.Is(err, store.ErrTaken) {
			refused = err
			if old != nil { // what was held stays held
				return tx.Take(ctx, old.Taken)
			}
			return nil
		}
		if err != nil {
			return err
		}
		if old != nil {
			freed = append(freed, old.ID)
		}
		took, out = append(took, x), x.held()
		return nil
	}, After: func() {
		t.v.times.lapse(lapsed)
		if len(took) > 0 {
			if also != nil {
				freed = append(freed, *also...)
			}
			t.v.times.change(freed, took)
		}
	}})
	if err == nil {
		err = refused
	}
	if err != nil {
		return Held{}, err
	}
	return out, nil
}

// Adopt takes over what somebody held before it was known who they are, in one act, so
// that nobody else has it in between. Of two calendars of this practice only.
func (t *Calendar) Adopt(ctx context.Context, from *Calendar) (Held, error) {
	if !t.Holds() || !from.Holds() || from.v != t.v || from.client != "" || from.staff {
		return Held{}, errNotHeld
	}
	out, err := t.turn(ctx, func(ctx context.Context, tx store.Tx, _ *taking) (*taking, error) {
		x, err := t.v.heldBy(ctx, tx, from.holder)
		if x == nil || err != nil {
			return nil, orElse(err, errNotHeld)
		}
		seat := x.Seat
		seat.Client = t.client
		y, err := t.v.closed(x.ID, store.Hold, seat)
		if err != nil {
			return nil, err
		}
		y.Taken.From, y.Taken.To = x.Taken.From, x.Taken.To
		y.Holder, y.Ends = t.holder, x.Ends
		return y, tx.Free(ctx, x.ID)
	}, nil)
	return out, wrap("adopt", err)
}

// Drop gives back what is held, if anything is.
func (t *Calendar) Drop(ctx context.Context) error {
	if t == nil || t.v == nil || t.holder == (store.Key{}) {
		return errAnyTimes
	}
	var freed []timeID
	return wrap("drop", t.v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		var err error
		freed, err = t.v.dropHold(ctx, tx, t.holder)
		return err
	}, After: func() {
		if len(freed) > 0 {
			t.v.times.change(freed, nil)
		}
	}}))
}

// dropHold gives back what is held for somebody.
func (v *Vault) dropHold(ctx context.Context, tx store.Tx, k store.Key) ([]timeID, error) {
	x, err := tx.HeldBy(ctx, k)
	if errors.Is(err, store.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []timeID{x.ID}, tx.Free(ctx, x.ID)
}

// limited refuses what would be more of a service than one person does on a day, with
// store.ErrTaken.
func (v *Vault) limited(ctx context.Context, tx store.Tx, x *taking) error {
	s, ok := v.Timetable().Service(x.Service)
	if !ok || s.PerDay <= 0 {
		return nil
	}
	day := hours.DateOf(x.Seat.From.In(v.Zone()))
	from, _ := day.At(0, v.Zone())
	to, _ := (day + 1).At(0, v.Zone())
	n := 0
	err := tx.TakenBetween(ctx, from.UnixMilli(), to.UnixMilli(), func(o store.Taken) error {
		if o.ID == x.ID || !slices.Contains(o.Of, x.Who) {
			return nil
		}
		y, err := v.opened(o)
		if err == nil && y.Service == x.Service && !y.Seat.From.Before(from) {
			n++
		}
		return err
	})
	if err == nil && n >= s.PerDay {
		err = store.ErrTaken
	}
	return err
}
