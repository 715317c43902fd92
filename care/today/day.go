package today

import (
	"context"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir/plan"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/steps"
)

// dayView is the steps of a day, ticked off in place.
type dayView struct {
	Action string // where a tick goes
	Plan   string // the whole plan
	Tally  parts.TallyView
	Groups []partView
}

// partView is a part of a day with its steps.
type partView struct {
	Icon, Title string
	Steps       []dueView
}

// dueView is a step of today.
type dueView struct {
	ID, Day, N         string
	Title, When, Text  string
	Icon, Href         string
	Done, Now          bool
	Forms, Form        string   // where a form is begun, and which
	Labels             []string // of the numbers to enter, for what is measured
	Unit, Wrong, Clock string
}

// day gathers the steps of today; nil without a plan that is followed.
func day(ctx context.Context, a *web.Ask, c *record.Chart) (*dayView, error) {
	if c.Parts()&record.Plans == 0 {
		return nil, nil
	}
	k, err := steps.OpenSince(ctx, c, a.Now.AddDate(0, 0, -32)) // what is done over a month counts in it
	if errs.Is(err, errs.NotFound) || err == nil && k.Status != plan.Active {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	me := "/me/" + string(c.Client())
	v := &dayView{Action: me + "/plan/steps", Plan: me + "/plan"}
	today := plan.DateOf(a.Now)
	now := true
	groups := map[plan.Parts]*partView{}
	for _, d := range k.Day(today, k.Done) {
		if d.Done && d.Once && plan.DateOf(d.DoneAt.In(a.Now.Location())) != today {
			continue // done on another day, it is no part of this one
		}
		x := due(a, c, me, today, d)
		if v.Tally.Total++; d.Done {
			v.Tally.Done++
		} else if now && ripe(d, a.Now) {
			x.Now, now = true, false
		}
		part := partOf(d)
		g := groups[part]
		if g == nil {
			g = &partView{}
			groups[part] = g
		}
		g.Steps = append(g.Steps, x)
	}
	for _, part := range []plan.Parts{plan.Morning, plan.Afternoon, plan.Evening, plan.Night, 0} {
		if g := groups[part]; g != nil {
			g.Icon, g.Title = partWords(a, part)
			v.Groups = append(v.Groups, *g)
		}
	}
	v.Tally.Now = v.Tally.Done < v.Tally.Total
	v.Tally.Text = a.P.TodayTally(strconv.Itoa(v.Tally.Done), strconv.Itoa(v.Tally.Total))
	if v.Tally.Total == 0 {
		return nil, nil
	}
	return v, nil
}

// ripe reports that a step's time of the day has come, or that it has none.
func ripe(d plan.Due, now time.Time) bool {
	if d.Minute >= 0 {
		return now.Hour()*60+now.Minute() >= d.Minute-60
	}
	return d.Part == 0 || steps.PartOf(now.Hour()*60+now.Minute()) >= d.Part
}

// partOf is the part of the day a step stands in; 0 for any time.
func partOf(d plan.Due) plan.Parts {
	if d.Minute >= 0 {
		return steps.PartOf(d.Minute)
	}
	return d.Part
}

func partWords(a *web.Ask, part plan.Parts) (icon, title string) {
	switch part {
	case plan.Morning:
		return "sunrise", a.P.TodayPartMorning()
	case plan.Afternoon:
		return "sun", a.P.TodayPartAfternoon()
	case plan.Evening:
		return "moon", a.P.TodayPartEvening()
	case plan.Night:
		return "bed", a.P.TodayPartNight()
	}
	return "clock", a.P.TodayPartAny()
}

func due(a *web.Ask, c *record.Chart, me string, today plan.Date, d plan.Due) dueView {
	s := d.Step
	v := dueView{ID: s.ID, Day: today.String(), N: strconv.Itoa(max(d.N, 1)), Title: s.Title, Text: s.Text, Icon: steps.Icon(s.Kind), Done: d.Done}
	switch {
	case d.Done && !d.DoneAt.IsZero():
		v.Clock = a.P.Clock(a.Local(d.DoneAt))
	case d.Minute >= 0:
		v.Clock = steps.Clock(d.Minute)
	}
	switch {
	case d.Left > 0:
		v.When = a.P.TodayLeft(d.Left)
	case d.Once:
		v.When = a.P.TodayOnce()
	}
	switch s.Kind {
	case plan.ToMeasure:
		g, ok := steps.GaugeOf(s.Code)
		switch {
		case !ok:
		case len(g.Parts) == 2:
			v.Labels, v.Unit = []string{a.P.TodayTop(), a.P.TodayBottom()}, g.Unit
		default:
			v.Labels, v.Unit = []string{s.Title}, g.Unit
		}
		if a.Query("wrong") == string(c.Ref("Task", s.ID)) {
			v.Wrong = a.P.PlanWrongReading()
		}
	case plan.ToAnswer:
		v.Forms = me + "/forms"
		v.Form, _, _ = strings.Cut(s.What, "|")
	case plan.ToBook:
		v.Href = me + "/visits/new"
	default:
	}
	return v
}

// line is what stands beneath a step: when, how often still, and how.
func (v dueView) line() string {
	var out []string
	for _, s := range []string{v.Clock, v.When, v.Text} {
		if s != "" && (s != v.Text || !v.Done) {
			out = append(out, s)
		}
	}
	return strings.Join(out, " · ")
}
