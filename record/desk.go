package record

import (
	"cmp"
	"context"
	"slices"
	"time"

	"rapport/hours"
	"rapport/record/internal/store"
)

// What staff see of the practice's times, and what its manager sees: who is taken and
// when, and for the manager never whose visit it is.

// Calendar returns the times for staff who find people: what is open, and who sees
// people. They hold nothing here: a time is held for somebody.
func (d *Directory) Calendar() *Calendar {
	if d == nil || d.v == nil || d.why != Finding {
		return &Calendar{}
	}
	return &Calendar{v: d.v, staff: true}
}

// Visit returns one visit of this chart as the calendar has it, by its name in an
// address; errs.NotFound if it takes no time now.
func (c *Chart) Visit(ref Ref) (Booked, error) {
	if err := c.covers(appointment); err != nil {
		return Booked{}, err
	}
	key, err := idCoding.DecodeString(string(ref))
	if err != nil || len(key) != len(timeID{}) {
		return Booked{}, errNoVisit
	}
	x := c.v.times.byName(timeID(key))
	if x == nil || x.Kind != store.Visit || x.Seat.Client != c.client || c.misses(x) {
		return Booked{}, errNoVisit
	}
	return x.booked(c.v.Timetable(), c.v.Zone(), c.v.now.Now()), nil
}

// Timetable returns what the practice wrote down about its times; nobody may change it.
func (p *Practice) Timetable() *hours.Timetable {
	if p == nil || p.v == nil {
		return &hours.Timetable{}
	}
	return p.v.Timetable()
}

// Outlier is a visit to come that the rules have no place for: who it is with and
// when, and never whose it is.
type Outlier struct {
	Who, Room string
	From, To  time.Time
	Why       hours.Cover
}

// Outliers returns the visits to come that a timetable has no place for, in order. It
// is asked before a change is kept, and after.
func (p *Practice) Outliers(table *hours.Timetable) ([]Outlier, error) {
	if p == nil || p.v == nil || p.why != Running {
		return nil, errRefused
	}
	t, now, zone := p.v.times, p.v.now.Now(), p.v.Zone()
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []Outlier
	for _, x := range t.byID {
		if x.Kind != store.Visit || x.State != "booked" || x.Line || !x.Seat.From.After(now) {
			continue
		}
		if why := table.Covers(x.rules(), zone); why != hours.Covered {
			out = append(out, Outlier{x.Seat.Who, x.Room, x.Seat.From, x.Seat.To, why})
		}
	}
	slices.SortFunc(out, func(a, b Outlier) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Who, b.Who)) })
	return out, nil
}

// Staff returns who works here, by name, for staff who find people.
func (d *Directory) Staff(ctx context.Context) ([]Colleague, error) {
	if d == nil || d.v == nil || d.why != Finding {
		return nil, errRefused
	}
	ms, err := d.v.staff(ctx)
	var out []Colleague
	for _, m := range ms {
		if !m.Left {
			out = append(out, Colleague{m.ID, m.Name, m.Title})
		}
	}
	return out, err
}

// Affected is [Vault.Affected].
func (d *Directory) Affected(who string) []Seat {
	if d == nil || d.v == nil || d.why != Finding {
		return nil
	}
	return d.v.Affected(who)
}

// booked is a time as staff see it.
func (x *taking) booked(table *hours.Timetable, zone *time.Location, now time.Time) Booked {
	b := Booked{Seat: x.Seat, Hold: x.Kind == store.Hold, Block: x.Kind == store.Block, Guest: x.Guest}
	if x.Ends > 0 {
		b.Ends = time.UnixMilli(x.Ends)
	}
	if x.Kind == store.Visit {
		b.Ref = refOf(x.ID)
		if x.State == "booked" && !x.Line && x.Seat.From.After(now) {
			b.Cover = table.Covers(x.rules(), zone)
		}
	}
	return b
}

// rules is a seat as the rules are held against it.
func (s Seat) rules() hours.Visit {
	v := hours.Visit{Service: s.Service, Who: s.Who, Rooms: slices.Clone(s.Also), Mode: s.Mode, From: s.From, To: s.To}
	if s.Room != "" {
		v.Rooms = append(v.Rooms, s.Room)
	}
	return v
}
