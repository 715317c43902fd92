package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
)

// letterTo takes the newest letter of a kind to an address out of the outbox, and
// returns the path it leads to.
func (s *street) letterTo(t testing.TB, kind, to string) string {
	t.Helper()
	ps, err := s.h.vault.Due(context.Background(), 100)
	if err != nil {
		t.Fatal(err)
	}
	path := ""
	for _, p := range ps {
		if p.Letter.Kind == kind && p.Letter.To == to {
			path = p.Letter.Path
		}
		if err := s.h.vault.Settled(context.Background(), p.ID); err != nil {
			t.Fatal(err)
		}
	}
	if path == "" {
		t.Fatalf("no letter %q to that address", kind)
	}
	return path
}

// staffActor signs a made-up member of staff in, freshly.
func (s *street) staffActor(t testing.TB, role string) account.Actor {
	t.Helper()
	for _, x := range s.made.world.Staff {
		if x.Role == role {
			who, err := s.made.signIn(context.Background(), account.Subject{Kind: account.Staff, ID: x.ID})
			if err != nil {
				t.Fatal(err)
			}
			return who
		}
	}
	t.Fatalf("nobody is %s", role)
	return account.Actor{}
}

// invite has the nurse invite the first client by mail, and returns the path of
// the link, and the birth date it asks for.
func (s *street) invite(t testing.TB, mail string) (path, birth string) {
	t.Helper()
	ctx := context.Background()
	id := s.made.charts[s.made.world.Clients[0].ID]
	c, err := s.h.vault.Open(ctx, s.staffActor(t, "nurse"), record.Vouching, id, record.Person|record.Agreements)
	if err != nil {
		t.Fatal(err)
	}
	card, _ := c.Card()
	if _, err := c.Invite(ctx, mail, record.NotAsked, lang.English); err != nil {
		t.Fatal(err)
	}
	return s.letterTo(t, account.LetterInvite, mail), card.Birth
}

// authenticator adds a device that keeps passkeys.
func (b *tab) authenticator(transport webauthn.AuthenticatorTransport) webauthn.AuthenticatorID {
	b.t.Helper()
	a, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: transport, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	if err != nil {
		b.t.Fatal(err)
	}
	return a.AuthenticatorID
}

// lose takes a device away.
func (b *tab) lose(id webauthn.AuthenticatorID) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: id}); err != nil {
		b.t.Fatal(err)
	}
}

// press presses something and waits until the page is at a path.
func (b *tab) press(sel, path string) {
	b.t.Helper()
	b.do(chromedp.Click(sel))
	b.arrive(path)
}

// arrive waits until the page is at a path.
func (b *tab) arrive(path string) {
	b.t.Helper()
	at := ""
	for range 200 {
		// the page goes away under the question, so an error only means: ask again
		got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`new Promise((ok) => setTimeout(() => ok(document.readyState === "complete" ? location.pathname : ""), 25))`, chromedp.EvalAwaitPromise))
		if err == nil && got != "" {
			if at = got; at == path || strings.HasSuffix(path, "*") && strings.HasPrefix(at, strings.TrimSuffix(path, "*")) {
				return
			}
		}
	}
	var body string
	b.eval(`document.body.innerText.slice(0, 400)`, &body)
	b.t.Fatalf("at %s, want %s: %s", at, path, body)
}

// pressFor presses something and waits until something is on the page, for acts
// that end where they began.
func (b *tab) pressFor(sel, want string) {
	b.t.Helper()
	b.do(chromedp.Click(sel))
	for range 200 {
		there, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`new Promise((ok) => setTimeout(() => ok(document.readyState === "complete" && !!document.querySelector("`+want+`")), 25))`, chromedp.EvalAwaitPromise))
		if err == nil && there {
			return
		}
	}
	b.t.Fatalf("%s: after %s there is no %s", b.at, sel, want)
}

// fill types into a field.
func (b *tab) fill(sel, text string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(sel, text))
}

// picture keeps a picture of the page if pictures are wanted.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("RAPPORT_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

const myMail = "amara@post.example"

// TestAWayInIsMadeLostAndFoundAgain goes the whole way in a real browser: the
// practice invites, a passkey is made and a second one, both devices are lost, and
// the account is recovered with two proofs and a day's patience.
func TestAWayInIsMadeLostAndFoundAgain(t *testing.T) {
	s := openStreet(t)
	b := browse(t, s)
	if _, err := chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	b.view(390, "light")
	me := string(s.made.charts[s.made.world.Clients[0].ID])
	phone := b.authenticator(webauthn.AuthenticatorTransportInternal)

	// the invitation, and the first passkey
	path, birth := s.invite(t, myMail)
	b.open(s.url + path)
	b.picture("door-invite")
	y, m, d := birth[:4], birth[5:7], birth[8:]
	b.fill("#day", d)
	b.fill("#month", m)
	b.fill("#year", y)
	b.press("main form .btn-primary", "/account/start")
	b.picture("door-start")
	b.press("[data-passkey-go]", "/account/codes")
	b.pressFor("main form .btn-primary", ".spares li")
	var codes []string
	b.eval(`[...document.querySelectorAll(".spares li")].map((x) => x.textContent)`, &codes)
	if len(codes) != 10 || len(codes[0]) != 19 {
		t.Fatalf("recovery codes: %q", codes)
	}
	b.picture("door-codes")
	b.press("main a.btn-primary", "/me/"+me+"/today")

	// a second passkey, on another device; the first device would not make one twice
	key := b.authenticator(webauthn.AuthenticatorTransportUsb)
	b.open(s.url + "/account/start")
	b.press("[data-passkey-go]", "/account/codes")
	b.open(s.url + "/account")
	b.picture("door-account")
	var ways, devices int
	b.eval(`document.querySelectorAll("form[action='/account/drop']").length`, &ways)
	b.eval(`document.querySelectorAll("#devices").length`, &devices)
	if ways != 2 || devices != 1 {
		t.Errorf("%d ways in on the page, want 2", ways)
	}

	// out, and in again with one of them
	b.do(chromedp.Click(".menu > summary"))
	b.press(`form[action="/out"] button`, "/in")
	b.picture("door-in")
	b.press("[data-passkey-go]", "/me/"+me+"/today")

	// what matters asks once more after a while
	s.now.Add(6 * time.Minute)
	b.open(s.url + "/account/start")
	b.arrive("/in/again")
	b.picture("door-again")
	b.press("[data-passkey-go]", "/account/start")

	// both devices are lost
	b.lose(phone)
	b.lose(key)
	b.getBack(s, me, codes[3])
	b.open(s.url + "/me/" + me + "/today")
	b.arrive("/me/" + me + "/today")
	s.letterTo(t, account.LetterBackDone, myMail)
	s.seen(t, fhir.ClientID(me), "invite", "keyadd", "spares", "recover", "recovered", "signin", "signout")
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.what {
		// the browser notes what was meant: a refusal, and that it was swept out
		if !strings.Contains(c, "401") && !strings.Contains(c, "Clear-Site-Data") {
			t.Error(c)
		}
	}
}

// getBack recovers an account whose devices are lost, with a mail and a printed
// code.
func (b *tab) getBack(s *street, me, code string) {
	b.t.Helper()
	var ways int
	b.do(chromedp.Click(".menu > summary"))
	b.press(`form[action="/out"] button`, "/in")
	b.byMail(s, myMail)
	b.open(s.url + "/me/" + me + "/health")
	b.arrive("/in/again") // a link alone opens no record
	b.open(s.url + "/in/back")
	b.fill("#code", code)
	b.pressFor("main form .btn-primary", ".callout")
	b.picture("door-back-waits")
	var waits string
	b.eval(`document.querySelector(".callout").textContent`, &waits)
	if !strings.Contains(waits, "Now we wait") {
		b.t.Errorf("after two proofs the page says %q", waits)
	}
	s.letterTo(b.t, account.LetterBack, myMail)
	b.open(s.url + "/account/start")
	b.arrive("/in/again") // nothing is given away meanwhile

	// a day later
	s.now.Add(24*time.Hour - time.Minute)
	b.byMail(s, myMail)
	b.open(s.url + "/account/start")
	b.arrive("/in/again")
	s.now.Add(time.Minute)
	s.letterTo(b.t, account.LetterBackOpen, myMail)
	b.authenticator(webauthn.AuthenticatorTransportInternal)
	b.open(s.url + "/in/back")
	b.picture("door-back-open")
	b.press("main a.btn-primary", "/account/start")
	b.press("[data-passkey-go]", "/account/codes")
	b.open(s.url + "/account")
	b.eval(`document.querySelectorAll("form[action='/account/drop']").length`, &ways)
	if ways != 1 {
		b.t.Errorf("after the recovery there are %d ways in, want the new one", ways)
	}
}

// byMail comes in by a mailed link, opened in the browser that asked for it.
func (b *tab) byMail(s *street, mail string) {
	b.t.Helper()
	b.open(s.url + "/in")
	b.fill("#mail", mail)
	b.pressFor(`form[action="/in"] button`, "#code")
	b.open(s.url + s.letterTo(b.t, account.LetterSignIn, mail))
	b.do(chromedp.Click("main form .btn-primary"))
	b.arrive("/me/*")
}

// seen checks that these acts are in a client's chain.
func (s *street) seen(t *testing.T, c fhir.ClientID, acts ...string) {
	t.Helper()
	who, err := s.made.signIn(t.Context(), account.Subject{Kind: account.Client, ID: string(c)})
	if err != nil {
		t.Fatal(err)
	}
	chart, err := s.h.vault.Open(t.Context(), who, record.Own, c, record.Looks)
	if err != nil {
		t.Fatal(err)
	}
	ls, err := chart.Looks(t.Context(), 0, 200)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, l := range ls {
		have[l.Act] = true
	}
	for _, a := range acts {
		if !have[a] {
			t.Errorf("%s is not on the ledger", a)
		}
	}
}

// TestALinkOpenedElsewhereShowsACode asks for a link in one browser and opens it
// in another, as somebody does who reads mail on a phone.
func TestALinkOpenedElsewhereShowsACode(t *testing.T) {
	s := openStreet(t)
	b := browse(t, s)
	path, birth := s.invite(t, myMail)
	in, err := s.h.doors.Enter(t.Context(), strings.TrimPrefix(path, "/in/"), account.Ask{Born: birth})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.h.doors.Leave(t.Context(), in.Token); err != nil {
		t.Fatal(err)
	}
	b.view(390, "light")
	b.open(s.url + "/in")
	b.fill("#mail", strings.ToUpper(myMail))
	b.pressFor(`form[action="/in"] button`, "#code")
	b.picture("door-sent")
	link := s.letterTo(t, account.LetterSignIn, strings.ToUpper(myMail))
	other := browse(t, s)
	other.view(390, "light")
	for range 3 { // and a mail scanner follows it too
		other.open(s.url + link)
	}
	other.picture("door-elsewhere")
	var code string
	other.eval(`document.querySelector(".door-code").textContent`, &code)
	if len(code) != 6 {
		t.Fatalf("the other browser shows %q", code)
	}
	var forms int
	other.eval(`document.querySelectorAll("main form").length`, &forms)
	if forms != 0 {
		t.Error("the other browser may spend the link")
	}
	b.fill("#code", code)
	b.do(chromedp.Click(`form[action="/in/code"] button`))
	b.arrive("/me/*")
	u, err := url.Parse(s.url)
	if err != nil || u.Hostname() != "localhost" {
		t.Errorf("passkeys need a name: %s, %v", s.url, err)
	}
}
