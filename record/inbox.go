package record

import (
	"context"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// What staff do with the list of what is to do. It opens no chart: who has to see to
// something, and until when it can wait, is beside the charts.

// SnoozeWhys are the reasons for which something can wait. A reason in words would be
// content, and content lies in charts.
var SnoozeWhys = []string{"result", "colleague", "client", "visit", "other"}

var errNotYours = errs.E(errs.NotFound, "record: nothing of that name is to do")

// Inbox returns everything that is to do, and was done lately, that is for whoever asks:
// what is due at a time first, then the oldest.
func (d *Directory) Inbox(ctx context.Context) ([]Todo, error) {
	if d == nil || d.v == nil || d.why != Finding {
		return nil, errRefused
	}
	all, err := d.v.todos(ctx)
	out := slices.DeleteFunc(all, func(t Todo) bool { return !d.mayKnow(ctx, t) })
	return out, wrap("inbox", err)
}

// HereAt returns the names of the staff who have something open, by id of what is to do.
func (d *Directory) HereAt(id string) []string {
	if d == nil || d.v == nil {
		return nil
	}
	return d.v.live.here(id)
}

// change does one thing with something that is to do, on the ledger of its client.
func (d *Directory) change(ctx context.Context, act, id string, f func(ctx context.Context, tx store.Tx, t *Todo, k *Talk) error) error {
	if d == nil || d.v == nil || d.why != Finding {
		return errRefused
	}
	v := d.v
	line := v.line(ctx, d.who, d.why, act, d.basis, 0)
	err := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		t, err := v.todo(ctx, tx, id)
		if errs.Is(err, errs.NotFound) || err == nil && (!d.mayKnow(ctx, t) || !t.Done.IsZero()) {
			return errNotYours
		}
		if err != nil {
			return err
		}
		if into, away := v.people.merged(t.Client); away {
			t.Client, t.About = into.card.Into, ""
		}
		v.chain(ctx, line, t.Client)
		var k Talk
		if t.Kind == TodoMessage {
			if k, err = v.talkOf(ctx, tx, id); err != nil {
				return err
			}
			k.Client = t.Client
		}
		if err := f(ctx, tx, &t, &k); err != nil {
			return err
		}
		if k.Thread != "" {
			if err := v.putTalk(ctx, tx, k); err != nil {
				return err
			}
		}
		return v.putTodo(ctx, tx, t)
	}, After: func() { v.changed(id, inboxTopic) }})
	return wrap(act, err)
}

// Assign gives something to do to a member of staff, or to nobody if owner is "", and
// tells them. They must be able to read it.
func (d *Directory) Assign(ctx context.Context, id, owner string) error {
	if d == nil || d.v == nil {
		return errRefused
	}
	staff, err := d.v.staff(ctx)
	if err != nil {
		return wrap("assign", err)
	}
	return d.change(ctx, "assign", id, func(ctx context.Context, tx store.Tx, t *Todo, k *Talk) error {
		if owner != "" && !slices.ContainsFunc(among(staff, t.Named), func(m StaffMember) bool {
			return m.ID == owner && m.reads(t.Desk || !t.written() && !t.Private)
		}) {
			return errs.Say(errs.E(errs.Invalid, "record: who is named does not read this"), "inbox.not_theirs")
		}
		if t.Owner == owner {
			return nil
		}
		t.Owner, k.Owner, t.Snooze, t.Why = owner, owner, time.Time{}, ""
		if k.State == TalkReceived || k.State == TalkWith {
			k.State = map[bool]TalkState{true: TalkReceived, false: TalkWith}[owner == ""]
		}
		if owner == "" || owner == d.who.ID() {
			return nil
		}
		return d.v.tellStaff(ctx, tx, owner, account.LetterYours)
	})
}

// Snooze puts something off, for a reason of SnoozeWhys. What was promised stays: it
// comes back before that at the latest.
func (d *Directory) Snooze(ctx context.Context, id string, until time.Time, why string) error {
	return d.change(ctx, "snooze", id, func(_ context.Context, _ store.Tx, t *Todo, _ *Talk) error {
		if !slices.Contains(SnoozeWhys, why) || !until.After(d.v.now.Now()) {
			return errs.Say(errs.E(errs.Invalid, "record: put off without a reason, or to the past"), "inbox.snooze_why")
		}
		if !t.Cover.IsZero() && until.After(t.Cover) {
			until = t.Cover
		} else if !t.Due.IsZero() && until.After(t.Due) {
			until = t.Due
		}
		t.Snooze, t.Why = until, why
		return nil
	})
}

// Settle says that messages need no answer, or have had it elsewhere; also of several at
// once, all or those that are left. It returns how many there were.
func (d *Directory) Settle(ctx context.Context, ids ...string) (int, error) {
	n := 0
	for _, id := range ids {
		err := d.change(ctx, "done", id, func(ctx context.Context, tx store.Tx, t *Todo, k *Talk) error {
			now := d.v.now.Now()
			switch t.Kind {
			case TodoNote, TodoUnreached:
			case TodoMessage:
				if !k.Asked.IsZero() && k.Broken == 0 {
					if err := d.v.tally(ctx, tx, k.Topic, now, 1, 0); err != nil {
						return err
					}
				}
				k.rest()
			default: // it is a task in a chart, and is finished there
				return errs.E(errs.Refused, "record: a task is finished in its chart")
			}
			t.Done, t.By = now, d.who.ID()
			return nil
		})
		if errs.Is(err, errs.NotFound) && len(ids) > 1 {
			continue // somebody else has seen to it
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// rest makes a thread one in which nobody waits for the practice.
func (k *Talk) rest() {
	k.State, k.Asked, k.Due, k.Broken = TalkAnswered, time.Time{}, time.Time{}, 0
}
