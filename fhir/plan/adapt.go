package plan

import (
	"slices"
	"strconv"
)

// Adapt asks the rules what to change about the plan in the facts after an event, in
// a language. Nothing is changed: see Plan.Apply. There are no suggestions about a
// plan that is not active, about steps that are not open, and none for what is so
// already. The error is errs.Invalid, as of Propose.
func (t *Template) Adapt(f *Facts, e Event, lang string) ([]Suggestion, error) {
	if f.Plan == nil {
		return nil, nil
	}
	p, err := ReadPlan(f.Plan, f.Goals)
	if err != nil || p.Status != Active {
		return nil, err
	}
	var done []Done
	for _, b := range f.Done {
		if d, ok := ReadDone(b); ok {
			done = append(done, d)
		}
	}
	tr, err := t.trial(f, lang)
	if err != nil {
		return nil, err
	}
	var out []Suggestion
	for i := range t.rules {
		r := &t.rules[i]
		if !slices.Contains(r.on, e.Name) {
			continue
		}
		if r.about == "" {
			if s, ok := tr.suggest(r, &p, nil, e); ok {
				out = append(out, s)
			}
			continue
		}
		for k := range p.Steps {
			s := &p.Steps[k]
			own, ok := t.owns(s.Rule)
			if !ok || own != r.about || !s.Status.Open() || e.Step != "" && e.Step != s.ID {
				continue
			}
			clear(tr.vars) // they may ask for %missed
			tr.missed = p.Missed(s.ID, done, DateOf(f.Now))
			if x, ok := tr.suggest(r, &p, s, e); ok {
				out = append(out, x)
			}
		}
	}
	return out, tr.err
}

// suggest tries one rule on one step of the plan, or on none.
func (t *trial) suggest(r *ruleT, p *Plan, about *Step, e Event) (Suggestion, bool) {
	if e.Name == StepMissed && about != nil && t.missed == 0 || !t.all(r.conds) {
		return Suggestion{}, false
	}
	title, ok := t.say(r.title, r.at+".title")
	if !ok {
		return Suggestion{}, false
	}
	why, ok := t.say(r.why, r.at+".extension")
	if !ok {
		return Suggestion{}, false
	}
	out := Suggestion{Rule: t.t.element(r.id), Title: title, Why: why, Kind: r.kind}
	switch r.kind {
	case Remove:
		out.Step = about.ID
	case Update:
		out.Step, ok = about.ID, t.updated(r, p, *about, &out)
	case Create:
		ok = t.created(r, p, about, &out)
	}
	return out, ok
}

// updated makes what a step would become: as it is in the plan, but for what the rule
// says.
func (t *trial) updated(r *ruleT, p *Plan, was Step, out *Suggestion) bool {
	x, s := r.becomes, was
	if !t.all(x.conds) || !t.texts(x, &s) {
		return false
	}
	if x.why == nil {
		s.Why = out.Why
	}
	if x.kind != 0 {
		s.Kind = x.kind
	}
	if x.timing != nil {
		s.When = *x.timing
	}
	if x.what != "" {
		s.What = x.what
	}
	if x.code != "" {
		s.Code = x.code
	}
	if x.important != 0 {
		s.Important = x.important
	}
	if gs := t.goalsOf(x.goals, p); len(gs) > 0 {
		s.Goals = gs
	}
	why := s.Why
	s.Why = was.Why
	if len(stepFields(was, s)) == 0 {
		return false // it is so already
	}
	s.Why = why
	out.Becomes = &s
	return true
}

// created makes a new step, unless the plan has it.
func (t *trial) created(r *ruleT, p *Plan, about *Step, out *Suggestion) bool {
	x := r.becomes
	s := Step{ID: t.t.id(x.id), Kind: x.kind, Why: out.Why, What: x.what, Code: x.code, Rule: t.t.element(x.id), Important: x.important, Status: StepActive}
	for k, y := range p.Steps {
		if own, ok := t.t.owns(y.Rule); ok && own == x.id {
			if y.Status.Open() {
				return false
			}
			s.ID = t.t.id(x.id) + "-again-" + strconv.Itoa(k) // it was stopped, and may come again
		}
	}
	if s.Goals = t.goalsOf(x.goals, p); len(s.Goals) == 0 || !t.all(x.conds) || !t.texts(x, &s) {
		return false
	}
	if x.timing != nil {
		s.When = *x.timing
	}
	if s.Important == 0 {
		s.Important = 2
	}
	if about != nil {
		s.Phase = about.Phase
	} else {
		week := p.Week(DateOf(t.f.Now))
		for _, f := range p.Phases {
			if f.From <= week && week <= f.end() {
				s.Phase = f.ID
				break
			}
		}
	}
	out.Step, out.Becomes = s.ID, &s
	return true
}

// goalsOf returns the plan's open goals that came from the template's.
func (t *trial) goalsOf(own []string, p *Plan) []string {
	var out []string
	for _, g := range p.Goals {
		if id, ok := t.t.owns(g.Rule); ok && g.Lifecycle.Open() && slices.Contains(own, id) {
			out = append(out, g.ID)
		}
	}
	return out
}
