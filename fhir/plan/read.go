package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/path"
)

const (
	variableURL = "http://hl7.org/fhir/StructureDefinition/variable"
	whenURL     = "urn:rapport:when"
	eachURL     = "urn:rapport:each"
	fhirpath    = "text/fhirpath"
)

// The bounds of a template.
const (
	maxTemplate    = 2 << 20 // bytes
	maxExpressions = 5000
	maxEach        = 20 // goals or steps of one element
	maxWeeks       = 520
)

// Read reads a PlanDefinition and the activities it names, which may be nil. Every
// expression is compiled. The error is errs.Invalid and says which element is wrong,
// and why; what is unknown but does no harm is in Problems.
func Read(planDefinition []byte, activities func(canonical string) ([]byte, bool)) (*Template, error) {
	if len(planDefinition) > maxTemplate {
		return nil, errs.E(errs.Invalid, "plan: a template of more than 2 MB")
	}
	d, err := fhir.Parse(planDefinition)
	if err != nil {
		return nil, errs.E(errs.Invalid, "plan: template: %w", err)
	}
	if d.Type() != "PlanDefinition" {
		return nil, errs.E(errs.Invalid, "plan: a %s is not a PlanDefinition", d.Type())
	}
	r := &reader{t: &Template{named: map[string]int{}}, activities: activities, read: map[string]*activity{}, ids: map[string]bool{}, phaseIDs: map[string]bool{}}
	if err := r.template(d.Root()); err != nil {
		return nil, err
	}
	for _, i := range d.Unknown() {
		r.problem(i.Path, "an element R4 does not have")
	}
	return r.t, nil
}

// reader reads one template.
type reader struct {
	t          *Template
	activities func(canonical string) ([]byte, bool)
	read       map[string]*activity
	ids        map[string]bool // of goals and steps
	phaseIDs   map[string]bool
	each       bool // %each may be used
	compiled   int
}

func invalid(at, format string, args ...any) error {
	return errs.E(errs.Invalid, "plan: template: %s: %s", at, fmt.Sprintf(format, args...))
}

func (r *reader) problem(at, reason string) {
	if len(r.t.problems) < 100 {
		r.t.problems = append(r.t.problems, Problem{at, reason})
	}
}

func (r *reader) template(n fhir.Node) (err error) {
	const at = "PlanDefinition"
	t := r.t
	t.source = Source{n.Get("url").Str(), n.Get("version").Str()}
	if t.source.URL == "" {
		return invalid(at+".url", "a template needs an address")
	}
	if strings.ContainsAny(t.source.URL, "#|") || strings.ContainsAny(t.source.Version, "#| \t\r\n") {
		return invalid(at+".version", "neither address nor version may hold a space, # or |")
	}
	t.prefix = prefix(t.source.URL)
	for i, x := range all(n, "extension") {
		if x.Get("url").Str() != variableURL {
			continue
		}
		if err := r.variable(x.Get("value"), fmt.Sprintf("%s.extension[%d]", at, i)); err != nil {
			return err
		}
	}
	if t.when, _, err = r.gates(n, at); err != nil {
		return err
	}
	if t.title, err = r.words(n.Get("title"), at+".title", whole); err != nil {
		return err
	}
	if t.about, err = r.words(n.Get("description"), at+".description", cutUp); err != nil {
		return err
	}
	for i, g := range all(n, "goal") {
		if err := r.goal(g, i, fmt.Sprintf("%s.goal[%d]", at, i)); err != nil {
			return err
		}
	}
	var rules []int
	actions := all(n, "action")
	for i, a := range actions {
		if a.Get("trigger").OK() {
			rules = append(rules, i) // when all steps are known
		} else if err := r.phase(a, i, fmt.Sprintf("%s.action[%d]", at, i)); err != nil {
			return err
		}
	}
	for _, i := range rules {
		if err := r.rule(actions[i], i, fmt.Sprintf("%s.action[%d]", at, i)); err != nil {
			return err
		}
	}
	return nil
}

// prefix is what the ids of a template's goals and steps begin with: the last part of
// its address.
func prefix(url string) string {
	url = strings.TrimRight(url, "/:")
	url = url[strings.LastIndexAny(url, "/:#")+1:]
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return '-'
	}, url)
}

func all(n fhir.Node, name string) []fhir.Node { return slices.Collect(n.Each(name)) }

func (r *reader) variable(x fhir.Node, at string) error {
	name := x.Get("name").Str()
	_, twice := r.t.named[name]
	switch {
	case name == "":
		return invalid(at, "a variable needs a name")
	case given[name] || name == "each" || twice:
		return invalid(at, "there is a variable %%%s already", name)
	}
	c, err := r.expr(x, at)
	if err != nil {
		return err
	}
	r.t.named[name] = len(r.t.vars)
	r.t.vars = append(r.t.vars, variable{c.expr, at})
	return nil
}

// expr compiles an Expression. One in another language has no value, and is a
// problem.
func (r *reader) expr(x fhir.Node, at string) (cond, error) {
	src := x.Get("expression").Str()
	if l := x.Get("language").Str(); l != fhirpath && l != "" {
		r.problem(at, "an expression in another language than FHIRPath")
		src = "{}"
	}
	if src == "" {
		return cond{}, invalid(at, "an expression is missing")
	}
	e, err := r.compile(src, at)
	return cond{e, at}, err
}

func (r *reader) compile(src, at string) (*expr, error) {
	if r.compiled++; r.compiled > maxExpressions {
		return nil, invalid(at, "a template has at most %d expressions", maxExpressions)
	}
	e, err := path.Compile(src)
	if err != nil {
		return nil, errs.E(errs.Invalid, "plan: template: %s: %w", at, err)
	}
	out := &expr{e, true}
	for _, name := range e.Names() {
		out.shared = out.shared && (given[name] && name != "missed" || fhirpathOwn(name))
		if _, own := r.t.named[name]; own || given[name] || fhirpathOwn(name) || name == "each" && r.each {
			continue
		}
		return nil, invalid(at, "%%%s is not set before", name)
	}
	return out, nil
}

// fhirpathOwn reports that FHIRPath itself sets a variable.
func fhirpathOwn(name string) bool {
	switch name {
	case "resource", "rootResource", "context", "ucum", "sct", "loinc":
		return true
	}
	return strings.HasPrefix(name, "vs-") || strings.HasPrefix(name, "ext-")
}

// gates reads when an element applies, and each.
func (r *reader) gates(n fhir.Node, at string) (when []cond, each *cond, err error) {
	exts := all(n, "extension")
	for i, x := range exts {
		if x.Get("url").Str() == eachURL {
			c, err := r.expr(x.Get("value"), fmt.Sprintf("%s.extension[%d]", at, i))
			if err != nil {
				return nil, nil, err
			}
			each = &c
		}
	}
	r.each = each != nil
	for i, x := range exts {
		switch u := x.Get("url").Str(); u {
		case whenURL:
			c, err := r.expr(x.Get("value"), fmt.Sprintf("%s.extension[%d]", at, i))
			if err != nil {
				return nil, nil, err
			}
			when = append(when, c)
		case variableURL, eachURL, whyURL:
		default:
			if strings.HasPrefix(u, "urn:rapport:") {
				r.problem(fmt.Sprintf("%s.extension[%d]", at, i), "an extension nobody knows")
			}
		}
	}
	return when, each, nil
}

// How a text is cut where a hole may have no value.
type cutting uint8

const (
	_     cutting = iota
	whole         // not at all: without the value the thing does not apply
	cutUp         // into sentences, and those are left out
)

// words reads a text and its translations; nil if there is none.
func (r *reader) words(n fhir.Node, at string, c cutting) (*words, error) {
	if !n.OK() || clean(n.Str()) == "" {
		return nil, nil
	}
	w := &words{}
	var err error
	if w.base, err = r.text(n.Str(), at, c); err != nil {
		return nil, err
	}
	base := holes(w.base)
	for x := range n.Beside().Each("extension") {
		if x.Get("url").Str() != translationURL {
			continue
		}
		s := subs(x)
		lang, in := s["lang"].Str(), at+" ("+s["lang"].Str()+")"
		said, err := r.text(s["content"].Str(), in, c)
		if err != nil {
			return nil, err
		}
		if lang == "" || len(said) == 0 {
			continue
		}
		if w.in == nil {
			w.in = map[string]sentences{}
		}
		if w.in[lang] = said; !slices.Equal(base, holes(said)) {
			r.problem(in, "the translation has other holes than the text")
		}
	}
	return w, nil
}

func (r *reader) text(s, at string, c cutting) (sentences, error) {
	cuts, ok := cut(s)
	if !ok {
		return nil, invalid(at, "a hole {{ has no end }}")
	}
	var ps sentence
	for i, x := range cuts {
		if x.lit != "" {
			ps = append(ps, piece{lit: x.lit})
		}
		if i == len(cuts)-1 {
			break
		}
		e, err := r.compile(strings.TrimSpace(x.hole), at)
		if err != nil {
			return nil, err
		}
		ps = append(ps, piece{hole: e})
	}
	if c == whole {
		return sentences{ps}, nil
	}
	return split(ps), nil
}

// holes are the expressions of a text, sorted.
func holes(ss sentences) []string {
	var out []string
	for _, s := range ss {
		for _, p := range s {
			if p.hole != nil {
				out = append(out, p.hole.String())
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// why reads the reason of an element.
func (r *reader) why(n fhir.Node, at string) (*words, error) {
	for i, x := range all(n, "extension") {
		if x.Get("url").Str() == whyURL {
			return r.words(x.Get("value"), fmt.Sprintf("%s.extension[%d]", at, i), cutUp)
		}
	}
	return nil, nil
}

// take notes the id of a goal or step, which no other may have.
func (r *reader) take(id, at string) error {
	if r.ids[id] {
		return invalid(at+".id", "there is another goal or step with this id")
	}
	r.ids[id] = true
	return nil
}

var errNoActivity = errors.New("no such activity")
