package brief_test

import (
	"net/url"
	"strings"
	"testing"

	"rapport/fhir"
)

func TestNothingOddMakesABriefFail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	told := h.tell(visit1, true, full())
	begun := h.tell("urn:rapport:form:still-true", false, says{})
	for _, who := range []string{"frontdesk", "ada", "bob", "hana"} {
		v := h.As(who)
		for _, at := range []string{h.forms(), told, begun + "/fill"} {
			v.Get(at).Is(404)
		}
		for _, at := range []string{h.forms(), h.forms() + "/ask", told, told + "/seen", begun + "/fill"} {
			v.Post(at, url.Values{"form": {visit1}, "do": {"accept"}}).Is(404)
		}
	}
	doctor := h.As("physician")
	odd := []string{"", "\x00", "0", "-1", "9223372036854775808", "Condition 1", "\u202e\u200b", "<script>alert(1)</script>", "\xff\xfe", "#", "1 2 3 4", "add:", "add:99.9", "remove:0", "decline:1", "enough:1"}
	for _, s := range odd {
		for _, at := range []string{told + "?done=" + url.QueryEscape(s), told + "?%zz", begun + "/fill?done=" + url.QueryEscape(s), h.forms() + "?done=" + url.QueryEscape(s), told + "/fill", begun} {
			if got := doctor.Get(at).Status; got >= 500 {
				t.Errorf("GET %s: %d", at, got)
			}
		}
		for _, do := range []string{"accept", "change", "aside", s} {
			if got := doctor.Post(told, url.Values{"do": {do}, "fact": {s}, "why": {s}, "text0": {s}, "state": {s}}).Status; got >= 500 {
				t.Errorf("%s %q: %d", do, s, got)
			}
		}
		for _, was := range []string{s, "1", "999"} {
			if got := doctor.Post(begun+"/fill", url.Values{"do": {s}, "on": {s}, "was": {was}, "q1": {s}, "q2": {s, s}}).Status; got >= 500 {
				t.Errorf("fill %q was %q: %d", s, was, got)
			}
		}
		for _, at := range []string{h.forms(), h.forms() + "/ask", told + "/seen", begun + "/seen"} {
			if got := doctor.Post(at, url.Values{"form": {s}, "todo": {s}}).Status; got >= 500 {
				t.Errorf("%s %q: %d", at, s, got)
			}
		}
	}
	doctor.Get(told).Is(200).HasNot("main script:not([src])")
	doctor.Get(begun + "/fill").Is(200)
}

func TestAStalePageOfStaffTakesNothingAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lena, priya := h.As("physician"), h.As("nurse")
	p := h.together(lena, visit1)
	called := field(p, "What do you like to be called?")
	at := strings.TrimPrefix(p.Path, "GET ")
	other := priya.Get(at)
	save(lena, p, "save", called, "Ada").Is(303)
	save(priya, other, "decline:"+called[1:]).Is(422).Says("Meanwhile this was answered elsewhere: Ada")
	if got := priya.Get(at).Attr(`input[name="`+called+`"]`, "value"); got != "Ada" {
		t.Errorf("declined elsewhere, the answer is %q", got)
	}
	// what the page did not show is not handed in with it
	other = priya.Get(at)
	save(lena, lena.Get(at), "save", called, "Mrs Nwosu").Is(303)
	if to := save(priya, other, "handin").Header.Get("Location"); to != "" && !strings.Contains(to, "/fill") {
		t.Errorf("handed in with what the page did not show: %s", to)
	}
}

func TestAnInstanceThatMovedTakesNoOthersAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	json := `{"resourceType":"Questionnaire","id":"ours","url":"urn:ours","version":"1","status":"active","title":"Ours","item":[{"linkId":"g","type":"group","repeats":true,"text":"Medicine","item":[{"linkId":"name","type":"string","text":"Name"},{"linkId":"dose","type":"string","text":"Dose"}]}]}`
	if _, err := h.Practice().Put(t.Context(), fhir.Resource{Type: "Questionnaire", ID: "ours", JSON: []byte(json)}); err != nil {
		t.Fatal(err)
	}
	lena, priya := h.As("physician"), h.As("nurse")
	p := h.together(lena, "urn:ours")
	at := strings.TrimPrefix(p.Path, "GET ")
	save(lena, p, "add:0").Is(303)
	save(lena, lena.Get(at), "add:0").Is(303)
	save(lena, lena.Get(at), "save", "q1.0", "Aspirin", "q1.1", "Biotin", "q1.2", "Codeine").Is(303)
	other := priya.Get(at).Has(`input[name="q1.2"][value=Codeine]`)
	save(lena, lena.Get(at), "remove:0.0").Is(303)
	save(priya, other, "save", "q2.1", "5 mg").Is(422).Has(`input[name="q2.1"][value='5 mg']`)
	save(priya, other, "remove:0.0").Is(422)
	priya.Get(at).Has(`input[name="q1.0"][value=Biotin]`).Has(`input[name="q1.1"][value=Codeine]`).HasNot(`input[value='5 mg']`)
}
