package record

import (
	"slices"
	"testing"
	"time"

	"rapport/account"
	"rapport/lang"
)

// TestABirthdayIsToldOnceToBoth lives through the night in which a guardian sees
// less: by itself at midnight where the child lives, told to both, once.
func TestABirthdayIsToldOnceToBoth(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settles(func(s *Settings) { s.Zone = "Europe/London" })
	h.guarded("example-england")
	h.reads(h.bob, "bob@example.org", "1962-10-22")
	kid := h.admit("kid", "Kim", "Young", "2015-11-26") // eleven the day after tomorrow
	h.mails(kid, "kim")                                 // from before there were rules
	bob := h.client(h.bob)
	h.guards(bob, kid)
	h.letters()
	clerk := account.AsSystem(account.Birthdays)
	told := func(want int, letters ...string) {
		t.Helper()
		n, err := h.v.Birthdays(t.Context(), clerk)
		do(t, err)
		got := h.letters()
		slices.Sort(got)
		if n != want || !slices.Equal(got, letters) {
			t.Errorf("at %s told of %d: %q, want %d: %q", h.now.Now().Format(time.DateTime), n, got, want, letters)
		}
	}
	told(0) // the first time there is nothing new
	told(0)
	h.now.Add(time.Date(2026, 11, 25, 23, 59, 0, 0, time.UTC).Sub(h.now.Now()))
	told(0)
	before := h.sees(bob, kid, h.now.Now())
	h.now.Add(time.Minute)
	if after := h.sees(bob, kid, h.now.Now()); after == before {
		t.Errorf("at midnight a guardian sees what they saw: %s", after)
	}
	lines := h.grew(kid, func() {
		told(1, "tier-changed bob@example.org /account", "tier-changed kim@x.example /account")
	})
	if len(lines) != 1 {
		t.Errorf("the child's chain grew by %q, want one line", lines)
	}
	told(0)
	h.reopen()
	told(0) // once is once, over a new start
	for _, s := range []account.Subject{{Kind: account.Client, ID: string(kid)}, {Kind: account.Client, ID: string(h.bob)}} {
		a := h.access(s)
		if a == nil || len(a.Notes) == 0 || a.Notes[0].What != account.LetterTier {
			t.Errorf("%v is not told on their own page: %+v", s.Kind, a)
		}
	}
	if _, err := h.v.Birthdays(t.Context(), account.AsSystem(account.Importer)); err != nil {
		t.Errorf("other software that runs it: %v", err)
	}
	if _, err := h.v.Birthdays(t.Context(), bob); err == nil {
		t.Error("a client tells people of birthdays")
	}
}

func TestOnlyTheNewestInvitationIsGood(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	desk := h.open(h.staff("frontdesk"), Vouching, h.bob, Person|Agreements)
	first, err := desk.Invite(t.Context(), "", NotAsked, lang.English)
	do(t, err)
	second, err := desk.Invite(t.Context(), "", NotAsked, lang.English)
	do(t, err)
	if _, err := h.doors.Enter(t.Context(), first, account.Ask{}); err == nil {
		t.Error("an invitation that another took the place of lets somebody in")
	}
	if in, err := h.doors.Enter(t.Context(), second, account.Ask{}); err != nil || !in.Enrols {
		t.Errorf("the newest invitation: %+v, %v", in.Session, err)
	}
}
