package record

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// A client books, moves and cancels with the acts below, and writes no visit otherwise:
// what comes to be is built here, out of the practice's own timetable.

// books reports whether the chart was opened by somebody who may book.
func (c *Chart) books() bool {
	return c != nil && c.v != nil && (c.why == Booking || c.why == Care) && c.writes&Visits != 0
}

// inner is the chart for one act of this package, whose changes are its own: a visit or a
// form, and the task that it leaves.
func (c *Chart) inner() *Chart {
	x := *c
	x.inside = true
	x.writes |= policy.PartOf(task)
	return &x
}

// visitID is the name of the visit that a hold, or an order of several, becomes. It
// follows from the key, so that confirming twice is confirming once.
func (c *Chart) visitID(key string, n int) string {
	return "v" + hex.EncodeToString(c.v.Key("visit "+string(c.client), key+"/"+string(rune('a'+n))))
}

// Book books one visit, or several of a series: all or none. The first may be the time
// that is held, which is given back in the same act. Whoever was told yes once is told
// yes again: key says which asking it is. It returns the visits' ids.
func (c *Chart) Book(ctx context.Context, key, note string, picks ...Pick) ([]string, error) {
	if !c.books() || len(picks) == 0 || len(picks) > 26 || key == "" {
		return nil, errRefused
	}
	if err := brief(note); err != nil {
		return nil, err
	}
	fors := make([]For, len(picks))
	for i, p := range picks {
		fors[i] = For{c, p}
	}
	ids, err := c.v.book(ctx, key, note, fors)
	return ids, wrap("book", err)
}

// seatFor is the seat that is held, or that is open.
func (c *Chart) seatFor(p Pick, but ...*taking) (Seat, error) {
	for _, x := range but {
		if x != nil && x.Kind == store.Hold && x.is(p) && x.Mode == p.Mode && c.v.stands(x, c.who.Kind() == account.Staff) {
			s := x.Seat
			s.Kept = 0
			return s, nil
		}
	}
	seat, ok := c.v.times.seat(c.v, p, c.who.Kind() == account.Staff, c.holder(), but...)
	if !ok {
		return Seat{}, errGone
	}
	return seat, nil
}

// Move moves a visit; its old time is given back in the same act, so that it is never
// without one. Moved to where it is already, it stays.
func (c *Chart) Move(ctx context.Context, id string, p Pick) error {
	return c.moveWith(ctx, id, p, nil)
}

// moveWith is Move with something else in the same act.
func (c *Chart) moveWith(ctx context.Context, id string, p Pick, also func(context.Context, store.Tx) error) error {
	names, err := c.namesFor(ctx)
	if err != nil {
		return err
	}
	kind := account.LetterMoved
	after := func(ctx context.Context, tx store.Tx) error {
		if also != nil {
			if err := also(ctx, tx); err != nil {
				return err
			}
		}
		if err := c.v.wishFollows(ctx, tx, c.client, id, p.From); err != nil {
			return err
		}
		return c.v.tellVisit(ctx, tx, Seat{Client: c.client, From: p.From}, id, kind)
	}
	return c.change(ctx, "move", id, after, func(ctx context.Context, r store.Reader, a fhir.Appointment, was []byte) ([]byte, error) {
		if !slices.Contains([]string{"booked", "proposed"}, a.Status) && (a.Status != "pending" || c.why == Booking) {
			return nil, errNoVisit
		}
		if a.Status == "proposed" { // an order, that is booked by this
			kind = account.LetterBooked
		}
		if p.Service = serviceOf(a); p.Service == "" {
			return nil, errNoVisit
		}
		held, err := c.v.heldBy(ctx, r, c.holder())
		if err != nil {
			return nil, err
		}
		old, err := c.v.takenAs(ctx, r, c.keys.Row(appointment, id))
		if err != nil {
			return nil, err
		}
		if old != nil && old.is(p) && old.Mode == p.Mode {
			return was, nil
		}
		seat, err := c.seatFor(p, held, old)
		if err != nil {
			return nil, err
		}
		return c.movedTo(was, seat, names)
	})
}

// Cancel calls a visit off. Once called off it stays so.
func (c *Chart) Cancel(ctx context.Context, id string) error {
	reason := "pat"
	if c != nil && c.why == Care {
		reason = "prov"
	}
	var from time.Time
	after := func(ctx context.Context, tx store.Tx) error {
		if err := c.v.wishFollows(ctx, tx, c.client, id, time.Time{}); err != nil {
			return err
		}
		return c.v.tellVisit(ctx, tx, Seat{Client: c.client, From: from}, id, account.LetterOff)
	}
	return c.change(ctx, "cancel", id, after, func(_ context.Context, _ store.Reader, a fhir.Appointment, was []byte) ([]byte, error) {
		from = a.Start.At
		switch a.Status {
		case "cancelled":
			return was, nil
		case "booked", "pending", "proposed", "waitlist":
			return cancelled(was, reason)
		case "arrived":
			if c.why == Care { // they went again
				return cancelled(was, reason)
			}
		}
		return nil, errNoVisit
	})
}

// Confirm says again that the client comes.
func (c *Chart) Confirm(ctx context.Context, id string) error {
	return c.change(ctx, "confirm", id, nil, func(_ context.Context, _ store.Reader, a fhir.Appointment, was []byte) ([]byte, error) {
		if a.Status != "booked" {
			return nil, errNoVisit
		}
		return confirmed(was, c.v.now.Now())
	})
}

// arrivals are the states that staff put a visit into, and from which.
var arrivals = map[string][]string{
	"arrived": {"booked", "checked-in"}, "noshow": {"booked", "arrived"}, "fulfilled": {"arrived", "checked-in", "booked"}, "booked": {"arrived", "noshow"}, "checked-in": {"arrived", "fulfilled"},
}

// Arrive puts a visit into another state on the day: arrived, checked-in (with whoever
// they see), fulfilled, noshow, or booked again. It is for staff.
func (c *Chart) Arrive(ctx context.Context, id, status string) error {
	if c == nil || c.why != Care {
		return errRefused
	}
	return c.change(ctx, "arrive", id, nil, func(_ context.Context, _ store.Reader, a fhir.Appointment, was []byte) ([]byte, error) {
		if a.Status == status {
			return was, nil
		}
		if !slices.Contains(arrivals[status], a.Status) || status == "booked" && isUnplanned(a) {
			return nil, errNoVisit
		}
		return withStatus(was, status)
	})
}

// change writes one visit anew; after is done in the same act, if the visit changes.
func (c *Chart) change(ctx context.Context, act, id string, after func(context.Context, store.Tx) error, f func(context.Context, store.Reader, fhir.Appointment, []byte) ([]byte, error)) error {
	if !c.books() {
		return errRefused
	}
	in := c.inner()
	changes := false
	var left leaving
	also := func(ctx context.Context, tx store.Tx, _ bool) error {
		if !changes {
			return nil
		}
		if err := c.v.settleTodo(ctx, tx, left); err != nil || after == nil {
			return err
		}
		return after(ctx, tx)
	}
	_, err := c.v.commit(ctx, deed{act: act, also: also, plan: func(ctx context.Context, r store.Reader) ([]Write, error) {
		changes = false
		a, f0, err := c.visit(ctx, r, id)
		if err != nil {
			return nil, err
		}
		now, err := f(ctx, r, a, f0.JSON)
		if err != nil || string(now) == string(f0.JSON) {
			return nil, err
		}
		changes = true
		if left, err = c.leaves(a, now); err != nil {
			return nil, err
		}
		return []Write{{in, append(left.changes, Change{Resource: fhir.Resource{Type: appointment, ID: id, JSON: now}, IfVersion: f0.Version})}}, nil
	}})
	return wrap(act, err)
}

// visit reads a visit whole, whatever of it is shown.
func (c *Chart) visit(ctx context.Context, r store.Reader, id string) (fhir.Appointment, Found, error) {
	f, err := c.raw(ctx, r, appointment, id)
	if errs.Is(err, errs.NotFound) {
		err = errNoVisit
	}
	if err != nil {
		return fhir.Appointment{}, Found{}, err
	}
	a, err := fhir.ReadAppointment(f.JSON)
	return a, f, err
}

// VisitID returns the id of the visit with a name in an address, for the acts above.
func (c *Chart) VisitID(ctx context.Context, ref Ref) (string, error) {
	f, err := c.ReadRef(ctx, appointment, ref)
	if err != nil {
		return "", err
	}
	return f.ID, nil
}

// takenAs returns the time a visit takes; nil for none.
func (v *Vault) takenAs(ctx context.Context, r store.Reader, id timeID) (*taking, error) {
	x, err := r.Taken(ctx, id)
	if errors.Is(err, store.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return v.opened(x)
}

func (c *Chart) namesFor(ctx context.Context) (map[string]string, error) {
	if !c.books() {
		return nil, errRefused
	}
	return c.v.staffNames(ctx)
}

// staffNames are the names of those who work here, by id.
func (v *Vault) staffNames(ctx context.Context) (map[string]string, error) {
	ms, err := v.staff(ctx)
	out := make(map[string]string, len(ms))
	for _, m := range ms {
		out[m.ID] = m.Name
	}
	return out, err
}

// Colleague is somebody of the practice as everybody may know them who books.
type Colleague struct{ ID, Name, Title string }

// Colleagues returns who does any service, in the timetable's order.
func (t *Calendar) Colleagues(ctx context.Context) ([]Colleague, error) {
	if t == nil || t.v == nil {
		return nil, errAnyTimes
	}
	ms, err := t.v.staff(ctx)
	if err != nil {
		return nil, err
	}
	var out []Colleague
	for _, s := range t.v.Timetable().Services {
		for _, id := range s.Who {
			i := slices.IndexFunc(ms, func(m StaffMember) bool { return m.ID == id && !m.Left })
			if i >= 0 && !slices.ContainsFunc(out, func(c Colleague) bool { return c.ID == id }) {
				out = append(out, Colleague{id, ms[i].Name, ms[i].Title})
			}
		}
	}
	return out, nil
}

// Key names the asking that confirming this hold is.
func (h Held) Key() string { return h.key }

// CheckIn is the code by which somebody says at the desk which visit is theirs: six
// letters and digits that are not mistaken for one another.
func (c *Chart) CheckIn(id string) string {
	if c == nil || c.v == nil {
		return ""
	}
	return c.v.checkIn(string(c.client), id)
}
