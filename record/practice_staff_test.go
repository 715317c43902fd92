package record

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
)

// staffing opens the practice to say who works here, as its manager.
func (h *house) staffing() *Practice {
	h.t.Helper()
	p, err := h.v.OpenPractice(h.t.Context(), h.staff("manager"), Staffing)
	do(h.t, err)
	return p
}

// session signs somebody in by a made-up link and returns the token.
func (h *house) session(id string) string {
	h.t.Helper()
	link, err := h.doors.Invite(h.t.Context(), staffSubject(id), account.Demo)
	do(h.t, err)
	in, err := h.doors.Enter(h.t.Context(), link, account.Ask{})
	do(h.t, err)
	return in.Token
}

func (h *house) who(token string) account.Actor {
	h.t.Helper()
	who, err := h.doors.Who(h.t.Context(), token)
	do(h.t, err)
	return who
}

// TestRolesBelongToAPlace has a nurse at North who meets people at South: charts
// open at North only, and the ledger says where they were.
func TestRolesBelongToAPlace(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	p := h.staffing()
	do(t, p.AddPlace(ctx, "North"))
	do(t, p.AddPlace(ctx, "South"))
	places := h.v.Settings().Places
	north, south := places[0].ID, places[1].ID
	do(t, p.SetStaff(ctx, StaffMember{ID: "mo", Name: "Mo", At: map[string]string{north: "nurse", south: "frontdesk"}}))
	token := h.session("mo")
	opens := func(want bool, where string) {
		t.Helper()
		_, err := h.v.Open(ctx, h.who(token), Care, h.ada, Results)
		if (err == nil) != want {
			t.Errorf("%s: opening results gives %v", where, err)
		}
	}
	if who := h.who(token); who.Roles() != 0 || who.Place() != "" || len(who.Places()) != 2 {
		t.Errorf("before they said where: %v at %q of %v", who.Roles(), who.Place(), who.Places())
	}
	opens(false, "nowhere yet")
	do(t, h.doors.GoTo(ctx, token, south))
	opens(false, "at South")
	if _, err := h.v.OpenDirectory(ctx, h.who(token), Finding); err != nil {
		t.Errorf("the front desk at South finds nobody: %v", err)
	}
	do(t, h.doors.GoTo(ctx, token, north))
	opens(true, "at North")
	ls := h.lines(h.ada)
	if last := ls[len(ls)-1]; last.At != north || last.Refused {
		t.Errorf("the ledger says %+v, want it at North", last.Entry)
	}
	kindIs(t, "a place that is not theirs", h.doors.GoTo(ctx, token, "elsewhere"), errs.NotFound)
	opens(true, "still at North")

	do(t, p.RemovePlace(ctx, north))
	opens(false, "North is no more")
	if who := h.who(token); who.Roles() != account.FrontDesk || who.Place() != south {
		t.Errorf("one place is left, and they are %v at %q", who.Roles(), who.Place())
	}
	kindIs(t, "a place twice removed", p.RemovePlace(ctx, north), errs.NotFound)
	kindIs(t, "two places of one name", p.AddPlace(ctx, "south"), errs.Conflict)
	kindIs(t, "a manager of one place", p.SetStaff(ctx, StaffMember{ID: "x", Name: "X", At: map[string]string{south: "manager"}}), errs.Invalid)
	kindIs(t, "an unknown role", p.SetStaff(ctx, StaffMember{ID: "x", Name: "X", At: map[string]string{south: "king"}}), errs.Invalid)
}

func TestAPlaceIsNotTakenFromASessionOfAClient(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	do(t, h.staffing().AddPlace(t.Context(), "North"))
	link, err := h.doors.Invite(t.Context(), account.Subject{Kind: account.Client, ID: string(h.ada)}, account.Demo)
	do(t, err)
	in, err := h.doors.Enter(t.Context(), link, account.Ask{})
	do(t, err)
	kindIs(t, "a client at a place", h.doors.GoTo(t.Context(), in.Token, h.v.Settings().Places[0].ID), errs.NotFound)
	if err := h.doors.GoTo(t.Context(), "no-session", "x"); err == nil {
		t.Error("nobody went to a place")
	}
}

func TestStaffAreInvitedOnceAndResetForAnother(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	p := h.staffing()
	first, err := p.InviteStaff(ctx, "nurse")
	do(t, err)
	second, err := p.InviteStaff(ctx, "nurse")
	do(t, err)
	if _, err := h.doors.Enter(ctx, first, account.Ask{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("an invitation that another replaced: %v", err)
	}
	in, err := h.doors.Enter(ctx, second, account.Ask{})
	do(t, err)
	if !in.Enrols || in.Level != account.ByLink {
		t.Errorf("who was invited came in as %+v", in.Session)
	}
	app, err := h.doors.BeginApp(ctx, in.Token, "Test")
	do(t, err)
	code := appCode(t, app.Secret, h.now.Now())
	in, err = h.doors.FinishApp(ctx, in.Token, app.Token, code)
	do(t, err)
	if acc, err := p.StaffAccounts(ctx); err != nil || !acc["nurse"].Has || acc["clinician"].Has {
		t.Errorf("who has a way in: %v, %v", acc, err)
	}
	_, err = p.InviteStaff(ctx, "nurse")
	kindIs(t, "an invitation for who has a way in", err, errs.Conflict)
	if h.who(in.Token).ID() != "nurse" {
		t.Fatal("the nurse is not in")
	}

	lines := h.grew("", func() { do(t, p.ResetStaff(ctx, "nurse")) })
	if !slices.Equal(lines, []string{"staff reset staffing"}) {
		t.Errorf("on the ledger: %v", lines)
	}
	if h.who(in.Token).Kind() != account.Nobody {
		t.Error("a session outlived the reset")
	}
	if acc, err := p.StaffAccounts(ctx); err != nil || acc["nurse"].Has {
		t.Errorf("a way in outlived the reset: %v, %v", acc, err)
	}
	_, err = p.InviteStaff(ctx, "nurse")
	do(t, err)
	if ls := h.letters(); len(ls) != 0 {
		t.Errorf("nobody has an address, and told are %q", ls)
	}
	if a := h.access(staffSubject("nurse")); len(a.Notes) == 0 || a.Notes[0].What != account.LetterKeyGone {
		t.Errorf("the nurse's own page says %+v", a.Notes)
	}
	do(t, p.SetStaff(ctx, StaffMember{ID: "second", Name: "Second", Roles: "manager privacy"}))
	h.session("second")
	h.session("manager")
	do(t, p.ResetStaff(ctx, "nurse"))
	if a := h.access(staffSubject("second")); len(a.Notes) != 1 || a.Notes[0].What != account.LetterReset {
		t.Errorf("the other manager's page says %+v", a.Notes)
	}
	if a := h.access(staffSubject("manager")); len(a.Notes) != 0 {
		t.Errorf("who did it is told %+v", a.Notes)
	}
	kindIs(t, "resetting oneself", p.ResetStaff(ctx, "manager"), errs.Conflict)
	kindIs(t, "resetting nobody", p.ResetStaff(ctx, "nobody"), errs.NotFound)
	_, err = p.InviteStaff(ctx, "nobody")
	kindIs(t, "inviting nobody", err, errs.NotFound)
}

func TestWhoLeftIsOutEverywhere(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	p := h.staffing()
	one, two := h.session("nurse"), h.session("nurse")
	open, err := p.InviteStaff(ctx, "nurse") // they have no way in of their own yet
	do(t, err)
	m, err := p.StaffMember(ctx, "nurse")
	do(t, err)
	m.Left = true
	do(t, p.SetStaff(ctx, m))
	_, err = p.InviteStaff(ctx, "nurse")
	kindIs(t, "inviting who left", err, errs.NotFound)
	m.Left = false
	do(t, p.SetStaff(ctx, m))
	for _, token := range []string{one, two} {
		if h.who(token).Kind() != account.Nobody {
			t.Error("a session outlived leaving, and came back")
		}
	}
	if _, err := h.doors.Enter(ctx, open, account.Ask{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("an invitation outlived leaving: %v", err)
	}
	again := h.session("nurse")
	do(t, p.EndSessions(ctx, "nurse"))
	if h.who(again).Kind() != account.Nobody {
		t.Error("a session outlived being signed out everywhere")
	}
}

// TestTheLastManagerStays has two managers remove each other at once.
func TestTheLastManagerStays(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	p := h.staffing()
	m, err := p.StaffMember(ctx, "manager")
	do(t, err)
	for what, change := range map[string]func(*StaffMember){
		"leaves": func(m *StaffMember) { m.Left = true }, "is a nurse": func(m *StaffMember) { m.Roles = "nurse" },
	} {
		x := m
		change(&x)
		err := p.SetStaff(ctx, x)
		kindIs(t, "the last manager "+what, err, errs.Conflict)
		if errs.SayOf(err) != "team.last_manager" {
			t.Errorf("the last manager %s: says %q", what, errs.SayOf(err))
		}
	}
	if kept, err := p.StaffMember(ctx, "manager"); err != nil || kept.Left || kept.Roles != "manager" {
		t.Errorf("what was refused was kept: %+v, %v", kept, err)
	}
	do(t, p.SetStaff(ctx, StaffMember{ID: "other", Name: "Other", Roles: "manager"}))
	var wg sync.WaitGroup
	fails := make([]error, 2)
	for i, id := range []string{"manager", "other"} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			fails[i] = p.SetStaff(context.WithoutCancel(ctx), StaffMember{ID: id, Name: id, Roles: "manager", Left: true})
		}()
	}
	wg.Wait()
	if (fails[0] == nil) == (fails[1] == nil) {
		t.Errorf("of two managers who leave at once: %v", fails)
	}
}

// TestNobodyGivesThemselvesARoleThatOpensCharts: another manager does, where there is
// one; whoever runs a practice alone has nobody to ask.
func TestNobodyGivesThemselvesARoleThatOpensCharts(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	p := h.staffing()
	do(t, p.AddPlace(ctx, "North"))
	north := h.v.Settings().Places[0].ID
	me := func(roles, at string) StaffMember {
		m := StaffMember{ID: "manager", Name: "Staff manager", Roles: roles}
		if at != "" {
			m.At = map[string]string{north: at}
		}
		return m
	}
	do(t, p.SetStaff(ctx, me("manager nurse", ""))) // alone
	do(t, p.SetStaff(ctx, StaffMember{ID: "other", Name: "Other", Roles: "manager"}))
	for _, m := range []StaffMember{me("manager nurse clinician", ""), me("manager", "clinician"), me("manager frontdesk", "")} {
		err := p.SetStaff(ctx, m)
		if errs.SayOf(err) != "team.own_roles" {
			t.Errorf("%q %v: %v", m.Roles, m.At, err)
		}
	}
	for _, m := range []StaffMember{me("manager nurse privacy", ""), me("manager nurse", "nurse"), me("manager", "nurse"), me("manager editor", "")} {
		do(t, p.SetStaff(ctx, m)) // what they had, somewhere or everywhere; and what opens no chart
	}
	kindIs(t, "and what was given up is not had any more", p.SetStaff(ctx, me("manager nurse", "")), errs.Conflict)
	do(t, p.SetStaff(ctx, StaffMember{ID: "other", Name: "Other", Roles: "manager clinician"})) // another's
	imports, err := h.v.OpenPractice(ctx, importer, Importing)
	do(t, err)
	do(t, imports.SetStaff(ctx, me("manager clinician", ""))) // whoever runs the server
}

func TestOnlyWhoIsStaffingSaysWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	p, err := h.v.OpenPractice(ctx, h.staff("manager"), Running)
	do(t, err)
	s := h.v.Settings()
	s.Name = "New name"
	do(t, p.SetSettings(ctx, s))
	on := s
	on.Minors = Minors{ID: "example-scotland", Version: 1, Reviewer: "A. Lawyer", Reviewed: "2026-11-20", By: "Staff manager"}
	kindIs(t, "rules for minors, running", p.SetSettings(ctx, on), errs.Refused)
	placed := s
	placed.Places = []Place{{"n", "North"}}
	kindIs(t, "places, running", p.SetSettings(ctx, placed), errs.Refused)
	kindIs(t, "staff, running", p.SetStaff(ctx, StaffMember{ID: "x", Name: "X", Roles: "clinician"}), errs.Refused)
	_, err = p.InviteStaff(ctx, "nurse")
	kindIs(t, "an invitation, running", err, errs.Refused)

	// switched on, they hold at once, and not only after the next start
	child := h.admit("kid", "Kid", "Lovelace", "2020-05-05")
	c := h.open(h.staff("frontdesk"), Vouching, child, Person|Agreements)
	if y := c.Youth(); y != Unruled {
		t.Errorf("without rules a child is %v", y)
	}
	_, err = c.Offer(ctx, Grant{Name: "Dad", Tie: Guardian}, "", lang.English)
	kindIs(t, "a guardian without rules", err, errs.Invalid)
	do(t, h.staffing().SetSettings(ctx, on))
	if y := c.Youth(); y != Minor {
		t.Errorf("with rules a child is %v", y)
	}
	_, err = c.Offer(ctx, Grant{Name: "Dad", Tie: Guardian}, "", lang.English)
	do(t, err)
	for what, bad := range map[string]Minors{"nobody read": {ID: "example-scotland", Version: 1}, "of another version": {ID: "example-scotland", Version: 9, Reviewer: "A"}, "unknown": {ID: "moon", Version: 1, Reviewer: "A"}} {
		x := on
		x.Minors = bad
		kindIs(t, "rules "+what, h.staffing().SetSettings(ctx, x), errs.Invalid)
	}
}

func TestYouthByBirthDate(t *testing.T) {
	t.Parallel()
	h := newHouse(t) // the house is of 24 November 2026
	for birth, want := range map[string]Youth{"": AgeUnknown, "nonsense": AgeUnknown, "2027-01-01": AgeUnknown, "2008-11-24": Grown, "2008-11-25": Unruled, "2008": Grown, "2009": Unruled, "1950": Grown} {
		if got := h.v.youth(Card{Birth: birth}); got != want {
			t.Errorf("born %q: %v, want %v", birth, got, want)
		}
	}
	s := h.v.Settings()
	s.Minors = Minors{ID: "example-scotland", Version: 1, Reviewer: "A. Lawyer", Reviewed: "2026-11-20"}
	do(t, h.staffing().SetSettings(t.Context(), s))
	for birth, want := range map[string]Youth{"2010-11-24": Grown, "2010-11-25": Minor, "": AgeUnknown} { // of age at 16
		if got := h.v.youth(Card{Birth: birth}); got != want {
			t.Errorf("in Scotland, born %q: %v, want %v", birth, got, want)
		}
	}
}

func TestEveryErrorAboutStaffHasWords(t *testing.T) {
	t.Parallel()
	for key := range maps.Keys(map[string]error{"team.last_manager": errLastManager, "team.place_gone": errPlace, "team.reset_self": errSelf, "team.own_roles": errOwnRoles, "joining.has_key": errTaken, "joining.shared_mail": errSharedMail}) {
		for _, tag := range lang.All() {
			if _, ok := lang.New(tag, lang.WordClient).Say(key); !ok {
				t.Errorf("%s has no words in %s", key, tag)
			}
		}
	}
}

// appCode is what an authenticator app shows for a secret as it is typed (RFC 6238).
func appCode(t testing.TB, typed string, at time.Time) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(typed, " ", ""))
	do(t, err)
	m := hmac.New(sha1.New, secret)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30))) //nolint:gosec // after 1970
	sum := m.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[19]&15:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}
