package health

import (
	"math"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/web/parts"
	"rapport/web/reading"
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
func course(rs []finding) (direction, finding) {
	if len(rs) < 2 {
		return 0, finding{}
	}
	now := rs[0].main()
	if math.IsNaN(now.Float()) || now.Than != "" {
		return 0, finding{}
	}
	var then finding
	found := false
	for _, r := range rs[1:] {
		v := r.main()
		if math.IsNaN(v.Float()) || v.Than != "" || v.Code != now.Code || v.Unit != now.Unit {
			continue
		}
		then, found = r, true
		if rs[0].At.At.Sub(r.At.At) >= 21*24*time.Hour {
			break
		}
	}
	if !found || !rs[0].At.At.After(then.At.At) {
		return 0, finding{}
	}
	was := then.main().Float()
	change := now.Float() - was
	switch {
	case math.Abs(change) <= 0.03*math.Max(math.Abs(was), math.Abs(now.Float())):
		return steady, then
	case change < 0:
		return lower, then
	}
	return higher, then
}

// compared says in words how a newest reading stands to an earlier one: "Lower
// than in March". A month is named only where it says enough: not lately, and not
// within the month of the newest.
func compared(p lang.Printer, d direction, newest, then finding, now time.Time) string {
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
func delta(p lang.Printer, rs []finding, now time.Time) parts.TagView {
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
	if then.state().Out() && rs[0].state() == reading.InRange {
		t.Tone = parts.ToneOK
	}
	return t
}

// trend draws findings, given newest first.
func trend(p lang.Printer, rs []finding, now time.Time) parts.TrendView {
	v := parts.TrendView{P: p, ID: "trend", Title: rs[0].name(p), Now: now, Bare: true}
	_, pressure := rs[0].pressure()
	if pressure {
		v.First, v.Second = reading.Name(p, systolic, ""), reading.Name(p, diastolic, "")
	}
	for _, r := range rs {
		m := r.main()
		if math.IsNaN(m.Float()) {
			continue
		}
		q := parts.Point{At: local(r.At, now), Value: m.Float(), Second: math.NaN(), Text: reading.Say(p, m)}
		if s := r.state(); s.Out() {
			q.Note = reading.Word(p, s)
		}
		if m.Second != nil {
			q.Second = m.Second.Float()
		}
		v.Points = append(v.Points, q)
	}
	if m := rs[0].main(); m.HasRange() {
		low, high := m.Ends()
		v.Band = &parts.Band{Low: low, High: high}
		v.BandText = p.HealthShaded(reading.RangeText(p, m))
		if pressure {
			v.BandText = p.HealthShadedTop(reading.RangeText(p, m))
		}
	}
	return v
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
