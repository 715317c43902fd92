// Package earlier is for who has a visit and would rather come sooner: what they would
// take, the one time that is kept for them when it opens, and one press that takes it.
// It refuses to show a time that is kept for somebody else, and never gives their own
// visit away before they have the new one.
package earlier

import (
	"rapport/record"
	"rapport/web"
)

// Routes lists the pages.
func Routes() []web.Route {
	at := "/me/{client}/visits/{id}/earlier"
	return []web.Route{
		{Pattern: "GET " + at, Why: record.Booking, What: record.Visits, Chart: show},
		{Pattern: "POST " + at, Why: record.Booking, What: record.Visits, Chart: wish},
		{Pattern: "POST " + at + "/stop", Why: record.Booking, What: record.Visits, Chart: stop},
		{Pattern: "POST " + at + "/take", Why: record.Booking, What: record.Visits, Chart: take},
		{Pattern: "POST " + at + "/leave", Why: record.Booking, What: record.Visits, Chart: leave},
	}
}
