// Package trust is where a client looks after their own information: who looked and who
// can, what left, how long it is kept, and how to take it, put it right or erase it. It
// shows what is there at that moment and nothing else. Staff answer here for what they opened
// in need and for what they are asked to put right, and the privacy officer looks into it,
// knowing people by their initials. It refuses to decide who may see
// what (the policy does), to show one line that is not from live data, and to promise what
// nobody can keep.
package trust

import (
	"rapport/record"
	"rapport/web"
)

const (
	frontParts = record.Person | record.Visits | record.Plans | record.Agreements | record.Messages | record.Looks
	whoParts   = record.Person | record.Agreements | record.Visits
	keepParts  = record.Person | record.Visits
)

// Routes lists the pages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /me/{client}/trust", Why: record.Minding, What: frontParts, Chart: show},
		{Pattern: "GET /me/{client}/trust/who", Why: record.Minding, What: whoParts, Chart: who},
		{Pattern: "POST /me/{client}/trust/who/limit", Why: record.Minding, What: whoParts, Chart: limit},
		{Pattern: "POST /me/{client}/trust/who/end", Why: record.Minding, What: whoParts, Chart: unlimit},
		{Pattern: "GET /me/{client}/trust/as", Why: record.Minding, What: record.AllParts, Chart: as},
		{Pattern: "GET /me/{client}/trust/private", Why: record.Minding, What: record.AllParts, Chart: private},
		{Pattern: "POST /me/{client}/trust/private", Why: record.Minding, What: record.AllParts, Chart: mark},
		{Pattern: "GET /me/{client}/trust/wrong", Why: record.Minding, What: record.AllParts, Chart: wrong},
		{Pattern: "POST /me/{client}/trust/wrong", Why: record.Minding, What: record.AllParts, Chart: wrongPost},
		{Pattern: "GET /me/{client}/trust/keep", Why: record.Minding, What: keepParts, Chart: keep},
		{Pattern: "POST /me/{client}/trust/keep", Why: record.Minding, What: keepParts, Chart: erase},
		{Pattern: "GET /clients/{client}/glass", Why: record.Breaking, What: record.Person, Chart: glass},
		{Pattern: "POST /clients/{client}/glass", Why: record.Breaking, What: record.Person, Chart: breakGlass},
		{Pattern: "GET /clients/{client}/corrections", Why: record.Care, What: record.AllParts, Must: record.Plans, Chart: corrections},
		{Pattern: "POST /clients/{client}/corrections", Why: record.Care, What: record.AllParts, Must: record.Plans, Chart: answerFix},
		{Pattern: "GET /practice/privacy", Why: record.Guarding, Practice: office},
		{Pattern: "POST /practice/privacy", Why: record.Guarding, Practice: judge},
	}
}

func me(c *record.Chart) string { return "/me/" + string(c.Client()) }

func base(c *record.Chart) string { return me(c) + "/trust" }
