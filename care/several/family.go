package several

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
)

// pause is how long a family waits between two of theirs, at most.
const pause = 20 * time.Minute

// familyView is the page for those somebody may book for; charts are of those chosen.
func familyView(a *web.Ask, h *record.Household, chosen []string) (v view, charts []*record.Chart, err error) {
	v = view{P: a.P, At: "/family/visits", Back: parts.Link{Text: a.P.FamilyEveryone(), Href: "/family"}, Shell: a.Shell(a.P.SeveralFamily(), "family"), Text: a.P.SeveralFamilyText(), Key: rand.Text(), Families: true}
	all, err := h.Bookers(a.Context())
	if err != nil {
		return v, nil, err
	}
	v.People = parts.ChoiceView{P: a.P, Name: "who", Label: a.P.SeveralWho(), Many: true}
	for _, c := range all {
		id := string(c.Client())
		name := a.Who.Name()
		if i := slices.IndexFunc(a.Caring(), func(x record.Cared) bool { return x.Client == c.Client() }); i >= 0 {
			name = a.Caring()[i].Name
		}
		is := slices.Contains(chosen, id)
		if is {
			charts = append(charts, c)
		}
		v.People.Options = append(v.People.Options, parts.Option{Value: id, Text: name, Chosen: is})
	}
	return v, charts, nil
}

// showFamily answers GET /family/visits.
func showFamily(a *web.Ask, h *record.Household) (web.Answer, error) {
	chosen := strings.Fields(strings.Join(a.QueryAll("who"), " "))
	v, charts, err := familyView(a, h, chosen)
	if err != nil {
		return web.Answer{}, err
	}
	if len(v.People.Options) < 2 { // nothing to put together, which is said, as who helps may see more than they may book
		v.Alone = true
		return web.Page(page(v)), nil
	}
	cal := a.Times()
	s := v.services(a, cal.Timetable(), a.Query("service"))
	if v.Looked = s.ID != "" && len(chosen) > 0; !v.Looked {
		return web.Page(page(v)), nil
	}
	if len(charts) < 2 {
		v.Problem, v.Looked = a.P.SeveralTwo(), false
		return web.Wrong(page(v)), nil
	}
	with, err := names(a, cal)
	if err != nil {
		return web.Answer{}, err
	}
	first := hours.DateOf(a.Now)
	os := cal.Openings(hours.Query{Service: s.ID, From: first, To: first + lookAhead})
	for _, run := range hours.Runs(os, len(charts), time.Duration(s.Before+s.After)*time.Minute, pause) {
		at := a.Local(run[0].From)
		var times []string
		for _, o := range run {
			times = append(times, a.P.Clock(a.Local(o.From)))
		}
		name := lang.Upper(a.P.Date(at, a.Now))
		v.add(name, choice{a.P.SeveralAt(a.P.And(times), with[run[0].Who]), name, runValue(run)})
	}
	return web.Page(page(v)), nil
}

// runValue is a run as a form says it: with whom, in which way, and each beginning.
func runValue(run []hours.Opening) string {
	out := value(run)
	for _, o := range run[1:] {
		out += " " + o.From.UTC().Format(time.RFC3339)
	}
	return out
}

// picked reads what value wrote.
func picked(v, service string) (record.Pick, bool) {
	f := strings.Fields(v)
	if len(f) < 3 {
		return record.Pick{}, false
	}
	at, err := time.Parse(time.RFC3339, f[2])
	p := record.Pick{Service: service, Who: f[0], Mode: hours.ParseMode(f[1]), From: at}
	return p, err == nil && p.Mode != 0
}

// bookFamily answers POST /family/visits: the first who was chosen comes first.
func bookFamily(a *web.Ask, h *record.Household) (web.Answer, error) {
	chosen := a.FormAll("who")
	v, charts, err := familyView(a, h, chosen)
	if err != nil {
		return web.Answer{}, err
	}
	p, ok := picked(a.Form("pick"), a.Form("service"))
	times := strings.Fields(a.Form("pick"))
	if !ok || len(charts) < 2 || len(times) != len(charts)+2 {
		return web.Answer{}, errs.E(errs.Invalid, "several: no run")
	}
	var fors []record.For
	for i, c := range charts {
		x := p
		if x.From, err = time.Parse(time.RFC3339, times[i+2]); err != nil {
			return web.Answer{}, errs.E(errs.Invalid, "several: no such time")
		}
		fors = append(fors, record.For{Chart: c, Pick: x})
	}
	_, err = h.BookTogether(a.Context(), a.Form("key"), fors...)
	if key := errs.SayOf(err); key != "" {
		v.services(a, a.Times().Timetable(), a.Form("service"))
		v.Looked = false
		v.Flash.Tone = parts.ToneDanger
		v.Flash.Text, _ = a.P.Say(key)
		return web.Wrong(page(v)), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See("/me/" + string(firstOf(charts)) + "/visits"), nil
}

func firstOf(cs []*record.Chart) fhir.ClientID { return cs[0].Client() }
