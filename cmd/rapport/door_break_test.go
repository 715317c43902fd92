package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/fhir"
	"rapport/record"
	"rapport/web/webtest"
)

// privately gives Ada a visit that is marked as private, in two weeks.
func privately(h *webtest.House) {
	h.T.Helper()
	c, err := h.Vault.Open(h.T.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.AllParts)
	if err != nil {
		h.T.Fatal(err)
	}
	who, err := c.Find(h.T.Context(), "Patient")
	if err != nil {
		h.T.Fatal(err)
	}
	doc := `{"resourceType":"Appointment","id":"secret","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"status":"booked","serviceType":[{"coding":[{"system":"urn:rapport:service","code":"review"}]}],
		"start":"2026-12-10T10:30:00Z","end":"2026-12-10T10:50:00Z","participant":[{"actor":{"reference":"Patient/` + who[0].ID + `"},"status":"accepted"},{"actor":{"reference":"Practitioner/physician"},"status":"accepted"}]}`
	if _, err := c.Put(h.T.Context(), fhir.Resource{Type: "Appointment", ID: "secret", JSON: []byte(doc)}); err != nil {
		h.T.Fatal(err)
	}
}

// TestAPrivateVisitIsToldToWhoseItIs: who books for somebody hears of their visits, and
// nothing of one that they may not see.
func TestAPrivateVisitIsToldToWhoseItIs(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	h.Reads("ada", "ada@mail.example")
	h.Reads("bob", "bob@mail.example")
	h.Take(h.As("bob"), h.Ask(h.Ada, record.Grant{Name: "Bob", Reads: record.Visits, Acts: record.Visits}))
	h.Mailed()
	privately(h)
	h.Now.Add(15*24*time.Hour + 2*time.Hour)
	if _, err := h.Vault.Remind(t.Context(), account.AsSystem(account.Visiting)); err != nil {
		t.Fatal(err)
	}
	c, err := h.Vault.Open(t.Context(), h.As("ada").Actor(), record.Booking, h.Ada, record.Visits)
	if err == nil {
		err = c.Cancel(t.Context(), "secret")
	}
	if err != nil {
		t.Fatal(err)
	}
	mine := 0
	for _, l := range h.Mailed() {
		if l.To == "bob@mail.example" {
			t.Errorf("who may not see the visit is told %s", l.Kind)
		}
		if l.To == "ada@mail.example" {
			if mine++; strings.HasPrefix(l.Path, "/v/") {
				t.Errorf("%s leads to a slip, which shows nothing of it", l.Kind)
			}
		}
	}
	if mine != 2 {
		t.Errorf("%d letters to whose it is", mine)
	}
	books(t, h.As("ada"), "/me/"+string(h.Ada)+"/visits", "physician.2026-12-15.630")
	if n := len(lettersOf(h, account.LetterBooked, "bob@mail.example")); n != 1 {
		t.Errorf("of another visit they have %d letters", n)
	}
}

// TestNobodyHoldsAllTimesByForgettingTheirCookie: whoever is known is counted, too.
func TestNobodyHoldsAllTimesByForgettingTheirCookie(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	for name, who := range map[string]func() *webtest.Visitor{"a guest": func() *webtest.Visitor { return h.Newcomer("Nia", "nia@mail.example") }, "a client": func() *webtest.Visitor { return h.As("ada") }} {
		v, n := who(), 0
		for range 60 {
			v.Forget()
			if v.Post("/visits/hold", url.Values{"service": {"jab"}, "pick": {"nurse.2026-11-26.540"}}).Status != 503 {
				n++
			}
		}
		if n > 20 {
			t.Errorf("%s holds %d times", name, n)
		}
	}
}

// TestASlipIsForWhoReadsTheAddressNow: of an address that was removed, slips end.
func TestASlipIsForWhoReadsTheAddressNow(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	h.Reads("ada", "old@mail.example")
	h.Mailed()
	ada := h.As("ada")
	books(t, ada, "/me/"+string(h.Ada)+"/visits", "physician.2026-11-26.630")
	slip := lettersOf(h, account.LetterBooked, "old@mail.example")[0]
	h.As("nobody").Get(slip).Is(200)
	ada.Post("/account/mail/drop", url.Values{"mail": {"old@mail.example"}}).Is(303)
	h.As("nobody").Get(slip).Is(410)
	h.As("nobody").Post(slip+"/cancel", url.Values{}).Is(410)
}

// TestAFeedIsMadeByWhoShowsWhoTheyAre: a link in a mail makes none that lasts a year.
func TestAFeedIsMadeByWhoShowsWhoTheyAre(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	at := "/me/" + string(h.Ada) + "/visits/calendar"
	feed := h.As("ada").Post(at, url.Values{}).Is(200).Attr("input[name=link]", "value")
	feed = strings.TrimPrefix(feed, "https://practice.example")
	v := h.ByLink("ada")
	v.Post(at, url.Values{}).SaysNot("/feeds/")
	v.Post(at+"/stop", url.Values{})
	h.As("nobody").Get(feed).Is(200)
}

// TestASlipNamesNobody: nor does the page on which the visit is moved.
func TestASlipNamesNobody(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	h.Reads("ada", "ada@mail.example")
	h.Mailed()
	me := "/me/" + string(h.Ada) + "/visits"
	books(t, h.As("ada"), me, "nurse.2026-11-26.630")
	slip := lettersOf(h, account.LetterBooked, "ada@mail.example")[0]
	h.As("nobody").Get(slip+"/move").Is(200).Has("button[name=to]").SaysNot("physician", "nurse")
	h.As("nobody").Post(slip+"/move", url.Values{"to": {"2026-11-27T11:00:00Z inperson"}}).Is(303)
	h.As("ada").Get(me).Is(200).Says("11:00 to 11:20", "Priya Raman")
}

// endless is a body that counts what is read of it.
type endless struct {
	io.Reader
	n int
}

func (e *endless) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	e.n += n
	return n, err
}

// TestAStrangersFileIsNotRead: who has not shown who they are puts nothing into memory.
func TestAStrangersFileIsNotRead(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	const sep = "\r\n--x\r\nContent-Disposition: form-data; name=\"calendar\"; filename=\"a.ics\"\r\n\r\n"
	body := &endless{Reader: io.MultiReader(strings.NewReader(sep), bytes.NewReader(make([]byte, 24<<20)), strings.NewReader("\r\n--x--\r\n"))}
	r := httptest.NewRequest(http.MethodPost, "https://practice.example/day/calendar/read", body)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	h.Web.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || body.n > 2<<20 {
		t.Errorf("status %d, and %d bytes of it are read", w.Code, body.n)
	}
	body = &endless{Reader: strings.NewReader(strings.Repeat("\r\n--x\r\nContent-Disposition: form-data; name=a\r\n\r\n", 2000) + "\r\n--x--\r\n")}
	r = httptest.NewRequest(http.MethodPost, "https://practice.example/day/calendar/read", body)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w = httptest.NewRecorder()
	h.Web.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest {
		t.Errorf("a form of 2000 parts: status %d", w.Code)
	}
}

// TestWhoComesInNextBooksNothing: one browser, and two people one after the other.
func TestWhoComesInNextBooksNothing(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	h.Reads("ada", "ada@mail.example")
	h.Mailed()
	who := h.As("nobody")
	chooses(t, who, "physician.2026-12-01.630")
	who.Post("/visits/guest", url.Values{"name": {"Nia Okoro"}, "mail": {"nia@mail.example"}}).Is(200)
	who.Post("/in", url.Values{"mail": {"ada@mail.example"}}).Is(200)
	p := who.Post(lettersOf(h, account.LetterSignIn, "ada@mail.example")[0], url.Values{}).Is(303)
	if to := p.Header.Get("Location"); strings.Contains(to, "visits") {
		t.Errorf("on to %s", to)
	}
	if n := len(lettersOf(h, account.LetterBooked, "ada@mail.example")); n != 0 {
		t.Error("what another chose is theirs")
	}
}

// TestOneMailboxTakesNotAllTimes: who came by a link in a mail books, and not without end.
func TestOneMailboxTakesNotAllTimes(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	v, me, n := h.ByLink("ada"), "/me/"+string(h.Ada)+"/visits", 0
	for d := range 30 {
		for _, m := range []int{600, 630, 660, 690} {
			p := v.Post(me+"/confirm", url.Values{"service": {"review"}, "was": {fmt.Sprintf("physician.%s.%d", webtest.Start.AddDate(0, 0, d+1).Format(time.DateOnly), m)}, "way": {"inperson"}, "key": {fmt.Sprint(d, m)}})
			if p.Status == 303 {
				n++
			} else if n >= 20 {
				p.Is(422).Says("as many visits booked as one person can have")
				return
			}
		}
	}
	t.Errorf("%d visits are booked", n)
}
