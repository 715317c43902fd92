package ical

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// What repetition may cost: one event's, and all of a file's. A look at a month costs
// 4 and one at a year 46, so this is some seconds at the very worst.
const (
	maxEach = 1 << 20
	maxWork = 1 << 23
)

// The most rules, and the most other dates, that one event may have.
const (
	maxRules = 20
	maxDates = 1 << 17
)

// diary collects busy times.
type diary struct {
	q       Query
	zones   *zones
	skipped map[Reason]int
	work    int
	busy    []Span
}

// event is an entry understood.
type event struct {
	*entry
	begins wall
	zone   *time.Location
	allDay bool
	takes  length
}

// moment is a stamp understood.
type moment struct {
	at    wall
	zone  *time.Location
	date  bool
	known bool // its zone is
}

func (m moment) time() time.Time { return m.at.in(m.zone) }

// moment reads a stamp; one without a zone is by the clock of another.
func (d *diary) moment(s stamp, other *time.Location) (moment, bool) {
	w, isDate, utc, ok := parseWall(s.value)
	m := moment{w, other, isDate, true}
	switch {
	case isDate:
	case utc:
		m.zone = time.UTC
	case s.zone != "":
		z := d.zones.find(s.zone)
		if m.known = z != nil; m.known {
			m.zone = z
		}
	}
	return m, ok
}

// understand reads an entry's start and length.
func (d *diary) understand(e *entry) (event, bool) {
	m, ok := d.moment(e.start, d.q.Zone)
	if !ok || e.broken {
		return event{}, false
	}
	ev := event{entry: e, begins: m.at, zone: m.zone, allDay: m.date}
	known := m.known
	switch {
	case e.end.value != "":
		end, ok := d.moment(e.end, m.zone)
		known = known && end.known
		switch {
		case !ok:
			return event{}, false
		case m.date:
			ev.takes.days = end.at.day() - m.at.day()
		default:
			ev.takes.secs = end.time().Unix() - m.time().Unix()
		}
	case e.duration.value != "":
		if ev.takes, ok = parseLength(e.duration.value); !ok {
			return event{}, false
		}
	}
	if ev.allDay {
		ev.takes = length{days: ev.takes.days + (ev.takes.secs+day-1)/day}
		if ev.takes.days == 0 { // written by those who take DTEND for the last day, or said by none at all
			ev.takes.days = 1
		}
	}
	if !known {
		d.skipped[NoZone]++
	}
	return ev, ev.takes.days >= 0 && ev.takes.secs >= 0 && ev.takes.days+ev.takes.secs/day <= longest
}

// group is all that one UID names.
type group struct {
	events  []event
	instead []event // for single times of them
	onwards []later // for all from a time on, in order
	gone    marks   // the times that those are instead of
}

// later is a change of all times of an event from one of them on.
type later struct {
	since moment
	ev    event
	shift wall
}

// marks is a set of times and days.
type marks struct {
	moments map[int64]bool // as Unix seconds
	days    map[int64]bool // told as days
	both    map[int64]bool // told as either
}

func (m *marks) add(t moment) {
	if m.both == nil {
		*m = marks{map[int64]bool{}, map[int64]bool{}, map[int64]bool{}}
	}
	m.both[t.at.day()] = true
	if t.date {
		m.days[t.at.day()] = true
	} else {
		m.moments[t.time().Unix()] = true
	}
}

// has reports that a time of an event is marked: by its moment or by its day.
func (m *marks) has(w wall, ev *event) bool {
	switch {
	case m.both == nil:
		return false
	case ev.allDay:
		return m.both[w.day()]
	}
	return m.days[w.day()] || len(m.moments) > 0 && m.moments[w.in(ev.zone).Unix()]
}

// group understands entries and puts together what has one UID. Of two versions the
// later one is taken.
func (d *diary) group(entries []entry) []*group {
	var out []*group
	byUID := map[string]*group{}
	for i := range entries {
		e := &entries[i]
		ev, ok := d.understand(e)
		if !ok {
			d.skipped[Malformed]++
			continue
		}
		g := byUID[e.uid]
		if g == nil {
			g = &group{}
			out = append(out, g)
			if e.uid != "" {
				byUID[e.uid] = g
			}
		}
		if e.original.value != "" {
			g.instead = append(g.instead, ev)
		} else {
			g.events = append(g.events, ev)
		}
	}
	return out
}

// settle finds out which versions count, and what stands for what.
func (d *diary) settle(g *group) {
	newest := 0
	for _, ev := range g.events {
		newest = max(newest, ev.sequence)
	}
	g.events = slices.DeleteFunc(g.events, func(ev event) bool { return ev.sequence < newest })
	zone := d.q.Zone
	if len(g.events) > 0 {
		zone = g.events[0].zone
	}
	type key struct {
		at   int64
		date bool
	}
	place := map[key]int{}
	var kept []event
	var since []moment
	for _, ev := range g.instead {
		m, ok := d.moment(ev.original, zone)
		if !ok {
			d.skipped[Repeat]++
			g.events = append(g.events, ev)
			continue
		}
		k := key{m.time().Unix(), m.date}
		if i, twice := place[k]; twice {
			if ev.sequence >= kept[i].sequence {
				kept[i] = ev
			}
			continue
		}
		place[k] = len(kept)
		kept, since = append(kept, ev), append(since, m)
		g.gone.add(m)
	}
	g.instead = kept
	for i, ev := range kept {
		if ev.onwards {
			g.onwards = append(g.onwards, later{since[i], ev, wallOf(ev.begins.in(ev.zone), since[i].zone) - since[i].at})
		}
	}
	slices.SortStableFunc(g.onwards, func(a, b later) int { return a.since.time().Compare(b.since.time()) })
}

// add adds the times of all that one UID names.
func (d *diary) add(g *group) {
	d.settle(g)
	for i := range g.events {
		if !d.addEach(g, &g.events[i]) {
			d.skipped[TooMany]++
		}
	}
	for i := range g.instead {
		if ev := &g.instead[i]; !d.put(ev, ev.begins, ev.takes) {
			d.skipped[TooMany]++
		}
	}
}

// put adds one time of an event, if the query wants it; false if it bears no more.
func (d *diary) put(ev *event, w wall, takes length) bool {
	if ev.cancelled || ev.free {
		return true
	}
	from, to := w.in(ev.zone), takes.after(w, ev.zone)
	if !from.Before(d.q.To) || !to.After(d.q.From) && (!to.Equal(from) || from.Before(d.q.From)) {
		return true
	}
	if len(d.busy) >= d.q.MaxOccurrences {
		return false
	}
	d.busy = append(d.busy, Span{from, to, ev.uid, ev.allDay, ev.title})
	return true
}

// addEach adds every time of an event; false if there are too many.
func (d *diary) addEach(g *group, ev *event) bool {
	if (ev.cancelled || ev.free) && len(g.onwards) == 0 {
		return true
	}
	var not marks
	torn := false // something cannot be read
	whole := d.stamps(ev.exceptions, ev.zone, &torn, func(m moment, _ length) bool { not.add(m); return true })
	one := func(w wall, takes length) bool {
		if not.has(w, ev) || g.gone.has(w, ev) {
			return true
		}
		if l := g.laterThan(w, ev); l != nil {
			return d.put(&event{l.ev.entry, 0, ev.zone, l.ev.allDay, length{}}, w+l.shift, l.ev.takes)
		}
		return d.put(ev, w, takes)
	}
	whole = one(ev.begins, ev.takes) && whole
	whole = d.stamps(ev.dates, ev.zone, &torn, func(m moment, takes length) bool {
		if takes == (length{}) {
			takes = ev.takes
		}
		return one(wallOf(m.time(), ev.zone), takes)
	}) && whole
	for i, text := range ev.rules {
		if i == maxRules {
			whole = false
			break
		}
		r, ok := parseRule(text)
		torn = torn || !ok
		whole = (!ok || d.repeat(g, ev, r, one)) && whole
	}
	if torn {
		d.skipped[Repeat]++
	}
	return whole
}

// repeat hands on the times a rule gives, its start apart; false if there are too many.
func (d *diary) repeat(g *group, ev *event, r *rule, one func(wall, length) bool) bool {
	from, to := d.around(g, ev)
	each := min(d.work, maxEach)
	d.work -= each
	fit := true
	done := r.begin(ev.begins, ev.zone, ev.allDay).each(from, to, &each, func(w wall) bool {
		fit = w == ev.begins || one(w, ev.takes)
		return fit
	})
	d.work += each - 8
	return done && fit
}

// around returns between which wall times an event's own lie that can touch the query.
func (d *diary) around(g *group, ev *event) (from, to wall) {
	takes, shift := ev.takes.whole(), wall(0)
	for _, l := range g.onwards {
		takes, shift = max(takes, l.ev.takes.whole()), max(shift, l.shift, -l.shift)
	}
	from = wallOf(d.q.From, ev.zone) - takes - shift - 2*day
	to = wallOf(d.q.To, ev.zone) + shift + 2*day
	return max(firstWall, from), min(lastWall, to)
}

// laterThan returns the change that holds for a time of an event; nil if none does.
func (g *group) laterThan(w wall, ev *event) *later {
	if len(g.onwards) == 0 {
		return nil
	}
	t := w.in(ev.zone)
	i, _ := slices.BinarySearchFunc(g.onwards, t, func(l later, t time.Time) int {
		return cmp.Or(l.since.time().Compare(t), -1) // the same is before, too
	})
	if i == 0 {
		return nil
	}
	return &g.onwards[i-1]
}

// stamps hands on each of the times, or times and lengths, of some lists, as long as
// it is told so. What it cannot read it reports as torn.
func (d *diary) stamps(lists []stamp, zone *time.Location, torn *bool, yield func(moment, length) bool) bool {
	n := 0
	for _, s := range lists {
		for v := range strings.SplitSeq(s.value, ",") {
			if n++; n > maxDates || d.work <= 0 {
				return false
			}
			d.work--
			begin, end, period := strings.Cut(strings.TrimSpace(v), "/")
			m, ok := d.moment(stamp{begin, s.zone}, zone)
			var takes length
			if ok && period {
				if takes, ok = parseLength(end); !ok {
					var e moment
					e, ok = d.moment(stamp{end, s.zone}, zone)
					takes.secs = e.time().Unix() - m.time().Unix()
					ok = ok && takes.secs >= 0
				}
			}
			if !ok {
				*torn = *torn || v != ""
				continue
			}
			if !yield(m, takes) {
				return false
			}
		}
	}
	return true
}
