package record

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/errs"
	"rapport/hours"
)

func TestVisitsAcrossAChangeOfTheClock(t *testing.T) {
	t.Parallel()
	for name, day := range map[string]time.Time{
		"forward":     time.Date(2027, 3, 28, 0, 0, 0, 0, time.UTC),
		"back":        time.Date(2027, 10, 31, 0, 0, 0, 0, time.UTC),
		"29 February": time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC),
	} {
		h := newHouse(t)
		h.settles(func(s *Settings) { s.Zone = "Europe/London" })
		h.opens(func(tt *hours.Timetable) {
			for i := range tt.Stretches {
				tt.Stretches[i].From, tt.Stretches[i].To = 0, 6*60
			}
		})
		ctx := t.Context()
		h.now.Add(day.Add(-40 * 24 * time.Hour).Sub(start))
		ada := h.own(h.ada)
		d := hours.DateOf(day)
		opens := h.v.Openings(hours.Query{Service: "bp", From: d, To: d, Who: []string{"nurse"}})
		booked := 0
		var last string
		for i, o := range opens {
			if o.To.Sub(o.From) != 20*minute || i > 0 && o.From.Before(opens[i-1].To) {
				t.Errorf("%s: an opening of %v at %v", name, o.To.Sub(o.From), o.From)
			}
			ids, err := ada.Book(ctx, fmt.Sprint(name, i), "", bp("nurse", o.From))
			do(t, err)
			booked++
			last = ids[0]
			x, err := h.v.takenOf(ctx, ada, last)
			do(t, err)
			if !x.Seat.From.Equal(o.From) || !x.Seat.To.Equal(o.To) {
				t.Errorf("%s: booked %v to %v, for %v", name, x.Seat.From, x.Seat.To, o.From)
			}
		}
		if want := map[string]int{"forward": 15, "back": 18, "29 February": 18}[name]; booked != want {
			t.Errorf("%s: %d booked, want %d", name, booked, want)
		}
		if len(h.taken("nurse")) != booked || len(h.v.Openings(hours.Query{Service: "bp", From: d, To: d, Who: []string{"nurse"}})) != 0 {
			t.Errorf("%s: not all is taken", name)
		}
		do(t, ada.Move(ctx, last, bp("clinician", opens[0].From)))
		do(t, ada.Cancel(ctx, last))
		h.reopen()
		sameTimes(t, h.v)
	}
}

func TestTheEdgesOfWhatCanBeBooked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens(func(tt *hours.Timetable) { tt.Services[0].Lead, tt.Services[0].Ahead = 60, 10 })
	ctx := t.Context()
	ada := h.own(h.ada)
	last := at(9+9*24, 0) // ten days from the first
	_, err := ada.Calendar().Hold(ctx, bp("clinician", last))
	do(t, err)
	_, err = ada.Calendar().Hold(ctx, bp("clinician", last.Add(24*time.Hour)))
	says(t, "a day beyond", err, "visits.gone")
	h.now.Add(at(8, 0).Sub(start))
	ada = h.own(h.ada)
	ids, err := ada.Book(ctx, "k", "", bp("clinician", at(9, 0))) // exactly an hour before
	do(t, err)
	h.now.Add(time.Second)
	_, err = ada.Book(ctx, "l", "", bp("nurse", at(9, 0)))
	says(t, "a second too late", err, "visits.gone")
	ids2, err := ada.Book(ctx, "m", "", bp("nurse", at(10, 20)))
	do(t, err)
	h.now.Add(at(8, 20).Sub(h.now.Now()))
	ada = h.own(h.ada)
	says(t, "cancelled within the two hours", ada.Cancel(ctx, ids[0]), "visits.too_late")
	do(t, ada.Cancel(ctx, ids2[0])) // exactly two hours before
	var many []Pick
	for i := range 26 {
		many = append(many, bp("nurse", at(9+24*(i/9+1), 20*(i%9))))
	}
	all, err := ada.Book(ctx, "all", "", many...)
	do(t, err)
	_, err = ada.Book(ctx, "all", "", many...)
	do(t, err)
	if len(all) != 26 || len(h.taken("nurse")) != 26 {
		t.Errorf("%d of 26", len(h.taken("nurse")))
	}
	_, err = ada.Book(ctx, "more", "", append(many, bp("nurse", at(9, 0)))...)
	kindIs(t, "27", err, errs.Refused)
	sameTimes(t, h.v)
}

func TestWhoWorksHereNoMoreIsNotToBeHad(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada, bob := h.own(h.ada), h.own(h.bob)
	ids, err := bob.Book(ctx, "k", "", bp("nurse", at(10, 0)))
	do(t, err)
	_, err = ada.Calendar().Hold(ctx, bp("nurse", at(9, 0)))
	do(t, err)
	p, err := h.v.OpenPractice(ctx, importer, Importing)
	do(t, err)
	do(t, p.SetStaff(ctx, StaffMember{ID: "nurse", Name: "Staff nurse", Roles: "nurse", Left: true}))
	for range 2 {
		if h.free(bp("nurse", at(9, 20))) || !h.free(bp("clinician", at(9, 40))) {
			t.Error("a time with somebody who left is open")
		}
		_, err = ada.Calendar().Hold(ctx, bp("nurse", at(9, 20)))
		says(t, "a time with somebody who left", err, "visits.gone")
		_, err = ada.Book(ctx, "held", "", bp("nurse", at(9, 0)))
		says(t, "what was held before they left", err, "visits.gone")
		_, err = ada.Calendar().Hold(ctx, bp("clinician", at(9, 20)))
		do(t, err)
		h.reopen()
		ada, bob = h.own(h.ada), h.own(h.bob)
	}
	do(t, bob.Confirm(ctx, ids[0])) // what was booked stays
	sameTimes(t, h.v)
}

func TestAPersonsDayIsFullOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada, bob := h.own(h.ada), h.own(h.bob)
	scan := func(hour int) Pick {
		return Pick{Service: "scan", Who: "nurse", From: at(hour, 0), Mode: hours.InPerson}
	}
	for _, hold := range []bool{true, false} {
		act := func(c *Chart, hour int) func() error {
			return func() (err error) {
				if hold {
					_, err = c.Calendar().Hold(ctx, scan(hour))
				} else {
					_, err = c.Book(ctx, fmt.Sprint(hour), "", scan(hour))
				}
				return err
			}
		}
		n := 0
		for _, err := range h.together(act(ada, 9), act(bob, 11)) {
			if err == nil {
				n++
			} else {
				says(t, "the second", err, "visits.gone")
			}
		}
		if n != 1 || len(h.taken("nurse")) != 1 {
			t.Errorf("holding %t: %d of one a day", hold, n)
		}
		do(t, ada.Calendar().Drop(ctx))
		do(t, bob.Calendar().Drop(ctx))
		sameTimes(t, h.v)
	}
}

func TestWhoMayHelpNoMoreBooksNoMore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	keep, twin, id := h.twins()
	c := h.own(twin)
	held, err := c.Calendar().Hold(ctx, bp("nurse", at(9, 0)))
	do(t, err)
	do(t, h.doubler().Merge(ctx, id, keep))
	_, err = c.Book(ctx, held.Key(), "", bp("nurse", at(9, 0)))
	kindIs(t, "a chart that was merged away since", err, errs.Refused)
	_, err = c.Calendar().Hold(ctx, bp("nurse", at(9, 20)))
	kindIs(t, "holding for a chart that is no more", err, errs.Refused)
	h.now.Add(6 * minute)
	_, err = h.own(keep).Book(ctx, "k", "", bp("nurse", at(9, 0)))
	do(t, err)
	sameTimes(t, h.v)
}

func TestASlipFollowsAMerge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	keep, twin, id := h.twins()
	h.mailed(asClient(twin), "twin@mail.example")
	_, err := h.own(twin).Book(ctx, "k", "", bp("clinician", at(33, 0)))
	do(t, err)
	_, paths := h.visitLetters()
	do(t, h.doubler().Merge(ctx, id, keep))
	who, visit, err := h.doors.Slip(ctx, strings.TrimPrefix(paths[0], "/v/"))
	do(t, err)
	s, err := h.v.OpenSlip(ctx, who, visit)
	do(t, err)
	do(t, s.Move(ctx, bp("clinician", at(33, 20))))
	if x, err := s.Visit(ctx); err != nil || x.Client != keep || !x.From.Equal(at(33, 20)) {
		t.Errorf("%+v, %v", x, err)
	}
	// and nobody wishes, moves or calls off what is another's
	bob := h.own(h.bob)
	for what, err := range map[string]error{"wish": bob.WishEarlier(ctx, visit, Wish{}), "move": bob.Move(ctx, visit, bp("nurse", at(9, 0))), "cancel": bob.Cancel(ctx, visit), "confirm": bob.Confirm(ctx, visit)} {
		kindIs(t, what+" of another's", err, errs.NotFound)
	}
	sameTimes(t, h.v)
}
