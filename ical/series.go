package ical

import (
	"slices"
	"sort"
	"time"
)

// series is a rule that begins somewhere: all that RRULE leaves unsaid is said.
type series struct {
	rule
	start     wall
	zone      *time.Location
	allDay    bool
	plainTurn bool     // every turn gives exactly one time
	untilAt   int64    // until as a moment, where it is one
	buf       []int64  // the days of one turn
	clock     [3][]int // the hours, minutes and seconds of one turn
	one       [3][1]int
	left      int  // of COUNT
	last      wall // that was handed on
	work      *int // that may still be done
}

// begin binds a rule to a start. An all-day start knows no times of the day.
func (r *rule) begin(start wall, zone *time.Location, allDay bool) *series {
	s := &series{rule: *r, start: start, zone: zone, allDay: allDay}
	u := start.utc()
	s.plainTurn = s.freq <= weekly && s.simple()
	if allDay {
		s.hours, s.minutes, s.seconds = nil, nil, nil
		if s.freq < daily { // no such turn exists; a day is the least
			s.freq, s.plainTurn = daily, s.plainTurn && s.every == 1
		}
	}
	s.fillDays(u)
	if s.freq > secondly && s.seconds == nil {
		s.seconds = []int{u.Second()}
	}
	if s.freq > minutely && s.minutes == nil {
		s.minutes = []int{u.Minute()}
	}
	if s.freq > hourly && s.hours == nil {
		s.hours = []int{u.Hour()}
	}
	if s.ends {
		switch {
		case s.untilDate || s.allDay:
			s.until = wall(s.until.day()*day + day - 1)
		case s.untilUTC:
			s.untilAt = int64(s.until)
			s.until = wallOf(s.until.utc(), zone)
		}
	}
	return s
}

// simple reports a rule without any BY part.
func (r *rule) simple() bool {
	return !r.byDay && r.seconds == nil && r.minutes == nil && r.hours == nil && r.monthDays == nil && r.yearDays == nil && r.weekNos == nil && r.months == nil && r.places == nil
}

// fillDays takes from the start which days are meant, where the rule does not say.
func (s *series) fillDays(u time.Time) {
	if s.byNth && (s.freq < monthly || s.weekNos != nil) { // RFC 5545 forbids the number there
		for d := range s.nth {
			s.plain[d] = s.plain[d] || s.nth[d] != nil
			s.nth[d] = nil
		}
		s.byNth = false
	}
	none := !s.byDay && s.monthDays == nil && s.yearDays == nil
	sameWeekday := func() { s.byDay, s.plain[u.Weekday()] = true, true }
	switch {
	case s.freq == yearly && none && s.weekNos != nil, s.freq == weekly && !s.byDay:
		sameWeekday()
	case s.freq == yearly && none:
		s.monthDays = []int{u.Day()}
		fallthrough
	case s.freq == yearly && !s.byDay && s.yearDays == nil && s.weekNos == nil:
		if s.months == nil {
			s.months = []int{int(u.Month())}
		}
	case s.freq == monthly && none:
		s.monthDays = []int{u.Day()}
	}
}

// over reports that w is after the rule's end.
func (s *series) over(w wall) bool {
	if !s.ends {
		return false
	}
	if d := w - s.until; s.untilUTC && !s.allDay && -day < d && d < day { // the clock may change in between
		return w.in(s.zone).Unix() > s.untilAt
	}
	return w > s.until
}

// turnCost is what finding the days of a turn takes, in looks at eight days.
var turnCost = [...]int{secondly: 1, minutely: 1, hourly: 1, daily: 1, weekly: 1, monthly: 4, yearly: 46}

// each hands on every time of the series from one wall time up to, without, another,
// in order, until it is told false. It takes what it does from work, and reports
// false if that did not suffice.
func (s *series) each(from, to wall, work *int, yield func(wall) bool) bool {
	to = min(to, lastWall)
	if s.ends {
		to = min(to, s.until+2*day)
	}
	s.left, s.last, s.work = s.count, firstWall-1, work
	base, unit := s.base()
	k := int64(0)
	if s.count == 0 || s.plainTurn {
		k = max(0, s.turnOf(from, base, unit))
		if s.left -= int(min(k, 1<<31)); s.count > 0 && s.left <= 0 {
			return true
		}
	}
	cost := turnCost[s.freq] + (len(s.places)+len(s.monthDays)+len(s.yearDays))/8
	if s.weekNos != nil {
		cost *= 4
	}
	for *work > 0 {
		*work -= cost
		if s.turnStart(k, base, unit) >= to {
			return true
		}
		days, next := s.turn(k, base, unit)
		k = max(k+1, next)
		if len(days) > 0 && !s.emit(days, from, to, yield) {
			return true
		}
	}
	return false
}

// emit hands on the times of one turn; false if the series is at its end.
func (s *series) emit(days []int64, from, to wall, yield func(wall) bool) bool {
	h, m, sec := s.clock[0], s.clock[1], s.clock[2]
	perDay := len(h) * len(m) * len(sec)
	n := len(days) * perDay
	at := func(i int) wall {
		t := i % perDay
		return wall(days[i/perDay]*day + int64(h[t/(len(m)*len(sec))]*hour+m[t/len(sec)%len(m)]*minute+sec[t%len(sec)]))
	}
	if s.places != nil {
		picked, all := s.pick(n), at
		n, at = len(picked), func(i int) wall { return all(picked[i]) }
	}
	least := max(s.start, s.last+1)
	i := sort.Search(n, func(i int) bool { return at(i) >= least })
	if first := sort.Search(n, func(i int) bool { return at(i) >= max(least, from) }); first > i { // counted without a look at each
		if s.left -= first - i; s.count > 0 && s.left <= 0 {
			return false
		}
		s.last, i = at(first-1), first
	}
	for ; i < n; i++ {
		*s.work--
		w := at(i)
		if w >= to || s.over(w) || !yield(w) {
			return false
		}
		s.last = w
		if s.left--; s.count > 0 && s.left <= 0 {
			return false
		}
	}
	return true
}

// pick returns which of n times BYSETPOS means, in order.
func (s *series) pick(n int) []int {
	var out []int
	for _, p := range s.places {
		if p < 0 {
			p += n + 1
		}
		if p >= 1 && p <= n {
			out = append(out, p-1)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
