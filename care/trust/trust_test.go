package trust

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/webtest"
)

func rendered(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "style=") {
		t.Errorf("inline: %s", s)
	}
	return b.String()
}

func TestPagesRenderInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, tag := range lang.All() {
		p := lang.New(tag, lang.WordClient)
		sh := shell.View{P: p, Title: "x"}
		row := parts.RowView{Title: "r", Name: "Ana", Seed: "1", Text: "x"}
		rendered(t, showPage(view{Shell: sh, P: p, Team: []parts.RowView{row}, Limits: "l", Left: []leftView{{"d", "w", "x"}}, Notices: "n", Kept: keptView{Lines: []string{"a"}, Held: true}, Open: "o"}))
		x := personView{RowView: row, As: "/a", Bars: true}
		rendered(t, whoPage(whoView{Shell: sh, P: p, Team: []personView{x}, Helpers: []personView{x}, Limits: []limitView{{ID: "1", Text: "t", Ends: "e"}}}))
		rendered(t, asPage(asView{Shell: sh, P: p, Name: "Ana", Bond: "b", Barred: true, Glass: true, Title: "t", Items: []seenView{{"a", "b", true}, {"c", "", false}}, More: "/m"}))
		rendered(t, asPage(asView{Shell: sh, P: p, Name: "Ana"}))
		m := markView{Title: "a", Day: "b", Why: "c", What: "X/y", Set: "own", Lift: true}
		rendered(t, privatePage(privateView{Shell: sh, P: p, Groups: []groupView{{"i", "t", []markView{m}}}, Lifted: []markView{m}}))
		rendered(t, privatePage(privateView{Shell: sh, P: p, Title: "t", Items: []markView{m, {Title: "z"}}, More: "/m"}))
		f := fixView{About: "a", Text: "t", Answer: "x", By: "b", State: parts.TagView{Text: "s"}}
		rendered(t, wrongPage(wrongView{Shell: sh, P: p, List: []fixView{f}, Text: parts.AreaView{P: p, Name: "t"}}))
		rendered(t, keepPage(keepView{Shell: sh, P: p, List: []fixView{f}, What: parts.ChoiceView{P: p, Name: "w"}, Why: parts.AreaView{P: p, Name: "y"}}))
	}
}

// firstOf is the form value by which a page names the first thing it lists.
func firstOf(t *testing.T, p *webtest.Page, marker string) string {
	t.Helper()
	_, rest, ok := strings.Cut(p.Body, marker)
	what, _, end := strings.Cut(rest, `"`)
	if !ok || !end {
		t.Fatalf("nothing after %s in %s", marker, p.Body)
	}
	return what
}

func TestFiveQuestions(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)
	ada.Get(me+"/trust").Is(200).Says("Nobody but you opened your information", "Nothing of what you told has left", "10 years after your last visit", "A court can order us")
	if _, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.Results); err != nil {
		t.Fatal(err)
	}
	ada.Get(me+"/trust").Is(200).Says("1 person opened your information in the last 30 days", "Priya Raman", "On your care team")
	c, err := h.Vault.Open(t.Context(), ada.Actor(), record.Own, h.Ada, record.Results)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Give(t.Context(), record.Gift{To: record.ToThemselves, As: "application/fhir+json", Manifest: []byte("{}"), N: 3}); err != nil {
		t.Fatal(err)
	}
	ada.Get(me + "/trust").Is(200).SaysNot("Nothing of what you told").Says("Saved a copy of your results")
}

// TestKeepingSomebodyOut: what the nurse saw she sees no more, the page shows it through
// her eyes, and it can be ended.
func TestKeepingSomebodyOut(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, at := h.As("ada"), "/me/"+string(h.Ada)+"/trust"
	nurse := h.As("nurse").Actor()
	opens := func() bool {
		c, err := h.Vault.Open(t.Context(), nurse, record.Care, h.Ada, record.Results)
		if err != nil {
			return false
		}
		all, err := c.Find(t.Context(), "Observation")
		return err == nil && len(all) > 0
	}
	if !opens() {
		t.Fatal("the nurse sees nothing to begin with")
	}
	eyes := at + "/as?staff=" + nurse.ID()
	ada.Get(eyes).Is(200).Says("As Priya Raman sees it", "Sees all").SaysNot("You keep them out")
	ada.Get(at+"/who").Is(200).Says("Priya Raman", "On your care team", "You keep nobody out")

	ada.Post(at+"/who/limit", url.Values{"who": {""}, "what": {"all"}}).Is(422).Says("choose somebody who works here")
	ada.Post(at+"/who/limit", url.Values{"who": {nurse.ID()}, "what": {"nonsense"}}).Is(422)
	ada.Post(at+"/who/limit", url.Values{"who": {nurse.ID()}, "what": {"all"}, "until": {"2001-01-01"}}).Is(422).Says("from tomorrow on")
	ada.Post(at+"/who/limit", url.Values{"who": {nurse.ID()}, "what": {"all"}}).Is(303)
	if opens() {
		t.Error("who is kept out looks all the same")
	}
	page := ada.Get(at+"/who").Is(200).Says("Priya Raman: all of your record", "You keep them out")
	ada.Get(eyes).Is(200).Says("They see nothing of your record", "You keep them out").SaysNot("Sees all")
	ada.Post(at+"/who/end", url.Values{"id": {firstOf(t, page, `name="id" value="`)}}).Is(303)
	if !opens() {
		t.Error("who was let look again does not")
	}
	ada.Get(eyes).Is(200).Says("Sees all")
}

// TestMakingSomethingPrivate: one thing is marked, and who does not treat the client does
// not see that it is there; it can be taken back.
func TestMakingSomethingPrivate(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, at := h.As("ada"), "/me/"+string(h.Ada)+"/trust"
	h.Helper("Lou", h.Ada, record.Results, 0)
	helper := firstOf(t, ada.Get(at+"/who").Is(200).Says("Lou"), "/as?helper=")
	seen := ada.Get(at + "/as?helper=" + helper + "&part=results").Is(200).SaysNot("Not seen")
	n := strings.Count(seen.Body, ">Seen<")
	seen.Says("Seen")

	list := ada.Get(at + "/private?part=results").Is(200)
	ada.Post(at+"/private", url.Values{"what": {firstOf(t, list, `name="what" value="`)}, "set": {"own"}, "how": {"add"}, "part": {"results"}}).Is(303)
	ada.Get(at+"/private").Is(200).Says("What you said is private", "You said so")
	ada.Get(at + "/as?helper=" + helper + "&part=results").Is(200).Says("Not seen")
	if n == 0 {
		t.Error("nothing was seen before")
	}
	back := ada.Get(at + "/private")
	ada.Post(at+"/private", url.Values{"what": {firstOf(t, back, `name="what" value="`)}, "set": {"own"}, "how": {"lift"}}).Is(303)
	ada.Get(at + "/as?helper=" + helper + "&part=results").Is(200).SaysNot("Not seen")
	ada.Post(at+"/private", url.Values{"what": {"Patient/x"}, "set": {"own"}, "how": {"add"}}).Is(400)
	ada.Post(at+"/private", url.Values{"what": {"Observation/nothing"}, "set": {"own"}, "how": {"add"}}).Is(404)
}

// TestWrongThings: an asking is answered by staff, and the answer stands on the page.
func TestWrongThings(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, at := h.As("ada"), "/me/"+string(h.Ada)+"/trust/wrong"
	list := ada.Get(at + "?part=results").Is(200)
	of := firstOf(t, list, "/wrong?of=")
	page := ada.Get(at + "?of=" + of).Is(200)
	key := firstOf(t, page, `name="key" value="`)
	ada.Post(at, url.Values{"key": {key}, "what": {of}, "text": {" "}}).Is(422).Says("Please write something")
	for range 2 { // sent twice is asked once
		ada.Post(at, url.Values{"key": {key}, "what": {of}, "text": {"This is my sister's."}}).Is(303)
	}
	if p := ada.Get(at).Is(200).Says("This is my sister's.", "Waits, answer by"); strings.Count(p.Body, "my sister") != 1 {
		t.Error("it was asked twice")
	}
	c, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Corrections(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if err := c.AnswerCorrection(t.Context(), all[0].ID, record.CorrectionRefused, "The name on the tube is yours."); err != nil {
		t.Fatal(err)
	}
	ada.Get(at).Is(200).Says("Not changed", "The name on the tube is yours.", "Priya Raman").SaysNot("Waits")
	ada.Get(at + "?of=Observation/nothing").Is(404)
}

// TestThroughAnybodysEyes: every page through somebody's eyes is there, and says what the
// rules say.
func TestThroughAnybodysEyes(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, at := h.As("ada"), "/me/"+string(h.Ada)+"/trust/as"
	ada.Get(at+"?role=nurse").Is(200).Says("As any nurse or doctor here sees it", "Sees all", "in need")
	ada.Get(at+"?role=frontdesk").Is(200).Says("As the front desk sees it", "Your name, date of birth", "Results Sees none of", "Visits Sees all")
	ada.Get(at + "?role=manager").Is(200).Says("They see nothing of your record")
	ada.Get(at + "?role=emperor").Is(404)
	ada.Get(at + "?staff=nobody").Is(404)
	ada.Get(at + "?helper=nobody").Is(404)
	ada.Get(at).Is(303)
	h.As("bob").Get(at + "?role=nurse").Is(404)
}

func TestAskingToBeErased(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, at := h.As("ada"), "/me/"+string(h.Ada)+"/trust/keep"
	ada.Get(at).Is(200).Says("10 years after your last visit", "Some laws make us keep")
	ada.Post(at, url.Values{"what": {"all"}, "why": {""}}).Is(422)
	ada.Post(at, url.Values{"what": {"mental"}, "why": {"I moved away."}}).Is(303)
	ada.Post(at, url.Values{"what": {"mental"}, "why": {"Again."}}).Is(409)
	ada.Get(at).Is(200).Says("Mental health", "I moved away.", "Waits, answer by")
}
