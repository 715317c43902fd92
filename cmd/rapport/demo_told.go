package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/fhir/plan"
	"rapport/record"
	"rapport/web/question"
)

// demoTold is what somebody made up told before a visit, by the question's linkId; what
// is not here they would rather not say.
var demoTold = map[string][]string{
	"called": {"Inês"}, "day": {"I run a small bakery. Up at four, in bed by nine, on my feet in between."},
	"reason-words": {"I am out of breath on the stairs, and I was not last year."}, "worry-words": {"That it is my heart, like my father’s."},
	"reason-since": {"months"}, "visit-hope": {"To know what it is, and what I can still do."},
	"goal-words": {"Carry the flour up from the cellar by myself"}, "goal-measure": {"Two sacks, without a rest on the stairs"}, "goal-by": {"3-months"}, "goal-hard": {"7"},
	"helped-words": {"Going slowly. Cold air helps."}, "sleep-hours": {"5.5"}, "sleep-rested": {"rarely"}, "move-days": {"2"}, "move-minutes": {"20"},
	"tobacco": {"never"}, "phq-1": {"LA6568-5"}, "phq-2": {"LA6569-3"}, "gad-1": {"LA6568-5"}, "gad-2": {"LA6568-5"},
	"condition-name": {"Short of breath on stairs"}, "condition-since": {"spring"}, "condition-still": {"yes"},
	"medicine-name": {"Magnesium"}, "medicine-dose": {"300 mg"}, "medicine-often": {"every evening"}, "medicine-still": {"yes"},
	"safe-home": {"yes"}, "food-money": {"yes"},
}

// told has one client follow a plan since three weeks, and another hand in what they
// were asked before a visit, with a first draft that waits for the care team.
func (m *madeUp) told(ctx context.Context, now time.Time) error {
	if err := m.follows(ctx, m.world.Clients[0].ID, now); err != nil {
		return fmt.Errorf("the plan: %w", err)
	}
	if err := m.reaches(ctx, m.world.Clients[0].ID); err != nil {
		return fmt.Errorf("how they are told: %w", err)
	}
	for _, c := range m.world.Clients {
		if strings.HasPrefix(c.Story, "New this week") {
			if err := m.answers(ctx, c.ID, now); err != nil {
				return fmt.Errorf("the form: %w", err)
			}
		}
	}
	return nil
}

// opened opens a made-up person's chart for themselves.
func (m *madeUp) opened(ctx context.Context, id string, why record.Purpose, what record.Parts) (*record.Chart, string, error) {
	of := m.charts[id]
	who, err := m.client(ctx, of)
	if err != nil {
		return nil, "", err
	}
	c, err := m.v.Open(ctx, who, why, of, what)
	if err != nil {
		return nil, "", err
	}
	card, _ := c.Card()
	return c, "Patient/" + card.Person, nil
}

// demoSteps are the steps of the made-up plan: when on the day, and why.
var demoSteps = []plan.Step{
	{ID: "tablet", Kind: plan.ToTake, Title: "Amlodipine 5 mg", Text: "One tablet with breakfast.", Why: "Because your home readings came down since you take it every morning.", Goals: []string{"pressure"}, When: plan.Timing{Times: 1, Per: 1, Unit: plan.Day, At: []int{8 * 60}}},
	{ID: "pumps", Kind: plan.ToDo, Title: "Ankle pumps", Text: "20 times, slowly.", Why: "Because you said your ankles swell.", Goals: []string{"park"}, When: plan.Timing{Times: 1, Per: 1, Unit: plan.Day, At: []int{8*60 + 30}}},
	{ID: "reading", Kind: plan.ToMeasure, Title: "Blood pressure", Text: "Sit for five minutes first, arm at heart height.", Why: "Because we agreed to watch it at home until the knee is well.", Goals: []string{"pressure"}, Code: "85354-9", When: plan.Timing{Times: 1, Per: 1, Unit: plan.Day, At: []int{9*60 + 30}}},
	{ID: "heel", Kind: plan.ToDo, Title: "Heel slides", Text: "3 sets of 10.", Why: "Because the knee has to bend for the stairs.", Goals: []string{"park"}, When: plan.Timing{Times: 1, Per: 1, Unit: plan.Day, At: []int{13 * 60}}},
	{ID: "walk", Kind: plan.ToDo, Title: "Walk outside", Text: "20 minutes on flat ground.", Why: "Because you want to walk to the park with your grandson.", Goals: []string{"park"}, When: plan.Timing{Times: 1, Per: 1, Unit: plan.Day, At: []int{16 * 60}}},
	{ID: "evening", Kind: plan.ToDo, Title: "How was today?", Text: "A line in your own words, if you like.", Why: "Because only you know how it is going.", Goals: []string{"park"}, When: plan.Timing{Times: 1, Per: 1, Unit: plan.Day, At: []int{20 * 60}}},
}

// follows gives somebody a plan that both agreed to three weeks ago, most of which they
// did.
func (m *madeUp) follows(ctx context.Context, id string, now time.Time) error {
	c, subject, err := m.opened(ctx, id, record.Planning, record.Plans|record.Results|record.Told|record.Person)
	if err != nil {
		return err
	}
	pid, err := c.NewID()
	if err != nil {
		return err
	}
	today := plan.DateOf(now.In(m.v.Zone()))
	began := now.AddDate(0, 0, -21)
	card, _ := c.Card()
	doctor := m.who("physician", 0)
	p := plan.Plan{ID: pid, Title: "Back to the park", Status: plan.Draft, Version: 1,
		Goals: []plan.Goal{
			{ID: "park", Text: "Walk to the park with my grandson", Measure: plan.Measure{Detail: "There and back without a rest"}, Due: today + 40, Lifecycle: plan.GoalProposed, Progress: []plan.Mark{{On: today - 20, Value: 2}, {On: today - 12, Value: 4}, {On: today - 4, Value: 6}}},
			{ID: "pressure", Text: "Keep my blood pressure where we agreed", Measure: plan.Measure{System: "http://loinc.org", Code: "8480-6", Text: "Top number", Unit: "mmHg", From: fhir.Decimal{Text: "110", Float: 110}, To: fhir.Decimal{Text: "130", Float: 130}}, Due: today + 60, Lifecycle: plan.GoalProposed},
		}, Steps: slices.Clone(demoSteps)}
	p = p.Agree(plan.Agreement{Who: subject, Name: card.Name, Role: plan.Client, At: began, Version: 1}, today-21)
	p = p.Agree(plan.Agreement{Who: "Practitioner/" + doctor.ID(), Name: doctor.Name(), Role: plan.Staff, At: began.Add(20 * time.Hour), Version: 1}, today-21)
	rs, err := p.Resources(subject)
	if err != nil {
		return err
	}
	var changes []record.Change
	for _, r := range rs {
		changes = append(changes, record.Change{Resource: r})
	}
	b := record.Board{Plan: pid, Active: true, Began: began, Last: now, Due: (today + 40).At(0, m.v.Zone())}
	if err := c.Plan(ctx, "plan", b, changes...); err != nil {
		return err
	}
	return m.ticks(ctx, c, b, subject, today, now)
}

// ticks are the steps that were done: nearly all, and two of today's.
func (m *madeUp) ticks(ctx context.Context, c *record.Chart, b record.Board, subject string, today plan.Date, now time.Time) error {
	var changes []record.Change
	for day := today - 20; day <= today; day++ {
		for i, s := range demoSteps {
			at := day.At(s.When.At[0]+4, m.v.Zone())
			if day == today && (i > 1 || at.After(now)) || day != today && (int(day)+i)%7 == 0 {
				continue
			}
			t, err := plan.Done{Plan: b.Plan, Step: s.ID, Day: day, N: 1, At: at, By: subject}.Task(subject)
			if err != nil {
				return err
			}
			changes = append(changes, record.Change{Resource: t})
		}
	}
	return c.Plan(ctx, "step", b, changes...)
}

// answers has somebody hand in the first form.
func (m *madeUp) answers(ctx context.Context, id string, now time.Time) error {
	c, subject, err := m.opened(ctx, id, record.Answering, record.Told|record.Person|record.Results)
	if err != nil {
		return err
	}
	const first = "urn:rapport:form:first-visit"
	e, ok := c.Library().Form(first, "")
	if !ok {
		return errs.E(errs.NotFound, "rapport: the first form is not there")
	}
	s, err := form.Start(e.Form, form.Env{Now: now, Subject: subject, Author: subject, Sets: c.Library().Set})
	if err != nil {
		return err
	}
	if err := fillIn(s); err != nil {
		return err
	}
	issues, json := s.Complete(now)
	for _, i := range issues {
		if !i.Warning {
			return errs.E(errs.Invalid, "rapport: the made-up answers: %s", i)
		}
	}
	rid, err := c.NewID()
	if err != nil {
		return err
	}
	results, err := question.Measured(s, rid)
	if err != nil {
		return err
	}
	if err := c.Answer(ctx, record.Answer{Form: first, ID: rid, JSON: fhir.WithID(json, rid), Done: true, Results: results}); err != nil {
		return err
	}
	return m.drafts(ctx, id, json, now)
}

// drafts has somebody agree to what is proposed from what they told; the care team has
// yet to.
func (m *madeUp) drafts(ctx context.Context, id string, said []byte, now time.Time) error {
	c, subject, err := m.opened(ctx, id, record.Planning, record.Plans|record.Results|record.Told|record.Person)
	if err != nil {
		return err
	}
	var all []*plan.Proposal
	for _, t := range c.Library().Plans() {
		p, err := t.Propose(&plan.Facts{Now: now.In(m.v.Zone()), Said: said, Answers: [][]byte{said}}, "en")
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	merged := plan.Merge(all...)
	if merged == nil {
		return errs.E(errs.Internal, "rapport: nothing is proposed to somebody who told what they want")
	}
	pid, err := c.PlanID(nil)
	if err != nil {
		return err
	}
	card, _ := c.Card()
	p := merged.Plan(pid, 0).Agree(plan.Agreement{Who: subject, Name: card.Name, Role: plan.Client, At: now, Version: 1}, plan.DateOf(now))
	rs, err := p.Resources(subject)
	if err != nil {
		return err
	}
	var changes []record.Change
	for _, r := range rs {
		changes = append(changes, record.Change{Resource: r})
	}
	return c.Plan(ctx, "plan", record.Board{Plan: pid, Awaits: record.AwaitsStaff, Began: now}, changes...)
}

// fillIn answers every question of a form with what was made up.
func fillIn(s *form.Sheet) error {
	added := map[string]bool{}
	for range 400 {
		at, open := s.Open()
		if !open {
			return nil
		}
		q, _ := s.Question(at)
		if q.Another {
			var err error
			if id := q.Item.LinkID; (id == "condition" || id == "medicine" || id == "goal") && !added[id] {
				added[id] = true
				_, err = s.Add(at)
			} else {
				err = s.Skip(at, form.Skipped)
			}
			if err != nil {
				return err
			}
			continue
		}
		if err := fillOne(s, q); err != nil {
			return err
		}
	}
	return errs.E(errs.Internal, "rapport: a form without an end")
}

func fillOne(s *form.Sheet, q form.Question) error {
	var typed []form.Typed
	for _, w := range demoTold[q.Item.LinkID] {
		t := form.Typed{Text: w}
		for n, o := range q.Options {
			if o.Value.Code == w {
				t = form.Typed{Option: fmt.Sprint(n)}
			}
		}
		typed = append(typed, t)
	}
	answers, _, ok := q.Read(typed...)
	if !ok || len(answers) == 0 {
		return s.Skip(q.Place, form.Declined)
	}
	issues, err := s.Set(q.Place, answers)
	if err == nil && slices.ContainsFunc(issues, func(i form.Issue) bool { return !i.Warning }) {
		err = errs.E(errs.Invalid, "rapport: a made-up answer breaks a rule: %s", issues[0])
	}
	return err
}
