package path

// FHIRPath 5.2 to 5.4: filtering, subsetting, combining; iif, aggregate, trace and
// defineVariable.
var filters = map[string]*function{
	"where":          {1, 1, fnWhere},
	"select":         {1, 1, fnSelect},
	"ofType":         {1, 1, fnOfType},
	"is":             {1, 1, func(c *call) ([]Value, error) { return typeIs(c.on, c.node.value[0].atom.text) }},
	"as":             {1, 1, func(c *call) ([]Value, error) { return typeAs(c.on, c.node.value[0].atom.text) }},
	"single":         {0, 0, fnSingle},
	"first":          {0, 0, func(c *call) ([]Value, error) { return c.cut(0, 1) }},
	"last":           {0, 0, func(c *call) ([]Value, error) { return c.cut(int64(len(c.on))-1, 1) }},
	"tail":           {0, 0, func(c *call) ([]Value, error) { return c.cut(1, int64(len(c.on))) }},
	"skip":           {1, 1, fnSkip},
	"take":           {1, 1, fnTake},
	"intersect":      {1, 1, fnIntersect},
	"exclude":        {1, 1, fnExclude},
	"union":          {1, 1, fnUnion},
	"combine":        {1, 1, fnCombine},
	"iif":            {2, 3, fnIif},
	"aggregate":      {1, 2, fnAggregate},
	"trace":          {1, 2, fnTrace},
	"coalesce":       {1, 20, fnCoalesce},
	"defineVariable": {1, 2, fnDefine},
	"sort":           {0, 5, fnSort},
}

func fnWhere(c *call) ([]Value, error) {
	var out []Value
	err := c.each(func(v Value, vs []Value) (bool, error) {
		t, err := truth("where()", vs)
		if t == yes {
			out = append(out, v)
		}
		return true, err
	})
	return out, err
}

func fnSelect(c *call) ([]Value, error) {
	var out []Value
	err := c.each(func(_ Value, vs []Value) (bool, error) {
		out = append(out, vs...)
		return true, c.run.work(len(vs))
	})
	return out, err
}

func fnOfType(c *call) ([]Value, error) {
	spec, err := specOf(c.node.value[0].atom.text)
	if err != nil {
		return nil, err
	}
	var out []Value
	for _, v := range c.on {
		if spec.takes(v) {
			out = append(out, v)
		}
	}
	return out, c.run.work(len(c.on))
}

func fnSingle(c *call) ([]Value, error) {
	if len(c.on) > 1 {
		return nil, fail("single() takes one item, not %d", len(c.on))
	}
	return c.on, nil
}

// cut is n items from the place at on.
func (c *call) cut(at, n int64) ([]Value, error) {
	l := int64(len(c.on))
	at = max(at, 0)
	if at >= l || n <= 0 {
		return nil, nil
	}
	end := at + min(n, l-at)
	return c.on[at:end:end], nil
}

func fnSkip(c *call) ([]Value, error) {
	n, ok, err := c.argInt(0)
	if err != nil || !ok {
		return nil, err
	}
	return c.cut(n, int64(len(c.on)))
}

func fnTake(c *call) ([]Value, error) {
	n, ok, err := c.argInt(0)
	if err != nil || !ok {
		return nil, err
	}
	return c.cut(0, n)
}

func fnIntersect(c *call) ([]Value, error) {
	other, err := c.arg(0)
	if err != nil {
		return nil, err
	}
	s, err := c.run.set(other)
	if err != nil {
		return nil, err
	}
	var out []Value
	for _, v := range c.on {
		in, err := s.has(v)
		if err != nil {
			return nil, err
		}
		if in {
			out = append(out, v)
		}
	}
	return c.run.distinct(out)
}

func fnExclude(c *call) ([]Value, error) {
	other, err := c.arg(0)
	if err != nil {
		return nil, err
	}
	s, err := c.run.set(other)
	if err != nil {
		return nil, err
	}
	var out []Value
	for _, v := range c.on {
		in, err := s.has(v)
		if err != nil {
			return nil, err
		}
		if !in {
			out = append(out, v)
		}
	}
	return out, nil
}

func fnCombine(c *call) ([]Value, error) {
	other, err := c.arg(0)
	if err != nil {
		return nil, err
	}
	if err := c.run.work(len(c.on) + len(other)); err != nil {
		return nil, err
	}
	return append(append(make([]Value, 0, len(c.on)+len(other)), c.on...), other...), nil
}

func fnUnion(c *call) ([]Value, error) {
	vs, err := fnCombine(c)
	if err != nil {
		return nil, err
	}
	return c.run.distinct(vs)
}

func fnIif(c *call) ([]Value, error) {
	s := c.scope
	if c.node.left != nil {
		if len(c.on) > 1 {
			return nil, fail("iif() takes one item, not %d", len(c.on))
		}
		s = c.inner()
		s.this = c.on
	}
	vs, err := s.apart(c.node.args[0])
	if err != nil {
		return nil, err
	}
	t, err := truth("iif()", vs)
	if err != nil {
		return nil, err
	}
	if len(vs) == 1 {
		if _, ok := vs[0].Bool(); !ok {
			return nil, fail("iif() takes a truth value")
		}
	}
	switch {
	case t == yes:
		return s.apart(c.node.args[1])
	case c.takes() > 2:
		return s.apart(c.node.args[2])
	}
	return nil, nil
}

func fnAggregate(c *call) ([]Value, error) {
	var total []Value
	if c.takes() > 1 {
		var err error
		if total, err = c.arg(1); err != nil {
			return nil, err
		}
	}
	for i := range c.on {
		s := c.scope.on(c.on, i)
		s.total = total
		var err error
		if total, err = s.eval(c.node.args[0]); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// fnTrace writes nothing anywhere: what it would write is content.
func fnTrace(c *call) ([]Value, error) {
	if _, _, err := c.argText(0); err != nil {
		return nil, err
	}
	return c.on, nil
}

func fnCoalesce(c *call) ([]Value, error) {
	for i := range c.node.args {
		if vs, err := c.arg(i); err != nil || len(vs) > 0 {
			return vs, err
		}
	}
	return nil, nil
}

// fnDefine names the collection, or what an expression makes of it, for what
// follows in the same chain.
func fnDefine(c *call) ([]Value, error) {
	name, ok, err := c.argText(0)
	if err != nil || !ok {
		return nil, err
	}
	for b := c.vars; b != nil; b = b.up {
		if b.name == name {
			return nil, fail("defineVariable() defines a name twice")
		}
	}
	if reserved(name) {
		return nil, fail("defineVariable() cannot define %%%s", name)
	}
	vs := c.on
	if c.takes() > 1 {
		s := c.inner()
		s.this = c.on
		if vs, err = s.eval(c.node.args[1]); err != nil {
			return nil, err
		}
	}
	c.scope.vars = &binding{name, vs, c.vars}
	return c.on, nil
}
