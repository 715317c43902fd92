package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/plan"
)

type fhirTime = fhir.Time

func TestWhatDoesNotApplyIsLeftOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src          []byte
		goals, steps int
	}{
		"all":                   {small("", "", "", ""), 1, 1},
		"template: true":        {small(","+when("true"), "", "", ""), 1, 1},
		"template: false":       {small(","+when("false"), "", "", ""), 0, 0},
		"template: nothing":     {small(","+when("%said.item"), "", "", ""), 0, 0},
		"template: fails":       {small(","+when("(1 | 2) + 1"), "", "", ""), 0, 0},
		"goal: false":           {small("", `,"extension":[`+when("false")+`]`, "", ""), 0, 0},
		"step: false":           {small("", "", `,"condition":[{"kind":"applicability","expression":{"language":"text/fhirpath","expression":"false"}}]`, ""), 1, 0},
		"one of two goals":      {[]byte(strings.Replace(string(small("", `,"extension":[`+when("false")+`]`, "", "")), `"goal":[`, `"goal":[{"id":"other","description":{"text":"Be"}},`, 1)), 1, 0},
		"a goal's empty hole":   {[]byte(strings.Replace(string(small("", "", "", "")), "Be well", "Be {{%said.id}}", 1)), 0, 0},
		"a title's empty hole":  {[]byte(strings.Replace(string(small("", "", "", "")), "Walk", "Walk. {{%said.id}}", 1)), 1, 0},
		"a reason's empty hole": {[]byte(strings.Replace(string(small("", "", "", "")), "Because.", "Because {{%said.id}}", 1)), 1, 0},
		"half a reason's":       {[]byte(strings.Replace(string(small("", "", "", "")), "Because.", "Because {{%said.id}}. So.", 1)), 1, 1},
		"each of none":          {small("", `,"extension":[`+strings.Replace(when("{}"), "when", "each", 1)+`]`, "", ""), 0, 0},
		"each of three":         {small("", `,"extension":[`+strings.Replace(when("1 | 2 | 3"), "when", "each", 1)+`]`, "", ""), 3, 1},
		"each, when":            {small("", `,"extension":[`+strings.Replace(when("1 | 2 | 3"), "when", "each", 1)+","+when("%each > 1")+`]`, "", ""), 2, 1},
	} {
		_, p := tried(t, c.src, &plan.Facts{Now: now}, "")
		goals, steps := 0, 0
		if p != nil {
			goals, steps = len(p.Goals), len(p.Steps)
		}
		if goals != c.goals || steps != c.steps {
			t.Errorf("%s: %d goals and %d steps, want %d and %d", name, goals, steps, c.goals, c.steps)
		}
	}
}

func TestLanguagesFallBack(t *testing.T) {
	t.Parallel()
	tr := func(lang, s string) string {
		return fmt.Sprintf(`{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":%q},{"url":"content","valueString":%q}]}`, lang, s)
	}
	src := small("", "", `,"_title":{"extension":[`+tr("es", "Andar")+","+tr("es-MX", "Caminar")+`]}`, "")
	for lang, want := range map[string]string{"": "Walk", "en": "Walk", "es": "Andar", "es-ES": "Andar", "es-MX": "Caminar", "es-MX-x": "Caminar", "fr": "Walk"} {
		if got, _ := tried(t, src, &plan.Facts{Now: now}, lang); got != want+"|" {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	a, _ := tried(t, src, &plan.Facts{Now: now}, "es")
	_, en := tried(t, src, &plan.Facts{Now: now}, "en")
	_, es := tried(t, src, &plan.Facts{Now: now}, "es")
	if en.Goals[0].ID != es.Goals[0].ID || en.Steps[0].ID != es.Steps[0].ID || a == "" {
		t.Error("ids depend on the language")
	}
}

func TestEachIsBounded(t *testing.T) {
	t.Parallel()
	var f plan.Facts
	f.Now = now
	for i := range 10_000 {
		f.Conditions = append(f.Conditions, fmt.Appendf(nil, `{"resourceType":"Condition","id":"c%d","subject":{"reference":"Patient/1"}}`, i))
	}
	src := []byte(strings.Replace(string(small("", `,"extension":[`+strings.Replace(when("%conditions"), "when", "each", 1)+`]`, "", "")), "Be well", "Be {{%each.id}}", 1))
	_, p := tried(t, src, &f, "")
	if len(p.Goals) != 20 || len(p.Problems) != 1 || p.Goals[19].Text != "Be c19" {
		t.Errorf("%d goals, %v", len(p.Goals), p.Problems)
	}
}

func TestExpressionsThatLoopOrExplode(t *testing.T) {
	t.Parallel()
	boom := "('a' | 'b').repeat($this + 'x').count() > 0"
	many := "(1|2|3|4|5|6|7|8|9).select((1|2|3|4|5|6|7|8|9).combine(%said.descendants())).where(true)"
	for range 5 {
		many = "(" + many + ").select((1|2|3|4|5|6|7|8|9).combine(1|2|3|4|5|6|7|8|9))"
	}
	for _, e := range []string{boom, many + ".exists()"} {
		_, p := tried(t, small("", "", `,"condition":[{"kind":"applicability","expression":{"language":"text/fhirpath","expression":`+quote(e)+`}}]`, ""), &plan.Facts{Now: now}, "")
		if len(p.Steps) != 0 || len(p.Problems) != 1 || !strings.HasPrefix(p.Problems[0].Path, "PlanDefinition.action[0].action[0].condition[0]") {
			t.Errorf("%d steps, problems %v", len(p.Steps), p.Problems)
		}
	}
	// A template of nothing but such is given up.
	var steps []string
	for i := range 200 {
		steps = append(steps, fmt.Sprintf(`{"id":"x%d","title":"x","extension":[{"url":"urn:rapport:why","valueString":"y"}],"code":[{"coding":[{"system":"urn:rapport:step","code":"do"}]}],"goalId":["g"],"condition":[{"kind":"applicability","expression":{"language":"text/fhirpath","expression":%s}}]}`, i, quote(boom)))
	}
	x, err := plan.Read(small("", "", "", `,{"id":"bad","action":[`+strings.Join(steps, ",")+`]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Propose(&plan.Facts{Now: now}, ""); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "too many expressions fail") {
		t.Errorf("not given up: %v", err)
	}
}

func TestAVariableThatFailsMakesNothingTrue(t *testing.T) {
	t.Parallel()
	_, p := tried(t, small(variable("a", "(1 | 2) + 1"), "", `,"condition":[{"kind":"applicability","expression":{"language":"text/fhirpath","expression":"%a.empty()"}}]`, ""), &plan.Facts{Now: now}, "")
	if len(p.Steps) != 0 || len(p.Problems) == 0 {
		t.Errorf("%d steps, problems %v", len(p.Steps), p.Problems)
	}
}

func TestFactsThatAreNotFHIRAreAnError(t *testing.T) {
	t.Parallel()
	x, err := plan.Read(small(","+when("%conditions.empty()"), "", "", ""), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*plan.Facts{{Now: now, Said: []byte(`{"secret`)}, {Now: now, Conditions: [][]byte{[]byte(`{"resourceType":"Condition","note":"secret"}`)}}} {
		if p, err := x.Propose(f, ""); p != nil || !errs.Is(err, errs.Invalid) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v, %v", p, err)
		}
	}
}

func TestAnOutlineShowsEverything(t *testing.T) {
	t.Parallel()
	x := template(t, "sleep.json")
	golden(t, "outline.txt", told(t, x.Outline("fr"))+func() string {
		var b strings.Builder
		for _, r := range x.Rules("es") {
			fmt.Fprintf(&b, "rule %s %s: %s\n  why: %s\n  on %v if %v about %s\n", r.ID, r.Kind, r.Title, r.Why, r.On, r.If, r.Step)
			if r.Becomes != nil {
				fmt.Fprintf(&b, "  becomes %s\n", r.Becomes.Title)
			}
		}
		return b.String()
	}())
}

func TestResultsComeNewestFirst(t *testing.T) {
	t.Parallel()
	f := &plan.Facts{Now: now, Results: [][]byte{slept(1, "5"), slept(9, "8"), slept(4, "6")}}
	if got, _ := tried(t, small("", "", `,"description":"{{%results.value.value}}"`, ""), f, ""); got != "Walk|8, 6, 5" {
		t.Errorf("%q", got)
	}
}
