package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir"
	"rapport/fhir/plan"
)

var monday = plan.On(2026, 3, 2)

// walking is an active plan of one phase of four weeks and one after it.
func walking(steps ...plan.Step) plan.Plan {
	p := plan.Plan{ID: "p1", Status: plan.Active, Version: 1, Started: monday, Goals: []plan.Goal{{ID: "g", Text: "Be well", Lifecycle: plan.GoalActive}},
		Phases: []plan.Phase{{ID: "one", From: 1, To: 4}, {ID: "two", From: 5}}}
	for i, s := range steps {
		if s.ID == "" {
			s.ID = fmt.Sprint("s", i)
		}
		if s.Phase == "" {
			s.Phase = "one"
		}
		if s.Status == 0 {
			s.Status = plan.StepActive
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func did(step string, n int, days ...int) []plan.Done {
	var out []plan.Done
	for _, d := range days {
		out = append(out, plan.Done{Plan: "p1", Step: step, Day: monday + plan.Date(d), N: n, At: now.UTC().AddDate(0, 0, d)})
	}
	return out
}

func list(ds []plan.Due) string {
	var out []string
	for _, d := range ds {
		s := d.Step.ID
		if d.Of > 1 {
			s += fmt.Sprintf(" %d/%d", d.N, d.Of)
		}
		if d.Left > 0 {
			s += fmt.Sprintf(" left %d", d.Left)
		}
		if d.Once {
			s += " once"
		}
		if d.Late {
			s += " late"
		}
		if d.Done {
			s += " done"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

var (
	daily  = plan.Timing{Times: 1, Per: 1, Unit: plan.Day}
	weekly = plan.Timing{Times: 2, Per: 1, Unit: plan.Week}
	sunday = plan.Timing{Times: 1, Per: 1, Unit: plan.Week, Days: plan.Weekdays(0).With(time.Sunday)}
)

func TestADaysSteps(t *testing.T) {
	t.Parallel()
	p := walking(plan.Step{ID: "book"}, plan.Step{ID: "walk", When: weekly}, plan.Step{ID: "any", When: daily},
		plan.Step{ID: "pills", When: plan.Timing{Times: 2, Per: 1, Unit: plan.Day, Parts: plan.Morning | plan.Evening}},
		plan.Step{ID: "diary", When: plan.Timing{Times: 1, Per: 1, Unit: plan.Day, At: []int{7 * 60}}},
		plan.Step{ID: "week", When: sunday}, plan.Step{ID: "later", Phase: "two", When: daily}, plan.Step{ID: "held", Status: plan.StepOnHold, When: daily})
	for _, c := range []struct {
		name string
		day  int
		done []plan.Done
		want string
	}{
		{"before it begins", -1, nil, ""},
		{"the first", 0, nil, "diary, pills 1/2, pills 2/2, any, walk left 2, book once"},
		{"some done", 0, append(did("pills", 2, 0), did("any", 1, 0, 1)...), "diary, pills 1/2, pills 2/2 done, any done, walk left 2, book once"},
		{"another plan's", 0, []plan.Done{{Plan: "other", Step: "any", Day: monday, N: 1}}, "diary, pills 1/2, pills 2/2, any, walk left 2, book once"},
		{"booked today", 2, did("book", 1, 2), "diary, pills 1/2, pills 2/2, any, walk left 2, book once done"},
		{"booked yesterday", 2, did("book", 1, 1), "diary, pills 1/2, pills 2/2, any, walk left 2"},
		{"walked once", 3, did("walk", 1, 0), "diary, pills 1/2, pills 2/2, any, walk left 1, book once"},
		{"walked twice", 3, did("walk", 1, 0, 2), "diary, pills 1/2, pills 2/2, any, book once"},
		{"the second walk was today", 2, did("walk", 1, 0, 2), "diary, pills 1/2, pills 2/2, any, walk left 1 done, book once"},
		{"the next week", 7, did("walk", 1, 0, 2), "diary, pills 1/2, pills 2/2, any, walk left 2, book once"},
		{"Sunday", 6, nil, "diary, pills 1/2, pills 2/2, any, week, walk left 2, book once"},
		{"the last day of a phase", 27, nil, "diary, pills 1/2, pills 2/2, any, week, walk left 2, book once"},
		{"after it", 28, nil, "later, book once late"},
	} {
		if got := list(p.Day(monday+plan.Date(c.day), c.done)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	for _, s := range []plan.Status{plan.Draft, plan.OnHold, plan.Revoked, plan.Completed} {
		p.Status = s
		if got := p.Day(monday, nil); len(got) != 0 {
			t.Errorf("a plan that is %s has %s", s, list(got))
		}
	}
	p.Status, p.Ends = plan.Active, monday+3
	if list(p.Day(monday+3, nil)) == "" || list(p.Day(monday+4, nil)) != "" {
		t.Error("the plan does not end when it ends")
	}
	p.Started = 0
	if list(p.Day(monday, nil)) != "" || p.Week(monday) != 0 {
		t.Error("a plan that has not begun")
	}
	if w := walking(); w.Week(monday-1) != 0 || w.Week(monday+6) != 1 || w.Week(monday+7) != 2 {
		t.Error("weeks are counted wrongly")
	}
}

func TestMissed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		when plan.Timing
		done []int
		day  int
		want int
	}{
		"on the first day":          {daily, nil, 0, 0},
		"after a day":               {daily, nil, 1, 1},
		"after a week":              {daily, nil, 7, 7},
		"done yesterday":            {daily, []int{6}, 7, 0},
		"done before":               {daily, []int{1, 3}, 7, 3},
		"done today does not count": {daily, []int{7}, 7, 7},
		"a week without the Sunday": {sunday, nil, 6, 0},
		"a week with it":            {sunday, nil, 7, 1},
		"three weeks":               {sunday, []int{6}, 27, 2},
		"twice a week":              {weekly, nil, 7, 2},
		"twice a week, once done":   {weekly, []int{1}, 14, 3},
		"once":                      {plan.Timing{}, nil, 5, 5},
		"once, done":                {plan.Timing{}, []int{2}, 5, 0},
		"after the phase":           {daily, nil, 60, 28},
	} {
		p := walking(plan.Step{ID: "s", When: c.when})
		if got := p.Missed("s", did("s", 1, c.done...), monday+plan.Date(c.day)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	p := walking(plan.Step{ID: "s", When: daily})
	p.Changes = []plan.Change{{Thing: plan.AStep, ID: "s", At: now.AddDate(0, 0, 5)}, {Thing: plan.AStep, ID: "other", At: now.AddDate(0, 0, 7)}}
	if got := p.Missed("s", nil, monday+9); got != 4 {
		t.Errorf("%d days since it changed, want 4", got)
	}
	p.Steps[0].Status = plan.StepOnHold
	if p.Missed("s", nil, monday+9) != 0 || p.Missed("nothing", nil, monday+9) != 0 {
		t.Error("what is not to be done is missed")
	}
}

func TestStalled(t *testing.T) {
	t.Parallel()
	p := walking(plan.Step{ID: "s", When: daily}, plan.Step{ID: "w", When: sunday})
	for _, c := range []struct{ day, done, want int }{{0, -1, 0}, {1, -1, 1}, {14, -1, 14}, {14, 0, 14}, {14, 13, 0}, {14, 12, 2}, {14, 14, 0}} {
		var done []plan.Done
		if c.done >= 0 {
			done = did("w", 1, c.done)
		}
		if got := p.Stalled(done, monday+plan.Date(c.day)); got != c.want {
			t.Errorf("on day %d after day %d: %d, want %d", c.day, c.done, got, c.want)
		}
	}
	quiet := walking(plan.Step{ID: "later", Phase: "two", When: daily}, plan.Step{ID: "once"})
	if got := quiet.Stalled(did("once", 1, 0), monday+20); got != 0 {
		t.Errorf("there was nothing to do, and it is stalled for %d days", got)
	}
	if got := quiet.Stalled(did("once", 1, 0), monday+40); got != 40 {
		t.Errorf("stalled for %d days", got)
	}
}

func TestOffTrack(t *testing.T) {
	t.Parallel()
	low := plan.Measure{System: "http://loinc.org", Code: "8480-6", To: decimal("135")}
	readings := func(vs ...float64) []plan.Reading {
		var out []plan.Reading
		for i, v := range vs {
			out = append(out, plan.Reading{System: "http://loinc.org", Code: "8480-6", Value: v, At: now.AddDate(0, 0, i)})
		}
		return out
	}
	for name, c := range map[string]struct {
		goal     plan.Goal
		readings []plan.Reading
		day      int
		want     plan.OffWhy
	}{
		"early":                  {plan.Goal{Measure: low, Due: monday + 60}, nil, 20, 0},
		"half way, unmeasured":   {plan.Goal{Measure: low, Due: monday + 60}, nil, 31, plan.NoReadings},
		"half way, nearer":       {plan.Goal{Measure: low, Due: monday + 60}, readings(160, 160, 160, 150, 150, 150), 31, 0},
		"half way, as far":       {plan.Goal{Measure: low, Due: monday + 60}, readings(150, 150, 150, 150, 150, 150), 31, plan.NotNearer},
		"half way, too few":      {plan.Goal{Measure: low, Due: monday + 60}, readings(150, 150, 150), 31, 0},
		"half way, there":        {plan.Goal{Measure: low, Due: monday + 60}, readings(130, 130, 130), 31, 0},
		"another measure's":      {plan.Goal{Measure: plan.Measure{Code: "1", To: decimal("1")}, Due: monday + 60}, readings(1, 1, 1), 31, plan.NoReadings},
		"overdue":                {plan.Goal{Measure: low, Due: monday + 60}, readings(160, 160, 160, 150, 150, 150), 61, plan.Overdue},
		"due, and there":         {plan.Goal{Measure: low, Due: monday + 60}, readings(160, 160, 160, 130, 130, 130), 61, 0},
		"due in words":           {plan.Goal{Measure: plan.Measure{Detail: "there and back"}, Due: monday + 60}, nil, 61, plan.Overdue},
		"achieved":               {plan.Goal{Due: monday + 60, Achievement: plan.Achieved}, nil, 61, 0},
		"cancelled":              {plan.Goal{Due: monday + 60, Lifecycle: plan.GoalCancelled}, nil, 61, 0},
		"feels farther":          {plan.Goal{Progress: []plan.Mark{{On: monday, Value: 6}, {On: monday + 5, Value: 4}}}, nil, 6, plan.FeelsFarther},
		"feels a little farther": {plan.Goal{Progress: []plan.Mark{{On: monday, Value: 6}, {On: monday + 5, Value: 5}}}, nil, 6, 0},
		"nothing said":           {plan.Goal{}, nil, 600, 0},
	} {
		p := walking()
		c.goal.ID = "g"
		if c.goal.Lifecycle == 0 {
			c.goal.Lifecycle = plan.GoalActive
		}
		p.Goals = []plan.Goal{c.goal}
		var got plan.OffWhy
		if off := p.OffTrack(c.readings, monday+plan.Date(c.day)); len(off) > 0 {
			got = off[0].Why
		}
		if got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestDoneIsATask(t *testing.T) {
	t.Parallel()
	d := plan.Done{Plan: "p1", Step: "sleep.get-up", Day: monday, N: 2, At: now.UTC(), By: "Patient/1"}
	r, err := d.Task("Patient/1")
	if err != nil {
		t.Fatal(err)
	}
	got, ok := plan.ReadDone(r.JSON)
	if !ok || !cmp.Equal(d, got) {
		t.Errorf("%v, want %v\n%s", got, d, r.JSON)
	}
	again := d
	again.At = again.At.Add(time.Minute)
	if again.ID() != d.ID() || r.ID != d.ID() {
		t.Error("pressing twice is two")
	}
	seen := map[string]bool{d.ID(): true}
	for _, o := range []plan.Done{{Plan: "p2", Step: d.Step, Day: d.Day, N: 2}, {Plan: "p1", Step: "x", Day: d.Day, N: 2}, {Plan: "p1", Step: d.Step, Day: d.Day + 1, N: 2}, {Plan: "p1", Step: d.Step, Day: d.Day, N: 1}, {Plan: "p1s", Step: "leep.get-up", Day: d.Day, N: 2}} {
		if seen[o.ID()] {
			t.Errorf("%v has another's id", o)
		}
		seen[o.ID()] = true
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "a CarePlan": load(t, "theirs.json"), "another Task": []byte(`{"resourceType":"Task","status":"completed","intent":"order"}`),
		"taken back": []byte(strings.Replace(string(r.JSON), `"completed"`, `"entered-in-error"`, 1)),
	} {
		if got, ok := plan.ReadDone(b); ok {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, err := fhir.Parse(r.JSON); err != nil {
		t.Error(err)
	}
}
