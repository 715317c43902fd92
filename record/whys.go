package record

import (
	"context"
	"errors"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Staff who open the chart of somebody they do not treat are asked why the same evening,
// and the client sees that they were. Nobody is asked for what a visit, a task or a
// referral that came later in the day explains.

// Why is a chart that somebody opened for no reason that can be told from it.
type Why struct {
	ID       string
	Client   fhir.ClientID
	Initials string `json:"-"`
	Staff    string
	First    time.Time // when they opened it first that day
	Last     time.Time
	Asked    time.Time `json:",omitzero"`
	Said     string    `json:",omitempty"` // what they answered
	Answered time.Time `json:",omitzero"`
}

const (
	whyHour  = 18                  // when staff are asked, at the practice
	whyWaits = 48 * time.Hour      // for how long before the privacy officer hears of it
	whyKept  = 60 * 24 * time.Hour // how long it is kept
)

// wonders keeps, in the transaction of a look, that nothing explains it; nil if something
// does. Who somebody is, and when they come, needs no reason: people ring up.
func (v *Vault) wonders(c *Chart) func(context.Context, store.Tx) error {
	if c.basis != policy.CareTeam || c.why != Care || c.bond != policy.NoBond || c.parts&^(Person|Visits|Messages|Agreements) == 0 {
		return nil
	}
	return func(ctx context.Context, tx store.Tx) error {
		now := v.now.Now()
		id := v.Key("why "+c.who.ID()+" "+now.In(v.Zone()).Format(time.DateOnly), string(c.client))
		x := Why{ID: idCoding.EncodeToString(id), Client: c.client, Staff: c.who.ID(), First: now.UTC()}
		err := v.get(ctx, tx, store.Whys, id, &x)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		if err == nil && now.Sub(x.Last) < pause {
			return nil
		}
		x.Last = now.UTC()
		return v.put(ctx, tx, store.Whys, id, now.Add(whyKept), &x)
	}
}

func (v *Vault) whys(ctx context.Context, r store.Reader, f func(Why) bool) ([]Why, error) {
	var out []Why
	now := v.now.Now().UnixMilli()
	err := r.Objects(ctx, store.Whys, func(o store.Object) error {
		if o.Expires != 0 && o.Expires <= now {
			return nil // not swept yet
		}
		var x Why
		if err := v.unpack(store.Whys, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &x); err != nil {
			return err
		}
		if f(x) {
			x.Client = v.people.went(x.Client)
			x.Initials = v.initials(x.Client)
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

// AskWhy asks staff, in the evening, why they opened charts that day, and tells the privacy
// officer of those that nobody explained in two days. It returns how many were asked.
func (v *Vault) AskWhy(ctx context.Context, who account.Actor) (int, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory})
	if !d.Allow() {
		return 0, v.noted(ctx, who, Telling, "askwhy", d)
	}
	now := v.now.Now()
	var ask, late []Why
	err := v.st.View(ctx, func(r store.Reader) (err error) {
		ask, err = v.whys(ctx, r, func(x Why) bool { return x.Asked.IsZero() && !now.Before(v.evening(x.First)) })
		if err == nil {
			late, err = v.whys(ctx, r, func(x Why) bool {
				return !x.Asked.IsZero() && x.Answered.IsZero() && !now.Before(x.Asked.Add(whyWaits))
			})
		}
		return err
	})
	if err != nil {
		return 0, wrap("askwhy", err)
	}
	n := 0
	for _, x := range ask {
		did, err := v.askWhy(ctx, who, x)
		if err != nil {
			return n, wrap("askwhy", err)
		}
		if did {
			n++
		}
	}
	for _, x := range late {
		if err := v.handOnWhy(ctx, who, x); err != nil {
			return n, wrap("askwhy", err)
		}
	}
	return n, nil
}

// evening is when somebody is asked about what they did at a time.
func (v *Vault) evening(t time.Time) time.Time {
	d := t.In(v.Zone())
	at := time.Date(d.Year(), d.Month(), d.Day(), whyHour, 0, 0, 0, v.Zone())
	if t.After(at) { // what was opened later is asked about at the end of the day
		at = time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, v.Zone()).Add(-time.Minute)
	}
	return at
}

// askWhy asks about one chart, or forgets it if something explains it by now.
func (v *Vault) askWhy(ctx context.Context, who account.Actor, x Why) (bool, error) {
	key, err := idCoding.DecodeString(x.ID)
	if err != nil {
		return false, err
	}
	now := v.now.Now().UTC()
	var bond policy.Bond
	if err := v.st.View(ctx, func(r store.Reader) (err error) {
		bond, _, _, err = v.bound(ctx, r, x.Staff, x.Client)
		return err
	}); err != nil {
		return false, err
	}
	if _, here := v.people.row(x.Client); !here || bond != policy.NoBond && bond != policy.ByGlass {
		return false, v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
			return drop(ctx, tx, store.Whys, key)
		}})
	}
	line := v.line(ctx, who, Telling, "askwhy", policy.Software, 0)
	v.chain(ctx, line, x.Client)
	err = v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		to := x.Client // of a chart that was merged since
		if err := v.still(ctx, tx, key, &x, func(x Why) bool { return x.Asked.IsZero() }); err != nil {
			return err
		}
		x.Client = to
		m, err := staffIn(ctx, tx, x.Staff)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		line.Entry.Whom = m.Name
		x.Asked = now
		if err := v.put(ctx, tx, store.Whys, key, now.Add(whyKept), &x); err != nil {
			return err
		}
		return v.letterTo(ctx, tx, staffSubject(x.Staff), account.LetterWhy, leads("/account/why"), now.Add(whyWaits))
	}})
	if errors.Is(err, errReviewed) {
		return false, nil
	}
	return err == nil, err
}

// still reads a chart that was opened for no reason anew; errReviewed if it is not as it was
// a moment ago.
func (v *Vault) still(ctx context.Context, tx store.Tx, key []byte, x *Why, is func(Why) bool) error {
	err := v.get(ctx, tx, store.Whys, key, x)
	if errs.Is(err, errs.NotFound) || err == nil && !is(*x) {
		return errReviewed
	}
	return err
}

// handOnWhy tells the privacy officer of a chart that nobody explained.
func (v *Vault) handOnWhy(ctx context.Context, who account.Actor, x Why) error {
	key, err := idCoding.DecodeString(x.ID)
	if err != nil {
		return err
	}
	line := v.line(ctx, who, Telling, "unexplained", policy.Software, 0)
	v.chain(ctx, line, x.Client)
	err = v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		if err := v.still(ctx, tx, key, &Why{}, func(x Why) bool { return x.Answered.IsZero() }); err != nil {
			return err
		}
		m, err := staffIn(ctx, tx, x.Staff)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		line.Entry.Whom = m.Name
		if err := tx.DropObject(ctx, store.Whys, key); err != nil {
			return err
		}
		if err := v.putReview(ctx, tx, Review{ID: x.ID, Kind: ReviewWhy, Client: x.Client, Staff: x.Staff, Name: m.Name, At: x.First}); err != nil {
			return err
		}
		return v.tellOfficers(ctx, tx)
	}})
	if errors.Is(err, errReviewed) { // answered at the last moment
		return nil
	}
	return err
}

// Whys returns what a member of staff is asked about, the oldest first.
func (v *Vault) Whys(ctx context.Context, who account.Actor) ([]Why, error) {
	if who.Kind() != account.Staff {
		return nil, errRefused
	}
	var out []Why
	err := v.st.View(ctx, func(r store.Reader) (err error) {
		out, err = v.whys(ctx, r, func(x Why) bool { return x.Staff == who.ID() && !x.Asked.IsZero() && x.Answered.IsZero() })
		return err
	})
	slices.SortFunc(out, func(a, b Why) int { return a.First.Compare(b.First) })
	return out, wrap("whys", err)
}

// Explain answers why somebody opened a chart: the client reads it, and so does the privacy
// officer.
func (v *Vault) Explain(ctx context.Context, who account.Actor, id, text string) error {
	if who.Kind() != account.Staff || who.Level() < account.ByKey {
		return errRefused
	}
	said, err := reason(text)
	if err != nil {
		return err
	}
	key, err := idCoding.DecodeString(id)
	if err != nil {
		return errNotYours
	}
	line := v.line(ctx, who, Care, "explain", policy.None, 0)
	line.Entry.Said = said
	err = v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		var x Why
		err := v.get(ctx, tx, store.Whys, key, &x)
		if errs.Is(err, errs.NotFound) || err == nil && (x.Staff != who.ID() || x.Asked.IsZero() || !x.Answered.IsZero()) {
			return errNotYours
		}
		if err != nil {
			return err
		}
		x.Client = v.people.went(x.Client)
		v.chain(ctx, line, x.Client)
		x.Said, x.Answered = said, v.now.Now().UTC()
		return v.put(ctx, tx, store.Whys, key, x.Answered.Add(whyKept), &x)
	}})
	return wrap("explain", err)
}

// Explained returns what staff answered lately, the newest first. It is for the privacy
// officer.
func (p *Practice) Explained(ctx context.Context) ([]Why, error) {
	if err := p.guards(); err != nil {
		return nil, err
	}
	var out []Why
	err := p.v.st.View(ctx, func(r store.Reader) (err error) {
		out, err = p.v.whys(ctx, r, func(x Why) bool { return !x.Answered.IsZero() })
		return err
	})
	slices.SortFunc(out, func(a, b Why) int { return b.Answered.Compare(a.Answered) })
	return out, wrap("whys", err)
}
