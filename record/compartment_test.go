package record

import (
	"testing"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir/label"
	"rapport/record/internal/store"
)

// TestWhatIsMarkedIsAbsentForWhoDoesNotTreat has a client put a result into a compartment:
// for a nurse who does not treat them it is not there in any way, for one who does it is,
// and it lies under a key that the chart's own does not open, every version of it.
func TestWhatIsMarkedIsAbsentForWhoDoesNotTreat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := func(v string) string {
		return `"status":"final","code":{"text":"Something"},"subject":{"reference":"Patient/ada"},"valueString":"` + v + `"`
	}
	h.write(h.bring(h.ada), resource("Observation", "o1", body("first")))
	h.write(h.bring(h.ada), resource("Observation", "o1", body("second")))
	sees := func(who account.Actor) bool {
		c := h.open(who, Care, h.ada, Results)
		_, read := c.Read(t.Context(), "Observation", "o1")
		_, past := c.History(t.Context(), "Observation", "o1")
		all, err := c.Find(t.Context(), "Observation")
		do(t, err)
		if (read == nil) != (past == nil) || (read == nil) != (len(all) == 1) || read != nil && !errs.Is(read, errs.NotFound) {
			t.Errorf("read %v, history %v, found %d: they do not agree", read, past, len(all))
		}
		return read == nil
	}
	if !sees(h.staff("nurse")) {
		t.Fatal("what lies in no compartment is closed")
	}
	mind := h.open(h.client(h.ada), Minding, h.ada, AllParts)
	ref := mind.Ref("Observation", "o1")
	do(t, mind.Mark(t.Context(), "Observation", ref, label.Own, 0))
	if sees(h.staff("nurse")) {
		t.Error("who does not treat the client sees what they closed")
	}
	if got, err := mind.History(t.Context(), "Observation", "o1"); err != nil || len(got) != 2 {
		t.Errorf("the client sees %d versions, %v; want 2", len(got), err)
	}
	tn, err := typeNumber("Observation")
	do(t, err)
	do(t, h.v.st.View(t.Context(), func(r store.Reader) error {
		key := mind.keys.Row("Observation", "o1")
		row, err := r.Row(t.Context(), mind.row, tn, key)
		do(t, err)
		past, err := r.Past(t.Context(), mind.row, tn, key)
		do(t, err)
		for _, x := range append(past, row) {
			sealed, err := r.Body(t.Context(), x.Body)
			do(t, err)
			if _, err := mind.keys.Body.Open(nil, sealed, mind.place(x.Type, x.Key, x.Version, halfBody)); err == nil {
				t.Errorf("version %d opens with the chart's own key", x.Version)
			}
		}
		return nil
	}))
	do(t, mind.Mark(t.Context(), "Observation", ref, 0, label.Own))
	if !sees(h.staff("nurse")) {
		t.Error("what the client opened again stays closed")
	}
}
