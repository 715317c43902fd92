package record

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/record/internal/store"
)

// minute is what the tests count times in.
const minute = time.Minute

// opens writes down a week for the clinician and the nurse: 20 minutes, in one of two
// rooms, every day of the week from 9 to 12; a scan needs the scanner too.
func (h *house) opens(edit ...func(*hours.Timetable)) {
	h.t.Helper()
	tt := hours.Timetable{
		Services: []hours.Service{
			{ID: "bp", Names: map[string]string{"en": "Blood pressure"}, Minutes: 20, Who: []string{"clinician", "nurse"}, Modes: hours.AllModes, Rooms: []string{"r1", "r2"}, Change: 120, Public: true},
			{ID: "scan", Names: map[string]string{"en": "Scan"}, Minutes: 60, After: 10, Who: []string{"clinician", "nurse"}, Modes: hours.InPerson, Rooms: []string{"r1", "r2"}, Devices: []string{"us"}, PerDay: 1, Public: true},
		},
		Rooms: []hours.Room{{ID: "r1", Name: "Room 1"}, {ID: "r2", Name: "Room 2"}, {ID: "us", Name: "Scanner", Device: true}},
	}
	for _, who := range []string{"clinician", "nurse"} {
		for d := range time.Saturday + 1 {
			tt.Stretches = append(tt.Stretches, hours.Stretch{ID: who + d.String(), Who: who, Day: d, From: 9 * 60, To: 12 * 60})
		}
	}
	p, err := h.v.OpenPractice(h.t.Context(), importer, Importing)
	do(h.t, err)
	tt.Version = p.v.Timetable().Version
	for _, f := range edit {
		f(&tt)
	}
	do(h.t, p.SetTimetable(h.t.Context(), tt))
}

// at is a time on the day after the test's first.
func at(hour, minutes int) time.Time {
	return start.Truncate(24 * time.Hour).Add(24*time.Hour + time.Duration(hour)*time.Hour + time.Duration(minutes)*time.Minute)
}

func bp(who string, from time.Time) Pick {
	return Pick{Service: "bp", Who: who, From: from, Mode: hours.InPerson}
}

// own opens somebody's own chart to book in.
func (h *house) own(c fhir.ClientID) *Chart {
	h.t.Helper()
	return h.open(h.client(c), Booking, c, Visits)
}

// free reports whether a time is open.
func (h *house) free(p Pick) bool {
	day := hours.DateOf(p.From)
	for _, o := range h.v.Openings(hours.Query{Service: p.Service, From: day, To: day, Who: []string{p.Who}}) {
		if o.From.Equal(p.From) {
			return true
		}
	}
	return false
}

// taken is what the store says about one who or what, and fails if anything overlaps.
func (h *house) taken(of string) []store.Taken {
	h.t.Helper()
	var out []store.Taken
	do(h.t, h.v.st.View(context.Background(), func(r store.Reader) error {
		return r.TakenBetween(context.Background(), 0, 1<<60, func(x store.Taken) error {
			for _, o := range x.Of {
				if o != of {
					continue
				}
				if n := len(out); n > 0 && out[n-1].To > x.From {
					h.t.Errorf("%s is taken twice: %v and %v", of, out[n-1], x)
				}
				out = append(out, x)
			}
			return nil
		})
	}))
	return out
}

// status is the state of a visit.
func (h *house) status(c fhir.ClientID, id string) string {
	h.t.Helper()
	f, err := h.open(h.client(c), Own, c, Visits).Read(h.t.Context(), appointment, id)
	do(h.t, err)
	a, err := fhir.ReadAppointment(f.JSON)
	do(h.t, err)
	return a.Status
}

func says(t testing.TB, what string, err error, key string) {
	t.Helper()
	if errs.SayOf(err) != key {
		t.Errorf("%s: %v, want %s", what, err, key)
	}
}

func TestATimeIsHeldBookedMovedAndGivenBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada, bob := h.own(h.ada), h.own(h.bob)
	held, err := ada.Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	if held.Room == "" || !held.To.Equal(at(9, 20)) || !held.Ends.Equal(start.Add(5*minute)) || held.Left != 10 {
		t.Errorf("held %+v", held)
	}
	if h.free(bp("clinician", at(9, 0))) || !h.free(bp("nurse", at(9, 0))) {
		t.Error("what is held is open, or what is not is not")
	}
	_, err = bob.Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	says(t, "the same time for another", err, "visits.gone")
	if _, err := bob.Book(ctx, "k", "", bp("clinician", at(9, 0))); errs.SayOf(err) != "visits.gone" {
		t.Errorf("booking what another holds: %v", err)
	}
	again, err := ada.Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	if again.Key() != held.Key() || !again.Ends.Equal(held.Ends) {
		t.Error("the same time again is another hold")
	}
	h.reopen()
	ada, bob = h.own(h.ada), h.own(h.bob)
	if x, err := ada.Calendar().Held(ctx); err != nil || x.Key() != held.Key() || h.free(bp("clinician", at(9, 0))) {
		t.Fatalf("after a new start: %v, %v", x, err)
	}
	ids, err := ada.Book(ctx, held.Key(), "I am on the ground floor", bp("clinician", at(9, 0)))
	do(t, err)
	twice, err := ada.Book(ctx, held.Key(), "", bp("clinician", at(9, 0)))
	do(t, err)
	if twice[0] != ids[0] || len(h.taken("clinician")) != 1 {
		t.Errorf("confirming twice booked %v and %v", ids, twice)
	}
	if _, err := ada.Calendar().Held(ctx); errs.SayOf(err) != "visits.not_held" {
		t.Errorf("what was booked is still held: %v", err)
	}
	// moved to where the old time would be in the way
	do(t, ada.Move(ctx, ids[0], bp("clinician", at(9, 20))))
	if h.free(bp("clinician", at(9, 20))) || !h.free(bp("clinician", at(9, 0))) {
		t.Error("the old time is not given back, or the new one not taken")
	}
	_, err = bob.Calendar().Hold(ctx, bp("clinician", at(9, 40)))
	do(t, err)
	says(t, "moving to what another holds", ada.Move(ctx, ids[0], bp("clinician", at(9, 40))), "visits.gone")
	if h.free(bp("clinician", at(9, 20))) || h.status(h.ada, ids[0]) != "booked" {
		t.Error("a move that was refused lost the old time")
	}
	do(t, ada.Confirm(ctx, ids[0]))
	do(t, ada.Cancel(ctx, ids[0]))
	do(t, ada.Cancel(ctx, ids[0]))
	if !h.free(bp("clinician", at(9, 20))) || h.status(h.ada, ids[0]) != "cancelled" || len(h.taken("clinician")) != 1 {
		t.Error("a cancelled visit keeps its time")
	}
}

func TestAHoldEndsByItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens(func(tt *hours.Timetable) { tt.HoldFor = 3 })
	ctx := t.Context()
	ada, bob := h.own(h.ada), h.own(h.bob)
	held, err := ada.Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	for i := range 10 {
		h.now.Add(2 * minute)
		x, err := ada.Calendar().Keep(ctx)
		do(t, err)
		if x.Left != 9-i || !x.Ends.Equal(h.now.Now().Add(3*minute)) {
			t.Fatalf("kept on: %+v", x)
		}
	}
	_, err = ada.Calendar().Keep(ctx)
	says(t, "kept on for ever", err, "visits.kept")
	h.now.Add(3*minute - time.Second)
	if h.free(bp("clinician", at(9, 0))) {
		t.Error("open a second too early")
	}
	_, watch := h.v.Watch()
	h.now.Add(time.Second)
	if !h.free(bp("clinician", at(9, 0))) {
		t.Error("not open when the hold has ended")
	}
	select {
	case <-watch:
	default:
		t.Error("nobody is told that it ended")
	}
	_, err = ada.Calendar().Keep(ctx)
	says(t, "keeping what ended", err, "visits.not_held")
	// late, and nobody else has it: it is theirs all the same
	ids, err := ada.Book(ctx, held.Key(), "", bp("clinician", at(9, 0)))
	do(t, err)
	do(t, ada.Cancel(ctx, ids[0]))
	// late, and somebody has
	_, err = ada.Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	h.now.Add(5 * minute)
	_, err = bob.Calendar().Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	_, err = ada.Book(ctx, held.Key(), "", bp("clinician", at(9, 0)))
	says(t, "an old page undoes what was called off since", err, "visits.not_held")
	_, err = ada.Book(ctx, "late", "", bp("clinician", at(9, 0)))
	says(t, "confirming what another holds by now", err, "visits.gone")
	do(t, bob.Calendar().Drop(ctx))
	do(t, bob.Calendar().Drop(ctx))
	if !h.free(bp("clinician", at(9, 0))) {
		t.Error("what was dropped is not open")
	}
}

func TestOneHoldEachInHoweverManyTabs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	a, b := h.own(h.ada).Calendar(), h.own(h.ada).Calendar()
	_, err := a.Hold(ctx, bp("clinician", at(9, 0)))
	do(t, err)
	_, err = b.Hold(ctx, bp("clinician", at(9, 20)))
	do(t, err)
	if !h.free(bp("clinician", at(9, 0))) || h.free(bp("clinician", at(9, 20))) || len(h.taken("clinician")) != 1 {
		t.Error("somebody holds two times")
	}
	other, err := h.v.Times("a browser").Hold(ctx, bp("nurse", at(9, 0)))
	do(t, err)
	_, err = a.Hold(ctx, bp("nurse", at(9, 0)))
	says(t, "what another holds", err, "visits.gone")
	if x, err := b.Held(ctx); err != nil || !x.From.Equal(at(9, 20)) {
		t.Errorf("a refusal lost what was held: %+v, %v", x, err)
	}
	if _, err := h.v.Times("").Hold(ctx, bp("nurse", at(9, 20))); !errs.Is(err, errs.Refused) {
		t.Errorf("nobody holds a time: %v", err)
	}
	// the same time another way keeps its end
	h.now.Add(minute)
	p := bp("nurse", at(9, 0))
	p.Mode = hours.Video
	way, err := h.v.Times("a browser").Hold(ctx, p)
	do(t, err)
	if way.Key() != other.Key() || !way.Ends.Equal(other.Ends) || way.Room != "" || len(h.taken("r1")) != 1 {
		t.Errorf("another way: %+v, was %+v", way, other)
	}
}

func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada, bob := h.own(h.ada), h.own(h.bob)
	scan := func(who string, from time.Time) Pick {
		return Pick{Service: "scan", Who: who, From: from, Mode: hours.InPerson}
	}
	_, err := ada.Book(ctx, "a", "", scan("clinician", at(9, 0)))
	do(t, err)
	if len(h.taken("us")) != 1 || len(h.taken("clinician")) != 1 || len(h.taken("r1"))+len(h.taken("r2")) != 1 {
		t.Error("clinician, room and device are not all taken")
	}
	if h.free(scan("nurse", at(9, 0))) || h.free(scan("nurse", at(10, 0))) || !h.free(scan("nurse", at(11, 0))) {
		t.Error("the scanner, and what is kept free around it, is had twice")
	}
	_, err = bob.Book(ctx, "b", "", scan("nurse", at(9, 0)))
	says(t, "the scanner twice", err, "visits.gone")
	_, err = bob.Book(ctx, "b", "", scan("clinician", at(11, 0)))
	says(t, "two scans by one on a day", err, "visits.gone")
	// a series: the third of it is taken, so none is booked
	_, err = ada.Book(ctx, "c", "", bp("nurse", at(33, 0)))
	do(t, err)
	before := len(h.taken("nurse"))
	_, err = bob.Book(ctx, "d", "", bp("nurse", at(9, 0)), bp("nurse", at(9, 20)), bp("nurse", at(33, 0)))
	says(t, "a series that is not free", err, "visits.gone")
	if len(h.taken("nurse")) != before {
		t.Error("half a series is booked")
	}
	ids, err := bob.Book(ctx, "d", "", bp("nurse", at(9, 0)), bp("nurse", at(9, 20)), bp("nurse", at(33, 20)))
	do(t, err)
	if len(ids) != 3 || len(h.taken("nurse")) != before+3 {
		t.Errorf("a series of three: %v", ids)
	}
	if _, err := bob.Book(ctx, "e", "", bp("nurse", at(10, 0)), bp("nurse", at(10, 0))); errs.SayOf(err) != "visits.gone" {
		t.Errorf("one time twice in one series: %v", err)
	}
}

func TestAClientBooksOnlyWhatIsOffered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada := h.own(h.ada)
	for name, p := range map[string]Pick{
		"between the times":   bp("clinician", at(9, 5)),
		"before the day":      bp("clinician", at(8, 40)),
		"at the end":          bp("clinician", at(12, 0)),
		"in the past":         bp("clinician", at(9-48, 0)),
		"somebody else":       bp("manager", at(9, 0)),
		"nothing":             {Who: "clinician", From: at(9, 0), Mode: hours.InPerson},
		"no way":              {Service: "bp", Who: "clinician", From: at(9, 0)},
		"two ways":            {Service: "bp", Who: "clinician", From: at(9, 0), Mode: hours.AllModes},
		"a way there is not":  {Service: "scan", Who: "clinician", From: at(9, 0), Mode: hours.Video},
		"after a year and so": bp("clinician", at(9+24*400, 0)),
	} {
		_, err := ada.Book(ctx, "k"+name, "", p)
		says(t, name, err, "visits.gone")
		_, err = ada.Calendar().Hold(ctx, p)
		says(t, "to hold "+name, err, "visits.gone")
	}
	v := resource("Appointment", "x", `"status":"booked","start":"2026-11-25T09:00:00Z","end":"2026-11-25T09:20:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"},{"actor":{"reference":"Practitioner/clinician"},"status":"accepted"}]`)
	if _, err := ada.Put(ctx, v); !errs.Is(err, errs.Refused) {
		t.Errorf("a client writes a visit of their own making: %v", err)
	}
	if _, err := h.open(h.client(h.ada), Own, h.ada, Visits).Book(ctx, "k", "", bp("clinician", at(9, 0))); !errs.Is(err, errs.Refused) {
		t.Errorf("booked for another purpose: %v", err)
	}
	ids, err := ada.Book(ctx, "k", "", bp("clinician", at(9, 0)))
	do(t, err)
	if err := ada.Arrive(ctx, ids[0], "fulfilled"); !errs.Is(err, errs.Refused) {
		t.Errorf("a client says they were seen: %v", err)
	}
	if err := h.own(h.bob).Cancel(ctx, ids[0]); !errs.Is(err, errs.NotFound) {
		t.Errorf("another cancels: %v", err)
	}
	h.now.Add(at(7, 1).Sub(start))
	ada = h.own(h.ada)
	says(t, "too late to cancel", ada.Cancel(ctx, ids[0]), "visits.too_late")
	says(t, "too late to move", ada.Move(ctx, ids[0], bp("clinician", at(11, 0))), "visits.too_late")
	do(t, ada.Confirm(ctx, ids[0]))
	desk := h.open(h.staff("frontdesk"), Care, h.ada, Visits)
	do(t, desk.Move(ctx, ids[0], bp("nurse", at(9, 0))))
	do(t, desk.Arrive(ctx, ids[0], "arrived"))
	if len(h.taken("nurse")) != 1 || len(h.taken("clinician")) != 0 {
		t.Error("staff moved it, and it stayed")
	}
	do(t, desk.Arrive(ctx, ids[0], "noshow"))
}

func TestVisitsStayWhenTheRulesChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada := h.own(h.ada)
	ids, err := ada.Book(ctx, "k", "", bp("clinician", at(9, 0)))
	do(t, err)
	h.opens(func(tt *hours.Timetable) {
		tt.Stretches = nil
		tt.Rooms[0].Closed, tt.Rooms[1].Closed = true, true
		tt.Services[0].Before = 30
	})
	do(t, ada.Confirm(ctx, ids[0]))
	desk := h.open(h.staff("frontdesk"), Care, h.ada, Visits)
	do(t, desk.Arrive(ctx, ids[0], "arrived"))
	if x := h.taken("clinician"); len(x) != 1 || x[0].From != at(9, 0).UnixMilli() {
		t.Errorf("the visit's time is %v", x)
	}
	p, err := h.v.OpenPractice(ctx, importer, Importing)
	do(t, err)
	old := *h.v.Timetable()
	old.Version--
	if err := p.SetTimetable(ctx, old); errs.SayOf(err) != "visits.changed" {
		t.Errorf("an older timetable overwrites: %v", err)
	}
}

// booked is an appointment as other systems write it.
func booked(id, of, who string, from time.Time, minutes int) fhir.Resource {
	return resource("Appointment", id, fmt.Sprintf(`"status":"booked","start":%q,"end":%q,"participant":[{"actor":{"reference":"Patient/%s"},"status":"accepted"},{"actor":{"reference":"Practitioner/%s"},"status":"accepted"}]`,
		from.Format(time.RFC3339), from.Add(time.Duration(minutes)*time.Minute).Format(time.RFC3339), of, who))
}

func TestWhatIsBroughtInTakesItsTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	in := h.open(importer, Importing, h.ada, AllParts)
	_, err := in.Put(ctx, booked("a", "ada", "clinician", at(9, 0), 60), booked("b", "ada", "clinician", at(9, 10), 20), booked("old", "ada", "clinician", at(-500, 0), 20))
	do(t, err)
	for _, from := range []time.Time{at(9, 0), at(9, 20), at(9, 40)} {
		if h.free(bp("clinician", from)) {
			t.Errorf("%s is open beside what was brought in", from)
		}
	}
	if len(h.taken("clinician")) != 1 {
		t.Error("the second is not beside the first")
	}
	// staff write one over another: refused as a whole
	care := h.open(h.staff("clinician"), Care, h.bob, AllParts)
	_, err = care.Put(ctx, booked("c", "bob", "clinician", at(9, 30), 20), pulse("p", "bob", 70))
	says(t, "a visit over another", err, "visits.gone")
	if _, err := care.Read(ctx, "Observation", "p"); !errs.Is(err, errs.NotFound) {
		t.Errorf("half of the write is there: %v", err)
	}
	h.reopen()
	in = h.open(importer, Importing, h.ada, AllParts)
	if _, err := in.Apply(ctx, Change{Resource: fhir.Resource{Type: "Appointment", ID: "a"}, Delete: true}); err != nil {
		t.Fatal(err)
	}
	if h.free(bp("clinician", at(9, 0))) || !h.free(bp("clinician", at(9, 40))) {
		t.Error("what stays beside, after what it was beside has gone, is not what is taken")
	}
	_, err = in.Apply(ctx, Change{Resource: fhir.Resource{Type: "Appointment", ID: "b"}, Delete: true})
	do(t, err)
	if !h.free(bp("clinician", at(9, 0))) {
		t.Error("what was deleted is taken")
	}
}

func TestTimesFollowAMergeAndItsUndoing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	keep, twin, id := h.twins()
	ids, err := h.own(twin).Book(ctx, "k", "", bp("clinician", at(9, 0)))
	do(t, err)
	do(t, h.doubler().Merge(ctx, id, keep))
	if x := h.taken("clinician"); len(x) != 1 || h.free(bp("clinician", at(9, 0))) {
		t.Fatalf("after the merge: %v", x)
	}
	h.reopen()
	_, err = h.doubler().Undo(ctx, id)
	do(t, err)
	if x := h.taken("clinician"); len(x) != 1 || h.free(bp("clinician", at(9, 0))) {
		t.Fatalf("after undoing: %v", x)
	}
	do(t, h.own(twin).Cancel(ctx, ids[0]))
	if !h.free(bp("clinician", at(9, 0))) {
		t.Error("cancelled after all that, and still taken")
	}
}

// TestAHundredForEachSeat lets many people hold and book the same few times at once.
func TestAHundredForEachSeat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	var charts []*Chart
	for i := range 40 {
		c := h.admit(fmt.Sprint("p", i), fmt.Sprint("P", i), "Crowd", "1990-01-01")
		charts = append(charts, h.own(c))
	}
	var won, refused atomic.Int64
	var wg sync.WaitGroup
	for i, c := range charts {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range 18 { // nine times of each of the two
				who := []string{"clinician", "nurse"}[n%2]
				p := bp(who, at(9, 0).Add(time.Duration((n/2+i)%9)*20*minute))
				held, err := c.Calendar().Hold(context.Background(), p)
				if errs.SayOf(err) == "visits.gone" {
					refused.Add(1)
					continue
				}
				if err != nil {
					t.Errorf("hold: %v", err)
					return
				}
				if _, err := c.Book(context.Background(), held.Key(), "", p); err != nil {
					t.Errorf("told yes and then no: %v", err)
				}
				won.Add(1)
				return
			}
		}()
	}
	wg.Wait()
	if won.Load() != 18 || len(h.taken("clinician")) != 9 || len(h.taken("nurse")) != 9 || refused.Load() == 0 {
		t.Errorf("%d of 18 seats are sold, %d refusals", won.Load(), refused.Load())
	}
}

func TestAZeroCalendarHoldsNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, c := range []*Calendar{nil, {}, (*Chart)(nil).Calendar(), (&Chart{}).Calendar()} {
		_, err := c.Hold(ctx, Pick{})
		kindIs(t, "hold", err, errs.Refused)
		_, err = c.Keep(ctx)
		kindIs(t, "keep", err, errs.Refused)
		kindIs(t, "drop", c.Drop(ctx), errs.Refused)
		if _, err = c.Held(ctx); err == nil || len(c.Openings(hours.Query{})) > 0 || len(c.Timetable().Services) > 0 {
			t.Error("a zero calendar shows something")
		}
	}
	for _, c := range []*Chart{nil, {}} {
		_, err := c.Book(ctx, "k", "", Pick{})
		kindIs(t, "book", err, errs.Refused)
		for what, err := range map[string]error{"move": c.Move(ctx, "x", Pick{}), "cancel": c.Cancel(ctx, "x"), "confirm": c.Confirm(ctx, "x"), "arrive": c.Arrive(ctx, "x", "arrived")} {
			if !errors.Is(err, errRefused) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}
