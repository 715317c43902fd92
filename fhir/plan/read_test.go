package plan_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"rapport/errs"
	"rapport/fhir/plan"
)

// small is a template with parts to put in: extensions, a goal's rest, a step's rest,
// and more actions.
func small(exts, goal, step, actions string) []byte {
	return fmt.Appendf(nil, `{"resourceType":"PlanDefinition","url":"urn:rapport:plan:small","version":"1","status":"active","title":"Small",
	"extension":[{"url":"urn:rapport:unheard-of","valueString":"x"}%s],
	"goal":[{"id":"g","description":{"text":"Be well"}%s}],
	"action":[{"id":"p","title":"P","timingRange":{"low":{"value":1,"unit":"wk"},"high":{"value":4,"unit":"wk"}},
		"action":[{"id":"s","title":"Walk","extension":[{"url":"urn:rapport:why","valueString":"Because."}],"code":[{"coding":[{"system":"urn:rapport:step","code":"do"}]}],"goalId":["g"]%s}]}%s]}`, exts, goal, step, actions)
}

func variable(name, expr string) string {
	return fmt.Sprintf(`,{"url":"http://hl7.org/fhir/StructureDefinition/variable","valueExpression":{"name":%q,"language":"text/fhirpath","expression":%s}}`, name, quote(expr))
}

func when(expr string) string {
	return fmt.Sprintf(`{"url":"urn:rapport:when","valueExpression":{"language":"text/fhirpath","expression":%s}}`, quote(expr))
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func rule(trigger, typ, about, nested string) string {
	return fmt.Sprintf(`,{"id":"r","title":"R","extension":[{"url":"urn:rapport:why","valueString":"Because."}],"trigger":[{"type":"named-event","name":%q}],
	"type":{"coding":[{"code":%q}]},"relatedAction":[{"actionId":%q,"relationship":"concurrent"}]%s}`, trigger, typ, about, nested)
}

func TestATemplateThatCannotBeTriedSaysWhere(t *testing.T) {
	t.Parallel()
	timing := func(repeat string) string { return `,"timingTiming":{"repeat":` + repeat + `}` }
	for name, c := range map[string]struct {
		src  []byte
		want string
	}{
		"no JSON":                     {[]byte(`{`), "template"},
		"another resource":            {[]byte(`{"resourceType":"Patient"}`), "a Patient is not a PlanDefinition"},
		"no url":                      {[]byte(`{"resourceType":"PlanDefinition","status":"active"}`), "PlanDefinition.url"},
		"no status":                   {[]byte(`{"resourceType":"PlanDefinition","url":"urn:x"}`), "status"},
		"broken expression":           {small(","+when("1 +"), "", "", ""), "PlanDefinition.extension[1]"},
		"no expression":               {small(`,{"url":"urn:rapport:when","valueExpression":{"language":"text/fhirpath"}}`, "", "", ""), "PlanDefinition.extension[1]: an expression is missing"},
		"variable of itself":          {small(variable("a", "%a + 1"), "", "", ""), "extension[1]: %a is not set before"},
		"variables in a circle":       {small(variable("a", "%b")+variable("b", "%a"), "", "", ""), "extension[1]: %b is not set before"},
		"variable twice":              {small(variable("a", "1")+variable("a", "2"), "", "", ""), "extension[2]: there is a variable %a already"},
		"variable that is given":      {small(variable("said", "1"), "", "", ""), "there is a variable %said already"},
		"each elsewhere":              {small("", "", `,"description":"{{%each}}"`, ""), "action[0].action[0].description: %each is not set before"},
		"a hole without an end":       {small("", "", `,"description":"so {{%said"`, ""), "action[0].action[0].description: a hole"},
		"a broken hole":               {small("", "", `,"description":"so {{ 1 + }}"`, ""), "action[0].action[0].description"},
		"a broken translation":        {small("", "", `,"_title":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"{{%b}}"}]}]}`, ""), "title (es): %b"},
		"no goal of that name":        {small("", "", `,"condition":[]`, `,{"action":[{"title":"x","extension":[{"url":"urn:rapport:why","valueString":"y"}],"code":[{"coding":[{"system":"urn:rapport:step","code":"do"}]}],"goalId":["other"]}]}`), ""},
		"goal without a text":         {[]byte(`{"resourceType":"PlanDefinition","url":"urn:x","status":"active","goal":[{"description":{"coding":[{"code":"a"}]}}]}`), "goal[0].description: a goal needs a text"},
		"frequency 10,000":            {small("", "", timing(`{"frequency":10000,"period":1,"periodUnit":"d"}`), ""), "timing: more than 12 times a day"},
		"frequency 0":                 {small("", "", timing(`{"frequency":0,"period":1,"periodUnit":"d"}`), ""), "frequency"},
		"period 0":                    {small("", "", timing(`{"frequency":1,"period":0,"periodUnit":"d"}`), ""), "timing: a period must be more than 0"},
		"period -1":                   {small("", "", timing(`{"frequency":1,"period":-1,"periodUnit":"d"}`), ""), "timing: a period must be more than 0"},
		"half a day":                  {small("", "", timing(`{"frequency":1,"period":0.5,"periodUnit":"d"}`), ""), "timing: a period must be a whole number"},
		"every minute":                {small("", "", timing(`{"frequency":1,"period":1,"periodUnit":"min"}`), ""), "timing: more than 12 times a day"},
		"every hour":                  {small("", "", timing(`{"frequency":1,"period":1,"periodUnit":"h"}`), ""), "timing: more than 12 times a day"},
		"a period without a unit":     {small("", "", timing(`{"frequency":1,"period":1}`), ""), "timing: a period needs a unit"},
		"period 1e300":                {small("", "", timing(`{"frequency":1,"period":1e300,"periodUnit":"d"}`), ""), "timing: a period must be a whole number"},
		"bounds of a thousand years":  {small("", "", timing(`{"boundsDuration":{"value":1000,"code":"a"},"frequency":1,"period":1,"periodUnit":"d"}`), ""), "bounds"},
		"due never":                   {small("", `,"target":[{"measure":{"text":"m"},"due":{"value":0,"code":"d"}}]`, "", ""), "goal[0].target[0].due"},
		"due in parsecs":              {small("", `,"target":[{"measure":{"text":"m"},"due":{"value":2,"code":"pc"}}]`, "", ""), "goal[0].target[0].due"},
		"two steps with an id":        {small("", "", "", `,{"action":[{"id":"s","title":"x"}]}`), "action[1].action[0].id"},
		"a step with a goal's id":     {small("", "", "", `,{"action":[{"id":"g","title":"x"}]}`), "action[1].action[0].id"},
		"a step of no kind":           {small("", "", "", `,{"action":[{"title":"x"}]}`), "action[1].action[0].code"},
		"a step without a reason":     {small("", "", "", `,{"action":[{"title":"x","code":[{"coding":[{"system":"urn:rapport:step","code":"do"}]}]}]}`), "a step needs a reason"},
		"a step without a goal":       {small("", "", "", `,{"action":[{"title":"x","extension":[{"url":"urn:rapport:why","valueString":"y"}],"code":[{"coding":[{"system":"urn:rapport:step","code":"do"}]}]}]}`), "goalId: a step says which goal"},
		"weeks the wrong way":         {small("", "", "", `,{"timingRange":{"low":{"value":4},"high":{"value":1}}}`), "action[1].timing: a phase ends before it begins"},
		"week 0":                      {small("", "", "", `,{"timingRange":{"low":{"value":0}}}`), "action[1].timing: weeks are"},
		"a phase in months":           {small("", "", "", `,{"timingRange":{"low":{"value":1,"unit":"months"}}}`), "action[1].timing: a phase is counted in weeks"},
		"a rule of no event":          {small("", "", "", rule("whenever", "remove", "s", "")), "action[1].trigger"},
		"a rule of no type":           {small("", "", "", rule("missed", "explode", "s", "")), "action[1].type"},
		"a rule on no step":           {small("", "", "", rule("missed", "remove", "other", "")), "action[1].relatedAction[0].actionId: there is no step"},
		"a rule that becomes nothing": {small("", "", "", rule("missed", "update", "s", "")), "action[1].action: a rule that creates or updates has one step"},
		"a rule that creates what is": {small("", "", "", rule("missed", "create", "s", `,"action":[{"id":"s","title":"x"}]`)), "action[1].action[0].id"},
	} {
		x, err := plan.Read(c.src, nil)
		if c.want == "" {
			c.want = "goalId: there is no goal with this id"
			x, err = plan.Read([]byte(strings.Replace(string(c.src), `,"condition":[]`, "", 1)), nil)
		}
		if err == nil || !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want invalid and %q", name, x, err, c.want)
		}
	}
}

func TestWhatIsUnknownIsAProblemAndNotAnError(t *testing.T) {
	t.Parallel()
	x, err := plan.Read(small("", `,"target":[{"measure":{"text":"m"},"detailString":"not in R4"}]`, `,"_title":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"{{1}} andar"}]}]},"timingDuration":{"value":1},"condition":[{"kind":"start","expression":{"language":"text/fhirpath","expression":"1"}},{"kind":"applicability","expression":{"language":"text/cql","expression":"Age > 1"}}],"definitionCanonical":"urn:rapport:activity:gone"`,
		`,{"id":"empty"}`+strings.Replace(rule("missed", "remove", "s", ""), `"trigger":[`, `"trigger":[{"type":"periodic"},`, 1)),
		func(string) ([]byte, bool) { return nil, false })
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(x.Problems())
	for _, want := range []string{"PlanDefinition.extension[0]: an extension nobody knows", "PlanDefinition.goal[0].target[0]", "action[0].action[0].title (es): the translation has other holes", "action[0].action[0].timing: a step has a Timing",
		"condition[0]: only applicability", "condition[1]: an expression in another language", "definition: there is no such activity", "action[1]: a phase without steps", "action[2].trigger[0]: an event nobody knows"} {
		if !strings.Contains(got, want) {
			t.Errorf("no problem %q in %s", want, got)
		}
	}
	if p, err := x.Propose(&plan.Facts{Now: now}, ""); err != nil || len(p.Steps) != 0 {
		t.Errorf("a condition in another language is true: %v %v", p, err)
	}
}

// tried proposes with a small template, and returns the title of its only step.
func tried(t *testing.T, src []byte, f *plan.Facts, lang string) (title string, p *plan.Proposal) {
	t.Helper()
	x, err := plan.Read(src, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err = x.Propose(f, lang)
	if err != nil {
		t.Fatal(err)
	}
	if p == nil {
		return "", nil
	}
	checkProposal(t, p)
	if len(p.Steps) == 0 {
		return "", p
	}
	return p.Steps[0].Title + "|" + p.Steps[0].Text, p
}

func TestHolesInTexts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"a number":                     {"{{7}} hours", "Walk|7 hours"},
		"as it is written":             {"{{7.0}} {{7.5}} {{-3}}", "Walk|7.0 7.5 -3"},
		"half away from zero":          {"{{7.25}} {{7.24}} {{-7.25}} {{9.96}} {{99.95}} {{0.04}} {{-0.04}} {{-9.95}}", "Walk|7.3 7.2 -7.3 10 100 0 0 -10"},
		"a mean":                       {"{{(148 + 150 + 147) / 3}}", "Walk|148.3"},
		"a quantity":                   {"{{7.25 'h'}}", "Walk|7.3 h"},
		"several":                      {"{{(1 | 2 | 3)}}", "Walk|1, 2, 3"},
		"the same once":                {"{{'a'.combine('a')}}", "Walk|a"},
		"a date":                       {"{{@2026-03-02}}", "Walk|the 2nd"},
		"braces in it":                 {"{{iif(false, 1, {})}}{{'}}'}}", "Walk|"},
		"a brace at its end":           {"a {{1 | {}}}", "Walk|a 1"},
		"quotes in it":                 {"{{'}}' + '\\'}}'}} b", "Walk|}}'}} b"},
		"an empty one":                 {"{{{}}} hours", "Walk|"},
		"a sentence left out":          {"Every day. It was {{{}}} before. An alarm helps! Also {{{}}}", "Walk|Every day. An alarm helps!"},
		"a decimal point is no end":    {"Take 2.5 {{'mg'}}. Then {{{}}}.", "Walk|Take 2.5 mg."},
		"on one line":                  {"{{'a\\n  b\\tc'}}", "Walk|a b c"},
		"its words are not read":       {"{{'{'}}{ 1 }}", "Walk|{{ 1 }}"},
		"long words end in an elipsis": {"{{'aaaaaaaaaa'.replace('a','bbbbbbbbbb').replace('b','cccccccccc')}}", "Walk|" + strings.Repeat("c", 299) + "…"},
		"what fails has no value":      {"{{1 / 'a'}}", "Walk|"},
		"divided by zero":              {"{{1 / 0}} b", "Walk|"},
	} {
		src := small("", "", `,"description":`+quote(c.text), "")
		f := &plan.Facts{Now: now, Date: func(d fhirTime) string { return "the 2nd" }}
		if got, _ := tried(t, src, f, ""); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
