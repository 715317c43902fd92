package ical_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	golang "github.com/arran4/golang-ical"
	gocmp "github.com/google/go-cmp/cmp"

	"rapport/ical"
)

// seen is what a reader says of an event.
type seen struct {
	By, UID, From, To, Zone, Title, Where, About, URL string
	Sequence                                          int
	Status, Transp, Class                             string
	Alarms                                            []int
	Calendar                                          int
}

// meant is what a reader must say of an event.
func meant(e ical.Event, home string) seen {
	z, err := time.LoadLocation(cmp.Or(e.Zone, home))
	if err != nil {
		panic(err)
	}
	s := seen{UID: e.UID, Zone: z.String(), Title: plain(e.Title), Where: plain(e.Where), About: plain(e.About), URL: e.URL, Sequence: e.Sequence, Status: "CONFIRMED", Transp: "OPAQUE", Alarms: []int{}}
	s.From, s.To = e.From.UTC().Format(time.RFC3339), e.To.UTC().Format(time.RFC3339)
	if e.AllDay {
		s.From, s.To, s.Zone = e.From.In(z).Format(time.DateOnly), e.To.In(z).Format(time.DateOnly), ""
	}
	if s.Zone == "UTC" || slices.Contains([]string{"again@x", "first@x", "into@x"}, e.UID) {
		s.Zone = ""
	}
	if e.Cancelled {
		s.Status = "CANCELLED"
	}
	if e.Free {
		s.Transp = "TRANSPARENT"
	}
	if e.Private {
		s.Class = "PRIVATE"
	}
	for _, a := range e.Alarms {
		s.Alarms = append(s.Alarms, int(a/time.Second))
	}
	return s
}

// plain is a text as RFC 5545 can carry it.
func plain(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u0085", "\n", "\x00", "", "\x1b", "").Replace(s)
}

// ours says what golang-ical reads.
func ours(t *testing.T, file string) []seen {
	t.Helper()
	c, err := golang.ParseCalendar(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var out []seen
	for _, e := range c.Events() {
		text := func(p golang.ComponentProperty) string {
			if v := e.GetProperty(p); v != nil {
				return v.Value
			}
			return ""
		}
		s := seen{UID: e.Id(), Title: text("SUMMARY"), Where: text("LOCATION"), About: text("DESCRIPTION"), URL: text("URL"), Status: text("STATUS"), Transp: text("TRANSP"), Class: text("CLASS"), Alarms: []int{}}
		if _, err := fmt.Sscan(text("SEQUENCE"), &s.Sequence); err != nil {
			t.Error(err)
		}
		start := e.GetProperty("DTSTART")
		if z := start.ICalParameters["TZID"]; z != nil {
			s.Zone = z[0]
		}
		if start.ICalParameters["VALUE"] != nil {
			from, err1 := e.GetAllDayStartAt()
			to, err2 := e.GetAllDayEndAt()
			s.From, s.To = from.Format(time.DateOnly), to.Format(time.DateOnly)
			err = errors.Join(err1, err2)
		} else {
			from, err1 := e.GetStartAt()
			to, err2 := e.GetEndAt()
			s.From, s.To = from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339)
			err = errors.Join(err1, err2)
		}
		if err != nil {
			t.Errorf("%s: %v", s.UID, err)
		}
		for _, a := range e.Alarms() {
			l := strings.TrimPrefix(a.GetProperty("TRIGGER").Value, "-")
			d, err := time.ParseDuration(strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(l, "P1D", "PT24H"), "PT")))
			if err != nil {
				t.Error(err)
			}
			s.Alarms = append(s.Alarms, int(d/time.Second))
		}
		out = append(out, s)
	}
	return out
}

// python says what two libraries of Python's read in some calendars; it skips where
// they are not.
func python(t *testing.T, files ...string) map[string][]seen {
	t.Helper()
	for _, bin := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(bin, "-c", "import icalendar, vobject").Run() != nil {
			continue
		}
		cmd := exec.Command(bin, "testdata/read.py")
		var why bytes.Buffer
		cmd.Stdin, cmd.Stderr = strings.NewReader(strings.Join(files, "\x00")), &why
		b, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, why.String())
		}
		out := map[string][]seen{}
		for d := json.NewDecoder(bytes.NewReader(b)); d.More(); {
			var s seen
			if err := d.Decode(&s); err != nil {
				t.Fatal(err)
			}
			by := s.By
			s.By = ""
			out[by] = append(out[by], s)
		}
		return out
	}
	t.Skip("Python's icalendar and vobject are not here: see docs/needs.sh")
	return nil
}

func at(t testing.TB, zone, s string) time.Time {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	x, err := time.ParseInLocation("2006-01-02 15:04:05", s, z)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// feed has an event of every kind, and every text that may break one.
func feed(t testing.TB) ical.Calendar {
	t.Helper()
	stamp := at(t, "UTC", "2026-01-02 03:04:05")
	ny, london := "America/New_York", "Europe/London"
	c := ical.Calendar{Name: "Dr Ngô; ward, 3", Zone: london, Refresh: time.Hour, Method: "PUBLISH", Events: []ical.Event{
		{UID: "plain@x", Title: "Blood pressure", Where: "Room 1, first floor; left", About: "Bring:\n- your card\r\n- a \\ backslash", URL: "https://practice.example/v/1?a=b,c;d", From: at(t, london, "2026-03-28 09:00:00"), To: at(t, london, "2026-03-28 09:20:00"), Sequence: 3, Alarms: []time.Duration{24 * time.Hour, 90 * time.Minute, 20 * time.Second}},
		{UID: "across@x", Title: "Across the change", From: at(t, london, "2026-03-29 00:30:00"), To: at(t, london, "2026-03-29 02:30:00"), Cancelled: true},
		{UID: "back@x", Title: "And back", From: at(t, london, "2026-10-25 00:30:00"), To: at(t, london, "2026-10-25 02:30:00"), Free: true, Private: true},
		{UID: "again@x", Title: "In the hour shown twice", From: at(t, "UTC", "2026-10-25 01:15:00"), To: at(t, "UTC", "2026-10-25 01:45:00")},
		{UID: "first@x", Title: "In its first showing", From: at(t, "UTC", "2026-10-25 00:15:00"), To: at(t, "UTC", "2026-10-25 00:45:00")},
		{UID: "into@x", Title: "Ends in it", From: at(t, "UTC", "2026-10-24 22:30:00"), To: at(t, "UTC", "2026-10-25 00:30:00")},
		{UID: "day@x", Title: "Leave", AllDay: true, From: at(t, london, "2026-03-29 00:00:00"), To: at(t, london, "2026-04-01 00:00:00")},
		{UID: "utc@x", Title: "UTC", Zone: "UTC", From: at(t, "UTC", "2026-07-01 09:00:00"), To: at(t, "UTC", "2026-07-01 09:00:01")},
		{UID: "ny@x", Title: strings.Repeat("Long, very long; 東京 ", 30), Zone: ny, From: at(t, ny, "2027-07-01 09:00:00"), To: at(t, ny, "2027-07-01 09:30:00")},
		{UID: "inject@x", Title: "x\r\nEND:VEVENT\r\nBEGIN:VEVENT", About: "a\nATTACH:b\rX:\u2028Y:\u0085Z:\x00\x1b \"q\" ;c:d=e", From: at(t, ny, "2026-11-01 00:30:00"), To: at(t, ny, "2026-11-01 03:30:00"), Zone: ny},
		{UID: "calm@x", Title: "No summer here", Zone: "Asia/Tokyo", From: at(t, "Asia/Tokyo", "2026-07-01 09:00:00"), To: at(t, "Asia/Tokyo", "2026-07-01 10:00:00")},
		{UID: "south@x", Title: "Half an hour of summer", Zone: "Australia/Lord_Howe", From: at(t, "Australia/Lord_Howe", "2026-10-04 01:00:00"), To: at(t, "Australia/Lord_Howe", "2026-10-04 04:00:00")},
	}}
	for i := range c.Events {
		c.Events[i].Stamp = stamp
	}
	return c
}

func written(t testing.TB, c ical.Calendar) string {
	t.Helper()
	var b bytes.Buffer
	if err := ical.Write(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestOthersReadWhatWeWrite holds three readers that others wrote to one meaning.
func TestOthersReadWhatWeWrite(t *testing.T) {
	t.Parallel()
	c := feed(t)
	file := written(t, c)
	var want []seen
	for _, e := range c.Events {
		want = append(want, meant(e, c.Zone))
	}
	agree := func(by string, got []seen, want []seen) {
		for _, l := range [][]seen{got, want} {
			slices.SortFunc(l, func(a, b seen) int { return strings.Compare(a.UID, b.UID) })
		}
		if d := gocmp.Diff(want, got); d != "" {
			t.Errorf("%s:\n%s", by, d)
		}
	}
	agree("golang-ical", ours(t, file), want)
	py := python(t, file)
	if len(py) != 2 {
		t.Fatalf("read by %d", len(py))
	}
	for by, got := range py {
		agree(by, got, slices.Clone(want))
	}
}

// TestOthersReadOurZones lets two readers tell the time by our VTIMEZONE alone, around
// every change of the clock of many zones in several years.
func TestOthersReadOurZones(t *testing.T) {
	t.Parallel()
	var files []string
	var all []ical.Calendar
	for _, name := range []string{"Europe/London", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Jerusalem", "Africa/Cairo", "America/Nuuk", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago", "Europe/Istanbul"} {
		for _, years := range [][2]int{{2005, 2008}, {2026, 2028}, {2039, 2040}} {
			c := around(t, name, years[0], years[1])
			all = append(all, c)
			own := fmt.Sprint("X-", len(files), "-", name) // both keep zones by name
			files = append(files, strings.NewReplacer("TZID:"+name, "TZID:"+own, "TZID="+name, "TZID="+own).Replace(written(t, c)))
		}
	}
	for by, got := range python(t, files...) {
		n, wrong := 0, 0
		for _, s := range got {
			c := all[s.Calendar]
			if by == "icalendar" && c.Events[0].From.Year() > 2037 || by == "vobject" && c.Zone == "Africa/Casablanca" {
				continue // it knows no rule after 2037; it takes what was UTC until 2020 for UTC
			}
			n++
			i := slices.IndexFunc(c.Events, func(e ical.Event) bool { return e.UID == s.UID })
			if want := meant(c.Events[i], c.Zone); s.From != want.From || s.To != want.To {
				if wrong++; wrong > 5 {
					continue
				}
				t.Errorf("%s: in %s %s is at %s %s, want %s %s", by, c.Zone, s.UID, s.From, s.To, want.From, want.To)
			}
		}
		t.Logf("%s: %d events at their times", by, n)
		if n < 600 {
			t.Errorf("%s read only %d", by, n)
		}
	}
}

// around makes events before and after every change of a zone's clock in some years.
func around(t *testing.T, name string, first, last int) ical.Calendar {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	c := ical.Calendar{Zone: name}
	add := func(x time.Time) {
		c.Events = append(c.Events, ical.Event{UID: fmt.Sprint("e", len(c.Events)), From: x, To: x.Add(time.Hour), Stamp: x})
	}
	add(time.Date(first, 1, 1, 12, 0, 0, 0, z))
	add(time.Date(last, 12, 31, 12, 0, 0, 0, z))
	_, was := c.Events[0].From.Zone()
	for x := c.Events[0].From; x.Year() <= last; x = x.Add(15 * time.Minute) {
		_, now := x.Zone()
		if now == was {
			continue
		}
		was = now
		for _, h := range []int{-30, -6, -4, 4, 30} { // clear of the hour itself, which Python's libraries tell differently
			add(x.Add(time.Duration(h) * time.Hour))
		}
	}
	return c
}
