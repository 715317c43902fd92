package form

import (
	"net/url"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/path"
)

func internal(err error) error {
	return errs.E(errs.Internal, "form: the response as evaluated: %w", err)
}

// values evaluates an expression; one that fails has no value.
func (s *Sheet) values(e *expression, at scope) []path.Value {
	if e == nil || !e.ok || s.failing >= maxFailures || s.failed[failure{e, at.row}] {
		return nil
	}
	vs, err := s.evaluate(e, at)
	if err != nil {
		if s.failed == nil {
			s.failed = map[failure]bool{}
		}
		s.failed[failure{e, at.row}] = true
		s.failing++
		return nil
	}
	return vs
}

// maxNested bounds how variables may lean on variables.
const maxNested = 40

func (s *Sheet) evaluate(e *expression, at scope) ([]path.Value, error) {
	if s.depth >= maxNested {
		return nil, invalid("variables lean on each other too deep")
	}
	before := s.at
	s.at = at
	s.depth++
	defer func() { s.at = before; s.depth-- }()
	if e.program == nil {
		return s.ask(e, at)
	}
	return s.run(e.program, at)
}

func (s *Sheet) run(p *path.Expr, at scope) ([]path.Value, error) { return s.runOn(p, s.focus(at)) }

func (s *Sheet) runOn(p *path.Expr, focus path.Value) ([]path.Value, error) {
	for len(s.envs) <= s.depth {
		s.envs = append(s.envs, &path.Env{Now: s.env.Now, Var: s.variable, Func: s.function, Resolve: s.env.Resolve,
			MemberOf: s.memberOf, Steps: maxSteps})
	}
	env := s.envs[s.depth]
	env.Resource = path.Of(s.doc.Root())
	env.Root = env.Resource
	env.Context = focus
	return p.Eval(env, focus)
}

// focus is the element an expression starts from: the item of the response, or
// one like it without answers when the response has none.
func (s *Sheet) focus(at scope) path.Value {
	var w where
	var i *Item
	switch {
	case at.part != nil && at.part.of != nil && at.part.of.item.Group():
		w, i = at.part.doc, at.part.of.item
	case at.part != nil && at.part.of != nil:
		w, i = at.part.of.doc, at.part.of.item
	case at.row != nil:
		w, i = at.row.doc, at.row.item
		if i.Group() && len(at.row.parts) > 0 {
			w = at.row.parts[0].doc
		}
	default:
		return path.Of(s.doc.Root())
	}
	if w > 0 && int(w) <= len(s.nodes) {
		return path.Of(s.nodes[w-1])
	}
	return s.stub(i)
}

// stub stands for an item the response does not have.
func (s *Sheet) stub(i *Item) path.Value {
	if s.stubs == nil {
		b := []byte(`{"resourceType":"QuestionnaireResponse","status":"in-progress","item":[`)
		for n, x := range s.form.all {
			if n > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(append(b, `{"linkId":`...), x.LinkID), '}')
		}
		s.stubs = make([]path.Value, len(s.form.all))
		if d, err := fhir.Parse(append(b, "]}"...)); err == nil {
			n := 0
			for c := range d.Root().Each("item") {
				s.stubs[n] = path.Of(c)
				n++
			}
		}
	}
	return s.stubs[i.Number]
}

// variable returns %name where the current expression stands.
func (s *Sheet) variable(name string) ([]path.Value, bool) {
	at := s.at
	switch name {
	case "questionnaire":
		s.readForm()
		return one(s.form2), true
	case "qitem":
		if i := at.item(); i != nil {
			s.readForm()
			return one(s.items2[i.Number]), true
		}
		return nil, true
	}
	if vs, ok := s.found(name); ok {
		return vs, true
	}
	if vs, ok := s.own(at, name); ok {
		return vs, true
	}
	for _, v := range s.form.variables {
		if v.name == name {
			return s.remember(v, scope{}), true
		}
	}
	if s.env.Vars != nil {
		if vs, ok := s.env.Vars(name); ok {
			return vs, true
		}
	}
	for _, n := range s.form.launch {
		if n == name {
			return nil, true
		}
	}
	return s.source(name)
}

func one(v path.Value) []path.Value {
	if !v.OK() {
		return nil
	}
	return []path.Value{v}
}

func (a scope) item() *Item {
	switch {
	case a.row != nil:
		return a.row.item
	case a.part != nil && a.part.of != nil:
		return a.part.of.item
	}
	return nil
}

// own looks a variable up at a place and around it, innermost first. A variable
// of a group is evaluated in the instance around the place.
func (s *Sheet) own(at scope, name string) ([]path.Value, bool) {
	p := at.part
	if at.row != nil {
		for _, v := range at.row.item.variables {
			if v.name == name {
				return s.remember(v, scope{row: at.row}), true
			}
		}
		p = at.row.in
	}
	for ; p != nil; p = p.up() {
		for _, b := range p.bound {
			if b.name == name {
				return b.values, true
			}
		}
		if p.of == nil {
			break
		}
		for _, v := range p.of.item.variables {
			if v.name == name {
				return s.remember(v, scope{part: p}), true
			}
		}
	}
	return nil, false
}

func (p *part) up() *part {
	if p.of == nil {
		return nil
	}
	return p.of.in
}

// remember evaluates a variable once while the answers stay as they are.
func (s *Sheet) remember(v *expression, at scope) []path.Value {
	key := memoKey{v, at.part, at.row}
	if vs, ok := s.memo[key]; ok {
		return vs
	}
	if s.memo != nil {
		s.memo[key] = nil // one that leads back to itself has no value there
	}
	vs, err := s.evaluate(v, at)
	if err != nil {
		vs = nil
	}
	if s.memo != nil {
		s.memo[key] = vs
	}
	return vs
}

// readForm makes the Questionnaire something expressions can look at.
func (s *Sheet) readForm() {
	if s.items2 != nil {
		return
	}
	s.items2 = make([]path.Value, len(s.form.all))
	d, _ := fhir.Parse(s.form.src) // where it is not R4 it still reads as far as it goes
	s.form2 = path.Of(d.Root())
	n := 0
	var walk func(x fhir.Node)
	walk = func(x fhir.Node) {
		for c := range x.Each("item") {
			if n < len(s.items2) {
				s.items2[n] = path.Of(c)
			}
			n++
			walk(c)
		}
	}
	walk(d.Root())
}

// ask runs an x-fhir-query: the Bundle env finds for it.
func (s *Sheet) ask(e *expression, at scope) ([]path.Value, error) {
	var b strings.Builder
	for _, p := range e.pieces {
		if p.program == nil {
			b.WriteString(p.words)
			continue
		}
		vs, err := s.run(p.program, at)
		if err != nil {
			return nil, err
		}
		var parts []string
		for _, v := range vs {
			parts = append(parts, v.Text())
		}
		if len(parts) == 0 {
			return nil, nil // a query about nothing finds nothing
		}
		b.WriteString(unslash.Replace(url.QueryEscape(strings.Join(parts, ","))))
	}
	return s.query(b.String()), nil
}

var unslash = strings.NewReplacer("%2F", "/", "%3A", ":", "%2C", ",", "%7C", "|")

// query asks env once for the same thing.
func (s *Sheet) query(q string) []path.Value {
	if vs, ok := s.queries[q]; ok || s.env.Query == nil {
		return vs
	}
	if s.queries == nil {
		s.queries = map[string][]path.Value{}
	}
	var vs []path.Value
	if body, ok := s.env.Query(q); ok {
		if d, err := fhir.Parse(body); err == nil {
			vs = one(path.Of(d.Root()))
		}
	}
	s.queries[q] = vs
	return vs
}

// memberOf looks a coding up in a value set of the form or of env.
func (s *Sheet) memberOf(coding path.Value, set string) (in, known bool) {
	x, ok := s.form.sets[set]
	if !ok && s.env.Sets != nil {
		x.options, x.ok = s.env.Sets(set)
	}
	if !x.ok {
		return false, false
	}
	v := parseJSON(coding.JSON())
	codes := []*val{v}
	if len(v.each("coding")) > 0 {
		codes = v.each("coding")
	}
	for _, c := range codes {
		a := readAnswer("Coding", c)
		if !v.isObject() {
			a = Answer{Type: "Coding", Code: v.str()}
		}
		if pick(x.options, a) != nil {
			return true, true
		}
	}
	return false, true
}

// source reads a contained Bundle of queries.
func (f *Form) source(id string) {
	b := f.contained[id]
	if b.get("resourceType").str() != "Bundle" {
		f.problem(nil, Warning, "target", "its source queries are not contained in the form")
		return
	}
	if f.sources == nil {
		f.sources = map[string][]*expression{}
	}
	for _, e := range b.each("entry") {
		x := &expression{lang: langQuery, src: e.get("request", "url").str()}
		f.ready(x)
		f.sources[id] = append(f.sources[id], x)
	}
}

// source is a batch of sourceQueries by the id it goes by: a Bundle with what was
// found in the order of the queries.
func (s *Sheet) source(name string) ([]path.Value, bool) {
	list, ok := s.form.sources[name]
	if !ok {
		return nil, false
	}
	key := "#" + name
	if vs, ok := s.queries[key]; ok {
		return vs, true
	}
	vs := s.batch(list)
	if s.queries == nil {
		s.queries = map[string][]path.Value{}
	}
	s.queries[key] = vs
	return vs, true
}

func (s *Sheet) batch(list []*expression) []path.Value {
	if s.env.Query == nil {
		return nil
	}
	b := []byte(`{"resourceType":"Bundle","type":"batch-response","entry":[`)
	for n, x := range list {
		if n > 0 {
			b = append(b, ',')
		}
		vs := s.values(x, scope{})
		if len(vs) != 1 {
			b = append(b, `{"response":{"status":"404"}}`...)
			continue
		}
		b = append(append(append(b, `{"resource":`...), vs[0].JSON()...), `,"response":{"status":"200"}}`...)
	}
	d, err := fhir.Parse(append(b, "]}"...))
	if err != nil {
		return nil
	}
	return one(path.Of(d.Root()))
}
