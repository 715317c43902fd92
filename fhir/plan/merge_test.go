package plan_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir/plan"
)

// dice gives numbers that are the same every time.
type dice uint64

func (d *dice) n(n int) int {
	*d = *d*6364136223846793005 + 1442695040888963407
	return int(uint64(*d)>>33) % n
}

func (d *dice) one(of ...string) string { return of[d.n(len(of))] }

// proposal makes one up.
func (d *dice) proposal(url string) *plan.Proposal {
	name := url[len("urn:rapport:plan:"):]
	p := &plan.Proposal{From: []plan.Source{{URL: url, Version: "1"}}, Title: "T " + name}
	for i := range d.n(4) + 1 {
		g := plan.Goal{ID: fmt.Sprintf("%s.g%d", name, i), Rule: url + "|1#g", Text: d.one("Walk to the park", "walk to the park!", "Sleep", "Less pain", "Read"), Important: d.n(3) + 1, Lifecycle: plan.GoalProposed}
		if d.n(2) == 0 {
			g.Measure = plan.Measure{System: "http://loinc.org", Code: d.one("1", "2"), To: decimal(d.one("5", "7"))}
		}
		p.Goals = append(p.Goals, g)
	}
	for i := range d.n(3) + 1 {
		from := d.n(6) + 1
		f := plan.Phase{ID: fmt.Sprintf("%s.p%d", name, i), Title: d.one("A", "B"), From: from, To: from + d.n(8)}
		if d.n(5) == 0 {
			f.To = 0
		}
		p.Phases = append(p.Phases, f)
		for k := range d.n(6) {
			s := plan.Step{ID: fmt.Sprintf("%s.s%d-%d", name, i, k), Kind: plan.Kind(d.n(7) + 1), Title: d.one("Walk", "walk.", "Call", "Weigh", "Rest", "Swim"), Why: "w", Phase: f.ID, Important: d.n(3) + 1,
				Code: d.one("", "1", "2"), What: d.one("", "", "urn:f"), Goals: []string{p.Goals[d.n(len(p.Goals))].ID}, Rule: url + "|1#s", Status: plan.StepProposed}
			if d.n(3) > 0 {
				s.When = plan.Timing{Times: 1, Per: 1, Unit: plan.Day}
			}
			p.Steps = append(p.Steps, s)
		}
	}
	return p
}

func TestMergedProposals(t *testing.T) {
	t.Parallel()
	d := dice(7)
	for range 100 {
		var ps []*plan.Proposal
		for i := range d.n(8) + 1 {
			ps = append(ps, d.proposal(fmt.Sprintf("urn:rapport:plan:t%d", i)))
		}
		want := plan.Merge(ps...)
		checkProposal(t, want)
		for range 3 {
			mixed := slices.Clone(ps)
			for i := range mixed {
				k := d.n(len(mixed))
				mixed[i], mixed[k] = mixed[k], mixed[i]
			}
			mixed = append(mixed, nil, mixed[0])
			if got := plan.Merge(mixed...); !cmp.Equal(want, got, seen) {
				t.Fatalf("the order matters:\n%s", cmp.Diff(want, got, seen))
			}
		}
		all, steps := 0, map[string]bool{}
		for _, p := range ps {
			all += len(p.Steps)
		}
		if len(want.Steps)+len(want.Left) != all {
			t.Fatalf("%d steps and %d left out of %d", len(want.Steps), len(want.Left), all)
		}
		for _, s := range want.Steps {
			steps[s.ID] = true
		}
		for _, l := range want.Left {
			if l.Why == plan.Double && !steps[l.For] || l.Why == 0 {
				t.Fatalf("left out for nothing: %+v", l)
			}
		}
		for w := 1; w <= 30; w++ {
			n := 0
			for _, s := range want.Steps {
				i := slices.IndexFunc(want.Phases, func(f plan.Phase) bool { return f.ID == s.Phase })
				f := want.Phases[i]
				if f.From == w || f.From < w && (f.To == 0 || w <= f.To) && s.When.Times > 0 {
					n++
				}
			}
			if n > plan.MostAWeek {
				t.Fatalf("week %d has %d steps", w, n)
			}
		}
	}
}

func TestMergeKeepsWhatMattersMost(t *testing.T) {
	t.Parallel()
	daily := plan.Timing{Times: 1, Per: 1, Unit: plan.Day}
	p := func(name string, important int, n int) *plan.Proposal {
		x := &plan.Proposal{From: []plan.Source{{URL: "urn:rapport:plan:" + name}}, Title: name, Goals: []plan.Goal{{ID: name + ".g", Text: "Goal of " + name, Important: 2}}, Phases: []plan.Phase{{ID: name + ".p", Title: name, From: 1, To: 4}}}
		for i := range n {
			x.Steps = append(x.Steps, plan.Step{ID: fmt.Sprintf("%s.%d", name, i), Kind: plan.ToDo, Title: fmt.Sprint(name, i), Why: "w", Goals: []string{name + ".g"}, Phase: name + ".p", When: daily, Important: important})
		}
		return x
	}
	got := plan.Merge(p("a", 2, 10), p("b", 1, 2), p("c", 3, 10))
	var ids []string
	for _, s := range got.Steps {
		ids = append(ids, s.ID)
	}
	// Each goal has a step, the important come first, and the rest takes turns.
	if want := []string{"b.0", "b.1", "a.0", "a.1", "a.2", "a.3", "c.0"}; !slices.Equal(ids, want) {
		t.Errorf("kept %v, want %v", ids, want)
	}
	if len(got.Left) != 15 || got.Left[0].Why != plan.TooMany || len(got.Phases) != 1 || got.Phases[0].ID != "a.p" || got.Title != "a · b · c" {
		t.Errorf("%d left, phases %v, title %q", len(got.Left), got.Phases, got.Title)
	}
	if plan.Merge() != nil || plan.Merge(nil, nil) != nil {
		t.Error("nothing makes something")
	}
	if d := cmp.Diff(plan.Merge(p("a", 2, 3)), plan.Merge(plan.Merge(p("a", 2, 3))), seen); d != "" {
		t.Errorf("merging again changes:\n%s", d)
	}
}

func TestTheSameStepInOtherWeeksIsAnother(t *testing.T) {
	t.Parallel()
	p := func(name string, from int) *plan.Proposal {
		return &plan.Proposal{From: []plan.Source{{URL: "urn:rapport:plan:" + name}}, Goals: []plan.Goal{{ID: name + ".g", Text: "Goal of " + name, Important: 2}},
			Phases: []plan.Phase{{ID: name + ".p", From: from, To: from + 3}}, Steps: []plan.Step{{ID: name + ".s", Kind: plan.ToDo, Title: "Walk", Why: "w", Goals: []string{name + ".g"}, Phase: name + ".p", Important: 2}}}
	}
	for from, want := range map[int]int{1: 1, 4: 1, 5: 2, 9: 2} {
		if got := plan.Merge(p("a", 1), p("b", from)); len(got.Steps) != want {
			t.Errorf("from week %d: %d steps, want %d", from, len(got.Steps), want)
		}
	}
}

func TestTwoTemplatesOfOneName(t *testing.T) {
	t.Parallel()
	one, two := dice(3), dice(5)
	a, b := one.proposal("urn:rapport:plan:x"), two.proposal("urn:rapport:plan:x")
	b.From[0].URL = "http://other.example/x"
	for i := range b.Goals {
		b.Goals[i].Rule, b.Goals[i].Text = "http://other.example/x#g", fmt.Sprint("Other ", i)
	}
	checkProposal(t, plan.Merge(a, b))
	if d := cmp.Diff(plan.Merge(a, b), plan.Merge(b, a), seen); d != "" {
		t.Error(d)
	}
}

func TestTheSameStepOfTwoTemplatesIsOne(t *testing.T) {
	t.Parallel()
	p := func(name string, important int, s plan.Step) *plan.Proposal {
		s.ID, s.Why, s.Goals, s.Phase, s.Important = name+".s", "w", []string{name + ".g"}, name+".p", important
		return &plan.Proposal{From: []plan.Source{{URL: "urn:rapport:plan:" + name}}, Goals: []plan.Goal{{ID: name + ".g", Text: "Goal of " + name, Important: 2}},
			Phases: []plan.Phase{{ID: name + ".p", From: 1}}, Steps: []plan.Step{s}}
	}
	for name, c := range map[string]struct {
		a, b plan.Step
		same bool
	}{
		"a title":          {plan.Step{Kind: plan.ToDo, Title: "Walk, daily"}, plan.Step{Kind: plan.ToDo, Title: "walk daily."}, true},
		"another kind":     {plan.Step{Kind: plan.ToDo, Title: "Walk"}, plan.Step{Kind: plan.ToRead, Title: "Walk"}, false},
		"what is measured": {plan.Step{Kind: plan.ToMeasure, Title: "A", Code: "1"}, plan.Step{Kind: plan.ToMeasure, Title: "B", Code: "1"}, true},
		"another measure":  {plan.Step{Kind: plan.ToMeasure, Title: "A", Code: "1"}, plan.Step{Kind: plan.ToMeasure, Title: "A", Code: "2"}, false},
		"a form":           {plan.Step{Kind: plan.ToAnswer, Title: "A", What: "urn:f"}, plan.Step{Kind: plan.ToAnswer, Title: "B", What: "urn:f"}, true},
		"another form":     {plan.Step{Kind: plan.ToAnswer, Title: "A", What: "urn:f"}, plan.Step{Kind: plan.ToAnswer, Title: "A", What: "urn:g"}, false},
	} {
		got := plan.Merge(p("a", 2, c.a), p("b", 1, c.b))
		if !c.same {
			if len(got.Steps) != 2 || len(got.Left) != 0 {
				t.Errorf("%s: %d steps, %v left", name, len(got.Steps), got.Left)
			}
			continue
		}
		// The more important one stays, and serves the goals of both.
		if len(got.Steps) != 1 || got.Steps[0].ID != "b.s" || !slices.Equal(got.Steps[0].Goals, []string{"b.g", "a.g"}) || len(got.Left) != 1 || got.Left[0].Why != plan.Double || got.Left[0].For != "b.s" {
			t.Errorf("%s: %+v, left %+v", name, got.Steps, got.Left)
		}
	}
}
