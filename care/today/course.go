package today

import (
	"math"
	"strconv"
	"strings"
	"time"

	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/reading"
)

// words says a state as a clause.
func words(p lang.Printer, s reading.State) string {
	switch s {
	case reading.InRange:
		return p.TodayUsual()
	case reading.Unusual:
		return p.TodayOdd()
	case reading.Low, reading.VeryLow:
		return p.TodayLow()
	case reading.High, reading.VeryHigh:
		return p.TodayHigh()
	case reading.Unsaid:
	}
	return ""
}

// finding is something measured once, as far as this page shows it.
type finding struct {
	ref        record.Ref
	code, name string // LOINC, and the sender's words
	at         time.Time
	value      reading.Value
	state      reading.State // also of many parts, which have no one value
}

func (f finding) title(p lang.Printer) string { return reading.Name(p, f.code, f.name) }

// worth are the kinds of reading worth drawing on this page, the one that
// matters most first.
var worth = []string{"85354-9", "55284-4", "4548-4", "19935-6", "2708-6", "59408-5", "29463-7", "72514-3", "2339-0"}

// A course is drawn when it has a few values and goes on: what was last measured
// long ago is history, not today.
const (
	fewest = 3
	stale  = 100 * 24 * time.Hour
	dense  = 8 // values in a month from which the month alone is drawn
	points = 60
)

// choose returns the readings, newest first, of the course that matters most; nil
// if there is none.
func choose(rs []finding, now time.Time) []finding {
	for _, code := range worth {
		var of []finding
		for _, r := range rs {
			if r.code == code && !math.IsNaN(r.value.Float()) && !r.at.After(now) {
				of = append(of, r)
			}
		}
		if len(of) < fewest || now.Sub(of[0].at) > stale {
			continue
		}
		month := 0
		for month < len(of) && now.Sub(of[month].at) <= 31*24*time.Hour {
			month++
		}
		if month >= dense {
			return of[:month]
		}
		return of
	}
	return nil
}

// trend draws a course, given newest first.
func trend(p lang.Printer, rs []finding, health string, now time.Time) *parts.TrendView {
	last, first := rs[0], rs[len(rs)-1]
	v := &parts.TrendView{P: p, ID: "trend", Title: last.title(p), Now: now, Big: reading.Digits(p, last.value), Unit: reading.Unit(p, last.value),
		More: parts.Link{Text: p.TodayAll(), Href: health + "/results/" + string(last.ref)}, Delta: delta(p, last, first, now)}
	pressure := last.value.Second != nil
	if pressure {
		v.First, v.Second = reading.Name(p, systolic, ""), reading.Name(p, diastolic, "")
	}
	for _, r := range reading.Thin(rs, points) {
		q := parts.Point{At: r.at.In(now.Location()), Value: r.value.Float(), Second: math.NaN(), Text: reading.Say(p, r.value)}
		if r.value.Second != nil {
			q.Second = r.value.Second.Float()
		}
		if r.state.Out() {
			q.Note = reading.Word(p, r.state)
		}
		v.Points = append(v.Points, q)
	}
	if last.value.HasRange() {
		low, high := last.value.Ends()
		v.Band = &parts.Band{Low: low, High: high}
		v.BandText = p.TodayShaded(reading.RangeText(p, last.value))
		if pressure {
			v.BandText = p.TodayShadedTop(reading.RangeText(p, last.value))
		}
		if w := words(p, last.state); w != "" { // first whether it is good, then what the picture shows
			v.BandText = lang.Upper(w) + ". " + v.BandText
		}
	}
	return v
}

// delta says how far the newest value is from the first one drawn. It is good
// news only when that one was out and the newest is not.
func delta(p lang.Printer, last, first finding, now time.Time) parts.TagView {
	_, frac, _ := strings.Cut(last.value.Number, ".")
	newest, then := last.value.Float(), first.value.Float()
	by := reading.Value{Number: strconv.FormatFloat(math.Abs(newest-then), 'f', min(len(frac), 2), 64)}
	diff, none := reading.Digits(p, by), by.Float() == 0
	ago := now.Sub(first.at)
	month := ago > 24*24*time.Hour && ago < 38*24*time.Hour
	when := p.DayMonth(first.at.In(now.Location()))
	if first.at.Year() != now.Year() {
		when = p.Full(first.at.In(now.Location()))
	}
	t := parts.TagView{}
	switch {
	case none && month:
		t.Icon, t.Text = "minus", p.TodaySameMonth()
	case none:
		t.Icon, t.Text = "minus", p.TodaySameDay(when)
	case newest < then && month:
		t.Icon, t.Text = "trending-down", p.TodayLowerMonth(diff)
	case newest < then:
		t.Icon, t.Text = "trending-down", p.TodayLowerDay(diff, when)
	case month:
		t.Icon, t.Text = "trending-up", p.TodayHigherMonth(diff)
	default:
		t.Icon, t.Text = "trending-up", p.TodayHigherDay(diff, when)
	}
	if first.state.Out() && last.state == reading.InRange {
		t.Tone = parts.ToneOK
	}
	return t
}
