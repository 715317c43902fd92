package health

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web/reading"
)

// words says a state in a sentence, never by colour alone.
func words(p lang.Printer, s reading.State) string {
	switch s {
	case reading.InRange:
		return p.HealthFlagUsual()
	case reading.Unusual:
		return p.HealthFlagOdd()
	case reading.Low:
		return p.HealthFlagLow()
	case reading.High:
		return p.HealthFlagHigh()
	case reading.VeryLow:
		return p.HealthFlagFarlow()
	case reading.VeryHigh:
		return p.HealthFlagFarhigh()
	case reading.Unsaid:
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

// value is one value and what it is the value of.
type value struct {
	Code, Name string // LOINC, and the sender's words
	reading.Value
}

// name is what it is called, in the reader's language where we have a name.
func (v value) name(p lang.Printer) string { return reading.Name(p, v.Code, plain(v.Name)) }

// finding is something measured, tested or asked, once.
type finding struct {
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

// pressure returns the two numbers of a blood pressure as one value, if it is
// one.
func (f finding) pressure() (v reading.Value, ok bool) {
	var bottom *reading.Value
	for i, x := range f.Values {
		switch {
		case x.Code == systolic && x.Number != "":
			v, ok = x.Value, true
		case x.Code == diastolic && x.Number != "":
			bottom = &f.Values[i].Value
		}
	}
	v.Second = bottom
	return v, ok && bottom != nil
}

// main is the value that stands for a finding in a trend, and on its line.
func (f finding) main() reading.Value {
	if v, ok := f.pressure(); ok {
		return v
	}
	if len(f.Values) == 1 {
		return f.Values[0].Value
	}
	return reading.Value{}
}

// state is how the finding lies; of many parts, as the most telling one.
func (f finding) state() reading.State {
	if v := f.main(); v != (reading.Value{}) {
		return v.State()
	}
	var s reading.State
	for _, v := range f.Values {
		if t := v.State(); t.Grave() || t.Out() && !s.Grave() || s == reading.Unsaid {
			s = t
		}
	}
	return s
}

// name is what it is called, in the reader's language where we have a name.
func (f finding) name(p lang.Printer) string { return reading.Name(p, f.Code, plain(f.Name)) }

// kind is all findings of one sort, newest first.
type kind struct{ Found []finding }

func (k kind) last() finding { return k.Found[0] }

// kinds groups findings, given newest first, by what was measured.
func kinds(rs []finding) []kind {
	at := map[string]int{}
	var out []kind
	for _, r := range rs {
		i, ok := at[r.Key]
		if !ok {
			i = len(out)
			at[r.Key] = i
			out = append(out, kind{})
		}
		out[i].Found = append(out[i].Found, r)
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
		if c == 0 && x.state().Out() != y.state().Out() {
			return map[bool]int{true: -1, false: 1}[x.state().Out()]
		}
		return c
	})
	return out
}

// asides are the classes that SNOMED CT writes behind a name, for machines.
var asides = []string{" (disorder)", " (finding)", " (situation)", " (procedure)", " (regime/therapy)", " (person)", " (observable entity)", " (morphologic abnormality)", " (event)", " (substance)", " (product)"}

// plain takes the marks of machines out of a name, and begins it as names begin.
func plain(s string) string {
	for _, a := range asides {
		s = strings.TrimSuffix(s, a)
	}
	return lang.Upper(strings.TrimSpace(s))
}
