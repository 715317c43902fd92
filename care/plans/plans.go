// Package plans is a plan of care as a client and their clinician agree it: proposed from
// what the client told, in their words, each step with why and for which goal; changed by
// either, with both names under it; adapted by rules that propose and people who accept.
// A day's steps are ticked off here and on Today.
//
// It refuses to change anything by itself, to propose a step without a reason, and to
// shame anybody for a week that went by without one.
package plans

import (
	"context"
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir/plan"
	"rapport/record"
	"rapport/web"
	"rapport/web/steps"
)

// What the pages open: a plan with how it goes, and all it can be proposed from.
const (
	follows  = record.Plans | record.Results | record.Told | record.Person
	proposes = follows | record.Conditions | record.Medicines | record.Allergies | record.Visits
)

// Routes lists the pages.
func Routes() []web.Route {
	me, staff := "/me/{client}/plan", "/clients/{client}/plan"
	return []web.Route{
		{Pattern: "GET " + me, Why: record.Planning, What: follows, Must: record.Plans, Chart: show},
		{Pattern: "POST " + me, Why: record.Planning, What: follows, Must: record.Plans, Chart: act},
		{Pattern: "GET " + me + "/new", Why: record.Planning, What: proposes, Must: record.Plans, Chart: fresh},
		{Pattern: "POST " + me + "/new", Why: record.Planning, What: proposes, Must: record.Plans, Chart: begin},
		{Pattern: "POST " + me + "/steps", Why: record.Planning, What: follows, Must: record.Plans, Chart: step},
		{Pattern: "GET " + me + "/file", Why: record.Planning, What: follows, Must: record.Plans, Chart: file},
		{Pattern: "GET " + staff, Why: record.Care, What: follows, Must: record.Plans, Chart: show},
		{Pattern: "POST " + staff, Why: record.Care, What: follows, Must: record.Plans, Chart: act},
		{Pattern: "GET " + staff + "/new", Why: record.Care, What: proposes, Must: record.Plans, Chart: fresh},
		{Pattern: "POST " + staff + "/new", Why: record.Care, What: proposes, Must: record.Plans, Chart: begin},
		{Pattern: "GET " + staff + "/file", Why: record.Care, What: follows, Must: record.Plans, Chart: file},
		{Pattern: "GET /plans", Why: record.Finding, Directory: list},
	}
}

// byStaff reports that the page is the care team's.
func byStaff(c *record.Chart) bool { return c.Purpose() == record.Care }

// base is the address of the plan.
func base(c *record.Chart) string {
	if byStaff(c) {
		return "/clients/" + string(c.Client()) + "/plan"
	}
	return "/me/" + string(c.Client()) + "/plan"
}

// kept is a plan as it lies in the chart.
type kept struct{ *steps.Kept }

// open reads the newest plan that we keep.
func open(ctx context.Context, c *record.Chart) (*kept, error) {
	k, err := steps.Open(ctx, c)
	return &kept{k}, err
}

// save keeps the plan in its next state, and where it stands then.
func (k *kept) save(a *web.Ask, c *record.Chart, actName string, next plan.Plan, more ...record.Change) error {
	subject, err := subjectOf(c)
	if err != nil {
		return err
	}
	rs, err := next.Resources(subject)
	if err != nil {
		return err
	}
	var changes []record.Change
	for _, r := range rs {
		x := record.Change{Resource: r}
		switch {
		case r.Type == "CarePlan":
			x.IfVersion = k.Found.Version
		case k.Versions[r.ID] != 0:
			x.IfVersion = k.Versions[r.ID]
		}
		changes = append(changes, x)
	}
	was := k.Plan
	k.Plan = next
	b, err := k.board(a, c)
	if err != nil {
		return err
	}
	if next.Version != was.Version || next.Status != was.Status || len(next.Agreed) != len(was.Agreed) {
		p, err := provenance(a, c, next)
		if err != nil {
			return err
		}
		changes = append(changes, record.Change{Resource: p})
	}
	return c.Plan(a.Context(), actName, b, append(changes, more...)...)
}

// board is where the plan stands now.
func (k *kept) board(a *web.Ask, c *record.Chart) (record.Board, error) {
	b := record.Board{Plan: k.ID, Active: k.Status == plan.Active, Began: a.Now}
	if k.Started != 0 {
		b.Began = k.Started.At(0, a.Now.Location())
	}
	for _, d := range k.Done {
		if d.At.After(b.Last) {
			b.Last = d.At
		}
	}
	if k.Status != plan.Draft && k.Status != plan.Active {
		return b, nil // it waits for nobody any more
	}
	for _, g := range k.Goals {
		if due := g.Due.At(0, a.Now.Location()); g.Lifecycle.Open() && g.Due != 0 && (b.Due.IsZero() || due.Before(b.Due)) {
			b.Due = due
		}
	}
	b.Days = k.openDays(today(a))
	_, client := k.AgreedBy(plan.Client)
	_, staff := k.AgreedBy(plan.Staff)
	switch {
	case !staff:
		b.Awaits = record.AwaitsStaff
	case !client:
		b.Awaits = record.AwaitsClient
	}
	for _, o := range k.Objections {
		b.Objects = b.Objects || o.Closed.IsZero()
	}
	if c.Parts()&record.Results == 0 { // who does not see how it goes says nothing about it
		was, err := c.Board(a.Context(), k.ID)
		b.Off = was.Off
		if errs.Is(err, errs.NotFound) {
			err = nil
		}
		return b, err
	}
	rs, err := results(a.Context(), c, a.Now)
	b.Off = len(k.OffTrack(readings(rs), today(a))) > 0
	return b, err
}

// daysAhead is for how many days from now it is kept on which of them a plan has
// something to do: a plan that is not touched for half as long is stalled.
const daysAhead = 28

// openDays are the days from one on, today among them, on which something is to be done
// at a time or within the day, counted as the calendar does.
func (k *kept) openDays(from plan.Date) []int {
	var out []int
	for d := from; d < from+daysAhead; d++ {
		if slices.ContainsFunc(k.Day(d, k.Done), func(x plan.Due) bool { return !x.Done && x.Step.When.Times > 0 && !x.Step.When.Loose() }) {
			out = append(out, int(d))
		}
	}
	return out
}

// today is the day it is where the practice is.
func today(a *web.Ask) plan.Date { return plan.DateOf(a.Now) }

// who is the name under what the actor does.
func who(a *web.Ask, c *record.Chart) plan.Agreement {
	x := plan.Agreement{Name: c.Who().Name(), At: a.Now, Role: plan.Client}
	if byStaff(c) {
		x.Who, x.Role = "Practitioner/"+c.Who().ID(), plan.Staff
		return x
	}
	if card, ok := c.Card(); ok {
		x.Who = "Patient/" + card.Person
		if _, helps := a.Of(); !helps {
			x.Name = card.Name
		}
	}
	return x
}

func subjectOf(c *record.Chart) (string, error) {
	card, ok := c.Card()
	if !ok || card.Person == "" {
		return "", errs.E(errs.Refused, "plans: whose plan is not open")
	}
	return "Patient/" + card.Person, nil
}

// file answers GET …/plan/file: the plan as FHIR, to be kept or given to another.
func file(a *web.Ask, c *record.Chart) (web.Answer, error) {
	k, err := open(a.Context(), c)
	if err != nil {
		return web.Answer{}, err
	}
	b, err := bundle(k)
	if err != nil {
		return web.Answer{}, err
	}
	if _, err := c.Give(a.Context(), record.Gift{To: record.ToThemselves, As: "application/fhir+json", Manifest: b, N: 1 + len(k.Goaled) + len(k.Tasks), Parts: record.Plans}); err != nil {
		return web.Answer{}, err
	}
	return web.File("application/fhir+json", "plan.json", b), nil
}

// daysAgo is how long back results are read.
const daysAgo = 400

// results are the newest results, for rules and progress.
func results(ctx context.Context, c *record.Chart, now time.Time) ([][]byte, error) {
	found, err := c.Find(ctx, "Observation", "date", "ge"+now.AddDate(0, 0, -daysAgo).UTC().Format(time.DateOnly), "_sort", "-date", "_count", "300", "status:not", "entered-in-error")
	return jsons(found), err
}

func jsons(found []record.Found) [][]byte {
	out := make([][]byte, 0, len(found))
	for _, f := range found {
		out = append(out, f.JSON)
	}
	return out
}
