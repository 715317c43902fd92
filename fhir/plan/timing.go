package plan

import (
	"slices"
	"time"
)

// Timing says when a step is to be done. The zero Timing is once, at any time.
type Timing struct {
	// Times is how often in every Per Units; 0 is once altogether.
	Times, Per int
	Unit       Unit
	// Days are the days of the week it is for, none for any.
	Days Weekdays
	// At are times of the day in minutes after midnight, in order; Parts are parts of it.
	At    []int
	Parts Parts
	// Lasts is for how many days, from the first of its phase; 0 is as long as that.
	Lasts int
	// Text is all that is known of another system's timing, in its words.
	Text string
}

// Unit is a unit of the calendar.
type Unit uint8

// The units. Hours and shorter ones are read as times a day.
const (
	_ Unit = iota
	Day
	Week
	Month
)

// Weekdays is a set of days of the week.
type Weekdays uint8

// Has reports that a day is in the set.
func (w Weekdays) Has(d time.Weekday) bool { return w&(1<<d) != 0 }

// With returns the set with a day more.
func (w Weekdays) With(d time.Weekday) Weekdays { return w | 1<<d }

// List returns the days in order, Monday first.
func (w Weekdays) List() []time.Weekday {
	var out []time.Weekday
	for i := range 7 {
		if d := time.Weekday((i + 1) % 7); w.Has(d) {
			out = append(out, d)
		}
	}
	return out
}

// Parts is a set of parts of a day.
type Parts uint8

// The parts of a day, in their order.
const (
	Morning Parts = 1 << iota
	Afternoon
	Evening
	Night
)

// List returns the parts in the order of the day, each a set of one.
func (p Parts) List() []Parts {
	var out []Parts
	for x := Morning; x <= Night; x <<= 1 {
		if p&x != 0 {
			out = append(out, x)
		}
	}
	return out
}

// Rhythm is how a Timing is best said in words; the fields say the numbers.
type Rhythm uint8

// The rhythms. Every one may have At or Parts beside it.
const (
	_           Rhythm = iota
	Once               // once
	Daily              // every day
	TimesADay          // Times times a day, on Days if there are any
	EveryDays          // every Per days
	OnDays             // on Days, every week
	OnDaysEvery        // on Days, every Per weeks
	Weekly             // once a week, on any day
	TimesAWeek         // Times times a week, on any days
	EveryWeeks         // every Per weeks, Times times
	Monthly            // once a month
	TimesAMonth        // Times times a month
	EveryMonths        // every Per months, Times times
)

// Occurrence is one time a step is to be done.
type Occurrence struct {
	Day Date
	// N is which one of the day it is, from 1, and Of how many there are.
	N, Of int
	// Part or Minute (after midnight; -1 for none) say when on the day.
	Part   Parts
	Minute int
}

// At returns the moment of an occurrence that has a time of the day.
func (o Occurrence) At(zone *time.Location) (time.Time, bool) {
	if o.Minute < 0 {
		return time.Time{}, false
	}
	return o.Day.At(o.Minute, zone), true
}

// The bounds of what a Timing may ask for.
const (
	maxADay        = 12
	maxPer         = 120 // days, weeks or months
	maxLasts       = 3660
	maxOccurrences = 1000
	maxSpan        = 3660 // days looked at
)

// IsZero reports that nothing was said: once, at any time.
func (t Timing) IsZero() bool { return t.same(Timing{}) }

func (t Timing) same(u Timing) bool {
	return t.Times == u.Times && t.Per == u.Per && t.Unit == u.Unit && t.Days == u.Days && slices.Equal(t.At, u.At) && t.Parts == u.Parts && t.Lasts == u.Lasts && t.Text == u.Text
}

// Loose reports that it may be done on any day of a week or month, or more of them.
func (t Timing) Loose() bool {
	return t.Times > 0 && t.Days == 0 && (t.Unit == Week || t.Unit == Month)
}

// fault says what is wrong with a timing, or "".
func (t Timing) fault() string {
	switch {
	case t.Times == 0 && (t.Per != 0 || t.Unit != 0 || t.Days != 0):
		return "a frequency of 0"
	case t.Times == 0:
		return ""
	case t.Per <= 0:
		return "a period must be more than 0"
	case t.Times < 0:
		return "a frequency must be more than 0"
	case t.Per > maxPer:
		return "a period is too long"
	case t.Unit < Day || t.Unit > Month:
		return "a period needs a unit"
	case t.Times > maxADay*t.Per*map[Unit]int{Day: 1, Week: 7, Month: 28}[t.Unit] || len(t.At) > maxADay:
		return "more than 12 times a day"
	case t.Lasts < 0 || t.Lasts > maxLasts:
		return "bounds must be between a day and ten years"
	}
	return ""
}

// Occurrences returns when a timing asks for something from one day to another, both
// included, if it begins on a third; at most 1,000, within ten years. What may be done
// on any day of a week or month is spread evenly over it.
func (t Timing) Occurrences(begins, from, to Date) []Occurrence {
	from = max(from, begins)
	if t.Lasts > 0 {
		to = min(to, begins+Date(t.Lasts)-1)
	}
	if t.fault() != "" || to < from {
		return nil
	}
	to = min(to, from+maxSpan)
	var out []Occurrence
	for d := from; d <= to && len(out) < maxOccurrences; d++ {
		out = t.day(out, begins, d)
	}
	return out[:min(len(out), maxOccurrences)]
}

// day appends the occurrences of one day.
func (t Timing) day(out []Occurrence, begins, d Date) []Occurrence {
	n := t.count(begins, d)
	if n == 0 {
		return out
	}
	parts := t.Parts.List()
	switch {
	case len(t.At) > 0:
		n = len(t.At)
	case len(parts) > 0:
		n = len(parts)
	}
	n = min(n, maxADay)
	for i := range n {
		o := Occurrence{Day: d, N: i + 1, Of: n, Minute: -1}
		if i < len(t.At) {
			o.Minute = t.At[i]
		} else if i < len(parts) {
			o.Part = parts[i]
		}
		out = append(out, o)
	}
	return out
}

// count returns how many times a day is meant, before At and Parts are looked at.
func (t Timing) count(begins, d Date) int {
	if t.Times == 0 {
		if d == begins {
			return 1
		}
		return 0
	}
	if t.Days != 0 {
		if !t.Days.Has(d.Weekday()) || t.Unit == Week && (week(d)-week(begins))%t.Per != 0 {
			return 0
		}
		if t.Unit == Week {
			return max(1, t.Times/len(t.Days.List()))
		}
		return max(1, t.Times/t.Per)
	}
	start, end := t.period(begins, d)
	length, o := int(end-start), int(d-start)
	up := func(a int) int { return (a*t.Times + length - 1) / length }
	return up(o+1) - up(o)
}

// week counts weeks, which begin on Mondays.
func week(d Date) int { return (int(d) + 3) / 7 }

// period returns the first day of the period a day is in, and that of the next one.
func (t Timing) period(begins, d Date) (start, end Date) {
	if t.Unit != Month {
		length := Date(t.Per)
		if t.Unit == Week {
			length *= 7
		}
		start = d - (d-begins)%length
		return start, start + length
	}
	by, bm, _ := begins.utc().Date()
	y, m, _ := d.utc().Date()
	k := ((y-by)*12 + int(m) - int(bm)) / t.Per * t.Per
	if begins.months(k) > d {
		k -= t.Per
	}
	return begins.months(k), begins.months(k + t.Per)
}

// Rhythm returns how to say it.
func (t Timing) Rhythm() Rhythm {
	many := t.Times > 1 && len(t.At) == 0 && t.Parts == 0
	switch {
	case t.Times == 0:
		return Once
	case t.Days != 0 && t.Unit == Day && many:
		return TimesADay
	case t.Days != 0 && t.Unit == Week && t.Per > 1:
		return OnDaysEvery
	case t.Days != 0 && len(t.Days.List()) == 7:
		return Daily
	case t.Days != 0:
		return OnDays
	case t.Unit == Day && t.Per > 1:
		return EveryDays
	case t.Unit == Day && many:
		return TimesADay
	case t.Unit == Day:
		return Daily
	}
	one, more, every := Weekly, TimesAWeek, EveryWeeks
	if t.Unit == Month {
		one, more, every = Monthly, TimesAMonth, EveryMonths
	}
	switch {
	case t.Per > 1:
		return every
	case t.Times > 1:
		return more
	}
	return one
}
