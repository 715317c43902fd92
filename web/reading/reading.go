// Package reading says a measured value in words: its number, its unit, the
// range it usually lies in, and where it is going, in the three languages. A
// client's page and the care team's say the same thing the same way because
// both say it with this package. It is pure, it knows nothing of charts, and it
// refuses to judge: a value is high or low because its laboratory said so or
// because it lies outside the range that came with it, never by a rule of ours.
package reading

import (
	"math"
	"strconv"
	"strings"

	"rapport/lang"
)

// Value is one measured value as it was written down. Numbers are decimal texts
// so that the digits stay as they were sent; "" is none.
type Value struct {
	Number    string // "5.60"
	Than      string // "<", "<=", ">=" or ">" where the number is a bound
	Unit      string // the unit as it was written, for people
	Code      string // the unit's UCUM code
	Low, High string // the usual range; an end that is "" is open
	Range     string // the usual range in words, where it has no ends
	Meaning   string // HL7 v3 ObservationInterpretation code: "H", "N" …
	Words     string // the value in words, where it is no number
	Second    *Value // the other half of a pair: the lower pressure
}

// State is how a value stands to its usual range. The zero State says nothing.
type State uint8

// The states.
const (
	Unsaid State = iota
	InRange
	Low
	High
	VeryLow
	VeryHigh
	Unusual // out of the ordinary, and neither high nor low
)

// Out reports whether the value stands out.
func (s State) Out() bool { return s > InRange }

// Grave reports whether whoever measured it called it critical.
func (s State) Grave() bool { return s == VeryLow || s == VeryHigh }

var meanings = map[string]State{
	"N": InRange, "L": Low, "LU": Low, "H": High, "HU": High, "LL": VeryLow, "HH": VeryHigh,
	"L<": VeryLow, "<": VeryLow, "H>": VeryHigh, ">": VeryHigh, "A": Unusual, "AA": Unusual,
}

// State returns what the sender said of the value, and otherwise whether it lies
// in the range that came with it. A pair is as its more telling half.
func (v Value) State() State {
	s := v.own()
	if v.Second == nil {
		return s
	}
	if t := v.Second.own(); rank(t) > rank(s) {
		return t
	}
	return s
}

func (v Value) own() State {
	if s, ok := meanings[v.Meaning]; ok {
		return s
	}
	x, low, high := v.Float(), bound(v.Low, -1), bound(v.High, 1)
	switch {
	case math.IsNaN(x) || v.Low == "" && v.High == "":
		return Unsaid
	case x < low && v.Than != ">" && v.Than != ">=":
		return Low
	case x > high && v.Than != "<" && v.Than != "<=":
		return High
	case v.Than != "":
		return Unsaid // a bound says nothing about the other side
	}
	return InRange
}

func rank(s State) int {
	return map[State]int{InRange: 1, Unusual: 2, Low: 3, High: 3, VeryLow: 4, VeryHigh: 4}[s]
}

// Float returns the number, or NaN if there is none.
func (v Value) Float() float64 { return float(v.Number) }

func float(s string) float64 {
	if f, err := strconv.ParseFloat(s, 64); err == nil && s != "" && !math.IsInf(f, 0) {
		return f
	}
	return math.NaN()
}

// Ends returns the usual range for drawing; an open end is infinite, and both
// are where no range came with the value.
func (v Value) Ends() (low, high float64) { return bound(v.Low, -1), bound(v.High, 1) }

func bound(s string, sign int) float64 {
	if f := float(s); !math.IsNaN(f) {
		return f
	}
	return math.Inf(sign)
}

// HasRange reports whether at least one end of the usual range is known.
func (v Value) HasRange() bool { return !math.IsNaN(float(v.Low)) || !math.IsNaN(float(v.High)) }

// Digits writes the number alone: "5.6", "5,6", "< 3", "128/79", or the words of
// a value that is no number.
func Digits(p lang.Printer, v Value) string {
	if v.Number == "" {
		return v.Words
	}
	s := number(p, v.Number)
	switch v.Than {
	case "<", ">":
		s = v.Than + hard + s
	case "<=":
		s = "≤" + hard + s
	case ">=":
		s = "≥" + hard + s
	}
	if v.Second != nil && v.Second.Number != "" {
		s += "/" + number(p, v.Second.Number)
	}
	return s
}

// Say writes the value with its unit: "5.6 mmol/L".
func Say(p lang.Printer, v Value) string {
	d := Digits(p, v)
	if d == "" || v.Number == "" {
		return d
	}
	return join(p, d, Unit(p, v))
}

// hard is the space that does not break: a unit stays with its number.
const hard = "\u00a0"

func join(p lang.Printer, digits, unit string) string {
	switch {
	case unit == "":
		return digits
	case unit == "%" && p.Tag() == lang.English:
		return digits + unit
	}
	return digits + hard + unit
}

// figures is how many significant digits a page shows at most. Software writes
// more than anybody measured; the record keeps them all.
const figures = 4

// number writes a decimal text for reading. Up to four significant digits stay
// as they were sent, zeros included; more are rounded away after the point.
func number(p lang.Printer, s string) string {
	f := float(s)
	if math.IsNaN(f) {
		return s
	}
	if strings.ContainsAny(s, "eE+") {
		s = strconv.FormatFloat(f, 'f', -1, 64)
	}
	whole, part, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	whole = strings.TrimLeft(whole, "0")
	keep := figures - len(whole)
	if whole == "" { // zeros after the point are no figures
		keep += len(part) - len(strings.TrimLeft(part, "0"))
	}
	if keep = max(keep, 0); len(part) > keep {
		s = strconv.FormatFloat(f, 'f', keep, 64)
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
	}
	if n, err := strconv.Atoi(s); err == nil {
		return minus(p.Count(n))
	}
	return minus(p.Number(s))
}

// minus writes the sign as a minus, which screen readers say.
func minus(s string) string {
	if strings.HasPrefix(s, "-") {
		return "−" + s[1:]
	}
	return s
}

// RangeText says the usual range without its unit: "3.5 to 5.3", "up to 5.0",
// "60 or more"; "" if none is known.
func RangeText(p lang.Printer, v Value) string {
	low, high := math.IsNaN(float(v.Low)), math.IsNaN(float(v.High))
	switch {
	case low && high:
		return v.Range
	case low:
		return p.ReadingUpto(number(p, v.High))
	case high:
		return p.ReadingFrom(number(p, v.Low))
	}
	return p.ReadingBetween(number(p, v.Low), number(p, v.High))
}

// End writes one end of a range as it is read.
func End(p lang.Printer, s string) string {
	if s == "" {
		return ""
	}
	return number(p, s)
}

// Word says a state: "High", "In range"; "" if there is nothing to say.
func Word(p lang.Printer, s State) string {
	switch s {
	case InRange:
		return p.ReadingInrange()
	case Low:
		return p.ReadingLow()
	case High:
		return p.ReadingHigh()
	case VeryLow:
		return p.ReadingVerylow()
	case VeryHigh:
		return p.ReadingVeryhigh()
	case Unusual:
		return p.ReadingUnusual()
	case Unsaid:
	}
	return ""
}
