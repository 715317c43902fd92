package path

import (
	"strings"

	"rapport/fhir"
)

// scope is where a part of an expression is evaluated.
type scope struct {
	run   *run
	this  []Value
	root  []Value // the focus of the whole expression
	index int
	total []Value
	vars  *binding
}

// binding is a variable of defineVariable().
type binding struct {
	name string
	vs   []Value
	up   *binding
}

func (s *scope) eval(n *node) ([]Value, error) {
	if err := s.run.work(1); err != nil {
		return nil, err
	}
	switch n.op {
	case opLiteral:
		return n.value[:len(n.value):len(n.value)], nil
	case opThis:
		return s.this, nil
	case opIndex:
		return []Value{Int(int64(s.index))}, nil
	case opTotal:
		return s.total, nil
	case opVariable:
		return s.variable(n.name)
	case opMember:
		return s.member(n)
	case opCall:
		return s.invoke(n)
	}
	// defineVariable() on the left of an operator does not reach its right.
	l, err := s.apart(n.left)
	if err != nil {
		return nil, err
	}
	switch n.op {
	case opItem:
		return s.item(l, n.right)
	case opNegate, opPlus:
		return sign(l, n.op)
	case opIs:
		return typeIs(l, n.name)
	case opAs:
		return typeAs(l, n.name)
	}
	return s.binary(n, l)
}

// inner is a scope whose new variables are not this one's.
func (s *scope) inner() *scope {
	x := *s
	return &x
}

// apart evaluates a part of an expression whose variables are its own.
func (s *scope) apart(n *node) ([]Value, error) {
	if n.defines {
		s = s.inner()
	}
	return s.eval(n)
}

// on is a scope for one item of a collection.
func (s *scope) on(vs []Value, i int) *scope {
	x := *s
	x.this, x.index = vs[i:i+1:i+1], i
	return &x
}

func (s *scope) member(n *node) ([]Value, error) {
	src := s.this
	if n.left != nil {
		var err error
		if src, err = s.eval(n.left); err != nil {
			return nil, err
		}
	} else if n.name[0] >= 'A' && n.name[0] <= 'Z' && len(src) == 1 && src[0].node.OK() {
		if spec, err := specOf(n.name); err == nil {
			if spec.is(src[0]) {
				return src, nil
			}
			if s.run.env.Strict {
				return nil, fail("the focus is no %s", n.name)
			}
			return nil, nil
		}
	}
	var out []Value
	for _, v := range src {
		before := len(out)
		var err error
		if out, err = s.run.children(out, v, n.name); err != nil {
			return nil, err
		}
		if s.run.env.Strict && len(out) == before && v.node.OK() {
			if t, _ := v.node.Declared(); !fhir.HasElement(t, n.name) {
				return nil, fail("%s has no element %s", t, n.name)
			}
		}
	}
	return out, nil
}

// children appends the children of a value called name, or all if it is "".
func (r *run) children(out []Value, v Value, name string) ([]Value, error) {
	if v.atom != nil {
		return r.facets(out, v.atom, name)
	}
	before := len(out)
	for c := range v.node.Elements(name) {
		out = append(out, Value{node: c})
	}
	return out, r.work(1 + len(out) - before)
}

// facets are the elements FHIRPath's own types have.
func (r *run) facets(out []Value, a *atom, name string) ([]Value, error) {
	switch {
	case a.kind == kindType:
		space, typ, _ := strings.Cut(a.text, ".")
		switch name {
		case "namespace":
			return append(out, String(space)), nil
		case "name":
			return append(out, String(typ)), nil
		}
	case a.kind == kindQuantity && name == "value":
		return append(out, computed(atom{kind: kindDecimal, num: a.num})), nil
	case a.kind == kindQuantity && (name == "unit" || name == "code"):
		return append(out, String(a.text)), nil
	}
	return out, nil
}

func (s *scope) item(l []Value, index *node) ([]Value, error) {
	iv, err := s.apart(index)
	if err != nil || len(iv) == 0 {
		return nil, err
	}
	i, ok := integer(iv)
	if !ok {
		return nil, fail("[] takes one whole number")
	}
	if i < 0 || i >= int64(len(l)) {
		return nil, nil
	}
	return l[i : i+1 : i+1], nil
}

// integer is the one whole number a collection is.
func integer(vs []Value) (int64, bool) {
	if len(vs) != 1 {
		return 0, false
	}
	a, ok := vs[0].system()
	return a.i, ok && a.kind == kindInt
}

func (s *scope) variable(name string) ([]Value, error) {
	for b := s.vars; b != nil; b = b.up {
		if b.name == name {
			return b.vs, nil
		}
	}
	env := s.run.env
	if vs, ok := s.given(name); ok {
		return vs, nil
	}
	switch name {
	case "sct":
		return []Value{String("http://snomed.info/sct")}, nil
	case "loinc":
		return []Value{String("http://loinc.org")}, nil
	case "ucum":
		return []Value{String("http://unitsofmeasure.org")}, nil
	}
	if env.Var != nil {
		if vs, ok := env.Var(name); ok {
			return vs, s.run.work(len(vs))
		}
	}
	if vs, ok := strings.CutPrefix(name, "vs-"); ok {
		return []Value{String("http://hl7.org/fhir/ValueSet/" + vs)}, nil
	}
	if ext, ok := strings.CutPrefix(name, "ext-"); ok {
		return []Value{String("http://hl7.org/fhir/StructureDefinition/" + ext)}, nil
	}
	return nil, fail("unknown variable %%%s", name)
}

// given are %context, %resource and %rootResource.
func (s *scope) given(name string) ([]Value, bool) {
	env := s.run.env
	var v Value
	switch name {
	case "context":
		if v = env.Context; !v.OK() {
			return s.root, true
		}
	case "resource":
		if v = env.Resource; !v.OK() && len(s.root) > 0 {
			v = holder(s.root[0])
		}
	case "rootResource":
		if v = env.Root; !v.OK() && len(s.root) > 0 {
			v = container(s.root[0])
		}
	default:
		return nil, false
	}
	if !v.OK() {
		return nil, true
	}
	return []Value{v}, true
}

// known says whether a name is one no expression may define.
func reserved(name string) bool {
	switch name {
	case "context", "resource", "rootResource", "sct", "loinc", "ucum":
		return true
	}
	return strings.HasPrefix(name, "vs-") || strings.HasPrefix(name, "ext-")
}

// invoke calls a function.
func (s *scope) invoke(n *node) ([]Value, error) {
	l := s.this
	if n.left != nil {
		if n.path != nil {
			if vs, ok, err := s.find(n); ok || err != nil {
				return vs, err
			}
		}
		var err error
		if l, err = s.eval(n.left); err != nil {
			return nil, err
		}
		if n.path != nil {
			if vs, ok, err := s.pick(l, n.path); ok || err != nil {
				return vs, err
			}
		}
	}
	c := &call{scope: s, node: n, on: l}
	if n.call != nil {
		return n.call.run(c)
	}
	if s.run.env.Func != nil {
		if f, ok := s.run.env.Func(n.name); ok {
			return c.host(f)
		}
	}
	return nil, fail("unknown function %s()", n.name)
}

// call is one call of a function.
type call struct {
	*scope
	node *node
	on   []Value // what it is called on
}

func (c *call) name() string { return c.node.name }

// arg evaluates an argument that is not evaluated for each item.
func (c *call) arg(i int) ([]Value, error) { return c.apart(c.node.args[i]) }

func (c *call) host(f Func) ([]Value, error) {
	args := make([][]Value, len(c.node.args))
	for i := range args {
		var err error
		if args[i], err = c.arg(i); err != nil {
			return nil, err
		}
	}
	vs, err := f(c.on, args)
	if err != nil {
		return nil, err
	}
	return vs, c.run.work(len(vs))
}

// each evaluates the first argument for every item until do says to stop.
func (c *call) each(do func(v Value, vs []Value) (more bool, err error)) error {
	s := c.inner()
	for i, v := range c.on {
		s.this, s.index, s.vars = c.on[i:i+1:i+1], i, c.vars
		vs, err := s.eval(c.node.args[0])
		if err != nil {
			return err
		}
		if more, err := do(v, vs); err != nil || !more {
			return err
		}
	}
	return nil
}

// ternary is a truth value that may be unknown.
type ternary uint8

const (
	unknown ternary = iota
	no
	yes
)

// truth is the singleton evaluation of a collection as a Boolean.
func truth(what string, vs []Value) (ternary, error) {
	if len(vs) > 1 {
		return unknown, fail("%s takes one truth value, not %d items", what, len(vs))
	}
	val, known := Truth(vs)
	switch {
	case !known:
		return unknown, nil
	case val:
		return yes, nil
	}
	return no, nil
}

func (t ternary) values() []Value {
	if t == unknown {
		return nil
	}
	return boolean(t == yes)
}

func boolean(b bool) []Value {
	if b {
		return truths[1:2:2]
	}
	return truths[0:1:1]
}
