// Package schedule is the practice's day: who comes when and to whom, who is here and
// waits, what is free, and what is left to see to because somebody did not come. Staff
// book, move and cancel here for a client. It refuses to put a client's name into an
// address, to say on what a visit was about, and to give a time to two.
package schedule

import (
	"cmp"
	"strings"
	"time"

	"rapport/errs"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// of is what pages about one client's visits open: who it is, and the visits.
const of = record.Person | record.Visits

// Routes returns the pages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /day", Why: record.Finding, Directory: showDay},
		{Pattern: "GET /day/state", Why: record.Public, Times: state},
		{Pattern: "POST /day/code", Why: record.Finding, Directory: byCode},
		{Pattern: "POST /day/late", Why: record.Finding, Directory: setLate},
		{Pattern: "GET /day/book", Why: record.Finding, Directory: pick},
		{Pattern: "POST /day/book", Why: record.Finding, Directory: find},

		{Pattern: "GET /clients/{client}/book", Why: record.Care, What: of, Chart: showBook},
		{Pattern: "POST /clients/{client}/book", Why: record.Care, What: of, Chart: book},
		{Pattern: "POST /clients/{client}/line", Why: record.Care, What: of, Chart: join},
		{Pattern: "GET /clients/{client}/visits/{id}", Why: record.Care, What: of, Chart: showVisit},
		{Pattern: "POST /clients/{client}/visits/{id}/state", Why: record.Care, What: of, Chart: setState},
		{Pattern: "POST /clients/{client}/visits/{id}/cancel", Why: record.Care, What: of, Chart: cancel},
		{Pattern: "GET /clients/{client}/visits/{id}/move", Why: record.Care, What: of, Chart: showMove},
		{Pattern: "POST /clients/{client}/visits/{id}/move", Why: record.Care, What: of, Chart: move},
		{Pattern: "POST /clients/{client}/todo/{id}", Why: record.Care, What: of, Chart: finish},
	}
}

// state is a number that is another when anything about the times is: what the day's
// script asks for, so that the day itself is opened only when there is something new.
func state(_ *web.Ask, t *record.Calendar) (web.Answer, error) {
	n, _ := t.Watch()
	return web.JSON(struct {
		State uint64 `json:"state"`
	}{n})
}

func frame(a *web.Ask, title string, scripts ...string) shell.View {
	s := a.Shell(title, "day", scripts...)
	s.Place, s.Here = a.P.ScheduleTitle(), "/day"
	done := map[string]string{"saved": a.P.ScheduleDoneSaved(), "arrived": a.P.ScheduleDoneArrived(), "booked": a.P.ScheduleDoneBooked(), "moved": a.P.ScheduleDoneMoved(), "cancelled": a.P.ScheduleDoneCancelled(), "line": a.P.ScheduleDoneLine()}
	s.Flash = parts.FlashView{Tone: parts.ToneOK, Text: done[a.Query("done")]}
	if a.Query("code") == "none" {
		s.Flash = parts.FlashView{Tone: parts.ToneWarn, Text: a.P.ScheduleCodeNone()}
	}
	return s
}

// practice is what every page here knows of the practice: its times, and who works
// here by id.
type practice struct {
	*web.Ask
	t     *hours.Timetable
	names map[string]string
}

func newPractice(a *web.Ask, t *hours.Timetable, staff []record.Colleague) *practice {
	p := &practice{a, t, map[string]string{}}
	for _, c := range staff {
		p.names[c.ID] = c.Name
	}
	return p
}

func (p *practice) name(who string) string {
	if n := p.names[who]; n != "" {
		return n
	}
	return "?"
}

// service is what a service is called; one that is of another system, or gone, is a
// visit.
func (p *practice) service(id string) string {
	s, _ := p.t.Service(id)
	return cmp.Or(p.In(s.Names), p.P.ScheduleVisit())
}

// room is what a room is called; "" for none.
func (p *practice) room(id string) string {
	r, _ := p.t.Room(id)
	return r.Name
}

// mode says a way to meet, with its icon.
func mode(p lang.Printer, m hours.Modes) (text, icon string) {
	switch m {
	case hours.InPerson:
		return p.ScheduleModeInperson(), "map-pin"
	case hours.Video:
		return p.ScheduleModeVideo(), "video"
	case hours.Phone:
		return p.ScheduleModePhone(), "phone"
	}
	return "", ""
}

// span says from when to when a visit is.
func (p *practice) span(from, to time.Time) string {
	return p.P.Clock(p.Local(from)) + "–" + p.P.Clock(p.Local(to))
}

// when says a day and a time.
func (p *practice) when(from, to time.Time) string {
	return lang.Upper(p.P.Date(p.Local(from), p.Now)) + ", " + p.span(from, to)
}

// dayIn reads the day an address names; today if it names none.
func dayIn(a *web.Ask, s string) hours.Date {
	if d, ok := hours.ParseDate(s); ok {
		return d
	}
	return hours.DateOf(a.Now)
}

// on is a day's noon in the practice's zone, to be named.
func on(a *web.Ask, d hours.Date) time.Time {
	t, _ := d.At(12*60, a.Now.Location())
	return t
}

// backTo is where an act leads on to: a page of the day, and nowhere else.
func backTo(a *web.Ask, or string) string {
	if b := a.Form("back"); b == "/day" || strings.HasPrefix(b, "/day?") {
		return b
	}
	return or
}

// done adds to an address what was done.
func done(href, what string) string {
	path, anchor, has := strings.Cut(href, "#")
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	path += sep + "done=" + what
	if has {
		path += "#" + anchor
	}
	return path
}

// met reports that an act met somebody else's: the time is gone, or the visit is in
// another state.
func met(err error) bool { return errs.Is(err, errs.Conflict) }
