package form

import (
	"strings"
	"testing"
	"time"

	"rapport/errs"
	"rapport/fhir"
)

func TestADecisionIsKeptOnceAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	was := []byte(`{"resourceType":"QuestionnaireResponse","id":"r","extension":[{"url":"https://other.example/x","valueDecimal":1.50}],"status":"completed","x-kept":{"a":1.10}}`)
	d := Decision{Type: "Condition", Place: "12.1,13.1", What: Aside, By: "Practitioner/p", Name: "Dr <P>", At: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), Why: "It is \"another's\""}
	now, err := Decide(was, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fhir.Parse(now); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{`"valueDecimal":1.50`, `"x-kept":{"a":1.10}`, "https://other.example/x"} {
		if !strings.Contains(string(now), kept) {
			t.Errorf("%s is lost: %s", kept, now)
		}
	}
	if got := Decisions(now); len(got) != 1 || got[0] != d {
		t.Errorf("decided %+v", got)
	}
	d.What = Accepted
	if _, err := Decide(now, d); !errs.Is(err, errs.Conflict) {
		t.Errorf("decided twice: %v", err)
	}
	d.Type, d.Why, d.Resource, d.Text, d.What = "AllergyIntolerance", "", "AllergyIntolerance/a", "Nuts", Changed
	if now, err = Decide(now, d); err != nil {
		t.Fatal(err)
	}
	if got := Decisions(now); len(got) != 2 || got[1] != d {
		t.Errorf("decided %+v", got)
	}
	if got := Decisions([]byte(`{"resourceType":"QuestionnaireResponse","status":"completed","extension":[{"url":"urn:rapport:decided"}]}`)); len(got) != 0 {
		t.Errorf("half a decision counts: %+v", got)
	}
	if _, err := Decide([]byte("no"), d); !errs.Is(err, errs.Invalid) {
		t.Errorf("no JSON: %v", err)
	}
}
