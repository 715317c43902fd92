package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir/plan"
)

// agreed is the sleep plan as both have agreed to it.
func agreed(t testing.TB) plan.Plan {
	t.Helper()
	p := propose(t, "sleep.json", facts(t), "en").Plan("p1", 0)
	p = p.Agree(plan.Agreement{Who: "Patient/1", Name: "Ana", Role: plan.Client, At: now.UTC()}, monday)
	if p.Status != plan.Draft || p.Started != 0 {
		t.Fatal("one name is enough")
	}
	p = p.Agree(plan.Agreement{Who: "Practitioner/1", Name: "Dr B", Role: plan.Staff, At: now.UTC()}, monday)
	if p.Status != plan.Active || p.Started != monday || p.Goals[0].Lifecycle != plan.GoalActive || p.Steps[0].Status != plan.StepActive {
		t.Fatalf("two names are not enough: %+v", p)
	}
	return p
}

// knowing puts a plan and what was done into facts.
func knowing(t testing.TB, f *plan.Facts, p plan.Plan, done ...plan.Done) *plan.Facts {
	t.Helper()
	rs, err := p.Resources("Patient/1")
	if err != nil {
		t.Fatal(err)
	}
	f.Plan = rs[0].JSON
	for _, r := range rs[1:] {
		f.Goals = append(f.Goals, r.JSON)
	}
	for _, d := range done {
		r, err := d.Task("Patient/1")
		if err != nil {
			t.Fatal(err)
		}
		f.Done = append(f.Done, r.JSON)
	}
	return f
}

func adapt(t testing.TB, f *plan.Facts, e plan.Event, lang string) []plan.Suggestion {
	t.Helper()
	ss, err := template(t, "sleep.json").Adapt(f, e, lang)
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

func TestAMissedWeekOffersASmallerStep(t *testing.T) {
	t.Parallel()
	p := agreed(t)
	missed := plan.Event{Name: plan.StepMissed}
	at := func(day int) *plan.Facts { f := facts(t); f.Now = now.AddDate(0, 0, day); return f }
	if ss := adapt(t, knowing(t, at(6), p), missed, "en"); len(ss) != 0 {
		t.Errorf("after six days: %+v", ss)
	}
	if ss := adapt(t, knowing(t, at(7), p, did("sleep.get-up", 1, 6)...), missed, "en"); len(ss) != 0 {
		t.Errorf("done yesterday: %+v", ss)
	}
	ss := adapt(t, knowing(t, at(7), p), missed, "es")
	if len(ss) != 1 {
		t.Fatalf("%+v", ss)
	}
	s := ss[0]
	if s.Kind != plan.Update || s.Step != "sleep.get-up" || s.Why != "Porque 7 días costaron." || s.Title != "Tres mañanas por semana" || s.Rule != "urn:rapport:plan:sleep|1#smaller" {
		t.Errorf("%+v", s)
	}
	was, _ := p.Step("sleep.get-up")
	b := s.Becomes
	if b.Title != "La misma hora, tres mañanas" || b.When.Times != 3 || b.Why != s.Why || b.Kind != was.Kind || b.Phase != was.Phase || b.ID != was.ID || b.Status != was.Status || !slices.Equal(b.Goals, was.Goals) || b.Text != was.Text {
		t.Errorf("becomes %+v", b)
	}
	if ss := adapt(t, knowing(t, at(7), p), plan.Event{Name: plan.StepMissed, Step: "sleep.diary"}, "es"); len(ss) != 0 {
		t.Errorf("about another step: %+v", ss)
	}
	if ss := adapt(t, knowing(t, at(7), p), plan.Event{Name: plan.DayCame}, "es"); len(ss) != 0 {
		t.Errorf("another event: %+v", ss)
	}
	// A person says yes: the next version says so, and it is not suggested again.
	by := plan.Agreement{Who: "Patient/1", Name: "Ana", Role: plan.Client, At: now.UTC().AddDate(0, 0, 7)}
	next := p.Revise(p.Apply(s), by, s.Rule, s.Why)
	if next.Version != 2 || len(next.Changes) != 1 || next.Changes[0].Rule != s.Rule || next.Changes[0].Kind != plan.Update || !slices.Contains(next.Changes[0].Fields, "when") || next.Changes[0].Was != "Get up at the same time" {
		t.Errorf("%+v", next.Changes)
	}
	if _, ok := next.AgreedBy(plan.Client); !ok {
		t.Error("who changed it has not agreed")
	}
	if _, ok := next.AgreedBy(plan.Staff); ok {
		t.Error("the other has agreed already")
	}
	if d := cmp.Diff(p.Goals, next.Goals, seen); d != "" {
		t.Error(d)
	}
	if ss := adapt(t, knowing(t, at(40), next), missed, "es"); len(ss) != 0 {
		t.Errorf("again: %+v", ss)
	}
	// A person says no: it is not asked again for a fortnight.
	no := p.Settle(s, plan.SaidNo, "Patient/1", now)
	if len(no.Open(ss, now.AddDate(0, 0, 13))) != 0 || len(no.Open(ss, now.AddDate(0, 0, 15))) != 1 || len(p.Open(ss, now)) != 1 {
		t.Error("a no lasts for another time than a fortnight")
	}
}

func TestResultsAndAnswersSuggest(t *testing.T) {
	t.Parallel()
	p := agreed(t)
	f := facts(t)
	f.Now, f.Results = now.AddDate(0, 0, 20), [][]byte{slept(3, "5"), slept(4, "7.5"), slept(5, "7"), slept(6, "8")}
	ss := adapt(t, knowing(t, f, p), plan.Event{Name: plan.ResultCame}, "en")
	if len(ss) != 1 || ss[0].Kind != plan.Remove || ss[0].Step != "sleep.diary" || ss[0].Becomes != nil {
		t.Fatalf("%+v", ss)
	}
	after := p.Apply(ss[0])
	s, _ := after.Step("sleep.diary")
	if d := plan.Diff(p, after); len(d) != 1 || d[0].Kind != plan.Remove || s.Status != plan.StepStopped {
		t.Errorf("%+v", d)
	}
	if ss := adapt(t, knowing(t, f, after), plan.Event{Name: plan.ResultCame}, "en"); len(ss) != 0 {
		t.Errorf("a stopped step is stopped again: %+v", ss)
	}
	hard := func(n int, at string) []byte {
		return fmt.Appendf(nil, `{"resourceType":"QuestionnaireResponse","status":"completed","authored":%q,"item":[{"linkId":"hard","answer":[{"valueInteger":%d}]}]}`, at, n)
	}
	f = facts(t)
	f.Now, f.Answers = now.AddDate(0, 0, 20), [][]byte{hard(9, "2026-03-10"), hard(2, "2026-03-01")}
	ss = adapt(t, knowing(t, f, p), plan.Event{Name: plan.AnswerCame}, "en")
	if len(ss) != 1 || ss[0].Kind != plan.Create || ss[0].Becomes == nil || ss[0].Becomes.Kind != plan.ToBook || ss[0].Becomes.Phase != "sleep.later" || len(ss[0].Becomes.Goals) != 3 {
		t.Fatalf("%+v", ss)
	}
	after = p.Apply(ss[0])
	if d := plan.Diff(p, after); len(d) != 1 || d[0].Kind != plan.Create || d[0].ID != "sleep.talk-visit" {
		t.Errorf("%+v", d)
	}
	f2 := facts(t)
	f2.Now, f2.Answers = f.Now, f.Answers
	if ss := adapt(t, knowing(t, f2, after), plan.Event{Name: plan.AnswerCame}, "en"); len(ss) != 0 {
		t.Errorf("again: %+v", ss)
	}
	// After it was stopped it may come again, as another step.
	i := slices.IndexFunc(after.Steps, func(s plan.Step) bool { return s.ID == "sleep.talk-visit" })
	after.Steps[i].Status = plan.StepCompleted
	f3 := facts(t)
	f3.Now, f3.Answers = f.Now, f.Answers
	if ss := adapt(t, knowing(t, f3, after), plan.Event{Name: plan.AnswerCame}, "en"); len(ss) != 1 || ss[0].Step == "sleep.talk-visit" {
		t.Errorf("never again: %+v", ss)
	}
}

func TestNothingIsSuggestedAboutAPlanThatIsNotActive(t *testing.T) {
	t.Parallel()
	p := agreed(t)
	for _, s := range []plan.Status{plan.Draft, plan.OnHold, plan.Completed} {
		p.Status = s
		f := knowing(t, facts(t), p)
		f.Now = now.AddDate(0, 0, 9)
		f.Results = [][]byte{slept(3, "8")}
		for e := plan.StepMissed; e <= plan.DayCame; e++ {
			if ss := adapt(t, f, plan.Event{Name: e}, "en"); len(ss) != 0 {
				t.Errorf("%s: %+v", s, ss)
			}
		}
	}
	if ss := adapt(t, facts(t), plan.Event{Name: plan.StepMissed}, "en"); len(ss) != 0 {
		t.Errorf("without a plan: %+v", ss)
	}
	f := facts(t)
	f.Plan = []byte(`{"resourceType":"CarePlan"}`)
	if _, err := template(t, "sleep.json").Adapt(f, plan.Event{Name: plan.DayCame}, "en"); err == nil {
		t.Error("a plan that is none is no error")
	}
}

func TestDrafts(t *testing.T) {
	t.Parallel()
	p := propose(t, "sleep.json", facts(t), "en").Plan("p1", 0)
	client := plan.Agreement{Who: "Patient/1", Role: plan.Client, At: now}
	staff := plan.Agreement{Who: "Practitioner/1", Role: plan.Staff, At: now}
	p = p.Agree(client, monday)
	after := p
	after.Steps = slices.Clone(p.Steps[1:])
	after.Title = "Mine"
	next := p.Revise(after, staff, "", "We left that for later.")
	if _, ok := next.AgreedBy(plan.Client); ok || next.Version != 1 || len(next.Changes) != 2 || next.Changes[1].Kind != plan.Remove || next.Changes[1].Title != "Get up at the same time" {
		t.Errorf("%+v", next.Changes)
	}
	next = next.Agree(client, monday).Agree(client, monday)
	if next.Status != plan.Active || len(next.Agreed) != 2 {
		t.Errorf("%+v", next.Agreed)
	}
	if same := next.Revise(next, staff, "", ""); same.Version != 1 || len(same.Changes) != 2 {
		t.Error("nothing changed, and there is a new version")
	}
	if len(p.Agreed) != 1 || p.Status != plan.Draft {
		t.Error("the plan before was changed")
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	d := dice(11)
	for range 200 {
		p := d.plan()
		if c := plan.Diff(p, p); len(c) != 0 {
			t.Fatalf("a plan differs from itself: %v", c)
		}
		q := d.plan()
		there, back := plan.Diff(p, q), plan.Diff(q, p)
		count := func(cs []plan.Change, k plan.ChangeKind) (n int) {
			for _, c := range cs {
				if c.Kind == k && len(c.Fields) == 0 {
					n++
				}
			}
			return n
		}
		if count(there, plan.Create) != count(back, plan.Remove) || count(there, plan.Remove) != count(back, plan.Create) {
			t.Fatalf("there %v, back %v", there, back)
		}
	}
	a := walking(plan.Step{ID: "a", Title: "A", Why: "w", Goals: []string{"g"}}, plan.Step{ID: "b", Title: "B"})
	for name, c := range map[string]struct {
		change func(*plan.Plan)
		want   string
	}{
		"the plan":         {func(p *plan.Plan) { p.Title, p.Ends = "X", monday }, "update plan : title ends: →X"},
		"a goal's words":   {func(p *plan.Plan) { p.Goals[0].Text = "Be better" }, "update goal g: text: Be well→Be better"},
		"a goal's measure": {func(p *plan.Plan) { p.Goals[0].Measure.Detail = "there" }, "update goal g: measure: →there"},
		"a goal's day":     {func(p *plan.Plan) { p.Goals[0].Due = monday }, "update goal g: due: →2026-03-02"},
		"progress":         {func(p *plan.Plan) { p.Goals[0].Progress = []plan.Mark{{On: monday, Value: 1}} }, "update goal g: progress: →"},
		"weeks":            {func(p *plan.Plan) { p.Phases[0].To = 5 }, "update phase one: weeks: →"},
		"when":             {func(p *plan.Plan) { p.Steps[0].When = daily }, "update step a: when: →"},
		"a reason":         {func(p *plan.Plan) { p.Steps[0].Why = "v" }, "update step a: why: w→v"},
		"goals":            {func(p *plan.Plan) { p.Steps[0].Goals = nil }, "update step a: goals: →"},
		"stopped":          {func(p *plan.Plan) { p.Steps[0].Status = plan.StepStopped }, "remove step a: status: in-progress→stopped"},
		"on hold":          {func(p *plan.Plan) { p.Steps[0].Status = plan.StepOnHold }, "update step a: status: in-progress→on-hold"},
		"gone and new":     {func(p *plan.Plan) { p.Steps[1].ID = "c" }, "create step c: : →;remove step b: : →"},
		"the order":        {func(p *plan.Plan) { p.Steps[0], p.Steps[1] = p.Steps[1], p.Steps[0] }, ""},
	} {
		b := a
		b.Goals, b.Phases, b.Steps = slices.Clone(a.Goals), slices.Clone(a.Phases), slices.Clone(a.Steps)
		c.change(&b)
		var got []string
		for _, x := range plan.Diff(a, b) {
			got = append(got, fmt.Sprintf("%s %s %s: %s: %s→%s", x.Kind, x.Thing, x.ID, strings.Join(x.Fields, " "), x.Was, x.Is))
		}
		if strings.Join(got, ";") != c.want {
			t.Errorf("%s: %s, want %s", name, strings.Join(got, ";"), c.want)
		}
	}
}

func TestAPlanOutlivesItsTemplatesVersion(t *testing.T) {
	t.Parallel()
	x, err := plan.Read([]byte(strings.Replace(string(load(t, "sleep.json")), `"version": "1"`, `"version": "2"`, 1)), activitiesIn(t, "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	p := agreed(t)
	f := knowing(t, facts(t), p)
	f.Now = now.AddDate(0, 0, 7)
	ss, err := x.Adapt(f, plan.Event{Name: plan.StepMissed}, "en")
	if err != nil || len(ss) != 1 || ss[0].Rule != "urn:rapport:plan:sleep|2#smaller" {
		t.Errorf("%+v, %v", ss, err)
	}
	// Another template's steps are none of its business.
	for i := range p.Steps {
		p.Steps[i].Rule = strings.Replace(p.Steps[i].Rule, "plan:sleep", "plan:other", 1)
	}
	f = knowing(t, facts(t), p)
	f.Now = now.AddDate(0, 0, 7)
	if ss, err := x.Adapt(f, plan.Event{Name: plan.StepMissed}, "en"); err != nil || len(ss) != 0 {
		t.Errorf("%+v, %v", ss, err)
	}
}

func TestAReachedGoalGetsNoNewStep(t *testing.T) {
	t.Parallel()
	p := agreed(t)
	for i := range p.Goals {
		p.Goals[i].Lifecycle = plan.GoalCompleted
	}
	f := knowing(t, facts(t), p)
	f.Now = now.AddDate(0, 0, 20)
	f.Answers = [][]byte{[]byte(`{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId":"hard","answer":[{"valueInteger":9}]}]}`)}
	if ss := adapt(t, f, plan.Event{Name: plan.AnswerCame}, "en"); len(ss) != 0 {
		t.Errorf("%+v", ss)
	}
}

func TestMissedIsEachStepsOwn(t *testing.T) {
	t.Parallel()
	// Two rules with the same condition, about steps missed for different times; the
	// number goes through a variable.
	src := strings.Replace(string(load(t, "sleep.json")), `"extension": [`, `"extension": [`+variable("m", "%missed")[1:]+`,`, 1)
	src = strings.Replace(src, "%missed >= 7", "%m >= 5", 1)
	i := strings.LastIndex(src, "]")
	other := strings.Replace(rule("missed", "remove", "diary", ""), `"relatedAction"`, `"condition":[{"kind":"applicability","expression":{"language":"text/fhirpath","expression":"%m >= 5"}}],"relatedAction"`, 1)
	x, err := plan.Read([]byte(src[:i]+other+src[i:]), activitiesIn(t, "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		doneGetUp, doneDiary int
		want                 string
	}{{0, 6, "sleep.get-up"}, {6, 0, "sleep.diary"}, {0, 0, "sleep.get-up sleep.diary"}} {
		f := knowing(t, facts(t), agreed(t), append(did("sleep.get-up", 1, c.doneGetUp), did("sleep.diary", 1, c.doneDiary)...)...)
		f.Now = now.AddDate(0, 0, 8)
		ss, err := x.Adapt(f, plan.Event{Name: plan.StepMissed}, "en")
		var got []string
		for _, s := range ss {
			got = append(got, s.Step)
		}
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%v: %v, %v", c, got, err)
		}
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	p := agreed(t)
	more := propose(t, "pressure.json", facts(t), "en")
	got := p.Join(more, monday+15) // in week 3
	checkPlan(t, got)
	f, _ := got.Phase("pressure.start")
	if f.From != 3 || f.To != 4 || len(got.Steps) != len(p.Steps)+len(more.Steps) || len(got.From) != 2 {
		t.Errorf("%+v", got)
	}
	if again := got.Join(more, monday+15); len(plan.Diff(got, again)) != 0 {
		t.Errorf("twice: %v", plan.Diff(got, again))
	}
	got.Steps = slices.DeleteFunc(slices.Clone(got.Steps), func(s plan.Step) bool { return s.ID == "pressure.walk" })
	got = got.Join(more, monday+30) // the same phase in other weeks
	checkPlan(t, got)
	s, _ := got.Step("pressure.walk")
	if f, _ := got.Phase(s.Phase); f.From != 5 || f.ID == "pressure.start" {
		t.Errorf("%+v", f)
	}
	if d := plan.Diff(p, p.Join(nil, monday)); len(d) != 0 {
		t.Error(d)
	}
	if again(t, got); len(p.Steps) != 4 {
		t.Error("the plan before was changed")
	}
}

func checkPlan(t testing.TB, p plan.Plan) {
	t.Helper()
	checkProposal(t, &plan.Proposal{Goals: p.Goals, Phases: p.Phases, Steps: p.Steps})
}

func TestWhatIsSoAlreadyIsNotSuggested(t *testing.T) {
	t.Parallel()
	x, err := plan.Read(small("", "", "", rule("result", "update", "s", `,"action":[{"title":"Walk less"}]`)), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := x.Propose(&plan.Facts{Now: now}, "")
	if err != nil {
		t.Fatal(err)
	}
	kept := p.Plan("p1", monday)
	kept.Status = plan.Active
	for _, want := range []int{1, 0} {
		ss, err := x.Adapt(knowing(t, &plan.Facts{Now: now}, kept), plan.Event{Name: plan.ResultCame}, "")
		if err != nil || len(ss) != want {
			t.Fatalf("%+v, %v", ss, err)
		}
		if want > 0 {
			kept = kept.Apply(ss[0])
		}
	}
}
