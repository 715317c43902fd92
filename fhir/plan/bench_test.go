package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/fhir/plan"
)

// BenchmarkPropose proposes a plan from a full intake: a response of 200 answers, ten
// templates, a chart of 300 resources, everything read anew every time.
func BenchmarkPropose(b *testing.B) {
	var said strings.Builder
	said.WriteString(`{"resourceType":"QuestionnaireResponse","questionnaire":"urn:rapport:form:first-visit|1","status":"completed","authored":"2026-03-01T10:00:00Z","item":[`)
	for g := range 20 {
		fmt.Fprintf(&said, `{"linkId":"group-%d","item":[`, g)
		for i := range 10 {
			fmt.Fprintf(&said, `{"linkId":"q-%d-%d","text":"What is it like to be asked question %d?","answer":[{"valueCoding":{"system":"urn:x","code":"c%d","display":"Answer %d"}}]},`, g, i, i, i, i)
		}
		fmt.Fprintf(&said, `{"linkId":"note-%d","answer":[{"valueString":"something"}]}]},`, g)
	}
	mine := string(load(b, "said.json"))
	said.WriteString(mine[strings.Index(mine, `"item": [`)+len(`"item": [`):])
	f := plan.Facts{Now: now, Said: []byte(said.String())}
	for i := range 200 {
		f.Results = append(f.Results, pressure(fmt.Sprint("r", i), i%28+1, fmt.Sprint(140+i%20), fmt.Sprint(85+i%10)))
	}
	for i := range 50 {
		f.Conditions = append(f.Conditions, fmt.Appendf(nil, `{"resourceType":"Condition","id":"c%d","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"%d","display":"Condition %d"}],"text":"Condition %d"},"subject":{"reference":"Patient/1"},"onsetDateTime":"2019"}`, i, i, i, i))
		f.Medicines = append(f.Medicines, medicine(fmt.Sprint("m", i), []string{"active", "stopped"}[min(i%20, 1)], fmt.Sprint("Medicine ", i)))
	}
	var ts []*plan.Template
	files, err := filepath.Glob(filepath.Join(*library, "plan-*.json"))
	if err != nil {
		b.Fatal(err)
	}
	for _, x := range files {
		src, err := os.ReadFile(x)
		if err != nil {
			b.Fatal(err)
		}
		t, err := plan.Read(src, activitiesIn(b, *library))
		if err != nil {
			b.Fatal(err)
		}
		ts = append(ts, t)
	}
	for len(ts) < 10 {
		src := strings.Replace(string(load(b, []string{"sleep.json", "pressure.json"}[len(ts)%2])), "urn:rapport:plan:", fmt.Sprintf("urn:rapport:plan:%d", len(ts)), 1)
		t, err := plan.Read([]byte(src), activitiesIn(b, "testdata"))
		if err != nil {
			b.Fatal(err)
		}
		ts = append(ts, t)
	}
	b.ReportAllocs()
	for b.Loop() {
		g := f
		var ps []*plan.Proposal
		for _, t := range ts {
			p, err := t.Propose(&g, "es")
			if err != nil {
				b.Fatal(err)
			}
			ps = append(ps, p)
		}
		m := plan.Merge(ps...)
		if len(m.Steps) < 5 {
			b.Fatal(told(b, m))
		}
	}
}

// BenchmarkRead reads a template, every expression compiled.
func BenchmarkRead(b *testing.B) {
	src, as := load(b, "sleep.json"), activitiesIn(b, "testdata")
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := plan.Read(src, as); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDay lists a day's steps of a plan that has been done for a year.
func BenchmarkDay(b *testing.B) {
	p := walking(plan.Step{ID: "a", When: daily, Phase: "two"}, plan.Step{ID: "b", When: weekly, Phase: "two"}, plan.Step{ID: "c", When: sunday, Phase: "two"})
	var done []plan.Done
	for i := range 365 {
		done = append(done, did("a", 1, i)...)
	}
	for b.Loop() {
		if len(p.Day(monday+360, done)) == 0 || p.Missed("a", done, monday+365) != 0 {
			b.Fatal("nothing")
		}
	}
}
