package record

import (
	"cmp"
	"context"
	"slices"
	"time"

	"rapport/errs"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// soon is how shortly after a letter about forms another would say nothing new: what is
// asked for in one sitting is one letter.
const soon = time.Hour

// AskFor asks this client to fill in a form, whatever is booked: it waits for them until it
// is handed in, and they are written to. Who asks for what is asked for already asks
// nothing. Only who gives care may ask; errs.NotFound says that there is no such form.
func (c *Chart) AskFor(ctx context.Context, form string) error {
	if c == nil || c.v == nil || c.why != Care || c.writes&Told == 0 {
		return errRefused
	}
	if _, ok := c.v.Library().Form(form, ""); !ok {
		return wrap("ask for", errs.E(errs.NotFound, "record: no such form"))
	}
	line := c.v.line(ctx, c.who, c.why, "ask", c.basis, Told)
	c.v.chain(ctx, line, c.client)
	err := c.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		t, err := c.v.askedOf(ctx, tx, c.client)
		if err != nil {
			return err
		}
		if _, is := t.Staff[form]; is {
			return nil
		}
		now := c.v.now.Now()
		tell := true
		for _, at := range t.Asked {
			tell = tell && now.Sub(at) >= soon
		}
		t.Staff[form] = askedFor{By: c.who.Name(), At: now}
		if tell {
			t.Asked["staff/"+form] = now
		}
		if err := c.v.putAsked(ctx, tx, c.client, t); err != nil || !tell {
			return err
		}
		return c.v.tellForms(ctx, tx, Seat{Client: c.client, From: now.Add(letterHolds)})
	}})
	return wrap("ask for", err)
}

// letterHolds is how long a letter about a form that staff ask for is worth sending.
const letterHolds = 14 * 24 * time.Hour

// staffWant is what staff asked for that is not wanted already, the oldest first.
func (t askedOf) staffWant(already []Wanted) []Wanted {
	var out []Wanted
	for url, a := range t.Staff {
		if !slices.ContainsFunc(already, func(w Wanted) bool { return w.Form == url }) {
			out = append(out, Wanted{Form: url, Begun: t.Forms[url].Begun.After(a.At), Asked: a.At, By: a.By})
		}
	}
	slices.SortFunc(out, func(a, b Wanted) int { return cmp.Or(a.Asked.Compare(b.Asked), cmp.Compare(a.Form, b.Form)) })
	return out
}
