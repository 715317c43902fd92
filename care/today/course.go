package today

import (
	"math"
	"strconv"
	"strings"
	"time"

	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
)

// flag says where a value lies; the zero flag says nothing.
type flag uint8

const (
	_ flag = iota
	usual
	odd
	low
	high
)

func (f flag) out() bool { return f > usual }

func (f flag) words(p lang.Printer) string {
	switch f {
	case usual:
		return p.TodayUsual()
	case odd:
		return p.TodayOdd()
	case low:
		return p.TodayLow()
	case high:
		return p.TodayHigh()
	}
	return ""
}

// reading is something measured once. Number and second are NaN where there is
// nothing to draw; text is nil where there is nothing to read.
type reading struct {
	ref               record.Ref
	key, code, name   string
	at                time.Time
	number, second    float64
	digits            string
	printed, ucum     string
	low, high         float64 // the range, infinite where there is none
	lowText, highText string
	flag              flag
	text, big         func(lang.Printer) string
}

func (r reading) title(p lang.Printer) string {
	if n, ok := p.Measure(r.code); ok {
		return n
	}
	return r.name
}

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
func choose(rs []reading, now time.Time) []reading {
	for _, code := range worth {
		var of []reading
		for _, r := range rs {
			if r.code == code && !math.IsNaN(r.number) && !r.at.After(now) {
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
func trend(p lang.Printer, rs []reading, health string, now time.Time) *parts.TrendView {
	last, first := rs[0], rs[len(rs)-1]
	v := &parts.TrendView{P: p, ID: "trend", Title: last.title(p), Now: now, Big: last.big(p), Unit: p.Unit(last.printed, last.ucum),
		More: parts.Link{Text: p.TodayAll(), Href: health + "/results/" + string(last.ref)}, Delta: delta(p, last, first, now)}
	pressure := !math.IsNaN(last.second)
	if pressure {
		v.First, _ = p.Measure(systolic)
		v.Second, _ = p.Measure(diastolic)
	}
	for _, r := range thin(rs, points) {
		q := parts.Point{At: r.at.In(now.Location()), Value: r.number, Second: r.second, Text: r.text(p)}
		if r.flag.out() {
			q.Note = lang.Upper(r.flag.words(p))
		}
		v.Points = append(v.Points, q)
	}
	if !math.IsInf(last.low, 0) && !math.IsInf(last.high, 0) {
		v.Band = &parts.Band{Low: last.low, High: last.high}
		v.BandText = p.TodayShaded(p.Number(last.lowText), p.Number(last.highText))
		if pressure {
			v.BandText = p.TodayShadedTop(p.Number(last.lowText), p.Number(last.highText))
		}
	}
	return v
}

// delta says how far the newest value is from the first one drawn. It is good
// news only when that one was out and the newest is not.
func delta(p lang.Printer, last, first reading, now time.Time) parts.TagView {
	_, frac, _ := strings.Cut(last.digits, ".")
	diff := strconv.FormatFloat(math.Abs(last.number-first.number), 'f', len(frac), 64)
	ago := now.Sub(first.at)
	month := ago > 24*24*time.Hour && ago < 38*24*time.Hour
	when := p.DayMonth(first.at.In(now.Location()))
	if first.at.Year() != now.Year() {
		when = p.Full(first.at.In(now.Location()))
	}
	t := parts.TagView{}
	switch {
	case strings.Trim(diff, "0.") == "" && month:
		t.Icon, t.Text = "minus", p.TodaySameMonth()
	case strings.Trim(diff, "0.") == "":
		t.Icon, t.Text = "minus", p.TodaySameDay(when)
	case last.number < first.number && month:
		t.Icon, t.Text = "trending-down", p.TodayLowerMonth(p.Number(diff))
	case last.number < first.number:
		t.Icon, t.Text = "trending-down", p.TodayLowerDay(p.Number(diff), when)
	case month:
		t.Icon, t.Text = "trending-up", p.TodayHigherMonth(p.Number(diff))
	default:
		t.Icon, t.Text = "trending-up", p.TodayHigherDay(p.Number(diff), when)
	}
	if first.flag.out() && last.flag == usual {
		t.Tone = parts.ToneOK
	}
	return t
}

// thin leaves at most n readings, evenly spread, the newest always among them.
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
