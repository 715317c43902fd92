package record

import (
	"fmt"
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
