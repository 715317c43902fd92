package plan

import (
	"slices"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/path"
)

// Facts are what is known about a person, for the expressions of a template. They
// are for one goroutine at a time; every resource is read once, when it is first
// asked for, and must not be changed after. Results and Answers are given to expressions
// newest first, in whatever order they are here.
type Facts struct {
	// Now is where the person is: its location is the zone that days are counted in.
	Now time.Time
	// Said is the newest completed response to the first-visit form; it is also what
	// an expression is evaluated on.
	Said, Patient []byte
	// Answers are all completed responses.
	Answers, Conditions, Medicines, Allergies, Results [][]byte
	// Plan is the CarePlan there is, if there is one, with its Goals and what was done.
	Plan  []byte
	Goals [][]byte
	Done  [][]byte
	// Number says a number in the reader's way, given its digits ("7.5" → "7,5");
	// Date a day or moment. Nil leaves them as they are.
	Number func(digits string) string
	Date   func(fhir.Time) string

	read   map[string][]path.Value
	shared map[string][]path.Value // by expression
}

// given are the variables every expression may use.
var given = map[string]bool{"said": true, "answers": true, "patient": true, "conditions": true, "medicines": true, "allergies": true, "results": true,
	"plan": true, "goals": true, "steps": true, "done": true, "missed": true}

// values returns what a given variable holds.
func (f *Facts) values(name string) ([]path.Value, error) {
	if vs, ok := f.read[name]; ok {
		return vs, nil
	}
	var src [][]byte
	switch name {
	case "said":
		src = one(f.Said)
	case "patient":
		src = one(f.Patient)
	case "answers":
		src = f.Answers
	case "conditions":
		src = f.Conditions
	case "medicines":
		src = f.Medicines
	case "allergies":
		src = f.Allergies
	case "results":
		src = f.Results
	case "plan":
		src = one(f.Plan)
	case "goals":
		src = f.Goals
	case "done":
		src = f.Done
	case "steps":
		return f.steps()
	}
	vs := make([]path.Value, 0, len(src))
	for _, b := range src {
		d, err := fhir.Parse(b)
		if err != nil {
			return nil, errs.E(errs.Invalid, "plan: %%%s: %w", name, err)
		}
		vs = append(vs, path.Of(d.Root()))
	}
	switch name {
	case "results":
		newestFirst(vs, "effective")
	case "answers":
		newestFirst(vs, "authored")
	}
	f.keep(name, vs)
	return vs, nil
}

// newestFirst sorts resources by a date of theirs; those without one come last.
func newestFirst(vs []path.Value, by string) {
	at := func(v path.Value) time.Time {
		n, _ := v.Node()
		n = n.Get(by)
		if n.Type() == "Period" {
			n = n.Get("start")
		}
		return n.Time().At
	}
	type dated struct {
		v  path.Value
		at time.Time
	}
	ds := make([]dated, len(vs))
	for i, v := range vs {
		ds[i] = dated{v, at(v)}
	}
	slices.SortStableFunc(ds, func(a, b dated) int { return b.at.Compare(a.at) })
	for i, d := range ds {
		vs[i] = d.v
	}
}

// steps are the details of the plan's activities.
func (f *Facts) steps() ([]path.Value, error) {
	ps, err := f.values("plan")
	if err != nil {
		return nil, err
	}
	var vs []path.Value
	for _, p := range ps {
		n, _ := p.Node()
		for a := range n.Each("activity") {
			if d := a.Get("detail"); d.OK() {
				vs = append(vs, path.Of(d))
			}
		}
	}
	f.keep("steps", vs)
	return vs, nil
}

func (f *Facts) keep(name string, vs []path.Value) {
	if f.read == nil {
		f.read = map[string][]path.Value{}
	}
	f.read[name] = vs
}

func one(b []byte) [][]byte {
	if b == nil {
		return nil
	}
	return [][]byte{b}
}

// The work a template may make.
const (
	maxWork     = 200_000 // steps of one expression
	maxFailures = 25      // expressions that may fail before the template is given up
)

// trial is one template tried on one person's facts.
type trial struct {
	t      *Template
	f      *Facts
	lang   string
	env    path.Env
	focus  []path.Value
	vars   map[string][]path.Value
	bad    map[string]bool // variables that failed
	each   []path.Value
	missed int

	problems []Problem
	err      error // what ends the trial
}

func (t *Template) trial(f *Facts, lang string) (*trial, error) {
	tr := &trial{t: t, f: f, lang: lang, vars: map[string][]path.Value{}, bad: map[string]bool{}}
	said, err := f.values("said")
	if err != nil {
		return nil, err
	}
	tr.focus = said
	tr.env = path.Env{Var: tr.variable, Now: f.Now, Steps: maxWork}
	if len(said) > 0 {
		tr.env.Resource = said[0]
	}
	return tr, nil
}

// variable returns what %name holds. A template's own is evaluated when it is first
// asked for.
func (t *trial) variable(name string) ([]path.Value, bool) {
	switch {
	case name == "each":
		return t.each, t.each != nil
	case name == "missed":
		return []path.Value{path.Int(int64(t.missed))}, true
	case given[name]:
		vs, err := t.f.values(name)
		if err != nil && t.err == nil {
			t.err = err
		}
		return vs, err == nil
	}
	if vs, ok := t.vars[name]; ok {
		return vs, true
	}
	i, ok := t.t.named[name]
	if !ok || t.bad[name] {
		return nil, false
	}
	v := t.t.vars[i]
	vs, err := t.run(v.expr)
	if err != nil {
		t.bad[name] = true
		t.fail(v.at, err)
		return nil, false
	}
	t.vars[name] = vs
	return vs, true
}

// eval evaluates an expression; one that fails has no value and is a problem.
func (t *trial) eval(e *expr, at string) []path.Value {
	if t.err != nil {
		return nil
	}
	vs, err := t.run(e)
	if err != nil {
		t.fail(at, err)
		return nil
	}
	return vs
}

func (t *trial) run(e *expr) ([]path.Value, error) {
	if !e.shared {
		return e.Eval(&t.env, t.focus...)
	}
	if vs, ok := t.f.shared[e.String()]; ok {
		return vs, nil
	}
	vs, err := e.Eval(&t.env, t.focus...)
	if err == nil && t.err == nil {
		if t.f.shared == nil {
			t.f.shared = map[string][]path.Value{}
		}
		t.f.shared[e.String()] = vs
	}
	return vs, err
}

func (t *trial) fail(at string, err error) {
	t.problems = append(t.problems, Problem{at, err.Error()})
	if len(t.problems) >= maxFailures && t.err == nil {
		t.err = errs.E(errs.Invalid, "plan: %s: too many expressions fail, the last at %s", t.t.source.URL, at)
	}
}

// all reports that every condition is true; none is true.
func (t *trial) all(conds []cond) bool {
	for _, c := range conds {
		if val, known := path.Truth(t.eval(c.expr, c.at)); !val || !known {
			return false
		}
	}
	return true
}
