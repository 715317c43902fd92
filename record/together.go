package record

import (
	"context"

	"rapport/account"
	"rapport/record/internal/store"
)

// For is one of several visits that are booked together: in whose chart, and when.
type For struct {
	Chart *Chart
	Pick
}

// BookTogether books a visit in each of several charts of one actor, as for two
// children one after the other: all or none. Key says which asking it is.
func (v *Vault) bookTogether(ctx context.Context, key string, fors []For) ([]string, error) {
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
		if a, _, err := fors[0].Chart.visit(ctx, r, ids[0]); err == nil && a.Status == "booked" && a.Start.At.Equal(fors[0].From) {
			return nil, nil // they were booked before
		} else if err == nil {
			return nil, errNotHeld
		}
		var out []Write
		for i, f := range fors {
			if err := f.Chart.within(1); err != nil {
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
			out = append(out, Write{f.Chart.inner(), []Change{f.Chart.appointmentOf(ids[i], seat, names, "")}})
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
	return ids, wrap("book together", err)
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
	return h.v.bookTogether(ctx, key, fors)
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
