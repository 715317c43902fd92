package demo

import (
	"time"
	_ "time/tzdata" // the made-up year must not depend on the machine's files
)

// The practice's day, in minutes after midnight.
const (
	opens      = 8 * 60
	lunchFrom  = 12*60 + 30
	lunchUntil = 13*60 + 30
	closes     = 18*60 + 30 // evening clinic included

	slot     = 10 // minutes; visits begin on a multiple of it
	zoneName = "Europe/London"
)

// days knows the practice's calendar, counted from the day of now: day 0 is
// today, day 3 is three days ago, day -2 is in two days.
type days struct {
	now   time.Time
	today time.Time // midnight in the practice's zone
}

func newDays(now time.Time) days {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		panic("demo: " + err.Error()) // embedded by time/tzdata
	}
	now = now.In(zone).Truncate(time.Second)
	y, m, d := now.Date()
	return days{now: now, today: time.Date(y, m, d, 0, 0, 0, 0, zone)}
}

// day returns midnight, in the practice's zone, of the day ago days back.
func (k days) day(ago int) time.Time { return k.today.AddDate(0, 0, -ago) }

// clock returns a wall time of that day; minutes count from midnight.
func (k days) clock(ago, minutes int) time.Time { return wall(k.day(ago), minutes) }

func wall(midnight time.Time, minutes int) time.Time {
	y, m, d := midnight.Date()
	return time.Date(y, m, d, 0, minutes, 0, 0, midnight.Location())
}

// midnight returns the beginning of the day of t, in its own zone.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// open reports whether the practice works on that day.
func open(day time.Time) bool {
	if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return false
	}
	return !holiday(day)
}

// holiday reports whether the day is a bank holiday in England and Wales, by
// rule; a day moved because it fell on a weekend is left out.
func holiday(day time.Time) bool {
	y, m, d := day.Date()
	easter := easterSunday(y, day.Location())
	monday := day.Weekday() == time.Monday
	switch {
	case m == time.January && d == 1, m == time.December && (d == 25 || d == 26):
		return true
	case day.Equal(easter.AddDate(0, 0, -2)), day.Equal(easter.AddDate(0, 0, 1)):
		return true
	case m == time.May && monday && (d <= 7 || d >= 25), m == time.August && monday && d >= 25:
		return true
	}
	return false
}

// easterSunday follows the Gregorian computus in the form of Meeus.
func easterSunday(y int, zone *time.Location) time.Time {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	g := (b - (b+8)/25 + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(y, time.Month(n/31), n%31+1, 0, 0, 0, 0, zone)
}

// workday returns the day itself if the practice is open, or else the nearest
// open day: earlier for the past, later for the future.
func (k days) workday(ago int) int {
	step := 1
	if ago < 0 {
		step = -1
	}
	for !open(k.day(ago)) {
		ago += step
	}
	return ago
}

// age returns whole years on the day of now for somebody born on that day.
func (k days) age(born time.Time) int {
	years := k.today.Year() - born.Year()
	if k.today.Month() < born.Month() || (k.today.Month() == born.Month() && k.today.Day() < born.Day()) {
		years--
	}
	return years
}

// birthday returns a birth date that makes somebody this many years old now,
// their last birthday being some days ago.
func (k days) birthday(age, daysAgo int) time.Time {
	return k.day(daysAgo).AddDate(-age, 0, 0)
}

// daysSince counts the days from that midnight to today; summer time makes some
// of them an hour longer or shorter.
func (k days) daysSince(midnight time.Time) int {
	return int(k.today.Sub(midnight).Hours()/24 + 0.5)
}

// diary keeps people, on either side of the desk, from being in two places at
// once.
type diary struct {
	days  days
	taken map[diarySlot]bool
}

type diarySlot struct {
	who  string
	when int64
}

// take finds room for a visit of that length on that day, at the wanted minute
// or the next free one, and returns its start. When the day is full it moves on
// to the neighbouring open day, away from now.
func (y *diary) take(who, whose string, ago, want, minutes int) time.Time {
	for ago = y.days.workday(ago); ; ago = y.next(ago) {
		if at, ok := y.scan(who, whose, ago, want, minutes); ok {
			return at
		}
		if at, ok := y.scan(who, whose, ago, opens, minutes); ok {
			return at
		}
	}
}

func (y *diary) next(ago int) int {
	if ago < 0 {
		return y.days.workday(ago - 1)
	}
	return y.days.workday(ago + 1)
}

func (y *diary) scan(who, whose string, ago, from, minutes int) (time.Time, bool) {
	for m := from - from%slot; m+minutes <= closes; m += slot {
		if m < opens || (m < lunchUntil && m+minutes > lunchFrom) {
			continue
		}
		at := y.days.clock(ago, m)
		if ago >= 0 && at.Add(time.Duration(minutes)*time.Minute).After(y.days.now) {
			return time.Time{}, false
		}
		if y.free(who, at, minutes) && y.free(whose, at, minutes) {
			y.mark(who, at, minutes)
			y.mark(whose, at, minutes)
			return at, true
		}
	}
	return time.Time{}, false
}

func (y *diary) free(who string, at time.Time, minutes int) bool {
	for i := 0; i < minutes; i += slot {
		if y.taken[diarySlot{who, at.Unix() + int64(i)*60}] {
			return false
		}
	}
	return true
}

func (y *diary) mark(who string, at time.Time, minutes int) {
	for i := 0; i < minutes; i += slot {
		y.taken[diarySlot{who, at.Unix() + int64(i)*60}] = true
	}
}
