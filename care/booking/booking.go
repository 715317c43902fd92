// Package booking is how somebody comes to a visit: they choose what they need, see
// every open time on one map, have one held while they decide, confirm it, and get a
// ticket; and they move or cancel it. The same map stands at the practice's open door,
// where nobody needs an account.
//
// It refuses to decide what is open (package hours and the calendar do), to show at
// the open door more of a clinician than a first name and a title, and to carry a note
// or anything else about somebody in an address. A ticket is kept for when there is no
// network as a file that its owner saves, never by the browser on its own: what a
// service worker keeps stays on a lent phone after signing out, and nobody sees that it
// is there.
package booking

import (
	"rapport/account"
	"rapport/hours"
	"rapport/record"
	"rapport/web"
	"rapport/web/shell"
)

// Routes lists the pages.
func Routes() []web.Route {
	me := "/me/{client}/visits"
	chart := func(pattern string, h func(*web.Ask, *record.Chart) (web.Answer, error)) web.Route {
		return web.Route{Pattern: pattern, Why: record.Booking, What: record.Visits, Chart: h}
	}
	door := func(pattern string, h func(*web.Ask, *record.Calendar) (web.Answer, error)) web.Route {
		return web.Route{Pattern: pattern, Why: record.Public, Times: h}
	}
	return []web.Route{
		chart("GET "+me, list),
		chart("GET "+me+"/new", inside(choose)),
		chart("GET "+me+"/map", inside(show)),
		chart("GET "+me+"/hold", inside(showHeld)),
		chart("POST "+me+"/hold", inside(hold)),
		chart("POST "+me+"/keep", inside(keep)),
		chart("POST "+me+"/drop", inside(drop)),
		chart("POST "+me+"/confirm", inside(confirm)),
		chart("GET "+me+"/{id}", ticket),
		chart("GET "+me+"/{id}/visit.ics", calendarFile),
		chart("GET "+me+"/{id}/ticket.html", ticketFile),
		chart("GET "+me+"/{id}/cancel", cancelAsk),
		chart("POST "+me+"/{id}/cancel", cancel),
		door("GET /visits", atDoor(choose)),
		door("GET /visits/map", atDoor(show)),
		door("GET /visits/hold", atDoor(showHeld)),
		door("POST /visits/hold", atDoor(hold)),
		door("POST /visits/keep", atDoor(keep)),
		door("POST /visits/drop", atDoor(drop)),
		door("GET /visits/open", open),
	}
}

// place is where somebody books: in a chart, or at the open door.
type place struct {
	a     *web.Ask
	cal   *record.Calendar
	chart *record.Chart // nil at the open door
	base  string        // "/me/…/visits", or "/visits"
	tt    *hours.Timetable
}

func visitsOf(c *record.Chart) string { return "/me/" + string(c.Client()) + "/visits" }

// within is the place in a chart.
func within(a *web.Ask, c *record.Chart) place {
	cal := c.Calendar()
	return place{a: a, cal: cal, chart: c, base: visitsOf(c), tt: cal.Timetable()}
}

func inside(f func(place) (web.Answer, error)) func(*web.Ask, *record.Chart) (web.Answer, error) {
	return func(a *web.Ask, c *record.Chart) (web.Answer, error) {
		at := within(a, c)
		if !at.cal.Holds() { // a helper who may see visits and not book any
			return web.See(at.base), nil
		}
		return f(at)
	}
}

func atDoor(f func(place) (web.Answer, error)) func(*web.Ask, *record.Calendar) (web.Answer, error) {
	return func(a *web.Ask, cal *record.Calendar) (web.Answer, error) {
		return f(place{a: a, cal: cal, base: "/visits", tt: cal.Timetable()})
	}
}

// own is the address of the same for who is signed in as a client; "" for others.
func (at place) own() string {
	if me := at.a.Who.Client(); at.chart == nil && me != "" && at.a.Who.Level() >= account.ByKey {
		return "/me/" + string(me) + "/visits"
	}
	return ""
}

// shell is the frame of a page.
func (at place) shell(title string, scripts ...string) shell.View {
	v := at.a.Shell(title, "visits", scripts...)
	v.Robots = at.chart == nil
	return v
}
