package booking

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"rapport/hours"
	"rapport/record"
)

// slot is one seat of the map: who, and when by the clock on the practice's wall.
type slot struct {
	who    string
	day    hours.Date
	minute int
}

// String writes a slot as addresses and forms carry it: "lena.2026-11-26.630".
func (s slot) String() string {
	if s == (slot{}) {
		return ""
	}
	return s.who + "." + s.day.String() + "." + strconv.Itoa(s.minute)
}

// parseSlot reads one; the zero slot for what is none.
func parseSlot(s string) slot {
	head, min, ok := cutLast(s)
	who, date, ok2 := cutLast(head)
	day, ok3 := hours.ParseDate(date)
	n, err := strconv.Atoi(min)
	if !ok || !ok2 || !ok3 || err != nil || n < 0 || n >= hours.DayMinutes || who == "" {
		return slot{}
	}
	return slot{who, day, n}
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// slotOf is the seat of a moment.
func slotOf(who string, at time.Time, zone *time.Location) slot {
	at = at.In(zone)
	return slot{who, hours.DateOf(at), at.Hour()*60 + at.Minute()}
}

// choice is what somebody has chosen so far, as addresses and forms carry it.
type choice struct {
	service string
	how     hours.Modes // 0 is either
	from    hours.Date  // the first day shown; 0 is today
	list    bool
	move    record.Ref // the visit that is moved; "" for a new one
	was     slot       // the time that is or was held
}

// chosen reads a choice.
func chosen(get func(string) string) choice {
	c := choice{service: get("service"), how: hours.ParseMode(get("how")), list: get("view") == "list", move: record.Ref(get("move")), was: parseSlot(get("was"))}
	c.from, _ = hours.ParseDate(get("from"))
	return c
}

// fields are the choice as names and values, without what is not chosen.
func (c choice) fields() [][2]string {
	out := [][2]string{{"service", c.service}}
	if c.how != 0 {
		out = append(out, [2]string{"how", c.how.String()})
	}
	if c.from != 0 {
		out = append(out, [2]string{"from", c.from.String()})
	}
	if c.list {
		out = append(out, [2]string{"view", "list"})
	}
	if c.move != "" {
		out = append(out, [2]string{"move", string(c.move)})
	}
	if c.was != (slot{}) {
		out = append(out, [2]string{"was", c.was.String()})
	}
	return out
}

// at is an address with the choice in its query.
func (c choice) at(path string) string {
	q := url.Values{}
	for _, f := range c.fields() {
		q.Set(f[0], f[1])
	}
	return path + "?" + q.Encode()
}
