package ical

import (
	"slices"
	"strings"
	"time"
)

// freq is how often a rule takes its turn; the zero freq is none.
type freq uint8

const (
	_ freq = iota
	secondly
	minutely
	hourly
	daily
	weekly
	monthly
	yearly
)

var freqs = []string{"", "SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}

var weekdays = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// skip is what is done about a day that a month or year lacks (RFC 7529).
type skip uint8

const (
	omit skip = iota // leave it out
	backward
	forward
)

// rule is an RRULE as it is written. Its lists are in order, and hold nothing twice.
type rule struct {
	freq      freq
	every     int64
	count     int  // 0 is any number
	until     wall // if ends
	ends      bool
	untilDate bool // until is a day, and the whole of it
	untilUTC  bool
	weekStart time.Weekday
	skip      skip

	seconds, minutes, hours []int
	monthDays, yearDays     []int
	weekNos, months, places []int
	plain                   [7]bool  // BYDAY without a number
	nth                     [7][]int // and with
	byDay, byNth            bool
}

// parseRule reads an RRULE (RFC 5545 section 3.3.10, and RFC 7529 for the Gregorian
// calendar).
func parseRule(s string) (*rule, bool) {
	r := &rule{every: 1, weekStart: time.Monday}
	for part := range strings.SplitSeq(strings.ToUpper(s), ";") {
		name, v, found := strings.Cut(strings.TrimSpace(part), "=")
		if name == "" && !found {
			continue // a stray semicolon, as Google wrote them
		}
		if !r.take(name, v) {
			return nil, false
		}
	}
	return r, r.freq != 0
}

// take reads one part; parts it does not know it passes over.
func (r *rule) take(name, v string) bool {
	ok := true
	switch name {
	case "FREQ":
		i := slices.Index(freqs, v)
		r.freq, ok = freq(max(i, 0)), i > 0
	case "INTERVAL":
		r.every = int64(digits(v))
		ok = r.every > 0
	case "COUNT":
		r.count = digits(v)
		ok = r.count > 0
	case "UNTIL":
		r.until, r.untilDate, r.untilUTC, ok = parseWall(v)
		r.ends = true
	case "WKST":
		i := slices.Index(weekdays, v)
		r.weekStart, ok = time.Weekday(max(i, 0)), i >= 0
	case "BYSECOND":
		ok = numbers(&r.seconds, v, 0, 60)
		for i, x := range r.seconds {
			r.seconds[i] = min(x, 59) // RFC 5545 section 3.3.12, for who knows no leap seconds
		}
		r.seconds = slices.Compact(r.seconds)
	case "BYMINUTE":
		ok = numbers(&r.minutes, v, 0, 59)
	case "BYHOUR":
		ok = numbers(&r.hours, v, 0, 23)
	case "BYDAY":
		ok = r.takeDays(v)
	case "BYMONTHDAY":
		ok = numbers(&r.monthDays, v, -31, 31)
	case "BYYEARDAY":
		ok = numbers(&r.yearDays, v, -366, 366)
	case "BYWEEKNO":
		ok = numbers(&r.weekNos, v, -53, 53)
	case "BYMONTH":
		ok = numbers(&r.months, v, 1, 12)
	case "BYSETPOS":
		ok = numbers(&r.places, v, -366, 366)
	case "RSCALE":
		ok = v == "GREGORIAN"
	case "SKIP":
		i := slices.Index([]string{"OMIT", "BACKWARD", "FORWARD"}, v)
		r.skip, ok = skip(max(i, 0)), i >= 0
	}
	return ok
}

// numbers reads a list of numbers between two, without 0 where one is negative.
func numbers(to *[]int, v string, least, most int) bool {
	var out []int
	for x := range strings.SplitSeq(v, ",") {
		x, minus := strings.CutPrefix(strings.TrimSpace(x), "-")
		if !minus {
			x = strings.TrimPrefix(x, "+")
		}
		n := digits(x)
		if n < 0 || minus && n == 0 {
			return false
		}
		if minus {
			n = -n
		}
		if n < least || n > most || n == 0 && least < 0 {
			return false
		}
		out = append(out, n)
	}
	slices.Sort(out)
	*to = slices.Compact(out)
	return true
}

func (r *rule) takeDays(v string) bool {
	r.byDay = true
	for x := range strings.SplitSeq(v, ",") {
		x = strings.TrimSpace(x)
		if len(x) < 2 {
			return false
		}
		d := slices.Index(weekdays, x[len(x)-2:])
		if d < 0 {
			return false
		}
		if len(x) == 2 {
			r.plain[d] = true
			continue
		}
		var n []int
		if !numbers(&n, x[:len(x)-2], -53, 53) {
			return false
		}
		r.nth[d], r.byNth = append(r.nth[d], n...), true
	}
	for d := range r.nth {
		slices.Sort(r.nth[d])
		r.nth[d] = slices.Compact(r.nth[d])
	}
	return true
}
