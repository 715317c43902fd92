package record

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// ladder is the ways that are left to tell somebody something.
func (v *Vault) ladder(a *account.Access, n Notices, one Notice) []string {
	group := GroupOf(one.Kind)
	var out []string
	for _, by := range []string{account.ByPush, byMail, account.ByText} {
		there := map[string]bool{account.ByPush: len(n.Devices) > 0, byMail: len(a.Mails) > 0, account.ByText: n.Phone != ""}[by]
		tried := slices.ContainsFunc(one.Rungs, func(r Rung) bool { return r.By == by })
		if there && !tried && n.wants(group, by) {
			out = append(out, by)
		}
	}
	return out
}

// climb sends a notice by the next rung, and has it looked at again after the time that
// is given; if there is none, somebody is to call.
func (v *Vault) climb(ctx context.Context, tx store.Tx, to account.Subject, a *account.Access, n *Notices, one *Notice, path func(string) (string, error)) error {
	left := v.ladder(a, *n, *one)
	switch {
	case len(left) > 0:
	case path == nil:
		return v.unreached(ctx, tx, to, *one)
	case one.Kind == account.LetterMessage: // no way to tell them: they may come by themselves
		return v.lookAgain(ctx, tx, to, one.ID, v.now.Now().Add(lastGiven))
	default:
		return nil
	}
	now := v.now.Now()
	at := n.quiet(now, v.Zone())
	by, of := left[0], rungOf{to, one.ID, len(one.Rungs)}
	one.Rungs = append(one.Rungs, Rung{By: by, At: at, State: RungWait})
	if path == nil {
		path = leads(one.Path)
	}
	x := telling{to: to, kind: one.Kind, path: path, ends: one.Ends}
	tongue, _ := lang.Parse(a.Language)
	l := account.Letter{Kind: one.Kind, Lang: tongue, Path: one.Path, After: at, Ends: one.Ends, Named: n.Named}
	switch by {
	case byMail:
		if err := v.mailAll(ctx, tx, a, *n, x, of, at); err != nil {
			return err
		}
	case account.ByText:
		l.By, l.To = by, n.Phone
		if err := v.queueFor(ctx, tx, l, of); err != nil {
			return err
		}
	default:
		for _, d := range n.Devices {
			b, err := json.Marshal(pushTo{d.Endpoint, pushKeys{d.Key, d.Auth}})
			if err != nil {
				return err
			}
			l.By, l.To = by, string(b)
			if err := v.queueFor(ctx, tx, l, of); err != nil {
				return err
			}
		}
	}
	wait := given(by)
	if len(left) == 1 {
		if one.Kind != account.LetterMessage {
			return nil // there is no further rung, and nobody calls for this
		}
		wait = lastGiven
	}
	return v.lookAgain(ctx, tx, to, one.ID, at.Add(wait))
}

// pushTo is what a browser gave to be pushed to, as JSON.
type pushTo struct {
	Endpoint string   `json:"endpoint"`
	Keys     pushKeys `json:"keys"`
}

type pushKeys struct {
	P256dh string `json:"p256dh"`
	Auth   string `json:"auth"`
}

// mailAll queues a letter to every address of an account.
func (v *Vault) mailAll(ctx context.Context, tx store.Tx, a *account.Access, n Notices, x telling, of rungOf, after time.Time) error {
	tongue, _ := lang.Parse(a.Language) // English for what is not spoken
	for _, m := range a.Mails {
		to, err := x.path(m.Address)
		if err != nil {
			return err
		}
		if err := v.queueFor(ctx, tx, account.Letter{Kind: x.kind, To: m.Address, Lang: tongue, Path: to, After: after, Ends: x.ends, Named: n.Named}, of); err != nil {
			return err
		}
	}
	return nil
}

// waitingLadder is a ladder that waits: whose, and of which notice.
type waitingLadder struct {
	Who account.Subject
	ID  string
}

func (v *Vault) lookAgain(ctx context.Context, tx store.Tx, to account.Subject, id string, at time.Time) error {
	random := v.Key("ladder", to.Kind.String()+"/"+to.ID+"/"+id)[:8]
	return v.put(ctx, tx, store.Ladders, timedKey(at, random), time.Time{}, &waitingLadder{to, id})
}

// arrived notes how far a notice came, and has the next rung climbed at once if nobody
// takes it. A device that takes nothing any more is forgotten.
func (v *Vault) arrived(ctx context.Context, tx store.Tx, p Parcel, state RungState) error {
	if p.Of.ID == "" {
		return nil
	}
	n, err := v.noticesOf(ctx, tx, p.Of.Who)
	if err != nil {
		return err
	}
	// a service that says at once that a browser is gone is believed; what was given up
	// after days of trying says nothing of it
	if state == RungLost && p.Letter.By == account.ByPush && v.now.Now().Sub(p.Made) < believed {
		var to pushTo
		if json.Unmarshal([]byte(p.Letter.To), &to) == nil {
			n.Devices = slices.DeleteFunc(n.Devices, func(d Device) bool { return d.Endpoint == to.Endpoint })
		}
	}
	for i := range n.Lately {
		one := &n.Lately[i]
		if one.ID != p.Of.ID || p.Of.Rung >= len(one.Rungs) {
			continue
		}
		r := &one.Rungs[p.Of.Rung]
		if r.State != RungSent { // one of several devices or addresses is enough
			r.State = state
		}
		if r.State == RungLost && p.Of.Rung == len(one.Rungs)-1 {
			if err := v.lookAgain(ctx, tx, p.Of.Who, one.ID, v.now.Now()); err != nil {
				return err
			}
		}
	}
	return v.putNotices(ctx, tx, p.Of.Who, n)
}

// believed is for how long after a push was made its refusal is about the browser.
const believed = 24 * time.Hour

// TodoUnreached is the kind of what is to do when somebody could not be told something.
const TodoUnreached = "unreached"

// unreached has a person call a client whom no notice of a message has brought here.
func (v *Vault) unreached(ctx context.Context, tx store.Tx, to account.Subject, one Notice) error {
	if to.Kind != account.Client || one.Kind != account.LetterMessage {
		return nil
	}
	k, err := v.talkOf(ctx, tx, one.Object)
	if errs.Is(err, errs.NotFound) || err == nil && !k.Unread(ClientReads) {
		return nil
	}
	if err != nil {
		return err
	}
	now := v.now.Now()
	return v.putTodo(ctx, tx, Todo{ID: "u" + one.Object, Client: fhir.ClientID(to.ID), Kind: TodoUnreached, Owner: k.Owner, At: now, Due: v.after(now, againMinutes, nil),
		Topic: k.Topic, Desk: k.Desk, Named: k.Named, Private: len(k.Named) > 0, Thread: one.Object})
}

// Climb looks at what people were told and may not have seen, and tells them by their
// next rung. It also sends the day's digests. It returns how many it looked at.
func (v *Vault) Climb(ctx context.Context, who account.Actor) (int, error) {
	if who.Kind() != account.System {
		return 0, errRefused
	}
	n := 0
	for {
		var next []byte
		err := v.st.View(ctx, func(r store.Reader) error {
			return dueIn(ctx, r, store.Ladders, v.now.Now(), func(o store.Object) error { next = o.Key; return errEnough })
		})
		if err != nil || next == nil {
			return n, wrap("climb", err)
		}
		if err := v.led.Commit(ctx, &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error { return v.climbOne(ctx, tx, next) }}); err != nil {
			return n, wrap("climb", err)
		}
		n++
	}
}

func (v *Vault) climbOne(ctx context.Context, tx store.Tx, key []byte) error {
	var w waitingLadder
	err := v.get(ctx, tx, store.Ladders, key, &w)
	if errs.Is(err, errs.NotFound) {
		return nil // another did
	}
	if err != nil {
		return err
	}
	if err := tx.DropObject(ctx, store.Ladders, key); err != nil {
		return err
	}
	a, err := v.accessOf(ctx, tx, w.Who)
	if err != nil || a == nil || a.Moved {
		return err
	}
	n, err := v.noticesOf(ctx, tx, w.Who)
	if err != nil {
		return err
	}
	if w.ID == theDigest {
		if !n.Held {
			return nil
		}
		n.Held = false
		if err := v.putNotices(ctx, tx, w.Who, n); err != nil {
			return err
		}
		return v.tell(ctx, tx, telling{to: w.Who, kind: account.LetterDigest, path: leads(homeOf(w.Who)), ends: v.now.Now().Add(24 * time.Hour)})
	}
	i := slices.IndexFunc(n.Lately, func(x Notice) bool { return x.ID == w.ID })
	if i < 0 {
		return nil
	}
	one := &n.Lately[i]
	now := v.now.Now()
	if !now.Before(one.Ends) || !one.Seen.IsZero() {
		return nil
	}
	if w.Who.Kind == account.Client {
		l, err := v.lastLook(ctx, tx, w.Who, fhir.ClientID(w.Who.ID))
		if err != nil {
			return err
		}
		if at := time.UnixMilli(l.Last); at.After(one.Made) {
			one.Seen = at.UTC() // they have been here since
			return v.putNotices(ctx, tx, w.Who, n)
		}
	}
	if err := v.climb(ctx, tx, w.Who, a, &n, one, nil); err != nil {
		return err
	}
	return v.putNotices(ctx, tx, w.Who, n)
}
