// Package steps says a step of a plan in words: its sign, how often, when on the day. A
// plan's page and Today say the same thing the same way because both say it with this
// package. It is pure and refuses to decide what is due: package plan says.
package steps

import (
	"strconv"
	"strings"
	"time"

	"rapport/fhir/plan"
	"rapport/lang"
)

// Icon is the sign of a kind of step.
func Icon(k plan.Kind) string {
	switch k {
	case plan.ToTake:
		return "pill"
	case plan.ToRead:
		return "library"
	case plan.ToAnswer:
		return "forms"
	case plan.ToMeasure:
		return "activity"
	case plan.ToBook:
		return "calendar-plus"
	case plan.ToMessage:
		return "messages"
	case plan.ToDo:
	}
	return "footprints"
}

// Kind says what sort of thing a step asks for.
func Kind(p lang.Printer, k plan.Kind) string {
	switch k {
	case plan.ToTake:
		return p.StepsTake()
	case plan.ToRead:
		return p.StepsRead()
	case plan.ToAnswer:
		return p.StepsAnswer()
	case plan.ToMeasure:
		return p.StepsMeasure()
	case plan.ToBook:
		return p.StepsBook()
	case plan.ToMessage:
		return p.StepsMessage()
	case plan.ToDo:
	}
	return p.StepsDo()
}

// Often says how often a step is to be done, and when on the day: "every day, in the
// morning".
func Often(p lang.Printer, t plan.Timing) string {
	if t.Text != "" {
		return t.Text
	}
	s := rhythm(p, t)
	if at := Moment(p, t.Parts, t.At); at != "" {
		s += ", " + at
	}
	return s
}

func rhythm(p lang.Printer, t plan.Timing) string {
	switch t.Rhythm() {
	case plan.Daily:
		return p.StepsDaily()
	case plan.TimesADay:
		return p.StepsTimesDay(t.Times)
	case plan.EveryDays:
		return p.StepsEveryDays(t.Per)
	case plan.OnDays:
		return p.StepsOnDays(p.And(days(p, t.Days)))
	case plan.OnDaysEvery:
		return p.StepsOnDaysEvery(p.And(days(p, t.Days)), t.Per)
	case plan.Weekly:
		return p.StepsWeekly()
	case plan.TimesAWeek:
		return p.StepsTimesWeek(t.Times)
	case plan.EveryWeeks:
		return p.StepsEveryWeeks(t.Per)
	case plan.Monthly:
		return p.StepsMonthly()
	case plan.TimesAMonth:
		return p.StepsTimesMonth(t.Times)
	case plan.EveryMonths:
		return p.StepsEveryMonths(t.Per)
	case plan.Once:
	}
	return p.StepsOnce()
}

func days(p lang.Printer, w plan.Weekdays) []string {
	var out []string
	for _, d := range w.List() {
		out = append(out, p.Weekday(time.Date(2024, 1, 7+int(d), 12, 0, 0, 0, time.UTC))) // a week that begins on a Sunday
	}
	return out
}

// Moment says when on a day: the times, else the parts of the day; "" for any time.
func Moment(p lang.Printer, parts plan.Parts, at []int) string {
	var out []string
	for _, m := range at {
		out = append(out, Clock(m))
	}
	if len(out) == 0 {
		for _, x := range parts.List() {
			out = append(out, Part(p, x))
		}
	}
	return p.And(out)
}

// Clock writes minutes after midnight as 13:05.
func Clock(minute int) string {
	s := strconv.Itoa(minute % 60)
	return strings.Repeat("0", max(0, 2-len(strconv.Itoa(minute/60)))) + strconv.Itoa(minute/60) + ":" + strings.Repeat("0", 2-len(s)) + s
}

// Part says a part of the day: "in the morning".
func Part(p lang.Printer, x plan.Parts) string {
	switch x {
	case plan.Morning:
		return p.StepsMorning()
	case plan.Afternoon:
		return p.StepsAfternoon()
	case plan.Evening:
		return p.StepsEvening()
	case plan.Night:
		return p.StepsNight()
	}
	return ""
}

// PartOf is the part of the day in which a minute lies.
func PartOf(minute int) plan.Parts {
	switch {
	case minute < 12*60:
		return plan.Morning
	case minute < 17*60:
		return plan.Afternoon
	case minute < 22*60:
		return plan.Evening
	}
	return plan.Night
}
