package forms

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	library "rapport/forms"
)

func TestWhatIsBroughtInIsADraft(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	e.Upload("/practice/forms/import", "file", []byte(`{"resourceType":"Questionnaire","status":"active","title":"No address","item":[{"linkId":"a","type":"string","text":"How are you?"},{"linkId":"b","type":"telepathy","text":"And now?"}]}`)).Is(200).
		Has("#report", "Not taken")
	p := e.Upload("/practice/forms/import", "file", []byte(`{"resourceType":"Questionnaire","status":"active","title":"No address","extension":[{"url":"urn:other:thing","valueString":"x"}],"item":[{"linkId":"a","type":"string","text":"How are you?","enableWhen":[{"question":"nowhere","operator":"exists","answerBoolean":true}]}]}`)).Is(200).
		Has("#report", "Brought in", "no address of its own", "no version", "It is a draft until you publish it").Has("#report", "not understood")
	e.Get(p.Attr("#report a", "href")).Is(200).Has("h2", "No address")
	// a Bundle: a template that leans on an activity, a value set, and what is none of ours
	b := `{"resourceType":"Bundle","type":"collection","entry":[
	 {"resource":{"resourceType":"PlanDefinition","id":"p","url":"urn:rapport:plan:walk","version":"1","status":"draft","title":"Walk","goal":[{"id":"g","description":{"text":"Walk more"}}],"action":[{"id":"w","title":"Weeks","action":[{"id":"s","title":"Walk","extension":[{"url":"urn:rapport:why","valueString":"Because you said so"}],"goalId":["g"],"definitionCanonical":"urn:rapport:activity:stroll"}]}]}},
	 {"resource":{"resourceType":"ActivityDefinition","id":"q","url":"urn:rapport:activity:stroll","version":"1","status":"active","title":"Stroll","kind":"Task","code":{"coding":[{"system":"urn:rapport:step","code":"do"}]}}},
	 {"resource":{"resourceType":"ValueSet","id":"v","url":"urn:x:set","status":"active","compose":{"include":[{"system":"urn:x","concept":[{"code":"a","display":"A"}]}]}}},
	 {"resource":{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"}}}]}`
	e.Upload("/practice/forms/import", "file", []byte(b)).Is(200).Has("#report", "Walk").Says("something else: Observation")
	e.Get("/practice/plans/walk").Is(200).Has(".pieces", "Walk more")
	if _, ok := h.Vault.Library().Set("urn:x:set"); !ok {
		t.Error("the value set is not there")
	}
	for _, c := range []struct{ body, says string }{
		{"", "choose a file"}, {"not json", "cannot be read"}, {"[]", "no FHIR"}, {`{"a":1}`, "no FHIR"}, {`{"resourceType":"Bundle"}`, "from 1 to 500"}, {`{"resourceType":"Questionnaire"} x`, "cannot be read"}, {strings.Repeat("[", 5000), "cannot be read"}, {strings.Repeat(" ", mostBytes+1), "larger than 4 MB"},
	} {
		e.Upload("/practice/forms/import", "file", []byte(c.body)).Is(422).Has("#file-problem", c.says)
	}
	h.As("nurse").Upload("/practice/forms/import", "file", []byte("{}")).Is(404)
}

func TestWhatGoesOutComesBackTheSame(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	put(t, h, "Questionnaire", "odd-1", strings.Replace(odd, `"id":"odd"`, `"id":"odd-1"`, 1))
	other, oe := newHouse(t)
	for _, at := range []string{"/practice/forms/odd", "/practice/forms/first-visit", "/practice/plans/sleep"} {
		f := e.Get(at + "/file").Is(200)
		if got := f.Header.Get("Content-Disposition"); !strings.Contains(got, "attachment") {
			t.Error(got)
		}
		// here it is there already
		e.Upload("/practice/forms/import", "file", []byte(f.Body)).Is(200).Has("#report", "Here already")
		oe.Upload("/practice/forms/import", "file", []byte(f.Body)).Is(200)
		back := oe.Get(at + "/file").Is(200)
		if back.Body != f.Body {
			t.Errorf("%s: what came back is not what went out", at)
		}
	}
	// the same version with other words does not take its place
	e.Upload("/practice/forms/import", "file", []byte(strings.Replace(odd, "Do you smoke?", "Do you smoke now?", 1))).Is(200).Says("What came in is now version 2")
	if got := itemOf(t, kept(t, h, "urn:rapport:form:odd", "1"), "smoke").get("text").text(); got != "Do you smoke?" {
		t.Error(got)
	}
	_ = other
}

func TestAHugeFormOpens(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	var b strings.Builder
	b.WriteString(`{"resourceType":"Questionnaire","id":"huge-1","url":"urn:rapport:form:huge","version":"1","status":"draft","title":"Huge","item":[`)
	for g := range 50 {
		if g > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"linkId":"g%d","type":"group","text":"Part %d","item":[`, g, g)
		for i := range 99 {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"linkId":"q%d.%d","type":"boolean","text":"Question %d of part %d"}`, g, i, i, g)
		}
		b.WriteString("]}")
	}
	b.WriteString("]}")
	put(t, h, "Questionnaire", "huge-1", b.String())
	p := e.Get("/practice/forms/huge").Is(200).Has(".oi", "Part 0").Says("99 items inside")
	if n := p.Count(".oi"); n != 50 || len(p.Body) > 150_000 {
		t.Errorf("%d rows, %d bytes", n, len(p.Body))
	}
	p = e.Get("/practice/forms/huge?in=100").Is(200).Has(".trail", "Part 1").Has(".pages").Has(".oi", "Question 0 of part 1")
	if n := p.Count(".oi"); n != outlineMost {
		t.Errorf("%d rows", n)
	}
	e.Get("/practice/forms/huge?in=100&q=199").Is(200).Has(".is-on", "Question 98 of part 1")
	at := "/practice/forms/huge/q/4999"
	q := e.Get(at).Is(200).Has("#text-en", "Question 98 of part 49")
	if len(q.Body) > 150_000 {
		t.Errorf("%d bytes", len(q.Body))
	}
	e.Post(at, with(q.Form("form.settings"), "do", "save", "text-en", "The last one")).Is(303)
	if got := itemOf(t, kept(t, h, "urn:rapport:form:huge", "1"), "q49.98").get("text").text(); got != "The last one" {
		t.Error(got)
	}
	e.Get("/practice/forms/huge/publish").Is(200).Says("more things to look at")
	e.Get("/practice/forms/huge/try").Is(200)
	// one more is too many
	f := e.Get("/practice/forms/huge?in=4900&q=4999").Form(".is-on .oi-tools")
	e.Post("/practice/forms/huge", with(f, "do", "add")).Is(422).Says("more than 5000 items")
}

// TestEveryQuestionnaireLoadsOrSaysWhy brings in what others wrote.
func TestEveryQuestionnaireLoadsOrSaysWhy(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "shared", "data", "questionnaires", "dev")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the outside data is not here")
	}
	h, e := newHouse(t)
	loaded, refused := 0, 0
	err := filepath.WalkDir(dir, func(p string, x fs.DirEntry, err error) error {
		if err != nil || x.IsDir() || filepath.Ext(p) != ".json" {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil || !bytes.Contains(b, []byte(`"Questionnaire"`)) || len(b) > mostBytes {
			return err
		}
		if testing.Short() && (loaded+refused)%4 != 0 {
			loaded++
			return nil
		}
		page := e.Upload("/practice/forms/import", "file", b)
		switch {
		case page.Status == 422:
			page.Has("#file-problem")
			refused++
			return nil
		case page.Status != 200:
			t.Errorf("%s: %d", p, page.Status)
			return nil
		}
		href := ""
		if page.Count("#report li a") > 0 {
			href = page.Attr("#report li a", "href")
		}
		if href == "" {
			if len(page.Text("#report li")) < len("Not taken ")+10 {
				t.Errorf("%s is not taken, and nobody says why: %s", p, page.Text("#report"))
			}
			t.Logf("%s: %.200s", filepath.Base(p), page.Text("#report li"))
			refused++
			return nil
		}
		loaded++
		// what came in goes out the same, id, version, status and address apart
		if strings.HasPrefix(href, "/practice/forms/") {
			e.Get(href).Is(200)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d came in, %d did not", loaded, refused)
	if loaded < 20 {
		t.Errorf("only %d came in", loaded)
	}
	e.Get("/practice/forms").Is(200).HasNot(".broken")
	// saving a question of each as it stands changes nothing in it but what a draft changes
	for _, f := range h.Vault.Library().Forms() {
		ed := h.Vault.Library().Editions(f.URL)[0]
		if ed.Source != library.OfPractice || ed.Count() == 0 || testing.Short() {
			continue
		}
		for _, n := range []int{0, ed.Count() / 2, ed.Count() - 1} {
			at := "/practice/forms/" + key(f.URL) + "/q/" + strconv.Itoa(n)
			p := e.Get(at).Is(200)
			if r := e.Post(at, with(p.Form("form.settings"), "do", "save")); r.Status != 303 {
				t.Logf("%s %d: %s", f.URL, n, r.Text(".errors")+r.Text("#refused"))
			}
		}
		if now := h.Vault.Library().Editions(f.URL)[0]; now.Version != ed.Version || !bytes.Equal(now.JSON(), ed.JSON()) {
			was, err := parse(ed.JSON())
			if err != nil {
				t.Fatal(err)
			}
			is, err := parse(now.JSON())
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range spots(was) {
				if x := spots(is)[i].item; string(bare(x)) != string(bare(s.item)) {
					t.Errorf("%s: saving a question as it stands made\n%s\nof\n%s", f.URL, bare(x), bare(s.item))
				}
			}
		}
	}
}

// again is a form's values to change, and the ones there were left alone.
func again(v url.Values, kv ...string) url.Values {
	return with(maps.Clone(v), kv...)
}

func TestAPlanIsEdited(t *testing.T) {
	t.Parallel()
	h, e := newHouse(t)
	const u = "urn:rapport:plan:sleep"
	live := h.Vault.Library().Templates(u)[0]
	e.Get("/practice/plans/sleep").Is(200).Has(".weekline .wl-phase", "Find a rhythm").Says("When a step is missed: instead of “Get up at the same time”, propose").
		Says("every day").Has("details code").Has(".piece-why")
	// weeks of a phase, with numbers that cannot be
	at := "/practice/plans/sleep/e/a0"
	f := e.Get(at).Is(200).Form("form.settings")
	e.Post(at, again(f, "from", "5", "to", "2")).Is(422).Has("#to-problem")
	e.Post(at, again(f, "from", "1", "to", "3", "title-en", "Find your rhythm")).Is(303)
	if n := len(h.Vault.Library().Templates(u)); n != 2 {
		t.Fatalf("%d versions", n)
	}
	e.Get("/practice/plans/sleep").Is(200).Has(".wl-phase.wk-1.wt-4", "Find your rhythm", "Weeks 1 to 3")
	for _, x := range h.Vault.Library().Plans() { // the draft is nobody's yet
		if x.URL == u && x.Version != live.Version {
			t.Errorf("a draft is used: %s", x.Version)
		}
	}
	// a step: how often, why, its condition
	at = "/practice/plans/sleep/e/a0.0"
	f = e.Get(at).Is(200).Has("input[name=goals][checked]").Form("form.settings")
	e.Post(at, again(f, "expr-new", "%sleep <")).Is(422).Has("#expr-new-problem", "cannot be read").Has("#expr-new", "%sleep <")
	e.Post(at, again(f, "expr-new", "%nobody > 3")).Is(422).Has("#refused", "%nobody is not set")
	e.Post(at, again(f, "goals", "")).Is(422)
	e.Post(at, again(f, "expr-new", "%sleep < 6", "often", "3", "per", "1", "unit", "wk", "why-en", "Because a fixed hour helps.")).Is(303)
	e.Get("/practice/plans/sleep").Is(200).Has("#e-a0\\.0", "3 times a week", "Because a fixed hour helps.", "%sleep < 6")
	// a step is added and taken out again
	add := e.Get("/practice/plans/sleep").Form(".phase form")
	to := e.Post("/practice/plans/sleep", with(add, "do", "step")).Is(303).Header.Get("Location")
	e.Get(to).Is(200).Has("#title-en", "A new step")
	was := e.Get(to).Attr("input[name=was]", "value")
	e.Post("/practice/plans/sleep", vals("was", was, "at", strings.TrimPrefix(to, "/practice/plans/sleep/e/"), "do", "drop")).Is(303)
	// a goal that steps serve cannot go
	was = e.Get("/practice/plans/sleep").Attr("input[name=was]", "value")
	e.Post("/practice/plans/sleep", vals("was", was, "at", "g0", "do", "drop")).Is(422).Has("#refused")
	e.Post("/practice/plans/sleep", vals("was", "old", "at", "a0", "do", "drop")).Is(422).Has("#changed")
	// the template as a whole
	at = "/practice/plans/sleep/e/head"
	f = e.Get(at).Is(200).Form("form.settings")
	e.Post(at, again(f, "title-es", "Dormir bien", "expr-0", "")).Is(422).Has("#expr-0-problem")
	e.Post(at, again(f, "title-es", "Dormir bien")).Is(303)
	p := e.Get("/practice/plans/sleep/publish").Is(200).Has("#changes", "Changed").Says("Somebody who knows the matter")
	e.Post("/practice/plans/sleep/publish", p.Form("form.form-foot")).Is(303)
	for _, x := range h.Vault.Library().Plans() {
		if x.URL == u && x.Version != "2" {
			t.Errorf("published, and %s is used", x.Version)
		}
	}
	e.Language = "es"
	e.Get("/practice/forms").Is(200).Says("Dormir bien")
}
