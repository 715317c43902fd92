// Package team is where the manager says who works here and as what, lets them in
// and out, names the practice's places, and switches on the rules for minors. It
// refuses to show how anybody comes in, to open a chart, to call an example of rules
// reviewed, and to leave a practice that nobody runs.
package team

import (
	"rapport/record"
	"rapport/web"
)

// Routes returns the pages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /practice/team", Why: record.Running, Practice: list},
		{Pattern: "GET /practice/team/new", Why: record.Staffing, Practice: showNew},
		{Pattern: "POST /practice/team/new", Why: record.Staffing, Practice: add},
		{Pattern: "GET /practice/team/{id}", Why: record.Staffing, Practice: show},
		{Pattern: "POST /practice/team/{id}", Why: record.Staffing, Practice: save},
		{Pattern: "POST /practice/team/{id}/cover", Why: record.Staffing, Practice: cover},
		{Pattern: "POST /practice/team/{id}/left", Why: record.Staffing, Practice: leave},
		{Pattern: "POST /practice/team/{id}/invite", Why: record.Staffing, Practice: invite},
		{Pattern: "POST /practice/team/{id}/reset", Why: record.Staffing, Practice: reset},
		{Pattern: "POST /practice/team/{id}/end", Why: record.Staffing, Practice: endSessions},

		{Pattern: "POST /practice/places", Why: record.Staffing, Practice: addPlace},
		{Pattern: "POST /practice/places/remove", Why: record.Staffing, Practice: removePlace},

		{Pattern: "GET /practice/minors", Why: record.Running, Practice: minors},
		{Pattern: "POST /practice/minors", Why: record.Staffing, Practice: switchOff},
		{Pattern: "GET /practice/minors/{id}", Why: record.Running, Practice: rules},
		{Pattern: "POST /practice/minors/{id}", Why: record.Staffing, Practice: switchOn},
	}
}
