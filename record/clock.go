package record

import (
	"context"
	"errors"
	"slices"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/keyring"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Nothing is destroyed because a clock has run out: a person decides. Somebody may be due to
// come again, a law may ask for longer, and a wrong setting would otherwise empty a practice
// overnight.

// clockAgain is when the privacy officer hears again of what they decided to keep.
const clockAgain = 365 * 24 * time.Hour

// clocksAtOnce bounds of how many clients the privacy officer hears in one go.
const clocksAtOnce = 50

// RunOut tells the privacy officer of whom the time to keep their record, or what lies in a
// compartment, has run out. Who is to come, who was written about within that time, and
// whom a legal matter is about is not among them. It returns of how many. It is for
// software, once a day.
func (v *Vault) RunOut(ctx context.Context, who account.Actor) (int, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory})
	if !d.Allow() {
		return 0, v.noted(ctx, who, Telling, "clock", d)
	}
	now := v.now.Now()
	known := map[fhir.ClientID]bool{} // of whom is spoken already
	err := v.st.View(ctx, func(r store.Reader) error {
		all, err := v.reviews(ctx, r)
		for _, x := range all {
			if x.Kind == ReviewErase && x.Done.IsZero() || x.Kind == ReviewClock && (x.Done.IsZero() || now.Sub(x.Done) < clockAgain) {
				known[x.Client] = true
			}
		}
		return err
	})
	if err != nil {
		return 0, wrap("clock", err)
	}
	n := 0
	for _, c := range v.people.listed() {
		if known[c] || len(v.times.visitsOf(c, now)) > 0 {
			continue
		}
		in, since, out, err := v.ranOut(ctx, who, c, now)
		if errors.Is(err, keyring.ErrNoKey) { // erased meanwhile
			continue
		}
		if err != nil {
			return n, wrap("clock", err)
		}
		if !out {
			continue
		}
		if err := v.putClock(ctx, who, c, in, since); err != nil {
			return n, wrap("clock", err)
		}
		if n++; n >= clocksAtOnce {
			break
		}
	}
	return n, nil
}

// listed are all clients there are, in a fixed order.
func (p *people) listed() []fhir.ClientID {
	p.mu.RLock()
	defer p.mu.RUnlock()
	out := make([]fhir.ClientID, 0, len(p.rows))
	for c := range p.rows {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// ranOut reports that a clock of a client has run out: which, 0 for the whole record, and
// since when.
func (v *Vault) ranOut(ctx context.Context, who account.Actor, of fhir.ClientID, now time.Time) (in label.Set, since time.Time, out bool, err error) {
	pid, _ := pidOf(of)
	row, known := v.people.row(of)
	if !known {
		return 0, since, false, nil
	}
	keys, err := v.ring.Client(ctx, pid)
	if err != nil {
		return 0, since, false, err
	}
	// Read as they would read it themselves; it never leaves this function.
	c := &Chart{v: v, who: who, why: Telling, basis: policy.IsTheirs, client: of, row: row, pid: pid, keys: keys, parts: AllParts, asked: AllParts, opens: label.All}
	written := map[label.Set]time.Time{} // when last, in each compartment; 0 anywhere
	err = v.st.View(ctx, func(r store.Reader) error {
		if held, err := v.held(ctx, r, of); err != nil || held {
			return orElse(err, errHeld)
		}
		return r.Since(ctx, row, -1, func(x store.Row) error {
			at := time.UnixMilli(x.Time)
			written[0] = latest(written[0], at)
			l, err := c.labels(x)
			for _, in := range l.In.Each() {
				written[in] = latest(written[in], at)
			}
			return err
		})
	})
	if errors.Is(err, errHeld) || len(written) == 0 {
		return 0, since, false, nil
	}
	if err != nil {
		return 0, since, false, err
	}
	last, err := c.lastVisit(ctx)
	if err != nil {
		return 0, since, false, err
	}
	card, _ := v.people.card(of)
	for _, x := range v.clocks(latest(last, written[0]), card).Clocks {
		if x.In != 0 {
			if written[x.In].IsZero() {
				continue
			}
			x.Until = latest(last, written[x.In]).AddDate(x.Years, 0, 0)
		}
		if !x.Until.IsZero() && now.After(x.Until) {
			return x.In, x.Until, true, nil
		}
	}
	return 0, since, false, nil
}

// putClock gives the privacy officer something to decide.
func (v *Vault) putClock(ctx context.Context, who account.Actor, c fhir.ClientID, in label.Set, since time.Time) error {
	id, err := v.newID()
	if err != nil {
		return err
	}
	line := v.line(ctx, who, Telling, "clock", policy.Software, 0)
	v.chain(ctx, line, c)
	return v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		if err := v.putReview(ctx, tx, Review{ID: "c" + id, Kind: ReviewClock, Client: c, In: in, At: v.now.Now().UTC(), Until: since.UTC()}); err != nil {
			return err
		}
		return v.tellOfficers(ctx, tx)
	}})
}
