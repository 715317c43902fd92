package record

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
)

// week has the clinician see people from nine to five, and the nurse give shots.
func (h *house) week(change ...func(*hours.Timetable)) {
	h.t.Helper()
	t := hours.Timetable{
		Services: []hours.Service{
			{ID: "gp", Names: map[string]string{"en": "GP visit"}, Minutes: 20, Who: []string{"clinician"}, Modes: hours.InPerson, Rooms: []string{"r1"}, Public: true},
			{ID: "shot", Names: map[string]string{"en": "Flu shot"}, Minutes: 10, Who: []string{"nurse", "clinician"}, Modes: hours.Phone, Public: true},
		},
		Rooms: []hours.Room{{ID: "r1", Name: "Room 1"}},
	}
	for d := time.Monday; d <= time.Friday; d++ {
		t.Stretches = append(t.Stretches, hours.Stretch{ID: "c" + d.String(), Who: "clinician", Day: d, From: 540, To: 1020}, hours.Stretch{ID: "n" + d.String(), Who: "nurse", Day: d, From: 540, To: 1020})
	}
	for _, f := range change {
		f(&t)
	}
	p, err := h.v.OpenPractice(h.t.Context(), importer, Importing)
	do(h.t, err)
	t.Version = h.v.Timetable().Version
	do(h.t, p.SetTimetable(h.t.Context(), t))
}

// meets books the clinician for a client, as the desk does.
func (h *house) meets(c fhir.ClientID, at time.Time) string {
	h.t.Helper()
	ids, err := h.open(h.staff("frontdesk"), Care, c, Visits).Book(h.t.Context(), "k"+at.String(), "", Pick{Service: "gp", Who: "clinician", From: at, Mode: hours.InPerson})
	do(h.t, err)
	return ids[0]
}

func (h *house) find(role string) *Directory {
	h.t.Helper()
	d, err := h.v.OpenDirectory(h.t.Context(), h.staff(role), Finding)
	do(h.t, err)
	return d
}

func (h *house) day() []Booked {
	h.t.Helper()
	out, err := h.find("frontdesk").Day(h.t.Context(), start.Add(-9*time.Hour), start.Add(15*time.Hour))
	do(h.t, err)
	return out
}

func TestAVisitRemembersSinceWhenItStandsSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.week()
	id := h.meets(h.ada, start.Add(time.Hour))
	c := h.open(h.staff("frontdesk"), Care, h.ada, Visits)
	h.now.Add(30 * time.Minute)
	do(t, c.Arrive(t.Context(), id, "arrived"))
	h.now.Add(10 * time.Minute)
	do(t, c.Arrive(t.Context(), id, "arrived")) // said twice
	nurse := h.open(h.staff("nurse"), Care, h.ada, AllParts)
	was, err := nurse.Read(t.Context(), "Appointment", id)
	do(t, err)
	_, err = nurse.Put(t.Context(), fhir.Resource{Type: "Appointment", ID: id, JSON: []byte(strings.Replace(string(was.JSON), `"status":"arrived"`, `"status":"arrived","priority":3`, 1))})
	do(t, err)
	h.reopen()
	b := h.day()
	if len(b) != 1 || b[0].State != "arrived" || !b[0].Since.Equal(start.Add(30*time.Minute)) {
		t.Errorf("%+v", b)
	}
	x, err := h.open(h.staff("nurse"), Care, h.ada, Visits).Visit(b[0].Ref)
	if err != nil || x.Visit != id {
		t.Errorf("by its name: %+v, %v", x, err)
	}
	_, err = h.open(h.staff("nurse"), Care, h.bob, Visits).Visit(b[0].Ref)
	kindIs(t, "another's visit", err, errs.NotFound)
}

// TestStatesFollowOneAnother walks every pair of states.
func TestStatesFollowOneAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.week()
	c := h.open(h.staff("frontdesk"), Care, h.ada, Visits)
	paths := map[string][]string{"booked": nil, "arrived": {"arrived"}, "checked-in": {"arrived", "checked-in"}, "fulfilled": {"fulfilled"}, "noshow": {"noshow"}}
	may := map[string]string{"booked": "arrived noshow fulfilled booked", "arrived": "checked-in fulfilled noshow booked arrived", "checked-in": "fulfilled arrived checked-in", "fulfilled": "checked-in fulfilled", "noshow": "booked noshow"}
	n := 0
	for from, path := range paths {
		for to := range paths {
			at := start.Add(time.Duration(n%20)*20*time.Minute).AddDate(0, 0, n/20)
			n++
			id := h.meets(h.ada, at)
			for _, s := range path {
				do(t, c.Arrive(t.Context(), id, s))
			}
			err := c.Arrive(t.Context(), id, to)
			if ok := slices.Contains(strings.Fields(may[from]), to); ok != (err == nil) {
				t.Errorf("from %s to %s: %v", from, to, err)
			}
		}
	}
}

func TestWhoDoesNotComeIsSomebodysToSeeTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.week()
	todos := func(role string) []Todo {
		t.Helper()
		out, err := h.find(role).Todos(t.Context())
		do(t, err)
		return out
	}
	id := h.meets(h.ada, start.Add(time.Hour))
	desk := h.open(h.staff("frontdesk"), Care, h.ada, Visits)
	do(t, desk.Arrive(t.Context(), id, "noshow"))
	got := todos("frontdesk")
	if len(got) != 1 || got[0].Owner != "clinician" || got[0].Kind != "noshow" || got[0].Client != h.ada || !got[0].From.Equal(start.Add(time.Hour)) || got[0].Service != "gp" {
		t.Fatalf("%+v", got)
	}
	// the desk writes the task although it opens no plans, and nothing else of them
	tasks, err := h.open(h.staff("nurse"), Care, h.ada, Plans).Find(t.Context(), "Task", "status", "requested")
	if err != nil || len(tasks) != 1 || tasks[0].ID != got[0].ID {
		t.Errorf("%d tasks, %v", len(tasks), err)
	}
	_, err = desk.Put(t.Context(), resource("Task", "x", `"status":"requested","intent":"order"`))
	kindIs(t, "a task of the desk's own", err, errs.Refused)
	kindIs(t, "a client who finishes it", h.open(h.client(h.ada), Booking, h.ada, Visits).Finish(t.Context(), got[0].ID), errs.Refused)
	kindIs(t, "another's chart", h.open(h.staff("nurse"), Care, h.bob, Visits).Finish(t.Context(), got[0].ID), errs.NotFound)
	if len(todos("nurse")) != 1 {
		t.Fatal("it is gone for the asking")
	}
	do(t, desk.Arrive(t.Context(), id, "booked"))
	if n := len(todos("nurse")); n != 0 {
		t.Errorf("they came, and %d are left to do", n)
	}
	do(t, desk.Arrive(t.Context(), id, "noshow"))
	h.reopen()
	do(t, h.open(h.staff("frontdesk"), Care, h.ada, Visits).Finish(t.Context(), got[0].ID))
	if n := len(todos("nurse")); n != 0 {
		t.Errorf("it is done, and %d are left", n)
	}
	// the client cancels: no part of plans is theirs to write, and still somebody is told
	id = h.meets(h.bob, start.Add(2*time.Hour))
	do(t, h.open(h.client(h.bob), Booking, h.bob, Visits).Cancel(t.Context(), id))
	if got := todos("nurse"); len(got) != 1 || got[0].Kind != "cancelled" || got[0].ByStaff {
		t.Errorf("%+v", got)
	}
	h.verify()
}

func TestWhoWalksInTakesNobodysTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.week()
	c := h.open(h.staff("frontdesk"), Care, h.ada, Visits)
	before := len(h.v.Openings(hours.Query{Service: "gp", From: hours.DateOf(start), To: hours.DateOf(start), Staff: true}))
	id, err := c.WalkIn(t.Context(), "key", "gp", "clinician")
	do(t, err)
	again, err := c.WalkIn(t.Context(), "key", "gp", "clinician")
	if err != nil || again != id {
		t.Errorf("once more: %s, %v", again, err)
	}
	h.meets(h.bob, start) // the very time is still to be had
	h.reopen()
	b := h.day()
	if len(b) != 2 || !b[0].Line && !b[1].Line {
		t.Fatalf("%+v", b)
	}
	if n := len(h.v.Openings(hours.Query{Service: "gp", From: hours.DateOf(start), To: hours.DateOf(start), Staff: true})); n != before-1 {
		t.Errorf("%d openings, want one less than %d", n, before)
	}
	c = h.open(h.staff("frontdesk"), Care, h.ada, Visits)
	kindIs(t, "booking it", c.Arrive(t.Context(), id, "booked"), errs.NotFound)
	do(t, c.Arrive(t.Context(), id, "checked-in"))
	do(t, c.Arrive(t.Context(), id, "arrived"))
	do(t, c.Cancel(t.Context(), id))
	if b := h.day(); len(b) != 1 {
		t.Errorf("who left is still there: %+v", b)
	}
	_, err = c.WalkIn(t.Context(), "k2", "gp", "nurse")
	kindIs(t, "with who does not do it", err, errs.Invalid)
	_, err = c.WalkIn(t.Context(), "k2", "none", "")
	kindIs(t, "for what is none", err, errs.Invalid)
	_, err = h.open(h.client(h.bob), Booking, h.bob, Visits).WalkIn(t.Context(), "k3", "gp", "")
	kindIs(t, "by the client", err, errs.Refused)
}

func TestLateIsForADay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.week()
	h.meets(h.ada, start.Add(time.Hour))
	h.meets(h.bob, start.Add(2*time.Hour))
	h.meets(h.bob, start.Add(25*time.Hour))
	d := h.find("frontdesk")
	state, next := h.v.Watch()
	do(t, d.SetLate(t.Context(), "clinician", 25))
	select {
	case <-next:
	default:
		t.Error("nobody who watches is told")
	}
	if now, _ := h.v.Watch(); now == state {
		t.Error("the state is the same")
	}
	h.reopen()
	if n := h.v.Times("").Late("clinician"); n != 25 {
		t.Errorf("after a restart %d minutes late", n)
	}
	if got := h.v.Affected("clinician"); len(got) != 2 || got[0].Client != h.ada || got[1].Client != h.bob {
		t.Errorf("affected: %+v", got)
	}
	d = h.find("nurse")
	kindIs(t, "later than anybody", d.SetLate(t.Context(), "clinician", 241), errs.Invalid)
	kindIs(t, "earlier", d.SetLate(t.Context(), "clinician", -1), errs.Invalid)
	kindIs(t, "nobody", d.SetLate(t.Context(), "ghost", 5), errs.NotFound)
	h.now.Add(24 * time.Hour)
	if n := h.v.Late("clinician"); n != 0 {
		t.Errorf("the day after %d minutes late", n)
	}
}

func TestTheManagerSeesThatVisitsStandOutsideAndNotWhose(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.week()
	h.meets(h.ada, start.Add(time.Hour))
	h.meets(h.bob, start.Add(3*time.Hour))
	h.week(func(x *hours.Timetable) {
		x.Changes = []hours.Change{{ID: "l", Who: "clinician", First: hours.DateOf(start), Last: hours.DateOf(start), From: 600, To: 660}}
	})
	p, err := h.v.OpenPractice(t.Context(), h.staff("manager"), Running)
	do(t, err)
	out, err := p.Outliers(p.Timetable())
	if err != nil || len(out) != 1 || out[0].Who != "clinician" || out[0].Why != hours.OnLeave || !out[0].From.Equal(start.Add(time.Hour)) {
		t.Errorf("%+v, %v", out, err)
	}
	open := *p.Timetable()
	open.Rooms = slices.Clone(open.Rooms)
	open.Rooms[0].Closed = true
	if out, err = p.Outliers(&open); err != nil || len(out) != 2 || out[1].Why != hours.RoomClosed {
		t.Errorf("if the room were closed: %+v, %v", out, err)
	}
	n := 0
	for _, b := range h.day() {
		if b.Cover == hours.OnLeave {
			n++
		}
	}
	if n != 1 {
		t.Errorf("staff see %d", n)
	}
}

func TestTheDeskIsClosedToOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.week()
	ctx := t.Context()
	for name, d := range map[string]*Directory{"nil": nil, "zero": {}, "for vouching": h.vouches()} {
		for what, f := range map[string]func() error{
			"Day":     func() error { _, err := d.Day(h.t.Context(), start, start); return err },
			"Todos":   func() error { _, err := d.Todos(ctx); return err },
			"SetLate": func() error { return d.SetLate(ctx, "nurse", 5) },
			"Staff":   func() error { _, err := d.Staff(ctx); return err },
		} {
			kindIs(t, name+" Directory "+what, f(), errs.Refused)
		}
		if d.Affected("clinician") != nil || len(d.Calendar().Openings(hours.Query{Service: "gp", From: hours.DateOf(start), To: hours.DateOf(start)})) > 0 {
			t.Errorf("%s Directory is open", name)
		}
	}
	for name, c := range map[string]*Chart{"nil": nil, "zero": {}, "a client's": h.open(h.client(h.ada), Booking, h.ada, Visits)} {
		_, err := c.WalkIn(ctx, "k", "gp", "")
		kindIs(t, name+" WalkIn", err, errs.Refused)
		kindIs(t, name+" Finish", c.Finish(ctx, "t1"), errs.Refused)
	}
	for name, p := range map[string]*Practice{"nil": nil, "zero": {}} {
		_, err := p.Outliers(&hours.Timetable{})
		kindIs(t, name+" Outliers", err, errs.Refused)
	}
}
