package hours

import (
	"cmp"
	"slices"
	"time"
)

// Part is a part of a day on which somebody sees people, in minutes by the clock on
// the wall.
type Part struct {
	From, To     int
	Place, Label string
	Room         string
	Stretch      string // the id of the stretch, "" of extra hours
}

// Hours returns when somebody sees people on a day, in order: their stretches and
// extra hours, less leave and days on which the practice is closed.
func (t *Timetable) Hours(who string, d Date) []Part {
	var out []Part
	for i := range t.Stretches {
		if x := &t.Stretches[i]; x.Who == who && x.holds(d) {
			out = append(out, Part{x.From, x.To, x.Place, x.Label, x.Room, x.ID})
		}
	}
	for i := range t.Changes {
		if c := &t.Changes[i]; c.Open && c.Who == who && c.covers(d) {
			from, to := c.minutes()
			out = append(out, Part{from, to, c.Place, "", "", ""})
		}
	}
	for i := range t.Changes {
		c := &t.Changes[i]
		if c.Open || c.Who != who && c.Who != "" || !c.covers(d) {
			continue
		}
		from, to := c.minutes()
		var left []Part
		for _, x := range out {
			if x.To <= from || x.From >= to {
				left = append(left, x)
				continue
			}
			if x.From < from {
				y := x
				y.To = from
				left = append(left, y)
			}
			if x.To > to {
				y := x
				y.From = to
				left = append(left, y)
			}
		}
		out = left
	}
	slices.SortFunc(out, func(a, b Part) int { return cmp.Or(a.From-b.From, a.To-b.To) })
	return out
}

// Clash reports that two stretches of one person overlap on some day.
func Clash(a, b Stretch) bool {
	if a.Who != b.Who || a.Day != b.Day || a.To <= b.From || b.To <= a.From {
		return false
	}
	first := max(a.Since, b.Since)
	every := max(a.Every, 1) * max(b.Every, 1) * 7 // after which both begin anew
	for d := first; d < first+Date(every+7); d++ {
		if a.holds(d) && b.holds(d) {
			return true
		}
	}
	return false
}

// Visit is a time that was agreed, for the rules to be held against.
type Visit struct {
	Service, Who string
	Rooms        []string // the room and the devices
	Mode         Modes
	From, To     time.Time
}

// Cover says whether the rules still have a place for a visit.
type Cover uint8

// What the rules say of a visit. The zero Cover says nothing.
const (
	_          Cover = iota
	Covered          // it stands where it could be booked today
	NoHours          // whoever it is with sees nobody for that then
	OnLeave          // they are away, or the practice is closed
	RoomClosed       // its room, or a device, is closed or gone
)

// Covers holds a visit against the rules as they are. A visit of no service of the
// timetable came from elsewhere: only leave and closed rooms are said of it.
func (t *Timetable) Covers(v Visit, zone *time.Location) Cover {
	from, to := v.From.In(zone), v.To.In(zone)
	d := DateOf(from)
	first, last := minuteOf(from), minuteOf(to)
	if DateOf(to) > d {
		last = DayMinutes
	}
	for i := range t.Changes {
		c := &t.Changes[i]
		if a, b := c.minutes(); !c.Open && (c.Who == v.Who || c.Who == "") && c.covers(d) && a < last && b > first {
			return OnLeave
		}
	}
	for _, id := range v.Rooms {
		if r, there := t.Room(id); !there || r.Closed {
			return RoomClosed
		}
	}
	if _, ours := t.Service(v.Service); ours && !t.sees(v, d, first, last) {
		return NoHours
	}
	return Covered
}

// sees reports that hours of whoever a visit is with, for that service and in that
// way, cover a part of a day without a gap.
func (t *Timetable) sees(v Visit, d Date, first, last int) bool {
	for {
		reach := first
		for _, p := range t.Hours(v.Who, d) {
			if p.From <= first && p.To > reach && t.takes(p, v) {
				reach = p.To
			}
		}
		if reach >= last {
			return true
		}
		if reach == first {
			return false
		}
		first = reach
	}
}

// takes reports that a part of a day is for a visit's service and its way.
func (t *Timetable) takes(p Part, v Visit) bool {
	i := slices.IndexFunc(t.Stretches, func(x Stretch) bool { return p.Stretch != "" && x.ID == p.Stretch })
	if i < 0 {
		return true
	}
	x := &t.Stretches[i]
	return (len(x.Services) == 0 || slices.Contains(x.Services, v.Service)) && (x.Modes == 0 || v.Mode == 0 || x.Modes&v.Mode != 0)
}

func minuteOf(t time.Time) int { return t.Hour()*60 + t.Minute() }
