package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/fhir/plan"
)

func days(os []plan.Occurrence) string {
	var out []string
	for _, o := range os {
		s := o.Day.String()[5:]
		if o.Of > 1 {
			s += fmt.Sprintf(" %d/%d", o.N, o.Of)
		}
		if o.Minute >= 0 {
			s += fmt.Sprintf(" at %d", o.Minute)
		}
		if o.Part != 0 {
			s += fmt.Sprintf(" part %d", o.Part)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func TestOccurrences(t *testing.T) {
	t.Parallel()
	monday := plan.On(2026, 3, 2)
	mwf := plan.Weekdays(0).With(time.Monday).With(time.Wednesday).With(time.Friday)
	for name, c := range map[string]struct {
		when     plan.Timing
		from, to int // days after Monday
		want     string
		rhythm   plan.Rhythm
	}{
		"once":                   {plan.Timing{}, -5, 400, "03-02", plan.Once},
		"daily":                  {plan.Timing{Times: 1, Per: 1, Unit: plan.Day}, 0, 2, "03-02, 03-03, 03-04", plan.Daily},
		"not before it begins":   {plan.Timing{Times: 1, Per: 1, Unit: plan.Day}, -3, 0, "03-02", plan.Daily},
		"twice a day":            {plan.Timing{Times: 2, Per: 1, Unit: plan.Day}, 1, 1, "03-03 1/2, 03-03 2/2", plan.TimesADay},
		"morning and evening":    {plan.Timing{Times: 2, Per: 1, Unit: plan.Day, Parts: plan.Morning | plan.Evening}, 1, 1, "03-03 1/2 part 1, 03-03 2/2 part 4", plan.Daily},
		"at times":               {plan.Timing{Times: 1, Per: 1, Unit: plan.Day, At: []int{480, 1200}}, 0, 0, "03-02 1/2 at 480, 03-02 2/2 at 1200", plan.Daily},
		"every third day":        {plan.Timing{Times: 1, Per: 3, Unit: plan.Day}, 0, 7, "03-02, 03-05, 03-08", plan.EveryDays},
		"twice in three days":    {plan.Timing{Times: 2, Per: 3, Unit: plan.Day}, 0, 5, "03-02, 03-03, 03-05, 03-06", plan.EveryDays},
		"for five days":          {plan.Timing{Times: 1, Per: 1, Unit: plan.Day, Lasts: 5}, 3, 30, "03-05, 03-06", plan.Daily},
		"Mon Wed Fri":            {plan.Timing{Times: 1, Per: 1, Unit: plan.Week, Days: mwf}, 0, 8, "03-02, 03-04, 03-06, 03-09", plan.OnDays},
		"every other week's":     {plan.Timing{Times: 1, Per: 2, Unit: plan.Week, Days: mwf}, 0, 16, "03-02, 03-04, 03-06, 03-16, 03-18", plan.OnDaysEvery},
		"twice on its days":      {plan.Timing{Times: 2, Per: 1, Unit: plan.Day, Days: mwf}, 1, 2, "03-04 1/2, 03-04 2/2", plan.TimesADay},
		"three times a week":     {plan.Timing{Times: 3, Per: 1, Unit: plan.Week}, 0, 8, "03-02, 03-04, 03-06, 03-09", plan.TimesAWeek},
		"weekly":                 {plan.Timing{Times: 1, Per: 1, Unit: plan.Week}, 0, 14, "03-02, 03-09, 03-16", plan.Weekly},
		"every two weeks":        {plan.Timing{Times: 1, Per: 2, Unit: plan.Week}, 0, 30, "03-02, 03-16, 03-30", plan.EveryWeeks},
		"monthly":                {plan.Timing{Times: 1, Per: 1, Unit: plan.Month}, 0, 62, "03-02, 04-02, 05-02", plan.Monthly},
		"every three months":     {plan.Timing{Times: 1, Per: 3, Unit: plan.Month}, 1, 190, "06-02, 09-02", plan.EveryMonths},
		"twice a month":          {plan.Timing{Times: 2, Per: 1, Unit: plan.Month}, 0, 40, "03-02, 03-17, 04-02", plan.TimesAMonth},
		"all seven days":         {plan.Timing{Times: 1, Per: 1, Unit: plan.Week, Days: 127}, 5, 6, "03-07, 03-08", plan.Daily},
		"nonsense: 10,000 a day": {plan.Timing{Times: 10_000, Per: 1, Unit: plan.Day}, 0, 1, "", plan.TimesADay},
		"nonsense: period 0":     {plan.Timing{Times: 1, Unit: plan.Day}, 0, 1, "", plan.Daily},
		"nonsense: no unit":      {plan.Timing{Times: 1, Per: 1}, 0, 1, "", plan.Weekly},
	} {
		if got := days(c.when.Occurrences(monday, monday+plan.Date(c.from), monday+plan.Date(c.to))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if got := c.when.Rhythm(); got != c.rhythm {
			t.Errorf("%s: rhythm %d, want %d", name, got, c.rhythm)
		}
	}
}

func TestTheLastOfAMonth(t *testing.T) {
	t.Parallel()
	monthly := plan.Timing{Times: 1, Per: 1, Unit: plan.Month}
	if got := days(monthly.Occurrences(plan.On(2026, 1, 31), 1, plan.On(2026, 5, 31))); got != "01-31, 02-28, 03-31, 04-30, 05-31" {
		t.Error(got)
	}
	yearly := plan.Timing{Times: 1, Per: 12, Unit: plan.Month}
	if got := days(yearly.Occurrences(plan.On(2028, 2, 29), 1, plan.On(2033, 1, 1))); got != "02-29, 02-28, 02-28, 02-28, 02-29" {
		t.Error(got)
	}
}

func TestOccurrencesAreBounded(t *testing.T) {
	t.Parallel()
	x := plan.Timing{Times: 12, Per: 1, Unit: plan.Day}
	if n := len(x.Occurrences(1, 1, 1<<40)); n != 1000 {
		t.Errorf("%d occurrences", n)
	}
	if n := len((plan.Timing{Times: 1, Per: 120, Unit: plan.Month}).Occurrences(1, 1, 1<<40)); n > 2 {
		t.Errorf("%d occurrences", n)
	}
	// As often as it says, however it is spread.
	for times := 1; times <= 40; times++ {
		for _, unit := range []plan.Unit{plan.Day, plan.Week, plan.Month} {
			for per := 1; per < 5; per++ {
				x := plan.Timing{Times: times, Per: per, Unit: unit}
				begins := plan.On(2026, 1, 31)
				end := begins + plan.Date(per) - 1
				switch unit {
				case plan.Week:
					end = begins + plan.Date(per*7) - 1
				case plan.Month: // the day before the last of the month
					end = plan.On(2026, time.Month(per+2), 0) - 1
				}
				if got := len(x.Occurrences(begins, begins, end)); got != times && times <= 12*per {
					t.Errorf("%+v: %d", x, got)
				}
			}
		}
	}
}

func TestTimesOfTheDayWhenTheClockChanges(t *testing.T) {
	t.Parallel()
	zone := func(s string) *time.Location {
		z, err := time.LoadLocation(s)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	daily := plan.Timing{Times: 1, Per: 1, Unit: plan.Day, At: []int{150}}
	for _, c := range []struct {
		zone string
		day  plan.Date
		want string
	}{
		{"Europe/Madrid", plan.On(2026, 3, 28), "2026-03-28T02:30:00+01:00"},
		{"Europe/Madrid", plan.On(2026, 3, 29), "2026-03-29T03:30:00+02:00"},  // never shown
		{"Europe/Madrid", plan.On(2026, 10, 25), "2026-10-25T02:30:00+02:00"}, // shown twice
		{"America/New_York", plan.On(2026, 3, 8), "2026-03-08T03:30:00-04:00"},
		{"Australia/Lord_Howe", plan.On(2026, 10, 4), "2026-10-04T02:30:00+11:00"},
		{"Asia/Kolkata", plan.On(2026, 3, 29), "2026-03-29T02:30:00+05:30"},
	} {
		os := daily.Occurrences(c.day-3, c.day, c.day)
		if len(os) != 1 {
			t.Fatalf("%v", os)
		}
		at, ok := os[0].At(zone(c.zone))
		if got := at.Format(time.RFC3339); !ok || got != c.want {
			t.Errorf("%s: %s, want %s", c.zone, got, c.want)
		}
	}
	if got := plan.DateOf(time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC).In(madrid)); got != plan.On(2026, 3, 2) {
		t.Errorf("half past midnight in Madrid is %s", got)
	}
	if _, ok := (plan.Occurrence{Minute: -1}).At(madrid); ok {
		t.Error("a time out of nothing")
	}
	// Midnight that a zone skips.
	cairo := zone("Africa/Cairo")
	if got := plan.On(2026, 4, 24).At(15, cairo).Format(time.RFC3339); got != "2026-04-24T01:15:00+03:00" {
		t.Error(got)
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "2026", "2026-02-30", "1969-12-31", "2026-1-1", "x"} {
		if d, ok := plan.ParseDate(s); ok || d != 0 {
			t.Errorf("%q is %s", s, d)
		}
	}
	d, ok := plan.ParseDate("2026-03-02")
	if !ok || d.String() != "2026-03-02" || d.Weekday() != time.Monday || plan.Date(0).String() != "" || plan.DateOf(time.Time{}) != 0 {
		t.Errorf("%s", d)
	}
}
