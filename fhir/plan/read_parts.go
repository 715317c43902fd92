package plan

import (
	"fmt"
	"slices"
	"strconv"

	"rapport/fhir"
)

func (r *reader) goal(n fhir.Node, i int, at string) (err error) {
	g := goalT{id: idOr(n, "goal", i), at: at, category: codeIn(n.Get("category"), categorySys), important: 2}
	if err := r.take(g.id, at); err != nil {
		return err
	}
	if g.when, g.each, err = r.gates(n, at); err != nil {
		return err
	}
	defer func() { r.each = false }()
	what := n.Get("description", "text")
	if !what.OK() {
		what = n.Get("description", "coding", "display")
	}
	if g.text, err = r.words(what, at+".description", whole); err != nil {
		return err
	}
	if g.text == nil {
		return invalid(at+".description", "a goal needs a text")
	}
	if g.why, err = r.why(n, at); err != nil {
		return err
	}
	if p := slices.Index([]string{"", "high-priority", "medium-priority", "low-priority"}, codeIn(n.Get("priority"), prioritySys)); p > 0 {
		g.important = p
	}
	for a := range n.Each("addresses") {
		if s := text(a); s != "" {
			g.addresses = append(g.addresses, Addressed{Text: s})
		}
	}
	for k, x := range all(n, "target") {
		t := targetT{measure: readMeasure(x), at: fmt.Sprintf("%s.target[%d]", at, k)}
		if d := x.Get("detail"); d.Type() == "string" {
			if t.detail, err = r.words(d, t.at+".detail", whole); err != nil {
				return err
			}
		} else if d.Type() == "CodeableConcept" {
			if t.detail, err = r.words(d.Get("text"), t.at+".detail", whole); err != nil {
				return err
			}
		}
		if due := x.Get("due"); due.OK() {
			days, ok := durationDays(due)
			if !ok || days <= 0 || days > maxWeeks*7 {
				return invalid(t.at+".due", "due must be between a day and ten years")
			}
			t.days = days
		}
		g.targets = append(g.targets, t)
	}
	r.t.goals = append(r.t.goals, g)
	return nil
}

func idOr(n fhir.Node, kind string, i int) string {
	if id := n.Get("id"); id.OK() {
		return id.Str()
	}
	return kind + "-" + strconv.Itoa(i+1)
}

func (r *reader) phase(n fhir.Node, i int, at string) (err error) {
	own := idOr(n, "phase", i)
	p := phaseT{Phase: Phase{ID: r.t.id(own), From: 1}, at: at}
	if r.phaseIDs[own] {
		return invalid(at+".id", "there is another phase with this id")
	}
	r.phaseIDs[own] = true
	if p.when, _, err = r.gates(n, at); err != nil {
		return err
	}
	r.each = false
	conds, err := r.conditions(n, at)
	if err != nil {
		return err
	}
	p.when = append(p.when, conds...)
	if p.title, err = r.words(n.Get("title"), at+".title", whole); err != nil {
		return err
	}
	if t := n.Get("timing"); t.Type() == "Range" {
		if p.From, p.To, err = weeks(t, at+".timing"); err != nil {
			return err
		}
	} else if t.OK() {
		r.problem(at+".timing", "a phase has a range of weeks")
	}
	steps := all(n, "action")
	if len(steps) == 0 {
		r.problem(at, "a phase without steps")
	}
	for k, a := range steps {
		s, err := r.step(a, k, fmt.Sprintf("%s.action[%d]", at, k), own)
		if err != nil {
			return err
		}
		p.steps = append(p.steps, *s)
	}
	r.t.phases = append(r.t.phases, p)
	return nil
}

// weeks reads a range of weeks: 1–4 are the first four.
func weeks(n fhir.Node, at string) (from, to int, err error) {
	from = 1
	for _, end := range []struct {
		name string
		to   *int
	}{{"low", &from}, {"high", &to}} {
		q := n.Get(end.name)
		if !q.OK() {
			continue
		}
		v, err := strconv.ParseFloat(q.Get("value").Str(), 64)
		switch u := unit(q); {
		case err != nil || v < 1 || v > maxWeeks || v != float64(int(v)):
			return 0, 0, invalid(at, "weeks are whole numbers from 1 to %d", maxWeeks)
		case u != "" && u != "wk" && u != "week" && u != "weeks":
			return 0, 0, invalid(at, "a phase is counted in weeks")
		}
		*end.to = int(v)
	}
	if to != 0 && to < from {
		return 0, 0, invalid(at, "a phase ends before it begins")
	}
	return from, to, nil
}

// conditions reads the applicability conditions of an action.
func (r *reader) conditions(n fhir.Node, at string) ([]cond, error) {
	var out []cond
	for i, c := range all(n, "condition") {
		in := fmt.Sprintf("%s.condition[%d]", at, i)
		if c.Get("kind").Str() != "applicability" {
			r.problem(in, "only applicability is looked at")
			continue
		}
		if !c.Get("expression").OK() {
			return nil, invalid(in, "an expression is missing")
		}
		x, err := r.expr(c.Get("expression"), in)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (r *reader) rule(n fhir.Node, i int, at string) (err error) {
	x := ruleT{id: idOr(n, "rule", i), at: at}
	if err := r.take(x.id, at); err != nil {
		return err
	}
	for k, t := range all(n, "trigger") {
		if e, ok := parse[EventName](events, t.Get("name").Str()); ok && t.Get("type").Str() == "named-event" {
			x.on = append(x.on, e)
		} else {
			r.problem(fmt.Sprintf("%s.trigger[%d]", at, k), "an event nobody knows")
		}
	}
	if len(x.on) == 0 {
		return invalid(at+".trigger", "a rule needs an event: missed, result, answer or date")
	}
	if x.conds, _, err = r.gates(n, at); err != nil {
		return err
	}
	r.each = false
	conds, err := r.conditions(n, at)
	if err != nil {
		return err
	}
	x.conds = append(x.conds, conds...)
	if x.title, err = r.words(n.Get("title"), at+".title", whole); err != nil {
		return err
	}
	if x.why, err = r.why(n, at); err != nil {
		return err
	}
	if x.why == nil {
		return invalid(at, "a rule needs a reason (urn:rapport:why)")
	}
	var ok bool
	if x.kind, ok = parse[ChangeKind](changeKinds, n.Get("type", "coding", "code").Str()); !ok {
		return invalid(at+".type", "a rule creates, updates or removes")
	}
	return r.ruleStep(n, &x, at)
}

// ruleStep reads which step a rule is about, and what it becomes.
func (r *reader) ruleStep(n fhir.Node, x *ruleT, at string) error {
	related := all(n, "relatedAction")
	if len(related) > 1 {
		return invalid(at+".relatedAction", "a rule is about one step")
	}
	var about *stepT
	var phase string
	if len(related) == 1 {
		x.about = related[0].Get("actionId").Str()
		if about, phase = r.t.step(x.about); about == nil {
			return invalid(at+".relatedAction[0].actionId", "there is no step with this id")
		}
	} else if x.kind != Create {
		return invalid(at+".relatedAction", "a rule that updates or removes says which step")
	}
	nested := all(n, "action")
	switch {
	case x.kind == Remove:
		if len(nested) > 0 {
			r.problem(at+".action", "a rule that removes has no other step")
		}
	case len(nested) != 1:
		return invalid(at+".action", "a rule that creates or updates has one step")
	default:
		in := at + ".action[0]"
		var err error
		if x.becomes, err = r.becomes(nested[0], x, about, in, phase); err != nil {
			return err
		}
	}
	r.t.rules = append(r.t.rules, *x)
	return nil
}

// step returns a step by its own id, and its phase's.
func (t *Template) step(own string) (*stepT, string) {
	for i := range t.phases {
		for k := range t.phases[i].steps {
			if s := &t.phases[i].steps[k]; s.id == own {
				return s, t.phases[i].ID
			}
		}
	}
	return nil, ""
}
