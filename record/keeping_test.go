package record

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/label"
)

// keeps is until when Ada's chart is kept, a line a clock.
func (h *house) keeps(of fhir.ClientID) (out []string) {
	h.t.Helper()
	k, err := h.minding(of).Kept(h.t.Context())
	do(h.t, err)
	for _, c := range k.Clocks {
		until := "not begun"
		if !c.Until.IsZero() {
			until = c.From.UTC().Format(time.DateOnly) + " to " + c.Until.UTC().Format(time.DateOnly)
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %d %s", c.In, c.Years, until)))
	}
	if k.Held {
		out = append(out, "held")
	}
	return out
}

func visited(id, of, state string, at time.Time) fhir.Resource {
	return resource("Appointment", id, fmt.Sprintf(`"status":%q,"start":%q,"end":%q,"participant":[{"actor":{"reference":"Patient/%s"},"status":"accepted"}]`,
		state, at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339), of))
}

// TestAClockForEachKindRunsFromTheLastVisit: by the practice's years, a compartment's own
// where they are fewer, and of a minor until an age.
func TestAClockForEachKindRunsFromTheLastVisit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	want := func(when string, of fhir.ClientID, want ...string) {
		t.Helper()
		if got := h.keeps(of); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	want("nobody saw them", h.ada, "10 not begun")
	h.write(h.bring(h.ada), visited("a1", "ada", "fulfilled", start.AddDate(-3, 0, 0)))
	want("three years ago", h.ada, "10 2023-11-24 to 2033-11-24")
	for i := range 45 { // a long series to come
		h.write(h.bring(h.ada), visited(fmt.Sprint("n", i), "ada", "booked", start.AddDate(0, 0, 7*i+1)))
	}
	want("visits to come count for nothing yet", h.ada, "10 2023-11-24 to 2033-11-24")
	for i, state := range []string{"cancelled", "noshow", "entered-in-error"} {
		h.write(h.bring(h.ada), visited(fmt.Sprint("c", i), "ada", state, start.AddDate(0, -1-i, 0)))
	}
	want("nor visits that were none", h.ada, "10 2023-11-24 to 2033-11-24")
	h.write(h.bring(h.ada), labelled(resource("Encounter", "e1", `"status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ada"},"period":{"start":"2026-01-02T10:00:00Z","end":"2026-01-02T10:30:00Z"}`), "MH"))
	want("one that lies in a compartment counts", h.ada, "10 2026-01-02 to 2036-01-02")
	h.settles(func(s *Settings) {
		s.Keep = Keeping{Record: 8, Minor: 21, In: map[string]int{"mental": 3, "sexual": 8, "genetic": 20}}
	})
	want("the practice's own years", h.ada, "8 2026-01-02 to 2034-01-02", "mental 3 2026-01-02 to 2029-01-02")
	h.now.Add(10 * 24 * time.Hour)
	want("a visit of the series was", h.ada, "8 2026-12-02 to 2034-12-02", "mental 3 2026-12-02 to 2029-12-02")
	kid := h.admit("kid", "Kim", "Young", "2024-05-05")
	h.write(h.bring(kid), visited("k1", "kid", "fulfilled", start))
	want("of a minor", kid, "8 2026-11-24 to 2045-05-05", "mental 3 2026-11-24 to 2029-11-24")
	teen := h.admit("teen", "Tim", "Young", "2008-11-24")
	h.write(h.bring(teen), visited("t1", "teen", "fulfilled", start))
	want("of who was eighteen that day", teen, "8 2026-11-24 to 2034-11-24", "mental 3 2026-11-24 to 2029-11-24")
}

// TestUntilWhenItIsKeptIsForTheClient: the day of the last visit tells of one that is closed.
func TestUntilWhenItIsKeptIsForTheClient(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	helper := h.helper(h.ada, Grant{Tie: Helper, Name: "Eve", Reads: AllParts, Acts: AllParts})
	for _, who := range []account.Actor{h.staff("nurse"), h.staff("frontdesk"), helper} {
		for _, why := range Purposes() {
			if c, err := h.v.Open(t.Context(), who, why, h.ada, AllParts); err == nil {
				_, err := c.Kept(t.Context())
				kindIs(t, who.Name()+" for "+why.String(), err, errs.Refused)
			}
		}
	}
}

// TestAHoldStopsEveryClock and lets them run again; it is the officer's, with a fresh key,
// and stands on the client's ledger.
func TestAHoldStopsEveryClock(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.closed(h.ada, "ada", "o1")
	p := h.guarding("privacy")
	if added := h.grew(h.ada, func() { do(t, p.Hold(ctx, h.ada, "Case 12")) }); !slices.Equal(added, []string{"staff hold guarding"}) {
		t.Errorf("on the ledger: %q", added)
	}
	h.reopen()
	if got := h.keeps(h.ada); !slices.Contains(got, "held") {
		t.Errorf("the client reads %q", got)
	}
	for _, in := range []label.Set{0, label.Mental} {
		says(t, "erasing while it is held", h.erase(h.ada, in), "privacy.held")
	}
	if f, err := h.minding(h.ada).Read(ctx, "Observation", "o1"); err != nil || f.ID != "o1" {
		t.Errorf("it was erased all the same: %v", err)
	}
	p = h.guarding("privacy")
	xs := h.waiting()
	do(t, p.RefuseErase(ctx, xs[0].ID, "A court asks for it."))
	do(t, p.Hold(ctx, h.ada, ""))
	if got := h.keeps(h.ada); slices.Contains(got, "held") {
		t.Errorf("it runs again, and the client reads %q", got)
	}
	unfresh, err := h.v.OpenPractice(ctx, h.unfresh("privacy"), Guarding)
	do(t, err)
	for name, err := range map[string]error{
		"without a fresh key": unfresh.Hold(ctx, h.ada, "x"), "refusing without one": unfresh.RefuseErase(ctx, xs[1].ID, "x"), "erasing without one": unfresh.Erase(ctx, xs[1].ID, "x"),
	} {
		if need, ok := account.NeedOf(err); !ok || need != account.Fresh {
			t.Errorf("%s: %v", name, err)
		}
	}
	kindIs(t, "of nobody", p.Hold(ctx, fhir.ClientID(strings.Repeat("a", len(h.ada))), "x"), errs.NotFound)
	kindIs(t, "by who runs the practice", h.staffing().Hold(ctx, h.ada, "x"), errs.Refused)
	do(t, h.breaks(h.staff("nurse"), h.ada, need, Safe)) // what else lies beside a hold leaves it
	do(t, p.Hold(ctx, h.ada, "Case 13"))
	h.bars(h.ada, Limit{Who: []string{"clinician"}})
	if got := h.keeps(h.ada); !slices.Contains(got, "held") {
		t.Errorf("a limit let the clocks run: %q", got)
	}
}

// TestErasingIsAskedOnceAndAnswered: for one thing once while it waits, by the client with a
// fresh key; refused with a reason, which they are told of, and once.
func TestErasingIsAskedOnceAndAnswered(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	h.mailed(asClient(h.ada), "ada@mail.example")
	h.mailed(staffSubject("privacy"), "officer@mail.example")
	h.letters()
	mind := h.minding(h.ada)
	if added := h.grew(h.ada, func() { do(t, mind.AskErase(ctx, label.Mental, "I moved away.")) }); !slices.Equal(added, []string{"client askerase minding"}) {
		t.Errorf("on the ledger: %q", added)
	}
	for _, l := range h.letters() {
		if strings.Contains(l, string(h.ada)) {
			t.Errorf("the officer's letter says whose it is: %s", l)
		}
	}
	says(t, "twice", mind.AskErase(ctx, label.Mental, "I moved away."), "trust.erase_asked")
	do(t, mind.AskErase(ctx, 0, "All of it."))
	do(t, mind.AskErase(ctx, label.Mental|label.Own, "Two."))
	for _, why := range []string{"", " ", strings.Repeat("é", 2001)} {
		says(t, "saying "+why, mind.AskErase(ctx, label.Sexual, why), "trust.say_something")
	}
	kindIs(t, "a compartment that is none is not all of them", mind.AskErase(ctx, 1<<15, "x"), errs.Invalid)
	for _, who := range []account.Actor{h.staff("nurse"), h.client(h.ada), h.helper(h.ada, Grant{Tie: Helper, Name: "Eve", Reads: AllParts, Acts: AllParts})} {
		for _, why := range Purposes() {
			if c, err := h.v.Open(ctx, who, why, h.ada, AllParts); err == nil && why != Minding {
				kindIs(t, who.Name()+" for "+why.String(), c.AskErase(ctx, label.Sexual, "x"), errs.Refused)
				_, err := c.Erasures(ctx)
				kindIs(t, who.Name()+" reading for "+why.String(), err, errs.Refused)
			}
		}
	}
	got, err := mind.Erasures(ctx)
	if err != nil || len(got) != 3 {
		t.Fatalf("the client reads %+v, %v", got, err)
	}
	one := got[slices.IndexFunc(got, func(x Review) bool { return x.In == label.Mental })]
	if !one.Due.Equal(start.Add(30*24*time.Hour)) || one.Said != "I moved away." || !one.Done.IsZero() {
		t.Errorf("it reads %+v", one)
	}
	if other, err := h.minding(h.bob).Erasures(ctx); err != nil || len(other) != 0 {
		t.Errorf("another client reads %+v, %v", other, err)
	}
	p := h.guarding("privacy")
	says(t, "refusing without a word", p.RefuseErase(ctx, one.ID, " "), "trust.say_something")
	kindIs(t, "deciding it as if it were a glass", p.Judge(ctx, one.ID, VerdictRight, ""), errs.Invalid)
	kindIs(t, "of no such name", p.RefuseErase(ctx, "none", "x"), errs.NotFound)
	kindIs(t, "by who runs the practice", h.staffing().RefuseErase(ctx, one.ID, "x"), errs.Refused)
	h.letters()
	do(t, p.RefuseErase(ctx, one.ID, "The law says ten years."))
	if ls := h.letters(); !slices.Equal(ls, []string{"answered ada@mail.example /me/" + string(h.ada) + "/trust/keep"}) {
		t.Errorf("letters: %q", ls)
	}
	says(t, "refused twice", p.RefuseErase(ctx, one.ID, "x"), "privacy.decided")
	says(t, "erased though refused", p.Erase(ctx, one.ID, "x"), "privacy.decided")
	h.now.Add(time.Hour)
	do(t, mind.AskErase(ctx, label.Mental, "Again."))
	got, err = mind.Erasures(ctx)
	if err != nil || len(got) != 4 || got[0].Said != "Again." || !slices.ContainsFunc(got, func(x Review) bool { return x.Note == "The law says ten years." }) {
		t.Errorf("asked again, what was answered before is gone: %+v, %v", got, err)
	}
	says(t, "again twice", mind.AskErase(ctx, label.Mental, "Again."), "trust.erase_asked")
}
