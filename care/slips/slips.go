// Package slips is for people who answer for one visit without signing in: whoever
// has the link that was mailed about it, and guests who booked and have no chart yet.
// A slip says when the visit is, how and where, and never what it is about: who reads
// the mail may not be whose visit it is. It refuses to change anything by being
// looked at, as mail scanners follow links; every act is one press of a button.
package slips

import (
	"rapport/record"
	"rapport/web"
)

// Routes lists the pages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /v/{token}", Why: record.Booking, Slip: show},
		{Pattern: "POST /v/{token}/confirm", Why: record.Booking, Slip: confirm},
		{Pattern: "POST /v/{token}/cancel", Why: record.Booking, Slip: cancel},
		{Pattern: "GET /v/{token}/move", Why: record.Booking, Slip: openings},
		{Pattern: "POST /v/{token}/move", Why: record.Booking, Slip: move},
		{Pattern: "POST /v/{token}/take", Why: record.Booking, Slip: take},
		{Pattern: "POST /v/{token}/leave", Why: record.Booking, Slip: leave},
		{Pattern: "GET /visits/mine", Why: record.Public, Times: mine},
		{Pattern: "GET /visits/mine/{id}/visit.ics", Why: record.Public, Times: calendarFile},
		{Pattern: "POST /visits/mine/{id}/cancel", Why: record.Public, Times: release},
	}
}
