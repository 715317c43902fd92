package fhir

import (
	"time"
)

// Precision says how much of a point in time was written down. The zero
// Precision means that nothing was.
type Precision uint8

// The precisions of R4's date, dateTime and instant.
const (
	_ Precision = iota
	ToYear
	ToMonth
	ToDay
	ToSecond // with a zone; fractions are kept
)

// Time is a date or a point in time with the precision it was given in. At is
// the beginning of what is meant: 2024 is midnight of 1 January 2024 in UTC.
type Time struct {
	At   time.Time
	Prec Precision
}

// IsZero reports that no time was given.
func (t Time) IsZero() bool { return t.Prec == 0 }

// ParseTime reads a date, dateTime or instant. A date-time without a zone, which
// R4 does not allow but systems write, is taken as UTC.
func ParseTime(s string) (Time, bool) {
	t, ok := parseTime([]byte(s))
	return t, ok
}

func parseTime(s []byte) (Time, bool) {
	n := dateLen(s)
	if n == 0 {
		return Time{}, false
	}
	y, m, d := two(s)*100+two(s[2:]), 1, 1
	if n >= 7 {
		m = two(s[5:])
	}
	if n == 10 {
		d = two(s[8:])
	}
	if n == len(s) {
		prec := map[int]Precision{4: ToYear, 7: ToMonth, 10: ToDay}[n]
		return Time{time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC), prec}, true
	}
	if n != 10 || s[10] != 'T' {
		return Time{}, false
	}
	clock := s[11:]
	k := timeLen(clock)
	if k == 0 {
		return Time{}, false
	}
	nanos, unit := 0, 100_000_000
	for _, c := range clock[min(9, k):k] {
		nanos += int(c-'0') * unit
		unit /= 10
	}
	zone, ok := zone(clock[k:])
	if !ok {
		return Time{}, false
	}
	return Time{time.Date(y, time.Month(m), d, two(clock), two(clock[3:]), two(clock[6:]), nanos, zone), ToSecond}, true
}

func zone(s []byte) (*time.Location, bool) {
	if len(s) == 0 {
		return time.UTC, true
	}
	if !zoneFits(s) {
		return nil, false
	}
	if s[0] == 'Z' {
		return time.UTC, true
	}
	off := two(s[1:])*3600 + two(s[4:])*60
	if off == 0 {
		return time.UTC, true
	}
	if s[0] == '-' {
		off = -off
	}
	return time.FixedZone("", off), true
}

// Span returns the moments a time may mean, [from, to) in Unix seconds.
func (t Time) Span() (from, to int64) {
	end := t.At
	switch t.Prec {
	case ToYear:
		end = end.AddDate(1, 0, 0)
	case ToMonth:
		end = end.AddDate(0, 1, 0)
	case ToDay:
		end = end.AddDate(0, 0, 1)
	default:
		return t.At.Unix(), t.At.Unix() + 1
	}
	return t.At.Unix(), end.Unix()
}

func two(s []byte) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

func isTwo(s []byte) bool {
	return len(s) >= 2 && s[0] >= '0' && s[0] <= '9' && s[1] >= '0' && s[1] <= '9'
}

// dateLen returns the length of the date at the start of s: 4, 7, 10 or 0. A
// date must be on the calendar.
func dateLen(s []byte) int {
	if len(s) < 4 || !isTwo(s) || !isTwo(s[2:]) || string(s[:4]) == "0000" {
		return 0
	}
	if len(s) == 4 {
		return 4
	}
	if s[4] != '-' || !isTwo(s[5:]) || two(s[5:]) < 1 || two(s[5:]) > 12 {
		return 0
	}
	if len(s) == 7 {
		return 7
	}
	if s[7] != '-' || !isTwo(s[8:]) {
		return 0
	}
	y, m, d := two(s)*100+two(s[2:]), two(s[5:]), two(s[8:])
	last := [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m]
	if m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		last = 29
	}
	if d < 1 || d > last {
		return 0
	}
	return 10
}

// timeLen returns the length of the time of day at the start of s, or 0. A leap
// second is allowed.
func timeLen(s []byte) int {
	if len(s) < 8 || !isTwo(s) || s[2] != ':' || !isTwo(s[3:]) || s[5] != ':' || !isTwo(s[6:]) {
		return 0
	}
	if two(s) > 23 || two(s[3:]) > 59 || two(s[6:]) > 60 {
		return 0
	}
	if len(s) == 8 || s[8] != '.' {
		return 8
	}
	n := digits(s, 9)
	if n == 9 {
		return 0
	}
	return n
}

func zoneFits(s []byte) bool {
	if len(s) == 1 {
		return s[0] == 'Z'
	}
	if len(s) != 6 || (s[0] != '+' && s[0] != '-') || !isTwo(s[1:]) || s[3] != ':' || !isTwo(s[4:]) {
		return false
	}
	h, m := two(s[1:]), two(s[4:])
	return m <= 59 && (h < 14 || h == 14 && m == 0)
}

func dateTime(s []byte, instant bool) bool {
	if n := dateLen(s); n < 10 || len(s) == 10 {
		return !instant && n > 0 && n == len(s)
	}
	if s[10] != 'T' {
		return false
	}
	n := timeLen(s[11:])
	return n > 0 && zoneFits(s[11+n:])
}
