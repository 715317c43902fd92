package family

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"rapport/account"
	"rapport/fhir"
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
	s := b.String()
	if strings.Contains(s, "style=") || regexp.MustCompile(`https?://`).MatchString(s) {
		t.Errorf("inline or foreign: %s", s)
	}
	return s
}

func TestPagesRenderInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, tag := range lang.All() {
		p := lang.New(tag, lang.WordClient)
		sh := shell.View{P: p, Title: "x"}
		x := personView{ID: "1", Name: "Ana Ruiz", Relation: "daughter", Lines: []string{p.FamilySees("x"), p.FamilyLooks()}}
		g, o := x, x
		g.Guardian, o.Open = true, true
		if s := rendered(t, circlePage(circleView{Shell: sh, P: p, Base: "/b", Looks: "/l", Now: []personView{x, g}, Open: []personView{o}, Guards: true})); strings.Count(s, `value="tell"`) != 1 || strings.Count(s, `value="quiet"`) != 2 {
			t.Errorf("%s: a helper is ended in one tap, an invitation taken back, a guardian neither: %s", tag, s)
		}
		rendered(t, circlePage(circleView{Shell: sh, P: p, Base: "/b"}))
		rendered(t, askPage(askView{Shell: sh, P: p, Base: "/b", Problem: "!", Wrong: wrong{"a", "b", "c", "d"}}))
		code, err := parts.QR("x", "y")
		if err != nil {
			t.Fatal(err)
		}
		rendered(t, handedPage(handedView{Shell: sh, P: p, Base: "/b", Name: "Ana", Day: "1 May"}))
		rendered(t, handedPage(handedView{Shell: sh, P: p, Base: "/b", Name: "Ana", Day: "1 May", Address: "help", Code: code}))
		for _, v := range []askedView{{Own: true}, {Guardian: true}, {Facts: []parts.Fact{{Term: "a", Text: "b"}}}} {
			v.Shell, v.P, v.Name = sh, p, "Mia"
			rendered(t, askedPage(v))
		}
		n := news{1, 2, 3, 4, 5}
		rendered(t, everyonePage(everyoneView{Shell: sh, P: p, Waiting: true}))
		if s := rendered(t, everyonePage(everyoneView{Shell: sh, P: p, Others: true, People: []oneView{{Client: "a", Name: "Mia", Own: true}, {Client: "b", Name: "Leo", May: "x", Rows: []parts.RowView{{Title: n.say(p), Href: "/x"}}}}})); strings.Count(s, "/family/stop") != 1 {
			t.Errorf("%s: one person can be let go", tag)
		}
	}
}

func TestThings(t *testing.T) {
	t.Parallel()
	for set, want := range map[record.Parts]string{
		0: "", record.Person: "", record.Visits | record.Person: "visits",
		record.Medicines | record.Allergies | record.Immunisations | record.Plans: "plan and medicines",
		record.Immunisations | record.Visits:                                      "visits and vaccines",
		record.AllParts:                                                           "visits, messages, plan, medicines, results, answers to forms, documents and health problems",
	} {
		if got := things(lang.Printer{}, set); got != want {
			t.Errorf("%s: %q, want %q", set, got, want)
		}
	}
	var all record.Parts
	for _, s := range sorts {
		if all&s.parts != 0 {
			t.Errorf("%s overlaps", s.code)
		}
		all |= s.parts
	}
	if all|record.Person|record.Agreements|record.Money|record.Other != record.AllParts {
		t.Errorf("%s can be given by nobody", record.AllParts&^all)
	}
}

func TestUntil(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 1, 31, 15, 0, 0, 0, time.UTC)
	for f, want := range map[form]string{{}: "", {Until: "month"}: "2027-03-01", {Until: "year"}: "2028-02-01", {Until: "day", Day: "2027-01-31"}: "2027-02-01", {Until: "day", Day: "x"}: "", {Until: "ever"}: ""} {
		got := ""
		if u := f.until(now); !u.IsZero() {
			got = u.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%+v: %q, want %q", f, got, want)
		}
	}
}

// sound is a form that asks for help.
func sound(more ...string) url.Values {
	v := url.Values{"name": {"Ana Ruiz"}, "relation": {"my daughter"}, "sees": {"visits", "medicines"}, "acts": {"no"}, "until": {"none"}, "reach": {"here"}}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

var tokenIn = regexp.MustCompile(`https://practice\.example/help/([\w-]+)`)

func TestFromAskingToHelpingToTheEnd(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/helpers"
	ada.Get(me).Is(200).Has(".empty", "Nobody yet").Has(".empty a[href$='/helpers/new']")
	ada.Get(me + "/new").Is(200).HasNot("[aria-invalid]").Has("input[name=sees][value=plan]")
	p := ada.Post(me+"/new", sound("acts", "yes")).Is(200).Has("svg.qr").Has("h1", "Let Ana Ruiz scan this")
	m := tokenIn.FindStringSubmatch(p.Body)
	if m == nil {
		t.Fatalf("no address on %s", p.Body)
	}
	door := "/help/" + m[1]
	if l := h.Looks(h.Ada, 1)[0]; l.Act != "helpask" || l.Purpose != "sharing" || l.Whom != "Ana Ruiz" || l.Parts != record.Visits|record.Medicines|record.Allergies|record.Immunisations {
		t.Errorf("asking left %+v", l)
	}
	ada.Get(me).Has("section[aria-labelledby=open]", "Ana Ruiz", "my daughter", "Waiting for Ana Ruiz, until 27 November", "May see: visits and medicines", "May also act for you: visits").SaysNot(m[1])
	ada.Get(door).Is(200).Has("h1", "This is your own request").HasNot("form[action^='/help']")
	ada.Post(door, url.Values{}).Is(200).Has("h1", "This is your own request")

	nobody := h.As("nobody")
	nobody.Get(door).Is(401).Has("h1", "Somebody asks for your help").Has("a[href='/in?to=%2Fhelp%2F"+m[1]+"']").Has("form[action='/in/"+m[1]+"'] button", "Make an account").SaysNot("Ada", "Nwosu", "visits")
	nobody.Post(door, url.Values{}).Is(401)
	in := nobody.Post("/in/"+m[1], url.Values{}).Is(303)
	start := "/account/start?to=" + url.QueryEscape(door)
	if to := in.Header.Get("Location"); to != start {
		t.Errorf("a new account goes to %q, want %q", to, start)
	}
	guest := h.Came(in)
	if to := guest.Get(door).Is(303).Header.Get("Location"); to != start {
		t.Errorf("without a key the link leads to %q, want %q", to, start)
	}
	guest.Post(door, url.Values{}).Is(401)
	guest.Get(start).Is(200)

	ana := h.AsSubject(guest.Actor().Subject()) // as if with a passkey
	if q := tokenIn.FindStringSubmatch(ada.Post(me+"/new", sound("acts", "yes")).Is(200).Body); q != nil {
		ana.Get("/help/"+q[1]).Is(200).Has("button[name=no]", "No, thank you")
		letters(t, h)
		ana.Post("/help/"+q[1], url.Values{"no": {"no"}}).Is(303)
		ana.Get("/help/" + q[1]).Is(410)
		if l := h.Looks(h.Ada, 1)[0]; l.Act != "helpend" || l.Kind != "guest" {
			t.Errorf("saying no left %+v", l)
		}
		if n := ada.Get(me).Count("section[aria-labelledby=open] .fm-person"); n != 1 {
			t.Errorf("%d are asked, of two one said no", n)
		}
		ana.Post("/help/"+q[1], url.Values{}).Is(410)
	}
	ana.Get("/family").Is(200).Has(".empty", "You look after nobody yet")
	ana.Get(door).Is(200).Has("h1", "Ada Nwosu asks for your help").Has(".facts", "Visits and medicines", "You may act for them", "Visits", "Until one of you ends it")
	if to := ana.Post(door, url.Values{}).Is(303).Header.Get("Location"); to != "/family" {
		t.Errorf("yes leads to %q", to)
	}
	if l := h.Looks(h.Ada, 1)[0]; l.Act != "helptake" || l.Kind != "guest" || l.Name != "Ana Ruiz" || l.Parts&record.Visits == 0 {
		t.Errorf("accepting left %+v", l)
	}
	for _, who := range []*webtest.Visitor{nobody, ana, ada} {
		who.Get(door).Is(410).Has("h1", "This link no longer works").SaysNot("Ada Nwosu asks")
	}
	ana.Post(door, url.Values{}).Is(410)
	ana.Get("/family").Has("section h2", "Ada Nwosu").Says("You may see: visits and medicines", "Blood-pressure review", "10:30 with Dr Lena Ortiz").Has("a.row[href='/me/" + string(h.Ada) + "/today']").HasNot(".empty")
	for _, path := range []string{me, me + "/new"} {
		ana.Get(path).Is(404)
	}
	row := ada.Get(me).Has("section[aria-labelledby=now]", "Ana Ruiz", "Since 24 November")
	id := row.Attr("input[name=id]", "value")
	ana.Post(me+"/end", url.Values{"id": {id}}).Is(404)
	h.As("bob").Post("/me/"+string(h.Bob)+"/helpers/end", url.Values{"id": {id}}).Is(404)
	ada.Post(me+"/end", url.Values{"id": {id}, "how": {"quiet"}}).Is(303)
	if l := h.Looks(h.Ada, 1)[0]; l.Act != "helpend" || l.Kind != "client" || l.Whom != "Ana Ruiz" {
		t.Errorf("ending left %+v", l)
	}
	ada.Get(me).Has(".empty")
	ana.Get("/family").Has(".empty").SaysNot("Nwosu")
	ada.Post(me+"/end", url.Values{"id": {id}}).Is(404)
}

// letters returns what waits to be mailed.
func letters(t *testing.T, h *webtest.House) []account.Letter {
	t.Helper()
	ps, err := h.Vault.Due(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []account.Letter
	for _, p := range ps {
		out = append(out, p.Letter)
	}
	return out
}

func TestEndingTellsOrNot(t *testing.T) {
	t.Parallel()
	for how, told := range map[string]bool{"tell": true, "quiet": false} {
		h := webtest.New(t, Routes()...)
		ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/helpers"
		ada.Post(me+"/new", sound("reach", "mail", "mail", "ana@example.org")).Is(200).Has("h1", "We have written to them").HasNot("svg.qr").SaysNot("/help/")
		var token string
		for _, l := range letters(t, h) {
			token = strings.TrimPrefix(l.Path, "/help/")
		}
		guest := h.Guest(token)
		ana := h.AsSubject(guest)
		h.Take(ana, token)
		before := len(letters(t, h))
		id := ada.Get(me).Attr("input[name=id]", "value")
		ada.Post(me+"/end", url.Values{"id": {id}, "how": {how}}).Is(303)
		if got := len(letters(t, h)) > before; got != told {
			t.Errorf("%s: told %v", how, got)
		}
	}
}

func TestAskingWrongly(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, path := h.As("ada"), "/me/"+string(h.Ada)+"/helpers/new"
	for _, x := range []struct {
		form url.Values
		sel  string
	}{
		{sound("name", " \u202e "), "#name-problem"},
		{sound("sees", "looks"), "#sees-problem"},
		{sound("until", "day"), "#day-problem"},
		{sound("until", "day", "day", "2026-11-23"), "#day-problem"},
		{sound("reach", "mail", "mail", "ana"), "#mail-problem"},
		{sound("reach", ""), "#mail-problem"},
		{url.Values{}, "#name-problem"},
	} {
		p := ada.Post(path, x.form).Is(422).Has(".errors[data-focus] a[href^='#']").Has(x.sel)
		p.Has(p.Attr(".errors a", "href"))
		if n := p.Count(".field .problem"); len(x.form) > 0 && n != 1 {
			t.Errorf("%v: %d problems", x.form, n)
		}
	}
	if l := h.Looks(h.Ada, 1)[0]; l.Act == "helpask" {
		t.Error("somebody was asked")
	}
	ada.Post(path, sound("until", "day", "day", "2026-11-24")).Is(200).Has("svg.qr")
	for range 19 {
		ada.Post(path, sound()).Is(200)
	}
	ada.Post(path, sound()).Is(422).Has(".flash", "There are many helpers already")
	for _, who := range []string{"bob", "nurse", "manager", "hana"} {
		if who == "hana" {
			h = webtest.New(t, Routes()...)
			path = "/me/" + string(h.Ada) + "/helpers/new"
		}
		h.As(who).Get(path).Is(404)
		h.As(who).Post(path, sound()).Is(404)
	}
}

func TestAskingNeedsAFreshKey(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	me := "/me/" + string(h.Ada) + "/helpers"
	link := h.ByLink("ada")
	if to := link.Get(me + "/new").Is(303).Header.Get("Location"); strings.HasPrefix(to, me) {
		t.Errorf("a link leads to %q", to)
	}
	link.Post(me+"/new", sound()).Is(401).SaysNot("svg class=\"qr\"")
	link.Get(me).Is(303)
	link.Post(me+"/end", url.Values{"id": {"x"}}).Is(401)
	link.Get("/family").Is(303)
	if l := h.Looks(h.Ada, 1)[0]; !l.Refused {
		t.Errorf("a link left %+v", l)
	}
}

func TestWhatIsNewIsCountedWhereItIsOpen(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	all := map[string]record.Parts{"1 new message": record.Messages, "1 new result": record.Results, "1 new document": record.Documents, "1 change in medicines": record.Medicines, "1 change in the plan": record.Plans}
	helpers := map[string]account.Subject{}
	for text, part := range all {
		v := h.Helper("Ana", h.Ada, part, 0)
		v.Get("/family").Is(200).SaysNot("new ", "change in", "No visit").HasNot(".empty")
		helpers[text] = v.Actor().Subject()
	}
	ada := h.As("ada")
	ada.Get("/family").Is(200).SaysNot("1 new")
	h.Now.Add(2 * time.Hour)
	nurse, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	about := `"subject":{"reference":"Patient/ada-person"}`
	for typ, body := range map[string]string{
		"Communication":     `"status":"completed",` + about,
		"Observation":       `"status":"final","code":{"text":"Zinc"},"effectiveDateTime":"2026-11-24",` + about,
		"DocumentReference": `"status":"current","content":[{"attachment":{"title":"Letter"}}],` + about,
		"MedicationRequest": `"status":"active","intent":"order","medicationCodeableConcept":{"text":"Zinc"},` + about,
		"Goal":              `"lifecycleStatus":"active","description":{"text":"Walk"},` + about,
	} {
		if _, err := nurse.Put(t.Context(), fhir.Resource{Type: typ, ID: "new1", JSON: []byte(`{"resourceType":"` + typ + `","id":"new1",` + body + `}`)}); err != nil {
			t.Fatal(err)
		}
	}
	for text := range all {
		p := h.AsSubject(helpers[text]).Get("/family").Is(200)
		for other := range all {
			if (other == text) != strings.Contains(strings.ToLower(p.Text("section .rows")), other) {
				t.Errorf("who may see what %q is about reads: %s", text, p.Text("section .rows"))
			}
		}
	}
	h.AsSubject(h.Subject("ada")).Get("/family").Has("section .rows", "Blood-pressure review", "1 new message, 1 new result, 1 new document, 1 change in medicines and 1 change in the plan").Has(".empty", "You look after nobody yet")
}

func TestStopHelping(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	hana := h.As("hana")
	hana.Get("/family").Has("details form[action='/family/stop']", "You will see nothing of Ada any more")
	hana.Post("/family/stop", url.Values{"client": {string(h.Bob)}}).Is(404)
	hana.Post("/family/stop", url.Values{"client": {"x"}}).Is(404)
	h.As("nurse").Post("/family/stop", url.Values{"client": {string(h.Ada)}}).Is(404)
	hana.Post("/family/stop", url.Values{"client": {string(h.Ada)}}).Is(303)
	if l := h.Looks(h.Ada, 1)[0]; l.Act != "helpend" || l.Kind != "guest" || l.Name != "Hana Novak" {
		t.Errorf("stopping left %+v", l)
	}
	hana.Get("/family").Has(".empty").SaysNot("Nwosu")
	hana.Post("/family/stop", url.Values{"client": {string(h.Ada)}}).Is(404)
	h.As("nurse").Get("/family").Is(404)
	h.As("nobody").Get("/family").Is(401)
}

func TestBobHelpsAdaAndSeesHimselfFirst(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	token := h.Ask(h.Ada, record.Grant{Name: "Bob", Reads: record.Visits | record.Results, Acts: record.Results, Until: webtest.Start.AddDate(0, 0, 3)})
	bob := h.As("bob")
	bob.Get("/help/"+token).Has(".facts", "Visits and results", "Results", "Until 27 November")
	h.Take(bob, token)
	p := bob.Get("/family").Is(200).Has("section:first-of-type h2", "Bob Quaresma").HasNot(".empty")
	if p.Count("section") != 2 || p.Count("form[action='/family/stop']") != 1 {
		t.Errorf("%d sections", p.Count("section"))
	}
	if l := h.Looks(h.Ada, 1)[0]; l.Act != "open" || l.Basis != "helper" || l.Purpose != "helping" || l.Parts != record.Person|record.Visits|record.Results {
		t.Errorf("the page left %+v", l)
	}
	h.Now.Add(4 * 24 * time.Hour)
	h.As("bob").Get("/family").SaysNot("Nwosu")
	h.As("ada").Get("/me/" + string(h.Ada) + "/helpers").Has(".empty")
}

func TestAGuestWhoWaitsIsTold(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	asking, err := h.Doors.AskJoin(t.Context(), "Nia Obi", "nia@example.org", account.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	var token string
	for _, l := range letters(t, h) {
		token = strings.TrimPrefix(l.Path, "/in/")
	}
	in, err := h.Doors.Enter(t.Context(), token, account.Ask{Asking: asking})
	if err != nil {
		t.Fatal(err)
	}
	nia := h.AsSubject(in.Subject)
	nia.Get("/family").Is(200).Has("h1", "Nia Obi").Has(".callout", "The practice has your request", "we write to you").HasNot("section", ".empty")
	d, err := h.Vault.OpenDirectory(t.Context(), h.As("frontdesk").Actor(), record.Vouching)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Decline(t.Context(), in.Subject.ID); err != nil {
		t.Fatal(err)
	}
	nia.Get("/family").Is(200).Has(".callout", "You have no pages of your own here").Has("form[action='/family/join'] button", "Ask to be taken on").Has(".empty")
	for range 2 { // twice is once
		nia.Post("/family/join", url.Values{}).Is(303)
	}
	nia.Get("/family").Has(".callout", "The practice has your request")
	if all, err := d.Waiting(t.Context()); err != nil || len(all) != 1 || all[0].Name != "Nia Obi" || all[0].Mail != "nia@example.org" {
		t.Errorf("who waits: %+v, %v", all, err)
	}
	h.As("ada").Post("/family/join", url.Values{}).Is(303) // a client asks for nothing
	if all, err := d.Waiting(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("who waits: %+v, %v", all, err)
	}
}

// TestAGuardianOfWhomNothingIsSeenIsListedAndCanStop: a teenager's parent sees nothing
// any more, and is their guardian all the same.
func TestAGuardianOfWhomNothingIsSeenIsListedAndCanStop(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	h.Rules("example-england")
	kid := h.Admit("kim", `{"resourceType":"Patient","id":"kim","name":[{"use":"official","family":"Young","given":["Kim"]}],"birthDate":"2013-11-26"}`)
	chart, err := h.Vault.Open(t.Context(), h.As("frontdesk").Actor(), record.Vouching, kid, record.Person|record.Agreements)
	if err != nil {
		t.Fatal(err)
	}
	token, err := chart.Offer(t.Context(), record.Grant{Name: "Bob", Tie: record.Guardian}, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	h.As("bob").Get("/help/"+token).Is(200).Has("h1", "Will you be a guardian of Kim Young here?").SaysNot("on a list what you open")
	h.Take(h.As("bob"), token)
	h.As("bob").Get("/family").Is(200).Has("section #p-"+string(kid), "Kim Young").Says("You may see:")
	h.Now.Add(72 * time.Hour) // thirteen
	bob := h.As("bob")
	bob.Get("/family").Is(200).Says("Kim Young", "At this age you see nothing").Has("form[action='/family/stop'] input[value='"+string(kid)+"']").HasNot(".empty", "a[href='/me/"+string(kid)+"/today']")
	bob.Post("/family/stop", url.Values{"client": {string(kid)}}).Is(303)
	bob.Get("/family").SaysNot("Kim Young")
	h.Now.Add(6 * 365 * 24 * time.Hour) // and of a grown-up nobody is a guardian
	h.As("bob").Get("/family").Is(200).SaysNot("Kim Young")
}
