package ical_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	golang "github.com/arran4/golang-ical"
	gocmp "github.com/google/go-cmp/cmp"

	"rapport/errs"
	"rapport/ical"
)

var update = flag.Bool("update", false, "write the golden file anew")

// TestTheFeedIsAsItWas holds the bytes of a feed against a golden file.
func TestTheFeedIsAsItWas(t *testing.T) {
	t.Parallel()
	got := written(t, feed(t))
	if *update {
		if err := os.WriteFile("testdata/feed.ics", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/feed.ics")
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(strings.Split(string(want), "\r\n"), strings.Split(got, "\r\n")); d != "" {
		t.Error(d)
	}
	c := feed(t)
	slices.Reverse(c.Events)
	if written(t, c) != got {
		t.Error("another order gives another feed")
	}
}

// TestWeReadWhatWeWrite reads a feed of ours with our own reader.
func TestWeReadWhatWeWrite(t *testing.T) {
	t.Parallel()
	c := feed(t)
	r, err := ical.Read(strings.NewReader(written(t, c)), ical.Query{From: at(t, "UTC", "2020-01-01 00:00:00"), To: at(t, "UTC", "2030-01-01 00:00:00"), Zone: at(t, c.Zone, "2020-01-01 00:00:00").Location()})
	if err != nil || len(r.Skipped) > 0 {
		t.Fatalf("%v, left out %v", err, r.Skipped)
	}
	busy := map[string]ical.Span{}
	for _, s := range r.Busy {
		busy[s.UID] = s
	}
	n := 0
	for _, e := range c.Events {
		if e.Cancelled || e.Free {
			continue
		}
		n++
		if s := busy[e.UID]; !s.From.Equal(e.From) || !s.To.Equal(e.To) || s.AllDay != e.AllDay {
			t.Errorf("%s is read as %v to %v, want %v to %v", e.UID, s.From, s.To, e.From, e.To)
		}
	}
	if n != len(r.Busy) {
		t.Errorf("%d busy times of %d", len(r.Busy), n)
	}
}

// unfolded undoes the folds of a feed, and holds every line to its length.
func unfolded(t *testing.T, file string) []string {
	t.Helper()
	if !utf8.ValidString(file) || !strings.HasSuffix(file, "\r\n") || strings.ContainsAny(strings.ReplaceAll(file, "\r\n", ""), "\r\n\v\f\u0085\u2028\u2029\x1c\x1d\x1e\x00") {
		t.Errorf("a feed that some reader breaks into other lines: %q", file)
	}
	for l := range strings.SplitSeq(file, "\r\n") {
		if len(l) > 75 || !utf8.ValidString(l) {
			t.Errorf("%d octets: %q", len(l), l)
		}
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(file, "\r\n ", ""), "\r\n"), "\r\n")
}

// shape is the properties that stand in a feed, in order, without their values.
func shape(t *testing.T, c ical.Calendar) []string {
	t.Helper()
	var out []string
	for _, l := range unfolded(t, written(t, c)) {
		name, value, _ := strings.Cut(l, ":")
		if name == "BEGIN" || name == "END" {
			name += " " + value
		}
		out = append(out, name)
	}
	return out
}

// dressed is a calendar whose every text is as given.
func dressed(title, where, about, name string) ical.Calendar {
	from := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	return ical.Calendar{Name: name, Zone: "Europe/Paris", Events: []ical.Event{{UID: "1", Title: title, Where: where, About: about, From: from, To: from.Add(time.Hour), Stamp: from, Alarms: []time.Duration{time.Hour}}}}
}

// FuzzWrite holds that no text becomes a property, a component or a broken line, and
// that all of it comes back.
func FuzzWrite(f *testing.F) {
	f.Add("x\r\nEND:VEVENT", "\\n,;", "\u2028ATTACH:x\x00", "é\xff\r")
	f.Add(strings.Repeat("東", 60), strings.Repeat("x", 74)+"é", " lead", "a\tb\x7f\u0090")
	f.Add("\x0bBEGIN:VALARM\x0c\x1c\x1d\x1e\u0085", "\"", ":", "=")
	base := []string(nil)
	f.Fuzz(func(t *testing.T, title, where, about, name string) {
		if base == nil {
			base = shape(t, dressed("x", "x", "x", "x"))
		}
		full := func(s string) string { return "x" + s }
		c := dressed(full(title), full(where), full(about), full(name))
		if d := gocmp.Diff(base, shape(t, c)); d != "" {
			t.Fatal(d)
		}
		cal, err := golang.ParseCalendar(strings.NewReader(written(t, c)))
		if err != nil {
			t.Fatal(err)
		}
		for p, want := range map[golang.ComponentProperty]string{"SUMMARY": title, "LOCATION": where, "DESCRIPTION": about} {
			if got := cal.Events()[0].GetProperty(p).Value; got != cleaned("x"+want) {
				t.Errorf("%s: %q came back as %q", p, want, got)
			}
		}
	})
}

// cleaned is what of a text a calendar can carry, said in another way than Write says it.
func cleaned(s string) string {
	var out []rune
	rs := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	for i, r := range rs {
		switch {
		case r == '\n' && i > 0 && rs[i-1] == '\r':
		case r == '\n', r == '\r', r == 0x0b, r == 0x0c, r >= 0x1c && r <= 0x1e, r == 0x85, r == 0x2028, r == 0x2029:
			out = append(out, '\n')
		case r == '\t', r >= ' ' && r < 0x7f, r >= 0xa0:
			out = append(out, r)
		}
	}
	return string(out)
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*ical.Calendar, *ical.Event){
		"no UID":                      func(_ *ical.Calendar, e *ical.Event) { e.UID = "" },
		"a UID of two lines":          func(_ *ical.Calendar, e *ical.Event) { e.UID = "a\r\nATTACH:x" },
		"a UID with a comma":          func(_ *ical.Calendar, e *ical.Event) { e.UID = "a,b" },
		"a UID with space around":     func(_ *ical.Calendar, e *ical.Event) { e.UID = "a " },
		"no start":                    func(_ *ical.Calendar, e *ical.Event) { e.From = time.Time{} },
		"ends before":                 func(_ *ical.Calendar, e *ical.Event) { e.To = e.From.Add(-1) },
		"a far year":                  func(_ *ical.Calendar, e *ical.Event) { e.To = e.To.AddDate(8000, 0, 0) },
		"no stamp":                    func(_ *ical.Calendar, e *ical.Event) { e.Stamp = time.Time{} },
		"changed less than never":     func(_ *ical.Calendar, e *ical.Event) { e.Sequence = -1 },
		"no such zone":                func(_ *ical.Calendar, e *ical.Event) { e.Zone = "Mars/Olympus" },
		"the machine's zone":          func(_ *ical.Calendar, e *ical.Event) { e.Zone = "Local" },
		"a zone with a path":          func(_ *ical.Calendar, e *ical.Event) { e.Zone = "../etc/passwd" },
		"a zone that injects":         func(_ *ical.Calendar, e *ical.Event) { e.Zone = "Europe/London:1\r\nX" },
		"the calendar's zone":         func(c *ical.Calendar, _ *ical.Event) { c.Zone = "Mars/Olympus" },
		"a method that injects":       func(c *ical.Calendar, _ *ical.Event) { c.Method = "PUBLISH\r\nX:Y" },
		"an address of two lines":     func(_ *ical.Calendar, e *ical.Event) { e.URL = "https://x.example/\r\nX:Y" },
		"an address that runs":        func(_ *ical.Calendar, e *ical.Event) { e.URL = "javascript:alert(1)" },
		"an address of another kind":  func(_ *ical.Calendar, e *ical.Event) { e.URL = "javascript://x.example/%0aalert(1)" },
		"an address with space":       func(_ *ical.Calendar, e *ical.Event) { e.URL = "https://x.example/a b" },
		"an address that is a path":   func(_ *ical.Calendar, e *ical.Event) { e.URL = "/visits/1" },
		"an address that is no ASCII": func(_ *ical.Calendar, e *ical.Event) { e.URL = "https://x.example/é" },
	} {
		c := dressed("x", "", "", "")
		edit(&c, &c.Events[0])
		var b bytes.Buffer
		if err := ical.Write(&b, c); errs.KindOf(err) != errs.Invalid || b.Len() > 0 {
			t.Errorf("%s: %v, and wrote %q", name, err, b.String())
		}
	}
	if err := ical.Write(full{}, dressed("x", "", "", "")); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
}

// BenchmarkWrite writes a feed of 1,000 visits in a year.
func BenchmarkWrite(b *testing.B) {
	c := dressed("Blood-pressure review", "Room 1", "Bring your card, please", "Visits")
	for i := range 999 {
		e := c.Events[0]
		e.UID, e.From, e.To = fmt.Sprint(i), e.From.Add(time.Duration(i)*8*time.Hour), e.To.Add(time.Duration(i)*8*time.Hour)
		c.Events = append(c.Events, e)
	}
	for b.Loop() {
		if err := ical.Write(io.Discard, c); err != nil {
			b.Fatal(err)
		}
	}
}

// full takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestAnEmptyCalendarHasAComponent(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{"": "TZID:UTC", "Europe/London": "TZID:Europe/London"} {
		file := written(t, ical.Calendar{Name: "Visits", Zone: zone})
		if !slices.Contains(unfolded(t, file), want) {
			t.Errorf("%q: %s", zone, file)
		}
		if r, err := ical.Read(strings.NewReader(file), ical.Query{}); err != nil || len(r.Busy) > 0 {
			t.Errorf("%q: %v, %v", zone, r, err)
		}
		if _, err := golang.ParseCalendar(strings.NewReader(file)); err != nil {
			t.Error(err)
		}
	}
}

// TestNoRuleByChance holds that clocks changed by the moon are told one by one.
func TestNoRuleByChance(t *testing.T) {
	t.Parallel()
	c := dressed("x", "", "", "")
	c.Zone = "Africa/Casablanca"
	if file := written(t, c); strings.Contains(file, "RRULE") || !strings.Contains(file, "RDATE:20260322T020000") {
		t.Error(file)
	}
}

// TestManyEventsInAYearAhead writes what a busy practice has, of years in which Go
// gives bounds of a zone that are none.
func TestManyEventsInAYearAhead(t *testing.T) {
	t.Parallel()
	for _, year := range []int{1900, 1970, 2028, 2040, 2200} {
		c := ical.Calendar{Zone: "America/New_York"}
		from := time.Date(year, 12, 31, 17, 0, 0, 0, time.UTC)
		c.Events = append(c.Events, ical.Event{UID: "1", From: from, To: from.Add(time.Hour), Stamp: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		if file := written(t, c); strings.Count(file, "BEGIN:VTIMEZONE") != 1 || !strings.Contains(file, "DTSTART;TZID=America/New_York:") || len(file) > 20_000 {
			t.Errorf("%d: %d bytes\n%s", year, len(file), file)
		}
	}
}
