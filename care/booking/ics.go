package booking

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// event is a visit as a calendar keeps it: when, where and with which practice, and a
// link; never what for, for a calendar is read by more than its owner.
type event struct {
	uid            string
	from, to, made time.Time
	sequence       int64
	summary, where string
	url            string
}

// file writes the event as an iCalendar file (RFC 5545).
func (e event) file() []byte {
	const stamp = "20060102T150405Z"
	var b strings.Builder
	line := func(name, value string) {
		b.WriteString(folded(name+":"+value) + "\r\n")
	}
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//rapport//visit//EN")
	line("METHOD", "PUBLISH")
	line("BEGIN", "VEVENT")
	line("UID", e.uid)
	line("DTSTAMP", e.made.UTC().Format(stamp))
	line("DTSTART", e.from.UTC().Format(stamp))
	line("DTEND", e.to.UTC().Format(stamp))
	line("SEQUENCE", strconv.FormatInt(e.sequence, 10))
	line("SUMMARY", escaped(e.summary))
	if e.where != "" {
		line("LOCATION", escaped(e.where))
	}
	line("URL", e.url)
	line("CLASS", "PRIVATE")
	line("END", "VEVENT")
	line("END", "VCALENDAR")
	return []byte(b.String())
}

// escaped writes a text (RFC 5545, 3.3.11).
func escaped(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", "").Replace(s)
}

// folded breaks a line after at most 75 octets, never within a letter (3.1).
func folded(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if size := utf8.RuneLen(r); n+size > 75 {
			b.WriteString("\r\n ")
			n = 1 + size
		} else {
			n += size
		}
		b.WriteRune(r)
	}
	return b.String()
}
