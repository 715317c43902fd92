package brief_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/record"
	"rapport/web/webtest"
)

func follow(v *webtest.Visitor, p *webtest.Page) *webtest.Page {
	p.T.Helper()
	p.Is(303)
	to, _, _ := strings.Cut(p.Header.Get("Location"), "#")
	return v.Get(to)
}

// claim is the id of the fact on the page that says these words.
func claim(p *webtest.Page, words string) string {
	p.T.Helper()
	for n := range 40 {
		id := "#f" + string(rune('0'+n/10)) + string(rune('0'+n%10))
		if n < 10 {
			id = "#f" + string(rune('0'+n))
		}
		if p.Count(id) > 0 && strings.Contains(p.Text(id+" .claim-b"), words) {
			return id
		}
	}
	p.T.Fatalf("%s: no fact says %q", p.Path, words)
	return ""
}

// press decides about the fact that says these words, and follows.
func press(v *webtest.Visitor, at string, words, do string, more ...string) *webtest.Page {
	p := v.Get(at)
	return follow(v, v.Post(at, fact(p, words, do, more...)))
}

func fact(p *webtest.Page, words, do string, more ...string) url.Values {
	p.T.Helper()
	out := url.Values{"fact": {p.Attr(claim(p, words)+" input[name=fact]", "value")}, "do": {do}}
	for i := 0; i+1 < len(more); i += 2 {
		out.Set(more[i], more[i+1])
	}
	return out
}

func TestTheBriefSaysTheirOwnWordsFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, true, full())
	p := h.As("physician").Get(at).Is(200)
	p.Has(".brief-words dl > div:nth-child(1) q", "I cannot sing any more.").Has(".brief-words dl > div:nth-child(2) q", "That it is my heart.")
	p.Has(".brief-words dl > div:nth-child(3) q", "Sing in the choir again").Has(".brief-words dl > div:nth-child(4)", "I sing every Tuesday", "In 3 months")
	p.Has(".brief-words dl > div:nth-child(5) q", "Walking by the sea")
	if words, rest := strings.Index(p.Body, `id="words"`), strings.Index(p.Body, `id="all"`); words < 0 || rest < words {
		t.Error("their own words do not come first")
	}
	p.Has(".brief-words").HasNot(".brief-words dl > div:nth-child(7)") // nothing of what is stated
	p.Has(".brief-alarms .callout-danger", "To be seen to by").Has(`.brief-alarms a[href="tel:07700900118"]`, "07700 900118")
	p.Has(".brief-scores", "Mood, first 2 questions").Has(".brief-asks li:nth-child(1)", "wants to say it in person").Has(".brief-asks li:nth-child(2)", "would rather not say")
	p.Has(".brief-all", "My health", "300 mg", "would rather not say")
	p.Has(claim(p, "Migraine"), "New to the record", "2019").Has(claim(p, "High blood pressure"), "Other than the record", "over")
	p.Has(claim(p, "amlodipine"), "Already there, prescribed").Has(claim(p, "Mother"), "Stroke, 68", "has died").Has(claim(p, "Penicillin"), "Already there")
	if ls := h.Looks(h.Ada, 1); ls[0].Act != "open" || ls[0].Purpose != "care" || !strings.Contains(ls[0].Parts.String(), "told") {
		t.Errorf("the ledger says %+v", ls[0])
	}
}

func TestAFactIsTakenWithWhereItCameFrom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, true, full())
	lena := h.As("physician")
	press(lena, at, "Migraine", "accept").Is(200).Has("#flash", "It is in the record").Has(".claim.is-done", "Migraine", "Accepted by Dr Lena Ortiz")
	if ls := h.Looks(h.Ada, 2); ls[1].Act != "write" || ls[1].Written != 3 || ls[1].Parts&(record.Conditions|record.Told) != record.Conditions|record.Told {
		t.Errorf("the ledger says %+v", ls[1])
	}
	c := h.treating(h.Ada)
	found, err := c.Find(t.Context(), "Condition", "clinical-status", "active")
	if err != nil {
		t.Fatal(err)
	}
	var it fhir.Condition
	for _, f := range found {
		if x, err := fhir.ReadCondition(f.JSON); err == nil && x.Code.Text == "Migraine" {
			it = x
		}
	}
	if it.ID == "" || it.Recorder.Reference != "Practitioner/physician" || it.Asserter.Reference != "Patient/ada-person" || it.Onset.Text != "2019" {
		t.Errorf("taken as %+v", it)
	}
	src := sources(t, c)
	if len(src) != 1 {
		t.Fatalf("%d say where it came from, want one", len(src))
	}
	for _, want := range []string{`"reference":"Condition/` + it.ID + `/_history/1"`, `"Patient/ada-person"`, `"Practitioner/physician"`, `"author"`, `"verifier"`, `"QuestionnaireResponse/`} {
		if !strings.Contains(src[0], want) {
			t.Errorf("where it came from does not say %s: %s", want, src[0])
		}
	}
}

func sources(t *testing.T, c *record.Chart) []string {
	t.Helper()
	found, err := c.Find(t.Context(), "Provenance")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range found {
		out = append(out, string(f.JSON))
	}
	return out
}

func TestWhatTheRecordHasIsBroughtUpToDateAndNotRepeated(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, true, full())
	lena := h.As("physician")
	press(lena, at, "High blood pressure", "accept").Is(200)
	press(lena, at, "Penicillin", "accept").Is(200)
	c := h.treating(h.Ada)
	f, err := c.Read(t.Context(), "Condition", "c1")
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{`"38341003"`, `"confirmed"`, `"resolved"`} {
		if !strings.Contains(string(f.JSON), kept) {
			t.Errorf("brought up to date without %s: %s", kept, f.JSON)
		}
	}
	if f.Version != 2 {
		t.Errorf("at version %d, want 2", f.Version)
	}
	all, err := c.Find(t.Context(), "AllergyIntolerance")
	if err != nil || len(all) != 1 || all[0].Version != 1 || !strings.Contains(string(all[0].JSON), `"high"`) {
		t.Errorf("%d allergies after one was said again, %v", len(all), err)
	}
	src := strings.Join(sources(t, c), "\n")
	for _, want := range []string{`"Condition/c1/_history/2"`, `"UPDATE"`, `"AllergyIntolerance/al1/_history/1"`} {
		if !strings.Contains(src, want) {
			t.Errorf("where it came from does not say %s: %s", want, src)
		}
	}
}

func TestAFactIsChangedBeforeItIsTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, true, full())
	lena := h.As("physician")
	press(lena, at, "Migraine", "change", "text0", "Migraine with aura", "state", "remission").Is(200).Has(claim(lena.Get(at), "Migraine"), "Accepted as “Migraine with aura", "in remission")
	press(lena, at, "Magnesium", "change", "text0", "Magnesium", "text1", "150 mg", "state", "stopped").Is(200)
	press(lena, at, "Mother", "change", "text0", "Stroke of the eye").Is(200)
	press(lena, at, "Strawberries", "change", "text0", "Strawberries", "state", "active").Is(200).Has(claim(lena.Get(at), "Strawberries"), "Accepted by") // nothing differs
	c := h.treating(h.Ada)
	for typ, want := range map[string][]string{
		"Condition": {`"text":"Migraine with aura"`, `"remission"`}, "MedicationStatement": {`"150 mg"`, `"stopped"`, "every evening"}, "FamilyMemberHistory": {`"Stroke of the eye"`, `"value":68`},
	} {
		found, err := c.Find(t.Context(), typ)
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, f := range found {
			all.Write(f.JSON)
		}
		for _, w := range want {
			if !strings.Contains(all.String(), w) {
				t.Errorf("%s: not %s in %s", typ, w, all.String())
			}
		}
	}
}

func TestSettingAsideNeedsAReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, true, full())
	lena := h.As("physician")
	p := lena.Get(at)
	lena.Post(at, fact(p, "Migraine", "aside")).Is(422).Has(claim(p, "Migraine")+" details[open] .problem", "Please say why")
	press(lena, at, "Migraine", "aside", "why", "It is <tension> headache").Is(200).Has(claim(p, "Migraine"), "Set aside by Dr Lena Ortiz", "It is <tension> headache").HasNot(claim(p, "Migraine") + " form")
	c := h.treating(h.Ada)
	if n := len(sources(t, c)); n != 0 {
		t.Errorf("%d resources say they came from what was set aside", n)
	}
}

func TestAcceptingTwiceIsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, true, full())
	lena := h.As("physician")
	p := lena.Get(at)
	v := fact(p, "Migraine", "accept")
	lena.Post(at, v).Is(303)
	follow(lena, lena.Post(at, v)).Has("#flash", "Somebody decided this before you")
	v.Set("do", "aside")
	v.Set("why", "no")
	follow(h.As("nurse"), h.As("nurse").Post(at, v)).Has("#flash", "Somebody decided this before you")
	found, err := h.treating(h.Ada).Find(t.Context(), "Condition")
	if err != nil || len(found) != 3 {
		t.Errorf("%d conditions, want the 2 there were and one, %v", len(found), err)
	}
}

func TestTwoCliniciansAtOnceDecideEachFactOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, true, full())
	p := h.As("physician").Get(at)
	visitors := []*webtest.Visitor{h.As("physician"), h.As("nurse")}
	var wg sync.WaitGroup
	for _, v := range visitors {
		for _, words := range []string{"Migraine", "Magnesium", "Strawberries", "Mother"} {
			f := fact(p, words, "accept")
			wg.Add(1)
			go func() {
				defer wg.Done()
				if got := v.Post(at, f); got.Status != 303 {
					t.Errorf("%s: %d", words, got.Status)
				}
			}()
		}
	}
	wg.Wait()
	c := h.treating(h.Ada)
	if n := len(sources(t, c)); n != 4 {
		t.Errorf("%d facts were taken, want 4", n)
	}
	f, err := c.ReadRef(t.Context(), "QuestionnaireResponse", record.Ref(at[strings.LastIndexByte(at, '/')+1:]))
	if err != nil {
		t.Fatal(err)
	}
	if ds := form.Decisions(f.JSON); len(ds) != 4 {
		t.Errorf("%d decisions, want 4: %+v", len(ds), ds)
	}
}

func TestWhatIsNotOfThePageIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, true, full())
	other := h.tell("urn:rapport:form:phq-9", true, says{"phq-1": "LA6568-5"})
	lena := h.As("physician")
	v := fact(lena.Get(at), "Migraine", "accept")
	lena.Post(other, v).Is(404)                                                            // of another response
	lena.Post(strings.Replace(at, string(h.Ada), string(h.Bob), 1), v).Is(404)             // of another's
	lena.Get(strings.Replace(at, string(h.Ada), string(h.Bob), 1)).Is(404)                 //
	lena.Post(at, url.Values{"fact": {"Condition 1"}, "do": {"accept"}}).Is(404)           //
	lena.Post(at, url.Values{"fact": v["fact"], "do": {"delete"}}).Is(400)                 //
	for _, who := range []string{"frontdesk", "manager", "ada", "bob", "hana", "nobody"} { // nobody but who gives care
		x := h.As(who)
		for _, to := range []string{at, h.forms(), at + "/fill"} {
			if s := x.Get(to).Status; s != 404 && (who != "nobody" || s != 401) {
				t.Errorf("%s reads %s: %d", who, to, s)
			}
		}
		if s := x.Post(at, v).Status; s != 404 && (who != "nobody" || s != 401) {
			t.Errorf("%s decides: %d", who, s)
		}
		if s := x.Post(h.forms()+"/ask", url.Values{"form": {visit1}}).Status; s != 404 && (who != "nobody" || s != 401) {
			t.Errorf("%s asks: %d", who, s)
		}
	}
	if n := len(sources(t, h.treating(h.Ada))); n != 0 {
		t.Errorf("%d facts were taken", n)
	}
}

func TestAnUnknownExtensionIsKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, true, full())
	c := h.treating(h.Ada)
	ref := record.Ref(at[strings.LastIndexByte(at, '/')+1:])
	f, err := c.ReadRef(t.Context(), "QuestionnaireResponse", ref)
	if err != nil {
		t.Fatal(err)
	}
	const ours = `[{"url":"https://other.example/x","valueDecimal":1.50}]`
	b, err := fhir.Amend(f.JSON, "extension", []byte(ours))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Put(t.Context(), fhir.Resource{Type: f.Type, ID: f.ID, JSON: b}); err != nil {
		t.Fatal(err)
	}
	press(h.As("physician"), at, "Migraine", "accept").Is(200)
	if f, err = h.treating(h.Ada).ReadRef(t.Context(), "QuestionnaireResponse", ref); err != nil || !strings.Contains(string(f.JSON), ours[1:len(ours)-1]) {
		t.Errorf("lost: %s, %v", f.JSON, err)
	}
	var was, now map[string]json.RawMessage
	if json.Unmarshal(b, &was) != nil || json.Unmarshal(f.JSON, &now) != nil || string(was["item"]) != string(now["item"]) {
		t.Error("a decision changed what somebody said")
	}
}

func TestWhatChangedAndHowScoresWent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	phq := func(first string) says {
		a := says{}
		for _, l := range []string{"phq-1", "phq-2", "phq-3", "phq-4", "phq-5", "phq-6", "phq-7", "phq-8", "phq-9"} {
			a[l] = "LA6568-5"
		}
		a["phq-1"] = first
		return a
	}
	before := h.tell("urn:rapport:form:phq-9", true, phq("LA6571-9"))
	h.later(29 * 24 * time.Hour)
	h.tell("urn:rapport:form:gad-7", true, says{"gad-1": "LA6568-5"}) // another form changes nothing about this one
	h.later(24 * time.Hour)
	at := h.tell("urn:rapport:form:phq-9", true, phq("LA6569-3"))
	p := h.As("physician").Get(at).Is(200)
	p.Has(".brief-diff", "Little interest", "Nearly every day", "Several days").HasNot(".brief-diff li:nth-child(2)")
	p.Has(".brief-scores", "before: 3 on 24 Nov 2026", "1").Has(".brief-scores .spark")
	h.As("physician").Get(before).Is(200).Has(".brief-scores b", "3").HasNot(".brief-scores small", ".brief-diff", "#changes") // what came later is not before
	h.later(24 * time.Hour)
	p = h.As("physician").Get(h.tell("urn:rapport:form:phq-9", true, phq("LA6569-3"))).Is(200)
	p.Has("#changes").Says("The same answers as on 24 Dec 2026.").HasNot(".brief-diff")
}

func TestWhatTheRecordHasAndTheyDoNotMentionIsSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	old := fhir.Resource{Type: "MedicationStatement", ID: "old", JSON: []byte(`{"resourceType":"MedicationStatement","id":"old","status":"stopped","medicationCodeableConcept":{"text":"Ibuprofen"},"subject":{"reference":"Patient/ada-person"}}`)}
	if _, err := h.treating(h.Ada).Put(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	a := full()
	a["medicine"] = []says{{"medicine-name": "Magnesium"}}
	h.As("physician").Get(h.tell(visit1, true, a)).Is(200).Has(".brief-list", "Amlodipine 5 mg").HasNot(".brief-list li:nth-child(2)")
}

func TestAnAlarmIsSeenToOnTheBrief(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, false, full()) // it is not handed in yet, and must not wait for that
	lena := h.As("physician")
	lena.Get(at).Is(200).Says("Not handed in yet").HasNot(".claims")
	h.later(25 * time.Hour)
	lena = h.As("physician")
	p := lena.Get(at).Is(200).Has(".brief-alarms .t-danger", "Overdue")
	id := p.Attr(".brief-alarms input[name=todo]", "value")
	lena.Post(at+"/seen", url.Values{"todo": {"t0"}}).Is(404)
	h.As("frontdesk").Post(at+"/seen", url.Values{"todo": {id}}).Is(404)
	other := h.tell("urn:rapport:form:phq-9", true, says{"phq-1": "LA6568-5"})
	lena.Post(other+"/seen", url.Values{"todo": {id}}).Is(404)
	follow(lena, lena.Post(at+"/seen", url.Values{"todo": {id}})).Is(200).Has(".brief-alarms", "Seen to").HasNot(".brief-alarms form", ".callout-danger")
	if ls := h.Looks(h.Ada, 2); !slices.ContainsFunc(ls, func(l record.Look) bool { return l.Act == "done" && l.Name == "Dr Lena Ortiz" }) {
		t.Errorf("the ledger says %+v", ls)
	}
	lena.Post(at+"/seen", url.Values{"todo": {id}}).Is(303) // twice is once
}

func TestEveryPageInThreeLanguages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := h.tell(visit1, true, full())
	open := h.tell("urn:rapport:form:gad-7", false, says{"gad-1": "LA6568-5"})
	h.later(time.Hour)
	press(h.As("physician"), at, "Migraine", "aside", "why", "x")
	press(h.As("physician"), at, "Strawberries", "change", "text0", "Berries")
	for _, l := range []string{"en", "es", "fr"} {
		v := h.As("physician")
		v.Language = l
		for _, to := range []string{at, h.forms(), open, open + "/fill"} {
			p := v.Get(to).Is(200)
			if got := p.Attr("html", "lang"); got != l {
				t.Errorf("%s is in %s", to, got)
			}
			p.SaysNot(">brief.", "MISSING", "%!", "{when}", "{name}")
		}
	}
}
