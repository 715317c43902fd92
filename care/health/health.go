// Package health shows a client their own record in plain words: what they have,
// what they take, what was measured and what it means, and when it all happened.
// It refuses to judge a value on its own account (only the range and the word
// that came with it count) and to load a whole record onto one page.
package health

import (
	"rapport/record"
	"rapport/web"
)

const overview = record.Conditions | record.Medicines | record.Allergies | record.Immunisations | record.Results | record.Documents | record.Visits

// Routes lists the pages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /me/{client}/health", Why: record.Own, What: overview, Chart: show},
		{Pattern: "GET /me/{client}/health/results", Why: record.Own, What: record.Results, Chart: results},
		{Pattern: "GET /me/{client}/health/results/{id}", Why: record.Own, What: record.Results, Chart: result},
		{Pattern: "GET /me/{client}/health/documents", Why: record.Own, What: record.Documents, Chart: documents},
		{Pattern: "GET /me/{client}/health/documents/{id}", Why: record.Own, What: record.Documents, Chart: showDocument},
		{Pattern: "GET /me/{client}/health/documents/{id}/{file}", Why: record.Own, What: record.Documents, Chart: saveDocument},
		{Pattern: "GET /me/{client}/health/timeline", Why: record.Own, What: timelineParts, Chart: timeline},
	}
}

// base is the address of a client's health page.
func base(c *record.Chart) string { return "/me/" + string(c.Client()) + "/health" }
