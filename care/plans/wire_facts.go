package plans

import (
	"context"
	"slices"
	"time"

	"rapport/fhir"
	"rapport/fhir/plan"
	"rapport/record"
	"rapport/web"
	"rapport/web/question"
)

// firsts are the forms in which somebody tells who they are and what they want.
var firsts = []string{"urn:rapport:form:first-visit", "urn:rapport:form:teen-first-visit", "urn:rapport:form:child-first-visit"}

// facts gathers what templates are tried on, out of the parts that are open.
func facts(a *web.Ask, c *record.Chart, k *kept) (*plan.Facts, error) {
	ctx, p := a.Context(), a.P
	f := &plan.Facts{Now: a.Now, Number: p.Number, Date: func(t fhir.Time) string { return p.Full(t.At) }}
	said, err := c.Find(ctx, "QuestionnaireResponse", "status", "completed,amended", "_sort", "-authored", "_count", "100")
	if err != nil {
		return nil, err
	}
	f.Answers = jsons(said)
	for _, s := range said {
		if f.Said == nil && slices.Contains(firsts, question.HeadOf(s).Form) {
			f.Said = s.JSON
		}
	}
	if card, ok := c.Card(); ok {
		if x, err := c.Read(ctx, "Patient", card.Person); err == nil {
			f.Patient = x.JSON
		}
	}
	if f.Results, err = results(ctx, c, a.Now); err != nil {
		return nil, err
	}
	if err := history(ctx, c, f); err != nil {
		return nil, err
	}
	if k != nil {
		f.Plan, f.Goals, f.Done = k.Found.JSON, k.Goaled, k.Tasks
	}
	return f, nil
}

// history adds what the chart says of conditions, medicines and allergies, where they
// are open.
func history(ctx context.Context, c *record.Chart, f *plan.Facts) error {
	for _, x := range []struct {
		part record.Parts
		typ  string
		into *[][]byte
		only []string
	}{
		{record.Conditions, "Condition", &f.Conditions, nil},
		{record.Medicines, "MedicationRequest", &f.Medicines, []string{"status", "active"}},
		{record.Medicines, "MedicationStatement", &f.Medicines, []string{"status", "active"}},
		{record.Allergies, "AllergyIntolerance", &f.Allergies, nil},
	} {
		if c.Parts()&x.part == 0 {
			continue
		}
		found, err := c.Find(ctx, x.typ, append(slices.Clone(x.only), "_count", "200")...)
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(f record.Found) bool { return fhir.Private(f.JSON) }) // a plan says why, to whoever may see it
		*x.into = append(*x.into, jsons(found)...)
	}
	return nil
}

// propose tries every plan template of the practice, and makes one proposal of what
// applies; nil when nothing does.
func propose(a *web.Ask, c *record.Chart) (*plan.Proposal, error) {
	f, err := facts(a, c, nil)
	if err != nil {
		return nil, err
	}
	var all []*plan.Proposal
	for _, t := range c.Library().Plans() {
		p, err := t.Propose(f, tongue(a, c))
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	p := plan.Merge(all...)
	if p != nil {
		slices.SortStableFunc(p.Goals, ownFirst)
	}
	return p, nil
}

// ownFirst puts what somebody said they want, with a measure of their own, before what is
// good for most people.
func ownFirst(a, b plan.Goal) int {
	rank := func(g plan.Goal) int {
		if g.Measure.Detail != "" {
			return 0
		}
		return 1
	}
	return rank(a) - rank(b)
}

// suggestions asks the rules of the plan's own templates what to change: about steps
// that were missed, and the newest answers and results.
func suggestions(c *record.Chart, k *kept, f *plan.Facts, tongue string, now time.Time) ([]plan.Suggestion, error) {
	if k.Status != plan.Active {
		return nil, nil
	}
	var out []plan.Suggestion
	for _, t := range c.Library().Plans() {
		if !slices.ContainsFunc(k.From, func(s plan.Source) bool { return s.URL == t.URL }) {
			continue
		}
		for _, e := range []plan.EventName{plan.StepMissed, plan.ResultCame, plan.AnswerCame, plan.DayCame} {
			ss, err := t.Adapt(f, plan.Event{Name: e}, tongue)
			if err != nil {
				return nil, err
			}
			for _, s := range ss {
				if !slices.ContainsFunc(out, func(o plan.Suggestion) bool { return o.Rule == s.Rule && o.Step == s.Step }) {
					out = append(out, s)
				}
			}
		}
	}
	return k.Open(out, now), nil
}
