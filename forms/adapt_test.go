package forms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapport/fhir/form"
	"rapport/fhir/plan"
	"rapport/forms"
)

// life is what happened since somebody's plan began, three weeks ago.
type life struct {
	week    map[string]any // the last weekly check-in
	results []string       // Observations: LOINC code, value, days ago
}

func reading(loinc string, value float64, daysAgo int) string {
	return fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":%q}]},"subject":{"reference":"Patient/1"},"effectiveDateTime":%q,"valueQuantity":{"value":%v}}`,
		loinc, now.AddDate(0, 0, -daysAgo).Format("2006-01-02T15:04:05Z"), value)
}

func pressure(top, low float64, daysAgo int) string {
	part := func(code string, v float64) string {
		return fmt.Sprintf(`{"code":{"coding":[{"system":"http://loinc.org","code":%q}]},"valueQuantity":{"value":%v}}`, code, v)
	}
	return fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/1"},"effectiveDateTime":%q,"component":[%s,%s]}`,
		now.AddDate(0, 0, -daysAgo).Format("2006-01-02T15:04:05Z"), part("8480-6", top), part("8462-4", low))
}

func times(n int, one func(i int) string) []string {
	var out []string
	for i := range n {
		out = append(out, one(i))
	}
	return out
}

// filled answers a person's form, once for all tests that only read it.
func filled(t *testing.T, name string) (person, *form.Sheet) {
	t.Helper()
	if s, ok := sheets[name]; ok {
		return s.person, s.sheet
	}
	p := readPerson(t, name)
	s := p.fill(t)
	sheets[name] = filledIn{p, s}
	return p, s
}

type filledIn struct {
	person person
	sheet  *form.Sheet
}

var sheets = map[string]filledIn{}

// adapted returns what a template's rules suggest three weeks into its plan, agreed
// by both, of which nothing was done.
func adapted(t *testing.T, name, url string, l life, event plan.EventName) []string {
	t.Helper()
	p, sheet := filled(t, name)
	f := p.facts(t, sheet)
	r, _ := forms.Find(url)
	x, err := plan.Read(r.JSON, func(url string) ([]byte, bool) { a, ok := forms.Find(url); return a.JSON, ok })
	if err != nil {
		t.Fatal(err)
	}
	proposal, err := x.Propose(f, "en")
	if err != nil || proposal == nil {
		t.Fatalf("%s is not proposed to the %s: %v", url, name, err)
	}
	f = p.facts(t, sheet) // what was read before stays as it was
	began := plan.DateOf(now.AddDate(0, 0, -21))
	agreed := proposal.Plan("p", began).
		Agree(plan.Agreement{Who: "Patient/1", Name: "A", Role: plan.Client, At: now}, began).
		Agree(plan.Agreement{Who: "Practitioner/1", Name: "B", Role: plan.Staff, At: now}, began)
	kept, err := agreed.Resources("Patient/1")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kept {
		if k.Type == "CarePlan" {
			f.Plan = k.JSON
		} else {
			f.Goals = append(f.Goals, k.JSON)
		}
	}
	if l.week != nil {
		week := person{Form: "how-was-this-week", Answers: l.week, Chart: p.Chart}
		_, said := week.fill(t).Complete(now)
		f.Answers = append(f.Answers, said)
	}
	for _, o := range l.results {
		f.Results = append(f.Results, []byte(o))
	}
	ss, err := x.Adapt(f, plan.Event{Name: event}, "en")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range ss {
		to := "gone"
		if s.Becomes != nil {
			to = s.Becomes.Title
		}
		out = append(out, s.Title+": "+to)
	}
	return out
}

// TestEveryPlanIsWhole: phases on a week line with a bearable number of steps, a
// reason and a goal for each, a smaller step when steps are missed, sources.
func TestEveryPlanIsWhole(t *testing.T) {
	t.Parallel()
	for _, x := range templates(t) {
		o := x.Outline("en")
		r, _ := forms.Find(x.Source().URL)
		if len(o.Phases) == 0 || len(o.Goals) == 0 || !strings.Contains(string(r.JSON), `"type": "citation"`) || !strings.Contains(x.Description("en"), "must review") {
			t.Errorf("%s: phases, goals, sources or the word to review are missing", o.Title)
		}
		in := map[string]int{}
		for _, s := range o.Steps {
			in[s.Phase]++
			if s.Why == "" || len(s.Goals) == 0 || s.Text == "" || s.Important == 0 {
				t.Errorf("%s: %s has no reason, goal, text or rank", o.Title, s.ID)
			}
		}
		for _, p := range o.Phases {
			if in[p.ID] == 0 || in[p.ID] > 8 || p.From == 0 || p.To < p.From {
				t.Errorf("%s: weeks %d–%d have %d steps", o.Title, p.From, p.To, in[p.ID])
			}
		}
		if !slices.ContainsFunc(x.Rules("en"), func(r plan.Rule) bool { return slices.Contains(r.On, plan.StepMissed) && r.Becomes != nil }) {
			t.Errorf("%s offers no smaller step", o.Title)
		}
	}
}

func TestRulesAdapt(t *testing.T) {
	t.Parallel()
	hard := func(n float64) map[string]any { return map[string]any{"goal": []any{map[string]any{"goal-hard": n}}} }
	const goal, mood, worry, sleep, tension = "urn:rapport:plan:my-goal", "urn:rapport:plan:low-mood", "urn:rapport:plan:worry", "urn:rapport:plan:sleep", "urn:rapport:plan:blood-pressure"
	for _, c := range []struct {
		name, who, plan string
		life            life
		event           plan.EventName
		want            []string
	}{
		{"missed", "singer", goal, life{}, plan.StepMissed, []string{"A smaller step: Two minutes, once this week"}},
		{"hard", "singer", goal, life{week: hard(9)}, plan.AnswerCame, []string{"Offer a visit: Book a visit with us"}},
		{"talk", "singer", goal, life{week: map[string]any{"week-next": "talk"}}, plan.AnswerCame, []string{"Offer a visit: Book a visit with us"}},
		{"smaller", "singer", goal, life{week: map[string]any{"week-next": "smaller"}}, plan.AnswerCame, []string{"A smaller step: Half of it, on two days"}},
		{"easy", "singer", goal, life{week: hard(1)}, plan.AnswerCame, []string{"Fewer check-ins: How was this week?"}},
		{"as before", "singer", goal, life{week: map[string]any{"week-next": "same"}}, plan.AnswerCame, nil},
		{"mood heavier", "singer", mood, life{results: []string{reading("44261-6", 17, 0), reading("44261-6", 12, 14)}}, plan.ResultCame, []string{"A visit, sooner: Book a visit with us"}},
		{"mood lighter", "singer", mood, life{results: []string{reading("44261-6", 3, 0), reading("44261-6", 4, 14)}}, plan.ResultCame, []string{"Fewer questions: Answer the nine questions on mood"}},
		{"mood missed", "singer", mood, life{}, plan.StepMissed, []string{"A smaller step: Two minutes of one good thing"}},
		{"worry heavier", "student", worry, life{results: []string{reading("70274-6", 16, 0)}}, plan.ResultCame, []string{"A visit, sooner: Book a visit with us"}},
		{"seven good nights", "singer", sleep, life{results: times(7, func(i int) string { return reading("93832-4", 7.5, i) })}, plan.ResultCame, []string{"Fewer numbers: How many hours did you sleep?"}},
		{"six good nights", "singer", sleep, life{results: times(6, func(i int) string { return reading("93832-4", 7.5, i) })}, plan.ResultCame, nil},
		{"pressure still high", "grandfather", tension, life{results: times(8, func(i int) string { return pressure(150, 90, i) })}, plan.ResultCame, []string{"Readings still high: a visit: Book a visit with us"}},
		{"pressure good", "grandfather", tension, life{results: times(14, func(i int) string { return pressure(126, 78, i) })}, plan.ResultCame, []string{"Fewer readings: Measure your blood pressure"}},
		{"pressure very high", "grandfather", tension, life{results: []string{pressure(186, 100, 0)}}, plan.ResultCame, []string{"A very high reading: call today: Call us today"}},
	} {
		if got := adapted(t, c.who, c.plan, c.life, c.event); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
