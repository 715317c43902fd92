package health

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/webtest"
)

// rendered checks what holds of every page: it renders, and nothing in it is
// inline or foreign.
func rendered(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	if strings.Contains(s, "style=") || regexp.MustCompile(`https?://`).MatchString(s) {
		t.Errorf("inline or foreign: %s", s)
	}
	return s
}

func TestPagesRenderInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, tag := range lang.All() {
		p := lang.New(tag, lang.WordMember)
		sh := shell.View{P: p, Title: "x", Brand: shell.Brand{Name: "Rowan Street Practice"}}
		bp, err := readFinding([]byte(blood))
		if err != nil {
			t.Fatal(err)
		}
		rs := rows(p, "/h", []kind{{[]finding{bp}}}, noon)
		var many []parts.RowView
		for range 20 {
			many = append(many, condition{Name: "Asthma", Since: at("2019")}.row(p, noon), condition{Name: "Flu", Past: true, Since: at("2019-03"), Over: at("2019-04-02")}.row(p, noon))
		}
		v := view{Shell: sh, P: p, Base: "/h", Grave: true, Allergies: []parts.Fact{{Term: "Peanut", Text: allergy{Name: "Peanut", Grave: true, Signs: []string{"Hives"}}.says(p)}},
			Medicines: fold(p, many, most), Stopped: []parts.RowView{medicine{Name: "Codeine", Ended: at("2026-11-03"), StopReason: "Done"}.row(p, noon)},
			Conditions: fold(p, many, most), Past: many[:1], Vaccines: fold(p, many[:3], 5), Vitals: rs, Tests: rs, Others: rs, AllResults: true,
			Documents: []parts.RowView{document{Ref: "r", Name: "Letter", Kind: "Letter", By: []string{"Dr Ortiz"}, At: at("2026-11-20")}.row(p, "/h", noon)}, AllDocuments: true,
			Visits: []parts.RowView{visit{Name: "Check", At: at("2026-11-20")}.row(p, noon)}}
		if s := rendered(t, showPage(v)); !strings.Contains(s, "<details") || strings.Count(s, "Asthma") < 10 {
			t.Error("nothing is folded")
		}
		rendered(t, showPage(view{Shell: sh, P: p, Base: "/h", Empty: true}))
		rendered(t, resultsPage(resultsView{Shell: sh, P: p, Base: "/h", Vitals: rs, Answers: rs}))
		rendered(t, resultsPage(resultsView{Shell: sh, P: p, Base: "/h"}))
		r := resultView{Shell: sh, P: p, Base: "/h", Name: "Blood pressure"}
		r.value(bp)
		tr := trend(p, []finding{bp, bp}, noon)
		r.Trend, r.Spans, r.Thinned = &tr, spans(p, "/h", "month"), p.HealthThinned("60", "90")
		r.Reports = []reportView{{Name: "Blood", Words: "Fine.", From: "Lab", Siblings: rs}}
		if s := rendered(t, resultPage(r)); !strings.Contains(s, "151/79") {
			t.Error("the value is missing")
		}
		rendered(t, documentsPage(documentsView{Shell: sh, P: p, Base: "/h", Rows: v.Documents, Older: parts.Link{Text: "o", Href: "/o"}}))
		rendered(t, documentPage(documentView{Shell: sh, P: p, Base: "/h", Name: "Letter", Language: "es", Blocks: blocks("# A\n- b\nc"), Cut: true, Files: []parts.ButtonView{{Text: "Save", Href: "/f"}}}))
		rendered(t, documentPage(documentView{Shell: sh, P: p, Base: "/h", Name: "Letter", ElsewhereOnly: true}))
		rendered(t, timelinePage(timelineView{Shell: sh, P: p, Base: "/h", Year: "2026", Months: months(p, []event{{at: at("2026-11-20"), stop: parts.Stop{Title: "Visit"}}, {at: at("2019"), stop: parts.Stop{Title: "Born"}}}, noon)}))
		rendered(t, timelinePage(timelineView{Shell: sh, P: p, Base: "/h", Year: "2026"}))
	}
}

func TestANoteAndItsVisitAreOneLine(t *testing.T) {
	t.Parallel()
	es := []event{
		{at: at("2026-11-20T10:00:00Z"), kind: aVisit, name: "Knee", stop: parts.Stop{Title: "Knee"}},
		{at: at("2026-11-20T10:20:00Z"), kind: aDocument, name: "Knee", stop: parts.Stop{Title: "Knee", Href: "/d/1"}},
		{at: at("2026-11-21T10:20:00Z"), kind: aDocument, name: "Knee", stop: parts.Stop{Title: "Knee", Href: "/d/2"}},
	}
	got := merge(es, noon)
	if len(got) != 2 || got[0].stop.Href != "/d/2" || got[1].kind != aVisit || got[1].stop.Href != "/d/1" {
		t.Errorf("%+v", got)
	}
}

func TestAClientSeesTheirHealth(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/health"
	page := ada.Get(me).Is(200).
		Has(".callout-danger", "Penicillin", "Can be serious. Rash").
		Has("section[aria-labelledby=medicines]", "Amlodipine 5 mg", "one tablet in the morning").
		Has("section[aria-labelledby=conditions]", "High blood pressure", "Since May 2021", "1 past condition", "Broken wrist").
		Has("section[aria-labelledby=vitals]", "Blood pressure", "128/79 mmHg", "Lower than on 24 October.").
		Has("section[aria-labelledby=tests]", "Above the usual range.", "High").
		Has("section[aria-labelledby=documents]", "Knee review", "Dr Lena Ortiz").
		Has("section[aria-labelledby=visits]", "Blood-pressure review", "Coming", "Knee review").
		Has("section[aria-labelledby=vaccines]", "Influenza 2026").
		HasNot("[style]").SaysNot("Zebra", "ada-person", "mm[Hg]")
	if l := h.Looks(h.Ada, 1)[0]; l.Act != "open" || l.Refused || l.Parts != overview {
		t.Errorf("the page left %+v", l)
	}
	result := page.Attr("section[aria-labelledby=vitals] a", "href")
	ada.Get(result).Is(200).Has(".big", "128/79", "mmHg").Has(".trend table", "146/92").Has(".facts", "Upper pressure").HasNot("[style]")
	if l := h.Looks(h.Ada, 1)[0]; l.Parts != record.Results {
		t.Errorf("a result left %+v", l)
	}
	ada.Get(result + "?back=all").Is(200)
	lab := page.Attr("section[aria-labelledby=tests] a", "href")
	ada.Get(lab).Has(".tag-warn", "High").Has(".range svg").Says("Usual range: 4.0 to 6.0")
	ada.Get(me+"/results").Is(200).Says("Blood pressure", "6.1")
	doc := page.Attr("section[aria-labelledby=documents] a", "href")
	ada.Get(doc).Is(200).Has(".hl-text", "Knee is healing well.")
	file := ada.Get(doc + "/0").Is(200)
	if d := file.Header.Get("Content-Disposition"); file.Body != "Knee is healing well." || d != `attachment; filename="document-2026-11-20.txt"` {
		t.Errorf("%q as %q", file.Body, d)
	}
	ada.Get(doc + "/1").Is(404)
	ada.Get(me + "/documents").Is(200).Says("Knee review")
	ada.Get(me + "/documents?page=9").Is(200)
	ada.Get(me+"/timeline").Is(200).Has(".tl", "November 2026", "Knee review", "October 2026", "Amlodipine 5 mg").Says("Earlier: 2021")
	ada.Get(me+"/timeline?year=2021").Says("High blood pressure", "Later: 2026", "Earlier: 2015")
	bob := h.As("bob")
	for _, path := range []string{me, me + "/results", result, doc, doc + "/0", me + "/timeline"} {
		bob.Get(path).Is(404).SaysNot("Amlodipine", "Knee")
		h.As("nurse").Get(path).Is(404)
	}
	bob.Get(strings.Replace(result, string(h.Ada), string(h.Bob), 1)).Is(404)
}

func TestHealthInSpanishAndFrench(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/health"
	ada.Language = "es"
	ada.Get(me).Has("h1", "Su salud").Says("Más bajo que el 24 de octubre.", "6,1 %", "Por encima de lo habitual.")
	ada.Language = "fr"
	ada.Get(me).Has("h1", "Votre santé").Says("Plus bas que le 24 octobre.", "Au-dessus de la plage habituelle.")
}
