package record

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/store"
)

// puts sets the clock.
func (h *house) puts(at string) {
	h.t.Helper()
	x, err := time.Parse(time.RFC3339, at)
	do(h.t, err)
	h.now.Add(x.Sub(h.now.Now()))
}

// asked runs what asks why.
func (h *house) asked() int {
	h.t.Helper()
	n, err := h.v.AskWhy(h.t.Context(), ticking)
	do(h.t, err)
	return n
}

// whysOf is what a member of staff is asked.
func (h *house) whysOf(who string) []Why {
	h.t.Helper()
	out, err := h.v.Whys(h.t.Context(), h.staff(who))
	do(h.t, err)
	return out
}

// TestStaffAreAskedAtSixWhereThePracticeIs goes over zones and the days that are shorter
// and longer, to the second.
func TestStaffAreAskedAtSixWhereThePracticeIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, look, ask string }{
		{"UTC", "2026-11-24T09:00:00Z", "2026-11-24T18:00:00Z"},
		{"UTC", "2026-11-24T17:59:59Z", "2026-11-24T18:00:00Z"},
		{"UTC", "2026-11-24T18:00:01Z", "2026-11-24T23:59:00Z"},
		{"America/New_York", "2026-11-24T00:00:00-05:00", "2026-11-24T18:00:00-05:00"},
		{"America/New_York", "2026-11-24T22:00:00-05:00", "2026-11-24T23:59:00-05:00"}, // the next day in UTC
		{"America/New_York", "2027-03-14T01:30:00-05:00", "2027-03-14T18:00:00-04:00"}, // 23 hours
		{"America/New_York", "2027-11-07T01:30:00-04:00", "2027-11-07T18:00:00-05:00"}, // 25 hours
		{"America/New_York", "2027-11-06T23:30:00-04:00", "2027-11-06T23:59:00-04:00"},
		{"Pacific/Auckland", "2026-11-24T08:00:00+13:00", "2026-11-24T18:00:00+13:00"},
	} {
		h := newHouse(t)
		h.settles(func(s *Settings) { s.Zone = c.zone })
		h.puts(c.look)
		h.open(h.staff("nurse"), Care, h.ada, Results)
		ask, err := time.Parse(time.RFC3339, c.ask)
		do(t, err)
		h.now.Add(ask.Sub(h.now.Now()) - time.Second)
		if n := h.asked(); n != 0 || len(h.whysOf("nurse")) != 0 {
			t.Errorf("%s %s: asked a second too early", c.zone, c.look)
		}
		h.now.Add(time.Second)
		if n := h.asked(); n != 1 || len(h.whysOf("nurse")) != 1 {
			t.Errorf("%s %s: %d asked at %s", c.zone, c.look, n, c.ask)
		}
		if n := h.asked(); n != 0 {
			t.Errorf("%s: asked twice", c.zone)
		}
	}
}

// TestNobodyIsAskedWhatIsExplained: by a bond before or after the look on that day, by what
// was looked at, and by who looked.
func TestNobodyIsAskedWhatIsExplained(t *testing.T) {
	t.Parallel()
	team := resource("CareTeam", "team", `"status":"active","subject":{"reference":"Patient/ada"},"participant":[{"member":{"reference":"Practitioner/nurse"}}]`)
	refer := resource("ServiceRequest", "sr", `"status":"active","intent":"order","subject":{"reference":"Patient/ada"},"performer":[{"reference":"Practitioner/nurse"}]`)
	visit := resource("Appointment", "a1", `"status":"booked","start":"2026-12-24T14:00:00Z","end":"2026-12-24T14:20:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"},{"actor":{"reference":"Practitioner/nurse"},"status":"accepted"}]`)
	writes := func(r fhir.Resource) func(*house) { return func(h *house) { h.write(h.bring(h.ada), r) } }
	looks := func(who string, p Parts) func(*house) { return func(h *house) { h.open(h.staff(who), Care, h.ada, p) } }
	nurse := looks("nurse", AllParts)
	task := func(h *house) {
		_, err := h.open(h.client(h.ada), Minding, h.ada, AllParts).AskCorrection(h.t.Context(), "k", "", "", "A word is missing.")
		do(h.t, err)
		d := h.find("nurse")
		all, err := d.Todos(h.t.Context())
		do(h.t, err)
		do(h.t, d.Assign(h.t.Context(), all[0].ID, "nurse"))
	}
	later := func(h *house) { h.now.Add(7 * time.Hour) }
	for _, c := range []struct {
		name string
		want int
		does []func(*house)
	}{
		{"nothing explains it", 1, []func(*house){nurse}},
		{"a visit before", 0, []func(*house){writes(visit), nurse}},
		{"a visit booked later", 0, []func(*house){nurse, later, writes(visit)}},
		{"a referral later", 0, []func(*house){nurse, later, writes(refer)}},
		{"a team later", 0, []func(*house){nurse, later, writes(team)}},
		{"a task later", 0, []func(*house){nurse, later, task}},
		{"another's visit", 1, []func(*house){looks("clinician", Results), writes(visit)}},
		{"who it is and when they come", 0, []func(*house){looks("nurse", Person|Visits)}},
		{"and a result", 1, []func(*house){looks("nurse", Person|Visits|Results)}},
		{"the desk, who sees neither", 0, []func(*house){looks("frontdesk", AllParts)}},
		{"the client", 0, []func(*house){func(h *house) { h.open(h.client(h.ada), Own, h.ada, AllParts) }}},
		{"software", 0, []func(*house){func(h *house) { h.bring(h.ada) }}},
		{"a glass, which is answered for otherwise", 0, []func(*house){func(h *house) { do(h.t, h.breaks(h.staff("nurse"), h.ada, need, Safe)) }, nurse}},
		{"a glass that came after explains nothing", 1, []func(*house){nurse, func(h *house) { do(h.t, h.breaks(h.staff("nurse"), h.ada, need, Safe)) }}},
		{"two charts, two who looked", 3, []func(*house){nurse, looks("clinician", Results), nurse, func(h *house) { h.open(h.staff("nurse"), Care, h.bob, Results) }}},
	} {
		h := newHouse(t)
		for _, f := range c.does {
			f(h)
		}
		h.puts("2026-11-24T18:00:00Z")
		if n := h.asked(); n != c.want {
			t.Errorf("%s: %d asked, want %d", c.name, n, c.want)
		}
		h.puts("2026-11-25T00:00:00Z")
		if n := h.asked(); n != 0 {
			t.Errorf("%s: %d asked later", c.name, n)
		}
	}
}

// TestWhatIsAskedIsAnsweredOnceByWhoWasAsked tries others' ids, too little, too early and twice.
func TestWhatIsAskedIsAnsweredOnceByWhoWasAsked(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.mailed(staffSubject("nurse"), "nurse@mail.example")
	h.letters()
	h.open(h.staff("nurse"), Care, h.ada, Results)
	var early string
	do(t, h.v.st.View(ctx, func(r store.Reader) error {
		_, err := h.v.whys(ctx, r, func(x Why) bool { early = x.ID; return false })
		return err
	}))
	kindIs(t, "before it is asked", h.v.Explain(ctx, h.staff("nurse"), early, need), errs.NotFound)
	h.puts("2026-11-24T18:00:00Z")
	if added := h.grew(h.ada, func() { h.asked() }); !slices.Equal(added, []string{"system askwhy telling"}) {
		t.Errorf("the client reads %q", added)
	}
	if ls := h.lines(h.ada); ls[len(ls)-1].Whom != "Staff nurse" {
		t.Errorf("who was asked: %q", ls[len(ls)-1].Whom)
	}
	if ls := h.letters(); !slices.Equal(ls, []string{"work-why nurse@mail.example /account/why"}) {
		t.Errorf("letters: %q", ls)
	}
	mine := h.whysOf("nurse")
	if len(mine) != 1 || mine[0].Initials != "A. L." || mine[0].Client != h.ada || !mine[0].First.Equal(start) {
		t.Fatalf("the nurse is asked %+v", mine)
	}
	if others := h.whysOf("clinician"); len(others) != 0 {
		t.Errorf("another is asked %+v", others)
	}
	id := mine[0].ID
	missing := h.v.Explain(ctx, h.staff("clinician"), strings.Repeat("a", len(id)), need)
	kindIs(t, "nothing of that id", missing, errs.NotFound)
	n := h.size()
	h.staff("clinician")
	came := h.size() - n
	for _, other := range []string{"clinician", "manager", "privacy"} {
		n := h.size()
		err := h.v.Explain(ctx, h.staff(other), id, need)
		if fmt.Sprint(err) != fmt.Sprint(missing) || h.size() != n+came {
			t.Errorf("%s, for another: %v, and %d lines", other, err, h.size()-n-came)
		}
	}
	kindIs(t, "no id at all", h.v.Explain(ctx, h.staff("nurse"), "!!", need), errs.NotFound)
	kindIs(t, "a client", h.v.Explain(ctx, h.client(h.ada), id, need), errs.Refused)
	kindIs(t, "by a link", h.v.Explain(ctx, h.byLink(staffSubject("nurse")), id, need), errs.Refused)
	says(t, "too little", h.v.Explain(ctx, h.staff("nurse"), id, "because"), "privacy.reason_short")
	nurse := h.staff("nurse")
	done := 0
	for _, err := range h.together(
		func() error { return h.v.Explain(ctx, nurse, id, "She rang, and asked for it.") },
		func() error { return h.v.Explain(ctx, nurse, id, "He rang, and asked for it.") },
	) {
		if err == nil {
			done++
		} else {
			kindIs(t, "a second answer", err, errs.NotFound)
		}
	}
	if done != 1 {
		t.Errorf("answered %d times", done)
	}
	said := h.lines(h.ada)
	if l := said[len(said)-1]; l.Act != "explain" || !strings.HasSuffix(l.Said, "rang, and asked for it.") {
		t.Errorf("the client reads %+v", l)
	}
	got, err := h.guarding("privacy").Explained(ctx)
	if err != nil || len(got) != 1 || got[0].Said == "" || got[0].Staff != "nurse" {
		t.Errorf("the officer reads %+v, %v", got, err)
	}
	if len(h.whysOf("nurse")) != 0 {
		t.Error("it is asked still")
	}
	h.now.Add(60*24*time.Hour - time.Second)
	if got, err := h.guarding("privacy").Explained(ctx); err != nil || len(got) != 1 {
		t.Errorf("a second before sixty days: %+v, %v", got, err)
	}
	h.now.Add(time.Second)
	if got, err := h.guarding("privacy").Explained(ctx); err != nil || len(got) != 0 {
		t.Errorf("after sixty days: %+v, %v", got, err)
	}
}

// TestWhatNobodyExplainsIsHandedOnAfterTwoDays, once; also of who left.
func TestWhatNobodyExplainsIsHandedOnAfterTwoDays(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.open(h.staff("nurse"), Care, h.ada, Results)
	h.open(h.staff("clinician"), Care, h.ada, Results)
	m, err := h.staffing().StaffMember(ctx, "clinician")
	do(t, err)
	m.Left = true
	do(t, h.staffing().SetStaff(ctx, m))
	h.puts("2026-11-24T18:00:00Z")
	if n := h.asked(); n != 2 {
		t.Fatalf("%d asked", n)
	}
	id := h.whysOf("nurse")[0].ID
	h.puts("2026-11-26T17:59:59Z")
	h.asked()
	if xs := h.waiting(); len(xs) != 0 {
		t.Errorf("handed on a second too early: %+v", xs)
	}
	h.puts("2026-11-26T18:00:00Z")
	if added := h.grew(h.ada, func() { h.asked(); h.asked() }); !slices.Equal(added, []string{"system unexplained telling", "system unexplained telling"}) {
		t.Errorf("the client reads %q", added)
	}
	xs := h.waiting()
	if len(xs) != 2 || xs[0].Kind != ReviewWhy || !xs[0].At.Equal(start) || xs[0].Initials != "A. L." {
		t.Fatalf("the officer reads %+v", xs)
	}
	kindIs(t, "an answer that comes too late", h.v.Explain(ctx, h.staff("nurse"), id, need), errs.NotFound)
	h.now.Add(30 * 24 * time.Hour)
	if n := h.overlooked(); n != 0 {
		t.Error("who did not answer is frozen")
	}
	do(t, h.guarding("privacy").Judge(ctx, xs[0].ID, VerdictRight, ""))
}

// TestAnAnswerIsNotLostToWhatHandsItOn has somebody answer at the moment in which it is
// handed on.
func TestAnAnswerIsNotLostToWhatHandsItOn(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.open(h.staff("nurse"), Care, h.ada, Results)
	h.puts("2026-11-24T18:00:00Z")
	h.asked()
	x := h.whysOf("nurse")[0]
	h.puts("2026-11-26T18:00:00Z")
	do(t, h.v.Explain(ctx, h.staff("nurse"), x.ID, need))
	do(t, h.v.handOnWhy(ctx, ticking, x)) // as it was read a moment before
	if xs := h.waiting(); len(xs) != 0 {
		t.Errorf("the officer reads that nobody answered: %+v", xs)
	}
	if got, err := h.guarding("privacy").Explained(ctx); err != nil || len(got) != 1 {
		t.Errorf("the answer is gone: %+v, %v", got, err)
	}
	n := h.size()
	did, err := h.v.askWhy(ctx, ticking, x) // and asked anew, as it was read before that
	if err != nil || did || h.size() != n {
		t.Errorf("what was answered is asked again: %t, %v", did, err)
	}
}

// TestALookIsAskedAboutThoughTheChartIsAnothersNow: merging charts forgets no look, and a
// second look late in the evening is kept.
func TestALookIsAskedAboutThoughTheChartIsAnothersNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	h.open(h.staff("nurse"), Care, b, Results)
	do(t, h.desk(Vouching).Merge(t.Context(), id, a))
	h.puts("2026-11-24T18:00:00Z")
	if n := h.asked(); n != 1 {
		t.Errorf("%d asked about a look before two charts were made one", n)
	}
	xs := h.whysOf("nurse")
	if len(xs) != 1 || xs[0].Client != a || xs[0].Initials == "" {
		t.Errorf("asked %+v, want about %s", xs, a)
	}
}
