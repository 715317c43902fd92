package parts

import (
	"math"
	"strings"

	"rapport/lang"
)

// RangeView is one value and its usual range. An end that is infinite is none.
// The texts are the numbers as they are read.
type RangeView struct {
	P                            lang.Printer
	Low, High, Value             float64
	LowText, HighText, ValueText string
}

// The range takes the middle of the bar; values outside go into its ends,
// however far off they are.
const rangeLow, rangeHigh = 90.0, 210.0

// place returns where a number lies on the bar.
func (v RangeView) place(x float64) float64 {
	low, high := !math.IsInf(v.Low, 0), !math.IsInf(v.High, 0)
	at := (rangeLow + rangeHigh) / 2
	switch {
	case math.IsNaN(x) || math.IsNaN(v.Low) || math.IsNaN(v.High):
	case low && high:
		if v.High <= v.Low {
			break
		}
		at = rangeLow + (x-v.Low)/(v.High-v.Low)*(rangeHigh-rangeLow)
	case high && v.High > 0:
		at = x / v.High * rangeHigh
	case low && v.Low > 0:
		at = x / v.Low * rangeLow
	}
	return math.Max(12, math.Min(288, at))
}

func (v RangeView) zone() string {
	from, to := rangeLow, rangeHigh
	if math.IsInf(v.Low, 0) {
		from = 4
	}
	if math.IsInf(v.High, 0) {
		to = 296
	}
	return "M" + coordinate(from) + " 10H" + coordinate(to)
}

// cap is the class of the bar's end: usual if the range is open there.
func (v RangeView) cap(end float64) string {
	if math.IsInf(end, 0) {
		return "r-ok"
	}
	return "r-base"
}

func (v RangeView) at() string { return "M" + coordinate(v.place(v.Value)) + " 10h.01" }

func (v RangeView) say() string {
	switch {
	case math.IsInf(v.Low, 0):
		return v.P.PartRangeBelow(v.ValueText, v.HighText)
	case math.IsInf(v.High, 0):
		return v.P.PartRangeAbove(v.ValueText, v.LowText)
	}
	return v.P.PartRangeBetween(v.ValueText, v.LowText, v.HighText)
}

// sparkPath draws values, oldest first, in a box of 100 by 28.
func sparkPath(values []float64) string {
	lo, hi := math.Inf(1), math.Inf(-1)
	n := 0
	for _, v := range values {
		if finite(v) {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
			n++
		}
	}
	if n == 0 {
		return "M2 14h.01"
	}
	var b strings.Builder
	pen := "M"
	for i, v := range values {
		if !finite(v) {
			continue
		}
		x, y := 98.0, 14.0
		if len(values) > 1 {
			x = 2 + 96*float64(i)/float64(len(values)-1)
		}
		if hi > lo {
			y = 25 - (v-lo)/(hi-lo)*22
		}
		b.WriteString(pen + coordinate(x) + " " + coordinate(y))
		pen = "L"
	}
	if n == 1 {
		b.WriteString("h.01")
	}
	return b.String()
}
