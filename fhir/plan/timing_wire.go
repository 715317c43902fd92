package plan

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/fhir"
)

var (
	weekdays  = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	partCodes = []string{"MORN", "AFT", "EVE", "NIGHT"}
	// partOf says which part of a day R4's EventTiming means.
	partOf = map[string]Parts{
		"MORN": Morning, "WAKE": Morning, "ACM": Morning, "CM": Morning, "PCM": Morning,
		"NOON": Afternoon, "AFT": Afternoon, "ACD": Afternoon, "CD": Afternoon, "PCD": Afternoon,
		"EVE": Evening, "ACV": Evening, "CV": Evening, "PCV": Evening, "NIGHT": Night, "HS": Night,
	}
	// timingCodes are the abbreviations of GTSAbbreviation that other systems write.
	timingCodes = map[string]Timing{
		"QD": {Times: 1, Per: 1, Unit: Day}, "BID": {Times: 2, Per: 1, Unit: Day}, "TID": {Times: 3, Per: 1, Unit: Day}, "QID": {Times: 4, Per: 1, Unit: Day},
		"QOD": {Times: 1, Per: 2, Unit: Day}, "AM": {Times: 1, Per: 1, Unit: Day, Parts: Morning}, "PM": {Times: 1, Per: 1, Unit: Day, Parts: Afternoon},
		"BED": {Times: 1, Per: 1, Unit: Day, Parts: Night}, "WK": {Times: 1, Per: 1, Unit: Week}, "MO": {Times: 1, Per: 1, Unit: Month},
	}
)

// readTiming reads a Timing. fault says what cannot be kept to, or is "".
func readTiming(n fhir.Node) (t Timing, fault string) {
	r := n.Get("repeat")
	if !r.OK() || !r.Get("period").OK() && !r.Get("frequency").OK() && !r.Get("dayOfWeek").OK() && !r.Get("timeOfDay").OK() && !r.Get("when").OK() {
		if known, ok := timingCodes[n.Get("code", "coding", "code").Str()]; ok {
			return known, ""
		}
		t.Text = n.Get("code", "text").Str()
		t.Lasts, fault = lasts(r)
		return t, fault
	}
	if t.Lasts, fault = lasts(r); fault != "" {
		return Timing{}, fault
	}
	if fault = t.readRepeat(r); fault == "" {
		fault = t.fault()
	}
	if fault != "" {
		return Timing{}, fault
	}
	return t, ""
}

func (t *Timing) readRepeat(r fhir.Node) (fault string) {
	t.Times, t.Per, t.Unit = 1, 1, Day
	if f := r.Get("frequency"); f.OK() {
		if t.Times = f.Int(); t.Times <= 0 {
			return "a frequency must be more than 0"
		}
	}
	for d := range r.Each("dayOfWeek") {
		t.Days = t.Days.With(time.Weekday(slices.Index(weekdays, d.Str())))
	}
	if p := r.Get("period"); p.OK() {
		if fault = t.readPeriod(p.Str(), r.Get("periodUnit").Str()); fault != "" {
			return fault
		}
	} else if t.Days != 0 {
		t.Unit = Week
	}
	for x := range r.Each("timeOfDay") {
		s := x.Str() // hh:mm:ss, validated
		h, _ := strconv.Atoi(s[:2])
		m, _ := strconv.Atoi(s[3:5])
		t.At = append(t.At, h*60+m)
	}
	slices.Sort(t.At)
	t.At = slices.Compact(t.At)
	for x := range r.Each("when") {
		part, _, _ := strings.Cut(x.Str(), ".")
		t.Parts |= partOf[part]
	}
	return ""
}

// readPeriod reads a period and its unit; hours and shorter ones become times a day.
func (t *Timing) readPeriod(period, unit string) (fault string) {
	p, err := strconv.ParseFloat(period, 64)
	switch {
	case err != nil || p <= 0:
		return "a period must be more than 0"
	case p != float64(int(p)) || p > 100_000:
		return "a period must be a whole number"
	}
	t.Per = int(p)
	switch unit {
	case "d":
	case "wk":
		t.Unit = Week
	case "mo":
		t.Unit = Month
	case "a":
		t.Per, t.Unit = t.Per*12, Month
	case "h":
		if t.Per%24 == 0 {
			t.Per /= 24
		} else if t.Per < 24 && t.Times < 100 {
			t.Times, t.Per = t.Times*24/t.Per, 1
		} else {
			return "so many hours are no number of days"
		}
	case "min", "s":
		return "more than 12 times a day"
	default:
		return "a period needs a unit"
	}
	return ""
}

// lasts reads for how many days a timing is meant.
func lasts(r fhir.Node) (days int, fault string) {
	b := r.Get("boundsDuration")
	if !b.OK() {
		return 0, ""
	}
	d, ok := durationDays(b)
	if !ok || d <= 0 || d > maxLasts {
		return 0, "bounds must be between a day and ten years"
	}
	return d, ""
}

// durationDays reads a Duration of days, weeks, months or years as days; a month
// counts 30 and a year 365.
func durationDays(n fhir.Node) (int, bool) {
	v, err := strconv.ParseFloat(n.Get("value").Str(), 64)
	u := n.Get("code").Str()
	if u == "" {
		u = n.Get("unit").Str()
	}
	per, ok := map[string]float64{"d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7, "mo": 30, "month": 30, "months": 30, "a": 365, "year": 365, "years": 365}[u]
	if err != nil || !ok || v < 0 || v*per > 100_000 {
		return 0, false
	}
	return int(v*per + 0.5), true
}

// timingJSON writes a timing; nil for the zero Timing.
func timingJSON(t Timing) any {
	if t.IsZero() {
		return nil
	}
	out := obj{}
	r := obj{}
	if t.Lasts > 0 {
		r.set("boundsDuration", obj{{"value", t.Lasts}, {"unit", "d"}, {"system", ucum}, {"code", "d"}})
	}
	if t.Times > 0 {
		r.set("frequency", t.Times)
		r.set("period", t.Per)
		r.set("periodUnit", []string{"", "d", "wk", "mo"}[t.Unit])
	}
	var days, at, when []string
	for _, d := range t.Days.List() {
		days = append(days, weekdays[d])
	}
	for _, m := range t.At {
		at = append(at, time.Unix(int64(m)*60, 0).UTC().Format(time.TimeOnly))
	}
	for i, c := range partCodes {
		if t.Parts&(1<<i) != 0 {
			when = append(when, c)
		}
	}
	r.some("dayOfWeek", days)
	r.some("timeOfDay", at)
	r.some("when", when)
	if len(r) > 0 {
		out.set("repeat", r)
	}
	if t.Text != "" {
		out.set("code", obj{{"text", t.Text}})
	}
	return out
}
