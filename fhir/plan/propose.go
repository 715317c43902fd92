package plan

import (
	"strconv"
)

// Propose tries the template on a person's facts, in a language. It returns nil
// without an error when the template does not apply, or has nothing to propose. An
// expression that fails has no value; what hangs on it is left out and named in the
// proposal's problems. The error is errs.Invalid: facts that are not FHIR, or a
// template of which too much fails.
func (t *Template) Propose(f *Facts, lang string) (*Proposal, error) {
	tr, err := t.trial(f, lang)
	if err != nil {
		return nil, err
	}
	if !tr.all(t.when) {
		return nil, tr.err
	}
	p := &Proposal{From: []Source{t.source}}
	p.Title, _ = tr.say(t.title, "PlanDefinition.title")
	of := map[string][]string{} // a goal's own id → the ids proposed
	for i := range t.goals {
		g := &t.goals[i]
		tr.times(g.each, func(suffix string) {
			if goal, ok := tr.goal(g, suffix); ok {
				p.Goals = append(p.Goals, goal)
				of[g.id] = append(of[g.id], goal.ID)
			}
		})
	}
	for i := range t.phases {
		ph := &t.phases[i]
		if !tr.all(ph.when) {
			continue
		}
		n := len(p.Steps)
		for k := range ph.steps {
			s := &ph.steps[k]
			tr.times(s.each, func(suffix string) {
				if step, ok := tr.step(s, suffix, of, p); ok {
					step.Phase = ph.ID
					p.Steps = append(p.Steps, step)
				}
			})
		}
		if len(p.Steps) > n {
			out := ph.Phase
			out.Title, _ = tr.say(ph.title, ph.at+".title")
			p.Phases = append(p.Phases, out)
		}
	}
	if tr.err != nil {
		return nil, tr.err
	}
	if len(p.Goals) == 0 {
		return nil, nil
	}
	p.Problems = tr.problems
	return p, nil
}

// times calls do once, or once for each item of a collection with %each set to it.
func (t *trial) times(each *cond, do func(suffix string)) {
	if each == nil {
		do("")
		return
	}
	items := t.eval(each.expr, each.at)
	if len(items) > maxEach {
		t.problems = append(t.problems, Problem{each.at, "only the first " + strconv.Itoa(maxEach) + " are looked at"})
		items = items[:maxEach]
	}
	for i := range items {
		t.each = items[i : i+1]
		do("-" + strconv.Itoa(i+1))
	}
	t.each = nil
}

func (t *trial) goal(g *goalT, suffix string) (Goal, bool) {
	if !t.all(g.when) {
		return Goal{}, false
	}
	text, ok := t.say(g.text, g.at+".description")
	if !ok {
		return Goal{}, false
	}
	why, ok := t.say(g.why, g.at+".extension")
	if !ok {
		return Goal{}, false
	}
	out := Goal{ID: t.t.id(g.id) + suffix, Text: text, Because: why, Category: g.category, Addresses: g.addresses,
		Rule: t.t.element(g.id), Important: g.important, Lifecycle: GoalProposed}
	var ms []Milestone
	for _, x := range g.targets {
		m := Milestone{Measure: x.measure}
		if x.detail != nil {
			if m.Measure.Detail, ok = t.say(x.detail, x.at+".detail"); !ok {
				m.Measure = Measure{} // nobody said how it would be known; the day stays
			}
		}
		if x.days > 0 {
			m.Due = DateOf(t.f.Now) + Date(x.days)
		}
		if m != (Milestone{}) {
			ms = append(ms, m)
		}
	}
	out.setTargets(ms)
	return out, true
}

func (t *trial) step(x *stepT, suffix string, of map[string][]string, p *Proposal) (Step, bool) {
	s := Step{ID: t.t.id(x.id) + suffix, Kind: x.kind, What: x.what, Code: x.code, Rule: t.t.element(x.id), Important: x.important, Status: StepProposed}
	if x.timing != nil {
		s.When = *x.timing
	}
	best := 3
	for _, own := range x.goals {
		for _, id := range of[own] {
			s.Goals = append(s.Goals, id)
			if g, ok := goalIn(p.Goals, id); ok {
				best = min(best, g.Important)
			}
		}
	}
	if len(s.Goals) == 0 || !t.all(x.conds) || !t.texts(x, &s) {
		return Step{}, false
	}
	if s.Important == 0 {
		s.Important = best
	}
	return s, true
}

// texts says the texts of a step; what the step does not say stays as it is.
func (t *trial) texts(x *stepT, s *Step) bool {
	for _, part := range []struct {
		w    *words
		at   string
		to   *string
		must bool
	}{{x.title, ".title", &s.Title, true}, {x.why, ".extension", &s.Why, true}, {x.text, ".description", &s.Text, false}} {
		if part.w == nil {
			continue
		}
		said, ok := t.say(part.w, x.at+part.at)
		if !ok && part.must {
			return false
		}
		*part.to = said
	}
	return true
}
