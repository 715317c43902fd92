// Package practice is where the manager says what the practice is called, how it
// looks, which languages it speaks and where it is. It shows who works here. It
// refuses to show a chart, a client's name, or a count of clients: the account
// that runs the practice opens nobody's record.
package practice

import (
	"rapport/record"
	"rapport/web"
)

// Routes returns the pages of the practice's own side.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /practice", Why: record.Running, Practice: show},
		{Pattern: "POST /practice", Why: record.Running, Practice: save},
		{Pattern: "GET /practice/keeping", Why: record.Running, Practice: keeping},
		{Pattern: "POST /practice/keeping", Why: record.Running, Practice: saveKeeping},
		// Sums about two colours: the same for everyone, and about nobody.
		{Pattern: "GET /practice/colours", Why: record.Public, Open: colours},
	}
}
