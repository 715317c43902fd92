// Package takeaway lets a client take everything with them: one file that holds all that
// is kept about them, as FHIR, as pages to read and as the files that were attached, locked
// with words that only they have, and a page that opens it without us.
//
// It refuses to leave anything out that the client may see, to hold the copy in memory or
// lay it on the disk, to keep the words, and to send a byte before the ledger says that it
// leaves.
package takeaway

import (
	"io"

	"rapport/record"
	"rapport/web"
)

// everything is what a copy holds.
const everything = record.AllParts | record.Looks

// atOnce is how many copies are made at a time. Each reads a whole chart twice.
const atOnce = 2

// desk makes the copies of one practice.
type desk struct {
	rand  io.Reader
	turns chan struct{}
}

// Routes lists the pages. rand is where the words come from.
func Routes(rand io.Reader) []web.Route {
	return (&desk{rand, make(chan struct{}, atOnce)}).routes()
}

func (d *desk) routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /me/{client}/take", Why: record.Taking, What: everything, Chart: d.show},
		{Pattern: "POST /me/{client}/take", Why: record.Taking, What: everything, Chart: d.take},
		{Pattern: "GET /take/open.html", Why: record.Public, Open: opener},
	}
}
