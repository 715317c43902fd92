package health

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
)

// flag says where a value lies, as its sender judged it or by the range sent
// with it. The zero flag says nothing.
type flag uint8

const (
	_ flag = iota
	usual
	odd // "abnormal", without a direction
	low
	high
	farLow
	farHigh
)

// out reports that a value is not where it should be.
func (f flag) out() bool { return f > usual }

// words says it in a sentence, never by colour alone.
func (f flag) words(p lang.Printer) string {
	switch f {
	case usual:
		return p.HealthFlagUsual()
	case odd:
		return p.HealthFlagOdd()
	case low:
		return p.HealthFlagLow()
	case high:
		return p.HealthFlagHigh()
	case farLow:
		return p.HealthFlagFarlow()
	case farHigh:
		return p.HealthFlagFarhigh()
	}
	return ""
}

// short is the word for a tag.
func (f flag) short(p lang.Printer) string {
	switch f {
	case odd:
		return p.HealthTagOdd()
	case low:
		return p.HealthTagLow()
	case high:
		return p.HealthTagHigh()
	case farLow:
		return p.HealthTagFarlow()
	case farHigh:
		return p.HealthTagFarhigh()
	}
	return ""
}

// shelf is where a reading stands on the page.
type shelf uint8

const (
	_ shelf = iota
	vitals
	laboratory
	others
	answers // what was asked and answered: smoking, housing
)

// value is one value with its unit and its range. Words is what is read when it
// is no number; Digits keeps a number as it was written.
type value struct {
	Code, Name          string
	Digits, Comparator  string
	Number              float64 // NaN when there is none to draw
	Printed, Ucum       string  // the unit
	Words               string
	Low, High           float64 // infinite where open
	LowText, HighText   string
	RangeText           string
	Flag                flag
	hasLow, hasHigh     bool
	judged              bool // the sender said how it lies
	interpretationCodes []string
}

// reading is something measured, tested or asked, once.
type reading struct {
	Ref                 record.Ref
	ID, Key, Code, Name string
	At                  fhir.Time
	Shelf               shelf
	Values              []value // one, or the parts of it
	Notes               []string
	Method              string
	Void                bool // it was withdrawn
}

const systolic, diastolic = "8480-6", "8462-4"

// pressure returns the two numbers of a blood pressure, if it is one.
func (r reading) pressure() (top, bottom value, ok bool) {
	for _, v := range r.Values {
		switch v.Code {
		case systolic:
			top = v
		case diastolic:
			bottom = v
		}
	}
	return top, bottom, top.Digits != "" && bottom.Digits != ""
}

// main is the value that stands for the reading in a trend.
func (r reading) main() value {
	if top, _, ok := r.pressure(); ok {
		return top
	}
	if len(r.Values) == 1 {
		return r.Values[0]
	}
	return value{Number: math.NaN(), Low: math.NaN(), High: math.NaN()}
}

// flag is the worst of its values'.
func (r reading) flag() flag {
	var f flag
	for _, v := range r.Values {
		f = max(f, v.Flag)
	}
	return f
}

// name is what it is called, in the reader's language where we have a name.
func (r reading) name(p lang.Printer) string {
	if n, ok := p.Measure(r.Code); ok {
		return n
	}
	return plain(r.Name)
}

func (v value) name(p lang.Printer) string {
	if n, ok := p.Measure(v.Code); ok {
		return n
	}
	return plain(v.Name)
}

// number writes the digits with their comparator: "<0,5".
func (v value) number(p lang.Printer) string { return v.Comparator + p.Number(v.Digits) }

// text writes a value with its unit: "5.6 %".
func (v value) text(p lang.Printer) string {
	if v.Digits == "" {
		return v.Words
	}
	return v.Comparator + p.Amount(v.Digits, p.Unit(v.Printed, v.Ucum))
}

// big parts a reading into what stands large and the unit beside it.
func (r reading) big(p lang.Printer) (text, unit string) {
	if top, bottom, ok := r.pressure(); ok {
		return top.number(p) + "/" + bottom.number(p), p.Unit(top.Printed, top.Ucum)
	}
	if len(r.Values) != 1 {
		return "", ""
	}
	v := r.Values[0]
	if v.Digits == "" {
		return v.Words, ""
	}
	return v.number(p), p.Unit(v.Printed, v.Ucum)
}

// text is a reading on one line: "128/79 mmHg".
func (r reading) text(p lang.Printer) string {
	if len(r.Values) == 1 {
		return r.Values[0].text(p)
	}
	t, unit := r.big(p)
	if unit != "" {
		t += "\u00a0" + unit
	}
	return t
}

// judge sets the flag from the sender's codes, or else from the range.
func (v *value) judge() {
	for _, c := range v.interpretationCodes {
		switch c {
		case "H", "HU", "+":
			v.Flag = high
		case "L", "LU":
			v.Flag = low
		case "HH":
			v.Flag = farHigh
		case "LL":
			v.Flag = farLow
		case "A", "AA", "POS", "DET":
			v.Flag = odd
		case "N":
			v.Flag = usual
		}
	}
	if v.Flag != 0 || math.IsNaN(v.Number) || !v.hasLow && !v.hasHigh {
		return
	}
	// a value known only to lie beyond its number may not be judged by a range
	// on the other side of it
	up, down := strings.HasPrefix(v.Comparator, ">"), strings.HasPrefix(v.Comparator, "<")
	switch {
	case v.hasHigh && v.Number > v.High && !down:
		v.Flag = high
	case v.hasLow && v.Number < v.Low && !up:
		v.Flag = low
	case v.Comparator == "":
		v.Flag = usual
	}
}

// kind is all readings of one sort, newest first.
type kind struct{ Readings []reading }

func (k kind) last() reading { return k.Readings[0] }

// kinds groups readings, given newest first, by what was measured.
func kinds(rs []reading) []kind {
	at := map[string]int{}
	var out []kind
	for _, r := range rs {
		i, ok := at[r.Key]
		if !ok {
			i = len(out)
			at[r.Key] = i
			out = append(out, kind{})
		}
		out[i].Readings = append(out[i].Readings, r)
	}
	return out
}

// usualOrder is how the everyday measurements follow one another; what is not
// named comes after them, newest first.
var usualOrder = []string{"85354-9", "55284-4", "8867-4", "2708-6", "59408-5", "8310-5", "9279-1", "29463-7", "3141-9", "39156-5", "8302-2", "9843-4"}

// stock sorts the kinds of one shelf as they are listed.
func stock(ks []kind, on ...shelf) []kind {
	var out []kind
	for _, k := range ks {
		if slices.Contains(on, k.last().Shelf) {
			out = append(out, k)
		}
	}
	rank := func(k kind) int {
		if i := slices.Index(usualOrder, k.last().Code); i >= 0 {
			return i
		}
		return len(usualOrder)
	}
	slices.SortStableFunc(out, func(a, b kind) int {
		x, y := a.last(), b.last()
		day := func(t time.Time) int64 { return t.Unix() / 86400 }
		c := cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(day(y.At.At), day(x.At.At)))
		if c == 0 && x.flag().out() != y.flag().out() {
			return map[bool]int{true: -1, false: 1}[x.flag().out()]
		}
		return c
	})
	return out
}

// asides are the classes that SNOMED CT writes behind a name, for machines.
var asides = []string{" (disorder)", " (finding)", " (situation)", " (procedure)", " (regime/therapy)", " (person)", " (observable entity)", " (morphologic abnormality)", " (event)", " (substance)", " (product)"}

// plain takes the marks of machines out of a name.
func plain(s string) string {
	for _, a := range asides {
		s = strings.TrimSuffix(s, a)
	}
	return strings.TrimSpace(s)
}
