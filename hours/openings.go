package hours

import (
	"cmp"
	"slices"
	"time"
)

// Busy is a time for which somebody or something is taken.
type Busy struct {
	From, To time.Time
	Service  string // of a visit
}

// Taken is what is taken, by the id of who or what is: each list in order, none of its
// times overlapping another.
type Taken map[string][]Busy

// Opening is a time at which a service can be had of somebody.
type Opening struct {
	From, To time.Time // of the visit itself, without what is kept free around it
	Who      string
	Place    string
	Modes    Modes
	Room     string // the one it would be in, if in person it needs one
	Label    string // of the stretch
}

// Query says which openings are looked for.
type Query struct {
	Service  string
	From, To Date     // the days; To is the last
	Who      []string // only of these; none is anybody
	Modes    Modes    // only so; 0 is however
	Now      time.Time
	Staff    bool      // staff may book at once, and whatever is not public
	At       time.Time // only what begins then; zero is whenever
}

// daysMost is how many days are looked at: staff may look back, and beyond what can be
// booked, but not for ever.
const daysMost = 2 * 366

// Openings returns the times at which a service can be had, in order; of the same time,
// by who. Zone is the practice's.
func Openings(t *Timetable, zone *time.Location, taken Taken, q Query) []Opening {
	s, ok := t.Service(q.Service)
	if !ok || s.Minutes <= 0 || !s.Public && !q.Staff {
		return nil
	}
	f := finder{t: t, s: &s, zone: zone, taken: taken, q: q, earliest: q.Now}
	for _, id := range s.Rooms {
		if i := slices.IndexFunc(t.Rooms, func(r Room) bool { return r.ID == id && !r.Closed && !r.Device }); i >= 0 {
			f.rooms = append(f.rooms, &t.Rooms[i])
		}
	}
	if !q.Staff {
		f.earliest = q.Now.Add(time.Duration(s.Lead) * time.Minute)
	}
	first, last := max(q.From, DateOf(q.Now.In(zone))), min(q.To, DateOf(q.Now.In(zone))+Date(s.horizon()))
	if q.Staff {
		first, last = q.From, min(q.To, q.From+daysMost)
	}
	for d := first; d <= last; d++ {
		f.day(d)
	}
	slices.SortStableFunc(f.out, func(a, b Opening) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Who, b.Who))
	})
	return f.out
}

// finder looks for the openings of one service.
type finder struct {
	t        *Timetable
	s        *Service
	zone     *time.Location
	taken    Taken
	q        Query
	earliest time.Time
	midnight time.Time // of the day at hand
	plain    bool      // and its clock is not changed
	rooms    []*Room   // those it can be in, whatever is taken
	out      []Opening
}

// at is a minute of the day at hand.
func (f *finder) at(d Date, minute int) (time.Time, bool) {
	if f.plain {
		return f.midnight.Add(time.Duration(minute) * time.Minute), true
	}
	return d.At(minute, f.zone)
}

// span is a part of a day.
type span struct {
	from, to    int
	grid        int // where its times are counted from: leave in the morning moves none
	place, name string
	room        string
	modes       Modes
}

func (f *finder) day(d Date) {
	begin, ok := d.At(0, f.zone)
	end, too := (d + 1).At(0, f.zone)
	f.midnight, f.plain = begin, ok && too && end.Sub(begin) == DayMinutes*time.Minute
	for _, who := range f.s.Who {
		if len(f.q.Who) > 0 && !slices.Contains(f.q.Who, who) {
			continue
		}
		spans := f.spans(who, d)
		if len(spans) == 0 || f.full(who, d) {
			continue
		}
		for _, x := range spans {
			f.fill(who, d, x)
		}
	}
}

// spans are when somebody does the service on a day: their stretches and extra hours,
// less leave.
func (f *finder) spans(who string, d Date) []span {
	var out []span
	for i := range f.t.Stretches {
		x := &f.t.Stretches[i]
		if x.Who == who && x.holds(d) && (len(x.Services) == 0 || slices.Contains(x.Services, f.s.ID)) {
			if m := modes(x.Modes, f.s.Modes, f.q.Modes); m != 0 {
				out = append(out, span{x.From, x.To, x.From, x.Place, x.Label, x.Room, m})
			}
		}
	}
	for i := range f.t.Changes {
		c := &f.t.Changes[i]
		if c.Open && c.Who == who && c.covers(d) {
			from, to := c.minutes()
			if m := modes(0, f.s.Modes, f.q.Modes); m != 0 {
				out = append(out, span{from, to, from, c.Place, "", "", m})
			}
		}
	}
	for i := range f.t.Changes {
		c := &f.t.Changes[i]
		if !c.Open && (c.Who == who || c.Who == "") && c.covers(d) {
			from, to := c.minutes()
			out = less(out, from, to)
		}
	}
	return out
}

// modes is what is left of ways to meet; 0 means any in the first and the last.
func modes(stretch, service, asked Modes) Modes {
	m := service
	if stretch != 0 {
		m &= stretch
	}
	if asked != 0 {
		m &= asked
	}
	return m
}

// holds reports whether a stretch is on a day.
func (x *Stretch) holds(d Date) bool {
	if d.Weekday() != x.Day || d < x.Since || x.Until != 0 && d > x.Until {
		return false
	}
	return x.Every <= 1 || (d.week()-x.Since.week())%x.Every == 0
}

func (c *Change) covers(d Date) bool { return c.First <= d && d <= c.Last }

// minutes is the part of its days that a change is about.
func (c *Change) minutes() (from, to int) {
	if c.From == 0 && c.To == 0 {
		return 0, DayMinutes
	}
	return c.From, c.To
}

// less takes a part out of spans.
func less(in []span, from, to int) []span {
	var out []span
	for _, x := range in {
		if x.to <= from || x.from >= to {
			out = append(out, x)
			continue
		}
		if x.from < from {
			y := x
			y.to = from
			out = append(out, y)
		}
		if x.to > to {
			y := x
			y.from = to
			out = append(out, y)
		}
	}
	return out
}

// full reports that somebody does the service as often as they do on a day.
func (f *finder) full(who string, d Date) bool {
	if f.s.PerDay <= 0 {
		return false
	}
	from, _ := d.At(0, f.zone)
	to, _ := (d + 1).At(0, f.zone)
	n := 0
	for _, b := range between(f.taken[who], from, to) {
		if b.Service == f.s.ID && !b.From.Before(from) {
			n++
		}
	}
	return n >= f.s.PerDay
}

// fill adds what is free of one span.
func (f *finder) fill(who string, d Date, x span) {
	for m := x.grid; m+f.s.Minutes <= x.to; m += f.s.every() {
		at, ok := f.at(d, m)
		if m < x.from || !ok || at.Before(f.earliest) || !f.q.At.IsZero() && !at.Equal(f.q.At) {
			continue
		}
		end := at.Add(time.Duration(f.s.Minutes) * time.Minute)
		if last, ok := f.at(d, x.to); ok && end.After(last) {
			continue // the clock was put forward meanwhile
		}
		from, to := at.Add(-time.Duration(f.s.Before)*time.Minute), end.Add(time.Duration(f.s.After)*time.Minute)
		if len(between(f.taken[who], from, to)) > 0 || !f.devices(from, to) {
			continue
		}
		o := Opening{From: at, To: end, Who: who, Place: x.place, Modes: x.modes, Label: x.name}
		if o.Modes&InPerson != 0 && len(f.s.Rooms) > 0 {
			if o.Room = f.room(x, from, to); o.Room == "" {
				o.Modes &^= InPerson
			}
		}
		if o.Modes != 0 {
			f.out = append(f.out, o)
		}
	}
}

// room is the first room that is free; "" if none is. Who sits in one that will do is
// seen there and nowhere else.
func (f *finder) room(x span, from, to time.Time) string {
	sits := x.room != "" && slices.Contains(f.s.Rooms, x.room)
	for _, r := range f.rooms {
		if r.Place == x.place && (!sits || r.ID == x.room) && len(between(f.taken[r.ID], from, to)) == 0 {
			return r.ID
		}
	}
	return ""
}

// devices reports that all devices are free.
func (f *finder) devices(from, to time.Time) bool {
	for _, id := range f.s.Devices {
		i := slices.IndexFunc(f.t.Rooms, func(r Room) bool { return r.ID == id && !r.Closed && r.Device })
		if i < 0 || len(between(f.taken[id], from, to)) > 0 {
			return false
		}
	}
	return true
}

// between returns what overlaps a span of time.
func between(bs []Busy, from, to time.Time) []Busy {
	i, _ := slices.BinarySearchFunc(bs, from, func(b Busy, t time.Time) int {
		if b.To.After(t) {
			return 1
		}
		return -1
	})
	j := i
	for j < len(bs) && bs[j].From.Before(to) {
		j++
	}
	return bs[i:j]
}
