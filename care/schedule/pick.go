package schedule

import (
	"net/url"
	"strconv"
	"time"

	"rapport/fhir"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// pickPageView asks whom a time, or a place in line, is for.
type pickPageView struct {
	Shell   shell.View
	P       lang.Printer
	When    string
	Who, At string
	Query   string
	Asked   bool
	Rows    []parts.RowView
}

// mostFound is how many people a search shows.
const mostFound = 20

func newPick(a *web.Ask, d *record.Directory, get func(string) string) (pickPageView, error) {
	v := pickPageView{Shell: frame(a, a.P.ScheduleBookTitle()), P: a.P}
	staff, err := d.Staff(a.Context())
	if err != nil {
		return v, err
	}
	p := newPractice(a, d.Calendar().Timetable(), staff)
	if who := get("who"); p.names[who] != "" {
		v.Who = who
		v.When = a.P.ScheduleWith(p.names[who])
	}
	if at, err := time.Parse(time.RFC3339, get("at")); err == nil {
		v.At = at.UTC().Format(time.RFC3339)
		v.When = lang.Upper(a.P.Date(a.Local(at), a.Now)) + ", " + a.P.Clock(a.Local(at)) + " · " + v.When
	}
	return v, nil
}

func pick(a *web.Ask, d *record.Directory) (web.Answer, error) {
	v, err := newPick(a, d, a.Query)
	return web.Page(pickPage(v)), err
}

// find shows who fits what was written. The words come in the body of a request and
// are in no address.
func find(a *web.Ask, d *record.Directory) (web.Answer, error) {
	v, err := newPick(a, d, a.Form)
	if err != nil {
		return web.Answer{}, err
	}
	if v.Query = a.Form("q"); v.Query == "" {
		return web.Page(pickPage(v)), nil
	}
	v.Asked = true
	q := url.Values{}
	if v.Who != "" {
		q.Set("who", v.Who)
	}
	if v.At != "" {
		q.Set("at", v.At)
	} else {
		q.Set("date", hours.DateOf(a.Now).String())
	}
	for _, c := range d.Find(a.P.DateIn(v.Query), mostFound) {
		if c.Deceased {
			continue
		}
		r := parts.RowView{Href: clientOf(c.Client) + "?" + q.Encode(), Name: c.Name, Seed: string(c.Client), Title: c.Name}
		if r.Title == "" {
			r.Title, r.Name = a.P.ScheduleNameless(), "?"
		}
		if born, ok := fhir.ParseTime(c.Birth); ok && !born.IsZero() {
			r.Text = a.P.Short(born.At)
			if born.Prec == fhir.ToYear || born.Prec == fhir.ToMonth {
				r.Text = strconv.Itoa(born.At.Year())
			}
		}
		v.Rows = append(v.Rows, r)
	}
	return web.Page(pickPage(v)), nil
}
