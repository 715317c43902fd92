package forms_test

import (
	"testing"
	"time"

	"rapport/fhir"
	"rapport/forms"
)

func TestAPracticesOwnStandsOverWhatShips(t *testing.T) {
	t.Parallel()
	l := forms.New(nil)
	if b := l.Broken(); len(b) > 0 {
		t.Fatalf("what ships does not work: %+v", b)
	}
	if n := len(l.Plans()); n < 8 {
		t.Errorf("%d plan templates", n)
	}
	const first = "urn:rapport:form:first-visit"
	was, ok := l.Form(first, "")
	if !ok || was.Source != forms.OfProgram || !was.Goes {
		t.Fatalf("the first intake: %+v", was)
	}
	own := func(version, status string) fhir.Resource {
		return fhir.Resource{Type: "Questionnaire", ID: "own-" + version, JSON: []byte(`{"resourceType":"Questionnaire","id":"own-` + version + `","url":"` + first + `","version":"` + version + `","status":"` + status + `","item":[{"linkId":"a","type":"string"}]}`)}
	}
	broken := fhir.Resource{Type: "Questionnaire", ID: "bad", JSON: []byte(`{"resourceType":"Questionnaire","id":"bad","status":"active"}`)}
	n := forms.New([]fhir.Resource{own("9", "active"), own("10", "draft"), broken})
	if e, ok := n.Form(first, ""); !ok || e.Version != "9" || e.Goes {
		t.Errorf("the newest that is published: %+v", e)
	}
	if e, ok := n.Form(first, was.Version); !ok || e.Count() != was.Count() {
		t.Error("a version somebody has begun is not there any more")
	}
	if es := n.Editions(first); len(es) != 3 || es[0].Version != "10" {
		t.Errorf("%d editions", len(es))
	}
	if b := n.Broken(); len(b) != 1 || b[0].ID != "bad" {
		t.Errorf("broken: %+v", b)
	}
	if e, _ := l.Form(first, ""); e.Version != was.Version {
		t.Error("another practice's form changed what ships")
	}
}

func TestWhenAFormIsDue(t *testing.T) {
	t.Parallel()
	visit := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	never := func(string) time.Time { return time.Time{} }
	when := func(at time.Time) func(string) time.Time { return func(string) time.Time { return at } }
	for _, c := range []struct {
		name string
		a    forms.Asked
		s    string
		age  int
		done func(string) time.Time
		want bool
	}{
		{"never handed in", forms.Asked{}, "gp", 40, never, true},
		{"handed in, once for all", forms.Asked{}, "gp", 40, when(visit.AddDate(-9, 0, 0)), false},
		{"handed in eleven months before", forms.Asked{Again: 12}, "gp", 40, when(visit.AddDate(0, -11, 0)), false},
		{"handed in a year before", forms.Asked{Again: 12}, "gp", 40, when(visit.AddDate(0, -12, 0)), true},
		{"another service", forms.Asked{Services: []string{"scan"}}, "gp", 40, never, false},
		{"its service", forms.Asked{Services: []string{"scan", "gp"}}, "gp", 40, never, true},
		{"too young", forms.Asked{From: 18}, "gp", 17, never, false},
		{"old enough", forms.Asked{From: 18}, "gp", 18, never, true},
		{"too old", forms.Asked{To: 11}, "gp", 12, never, false},
		{"a child", forms.Asked{To: 11}, "gp", 11, never, true},
		{"nobody knows how old: a grown-up's form", forms.Asked{From: 18}, "gp", -1, never, true},
		{"nobody knows how old: a child's form", forms.Asked{To: 11}, "gp", -1, never, false},
		{"nobody knows how old: a teenager's form", forms.Asked{From: 12, To: 17}, "gp", -1, never, false},
		{"after another that was never handed in", forms.Asked{After: []string{"x"}, Again: 3}, "gp", 40, never, false},
		{"after another that was handed in a month before", forms.Asked{After: []string{"x"}, Again: 3}, "gp", 40, when(visit.AddDate(0, -1, 0)), false},
		{"after another that was handed in long before", forms.Asked{After: []string{"x"}, Again: 3}, "gp", 40, when(visit.AddDate(0, -4, 0)), true},
	} {
		if got := c.a.Due(c.s, c.age, visit, c.done); got != c.want {
			t.Errorf("%s: due %v", c.name, got)
		}
	}
}
