package plan

import (
	"strings"

	"rapport/fhir/path"
)

// Template is a plan template, ready to be tried. It does not change and may be
// used by many goroutines.
type Template struct {
	source       Source
	prefix       string // of the ids of what it proposes
	title, about *words
	when         []cond
	vars         []variable
	named        map[string]int
	goals        []goalT
	phases       []phaseT
	rules        []ruleT
	problems     []Problem
}

// expr is an expression. One that asks for nothing but the facts has the same value in
// every template, and is evaluated once: it is shared.
type expr struct {
	*path.Expr
	shared bool
}

// cond is an expression that must be true; at says where it stands.
type cond struct {
	expr *expr
	at   string
}

type variable struct {
	expr *expr
	at   string
}

type goalT struct {
	id, at    string
	text, why *words
	category  string
	addresses []Addressed
	when      []cond
	each      *cond
	targets   []targetT
	important int
}

type targetT struct {
	measure Measure
	detail  *words
	days    int // until it is due; 0 for no day
	at      string
}

type phaseT struct {
	Phase
	at    string
	title *words
	when  []cond
	steps []stepT
}

// stepT is a step of a template. In a rule that updates one, what is not said is as
// in the step that it is about.
type stepT struct {
	id, at           string
	kind             Kind
	title, text, why *words
	goals            []string
	conds            []cond
	each             *cond
	timing           *Timing
	what, code       string
	important        int
}

type ruleT struct {
	id, at     string
	title, why *words
	on         []EventName
	conds      []cond
	kind       ChangeKind
	about      string // the id of the template's step
	becomes    *stepT
}

// Source returns the template's address and version.
func (t *Template) Source() Source { return t.source }

// Title returns the template's title in a language, with its holes as written.
func (t *Template) Title(lang string) string { return t.title.source(lang) }

// Description returns what the template is for, in a language.
func (t *Template) Description(lang string) string { return t.about.source(lang) }

// Problems returns what was not understood, and is left out.
func (t *Template) Problems() []Problem { return append([]Problem(nil), t.problems...) }

// id returns the id that a thing of the template has in a plan.
func (t *Template) id(own string) string { return t.prefix + "." + own }

// element returns where in the template something comes from.
func (t *Template) element(own string) string { return t.source.String() + "#" + own }

// owns reports that an element of a plan came from this template, in any version of
// it, and from which of its elements.
func (t *Template) owns(rule string) (own string, ok bool) {
	from, own, ok := strings.Cut(rule, "#")
	url, _, _ := strings.Cut(from, "|")
	return own, ok && url == t.source.URL
}

// Outline returns everything the template may propose, with the holes in its texts
// as they are written: what an editor or a reader of the template sees. When a goal is
// due is counted from 1 January 1970: Date(28) is after four weeks.
func (t *Template) Outline(lang string) *Proposal {
	p := &Proposal{From: []Source{t.source}, Title: t.Title(lang)}
	for _, g := range t.goals {
		o := Goal{ID: t.id(g.id), Text: g.text.source(lang), Because: g.why.source(lang), Category: g.category, Addresses: g.addresses,
			Rule: t.element(g.id), Important: g.important, Lifecycle: GoalProposed}
		var ms []Milestone
		for _, x := range g.targets {
			m := x.measure
			if x.detail != nil {
				m.Detail = x.detail.source(lang)
			}
			ms = append(ms, Milestone{m, Date(x.days)})
		}
		o.setTargets(ms)
		p.Goals = append(p.Goals, o)
	}
	for _, f := range t.phases {
		f.Phase.Title = f.title.source(lang)
		p.Phases = append(p.Phases, f.Phase)
		for i := range f.steps {
			s := t.outline(&f.steps[i], lang)
			s.Phase = f.ID
			p.Steps = append(p.Steps, s)
		}
	}
	return p
}

func (t *Template) outline(x *stepT, lang string) Step {
	s := Step{ID: t.id(x.id), Kind: x.kind, Title: x.title.source(lang), Text: x.text.source(lang), Why: x.why.source(lang),
		What: x.what, Code: x.code, Rule: t.element(x.id), Important: x.important, Status: StepProposed}
	if x.timing != nil {
		s.When = *x.timing
	}
	for _, g := range x.goals {
		s.Goals = append(s.Goals, t.id(g))
	}
	return s
}

// Rule is a rule of a template, for reading.
type Rule struct {
	ID    string // as in Suggestion.Rule
	Title string
	Why   string
	On    []EventName
	If    []string // expressions, all of which must be true
	Kind  ChangeKind
	Step  string // the id of the step it is about
	// Becomes is the step as it would be, with the holes as written; what it does not
	// say stays as it is.
	Becomes *Step
}

// Rules returns the template's rules, in order.
func (t *Template) Rules(lang string) []Rule {
	var out []Rule
	for _, r := range t.rules {
		x := Rule{ID: t.element(r.id), Title: r.title.source(lang), Why: r.why.source(lang), On: r.on, Kind: r.kind}
		if r.about != "" {
			x.Step = t.id(r.about)
		}
		for _, c := range r.conds {
			x.If = append(x.If, c.expr.String())
		}
		if r.becomes != nil {
			s := t.outline(r.becomes, lang)
			x.Becomes = &s
		}
		out = append(out, x)
	}
	return out
}
