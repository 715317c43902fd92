package inbox

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/talk"
)

// manyView is one thing said to many, to each apart.
type manyView struct {
	Shell    shell.View
	P        lang.Printer
	Date     string
	Day      string
	Services []parts.Option
	Who      []parts.CheckView
	Topics   []parts.Option
	Title    parts.FieldView
	Text     talk.ComposerView
	Key      string
	Said     int // to how many it was said
	Problem  string
}

// many answers GET /inbox/many: whom, and what.
func many(a *web.Ask, d *record.Directory) (web.Answer, error) {
	v, err := manyOf(a, d, a.Query("date"), a.Query("service"))
	return web.Page(manyPage(v)), err
}

func manyOf(a *web.Ask, d *record.Directory, date, service string) (manyView, error) {
	day := hours.DateOf(a.Now)
	if t, err := time.Parse(time.DateOnly, date); err == nil {
		day = hours.DateOf(t)
	}
	from, _ := day.At(0, a.Now.Location())
	v := manyView{Shell: frame(a, a.P.InboxMany()), P: a.P, Date: from.Format(time.DateOnly), Day: a.P.Date(from, a.Now)}
	people, err := comes(a, d, day, service)
	if err != nil {
		return v, err
	}
	for _, c := range people {
		v.Who = append(v.Who, parts.CheckView{Name: "to", Value: string(c.Client), Text: cmp.Or(c.Name, a.P.ClientsNameless()), Chosen: true})
	}
	for _, s := range d.Calendar().Timetable().Services {
		v.Services = append(v.Services, parts.Option{Value: s.ID, Text: a.In(s.Names), Chosen: s.ID == service})
	}
	desk := !a.Who.Roles().Any(treats)
	for _, t := range d.Topics() {
		if !t.Off && (t.Desk || !desk) {
			v.Topics = append(v.Topics, parts.Option{Value: t.ID, Text: a.In(t.Names), Chosen: t.ID == "visit"})
		}
	}
	v.Title = parts.FieldView{P: a.P, Name: "title", Label: a.P.MessagesTopicTitle(), Value: a.Form("title"), MaxLength: 80, Optional: true}
	v.Key, err = d.NewID()
	v.Said, _ = strconv.Atoi(a.Query("said")) //nolint:errcheck // 0 is nothing said
	return v, err
}

// comes are the people who have a visit on a day, each once.
func comes(a *web.Ask, d *record.Directory, day hours.Date, service string) ([]record.Card, error) {
	from, _ := day.At(0, a.Now.Location())
	to, _ := (day + 1).At(0, a.Now.Location())
	all, err := d.Day(a.Context(), from, to)
	if err != nil {
		return nil, err
	}
	seen := map[fhir.ClientID]bool{}
	var out []record.Card
	for _, b := range all {
		if b.Hold || b.Block || b.Client == "" || seen[b.Client] || service != "" && b.Service != service {
			continue
		}
		seen[b.Client] = true
		if c, ok := d.Card(b.Client); ok {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(x, y record.Card) int { return cmp.Compare(x.Name, y.Name) })
	return out, nil
}

// sayMany answers POST /inbox/many. Only who is on the list can be told.
func sayMany(a *web.Ask, d *record.Directory) (web.Answer, error) {
	day, err := time.Parse(time.DateOnly, a.Form("date"))
	if err != nil {
		return web.Answer{}, errs.E(errs.Invalid, "inbox: no day")
	}
	people, err := comes(a, d, hours.DateOf(day), a.Form("service"))
	if err != nil {
		return web.Answer{}, err
	}
	chosen := a.FormAll("to")
	var to []fhir.ClientID
	for _, c := range people {
		if slices.Contains(chosen, string(c.Client)) {
			to = append(to, c.Client)
		}
	}
	wrong := func(say string) (web.Answer, error) {
		v, err := manyOf(a, d, a.Form("date"), a.Form("service"))
		v.Problem, v.Key = say, cmp.Or(a.Form("key"), v.Key)
		v.Text.Text = a.Form("text")
		for i := range v.Who {
			v.Who[i].Chosen = slices.Contains(chosen, v.Who[i].Value)
		}
		return web.Wrong(manyPage(v)), err
	}
	m := record.Message{Key: "many " + a.Form("key"), Topic: a.Form("topic")}
	if m.Text, err = talk.Words(a.Form("text")); err == nil {
		m.Title, err = talk.Words(a.Form("title"))
	}
	n := 0
	switch {
	case err != nil:
	case m.Text == "":
		return wrong(a.P.MessagesEmpty())
	case len(to) == 0:
		return wrong(a.P.InboxManyNobody())
	default:
		n, err = d.Broadcast(a.Context(), m, to)
	}
	if errs.Is(err, errs.Invalid) {
		if say, ok := a.P.Say(errs.SayOf(err)); ok {
			return wrong(say)
		}
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See("/inbox/many?date=" + a.Form("date") + "&said=" + strconv.Itoa(n)), nil
}
