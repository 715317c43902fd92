package plan_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir"
	"rapport/fhir/plan"
)

func decimal(s string) fhir.Decimal {
	var f float64
	if _, err := fmt.Sscan(s, &f); err != nil {
		panic(err)
	}
	return fhir.Decimal{Text: s, Float: f}
}

func (d *dice) at() time.Time { return time.Date(2026, 1, 1, 0, d.n(100_000), d.n(60), 0, time.UTC) }

func (d *dice) day() plan.Date {
	if d.n(4) == 0 {
		return 0
	}
	return plan.On(2026, 1, 1+d.n(300))
}

func (d *dice) words() string {
	return d.one("", "Walk", "<b>\"a\"</b> \\ &", "línea\notra", "睡眠 😀")
}

func (d *dice) measure() plan.Measure {
	switch d.n(5) {
	case 0:
		return plan.Measure{}
	case 1:
		return plan.Measure{Text: d.words(), Detail: "there and back"}
	case 2:
		return plan.Measure{System: "http://loinc.org", Code: "8480-6", To: decimal("135.0"), Unit: "mmHg"}
	case 3:
		return plan.Measure{System: "http://loinc.org", Code: "8480-6", From: decimal("7"), To: decimal("9.50"), Unit: "h"}
	}
	return plan.Measure{System: "urn:rapport:measure", Code: "steps", From: decimal("5000")}
}

func (d *dice) timing() plan.Timing {
	t := plan.Timing{}
	switch d.n(4) {
	case 0:
		return t
	case 1:
		t = plan.Timing{Text: "after meals"}
		return t
	case 2:
		t = plan.Timing{Times: d.n(3) + 1, Per: d.n(3) + 1, Unit: plan.Unit(d.n(3) + 1), Parts: plan.Parts(d.n(16))}
	case 3:
		t = plan.Timing{Times: 1, Per: 1, Unit: plan.Week, Days: plan.Weekdays(d.n(128)), At: []int{d.n(600), 600 + d.n(800)}}
	}
	t.Lasts = d.n(2) * d.n(90)
	return t
}

// plan makes one up, as this program would.
func (d *dice) plan() plan.Plan {
	p := plan.Plan{ID: "p1", Title: d.words(), Status: plan.Status(d.n(7) + 1), Version: d.n(4), Started: d.day(), Ends: d.day()}
	for i := range d.n(3) {
		p.From = append(p.From, plan.Source{URL: fmt.Sprintf("urn:rapport:plan:t%d", i), Version: d.one("", "2")})
	}
	for i := range d.n(5) {
		g := plan.Goal{ID: fmt.Sprintf("t.g%d", i), Text: d.words() + "x", Measure: d.measure(), Category: d.one("", "dietary"), Because: d.words(), Rule: d.one("", "urn:rapport:plan:t|1#g"), Important: d.n(4),
			Lifecycle: plan.Lifecycle(d.n(9) + 1), Achievement: plan.Achievement(d.n(10))}
		if g.Due = d.day(); g.Due != 0 && d.n(2) == 0 && !g.Measure.IsZero() {
			g.Milestones = []plan.Milestone{{Measure: plan.Measure{Detail: "half"}, Due: g.Due - 30}, {Measure: d.measure(), Due: g.Due - 7}}
		}
		for k := range d.n(3) {
			g.Progress = append(g.Progress, plan.Mark{On: plan.On(2026, 2, 1+k), Value: d.n(11)})
		}
		if d.n(3) == 0 {
			g.Addresses = []plan.Addressed{{Reference: "Condition/1", Text: "Sleep"}, {Text: "words"}}
		}
		p.Goals = append(p.Goals, g)
	}
	for i := range d.n(3) {
		p.Phases = append(p.Phases, plan.Phase{ID: fmt.Sprint("t.p", i), Title: d.words(), From: i + 1, To: d.n(2) * (i + 4)})
	}
	for i := range d.n(6) {
		s := plan.Step{ID: fmt.Sprintf("t.s%d", i), Kind: plan.Kind(d.n(8)), Title: d.words(), Text: d.words(), Why: d.words(), When: d.timing(), What: d.one("", "urn:rapport:form:x|1"), Code: d.one("", "93832-4"),
			Rule: d.one("", "urn:rapport:plan:t|1#s"), Important: d.n(4), Status: plan.StepStatus(d.n(9) + 1)}
		if s.Kind == 0 {
			s.Code = "" // it would be read as the title of a step that has none
		}
		if len(p.Goals) > 0 {
			s.Goals = []string{p.Goals[d.n(len(p.Goals))].ID}
		}
		if len(p.Phases) > 0 {
			s.Phase = p.Phases[0].ID
		}
		p.Steps = append(p.Steps, s)
	}
	for range d.n(3) {
		p.Agreed = append(p.Agreed, plan.Agreement{Who: "Patient/1", Name: d.words(), Role: plan.Role(d.n(2) + 1), At: d.at(), Version: d.n(3)})
		p.Objections = append(p.Objections, plan.Objection{Who: "Patient/1", Role: plan.Client, At: d.at(), Version: 1, Text: d.words()})
		p.Changes = append(p.Changes, plan.Change{Kind: plan.Update, Thing: plan.AStep, ID: "t.s0", Title: d.words(), Fields: []string{"title", "when"}, Was: "a", Is: d.words(), Version: 2, At: d.at(), Who: "Practitioner/1", Name: "N", Rule: d.one("", "r"), Why: d.words()})
		p.Settled = append(p.Settled, plan.Settled{Rule: "r", Step: "t.s0", Said: plan.SaidNo, Who: "Patient/1", At: d.at()})
	}
	if len(p.Objections) > 0 {
		p.Objections[0].Closed = d.at()
	}
	return p
}

// again writes a plan and reads it.
func again(t testing.TB, p plan.Plan) (plan.Plan, []fhir.Resource) {
	t.Helper()
	rs, err := p.Resources("Patient/1")
	if err != nil {
		t.Fatal(err)
	}
	var goals [][]byte
	for _, r := range rs[1:] {
		goals = append(goals, r.JSON)
	}
	got, err := plan.ReadPlan(rs[0].JSON, goals)
	if err != nil {
		t.Fatal(err)
	}
	return got, rs
}

func TestAPlanIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	d := dice(1)
	for i := range 100 {
		p := d.plan()
		got, rs := again(t, p)
		if !cmp.Equal(p, got, seen) {
			t.Fatalf("%d (-written +read):\n%s\n%s", i, cmp.Diff(p, got, seen), rs[0].JSON)
		}
		if _, second := again(t, got); !slices.EqualFunc(rs, second, func(a, b fhir.Resource) bool { return bytes.Equal(a.JSON, b.JSON) }) {
			t.Fatalf("%d: written differently the second time:\n%s", i, cmp.Diff(rs, second))
		}
		if c := plan.Diff(p, got); len(c) != 0 {
			t.Fatalf("%d: read as different: %v", i, c)
		}
		// What is changed after it was read is written too.
		next := d.plan()
		next.Goals, next.Steps = append(next.Goals, got.Goals[:len(got.Goals)/2]...), append(got.Steps[:len(got.Steps)/2:len(got.Steps)/2], got.Steps...)
		changed := got
		changed.Title, changed.Status, changed.Version, changed.Started, changed.Ends, changed.Phases, changed.Changes, changed.Agreed = next.Title, next.Status, next.Version, next.Started, next.Ends, next.Phases, next.Changes, next.Agreed
		for k := range changed.Steps {
			if k < len(next.Steps) && d.n(2) == 0 {
				n := next.Steps[k]
				s := &changed.Steps[k]
				s.Title, s.Text, s.Why, s.When, s.Status, s.Kind, s.What, s.Code, s.Phase, s.Important, s.Rule = n.Title, n.Text, n.Why, n.When, n.Status, n.Kind, n.What, n.Code, n.Phase, n.Important, n.Rule
			}
		}
		for k := range changed.Goals {
			if k < len(next.Goals) && d.n(2) == 0 {
				n := next.Goals[k]
				g := &changed.Goals[k]
				g.Text, g.Measure, g.Due, g.Milestones, g.Lifecycle, g.Achievement, g.Progress, g.Because, g.Addresses, g.Important = n.Text, n.Measure, n.Due, n.Milestones, n.Lifecycle, n.Achievement, n.Progress, n.Because, n.Addresses, n.Important
			}
		}
		if after, _ := again(t, changed); !cmp.Equal(changed, after, seen) {
			t.Fatalf("%d, changed (-written +read):\n%s", i, cmp.Diff(changed, after, seen))
		}
	}
}

func TestAProposalIsKept(t *testing.T) {
	t.Parallel()
	f := facts(t)
	p := plan.Merge(propose(t, "sleep.json", f, "es"), propose(t, "pressure.json", f, "es")).Plan("p1", plan.DateOf(now))
	p = p.Agree(plan.Agreement{Who: "Patient/1", Name: "Ana", Role: plan.Client, At: now.UTC()}, plan.DateOf(now))
	got, rs := again(t, p)
	if d := cmp.Diff(p, got, seen); d != "" {
		t.Error(d)
	}
	var b bytes.Buffer
	for _, r := range rs {
		if err := json.Indent(&b, r.JSON, "", " "); err != nil {
			t.Fatal(err)
		}
		b.WriteByte('\n')
	}
	golden(t, "kept.json", b.String())
}

func TestAnotherSystemsPlanSurvives(t *testing.T) {
	t.Parallel()
	src, goal := load(t, "theirs.json"), load(t, "their-goal.json")
	p, err := plan.ReadPlan(src, [][]byte{goal})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Steps) != 3 || p.Steps[0].Title != "See the dietician" || p.Steps[1].Title != "Exercise therapy" || p.Steps[1].When.Times != 3 || p.Steps[2].When.Text != "after meals" || p.Steps[2].Kind != plan.ToTake {
		t.Errorf("steps %+v", p.Steps)
	}
	if len(p.Goals) != 1 || p.Goals[0].ID != "known" || p.Goals[0].Text != "Weigh less" || p.Goals[0].Measure.From.Text != "72.5" && p.Goals[0].Measure.From.Text != "72.50" || p.Goals[0].Lifecycle != plan.GoalOnHold {
		t.Errorf("goals %+v", p.Goals)
	}
	if got := p.Steps[1].Goals; len(got) != 1 || got[0] != "known" {
		t.Errorf("serves %v", got)
	}
	rs, err := p.Resources("Patient/other")
	if err != nil {
		t.Fatal(err)
	}
	compact := func(b []byte) string {
		var out bytes.Buffer
		if err := json.Compact(&out, b); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if d := cmp.Diff(compact(src), string(rs[0].JSON)); d != "" {
		t.Errorf("nothing changed, and it is written differently:\n%s", d)
	}
	if d := cmp.Diff(compact(goal), string(rs[1].JSON)); d != "" {
		t.Errorf("nothing changed, and it is written differently:\n%s", d)
	}
	p.Steps[1].Status, p.Steps[1].Title, p.Goals[0].Lifecycle, p.Title, p.Ends = plan.StepCompleted, "Walk more", plan.GoalActive, "Ours", 0
	got, rs := again(t, p)
	if got.Steps[1].Title != "Walk more" || got.Goals[0].Lifecycle != plan.GoalActive || got.Ends != 0 {
		t.Errorf("not changed: %+v", got)
	}
	for _, want := range []string{"http://other.example/x", "Goal/unknown", "229065009", "frequencyMax", "other.example/y", "Observation/1", "Orlistat", "a note", "contained", "elsewhere", `"start":"2026-01"`, "Their", "360.0"} {
		if want != "Their" && !bytes.Contains(rs[0].JSON, []byte(want)) {
			t.Errorf("%s is lost", want)
		}
	}
	if n := bytes.Count(rs[0].JSON, []byte("Goal/unknown")); n != 2 {
		t.Errorf("a goal that it was read without is named %d times, not twice", n)
	}
	if bytes.Contains(rs[0].JSON, []byte("other.example/t")) || bytes.Contains(rs[0].JSON, []byte(`"end"`)) {
		t.Error("what stood beside the old title, or the old end, is still there")
	}
	for _, want := range []string{"kept", "Observation/2", "3141-9", "dietary"} {
		if !bytes.Contains(rs[1].JSON, []byte(want)) {
			t.Errorf("%s of the goal is lost", want)
		}
	}
	// A suggestion somebody made by hand leaves the rest of a step alone, too.
	got = got.Apply(plan.Suggestion{Kind: plan.Update, Step: "w", Becomes: &plan.Step{Title: "Swim", Kind: plan.ToDo, Status: plan.StepActive}})
	if _, rs := again(t, got); !bytes.Contains(rs[0].JSON, []byte("other.example/y")) || !bytes.Contains(rs[0].JSON, []byte("Swim")) || !bytes.Contains(rs[0].JSON, []byte("Observation/1")) {
		t.Errorf("%s", rs[0].JSON)
	}
	p.Steps = p.Steps[1:] // a step may be taken out
	if got, _ := again(t, p); len(got.Steps) != 2 {
		t.Errorf("%d steps", len(got.Steps))
	}
}

// TestGoalsThatShareANameAreToldApart reads goals of which others carry the names that they
// have, or have none, and holds that each is there once, with its step, and is written again.
func TestGoalsThatShareANameAreToldApart(t *testing.T) {
	t.Parallel()
	named := func(id, name string) []byte {
		return []byte(`{"resourceType":"Goal","id":"` + id + `","identifier":[{"system":"urn:rapport:goal"` + name + `}],"lifecycleStatus":"active","description":{"text":"` + id + `"},"subject":{"reference":"Patient/1"}}`)
	}
	step := func(goal string) string {
		return `{"detail":{"status":"scheduled","description":"for ` + goal + `","goal":[{"reference":"Goal/` + goal + `"}]}}`
	}
	p, err := plan.ReadPlan([]byte(`{"resourceType":"CarePlan","id":"p1","status":"active","intent":"plan","subject":{"reference":"Patient/1"},`+
		`"goal":[{"reference":"Goal/a"},{"reference":"Goal/b"},{"reference":"Goal/c"},{"reference":"Goal/a"}],"activity":[`+step("a")+","+step("b")+","+step("c")+`]}`),
		[][]byte{named("a", `,"value":"b"`), named("b", `,"value":"b"`), named("c", "")})
	if err != nil {
		t.Fatal(err)
	}
	twice, _ := again(t, p)
	for name, x := range map[string]plan.Plan{"read": p, "written and read": twice} {
		of := map[string]string{}
		for _, g := range x.Goals {
			of[g.ID] = g.Text
		}
		if len(x.Goals) != 3 || len(of) != 3 || of["b"] != "a" || of["c"] != "c" {
			t.Errorf("%s: the goals are %v", name, of)
		}
		for i, want := range []string{"a", "b", "c"} {
			if got := x.Steps[i].Goals; len(got) != 1 || of[got[0]] != want {
				t.Errorf("%s: step %d is for %v, want the goal %s", name, i, got, want)
			}
		}
	}
}

func TestWhatIsNoPlan(t *testing.T) {
	t.Parallel()
	cp := load(t, "theirs.json")
	many := strings.Repeat(`{"reference":{"display":"x"}},`, 501)
	for name, c := range map[string]struct {
		plan  []byte
		goals [][]byte
	}{
		"nothing":     {nil, nil},
		"a Goal":      {load(t, "their-goal.json"), nil},
		"no goal":     {cp, [][]byte{cp}},
		"no JSON":     {cp, [][]byte{[]byte("{")}},
		"1,000 goals": {cp, make([][]byte, 1000)},
		"a long list": {[]byte(`{"resourceType":"CarePlan","status":"active","intent":"plan","subject":{"display":"x"},"activity":[` + many[:len(many)-1] + `]}`), nil},
	} {
		if p, err := plan.ReadPlan(c.plan, c.goals); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
	for name, p := range map[string]plan.Plan{"no id": {}, "a goal without an id": {ID: "a", Goals: []plan.Goal{{Text: "x"}}}, "a goal twice": {ID: "a", Goals: []plan.Goal{{ID: "x", Text: "x"}, {ID: "x", Text: "y"}}}, "a bad id": {ID: "a b"}} {
		if rs, err := p.Resources("Patient/1"); err == nil {
			t.Errorf("%s: %s", name, rs[0].JSON)
		}
	}
}
