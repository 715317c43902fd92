package record

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// An answer is promised within so much working time. At half of it its owner is told that
// it waits, at four fifths somebody else gets it, and when it is over the client is told
// so, with a new time, and it is counted. Nothing here reads what was written.

// waitsFor is what is to do while a client waits in a thread.
func (v *Vault) waitsFor(k Talk, t Topic, staff []StaffMember) Todo {
	team := t.Team(staff)
	return Todo{ID: k.Thread, Client: k.Client, Kind: TodoMessage, Owner: k.Owner, At: k.Asked, Due: k.Due, Topic: k.Topic, Desk: k.Desk, Named: k.Named, Private: len(k.Named) > 0,
		Nudge: v.after(k.Asked, t.Minutes/2, team), Cover: v.after(k.Asked, t.Minutes*4/5, team)}
}

// Tally is promises kept and broken in one week about one topic.
type Tally struct {
	Week         string // ISO 8601: 2026-W48
	Topic        string
	Kept, Broken int
}

func weekOf(at time.Time) string {
	y, w := at.ISOWeek()
	return fmt.Sprintf("%d-W%02d", y, w)
}

// tallyHolds is for how long promises are counted.
const tallyHolds = 2 * 366 * 24 * time.Hour

func (v *Vault) tally(ctx context.Context, tx store.Tx, topic string, at time.Time, kept, broken int) error {
	x := Tally{Week: weekOf(at.In(v.Zone())), Topic: topic}
	key := v.Key("tally", x.Week+"/"+topic)
	if err := v.get(ctx, tx, store.Tallies, key, &x); err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	x.Kept, x.Broken = x.Kept+kept, x.Broken+broken
	return v.put(ctx, tx, store.Tallies, key, at.Add(tallyHolds), &x)
}

// Tallies returns how many promises were kept and broken, the newest week first.
func (p *Practice) Tallies(ctx context.Context) ([]Tally, error) {
	if p == nil || p.v == nil || p.why != Running {
		return nil, errRefused
	}
	return p.v.tallies(ctx)
}

// Tallies returns how many promises were kept and broken, the newest week first.
func (d *Directory) Tallies(ctx context.Context) ([]Tally, error) {
	if d == nil || d.v == nil || d.why != Finding {
		return nil, errRefused
	}
	return d.v.tallies(ctx)
}

func (v *Vault) tallies(ctx context.Context) ([]Tally, error) {
	var out []Tally
	err := v.st.View(ctx, func(r store.Reader) error {
		out = nil
		return r.Objects(ctx, store.Tallies, func(o store.Object) error {
			var x Tally
			err := v.unpack(store.Tallies, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &x)
			out = append(out, x)
			return err
		})
	})
	slices.SortFunc(out, func(a, b Tally) int {
		if a.Week != b.Week {
			return -compareText(a.Week, b.Week)
		}
		return compareText(a.Topic, b.Topic)
	})
	return out, wrap("tallies", err)
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Promises looks after the times by which answers were promised, and returns how much it
// did. It is for software, at every tick.
func (v *Vault) Promises(ctx context.Context, who account.Actor) (int, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory})
	if !d.Allow() {
		return 0, v.noted(ctx, who, Telling, "promise", d)
	}
	all, err := v.todos(ctx)
	if err != nil {
		return 0, wrap("promises", err)
	}
	staff, err := v.staff(ctx)
	if err != nil {
		return 0, wrap("promises", err)
	}
	now, n := v.now.Now(), 0
	slices.SortFunc(all, byDue)
	for _, t := range all {
		if !v.turns(t, staff, now) {
			continue
		}
		did, err := v.turn(ctx, who, t.ID, staff)
		if err != nil {
			return n, wrap("promises", err)
		}
		if did {
			n++
		}
	}
	return n, nil
}

// turns reports that something about an open message is due now.
func (v *Vault) turns(t Todo, staff []StaffMember, now time.Time) bool {
	if t.Kind != TodoMessage || !t.Done.IsZero() {
		return false
	}
	return !now.Before(t.Due) || !t.Cover.IsZero() && !now.Before(t.Cover) || !t.Nudge.IsZero() && !now.Before(t.Nudge) || v.gone(t, staff, now)
}

// gone reports that whose message it is is not here any more, or away today.
func (v *Vault) gone(t Todo, staff []StaffMember, now time.Time) bool {
	if t.Owner == "" {
		return false
	}
	here := slices.ContainsFunc(staff, func(m StaffMember) bool { return m.ID == t.Owner && m.reads(t.Desk) })
	return (!here || v.Timetable().Away(now, t.Owner, v.Zone())) && v.cover(among(staff, t.Named), v.topic(t.Topic), t.Owner, now) != t.Owner && v.heir(t, staff, now) != t.Owner
}

// heir is who gets what its owner has not answered: "" if there is nobody, and then it is
// nobody's, for whoever is first. A sealed thread stays with the people it names.
func (v *Vault) heir(t Todo, staff []StaffMember, now time.Time) string {
	c := v.cover(among(staff, t.Named), v.topic(t.Topic), t.Owner, now)
	if c == "" && len(t.Named) > 0 {
		return t.Owner
	}
	return c
}

// turn does what is due about one message, once.
func (v *Vault) turn(ctx context.Context, who account.Actor, id string, staff []StaffMember) (bool, error) {
	line := v.line(ctx, who, Telling, "promise", policy.Software, 0)
	did := false
	err := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		did = false
		t, err := v.todo(ctx, tx, id)
		if errs.Is(err, errs.NotFound) {
			return errStill
		}
		if err != nil {
			return err
		}
		now := v.now.Now()
		if into, away := v.people.merged(t.Client); away {
			t.Client = into.card.Into
		}
		if !v.turns(t, staff, now) {
			return errStill
		}
		v.chain(ctx, line, t.Client)
		did = true
		return v.turned(ctx, tx, t, staff, now)
	}, After: func() { v.changed(id, inboxTopic) }})
	if errors.Is(err, errStill) { // somebody answered meanwhile
		return false, nil
	}
	return did, err
}

// errStill says that nothing was to be done after all.
var errStill = errors.New("record: nothing to do")

// againMinutes is the least working time, a day of it, within which a client is told a
// new time again: who waits long is not written to at every turn.
const againMinutes = 8 * 60

func (v *Vault) turned(ctx context.Context, tx store.Tx, t Todo, staff []StaffMember, now time.Time) error {
	k, err := v.talkOf(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	k.Client = t.Client
	topic := v.topic(t.Topic)
	late := !now.Before(t.Due)
	if late || v.gone(t, staff, now) || !t.Cover.IsZero() && !now.Before(t.Cover) {
		if !t.Cover.IsZero() || v.gone(t, staff, now) { // not again at each new time
			if err := v.handOn(ctx, tx, &t, &k, staff, now); err != nil {
				return err
			}
		}
	}
	if !t.Nudge.IsZero() && !now.Before(t.Nudge) {
		if err := v.nudge(ctx, tx, t, staff); err != nil {
			return err
		}
		t.Nudge = time.Time{}
	}
	if late {
		if err := v.tally(ctx, tx, t.Topic, now, 0, 1); err != nil {
			return err
		}
		t.Broken, k.Broken = t.Broken+1, k.Broken+1
		t.Due = v.after(now, max(topic.Minutes, againMinutes), topic.Team(staff))
		k.Due = t.Due
		if err := v.tellMessage(ctx, tx, k, account.LetterTold); err != nil {
			return err
		}
	}
	if err := v.putTodo(ctx, tx, t); err != nil {
		return err
	}
	return v.putTalk(ctx, tx, k)
}

// handOn gives a message to who covers for its owner, and tells them.
func (v *Vault) handOn(ctx context.Context, tx store.Tx, t *Todo, k *Talk, staff []StaffMember, now time.Time) error {
	heir := v.heir(*t, staff, now)
	if !t.Cover.IsZero() && !now.Before(t.Cover) {
		t.Cover = time.Time{}
		if heir == "" {
			heir = t.Owner // nobody to give it to: it stays where it is
		}
	}
	if heir == t.Owner {
		return nil
	}
	t.Owner, k.Owner = heir, heir
	if heir == "" {
		k.State = TalkReceived
		return nil
	}
	k.State = TalkWith
	return v.tellStaff(ctx, tx, heir, account.LetterYours)
}

// nudgedMost bounds how many are told that something waits that is nobody's.
const nudgedMost = 5

// nudge tells its owner, or the team if it is nobody's, that a message waits.
func (v *Vault) nudge(ctx context.Context, tx store.Tx, t Todo, staff []StaffMember) error {
	if t.Owner != "" {
		return v.tellStaff(ctx, tx, t.Owner, account.LetterWaiting)
	}
	team := v.topic(t.Topic).Team(among(staff, t.Named))
	now, n := v.now.Now(), 0
	for _, id := range team {
		if n == nudgedMost || v.Timetable().Away(now, id, v.Zone()) {
			continue
		}
		n++
		if err := v.tellStaff(ctx, tx, id, account.LetterWaiting); err != nil {
			return err
		}
	}
	return nil
}

// tellStaff writes to a member of staff that the inbox has something for them.
func (v *Vault) tellStaff(ctx context.Context, tx store.Tx, id, kind string) error {
	return v.letterTo(ctx, tx, account.Subject{Kind: account.Staff, ID: id}, kind, leads("/inbox"), v.now.Now().Add(messageHolds))
}

// callFor has somebody look at a note in which they are named.
func (v *Vault) callFor(ctx context.Context, tx store.Tx, k Talk, staff []StaffMember, calls []string) error {
	for _, id := range calls {
		ok := slices.ContainsFunc(among(staff, k.Named), func(m StaffMember) bool { return m.ID == id && m.reads(k.Desk) })
		if !ok {
			return errs.E(errs.Invalid, "record: somebody is named who does not read this")
		}
		t := Todo{ID: "n" + k.Thread + id, Client: k.Client, Kind: TodoNote, Owner: id, At: v.now.Now(), Topic: k.Topic, Desk: k.Desk, Named: k.Named, Private: len(k.Named) > 0, Thread: k.Thread}
		if err := v.putTodo(ctx, tx, t); err != nil {
			return err
		}
		if err := v.tellStaff(ctx, tx, id, account.LetterWaiting); err != nil {
			return err
		}
	}
	return nil
}
