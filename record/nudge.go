package record

import (
	"context"
	"slices"
	"time"

	"rapport/account"
	"rapport/hours"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// nudgeFrom and nudgeTo are the hours of the day between which somebody is told that
// something of their plan is open, by their own clock.
const (
	nudgeFrom = 9
	nudgeTo   = 20
)

// Nudge tells people that something of their plan is open today: once a day at most,
// whatever they are following, and not on days on which they have done something. A plan
// that is stalled nudges nobody: staff see it. It returns how many were told.
func (v *Vault) Nudge(ctx context.Context, who account.Actor) (int, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory})
	if !d.Allow() {
		return 0, v.noted(ctx, who, Telling, "nudge", d)
	}
	var due []Board
	now := v.now.Now()
	err := v.st.View(ctx, func(r store.Reader) error {
		due = nil
		return r.Objects(ctx, store.Boards, func(o store.Object) error {
			var b Board
			if err := v.unpack(store.Boards, store.Object{Key: slices.Clone(o.Key), Body: o.Body}, &b); err != nil {
				return err
			}
			if into, away := v.people.merged(b.Client); away {
				b.Client = into.card.Into
			}
			if b.Active && !b.Stalled(now) && len(b.Days) > 0 {
				due = append(due, b)
			}
			return nil
		})
	})
	if err != nil {
		return 0, wrap("nudge", err)
	}
	n := 0
	for _, b := range due {
		did, err := v.nudgeOne(ctx, who, b, now)
		if err != nil {
			return n, wrap("nudge", err)
		}
		if did {
			n++
		}
	}
	return n, nil
}

// nudged reports that somebody is to be nudged now, and the day it is for them.
func (v *Vault) nudged(n Notices, b Board, now time.Time) (day string, due bool) {
	at := now.In(n.zone(v.Zone()))
	day = at.Format(time.DateOnly)
	today := hours.DateOf(now.In(v.Zone())) // by which the plan counts
	return day, n.Nudged != day && at.Hour() >= nudgeFrom && at.Hour() < nudgeTo && slices.Contains(b.Days, int(today)) && hours.DateOf(b.Last.In(v.Zone())) != today
}

func (v *Vault) nudgeOne(ctx context.Context, who account.Actor, b Board, now time.Time) (bool, error) {
	to := asClient(b.Client)
	var due bool
	look := func(r store.Reader) (n Notices, day string, err error) {
		if n, err = v.noticesOf(ctx, r, to); err == nil {
			day, due = v.nudged(n, b, now)
		}
		return n, day, err
	}
	if err := v.st.View(ctx, func(r store.Reader) error { _, _, err := look(r); return err }); err != nil || !due {
		return false, err
	}
	line := v.line(ctx, who, Telling, "nudge", policy.Software, 0)
	v.chain(ctx, line, b.Client)
	err := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		n, day, err := look(tx)
		if err != nil || !due {
			return err
		}
		n.Nudged = day
		if err := v.putNotices(ctx, tx, to, n); err != nil {
			return err
		}
		return v.tell(ctx, tx, telling{to: to, kind: account.LetterSteps, path: leads(homeOf(to)), ends: now.Add(12 * time.Hour)})
	}})
	return due, err
}
