package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"rapport/account"
)

// TestTheDoorstepIsForEverybody looks at every page somebody sees before they are
// in, as TestWalk does at those after.
func TestTheDoorstepIsForEverybody(t *testing.T) {
	if testing.Short() {
		t.Skip("looks at pages in a browser; -short leaves it out")
	}
	s := openStreet(t)
	b := browse(t, s)
	path, _ := s.invite(t, myMail)
	once := must(s.h.doors.Invite(t.Context(), account.Subject{Kind: account.Client, ID: string(s.made.charts[s.made.world.Clients[2].ID])}, account.Once))
	source, pictures := axe(t), os.Getenv("RAPPORT_SHOTS")
	for name, at := range map[string]string{"in": "/in", "join": "/join", "back": "/in/back", "stop": "/in/stop/x", "spent": "/in/none", "invited": path, "link": "/in/" + once, "help": "/help/none"} {
		b.open(s.url + at)
		b.look(source, pictures, "door-"+name)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.what {
		if !strings.Contains(c, "410") { // the browser notes that a link is spent
			t.Error(c)
		}
	}
}

// TestKnownAndUnknownAddressesGetOneAnswer asks for links through the page, for
// addresses that have an account and that have none.
func TestKnownAndUnknownAddressesGetOneAnswer(t *testing.T) {
	t.Parallel()
	h := newHome15(t, 1)
	link := must(h.doors.Invite(t.Context(), clientOf(h.cousin), account.Demo))
	in := must(h.doors.Enter(t.Context(), link, account.Ask{}))
	if err := h.doors.AddMail(t.Context(), in.Token, "known@mail.example", account.Origin{}); err != nil {
		t.Fatal(err)
	}
	for _, p := range must(h.v.Due(t.Context(), 9)) {
		if p.Letter.Kind == account.LetterVerify {
			must(h.doors.Enter(t.Context(), p.Letter.Path[len("/in/"):], account.Ask{Old: in.Token}))
		}
	}
	ask := func(n int, mail string) string {
		r := httptest.NewRequest(http.MethodPost, "https://practice.example/in", strings.NewReader(url.Values{"mail": {mail}, "to": {"/"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.RemoteAddr = fmt.Sprintf("10.%d.%d.7:1", n/200, n%200)
		w := httptest.NewRecorder()
		h.web.ServeHTTP(w, r)
		cookie := w.Result().Cookies()
		if len(cookie) != 1 || len(cookie[0].Value) != 43 {
			t.Fatalf("%d cookies", len(cookie))
		}
		w.Header().Del("Set-Cookie")
		var b strings.Builder
		if err := w.Header().Write(&b); err != nil {
			t.Fatal(err)
		}
		return http.StatusText(w.Code) + b.String() + w.Body.String()
	}
	want, tries := ask(0, "unknown@mail.example"), 300
	if !strings.Contains(want, "Look in your mail") {
		t.Fatalf("asking answers %.300s", want)
	}
	for i := range tries {
		h.now.Add(1e9) // nobody asks as often as that; how often one may is tested elsewhere
		for _, mail := range []string{"known@mail.example", "KNOWN@mail.example", "unknown@mail.example", "nobody@elsewhere.example"} {
			if got := ask(i, mail); got != want {
				t.Fatalf("try %d: %s answers otherwise: %s", i, mail, firstDifference(got, want))
			}
		}
	}
}

// TestADraftOutlivesItsSession writes something, lets the session's time run out,
// and finds it as it was.
func TestADraftOutlivesItsSession(t *testing.T) {
	s := openStreet(t)
	b := browse(t, s)
	if _, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "window.later = 0; { const now = Date.now.bind(Date); Date.now = () => now() + window.later; }"}); err != nil {
		t.Fatal(err)
	}
	b.view(390, "light")
	b.signIn(s.link(t, "client"))
	b.open(s.url + "/me/" + string(s.made.charts[s.made.world.Clients[0].ID]) + "/helpers/new")
	b.fill("input[name=name]", "Grace")
	until := func(what, expr string) {
		t.Helper()
		var is bool
		for range 60 {
			b.eval(`new Promise((ok) => setTimeout(() => ok(`+expr+`), 200))`, &is)
			if is {
				return
			}
		}
		t.Fatal(what)
	}
	const open, covered = `document.getElementById("idle").open`, `document.body.classList.contains("covered")`
	b.eval(`(window.later = (30 * 60 - 100) * 1000, true)`, new(bool))
	until("nobody is warned", open+` && !`+covered)
	b.picture("idle-warn")
	b.do(chromedp.Click("[data-idle-stay]"))
	until("who is still there is not believed", `!`+open)
	b.eval(`(window.later += 31 * 60 * 1000, true)`, new(bool))
	until("the page is not covered", open+` && `+covered)
	b.picture("idle-over")
	var seen string
	b.eval(`getComputedStyle(document.querySelector("main")).visibility`, &seen)
	if seen != "hidden" {
		t.Errorf("what is covered is %s", seen)
	}
	// the same person by a link, which shows less, and then
	b.eval(`(window.honest = window.fetch, window.asked = 0, window.fetch = async (...a) => {
		const r = await window.honest(...a), is = await r.json();
		window.asked++;
		return new Response(JSON.stringify({ ...is, keyed: false }));
	}, window.dispatchEvent(new Event("focus")), true)`, new(bool))
	until("nobody asks who is there", `window.asked > 0`)
	until("the page opens to who came in by a link", open+` && `+covered)
	b.eval(`(window.fetch = window.honest, true)`, new(bool))
	// they came in again in another window, and come back to this one
	b.eval(`(window.dispatchEvent(new Event("focus")), true)`, new(bool))
	until("the page stays covered", `!`+open+` && !`+covered)
	var draft string
	b.eval(`document.querySelector("input[name=name]").value`, &draft)
	if draft != "Grace" {
		t.Errorf("the draft is %q", draft)
	}
}
