// Package several books more than one visit at a time: a series for one person, the
// same time each week, and one after the other for two or more of a family. All of
// them are booked or none is. It refuses to suggest a series or a run that is not free
// as a whole.
package several

import (
	"rapport/record"
	"rapport/web"
)

// Routes lists the pages.
func Routes() []web.Route {
	me := "/me/{client}/visits/series"
	return []web.Route{
		{Pattern: "GET " + me, Why: record.Booking, What: record.Visits, Chart: showSeries},
		{Pattern: "POST " + me, Why: record.Booking, What: record.Visits, Chart: bookSeries},
		{Pattern: "GET /family/visits", Why: record.Booking, What: record.Visits, Household: showFamily},
		{Pattern: "POST /family/visits", Why: record.Booking, What: record.Visits, Household: bookFamily},
	}
}

// How many visits a series has, at least, at most and if nothing is said.
const (
	seriesLeast, seriesMost, seriesUsual = 2, 12, 6
)
