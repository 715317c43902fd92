package plan_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rapport/fhir/plan"
)

var update = flag.Bool("update", false, "write the goldens anew")

// seen compares what can be seen of plans, goals and steps.
var seen = cmp.Options{cmpopts.IgnoreUnexported(plan.Plan{}, plan.Goal{}, plan.Step{}), cmpopts.EquateEmpty()}

func load(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	f := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(string(load(t, name)), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

func template(t testing.TB, name string) *plan.Template {
	t.Helper()
	x, err := plan.Read(load(t, name), activitiesIn(t, "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

var madrid = func() *time.Location {
	z, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		panic(err)
	}
	return z
}()

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, madrid) // a Monday

func pressure(id string, day int, top, low string) []byte {
	return fmt.Appendf(nil, `{"resourceType":"Observation","id":%q,"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"effectiveDateTime":"2026-02-%02d",
	"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":%s,"unit":"mmHg"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":%s,"unit":"mmHg"}}]}`, id, day, top, low)
}

func slept(day int, hours string) []byte {
	return fmt.Appendf(nil, `{"resourceType":"Observation","id":"s%d","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"93832-4"}]},"effectiveDateTime":"2026-03-%02d","valueQuantity":{"value":%s,"unit":"h"}}`, day, day, hours)
}

func medicine(id, status, text string) []byte {
	return fmt.Appendf(nil, `{"resourceType":"MedicationStatement","id":%q,"status":%q,"subject":{"reference":"Patient/1"},"medicationCodeableConcept":{"text":%q}}`, id, status, text)
}

func facts(t testing.TB) *plan.Facts {
	return &plan.Facts{Now: now, Said: load(t, "said.json"),
		Results:   [][]byte{pressure("a", 1, "148", "92"), pressure("b", 2, "150", "90"), pressure("c", 3, "147", "95")},
		Medicines: [][]byte{medicine("m1", "active", "Ramipril 5 mg"), medicine("m2", "stopped", "Old")},
		Number:    func(d string) string { return strings.ReplaceAll(d, ".", ",") }}
}

func propose(t testing.TB, name string, f *plan.Facts, lang string) *plan.Proposal {
	t.Helper()
	p, err := template(t, name).Propose(f, lang)
	if err != nil {
		t.Fatal(err)
	}
	if p != nil {
		checkProposal(t, p)
	}
	return p
}

// checkProposal holds for every proposal there is.
func checkProposal(t testing.TB, p *plan.Proposal) {
	t.Helper()
	goals, steps, phases := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, g := range p.Goals {
		if g.ID == "" || g.Text == "" || goals[g.ID] {
			t.Errorf("goal %q has no text, or is there twice", g.ID)
		}
		goals[g.ID] = true
	}
	for _, f := range p.Phases {
		phases[f.ID] = true
	}
	for _, s := range p.Steps {
		if s.ID == "" || s.Title == "" || s.Why == "" || s.Kind == 0 || steps[s.ID] || !phases[s.Phase] || len(s.Goals) == 0 {
			t.Errorf("step %q is not whole, or is there twice: %+v", s.ID, s)
		}
		steps[s.ID] = true
		for _, g := range s.Goals {
			if !goals[g] {
				t.Errorf("step %s serves %s, which is no goal", s.ID, g)
			}
		}
	}
}

// told writes a proposal for reading.
func told(t testing.TB, p *plan.Proposal) string {
	t.Helper()
	if p == nil {
		return "nothing\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %v\n", p.Title, p.From)
	for _, g := range p.Goals {
		fmt.Fprintf(&b, "goal %s (%d): %s\n", g.ID, g.Important, g.Text)
		if g.Because != "" {
			fmt.Fprintf(&b, "  because: %s\n", g.Because)
		}
		for _, m := range append(g.Milestones, plan.Milestone{Measure: g.Measure, Due: g.Due}) {
			fmt.Fprintf(&b, "  by %s: %s %s..%s %s %s\n", m.Due, m.Measure.Code, m.Measure.From.Text, m.Measure.To.Text, m.Measure.Unit, m.Measure.Detail)
		}
	}
	for _, f := range p.Phases {
		fmt.Fprintf(&b, "phase %s: %s, weeks %d to %d\n", f.ID, f.Title, f.From, f.To)
		for _, s := range p.Steps {
			if s.Phase == f.ID {
				when, err := json.Marshal(s.When)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "  %s (%d) %s %s: %s\n    text: %s\n    why: %s\n    goals: %v what: %s rhythm: %d %s\n", s.ID, s.Important, s.Kind, s.Code, s.Title, s.Text, s.Why, s.Goals, s.What, s.When.Rhythm(), when)
			}
		}
	}
	for _, l := range p.Left {
		fmt.Fprintf(&b, "left %s: %d %s\n", l.Step.ID, l.Why, l.For)
	}
	for _, x := range p.Problems {
		fmt.Fprintf(&b, "problem %s\n", x)
	}
	return b.String()
}

func TestProposals(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "es-MX", "fr"} {
		f := facts(t)
		sleep, high := propose(t, "sleep.json", f, lang), propose(t, "pressure.json", f, lang)
		both := plan.Merge(high, sleep)
		checkProposal(t, both)
		golden(t, "proposed-"+lang+".txt", told(t, sleep)+"\n"+told(t, high)+"\n"+told(t, both))
	}
}
