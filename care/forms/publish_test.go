package forms

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestWhatIsPublishedNeverChanges(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	lib := h.Vault.Library()
	was, _ := lib.Form("urn:rapport:form:phq-9", "")
	at := "/practice/forms/phq-9/q/0"
	e.Get("/practice/forms/phq-9/publish").Is(200).Has(".empty", "Nothing to publish")
	e.Post(at, with(e.Get(at).Form("form.settings"), "do", "save", "text-fr", "")).Is(303)
	e.Get("/practice/forms").Is(200).Says("Draft 2")
	if now, _ := h.Vault.Library().Form("urn:rapport:form:phq-9", ""); now.Version != "1" || !bytes.Equal(now.JSON(), was.JSON()) {
		t.Fatal("a draft is given to people")
	}
	p := e.Get("/practice/forms/phq-9/publish").Is(200).Has("#changes", "Changed: “Over the last 2 weeks").Says("Français: not written yet")
	e.Post("/practice/forms/phq-9/publish", vals("was", "1-stale")).Is(422).Has("#changed")
	e.Post("/practice/forms/phq-9/publish", p.Form("form.form-foot")).Is(303)
	now, _ := h.Vault.Library().Form("urn:rapport:form:phq-9", "")
	if now.Version != "2" || now.Status != "active" {
		t.Fatalf("%s %s", now.Version, now.Status)
	}
	old, ok := h.Vault.Library().Form("urn:rapport:form:phq-9", "1")
	if !ok || !bytes.Equal(old.JSON(), was.JSON()) {
		t.Error("who is in the middle of version 1 cannot finish it")
	}
	v := e.Get("/practice/forms/phq-9/versions").Is(200).Has(".versions", "Version 2", "Version 1", "words").Has(`a[download][href*="version=1"]`)
	// a draft is thrown away, and the next one has another number
	e.Post(at, with(e.Get(at).Form("form.settings"), "do", "save", "text-fr", "Encore")).Is(303)
	e.Post("/practice/forms/phq-9/versions", vals("was", v.Attr("input[name=was]", "value"), "do", "discard")).Is(422).Has("#changed")
	v = e.Get("/practice/forms/phq-9/versions").Has("form input[value=discard]")
	e.Post("/practice/forms/phq-9/versions", vals("was", v.Attr("input[name=was]", "value"), "do", "discard")).Is(303)
	e.Get(at).Is(200).HasNot(`#text-fr:contains("Encore")`)
	// out of use, and again
	v = e.Get("/practice/forms/phq-9/versions")
	e.Post("/practice/forms/phq-9/versions", vals("was", v.Attr("input[name=was]", "value"), "do", "retire")).Is(303)
	for _, ed := range h.Vault.Library().Editions("urn:rapport:form:phq-9") {
		if ed.Status != "retired" {
			t.Errorf("version %s is %s", ed.Version, ed.Status)
		}
	}
	v = e.Get("/practice/forms/phq-9/versions").Has("form input[value=again]")
	e.Post("/practice/forms/phq-9/versions", vals("was", v.Attr("input[name=was]", "value"), "do", "again")).Is(303)
	if w := h.Vault.Library().Editions("urn:rapport:form:phq-9")[0]; w.Version != "4" || w.Status != "draft" || strings.Contains(string(w.JSON()), discardedURL) {
		t.Errorf("%s %s", w.Version, w.Status)
	}
}

func TestAFormOfOnesOwn(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	e.Post("/practice/forms", vals("title", "")).Is(422).Has("#title-problem")
	to := e.Post("/practice/forms", vals("title", "Back pain")).Is(303).Header.Get("Location")
	e.Get(to).Is(200).Has("h2", "Back pain").Has("#phone .phone-title", "What would you like to tell us?")
	at := to + "/about"
	p := e.Get(at).Is(200)
	e.Post(at, with(p.Form("form.settings"), "goes", "1", "from", "40", "to", "18")).Is(422).Has("#to-problem")
	e.Post(at, with(p.Form("form.settings"), "goes", "1", "from", "18", "again", "12", "services", "blood-pressure", "purpose-en", "So that we know.")).Is(303)
	e.Get(at).Is(200).Says("Before a visit for", "of people from 18, again after 12 months").Has("input[name=services][value=blood-pressure][checked]")
	asked := func() int { return len(h.Vault.Library().Asked()) }
	before := asked()
	e.Post(to+"/publish", e.Get(to+"/publish").Form("form.form-foot")).Is(303)
	if asked() != before+1 {
		t.Error("published, and it does not go out")
	}
	e.Get("/practice/forms").Is(200).Says("Back pain", "again after 12 months")
	u := "urn:rapport:form:" + strings.TrimPrefix(to, "/practice/forms/")
	e2, ok := h.Vault.Library().Form(u, "")
	if !ok || !e2.Goes || e2.Asked.Again != 12 || e2.Asked.From != 18 || len(e2.Asked.Services) != 1 {
		t.Errorf("%+v", e2)
	}
	// options are added, moved and kept
	q := to + "/q/0"
	p = e.Post(q, with(e.Get(q).Form("form.settings"), "do", "preview", "type", "choice")).Is(200)
	p = e.Post(q, with(p.Form("form.settings"), "do", "option-add")).Is(200).Has("#opt-0-en")
	p = e.Post(q, with(p.Form("form.settings"), "do", "option-add", "opt-0-en", "In the morning")).Is(200)
	p = e.Post(q, with(p.Form("form.settings"), "do", "option-up:1", "opt-1-en", "All day")).Is(200).Has("#opt-0-en[value='All day']")
	e.Post(q, with(p.Form("form.settings"), "do", "save", "opt-0-score", "2,5")).Is(303)
	it := kept(t, h, u, "2").get("item").vals[0]
	want := `[{"valueCoding":{"system":"urn:rapport:answer:question","code":"all-day","display":"All day"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/ordinalValue","valueDecimal":2.5}]},{"valueCoding":{"system":"urn:rapport:answer:question","code":"in-the-morning","display":"In the morning"}}]`
	if got := string(it.get("answerOption").bytes()); got != want {
		t.Error(got)
	}
}

func TestATrialKeepsNothing(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	before := len(h.Looks(h.Ada, 50))
	each := len(h.Looks(h.Ada, 50)) - before // looking at the looks leaves some
	p := e.Get("/practice/forms/phq-9/try").Is(200).Has("#nothing-kept", "Nothing you answer here is kept")
	for range 12 {
		if p.Count("#done") > 0 {
			break
		}
		p = e.Post("/practice/forms/phq-9/try", with(p.Form(".phone form"), "do", "next", "a", "3")).Is(200)
	}
	p.Has("#done").Has("#scores", "27").Has("#alarms", "question 9").Has("#stated", "Result")
	if len(h.Vault.Library().Editions("urn:rapport:form:phq-9")) != 1 || len(h.Looks(h.Ada, 50)) != before+2*each {
		t.Error("something was kept, or a chart was opened")
	}
	p = e.Post("/practice/forms/phq-9/try", with(p.Form(".phone form"), "do", p.Attr(`button[value^="to:"]`, "value"))).Is(200).Has(".phone input[type=radio][checked]")
	e.Post("/practice/forms/phq-9/try", with(p.Form(".phone form"), "said", "{}")).Is(200).Has("#begun-again")
	e.Post("/practice/forms/phq-9/try", with(p.Form(".phone form"), "at", "999.9")).Is(200)
	// what is wrong is said, and stays
	put(t, h, "Questionnaire", "odd-1", strings.Replace(odd, `"id":"odd"`, `"id":"odd-1"`, 1))
	p = e.Post("/practice/forms/odd/try", with(e.Get("/practice/forms/odd/try").Form(".phone form"), "do", "next", "a", "0")).Is(200).Has(".phone-title", "How many a day?")
	e.Post("/practice/forms/odd/try", with(p.Form(".phone form"), "do", "next", "a", "lots")).Is(422).Has("#a-problem").Has("#a[value=lots]")
	e.Post("/practice/forms/odd/try", with(p.Form(".phone form"), "do", "person")).Is(200).Has("#outcome", "To be said in person")
}

func TestTheScriptIsGivenThePhoneAlone(t *testing.T) {
	t.Parallel()
	_, e := newHouse(t)
	f := with(e.Get("/practice/forms/phq-9/q/2").Form("form.settings"), "do", "preview", "text-en", "Seen as it is typed")
	e.Fragment = true
	e.Post("/practice/forms/phq-9/q/2", f).Is(200).Has("#phone", "Seen as it is typed").HasNot("form.settings", "header")
}

func TestHintsAreAboutOurWords(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	put(t, h, "Questionnaire", "odd-1", strings.Replace(odd, `"id":"odd"`, `"id":"odd-1"`, 1))
	at := "/practice/forms/odd/q/0"
	bad := "Notwithstanding previously documented contraindications, characterise comprehensively your longstanding noncompliance regarding pharmacological administration recommendations."
	e.Post(at, with(e.Get(at).Form("form.settings"), "do", "save", "text-en", bad, "text-es", "¿Fuma?")).Is(303)
	p := e.Get("/practice/forms/odd").Is(200).Has("#i-0 .tags", "Hard to read", "Not translated")
	p.HasNot("#i-0 .tag-info")
	e.Get(at).Is(200).Has(".tongue-field .hint-warn", "English: hard to read")
	e.Get("/practice/forms/odd/publish").Is(200).Says("English: hard to read", "Français: not written yet").Has(`.check-part a[href="/practice/forms/odd/q/0"]`)
	// the same words, published elsewhere and tested as they are: only what is missing is said
	official := strings.NewReplacer(`"id":"odd"`, `"id":"tested-1"`, "form:odd", "form:tested", "Do you smoke?", bad, `{"url":"http://example.org/x","valueDecimal":1.50}`, `{"url":"urn:rapport:official","valueUri":"https://example.org/scale"}`).Replace(odd)
	put(t, h, "Questionnaire", "tested-1", official)
	e.Get("/practice/forms/tested").Is(200).Has("#i-0 .tags", "Official words", "Not translated")
	if s := e.Get("/practice/forms/tested").Text("#i-0 .tags"); strings.Contains(s, "Hard") {
		t.Error(s)
	}
	e.Get("/practice/forms/tested/q/0").Is(200).Has("#official", "https://example.org/scale")
}

// Of many who save at the same moment, one is kept and the others are told.
func TestOneOfManyAtOnce(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	put(t, h, "Questionnaire", "odd-1", strings.Replace(odd, `"id":"odd"`, `"id":"odd-1"`, 1))
	f := e.Get("/practice/forms/odd/q/0").Form("form.settings")
	status := make(chan int)
	for i := range 8 {
		v := url.Values{}
		for k, x := range f {
			v[k] = x
		}
		v.Set("do", "save")
		v.Set("text-en", fmt.Sprintf("Text %d", i))
		go func() { status <- e.Post("/practice/forms/odd/q/0", v).Status }()
	}
	n := map[int]int{}
	for range 8 {
		n[<-status]++
	}
	if n[303] != 1 || n[422] != 7 {
		t.Errorf("%v", n)
	}
}

// What a form says is shown as words, never as markup.
func TestAFormIsOnlyWords(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	s := strings.NewReplacer("Do you smoke?", `<script>alert(1)</script>\u0022 onload=`, `"title":"Odd"`, `"title":"<img src=x onerror=alert(1)>"`, `"display":"Yes"`, `"display":"</textarea><b>x"`, `"id":"odd"`, `"id":"odd-1"`).Replace(odd)
	put(t, h, "Questionnaire", "odd-1", s)
	for _, at := range []string{"/practice/forms", "/practice/forms/odd", "/practice/forms/odd/q/0", "/practice/forms/odd/q/1", "/practice/forms/odd/try", "/practice/forms/odd/about", "/practice/forms/odd/publish", "/practice/forms/odd/versions"} {
		e.Get(at).Is(200).SaysNot("<script>alert", "<img src=x", "<b>x").HasNot("img[onerror]")
	}
}
