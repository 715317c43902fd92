package health

import (
	"math"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/web/parts"
)

// direction is how a value has moved. The zero direction is not known.
type direction uint8

const (
	_ direction = iota
	steady
	lower
	higher
)

// course says how the newest of some readings, given newest first, compares with
// an earlier one: the newest that is at least three weeks older, so that a
// morning is not held against the evening before, or else the oldest there is.
func course(rs []reading) (direction, reading) {
	if len(rs) < 2 {
		return 0, reading{}
	}
	now := rs[0].main()
	if math.IsNaN(now.Number) || now.Comparator != "" {
		return 0, reading{}
	}
	var then reading
	found := false
	for _, r := range rs[1:] {
		v := r.main()
		if math.IsNaN(v.Number) || v.Comparator != "" || v.Ucum != now.Ucum || v.Printed != now.Printed {
			continue
		}
		then, found = r, true
		if rs[0].At.At.Sub(r.At.At) >= 21*24*time.Hour {
			break
		}
	}
	if !found || !rs[0].At.At.After(then.At.At) {
		return 0, reading{}
	}
	was := then.main().Number
	change := now.Number - was
	switch {
	case math.Abs(change) <= 0.03*math.Max(math.Abs(was), math.Abs(now.Number)):
		return steady, then
	case change < 0:
		return lower, then
	}
	return higher, then
}

// compared says in words how a newest reading stands to an earlier one: "Lower
// than in March". A month is named only where it says enough: not lately, and not
// within the month of the newest.
func compared(p lang.Printer, d direction, newest, then reading, now time.Time) string {
	at := then.At.At
	recent := then.At.Prec >= fhir.ToDay && (now.Sub(at) < 45*24*time.Hour || at.Format("200601") == newest.At.At.Format("200601"))
	when := monthName(p, at)
	if recent {
		when = p.DayMonth(at)
		if at.Year() != now.Year() {
			when = p.Full(at)
		}
	} else if at.Year() != now.Year() {
		when = p.Month(at)
	}
	switch {
	case d == lower && recent:
		return p.HealthLowerDay(when)
	case d == lower:
		return p.HealthLowerMonth(when)
	case d == higher && recent:
		return p.HealthHigherDay(when)
	case d == higher:
		return p.HealthHigherMonth(when)
	case d == steady && recent:
		return p.HealthSteadyDay(when)
	case d == steady:
		return p.HealthSteadyMonth(when)
	}
	return ""
}

// monthName writes a month alone: "March".
func monthName(p lang.Printer, t time.Time) string {
	f := strings.Fields(p.DayMonth(t))
	return f[len(f)-1]
}

// delta is a course beside a large number. It is good news only when the value
// was out and is now where it should be.
func delta(p lang.Printer, rs []reading, now time.Time) parts.TagView {
	d, then := course(rs)
	t := parts.TagView{Text: compared(p, d, rs[0], then, now)}
	switch d {
	case lower:
		t.Icon = "trending-down"
	case higher:
		t.Icon = "trending-up"
	case steady:
		t.Icon = "minus"
	}
	if then.flag().out() && rs[0].flag() == usual {
		t.Tone = parts.ToneOK
	}
	return t
}

// thin leaves at most n readings, evenly spread, the newest always among them.
// Given and returned newest first.
func thin(rs []reading, n int) []reading {
	if len(rs) <= n {
		return rs
	}
	out := make([]reading, 0, n)
	step := float64(len(rs)-1) / float64(n-1)
	for i := range n {
		out = append(out, rs[int(math.Round(float64(i)*step))])
	}
	return out
}

// trend draws readings, given newest first.
func trend(p lang.Printer, rs []reading, now time.Time) parts.TrendView {
	v := parts.TrendView{P: p, ID: "trend", Title: rs[0].name(p), Now: now, Bare: true}
	top, bottom, pressure := rs[0].pressure()
	if pressure {
		v.First, v.Second = top.name(p), bottom.name(p)
	}
	for _, r := range rs {
		m := r.main()
		if math.IsNaN(m.Number) {
			continue
		}
		q := parts.Point{At: local(r.At, now), Value: m.Number, Second: math.NaN(), Text: r.text(p), Note: r.flag().short(p)}
		if _, b, ok := r.pressure(); ok {
			q.Second = b.Number
		}
		v.Points = append(v.Points, q)
	}
	m := rs[0].main()
	if (m.hasLow || m.hasHigh) && !pressure {
		v.Band = &parts.Band{Low: m.Low, High: m.High}
		v.BandText = p.HealthShaded(ranged(p, m))
	} else if m.hasLow || m.hasHigh {
		v.Band = &parts.Band{Low: m.Low, High: m.High}
		v.BandText = p.HealthShadedTop(ranged(p, m))
	}
	return v
}

// ranged says a range: "110 to 130", "below 5", "above 94".
func ranged(p lang.Printer, v value) string {
	switch {
	case v.hasLow && v.hasHigh:
		return p.HealthRangeBetween(p.Number(v.LowText), p.Number(v.HighText))
	case v.hasHigh:
		return p.HealthRangeBelow(p.Number(v.HighText))
	case v.hasLow:
		return p.HealthRangeAbove(p.Number(v.LowText))
	}
	return v.RangeText
}

// local puts a moment into the practice's zone, unless it is a bare date, which
// has none.
func local(t fhir.Time, now time.Time) time.Time {
	if t.Prec == fhir.ToSecond {
		return t.At.In(now.Location())
	}
	return time.Date(t.At.Year(), t.At.Month(), t.At.Day(), 0, 0, 0, 0, now.Location())
}

// dated writes a date no finer than it is known: "2019", "March 2019", "12 Mar
// 2019"; the year is left out when it is this one.
func dated(p lang.Printer, t fhir.Time, now time.Time) string {
	at := local(t, now)
	switch {
	case t.IsZero():
		return ""
	case t.Prec == fhir.ToYear:
		return at.Format("2006")
	case t.Prec == fhir.ToMonth:
		return p.Month(at)
	case at.Year() == now.Year():
		return p.ShortDay(at)
	}
	return p.Short(at)
}
