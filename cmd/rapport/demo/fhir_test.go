package demo

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir"
)

func TestEveryResourceIsR4AndBelongsToOneChart(t *testing.T) {
	t.Parallel()
	for i, now := range moments {
		w := Make(uint64(i), now)
		for _, r := range w.Shared {
			d := parsed(t, r)
			if of, _ := fhir.Compartment(d); len(of) != 0 || !fhir.PracticeWide(r.Type) {
				t.Errorf("%s/%s is shared, but is about %q", r.Type, r.ID, of)
			}
		}
		for _, c := range w.Clients {
			for _, r := range c.Resources {
				d := parsed(t, r)
				of, _ := fhir.Compartment(d)
				if diff := cmp.Diff([]string{c.ID}, of); diff != "" || fhir.PracticeWide(r.Type) {
					t.Errorf("%s/%s in the chart of %s:\n%s", r.Type, r.ID, c.Name, diff)
				}
			}
		}
	}
}

func parsed(t *testing.T, r Resource) *fhir.Doc {
	t.Helper()
	d, err := fhir.Parse(r.JSON)
	if err != nil {
		t.Fatalf("%s: %v", r.JSON, err)
	}
	if issues := d.Issues(); len(issues) > 0 {
		t.Errorf("%s: %v", r.JSON, issues)
	}
	return d
}
