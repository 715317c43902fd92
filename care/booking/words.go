package booking

import (
	"slices"
	"strings"
	"time"

	"rapport/hours"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
)

// serviceView is a service as it is chosen.
type serviceView struct {
	ID, Name, About, Icon string
	Length, Ways, Price   string
	Last                  bool // they had it last
}

// line says the length, the ways and the price.
func (s serviceView) line() string { return strings.Join([]string{s.Length, s.Ways, s.Price}, " · ") }

func (at place) service(s hours.Service) serviceView {
	p := at.a.P
	v := serviceView{ID: s.ID, Name: at.a.In(s.Names), About: at.a.In(s.About), Icon: s.Icon, Length: p.VisitsMinutes(s.Minutes), Ways: waysText(p, s.Modes), Price: at.a.In(s.Price)}
	if v.Price == "" {
		v.Price = p.VisitsCoveredShort()
	}
	if !parts.HasIcon(v.Icon) {
		v.Icon = "calendar"
	}
	return v
}

// services are what people book themselves.
func (at place) services() []hours.Service {
	return at.tt.Public()
}

func wayText(p lang.Printer, m hours.Modes) string {
	switch m {
	case hours.InPerson:
		return p.VisitsInperson()
	case hours.Video:
		return p.VisitsVideo()
	case hours.Phone:
		return p.VisitsPhone()
	}
	return p.VisitsEither()
}

// waysText says "in person or by video".
func waysText(p lang.Printer, m hours.Modes) string {
	var out []string
	for _, x := range m.Each() {
		switch x {
		case hours.InPerson:
			out = append(out, p.VisitsByInperson())
		case hours.Video:
			out = append(out, p.VisitsByVideo())
		case hours.Phone:
			out = append(out, p.VisitsByPhone())
		}
	}
	if len(out) < 2 {
		return strings.Join(out, "")
	}
	return p.VisitsOr(strings.Join(out[:len(out)-1], ", "), out[len(out)-1])
}

func wayIcon(m hours.Modes) string {
	switch m {
	case hours.InPerson:
		return "map-pin"
	case hours.Video:
		return "video"
	case hours.Phone:
		return "phone"
	}
	return ""
}

// person is a clinician as this place shows them.
type person struct {
	id, name, first, title string
}

var titles = []string{"dr", "dr.", "dra.", "prof", "prof.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "sr.", "sra.", "m.", "mme"}

// firstName is what somebody is called for short.
func firstName(name string) string {
	for _, w := range strings.Fields(name) {
		if !slices.Contains(titles, strings.ToLower(w)) {
			return w
		}
	}
	return name
}

// people are who does services. At the open door they have no family name.
func (at place) people() (map[string]person, error) {
	cs, err := at.cal.Colleagues(at.a.Context())
	if err != nil {
		return nil, err
	}
	out := make(map[string]person, len(cs))
	for _, c := range cs {
		x := person{c.ID, c.Name, firstName(c.Name), c.Title}
		if at.chart == nil {
			x.name = x.first
		}
		out[c.ID] = x
	}
	return out, nil
}

// called is a clinician's name with what they are.
func (x person) called() string {
	if x.title == "" {
		return x.name
	}
	return x.name + ", " + x.title
}

// day says a day as short as it can: "Today", "Thu 26", "Thu 3 Dec".
func day(p lang.Printer, at, now time.Time) string {
	switch n := hours.DateOf(at) - hours.DateOf(now); {
	case n == 0:
		return p.VisitsToday()
	case n == 1:
		return p.VisitsTomorrow()
	}
	return lang.Upper(weekday(p, at, now))
}

// weekday says "Thu 26" of a day soon, "Thu 3 Dec" of another; within a sentence.
func weekday(p lang.Printer, at, now time.Time) string {
	if n := hours.DateOf(at) - hours.DateOf(now); at.Month() == now.Month() && n > 0 && n < 28 {
		return p.WeekdayShort(at) + " " + at.Format("2")
	}
	return p.WeekdayShort(at) + " " + p.ShortDay(at)
}

// span says "10:30 to 10:50".
func span(p lang.Printer, from, to time.Time) string { return p.VisitsSpan(p.Clock(from), p.Clock(to)) }

// until is the last moment at which a client can move or cancel a visit.
func until(s hours.Service, from time.Time) time.Time {
	return from.Add(-time.Duration(s.Change) * time.Minute)
}

// of is the given name of whom the reader looks after, "" on their own.
func of(a *web.Ask) string {
	x, _ := a.Of()
	if x.Given != "" {
		return x.Given
	}
	return x.Name
}

// room is the name of a room.
func (at place) room(id string) string {
	r, _ := at.tt.Room(id)
	return r.Name
}

// where says where or how a visit is: a room's name, or the way.
func (at place) where(m hours.Modes, room string) string {
	if m == hours.InPerson && at.room(room) != "" {
		return at.room(room)
	}
	return wayText(at.a.P, m)
}

// reminded says when somebody is still reminded of a visit that is so long from now.
func reminded(p lang.Printer, s hours.Service, left time.Duration) string {
	var out []string
	for _, m := range s.Reminders() {
		switch {
		case time.Duration(m)*time.Minute >= left: // its time is over
		case m%hours.DayMinutes == 0:
			out = append(out, p.VisitsRemindDays(m/hours.DayMinutes))
		case m%60 == 0:
			out = append(out, p.VisitsRemindHours(m/60))
		default:
			out = append(out, p.VisitsRemindMinutes(m))
		}
	}
	if len(out) == 0 {
		return p.VisitsRemindNever()
	}
	return lang.Upper(p.VisitsRemindBefore(p.And(out)))
}

// changeable says until when a visit can be moved or cancelled.
func (at place) changeable(s hours.Service, from time.Time) string {
	last := at.a.Local(until(s, from))
	if !last.After(at.a.Now) {
		return at.a.P.VisitsChangeCall()
	}
	p, clock := at.a.P, at.a.P.Clock(last)
	switch hours.DateOf(last) - hours.DateOf(at.a.Now) {
	case 0:
		return p.VisitsChangeToday(clock)
	case 1:
		return p.VisitsChangeTomorrow(clock)
	}
	return p.VisitsChangeUntil(weekday(p, last, at.a.Now), clock)
}
