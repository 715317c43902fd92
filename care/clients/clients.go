// Package clients is where the care team finds a person and reads their chart:
// what must be known first, what changed since they last looked, and the rest in
// the order it is asked for. It refuses to put what was looked for into an
// address, to show a clinical word in a list of people, and to hint at a part of
// a chart that is not open to whoever looks.
package clients

import (
	"rapport/record"
	"rapport/web"
)

// summary is what the one page of a chart shows, and so what its ledger line
// says.
const summary = record.Person | record.Conditions | record.Medicines | record.Allergies | record.Immunisations | record.Results |
	record.Documents | record.Visits | record.Procedures | record.Messages | record.Told

// Routes returns the pages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /clients", Why: record.Finding, Directory: list},
		{Pattern: "POST /clients/find", Why: record.Finding, Directory: find},
		{Pattern: "GET /clients/{client}", Why: record.Care, What: summary, Chart: show},
		{Pattern: "GET /clients/{client}/timeline", Why: record.Care, What: summary, Chart: timeline},
		{Pattern: "GET /clients/{client}/results/{id}", Why: record.Care, What: record.Person | record.Results, Chart: result},
		{Pattern: "GET /clients/{client}/documents/{id}", Why: record.Care, What: record.Person | record.Documents, Chart: showDocument},
		{Pattern: "GET /clients/{client}/documents/{id}/files/{n}", Why: record.Care, What: record.Documents, Chart: file},
	}
}
