package form

import (
	"slices"
	"strings"

	"rapport/fhir"
	"rapport/fhir/path"
)

// engine is what a sheet needs to evaluate expressions.
type engine struct {
	doc     *fhir.Doc // the response as the expressions see it
	nodes   []fhir.Node
	finds   [][]path.Value // by number of the look-up
	stubs   []path.Value   // by item number: stands for an item that has no node
	form2   path.Value     // %questionnaire
	items2  []path.Value   // %qitem, by item number
	memo    map[memoKey][]path.Value
	queries map[string][]path.Value
	envs    []*path.Env
	depth   int
	at      scope // what is being evaluated
	failed  map[failure]bool
	failing int
}

type memoKey struct {
	e *expression
	p *part
	r *row
}

type failure struct {
	e *expression
	r *row
}

// scope is where an expression is evaluated: at a row, in an instance, or at the
// response itself (neither).
type scope struct {
	row  *row
	part *part
}

// where is the place of a row or a part in the doc: 1 + the index of its node.
type where int

// eval is what follows for a row from the answers.
type eval struct {
	state     uint8
	denied    bool // its enableWhenExpression says no
	unsettled bool // its value never came to rest
	text      string
	locks     bool
	many      bool
	needs     bool
	limits    [2]Answer
	choices   []Option
	chosen    bool // choices are set
	doc       where
}

// binding is a name that holds within a part: what it was populated from.
type binding struct {
	name   string
	values []path.Value
}

func (r *row) off() bool     { return r.state == stateOff }
func (r *row) locked() bool  { return r.item.ReadOnly || r.item.Calculated() || r.locks }
func (r *row) wanted() bool  { return r.item.Required || r.needs }
func (r *row) repeats() bool { return r.item.Repeats || r.many }

func (r *row) low() Answer {
	if r.item.minExpr != nil {
		return r.limits[0]
	}
	return r.item.Min
}

func (r *row) high() Answer {
	if r.item.maxExpr != nil {
		return r.limits[1]
	}
	return r.item.Max
}

func (s *Sheet) options(r *row) []Option {
	if r.chosen {
		return r.choices
	}
	return r.item.Options
}

// maxTries bounds how often expressions are evaluated anew because another's
// value changed. What has not come to rest by then has no value.
const maxTries = 24

// maxFailures bounds how many expressions may fail in one evaluation; the rest
// is then left out. Each may have taken a while.
const maxFailures = 64

// settle evaluates everything that follows from the answers.
func (s *Sheet) settle() error {
	s.asks = nil
	s.root.each(func(r *row) bool { r.unsettled = false; return true })
	s.failed, s.failing = nil, 0
	for try := 0; try <= 4*maxTries; try++ {
		s.enable()
		if !s.form.lively {
			return nil
		}
		if err := s.rebuild(); err != nil {
			return err
		}
		moved := s.follow()
		if len(moved) == 0 {
			break
		}
		if try%maxTries == maxTries-1 {
			for _, r := range moved {
				r.unsettled = true
				if r.item.Calculated() {
					s.give(r, nil)
				} else {
					r.denied = true
				}
			}
		}
	}
	s.surface()
	return nil
}

// enable finds out which rows are enabled.
func (s *Sheet) enable() {
	s.root.each(func(r *row) bool { r.state = stateUnknown; return true })
	s.root.each(func(r *row) bool { s.on(r); return true })
}

// rebuild makes the response as expressions see it: without what is disabled.
func (s *Sheet) rebuild() error {
	s.memo = map[memoKey][]path.Value{}
	w := writer{scores: true, extend: s.form.counts, mark: true}
	body := s.write(&w, "in-progress", s.env.Now)
	var err error
	if s.doc == nil {
		s.doc, err = fhir.Parse(body)
	} else {
		err = s.doc.Reset(body)
	}
	if err != nil {
		return internal(err)
	}
	s.nodes = s.nodes[:0]
	s.finds = make([][]path.Value, len(s.form.quicks))
	s.index(s.doc.Root(), true)
	return nil
}

// follow evaluates what changes answers or what is asked, and returns the rows
// for which something is different now.
func (s *Sheet) follow() []*row {
	var moved []*row
	s.root.each(func(r *row) bool {
		i := r.item
		if r.unsettled || i.enable == nil && i.calculate == nil {
			return true
		}
		if i.enable != nil {
			yes, _ := path.Truth(s.values(i.enable, scope{row: r}))
			if yes == r.denied {
				r.denied = !yes
				moved = append(moved, r)
				return true
			}
		}
		if i.calculate != nil && r.off() && len(r.answers) > 0 {
			s.give(r, nil) // nobody said it, so nothing is lost
		} else if i.calculate != nil && !r.off() {
			as := s.answersOf(r, s.values(i.calculate, scope{row: r}))
			if !r.repeats() && len(as) > 1 {
				as = as[:1]
			}
			if !slices.EqualFunc(as, r.answers, Answer.same) {
				s.give(r, as)
				r.absent = 0
				moved = append(moved, r)
			}
		}
		return true
	})
	return moved
}

// same reports that two answers are written alike.
func (a Answer) same(b Answer) bool {
	return a.Is(b) && a.Text == b.Text && a.Unit == b.Unit && a.Type == b.Type
}

// surface evaluates what only shows: texts, bounds, options and flags.
func (s *Sheet) surface() {
	s.root.each(func(r *row) bool {
		i := r.item
		if !i.lively || r.off() {
			return true
		}
		at := scope{row: r}
		if i.said != nil {
			r.text = joined(s.values(i.said, at))
		}
		r.needs = s.flag(i.required, at)
		r.locks = s.flag(i.readOnly, at)
		r.many = s.flag(i.repeated, at)
		if i.minExpr != nil {
			r.limits[0] = first(s.answersOf(r, s.values(i.minExpr, at)))
		}
		if i.maxExpr != nil {
			r.limits[1] = first(s.answersOf(r, s.values(i.maxExpr, at)))
		}
		s.choose(r, at)
		return true
	})
}

func (s *Sheet) flag(e *expression, at scope) bool {
	if e == nil {
		return false
	}
	yes, known := path.Truth(s.values(e, at))
	return yes && known
}

func first(as []Answer) Answer {
	if len(as) == 0 {
		return Answer{}
	}
	return as[0]
}

func joined(vs []path.Value) string {
	var parts []string
	for _, v := range vs {
		if t := v.Text(); t != "" {
			parts = append(parts, t)
		}
	}
	return strings.Join(parts, ", ")
}

// choose finds out which options there are now.
func (s *Sheet) choose(r *row, at scope) {
	i := r.item
	if i.answers == nil && i.candidates == nil && len(i.toggles) == 0 {
		return
	}
	r.chosen, r.choices = true, i.Options
	for _, e := range []*expression{i.answers, i.candidates} {
		if e == nil || e == i.candidates && len(r.choices) > 0 {
			continue
		}
		r.choices = nil
		for _, v := range s.values(e, at) {
			if o, ok := optionOf(i, v); ok && pick(r.choices, o.Value) == nil && len(r.choices) < MaxItems {
				r.choices = append(r.choices, o)
			}
		}
	}
	if len(i.toggles) == 0 {
		return
	}
	shut, open := map[int]bool{}, map[int]bool{}
	for _, t := range i.toggles {
		yes := s.flag(t.when, at)
		for n, o := range r.choices {
			if slices.ContainsFunc(t.options, o.Value.Is) {
				shut[n] = true
				open[n] = open[n] || yes
			}
		}
	}
	var kept []Option
	for n, o := range r.choices {
		if !shut[n] || open[n] {
			kept = append(kept, o)
		}
	}
	r.choices = kept
}
