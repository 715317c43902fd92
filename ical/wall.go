package ical

import "time"

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// wall is what a clock on a wall shows: seconds since 1970 as if the wall were in UTC.
type wall int64

// The first and the last wall time there is: of the years 1 and 9999.
const (
	firstWall wall = -62135596800
	lastWall  wall = 253402300799
)

func wallOf(t time.Time, zone *time.Location) wall {
	_, off := t.In(zone).Zone()
	return wall(t.Unix() + int64(off))
}

// in returns the moment a clock shows w, as RFC 5545 section 3.3.5 reads it: the first
// of two, and for a time that a change of the clock skips, what the clock would show
// had it not been changed.
func (w wall) in(zone *time.Location) time.Time {
	u := time.Unix(int64(w), 0).UTC()
	if zone == time.UTC {
		return u
	}
	y, m, d := u.Date()
	t := time.Date(y, m, d, u.Hour(), u.Minute(), u.Second(), 0, zone)
	_, now := t.Zone()
	since, _ := t.ZoneBounds()
	if since.IsZero() {
		return time.Unix(int64(w)-int64(now), 0).In(zone)
	}
	_, was := since.Add(-time.Second).Zone()
	before := int64(w) - int64(was)
	if shown := t.Unix()+int64(now) == int64(w); shown && before < since.Unix() || !shown && int64(w)-int64(now) < since.Unix() {
		return time.Unix(before, 0).In(zone)
	}
	return time.Unix(int64(w)-int64(now), 0).In(zone)
}

// day counts days since 1970.
func (w wall) day() int64 { return floor(int64(w), day) }

func (w wall) utc() time.Time { return time.Unix(int64(w), 0).UTC() }

// floor divides and rounds down.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// date returns the number of a day; months and days may be out of range, as with time.Date.
func date(y int, m time.Month, d int) int64 {
	return floor(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix(), day)
}

// length is how long something takes: days by the calendar, and seconds.
type length struct{ days, secs int64 }

// after returns when something of this length ends that begins at w.
func (l length) after(w wall, zone *time.Location) time.Time {
	return (w + wall(l.days*day)).in(zone).Add(time.Duration(l.secs) * time.Second)
}

// whole is about how many seconds it is.
func (l length) whole() wall { return wall(l.days*day + l.secs) }

// parseWall reads a date or a date with a time, and whether it ends in Z.
func parseWall(s string) (w wall, isDate, utc, ok bool) {
	if n := len(s); n == 16 && (s[15] == 'Z' || s[15] == 'z') {
		s, utc = s[:15], true
	}
	if len(s) != 8 && (len(s) != 15 || s[8] != 'T' && s[8] != 't') {
		return 0, false, false, false
	}
	y, m, d := digits(s[:4]), digits(s[4:6]), digits(s[6:8])
	if y < 1 || m < 1 || m > 12 || d < 1 || d > monthLen(y, time.Month(m)) {
		return 0, false, false, false
	}
	w = wall(date(y, time.Month(m), d) * day)
	if len(s) == 8 {
		return w, true, false, true
	}
	h, mi, sec := digits(s[9:11]), digits(s[11:13]), digits(s[13:15])
	if h < 0 || h > 23 || mi < 0 || mi > 59 || sec < 0 || sec > 60 {
		return 0, false, false, false
	}
	return w + wall(h*hour+mi*minute+min(sec, 59)), false, utc, true
}

// digits reads a number of at most nine digits; -1 for anything else.
func digits(s string) int {
	if s == "" || len(s) > 9 {
		return -1
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

func monthLen(y int, m time.Month) int { return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

func yearLen(y int) int { return time.Date(y, 12, 31, 0, 0, 0, 0, time.UTC).YearDay() }

// The longest time that anything may take, in days.
const longest = 400 * 366

// parseLength reads a duration that is not negative (RFC 5545 section 3.3.6).
func parseLength(s string) (length, bool) {
	var l length
	if s != "" && s[0] == '+' {
		s = s[1:]
	}
	if len(s) < 3 || s[0] != 'P' && s[0] != 'p' {
		return l, false
	}
	clock, from := false, 1
	for i := 1; i < len(s); i++ {
		c := s[i] &^ 0x20 // a letter's capital
		if s[i] >= '0' && s[i] <= '9' {
			continue
		}
		if c == 'T' && !clock && from == i {
			clock, from = true, i+1
			continue
		}
		n := int64(digits(s[from:i]))
		from = i + 1
		switch {
		case n < 0:
			return l, false
		case c == 'W' && !clock:
			l.days += 7 * n
		case c == 'D' && !clock:
			l.days += n
		case c == 'H' && clock:
			l.secs += n * hour
		case c == 'M' && clock:
			l.secs += n * minute
		case c == 'S' && clock:
			l.secs += n
		default:
			return l, false
		}
	}
	return l, from == len(s) && s[from-1]&^0x20 != 'T' && l.days+l.secs/day <= longest
}
