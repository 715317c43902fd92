package several

import (
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	"rapport/errs"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// view is a page with several visits to book with one press.
type view struct {
	Shell    shell.View
	P        lang.Printer
	At       string
	Back     parts.Link
	Text     string
	Flash    parts.FlashView
	Key      string // names the asking: pressing twice is pressing once
	Service  parts.ChoiceView
	Count    parts.ChoiceView
	People   parts.ChoiceView
	Problem  string
	Families bool
	Alone    bool // there is nobody to book for beside one
	Days     []day
	Looked   bool // something was asked for
}

// day is a day on which it can begin.
type day struct {
	Name    string
	Choices []choice
}

// choice is one way to have all of it.
type choice struct{ Text, Hidden, Value string }

// lookAhead is within how many days a series or a run may begin, shownDays how many
// days with choices stand on the page.
const (
	lookAhead = 21
	shownDays = 6
)

func seriesView(a *web.Ask, c *record.Chart) (view, hours.Service, int) {
	cal := c.Calendar()
	at := "/me/" + string(c.Client()) + "/visits"
	v := view{P: a.P, At: at + "/series", Back: parts.Link{Text: a.P.SlipsMine(), Href: at}, Shell: a.Shell(a.P.SeveralSeries(), "visits"), Text: a.P.SeveralSeriesText(), Key: rand.Text()}
	id, n := a.Query("service"), seriesUsual
	if k, err := strconv.Atoi(a.Query("n")); err == nil {
		n = max(seriesLeast, min(k, seriesMost))
	}
	s := v.services(a, cal.Timetable(), id)
	v.Count = parts.ChoiceView{P: a.P, Name: "n", Label: a.P.SeveralCount()}
	for k := seriesLeast; k <= seriesMost; k++ {
		v.Count.Options = append(v.Count.Options, parts.Option{Value: strconv.Itoa(k), Text: strconv.Itoa(k), Chosen: k == n})
	}
	return v, s, n
}

// services fills the choice of a service, and returns the one that is chosen.
func (v *view) services(a *web.Ask, tt *hours.Timetable, id string) hours.Service {
	v.Service = parts.ChoiceView{P: a.P, Name: "service", Label: a.P.SeveralWhat()}
	var chosen hours.Service
	for _, s := range tt.Public() {
		if s.ID == id {
			chosen = s
		}
		v.Service.Options = append(v.Service.Options, parts.Option{Value: s.ID, Text: a.In(s.Names), Chosen: s.ID == id})
	}
	v.Looked = chosen.ID != ""
	return chosen
}

// showSeries answers GET …/visits/series.
func showSeries(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, s, n := seriesView(a, c)
	cal := c.Calendar()
	if !cal.Holds() {
		return web.See(v.Back.Href), nil
	}
	if !v.Looked {
		return web.Page(page(v)), nil
	}
	with, err := names(a, cal)
	if err != nil {
		return web.Answer{}, err
	}
	first := hours.DateOf(a.Now)
	os := cal.Openings(hours.Query{Service: s.ID, From: first, To: first + lookAhead + hours.Date(7*n)})
	for _, run := range hours.Weekly(os, n, a.Now.Location()) {
		at := a.Local(run[0].From)
		if hours.DateOf(at) > first+lookAhead {
			break
		}
		last := a.Local(run[n-1].From)
		v.add(lang.Upper(a.P.SeveralWeekly(a.P.Weekday(at), a.P.DayMonth(at), a.P.DayMonth(last))), choice{a.P.SeveralAt(a.P.Clock(at), with[run[0].Who]), a.P.DayMonth(at), value(run)})
	}
	return web.Page(page(v)), nil
}

// add puts a choice under its day, while there is room for days.
func (v *view) add(name string, c choice) {
	i := slices.IndexFunc(v.Days, func(d day) bool { return d.Name == name })
	if i < 0 {
		if len(v.Days) == shownDays {
			return
		}
		v.Days, i = append(v.Days, day{Name: name}), len(v.Days)
	}
	v.Days[i].Choices = append(v.Days[i].Choices, c)
}

// names are who does what, by id.
func names(a *web.Ask, cal *record.Calendar) (map[string]string, error) {
	all, err := cal.Colleagues(a.Context())
	out := map[string]string{}
	for _, c := range all {
		out[c.ID] = c.Name
	}
	return out, err
}

// value is a run as a form says it: with whom, in which way, and when it begins.
func value(run []hours.Opening) string {
	o := run[0]
	return o.Who + " " + o.Modes.Each()[0].String() + " " + o.From.UTC().Format(time.RFC3339)
}

// bookSeries answers POST …/visits/series.
func bookSeries(a *web.Ask, c *record.Chart) (web.Answer, error) {
	n, err := strconv.Atoi(a.Form("n"))
	p, ok := picked(a.Form("pick"), a.Form("service"))
	if err != nil || n < seriesLeast || n > seriesMost || !ok {
		return web.Answer{}, errs.E(errs.Invalid, "several: no series")
	}
	zone := a.Now.Location()
	at := p.From.In(zone)
	var picks []record.Pick
	for k := range n {
		when, there := (hours.DateOf(at) + hours.Date(7*k)).At(at.Hour()*60+at.Minute(), zone)
		if !there {
			return web.Answer{}, errs.E(errs.Invalid, "several: no such time")
		}
		x := p
		x.From = when
		picks = append(picks, x)
	}
	_, err = c.Book(a.Context(), a.Form("key"), "", picks...)
	if key := errs.SayOf(err); key != "" {
		v, _, _ := seriesView(a, c)
		v.Flash.Tone = parts.ToneDanger
		v.Flash.Text, _ = a.P.Say(key)
		return web.Wrong(page(v)), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See("/me/" + string(c.Client()) + "/visits"), nil
}
