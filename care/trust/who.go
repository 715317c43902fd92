package trust

import (
	"slices"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir/label"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/look"
	"rapport/web/parts"
	"rapport/web/shell"
)

// whoView is who can look.
type whoView struct {
	Shell    shell.View
	P        lang.Printer
	Base, Me string
	Flash    parts.FlashView
	Team     []personView
	Helpers  []personView
	Others   []parts.RowView // through whose eyes the rest can be seen
	Limits   []limitView
	Who      parts.ChoiceView
	What     parts.ChoiceView
	Until    parts.FieldView
	Problem  string
}

// personView is somebody who can look.
type personView struct {
	parts.RowView
	As   string // the page through their eyes
	Bars bool   // the reader keeps them out
}

// limitView is somebody whom the reader keeps out.
type limitView struct {
	ID, Text, Ends string
	Strange        bool
}

// who answers GET /me/{client}/trust/who.
func who(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := whoFor(a, c)
	switch a.Query("done") {
	case "limit":
		v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.TrustLimitDone()}
	case "end":
		v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.TrustUnlimitDone()}
	}
	return web.Page(whoPage(v)), err
}

func whoFor(a *web.Ask, c *record.Chart) (whoView, error) {
	ctx, b := a.Context(), base(c)
	v := whoView{Shell: a.Shell(a.P.TrustWhoTitle(), "health"), P: a.P, Base: b, Me: me(c)}
	team, err := c.Team(ctx)
	if err != nil {
		return v, err
	}
	names := map[string]string{}
	v.Who = parts.ChoiceView{P: a.P, Name: "who", Label: a.P.TrustLimitWho(), Required: true, Options: []parts.Option{{}}}
	for _, t := range team {
		names[t.ID] = t.Name
		v.Who.Options = append(v.Who.Options, parts.Option{Value: t.ID, Text: t.Name, Chosen: a.Form("who") == t.ID})
		if t.Bond != record.NoBond || t.Barred {
			x := personView{RowView: treating(a, t), As: b + "/as?staff=" + t.ID, Bars: t.Barred && t.Bond != record.ByGlass}
			v.Team = append(v.Team, x)
		}
	}
	circle, err := c.Circle(ctx)
	if err != nil {
		return v, err
	}
	for i, g := range slices.DeleteFunc(circle, record.Grant.Open) {
		v.Helpers = append(v.Helpers, personView{RowView: helpers(circle[i : i+1])[0], As: b + "/as?helper=" + g.ID})
	}
	v.Others = []parts.RowView{
		{Icon: "users", Title: a.P.TrustAsNurse(), Href: b + "/as?role=nurse"},
		{Icon: "building", Title: a.P.TrustAsDesk(), Href: b + "/as?role=frontdesk"},
		{Icon: "settings", Title: a.P.TrustAsManager(), Href: b + "/as?role=manager"},
	}
	v.What = whatChoice(a, a.P.TrustLimitWhat(), a.P.TrustLimitWhole())
	v.Until = parts.FieldView{P: a.P, Name: "until", Label: a.P.TrustLimitEnd(), Hint: a.P.TrustLimitEndless(), Type: "date", Value: a.Form("until"), Optional: true}
	limits, err := c.Limits(ctx)
	if err != nil {
		return v, err
	}
	for _, l := range limits {
		v.Limits = append(v.Limits, limited(a, l, names))
	}
	return v, nil
}

// whatChoice is the whole chart, or one compartment.
func whatChoice(a *web.Ask, label, whole string) parts.ChoiceView {
	c := parts.ChoiceView{P: a.P, Name: "what", Label: label, Options: []parts.Option{{Value: "all", Text: whole, Chosen: a.Form("what") == "all"}}}
	for _, x := range compartments {
		c.Options = append(c.Options, parts.Option{Value: x.String(), Text: look.Closed(a.P, x), Chosen: a.Form("what") == x.String()})
	}
	return c
}

// limited says whom the reader keeps out, from what, and until when.
func limited(a *web.Ask, l record.Limit, names map[string]string) limitView {
	v := limitView{ID: l.ID, Strange: l.Strange, Ends: a.P.TrustLimitAlways()}
	if !l.Until.IsZero() {
		v.Ends = a.P.TrustLimitUntil(a.P.Full(a.Local(l.Until.Add(-time.Second))))
	}
	if l.Strange {
		v.Text = a.P.TrustLimitStrange()
		return v
	}
	list := func(ids []string) string {
		var out []string
		for _, id := range ids {
			if names[id] != "" {
				out = append(out, names[id])
			}
		}
		return a.P.And(out)
	}
	whom := list(l.Who)
	if len(l.Who) == 0 {
		whom = a.P.TrustLimitBut(list(l.But))
	}
	if v.Text = a.P.TrustLimitAll(whom); l.In != 0 {
		var what []string
		for _, x := range l.In.Each() {
			what = append(what, look.Closed(a.P, x))
		}
		v.Text = a.P.TrustLimitIn(whom, strings.Join(what, ", "))
	}
	return v
}

// limit answers POST /me/{client}/trust/who/limit.
func limit(a *web.Ask, c *record.Chart) (web.Answer, error) {
	l := record.Limit{Who: []string{a.Form("who")}}
	if what := a.Form("what"); what != "all" {
		if l.In = label.Parse(what); l.In == 0 {
			return again(a, c, a.P.TrustLimitNobody(), "")
		}
	}
	if day := a.Form("until"); day != "" {
		t, err := time.ParseInLocation(time.DateOnly, day, a.Now.Location())
		if err != nil || !t.After(a.Now) {
			return again(a, c, "", a.P.TrustLimitDay())
		}
		l.Until = t.AddDate(0, 0, 1)
	}
	_, err := c.Limit(a.Context(), l)
	if errs.Is(err, errs.Invalid) {
		return again(a, c, a.P.TrustLimitNobody(), "")
	}
	return web.See(base(c) + "/who?done=limit"), err
}

// again shows the page with what is wrong with what was sent.
func again(a *web.Ask, c *record.Chart, who, until string) (web.Answer, error) {
	v, err := whoFor(a, c)
	v.Who.Problem, v.Until.Problem = who, until
	return web.Wrong(whoPage(v)), err
}

// unlimit answers POST /me/{client}/trust/who/end.
func unlimit(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return web.See(base(c) + "/who?done=end"), c.Unlimit(a.Context(), a.Form("id"))
}

// asView is the chart through somebody's eyes.
type asView struct {
	Shell   shell.View
	P       lang.Printer
	Base    string
	Here    string // this page, for its links
	Name    string
	Bond    string
	Barred  bool
	Nothing bool // they see nothing of it
	Glass   bool // they may open what is closed to them, in need
	Parts   []parts.RowView
	Title   string // of the part that is shown
	Items   []seenView
	More    string
}

// seenView is one thing, and whether they see it.
type seenView struct {
	Title, Day string
	Seen       bool
}

// as answers GET /me/{client}/trust/as.
func as(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v := asView{P: a.P, Base: base(c)}
	if a.Query("staff")+a.Query("helper")+a.Query("role") == "" { // through nobody's eyes
		return web.See(v.Base + "/who"), nil
	}
	e, err := v.eyes(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	v.Shell = a.Shell(a.P.TrustAsTitle(v.Name), "health")
	s, err := c.As(a.Context(), e)
	if err != nil {
		return web.Answer{}, err
	}
	v.Barred = s.Bar
	all, err := things(a.Context(), c)
	if err != nil {
		return web.Answer{}, err
	}
	seen := map[string]bool{}
	if s.Chart != nil && s.Chart.Parts() != 0 {
		theirs, err := things(a.Context(), s.Chart)
		if err != nil {
			return web.Answer{}, err
		}
		for _, x := range theirs {
			seen[x.Type+"/"+x.ID] = true
		}
	}
	if s.Parts&record.Person != 0 && s.Chart != nil {
		v.Parts = append(v.Parts, parts.RowView{Icon: "check", Title: a.P.TrustAsCard()})
	}
	v.Nothing = len(v.Parts)+len(seen) == 0
	v.tally(all, seen)
	if part := chosen(a); part != 0 {
		return v.one(a, c, part, all, seen)
	}
	return web.Page(asPage(v)), nil
}

// eyes reads through whose eyes the reader wants to look, and what they are called.
func (v *asView) eyes(a *web.Ask, c *record.Chart) (e record.Eyes, err error) {
	switch {
	case a.Query("staff") != "":
		e.Staff = a.Query("staff")
		v.Here, v.Glass = v.Base+"/as?staff="+e.Staff+"&", true
		team, err := c.Team(a.Context())
		if err != nil {
			return e, err
		}
		for _, t := range team {
			if t.ID == e.Staff {
				v.Name = t.Name
				if t.Bond != record.NoBond {
					v.Bond = treating(a, t).Text
				}
			}
		}
	case a.Query("helper") != "":
		e.Helper = a.Query("helper")
		v.Here = v.Base + "/as?helper=" + e.Helper + "&"
		circle, err := c.Circle(a.Context())
		if err != nil {
			return e, err
		}
		for _, g := range circle {
			if g.ID == e.Helper && !g.Open() {
				v.Name = g.Name
			}
		}
	case a.Query("role") == "nurse":
		e.Roles, v.Name, v.Glass = account.Nurse, a.P.TrustAsAny(), true
	case a.Query("role") == "frontdesk":
		e.Roles, v.Name = account.FrontDesk, a.P.TrustAsFront()
	case a.Query("role") == "manager":
		e.Roles, v.Name = account.Manager, a.P.TrustAsBoss()
	}
	if v.Name == "" {
		return e, errs.E(errs.NotFound, "trust: nobody of that name")
	}
	if v.Here == "" {
		v.Here = v.Base + "/as?role=" + a.Query("role") + "&"
	}
	return e, nil
}

// tally says of each part how much of it they see.
func (v *asView) tally(all []item, seen map[string]bool) {
	n, of := map[record.Parts]int{}, map[record.Parts]int{}
	for _, x := range all {
		if of[x.Part]++; seen[x.Type+"/"+x.ID] {
			n[x.Part]++
		}
	}
	for _, part := range record.AllParts.Each() {
		r := parts.RowView{Title: partTitle(v.P, part), Href: v.Here + "part=" + part.String()}
		switch total := v.P.Count(of[part]); {
		case of[part] == 0:
			continue
		case n[part] == 0:
			r.Icon, r.Text = "x", v.P.TrustAsNone(total)
		case n[part] == of[part]:
			r.Icon, r.Text = "check", v.P.TrustAsAll(total)
		default:
			r.Icon, r.Text = "eye", v.P.TrustAsSees(v.P.Count(n[part]), total)
		}
		v.Parts = append(v.Parts, r)
	}
}

// one shows the things of one part.
func (v asView) one(a *web.Ask, c *record.Chart, part record.Parts, all []item, seen map[string]bool) (web.Answer, error) {
	page, next := cut(a, slices.DeleteFunc(all, func(x item) bool { return x.Part != part }))
	page, err := named(a, c, page)
	if err != nil {
		return web.Answer{}, err
	}
	v.Title = partTitle(a.P, part)
	for _, x := range page {
		v.Items = append(v.Items, seenView{x.Title, x.Day, seen[x.Type+"/"+x.ID]})
	}
	v.More = more(v.Here, part, next)
	return web.Page(asPage(v)), nil
}
