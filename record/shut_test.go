package record

import (
	"testing"
	"time"

	"rapport/fhir/label"
)

// TestWhatIsShutToOneIsClosedInTheDayAndTheList: whom a client shut a compartment to, and
// who treats them all the same, learns neither from the day nor from the list of what is to
// do whose the visit in it is.
func TestWhatIsShutToOneIsClosedInTheDayAndTheList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(h.bring(h.ada), resource("CareTeam", "team", `"status":"active","subject":{"reference":"Patient/ada"},"participant":[{"member":{"reference":"Practitioner/clinician"}}]`))
	h.write(h.bring(h.ada), labelled(resource("Appointment", "a1", `"status":"booked","start":"2026-11-24T14:00:00Z","end":"2026-11-24T14:20:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"},{"actor":{"reference":"Practitioner/nurse"},"status":"accepted"}]`), "MH"))
	knows := func() (day, list bool) {
		d, err := h.v.OpenDirectory(t.Context(), h.staff("clinician"), Finding)
		do(t, err)
		got, err := d.Day(t.Context(), start, start.Add(12*time.Hour))
		do(t, err)
		if len(got) != 1 {
			t.Fatalf("%d visits, want 1", len(got))
		}
		return got[0].Client == h.ada, d.mayKnow(t.Context(), Todo{Client: h.ada, Kind: "cancelled", Owner: "nurse", Private: true, In: label.Mental})
	}
	if day, list := knows(); !day || !list {
		t.Fatalf("who treats knows of the day: %t, of the list: %t; want both", day, list)
	}
	mind := h.open(h.client(h.ada), Minding, h.ada, AllParts)
	_, err := mind.Limit(t.Context(), Limit{Who: []string{"clinician"}, In: label.Mental})
	do(t, err)
	if day, list := knows(); day || list {
		t.Errorf("it is shut, and the day tells: %t, the list tells: %t", day, list)
	}
}
