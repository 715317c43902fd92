// Package looks shows a client who has seen their information: every line of the
// ledger about them as a sentence, the proof that a line is really in the
// practice's book, and a way to ask about it. It refuses to hide a line, to show
// a code or an account's id, and to promise more than a list can prove.
package looks

import (
	"rapport/errs"
	"rapport/record"
	"rapport/web"
	"rapport/web/verify"
)

// Routes lists the pages. Looks are shown with the questions asked about them,
// and those are messages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /me/{client}/looks", Why: record.Own, What: record.Looks | record.Messages, Chart: show},
		{Pattern: "GET /me/{client}/looks/{seq}", Why: record.Own, What: record.Looks, Chart: check},
		{Pattern: "GET /me/{client}/looks/book", Why: record.Own, What: record.Looks, Chart: book},
		{Pattern: "GET /me/{client}/looks/receipt", Why: record.Own, What: record.Looks, Chart: receipt},
		{Pattern: "GET /me/{client}/looks/copy", Why: record.Own, What: record.Looks, Chart: keep},
		{Pattern: "GET /looks/check.html", Why: record.Public, Open: checker},
		{Pattern: "GET /me/{client}/looks/{seq}/ask", Why: record.Own, What: record.Looks | record.Messages, Chart: ask},
		{Pattern: "POST /me/{client}/looks/{seq}/ask", Why: record.Own, What: record.Person | record.Looks | record.Messages, Chart: askPost},
	}
}

var errNoPerson = errs.E(errs.Internal, "looks: the chart has no person")

// base is the address of a client's list.
func base(c *record.Chart) string { return "/me/" + string(c.Client()) + "/looks" }

// checker answers GET /looks/check.html with the page that checks a copy without us.
func checker(a *web.Ask) (web.Answer, error) {
	b, err := verify.Page(a.Context(), a.P)
	return web.File("text/html; charset=utf-8", "check.html", b), err
}
