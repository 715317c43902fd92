package plans

import (
	"slices"
	"strconv"

	"rapport/errs"
	"rapport/fhir/plan"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/steps"
)

// show answers GET …/plan.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	k, err := open(a.Context(), c)
	if errs.Is(err, errs.NotFound) {
		v := planView{P: a.P, Staff: byStaff(c), Base: base(c), Empty: true, FormHref: "/me/" + string(c.Client()) + "/forms"}
		v.frame(a, c)
		v.Flash = done(a.P, a.Query("did"))
		return web.Page(emptyPage(v)), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	v, err := viewOf(a, c, k)
	return web.Page(planPage(v)), err
}

// again is the plan with what stood in the way of a change.
func again(a *web.Ask, c *record.Chart, k *kept, why error) (web.Answer, error) {
	if n, err := open(a.Context(), c); err == nil {
		k = n
	}
	v, err := viewOf(a, c, k)
	if err != nil {
		return web.Answer{}, err
	}
	v.Flash = parts.FlashView{Tone: parts.ToneDanger, Text: a.P.PlanMet()}
	if text, ok := a.P.Say(errs.SayOf(why)); ok {
		v.Flash.Text = text
	}
	return web.Wrong(planPage(v)), nil
}

func viewOf(a *web.Ask, c *record.Chart, k *kept) (planView, error) {
	p := a.P
	v := planView{P: p, Staff: byStaff(c), Base: base(c), Was: strconv.FormatInt(k.Found.Version, 10), Edit: a.Query("edit") != "", Active: k.Status == plan.Active}
	v.frame(a, c)
	f, err := facts(a, c, k)
	if err != nil {
		return v, err
	}
	v.fill(a, k.Plan, k.OffTrack(readings(f.Results), today(a)))
	v.Names, v.Changes = names(a, k.Plan), changes(a, k.Plan)
	mine, theirs := plan.Client, plan.Staff
	if v.Staff {
		mine, theirs = plan.Staff, plan.Client
	}
	_, me := k.AgreedBy(mine)
	_, they := k.AgreedBy(theirs)
	v.CanAgree = !me
	switch {
	case me && they:
		v.State = p.PlanAgreed(strconv.Itoa(k.Version))
	case me && v.Staff:
		v.State, v.Waits = p.PlanDraft(strconv.Itoa(k.Version)), p.PlanWaitsClient()
	case me:
		v.State, v.Waits = p.PlanDraft(strconv.Itoa(k.Version)), p.PlanWaitsStaff()
	default:
		v.State, v.Waits = p.PlanDraft(strconv.Itoa(k.Version)), p.PlanWaitsYou()
	}
	for _, o := range k.Objections {
		if o.Closed.IsZero() {
			v.Objects = append(v.Objects, objectView{Who: o.Name, Text: o.Text})
		}
	}
	ss, err := suggestions(c, k, f, tongue(a, c), a.Now)
	if err != nil {
		return v, err
	}
	for _, s := range ss {
		x := suggestView{Rule: s.Rule, Step: s.Step, Title: s.Title, Why: s.Why}
		if s.Becomes != nil {
			x.Becomes = s.Becomes.Title + ", " + steps.Often(p, s.Becomes.When)
		}
		v.Suggest = append(v.Suggest, x)
	}
	v.Flash = done(p, a.Query("did"))
	return v, nil
}

func done(p lang.Printer, did string) parts.FlashView {
	f := parts.FlashView{Tone: parts.ToneOK}
	switch did {
	case "agreed":
		f.Text = p.PlanDidAgreed()
	case "changed":
		f.Text = p.PlanDidChanged()
	case "objected":
		f.Text = p.PlanDidObjected()
	case "near":
		f.Text = p.PlanDidNear()
	case "left":
		f.Text = p.PlanDidLeft()
	case "heard":
		f.Text = p.PlanDidChanged()
	case "ended":
		f.Text = p.PlanEnded()
	}
	return f
}

// listView is where all plans stand.
type listView struct {
	Shell  shell.View
	P      lang.Printer
	Groups []groupView
}

type groupView struct {
	ID, Title string
	Rows      []parts.RowView
}

// list answers GET /plans: the plans that need somebody.
func list(a *web.Ask, d *record.Directory) (web.Answer, error) {
	all, err := d.Boards(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	p := a.P
	v := listView{P: p, Shell: a.Shell(p.PlanListTitle(), "plans")}
	for _, g := range []struct {
		id, title string
		is        func(record.Board) bool
	}{
		{"awaits", p.PlanListAwaits(), func(b record.Board) bool { return b.Awaits == record.AwaitsStaff }},
		{"objects", p.PlanListObjects(), func(b record.Board) bool { return b.Objects }},
		{"off", p.PlanListOff(), func(b record.Board) bool { return b.Off || b.Overdue(a.Now) }},
		{"stalled", p.PlanListStalled(), func(b record.Board) bool { return b.Stalled(a.Now) }},
		{"client", p.PlanListClient(), func(b record.Board) bool { return b.Awaits == record.AwaitsClient }},
	} {
		x := groupView{ID: g.id, Title: g.title}
		for _, b := range all {
			if g.is(b) {
				x.Rows = append(x.Rows, row(a, d, b))
			}
		}
		v.Groups = append(v.Groups, x)
	}
	v.Groups = slices.DeleteFunc(v.Groups, func(g groupView) bool { return len(g.Rows) == 0 })
	return web.Page(listPage(v)), nil
}

func row(a *web.Ask, d *record.Directory, b record.Board) parts.RowView {
	r := parts.RowView{Href: "/clients/" + string(b.Client) + "/plan", Title: a.P.ScheduleNameless(), Seed: string(b.Client), Text: a.P.PlanListSince(dateOf(a, plan.DateOf(b.Began.In(a.Now.Location()))))}
	if card, ok := d.Card(b.Client); ok && card.Name != "" {
		r.Title = card.Name
	}
	r.Name = r.Title
	if !b.Last.IsZero() {
		r.Text = a.P.PlanListLast(dateOf(a, plan.DateOf(b.Last.In(a.Now.Location()))))
	}
	return r
}
