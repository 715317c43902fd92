package record

import (
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

func TestAFeedTellsWhenAndNothingElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada := h.own(h.ada)
	_, err := ada.Book(ctx, "k", "my note", bp("clinician", at(9, 0)))
	do(t, err)
	_, err = h.own(h.bob).Book(ctx, "k", "", bp("nurse", at(9, 0)))
	do(t, err)
	path, err := ada.NewFeed(ctx)
	do(t, err)
	d, err := h.v.OpenDirectory(ctx, h.staff("nurse"), Finding)
	do(t, err)
	desk, err := d.NewFeed(ctx)
	do(t, err)
	items := func(path string) []FeedItem {
		t.Helper()
		token := strings.TrimSuffix(strings.TrimPrefix(path, "/feeds/"), "/visits.ics")
		if _, err := h.doors.Enter(ctx, token, account.Ask{}); err == nil {
			t.Error("a feed's link lets somebody in")
		}
		if _, _, err := h.doors.Slip(ctx, token); err == nil {
			t.Error("a feed's link is a slip")
		}
		who, err := h.doors.Feed(ctx, token)
		if err != nil {
			return nil
		}
		f, err := h.v.OpenFeed(ctx, who)
		do(t, err)
		return f.Items()
	}
	a, n := items(path), items(desk)
	if len(a) != 1 || !a[0].From.Equal(at(9, 0)) || !strings.HasPrefix(a[0].Room, "Room ") || len(n) != 1 || n[0].ID == a[0].ID {
		t.Errorf("Ada's %+v, the nurse's %+v", a, n)
	}
	again, err := ada.NewFeed(ctx)
	do(t, err)
	if items(path) != nil || len(items(again)) != 1 || len(items(desk)) != 1 {
		t.Error("a new link does not end the one before, or ends another's")
	}
	do(t, ada.EndFeed(ctx))
	do(t, d.EndFeed(ctx))
	if items(again) != nil || items(desk) != nil {
		t.Error("what was ended is read")
	}
	if _, err := h.open(h.staff("nurse"), Care, h.ada, Visits).NewFeed(ctx); !errs.Is(err, errs.Refused) {
		t.Errorf("staff make a client's link: %v", err)
	}
	var zero *Feed
	if zero.Items() != nil || (&Feed{}).Items() != nil {
		t.Error("a zero feed has visits")
	}
}

func TestStaffBlockWhatTheirOwnCalendarSays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ids, err := h.own(h.ada).Book(ctx, "k", "", bp("nurse", at(9, 0)))
	do(t, err)
	d, err := h.v.OpenDirectory(ctx, h.staff("nurse"), Finding)
	do(t, err)
	day := 24 * time.Hour
	n, err := d.SetBlocks(ctx, []Span{{at(8, 0), at(9, 30)}, {at(9, 10), at(9, 40)}, {at(-72, 0), at(-71, 0)}, {at(11, 0), at(11, 0)}, {at(48, 0), at(48, 0).Add(3 * day)}, {at(24*500, 0), at(24*501, 0)}})
	do(t, err)
	if n != 1+6 {
		t.Errorf("%d times are blocked", n)
	}
	if h.free(bp("nurse", at(9, 20))) || !h.free(bp("nurse", at(9, 40))) || h.free(bp("nurse", at(9+72, 0))) || !h.free(bp("clinician", at(9, 20))) {
		t.Error("what is blocked is open, or what is not is not")
	}
	if h.status(h.ada, ids[0]) != "booked" {
		t.Error("a block took a visit's time")
	}
	h.reopen()
	d, err = h.v.OpenDirectory(ctx, h.staff("nurse"), Finding)
	do(t, err)
	if h.free(bp("nurse", at(9, 20))) {
		t.Error("after a new start, what is blocked is open")
	}
	_, err = d.SetBlocks(ctx, nil)
	do(t, err)
	if !h.free(bp("nurse", at(9, 20))) || h.free(bp("nurse", at(9, 0))) {
		t.Error("what is blocked no more is not open, or the visit beside it is")
	}
	var many []Span
	for i := range blockMost + 1 {
		many = append(many, Span{at(0, 2*i), at(0, 2*i+1)})
	}
	_, err = d.SetBlocks(ctx, many)
	says(t, "a calendar without end", err, "visits.calendar_large")
	blocks := 0
	for _, x := range h.v.times.all() {
		if x.Kind == store.Block {
			blocks++
		}
	}
	if blocks != 0 {
		t.Errorf("%d blocks are left", blocks)
	}
}

// TestNoCalendarIsReadOnAfterTwoAreTwoAgain: who made its link while they were one may
// be the other.
func TestNoCalendarIsReadOnAfterTwoAreTwoAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	doors := account.New(h.v, h.v, h.now)
	link, err := doors.Invite(t.Context(), asClient(a), account.Once)
	do(t, err)
	_, err = doors.Enter(t.Context(), link, account.Ask{})
	do(t, err)
	do(t, h.doubler().Merge(t.Context(), id, b))
	link, err = doors.Invite(t.Context(), asClient(b), account.Demo)
	do(t, err)
	in, err := doors.Enter(t.Context(), link, account.Ask{})
	do(t, err)
	who, err := doors.Who(t.Context(), in.Token)
	do(t, err)
	path, err := h.v.newFeed(t.Context(), who.Subject(), h.v.line(t.Context(), who, Booking, "feed", policy.None, 0))
	do(t, err)
	token := strings.Split(path, "/")[2]
	_, err = doors.Feed(t.Context(), token)
	do(t, err)
	h.undo(id)
	if _, err := doors.Feed(t.Context(), token); !errs.Is(err, errs.NotFound) {
		t.Errorf("it is read on: %v", err)
	}
}
