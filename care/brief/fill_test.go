package brief_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/record"
	"rapport/web/webtest"
)

const gad7 = "urn:rapport:form:gad-7"

// together begins a form with staff and returns the page to fill it in.
func (h *house) together(v *webtest.Visitor, form string) *webtest.Page {
	h.t.Helper()
	return follow(v, v.Post(h.forms(), url.Values{"form": {form}})).Is(200)
}

// field is the name of the fields of the question that asks these words.
func field(p *webtest.Page, words string) string {
	p.T.Helper()
	for _, at := range strings.Fields(p.Attr("input[name=on]", "value")) {
		if p.Count(`[id="l`+at+`"]`) > 0 && strings.HasPrefix(p.Text(`[id="l`+at+`"]`), words) {
			return "q" + at
		}
	}
	p.T.Fatalf("%s does not ask %q", p.Path, words)
	return ""
}

// save sends the page as it stands, with more.
func save(v *webtest.Visitor, p *webtest.Page, do string, more ...string) *webtest.Page {
	p.T.Helper()
	f := p.Form("form.fill", append([]string{"do", do}, more...)...)
	return v.Post(p.Attr("form.fill", "action"), f)
}

func TestStaffFillInTogetherOnOnePage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lena := h.As("physician")
	p := h.together(lena, visit1)
	called := field(p, "What do you like to be called?")
	p = follow(lena, save(lena, p, "save", called, "Ada")).Is(200).Has("#flash", "Saved.")
	if got := p.Attr(`input[name="`+called+`"]`, "value"); got != "Ada" {
		t.Errorf("saved %q", got)
	}
	// a group gets one more, and its questions appear
	n := p.Count(".fill-inst")
	add := p.Attr(`.fill-more button[value^="add:"]`, "value")
	if p = follow(lena, save(lena, p, add)).Is(200); p.Count(".fill-inst") != n+1 {
		t.Errorf("%d instances, and one was added to %d", p.Count(".fill-inst"), n)
	}
	if p = follow(lena, save(lena, p, p.Attr(".fill-inst button", "value"))).Is(200); p.Count(".fill-inst") != n {
		t.Errorf("%d instances, and one of %d was taken away", p.Count(".fill-inst"), n+1)
	}
	// a reason why there is no answer
	day := strings.TrimPrefix(field(p, "What do you do on most days?"), "q")
	p = follow(lena, save(lena, p, "person:"+day)).Is(200).Says("wants to say it in person")
	if again := h.together(lena, visit1); again.Path != strings.Split(p.Path, "?")[0] {
		t.Errorf("begun again: %s", again.Path)
	}
	if ls := h.Looks(h.Ada, 4); ls[1].Act != "answer" && ls[2].Act != "answer" && ls[3].Act != "answer" {
		t.Errorf("the ledger says %+v", ls)
	}
	p = follow(lena, save(lena, p, "handin")).Is(200).Has(".brief-words", "Ada").Has(".brief-asks", "What do you do on most days?")
	lena.Get(strings.TrimPrefix(p.Path, "GET ") + "/fill").Is(303)
	f, err := h.treating(h.Ada).Find(t.Context(), "QuestionnaireResponse")
	if err != nil || len(f) != 1 || !strings.Contains(string(f[0].JSON), `"Practitioner/physician"`) {
		t.Errorf("%d responses, %v", len(f), err)
	}
}

func TestQuestionsThatFollowAppearAfterSaveAndScoresAreKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lena := h.As("physician")
	p := h.together(lena, gad7)
	var more []string
	for _, at := range strings.Fields(p.Attr("input[name=on]", "value")) {
		more = append(more, "q"+at, "3")
	}
	follow(lena, save(lena, p, "handin", more...)).Is(200).Has(".brief-scores", "21")
	os, err := h.treating(h.Ada).Find(t.Context(), "Observation", "code", "70274-6")
	if err != nil || len(os) != 1 {
		t.Errorf("%d scores are kept, %v", len(os), err)
	}
}

func TestAnAlarmIsNotHandedInUnseen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lena := h.As("physician")
	p := h.together(lena, "urn:rapport:form:phq-9")
	var more []string
	for _, at := range strings.Fields(p.Attr("input[name=on]", "value")) {
		more = append(more, "q"+at, "1")
	}
	p = save(lena, p, "handin", more...).Is(422).Has(".callout-danger", "Somebody has to see to this").Has("#seen-problem", "before you hand it in")
	todos, err := h.Vault.OpenDirectory(t.Context(), lena.Actor(), record.Finding)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := todos.Todos(t.Context()); err != nil || len(all) != 1 || all[0].Kind != record.TodoAlarm || all[0].About == "" {
		t.Errorf("to do: %+v, %v", all, err)
	}
	follow(lena, save(lena, p, "handin", "seen", "on")).Is(200).Has(".brief-alarms .callout-danger")
}

func TestTwoWhoFillInAtOnceBothKeepWhatTheySaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lena, priya := h.As("physician"), h.As("nurse")
	p := h.together(lena, visit1)
	called, day := field(p, "What do you like to be called?"), field(p, "What do you do on most days?")
	other := priya.Get(strings.TrimPrefix(p.Path, "GET "))
	save(lena, p, "save", called, "Ada").Is(303)
	q := follow(priya, save(priya, other, "save", day, "I sing")).Is(200)
	if got := q.Attr(`input[name="`+called+`"]`, "value"); got != "Ada" {
		t.Errorf("what was saved elsewhere is lost: %q", got)
	}
	clash := save(priya, other, "save", called, "Mrs Nwosu").Is(422).Says("Meanwhile this was answered elsewhere: Ada")
	if got := clash.Attr(`input[name="`+called+`"]`, "value"); got != "Mrs Nwosu" {
		t.Errorf("what was typed is lost: %q", got)
	}
	q = follow(priya, save(priya, clash, "save")).Is(200)
	if got := q.Attr(`input[name="`+called+`"]`, "value"); got != "Mrs Nwosu" {
		t.Errorf("said again, and not kept: %q", got)
	}
	bad := save(priya, q, "save", "was", "99")
	bad.Is(400)
}

func TestWhatCannotBeReadIsAskedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lena := h.As("physician")
	p := h.together(lena, visit1)
	hours := field(p, "How many hours do you sleep")
	p = save(lena, p, "save", hours, "like a stone").Is(422).Has(`[id="`+hours+`-problem"]`, "We could not read this")
	save(lena, p, "handin", hours, "900").Is(422).Has(`[id="` + hours + `-problem"]`)
}

func TestStaffAskForAForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Reads("ada", "ada@mail.example")
	lena := h.As("physician")
	lena.Get(h.forms()).Is(200).Has("select[name=form] option[value='" + gad7 + "']").Says("Nothing handed in yet")
	follow(lena, lena.Post(h.forms()+"/ask", url.Values{"form": {gad7}})).Is(200).Has("#flash", "Asked for").Has("section[aria-labelledby=wanted] li:nth-child(1)", "Before the visit").Has("section[aria-labelledby=wanted] li:nth-child(2)", "Worry", "Asked for by Dr Lena Ortiz")
	if ls := h.Looks(h.Ada, 3); ls[1].Act != "ask" || ls[1].Name != "Dr Lena Ortiz" {
		t.Errorf("the ledger says %+v", ls)
	}
	n := 0
	for _, l := range h.Mailed() {
		if l.Path == "/me/"+string(h.Ada)+"/forms" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d letters, want one", n)
	}
	lena.Post(h.forms()+"/ask", url.Values{"form": {"urn:none"}}).Is(404)
	h.tell(gad7, true, says{"gad-1": "LA6568-5"})
	lena.Get(h.forms()).Is(200).HasNot("section[aria-labelledby=wanted] li:nth-child(2)").Has("section[aria-labelledby=given] .row", "Worry", "New")
	h.Now.Add(24 * time.Hour)
	if s := h.As("physician").Get(h.forms()).Is(200).Text("section[aria-labelledby=given] .row"); strings.Contains(s, "New") {
		t.Errorf("still new after a look: %s", s)
	}
}

func TestAFormThatIsGoneIsReadAsItStands(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.answering()
	json := []byte(`{"resourceType":"QuestionnaireResponse","id":"old","questionnaire":"urn:gone|1","status":"completed","subject":{"reference":"Patient/ada-person"},"item":[{"linkId":"g","text":"About you","item":[{"linkId":"a","text":"How are you?","answer":[{"valueString":"<Well> enough","item":[{"linkId":"b","answer":[{"valueCoding":{"code":"x","display":"Since May"}},{"valueQuantity":{"value":1.50,"unit":"kg"}},{"valueBoolean":true}]}]}]}]}]}`)
	if err := c.Answer(t.Context(), record.Answer{Form: "urn:gone", ID: "old", JSON: json, Done: true}); err != nil {
		t.Fatal(err)
	}
	lena := h.As("physician")
	lena.Get(h.forms()).Is(200).Has(".row", "A form")
	at := h.forms() + "/" + string(c.Ref("QuestionnaireResponse", "old"))
	lena.Get(at).Is(200).Says("does not have this form any more", "About you", "How are you?", "<Well> enough", "b", "Since May · 1.50 kg · Yes").HasNot(".claims")
	lena.Post(at, url.Values{"fact": {"Condition 1"}, "do": {"accept"}}).Is(404)
}
