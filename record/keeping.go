package record

import (
	"context"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// How long a chart is kept is the practice's rule: so many years after the last visit, and
// of a minor at least until an age. A compartment may have a shorter clock. When a clock
// has run out the privacy officer is told, and decides with a fresh passkey: what is
// destroyed does not come back. A legal hold stops every clock.

// Keeping is how long a practice keeps what it is told, in years.
type Keeping struct {
	Record int            // after the last visit
	Minor  int            // of a minor: at least until this age
	In     map[string]int `json:",omitempty"` // a compartment's own clock, by its code; others go with the record
}

// defaultKeeping is for a practice that has not said: a common rule, not advice.
var defaultKeeping = Keeping{Record: 10, Minor: 25}

// Keeping is the practice's rule, or a common one if it has not said.
func (s Settings) Keeping() Keeping {
	k := s.Keep
	if k.Record == 0 {
		k.Record = defaultKeeping.Record
	}
	if k.Minor == 0 {
		k.Minor = defaultKeeping.Minor
	}
	return k
}

// Clock is until when one kind of what is kept about a client is kept.
type Clock struct {
	In    label.Set // a compartment; 0 is the record
	Years int
	From  time.Time // the last visit, from which it counts; the zero time if there was none
	Until time.Time // the zero time if it has not begun
}

// Kept is how long what is kept about a client is kept.
type Kept struct {
	Clocks []Clock
	Minor  int  // the age until which a minor's record is kept, at least
	Held   bool // a legal hold stops every clock
}

// Kept returns until when this chart is kept, by its last visit today. It is for the client:
// the last visit may be one that is closed to others.
func (c *Chart) Kept(ctx context.Context) (Kept, error) {
	if c == nil || c.v == nil || c.parts&Visits == 0 || c.basis != policy.IsTheirs {
		return Kept{}, errRefused
	}
	last, err := c.lastVisit(ctx)
	if err != nil {
		return Kept{}, err
	}
	card, _ := c.v.people.card(c.client)
	out := c.v.clocks(last, card)
	err = c.v.st.View(ctx, func(r store.Reader) error {
		out.Held, err = c.v.held(ctx, r, c.client)
		return err
	})
	return out, wrap("kept", err)
}

// lastVisit is when the client was last seen: what is to come counts when it was, and what
// did not take place never does.
func (c *Chart) lastVisit(ctx context.Context) (time.Time, error) {
	var last time.Time
	now := c.v.now.Now()
	for _, typ := range []string{appointment, attended} {
		all, err := c.whole().Find(ctx, typ, "date", "le"+now.UTC().Format(time.RFC3339), "status:not", "cancelled,noshow,entered-in-error", "_sort", "-date", "_count", "40")
		if err != nil {
			return last, err
		}
		for _, f := range all {
			d, err := fhir.Parse(f.JSON)
			if err != nil {
				return last, wrap("kept", err)
			}
			at := d.Root().Get("start").Time().At
			if at.IsZero() {
				at = d.Root().Get("period", "start").Time().At
			}
			if at.Before(now) && at.After(last) {
				last = at
			}
		}
	}
	return last, nil
}

// clocks are the clocks of a client who was last seen at a time.
func (v *Vault) clocks(last time.Time, card Card) Kept {
	k := v.practice.Load().Keeping()
	out := Kept{Minor: k.Minor}
	add := func(in label.Set, years int) {
		x := Clock{In: in, Years: years, From: last}
		if !last.IsZero() {
			x.Until = last.AddDate(years, 0, 0)
			if born, err := time.Parse(time.DateOnly, card.Birth); err == nil && in == 0 && last.Before(born.AddDate(18, 0, 0)) && x.Until.Before(born.AddDate(k.Minor, 0, 0)) {
				x.Until = born.AddDate(k.Minor, 0, 0)
			}
		}
		out.Clocks = append(out.Clocks, x)
	}
	add(0, k.Record)
	for _, x := range label.All.Each() {
		if n := k.In[x.String()]; n > 0 && n < k.Record {
			add(x, n)
		}
	}
	return out
}

// eraseIn is by when somebody who asks to be erased is answered (GDPR Art. 12(3)).
const eraseIn = 30 * 24 * time.Hour

// AskErase asks the practice to destroy what is in some compartments, or the whole chart
// if in is 0. It is for the client, with a fresh passkey; the privacy officer decides.
func (c *Chart) AskErase(ctx context.Context, in label.Set, why string) error {
	if c == nil || c.v == nil || c.why != Minding || c.basis != policy.IsTheirs {
		return errRefused
	}
	if c.who.Level() < account.Fresh {
		return account.Low(account.Fresh)
	}
	why, err := sayable(why)
	if err != nil {
		return err
	}
	if in&^label.All != 0 { // less of it might be nothing, and nothing is the whole chart
		return errs.E(errs.Invalid, "record: no such compartment")
	}
	id, err := c.v.newID()
	if err != nil {
		return wrap("erase", err)
	}
	now := c.v.now.Now().UTC()
	x := Review{ID: id, Kind: ReviewErase, Client: c.client, In: in, Said: why, At: now, Due: now.Add(eraseIn)}
	line := c.v.line(ctx, c.who, c.why, "askerase", c.basis, 0)
	c.v.chain(ctx, line, c.client)
	return wrap("erase", c.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		if _, here := c.v.people.row(c.client); !here {
			return errRefused // merged or erased since it was opened
		}
		all, err := c.v.reviews(ctx, tx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(y Review) bool {
			return y.Kind == ReviewErase && y.Client == x.Client && y.In == x.In && y.Done.IsZero()
		}) {
			return errs.Say(errs.E(errs.Conflict, "record: it was asked already"), "trust.erase_asked")
		}
		if err := c.v.putReview(ctx, tx, x); err != nil {
			return err
		}
		return c.v.tellOfficers(ctx, tx)
	}}))
}

// Erasures returns what this client asked to be erased, and what became of it, the newest
// first.
func (c *Chart) Erasures(ctx context.Context) ([]Review, error) {
	if c == nil || c.v == nil || c.why != Minding {
		return nil, errRefused
	}
	var out []Review
	err := c.v.st.View(ctx, func(r store.Reader) error {
		all, err := c.v.reviews(ctx, r)
		out = slices.DeleteFunc(all, func(x Review) bool { return x.Kind != ReviewErase || x.Client != c.client })
		return err
	})
	slices.SortFunc(out, func(a, b Review) int { return b.At.Compare(a.At) })
	return out, wrap("erasures", err)
}

// RefuseErase answers that what a client asked to be erased is kept, and why. They are told
// that there is an answer.
func (p *Practice) RefuseErase(ctx context.Context, id, note string) error {
	note, err := sayable(note)
	if err != nil {
		return err
	}
	return p.answerErase(ctx, id, VerdictRefused, note)
}

func (p *Practice) answerErase(ctx context.Context, id, verdict, note string) error {
	if err := p.guards(); err != nil {
		return err
	}
	if p.who.Level() < account.Fresh {
		return account.Low(account.Fresh)
	}
	v := p.v
	line := v.line(ctx, p.who, p.why, "answererase", policy.Manages, 0)
	line.Entry.How = verdict
	return wrap("erase", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		x, err := v.reviewOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if !x.destroys() || !x.Done.IsZero() {
			return errReviewed
		}
		v.chain(ctx, line, x.Client)
		x.Done, x.By, x.Verdict, x.Note = v.now.Now().UTC(), p.who.Name(), verdict, note
		if err := v.putReview(ctx, tx, x); err != nil {
			return err
		}
		if x.Kind == ReviewClock { // nobody asked
			return nil
		}
		return v.letterTo(ctx, tx, asClient(x.Client), account.LetterAnswer, leads("/me/"+string(x.Client)+"/trust/keep"), v.now.Now().Add(messageHolds))
	}}))
}
