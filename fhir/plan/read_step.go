package plan

import (
	"slices"
	"strings"

	"rapport/fhir"
)

// activity is what a step takes from an ActivityDefinition.
type activity struct {
	kind         Kind
	code         string
	title, about *words
	timing       *Timing
}

// step reads a step of a phase, which must say everything.
func (r *reader) step(n fhir.Node, i int, at, phase string) (*stepT, error) {
	s := &stepT{id: idOr(n, phase+"-step", i), at: at}
	if err := r.take(s.id, at); err != nil {
		return nil, err
	}
	if err := r.stepParts(n, s); err != nil {
		return nil, err
	}
	switch {
	case s.kind == 0:
		return nil, invalid(at+".code", "a step is one of take, do, read, answer, measure, book, message")
	case s.title == nil:
		return nil, invalid(at+".title", "a step needs a title")
	case s.why == nil:
		return nil, invalid(at, "a step needs a reason (urn:rapport:why)")
	case len(s.goals) == 0:
		return nil, invalid(at+".goalId", "a step says which goal it serves")
	case s.kind == ToMeasure && s.code == "":
		r.problem(at+".code", "what is measured has no LOINC code")
	case s.kind == ToAnswer && s.what == "":
		r.problem(at+".definition", "there is no form to answer")
	}
	return s, nil
}

// becomes reads the step of a rule: what it does not say is as in the step that the
// rule is about.
func (r *reader) becomes(n fhir.Node, x *ruleT, about *stepT, at, phase string) (*stepT, error) {
	s := &stepT{id: idOr(n, x.id+"-step", 0), at: at}
	if err := r.stepParts(n, s); err != nil {
		return nil, err
	}
	if x.kind == Update {
		return s, nil
	}
	if err := r.take(s.id, at); err != nil {
		return nil, err
	}
	if about != nil {
		if s.kind == 0 {
			s.kind = about.kind
		}
		if len(s.goals) == 0 {
			s.goals = about.goals
		}
	}
	switch {
	case s.kind == 0:
		return nil, invalid(at+".code", "a step is one of take, do, read, answer, measure, book, message")
	case s.title == nil:
		return nil, invalid(at+".title", "a step needs a title")
	case len(s.goals) == 0:
		return nil, invalid(at+".goalId", "a step says which goal it serves")
	}
	return s, nil
}

// stepParts reads what an action says, and then what its activity does.
func (r *reader) stepParts(n fhir.Node, s *stepT) (err error) {
	at := s.at
	if s.conds, s.each, err = r.gates(n, at); err != nil {
		return err
	}
	defer func() { r.each = false }()
	conds, err := r.conditions(n, at)
	if err != nil {
		return err
	}
	s.conds = append(s.conds, conds...)
	if s.title, err = r.words(n.Get("title"), at+".title", whole); err != nil {
		return err
	}
	if s.text, err = r.words(n.Get("description"), at+".description", cutUp); err != nil {
		return err
	}
	if s.why, err = r.why(n, at); err != nil {
		return err
	}
	for c := range n.Each("code") {
		r.kind(c, at+".code", &s.kind, &s.code)
	}
	for g := range n.Each("goalId") {
		if !slices.ContainsFunc(r.t.goals, func(x goalT) bool { return x.id == g.Str() }) {
			return invalid(at+".goalId", "there is no goal with this id")
		}
		s.goals = append(s.goals, g.Str())
	}
	s.important = map[string]int{"stat": 1, "asap": 1, "urgent": 1, "routine": 2}[n.Get("priority").Str()]
	if s.timing, err = r.timing(n.Get("timing"), at+".timing"); err != nil {
		return err
	}
	if n.Get("action").OK() {
		r.problem(at+".action", "a step has no steps")
	}
	return r.definition(n.Get("definition"), s)
}

// kind reads the codings of an action or activity.
func (r *reader) kind(c fhir.Node, at string, kind *Kind, measured *string) {
	for k := range c.Each("coding") {
		switch k.Get("system").Str() {
		case StepSystem:
			x, ok := ParseKind(k.Get("code").Str())
			if !ok {
				r.problem(at, "a kind of step nobody knows")
			} else if *kind == 0 {
				*kind = x
			}
		case loinc:
			if *measured == "" {
				*measured = k.Get("code").Str()
			}
		}
	}
}

func (r *reader) timing(n fhir.Node, at string) (*Timing, error) {
	if !n.OK() {
		return nil, nil
	}
	if n.Type() != "Timing" {
		r.problem(at, "a step has a Timing")
		return nil, nil
	}
	t, fault := readTiming(n)
	if fault != "" {
		return nil, invalid(at, "%s", fault)
	}
	return &t, nil
}

// definition reads what a step is an instance of.
func (r *reader) definition(n fhir.Node, s *stepT) error {
	if !n.OK() {
		return nil
	}
	s.what = n.Str()
	at := s.at + ".definition"
	if s.kind == ToAnswer {
		return nil // a form
	}
	a, err := r.activity(s.what, at)
	if err == errNoActivity {
		r.problem(at, "there is no such activity")
		return nil
	}
	if err != nil || a == nil {
		return err
	}
	if s.kind == 0 {
		s.kind = a.kind
	}
	if s.code == "" {
		s.code = a.code
	}
	if s.title == nil {
		s.title = a.title
	}
	if s.text == nil {
		s.text = a.about
	}
	if s.timing == nil {
		s.timing = a.timing
	}
	return nil
}

// activity reads an ActivityDefinition, once; nil if the address leads to anything
// else, such as a form.
func (r *reader) activity(canonical, at string) (*activity, error) {
	if a, ok := r.read[canonical]; ok {
		if a == nil && strings.HasPrefix(canonical, "urn:rapport:activity:") {
			return nil, errNoActivity
		}
		return a, nil
	}
	r.read[canonical] = nil
	if r.activities == nil {
		return nil, nil
	}
	b, ok := r.activities(canonical)
	if !ok {
		return nil, errNoActivity
	}
	d, err := fhir.Parse(b)
	if err != nil {
		return nil, invalid(at, "the activity: %v", err)
	}
	if d.Type() != "ActivityDefinition" {
		return nil, nil
	}
	n, a := d.Root(), &activity{}
	in := at + ": ActivityDefinition"
	r.kind(n.Get("code"), in+".code", &a.kind, &a.code)
	was := r.each
	r.each = false // an activity is used by many
	defer func() { r.each = was }()
	if a.title, err = r.words(n.Get("title"), in+".title", whole); err != nil {
		return nil, err
	}
	if a.about, err = r.words(n.Get("description"), in+".description", cutUp); err != nil {
		return nil, err
	}
	if a.timing, err = r.timing(n.Get("timing"), in+".timing"); err != nil {
		return nil, err
	}
	r.read[canonical] = a
	return a, nil
}
