package family

import (
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/shell"
)

// circleView is who may act for a client.
type circleView struct {
	Shell  shell.View
	P      lang.Printer
	Base   string
	Looks  string // where the list of looks is
	Now    []personView
	Open   []personView
	Guards bool // a guardian is among them
}

// personView is one of them.
type personView struct {
	ID, Name, Seed string
	Relation       string
	Lines          []string
	Guardian, Open bool
}

// show answers GET /me/{client}/helpers.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	gs, err := c.Circle(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	v := circleView{Shell: a.Shell(a.P.FamilyHelpers(), "helpers"), P: a.P, Base: base(c), Looks: "/me/" + string(c.Client()) + "/looks"}
	for _, g := range gs {
		x := person(a, g)
		v.Guards = v.Guards || x.Guardian
		if x.Open {
			v.Open = append(v.Open, x)
		} else {
			v.Now = append(v.Now, x)
		}
	}
	return web.Page(circlePage(v)), nil
}

// person puts a grant into words.
func person(a *web.Ask, g record.Grant) personView {
	x := personView{ID: g.ID, Name: g.Name, Seed: g.ID, Relation: g.Relation, Guardian: g.Tie == record.Guardian, Open: g.Open()}
	if x.Open {
		x.Lines = append(x.Lines, a.P.FamilyWaiting(g.Name, day(a.P, g.Answer(), a.Now)))
	}
	switch sees := things(a.P, g.Reads); {
	case sees != "":
		x.Lines = append(x.Lines, a.P.FamilySees(sees), acts(a.P, g.Acts))
	case !x.Open:
		x.Lines = append(x.Lines, a.P.FamilyGuardianNothing())
	}
	if span := span(a, g); span != "" {
		x.Lines = append(x.Lines, span)
	}
	return x
}

func acts(p lang.Printer, set record.Parts) string {
	if s := things(p, set&acting); s != "" {
		return p.FamilyActs(s)
	}
	return p.FamilyLooks()
}

// span says since and until when.
func span(a *web.Ask, g record.Grant) string {
	switch from, until := g.From, g.Until; {
	case from.IsZero() && until.IsZero():
		return ""
	case until.IsZero():
		return a.P.FamilySince(day(a.P, from, a.Now))
	case from.IsZero():
		return a.P.FamilyUntil(lastDay(a.P, until, a.Now))
	default:
		return a.P.FamilySinceuntil(day(a.P, from, a.Now), lastDay(a.P, until, a.Now))
	}
}

// end answers POST /me/{client}/helpers/end.
func end(a *web.Ask, c *record.Chart) (web.Answer, error) {
	q := record.AndTell
	if a.Form("how") == "quiet" {
		q = record.AndSayNothing
	}
	if err := c.EndHelp(a.Context(), a.Form("id"), q); err != nil {
		return web.Answer{}, err
	}
	return web.See(base(c)), nil
}
