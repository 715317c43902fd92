package parts

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/lang"
)

// Point is one measurement. At is shown in its own location. Second is the
// other series at the same time, used when the view names one. Text is the
// value as it is to be read, with what belongs to it ("128/79"); when empty,
// Value is written.
type Point struct {
	At            time.Time
	Value, Second float64
	Text          string
	Note          string // "High": beside it in the table
}

// Band is the range a value should lie in. An end may be infinite.
type Band struct{ Low, High float64 }

// TrendView is a course of values over time, with a table of the same under
// it. Points may come in any order; a value that is no number is left out of
// the drawing and kept in the table.
type TrendView struct {
	P             lang.Printer
	ID            string // unique on the page
	Title         string
	More          Link
	Big, Unit     string  // the last value, large
	Delta         TagView // "18 lower than a month ago", with an icon
	Points        []Point
	First, Second string // names of the series; Second draws it
	Band          *Band
	BandText      string // "Shaded: the range you and Dr Ortiz agreed."
	Now           time.Time
	Bare          bool // only the drawing and the table: the page has said the rest
}

// limit bounds what is drawn, so that no arithmetic overflows.
const limit = 1e15

// plot is the drawing, in a box of 300 by 100.
type plot struct {
	ticks           []string // labels, from the top
	lines           []string // grid lines
	band            *rect
	path, path2     string
	dots, dots2     []string
	last            string
	days            []string // labels from left to right
	first, newest   Point
	lowest, highest float64
	drawn           int
}

type rect struct{ y, h string }

const plotW, plotH = 300.0, 100.0

// manyPoints is the number from which a line needs no dots.
const manyPoints = 15

func finite(v float64) bool { return !math.IsNaN(v) && math.Abs(v) <= limit }

// newPlot measures and draws.
func newPlot(v TrendView) plot {
	pts := slices.Clone(v.Points)
	slices.SortStableFunc(pts, func(a, b Point) int { return a.At.Compare(b.At) })
	pts = slices.DeleteFunc(pts, func(p Point) bool { return !finite(p.Value) })
	if len(pts) == 0 {
		return plot{}
	}
	lo, hi := bounds(pts, v)
	ticks, step := scale(lo, hi)
	lo, hi = ticks[0], ticks[len(ticks)-1]
	y := func(val float64) float64 { return plotH - (val-lo)/(hi-lo)*plotH }
	p := plot{drawn: len(pts), first: pts[0], newest: pts[len(pts)-1]}
	for _, t := range slices.Backward(ticks) {
		p.ticks = append(p.ticks, v.tick(t, step))
		p.lines = append(p.lines, "M0 "+coordinate(y(t))+"H300")
	}
	p.band = bandRect(v.Band, lo, hi, y)
	x := across(pts)
	p.path, p.dots = trace(pts, x, func(q Point) float64 { return y(q.Value) })
	if v.Second != "" {
		both := slices.DeleteFunc(slices.Clone(pts), func(q Point) bool { return !finite(q.Second) })
		p.path2, p.dots2 = trace(both, x, func(q Point) float64 { return y(q.Second) })
	}
	p.last = "M" + coordinate(x(p.newest)) + " " + coordinate(y(p.newest.Value)) + "h.01"
	p.lowest, p.highest = pts[0].Value, pts[0].Value
	for _, q := range pts {
		p.lowest, p.highest = min(p.lowest, q.Value), max(p.highest, q.Value)
	}
	p.days = days(v, pts)
	return p
}

// bounds returns the least and greatest value to be shown.
func bounds(pts []Point, v TrendView) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	see := func(x float64) {
		if finite(x) {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	for _, p := range pts {
		see(p.Value)
		if v.Second != "" {
			see(p.Second)
		}
	}
	if b := v.Band; b != nil {
		see(b.Low)
		see(b.High)
		room := (hi - lo) / 4 // a range open to one side still shows some of itself
		if math.IsInf(b.Low, 0) && finite(b.High) {
			see(b.High - room)
		}
		if math.IsInf(b.High, 0) && finite(b.Low) {
			see(b.Low + room)
		}
	}
	return lo, hi
}

// scale returns three to six evenly spaced round numbers around lo and hi, and
// the step between them.
func scale(lo, hi float64) ([]float64, float64) {
	if hi-lo < math.Max(math.Abs(hi), math.Abs(lo))*1e-9 || hi == lo {
		pad := math.Max(math.Abs(hi)*0.1, 1)
		lo, hi = lo-pad, hi+pad
	}
	raw := (hi - lo) / 3
	mag := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * mag
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m == 2.5 && mag <= 1 {
			continue // it would add a decimal to the axis
		}
		if m*mag >= raw {
			step = m * mag
			break
		}
	}
	from, to := math.Floor(lo/step+1e-9), math.Ceil(hi/step-1e-9)
	if to <= from {
		to = from + 1
	}
	var out []float64
	for i := from; i <= to && len(out) < 8; i++ {
		out = append(out, i*step)
	}
	return out, step
}

// decimal writes a tick with as many decimals as the step needs.
func decimal(v, step float64) string {
	places := 0
	for s := step; places < 6 && math.Abs(s-math.Round(s)) > 1e-6*math.Max(1, math.Abs(s)); places++ {
		s *= 10
	}
	s := strconv.FormatFloat(v, 'f', places, 64)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

func bandRect(b *Band, lo, hi float64, y func(float64) float64) *rect {
	if b == nil || math.IsNaN(b.Low) || math.IsNaN(b.High) {
		return nil
	}
	top, bottom := y(math.Min(b.High, hi)), y(math.Max(b.Low, lo))
	if bottom <= top {
		return nil
	}
	return &rect{coordinate(top), coordinate(bottom - top)}
}

// across returns the place of a point along time. A single moment lies at the
// end, where now is.
func across(pts []Point) func(Point) float64 {
	from := pts[0].At
	span := pts[len(pts)-1].At.Sub(from).Seconds()
	return func(p Point) float64 {
		if span <= 0 {
			return plotW
		}
		return p.At.Sub(from).Seconds() / span * plotW
	}
}

func trace(pts []Point, x, y func(Point) float64) (string, []string) {
	var b strings.Builder
	var dots []string
	for i, p := range pts {
		at := coordinate(x(p)) + " " + coordinate(y(p))
		if i == 0 {
			b.WriteString("M" + at)
		} else {
			b.WriteString("L" + at)
		}
		if len(pts) < manyPoints {
			dots = append(dots, "M"+at+"h.01")
		}
	}
	if len(pts) < 2 {
		return "", dots
	}
	return b.String(), dots
}

// days labels both ends of the time and, if there is room for a third, its
// middle.
func days(v TrendView, pts []Point) []string {
	from, to := pts[0].At, pts[len(pts)-1].At
	span := to.Sub(from)
	say := func(t time.Time) string {
		switch {
		case sameDay(t, v.Now):
			return v.P.PartToday()
		case span > 300*24*time.Hour:
			return v.P.MonthShort(t) + " " + strconv.Itoa(t.Year())
		default:
			return v.P.ShortDay(t)
		}
	}
	if sameDay(from, to) {
		return []string{"", say(to)}
	}
	if span < 4*24*time.Hour {
		return []string{say(from), say(to)}
	}
	return []string{say(from), say(from.Add(span / 2)), say(to)}
}

func sameDay(a, b time.Time) bool {
	b = b.In(a.Location())
	return !b.IsZero() && a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// tick writes a number beside the grid; large ones in groups of three.
func (v TrendView) tick(t, step float64) string {
	if t == math.Trunc(t) && math.Abs(t) >= 1e4 {
		return v.P.Count(int(t))
	}
	return v.P.Number(decimal(t, step))
}

// text is the value as it is read.
func (v TrendView) text(p Point) string {
	if p.Text != "" {
		return p.Text
	}
	return v.number(p.Value)
}

func (v TrendView) number(f float64) string {
	if !finite(f) {
		return "–"
	}
	return v.P.Number(strconv.FormatFloat(f, 'f', -1, 64))
}

// day is when, with its year unless that is this one.
func (v TrendView) day(t time.Time) string {
	switch {
	case sameDay(t, v.Now):
		return v.P.PartToday()
	case !v.Now.IsZero() && t.Year() == v.Now.Year():
		return v.P.ShortDay(t)
	}
	return v.P.Short(t)
}

// say puts the drawing into a sentence.
func (v TrendView) say(p plot) string {
	switch p.drawn {
	case 0:
		return v.P.PartChartNone()
	case 1:
		return v.P.PartChartOne(v.text(p.newest), v.P.Short(p.newest.At))
	}
	return v.P.PartChartSpan(v.text(p.first), v.P.Short(p.first.At), v.text(p.newest), v.P.Short(p.newest.At), v.number(p.lowest), v.number(p.highest))
}

// newestFirst is the order of the table.
func (v TrendView) newestFirst() []Point {
	pts := slices.Clone(v.Points)
	slices.SortStableFunc(pts, func(a, b Point) int { return b.At.Compare(a.At) })
	return pts
}

func (v TrendView) hasNotes() bool {
	return slices.ContainsFunc(v.Points, func(p Point) bool { return p.Note != "" })
}
