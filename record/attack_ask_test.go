package record

import (
	"fmt"
	"testing"
	"time"

	"rapport/account"
	"rapport/fhir"
)

func TestAskingThousandsCostsLittleEachTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	h.asksFor(`{"url":"from","valueInteger":0}`)
	h.mailed(asClient(h.ada), "ada@mail.example")
	h.booksLater(h.ada)
	ask := func() int {
		n, err := h.v.Ask(t.Context(), account.AsSystem(account.Asking))
		do(t, err)
		return n
	}
	if ask() != 1 {
		t.Fatal("not asked")
	}
	for range 3 {
		start := time.Now()
		ask()
		t.Log(time.Since(start))
	}
	// the clock jumps back and forth
	h.now.Add(-48 * time.Hour)
	if n := ask(); n != 0 {
		t.Errorf("asked %d again when the clock was put back", n)
	}
	h.now.Add(48 * time.Hour)
	if n := ask(); n != 0 {
		t.Errorf("asked %d again", n)
	}
}

func TestAVisitWithinTheHourAndOneThatIsCancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	h.asksFor(`{"url":"from","valueInteger":0}`)
	h.mailed(asClient(h.ada), "ada@mail.example")
	from := h.booksLater(h.ada)
	h.now.Add(from.Sub(h.now.Now()) + time.Minute)
	if n, err := h.v.Ask(t.Context(), account.AsSystem(account.Asking)); err != nil || n != 0 {
		t.Errorf("asked %d for a visit that has begun, %v", n, err)
	}
}

func TestAPlanOfAMergedChartStandsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	put := func(c fhir.ClientID, person string, active bool) {
		t.Helper()
		p, err := h.v.Open(t.Context(), h.staff("nurse"), Care, c, AllParts)
		do(t, err)
		f, err := p.Read(t.Context(), "CarePlan", "p1")
		x := Change{Resource: resource("CarePlan", "p1", fmt.Sprintf(`"status":"active","intent":"plan","title":%q,"subject":{"reference":"Patient/%s"}`, fmt.Sprint(active), person))}
		if err == nil {
			x.IfVersion = f.Version
		}
		do(t, p.Plan(t.Context(), "plan", Board{Plan: "p1", Active: active, Awaits: AwaitsStaff}, x))
	}
	a, b, id := h.twins()
	put(b, "ruth-b", true)
	do(t, h.doubler().Merge(t.Context(), id, a))
	d := h.find("nurse")
	all, err := d.Boards(t.Context())
	do(t, err)
	if len(all) != 1 || all[0].Client != a {
		t.Fatalf("boards: %+v", all)
	}
	put(a, "ruth-a", false)
	all, err = d.Boards(t.Context())
	do(t, err)
	if len(all) != 1 || all[0].Active {
		t.Fatalf("boards of a plan that was gone on with: %+v", all)
	}
}
