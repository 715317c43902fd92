package record

import (
	"context"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// Wish is what somebody would rather have than the visit they have.
type Wish struct {
	Who      []string       // only these; none is anybody who does the service
	Modes    hours.Modes    // only so; 0 is however
	Days     []time.Weekday // only on these; none is any
	From, To int            // minutes of the day; both 0 is any time
	After    hours.Date     // not before this day; 0 is any
}

// wish is a Wish as it is kept.
type wish struct {
	Wish
	Client   fhir.ClientID
	Visit    string
	Service  string
	Before   time.Time // when the visit is
	Since    time.Time
	Priority int
	Offers   int
	Ask      *ask
}

func (v *Vault) wishKey(c fhir.ClientID, visit string) []byte {
	return v.Key("wish "+string(c), visit)
}

// wishMost is how many people somebody can wish for one of.
const wishMost = 50

// WishEarlier asks to be told if a time before this visit opens.
func (c *Chart) WishEarlier(ctx context.Context, visit string, w Wish) error {
	if len(w.Who) > wishMost || len(w.Days) > 7 || w.From < 0 || w.To > hours.DayMinutes {
		return errs.E(errs.Invalid, "record: a wish for %d people, %d days and %d to %d", len(w.Who), len(w.Days), w.From, w.To)
	}
	return c.wished(ctx, "wish", visit, func(a fhir.Appointment, x *wish) (*wish, error) {
		if a.Status != "booked" || serviceOf(a) == "" || !a.Start.At.After(c.v.now.Now()) {
			return nil, errNoVisit
		}
		if x == nil {
			x = &wish{Since: c.v.now.Now().UTC()}
		}
		x.Wish, x.Client, x.Visit, x.Service, x.Before = w, c.client, visit, serviceOf(a), a.Start.At
		return x, nil
	})
}

// WishNoMore takes a wish back, there or not.
func (c *Chart) WishNoMore(ctx context.Context, visit string) error {
	return c.wished(ctx, "unwish", visit, func(fhir.Appointment, *wish) (*wish, error) { return nil, nil })
}

// Urge says how soon somebody should be asked: higher is sooner. It is for staff.
func (c *Chart) Urge(ctx context.Context, visit string, priority int) error {
	if c == nil || c.why != Care {
		return errRefused
	}
	return c.wished(ctx, "wish", visit, func(_ fhir.Appointment, x *wish) (*wish, error) {
		if x == nil {
			return nil, errNoVisit
		}
		x.Priority = max(0, min(priority, 9))
		return x, nil
	})
}

// wished changes the wish of a visit; nil is none.
func (c *Chart) wished(ctx context.Context, act, visit string, f func(fhir.Appointment, *wish) (*wish, error)) error {
	if !c.books() {
		return errRefused
	}
	v, key := c.v, c.v.wishKey(c.client, visit)
	line := v.line(ctx, c.who, c.why, act, c.basis, 0)
	v.chain(ctx, line, c.client)
	var freed []timeID
	return wrap(act, v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		freed = nil
		a, _, err := c.visit(ctx, tx, visit)
		if err != nil {
			return err
		}
		var old *wish
		var x wish
		if err := v.get(ctx, tx, store.Wishes, key, &x); err == nil {
			old = &x
		} else if !errs.Is(err, errs.NotFound) {
			return err
		}
		now, err := f(a, old)
		if err != nil {
			return err
		}
		if now == nil || now.Ask != nil && !v.now.Now().Before(now.Ask.Ends) { // what is held for them goes to the next
			if freed, err = v.dropHold(ctx, tx, v.offerHolder(key)); err != nil {
				return err
			}
		}
		if now == nil {
			return tx.DropObject(ctx, store.Wishes, key)
		}
		return v.put(ctx, tx, store.Wishes, key, now.Before, now)
	}, After: func() {
		if len(freed) > 0 {
			v.times.change(freed, nil)
		}
	}}))
}

// wishFollows keeps a wish true when its visit is moved, and forgets it when the visit
// is called off or is by now no later than what was wished for.
func (v *Vault) wishFollows(ctx context.Context, tx store.Tx, c fhir.ClientID, visit string, to time.Time) error {
	key := v.wishKey(c, visit)
	var x wish
	err := v.get(ctx, tx, store.Wishes, key, &x)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil || to.IsZero() {
		return orElse(err, tx.DropObject(ctx, store.Wishes, key))
	}
	x.Before = to
	return v.put(ctx, tx, store.Wishes, key, to, &x)
}

// Wished is what somebody wishes, and what they are offered.
type Wished struct {
	Wish
	Priority int
	Offer    *Offered
}

// Offered is an earlier time that somebody may have.
type Offered struct {
	Seat
	Ends  time.Time
	First bool // others were asked too, and the first to answer has it
}

// Wish returns the wish of a visit; errs.NotFound if there is none.
func (c *Chart) Wish(ctx context.Context, visit string) (Wished, error) {
	if !c.books() {
		return Wished{}, errRefused
	}
	var x wish
	err := c.v.st.View(ctx, func(r store.Reader) error {
		return c.v.get(ctx, r, store.Wishes, c.v.wishKey(c.client, visit), &x)
	})
	if err != nil {
		return Wished{}, wrap("wish", err)
	}
	out := Wished{Wish: x.Wish, Priority: x.Priority}
	if x.Ask != nil && c.v.now.Now().Before(x.Ask.Ends) {
		out.Offer = &Offered{x.Ask.Seat, x.Ask.Ends, x.Ask.Race}
	}
	return out, nil
}
