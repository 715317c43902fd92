package ical

import (
	"slices"
	"time"
)

// units are how long the shorter turns take.
var units = [...]int64{secondly: 1, minutely: minute, hourly: hour, daily: day, weekly: 7 * day}

// base returns the turn that a series begins in, and the length of one: years and
// months are counted, everything shorter is in seconds of wall time.
func (s *series) base() (base, unit int64) {
	u := s.start.utc()
	switch s.freq {
	case yearly:
		return s.baseYear(u), s.every
	case monthly:
		return int64(u.Year())*12 + int64(u.Month()) - 1, s.every
	case weekly:
		back := (int64(u.Weekday()) - int64(s.weekStart) + 7) % 7
		return (s.start.day() - back) * day, 7 * day * s.every
	}
	unit = units[s.freq]
	return floor(int64(s.start), unit) * unit, unit * s.every
}

// baseYear returns the year that years are counted from. With BYWEEKNO it is the one
// that the start's week belongs to, if the start is a time of the rule.
func (s *series) baseYear(u time.Time) int64 {
	y := u.Year()
	if s.weekNos == nil {
		return int64(y)
	}
	of, _, _ := s.week(s.start.day())
	if of < y && s.every == 1 || s.dayIs(s.start.day()) {
		return int64(of)
	}
	return int64(y)
}

// turnOf returns the last turn that surely begins before w.
func (s *series) turnOf(w wall, base, unit int64) int64 {
	at := int64(w)
	switch s.freq {
	case yearly:
		at = int64(w.utc().Year()) - 1
	case monthly:
		u := w.utc()
		at = int64(u.Year())*12 + int64(u.Month()) - 2
	}
	return floor(at-base, unit)
}

// turnStart returns a time that nothing of the k-th turn is before.
func (s *series) turnStart(k, base, unit int64) wall {
	if k > (int64(lastWall)-base)/unit {
		return lastWall
	}
	at := base + k*unit
	switch {
	case s.freq == yearly && at > 9999, s.freq == monthly && at > 9999*12+11:
		return lastWall
	case s.freq == yearly:
		return wall(date(int(at), 1, 1-7) * day)
	case s.freq == monthly:
		return wall(date(0, time.Month(at+1), 0) * day)
	}
	return wall(at)
}

// turn returns the days of the k-th turn and sets its clock. Where it is empty, and so
// are some that follow, it returns the next that may not be.
func (s *series) turn(k, base, unit int64) (days []int64, next int64) {
	s.buf = s.buf[:0]
	s.clock = [3][]int{s.hours, s.minutes, s.seconds}
	at := base + k*unit
	switch s.freq {
	case yearly:
		s.yearDaysOf(int(at))
	case monthly:
		s.monthDaysOf(0, time.Month(at+1))
	case weekly:
		for d := floor(at, day); d < floor(at, day)+7; d++ {
			s.add(d)
		}
	case daily:
		s.add(floor(at, day))
	default:
		if size := s.shortTurn(at); size > 0 {
			to := (floor(at, size) + 1) * size
			return nil, -floor(base-to, unit)
		}
	}
	return s.buf, 0
}

// shortTurn is a turn within a day. If it is empty because the rule leaves out a day,
// an hour, a minute or a second, it returns how long that is.
func (s *series) shortTurn(at int64) (empty int64) {
	s.add(floor(at, day))
	if len(s.buf) == 0 {
		return day
	}
	in := int(at - floor(at, day)*day)
	for i, size := range []int64{hour, minute, 1} {
		if units[s.freq] > size {
			break // the list of these expands the turn
		}
		s.one[i][0] = in / int(size) % []int{24, 60, 60}[i]
		if list := s.clock[i]; list != nil && !has(list, s.one[i][0]) {
			return size
		}
		s.clock[i] = s.one[i][:]
	}
	return 0
}

func has(list []int, v int) bool {
	_, ok := slices.BinarySearch(list, v)
	return ok
}

func (s *series) add(d int64) {
	if s.dayIs(d) {
		s.buf = append(s.buf, d)
	}
}

func (s *series) yearDaysOf(y int) {
	switch {
	case s.weekNos != nil:
		for d := s.weekOne(y); d < s.weekOne(y+1); d++ {
			s.add(d)
		}
		return
	case s.months != nil:
		for _, m := range s.months {
			s.monthDaysOf(y, time.Month(m))
		}
	default:
		for m := time.January; m <= time.December; m++ {
			s.monthDaysOf(y, m)
		}
	}
	if s.skip != omit {
		for _, n := range s.yearDays {
			if n > yearLen(y) {
				s.instead(date(y, 12, 31))
			} else if -n > yearLen(y) {
				s.instead(date(y, 1, 0))
			}
		}
	}
	s.sortDays()
}

func (s *series) monthDaysOf(y int, m time.Month) {
	first := date(y, m, 1)
	u := wall(first * day).utc()
	n := monthLen(u.Year(), u.Month())
	if s.months != nil && !has(s.months, int(u.Month())) {
		return
	}
	if only := s.monthDays; len(only) == 1 && only[0] > 0 { // the usual case, by itself
		if only[0] <= n {
			s.add(first + int64(only[0]) - 1)
		}
	} else {
		for d := range n {
			s.add(first + int64(d))
		}
	}
	if s.skip == omit {
		return
	}
	for _, d := range s.monthDays {
		if d > n {
			s.instead(first + int64(n) - 1)
		} else if -d > n {
			s.instead(first - 1)
		}
	}
	s.sortDays()
}

// instead adds what stands for a day that is not there: the last one before it, or
// with SKIP=FORWARD the one after that.
func (s *series) instead(d int64) {
	if s.skip == forward {
		d++
	}
	if !s.byDay || s.weekdayIs(wall(d*day).utc()) {
		s.buf = append(s.buf, d)
	}
}

func (s *series) sortDays() {
	slices.Sort(s.buf)
	s.buf = slices.Compact(s.buf)
}

// dayIs reports that the rule means a day.
func (s *series) dayIs(d int64) bool {
	u := wall(d * day).utc()
	if s.months != nil && !has(s.months, int(u.Month())) {
		return false
	}
	if s.byDay && !s.weekdayIs(u) {
		return false
	}
	if s.monthDays != nil && !has(s.monthDays, u.Day()) && !has(s.monthDays, u.Day()-1-monthLen(u.Year(), u.Month())) {
		return false
	}
	if s.yearDays != nil && !has(s.yearDays, u.YearDay()) && !has(s.yearDays, u.YearDay()-1-yearLen(u.Year())) {
		return false
	}
	if s.weekNos == nil {
		return true
	}
	_, no, of := s.week(d)
	return has(s.weekNos, no) || has(s.weekNos, no-1-of)
}

// weekdayIs reports that BYDAY means a day: by its name, or by its place in the month,
// or in the year if months are not told.
func (s *series) weekdayIs(u time.Time) bool {
	w := u.Weekday()
	if s.plain[w] {
		return true
	}
	if s.nth[w] == nil {
		return false
	}
	i, n := u.Day(), 0
	if s.freq == yearly && s.months == nil {
		i, n = u.YearDay(), yearLen(u.Year())
	} else {
		n = monthLen(u.Year(), u.Month())
	}
	return has(s.nth[w], (i-1)/7+1) || has(s.nth[w], -((n-i)/7+1))
}

// weekOne returns the day that the first week of a year begins on: the first with at
// least four days in the year.
func (s *series) weekOne(y int) int64 {
	fourth := date(y, 1, 4)
	return fourth - (int64(wall(fourth*day).utc().Weekday())-int64(s.weekStart)+7)%7
}

// week returns the year that a day's week belongs to, its number, and how many weeks
// that year has.
func (s *series) week(d int64) (year, no, of int) {
	year = wall(d * day).utc().Year()
	if d < s.weekOne(year) {
		year--
	} else if d >= s.weekOne(year+1) {
		year++
	}
	one := s.weekOne(year)
	return year, int(d-one)/7 + 1, int(s.weekOne(year+1)-one) / 7
}
