package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"rapport/record"
	"rapport/web/webtest"
)

// said is a first visit in which somebody states six things.
const said = `{"resourceType":"QuestionnaireResponse","id":%q,"questionnaire":"urn:rapport:form:first-visit|1","status":"completed","subject":{"reference":"Patient/ada-person"},"authored":"2026-11-24T08:00:00Z","item":[
{"linkId":"health","item":[
 {"linkId":"condition","item":[{"linkId":"condition-name","answer":[{"valueString":"Migraine"}]},{"linkId":"condition-since","answer":[{"valueString":"2019"}]}]},
 {"linkId":"condition","item":[{"linkId":"condition-name","answer":[{"valueString":"High blood pressure"}]}]},
 {"linkId":"medicine","item":[{"linkId":"medicine-name","answer":[{"valueString":"Magnesium"}]},{"linkId":"medicine-dose","answer":[{"valueString":"300 mg"}]}]},
 {"linkId":"allergy","item":[{"linkId":"allergy-what","answer":[{"valueString":"Strawberries"}]}]},
 {"linkId":"allergy","item":[{"linkId":"allergy-what","answer":[{"valueString":"Latex gloves"}]}]}]},
{"linkId":"family","item":[{"linkId":"relative","item":[{"linkId":"relative-who","answer":[{"valueCoding":{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleCode","code":"MTH","display":"Mother"}}]},
 {"linkId":"relative-illness","item":[{"linkId":"relative-illness-what","answer":[{"valueString":"Glass bones"}]}]}]}]}]}`

// TestAClientSeesWhatBecameOfEachThingTheyStatedOnce is a property: whatever staff decide
// about each, in whatever order, the client's page lists each exactly once.
func TestAClientSeesWhatBecameOfEachThingTheyStatedOnce(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	facts := []string{"Migraine", "High blood pressure", "Magnesium", "Strawberries", "Latex gloves", "Glass bones"}
	lena, ada := h.As("physician"), h.As("ada")
	c, err := h.Vault.Open(t.Context(), ada.Actor(), record.Answering, h.Ada, record.Told)
	if err != nil {
		t.Fatal(err)
	}
	dice := uint32(7)
	roll := func(n int) int { dice = dice*1664525 + 1013904223; return int(dice>>16) % n }
	for round := range 8 {
		id := fmt.Sprintf("round-%d", round)
		if err := c.Answer(t.Context(), record.Answer{Form: "urn:rapport:form:first-visit", ID: id, JSON: fmt.Appendf(nil, said, id), Done: true}); err != nil {
			t.Fatal(err)
		}
		ref := string(c.Ref("QuestionnaireResponse", id))
		mine, theirs := "/me/"+string(h.Ada)+"/forms/"+ref, "/clients/"+string(h.Ada)+"/forms/"+ref
		ada.Get(mine).Is(200).HasNot("#decided")
		left, decided, became := slices.Clone(facts), 0, map[string]string{}
		for len(left) > 0 {
			at := roll(len(left))
			how := roll(3)
			decide(t, lena, theirs, left[at], how)
			became[left[at]] = []string{"in your record", "in your record", "Because of " + left[at]}[how]
			left = slices.Delete(left, at, at+1)
			decided++
			if n := ada.Get(mine).Count("section[aria-labelledby=decided] .row"); n != decided {
				t.Fatalf("round %d: %d of %d decisions are there", round, n, decided)
			}
		}
		p := ada.Get(mine).Is(200)
		list := p.Text("section[aria-labelledby=decided]")
		for _, f := range facts {
			n := 0
			for i := 1; i <= len(facts); i++ {
				if row := fmt.Sprintf("section[aria-labelledby=decided] li:nth-child(%d)", i); strings.HasPrefix(p.Text(row), f) || f == "Glass bones" && strings.HasPrefix(p.Text(row), "Mother") {
					if n++; !strings.Contains(strings.ToLower(p.Text(row)), strings.ToLower(became[f])) {
						t.Errorf("round %d: %s became %q, and it says %q", round, f, became[f], p.Text(row))
					}
				}
			}
			if n != 1 {
				t.Errorf("round %d: %s is there %d times: %s", round, f, n, list)
			}
		}
	}
}

// decide takes a fact, changes it or sets it aside.
func decide(t *testing.T, v *webtest.Visitor, at, words string, how int) {
	t.Helper()
	p := v.Get(at).Is(200)
	for n := range 10 {
		sel := fmt.Sprintf("#f%d", n)
		if p.Count(sel) == 0 || !strings.Contains(p.Text(sel+" .claim-b"), words) {
			continue
		}
		f := url.Values{"fact": {p.Attr(sel+" input[name=fact]", "value")}, "do": {[]string{"accept", "change", "aside"}[how]}, "text0": {words + ", looked into"}, "state": {"resolved"}, "why": {"Because of " + words}}
		v.Post(at, f).Is(303)
		return
	}
	t.Fatalf("no fact says %q", words)
}
