package plans

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/record"
	"rapport/web/webtest"
)

func follow(v *webtest.Visitor, p *webtest.Page) *webtest.Page {
	p.T.Helper()
	p.Is(303)
	to, _, _ := strings.Cut(p.Header.Get("Location"), "#")
	return v.Get(to)
}

func path(p *webtest.Page) string {
	_, to, _ := strings.Cut(p.Path, " ")
	to, _, _ = strings.Cut(to, "?")
	return to
}

// agreed makes a plan with one goal and one daily step that both have agreed to.
func agreed(t *testing.T, h *webtest.House) (ada, doctor *webtest.Visitor, me, staff string) {
	t.Helper()
	ada, doctor = h.As("ada"), h.As("physician")
	me, staff = "/me/"+string(h.Ada)+"/plan", "/clients/"+string(h.Ada)+"/plan"
	p := ada.Get(me).Is(200).Has("h1", "Your plan").Says("There is no plan yet")
	p = ada.Get(p.Attr("main .btn-row a", "href")).Is(200)
	p = follow(ada, ada.Post(path(p), p.Form("form.plan-form", "new-goal", "Walk to the park with my grandson", "new-measure", "There and back without a rest", "new-step", "Walk to the corner", "new-why", "Because a small start is a start", "new-often", "daily")))
	p.Has(".lede", "A draft", "Version 1").Says("Walk to the park with my grandson", "There and back without a rest", "Walk to the corner", "Every day", "Because a small start is a start", "You have agreed")
	doctor.Get("/plans").Is(200).Has("#awaits", "Wait for our yes").Has("section[aria-labelledby=awaits] a[href='" + staff + "']")
	q := doctor.Get(staff).Is(200).Has(".plan-names li").Says("Please look it through")
	follow(doctor, doctor.Post(staff, q.Form("form", "do", "agree"))).Has(".lede", "Agreed by both. Version 1.").Has(".plan-names li:nth-child(2)", "Dr Lena Ortiz")
	doctor.Get("/plans").HasNot("#awaits")
	return ada, doctor, me, staff
}

func TestAPlanIsAgreedByBothAndFollowed(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, doctor, me, staff := agreed(t, h)
	p := ada.Get(me).Has(".plan-names li:nth-child(2)", "Dr Lena Ortiz").Has(".near")
	// how near it feels, by her own measure
	follow(ada, ada.Post(me, p.Form("form.near", "do", "near", "value", "3"))).Has(".near input[value='3'][checked]")
	ada.Post(me, url.Values{"do": {"near"}, "value": {"3"}, "was": {"1"}}).Is(422).Says("changed meanwhile")
	// a step is done once a day, however often it is pressed
	c, err := h.Vault.Open(t.Context(), ada.Actor(), record.Planning, h.Ada, follows)
	if err != nil {
		t.Fatal(err)
	}
	k, err := open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	id := k.Steps[len(k.Steps)-1].ID
	done := url.Values{"step": {id}, "day": {"2026-11-24"}, "n": {"1"}}
	ada.Post(me+"/steps", done).Is(303)
	ada.Post(me+"/steps", done).Is(303)
	if k, err = open(t.Context(), c); err != nil || len(k.Done) != 1 {
		t.Fatalf("done %d times, %v", len(k.Done), err)
	}
	ada.Post(me+"/steps", url.Values{"step": {id}, "day": {"2026-12-24"}, "n": {"1"}}).Is(400)
	done.Set("do", "undo")
	ada.Post(me+"/steps", done).Is(303)
	if k, err = open(t.Context(), c); err != nil || len(k.Done) != 0 {
		t.Fatalf("taken back, it is done %d times, %v", len(k.Done), err)
	}
	done.Del("do")
	ada.Post(me+"/steps", done).Is(303)
	// changed by the clinician, it says what and why, and she can object
	q := doctor.Get(staff + "?edit=1").Is(200)
	follow(doctor, doctor.Post(staff, q.Form("form.plan-form", "do", "change", "why", "The knee needs a rest.", "new-step", "Ten heel slides", "new-often", "daily", "new-why", "Because the knee bends better"))).Has(".changes", "New: Ten heel slides", "The knee needs a rest.", "Dr Lena Ortiz")
	p = ada.Get(me).Has(".lede", "Version 2").Has("#changes").Has(".changes", "Ten heel slides")
	follow(ada, ada.Post(me, p.Form("details.own form", "do", "object", "text", "Not on Mondays"))).Says("Not on Mondays")
	doctor.Get("/plans").Has("#objects")
	q = doctor.Get(staff).Says("Not on Mondays")
	follow(doctor, doctor.Post(staff, url.Values{"do": {"heard"}, "was": {q.Attr("input[name=was]", "value")}})).SaysNot("Not on Mondays")
	// and it leaves as FHIR, and on paper
	f := ada.Get(me + "/file").Is(200)
	h.Gave(h.Ada, f, "application/fhir+json", "planning", record.Plans, strings.Count(f.Body, `"fullUrl"`))
	f2 := doctor.Get(staff + "/file").Is(200)
	h.Gave(h.Ada, f2, "application/fhir+json", "care", record.Plans, strings.Count(f2.Body, `"fullUrl"`))
	for _, s := range []string{`"CarePlan"`, `"Goal"`, "Walk to the park", `"Task"`} {
		if !strings.Contains(f.Body, s) {
			t.Errorf("the file lacks %s", s)
		}
	}
	ada.Get(me).Has("[data-print]")
	h.As("bob").Get(me).Is(404)
	h.As("hana").Get(me).Is(404)
	// nothing is done for two weeks
	h.Now.Add(15 * 24 * time.Hour)
	h.As("physician").Get("/plans").Has("#stalled")
	h.As("frontdesk").Get("/plans").Is(404)
}

func TestTwoWhoChangeAPlanAtOnce(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, doctor, me, staff := agreed(t, h)
	mine, theirs := ada.Get(me+"?edit=1"), doctor.Get(staff+"?edit=1")
	ada.Post(me, mine.Form("form.plan-form", "do", "change", "new-goal", "Sing again")).Is(303)
	doctor.Post(staff, theirs.Form("form.plan-form", "do", "change", "new-goal", "Lower pressure")).Is(422).Says("changed meanwhile", "Sing again").SaysNot("Lower pressure")
}

// A week that went by without a step brings a smaller one to be accepted, and nothing
// changes before somebody says yes.
func TestAMissedWeekOffersASmallerStepAndAPersonSaysYes(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, _, me, staff := agreed(t, h)
	ada.Get(me).HasNot("input[name=rule]")
	h.Now.Add(9 * 24 * time.Hour)
	ada = h.As("ada")
	p := ada.Get(me).Is(200).Has("form input[name=rule]").Has(".callout", "smaller")
	before := p.Text(".steps")
	if got := ada.Get(me).Text(".steps"); got != before {
		t.Error("the plan changed by itself")
	}
	// not now: it is not asked again tomorrow
	n := p.Count("form input[name=rule]")
	p = follow(ada, ada.Post(me, p.Form("form:has(input[name=rule])", "do", "no")))
	if got := p.Count("form input[name=rule]"); got != n-1 {
		t.Errorf("%d suggestions after one was left, want %d", got, n-1)
	}
	h.Now.Add(15 * 24 * time.Hour)
	doctor := h.As("physician")
	p = doctor.Get(staff).Has("form input[name=rule]")
	form := p.Form("form:has(input[name=rule])", "do", "yes")
	p = follow(doctor, doctor.Post(staff, form)).Is(200).Has(".lede", "Version 2").Has("#changes")
	if p.Text(".changes p") == "" {
		t.Error("the change does not say why")
	}
	// pressed twice, from a page that is old by now, it is one change
	doctor.Post(staff, form).Is(422)
	h.As("ada").Get(me).Has(".lede", "Version 2")
}

// Today's steps are ticked off in place: a reading with its numbers, and a wrong one says
// so without a word of it in the address.
func TestAReadingThatCannotBeIsSaidAndNotKept(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, _, me, _ := agreed(t, h)
	c, err := h.Vault.Open(t.Context(), ada.Actor(), record.Planning, h.Ada, follows)
	if err != nil {
		t.Fatal(err)
	}
	k, err := open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range k.Steps {
		if s.Code != "85354-9" {
			continue
		}
		send := url.Values{"step": {s.ID}, "day": {"2026-11-24"}, "n": {"1"}, "v1": {"128"}, "v2": {"lots"}, "to": {"today"}}
		to := ada.Post(me+"/steps", send).Is(303).Header.Get("Location")
		if !strings.Contains(to, "?wrong=") || strings.Contains(to, "pressure") || strings.Contains(to, s.ID) {
			t.Errorf("a reading that cannot be leads to %s", to)
		}
		send.Set("v2", "79,5")
		ada.Post(me+"/steps", send).Is(303)
		found, err := c.Find(t.Context(), "Observation", "code", "85354-9", "date", "ge2026-11-24")
		if err != nil || len(found) != 1 || !strings.Contains(string(found[0].JSON), "79.5") {
			t.Errorf("%d readings of today, %v", len(found), err)
		}
		return
	}
	t.Fatal("the plan measures nothing")
}
