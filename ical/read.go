package ical

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"rapport/errs"
)

// Read says when the owner of a calendar is busy. Cancelled events and those that take
// no time of theirs are left out; repeated ones are told one by one, each by the clock
// of its own zone. It is an error only if it is no calendar, too large, or cannot be
// read from r.
func Read(r io.Reader, q Query) (Report, error) {
	if q.Zone == nil {
		q.Zone = time.UTC
	}
	for _, n := range []struct {
		at    *int
		usual int
	}{{&q.MaxBytes, 64 << 20}, {&q.MaxEvents, 100_000}, {&q.MaxOccurrences, 100_000}} {
		if *n.at <= 0 {
			*n.at = n.usual
		}
	}
	f := file{most: q.MaxEvents, skipped: map[Reason]int{}, zones: map[string]*tale{}}
	l := newLines(r, q.MaxBytes)
	for {
		line, cut, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, ErrTooLarge) {
			return Report{}, err
		}
		if err != nil {
			return Report{}, errs.E(errs.Unavailable, "ical: read: %w", err)
		}
		f.line(line, cut)
	}
	if !f.begun {
		return Report{}, ErrNotCalendar
	}
	if f.event != nil { // the file ends within an event
		f.skipped[Malformed]++
	}
	return f.busy(q), nil
}

// stamp is a date or time as it is written, with its zone's name.
type stamp struct{ value, zone string }

// entry is an event as it is written.
type entry struct {
	uid, title           string
	start, end, duration stamp
	original             stamp // RECURRENCE-ID: the time that this one is instead of
	onwards              bool  // and instead of all that follow
	rules                []string
	dates, exceptions    []stamp
	sequence             int
	cancelled, free      bool
	broken               bool // a line that matters was too long
}

// file is a calendar being read.
type file struct {
	most    int
	events  []entry
	event   *entry // that is open
	depth   int    // components open within the event, or elsewhere in a calendar
	zone    *tale  // a VTIMEZONE that is open
	zones   map[string]*tale
	begun   bool
	recall  bool // METHOD:CANCEL
	skipped map[Reason]int
}

// The most zones of a file that are kept, and the most that are looked for.
const maxZones = 2000

func (f *file) line(line []byte, cut bool) {
	if !f.begun {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	name, params, value, ok := split(line)
	if !ok || len(name) > 20 {
		return
	}
	switch n := strings.ToUpper(string(bytes.TrimSpace(name))); n {
	case "BEGIN":
		f.open(strings.ToUpper(string(bytes.TrimSpace(value[:min(len(value), 20)]))))
	case "END":
		f.close(strings.ToUpper(string(bytes.TrimSpace(value[:min(len(value), 20)]))))
	case "METHOD":
		f.recall = f.recall || f.event == nil && strings.EqualFold(string(value), "CANCEL")
	default:
		switch {
		case f.event != nil && f.depth == 0:
			f.event.take(n, params, value, cut)
		case f.zone != nil && n == "TZID":
			if len(f.zones) < maxZones {
				f.zones[strings.TrimSpace(string(value))] = f.zone
			}
		case f.zone != nil:
			f.zone.take(n, value)
		}
	}
}

func (f *file) open(what string) {
	switch {
	case what == "VCALENDAR":
		f.abandon()
		f.begun, f.recall = true, false
	case !f.begun:
	case what == "VEVENT":
		f.abandon()
		f.event = &entry{}
	case f.event != nil:
		f.depth++
	case what == "VTIMEZONE":
		f.zone = &tale{}
	case f.zone != nil:
		f.zone.open()
	}
}

// abandon gives up an event whose end is missing.
func (f *file) abandon() {
	if f.event != nil {
		f.skipped[Malformed]++
	}
	f.event, f.depth, f.zone = nil, 0, nil
}

func (f *file) close(what string) {
	switch {
	case what == "VCALENDAR":
		f.abandon()
	case what == "VTIMEZONE":
		f.zone = nil
	case f.event == nil:
	case what != "VEVENT":
		f.depth = max(f.depth-1, 0)
	case len(f.events) >= f.most:
		f.skipped[TooMany]++
		f.event, f.depth = nil, 0
	default:
		f.event.cancelled = f.event.cancelled || f.recall
		f.events = append(f.events, *f.event)
		f.event, f.depth = nil, 0
	}
}

// take reads one property of an event.
func (e *entry) take(name string, params, value []byte, cut bool) {
	at := func() stamp {
		return stamp{strings.TrimSpace(string(value)), param(params, "TZID")}
	}
	kept := true
	switch name {
	case "UID":
		e.uid = strings.TrimSpace(string(value))
	case "SUMMARY":
		e.title, kept = title(value), false
	case "DTSTART":
		e.start = at()
	case "DTEND":
		e.end = at()
	case "DURATION":
		e.duration = at()
	case "RRULE":
		if len(e.rules) <= maxRules {
			e.rules = append(e.rules, string(value))
		}
	case "RDATE":
		e.dates = append(e.dates, at())
	case "EXDATE":
		e.exceptions = append(e.exceptions, at())
	case "RECURRENCE-ID":
		e.original, e.onwards = at(), strings.EqualFold(param(params, "RANGE"), "THISANDFUTURE")
	case "SEQUENCE":
		e.sequence = max(digits(strings.TrimSpace(string(value))), 0)
	case "STATUS":
		e.cancelled = strings.EqualFold(strings.TrimSpace(string(value)), "CANCELLED")
	case "TRANSP":
		e.free = strings.EqualFold(strings.TrimSpace(string(value)), "TRANSPARENT")
	default:
		kept = false
	}
	e.broken = e.broken || kept && cut
}

// busy turns what was read into times.
func (f *file) busy(q Query) Report {
	d := diary{q: q, skipped: f.skipped, work: maxWork}
	d.zones = newZones(f.zones, q.To, &d.work)
	for _, g := range d.group(f.events) {
		d.add(g)
	}
	slices.SortFunc(d.busy, Span.compare)
	d.busy = slices.CompactFunc(d.busy, func(a, b Span) bool { return a.compare(b) == 0 })
	return Report{Busy: d.busy, Skipped: d.skipped}
}

// compare puts spans in order of time.
func (s Span) compare(o Span) int {
	for _, c := range []int{s.From.Compare(o.From), s.To.Compare(o.To), strings.Compare(s.UID, o.UID)} {
		if c != 0 {
			return c
		}
	}
	return strings.Compare(s.Title, o.Title)
}
