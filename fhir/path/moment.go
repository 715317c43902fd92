package path

import (
	"fmt"
	"strings"
	"time"
)

// moment is a date, a date with a time, or a time of day, as far as it is known.
type moment struct {
	year                 int16
	month, day           uint8
	hour, minute, second uint8
	known                precision
	zoned                bool
	zone                 int16 // minutes east
	nanos                int32
}

// precision says how far a moment is known.
type precision int8

const (
	toYear precision = iota + 1
	toMonth
	toDay
	toHour
	toMinute
	toSecond
	toFraction
)

// momentLiteral reads what follows the @ of a literal.
func momentLiteral(s string) (atom, bool) {
	if t, ok := strings.CutPrefix(s, "T"); ok {
		return parseClock(t)
	}
	if d, ok := strings.CutSuffix(s, "T"); ok {
		a, ok := parseMoment(d)
		a.kind = kindDateTime
		return a, ok && !strings.Contains(d, "T")
	}
	return parseMoment(s)
}

// parseMoment reads a date or a dateTime; FHIRPath allows hours and minutes only.
func parseMoment(s string) (atom, bool) {
	a := atom{kind: kindDate}
	date, clock, timed := strings.Cut(s, "T")
	m := &a.when
	if !m.date(date) {
		return a, false
	}
	if timed {
		a.kind = kindDateTime
		if m.known < toDay {
			return a, false
		}
		var ok bool
		if clock, ok = m.offset(clock); !ok || !m.clock(clock) {
			return a, false
		}
	}
	a.text = s
	return a, true
}

// parseClock reads a time of day.
func parseClock(s string) (atom, bool) {
	a := atom{kind: kindTime, text: s}
	return a, a.when.clock(s)
}

func two(s string) (int, bool) {
	if len(s) != 2 || !digit(s[0]) || !digit(s[1]) {
		return 0, false
	}
	return int(s[0]-'0')*10 + int(s[1]-'0'), true
}

func (m *moment) date(s string) bool {
	if len(s) != 4 && len(s) != 7 && len(s) != 10 {
		return false
	}
	c, ok1 := two(s[:2])
	y, ok2 := two(s[2:4])
	if !ok1 || !ok2 || c*100+y == 0 {
		return false
	}
	m.year, m.known = int16(c*100+y), toYear
	if len(s) >= 7 {
		v, ok := two(s[5:7])
		if s[4] != '-' || !ok || v < 1 || v > 12 {
			return false
		}
		m.month, m.known = uint8(v), toMonth
	}
	if len(s) == 10 {
		v, ok := two(s[8:])
		if s[7] != '-' || !ok || v < 1 || v > lastDay(int(m.year), int(m.month)) {
			return false
		}
		m.day, m.known = uint8(v), toDay
	}
	return true
}

func lastDay(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// offset takes the zone off the end of a time.
func (m *moment) offset(s string) (rest string, ok bool) {
	if t, ok := strings.CutSuffix(s, "Z"); ok {
		m.zoned = true
		return t, true
	}
	i := strings.LastIndexAny(s, "+-")
	if i < 0 {
		return s, true
	}
	z := s[i:]
	if len(z) != 6 || z[3] != ':' {
		return s, false
	}
	h, ok1 := two(z[1:3])
	mi, ok2 := two(z[4:])
	if !ok1 || !ok2 || h > 14 || mi > 59 {
		return s, false
	}
	m.zoned, m.zone = true, int16(h*60+mi)
	if z[0] == '-' {
		m.zone = -m.zone
	}
	return s[:i], true
}

func (m *moment) clock(s string) bool {
	s, frac, dot := strings.Cut(s, ".")
	for i, f := range []struct {
		to  *uint8
		max int
	}{{&m.hour, 23}, {&m.minute, 59}, {&m.second, 60}} {
		if len(s) < 3*i+2 || i > 0 && s[3*i-1] != ':' {
			return false
		}
		v, ok := two(s[3*i : 3*i+2])
		if !ok || v > f.max {
			return false
		}
		*f.to, m.known = uint8(v), toHour+precision(i)
		if len(s) == 3*i+2 {
			break
		}
	}
	if len(s) > 8 || dot && (m.known != toSecond || frac == "") {
		return false
	}
	unit := int32(100_000_000)
	for _, c := range []byte(frac) {
		if !digit(c) {
			return false
		}
		m.nanos += int32(c-'0') * unit
		unit /= 10
	}
	if dot {
		m.known = toFraction
	}
	return true
}

// write writes a moment as FHIR does.
func (m moment) write(k kind) string {
	var b []byte
	if k != kindTime {
		b = fmt.Appendf(b, "%04d", m.year)
		if m.known >= toMonth {
			b = fmt.Appendf(b, "-%02d", m.month)
		}
		if m.known >= toDay {
			b = fmt.Appendf(b, "-%02d", m.day)
		}
		if m.known >= toHour {
			b = append(b, 'T')
		}
	}
	if m.known >= toHour {
		b = fmt.Appendf(b, "%02d", m.hour)
	}
	if m.known >= toMinute {
		b = fmt.Appendf(b, ":%02d", m.minute)
	}
	if m.known >= toSecond {
		b = fmt.Appendf(b, ":%02d", m.second)
	}
	if m.known >= toFraction {
		s := fmt.Sprintf("%09d", m.nanos)
		b = append(append(b, '.'), s[:3]...)
		b = append(b, strings.TrimRight(s[3:], "0")...)
	}
	if k == kindDateTime && m.zoned && m.known >= toHour {
		z := m.zone
		switch {
		case z == 0:
			b = append(b, 'Z')
		case z < 0:
			b = fmt.Appendf(b, "-%02d:%02d", -z/60, -z%60)
		default:
			b = fmt.Appendf(b, "+%02d:%02d", z/60, z%60)
		}
	}
	return string(b)
}

func (m moment) time() time.Time {
	return time.Date(int(m.year), time.Month(max(m.month, 1)), int(max(m.day, 1)), int(m.hour), int(m.minute), int(m.second), int(m.nanos), time.UTC)
}

// at is the same moment, known as far, at another time. ok is false when the
// year cannot be written.
func (m moment) at(t time.Time) (moment, bool) {
	if t.Year() < 1 || t.Year() > 9999 {
		return m, false
	}
	m.year, m.month, m.day = int16(t.Year()), uint8(t.Month()), uint8(t.Day())
	m.hour, m.minute, m.second, m.nanos = uint8(t.Hour()), uint8(t.Minute()), uint8(t.Second()), int32(t.Nanosecond())
	return m, true
}

func (m moment) utc() moment {
	if m.zone == 0 || m.known < toMinute {
		return m
	}
	out, ok := m.at(m.time().Add(-time.Duration(m.zone) * time.Minute))
	if !ok {
		return m
	}
	out.zone = 0
	return out
}

// compare orders two moments; sure is false when what is known does not tell.
func (a atom) compare(b atom) (order int, sure bool) {
	x, y := a.when, b.when
	first := 0
	if a.kind == kindTime {
		first = 3
	} else if x.known > toDay && y.known > toDay {
		if x.zoned != y.zoned {
			return 0, false
		}
		x, y = x.utc(), y.utc()
	}
	xs := [...]int{int(x.year), int(x.month), int(x.day), int(x.hour), int(x.minute), int(x.second)}
	ys := [...]int{int(y.year), int(y.month), int(y.day), int(y.hour), int(y.minute), int(y.second)}
	for i := first; i < len(xs); i++ {
		p := precision(i + 1)
		if x.known < p || y.known < p {
			return 0, x.known < p && y.known < p
		}
		if xs[i] != ys[i] {
			return xs[i] - ys[i], true
		}
	}
	return int(x.nanos) - int(y.nanos), true
}

// boundaryZones are the zones a time without one may be in, the earliest
// moment's first.
var boundaryZones = [2]int16{14 * 60, -12 * 60}

var momentDigits = map[int]precision{4: toYear, 6: toMonth, 8: toDay, 10: toHour, 12: toMinute, 14: toSecond, 17: toFraction}
var clockDigits = map[int]precision{2: toHour, 4: toMinute, 6: toSecond, 9: toFraction}

// digits is how many digits of a moment are known, as precision() counts them.
func (a atom) digits() int {
	table := momentDigits
	if a.kind == kindTime {
		table = clockDigits
	}
	for n, p := range table {
		if p == a.when.known {
			return n
		}
	}
	return 0
}

// boundary is the earliest (side 0) or latest (side 1) moment meant, to a number
// of digits; a negative number is as many as there are.
func (a atom) boundary(side, digits int) (atom, bool) {
	table, want := momentDigits, toFraction
	switch a.kind {
	case kindTime:
		table = clockDigits
	case kindDate:
		want = toDay
	}
	if digits >= 0 {
		var ok bool
		if want, ok = table[digits]; !ok {
			return a, false
		}
	}
	m := &a.when
	fill := func(p precision, to *uint8, low, high uint8) {
		if m.known < p {
			*to = [2]uint8{low, high}[side]
		}
	}
	known := m.known
	if a.kind != kindTime {
		fill(toMonth, &m.month, 1, 12)
		fill(toDay, &m.day, 1, uint8(lastDay(int(m.year), int(m.month))))
	}
	fill(toHour, &m.hour, 0, 23)
	fill(toMinute, &m.minute, 0, 59)
	fill(toSecond, &m.second, 0, 59)
	if known < toFraction {
		m.nanos = [2]int32{0, 999_000_000}[side]
	}
	m.known = want
	if want > toDay && a.kind == kindDate {
		a.kind = kindDateTime
	}
	switch {
	case want <= toDay || a.kind == kindTime:
		m.zoned, m.zone = false, 0
	case !m.zoned:
		m.zoned, m.zone = true, boundaryZones[side]
	}
	a.text = m.write(a.kind)
	return a, true
}
