package plan

import (
	"slices"
	"strconv"
	"time"
)

// settledFor is for how long a suggestion is not made again after an answer.
const settledFor = 14 * 24 * time.Hour

// Plan makes a draft of a proposal, version 1, that begins on a day; the zero Date
// leaves open when.
func (p *Proposal) Plan(id string, started Date) Plan {
	return Plan{ID: id, Title: p.Title, Status: Draft, Version: 1, Started: started,
		From: slices.Clone(p.From), Goals: slices.Clone(p.Goals), Phases: slices.Clone(p.Phases), Steps: slices.Clone(p.Steps)}
}

// Step returns the step with an id.
func (p Plan) Step(id string) (Step, bool) {
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 {
		return Step{}, false
	}
	return p.Steps[i], true
}

// Goal returns the goal with an id.
func (p Plan) Goal(id string) (Goal, bool) { return goalIn(p.Goals, id) }

// Phase returns the phase with an id.
func (p Plan) Phase(id string) (Phase, bool) {
	i := slices.IndexFunc(p.Phases, func(f Phase) bool { return f.ID == id })
	if i < 0 {
		return Phase{}, false
	}
	return p.Phases[i], true
}

// AgreedBy returns who agreed to the current version as client or staff.
func (p Plan) AgreedBy(r Role) (Agreement, bool) {
	i := slices.IndexFunc(p.Agreed, func(a Agreement) bool { return a.Version == p.Version && a.Role == r })
	if i < 0 || r == 0 {
		return Agreement{}, false
	}
	return p.Agreed[i], true
}

// Agree returns the plan with somebody's name under its current version. With both a
// client's and a staff member's, a draft becomes active on a day: proposed goals and
// steps become active, and it starts that day if it has no other.
func (p Plan) Agree(a Agreement, day Date) Plan {
	a.Version = p.Version
	p.Agreed = append(slices.DeleteFunc(slices.Clone(p.Agreed), func(x Agreement) bool {
		return x.Version == a.Version && x.Who == a.Who && x.Role == a.Role
	}), a)
	_, client := p.AgreedBy(Client)
	_, staff := p.AgreedBy(Staff)
	if !client || !staff || p.Status != Draft && p.Status != Active {
		return p
	}
	p.Status = Active
	if p.Started == 0 {
		p.Started = day
	}
	p.Goals, p.Steps = slices.Clone(p.Goals), slices.Clone(p.Steps)
	for i := range p.Goals {
		if l := p.Goals[i].Lifecycle; l == GoalProposed || l == GoalPlanned || l == GoalAccepted {
			p.Goals[i].Lifecycle = GoalActive
		}
	}
	for i := range p.Steps {
		if s := p.Steps[i].Status; s == StepProposed || s == StepScheduled {
			p.Steps[i].Status = StepActive
		}
	}
	return p
}

// Join returns the plan with a proposal more, whose weeks begin with that of a day.
// Goals and steps that the plan has already, whatever became of them, are not added.
func (p Plan) Join(more *Proposal, day Date) Plan {
	if more == nil {
		return p
	}
	p.From = union(slices.Clone(p.From), more.From)
	p.Goals, p.Phases, p.Steps = slices.Clone(p.Goals), slices.Clone(p.Phases), slices.Clone(p.Steps)
	for _, g := range more.Goals {
		if _, ok := p.Goal(g.ID); !ok {
			p.Goals = append(p.Goals, g)
		}
	}
	later := max(p.Week(day)-1, 0)
	phases := map[string]string{} // the proposal's → the plan's
	for _, f := range more.Phases {
		own := f.ID
		if f.From += later; f.To > 0 {
			f.To += later
		}
		if was, ok := p.Phase(own); ok && (was.From != f.From || was.To != f.To) {
			f.ID = name(own, strconv.Itoa(f.From), strconv.Itoa(f.To))[:8] + "." + own
		}
		phases[own] = f.ID
		if _, ok := p.Phase(f.ID); !ok && slices.ContainsFunc(more.Steps, func(s Step) bool {
			_, has := p.Step(s.ID)
			return s.Phase == own && !has
		}) {
			p.Phases = append(p.Phases, f)
		}
	}
	for _, s := range more.Steps {
		if _, ok := p.Step(s.ID); !ok {
			s.Phase = phases[s.Phase]
			p.Steps = append(p.Steps, s)
		}
	}
	return p
}

// Apply returns the plan as a suggestion would make it. A step that is removed stays,
// stopped, for the history.
func (p Plan) Apply(s Suggestion) Plan {
	p.Steps = slices.Clone(p.Steps)
	i := slices.IndexFunc(p.Steps, func(x Step) bool { return x.ID == s.Step })
	switch {
	case s.Kind == Remove && i >= 0:
		p.Steps[i].Status = StepStopped
	case s.Becomes == nil || s.Kind == Remove:
	case i >= 0:
		b := *s.Becomes
		b.ID, b.kept = p.Steps[i].ID, p.Steps[i].kept
		p.Steps[i] = b
	case s.Kind == Create:
		b := *s.Becomes
		b.ID = s.Step
		p.Steps = append(p.Steps, b)
	}
	return p
}

// Settle returns the plan with an answer to a suggestion noted.
func (p Plan) Settle(s Suggestion, said Answered, who string, at time.Time) Plan {
	p.Settled = append(slices.Clone(p.Settled), Settled{s.Rule, s.Step, said, who, at})
	return p
}

// Open returns the suggestions that nobody answered in the last 14 days.
func (p Plan) Open(ss []Suggestion, now time.Time) []Suggestion {
	var out []Suggestion
	for _, s := range ss {
		if !slices.ContainsFunc(p.Settled, func(x Settled) bool {
			return x.Rule == s.Rule && x.Step == s.Step && now.Sub(x.At) < settledFor
		}) {
			out = append(out, s)
		}
	}
	return out
}

// Revise returns the next version of the plan, which is after: numbered, and with
// what changed noted under a name, a rule if one suggested it, and a reason. Nobody
// has agreed to it but who makes it; a draft keeps its number, and loses the
// agreements of others. Without a difference it is after as it is.
func (p Plan) Revise(after Plan, by Agreement, rule, why string) Plan {
	changes := Diff(p, after)
	if len(changes) == 0 {
		return after
	}
	after.Version = max(p.Version, 1)
	if p.Status != Draft {
		after.Version++
	}
	for i := range changes {
		c := &changes[i]
		c.Version, c.At, c.Who, c.Name, c.Rule, c.Why = after.Version, by.At, by.Who, by.Name, rule, why
	}
	after.Changes = append(slices.Clone(p.Changes), changes...)
	after.Agreed = slices.DeleteFunc(slices.Clone(p.Agreed), func(a Agreement) bool { return a.Version >= after.Version })
	by.Version = after.Version
	after.Agreed = append(after.Agreed, by)
	return after
}
