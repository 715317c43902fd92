package record

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// Review is something the privacy officer has to look into. It opens no chart: the client
// is known by their initials.
type Review struct {
	ID       string
	Kind     string
	Client   fhir.ClientID
	Initials string    `json:"-"`
	Staff    string    // who did it, by staff id
	Name     string    // as they were called then
	Said     string    // the reason, as they wrote it
	In       label.Set `json:",omitempty"` // of an erasure: the compartments; none is the whole chart
	At       time.Time
	Until    time.Time `json:",omitzero"`  // of a glass: when it let nobody in any more; of a clock: when it ran out
	Unsafe   bool      `json:",omitempty"` // the client was not told by letter
	Due      time.Time `json:",omitzero"`  // when the account freezes, or an answer is promised
	Frozen   bool      `json:",omitempty"` // it did
	Held     bool      `json:"-"`          // a legal hold: nothing of theirs may be erased
	Done     time.Time `json:",omitzero"`
	By       string    `json:",omitempty"` // the name of who decided
	Verdict  string    `json:",omitempty"`
	Note     string    `json:",omitempty"` // what they wrote with it
}

// The kinds of what is to be looked into.
const (
	ReviewGlass = "glass" // somebody broke the glass
	ReviewWhy   = "why"   // somebody opened a chart and did not say why, or said something odd
	ReviewErase = "erase" // a client wants to be erased
	ReviewClock = "clock" // the time to keep something has run out
)

// The verdicts.
const (
	VerdictRight   = "right"   // it was needed, or the reason is good
	VerdictWrong   = "wrong"   // it was not; what follows is a matter for people
	VerdictErased  = "erased"  // the keys are destroyed
	VerdictRefused = "refused" // the law asks that the record be kept, and the note says which
)

// destroys reports that what is decided is whether something is destroyed.
func (x Review) destroys() bool { return x.Kind == ReviewErase || x.Kind == ReviewClock }

// reviewKept is for how long what was decided can be read.
const reviewKept = 2 * 366 * 24 * time.Hour

func (v *Vault) putReview(ctx context.Context, tx store.Tx, x Review) error {
	var ends time.Time
	if !x.Done.IsZero() {
		ends = x.Done.Add(reviewKept)
	}
	return v.put(ctx, tx, store.Reviews, v.Key("review", x.ID), ends, &x)
}

func (v *Vault) reviewOf(ctx context.Context, r store.Reader, id string) (Review, error) {
	var x Review
	err := v.get(ctx, r, store.Reviews, v.Key("review", id), &x)
	return x, err
}

func (v *Vault) reviews(ctx context.Context, r store.Reader) ([]Review, error) {
	var out []Review
	err := r.Objects(ctx, store.Reviews, func(o store.Object) error {
		var x Review
		if err := v.unpack(store.Reviews, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &x); err != nil {
			return err
		}
		out = append(out, x)
		return nil
	})
	return out, err
}

func (p *Practice) guards() error {
	if p == nil || p.v == nil || p.why != Guarding {
		return errRefused
	}
	return nil
}

// Reviews returns what is to be looked into, what is due first, and then what was decided,
// the newest first. It is for the privacy officer.
func (p *Practice) Reviews(ctx context.Context) ([]Review, error) {
	if err := p.guards(); err != nil {
		return nil, err
	}
	var out []Review
	err := p.v.st.View(ctx, func(r store.Reader) (err error) {
		if out, err = p.v.reviews(ctx, r); err != nil {
			return err
		}
		for i := range out {
			x := &out[i]
			if x.Initials = p.v.initials(x.Client); x.Kind != ReviewErase || !x.Done.IsZero() {
				continue
			}
			if x.Held, err = p.v.held(ctx, r, x.Client); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Review) int {
		if a.Done.IsZero() != b.Done.IsZero() {
			return map[bool]int{true: -1, false: 1}[a.Done.IsZero()]
		}
		if a.Done.IsZero() {
			return a.Due.Compare(b.Due)
		}
		return b.Done.Compare(a.Done)
	})
	return out, wrap("reviews", err)
}

// Waits is how much waits for somebody who watches over privacy; 0 for anybody else.
func (v *Vault) Waits(ctx context.Context, who account.Actor) (int, error) {
	if who.Kind() != account.Staff || who.Level() < account.ByKey || !who.Roles().Any(account.PrivacyOfficer) {
		return 0, nil
	}
	n := 0
	err := v.st.View(ctx, func(r store.Reader) error {
		all, err := v.reviews(ctx, r)
		n = len(slices.DeleteFunc(all, func(x Review) bool { return !x.Done.IsZero() }))
		return err
	})
	return n, wrap("reviews", err)
}

var (
	errReviewed = errs.Say(errs.E(errs.Conflict, "record: that was decided already"), "privacy.decided")
	errOwnGlass = errs.Say(errs.E(errs.Refused, "record: nobody looks into what they did themselves"), "privacy.own")
)

// Judge decides one thing that was to be looked into. The verdict stands on the client's
// ledger; an account that froze because nobody looked thaws.
func (p *Practice) Judge(ctx context.Context, id, verdict, note string) error {
	if err := p.guards(); err != nil {
		return err
	}
	if p.who.Level() < account.Fresh {
		return account.Low(account.Fresh)
	}
	if verdict != VerdictRight && verdict != VerdictWrong {
		return errs.E(errs.Invalid, "record: no such verdict")
	}
	if note = strings.TrimSpace(note); utf8.RuneCountInString(note) > saidMost {
		return errSaid
	}
	v := p.v
	line := v.line(ctx, p.who, p.why, "review", policy.Manages, 0)
	line.Entry.How = verdict
	err := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		x, err := v.reviewOf(ctx, tx, id)
		if err != nil {
			return err
		}
		switch {
		case x.destroys():
			return errs.E(errs.Invalid, "record: an erasure is decided otherwise")
		case !x.Done.IsZero():
			return errReviewed
		case x.Staff == p.who.ID():
			return errOwnGlass
		}
		v.chain(ctx, line, x.Client)
		line.Entry.Whom = x.Name
		x.Done, x.By, x.Verdict, x.Note = v.now.Now().UTC(), p.who.Name(), verdict, note
		if err := v.putReview(ctx, tx, x); err != nil {
			return err
		}
		return v.thaw(ctx, tx, x.Staff)
	}})
	return wrap("review", err)
}

// thaw lets somebody in again of whom nothing is left that nobody looked into in time.
func (v *Vault) thaw(ctx context.Context, tx store.Tx, staff string) error {
	all, err := v.reviews(ctx, tx)
	if err != nil || slices.ContainsFunc(all, func(x Review) bool { return x.Staff == staff && x.Frozen && x.Done.IsZero() }) {
		return err
	}
	return v.freeze(ctx, tx, staff, Thawed)
}

// Frost says whether an account is frozen.
type Frost bool

// Whether an account is frozen.
const (
	Thawed Frost = false
	Frozen Frost = true
)

func (v *Vault) freeze(ctx context.Context, tx store.Tx, staff string, f Frost) error {
	m, err := staffIn(ctx, tx, staff)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil || m.Frozen == bool(f) {
		return err
	}
	m.Frozen = bool(f)
	if err := setStaff(ctx, tx, m); err != nil || f == Thawed {
		return err
	}
	a, err := v.accessOf(ctx, tx, staffSubject(staff))
	if err != nil || a == nil {
		return err
	}
	return v.endSessions(ctx, tx, staffSubject(staff), a)
}

// Overlook freezes the accounts of those whose broken glass nobody looked into in time, and
// hands on the charts that were opened for no reason anybody gave. It returns how many.
func (v *Vault) Overlook(ctx context.Context, who account.Actor) (int, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory})
	if !d.Allow() {
		return 0, v.noted(ctx, who, Telling, "freeze", d)
	}
	now := v.now.Now()
	late := func(x Review) bool {
		return x.Kind == ReviewGlass && x.Done.IsZero() && !x.Frozen && !now.Before(x.Due)
	}
	var due []Review
	err := v.st.View(ctx, func(r store.Reader) error {
		all, err := v.reviews(ctx, r)
		due = slices.DeleteFunc(all, func(x Review) bool { return !late(x) })
		return err
	})
	if err != nil {
		return 0, wrap("freeze", err)
	}
	for n, x := range due {
		if err := v.overlook(ctx, who, x, late); err != nil && !errors.Is(err, errReviewed) {
			return n, wrap("freeze", err)
		}
	}
	return len(due), nil
}

// overlook freezes the account of who broke a glass. Whoever alone runs the practice is not
// frozen, for nobody could ever let them in again: it is due anew each day.
func (v *Vault) overlook(ctx context.Context, who account.Actor, x Review, late func(Review) bool) error {
	var run []string
	if err := v.st.View(ctx, func(r store.Reader) (err error) { run, err = managers(ctx, r); return err }); err != nil {
		return err
	}
	act, alone := &ledger.Act{}, len(run) == 1 && run[0] == x.Staff
	if !alone {
		line := v.line(ctx, who, Telling, "freeze", policy.Software, 0)
		line.Entry.Whom = x.Name
		v.chain(ctx, line, x.Client)
		act.Lines = []*ledger.Line{line}
	}
	act.Write = func(ctx context.Context, tx store.Tx) error {
		y, err := v.reviewOf(ctx, tx, x.ID)
		if err != nil || !late(y) {
			return orElse(err, errReviewed)
		}
		run, err := managers(ctx, tx)
		switch {
		case err != nil:
			return err
		case alone:
			y.Due = v.dayAfter(v.now.Now())
		case len(run) == 1 && run[0] == x.Staff:
			return errReviewed // since a moment ago: the next time
		default:
			y.Frozen = true
			if err := v.freeze(ctx, tx, y.Staff, Frozen); err != nil {
				return err
			}
		}
		if err := v.putReview(ctx, tx, y); err != nil {
			return err
		}
		return v.tellOfficers(ctx, tx)
	}
	return v.led.Commit(ctx, act)
}
