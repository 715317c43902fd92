package record

import (
	"strings"
	"testing"
	"time"
)

func TestAVisitIsFoundByItsCodeAtTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.week()
	when := start.Truncate(time.Hour).Add(2 * time.Hour)
	id := h.meets(h.ada, when)
	tomorrow := h.meets(h.ada, when.AddDate(0, 0, 1))
	c := h.open(h.staff("frontdesk"), Care, h.ada, Visits)
	code := c.CheckIn(id)
	for _, typed := range []string{code, strings.ToLower(code), " " + code[:2] + " " + code[2:4] + "-" + code[4:] + "\n"} {
		found, err := h.find("frontdesk").ByCode(t.Context(), typed)
		if err != nil || len(found) != 1 || found[0].Client != h.ada || found[0].Visit != id {
			t.Errorf("%q finds %v, %v", typed, found, err)
		}
	}
	for _, typed := range []string{"", code[:5], code + "A", c.CheckIn(tomorrow), "ÄÖÜÄÖÜ", strings.Repeat("A", 1<<16)} {
		if found, err := h.find("frontdesk").ByCode(t.Context(), typed); err != nil || len(found) != 0 {
			t.Errorf("%.10q finds %v, %v", typed, found, err)
		}
	}
	if err := c.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if found, err := h.find("frontdesk").ByCode(t.Context(), code); err != nil || len(found) != 0 {
		t.Errorf("a visit that is off is found: %v, %v", found, err)
	}
	if _, err := (*Directory)(nil).ByCode(t.Context(), code); err == nil {
		t.Error("nobody finds visits")
	}
}
