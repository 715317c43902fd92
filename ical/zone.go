package ical

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// used is a zone that a calendar writes times in, and of which years.
type used struct {
	zone        *time.Location
	first, last int
	since       wall // changes before are told only by rules
}

// When an empty calendar's zone is told: it must be told something (RFC 5545 section
// 3.6), and no clock is asked here.
const emptyYear = 2026

// zonesOf returns the zones that a calendar's events need, by name.
func (p *page) zonesOf(c Calendar) ([]used, error) {
	home, err := p.named(c.Zone)
	if err != nil {
		return nil, err
	}
	if len(c.Events) == 0 {
		return []used{{zone: home, first: emptyYear, last: emptyYear}}, nil
	}
	var out []used
	for _, e := range c.Events {
		z, err := p.named(cmp.Or(e.Zone, c.Zone))
		if err != nil {
			return nil, err
		}
		if z == time.UTC || e.AllDay {
			continue
		}
		first, last := e.From.In(z).Year(), e.To.In(z).Year()
		i := slices.IndexFunc(out, func(u used) bool { return u.zone.String() == z.String() })
		if i < 0 {
			out = append(out, used{zone: z, first: first, last: last})
			continue
		}
		out[i].first, out[i].last = min(out[i].first, first), max(out[i].last, last)
	}
	slices.SortFunc(out, func(a, b used) int { return strings.Compare(a.zone.String(), b.zone.String()) })
	return out, nil
}

// change is one change of a zone's clock.
type change struct {
	at       wall // what the clock showed
	was, now int  // seconds east of UTC
	name     string
	old      string // the name before
	summer   bool
}

// like reports changes that one component can tell: all but when they are is the same.
func (c change) like(o change) bool {
	return c.was == o.was && c.now == o.now && c.name == o.name && c.summer == o.summer
}

// How many years beyond the last event are looked at, to see whether the changes of
// its clock keep to a rule: the last and the fourth Sunday must come apart.
const ahead = 12

// zone writes a VTIMEZONE that tells every change of the clock in the years in use,
// both ways, and what holds before the first.
func (p *page) zone(u used) {
	p.line("BEGIN", "VTIMEZONE")
	p.line("TZID", u.zone.String())
	if u.zone != time.UTC {
		p.line("X-LIC-LOCATION", u.zone.String())
	}
	all := changes(u)
	u.since = all[0].at // of what is in force when the first year begins
	for _, c := range all {
		if c.at.utc().Year() < u.first {
			u.since = c.at
		}
	}
	for len(all) > 0 {
		var same, rest []change
		for _, c := range all {
			if c.like(all[0]) {
				same = append(same, c)
			} else {
				rest = append(rest, c)
			}
		}
		p.observances(same, u)
		all = rest
	}
	p.line("END", "VTIMEZONE")
}

// Since when changes are looked at, so that rules are told from where they began: a
// zone of which nothing is known before this year is UTC to some readers.
const rulesSince = 2000

// changes lists a zone's changes from the one in force before the first year in use,
// or longer.
func changes(u used) []change {
	t := time.Date(min(u.first, rulesSince)-1, 12, 31, 0, 0, 0, 0, time.UTC)
	end := time.Date(u.last+ahead+1, 1, 1, 0, 0, 0, 0, time.UTC)
	since := t.In(u.zone)
	for { // bounds that change nothing are there, too, at the turn of a year
		if since, _ = since.ZoneBounds(); since.IsZero() || changeAt(since, u.zone).real() {
			break
		}
		since = since.Add(-time.Second)
	}
	var out []change
	if since.IsZero() {
		name, off := t.In(u.zone).Zone()
		first := min(wall(0), wallOf(t, time.UTC))
		out = append(out, change{at: first, was: off, now: off, name: name})
	} else {
		out = append(out, changeAt(since, u.zone))
	}
	for {
		next, ok := changeAfter(t, u.zone, end)
		if !ok {
			return out
		}
		out = append(out, changeAt(next, u.zone))
		t = next
	}
}

// changeAfter returns when a zone's clock is changed next after a moment, and whether
// that is before another. Bounds that change nothing are passed over, and one that is
// not after the moment, which is what Go 1.26 says on the last day of a leap year.
func changeAfter(t time.Time, zone *time.Location, end time.Time) (time.Time, bool) {
	for {
		_, next := t.In(zone).ZoneBounds()
		if next.IsZero() {
			return next, false
		}
		if !next.After(t) {
			next = t.Add(24 * time.Hour)
		}
		if !next.Before(end) {
			return next, false
		}
		if changeAt(next, zone).real() {
			return next, true
		}
		t = next
	}
}

// real reports that the clock, or at least its name, does change.
func (c change) real() bool { return c.was != c.now || c.name != c.old }

// changeAt describes the change of the clock at a moment. The clock of summer is the
// one put forward, whatever the zone calls it: Ireland's law has it the other way.
func changeAt(t time.Time, zone *time.Location) change {
	old, t := t.Add(-time.Second).In(zone), t.In(zone)
	oldName, was := old.Zone()
	name, now := t.Zone()
	return change{wall(t.Unix() + int64(was)), was, now, name, oldName, now > was && (t.IsDST() || old.IsDST())}
}

// observances writes changes that are alike: those that keep to a yearly rule to the
// end by that rule, and others one by one.
func (p *page) observances(same []change, u used) {
	rule, ruled := "", len(same) // where the rule begins
	for ruled > 0 {
		r := yearlyRule(same[ruled-1:], u.last+ahead)
		if r == "" {
			break
		}
		rule, ruled = r, ruled-1
	}
	if len(same)-ruled < ahead { // by chance, or only later
		rule, ruled = "", len(same)
	}
	single := slices.DeleteFunc(slices.Clone(same[:ruled]), func(c change) bool { return c.at < u.since || c.at.utc().Year() > u.last })
	if len(single) > 0 {
		p.observance(single, "")
	}
	if rule != "" {
		p.observance(same[ruled:ruled+1], rule)
	}
}

func (p *page) observance(same []change, rule string) {
	c := same[0]
	kind := pick(c.summer, "DAYLIGHT", "STANDARD")
	p.line("BEGIN", kind)
	p.line("DTSTART", c.at.utc().Format(localForm))
	p.line("TZOFFSETFROM", offset(c.was))
	p.line("TZOFFSETTO", offset(c.now))
	p.text("TZNAME", c.name)
	if rule != "" {
		p.line("RRULE", rule)
	}
	for _, o := range same[1:] {
		p.line("RDATE", o.at.utc().Format(localForm))
	}
	p.line("END", kind)
}

// yearlyRule returns the rule that changes keep to, one in each year until a last one;
// "" if they keep to none, or are too few to say.
func yearlyRule(cs []change, last int) string {
	first := cs[0].at.utc()
	if cs[len(cs)-1].at.utc().Year() != last {
		return ""
	}
	nth, fromEnd := (first.Day()-1)/7+1, true
	for i, c := range cs {
		t := c.at.utc()
		if t.Year() != first.Year()+i || t.Month() != first.Month() || t.Weekday() != first.Weekday() || (c.at-cs[0].at)%day != 0 {
			return ""
		}
		if (t.Day()-1)/7+1 != nth {
			nth = 0
		}
		fromEnd = fromEnd && t.Day()+7 > monthLen(t.Year(), t.Month())
	}
	switch {
	case fromEnd:
		nth = -1
	case nth == 0:
		return ""
	}
	return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", int(first.Month()), nth, weekdays[first.Weekday()])
}

// offset writes seconds east of UTC; RFC 5545 section 3.3.14.
func offset(s int) string {
	sign := "+"
	if s < 0 {
		sign, s = "-", -s
	}
	out := fmt.Sprintf("%s%02d%02d", sign, s/hour, s/minute%60)
	if s%60 != 0 {
		out += fmt.Sprintf("%02d", s%60)
	}
	return out
}
