package intake

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/fhir"
	"rapport/record"
	"rapport/web/webtest"
)

// puts has the practice publish a form over the first visit's.
func puts(t *testing.T, h *webtest.House, id, version, items string) {
	t.Helper()
	json := fmt.Sprintf(`{"resourceType":"Questionnaire","id":%q,"url":"urn:rapport:form:first-visit","version":%q,"status":"active","title":"Ours","extension":[{"url":"urn:rapport:asked","extension":[{"url":"from","valueInteger":0}]}],"item":[%s]}`, id, version, items)
	if _, err := h.Practice().Put(t.Context(), fhir.Resource{Type: "Questionnaire", ID: id, JSON: []byte(json)}); err != nil {
		t.Fatal(err)
	}
}

func TestAFormThatIsWrittenOverWhileSomebodyAnswers(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	me := "/me/" + string(h.Ada) + "/forms"
	puts(t, h, "ours", "900", `{"linkId":"a","type":"string","text":"First"},{"linkId":"b","type":"string","text":"Second"}`)
	ada := h.As("ada")
	p := follow(ada, follow(ada, ada.Post(me, ada.Get(me).Form("main form.btn-row"))))
	p.Has("h1", "First")
	p = press(ada, p, "a", "Said first")
	p.Has("h1", "Second")
	for i, items := range []string{
		`{"linkId":"b","type":"string","text":"Second"}`,
		`{"linkId":"a","type":"integer","text":"First"},{"linkId":"b","type":"boolean","text":"Second"}`,
		`{"linkId":"a","type":"group","text":"First","item":[{"linkId":"b","type":"string","text":"Second"}]}`,
		`{"linkId":"a","type":"display","text":"First"}`,
		`{"linkId":"x","type":"string","text":"<script>alert(1)</script>"}`,
	} {
		puts(t, h, "ours", "900", items)
		if got := ada.Get(me); got.Status != 200 {
			t.Errorf("%d: the list is %d", i, got.Status)
		}
		q := ada.Get(path(p))
		if q.Status != 200 && q.Status != 303 {
			t.Errorf("%d: the question is %d", i, q.Status)
		}
		q.HasNot("main script")
		base, _, _ := strings.Cut(path(p), "/q/")
		if got := ada.Get(base + "/review"); got.Status != 200 {
			t.Errorf("%d: the review is %d", i, got.Status)
		}
		if got := ada.Post(path(p), url.Values{"a": {"x"}}).Status; got >= 400 && got != 422 {
			t.Errorf("%d: an answer is %d", i, got)
		}
	}
}

func TestALargeFormAndLargeAnswers(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	me := "/me/" + string(h.Ada) + "/forms"
	var b strings.Builder
	b.WriteString(`{"linkId":"t","type":"text","text":"Long"},{"linkId":"m","type":"string","repeats":true,"text":"Many"},{"linkId":"f","type":"attachment","text":"File"},{"linkId":"n","type":"decimal","text":"Number"}`)
	for i := range 5000 {
		fmt.Fprintf(&b, `,{"linkId":"q%d","type":"string","text":"Question %d"}`, i, i)
	}
	puts(t, h, "ours", "900", b.String())
	ada := h.As("ada")
	p := follow(ada, follow(ada, ada.Post(me, ada.Get(me).Is(200).Form("main form.btn-row"))))
	start := time.Now()
	q := ada.Post(here(p), p.Form("main form", "a", strings.Repeat("é", 500_000)))
	t.Log("1 MB:", q.Status, time.Since(start))
	p = follow(ada, q)
	p.Has("h1", "Many")
	many := p.Form("main form")
	many.Del("a")
	for i := range 300 {
		many.Add("a", fmt.Sprint(i))
	}
	q = ada.Post(here(p), many)
	t.Log("300 answers:", q.Status)
	if q.Status >= 500 {
		t.Error("300 answers")
	}
	base, _, _ := strings.Cut(path(p), "/q/")
	for _, at := range []string{"/review", "", "/q/4", "/q/5"} {
		start = time.Now()
		if got := ada.Get(base + at).Status; got >= 400 {
			t.Errorf("%s: %d", at, got)
		}
		t.Log(at, time.Since(start))
	}
	start = time.Now()
	ada.Get(me).Is(200)
	t.Log("list", time.Since(start))
	for _, n := range []string{"1,5", "1.234,5", "NaN", "Inf", "1e400", "0x10", "٣", "-0", "1_000", "\u202e12"} {
		if got := ada.Post(base+"/q/4", url.Values{"a": {n}}).Status; got >= 500 {
			t.Errorf("number %q: %d", n, got)
		}
		if got := ada.Get(base + "/review").Status; got != 200 {
			t.Fatalf("after number %q: %d", n, got)
		}
	}
	for _, f := range []string{"\xff\xd8\xff<script>alert(1)</script>", "%PDF-1.7 <html>", "<svg onload=alert(1)>", "", strings.Repeat("x", 5<<20), strings.Repeat("x", 9<<20)} {
		if got := ada.Upload(base+"/q/3", "a-file", []byte(f)).Status; got >= 500 {
			t.Errorf("a file of %d bytes: %d", len(f), got)
		}
		ada.Get(base+"/q/3").Is(200).HasNot("svg[onload]", "main script")
	}
}

func TestAnImportedDraftThatIsBrokenHidesNothing(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	c, err := h.Vault.Open(t.Context(), h.As("physician").Actor(), record.Care, h.Ada, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	_ = c
	me := "/me/" + string(h.Ada) + "/forms"
	for n, body := range []string{
		`"questionnaire":"urn:rapport:form:first-visit","status":"in-progress","item":[{"linkId":"called","answer":[{"valueInteger":1}]},{"linkId":"nothing"}]`,
		`"questionnaire":"urn:rapport:form:first-visit|0.0.1","status":"in-progress"`,
		`"questionnaire":"urn:other","status":"in-progress"`,
		`"status":"in-progress"`,
		`"questionnaire":"urn:rapport:form:first-visit#x|","status":"in-progress"`,
		`"questionnaire":"urn:rapport:form:first-visit","status":"completed","item":[{"linkId":"called","item":[{"linkId":"called"}]}]`,
		`"questionnaire":"urn:rapport:form:first-visit","status":"stopped"`,
	} {
		id := fmt.Sprintf("odd%d", n)
		json := fmt.Sprintf(`{"resourceType":"QuestionnaireResponse","id":%q,"subject":{"reference":"Patient/ada-person"},%s}`, id, body)
		if _, err := c.Put(t.Context(), fhir.Resource{Type: "QuestionnaireResponse", ID: id, JSON: []byte(json)}); err != nil {
			t.Logf("%d: %v", n, err)
			continue
		}
		ada := h.As("ada")
		if got := ada.Get(me).Status; got != 200 {
			t.Errorf("%s: the list is %d", body, got)
		}
		at := me + "/" + string(c.Ref("QuestionnaireResponse", id))
		for _, p := range []string{"", "/review", "/help", "/q/1"} {
			if got := ada.Get(at + p).Status; got >= 500 {
				t.Errorf("%s%s: %d", body, p, got)
			}
		}
	}
}
