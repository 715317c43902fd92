package booking

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/record"
	"rapport/web/webtest"
)

func follow(v *webtest.Visitor, p *webtest.Page) *webtest.Page {
	p.T.Helper()
	p.Is(303)
	to, _, _ := strings.Cut(p.Header.Get("Location"), "#")
	return v.Get(to)
}

const seat = "physician.2026-11-26.630"

func TestFromVisitsToATicket(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/visits"
	p := ada.Get(me).Is(200).
		Has("h1", "Visits").
		Has(".ticket", "Thu", "26", "Blood-pressure review", "Dr Lena Ortiz").
		Has("section[aria-labelledby=need] .rows a", "Blood-pressure review", "20 minutes", "covered")
	p = ada.Get(p.Attr("section[aria-labelledby=need] .rows a", "href")).Is(200).
		Has("h1", "Pick your time").
		Has("#d0 h2", "Tuesday 24 November").
		Has(".aisle", "Lunch").
		Has(`button[value="`+seat+`"]`, "10:30", "Dr Lena Ortiz", "in person or by video").
		Has(".quick li:nth-child(1)", "Soonest").Has(".quick li:nth-child(2)", "After work").
		HasNot("[style]", ".hold", `button[value^="hidden"]`).SaysNot("Bob", "Evening clinic, Evening clinic")
	p = follow(ada, ada.Post(me+"/hold", p.Form("form#book", "pick", seat))).Is(200).
		Has("h2", "Held for you 5:00").Has(".hold .ticket", "Thu", "26", "10:30 to 10:50", "Dr Lena Ortiz, GP", "Blood-pressure review").
		Has("#mine", "10:30").Has(".hold-how", "Room 1", "Video").
		Has(".hold-facts", "Covered, nothing to pay", "Until Thu 26, 08:30", "Bring a week of readings.").
		Has("[data-focus]")
	form := p.Form("form#book", "way", "video", "note", "About the new tablets.")
	done := ada.Post(me+"/confirm", form).Is(303)
	p = follow(ada, done).Has("h1", "You are booked").Has(".bigticket", "10:30 to 10:50", "Video with Dr Lena Ortiz", "Blood-pressure review").
		Has(".code").Has(".qr").Has("#before", "Before Thursday").Says("Bring a week of readings.", "About the new tablets.", "see when you come, what for, and your note")
	if code := strings.ReplaceAll(p.Text(".code"), " ", ""); len(code) != 6 {
		t.Errorf("the code is %q", code)
	}
	// pressed twice, it is one visit
	if again := ada.Post(me+"/confirm", form).Is(303); again.Header.Get("Location") != done.Header.Get("Location") {
		t.Errorf("confirmed twice: %s and %s", done.Header.Get("Location"), again.Header.Get("Location"))
	}
	ada.Get(me).Has("section[aria-labelledby=coming] article:nth-of-type(2)")
	if n := ada.Get(me).Count("section[aria-labelledby=coming] article"); n != 2 {
		t.Errorf("%d visits are coming, want the old one and the new", n)
	}
	if l := h.Looks(h.Ada, 20); l[0].Purpose != "booking" || l[0].Parts != record.Visits {
		t.Errorf("the newest look is %+v", l[0])
	}
	ada.Get(me + "/map?service=review").HasNot(`button[value="` + seat + `"]`)
	h.As("bob").Get(done.Header.Get("Location")).Is(404)
}

func TestMoveKeepsTheOldTimeUntilTheNewOneIsConfirmed(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/visits"
	ref := book(t, h, ada, me, seat)
	p := ada.Get(me+"/"+ref).Has(`a[href*="move="]`, "Move the visit")
	p = ada.Get(p.Attr(`a[href*="move="]`, "href")).Is(200).Has("h1", "Pick a new time").Has(".book-moving", "Thursday 26 November, 10:30").HasNot("a.reason-pick")
	p = follow(ada, ada.Post(me+"/hold", p.Form("form#book", "pick", "nurse.2026-11-27.600"))).Has("button[formaction$='/confirm']", "Move to this time")
	h.As("bob").Get("/me/"+string(h.Bob)+"/visits/map?service=review").HasNot(`button[value="`+seat+`"]`, `button[value="nurse.2026-11-27.600"]`)
	follow(ada, ada.Post(me+"/confirm", p.Form("form#book"))).Has("h1", "You are booked").Has(".bigticket", "Fri", "27", "10:00 to 10:20", "Priya Raman")
	h.As("bob").Get("/me/" + string(h.Bob) + "/visits/map?service=review").Has(`button[value="` + seat + `"]`)
	if got := ada.Get(me + "/" + ref).Is(200).Text(".bigticket .day"); got != "27" {
		t.Errorf("the visit is on the %s", got)
	}
	// an old page of the booking does not undo the move
	ada.Get(me+"/"+ref+"/cancel").Has("h1", "Cancel this visit?")
	follow(ada, ada.Post(me+"/"+ref+"/cancel", url.Values{})).Has("h1", "This visit is cancelled").HasNot(".code", "a[href$='/cancel']")
	h.As("bob").Get("/me/" + string(h.Bob) + "/visits/map?service=review").Has(`button[value="nurse.2026-11-27.600"]`)
	ada.Get(me + "/" + ref + "/cancel").Is(303)
	ada.Get(me + "/" + ref + "/visit.ics").Is(303)
}

// book books a time and returns the visit's name in addresses.
func book(t *testing.T, h *webtest.House, v *webtest.Visitor, me, slot string) string {
	t.Helper()
	p := follow(v, v.Post(me+"/hold", url.Values{"service": {"review"}, "pick": {slot}}))
	done := v.Post(me+"/confirm", p.Form("form#book")).Is(303).Header.Get("Location")
	return done[strings.LastIndexByte(done, '/')+1:]
}

func TestAnEndedHoldKeepsEveryChoice(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/visits"
	held := follow(ada, ada.Post(me+"/hold", url.Values{"service": {"review"}, "how": {"video"}, "pick": {seat}}))
	h.Now.Add(4 * time.Minute)
	kept := follow(ada, ada.Post(me+"/keep", held.Form("form#book"))).Has("h2", "5:00")
	h.Now.Add(6 * time.Minute)
	late := ada.Get(me + "/hold?" + kept.Form("form#book").Encode()).Is(200)
	late.Has(".hold-ended", "no longer held, but it is still free").Has(".hold-ended button", "Hold 10:30 again").Has(".near li").Has(`.seg [aria-current]`, "Video")
	if late.Count(".near li") != 3 {
		t.Errorf("%d times are offered", late.Count(".near li"))
	}
	// somebody else takes it, and the old page is confirmed
	bob := h.As("bob")
	book(t, h, bob, "/me/"+string(h.Bob)+"/visits", seat)
	lost := ada.Post(me+"/confirm", kept.Form("form#book", "note", "Keep these words.")).Is(422)
	lost.Has(".hold-ended", "Somebody was a moment faster").Has("textarea", "Keep these words.").Has(".near li button", "Dr Lena Ortiz").Has(`.seg [aria-current]`, "Video").
		HasNot(".hold-ended button[value='"+seat+"']", "input[name=key]")
	// and the next press carries the note on: it is in no address
	next := ada.Post(me+"/hold", lost.Form("form#book", "pick", lost.Attr(".near button", "value"), "note", "Keep these words.")).Is(200)
	next.Has("h2", "Held for you").Has("textarea", "Keep these words.")
	follow(ada, ada.Post(me+"/confirm", next.Form("form#book", "note", "Keep these words."))).Says("Keep these words.")
}

func TestAnEndedHoldThatIsStillFreeIsStillTheirs(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/visits"
	held := follow(ada, ada.Post(me+"/hold", url.Values{"service": {"review"}, "pick": {seat}}))
	h.Now.Add(10 * time.Minute)
	follow(ada, ada.Post(me+"/confirm", held.Form("form#book"))).Has("h1", "You are booked")
}

func TestTwoPeopleOneSeat(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	follow(h.As("ada"), h.As("ada").Post("/me/"+string(h.Ada)+"/visits/hold", url.Values{"service": {"review"}, "pick": {seat}})).Has(".hold")
	bob := h.As("bob")
	bob.Post("/me/"+string(h.Bob)+"/visits/hold", url.Values{"service": {"review"}, "how": {"video"}, "pick": {seat}}).Is(422).
		Has(".hold-ended", "Somebody was a moment faster").Has(".near li").Has(`.seg [aria-current]`, "Video")
	h.As("ada").Post("/me/"+string(h.Ada)+"/visits/drop", url.Values{"service": {"review"}}).Is(303)
	bob.Post("/me/"+string(h.Bob)+"/visits/hold", url.Values{"service": {"review"}, "pick": {seat}}).Is(303)
}

func TestAfterTheCutOffAVisitIsChangedByPhone(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/visits"
	ref := book(t, h, ada, me, "nurse.2026-11-24.690")
	h.Now.Add(45 * time.Minute)
	ada = h.As("ada") // their session has ended meanwhile
	ada.Get(me+"/"+ref).Is(200).Says("only by phone now", "020 7946 0123").HasNot(`a[href*="move="]`, "a[href$='/cancel']")
	ada.Post(me+"/"+ref+"/cancel", url.Values{}).Is(422).Says("It is too late to change this visit here.")
}

func TestWhoWasSeenLastIsAGoodFit(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	me := "/me/" + string(h.Ada) + "/visits"
	book(t, h, h.As("ada"), me, "physician.2026-11-24.600")
	h.Now.Add(55 * time.Minute)
	h.As("ada").Get(me).Has("section[aria-labelledby=past]", "Blood-pressure review", "Dr Lena Ortiz").Has("section[aria-labelledby=need] .rows li:first-child", "Last time")
	h.As("ada").Get(me+"/map?service=review").Has(".quick li:nth-child(2)", "Your GP", "Today 11:00, Lena")
}

func TestWhoHelpsBooksOnlyWhereTheyMay(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	me := "/me/" + string(h.Ada) + "/visits"
	h.As("hana").Get(me).Is(200).Has("h1", "Visits for Ada").HasNot("a[href$='/new']", "section[aria-labelledby=need]", `a[href*="move="]`)
	h.As("hana").Get(me + "/map?service=review").Is(303)
	h.As("hana").Post(me+"/hold", url.Values{"service": {"review"}, "pick": {seat}}).Is(303)
	may := h.Helper("Grace Nwosu", h.Ada, record.Visits, record.Visits)
	may.Get(me).Is(200).Has("section[aria-labelledby=need]")
	ref := book(t, h, may, me, seat)
	may.Get(me+"/"+ref).Has("h1", "You are booked").HasNot("a[href$='/looks']")
	h.As("ada").Get(me+"/"+ref).Has("h1", "You are booked")
}

func TestTheOpenDoorShowsNoFamilyNames(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	who := h.As("nobody")
	who.Get("/visits").Is(200).Has("h1", "Book a visit").Has(".rows", "Blood-pressure review", "Vaccine", "£25").SaysNot("surgery")
	p := who.Get("/visits/map?service=review").Is(200).Has(`button[value="`+seat+`"]`, "10:30", "Lena").SaysNot("Ortiz", "Raman")
	p = follow(who, who.Post("/visits/hold", p.Form("form#book", "pick", seat))).Has("h2", "Held for you").Has(".hold a[href='/in?to=/visits/hold']").
		Has("input[name=mail][form=guest]").Has("form#guest[action='/visits/guest']").HasNot("textarea", "[formaction$='/confirm']").SaysNot("Ortiz")
	h.As("ada").Get("/me/" + string(h.Ada) + "/visits/map?service=review").HasNot(`button[value="` + seat + `"]`)
	follow(who, who.Post("/visits/drop", p.Form("form#book"))).HasNot(".hold")
	who.Get("/visits/map?service=hidden").Is(303)
	who.Get("/visits/map?service=none").Is(303)
	h.As("ada").Get("/visits/map?service=review").Is(303)
}

func TestWhatIsHeldBeforeSigningInStaysHeld(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	who := h.As("nobody")
	who.Post("/visits/hold", url.Values{"service": {"review"}, "pick": {seat}}).Is(303)
	ada := h.As("ada").Holding(who)
	p := ada.Get("/visits/hold").Is(200).Has(".hold button[name=mine]", "Go on as Ada Nwosu")
	p = follow(ada, ada.Post(p.Attr("button[name=mine]", "formaction"), p.Form("form#book", "mine", "yes"))).Has("h2", "Held for you").Has(".hold .ticket", "10:30")
	follow(ada, ada.Post("/me/"+string(h.Ada)+"/visits/confirm", p.Form("form#book"))).Has("h1", "You are booked")
	who.Get("/visits/hold").Is(303)
}

func TestTheQuestionsLeadToAService(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/visits/new"
	ada.Get(me+"?ask=who").Has("h1", "Whom do you want to see?").Has("input[name=who][value=Nurse]").Has("input[name=who][value=any]").HasNot("[style]")
	ada.Get(me+"?ask=about&who=GP").Has("h1", "What is it about?").Has("input[name=about][value=review]").HasNot("input[name=about][value=jab]", "input[value=hidden]")
	ada.Get(me + "?ask=how&who=GP&about=review").Has("input[name=how][value=video]")
	if to := ada.Get(me + "?ask=how&who=GP&about=review&go=1&how=video").Is(303).Header.Get("Location"); !strings.Contains(to, "/map?how=video&service=review") {
		t.Error(to)
	}
	if to := ada.Get(me + "?ask=how&who=Nurse&about=jab").Is(303).Header.Get("Location"); !strings.Contains(to, "/map?service=jab") {
		t.Errorf("one way to meet is asked for: %s", to)
	}
	ada.Get(me+"?ask=how&about=any").Is(200).Says("Call us", "020 7946 0123").Has(".rows a")
}

func TestWhatIsOpenAnswersWhenItChanges(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	at := "/visits/open?service=review&from=2026-11-24&to=2026-11-30"
	p := h.As("nobody").Get(at).Is(200)
	if !strings.Contains(p.Body, `"physician.2026-11-26":{"1020":3`) {
		t.Fatal(p.Body)
	}
	state := p.Body[len(`{"state":`):strings.IndexByte(p.Body, ',')]
	answer := make(chan string)
	go func() { answer <- h.As("nobody").Get(at + "&state=" + state).Body }()
	ada := h.As("ada")
	ada.Post("/me/"+string(h.Ada)+"/visits/hold", url.Values{"service": {"review"}, "pick": {"physician.2026-11-26.1020"}}).Is(303)
	if got := <-answer; strings.Contains(got, `"physician.2026-11-26":{"1020":3`) || !strings.Contains(got, `"1050":3`) {
		t.Errorf("a seat that is held is still open: %s", got)
	}
	for _, bad := range []string{"/visits/open", "/visits/open?from=2026-11-24&to=2027-11-24", "/visits/open?from=x&to=2026-11-24", "/visits/open?from=2026-11-25&to=2026-11-24"} {
		h.As("nobody").Get(bad).Is(400)
	}
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	me := "/me/" + string(h.Ada) + "/visits"
	for lang, want := range map[string][]string{"en": {"Pick your time", "Held for you", "You are booked"}, "es": {"Elija su hora", "Guardada para usted", "Cita reservada"}, "fr": {"Choisissez l’heure", "Gardée pour vous", "C’est réservé"}} {
		ada := h.As("ada")
		ada.Language = lang
		ada.Get(me).Is(200)
		ada.Get(me + "/new").Is(200)
		p := ada.Get(me+"/map?service=review").Is(200).Has("h1", want[0])
		p = follow(ada, ada.Post(me+"/hold", p.Form("form#book", "pick", seat))).Has("h2", want[1])
		p = follow(ada, ada.Post(me+"/confirm", p.Form("form#book"))).Has("h1", want[2])
		ref := p.Attr("a[href$='/visit.ics']", "href")
		ada.Post(strings.TrimSuffix(ref, "/visit.ics")+"/cancel", url.Values{}).Is(303)
	}
}

func TestTheTicketAsFiles(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/visits"
	ref := book(t, h, ada, me, seat)
	p := ada.Get(me + "/" + ref + "/visit.ics").Is(200)
	h.Gave(h.Ada, p, "text/calendar", "booking", record.Visits, 1)
	for _, want := range []string{"BEGIN:VEVENT\r\n", "DTSTART;TZID=Europe/London:20261126T103000\r\n", "DTEND;TZID=Europe/London:20261126T105000\r\n", "SUMMARY:Visit\\, Rowan Street Practice\r\n", "LOCATION:Room 1\r\n", "END:VCALENDAR\r\n"} {
		if !strings.Contains(p.Body, want) {
			t.Errorf("the calendar file lacks %q:\n%s", want, p.Body)
		}
	}
	p.SaysNot("Blood", "Ortiz", "Ada")
	p = ada.Get(me+"/"+ref+"/ticket.html").Is(200).Has("h2", "Thursday 26 November, 10:30 to 10:50").Has("svg path").HasNot("[style]", "style", "script", "link", "img").SaysNot("Ada", "Nwosu")
	h.Gave(h.Ada, p, "text/html", "booking", record.Visits, 1)
	if !strings.Contains(p.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(p.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the ticket is shown instead of kept: %v", p.Header)
	}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	for _, s := range []string{seat, "a.b.2026-03-29.0", "x.2028-02-29.1439"} {
		if got := parseSlot(s).String(); got != s {
			t.Errorf("%s becomes %s", s, got)
		}
	}
	for _, s := range []string{"", ".", "x", "x.2026-11-26", "x.2026-11-26.", "x.2026-11-26.1440", "x.2026-11-26.-1", ".2026-11-26.5", "x.2026-02-30.5"} {
		if got := parseSlot(s); got != (slot{}) {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func FuzzSlot(f *testing.F) {
	f.Add(seat)
	f.Fuzz(func(t *testing.T, s string) {
		if x := parseSlot(s); x != (slot{}) && parseSlot(x.String()) != x {
			t.Errorf("%q is %v and then another", s, x)
		}
	})
}

// TestTooManyWindowsAreToldToComeBack stands alone: it uses the count all share.
func TestTooManyWindowsAreToldToComeBack(t *testing.T) {
	h := webtest.New(t, Routes()...)
	at := "/visits/open?service=review&from=2026-11-24&to=2026-11-26"
	h.As("nobody").Get(at).Is(200)
	waiting.Add(waitMost)
	defer waiting.Add(-waitMost)
	h.As("nobody").Get(at).Is(503)
}
