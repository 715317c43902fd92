package record

import (
	"context"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Tie is what binds somebody to a client who is another.
type Tie = policy.Tie

// The ties.
const (
	Helper   = policy.Helper
	Guardian = policy.Guardian
)

// Grant is somebody who may act for a client, or is asked to.
type Grant struct {
	ID       string
	Who      account.Subject // nobody while the invitation is open
	Name     string          // as it was written by who granted it
	Tie      Tie
	Relation string // what they are to the client: "daughter", in the client's own words
	Reads    Parts  // of a helper; a guardian's are the rules' for the client's age
	Acts     Parts  // of those, where they may act
	From     time.Time
	Until    time.Time // the zero time is until it is ended
	Link     account.Hash
	Asked    time.Time
}

// Open reports that a grant waits for who was asked.
func (g Grant) Open() bool { return g.Who.Kind == account.Nobody }

// Answer is until when who is asked can say yes.
func (g Grant) Answer() time.Time { return g.Asked.Add(offerLife) }

// circle is everybody who may act for one client.
type circle struct{ Grants []Grant }

// caring is whom one account may act for.
type caring struct{ Clients []fhir.ClientID }

func (v *Vault) caringKey(s account.Subject) []byte {
	return v.Key("caring", s.Kind.String()+" "+s.ID)
}

// circleOf reads who may act for a client.
func (v *Vault) circleOf(ctx context.Context, r store.Reader, c fhir.ClientID) (circle, error) {
	var out circle
	pid, ok := pidOf(c)
	if !ok {
		return out, nil
	}
	err := v.get(ctx, r, store.Circles, pid[:], &out)
	if errs.Is(err, errs.NotFound) {
		return circle{}, nil
	}
	return out, err
}

func (v *Vault) putCircle(ctx context.Context, tx store.Tx, c fhir.ClientID, x circle) error {
	pid, ok := pidOf(c)
	if !ok {
		return errs.E(errs.Internal, "record: a circle around nobody")
	}
	return v.put(ctx, tx, store.Circles, pid[:], time.Time{}, &x)
}

// caringOf reads whom an account may act for.
func (v *Vault) caringOf(ctx context.Context, r store.Reader, s account.Subject) (caring, error) {
	var out caring
	err := v.get(ctx, r, store.Caring, v.caringKey(s), &out)
	if errs.Is(err, errs.NotFound) {
		return caring{}, nil
	}
	return out, err
}

// tied is what binds an account to a client today, and what that gives.
func (v *Vault) tied(ctx context.Context, r store.Reader, s account.Subject, whose fhir.ClientID) (tie Tie, reads, acts Parts, err error) {
	all, err := v.circleOf(ctx, r, whose)
	if err != nil {
		return 0, 0, 0, err
	}
	for _, g := range all.Grants {
		if g.Open() || g.Who != s {
			continue
		}
		gr, ga := v.gives(g, whose)
		if gr&^Person == 0 { // who it is alone is nothing
			continue
		}
		// two ties to one client: the wider reading is told, and both are given
		if tie == 0 || g.Tie == Guardian {
			tie = g.Tie
		}
		reads, acts = reads|gr, acts|ga
	}
	return tie, reads, acts, nil
}

// gives is what a grant gives now.
func (v *Vault) gives(g Grant, whose fhir.ClientID) (reads, acts Parts) {
	now := v.now.Now()
	if !g.Until.IsZero() && !now.Before(g.Until) {
		return 0, 0
	}
	if g.Tie == Helper {
		return g.Reads, g.Acts & g.Reads
	}
	rules := v.minors.Load()
	card, known := v.people.card(whose)
	if rules == nil || !known {
		return 0, 0
	}
	band, ok := rules.On(card.Birth, policy.DayIn(now, v.zoneOf(card)))
	if !ok {
		return 0, 0
	}
	return band.Gives()
}

// zoneOf is the time zone a client's birthdays begin in.
func (v *Vault) zoneOf(c Card) *time.Location {
	for _, name := range []string{c.Zone, v.practice.Load().Zone} {
		if name == "" {
			continue
		}
		if z, ok := v.zones.Load(name); ok {
			return z.(*time.Location) //nolint:errcheck // nothing else is put in
		}
		if z, err := time.LoadLocation(name); err == nil {
			v.zones.Store(name, z)
			return z
		}
	}
	return time.UTC
}

// lends are the purposes for which somebody who looks after a client opens their chart.
var lends = []Purpose{Own, Booking, Answering, Planning, Messaging}

// facts gathers what a decision about a chart looks at.
func (v *Vault) facts(ctx context.Context, who account.Actor, why Purpose, whose fhir.ClientID, exists bool, what Parts) (policy.Facts, error) {
	f := policy.Facts{Kind: who.Kind(), Roles: who.Roles(), Level: who.Level(), Purpose: why, Target: policy.Chart,
		Self: whose != "" && who.Client() == whose, Exists: exists, Asked: what}
	if f.Kind == account.Staff && exists {
		err := v.st.View(ctx, func(r store.Reader) (err error) {
			f.Bond, f.Barred, f.Shut, err = v.bound(ctx, r, who.ID(), whose)
			return err
		})
		if err != nil && errs.KindOf(err) == errs.Internal {
			err = errs.E(errs.Unavailable, "record: who treats whom could not be read, so nothing was opened: %w", err)
		}
		return f, err
	}
	person := f.Kind == account.Client || f.Kind == account.Guest
	if !slices.Contains(lends, f.Purpose) || f.Self || !person || !exists {
		return f, nil
	}
	if f.Purpose == Own { // a page about "me", of somebody else: they are looking after them
		f.Purpose = Helping
	}
	err := v.st.View(ctx, func(r store.Reader) (err error) {
		f.Tie, f.Reads, f.Acts, err = v.tied(ctx, r, who.Subject(), whose)
		return err
	})
	return f, wrap("open", err)
}

// Cared is a client somebody looks after.
type Cared struct {
	Client fhir.ClientID
	Name   string
	Tie    Tie
	Reads  Parts
	Given  string // the given name alone, "" if it is not known
}

// Caring returns whom an actor looks after today, by name. Whom they may see
// nothing of is not among them.
func (v *Vault) Caring(ctx context.Context, who account.Actor) ([]Cared, error) {
	if who.Kind() != account.Client && who.Kind() != account.Guest || who.Level() < account.ByKey {
		return nil, nil
	}
	var out []Cared
	err := v.st.View(ctx, func(r store.Reader) error {
		all, err := v.caringOf(ctx, r, who.Subject())
		if err != nil {
			return err
		}
		for _, c := range all.Clients {
			tie, reads, _, err := v.tied(ctx, r, who.Subject(), c)
			if err != nil {
				return err
			}
			if card, ok := v.people.card(c); ok && reads != 0 {
				out = append(out, Cared{c, card.Name, tie, reads, card.Given})
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Cared) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	return out, wrap("caring", err)
}

// Beyond returns the minors somebody is a guardian of and, at their age, sees nothing of.
func (v *Vault) Beyond(ctx context.Context, who account.Actor) ([]Cared, error) {
	if err := helper(who); err != nil {
		return nil, err
	}
	var out []Cared
	err := v.st.View(ctx, func(r store.Reader) error {
		all, err := v.caringOf(ctx, r, who.Subject())
		if err != nil {
			return err
		}
		for _, c := range all.Clients {
			card, ok := v.people.card(c)
			if !ok || v.youth(card) != Minor {
				continue
			}
			_, reads, _, err := v.tied(ctx, r, who.Subject(), c)
			if err != nil {
				return err
			}
			if reads == 0 {
				out = append(out, Cared{c, card.Name, Guardian, 0, card.Given})
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Cared) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	return out, wrap("caring", err)
}

// OpenAll opens the named parts of the charts of everybody an actor looks after,
// their own first, with a line on each one's ledger, all in one act. Whatever the
// policy takes away is absent, and so is whom nothing is left of.
func (v *Vault) OpenAll(ctx context.Context, who account.Actor, what Parts) ([]*Chart, error) {
	if who.Kind() != account.Client && who.Kind() != account.Guest {
		return nil, errRefused
	}
	if who.Level() < account.ByKey {
		return nil, account.Low(account.ByKey)
	}
	cared, err := v.Caring(ctx, who)
	if err != nil {
		return nil, err
	}
	var ids []fhir.ClientID
	if me := who.Client(); me != "" {
		ids = append(ids, me)
	}
	for _, c := range cared {
		ids = append(ids, c.Client)
	}
	var out []*Chart
	act := &ledger.Act{}
	var seen []func(context.Context, store.Tx) error
	for _, id := range ids {
		c, line, d, err := v.decide(ctx, who, Own, id, what)
		gone := errs.Is(err, errs.Gone) // its key was destroyed: that takes nothing from the others
		if err != nil && !gone {
			return nil, err
		}
		if !d.Allow() {
			continue
		}
		act.Lines = append(act.Lines, line)
		if gone {
			continue
		}
		seen = append(seen, v.seeing(c))
		out = append(out, c)
	}
	act.Write = func(ctx context.Context, tx store.Tx) error {
		for _, f := range seen {
			if err := f(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	}
	if err := v.led.Commit(ctx, act); err != nil {
		return nil, unwritten(err)
	}
	return out, nil
}

// newID draws an id for a grant or a proposal.
func (v *Vault) newID() (string, error) {
	var b [8]byte
	if _, err := io.ReadFull(v.rand, b[:]); err != nil {
		return "", wrap("draw", err)
	}
	return hex.EncodeToString(b[:]), nil
}
