// Package several books more than one visit at a time: a series for one person, the
// same time each week, and one after the other for two or more of a family. All of
// them are booked or none is. It refuses to suggest a series or a run that is not free
// as a whole.
package several

import (
	"rapport/hours"
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

// public are the services people book themselves.
func public(tt *hours.Timetable) []hours.Service {
	var out []hours.Service
	for _, s := range tt.Services {
		if s.Public {
			out = append(out, s)
		}
	}
	return out
}

// in picks the reader's words, or the practice's own.
func in(a *web.Ask, m map[string]string) string {
	for _, l := range append([]string{a.P.Tag().String()}, a.Practice.Languages...) {
		if m[l] != "" {
			return m[l]
		}
	}
	return ""
}
