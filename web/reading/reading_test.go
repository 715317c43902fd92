package reading_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"rapport/lang"
	"rapport/web/reading"
)

var (
	en = lang.New(lang.English, lang.WordClient)
	es = lang.New(lang.Spanish, lang.WordClient)
	fr = lang.New(lang.French, lang.WordClient)
)

func TestAValueIsSaidWithItsUnit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    lang.Printer
		v    reading.Value
		want string
	}{
		{en, reading.Value{Number: "5.60", Unit: "mmol/L", Code: "mmol/L"}, "5.60 mmol/L"},
		{es, reading.Value{Number: "5.60", Code: "mmol/L"}, "5,60 mmol/L"},
		{en, reading.Value{Number: "98", Code: "%"}, "98%"},
		{fr, reading.Value{Number: "98", Code: "%"}, "98 %"},
		{en, reading.Value{Number: "128", Code: "mm[Hg]", Second: &reading.Value{Number: "79"}}, "128/79 mmHg"},
		{en, reading.Value{Number: "71.234567891", Code: "kg"}, "71.23 kg"},
		{en, reading.Value{Number: "0.003456789"}, "0.003457"},
		{en, reading.Value{Number: "1234.5678", Code: "{count}"}, "1235"},
		{en, reading.Value{Number: "12500", Unit: "steps", Code: "{steps}/d"}, "12\u202f500 steps"},
		{fr, reading.Value{Number: "72", Unit: "beats/min", Code: "/min"}, "72 par minute"},
		{en, reading.Value{Number: "3", Than: "<", Unit: "furlongs"}, "< 3 furlongs"},
		{en, reading.Value{Number: "3", Than: ">=", Code: "{odd}/wk"}, "≥ 3 odd/wk"},
		{en, reading.Value{Number: "20", Unit: "{copies}/mL", Code: "{copies}/mL"}, "20 copies/mL"},
		{en, reading.Value{Number: "4", Code: "mg{creat}"}, "4 mg"},
		{en, reading.Value{Number: "-1.5", Code: "Cel"}, "−1.5 °C"},
		{en, reading.Value{Number: "1e3"}, "1000"},
		{en, reading.Value{Words: "Never smoked"}, "Never smoked"},
		{en, reading.Value{Number: "ten"}, "ten"},
		{en, reading.Value{}, ""},
	} {
		if got := strings.ReplaceAll(reading.Say(c.p, c.v), "\u00a0", " "); got != c.want {
			t.Errorf("Say(%v, %+v) = %q, want %q", c.p.Tag(), c.v, got, c.want)
		}
	}
}

func TestAStateIsWhatTheSenderSaidOrWhatTheRangeSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		v    reading.Value
		want reading.State
	}{
		{"the sender's word comes first", reading.Value{Number: "5", Low: "1", High: "9", Meaning: "H"}, reading.High},
		{"inside", reading.Value{Number: "5", Low: "1", High: "9"}, reading.InRange},
		{"on the end", reading.Value{Number: "9", Low: "1", High: "9"}, reading.InRange},
		{"below an open range", reading.Value{Number: "39", Low: "40"}, reading.Low},
		{"no range", reading.Value{Number: "39"}, reading.Unsaid},
		{"no number", reading.Value{Words: "x", Low: "1"}, reading.Unsaid},
		{"less than a bound inside", reading.Value{Number: "5", Than: "<", Low: "1", High: "9"}, reading.Unsaid},
		{"more than a bound above", reading.Value{Number: "10", Than: ">", High: "9"}, reading.High},
		{"a pair is as its worse half", reading.Value{Number: "120", Meaning: "N", Second: &reading.Value{Number: "99", Meaning: "HH"}}, reading.VeryHigh},
		{"an unknown code is no word", reading.Value{Number: "5", Meaning: "POS"}, reading.Unsaid},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.v.State(); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestARangeIsSaid(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]reading.Value{
		"3.5 to 5.3": {Low: "3.5", High: "5.3"}, "up to 5.0": {High: "5.0"}, "60 or more": {Low: "60"}, "negative": {Range: "negative"}, "": {},
	} {
		if got := reading.RangeText(en, v); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if low, high := (reading.Value{High: "5"}).Ends(); !math.IsInf(low, -1) || high != 5 {
		t.Errorf("ends are %v and %v", low, high)
	}
}

func TestACourse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		vs   []float64
		want reading.Course
	}{
		{nil, reading.Unknown}, {[]float64{1, 9}, reading.Unknown}, {[]float64{1, 2, 9}, reading.Rising},
		{[]float64{146, 143, 130, 128}, reading.Falling}, {[]float64{100, 101, 99, 100}, reading.Steady}, {[]float64{math.NaN(), 1, 2}, reading.Unknown}, {[]float64{0, 0, 0}, reading.Steady},
	} {
		if got := reading.CourseOf(c.vs); got != c.want {
			t.Errorf("CourseOf(%v) = %v, want %v", c.vs, got, c.want)
		}
	}
}

func TestAChange(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	at := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	for want, got := range map[string]string{
		"18 lower than a month ago":   reading.Change(en, reading.Value{Number: "146"}, reading.Value{Number: "128"}, at(29), now),
		"0,7 de plus qu’il y a 2 ans": reading.Change(fr, reading.Value{Number: "5.6"}, reading.Value{Number: "6.3"}, at(800), now),
		"Igual que ayer":              reading.Change(es, reading.Value{Number: "5"}, reading.Value{Number: "5.0"}, at(1), now),
		"0.1 higher than 3 days ago":  reading.Change(en, reading.Value{Number: "0.2"}, reading.Value{Number: "0.3"}, at(3), now),
		"":                            reading.Change(en, reading.Value{Words: "x"}, reading.Value{Number: "1"}, at(3), now),
		"a year ago":                  reading.Ago(en, at(360), now),
		"2 weeks ago":                 reading.Ago(en, at(15), now),
		"today":                       reading.Ago(en, now.Add(time.Hour), now),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	if got := reading.Name(es, "29463-7", "Body Weight"); got != "Peso" {
		t.Error(got)
	}
	if got := reading.Name(en, "", "lead [Mass/volume] in Blood by Automated count"); got != "Lead" {
		t.Error(got)
	}
}
