package forms_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/fhir/plan"
	"rapport/forms"
)

var update = flag.Bool("update", false, "write the goldens")

// TestSixPeople is what the shipped content makes of six very different people:
// scores, alarms, what they state, and the plan that is proposed, in their
// language. The goldens were read by a person for sense; read them again when
// they change.
func TestSixPeople(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"singer", "grandfather", "student", "runner", "mother", "smoker"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := readPerson(t, name)
			s := p.fill(t)
			var b strings.Builder
			fmt.Fprintf(&b, "%s\n", p.Who)
			told(t, &b, p, s)
			b.WriteString(proposed(t, p, s))
			golden(t, filepath.Join("testdata", "people", name+".golden"), b.String())
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and read what changed.\n%s", file, got)
	}
}

func told(t *testing.T, b *strings.Builder, p person, s *form.Sheet) {
	t.Helper()
	b.WriteString("\nscores\n")
	for _, sc := range s.Scores() {
		fmt.Fprintf(b, "  %s %s", sc.Item.Text(p.Lang), sc.Value)
		if sc.Band != nil {
			fmt.Fprintf(b, " (%s: %s)", sc.Band.Tone, sc.Band.Text(p.Lang))
		}
		b.WriteString("\n")
	}
	b.WriteString("\nalarms\n")
	for _, a := range s.Alarms() {
		fmt.Fprintf(b, "  %s: %s\n", a.Level, a.Text(p.Lang))
	}
	facts, err := s.Extract()
	if err != nil {
		t.Fatal(err)
	}
	b.WriteString("\nstated\n")
	for _, f := range facts {
		if _, err := fhir.Parse(f.JSON); err != nil {
			t.Errorf("%s stated is not FHIR: %v", f.Type, err)
		}
		fmt.Fprintf(b, "  %s\n", f.JSON)
	}
}

// templates returns every plan template that is shipped.
func templates(t testing.TB) []*plan.Template {
	t.Helper()
	var out []*plan.Template
	for _, r := range forms.Shipped() {
		if r.Type != "PlanDefinition" {
			continue
		}
		x, err := plan.Read(r.JSON, func(url string) ([]byte, bool) { a, ok := forms.Find(url); return a.JSON, ok })
		if err != nil {
			t.Fatalf("%s: %v", r.URL, err)
		}
		for _, problem := range x.Problems() {
			t.Errorf("%s: %v", r.URL, problem)
		}
		out = append(out, x)
	}
	return out
}

func (p person) facts(t testing.TB, s *form.Sheet) *plan.Facts {
	t.Helper()
	issues, said := s.Complete(now)
	for _, i := range issues {
		t.Errorf("not complete: %v", i)
	}
	return &plan.Facts{Now: now, Said: said, Patient: p.patient(), Answers: [][]byte{said},
		Conditions: p.of("Condition"), Medicines: p.of("MedicationStatement"), Results: p.of("Observation")}
}

func proposed(t testing.TB, p person, s *form.Sheet) string {
	t.Helper()
	var ps []*plan.Proposal
	for _, x := range templates(t) {
		one, err := x.Propose(p.facts(t, s), p.Lang)
		if err != nil {
			t.Fatalf("%s: %v", x.Title("en"), err)
		}
		if one != nil {
			ps = append(ps, one)
		}
	}
	m := plan.Merge(ps...)
	if m == nil {
		return "\nno plan\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nplan: %s\n", m.Title)
	for _, pr := range m.Problems {
		t.Errorf("problem: %v", pr)
	}
	for _, g := range m.Goals {
		fmt.Fprintf(&b, "  goal %s: %s\n    better when: %s, by %v\n", g.ID, g.Text, measure(g.Measure), g.Due)
	}
	for _, ph := range m.Phases {
		fmt.Fprintf(&b, "  weeks %d–%d %s\n", ph.From, ph.To, ph.Title)
		for _, st := range m.Steps {
			if st.Phase == ph.ID {
				fmt.Fprintf(&b, "    [%v] %s\n        %s\n        why: %s → %s\n", st.Kind, st.Title, st.Text, st.Why, strings.Join(st.Goals, " "))
			}
		}
	}
	for _, l := range m.Left {
		if l.Why == plan.TooMany {
			fmt.Fprintf(&b, "  later: %s (%s)\n", l.Step.Title, l.Step.ID)
		}
	}
	return b.String()
}

func measure(m plan.Measure) string {
	if m.Detail != "" {
		return m.Detail
	}
	return fmt.Sprintf("%s %v–%v", m.Code, m.From.Text, m.To.Text)
}

// BenchmarkPropose is all templates on one full intake; the issue asks for 50 ms.
func BenchmarkPropose(b *testing.B) {
	p := readPerson(b, "singer")
	s := p.fill(b)
	xs := templates(b)
	for b.Loop() {
		f := p.facts(b, s)
		for _, x := range xs {
			if _, err := x.Propose(f, "en"); err != nil {
				b.Fatal(err)
			}
		}
	}
}
