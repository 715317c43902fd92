package record

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"rapport/errs"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// together hands acts to the ledger while it is busy, so that they share one commit.
func (h *house) together(acts ...func() error) []error {
	h.t.Helper()
	out := make([]error, len(acts))
	busy, queued := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	var ended atomic.Int64
	wg.Go(func() {
		err := h.v.led.Commit(context.Background(), &ledger.Act{Write: func(context.Context, store.Tx) error {
			close(busy)
			<-queued
			return nil
		}})
		if err != nil {
			h.t.Error(err)
		}
	})
	<-busy
	for i, f := range acts {
		wg.Go(func() {
			defer ended.Add(1)
			out[i] = f()
		})
		for h.v.led.Waiting()+int(ended.Load()) <= i {
			runtime.Gosched()
		}
	}
	close(queued)
	wg.Wait()
	return out
}

func TestTwoWhoChooseAtOnceEachGetARoom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada, bob := h.own(h.ada), h.own(h.bob)
	for i, err := range h.together(
		func() error { _, err := ada.Calendar().Hold(ctx, bp("clinician", at(9, 0))); return err },
		func() error { _, err := bob.Calendar().Hold(ctx, bp("nurse", at(9, 0))); return err },
	) {
		if err != nil {
			t.Errorf("hold %d, with a room for each: %v", i, err)
		}
	}
	for i, err := range h.together(
		func() error { _, err := ada.Book(ctx, "a", "", bp("clinician", at(10, 0))); return err },
		func() error { _, err := bob.Book(ctx, "b", "", bp("nurse", at(10, 0))); return err },
	) {
		if err != nil {
			t.Errorf("booking %d, with a room for each: %v", i, err)
		}
	}
	sameTimes(t, h.v)
}

func TestTwoTabsOfOneAreNotInEachOthersWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada := h.own(h.ada)
	_, err := ada.Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	for i, err := range h.together(
		func() error { return ada.Calendar().Drop(ctx) },
		func() error { _, err := ada.Calendar().Hold(ctx, bp("clinician", at(9, 0))); return err },
	) {
		if err != nil {
			t.Errorf("act %d: %v", i, err)
		}
	}
	if x, err := ada.Calendar().Held(ctx); err != nil || !x.From.Equal(at(9, 0)) {
		t.Errorf("held: %+v, %v", x, err)
	}
	sameTimes(t, h.v)
}

func TestAHoldThatEndedIsInNobodysWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada, bob := h.own(h.ada), h.own(h.bob)
	held, err := ada.Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	_, err = bob.Calendar().Hold(ctx, bp("nurse", at(9, 0)))
	do(t, err)
	h.now.Add(6 * minute)
	_, err = ada.Book(ctx, held.Key(), "", bp("clinician", at(9, 0)))
	if err != nil {
		t.Errorf("a time that is held no more and open to all: %v", err)
	}
	_, err = ada.Book(ctx, "k", "", bp("nurse", at(9, 0)))
	if err != nil {
		t.Errorf("what another held is open to all: %v", err)
	}
	_, err = ada.Calendar().Hold(ctx, bp("clinician", at(9, 20)))
	do(t, err)
	h.now.Add(6 * minute)
	g := h.guest("abcdefghijklmnopqrstuvwxyz", "nia@mail.example")
	if _, err := h.v.TimesOf(g, "").Reserve(ctx, "k", "", bp("clinician", at(9, 20)), ""); err != nil {
		t.Errorf("a guest, of what was held and is not: %v", err)
	}
	sameTimes(t, h.v)
}

func TestTakingOverAHoldGivesBackTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada := h.own(h.ada)
	_, err := ada.Calendar().Hold(ctx, bp("nurse", at(9, 0)))
	do(t, err)
	browser := h.v.Times("token")
	_, err = browser.Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	_, err = ada.Calendar().Adopt(ctx, browser)
	do(t, err)
	if !h.free(bp("nurse", at(9, 0))) {
		t.Error("what was held before is shown as taken")
	}
	sameTimes(t, h.v)
}

func TestAClockThatJumpsLosesNoTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada, bob := h.own(h.ada), h.own(h.bob)
	held, err := ada.Calendar().Hold(ctx, bp("clinician", at(33, 0)))
	do(t, err)
	h.now.Add(-24 * 60 * minute)
	_, err = bob.Calendar().Hold(ctx, bp("clinician", at(33, 0)))
	says(t, "held by another", err, "visits.gone")
	_, err = ada.Book(ctx, held.Key(), "", bp("clinician", at(33, 0)))
	do(t, err)
	_, err = bob.Calendar().Hold(ctx, bp("clinician", at(33, 20)))
	do(t, err)
	h.now.Add(2 * 24 * 60 * minute) // past it, and an act lapses what bob held …
	_, err = ada.Calendar().Hold(ctx, bp("nurse", at(57, 0)))
	do(t, err)
	h.now.Add(-24 * 60 * minute) // … before it is set right
	sameTimes(t, h.v)
	if !h.free(bp("clinician", at(33, 20))) {
		t.Error("what lapsed is shown as taken")
	}
	if errs.SayOf(ada.Move(ctx, ada.visitID(held.Key(), 0), bp("clinician", at(33, 40)))) != "" {
		t.Error("a visit cannot be moved any more")
	}
	sameTimes(t, h.v)
}

func TestBesideWhatWasBroughtInNothingOpens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada := h.own(h.ada)
	ids, err := ada.Book(ctx, "k", "", bp("clinician", at(9, 0)))
	do(t, err)
	_, err = h.bring(h.bob).Put(ctx, booked("b", "bob", "clinician", at(9, 10), 50))
	do(t, err)
	says(t, "moved under what stands beside it", ada.Move(ctx, ids[0], bp("clinician", at(9, 40))), "visits.gone")
	do(t, ada.Move(ctx, ids[0], bp("clinician", at(10, 0))))
	if h.free(bp("clinician", at(9, 40))) || !h.free(bp("clinician", at(11, 0))) {
		t.Error("what stands beside is open")
	}
	sameTimes(t, h.v)
}

func TestNobodyIsOfferedWhatTheyCannotTake(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	late, visit := h.waits("late", at(11, 0), Wish{})
	keep, twin, id := h.twins()
	gone, err := h.own(twin).Book(ctx, "k", "", bp("clinician", at(9+5*24, 0)))
	do(t, err)
	do(t, h.own(twin).WishEarlier(ctx, gone[0], Wish{}))
	do(t, h.doubler().Merge(ctx, id, keep))
	bob := h.own(h.bob)
	today, err := bob.Book(ctx, "today", "", bp("clinician", at(10, 20)))
	do(t, err)
	later, err := bob.Book(ctx, "later", "", bp("clinician", at(10+24, 20)))
	do(t, err)
	h.now.Add(at(9, 5).Sub(start)) // two hours before at the latest is past for eleven o'clock
	desk := h.open(h.staff("frontdesk"), Care, h.bob, Visits)
	do(t, desk.Cancel(ctx, today[0]))
	do(t, desk.Cancel(ctx, later[0]))
	if n := h.tick(); n != 0 {
		w, err := h.own(late.client).Wish(ctx, visit)
		t.Errorf("%d are asked: %+v, %v", n, w.Offer, err)
	}
	if !h.free(bp("clinician", at(10+24, 20))) {
		t.Error("a time is held for a chart that is no more")
	}
	kindIs(t, "to decline for nobody", (*Chart)(nil).DeclineOffer(ctx, visit), errs.Refused)
	kindIs(t, "a wish without end", h.own(h.bob).WishEarlier(ctx, "x", Wish{Who: make([]string, 1000)}), errs.Invalid)
}

// takenOf is the time that somebody's visit takes.
func (v *Vault) takenOf(ctx context.Context, c *Chart, id string) (x *taking, err error) {
	err = v.st.View(ctx, func(r store.Reader) error {
		if x, err = v.takenAs(ctx, r, c.keys.Row(appointment, id)); err == nil && x == nil {
			err = errNoVisit
		}
		return err
	})
	return x, err
}
