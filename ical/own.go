package ical

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// tale is a VTIMEZONE as it is written.
type tale struct {
	place string // X-LIC-LOCATION
	parts []part
}

// part is a STANDARD or DAYLIGHT of a VTIMEZONE.
type part struct{ start, was, now, rule, dates string }

// The most parts of a zone, and the most changes of its clock.
const (
	maxParts   = 50
	maxChanges = 1500
)

// open begins a part; take reads a property of the zone or of the open part.
func (t *tale) open() {
	if len(t.parts) <= maxParts {
		t.parts = append(t.parts, part{})
	}
}

func (t *tale) take(name string, value []byte) {
	v := strings.TrimSpace(string(value))
	if name == "X-LIC-LOCATION" {
		t.place = v
	}
	if len(t.parts) == 0 || len(t.parts) > maxParts {
		return
	}
	switch p := &t.parts[len(t.parts)-1]; name {
	case "DTSTART":
		p.start = v
	case "TZOFFSETFROM":
		p.was = v
	case "TZOFFSETTO":
		p.now = v
	case "RRULE":
		p.rule = v
	case "RDATE":
		if len(p.dates) < maxChanges*8 { // more are not borne, whatever they say
			p.dates += v + ","
		}
	}
}

// turnover is one change of a clock: when, and what it shows from then on, in seconds
// east of UTC.
type turnover struct{ at, was, now int64 }

// location makes a zone out of what a VTIMEZONE says of it, up to a time; nil if it
// says nothing, or nonsense.
func (t *tale) location(name string, to wall, work *int) *time.Location {
	if len(t.parts) == 0 || len(t.parts) > maxParts {
		return nil
	}
	var all []turnover
	for _, p := range t.parts {
		was, ok1 := parseOffset(p.was)
		now, ok2 := parseOffset(p.now)
		start, isDate, utc, ok3 := parseWall(p.start)
		if !ok1 || !ok2 || !ok3 || isDate || utc {
			return nil
		}
		add := func(w wall) bool {
			all = append(all, turnover{int64(w) - was, was, now})
			return len(all) <= maxChanges
		}
		add(start)
		for v := range strings.SplitSeq(p.dates, ",") {
			w, _, utc, ok := parseWall(v)
			if utc {
				w += wall(was)
			}
			if ok && !add(w) {
				return nil
			}
		}
		if p.rule == "" {
			continue
		}
		r, ok := parseRule(p.rule)
		if !ok || !r.begin(start, time.FixedZone("", int(was)), false).each(start+1, to, work, add) {
			return nil
		}
	}
	if len(all) > maxChanges {
		return nil
	}
	slices.SortStableFunc(all, func(a, b turnover) int { return int(min(max(a.at-b.at, -1), 1)) })
	return zoneFile(name, all)
}

// zoneFile makes a zone out of its changes, in order, by way of the one door there is:
// the format of zone files (RFC 8536), version 2.
func zoneFile(name string, all []turnover) *time.Location {
	types := []int64{all[0].was}
	var index []byte
	for _, c := range all {
		i := slices.Index(types, c.now)
		if i < 0 {
			if len(types) > 200 {
				return nil
			}
			i, types = len(types), append(types, c.now)
		}
		index = append(index, byte(i))
	}
	const head = "TZif2\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	b := append([]byte(head), make([]byte, 6*4)...) // version 1, which holds nothing
	b = append(b, head...)
	for _, n := range []int{0, 0, 0, len(all), len(types), 1} {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	for _, c := range all {
		b = binary.BigEndian.AppendUint64(b, uint64(c.at))
	}
	b = append(b, index...)
	for _, off := range types {
		b = append(binary.BigEndian.AppendUint32(b, uint32(int32(off))), 0, 0)
	}
	loc, err := time.LoadLocationFromTZData(name, append(b, "\x00\n\n"...))
	if err != nil {
		return nil
	}
	return loc
}

// parseOffset reads seconds east of UTC (RFC 5545 section 3.3.14).
func parseOffset(s string) (int64, bool) {
	if len(s) != 5 && len(s) != 7 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	h, m, sec := digits(s[1:3]), digits(s[3:5]), 0
	if len(s) == 7 {
		sec = digits(s[5:])
	}
	off := int64(h*hour + m*minute + sec)
	if s[0] == '-' {
		off = -off
	}
	return off, h >= 0 && h < 24 && m >= 0 && m < 60 && sec >= 0 && sec < 60
}
