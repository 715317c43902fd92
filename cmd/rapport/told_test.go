package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
)

// newcomer brings somebody new into the practice and returns their chart.
func (s *street) newcomer(t testing.TB, tongue string) fhir.ClientID {
	t.Helper()
	c, err := s.h.vault.Admit(t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		t.Fatal(err)
	}
	id := "new-" + tongue
	_, err = c.Put(t.Context(), fhir.Resource{Type: "Patient", ID: id, JSON: fmt.Appendf(nil, `{"resourceType":"Patient","id":%q,"name":[{"family":"Field","given":["Nora"]}],"birthDate":"1984-05-06","gender":"female","communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":%q}]},"preferred":true}]}`, id, tongue)})
	if err != nil {
		t.Fatal(err)
	}
	return c.Client()
}

// invited has the nurse invite somebody, and returns the path of the link.
func (s *street) invited(t testing.TB, id fhir.ClientID, mail string, tongue lang.Tag) string {
	t.Helper()
	c, err := s.h.vault.Open(t.Context(), s.staffActor(t, "nurse"), record.Vouching, id, record.Person|record.Agreements)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Invite(t.Context(), mail, record.NotAsked, tongue); err != nil {
		t.Fatal(err)
	}
	return s.letterTo(t, account.LetterInvite, mail)
}

// asked answers the questions of a form from the one that is shown to the review: those
// whose words are a key of says with its words, all others with "I would rather not say".
// It stops after most.
func (b *tab) asked(says map[string]string, most int) (n int) {
	b.t.Helper()
	for n = 0; n < most; n++ {
		var page struct{ Path, Title, Kind string }
		b.eval(`({ Path: location.pathname, Title: document.querySelector("h1")?.innerText.trim().replace(/\s+/g, " ") ?? "", Kind: document.querySelector("button[value=enough]") ? "another" : document.querySelector("button[value=decline]") ? (document.querySelector("main [name=a][type=radio], main [name=a][type=checkbox]") ? "choice" : "words") : "read" })`, &page)
		if !strings.Contains(page.Path, "/q/") {
			return n
		}
		said, ok := says[page.Title]
		switch {
		case page.Kind == "another":
			b.tap("button[value=enough]")
		case page.Kind == "read":
			b.tap(".q-foot button")
		case !ok:
			b.tap("button[value=decline]")
		case page.Kind == "choice":
			b.do(chromedp.Click(`main [name=a][value="` + said + `"]`))
			b.tap(".q-foot .btn-primary")
		default:
			b.fill("#a", said)
			b.tap(".q-foot .btn-primary")
		}
	}
	return n
}

// TestToldOnceFromTheInvitationToAnAgreedPlan goes the whole way in real browsers, in
// English and in Spanish: somebody new is invited, books, is asked, stops, goes on with on
// another device, hands in, and agrees a plan with their clinician.
func TestToldOnceFromTheInvitationToAnAgreedPlan(t *testing.T) {
	s := openStreet(t)
	for _, tongue := range []lang.Tag{lang.English, lang.Spanish} {
		t.Run(tongue.String(), func(t *testing.T) { s.toldOnce(t, tongue) })
	}
}

func (s *street) toldOnce(t *testing.T, tongue lang.Tag) {
	id := s.newcomer(t, tongue.String())
	me, mail := s.url+"/me/"+string(id), "nora-"+tongue.String()+"@mail.example"
	b := browse(t, s)
	if _, err := chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	b.view(390, "light")
	b.authenticator(webauthn.AuthenticatorTransportInternal)
	b.open(s.url + s.invited(t, id, mail, tongue))
	b.fill("#day", "06")
	b.fill("#month", "05")
	b.fill("#year", "1984")
	b.press("main form .btn-primary", "/account/start")
	b.press("[data-passkey-go]", "/account/codes")

	// booked, and asked by a letter that says nothing of it
	b.open(me + "/visits/map?service=blood-pressure")
	b.tap(`#d0 .seats li:nth-child(7) .seat`)
	b.tap(`[formaction$="/confirm"]`)
	if n, err := s.h.vault.Ask(context.Background(), account.AsSystem(account.Asking)); err != nil || n == 0 {
		t.Fatalf("%d are asked, %v", n, err)
	}
	b.open(s.url + s.letterTo(t, account.LetterForms, mail))

	// begun, and stopped after five
	form, ok := s.h.vault.Library().Form("urn:rapport:form:first-visit", "")
	if !ok {
		t.Fatal("the first form is not there")
	}
	words := func(link string) string { return form.Find(link).Text(tongue.String()) }
	wish := map[lang.Tag]string{lang.English: "Walk to the park", lang.Spanish: "Caminar hasta el parque"}[tongue]
	says := map[string]string{words("called"): "Nora", words("reason-words"): "Me / my knee", words("goal-words"): wish, words("sleep-hours"): "5"}
	b.tap("main form.btn-row button")
	if n := b.asked(says, 5); n != 5 {
		t.Fatalf("stopped after %d questions", n)
	}

	// on another device, at the first open question, to the end
	phone := browse(t, s)
	phone.view(390, "light")
	phone.signIn(must(s.h.link(t.Context(), account.Subject{Kind: account.Client, ID: string(id)}, account.Demo)))
	phone.open(me + "/forms")
	phone.tap(".form-card a.btn")
	if was, is := b.path(), phone.path(); was != is {
		t.Errorf("gone on with at %s, want %s", is, was)
	}
	n := phone.asked(says, 200)
	if !strings.HasSuffix(phone.path(), "/review") {
		t.Fatalf("after %d questions it is at %s", n, phone.path())
	}
	phone.tap(".q-foot .btn-primary")

	// the plan: in their words, with their name, then with both
	phone.open(me + "/plan/new")
	phone.shows(wish)
	phone.tap("form.plan-form .btn-primary")
	desk := browse(t, s)
	desk.view(1440, "light")
	desk.signIn(s.link(t, "physician"))
	desk.open(s.url + "/plans")
	desk.tap(`section[aria-labelledby=awaits] a[href*="` + string(id) + `"]`)
	desk.shows(wish)
	desk.tap(`form .btn-primary[value=agree]`)
	phone.open(me + "/plan")
	phone.shows(wish)
	var names []string
	phone.eval(`[...document.querySelectorAll(".plan-names li")].map((x) => x.innerText.trim())`, &names)
	if len(names) != 2 || !strings.Contains(names[0], "Nora Field") {
		t.Errorf("under version 1 stand %q", names)
	}
	phone.open(me + "/today")
	phone.shows("/plan")
	for _, w := range []*tab{b, phone, desk} {
		w.mu.Lock()
		for _, c := range w.what {
			t.Error(c)
		}
		w.mu.Unlock()
	}
	t.Logf("%d questions on the second device", n)
}

// shows fails unless the page holds some text.
func (b *tab) shows(text string) {
	b.t.Helper()
	var html string
	b.eval(`document.body.innerHTML`, &html)
	if !strings.Contains(html, text) {
		b.t.Fatalf("%s does not show %q", b.at, text)
	}
}
