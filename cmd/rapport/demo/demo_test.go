package demo

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tuesday is the morning in the pictures.
var tuesday = time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC)

func TestSameSeedAndTimeGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("somewhere else", 9*60*60)
	one, two := Make(7, tuesday), Make(7, tuesday.In(tokyo))
	if diff := cmp.Diff(one.Practice, two.Practice); diff != "" {
		t.Errorf("practice:\n%s", diff)
	}
	if diff := cmp.Diff(one.Staff, two.Staff); diff != "" {
		t.Errorf("staff:\n%s", diff)
	}
	a, b := everything(one), everything(two)
	if len(a) != len(b) {
		t.Fatalf("got %d and %d resources", len(a), len(b))
	}
	for i := range a {
		if !bytes.Equal(a[i].JSON, b[i].JSON) {
			t.Fatalf("resource %d differs:\n%s\n%s", i, a[i].JSON, b[i].JSON)
		}
	}
}

func TestAnotherSeedGivesOtherPeople(t *testing.T) {
	t.Parallel()
	if a, b := Make(7, tuesday).Clients[0].ID, Make(8, tuesday).Clients[0].ID; a == b {
		t.Errorf("both seeds give client %s", a)
	}
}

var (
	idForm     = regexp.MustCompile(`^[a-z2-7]{26}$`)
	literalRef = regexp.MustCompile(`"reference":"([^"]*)"`)
)

func TestResourcesAreWellFormedAndIdsUnique(t *testing.T) {
	t.Parallel()
	w := Make(7, tuesday)
	seen := map[string]bool{}
	for _, r := range everything(w) {
		var h struct{ ResourceType, ID string }
		if err := json.Unmarshal(r.JSON, &h); err != nil {
			t.Fatalf("%s/%s: %v", r.Type, r.ID, err)
		}
		if h.ResourceType != r.Type || h.ID != r.ID || !idForm.MatchString(r.ID) {
			t.Errorf("got %s/%s in the JSON of %s/%s", h.ResourceType, h.ID, r.Type, r.ID)
		}
		if seen[r.ID] {
			t.Errorf("id %s is used twice", r.ID)
		}
		seen[r.ID] = true
	}
}

func TestReferencesStayWithinTheChartOrThePractice(t *testing.T) {
	t.Parallel()
	w := Make(7, tuesday)
	shared := map[string]bool{}
	for _, r := range w.Shared {
		shared[r.Type+"/"+r.ID] = true
	}
	dangling(t, "shared", w.Shared, shared)
	for _, c := range w.Clients {
		own := map[string]bool{}
		for _, r := range c.Resources {
			own[r.Type+"/"+r.ID] = true
		}
		dangling(t, c.Name, c.Resources, shared, own)
		if c.Resources[0].Type != "Patient" || c.Resources[0].ID != c.ID {
			t.Errorf("%s: the chart begins with %s", c.Name, c.Resources[0].Type)
		}
	}
}

func dangling(t *testing.T, where string, rs []Resource, known ...map[string]bool) {
	t.Helper()
	for _, r := range rs {
		for _, m := range literalRef.FindAllSubmatch(r.JSON, -1) {
			found := false
			for _, k := range known {
				found = found || k[string(m[1])]
			}
			if !found {
				t.Errorf("%s: %s/%s refers to %s, which is not there", where, r.Type, r.ID, m[1])
			}
		}
	}
}

func everything(w World) []Resource {
	all := append([]Resource(nil), w.Shared...)
	for _, c := range w.Clients {
		all = append(all, c.Resources...)
	}
	return all
}

func TestThePracticeIsAsLargeAsPromised(t *testing.T) {
	t.Parallel()
	w := Make(7, tuesday)
	counts := map[string]int{}
	for _, r := range everything(w) {
		counts[r.Type]++
	}
	t.Log(counts)
	for _, kind := range []string{
		"AllergyIntolerance", "Appointment", "CarePlan", "Condition", "DiagnosticReport", "DocumentReference", "Encounter",
		"FamilyMemberHistory", "Goal", "Immunization", "MedicationRequest", "Observation", "Procedure", "RelatedPerson",
	} {
		if counts[kind] < 5 && kind != "Procedure" {
			t.Errorf("got %d of %s, want a handful at least", counts[kind], kind)
		}
	}
	if n := len(everything(w)); n < 6000 || n > 9000 {
		t.Errorf("got %d resources, want 6,000 to 9,000", n)
	}
	if n := len(w.Clients); n < 58 || n > 64 {
		t.Errorf("got %d clients, want about 60", n)
	}
	if n := len(w.Clients[0].Resources); w.Clients[0].Name != "Amara Nwosu" || n < 280 || n > 380 {
		t.Errorf("got %s with %d resources, want Amara Nwosu with about 300", w.Clients[0].Name, n)
	}
	if len(w.Staff) != 8 {
		t.Errorf("got %d staff, want 8", len(w.Staff))
	}
}

func BenchmarkMake(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Make(7, tuesday)
	}
}
