package record

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
)

// guarded switches rules for guardians on.
func (h *house) guarded(id string) {
	h.t.Helper()
	h.settles(func(s *Settings) {
		s.Minors = Minors{ID: id, Version: 1, Reviewer: "Dr Rao", Reviewed: "2026-11-01", By: "Mia"}
	})
}

func (h *house) settles(f func(*Settings)) {
	h.t.Helper()
	p, err := h.v.OpenPractice(h.t.Context(), h.staff("manager"), Staffing)
	do(h.t, err)
	s := h.v.Settings()
	f(&s)
	do(h.t, p.SetSettings(h.t.Context(), s))
}

// guards makes somebody the guardian of a client.
func (h *house) guards(who account.Actor, c fhir.ClientID) {
	h.t.Helper()
	token, err := h.open(h.staff("frontdesk"), Vouching, c, Person|Agreements).Offer(h.t.Context(), Grant{Tie: Guardian, Name: who.Name(), Reads: AllParts, Acts: AllParts}, "", lang.English)
	do(h.t, err)
	_, err = h.v.TakeHelp(h.t.Context(), who, token)
	do(h.t, err)
}

// sees is what a guardian sees and may do at a time.
func (h *house) sees(who account.Actor, c fhir.ClientID, at time.Time) string {
	h.t.Helper()
	h.now.Add(at.Sub(h.now.Now()))
	ch, err := h.v.Open(h.t.Context(), who, Own, c, AllParts|Looks)
	if err != nil {
		kindIs(h.t, "a guardian", err, errs.Refused)
		return "nothing"
	}
	if ch.basis.String() != "guardian" || ch.opens != 0 {
		h.t.Errorf("a guardian opens on %v, opens %s", ch.basis, ch.opens)
	}
	return ch.Parts().String() + " writes " + ch.writes.String()
}

const everything = "person conditions medicines allergies immunisations results documents visits plans messages procedures family told writes results messages"

// TestAGuardianSeesWhatTheRulesGiveAtTheAge goes over birthdays, each at midnight
// where the client lives.
func TestAGuardianSeesWhatTheRulesGiveAtTheAge(t *testing.T) {
	t.Parallel()
	const few, cut = "person allergies immunisations visits writes ", "person allergies immunisations writes "
	for _, c := range []struct {
		name, rules, practice, own, birth string
		turns                             time.Time // UTC
		before, after                     string
	}{
		{"11 in London in winter", "example-england", "Europe/London", "", "2015-11-25", time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), everything, few},
		{"11 in London in summer", "example-england", "Europe/London", "", "2016-07-01", time.Date(2027, 6, 30, 23, 0, 0, 0, time.UTC), everything, few},
		{"11, living in Auckland", "example-england", "Europe/London", "Pacific/Auckland", "2015-11-26", time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC), everything, few},
		{"11, living in Honolulu", "example-england", "Europe/London", "Pacific/Honolulu", "2015-11-26", time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC), everything, few},
		{"11, living nowhere known", "example-england", "Europe/London", "Nowhere/Land", "2015-11-25", time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), everything, few},
		{"13", "example-england", "UTC", "", "2013-12-01", time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), few, "nothing"},
		{"29 February, where it is 1 March", "example-england", "UTC", "", "2016-02-29", time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC), everything, few},
		{"29 February, where it is 28 February", "example-france", "UTC", "", "2012-02-29", time.Date(2027, 2, 28, 0, 0, 0, 0, time.UTC), everything, few},
		{"29 February, where there is one", "example-most-private", "UTC", "", "2016-02-29", time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), everything, "nothing"},
		{"of age at 16", "example-scotland", "Europe/London", "", "2010-12-24", time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC), cut, "nothing"},
		{"a month of birth alone", "example-england", "UTC", "", "2016-02", time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), everything, few},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.settles(func(s *Settings) { s.Zone = c.practice })
			h.guarded(c.rules)
			r := patient("kid", "Kim", "Young", c.birth)
			if c.own != "" {
				r.JSON = []byte(strings.TrimSuffix(string(r.JSON), "}") + fmt.Sprintf(`,"address":[{"use":"old","extension":[{"url":%q,"valueCode":"America/New_York"}]},{"extension":[{"url":%q,"valueCode":%q}]}]}`, zoneURL, zoneURL, c.own))
			}
			kid := h.admitAs(r)
			bob := h.client(h.bob)
			h.guards(bob, kid)
			if got := h.sees(bob, kid, c.turns.Add(-time.Millisecond)); got != c.before {
				t.Errorf("a moment before: %s, want %s", got, c.before)
			}
			if got := h.sees(bob, kid, c.turns); got != c.after {
				t.Errorf("as it begins: %s, want %s", got, c.after)
			}
			gs, err := h.sharing(kid).Circle(t.Context())
			do(t, err)
			if seen, _, _ := strings.Cut(c.after, " writes"); len(gs) != 1 || c.after != "nothing" && gs[0].Reads.String() != seen || c.after == "nothing" && gs[0].Reads != 0 {
				t.Errorf("the circle says %+v, want %s", gs, c.after)
			}
		})
	}
}

func TestWithoutRulesAGuardianSeesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	kid, bob := h.admit("kid", "Kim", "Young", "2020-05-05"), h.client(h.bob)
	_, err := h.open(h.staff("frontdesk"), Vouching, kid, Agreements).Offer(t.Context(), Grant{Tie: Guardian, Name: "Bob"}, "", lang.English)
	kindIs(t, "a guardian where there are no rules", err, errs.Invalid)
	h.guarded("example-england")
	h.guards(bob, kid)
	if got := h.sees(bob, kid, start); got != everything {
		t.Errorf("as soon as rules are on: %s", got)
	}
	for name, m := range map[string]Minors{
		"none":           {},
		"unknown":        {ID: "example-nowhere", Version: 1, Reviewer: "Dr Rao"},
		"other version":  {ID: "example-england", Version: 2, Reviewer: "Dr Rao"},
		"nobody checked": {ID: "example-england", Version: 1},
	} {
		if name == "none" {
			h.settles(func(s *Settings) { s.Minors = m })
		} else { // refused when they are set, and worth nothing on the disk
			p, err := h.v.OpenPractice(t.Context(), h.staff("manager"), Staffing)
			do(t, err)
			s := h.v.Settings()
			s.Minors = m
			kindIs(t, name, p.SetSettings(t.Context(), s), errs.Invalid)
			h.v.settle(s)
		}
		if got := h.sees(bob, kid, start); got != "nothing" {
			t.Errorf("%s: %s", name, got)
		}
		if cared, err := h.v.Caring(t.Context(), bob); err != nil || len(cared) > 0 {
			t.Errorf("%s: looks after %v, %v", name, cared, err)
		}
		h.guarded("example-england")
		if got := h.sees(bob, kid, start); got != everything {
			t.Errorf("after %s, on again: %s", name, got)
		}
	}
	h.reopen()
	if got := h.sees(bob, kid, start); got != everything {
		t.Errorf("after a new start: %s", got)
	}
	// grown up in the meantime, they have what the client lends them
	if _, err := h.v.TakeHelp(t.Context(), bob, h.asks(kid, Grant{Reads: Visits})); err != nil {
		t.Fatal(err)
	}
	if got := h.sees(bob, kid, start); got != everything {
		t.Errorf("guardian and helper: %s", got)
	}
	h.now.Add(time.Date(2038, 5, 5, 0, 0, 0, 0, time.UTC).Sub(h.now.Now()))
	if c := h.open(bob, Own, kid, AllParts); c.Parts() != Person|Visits || c.basis.String() != "helper" {
		t.Errorf("of age: %q on %v", c.Parts(), c.basis)
	}
}
