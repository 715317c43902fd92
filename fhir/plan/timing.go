package plan

import "time"

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
