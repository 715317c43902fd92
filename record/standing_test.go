package record

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rapport/errs"
	"rapport/fhir"
)

// ref is a reference to somebody.
func practitioner(id string) string { return `{"reference":"Practitioner/` + id + `"}` }

// visitWith is Ada's visit to somebody, in a state.
func visitWith(who, state string, from time.Time) fhir.Resource {
	return resource("Appointment", "a1", fmt.Sprintf(`"status":%q,"start":%q,"end":%q,"participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"},{"actor":%s,"status":"accepted"}]`,
		state, from.Format(time.RFC3339), from.Add(20*time.Minute).Format(time.RFC3339), practitioner(who)))
}

// TestEachBondBeginsAndEnds has the nurse treat Ada by each thing that makes somebody one who
// does: before, to the second, and after; and by what ended it early.
func TestEachBondBeginsAndEnds(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	team := func(state, period string) fhir.Resource {
		return resource("CareTeam", "t", `"status":"`+state+`","subject":{"reference":"Patient/ada"}`+period+`,"participant":[{"member":`+practitioner("nurse")+`}]`)
	}
	member := func(period string) fhir.Resource {
		return resource("CareTeam", "t", `"status":"active","subject":{"reference":"Patient/ada"},"period":{"start":"2026-12-01T00:00:00Z","end":"2027-01-01T00:00:00Z"},"participant":[{"member":`+practitioner("nurse")+`,"period":`+period+`}]`)
	}
	plan := func(state string) fhir.Resource {
		return resource("CarePlan", "p", `"status":"`+state+`","intent":"plan","subject":{"reference":"Patient/ada"},"author":`+practitioner("nurse"))
	}
	refer := func(state string) fhir.Resource {
		return resource("ServiceRequest", "s", `"status":"`+state+`","intent":"order","subject":{"reference":"Patient/ada"},"performer":[`+practitioner("nurse")+`]`)
	}
	seen := func(state string) fhir.Resource {
		return resource("Encounter", "e", `"status":"`+state+`","class":{"code":"AMB"},"subject":{"reference":"Patient/ada"},"period":{"start":"2026-11-20T10:00:00Z","end":"2026-11-20T10:30:00Z"},"participant":[{"individual":`+practitioner("nurse")+`}]`)
	}
	visit := start.Add(10 * day)
	for _, c := range []struct {
		name string
		is   fhir.Resource
		bond Bond
		from time.Duration // after the start
		till time.Duration // 0 for never
		ends fhir.Resource // what ends it early, if anything
	}{
		{"a visit", visitWith("nurse", "booked", visit), ByVisit, 0, 10*day + 20*time.Minute + 90*day, visitWith("nurse", "cancelled", visit)},
		{"a visit that was missed", visitWith("nurse", "fulfilled", visit), ByVisit, 0, 10*day + 20*time.Minute + 90*day, visitWith("nurse", "noshow", visit)},
		{"a visit that is another's now", visitWith("nurse", "booked", visit), ByVisit, 0, 10*day + 20*time.Minute + 90*day, visitWith("clinician", "booked", visit)},
		{"a visit that took place", seen("finished"), ByVisit, 0, time.Date(2026, 11, 20, 10, 30, 0, 0, time.UTC).Add(90 * day).Sub(start), seen("entered-in-error")},
		{"a referral", refer("active"), ByRefer, 0, 180 * day, refer("revoked")},
		{"a referral that was done", refer("active"), ByRefer, 0, 180 * day, refer("completed")},
		{"a team without an end", team("active", ""), ByAssign, 0, 366 * day, team("inactive", "")},
		{"a team with one", team("active", `,"period":{"start":"2026-12-01T00:00:00Z","end":"2027-01-01T00:00:00Z"}`), ByAssign, 6*day + 15*time.Hour, 37*day + 15*time.Hour, fhir.Resource{}},
		{"a member for part of it", member(`{"start":"2026-12-10T00:00:00Z","end":"2026-12-20T00:00:00Z"}`), ByAssign, 15*day + 15*time.Hour, 25*day + 15*time.Hour, fhir.Resource{}},
		{"a member for longer than it", member(`{"start":"2026-01-10T00:00:00Z","end":"2028-12-20T00:00:00Z"}`), ByAssign, 6*day + 15*time.Hour, 37*day + 15*time.Hour, fhir.Resource{}},
		{"a plan", plan("active"), ByAssign, 0, 366 * day, plan("completed")},
		{"a cancelled visit", visitWith("nurse", "cancelled", visit), NoBond, 0, 0, fhir.Resource{}},
		{"a referral in error", refer("entered-in-error"), NoBond, 0, 0, fhir.Resource{}},
		{"another's", visitWith("clinician", "booked", visit), NoBond, 0, 0, fhir.Resource{}},
	} {
		h := newHouse(t)
		h.closed(h.ada, "ada", "o1")
		want := func(when string, b Bond) {
			t.Helper()
			if got, sees := h.treats("nurse", h.ada, "o1"); got != b || sees != (b != NoBond) {
				t.Errorf("%s, %s: %v, sees %t; want %v", c.name, when, got, sees, b)
			}
		}
		want("before it is written", NoBond)
		h.write(h.bring(h.ada), c.is)
		if c.from > 0 {
			h.now.Add(c.from - time.Second)
			want("a second before", NoBond)
			h.now.Add(time.Second)
		}
		want("as it begins", c.bond)
		if got, sees := h.treats("coordinator", h.ada, "o1"); got != NoBond || sees {
			t.Errorf("%s: another has %v, sees %t", c.name, got, sees)
		}
		if c.till == 0 {
			continue
		}
		h.reopen()
		h.now.Add(c.till - c.from - time.Second)
		want("a second before its end", c.bond)
		h.now.Add(time.Second)
		want("at its end", NoBond)
		if c.ends.ID == "" {
			continue
		}
		h.now.Add(-c.till)
		want("the clock put back", c.bond)
		h.write(h.bring(h.ada), c.ends)
		want("ended early", NoBond)
	}
}

// TestWhatIsToDoBindsWhileItIs: who has it to see to, not who had, nor who saw to it long ago.
func TestWhatIsToDoBindsWhileItIs(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.closed(h.ada, "ada", "o1")
	_, err := h.open(h.client(h.ada), Minding, h.ada, AllParts).AskCorrection(ctx, "k", "", "", "A word is missing.")
	do(t, err)
	d := h.find("nurse")
	all, err := d.Todos(ctx)
	do(t, err)
	want := func(when, who string, b Bond) {
		t.Helper()
		if got, sees := h.treats(who, h.ada, "o1"); got != b || sees != (b != NoBond) {
			t.Errorf("%s: the %s has %v, sees %t; want %v", when, who, got, sees, b)
		}
	}
	do(t, d.Assign(ctx, all[0].ID, "nurse"))
	want("theirs", "nurse", ByTask)
	do(t, d.Assign(ctx, all[0].ID, "clinician"))
	want("another's now", "nurse", NoBond)
	want("theirs now", "clinician", ByTask)
	do(t, h.open(h.staff("clinician"), Care, h.ada, AllParts).AnswerCorrection(ctx, all[0].ID, CorrectionRefused, "It is right."))
	h.now.Add(23 * time.Hour)
	want("a day after it is done", "clinician", ByTask)
	h.now.Add(2 * time.Hour)
	want("later", "clinician", NoBond)
}

// TestWhoStandsInTreatsWhomTheOtherTreats from a day to a day, and no further than that.
func TestWhoStandsInTreatsWhomTheOtherTreats(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.closed(h.ada, "ada", "o1")
	h.closed(h.bob, "bob", "o2")
	h.write(h.bring(h.ada), visitWith("clinician", "booked", start.Add(10*24*time.Hour)))
	m, err := h.staffing().StaffMember(ctx, "nurse")
	do(t, err)
	m.For = []Cover{{"clinician", start.Add(time.Hour), start.Add(49 * time.Hour)}}
	do(t, h.staffing().SetStaff(ctx, m))
	m, err = h.staffing().StaffMember(ctx, "coordinator")
	do(t, err)
	m.For = []Cover{{"nurse", start, start.Add(1000 * time.Hour)}} // who stands in for who stands in
	do(t, h.staffing().SetStaff(ctx, m))
	for _, c := range []struct {
		at   time.Duration
		want Bond
	}{{time.Hour - time.Second, NoBond}, {time.Second, ByCover}, {48*time.Hour - time.Second, ByCover}, {time.Second, NoBond}} {
		h.now.Add(c.at)
		if b, sees := h.treats("nurse", h.ada, "o1"); b != c.want || sees != (b != NoBond) {
			t.Errorf("at %v: %v, sees %t; want %v", h.now.Now(), b, sees, c.want)
		}
		if b, _ := h.treats("nurse", h.bob, "o2"); b != NoBond {
			t.Errorf("at %v they treat whom the other does not: %v", h.now.Now(), b)
		}
		if b, _ := h.treats("coordinator", h.ada, "o1"); b != NoBond {
			t.Errorf("at %v it is passed on: %v", h.now.Now(), b)
		}
	}
	treated, err := h.open(h.client(h.ada), Minding, h.ada, AllParts).Team(ctx)
	do(t, err)
	var team []string
	for _, x := range treated {
		if x.Bond != NoBond {
			team = append(team, fmt.Sprint(x.ID, " ", x.Bond, " ", x.Until.Sub(start)))
		}
	}
	if want := []string{"clinician visit 2400h20m0s"}; !slices.Equal(team, want) {
		t.Errorf("the client reads %q, want %q", team, want)
	}
	m, err = h.staffing().StaffMember(ctx, "nurse")
	do(t, err)
	m.For = []Cover{{"clinician", h.now.Now(), h.now.Now().Add(time.Hour)}}
	do(t, h.staffing().SetStaff(ctx, m))
	do(t, h.staffing().SetStaff(ctx, StaffMember{ID: "second", Name: "Second", Roles: "manager"}))
	own, err := h.staffing().StaffMember(ctx, "manager")
	do(t, err)
	own.For = m.For
	kindIs(t, "a manager who says so of themselves, where another can", h.staffing().SetStaff(ctx, own), errs.Conflict)
}
