// Package timetable is where the manager writes down when people can be seen: the
// week of everybody who sees people, exceptions to it, what the practice does, and its
// rooms. It refuses to overwrite what somebody else changed meanwhile, to move a visit
// that is booked, and to say whose visit one is.
package timetable

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/hours"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// Routes returns the pages.
func Routes() []web.Route {
	var out []web.Route
	for _, r := range []struct {
		pattern string
		page    func(*office) (web.Answer, error)
	}{
		{"GET /practice/times", showWeek},
		{"POST /practice/times/hold", setHold},
		{"GET /practice/times/hours", newHours},
		{"POST /practice/times/hours", addHours},
		{"GET /practice/times/hours/{id}", showHours},
		{"POST /practice/times/hours/{id}", saveHours},
		{"POST /practice/times/hours/{id}/remove", removeHours},
		{"GET /practice/times/changes", showChanges},
		{"POST /practice/times/changes", addChange},
		{"POST /practice/times/changes/{id}/remove", removeChange},
		{"GET /practice/services", listServices},
		{"GET /practice/services/new", newService},
		{"POST /practice/services/new", addService},
		{"GET /practice/services/{id}", showService},
		{"POST /practice/services/{id}", saveService},
		{"POST /practice/services/{id}/remove", removeService},
		{"GET /practice/rooms", listRooms},
		{"GET /practice/rooms/new", newRoom},
		{"POST /practice/rooms/new", addRoom},
		{"GET /practice/rooms/{id}", showRoom},
		{"POST /practice/rooms/{id}", saveRoom},
		{"POST /practice/rooms/{id}/remove", removeRoom},
	} {
		out = append(out, web.Route{Pattern: r.pattern, Why: record.Running, Practice: func(a *web.Ask, p *record.Practice) (web.Answer, error) {
			o, err := open(a, p)
			if err != nil {
				return web.Answer{}, err
			}
			return r.page(o)
		}})
	}
	return out
}

// office is one request about the timetable: a copy to change, and who works here.
type office struct {
	*web.Ask
	p     *record.Practice
	t     hours.Timetable
	staff []record.StaffMember
}

func open(a *web.Ask, p *record.Practice) (*office, error) {
	t := *p.Timetable()
	t.Services, t.Stretches = slices.Clone(t.Services), slices.Clone(t.Stretches)
	t.Changes, t.Rooms = slices.Clone(t.Changes), slices.Clone(t.Rooms)
	ms, err := p.Staff(a.Context())
	return &office{a, p, t, ms}, err
}

// errNone is for a page about something that is not written down.
var errNone = errs.E(errs.NotFound, "timetable: nothing by that name")

// The tabs, by their addresses.
const (
	weekHref     = "/practice/times"
	hoursHref    = "/practice/times/hours"
	changesHref  = "/practice/times/changes"
	servicesHref = "/practice/services"
	roomsHref    = "/practice/rooms"
)

func (o *office) frame(title string, scripts ...string) shell.View {
	s := o.Shell(title, "times", scripts...)
	s.Place, s.Here = o.P.TimetableTitle(), weekHref
	if o.Query("done") == "saved" {
		s.Flash = parts.FlashView{Tone: parts.ToneOK, Text: o.P.TimetableSaved()}
	}
	if o.Query("done") == "removed" {
		s.Flash = parts.FlashView{Tone: parts.ToneOK, Text: o.P.TimetableRemoved()}
	}
	return s
}

func (o *office) tabs(current string) parts.TabsView {
	return parts.TabsView{Label: o.P.TimetableTabs(), Current: current, Tabs: []parts.Tab{
		{Text: o.P.TimetableTabWeek(), Href: weekHref}, {Text: o.P.TimetableTabChanges(), Href: changesHref},
		{Text: o.P.TimetableTabServices(), Href: servicesHref}, {Text: o.P.TimetableTabRooms(), Href: roomsHref},
	}}
}

// version is the timetable's as it was when the form was made.
func (o *office) version() int {
	n, err := strconv.Atoi(o.Form("version"))
	if err != nil {
		return -1 // nobody's
	}
	return n
}

// outcome is what became of a change.
type outcome uint8

// The outcomes. The zero outcome is none.
const (
	_       outcome = iota
	kept            // it is written down
	changed         // somebody else changed the timetable meanwhile
	refused         // it says something impossible
)

// save keeps the timetable, if it still is as the form knew it.
func (o *office) save() (outcome, error) {
	o.t.Version = o.version()
	err := o.p.SetTimetable(o.Context(), o.t)
	switch {
	case err == nil:
		return kept, nil
	case errs.Is(err, errs.Conflict):
		return changed, nil
	case errs.Is(err, errs.Invalid):
		return refused, nil
	}
	return 0, err
}

// say is what a form that was not kept says at its top.
func (o *office) say(x outcome) parts.FlashView {
	if x == changed {
		return parts.FlashView{Tone: parts.ToneWarn, Text: o.P.TimetableChanged()}
	}
	return parts.FlashView{Tone: parts.ToneDanger, Text: o.P.TimetableRefused()}
}

// newest is the version that the next save is to follow.
func (o *office) newest() string { return strconv.Itoa(o.p.Timetable().Version) }

// newID is a name for something new that is in no other's way.
func newID(letter string) string { return letter + strings.ToLower(rand.Text()[:12]) }

// seers are the roles of who may see people.
const seers = account.Nurse | account.Clinician | account.Coordinator

// people are who sees people, or may, by name; and whoever still has hours.
func (o *office) people() []record.StaffMember {
	var out []record.StaffMember
	for _, m := range o.staff {
		roles, _ := account.ParseRoles(m.Roles)
		for _, at := range m.At {
			r, _ := account.ParseRoles(at)
			roles |= r
		}
		has := slices.ContainsFunc(o.t.Stretches, func(s hours.Stretch) bool { return s.Who == m.ID })
		does := slices.ContainsFunc(o.t.Services, func(s hours.Service) bool { return slices.Contains(s.Who, m.ID) })
		if has || !m.Left && (does || roles.Any(seers)) {
			out = append(out, m)
		}
	}
	return out
}

// here reports whether somebody works here now.
func (o *office) here(who string) bool {
	return slices.ContainsFunc(o.staff, func(m record.StaffMember) bool { return m.ID == who && !m.Left })
}

func (o *office) name(who string) string {
	for _, m := range o.staff {
		if m.ID == who {
			return m.Name
		}
	}
	return "?"
}

// seesVisits reports whether who asks may open the day, beside the times.
func (o *office) seesVisits() bool { return o.Who.Roles().Any(seers | account.FrontDesk) }

func (o *office) whoOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, m := range o.people() {
		if !m.Left || m.ID == chosen {
			out = append(out, parts.Option{Value: m.ID, Text: m.Name, Chosen: m.ID == chosen})
		}
	}
	return out
}

func (o *office) serviceName(s hours.Service) string {
	return cmp.Or(o.In(s.Names), s.ID)
}

func (o *office) serviceOptions(chosen []string) []parts.Option {
	var out []parts.Option
	for _, s := range o.t.Services {
		out = append(out, parts.Option{Value: s.ID, Text: o.serviceName(s), Chosen: slices.Contains(chosen, s.ID)})
	}
	return out
}

func (o *office) placeOptions(chosen string) []parts.Option {
	if len(o.Practice.Places) == 0 {
		return nil
	}
	out := []parts.Option{{Value: "", Text: o.P.TimetablePlaceAny(), Chosen: chosen == ""}}
	for _, x := range o.Practice.Places {
		out = append(out, parts.Option{Value: x.ID, Text: x.Name, Chosen: x.ID == chosen})
	}
	return out
}

func (o *office) placeName(id string) string {
	for _, x := range o.Practice.Places {
		if x.ID == id {
			return x.Name
		}
	}
	return ""
}

// dayOf is some day with a weekday, to be named: 1 January 1970 was a Thursday.
func dayOf(d time.Weekday) time.Time {
	return time.Date(1970, 1, 4+int(d), 0, 0, 0, 0, time.UTC)
}

// week is the days of the week in the practice's order: Monday is first.
var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// dateOf is a day of the calendar as lang writes it.
func dateOf(d hours.Date) time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }
