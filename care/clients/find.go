package clients

import (
	"strconv"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

const (
	perPage = 50 // people on a page of everyone
	perFind = 30 // people who fit a search
)

// listView is people to choose from.
type listView struct {
	Shell   shell.View
	P       lang.Printer
	Found   found
	Waiting parts.Link // to who asked to be taken on; none if nobody did
	Doubles parts.Link // to pairs that may be one person; none if there are none
}

// found is the list itself: the fragment that a search answers with.
type found struct {
	P         lang.Printer
	Query     string
	Rows      []parts.RowView
	Total     int // how many there are without a query
	From      int
	Prev, Nxt parts.Link
}

// list shows everyone by family name.
func list(a *web.Ask, d *record.Directory) (web.Answer, error) {
	from, err := strconv.Atoi(a.Query("from"))
	if err != nil {
		from = 0
	}
	return answer(a, d, everyone(a, d, from))
}

// find shows who fits what was written. The words come in the body of a request
// and go nowhere: not into an address, a log or the ledger.
func find(a *web.Ask, d *record.Directory) (web.Answer, error) {
	q := a.Form("q")
	if q == "" {
		return answer(a, d, everyone(a, d, 0))
	}
	return answer(a, d, found{P: a.P, Query: q, Rows: rows(a, d.Find(a.P.DateIn(q), perFind))})
}

func answer(a *web.Ask, d *record.Directory, f found) (web.Answer, error) {
	if a.Fragment {
		return web.Page(foundPart(f)), nil
	}
	v := listView{Shell: frame(a, lang.Upper(a.P.Clients())), P: a.P, Found: f}
	v.Shell.Search.Value = f.Query
	waiting, err := d.Waiting(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	if n := len(waiting); n > 0 {
		v.Waiting = parts.Link{Text: a.P.JoiningWaitingN(n), Href: "/waiting", Icon: "user-plus"}
	}
	doubles, err := d.Doubles(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	n := 0
	for _, x := range doubles {
		if x.State == record.DoubleOpen {
			n++
		}
	}
	if n > 0 {
		v.Doubles = parts.Link{Text: a.P.DoublesOpenN(n), Href: "/doubles", Icon: "users"}
	}
	return web.Page(listPage(v)), nil
}

// frame is the console around a page of this capability. Its search is the same
// everywhere: on the list it answers while somebody writes, on a chart it leads
// there.
func frame(a *web.Ask, title string) shell.View {
	s := a.Shell(title, "clients")
	s.Place = lang.Upper(a.P.Clients())
	s.Here = "/clients"
	s.Search = parts.FindView{Action: "/clients/find", Name: "q", Label: a.P.ClientsFind(a.P.Client()), Placeholder: a.P.ClientsFindHint(), Private: true}
	return s
}

func everyone(a *web.Ask, d *record.Directory, from int) found {
	from = max(from, 0) / perPage * perPage
	cards, total := d.All(from, perPage)
	f := found{P: a.P, Rows: rows(a, cards), Total: total, From: from}
	href := func(n int) string {
		if n == 0 {
			return "/clients"
		}
		return "/clients?from=" + strconv.Itoa(n)
	}
	if from > 0 {
		f.Prev = parts.Link{Text: a.P.ClientsPrev(), Href: href(from - perPage), Icon: "arrow-left"}
	}
	if from+perPage < total {
		f.Nxt = parts.Link{Text: a.P.ClientsNext(), Href: href(from + perPage), Icon: "arrow-right"}
	}
	return f
}

// summaryLine counts who is shown.
func (f found) summaryLine() string {
	switch {
	case f.Query != "" && len(f.Rows) == 0:
		return f.P.ClientsNobody()
	case f.Query != "":
		return f.P.ClientsFits(len(f.Rows))
	case f.Total > perPage:
		return f.P.ClientsSpan(f.P.Count(f.From+1), f.P.Count(f.From+len(f.Rows)), f.P.Count(f.Total))
	}
	return f.P.ClientsEveryone(lang.Upper(f.P.Clients()), f.Total)
}

func rows(a *web.Ask, cards []record.Card) []parts.RowView {
	out := make([]parts.RowView, len(cards))
	t := teller{a.P, a.Now}
	for i, c := range cards {
		out[i] = row(t, c)
	}
	return out
}

// row is the least that tells one person from another: a name, when they were
// born, and the end of a phone number. Nothing about their health.
func row(t teller, c record.Card) parts.RowView {
	born, _ := fhir.ParseTime(c.Birth) //nolint:errcheck // not known means none
	r := parts.RowView{Href: "/clients/" + string(c.Client), Name: c.Name, Seed: string(c.Client), Title: c.Name}
	if r.Title == "" {
		r.Title, r.Name = t.ClientsNameless(), "?"
	}
	switch age := t.age(born, fhir.Time{}); {
	case born.IsZero():
		r.Text = t.ClientsBornUnknown()
	case c.Deceased || age == "": // an age goes on only while somebody lives
		r.Text = t.born(born)
	default:
		r.Text = t.born(born) + ", " + age
	}
	if end := lastFour(c.Phones); end != "" {
		r.Meta = t.ClientsPhoneEnds(end)
	}
	if c.Deceased {
		r.Tag = parts.TagView{Text: t.ClientsDeceased()}
	}
	return r
}

// lastFour returns the end of the first phone number that has one.
func lastFour(phones []string) string {
	for _, p := range phones {
		var d []rune
		for _, r := range p {
			if r >= '0' && r <= '9' {
				d = append(d, r)
			}
		}
		if len(d) >= 4 {
			return string(d[len(d)-4:])
		}
	}
	return ""
}
