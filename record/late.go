package record

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"rapport/errs"
	"rapport/hours"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// behind is how late somebody runs on a day. It is about staff alone, and lies
// readable on the disk.
type behind struct {
	Day     hours.Date
	Minutes int
}

// lateMost is the latest anybody can say they run, in minutes.
const lateMost = 4 * 60

var lateKey = []byte("late")

// loadLate reads who runs late.
func (t *times) loadLate(ctx context.Context, r store.Reader) error {
	t.late = map[string]behind{}
	o, err := r.Object(ctx, store.Settings, lateKey)
	if errors.Is(err, store.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(o.Body, &t.late)
	}
	return err
}

// today is the day it is at the practice.
func (v *Vault) today() hours.Date { return hours.DateOf(v.now.Now().In(v.Zone())) }

// Late returns how many minutes late somebody runs today; 0 for not at all.
func (v *Vault) Late(who string) int {
	today := v.today()
	v.times.mu.RLock()
	defer v.times.mu.RUnlock()
	if b := v.times.late[who]; b.Day == today {
		return b.Minutes
	}
	return 0
}

// Late is [Vault.Late], for whoever waits for them.
func (t *Calendar) Late(who string) int {
	if t == nil || t.v == nil {
		return 0
	}
	return t.v.Late(who)
}

// SetLate says that somebody who sees people runs some minutes late today; 0 is that
// they do not any more. Those it is about see it; [Vault.Affected] lists them.
func (d *Directory) SetLate(ctx context.Context, who string, minutes int) error {
	if d == nil || d.v == nil || d.why != Finding {
		return errRefused
	}
	if minutes < 0 || minutes > lateMost {
		return errs.E(errs.Invalid, "record: %d minutes late", minutes)
	}
	ms, err := d.v.staff(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(ms, func(m StaffMember) bool { return m.ID == who && !m.Left }) {
		return errAbsent
	}
	t, today := d.v.times, d.v.today()
	t.mu.RLock()
	now := maps.Clone(t.late)
	t.mu.RUnlock()
	maps.DeleteFunc(now, func(id string, b behind) bool { return b.Day != today || id == who })
	if minutes > 0 {
		now[who] = behind{today, minutes}
	}
	b, err := json.Marshal(now)
	if err != nil {
		return wrap("late", err)
	}
	return wrap("late", d.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{d.v.line(ctx, d.who, d.why, "late", d.basis, 0)}, Write: func(ctx context.Context, tx store.Tx) error {
		return tx.SetObject(ctx, store.Settings, store.Object{Key: lateKey, Body: b})
	}, After: func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.late = now
		t.changed()
	}}))
}

// Affected returns the visits of today that somebody who runs late still has to
// begin, in order: whose clients are to be told.
func (v *Vault) Affected(who string) []Seat {
	now, today := v.now.Now(), v.today()
	zone := v.Zone()
	v.times.mu.RLock()
	defer v.times.mu.RUnlock()
	var out []Seat
	for _, x := range v.times.byID {
		if x.Kind == store.Visit && x.Seat.Who == who && !x.Line && (x.State == "booked" || x.State == "arrived") && x.Seat.To.After(now.Add(-time.Hour)) && hours.DateOf(x.Seat.From.In(zone)) == today {
			out = append(out, x.Seat)
		}
	}
	slices.SortFunc(out, func(a, b Seat) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Visit, b.Visit)) })
	return out
}
