// Package joining is where staff answer for who somebody is: they invite a client,
// let one back in who is locked out, name a minor's guardians, and take on who
// asked to join. It refuses to say how anybody comes in, to choose a credential for
// them, to match a person by anything but what staff say, and to send a link to an
// address that somebody else reads before staff asked about it in private.
package joining

import (
	"rapport/record"
	"rapport/web"
)

// who is what these pages open of a chart: who it is, and who may act for them.
const who = record.Person | record.Agreements

// Routes returns the pages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /clients/{client}/access", Why: record.Vouching, What: who, Chart: access},
		{Pattern: "POST /clients/{client}/access/invite", Why: record.Vouching, What: who, Chart: invite},
		{Pattern: "POST /clients/{client}/access/withdraw", Why: record.Vouching, What: who, Chart: withdraw},
		{Pattern: "POST /clients/{client}/access/back", Why: record.Vouching, What: who, Chart: letBack},
		{Pattern: "POST /clients/{client}/access/guardian", Why: record.Vouching, What: who, Chart: nameGuardian},
		{Pattern: "POST /clients/{client}/access/guardian/end", Why: record.Vouching, What: who, Chart: endGuardian},

		{Pattern: "GET /waiting", Why: record.Finding, Directory: list},
		{Pattern: "GET /waiting/{id}", Why: record.Vouching, Directory: decide},
		{Pattern: "POST /waiting/{id}/find", Why: record.Vouching, Directory: find},
		{Pattern: "POST /waiting/{id}/match", Why: record.Vouching, Directory: match},
		{Pattern: "POST /waiting/{id}/accept", Why: record.Vouching, Directory: accept},
		{Pattern: "GET /waiting/{id}/new", Why: record.Vouching, Directory: showNew},
		{Pattern: "POST /waiting/{id}/new", Why: record.Vouching, Directory: begin},
		{Pattern: "POST /waiting/{id}/decline", Why: record.Vouching, Directory: decline},
	}
}
