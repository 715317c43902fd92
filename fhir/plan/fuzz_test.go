package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir/plan"
)

func FuzzRead(f *testing.F) {
	f.Add(load(f, "sleep.json"))
	f.Add(load(f, "pressure.json"))
	f.Add(load(f, "calm.json"))
	f.Add(small(","+when("%said.item.exists()")+variable("a", "1 + 1"), `,"extension":[{"url":"urn:rapport:each","valueExpression":{"language":"text/fhirpath","expression":"%said.item"}}]`,
		`,"description":"Now {{%a}}. And {{%said.authored}}","timingTiming":{"repeat":{"boundsDuration":{"value":3,"unit":"wk"},"frequency":3,"period":8,"periodUnit":"h","dayOfWeek":["mon"],"timeOfDay":["08:00:00"]}}`, rule("missed", "remove", "s", "")))
	said := load(f, "said.json")
	activities := activitiesIn(f, "testdata")
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := plan.Read(b, activities)
		if err != nil {
			return
		}
		for _, lang := range []string{"", "es"} {
			x.Outline(lang)
			x.Rules(lang)
			p, err := x.Propose(&plan.Facts{Now: now, Said: said}, lang)
			if err != nil || p == nil {
				continue
			}
			checkProposal(t, p)
			m := plan.Merge(p)
			checkProposal(t, m)
			kept := m.Plan("p1", monday)
			kept.Status = plan.Active
			got, _ := again(t, kept)
			if len(got.Steps) != len(m.Steps) || len(got.Goals) != len(m.Goals) {
				t.Fatalf("%d steps and %d goals of %d and %d", len(got.Steps), len(got.Goals), len(m.Steps), len(m.Goals))
			}
			fs := knowing(t, &plan.Facts{Now: now.AddDate(0, 0, 30), Said: said}, kept)
			for e := plan.StepMissed; e <= plan.DayCame; e++ {
				ss, err := x.Adapt(fs, plan.Event{Name: e}, lang)
				if err != nil {
					continue
				}
				for _, s := range ss {
					got = kept.Apply(s)
					again(t, got)
				}
			}
		}
	})
}

func FuzzReadPlan(f *testing.F) {
	theirs, goal := load(f, "theirs.json"), load(f, "their-goal.json")
	f.Add(theirs, goal)
	d := dice(2)
	for range 6 {
		rs, err := d.plan().Resources("Patient/1")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(rs[0].JSON, rs[len(rs)-1].JSON)
	}
	f.Fuzz(func(t *testing.T, b, goal []byte) {
		p, err := plan.ReadPlan(b, [][]byte{goal})
		if err != nil {
			if p, err = plan.ReadPlan(b, nil); err != nil {
				return
			}
		}
		for _, day := range []plan.Date{p.Started, p.Started + 40, monday} {
			p.Day(day, nil)
			p.Stalled(nil, day)
			p.OffTrack(nil, day)
			for _, s := range p.Steps {
				p.Missed(s.ID, nil, day)
				s.When.Rhythm()
			}
		}
		if p.ID == "" {
			p.ID = "p1"
		}
		if _, err := p.Resources("Patient/1"); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		once, _ := again(t, p)
		if len(once.Steps) != len(p.Steps) || len(once.Goals) != len(p.Goals) {
			t.Fatalf("%d steps and %d goals of %d and %d", len(once.Steps), len(once.Goals), len(p.Steps), len(p.Goals))
		}
		twice, _ := again(t, once)
		if !cmp.Equal(once, twice, seen) {
			t.Fatalf("written differently the second time:\n%s", cmp.Diff(once, twice, seen))
		}
		for i := range p.Steps { // and after everything changed
			p.Steps[i].Title += "!"
		}
		for i := range p.Goals {
			p.Goals[i].Text += "!"
		}
		if _, err := p.Resources("Patient/1"); err != nil {
			t.Fatalf("what was changed cannot be written: %v", err)
		}
	})
}
