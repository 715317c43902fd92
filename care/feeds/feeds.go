// Package feeds joins the practice's times with calendars elsewhere: a link by which
// somebody's own calendar program reads when their visits are, and the calendar of a
// member of staff, read in so that nobody books them while they are away. It refuses
// to write into a feed what a visit is about, or with whom, for whoever keeps that
// calendar reads it too; and to fetch anything: a calendar is brought, never called for.
package feeds

import (
	"rapport/record"
	"rapport/web"
)

// calendarMost is how large a calendar that is brought may be, with what surrounds it.
const calendarMost = 32 << 20

// Routes lists the pages.
func Routes() []web.Route {
	me := "/me/{client}/visits/calendar"
	return []web.Route{
		{Pattern: "GET /feeds/{token}/visits.ics", Why: record.Public, Feed: feed},
		{Pattern: "GET " + me, Why: record.Booking, What: record.Visits, Chart: show},
		{Pattern: "POST " + me, Why: record.Booking, What: record.Visits, Chart: begin},
		{Pattern: "POST " + me + "/stop", Why: record.Booking, What: record.Visits, Chart: stop},
		{Pattern: "GET /day/calendar", Why: record.Finding, Directory: desk},
		{Pattern: "POST /day/calendar", Why: record.Finding, Directory: deskBegin},
		{Pattern: "POST /day/calendar/stop", Why: record.Finding, Directory: deskStop},
		{Pattern: "POST /day/calendar/read", Why: record.Finding, Takes: calendarMost, Directory: read},
	}
}
