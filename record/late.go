package record

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"rapport/account"
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
// they do not any more. Those it is about see it; [Vault.Affected] lists them, and they are told.
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
	before := d.v.Late(who)
	maps.DeleteFunc(now, func(id string, b behind) bool { return b.Day != today || id == who })
	if minutes > 0 {
		now[who] = behind{today, minutes}
	}
	b, err := json.Marshal(now)
	if err != nil {
		return wrap("late", err)
	}
	return wrap("late", d.v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{d.v.line(ctx, d.who, d.why, "late", d.basis, 0)}, Write: func(ctx context.Context, tx store.Tx) error {
		if minutes >= before+lateStep {
			if err := d.v.tellLate(ctx, tx, who); err != nil {
				return err
			}
		}
		return tx.SetObject(ctx, store.Settings, store.Object{Key: lateKey, Body: b})
	}, After: func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.late = now
		t.changed()
	}}))
}

// lateStep is by how many minutes somebody must run later than was said before for
// those it is about to be told again.
const lateStep = 10

// Affected returns the visits of today that somebody who runs late still has to
// begin, in order: whose clients are told.
func (v *Vault) Affected(who string) []Seat {
	var out []Seat
	for _, x := range v.affected(who) {
		out = append(out, x.Seat)
	}
	return out
}

func (v *Vault) affected(who string) []*taking {
	now, today := v.now.Now(), v.today()
	zone := v.Zone()
	v.times.mu.RLock()
	defer v.times.mu.RUnlock()
	var out []*taking
	for _, x := range v.times.byID {
		if x.Kind == store.Visit && x.Seat.Who == who && !x.Line && (x.State == "booked" || x.State == "arrived" || x.Guest != "") && x.Seat.To.After(now.Add(-time.Hour)) && hours.DateOf(x.Seat.From.In(zone)) == today {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b *taking) int { return cmp.Or(a.Seat.From.Compare(b.Seat.From), cmp.Compare(a.Visit, b.Visit)) })
	return out
}

// tellLate writes to those who wait for somebody who runs later than was said before.
func (v *Vault) tellLate(ctx context.Context, tx store.Tx, who string) error {
	for _, x := range v.affected(who) {
		if err := v.tellVisit(ctx, tx, x.Seat, x.visitOf(), account.LetterLate); err != nil {
			return err
		}
	}
	return nil
}
