// Package today is the page a client lands on: what is next, what has changed,
// and the one course of values that matters most; and what somebody sees who came
// by a link alone: when, and whether, never what. It refuses to list everything
// (that is the health page's work) and to show a section that has nothing to say.
package today

import (
	"rapport/record"
	"rapport/web"
)

// Routes lists the pages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /me/{client}/now", Why: record.Own, What: record.Visits | record.Messages, Chart: now},
		{Pattern: "GET /me/{client}/today", Why: record.Own, What: record.Person | record.Medicines | record.Results | record.Documents | record.Visits | record.Plans | record.Told | record.Looks, Chart: show},
	}
}
