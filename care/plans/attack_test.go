package plans

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/fhir"
	"rapport/fhir/plan"
	"rapport/record"
	"rapport/web/webtest"
)

// opened is Ada's plan as it is kept.
func opened(t *testing.T, h *webtest.House, v *webtest.Visitor) *kept {
	t.Helper()
	c, err := h.Vault.Open(t.Context(), v.Actor(), record.Planning, h.Ada, follows)
	if err != nil {
		t.Fatal(err)
	}
	k, err := open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func drafted(t *testing.T, h *webtest.House) (*webtest.Visitor, string) {
	t.Helper()
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/plan"
	p := ada.Get(me + "/new").Is(200)
	follow(ada, ada.Post(me+"/new", p.Form("form.plan-form", "new-goal", "First wish", "new-step", "First step", "new-often", "daily")))
	return ada, me
}

func TestWhatIsAddedToADraftNeverTakesAnothersPlace(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := drafted(t, h)
	p := ada.Get(me + "?edit=1")
	ada.Post(me, p.Form("form.plan-form", "do", "change", "new-goal", "Second wish", "new-step", "Second step", "new-often", "daily")).Is(303)
	k := opened(t, h, ada)
	first, second := k.Goals[len(k.Goals)-2], k.Goals[len(k.Goals)-1]
	v := ada.Get(me+"?edit=1").Form("form.plan-form", "do", "change", "new-goal", "Third wish", "new-step", "Third step", "new-often", "daily")
	v["goal"] = slices.DeleteFunc(v["goal"], func(id string) bool { return id == first.ID })
	v["step"] = slices.DeleteFunc(v["step"], func(id string) bool { return id == k.Steps[len(k.Steps)-2].ID })
	if !slices.Contains(v["goal"], second.ID) {
		t.Fatalf("goals on the page: %v", v["goal"])
	}
	ada.Post(me, v).Is(303)
	ada.Get(me).Is(200).Says("Second wish", "Third wish", "Second step", "Third step")
	k = opened(t, h, ada)
	seen := map[string]bool{}
	for _, g := range k.Goals {
		if seen[g.ID] {
			t.Errorf("two goals are called %s", g.ID)
		}
		seen[g.ID] = true
	}
	for _, s := range k.Steps {
		if seen[s.ID] {
			t.Errorf("two steps are called %s", s.ID)
		}
		seen[s.ID] = true
	}
}

func TestTwoWhoBeginAPlanAtOnceMakeOne(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, doctor := h.As("ada"), h.As("physician")
	me, staff := "/me/"+string(h.Ada)+"/plan", "/clients/"+string(h.Ada)+"/plan"
	mine, theirs := ada.Get(me+"/new").Is(200).Form("form.plan-form", "new-goal", "Mine"), doctor.Get(staff+"/new").Is(200).Form("form.plan-form", "new-goal", "Theirs")
	var w sync.WaitGroup
	for range 8 {
		w.Go(func() { ada.Post(me+"/new", mine) })
		w.Go(func() { doctor.Post(staff+"/new", theirs) })
	}
	w.Wait()
	c, err := h.Vault.Open(t.Context(), doctor.Actor(), record.Care, h.Ada, follows)
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.Find(t.Context(), "CarePlan", "status", "draft,active,on-hold")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range found {
		if p, err := plan.ReadPlan(f.JSON, nil); err == nil && p.Version > 0 && len(p.Agreed) > 0 {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d plans were begun", n)
	}
}

func TestAHelperWhoMayOnlySeeThePlan(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	_, _, me, _ := agreed(t, h)
	v := h.Helper("hana", h.Ada, record.Plans, record.Plans)
	v.Get(me).Is(200).Says("Walk to the park")
	k := opened(t, h, h.As("ada"))
	v.Post(me+"/steps", url.Values{"step": {k.Steps[len(k.Steps)-1].ID}, "day": {"2026-11-24"}, "n": {"1"}}).Is(303)
	v.Get(me + "/file").Is(200)
	p := v.Get(me)
	v.Post(me, p.Form("form.near", "do", "near", "value", "3")).Is(303)
	// and one who may see and not act
	w := h.Helper("noor", h.Ada, record.Plans, 0)
	w.Get(me).Is(200)
	if k = opened(t, h, h.As("ada")); len(k.Done) != 1 {
		t.Fatalf("done %d", len(k.Done))
	}
	w.Post(me+"/steps", url.Values{"step": {k.Steps[len(k.Steps)-1].ID}, "day": {"2026-11-24"}, "n": {"1"}, "do": {"undo"}})
	if k = opened(t, h, h.As("ada")); len(k.Done) != 1 {
		t.Errorf("who may only look changes what is done: %d", len(k.Done))
	}
}

func TestNothingOddMakesAPlanFail(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, doctor, me, staff := agreed(t, h)
	frontdesk := h.As("frontdesk")
	bob := h.As("bob")
	for _, at := range []string{staff, staff + "/new", staff + "/file", me, me + "/new", me + "/file", "/plans"} {
		if at == "/plans" {
			frontdesk.Get(at).Is(404)
			continue
		}
		frontdesk.Get(at).Is(404)
		bob.Get(at).Is(404)
	}
	frontdesk.Post(staff, url.Values{"do": {"agree"}, "was": {"1"}}).Is(404)
	bob.Post(me+"/steps", url.Values{"step": {"x"}, "day": {"2026-11-24"}, "n": {"1"}}).Is(404)
	k := opened(t, h, ada)
	id := k.Steps[len(k.Steps)-1].ID
	odd := []string{"", "\x00", "\u202e\u200b", "<script>alert(1)</script>", "9999999999999999999999", "-1", "2026-02-30", "0000-00-00", "١", "1e9", "NaN", "%", string(make([]byte, 100)), "\xff\xfe"}
	for _, s := range odd {
		for _, f := range []url.Values{
			{"step": {s}, "day": {"2026-11-24"}, "n": {"1"}}, {"step": {id}, "day": {s}, "n": {"1"}}, {"step": {id}, "day": {"2026-11-24"}, "n": {s}},
		} {
			if got := ada.Post(me+"/steps", f).Status; got >= 500 {
				t.Errorf("steps %v: %d", f, got)
			}
		}
		for _, do := range []string{"agree", "change", "object", "heard", "yes", "no", "near", "end!", s} {
			was := ada.Get(me).Is(200).Attr("input[name=was]", "value")
			f := url.Values{"do": {do}, "was": {was}, "text": {s}, "value": {s}, "goal": {s}, "rule": {s}, "step": {s}, "new-goal": {s}, "new-step": {s}, "new-step-goal": {s}, "new-often": {s}, "why": {s}, "about": {s}}
			if do == "change" {
				f["goal"] = []string{k.Goals[0].ID, s}
				f["step"] = []string{id, s}
			}
			if got := ada.Post(me, f).Status; got >= 500 {
				t.Errorf("%s %q: %d", do, s, got)
			}
			if p := ada.Get(me); p.Status != 200 {
				t.Fatalf("after %s %q the plan's page is %d", do, s, p.Status)
			}
		}
	}
	doctor.Get(staff).Is(200).HasNot("main script:not([src])")
	doctor.Get("/plans").Is(200)
}

func TestAStepOfADraftIsNotDone(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := drafted(t, h)
	k := opened(t, h, ada)
	ada.Post(me+"/steps", url.Values{"step": {k.Steps[len(k.Steps)-1].ID}, "day": {"2026-11-24"}, "n": {"24"}})
	if k = opened(t, h, ada); len(k.Done) != 0 {
		t.Error("a step of a plan nobody follows yet was done")
	}
}

func TestAPlanThatHasEndedWaitsForNobody(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, doctor, me, staff := agreed(t, h)
	p := ada.Get(me)
	ada.Post(me, p.Form("details.own form", "do", "object", "text", "Not on Mondays")).Is(303)
	follow(ada, ada.Post(me, ada.Get(me).Form("form:has(button[value=end])", "do", "end", "why", "I can climb the stairs"))).Is(200).Says("This plan has ended", "There is no plan yet")
	h.Now.Add(30 * 24 * time.Hour)
	if q := h.As("physician").Get("/plans").Is(200); q.Count("a[href='"+staff+"']") != 0 {
		t.Errorf("a plan that has ended still waits for somebody: %s", q.Text("main"))
	}
	ada = h.As("ada")
	// and another can be begun after it, and again
	for _, w := range []string{"Second plan", "Third plan"} {
		p = ada.Get(me + "/new").Is(200)
		follow(ada, ada.Post(me+"/new", p.Form("form.plan-form", "new-goal", w))).Is(200).Says(w).SaysNot("changed meanwhile")
		ada.Post(me, ada.Get(me).Form("form:has(button[value=end])", "do", "end")).Is(303)
	}
	_ = doctor
}

func TestATickTakenBackTakesItsReadingBack(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, _, me, _ := agreed(t, h)
	k := opened(t, h, ada)
	i := slices.IndexFunc(k.Steps, func(s plan.Step) bool { return s.Kind == plan.ToMeasure })
	f := url.Values{"step": {k.Steps[i].ID}, "day": {"2026-11-24"}, "n": {"1"}, "v1": {"999"}, "v2": {"80"}}
	ada.Post(me+"/steps", f).Is(303)
	if k = opened(t, h, ada); len(k.Done) != 1 {
		t.Fatal("nothing was measured")
	}
	f.Set("do", "undo")
	ada.Post(me+"/steps", f).Is(303)
	c, err := h.Vault.Open(t.Context(), ada.Actor(), record.Planning, h.Ada, follows)
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.Find(t.Context(), "Observation", "_count", "300")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range found {
		if strings.Contains(string(x.JSON), "999") && !strings.Contains(string(x.JSON), "entered-in-error") {
			t.Errorf("what was measured by mistake stays: %s", x.JSON)
		}
	}
	// taken back twice, or never done, it fails in no way
	ada.Post(me+"/steps", f).Is(303)
	f.Set("n", "2")
	ada.Post(me+"/steps", f).Is(303)
}

func TestAPlanIsNotMadeOfWhatIsPrivate(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	c, err := h.Vault.Open(t.Context(), h.As("physician").Actor(), record.Care, h.Ada, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"Condition", "MedicationRequest", "MedicationStatement"} {
		found, err := c.Find(t.Context(), typ, "_count", "200")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			f.JSON, err = fhir.Amend(f.JSON, "meta", []byte(`{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}`))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Put(t.Context(), fhir.Resource{Type: typ, ID: f.ID, JSON: f.JSON}); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.As("ada").Get("/me/"+string(h.Ada)+"/plan/new").Is(200).SaysNot("High blood pressure", "you take medicines")
}
