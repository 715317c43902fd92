package ical

import (
	"bytes"
	"cmp"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rapport/errs"
)

// Write writes a calendar (RFC 5545, with the name and refresh of RFC 7986 and the
// older names that many read). The same events give the same bytes, in whatever order
// they come. What cannot be written as it is meant is an error, and nothing is written.
func Write(w io.Writer, c Calendar) error {
	p := &page{zones: map[string]*time.Location{}}
	if err := p.calendar(c); err != nil {
		return err
	}
	if _, err := w.Write(p.Bytes()); err != nil {
		return errs.E(errs.Unavailable, "ical: write: %w", err)
	}
	return nil
}

// page is a calendar being written.
type page struct {
	bytes.Buffer
	zones map[string]*time.Location // by name
}

// line writes a property whose value is no text that somebody typed.
func (p *page) line(name, value string) { p.fold(name + ":" + value) }

// text writes a property whose value is text.
func (p *page) text(name, value string) {
	if value != "" {
		p.fold(name + ":" + escape(value))
	}
}

// The most octets of a line, its end apart.
const maxOctets = 75

// fold writes a content line, broken where it is too long (RFC 5545 section 3.1) and
// never within a letter.
func (p *page) fold(s string) {
	for room := maxOctets; len(s) > room; room = maxOctets - 1 {
		at := room
		for !utf8.RuneStart(s[at]) {
			at--
		}
		p.WriteString(s[:at] + "\r\n ")
		s = s[at:]
	}
	p.WriteString(s + "\r\n")
}

// escape makes a text into a value (RFC 5545 section 3.3.11). Every letter that some
// reader takes for the end of a line becomes \n, and other controls go.
func escape(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	var b strings.Builder
	for _, c := range s {
		switch {
		case c == '\\' || c == ';' || c == ',':
			b.WriteByte('\\')
			b.WriteRune(c)
		case strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", c):
			b.WriteString(`\n`)
		case c < ' ' && c != '\t', c >= 0x7f && c < 0xa0:
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// prodID names who wrote a calendar: not us by name, for a practice's feed is its own.
const prodID = "-//practice//calendar//EN"

func (p *page) calendar(c Calendar) error {
	for _, e := range c.Events {
		if err := e.check(); err != nil {
			return err
		}
	}
	zones, err := p.zonesOf(c)
	if err != nil {
		return err
	}
	if strings.Trim(c.Method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
		return errs.E(errs.Invalid, "ical: a method is in capitals")
	}
	p.line("BEGIN", "VCALENDAR")
	p.line("VERSION", "2.0")
	p.line("PRODID", prodID)
	p.line("CALSCALE", "GREGORIAN")
	if c.Method != "" {
		p.line("METHOD", c.Method)
	}
	p.text("NAME", c.Name)
	p.text("X-WR-CALNAME", c.Name)
	if c.Zone != "" {
		p.line("X-WR-TIMEZONE", c.Zone)
	}
	if c.Refresh > 0 {
		p.line("REFRESH-INTERVAL;VALUE=DURATION", duration(c.Refresh))
		p.line("X-PUBLISHED-TTL", duration(c.Refresh))
	}
	for _, z := range zones {
		p.zone(z)
	}
	events := slices.Clone(c.Events)
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(a.From.Compare(b.From), strings.Compare(a.UID, b.UID), a.To.Compare(b.To), cmp.Compare(a.Sequence, b.Sequence))
	})
	for _, e := range events {
		if err := p.event(e, cmp.Or(e.Zone, c.Zone)); err != nil {
			return err
		}
	}
	p.line("END", "VCALENDAR")
	return nil
}

// check refuses an event that cannot be written as it is meant.
func (e *Event) check() error {
	far := func(t time.Time) bool { return t.Year() < 1900 || t.Year() > 2200 }
	switch {
	case e.UID == "" || escape(e.UID) != e.UID || strings.TrimSpace(e.UID) != e.UID:
		return errs.E(errs.Invalid, "ical: an event without a plain UID")
	case far(e.From) || far(e.To) || e.To.Before(e.From):
		return errs.E(errs.Invalid, "ical: event %q ends before it begins, or is not of this age", e.UID)
	case far(e.Stamp):
		return errs.E(errs.Invalid, "ical: event %q has no stamp", e.UID)
	case e.Sequence < 0:
		return errs.E(errs.Invalid, "ical: event %q has been changed %d times", e.UID, e.Sequence)
	}
	if e.URL == "" {
		return nil
	}
	u, err := url.Parse(e.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsFunc(e.URL, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '"' }) {
		return errs.E(errs.Invalid, "ical: event %q has an address that is none", e.UID)
	}
	return nil
}

func (p *page) event(e Event, zoneName string) error {
	zone, err := p.named(zoneName)
	if err != nil {
		return err
	}
	p.line("BEGIN", "VEVENT")
	p.line("UID", e.UID)
	p.line("DTSTAMP", e.Stamp.UTC().Format(utcForm))
	p.when(e, zone)
	p.line("SEQUENCE", strconv.Itoa(e.Sequence))
	p.text("SUMMARY", e.Title)
	p.text("LOCATION", e.Where)
	p.text("DESCRIPTION", e.About)
	if e.URL != "" {
		p.line("URL", e.URL)
	}
	p.line("STATUS", pick(e.Cancelled, "CANCELLED", "CONFIRMED"))
	p.line("TRANSP", pick(e.Free, "TRANSPARENT", "OPAQUE"))
	if e.Private {
		p.line("CLASS", "PRIVATE")
	}
	for _, before := range e.Alarms {
		p.line("BEGIN", "VALARM")
		p.line("ACTION", "DISPLAY")
		p.fold("DESCRIPTION:" + escape(cmp.Or(e.Title, "-")))
		p.line("TRIGGER", pick(before > 0, "-", "")+duration(before.Abs()))
		p.line("END", "VALARM")
	}
	p.line("END", "VEVENT")
	return nil
}

func pick(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

const (
	utcForm   = "20060102T150405Z"
	localForm = "20060102T150405"
	dateForm  = "20060102"
)

// when writes when an event is: by the wall clock of its zone. A time that the clock
// shows twice is written in UTC: RFC 5545 has the first of the two meant, and the three
// readers that our tests ask all take the second.
func (p *page) when(e Event, zone *time.Location) {
	from, to := e.From.Truncate(time.Second).In(zone), e.To.Truncate(time.Second).In(zone)
	switch {
	case e.AllDay:
		first, end := wallOf(from, zone).day(), wallOf(to, zone).day()
		p.line("DTSTART;VALUE=DATE", wall(first*day).utc().Format(dateForm))
		p.line("DTEND;VALUE=DATE", wall(max(end, first+1)*day).utc().Format(dateForm))
	case zone == time.UTC || shownTwice(from) || shownTwice(to):
		p.line("DTSTART", from.UTC().Format(utcForm))
		p.line("DTEND", to.UTC().Format(utcForm))
	default:
		p.line("DTSTART;TZID="+zone.String(), from.Format(localForm))
		p.line("DTEND;TZID="+zone.String(), to.Format(localForm))
	}
}

// shownTwice reports that the clock shows a time again, or has shown it before.
func shownTwice(t time.Time) bool {
	w := wallOf(t, t.Location())
	if !w.in(t.Location()).Equal(t) {
		return true
	}
	_, next := t.ZoneBounds()
	if next.IsZero() {
		return false
	}
	_, now := t.Zone()
	_, then := next.Zone()
	return then < now && int64(w)-int64(then) >= next.Unix()
}

// duration writes a length of time that is not negative, to the second.
func duration(d time.Duration) string {
	s := int64(d / time.Second)
	switch {
	case s > 0 && s%day == 0:
		return "P" + strconv.FormatInt(s/day, 10) + "D"
	case s > 0 && s%hour == 0:
		return "PT" + strconv.FormatInt(s/hour, 10) + "H"
	case s > 0 && s%minute == 0:
		return "PT" + strconv.FormatInt(s/minute, 10) + "M"
	}
	return "PT" + strconv.FormatInt(s, 10) + "S"
}

// named returns the zone with a name of the IANA's; "" is UTC.
func (p *page) named(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if z := p.zones[name]; z != nil {
		return z, nil
	}
	if z := load(name); z != nil {
		p.zones[name] = z
		return z, nil
	}
	return nil, errs.E(errs.Invalid, "ical: no zone %q", name)
}
