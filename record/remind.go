package record

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// slipAfter is for how long after a visit begins its slips are still read.
const slipAfter = 2 * time.Hour

// slip makes a link with which one visit is answered for by who reads an address, and
// returns its path.
func (v *Vault) slip(ctx context.Context, tx store.Tx, s account.Subject, mail, visit string, ends time.Time) (string, error) {
	token, h, err := account.NewToken(v.rand)
	if err != nil {
		return "", err
	}
	l := account.Link{Hash: h, For: account.ToVisit, Subject: s, Uses: account.Once, Mail: mail, Of: visit, Ends: ends}
	return "/v/" + token, v.put(ctx, tx, store.Links, h[:], ends, &l)
}

// closedVisit reports that a visit is marked as private: only whose it is hears of it.
func (v *Vault) closedVisit(ctx context.Context, r store.Reader, of fhir.ClientID, visit string) (bool, error) {
	c, err := (&Directory{v: v}).inner(ctx, of)
	if err != nil {
		return false, err
	}
	c.opens = 0
	tn, err := typeNumber(appointment)
	if err != nil {
		return false, err
	}
	row, err := r.Row(ctx, c.row, tn, c.keys.Row(appointment, visit))
	if errors.Is(err, store.ErrNotExist) {
		return false, nil // it comes to be with this, and what is booked here is not marked
	}
	if err != nil {
		return false, err
	}
	return c.hides(ctx, r, row)
}

// tellVisit tells of a visit, in the transaction of what there is to tell: whose it is,
// with a slip for it, and those who book for them, who sign in to see. Of a visit that is
// marked as private there is no slip, and nobody else is told.
func (v *Vault) tellVisit(ctx context.Context, tx store.Tx, x Seat, visit, kind string) error {
	own, ends := asClient(x.Client), x.From.Add(slipAfter)
	if x.Client == "" {
		own = account.Subject{Kind: account.Guest, ID: x.Guest}
	}
	if !ends.After(v.now.Now()) {
		return nil
	}
	slip := func(mail string) (string, error) {
		if mail == "" { // no letter: they sign in to see it
			return "/v/", nil
		}
		return v.slip(ctx, tx, own, mail, visit, ends)
	}
	if x.Client != "" {
		closed, err := v.closedVisit(ctx, tx, x.Client, visit)
		if err != nil {
			return err
		}
		if closed {
			return v.letterTo(ctx, tx, own, kind, leads("/me/"+string(x.Client)+"/visits"), ends)
		}
	}
	if err := v.letterTo(ctx, tx, own, kind, slip, ends); err != nil || x.Client == "" {
		return err
	}
	return v.tellHelpers(ctx, tx, x.Client, Visits, kind, ends)
}

// tellHelpers writes once to each who may act in a part of a client's record for them.
func (v *Vault) tellHelpers(ctx context.Context, tx store.Tx, c fhir.ClientID, part Parts, kind string, ends time.Time) error {
	all, err := v.circleOf(ctx, tx, c)
	if err != nil {
		return err
	}
	told := []account.Subject{asClient(c)}
	for _, g := range v.living(all.Grants) {
		if _, acts := v.gives(g, c); g.Open() || acts&part == 0 || slices.Contains(told, g.Who) {
			continue
		}
		told = append(told, g.Who)
		if err := v.letterTo(ctx, tx, g.Who, kind, leads("/family"), ends); err != nil {
			return err
		}
	}
	return nil
}

// leads is where every letter leads to.
func leads(path string) func(string) (string, error) {
	return func(string) (string, error) { return path, nil }
}

// letterTo tells an account something; path is where the letter to an address leads to,
// and what it leads to for "" if it is no letter.
func (v *Vault) letterTo(ctx context.Context, tx store.Tx, s account.Subject, kind string, path func(mail string) (string, error), ends time.Time) error {
	return v.tell(ctx, tx, telling{to: s, kind: kind, path: path, ends: ends})
}

// visitOf is what a visit is called where it is kept.
func (x *taking) visitOf() string {
	if x.Seat.Client == "" {
		return hex.EncodeToString(x.ID[:])
	}
	return x.Visit
}

// rung is the reminder of a visit that is due, in minutes before it; 0 for none. What
// was due before the visit was booked, or while nothing ran and a later one is due by
// now, is not.
func (x *taking) rung(t *hours.Timetable, now time.Time) int {
	if x.Kind != store.Visit || x.Seat.Client == "" && x.Guest == "" || !x.Seat.From.After(now) {
		return 0
	}
	s, ok := t.Service(x.Service)
	if !ok {
		s.Remind = nil
	}
	due := 0
	for _, m := range s.Reminders() {
		at := x.Seat.From.Add(-time.Duration(m) * time.Minute)
		if !now.Before(at) && x.Made.Before(at) {
			due = m
		}
	}
	return due
}

// Remind reminds people of their visits, each at its hours before and each once. It
// returns how many reminders were written. It also brings into a chart what a guest
// booked who was taken on while this program was stopped.
func (v *Vault) Remind(ctx context.Context, who account.Actor) (int, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory})
	if !d.Allow() {
		return 0, v.noted(ctx, who, Telling, "remind", d)
	}
	now := v.now.Now()
	n := 0
	for _, x := range v.times.due(now) {
		if x.Guest != "" {
			if err := v.bringMoved(ctx, who, d.Basis, x.Guest); err != nil {
				return n, err
			}
		}
		m := x.rung(v.Timetable(), now)
		if m == 0 {
			continue
		}
		did, err := v.remind(ctx, who, x, m)
		if err != nil {
			return n, err
		}
		v.times.tell(x, m)
		if did {
			n++
		}
	}
	return n, nil
}

// due returns the visits of which there may be something to tell, in order. What was
// told is remembered here, and is kept on the disk.
func (t *times) due(now time.Time) []*taking {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []*taking
	for id, x := range t.byID {
		if m := x.rung(t.table, now); x.Guest != "" || m != 0 && t.told[id] != m {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b *taking) int { return a.Seat.From.Compare(b.Seat.From) })
	return out
}

// tell remembers that a visit's reminder was written.
func (t *times) tell(x *taking, minutes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byID[x.ID] == x {
		t.told[x.ID] = minutes
	}
}

func (v *Vault) remind(ctx context.Context, who account.Actor, x *taking, minutes int) (bool, error) {
	key := v.Key("remind", fmt.Sprintf("%x %d %d", x.ID, x.Seat.From.Unix(), minutes))
	marked := func(r store.Reader) (bool, error) {
		var at time.Time
		err := v.get(ctx, r, store.Marks, key, &at)
		if errs.Is(err, errs.NotFound) {
			return false, nil
		}
		return err == nil, err
	}
	var was bool
	if err := v.st.View(ctx, func(r store.Reader) (err error) { was, err = marked(r); return err }); err != nil || was {
		return false, wrap("remind", err)
	}
	line := v.line(ctx, who, Telling, "remind", policy.Software, 0)
	if x.Seat.Client != "" {
		v.chain(ctx, line, x.Seat.Client)
	}
	did := false
	err := v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		did = false
		if was, err := marked(tx); err != nil || was {
			return err
		}
		now, err := v.takenAs(ctx, tx, x.ID)
		if err != nil || now == nil || !now.Seat.From.Equal(x.Seat.From) { // it moved meanwhile
			return err
		}
		did = true
		if err := v.put(ctx, tx, store.Marks, key, x.Seat.From.Add(slipAfter), v.now.Now()); err != nil {
			return err
		}
		return v.tellVisit(ctx, tx, now.Seat, now.visitOf(), account.LetterRemind)
	}})
	return did, wrap("remind", err)
}

// bringMoved brings what a guest booked into the chart they have since.
func (v *Vault) bringMoved(ctx context.Context, who account.Actor, b policy.Basis, guest string) error {
	var a *account.Access
	err := v.st.View(ctx, func(r store.Reader) (err error) {
		a, err = v.accessOf(ctx, r, account.Subject{Kind: account.Guest, ID: guest})
		return err
	})
	if err != nil || a == nil || !a.Moved || a.Subject.Kind != account.Client {
		return err
	}
	return v.bring(ctx, who, Telling, b, guest, fhir.ClientID(a.Subject.ID))
}
