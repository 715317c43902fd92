package main

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/web/webtest"
)

// lettersOf are the paths of the letters of one kind that wait, to one address.
func lettersOf(h *webtest.House, kind, to string) []string {
	h.T.Helper()
	var out []string
	for _, l := range h.Mailed() {
		if l.Kind == kind && l.To == to {
			out = append(out, l.Path)
		}
	}
	return out
}

// chooses holds a time at the open door.
func chooses(t testing.TB, v *webtest.Visitor, pick string) {
	t.Helper()
	v.Post("/visits/hold", url.Values{"service": {"review"}, "pick": {pick}}).Is(303)
}

// books holds a time and confirms it, and returns the address of the ticket.
func books(t testing.TB, v *webtest.Visitor, me, pick string) string {
	t.Helper()
	v.Post(me+"/hold", url.Values{"service": {"review"}, "pick": {pick}}).Is(303)
	return v.Post(me+"/confirm", v.Get(me+"/hold").Form("form#book")).Is(303).Header.Get("Location")
}

// TestAGuestBooksWithANameAndAMail goes the whole way of somebody the practice does not
// know: choose, hold, say who they are, show that they read the address, and have it.
func TestAGuestBooksWithANameAndAMail(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	who := h.As("nobody")
	chooses(t, who, "physician.2026-11-26.630")
	who.Post("/visits/guest", url.Values{"name": {"Nia Okoro"}, "mail": {"not an address"}}).Is(422).Has("form[action='/visits/guest']").Has("#mail-problem")
	who.Post("/visits/guest", url.Values{"name": {"Nia Okoro"}, "mail": {"nia@mail.example"}}).Is(200).Has("input[name=code]").Says("Thursday 26 November at 10:30, is held until").Has("a[href='/visits/hold']")
	links := lettersOf(h, account.LetterJoin, "nia@mail.example")
	if len(links) != 1 {
		t.Fatalf("letters: %v", links)
	}
	p := who.Post(links[0], url.Values{}).Is(303)
	if to := p.Header.Get("Location"); to != "/visits/mine?did=booked" {
		t.Fatalf("on to %s", to)
	}
	nia := h.Came(p)
	nia.Get("/visits/mine").Is(200).Has(".ticket", "10:30 to 10:50", "Blood-pressure review", "Ortiz").Has(".code").Has("a[href='/account/start']")
	if n := strings.Join(lettersOf(h, account.LetterBooked, "nia@mail.example"), " "); !strings.HasPrefix(n, "/v/") {
		t.Errorf("letters: %s", n)
	}
	nia.Get("/visits/mine?did=booked").Has(".flash", "You are booked")
	desk := h.As("frontdesk")
	at := desk.Get("/day?date=2026-11-26").Is(200).Has(".is-visit", "Nia Okoro", "not taken on yet").Attr(".is-visit .dcard-a", "href")
	desk.Get(at).Is(200).Says("Nia Okoro")
	h.As("nobody").Get("/visits/mine").Is(303)
	id := regexp.MustCompile(`/visits/mine/([0-9a-f]{32})/cancel`).FindStringSubmatch(nia.Get("/visits/mine").Body)
	if id == nil {
		t.Fatal("nothing to cancel")
	}
	ics := nia.Get("/visits/mine/" + id[1] + "/visit.ics").Is(200).Body
	if !strings.Contains(ics, "BEGIN:VEVENT") || strings.Contains(ics, "Blood") || strings.Contains(ics, "Ortiz") {
		t.Errorf("the calendar file says %s", ics)
	}
	h.Newcomer("Else", "else@mail.example").Get("/visits/mine/" + id[1] + "/visit.ics").Is(303)
	h.Newcomer("Other", "other@mail.example").Post("/visits/mine/"+id[1]+"/cancel", url.Values{}).Is(303)
	nia.Get("/visits/mine").Has(".ticket")
	nia.Post("/visits/mine/"+id[1]+"/cancel", url.Values{}).Is(303)
	nia.Get("/visits/mine").Is(200).HasNot(".ticket").Has(".empty")
}

// TestAGuestsCodeIsKnownAtTheDesk finds the visit by its code on its day, and not before.
func TestAGuestsCodeIsKnownAtTheDesk(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	who := h.As("nobody")
	chooses(t, who, "physician.2026-11-26.630")
	who.Get("/visits/guest").Is(303)
	who.Post("/visits/guest", url.Values{"name": {"Nia Okoro"}, "mail": {"nia@mail.example"}}).Is(200)
	nia := h.Came(who.Post(lettersOf(h, account.LetterJoin, "nia@mail.example")[0], url.Values{}).Is(303))
	code := url.Values{"code": {strings.TrimSpace(nia.Get("/visits/mine").Text(".code"))}}
	if to := h.As("frontdesk").Post("/day/code", code).Is(303).Header.Get("Location"); to != "/day?code=none" {
		t.Errorf("two days before, the code leads to %s", to)
	}
	h.Now.Add(46 * time.Hour)
	to := h.As("frontdesk").Post("/day/code", code).Is(303).Header.Get("Location")
	if !strings.HasPrefix(to, "/waiting/") {
		t.Fatalf("%v leads to %s", code, to)
	}
	h.As("frontdesk").Get(to).Is(200).Says("Nia Okoro")
}

// TestAGuestWhoseTimeHasGone is told so, and nothing is booked in its stead.
func TestAGuestWhoseTimeHasGone(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	who := h.As("nobody")
	chooses(t, who, "physician.2026-11-26.630")
	who.Post("/visits/guest", url.Values{"name": {"Nia Okoro"}, "mail": {"nia@mail.example"}}).Is(200)
	link := lettersOf(h, account.LetterJoin, "nia@mail.example")[0]
	h.Now.Add(6 * time.Minute)
	chooses(t, h.As("nobody"), "physician.2026-11-26.630")
	p := who.Post(link, url.Values{}).Is(303)
	if to := p.Header.Get("Location"); to != "/visits/mine?why=visits.not_held" {
		t.Fatalf("on to %s", to)
	}
	h.Came(p).Get(p.Header.Get("Location")).Is(200).Has(".flash", "No time is held").HasNot(".ticket")
}

// TestAClientWhoBooksAtTheOpenDoor is known by their address, and the visit is theirs.
func TestAClientWhoBooksAtTheOpenDoor(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	h.Reads("ada", "ada@mail.example")
	h.Mailed()
	who := h.As("nobody")
	chooses(t, who, "physician.2026-11-26.630")
	who.Post("/visits/guest", url.Values{"name": {"Ada"}, "mail": {"ada@mail.example"}}).Is(200)
	links := lettersOf(h, account.LetterSignIn, "ada@mail.example")
	if len(links) != 1 {
		t.Fatalf("letters: %v", links)
	}
	p := who.Post(links[0], url.Values{}).Is(303)
	if to := p.Header.Get("Location"); to != "/me/"+string(h.Ada)+"/visits" {
		t.Fatalf("on to %s", to)
	}
	h.As("ada").Get("/me/"+string(h.Ada)+"/visits").Is(200).Has(".ticket", "10:30 to 10:50")
	// without saying that they want to book it, nobody who signs in does
	other := h.As("nobody")
	chooses(t, other, "physician.2026-11-26.660")
	other.Post("/in", url.Values{"mail": {"ada@mail.example"}}).Is(200)
	other.Post(lettersOf(h, account.LetterSignIn, "ada@mail.example")[0], url.Values{}).Is(303)
	h.As("ada").Get("/me/" + string(h.Ada) + "/visits").Is(200).SaysNot("11:00 to 11:20")
}

// TestASlipAnswersForOneVisit: what comes by mail says when, and confirms, moves or
// cancels with one press, signed in or not.
func TestASlipAnswersForOneVisit(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	h.Reads("ada", "ada@mail.example")
	h.Mailed()
	ada := h.As("ada")
	me := "/me/" + string(h.Ada) + "/visits"
	books(t, ada, me, "physician.2026-11-26.630")
	slip := lettersOf(h, account.LetterBooked, "ada@mail.example")
	if len(slip) != 1 {
		t.Fatalf("letters: %v", slip)
	}
	anyone := h.As("nobody")
	anyone.Get(slip[0]).Is(200).Has(".ticket", "10:30 to 10:50", "26 November").SaysNot("pressure", "Ortiz", "Ada", "Lena").Has("form[action='" + slip[0] + "/confirm']")
	anyone.Post(slip[0]+"/confirm", url.Values{}).Is(303)
	anyone.Get(slip[0]).Says("You said that you will come")
	to := "2026-12-01T10:30:00Z inperson"
	anyone.Get(slip[0] + "/move?from=2026-12-01").Is(200).Has("legend").Has("button[name=to][value='" + to + "']")
	anyone.Post(slip[0]+"/move", url.Values{"to": {to}}).Is(303)
	anyone.Get(slip[0]).Is(200).SaysNot("26 November", "You said that you will come")
	anyone.Post(slip[0]+"/move", url.Values{"to": {"nobody never"}}).Is(422)
	anyone.Post(slip[0]+"/take", url.Values{}).Is(422)
	if n := len(lettersOf(h, account.LetterMoved, "ada@mail.example")); n != 1 {
		t.Errorf("%d letters that it moved", n)
	}
	anyone.Post(slip[0]+"/cancel", url.Values{}).Is(303)
	anyone.Get(slip[0]).Is(200).Has("h1", "cancelled").HasNot("form[action$='/confirm']")
	anyone.Get("/in/" + strings.TrimPrefix(slip[0], "/v/")).Is(410)
	looks := h.Looks(h.Ada, 20)
	var acts []string
	for _, l := range looks {
		acts = append(acts, l.Act)
	}
	for _, act := range []string{"book", "confirm", "move", "cancel"} {
		if !strings.Contains(" "+strings.Join(acts, " ")+" ", " "+act+" ") {
			t.Errorf("no look says %q: %v", act, acts)
		}
	}
	h.Now.Add(5 * 24 * time.Hour)
	anyone.Get(slip[0]).Is(410)
}

// TestAnEarlierTimeIsTakenFromTheMail: what was wished for, offered and taken.
func TestAnEarlierTimeIsTakenFromTheMail(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	h.Reads("ada", "ada@mail.example")
	h.Mailed()
	ada, bob := h.As("ada"), h.As("bob")
	at := books(t, ada, "/me/"+string(h.Ada)+"/visits", "physician.2026-12-03.630")
	early := books(t, bob, "/me/"+string(h.Bob)+"/visits", "physician.2026-11-26.630")
	ada.Get(at + "/earlier").Is(200).Has("input[name=who][value=same]")
	ada.Post(at+"/earlier", url.Values{"who": {"same"}, "when": {"morning"}, "day": {"4"}}).Is(303)
	ada.Get(at + "/earlier").Has("input[name=day][value='4'][checked]").Has("input[name=when][value=morning][checked]").HasNot(".ticket")
	bob.Post(early+"/cancel", url.Values{}).Is(303)
	if n, err := h.Vault.Offer(t.Context(), account.AsSystem(account.Visiting)); n != 1 || err != nil {
		t.Fatalf("%d are asked, %v", n, err)
	}
	slip := lettersOf(h, account.LetterEarlier, "ada@mail.example")
	if len(slip) != 1 {
		t.Fatalf("letters: %v", slip)
	}
	ada.Get(at+"/earlier").Has(".ticket", "10:30 to 10:50")
	h.As("nobody").Get(slip[0]).Is(200).Has("form[action$='/take']").Says("It is kept for you until")
	h.As("nobody").Post(slip[0]+"/take", url.Values{}).Is(303)
	h.As("nobody").Get(slip[0]).Is(200).Has(".ticket", "26 November")
	h.As("nobody").Post(slip[0]+"/take", url.Values{}).Is(422).Has(".flash")
	ada.Get(at + "/earlier").Is(200).HasNot("form[action$='/stop']")
}

// TestAnOrderBecomesAVisit: staff ask, the client finds it among their visits, books it
// from the map, and asks to come sooner with the same press.
func TestAnOrderBecomesAVisit(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	at := "/clients/" + string(h.Ada) + "/order"
	lena := h.As("physician")
	lena.Post(at, url.Values{"key": {"k"}, "service": {"review"}, "who": {"physician"}, "weeks": {"1"}, "note": {"Bring your readings"}}).Is(303)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/visits"
	p := ada.Get(me).Is(200).Has("section[aria-labelledby=orders]", "Blood-pressure review", "From 1 December on", "Bring your readings")
	plan := ada.Get(p.Attr("section[aria-labelledby=orders] a.btn", "href")).Is(200).SaysNot("1 January 1")
	v := plan.Form("form#book")
	v.Set("pick", "physician.2026-12-01.630")
	ada.Post(me+"/hold", v).Is(303)
	held := ada.Get(me + "/hold?service=review&move=" + url.QueryEscape(v.Get("move"))).Is(200)
	ticket := ada.Post(me+"/confirm", held.Form("form#book")).Is(303).Header.Get("Location")
	ada.Get(ticket).Is(200).Has(".bigticket", "10:30 to 10:50")
	ada.Get(me).HasNot("section[aria-labelledby=orders]")
	// a visit of their own, with a wish to come sooner
	ada.Post(me+"/hold", url.Values{"service": {"review"}, "pick": {"physician.2026-12-08.630"}}).Is(303)
	again := ada.Get(me + "/hold").Form("form#book")
	again.Set("earlier", "yes")
	sooner := ada.Post(me+"/confirm", again).Is(303).Header.Get("Location")
	ada.Get(sooner + "/earlier").Is(200).Has("button[formaction$='/stop']")
	ada.Get(ticket + "/earlier").Is(200).HasNot("button[formaction$='/stop']")
}

// TestAGuestSeesFiveScreens counts them, from the practice's open door to a ticket and
// without a script: what for, when (and who they are), the mail, its link, the ticket.
func TestAGuestSeesFiveScreens(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	who := h.As("nobody")
	var screens []string
	sees := func(p *webtest.Page) *webtest.Page {
		t.Helper()
		if title := strings.TrimSpace(p.Is(200).Text("h1")); len(screens) == 0 || screens[len(screens)-1] != title {
			screens = append(screens, title)
		}
		return p
	}
	sees(who.Get("/visits")).Has("a[href*='service=review']")
	plan := sees(who.Get("/visits/map?service=review"))
	v := plan.Form("form#book")
	v.Set("pick", "physician.2026-11-26.630")
	who.Post("/visits/hold", v).Is(303)
	sees(who.Get("/visits/hold?service=review")).Has("input[name=mail]").Has("input[name=name]")
	sees(who.Post("/visits/guest", url.Values{"name": {"Nia Okoro"}, "mail": {"nia@mail.example"}}))
	link := lettersOf(h, account.LetterJoin, "nia@mail.example")[0]
	sees(who.Get(link))
	nia := h.Came(who.Post(link, url.Values{}).Is(303))
	sees(nia.Get("/visits/mine")).Has(".ticket", "10:30 to 10:50")
	if len(screens) > 5 {
		t.Errorf("%d screens: %q", len(screens), screens)
	}
}
