// Package orders is how staff ask a client to come again: "back in three weeks, twenty
// minutes, with me". The client finds it on their visits page and books it when it
// suits them. It refuses to book anything itself, and to order what the practice does
// not do.
package orders

import (
	"crypto/rand"
	"strconv"

	"rapport/errs"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// Routes lists the pages.
func Routes() []web.Route {
	at := "/clients/{client}/order"
	return []web.Route{
		{Pattern: "GET " + at, Why: record.Care, What: record.Person | record.Visits, Chart: show},
		{Pattern: "POST " + at, Why: record.Care, What: record.Person | record.Visits, Chart: order},
	}
}

// view is the form of an order.
type view struct {
	Shell   shell.View
	P       lang.Printer
	At      string
	Back    parts.Link
	Key     string
	Service parts.ChoiceView
	Who     parts.ChoiceView
	Weeks   parts.ChoiceView
	Note    parts.AreaView
}

// weeks are in how many weeks somebody comes again, as they are chosen.
var weeks = []int{0, 1, 2, 3, 4, 6, 8, 12, 26, 52}

func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := viewOf(a, c, "")
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(page(v)), nil
}

func viewOf(a *web.Ask, c *record.Chart, problem string) (view, error) {
	cal, p := c.Calendar(), a.P
	back := "/clients/" + string(c.Client())
	v := view{P: p, At: back + "/order", Back: parts.Link{Text: p.OrdersBack(), Href: back}, Key: rand.Text(), Shell: a.Shell(p.OrdersTitle(), "clients")}
	v.Shell.Place, v.Shell.Here = p.OrdersTitle(), "/clients"
	v.Service = parts.ChoiceView{P: p, Name: "service", Label: p.SeveralWhat(), Problem: problem}
	for _, s := range cal.Timetable().Services {
		v.Service.Options = append(v.Service.Options, parts.Option{Value: s.ID, Text: p.OrdersMinutes(a.In(s.Names), s.Minutes), Chosen: s.ID == a.Form("service")})
	}
	with, err := cal.Colleagues(a.Context())
	if err != nil {
		return v, err
	}
	v.Who = parts.ChoiceView{P: p, Name: "who", Label: p.EarlierWho(), Options: []parts.Option{{Value: "", Text: p.EarlierWhoAny()}}}
	for _, x := range with {
		v.Who.Options = append(v.Who.Options, parts.Option{Value: x.ID, Text: x.Name, Chosen: x.ID == a.Who.ID()})
	}
	v.Weeks = parts.ChoiceView{P: p, Name: "weeks", Label: p.OrdersWhen()}
	for _, w := range weeks {
		text := p.OrdersNow()
		if w > 0 {
			text = p.OrdersWeeks(w)
		}
		v.Weeks.Options = append(v.Weeks.Options, parts.Option{Value: strconv.Itoa(w), Text: text, Chosen: w == 3})
	}
	v.Note = parts.AreaView{P: p, Name: "note", Label: p.OrdersNote(), Hint: p.OrdersNoteHint(), Value: a.Form("note"), MaxLength: 400, Optional: true}
	return v, nil
}

func order(a *web.Ask, c *record.Chart) (web.Answer, error) {
	o := record.Order{Service: a.Form("service"), Who: a.Form("who"), Note: a.Form("note")}
	if n, err := strconv.Atoi(a.Form("weeks")); err == nil && n >= 0 && n <= 104 {
		o.After = hours.DateOf(a.Now) + hours.Date(7*n)
	}
	if a.Form("key") == "" {
		return web.Answer{}, errs.E(errs.Invalid, "orders: an order that is not asked from the page")
	}
	_, err := c.Order(a.Context(), a.Form("key"), o)
	if errs.Is(err, errs.Invalid) {
		v, verr := viewOf(a, c, a.P.OrdersWrong())
		if verr != nil {
			return web.Answer{}, verr
		}
		return web.Wrong(page(v)), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See("/clients/" + string(c.Client())), nil
}
