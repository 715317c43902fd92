package record

import (
	"strings"
	"testing"

	"rapport/errs"
	"rapport/hours"
)

func TestAGuestHasThreeVisitsToComeAtMost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	g := h.guest("abcdefghijklmnopqrstuvwxyz", "nia@mail.example")
	times := h.v.TimesOf(g, "")
	var acts []func() error
	for i := range 6 {
		acts = append(acts, func() error {
			_, err := times.Reserve(ctx, string(rune('a'+i)), "", bp("clinician", at(9, 20*i)), "")
			return err
		})
	}
	refused := 0
	for _, err := range h.together(acts...) {
		if err != nil {
			refused++
			says(t, "a fourth", err, "visits.many")
		}
	}
	mine := times.Reservations()
	if refused != 3 || len(mine) != 3 {
		t.Fatalf("%d refused, %d booked", refused, len(mine))
	}
	// one moved is no fourth, and one called off makes room
	_, err := times.Reserve(ctx, "m", "", bp("nurse", at(11, 0)), mine[0].ID)
	do(t, err)
	_, err = times.Reserve(ctx, "n", "", bp("nurse", at(9, 0)), "")
	says(t, "after a move", err, "visits.many")
	do(t, times.Release(ctx, mine[1].ID))
	_, err = times.Reserve(ctx, "n", "", bp("nurse", at(9, 0)), "")
	do(t, err)
	h.reopen()
	h.now.Add(48 * 60 * minute) // all of them are past
	_, err = h.v.TimesOf(g, "").Reserve(ctx, "o", "", bp("nurse", at(24*3+9, 0)), "")
	do(t, err)
	sameTimes(t, h.v)
}

func TestANoteIsNoBook(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	long := strings.Repeat("ä", noteMost+1)
	_, err := h.own(h.ada).Book(ctx, "k", long, bp("clinician", at(9, 0)))
	kindIs(t, "a client's", err, errs.Invalid)
	_, err = h.v.TimesOf(h.guest("abcdefghijklmnopqrstuvwxyz", "nia@mail.example"), "").Reserve(ctx, "k", long, bp("clinician", at(9, 0)), "")
	kindIs(t, "a guest's", err, errs.Invalid)
	_, err = h.own(h.ada).Book(ctx, "k\x00\n/✓"+strings.Repeat("k", 1<<20), long[:2*noteMost], bp("clinician", at(9, 0)))
	do(t, err)
	if len(h.taken("clinician")) != 1 {
		t.Error("not one visit")
	}
}

func TestAGuestsSlipFollowsTheirVisit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	g := h.guest("abcdefghijklmnopqrstuvwxyz", "nia@mail.example")
	id, err := h.v.TimesOf(g, "").Reserve(ctx, "k", "", bp("clinician", at(9, 0)), "")
	do(t, err)
	s, err := h.v.OpenSlip(ctx, g, id)
	do(t, err)
	for range 2 { // twice is once
		do(t, s.Move(ctx, bp("clinician", at(10, 0))))
		if x, err := s.Visit(ctx); err != nil || x.Status != "booked" || !x.From.Equal(at(10, 0)) {
			t.Fatalf("moved by its slip, the slip shows %+v, %v", x, err)
		}
	}
	do(t, s.Cancel(ctx))
	if x, err := s.Visit(ctx); err != nil || x.Status != "cancelled" || len(h.taken("clinician")) != 0 {
		t.Errorf("called off, the slip shows %+v, %v", x, err)
	}
	sameTimes(t, h.v)
}

func TestNothingIsBookedInThePast(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	h.now.Add(at(8, 58).Sub(start))
	ada, browser := h.own(h.ada), h.v.Times("token")
	_, err := ada.Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	_, err = browser.Hold(ctx, bp("nurse", at(9, 0)))
	do(t, err)
	h.now.Add(4 * minute)
	_, err = ada.Book(ctx, "k", "", bp("clinician", at(9, 0)))
	says(t, "a visit that began two minutes ago", err, "visits.gone")
	_, err = h.v.TimesOf(h.guest("abcdefghijklmnopqrstuvwxyz", "nia@mail.example"), "token").Reserve(ctx, "k", "", bp("nurse", at(9, 0)), "")
	says(t, "a guest's", err, "visits.gone")
}

func TestAHoldWhoseRulesChangeMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada, bob := h.own(h.ada), h.own(h.bob)
	held, err := ada.Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	_, err = bob.Calendar().Hold(ctx, Pick{Service: "scan", Who: "nurse", From: at(10, 0), Mode: hours.InPerson})
	do(t, err)
	h.opens(func(tt *hours.Timetable) {
		tt.Rooms[0].Closed = true
		tt.Services = tt.Services[:1]
	})
	ids, err := ada.Book(ctx, held.Key(), "", bp("clinician", at(9, 0)))
	do(t, err)
	x, err := h.v.takenOf(ctx, ada, ids[0])
	do(t, err)
	if x.Room != "r2" {
		t.Errorf("booked in room %s, which is closed", x.Room)
	}
	_, err = bob.Book(ctx, "k", "", Pick{Service: "scan", Who: "nurse", From: at(10, 0), Mode: hours.InPerson})
	says(t, "a service there is no more", err, "visits.gone")
	sameTimes(t, h.v)
}
