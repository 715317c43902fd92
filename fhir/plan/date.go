package plan

import "time"

// Date is a day of the calendar, counted from 1 January 1970, as hours.Date is. The
// zero Date is none.
type Date int

// On returns the day with a year, month and day of the month.
func On(y int, m time.Month, d int) Date {
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

// DateOf returns the day it is at a time, where that time's location is. The zero
// time has none.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return 0
	}
	y, m, d := t.Date()
	return On(y, m, d)
}

// ParseDate reads YYYY-MM-DD after 1 January 1970.
func ParseDate(s string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, false
	}
	d := max(DateOf(t), 0)
	return d, d > 0
}

// String writes YYYY-MM-DD, and nothing for the zero Date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format(time.DateOnly)
}

func (d Date) utc() time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// months returns the day some months later, at the latest the last of its month.
func (d Date) months(n int) Date {
	y, m, day := d.utc().Date()
	last := time.Date(y, m+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return On(y, m+time.Month(n), min(day, last))
}

// At returns the moment at which the clock on the wall shows some minutes after
// midnight on this day: the first one, where the clock is put back and shows it twice;
// where it is put forward and never shows it, as much later as it was put forward.
func (d Date) At(minute int, zone *time.Location) time.Time {
	wall := d.utc().Add(time.Duration(minute) * time.Minute)
	_, before := wall.Add(-26 * time.Hour).In(zone).Zone() // zones lie within 14 hours of UTC
	_, after := wall.Add(26 * time.Hour).In(zone).Zone()
	first := wall.Add(-time.Duration(before) * time.Second).In(zone)
	second := wall.Add(-time.Duration(after) * time.Second).In(zone)
	if shows(second, wall) && !shows(first, wall) {
		return second
	}
	return first
}

// shows reports that the clock on the wall shows a time, which is given as if in UTC.
func shows(t, wall time.Time) bool {
	return t.Hour() == wall.Hour() && t.Minute() == wall.Minute() && t.Day() == wall.Day()
}
