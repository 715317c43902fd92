package intake

import (
	"net/url"
	"strings"
	"testing"

	"rapport/fhir"
	"rapport/record"
	"rapport/web/webtest"
)

func TestNeitherDeclinedNorLaterTakesWhatWasSaidElsewhere(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, phone := h.As("ada"), h.As("ada")
	p := begun(t, h, ada)
	stale := phone.Get(path(p)).Is(200)
	press(ada, p, "a", "Ada, please")
	for _, do := range []string{"decline", "person"} {
		q := phone.Post(here(stale), stale.Form("main form", "do", do))
		if got := ada.Get(path(p)).Attr("#a", "value"); got != "Ada, please" {
			t.Fatalf("%s on another device, which had not seen it, took the answer: %q (%d)", do, got, q.Status)
		}
		q.Is(422)
	}
}

func TestWhatWasNotLookedThroughIsNotHandedIn(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, phone := h.As("ada"), h.As("ada")
	p := begun(t, h, ada)
	review := walk(t, ada, p, nil)
	q := phone.Get(path(p)).Is(200)
	press(phone, q, "a", "Said on the phone")
	r := ada.Post(path(review), review.Form("main form"))
	if to := r.Header.Get("Location"); strings.Contains(to, "did=handed") {
		t.Errorf("handed in with an answer the page did not show: %s", to)
	}
	follow(ada, r).Says("Said on the phone")
}

func TestBegunTwiceAtOnceIsOneForm(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/forms"
	f := ada.Get(me).Form("main form.btn-row")
	done := make(chan bool)
	for range 6 {
		go func() { ada.Post(me, f); done <- true }()
	}
	for range 6 {
		<-done
	}
	if n := ada.Get(me).Count(".form-card"); n != 1 {
		t.Errorf("%d forms to fill in", n)
	}
}

func TestAHelperWhoFillsInFormsSeesNoVisits(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	v := h.Helper("Noor", h.Ada, record.Told, record.Told)
	me := "/me/" + string(h.Ada) + "/forms"
	p := v.Get(me).Is(200).Has(".form-card", "Begin").SaysNot("26 November", "Ortiz")
	p = follow(v, follow(v, v.Post(me, p.Form("main form.btn-row"))).Is(303))
	p.Is(200)
	v.Get(me).Is(200).Has(".form-card", "Go on").SaysNot("26 November", "Ortiz")
}

func TestNothingOddMakesAFormFail(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada := h.As("ada")
	p := begun(t, h, ada)
	base, _, _ := strings.Cut(path(p), "/q/")
	odd := []string{"", "0", "-1", "1.1.1.1", "99999999999999999999", "%00", "%ff%fe", "..%2f..", "1.", ".1", "１", "<b>"}
	for _, s := range odd {
		for _, at := range []string{"/q/" + url.PathEscape(s), "/help?after=" + s, "/help?after=%zz&;=1", "/q/1?from=" + s, "?did=" + s} {
			if got := ada.Do("GET", base+at, nil).Status; got >= 500 {
				t.Errorf("GET %s: %d", at, got)
			}
		}
		for _, do := range []string{"", "decline", "person", "add", "enough", "remove", "\x00"} {
			for _, f := range []url.Values{{"do": {do}, "a": {s}}, {"do": {do}, "a": {s, s, s}, "a-own": {s}, "a-unit": {s}, "was": {s}}} {
				for _, at := range []string{"/q/" + url.PathEscape(s), "/q/1", "/q/2", "/q/5", "/q/9"} {
					if got := ada.Post(base+at, f).Status; got >= 500 {
						t.Errorf("POST %s %v: %d", at, f, got)
					}
				}
			}
		}
		if got := ada.Post("/me/"+string(h.Ada)+"/forms", url.Values{"form": {s}}).Status; got >= 500 {
			t.Errorf("begin %q: %d", s, got)
		}
	}
	ada.Get(base + "/review").Is(200)
	for _, who := range []string{"bob", "hana", "frontdesk", "physician"} {
		v := h.As(who)
		for _, at := range []string{"", "/review", "/help", "/q/1"} {
			v.Get(base + at).Is(404)
		}
		v.Post(base+"/q/1", url.Values{"a": {"x"}}).Is(404)
		v.Post(base+"/review", nil).Is(404)
	}
}

func TestAHelperHandsInAForm(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	v := h.Helper("Noor", h.Ada, record.Told, record.Told|record.Results)
	me := "/me/" + string(h.Ada) + "/forms"
	p := follow(v, follow(v, v.Post(me, v.Get(me).Form("main form.btn-row"))))
	p = walk(t, v, p, map[string]string{"Little interest": "Several days", "Feeling down": "Several days"})
	q := v.Post(path(p), p.Form("main form"))
	follow(v, q).Is(200).Says("Thank you")
}

func TestADangerousAnswerHelpsEachTimeItIsGiven(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	puts(t, h, "ours", "900", `{"linkId":"nine","type":"choice","text":"Nine","extension":[{"url":"urn:rapport:danger","extension":[
			{"url":"when","valueExpression":{"language":"text/fhirpath","expression":"%resource.descendants().where(linkId = 'nine').answer.where(value.code != 'no').exists()"}},
			{"url":"text","valueString":"Nine is true"},{"url":"code","valueCode":"crisis"}]}],
		"answerOption":[{"valueCoding":{"code":"no","display":"Not at all"}},{"valueCoding":{"code":"some","display":"Some days"}},{"valueCoding":{"code":"all","display":"Every day"}}]},
		{"linkId":"b","type":"boolean","text":"Second"}`)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/forms"
	p := follow(ada, follow(ada, ada.Post(me, ada.Get(me).Form("main form.btn-row"))))
	at := path(p)
	for _, words := range []string{"Some days", "Every day", "Every day"} {
		p = ada.Get(at).Is(200)
		if q := press(ada, p, "a", option(p, words)); !strings.Contains(path(q), "/help") {
			t.Errorf("%s shows no help, but %s", words, q.Path)
		}
	}
	// from the review too
	p = ada.Get(at + "?from=review")
	if q := press(ada, p, "a", option(p, "Some days")); !strings.Contains(path(q), "/help") {
		t.Errorf("from the review it shows no help, but %s", q.Path)
	}
	// what comes after is not a cry for help because this was
	ada.Get(strings.TrimSuffix(at, "0")+"1").Is(200).Has("h1", "Second").HasNot(".crisis-lines")
	p = ada.Get(at)
	if q := press(ada, p, "a", option(p, "Not at all")); strings.Contains(path(q), "/help") {
		t.Error("help for nothing")
	}
}

func TestAnInstanceThatMovedDoesNotTakeAnothersAnswer(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	puts(t, h, "ours", "900", `{"linkId":"g","type":"group","repeats":true,"text":"Medicine","item":[{"linkId":"name","type":"string","text":"Name"},{"linkId":"dose","type":"string","text":"Dose"}]}`)
	ada, phone, me := h.As("ada"), h.As("ada"), "/me/"+string(h.Ada)+"/forms"
	p := follow(ada, follow(ada, ada.Post(me, ada.Get(me).Form("main form.btn-row"))))
	for _, s := range []string{"Aspirin", "Biotin", "Codeine"} {
		p = press(ada, p.Has("h1", "Name"), "a", s)
		p = press(ada, p.Has("h1", "Dose"), "do", "decline")
		if s != "Codeine" {
			p = press(ada, p, "do", "add")
		}
	}
	base, _, _ := strings.Cut(path(p), "/q/")
	second, third := phone.Get(base+"/q/2.1").Has("h1", "Dose"), phone.Get(base+"/q/2.2").Has("h1", "Dose")
	first := ada.Get(base + "/q/1.0").Has("button[value=remove]")
	stale := phone.Get(base + "/q/1.0")
	press(ada, first, "do", "remove")
	// the dose of what was second is not that of what is second now
	phone.Post(here(second), second.Form("main form", "a", "5 mg")).Is(422).Says("meanwhile").Has("#a[value='5 mg']")
	// that of what was third has no place, and it is said
	follow(phone, phone.Post(here(third), third.Form("main form", "a", "5 mg"))).Says("meanwhile")
	// and what is first now is not taken away for what was
	phone.Post(here(stale), stale.Form("main form", "do", "remove")).Is(422).Says("meanwhile")
	ada.Get(base+"/review").Says("Biotin", "Codeine").SaysNot("5 mg", "Aspirin")
}

func TestWhatIsPrivateIsNotCopiedIntoAForm(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	c, err := h.Vault.Open(t.Context(), h.As("physician").Actor(), record.Care, h.Ada, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	for id, meta := range map[string]string{"secret": `"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},`, "known": ""} {
		json := `{"resourceType":"Condition","id":"` + id + `",` + meta + `"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],"code":{"text":"Condition ` + id + `"},"subject":{"reference":"Patient/ada-person"}}`
		if _, err := c.Put(t.Context(), fhir.Resource{Type: "Condition", ID: id, JSON: []byte(json)}); err != nil {
			t.Fatal(err)
		}
	}
	ada := h.As("ada")
	p := begun(t, h, ada)
	base, _, _ := strings.Cut(path(p), "/q/")
	v := h.Helper("Noor", h.Ada, record.Told, 0)
	v.Get(base + "/review").Is(200).Says("Condition known").SaysNot("Condition secret")
}
