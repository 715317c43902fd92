package forms

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"rapport/fhir"
	"rapport/record"
	"rapport/web/webtest"
)

// newHouse is a house with somebody who writes forms.
func newHouse(t testing.TB) (*webtest.House, *webtest.Visitor) {
	t.Helper()
	h := webtest.New(t, Routes()...)
	if err := h.Practice().SetStaff(t.Context(), record.StaffMember{ID: "editor", Name: "Noor Haddad", Title: "Writes forms", Roles: "editor"}); err != nil {
		t.Fatal(err)
	}
	return h, h.As("editor")
}

// put keeps definitions as an import at the start does.
func put(t testing.TB, h *webtest.House, typ, id, text string) {
	t.Helper()
	if _, err := h.Practice().Put(t.Context(), fhir.Resource{Type: typ, ID: id, JSON: []byte(text)}); err != nil {
		t.Fatal(err)
	}
}

// vals are values by name.
func vals(kv ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		v.Add(kv[i], kv[i+1])
	}
	return v
}

// with changes what a page's form would send.
func with(v url.Values, kv ...string) url.Values {
	for i := 0; i+1 < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	return v
}

// kept is a version of a form as the practice keeps it.
func kept(t testing.TB, h *webtest.House, u, version string) *tree {
	t.Helper()
	e, ok := h.Vault.Library().Form(u, version)
	if !ok {
		t.Fatalf("there is no %s|%s", u, version)
	}
	n, err := parse(e.JSON())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func itemOf(t testing.TB, root *tree, link string) *tree {
	t.Helper()
	s, ok := find(spots(root), -1, link)
	if !ok {
		t.Fatalf("there is no item %s", link)
	}
	return s.item
}

const odd = `{"resourceType":"Questionnaire","id":"odd","extension":[{"url":"http://example.org/colour","valueString":"blue"}],"url":"urn:rapport:form:odd","version":"1","title":"Odd","status":"draft",
"item":[
 {"linkId":"smoke","extension":[{"url":"http://example.org/x","valueDecimal":1.50}],"prefix":"A","text":"Do you smoke?","_text":{"extension":[{"url":"http://example.org/note","valueString":"kept"}]},"type":"choice","answerOption":[
   {"extension":[{"url":"http://example.org/o","valueCode":"z"}],"valueCoding":{"system":"urn:x","version":"7","code":"y","display":"Yes"}},
   {"valueCoding":{"system":"urn:x","code":"n","display":"No"}},
   {"valueCoding":{"system":"urn:x","code":"s","display":"Sometimes"}}]},
 {"linkId":"many","text":"How many a day?","type":"integer","enableWhen":[{"extension":[{"url":"http://example.org/w","valueBoolean":true}],"question":"smoke","operator":"=","answerCoding":{"system":"urn:x","code":"y","display":"Yes"}}]},
 {"linkId":"more","text":"More","type":"group","item":[{"linkId":"free","text":"Anything else?","type":"text"}]}
]}`

func TestTheListSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	p := e.Get("/practice/forms").Is(200).
		Has(".papers", "Mood: nine questions").Says("Before every visit of people from 18, once", "Sleep better", "questions", "Goes out only when somebody sends it").HasNot(".broken")
	if n := p.Count(".papers li"); n < 18 {
		t.Errorf("%d forms and plans", n)
	}
	put(t, h, "Questionnaire", "noaddress", `{"resourceType":"Questionnaire","id":"noaddress","status":"active","item":[{"linkId":"a","type":"string","text":"a"}]}`)
	e.Get("/practice/forms").Is(200).Has(".broken", "Questionnaire noaddress", "without an address")
	for _, who := range []string{"nurse", "physician", "frontdesk", "ada"} {
		h.As(who).Get("/practice/forms").Is(404)
	}
	h.As("nobody").Get("/practice/forms").Is(401)
	h.As("manager").Get("/practice/forms").Is(200)
	h.As("manager").Get("/practice/forms/none").Is(404)
	h.As("manager").Get("/practice/plans/phq-9").Is(404)
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	put(t, h, "Questionnaire", "odd-1", strings.Replace(odd, `"id":"odd"`, `"id":"odd-1"`, 1))
	for _, code := range []string{"en", "es", "fr"} {
		e.Language = code
		for _, at := range []string{"/practice/forms", "/practice/forms/odd", "/practice/forms/odd/about", "/practice/forms/odd/q/0", "/practice/forms/odd/q/1", "/practice/forms/odd/q/2", "/practice/forms/odd/q/3", "/practice/forms/odd/try", "/practice/forms/odd/versions", "/practice/forms/odd/publish",
			"/practice/forms/first-visit", "/practice/forms/phq-9", "/practice/forms/phq-9/q/2", "/practice/forms/phq-9/try", "/practice/forms/still-true", "/practice/forms/still-true/about",
			"/practice/plans/sleep", "/practice/plans/sleep/e/head", "/practice/plans/sleep/e/g0", "/practice/plans/sleep/e/a0", "/practice/plans/sleep/e/a0.0", "/practice/plans/sleep/versions", "/practice/plans/sleep/publish"} {
			p := e.Get(at).Is(200).Has(`html[lang="` + code + `"]`)
			if s := p.Text("body"); strings.Contains(strings.ReplaceAll(strings.ReplaceAll(s, "{{", ""), "}}", ""), "{") || strings.Contains(s, "%!") {
				t.Errorf("%s in %s has a brace: a word is missing", at, code)
			}
			p.SaysNot("style=", "%!(")
		}
	}
}

// every shipped paper opens whole, item by item.
func TestEveryShippedElementOpens(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	for _, f := range h.Vault.Library().Forms() {
		at := "/practice/forms/" + key(f.URL)
		e.Get(at).Is(200)
		e.Get(at + "/try").Is(200)
		e.Get(at + "/publish").Is(200)
		for n := range f.Count() {
			if n%7 == 0 {
				e.Get(fmt.Sprintf("%s/q/%d", at, n)).Is(200).HasNot("#phone .problem")
			}
		}
	}
	for _, p := range h.Vault.Library().Plans() {
		at := "/practice/plans/" + key(p.URL)
		e.Get(at).Is(200).Has(".weekline .wl-phase").Has(".pieces")
		root, err := parse(p.JSON)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range root.each("action") {
			e.Get(fmt.Sprintf("%s/e/a%d", at, i)).Is(200)
			for j := range a.each("action") {
				e.Get(fmt.Sprintf("%s/e/a%d.%d", at, i, j)).Is(200)
			}
		}
	}
}

func TestEditingKeepsWhatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	put(t, h, "Questionnaire", "odd-1", strings.Replace(odd, `"id":"odd"`, `"id":"odd-1"`, 1))
	p := e.Get("/practice/forms/odd/q/0").Is(200)
	f := with(p.Form("form.settings"), "do", "save", "text-en", "Do you smoke now?", "text-es", "¿Fuma ahora?", "opt-1-en", "Never", "opt-0-score", "3", "opt-2-alone", "1", "why-en", "It tells us about risk.")
	e.Post("/practice/forms/odd/q/0", f).Is(303)
	root := kept(t, h, "urn:rapport:form:odd", "1")
	s := string(root.bytes())
	for _, want := range []string{`{"url":"http://example.org/colour","valueString":"blue"}`, `"valueDecimal":1.50`, `"prefix":"A"`, `{"url":"http://example.org/note","valueString":"kept"}`, `{"url":"http://example.org/o","valueCode":"z"}`, `"version":"7"`, `{"url":"http://example.org/w","valueBoolean":true}`,
		`"valueString":"¿Fuma ahora?"`, `"display":"Never"`, `"valueDecimal":3`, `"urn:rapport:item-control"`} {
		if !strings.Contains(s, want) {
			t.Errorf("%s is not there any more: %s", want, s)
		}
	}
	// saved again without a change, nothing changes: not a byte
	was := string(root.bytes())
	for _, at := range []string{"/practice/forms/odd/q/0", "/practice/forms/odd/q/1", "/practice/forms/odd/q/3"} {
		e.Post(at, with(e.Get(at).Form("form.settings"), "do", "save")).Is(303)
	}
	if now := string(kept(t, h, "urn:rapport:form:odd", "1").bytes()); now != was {
		t.Errorf("saving without a change made\n%s\nof\n%s", now, was)
	}
}

// Opening and saving every question of every shipped form as it stands changes nothing.
func TestSavingWithoutAChangeChangesNothing(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	for _, f := range h.Vault.Library().Forms() {
		for n := range f.Count() {
			if testing.Short() && n%11 != 0 {
				continue
			}
			at := fmt.Sprintf("/practice/forms/%s/q/%d", key(f.URL), n)
			e.Post(at, with(e.Get(at).Form("form.settings"), "do", "save")).Is(303)
		}
		if got := len(h.Vault.Library().Editions(f.URL)); got != 1 {
			t.Errorf("%s has %d versions: one page does not give back what it was given", f.URL, got)
		}
	}
	for _, p := range h.Vault.Library().Plans() {
		root, err := parse(p.JSON)
		if err != nil {
			t.Fatal(err)
		}
		ats := []string{"head", "g0"}
		for i, a := range root.each("action") {
			ats = append(ats, fmt.Sprintf("a%d", i))
			for j := range a.each("action") {
				ats = append(ats, fmt.Sprintf("a%d.%d", i, j))
			}
		}
		for _, x := range ats {
			at := "/practice/plans/" + key(p.URL) + "/e/" + x
			e.Post(at, e.Get(at).Form("form.settings")).Is(303)
			if got := len(h.Vault.Library().Templates(p.URL)); got != 1 {
				t.Fatalf("%s: saving %s as it is made a version", p.URL, x)
			}
		}
	}
}

func TestTwoEditorsAtOnce(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	put(t, h, "Questionnaire", "odd-1", strings.Replace(odd, `"id":"odd"`, `"id":"odd-1"`, 1))
	m := h.As("manager")
	mine := with(e.Get("/practice/forms/odd/q/0").Form("form.settings"), "do", "save", "text-en", "Mine")
	theirs := with(m.Get("/practice/forms/odd/q/0").Form("form.settings"), "do", "save", "opt-0-en", "Theirs")
	m.Post("/practice/forms/odd/q/0", theirs).Is(303)
	p := e.Post("/practice/forms/odd/q/0", mine).Is(422).Has("#changed", "Nothing of yours is lost").Has("#text-en", "Mine")
	if got := itemOf(t, kept(t, h, "urn:rapport:form:odd", "1"), "smoke").get("text").text(); got != "Do you smoke?" {
		t.Fatalf("it was overwritten: %q", got)
	}
	// looked at again, mine is kept, and theirs is there to be seen
	e.Post("/practice/forms/odd/q/0", with(p.Form("form.settings"), "do", "save")).Is(303)
	it := itemOf(t, kept(t, h, "urn:rapport:form:odd", "1"), "smoke")
	if it.get("text").text() != "Mine" || len(it.each("answerOption")) != 3 {
		t.Errorf("%s", it.bytes())
	}
	// somebody takes the question out
	stale := with(e.Get("/practice/forms/odd/q/1").Form("form.settings"), "do", "save", "text-en", "Gone")
	m.Post("/practice/forms/odd", vals("was", m.Get("/practice/forms/odd?q=1").Attr(".oi-tools input[name=was]", "value"), "n", "1", "link", "many", "do", "drop")).Is(303)
	e.Post("/practice/forms/odd/q/1", stale).Is(422).Has("#changed")
}

func TestTheOutlineIsRearranged(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	put(t, h, "Questionnaire", "odd-1", strings.Replace(odd, `"id":"odd"`, `"id":"odd-1"`, 1))
	do := func(link, what string) string {
		t.Helper()
		s, ok := find(spots(kept(t, h, "urn:rapport:form:odd", "1")), -1, link)
		if !ok {
			t.Fatal(link)
		}
		f := e.Get(fmt.Sprintf("/practice/forms/odd?q=%d", s.number)).Is(200).Form(".is-on .oi-tools")
		e.Post("/practice/forms/odd", with(f, "do", what)).Is(303)
		var out []string
		for _, s := range spots(kept(t, h, "urn:rapport:form:odd", "1")) {
			deep := ""
			for x := s.around; x != nil; x = x.around {
				deep += "."
			}
			out = append(out, deep+s.link())
		}
		return strings.Join(out, " ")
	}
	for _, c := range [][3]string{
		{"many", "up", "many smoke more .free"}, {"many", "down", "smoke many more .free"}, {"many", "in", "smoke many more .free"},
		{"free", "out", "smoke many more free"}, {"free", "in", "smoke many more .free"}, {"free", "add", "smoke many more .free .a-new-question"},
		{"a-new-question", "drop", "smoke many more .free"}, {"more", "double", "smoke many more .free more-2 .free-2"}, {"more-2", "within", "smoke many more .free more-2 .free-2 .a-new-question"},
	} {
		if got := do(c[0], c[1]); got != c[2] {
			t.Errorf("%s %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestBranchingIsWrittenAsSentences(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	put(t, h, "Questionnaire", "odd-1", strings.Replace(odd, `"id":"odd"`, `"id":"odd-1"`, 1))
	e.Get("/practice/forms/odd").Is(200).Has("#i-1", "Only if “Do you smoke?” is “Yes”")
	at := "/practice/forms/odd/q/3"
	f := with(e.Get(at).Is(200).Has("#ifs", "always shown").Form("form.settings"), "do", "if-add")
	p := e.Post(at, f).Is(200).Has("select[name=if-0] option[value=many]")
	p = e.Post(at, with(p.Form("form.settings"), "do", "preview", "if-0", "many", "if-0-op", ">")).Is(200).Has("input[name=if-0-value]")
	e.Post(at, with(p.Form("form.settings"), "do", "save")).Is(422).Has("#if-0-value-problem")
	p = e.Post(at, with(p.Form("form.settings"), "do", "if-add", "if-0-value", "10")).Is(200).Has("select[name=if-1]")
	p = e.Post(at, with(p.Form("form.settings"), "do", "preview", "if-1", "smoke")).Is(200).Has(`select[name=if-1-value] option[value="urn:x|s"]`, "Sometimes")
	e.Post(at, with(p.Form("form.settings"), "do", "save", "if-1-value", "urn:x|s", "if-1-op", "!=", "any", "any")).Is(303)
	it := itemOf(t, kept(t, h, "urn:rapport:form:odd", "1"), "free")
	want := `[{"question":"many","operator":">","answerInteger":10},{"question":"smoke","operator":"!=","answerCoding":{"system":"urn:x","code":"s"}}]`
	if got := string(it.get("enableWhen").bytes()); got != want || it.get("enableBehavior").text() != "any" {
		t.Errorf("%s %s", got, it.get("enableBehavior").text())
	}
	e.Get("/practice/forms/odd").Is(200).Has("#i-3", "Only if “How many a day?” is more than 10 or “Do you smoke?” is not “Sometimes”")
	p = e.Post(at, with(e.Get(at).Form("form.settings"), "do", "if-drop:0")).Is(200)
	e.Post(at, with(p.Form("form.settings"), "do", "save")).Is(303)
	if got := len(itemOf(t, kept(t, h, "urn:rapport:form:odd", "1"), "free").each("enableWhen")); got != 1 {
		t.Errorf("%d conditions", got)
	}
}

func TestADangerIsWritten(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	put(t, h, "Questionnaire", "odd-1", strings.Replace(odd, `"id":"odd"`, `"id":"odd-1"`, 1))
	at := "/practice/forms/odd/q/0"
	e.Post(at, with(e.Get(at).Form("form.settings"), "do", "save", "alarm", "crisis")).Is(422).Has(".errors", "which answers raise it")
	e.Post(at, with(e.Get(at).Form("form.settings"), "do", "save", "alarm", "crisis", "opt-0-alarm", "1", "opt-2-alarm", "1", "alarm-text-en", "They smoke.")).Is(303)
	e.Get("/practice/forms/odd?q=0").Is(200).Has("#i-0 .tag", "Alarm").Has("#phone .alarm-help")
	e.Get(at).Is(200).Has("input[name=opt-0-alarm][checked]").HasNot("input[name=opt-1-alarm][checked]")
	p := e.Get("/practice/forms/odd/try").Is(200)
	e.Post("/practice/forms/odd/try", with(p.Form(".phone form"), "do", "next", "a", "2")).Is(200).Has("#alarms", "They smoke.")
	e.Post("/practice/forms/odd/try", with(p.Form(".phone form"), "do", "next", "a", "1")).Is(200).HasNot("#alarms")
	e.Post(at, with(e.Get(at).Form("form.settings"), "do", "save", "alarm-expr", "%resource.where(")).Is(422).Has("#alarm-expr-problem", "cannot be read")
	// the instruments that ship say “all but never”
	e.Get("/practice/forms/phq-9/q/10").Is(200).Has("input[name=opt-1-alarm][checked]").HasNot("input[name=opt-0-alarm][checked]").Has("#official", "phqscreeners")
}
