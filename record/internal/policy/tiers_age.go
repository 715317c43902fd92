package policy

import (
	"cmp"
	"fmt"
	"strconv"
	"time"
)

// Day is a civil date. The zero Day is none, and nobody has an age on it.
type Day struct {
	Year  int // 1 and up
	Month time.Month
	Day   int
}

// DayIn returns the date a calendar in a zone shows at t. For ages the zone is
// the client's legal one. Without a zone there is no date.
func DayIn(t time.Time, zone *time.Location) Day {
	if zone == nil {
		return Day{}
	}
	y, m, d := t.In(zone).Date()
	return Day{y, m, d}
}

// String returns the date as YYYY-MM-DD.
func (d Day) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

func (d Day) compare(o Day) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

func (d Day) valid() bool {
	return d.Year >= 1 && d.Month >= time.January && d.Month <= time.December && d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

func daysIn(year int, m time.Month) int {
	switch m {
	case time.February:
		if leapYear(year) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	}
	return 31
}

func leapYear(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

// LeapDay says when somebody born on 29 February has a birthday in a year
// without one. The zero LeapDay says nothing, and nobody has an age under it.
type LeapDay uint8

// The two customs. Where a place's law does not settle it, LastOfFebruary ends a
// guardian's access a day earlier.
const (
	_              LeapDay = iota
	FirstOfMarch           // the day after 28 February, as in Scotland
	LastOfFebruary         // 28 February
	leapDayEnd
)

var leapDayCodes = [...]string{"", "1 March", "28 February"}

// String returns the custom's code as files keep it, or "" for none.
func (l LeapDay) String() string {
	if l >= leapDayEnd {
		return ""
	}
	return leapDayCodes[l]
}

// birthday returns the day on which somebody born on d becomes age years old.
func (d Day) birthday(age int, l LeapDay) Day {
	b := Day{d.Year + age, d.Month, d.Day}
	if b.Month == time.February && b.Day == 29 && !leapYear(b.Year) {
		if l == FirstOfMarch {
			return Day{b.Year, time.March, 1}
		}
		b.Day = 28
	}
	return b
}

// Age returns how many years old somebody born on a FHIR date (YYYY, YYYY-MM or
// YYYY-MM-DD) is on a day. A year is complete as the birthday begins. A partial
// date counts as its first day: the oldest the person could be. It is not ok if
// the birth is no such date or after the day, or if day or leap is none.
func Age(birth string, day Day, leap LeapDay) (years int, ok bool) {
	born, ok := oldest(birth)
	if !ok || !day.valid() || leap == 0 || leap >= leapDayEnd || born.compare(day) > 0 {
		return 0, false
	}
	years = day.Year - born.Year
	if born.birthday(years, leap).compare(day) > 0 {
		years--
	}
	return years, true
}

// oldest reads a FHIR date as its first day.
func oldest(birth string) (Day, bool) {
	switch len(birth) {
	case len("2000"):
		birth += "-01-01"
	case len("2000-01"):
		birth += "-01"
	case len("2000-01-01"):
	default:
		return Day{}, false
	}
	for i, c := range []byte(birth) {
		if (i == 4 || i == 7) != (c == '-') || c != '-' && (c < '0' || c > '9') {
			return Day{}, false
		}
	}
	var n [3]int
	for i, part := range []string{birth[:4], birth[5:7], birth[8:]} {
		v, err := strconv.Atoi(part)
		if err != nil {
			return Day{}, false
		}
		n[i] = v
	}
	d := Day{n[0], time.Month(n[1]), n[2]}
	return d, d.valid()
}
