package path

// function is one of FHIRPath's or FHIR's functions, and how many arguments it
// takes.
type function struct {
	min, max int
	run      func(c *call) ([]Value, error)
}

// functions are all there are. It is not written to after the start.
var functions = merged(existence, filters, trees, conversions, texts, maths, moments, fhirs)

func merged(tables ...map[string]*function) map[string]*function {
	all := map[string]*function{}
	for _, t := range tables {
		for name, f := range t {
			all[name] = f
		}
	}
	return all
}

// one returns the one item the function is called on, as one of FHIRPath's own
// types. ok is false without an error when there is none.
func (c *call) one() (a atom, ok bool, err error) {
	return c.single(c.on)
}

func (c *call) single(vs []Value) (a atom, ok bool, err error) {
	switch len(vs) {
	case 0:
		return atom{}, false, nil
	case 1:
	default:
		return atom{}, false, fail("%s() takes one item, not %d", c.name(), len(vs))
	}
	if err := c.run.work(cost(vs[0])); err != nil {
		return atom{}, false, err
	}
	if a, ok = vs[0].system(); !ok {
		return atom{}, false, fail("%s() takes a simple value", c.name())
	}
	return a, true, nil
}

// argAtom is an argument of one item.
func (c *call) argAtom(i int) (a atom, ok bool, err error) {
	vs, err := c.arg(i)
	if err != nil {
		return atom{}, false, err
	}
	return c.single(vs)
}

// argText is an argument that is a text.
func (c *call) argText(i int) (s string, ok bool, err error) {
	a, ok, err := c.argAtom(i)
	if err != nil || !ok {
		return "", false, err
	}
	if a.kind != kindString {
		return "", false, fail("%s() takes a String", c.name())
	}
	return a.text, true, nil
}

// argInt is an argument that is a whole number.
func (c *call) argInt(i int) (n int64, ok bool, err error) {
	a, ok, err := c.argAtom(i)
	if err != nil || !ok {
		return 0, false, err
	}
	if a.kind != kindInt {
		return 0, false, fail("%s() takes an Integer", c.name())
	}
	return a.i, true, nil
}

// takes is how many arguments were given.
func (c *call) takes() int { return len(c.node.args) }
