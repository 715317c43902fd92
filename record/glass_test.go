package record

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

const need = "Fainted in the waiting room, and I must know what he takes."

// breaks has a member of staff break the glass.
func (h *house) breaks(who account.Actor, of fhir.ClientID, why string, s Safety) error {
	h.t.Helper()
	return h.open(who, Breaking, of, Person).Break(h.t.Context(), why, s)
}

// closed writes a result for somebody that lies in a compartment.
func (h *house) closed(of fhir.ClientID, person, id string) {
	h.t.Helper()
	h.write(h.bring(of), labelled(resource("Observation", id, `"status":"final","code":{"text":"Something"},"subject":{"reference":"Patient/`+person+`"},"valueString":"x"`), "MH"))
}

// standing is what a decision about staff and one client rests on.
func (h *house) standing(of fhir.ClientID) (s standing) {
	h.t.Helper()
	do(h.t, h.v.st.View(h.t.Context(), func(r store.Reader) (err error) {
		s, err = h.v.standingOf(h.t.Context(), r, of)
		return err
	}))
	return s
}

// treats gives the bond of a member of staff, and whether they see what is closed.
func (h *house) treats(who string, of fhir.ClientID, id string) (Bond, bool) {
	h.t.Helper()
	c, err := h.v.Open(h.t.Context(), h.staff(who), Care, of, Results)
	if err != nil {
		kindIs(h.t, "to give care", err, errs.Refused)
		return NoBond, false
	}
	_, err = c.Read(h.t.Context(), "Observation", id)
	return c.Bond(), err == nil
}

// unfresh is a member of staff who came in a while ago, by a second proof.
func (h *house) unfresh(id string) account.Actor {
	h.t.Helper()
	ctx := h.t.Context()
	link, err := h.staffing().InviteStaff(ctx, id)
	do(h.t, err)
	in, err := h.doors.Enter(ctx, link, account.Ask{})
	do(h.t, err)
	app, err := h.doors.BeginApp(ctx, in.Token, "Test")
	do(h.t, err)
	in, err = h.doors.FinishApp(ctx, in.Token, app.Token, appCode(h.t, app.Secret, h.now.Now()))
	do(h.t, err)
	h.now.Add(6 * time.Minute)
	who := h.who(in.Token)
	if who.Level() != account.ByKey {
		h.t.Fatalf("%s is known by %v", id, who.Level())
	}
	return who
}

// guarding opens the practice as a privacy officer.
func (h *house) guarding(who string) *Practice {
	h.t.Helper()
	p, err := h.v.OpenPractice(h.t.Context(), h.staff(who), Guarding)
	do(h.t, err)
	return p
}

// waiting are the reviews that nobody decided.
func (h *house) waiting() (out []Review) {
	h.t.Helper()
	all, err := h.guarding("privacy").Reviews(h.t.Context())
	do(h.t, err)
	return slices.DeleteFunc(all, func(x Review) bool { return !x.Done.IsZero() })
}

var ticking = account.AsSystem(account.Watching)

// overlooked runs what freezes accounts.
func (h *house) overlooked() int {
	h.t.Helper()
	n, err := h.v.Overlook(h.t.Context(), ticking)
	do(h.t, err)
	return n
}

// TestTheGlassIsForWhoGivesCareNowAndSaysWhy tries to break it without the purpose, without
// a fresh key, as who gives no care, and with reasons that say too little or too much.
func TestTheGlassIsForWhoGivesCareNowAndSaysWhy(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	for _, why := range Purposes() {
		c, err := h.v.Open(ctx, h.staff("nurse"), why, h.ada, AllParts)
		if err != nil || why == Breaking {
			continue
		}
		kindIs(t, "breaking it while "+why.String(), c.Break(ctx, need, Safe), errs.Refused)
	}
	for _, who := range []string{"frontdesk", "manager", "privacy", "editor"} {
		_, err := h.v.Open(ctx, h.staff(who), Breaking, h.ada, Person)
		kindIs(t, who, err, errs.Refused)
	}
	for _, who := range []account.Actor{h.client(h.ada), h.client(h.bob), importer, {}} {
		_, err := h.v.Open(ctx, who, Breaking, h.ada, Person)
		kindIs(t, "no staff", err, errs.Refused)
	}
	_, err := h.v.Open(ctx, h.staff("nurse"), Breaking, h.ada, AllParts&^Person)
	kindIs(t, "without who it is", err, errs.Refused)
	kindIs(t, "no chart", (*Chart)(nil).Break(ctx, need, Safe), errs.Refused)
	c := h.open(h.staff("nurse"), Breaking, h.ada, AllParts)
	if c.Parts() != Person || c.opens != 0 {
		t.Errorf("before it is broken %s is open, of %s", c.Parts(), c.opens)
	}
	invisible := strings.Repeat("\u200b", 20)
	for _, why := range []string{"", "  ", "123456789", "1      2   3 4", strings.Repeat("é", 501), invisible, "\u202e\u2066\u200b because"} {
		says(t, "the reason "+why, c.Break(ctx, why, Safe), "privacy.reason_short")
	}
	if len(h.waiting()) != 0 {
		t.Error("a reason that is none broke the glass")
	}
	for _, why := range []string{"1234567890", strings.Repeat("é", 500)} {
		do(t, c.Break(ctx, why, Safe))
	}
	_, err = h.v.Open(ctx, h.unfresh("nurse"), Breaking, h.ada, Person)
	if need, ok := account.NeedOf(err); !ok || need != account.Fresh {
		t.Errorf("a key that is six minutes old: %v", err)
	}
}

// TestTheGlassLetsInForFourHours holds it to the minute, for who broke it and nobody else,
// past what the client shut and whom they barred.
func TestTheGlassLetsInForFourHours(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.closed(h.ada, "ada", "o1")
	mind := h.open(h.client(h.ada), Minding, h.ada, AllParts)
	_, err := mind.Limit(ctx, Limit{Who: []string{"nurse"}})
	do(t, err)
	if b, sees := h.treats("nurse", h.ada, "o1"); b != NoBond || sees {
		t.Fatalf("before: %v, sees %t", b, sees)
	}
	do(t, h.breaks(h.staff("nurse"), h.ada, need, Safe))
	if b, sees := h.treats("clinician", h.ada, "o1"); b != NoBond || sees {
		t.Errorf("another: %v, sees %t", b, sees)
	}
	h.reopen()
	h.now.Add(4*time.Hour - time.Minute)
	if b, sees := h.treats("nurse", h.ada, "o1"); b != ByGlass || !sees {
		t.Errorf("a minute before the end: %v, sees %t", b, sees)
	}
	c := h.open(h.staff("nurse"), Care, h.ada, Results)
	if until, err := c.Glass(ctx); err != nil || !until.Equal(start.Add(4*time.Hour)) {
		t.Errorf("it holds until %v, %v", until, err)
	}
	h.now.Add(time.Minute)
	if b, sees := h.treats("nurse", h.ada, "o1"); b != NoBond || sees {
		t.Errorf("at the end: %v, sees %t", b, sees)
	}
	do(t, h.breaks(h.staff("nurse"), h.ada, need, Safe))
	h.now.Add(time.Hour)
	do(t, h.breaks(h.staff("nurse"), h.ada, need+" Still.", Safe)) // twice: from now on, and two to look into
	if s := h.standing(h.ada); len(s.Glass) != 1 || !s.Glass[0].Until.Equal(h.now.Now().Add(4*time.Hour)) {
		t.Errorf("broken twice it is %+v", s.Glass)
	}
	if n := len(h.waiting()); n != 3 {
		t.Errorf("%d to look into, want each of the three", n)
	}
	h.now.Add(-2 * time.Hour) // a clock that is put back lets nobody in for longer than it says
	if b, _ := h.treats("nurse", h.ada, "o1"); b == ByGlass {
		t.Errorf("it lets in before it was broken: %v", b)
	}
}

// TestABrokenGlassIsToldAndStandsOnTheLedger looks at the letters and the line.
func TestABrokenGlassIsToldAndStandsOnTheLedger(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.mailed(asClient(h.ada), "ada@mail.example")
	h.mailed(staffSubject("privacy"), "officer@mail.example")
	h.letters()
	var line ledger.Read
	breaks := func(s Safety) (got []string) {
		c := h.open(h.staff("nurse"), Breaking, h.ada, Person)
		if added := h.grew(h.ada, func() { do(t, c.Break(t.Context(), "  "+need+"\n", s)) }); !slices.Equal(added, []string{"staff glass breaking"}) {
			t.Errorf("on the ledger: %q", added)
		}
		all := h.lines(h.ada)
		line = all[len(all)-1]
		for _, l := range h.letters() {
			got = append(got, l)
			if strings.Contains(l, string(h.ada)) && !strings.Contains(l, "ada@mail.example") {
				t.Errorf("a letter to another says whose chart: %s", l)
			}
		}
		return got
	}
	if got := breaks(Safe); len(got) != 2 || !slices.Contains(got, "glass ada@mail.example /me/"+string(h.ada)+"/looks") || !strings.HasPrefix(strings.Join(got, "\n"), "") {
		t.Errorf("letters: %q", got)
	}
	if line.Said != need || line.Actor.Name != "Staff nurse" {
		t.Errorf("the line says %q by %q", line.Said, line.Actor.Name)
	}
	got := breaks(Unsafe)
	if len(got) > 1 || len(got) == 1 && !strings.HasPrefix(got[0], account.LetterReview) {
		t.Errorf("a letter went where it is not safe: %q", got)
	}
	if a := h.access(asClient(h.ada)); len(a.Notes) != 1 {
		t.Errorf("their page tells of it in %d notes, want that of the safe one", len(a.Notes))
	}
	looks, err := h.open(h.client(h.ada), Minding, h.ada, Looks).Looks(t.Context(), 0, 20)
	if err != nil || !slices.ContainsFunc(looks, func(l Look) bool { return l.Act == "glass" && l.Said == need && l.Name == "Staff nurse" }) {
		t.Errorf("the client reads %+v, %v", looks, err)
	}
	xs := h.waiting()
	if len(xs) != 2 || xs[0].Staff != "nurse" || xs[0].Said != need || xs[0].Initials != "A. L." || xs[0].Kind != ReviewGlass || xs[0].Unsafe == xs[1].Unsafe {
		t.Errorf("the officer reads %+v", xs)
	}
}

// TestWhatNobodyLooksIntoFreezes goes to the end of the next day where the practice is, on
// days that are longer or shorter too.
func TestWhatNobodyLooksIntoFreezes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, at, due string }{
		{"UTC", "2026-11-24T09:00:00Z", "2026-11-26T00:00:00Z"},
		{"America/New_York", "2026-11-24T23:30:00-05:00", "2026-11-26T00:00:00-05:00"},
		{"America/New_York", "2027-03-13T12:00:00-05:00", "2027-03-15T00:00:00-04:00"}, // spring forward on the 14th
		{"Europe/Paris", "2027-10-30T12:00:00+02:00", "2027-11-01T00:00:00+01:00"},     // back on the 31st
		{"Pacific/Auckland", "2026-11-24T00:00:00+13:00", "2026-11-26T00:00:00+13:00"},
	} {
		h := newHouse(t)
		h.settles(func(s *Settings) { s.Zone = c.zone })
		at, err := time.Parse(time.RFC3339, c.at)
		do(t, err)
		due, err := time.Parse(time.RFC3339, c.due)
		do(t, err)
		h.now.Add(at.Sub(h.now.Now()))
		do(t, h.breaks(h.staff("nurse"), h.ada, need, Safe))
		h.now.Add(due.Sub(h.now.Now()) - time.Second)
		if n := h.overlooked(); n != 0 {
			t.Errorf("%s %s: frozen a second too early", c.zone, c.at)
		}
		token := h.session("nurse")
		h.now.Add(time.Second)
		if n := h.overlooked(); n != 1 || h.who(token).Kind() != account.Nobody {
			t.Errorf("%s %s: %d frozen at the end of the next day, and %v is signed in still", c.zone, c.at, n, h.who(token))
		}
		if n := h.overlooked(); n != 0 {
			t.Errorf("frozen %d times more", n)
		}
	}
}

// TestWhoIsFrozenIsLetInAgainByAnotherWhoLookedIntoIt judges, and tries to by oneself.
func TestWhoIsFrozenIsLetInAgainByAnotherWhoLookedIntoIt(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	do(t, h.staffing().SetStaff(ctx, StaffMember{ID: "both", Name: "Both", Roles: "nurse privacy"}))
	do(t, h.breaks(h.staff("both"), h.ada, need, Safe))
	do(t, h.breaks(h.staff("both"), h.bob, need, Safe))
	xs := h.waiting()
	says(t, "one's own", h.guarding("both").Judge(ctx, xs[0].ID, VerdictRight, ""), "privacy.own")
	p, err := h.v.OpenPractice(ctx, h.unfresh("privacy"), Guarding)
	do(t, err)
	if need, ok := account.NeedOf(p.Judge(ctx, xs[0].ID, VerdictRight, "")); !ok || need != account.Fresh {
		t.Error("judged without a fresh key")
	}
	for _, other := range []Purpose{Running, Staffing} {
		p, err := h.v.OpenPractice(ctx, h.staff("manager"), other)
		do(t, err)
		_, err = p.Reviews(ctx)
		kindIs(t, "reading what is to be looked into", err, errs.Refused)
		kindIs(t, "judging", p.Judge(ctx, xs[0].ID, VerdictRight, ""), errs.Refused)
	}
	h.now.Add(72 * time.Hour)
	if n := h.overlooked(); n != 2 {
		t.Fatalf("%d frozen", n)
	}
	enters := func() bool {
		link, err := h.doors.Invite(ctx, staffSubject("both"), account.Demo)
		if err != nil {
			return false
		}
		_, err = h.doors.Enter(ctx, link, account.Ask{})
		return err == nil
	}
	p = h.guarding("privacy")
	kindIs(t, "no verdict", p.Judge(ctx, xs[0].ID, "maybe", ""), errs.Invalid)
	kindIs(t, "an erasure's verdict", p.Judge(ctx, xs[0].ID, VerdictErased, ""), errs.Invalid)
	kindIs(t, "nothing of that name", p.Judge(ctx, "nothing", VerdictRight, ""), errs.NotFound)
	if enters() {
		t.Error("who is frozen comes in")
	}
	added := h.grew(xs[0].Client, func() { do(t, p.Judge(ctx, xs[0].ID, VerdictWrong, "No.")) })
	if !slices.Equal(added, []string{"staff review guarding"}) {
		t.Errorf("on the client's ledger: %q", added)
	}
	says(t, "twice", p.Judge(ctx, xs[0].ID, VerdictRight, ""), "privacy.decided")
	if enters() {
		t.Error("one of two is looked into, and they come in")
	}
	m, err := h.staffing().StaffMember(ctx, "both")
	do(t, err)
	m.Frozen = false // what a manager's page read before it froze
	do(t, h.staffing().SetStaff(ctx, m))
	if enters() {
		t.Error("a manager who changed something else let them in")
	}
	do(t, p.Judge(ctx, xs[1].ID, VerdictRight, ""))
	if !enters() {
		t.Error("all is looked into, and they are out")
	}
	h.reopen()
	if xs := h.waiting(); len(xs) != 0 || !enters() {
		t.Errorf("after a new start %d wait", len(xs))
	}
}

// TestALonePracticeIsNotLockedOut: whoever alone runs the practice is not frozen, or nobody
// could ever let them in again; it stays to be looked into, and says so each day.
func TestALonePracticeIsNotLockedOut(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	p, err := h.v.OpenPractice(ctx, importer, Importing)
	do(t, err)
	do(t, p.SetStaff(ctx, StaffMember{ID: "solo", Name: "Solo", Roles: "manager nurse"}, StaffMember{ID: "manager", Name: "Gone", Left: true}))
	do(t, h.breaks(h.staff("solo"), h.ada, need, Safe))
	h.now.Add(72 * time.Hour)
	h.overlooked()
	h.session("solo") // fails if they are out
	if n := h.overlooked(); n != 0 {
		t.Errorf("it is done again at once, %d", n)
	}
	do(t, p.SetStaff(ctx, StaffMember{ID: "second", Name: "Second", Roles: "manager"}))
	h.now.Add(72 * time.Hour)
	token := h.session("solo")
	if h.overlooked(); h.who(token).Kind() != account.Nobody {
		t.Error("another runs the practice too, and nobody looked into it, and they are in")
	}
}

// TestTheGlassOfWhoIsGoneBreaksNothing has somebody break it on a chart that was merged or
// erased since it was opened.
func TestTheGlassOfWhoIsGoneBreaksNothing(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	c := h.open(h.staff("nurse"), Breaking, h.bob, Person)
	do(t, h.erase(h.bob, 0))
	kindIs(t, "of who was erased", c.Break(ctx, need, Safe), errs.Refused)
	if n := len(h.waiting()); n != 0 {
		t.Errorf("%d to look into", n)
	}
	if s := h.standing(h.bob); len(s.Glass) != 0 {
		t.Errorf("it is kept of who was erased: %+v", s)
	}
	b := h.admit("bea", "Bea", "Odenkirk", "1962-10-22")
	do(t, h.breaks(h.staff("nurse"), b, need, Safe))
}
