package reading

import (
	"math"
	"strconv"
	"time"

	"rapport/lang"
)

// Course is where a series of values is going. The zero Course says nothing.
type Course uint8

// The courses.
const (
	Unknown Course = iota
	Steady
	Rising
	Falling
)

// settled is the share of its level by which a series may move and still be
// steady.
const settled = 0.04

// CourseOf compares the last third of values, oldest first, with the first
// third. Fewer than three values have no course.
func CourseOf(values []float64) Course {
	var vs []float64
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			vs = append(vs, v)
		}
	}
	if len(vs) < 3 {
		return Unknown
	}
	k := (len(vs) + 2) / 3
	from, to := mean(vs[:k]), mean(vs[len(vs)-k:])
	switch step := settled * math.Max(math.Abs(from), math.Abs(to)); {
	case to > from+step:
		return Rising
	case to < from-step:
		return Falling
	}
	return Steady
}

func mean(vs []float64) float64 {
	sum := 0.0
	for _, v := range vs {
		sum += v
	}
	return sum / float64(len(vs))
}

// CourseWord says a course: "Rising"; "" if there is nothing to say.
func CourseWord(p lang.Printer, c Course) string {
	switch c {
	case Steady:
		return p.ReadingSteady()
	case Rising:
		return p.ReadingRising()
	case Falling:
		return p.ReadingFalling()
	case Unknown:
	}
	return ""
}

// Change says how far a value went since an earlier one: "18 lower than a month
// ago". It is "" when either is no number.
func Change(p lang.Printer, earlier, later Value, then, now time.Time) string {
	a, b := earlier.Float(), later.Float()
	if math.IsNaN(a) || math.IsNaN(b) {
		return ""
	}
	places := max(places(earlier.Number), places(later.Number))
	by := number(p, strconv.FormatFloat(math.Abs(b-a), 'f', places, 64))
	switch {
	case float(strconv.FormatFloat(b-a, 'f', places, 64)) == 0:
		return p.ReadingSame(Ago(p, then, now))
	case b > a:
		return p.ReadingHigher(by, Ago(p, then, now))
	}
	return p.ReadingLower(by, Ago(p, then, now))
}

func places(s string) int {
	for i := range len(s) {
		if s[i] == '.' {
			return min(len(s)-i-1, 3)
		}
	}
	return 0
}

// Ago says how long before now a time was, in days, weeks, months or years:
// "today", "3 days ago", "a month ago". A time to come is "today".
func Ago(p lang.Printer, then, now time.Time) string {
	d := days(then, now)
	switch {
	case d < 1:
		return p.ReadingAgoToday()
	case d == 1:
		return p.ReadingAgoYesterday()
	case d < 14:
		return p.ReadingAgoDays(d)
	case d < 28:
		return p.ReadingAgoWeeks(d / 7)
	case d < 345:
		return p.ReadingAgoMonths(max(1, (d+15)/30))
	}
	return p.ReadingAgoYears(max(1, (d+90)/365))
}

// days counts midnights between two times, in now's zone.
func days(then, now time.Time) int {
	then = then.In(now.Location())
	a := time.Date(then.Year(), then.Month(), then.Day(), 0, 0, 0, 0, time.UTC)
	b := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	return int(b.Sub(a) / (24 * time.Hour))
}

// Thin leaves at most n of a course's values, evenly spread, the first and the
// last always among them.
func Thin[T any](xs []T, n int) []T {
	if len(xs) <= n || n < 2 {
		return xs
	}
	out := make([]T, 0, n)
	step := float64(len(xs)-1) / float64(n-1)
	for i := range n {
		out = append(out, xs[int(math.Round(float64(i)*step))])
	}
	return out
}
