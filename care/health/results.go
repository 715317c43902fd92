package health

import (
	"strconv"

	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// resultsView is every kind of reading there is, each with its newest value.
type resultsView struct {
	Shell                          shell.View
	P                              lang.Printer
	Whose                          whose
	Base                           string
	Vitals, Tests, Others, Answers []parts.RowView
}

// allReadings bounds what the page of all results opens. A record with more is
// cut at its oldest end, where every kind but the rarest has a newer value.
const allReadings = 5000

// results answers GET /me/{client}/health/results.
func results(a *web.Ask, c *record.Chart) (web.Answer, error) {
	rs, err := findings(a.Context(), c, "_count", strconv.Itoa(allReadings))
	if err != nil {
		return web.Answer{}, err
	}
	v := resultsView{Shell: a.Shell(a.P.HealthResults(), "health"), P: a.P, Whose: whoseOf(a), Base: base(c)}
	ks := kinds(rs)
	of := func(on shelf) []parts.RowView { return rows(a.P, v.Base, stock(ks, on), a.Now) }
	v.Vitals, v.Tests, v.Others, v.Answers = of(vitals), of(laboratory), of(others), of(answers)
	return web.Page(resultsPage(v)), nil
}

func (v view) moreDocuments() parts.Link {
	if !v.AllDocuments {
		return parts.Link{}
	}
	return parts.Link{Text: v.P.HealthDocumentsAll(), Href: v.Base + "/documents"}
}
