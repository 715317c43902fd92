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

// TestWhatWaitsForAnybodyOpensNothing has a client who has no visit to come ask for
// something to be put right, which nobody in particular has to see to: it makes nobody one
// who treats them.
func TestWhatWaitsForAnybodyOpensNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(h.bring(h.ada), labelled(resource("Observation", "o1", `"status":"final","code":{"text":"Something"},"subject":{"reference":"Patient/ada"},"valueString":"x"`), "MH"))
	_, err := h.open(h.client(h.ada), Minding, h.ada, AllParts).AskCorrection(t.Context(), "k", "", "", "There is a word missing.")
	do(t, err)
	d, err := h.v.OpenDirectory(t.Context(), h.staff("nurse"), Finding)
	do(t, err)
	todo, err := d.Todos(t.Context())
	if err != nil || len(todo) != 1 || todo[0].Owner != "" {
		t.Fatalf("to do: %+v, %v; want one thing for whoever finds it first", todo, err)
	}
	c := h.open(h.staff("nurse"), Care, h.ada, Results)
	if _, err := c.Read(t.Context(), "Observation", "o1"); err == nil || c.Bond() != NoBond {
		t.Errorf("what waits for anybody opens what is closed: bond %v, %v", c.Bond(), err)
	}
	do(t, d.Assign(t.Context(), todo[0].ID, "nurse"))
	if c = h.open(h.staff("nurse"), Care, h.ada, Results); c.Bond() != ByTask {
		t.Errorf("who takes it on has bond %v, want %v", c.Bond(), ByTask)
	}
}
