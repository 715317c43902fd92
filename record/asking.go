package record

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/forms"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Forms go out by themselves: which a visit needs follows from its service, its client's
// age and what they handed in before. It is computed each time, and never kept.

// Library returns the practice's forms and plan templates as they are now.
func (v *Vault) Library() *forms.Library { return (*v.library.Load())() }

// Library returns the practice's forms and plan templates, for any open chart.
func (c *Chart) Library() *forms.Library {
	if c == nil || c.v == nil {
		return nil
	}
	return c.v.Library()
}

// loadLibrary reads what of the library is the practice's own.
func (v *Vault) loadLibrary(ctx context.Context) error {
	v.shelving.Lock()
	defer v.shelving.Unlock()
	var own []fhir.Resource
	err := v.st.View(ctx, func(r store.Reader) error {
		own = nil
		return r.Objects(ctx, store.Definitions, func(o store.Object) error {
			if !slices.Contains(forms.Kinds, typeOf(o.Key)) {
				return nil
			}
			x, err := definition(store.Object{Key: slices.Clone(o.Key), Body: o.Body})
			own = append(own, x)
			return err
		})
	})
	if err == nil {
		f := sync.OnceValue(func() *forms.Library { return forms.New(own) })
		v.library.Store(&f)
	}
	return wrap("library", err)
}

// Wanted is a form somebody is to fill in before a visit.
type Wanted struct {
	Form  string    // its url
	Visit time.Time // when that is; the first, if there are several; zero for who may not know of visits
	With  string    // the name of whom they see then, "" if that is not known
	Begun bool
	Asked time.Time // when staff asked for it, outside of any visit; the zero time if a visit does
	By    string    // the name of who asked; "" if a visit does
}

// Wanted returns the forms this client is to fill in before what is booked, the soonest
// first, and after those what staff asked for without a visit.
func (c *Chart) Wanted(ctx context.Context) ([]Wanted, error) {
	if c == nil || c.v == nil || c.parts&Told == 0 {
		return nil, errRefused
	}
	names, err := c.v.staffNames(ctx)
	if err != nil {
		return nil, wrap("wanted", err)
	}
	var out []Wanted
	err = c.v.st.View(ctx, func(r store.Reader) error {
		t, err := c.v.askedOf(ctx, r, c.client)
		if err != nil {
			return err
		}
		out = nil
		for _, x := range c.v.times.visitsOf(c.client, c.v.now.Now()) {
			if c.misses(x) {
				continue
			}
			for _, url := range c.v.wanted(x, t) {
				if !slices.ContainsFunc(out, func(w Wanted) bool { return w.Form == url }) {
					w := Wanted{Form: url, Begun: !t.Forms[url].Begun.IsZero()}
					if c.parts&Visits != 0 {
						w.Visit, w.With = x.Seat.From, names[x.Who]
					}
					out = append(out, w)
				}
			}
		}
		out = append(out, t.staffWant(out)...)
		return nil
	})
	return out, wrap("wanted", err)
}

// visitsOf returns a client's visits to come, in order.
func (t *times) visitsOf(c fhir.ClientID, now time.Time) []*taking {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []*taking
	for _, x := range t.byID {
		if x.Kind == store.Visit && x.Seat.Client == c && x.Seat.To.After(now) {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b *taking) int { return a.Seat.From.Compare(b.Seat.From) })
	return out
}

// wanted is the forms that a visit needs.
func (v *Vault) wanted(x *taking, t askedOf) []string {
	age := -1
	if card, ok := v.people.card(x.Seat.Client); ok {
		if n, ok := policy.Age(card.Birth, policy.DayIn(x.Seat.From, v.zoneOf(card)), policy.LastOfFebruary); ok {
			age = n
		}
	}
	var out []string
	for _, a := range v.Library().Asked() {
		if a.Due(x.Service, age, x.Seat.From, func(form string) time.Time { return t.Forms[form].Done }) {
			out = append(out, a.Form)
		}
	}
	return out
}

// chases are how long before a visit who has not handed in a form yet is reminded, once
// each; then it stops.
var chases = []time.Duration{72 * time.Hour, 24 * time.Hour}

// apart is the least time between two letters about forms to one client.
const apart = 20 * time.Hour

// chase is which letter about a visit's forms is due: 1 when it is booked, then one more
// for each of the chases. What was due before it was booked is not.
func (x *taking) chase(now time.Time) int {
	if x.Kind != store.Visit || x.Seat.Client == "" || !x.Seat.From.After(now) || x.Line {
		return 0
	}
	n := 1
	for i, before := range chases {
		if at := x.Seat.From.Add(-before); !now.Before(at) && x.Made.Before(at) {
			n = i + 2
		}
	}
	return n
}

// toAsk returns the visits about whose forms there may be something to write, in order.
func (t *times) toAsk(now time.Time) []*taking {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []*taking
	for id, x := range t.byID {
		if n := x.chase(now); n != 0 && t.asked[id] != n {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b *taking) int { return a.Seat.From.Compare(b.Seat.From) })
	return out
}

// Ask asks people to fill in what their visits need: when they have booked, and twice
// more as the visit comes nearer and it is not handed in. It returns how many were asked.
func (v *Vault) Ask(ctx context.Context, who account.Actor) (int, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory})
	if !d.Allow() {
		return 0, v.noted(ctx, who, Telling, "ask", d)
	}
	now, n := v.now.Now(), 0
	for _, x := range v.times.toAsk(now) {
		did, settled, err := v.ask(ctx, who, x, x.chase(now))
		if err != nil {
			return n, err
		}
		if settled {
			v.times.setAsked(x.ID, x.chase(now))
		}
		if did {
			n++
		}
	}
	return n, nil
}

// setAsked remembers that a letter about a visit's forms was written, or not needed.
func (t *times) setAsked(id timeID, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byID[id] != nil {
		t.asked[id] = n
	}
}

// ask writes one letter, if it is still needed; settled says that there is nothing more
// to do about this one.
func (v *Vault) ask(ctx context.Context, who account.Actor, x *taking, n int) (did, settled bool, err error) {
	key, now := fmt.Sprintf("%x/%d", x.ID, n), v.now.Now()
	state := func(r store.Reader) (askedOf, bool, error) {
		t, err := v.askedOf(ctx, r, x.Seat.Client)
		if err != nil {
			return t, false, err
		}
		if _, was := t.Asked[key]; was || len(v.wanted(x, t)) == 0 {
			return t, false, nil
		}
		for _, at := range t.Asked {
			if now.Sub(at) < apart {
				settled = n == 1 // the first letter was about another visit; chases wait
				return t, false, nil
			}
		}
		return t, true, nil
	}
	var due bool
	settled = true
	if err := v.st.View(ctx, func(r store.Reader) (err error) { _, due, err = state(r); return err }); err != nil || !due {
		return false, settled, wrap("ask", err)
	}
	line := v.line(ctx, who, Telling, "ask", policy.Software, 0)
	v.chain(ctx, line, x.Seat.Client)
	err = v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		did = false
		t, due, err := state(tx)
		if err != nil || !due {
			return err
		}
		now, err := v.takenAs(ctx, tx, x.ID)
		if err != nil || now == nil || !now.Seat.From.Equal(x.Seat.From) { // it moved meanwhile
			return err
		}
		did = true
		t.Asked[key] = v.now.Now()
		if err := v.putAsked(ctx, tx, x.Seat.Client, t); err != nil {
			return err
		}
		return v.tellForms(ctx, tx, now.Seat)
	}})
	return did, true, wrap("ask", err)
}

// tellForms writes to a client, and to who fills in forms for them, that there is
// something to fill in. Of a visit that is marked as private nobody else is told.
func (v *Vault) tellForms(ctx context.Context, tx store.Tx, x Seat) error {
	err := v.letterTo(ctx, tx, asClient(x.Client), account.LetterForms, leads("/me/"+string(x.Client)+"/forms"), x.From)
	if err != nil || x.Private {
		return err
	}
	return v.tellHelpers(ctx, tx, x.Client, Told, account.LetterForms, x.From)
}
