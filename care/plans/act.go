package plans

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/fhir/plan"
	"rapport/record"
	"rapport/web"
	"rapport/web/steps"
)

// errMet is for who changes a plan that somebody else has changed since they saw it.
var errMet = errs.Say(errs.E(errs.Conflict, "plans: changed meanwhile"), "plan.met")

// fresh answers GET …/plan/new: what is proposed, to be chosen from.
func fresh(a *web.Ask, c *record.Chart) (web.Answer, error) {
	if _, err := open(a.Context(), c); err == nil {
		return web.See(base(c)), nil
	} else if !errs.Is(err, errs.NotFound) {
		return web.Answer{}, err
	}
	p, err := propose(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(proposalPage(proposalOf(a, c, p))), nil
}

// tongue is the language a plan is written in: its client's.
func tongue(a *web.Ask, c *record.Chart) string {
	if card, ok := c.Card(); ok && byStaff(c) && card.Language != "" {
		l, _, _ := strings.Cut(card.Language, "-")
		return l
	}
	return a.P.Tag().String()
}

// begin answers POST …/plan/new: what was chosen of the proposal becomes the first draft,
// with the name of who chose it under it.
func begin(a *web.Ask, c *record.Chart) (web.Answer, error) {
	if _, err := open(a.Context(), c); err == nil {
		return web.See(base(c)), nil
	} else if !errs.Is(err, errs.NotFound) {
		return web.Answer{}, err
	}
	p, err := propose(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	ended, err := steps.Ended(a.Context(), c)
	if err != nil {
		return web.Answer{}, err
	}
	id, err := c.PlanID(ended)
	if err != nil {
		return web.Answer{}, err
	}
	if p == nil {
		p = &plan.Proposal{} // of one's own words alone
	}
	k := &kept{&steps.Kept{Plan: p.Plan(id, 0)}}
	next := chosen(a, k.Plan)
	if len(next.Goals) == 0 && len(next.Steps) == 0 {
		return web.See(base(c) + "/new?did=none"), nil
	}
	if err := k.save(a, c, "plan", next.Agree(who(a, c), today(a))); errs.Is(err, errs.Conflict) {
		return again(a, c, k, errMet) // somebody else began it
	} else if err != nil {
		return web.Answer{}, err
	}
	return web.See(base(c) + "?did=agreed"), nil
}

// mostWords bounds what somebody writes into a plan, in characters.
const mostWords = 300

// chosen is a plan with the goals and steps that were ticked, in the words that were
// written, and with what was added.
func chosen(a *web.Ask, p plan.Plan) plan.Plan {
	keep := func(name, id string) bool { return slices.Contains(a.FormAll(name), id) }
	n := p
	n.Goals, n.Steps = nil, nil
	for _, g := range p.Goals {
		if !g.Lifecycle.Open() && g.Lifecycle != 0 {
			n.Goals = append(n.Goals, g)
			continue
		}
		if !keep("goal", g.ID) {
			if p.Version > 1 || p.Status != plan.Draft {
				g.Lifecycle = plan.GoalCancelled
				n.Goals = append(n.Goals, g)
			}
			continue
		}
		if w := words(strings.Join(strings.Fields(a.Form("words-"+g.ID)), " ")); w != "" {
			g.Text = w
		}
		n.Goals = append(n.Goals, g)
	}
	for _, s := range p.Steps {
		if !s.Status.Open() && s.Status != 0 {
			n.Steps = append(n.Steps, s)
			continue
		}
		s.Goals = slices.DeleteFunc(slices.Clone(s.Goals), func(id string) bool {
			return !slices.ContainsFunc(n.Goals, func(g plan.Goal) bool { return g.ID == id && g.Lifecycle != plan.GoalCancelled })
		})
		if !keep("step", s.ID) || len(s.Goals) == 0 {
			if p.Version > 1 || p.Status != plan.Draft {
				s.Status = plan.StepStopped
				n.Steps = append(n.Steps, s)
			}
			continue
		}
		n.Steps = append(n.Steps, s)
	}
	return added(a, n)
}

// added is a plan with a goal and a step of somebody's own.
func added(a *web.Ask, n plan.Plan) plan.Plan {
	n.Goals, n.Steps = slices.Clone(n.Goals), slices.Clone(n.Steps)
	if w := words(a.Form("new-goal")); w != "" {
		g := plan.Goal{ID: unused("own-", func(id string) bool { _, is := n.Goal(id); return is }), Text: w, Due: plan.DateOf(a.Now.AddDate(0, 3, 0))}
		g.Measure.Detail = words(a.Form("new-measure"))
		n.Goals = append(n.Goals, g)
	}
	w := words(a.Form("new-step"))
	if w == "" || len(n.Goals) == 0 {
		return n
	}
	goal := a.Form("new-step-goal")
	if _, ok := (plan.Plan{Goals: n.Goals}).Goal(goal); !ok {
		goal = n.Goals[len(n.Goals)-1].ID
	}
	n.Steps = append(n.Steps, plan.Step{ID: unused("own-step-", func(id string) bool { _, is := n.Step(id); return is }), Kind: plan.ToDo, Title: w, Why: words(a.Form("new-why")), Goals: []string{goal}, When: oftenOf(a.Form("new-often"))})
	return n
}

// unused is the first name of its kind that nothing has.
func unused(kind string, is func(id string) bool) string {
	for i := 1; ; i++ {
		if id := kind + strconv.Itoa(i); !is(id) {
			return id
		}
	}
}

func words(s string) string {
	if r := []rune(s); len(r) > mostWords {
		return string(r[:mostWords])
	}
	return s
}

// oftenOf is a rhythm somebody chose.
func oftenOf(code string) plan.Timing {
	switch code {
	case "daily":
		return plan.Timing{Times: 1, Per: 1, Unit: plan.Day}
	case "week":
		return plan.Timing{Times: 1, Per: 1, Unit: plan.Week}
	case "three":
		return plan.Timing{Times: 3, Per: 1, Unit: plan.Week}
	}
	return plan.Timing{}
}

// act answers POST …/plan.
func act(a *web.Ask, c *record.Chart) (web.Answer, error) {
	k, err := open(a.Context(), c)
	if err != nil {
		return web.Answer{}, err
	}
	if a.Form("was") != strconv.FormatInt(k.Found.Version, 10) {
		return again(a, c, k, errMet)
	}
	next, did, err := k.next(a, c)
	if err == nil {
		err = k.save(a, c, "plan", next)
	}
	if errs.SayOf(err) != "" || errs.Is(err, errs.Conflict) {
		return again(a, c, k, err)
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See(base(c) + "?did=" + did), nil
}

// next is the plan after what the page asked for.
func (k *kept) next(a *web.Ask, c *record.Chart) (next plan.Plan, did string, err error) {
	by := who(a, c)
	switch a.Form("do") {
	case "agree":
		return k.Agree(by, today(a)), "agreed", nil
	case "change":
		n := chosen(a, k.Plan)
		return k.Revise(n, by, "", words(a.Form("why"))), "changed", nil
	case "object":
		n := k.Plan
		text := words(a.Form("text"))
		if text == "" {
			return n, "", errs.Say(errs.E(errs.Invalid, "plans: an objection without words"), "plan.wrong_words")
		}
		n.Objections = append(slices.Clone(n.Objections), plan.Objection{Who: by.Who, Name: by.Name, Role: by.Role, At: a.Now, Version: n.Version, Text: text})
		return n, "objected", nil
	case "heard":
		n := k.Plan
		n.Objections = slices.Clone(n.Objections)
		for i := range n.Objections {
			if n.Objections[i].Closed.IsZero() && byStaff(c) {
				n.Objections[i].Closed = a.Now
			}
		}
		return n, "heard", nil
	case "yes", "no":
		return k.answer(a, c, by)
	case "near":
		return k.near(a)
	case "end":
		n := k.Plan
		n.Status = plan.Completed
		return k.Revise(n, by, "", words(a.Form("why"))), "ended", nil
	}
	return k.Plan, "", errs.E(errs.Invalid, "plans: nothing to do")
}

// answer takes or leaves what a rule suggests.
func (k *kept) answer(a *web.Ask, c *record.Chart, by plan.Agreement) (plan.Plan, string, error) {
	f, err := facts(a, c, k)
	if err != nil {
		return k.Plan, "", err
	}
	all, err := suggestions(c, k, f, tongue(a, c), a.Now)
	if err != nil {
		return k.Plan, "", err
	}
	i := slices.IndexFunc(all, func(s plan.Suggestion) bool { return s.Rule == a.Form("rule") && s.Step == a.Form("step") })
	if i < 0 {
		return k.Plan, "", errMet
	}
	s := all[i]
	if a.Form("do") == "no" {
		return k.Settle(s, plan.SaidNo, by.Who, a.Now), "left", nil
	}
	n := k.Settle(s, plan.SaidYes, by.Who, a.Now)
	return n.Revise(n.Apply(s), by, s.Rule, s.Why), "changed", nil
}

// near notes how near somebody feels to a goal, by their own measure.
func (k *kept) near(a *web.Ask) (plan.Plan, string, error) {
	v, err := strconv.Atoi(a.Form("value"))
	if err != nil || v < 0 || v > 10 {
		return k.Plan, "", errs.Say(errs.E(errs.Invalid, "plans: how near"), "plan.wrong_near")
	}
	n := k.Plan
	n.Goals = slices.Clone(n.Goals)
	for i := range n.Goals {
		if n.Goals[i].ID != a.Form("goal") {
			continue
		}
		marks := slices.DeleteFunc(slices.Clone(n.Goals[i].Progress), func(m plan.Mark) bool { return m.On == today(a) })
		n.Goals[i].Progress = append(marks, plan.Mark{On: today(a), Value: v})
	}
	return n, "near", nil
}

// step answers POST …/plan/steps: a step is ticked off, with what was measured, or the
// tick is taken back.
func step(a *web.Ask, c *record.Chart) (web.Answer, error) {
	k, err := open(a.Context(), c)
	if err != nil {
		return web.Answer{}, err
	}
	to := base(c)
	if a.Form("to") == "today" {
		to = "/me/" + string(c.Client()) + "/today"
	}
	s, ok := k.Step(a.Form("step"))
	day, ok2 := plan.ParseDate(a.Form("day"))
	n, err := strconv.Atoi(a.Form("n"))
	if !ok || !ok2 || err != nil || n < 1 || n > 24 || day > today(a) || day < today(a)-7 {
		return web.Answer{}, errs.E(errs.Invalid, "plans: no such step on that day")
	}
	subject, err := subjectOf(c)
	if err != nil {
		return web.Answer{}, err
	}
	if a.Form("do") != "undo" && (k.Status != plan.Active || !s.Status.Open()) {
		return web.Answer{}, errs.E(errs.Invalid, "plans: a step that nobody follows")
	}
	d := plan.Done{Plan: k.ID, Step: s.ID, Day: day, N: n, At: a.Now, By: who(a, c).Who}
	t, err := d.Task(subject)
	if err != nil {
		return web.Answer{}, err
	}
	changes := []record.Change{{Resource: t}}
	if a.Form("do") == "undo" {
		if changes, err = undo(a.Context(), c, t); err != nil {
			return web.Answer{}, err
		}
		k.Done = slices.DeleteFunc(k.Done, func(x plan.Done) bool { return x.ID() == d.ID() })
	} else {
		k.Done = append(k.Done, d)
		if s.Kind == plan.ToMeasure {
			vs, err := measured(a, s.Code)
			if err != nil {
				return web.See(to + "?wrong=" + string(c.Ref("Task", s.ID)) + "#day"), nil
			}
			o, err := observed(readingOf(d.ID()), subject, s.Code, vs, a.Now)
			if err != nil {
				return web.Answer{}, err
			}
			changes = append(changes, record.Change{Resource: o})
		}
	}
	b, err := k.board(a, c)
	if err == nil {
		err = c.Plan(a.Context(), "step", b, changes...)
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See(to + "#day"), nil
}

// undo is a tick taken back, with what was measured by it.
func undo(ctx context.Context, c *record.Chart, tick fhir.Resource) ([]record.Change, error) {
	var err error
	if tick.JSON, err = undone(tick.JSON); err != nil {
		return nil, err
	}
	out := []record.Change{{Resource: tick}}
	if c.Parts()&record.Results == 0 {
		return out, nil
	}
	o, err := c.Read(ctx, "Observation", readingOf(tick.ID))
	if errs.Is(err, errs.NotFound) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	x := record.Change{Resource: fhir.Resource{Type: o.Type, ID: o.ID}, IfVersion: o.Version}
	x.JSON, err = undone(o.JSON)
	return append(out, x), err
}

// readingOf is the id of what was measured in a step.
func readingOf(tick string) string { return "r" + tick }

// partsOf are the numbers something is measured in.
func partsOf(code string) []steps.Gauge {
	g, _ := steps.GaugeOf(code)
	return g.Parts
}

// measured reads the numbers of a reading as FHIR writes them.
func measured(a *web.Ask, code string) ([]string, error) {
	n := max(1, len(partsOf(code)))
	var out []string
	for i := range n {
		v, ok := form.Number(a.Form("v" + strconv.Itoa(i+1)))
		f, err := strconv.ParseFloat(v, 64)
		if !ok || err != nil || f <= 0 || f > 1000 {
			return nil, errReading
		}
		out = append(out, v)
	}
	return out, nil
}
