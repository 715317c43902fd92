package feeds_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/care/feeds"
	"rapport/hours"
	"rapport/ical"
	"rapport/record"
	"rapport/web/webtest"
)

// visitAt is a Wednesday morning, the day after the house's.
var visitAt = time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)

func booked(t testing.TB, h *webtest.House) {
	t.Helper()
	c, err := h.Vault.Open(t.Context(), h.As("ada").Actor(), record.Booking, h.Ada, record.Visits)
	if err == nil {
		_, err = c.Book(t.Context(), "k", "", record.Pick{Service: "review", Who: "physician", From: visitAt, Mode: hours.InPerson})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func path(t testing.TB, link string) string {
	t.Helper()
	at, ok := strings.CutPrefix(link, "https://practice.example")
	if !ok {
		t.Fatalf("the link is %q", link)
	}
	return at
}

func TestAClientSubscribesToTheirVisits(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, feeds.Routes()...)
	booked(t, h)
	me := "/me/" + string(h.Ada) + "/visits/calendar"
	ada := h.As("ada")
	ada.Get(me).Is(200).HasNot("#link")
	link := path(t, ada.Post(me, nil).Is(200).Attr("#link", "value"))
	if l := h.Looks(h.Ada, 1); l[0].Act != "feed" || l[0].Gave != (record.Gave{To: record.ToLink, As: "text/calendar"}) {
		t.Errorf("a link is made, and the newest line is %+v", l[0])
	}
	p := h.As("nobody").Get(link).Is(200)
	if p.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Errorf("it is %q", p.Header.Get("Content-Type"))
	}
	r, err := ical.Read(strings.NewReader(p.Body), ical.Query{From: visitAt.Add(-time.Hour), To: visitAt.Add(time.Hour)})
	if err != nil || len(r.Busy) != 1 || !r.Busy[0].From.Equal(visitAt) || !r.Busy[0].To.Equal(visitAt.Add(20*time.Minute)) {
		t.Errorf("it says %+v, %v", r, err)
	}
	for _, word := range []string{"pressure", "Ortiz", "Ada", "physician", "Lena"} {
		if strings.Contains(p.Body, word) {
			t.Errorf("it says %q:\n%s", word, p.Body)
		}
	}
	again := path(t, ada.Post(me, nil).Is(200).Attr("#link", "value"))
	h.As("nobody").Get(link).Is(404)
	h.As("nobody").Get(again).Is(200)
	ada.Post(me+"/stop", nil).Is(200)
	h.As("nobody").Get(again).Is(404)
	h.As("bob").Post(me, nil).Is(404)
	h.As("hana").Post(me, nil).Is(404) // a helper sees visits and makes no link of another's
}

func TestStaffBringTheirOwnCalendar(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, feeds.Routes()...)
	booked(t, h)
	lena := h.As("physician")
	link := path(t, lena.Post("/day/calendar", nil).Is(200).Attr("#link", "value"))
	if p := h.As("nobody").Get(link).Is(200); strings.Count(p.Body, "BEGIN:VEVENT") != 1 || strings.Contains(p.Body, "Ada") {
		t.Errorf("the feed is\n%s", p.Body)
	}
	open := func() int {
		day := hours.DateOf(visitAt)
		return len(h.Vault.Openings(hours.Query{Service: "review", From: day, To: day, Who: []string{"physician"}}))
	}
	before := open()
	file := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261124T090000Z\r\nDTSTART:20261125T110000Z\r\nDTEND:20261125T123000Z\r\nSUMMARY:Dentist, do not tell\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nSUMMARY:broken\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	lena.Upload("/day/calendar/read", "calendar", []byte(file)).Is(200).Says("takes 1 time", "1 entry could not be read").SaysNot("Dentist")
	if now := open(); now >= before || now == 0 {
		t.Errorf("%d openings, and %d before", now, before)
	}
	lena.Upload("/day/calendar/read", "calendar", []byte("<html>")).Is(422).Has("#calendar-problem", "no calendar")
	lena.Upload("/day/calendar/read", "calendar", nil).Is(422).Has("#calendar-problem", "Choose a file")
	lena.Upload("/day/calendar/read", "calendar", make([]byte, 33<<20)).Is(400)
	var many strings.Builder
	many.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n")
	for i := range 5000 {
		at := visitAt.Add(time.Duration(i) * time.Hour)
		fmt.Fprintf(&many, "BEGIN:VEVENT\r\nUID:%d\r\nDTSTAMP:20261124T090000Z\r\nDTSTART:%s\r\nDURATION:PT10M\r\nEND:VEVENT\r\n", i, at.Format("20060102T150405Z"))
	}
	lena.Upload("/day/calendar/read", "calendar", []byte(many.String()+"END:VCALENDAR\r\n")).Is(422).Has("#calendar-problem", "4,000")
	lena.Post("/day/calendar/read", url.Values{"none": {"yes"}}).Is(200)
	if now := open(); now != before {
		t.Errorf("taken back, %d openings of %d", now, before)
	}
	h.As("manager").Get("/day/calendar").Is(404)
}
