package record

import (
	"testing"

	"rapport/errs"
	"rapport/hours"
)

func TestTwoOfAFamilyOneAfterTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	g := Grant{Name: "Hana", Reads: Visits, Acts: Visits}
	hana := h.helper(h.ada, g)
	_, err := h.v.TakeHelp(ctx, hana, h.asks(h.bob, g))
	do(t, err)
	family, err := h.v.OpenHousehold(ctx, hana, Visits)
	do(t, err)
	charts, err := family.Bookers(ctx)
	do(t, err)
	if len(charts) != 2 || charts[0].Client() != h.ada || charts[1].Client() != h.bob {
		t.Fatalf("may book for %d", len(charts))
	}
	_, err = charts[0].Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	_, err = h.v.Times("x").Hold(ctx, bp("clinician", at(9, 20)))
	do(t, err)
	_, err = family.BookTogether(ctx, "k", For{charts[0], bp("clinician", at(9, 0))}, For{charts[1], bp("clinician", at(9, 20))})
	says(t, "the second is not free", err, "visits.gone")
	if x := h.taken("clinician"); len(x) != 2 {
		t.Errorf("half of it is booked: %v", x)
	}
	ids, err := family.BookTogether(ctx, "k", For{charts[0], bp("clinician", at(9, 40))}, For{charts[1], bp("clinician", at(10, 0))})
	do(t, err)
	again, err := family.BookTogether(ctx, "k", For{charts[0], bp("clinician", at(9, 40))}, For{charts[1], bp("clinician", at(10, 0))})
	do(t, err)
	if ids[0] != again[0] || h.status(h.ada, ids[0]) != "booked" || h.status(h.bob, ids[1]) != "booked" || len(h.taken("clinician")) != 3 {
		t.Errorf("booked %v, and then %v", ids, again)
	}
	if _, err := family.BookTogether(ctx, "z", For{charts[0], bp("clinician", at(11, 0))}, For{charts[0], bp("clinician", at(11, 20))}); !errs.Is(err, errs.Refused) {
		t.Errorf("one person twice: %v", err)
	}
	if _, err := family.BookTogether(ctx, "z", For{charts[0], bp("clinician", at(11, 0))}, For{h.own(h.bob), bp("clinician", at(11, 20))}); !errs.Is(err, errs.Refused) {
		t.Errorf("a chart that another opened: %v", err)
	}
	var zero *Household
	if _, err := zero.BookTogether(ctx, "k"); !errs.Is(err, errs.Refused) {
		t.Errorf("a zero household: %v", err)
	}
	if _, err := zero.Bookers(ctx); !errs.Is(err, errs.Refused) {
		t.Errorf("a zero household: %v", err)
	}
}

func TestAnOrderIsBookedByItsClient(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	h.mailed(asClient(h.ada), "ada@mail.example")
	care := h.open(h.staff("clinician"), Care, h.ada, AllParts)
	after := hours.DateOf(at(0, 0)) + 20
	id, err := care.Order(ctx, "k", Order{Service: "bp", Who: "clinician", After: after, Note: "Bring your readings"})
	do(t, err)
	again, err := care.Order(ctx, "k", Order{Service: "bp"})
	do(t, err)
	ada := h.own(h.ada)
	os, err := ada.Orders(ctx)
	do(t, err)
	if id != again || len(os) != 1 || os[0].Service != "bp" || os[0].Who != "clinician" || os[0].After != after || os[0].Note != "Bring your readings" {
		t.Fatalf("ordered %+v", os)
	}
	if len(h.taken("clinician")) != 0 {
		t.Error("an order takes a time")
	}
	do(t, ada.Move(ctx, id, bp("clinician", at(9+20*24, 0))))
	if h.status(h.ada, id) != "booked" || len(h.taken("clinician")) != 1 || h.letterList() != "visit-booked ada@mail.example" {
		t.Error("an order that was booked is not a visit")
	}
	if os, err = ada.Orders(ctx); err != nil || len(os) != 0 {
		t.Errorf("and still an order: %v, %v", os, err)
	}
	anybody, err := care.Order(ctx, "any", Order{Service: "bp"})
	do(t, err)
	do(t, ada.Cancel(ctx, anybody))
	for name, o := range map[string]Order{"no service": {Service: "x"}, "not with them": {Service: "bp", Who: "manager"}, "a long note": {Service: "bp", Note: string(make([]byte, 600))}} {
		if _, err := care.Order(ctx, name, o); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ada.Order(ctx, "own", Order{Service: "bp"}); !errs.Is(err, errs.Refused) {
		t.Errorf("a client orders: %v", err)
	}
}

func TestWhoRunsLateTellsThoseWhoWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	h.mailed(asClient(h.ada), "ada@mail.example")
	_, err := h.own(h.ada).Book(ctx, "k", "", bp("clinician", at(11, 0)))
	do(t, err)
	_, err = h.own(h.ada).Book(ctx, "k2", "", bp("clinician", at(11+24, 0)))
	do(t, err)
	h.letterList()
	h.now.Add(at(10, 0).Sub(h.now.Now()))
	d, err := h.v.OpenDirectory(ctx, h.staff("nurse"), Finding)
	do(t, err)
	for _, x := range []struct {
		minutes int
		want    string
	}{{5, ""}, {20, "visit-late ada@mail.example"}, {25, ""}, {35, "visit-late ada@mail.example"}, {0, ""}} {
		do(t, d.SetLate(ctx, "clinician", x.minutes))
		if got := h.letterList(); got != x.want {
			t.Errorf("%d minutes: %q, want %q", x.minutes, got, x.want)
		}
	}
}

// TestOneKeyIsOneAskingForAFamilyToo: what was asked with a key says nothing of another
// time, another way, or others' visits.
func TestOneKeyIsOneAskingForAFamilyToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	g := Grant{Name: "Hana", Reads: Visits, Acts: Visits}
	hana := h.helper(h.ada, g)
	_, err := h.v.TakeHelp(ctx, hana, h.asks(h.bob, g))
	do(t, err)
	family, err := h.v.OpenHousehold(ctx, hana, Visits)
	do(t, err)
	charts, err := family.Bookers(ctx)
	do(t, err)
	book := func(a, b Pick) error {
		_, err := family.BookTogether(ctx, "k", For{charts[0], a}, For{charts[1], b})
		return err
	}
	do(t, book(bp("clinician", at(9, 0)), bp("clinician", at(9, 20))))
	do(t, book(bp("clinician", at(9, 0)), bp("clinician", at(9, 20))))
	says(t, "another second", book(bp("clinician", at(9, 0)), bp("clinician", at(9, 40))), "visits.not_held")
	says(t, "with another", book(bp("nurse", at(9, 0)), bp("nurse", at(9, 20))), "visits.not_held")
	if n := len(h.taken("clinician")) + len(h.taken("nurse")); n != 2 {
		t.Errorf("%d are booked", n)
	}
}
