package record

import (
	"context"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir/label"
)

// TestAClockThatRanOut: the privacy officer hears of it once, decides, and hears again in a
// year of what was kept. Nothing is destroyed by itself.
func TestAClockThatRanOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settles(func(s *Settings) { s.Keep = Keeping{Record: 10, Minor: 25, In: map[string]int{"mental": 5}} })
	h.write(h.bring(h.ada), pulse("o1", "ada", 60))
	h.write(h.bring(h.bob), pulse("o2", "bob", 60))
	mind := h.open(h.client(h.ada), Minding, h.ada, AllParts)
	do(t, mind.Mark(t.Context(), "Observation", mind.Ref("Observation", "o1"), label.Mental, 0))
	watch := account.AsSystem(account.Watching)
	hears := func(want int) []Review {
		t.Helper()
		n, err := h.v.RunOut(t.Context(), watch)
		do(t, err)
		if n != want {
			t.Errorf("the officer hears of %d, want %d", n, want)
		}
		p, err := h.v.OpenPractice(t.Context(), h.staff("privacy"), Guarding)
		do(t, err)
		all, err := p.Reviews(t.Context())
		do(t, err)
		return all
	}
	year := 366 * 24 * time.Hour
	h.now.Add(4 * year)
	hears(0)
	h.now.Add(2 * year) // past five years, not ten
	all := hears(1)
	if len(all) != 1 || all[0].Kind != ReviewClock || all[0].Client != h.ada || all[0].In != label.Mental || !all[0].Until.Before(h.now.Now()) {
		t.Fatalf("%+v", all)
	}
	hears(0) // once
	if c := h.open(h.client(h.ada), Own, h.ada, Results); !reads(c, "o1") {
		t.Error("it was destroyed by itself")
	}
	p, err := h.v.OpenPractice(t.Context(), h.staff("privacy"), Guarding)
	do(t, err)
	do(t, p.RefuseErase(t.Context(), all[0].ID, "A case of last year."))
	hears(0)
	h.now.Add(year + 24*time.Hour)
	all = hears(1)
	p, err = h.v.OpenPractice(t.Context(), h.staff("privacy"), Guarding)
	do(t, err)
	do(t, p.Erase(t.Context(), all[0].ID, ""))
	if c := h.open(h.client(h.ada), Own, h.ada, Results); reads(c, "o1") {
		t.Error("it is there still")
	}
	do(t, p.Hold(t.Context(), h.ada, "A matter"))
	h.now.Add(5 * year) // past ten: Bob's record; Ada's is held
	all = hears(1)
	if all[0].Client != h.bob || all[0].In != 0 {
		t.Errorf("%+v", all[0])
	}
	h.write(h.bring(h.bob), pulse("o3", "bob", 60)) // somebody writes about him again: it is his to decide, later
	if _, err := h.v.RunOut(t.Context(), h.staff("manager")); !errs.Is(err, errs.Refused) {
		t.Errorf("the manager lets clocks run: %v", err)
	}
}

func reads(c *Chart, id string) bool {
	_, err := c.Read(context.Background(), "Observation", id)
	return err == nil
}

// TestAClockStopsForWhoComes: who has a visit before them is not spoken of.
func TestAClockStopsForWhoComes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settles(func(s *Settings) { s.Keep = Keeping{Record: 1, Minor: 2} })
	h.now.Add(800 * 24 * time.Hour)
	n, err := h.v.RunOut(t.Context(), account.AsSystem(account.Watching))
	do(t, err)
	if n != 2 {
		t.Errorf("%d clocks ran out, want 2", n)
	}
}
