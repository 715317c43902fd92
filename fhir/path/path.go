// Package path evaluates FHIRPath (normative release 1, 2.0.0, with the functions
// FHIR R4 adds) over resources as package fhir parses them. Numbers are exact,
// and dates and decimals keep the digits they were written with.
//
// It does no I/O: what lies outside a resource (other resources, value sets, the
// time, a host's variables and functions) comes through an Env. It knows R4's
// types and elements, but no profiles and no slices. Every evaluation has bounds
// on its work and on what it may hold, so an expression may come from anywhere.
// Errors name functions and operators, never what a resource says.
package path

import (
	"slices"
	"time"

	"rapport/errs"
)

// Expr is a compiled expression. It does not change and may be shared.
type Expr struct {
	src   string
	root  *node
	names []string
}

// Compile reads an expression of at most 64 KiB. The error is errs.Invalid and
// says where the text is wrong. A function nobody knows is no error here: it may
// be the host's.
func Compile(src string) (*Expr, error) {
	n, names, err := parse(src)
	if err != nil {
		return nil, err
	}
	return &Expr{src, n, names}, nil
}

// String returns the expression as it was written.
func (e *Expr) String() string { return e.src }

// Names returns the %variables the expression mentions, without the sign, in the
// order of their first mention.
func (e *Expr) Names() []string { return slices.Clone(e.names) }

// Func is a function of a host. It gets the collection it is called on and its
// arguments, evaluated, and must not change them.
type Func func(focus []Value, args [][]Value) ([]Value, error)

// Env is what an expression can reach beside its focus. The zero Env reaches
// nothing. An Env may be used again and again, by one goroutine at a time.
type Env struct {
	Resource Value // %resource; by default the resource the focus is in
	Root     Value // %rootResource; by default the resource that is in no other
	Context  Value // %context; by default the focus

	// Var returns %name. ok is false for a name nobody has set, which is an error.
	Var func(name string) (vs []Value, ok bool)
	// Func returns a host's function. FHIRPath's own cannot be replaced.
	Func func(name string) (f Func, ok bool)
	// Now is the time of now(), today() and timeOfDay(). They are empty while it is
	// zero.
	Now time.Time
	// Resolve follows a reference, as written, that is not to a contained resource
	// or to one in the same Bundle.
	Resolve func(ref string) (Value, bool)
	// MemberOf says whether a code, Coding or CodeableConcept is in a value set.
	MemberOf func(coding Value, valueSet string) (in, known bool)
	// Steps is the work allowed in one evaluation; 0 is a million. To go through an
	// element, a comparison and 64 bytes of text are a step each.
	Steps int
	// Strict makes an element the type does not have an error. Without it, it is
	// nothing.
	Strict bool
}

const (
	defaultSteps = 1_000_000
	maxText      = 1 << 20 // R4's longest string
)

// Eval evaluates the expression on a focus. The error is errs.Invalid when the
// expression asks for what cannot be, or for too much; an error of a host's
// function comes as it is.
func (e *Expr) Eval(env *Env, focus ...Value) ([]Value, error) {
	if env == nil {
		env = &Env{}
	}
	r := &run{env: env, left: env.Steps}
	if r.left <= 0 {
		r.left = defaultSteps
	}
	s := scope{run: r, this: focus, root: focus}
	vs, err := s.eval(e.root)
	if err != nil {
		return nil, err
	}
	return slices.Clone(vs), nil
}

// Truth is the singleton evaluation of a collection as a Boolean (FHIRPath 4.5):
// one Boolean is itself, one item of another kind is true. known is false for
// none, and for more than one.
func Truth(vs []Value) (val, known bool) {
	if len(vs) != 1 {
		return false, false
	}
	if b, ok := vs[0].Bool(); ok {
		return b, true
	}
	return true, true
}

func fail(format string, args ...any) error {
	return errs.E(errs.Invalid, "fhirpath: "+format, args...)
}

// run is one evaluation.
type run struct {
	env  *Env
	left int
	regs map[string]*pattern
}

func (r *run) work(n int) error {
	if r.left -= n; r.left < 0 {
		return fail("the expression asks for too much work")
	}
	return nil
}

// text makes a String, which costs work by its length.
func (r *run) text(s string) ([]Value, error) {
	if err := r.room(len(s)); err != nil {
		return nil, err
	}
	return []Value{String(s)}, nil
}

// room asks for a text of n bytes before it is made.
func (r *run) room(n int) error {
	if n > maxText {
		return fail("a text grows too long")
	}
	return r.work(n / 64)
}

// decimal makes a Decimal, unless it has grown too long.
func (r *run) decimal(n number) ([]Value, error) {
	if err := r.work(n.int().BitLen() / 64); err != nil {
		return nil, err
	}
	if !n.fits() {
		return nil, fail("a number grows too long")
	}
	return []Value{computed(atom{kind: kindDecimal, num: n})}, nil
}
