package record

import (
	"context"
	"errors"
	"slices"

	"rapport/account"
	"rapport/record/internal/store"
)

// For is one of several visits that are booked together: in whose chart, and when.
type For struct {
	Chart *Chart
	Pick
}

// book books visits in charts of one actor: all or none. Who was told yes once is told
// yes again: key says which asking it is.
func (v *Vault) book(ctx context.Context, key, note string, fors []For) ([]string, error) {
	names, err := v.staffNames(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(fors))
	for i, f := range fors {
		ids[i] = f.Chart.visitID(key, i)
	}
	fresh := false
	plan := func(ctx context.Context, r store.Reader) ([]Write, error) {
		fresh = false
		if was, err := bookedBefore(ctx, r, ids, fors); err != nil || was {
			return nil, err
		}
		var out []Write
		for i, f := range fors {
			n := slices.IndexFunc(out, func(w Write) bool { return w.Chart.client == f.Chart.client })
			if n < 0 {
				n, out = len(out), append(out, Write{Chart: f.Chart.inner()})
			}
			if err := f.Chart.within(len(out[n].Changes) + 1); err != nil {
				return nil, err
			}
			held, err := v.heldBy(ctx, r, f.Chart.holder())
			if err != nil {
				return nil, err
			}
			seat, err := f.Chart.seatFor(f.Pick, held)
			if err != nil {
				return nil, err
			}
			out[n].Changes = append(out[n].Changes, f.Chart.appointmentOf(ids[i], seat, names, note))
		}
		fresh = true
		return out, nil
	}
	also := func(ctx context.Context, tx store.Tx, _ bool) error {
		for i, f := range fors {
			if !fresh {
				break
			}
			if err := v.tellVisit(ctx, tx, Seat{Client: f.Chart.client, From: f.From}, ids[i], account.LetterBooked); err != nil {
				return err
			}
		}
		return nil
	}
	_, err = v.commit(ctx, deed{act: "book", plan: plan, also: also})
	return ids, err
}

// bookedBefore reports that all of it is booked already, as it is asked for. Of what was
// moved or called off since, or is another visit, it is errNotHeld: an old page does not
// undo that, and nobody is told yes for something else.
func bookedBefore(ctx context.Context, r store.Reader, ids []string, fors []For) (bool, error) {
	for i, f := range fors {
		a, _, err := f.Chart.visit(ctx, r, ids[i])
		if errors.Is(err, errNoVisit) && i == 0 {
			return false, nil
		}
		if err != nil && !errors.Is(err, errNoVisit) {
			return false, err
		}
		x, err := f.Chart.v.takenAs(ctx, r, f.Chart.keys.Row(appointment, ids[i]))
		if err != nil {
			return false, err
		}
		if a.Status != "booked" || x == nil || !x.is(f.Pick) || x.Mode != f.Mode {
			return false, errNotHeld
		}
	}
	return true, nil
}

// BookTogether books a visit in each of several charts, which this household opened
// with this actor, as for two children one after the other: all or none.
func (h *Household) BookTogether(ctx context.Context, key string, fors ...For) ([]string, error) {
	if h == nil || h.v == nil || key == "" || len(fors) < 2 || len(fors) > 6 {
		return nil, errRefused
	}
	seen := map[string]bool{}
	for _, f := range fors {
		if !f.Chart.books() || f.Chart.v != h.v || f.Chart.who != h.who || seen[string(f.Chart.client)] {
			return nil, errRefused
		}
		seen[string(f.Chart.client)] = true
	}
	ids, err := h.v.book(ctx, key, "", fors)
	return ids, wrap("book together", err)
}

// Bookers opens, of everybody's charts the actor may book for, the part that says when
// their visits are; their own first.
func (h *Household) Bookers(ctx context.Context) ([]*Chart, error) {
	if h == nil || h.v == nil {
		return nil, errRefused
	}
	var out []*Chart
	add := func(c *Chart, err error) {
		if err == nil && c.books() {
			out = append(out, c)
		}
	}
	if me := h.who.Client(); me != "" {
		add(h.v.Open(ctx, h.who, Booking, me, Visits))
	}
	all, err := h.v.Caring(ctx, h.who)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		add(h.v.Open(ctx, h.who, Booking, x.Client, Visits))
	}
	return out, nil
}
