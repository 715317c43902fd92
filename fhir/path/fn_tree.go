package path

// FHIRPath 5.2.3 and 5.8: going down a tree, and the types of what is there.
var trees = map[string]*function{
	"children":    {0, 0, fnChildren},
	"descendants": {0, 0, fnDescendants},
	"repeat":      {1, 1, fnRepeat},
	"repeatAll":   {1, 1, fnRepeatAll},
	"type":        {0, 0, fnType},
}

func fnChildren(c *call) ([]Value, error) {
	var out []Value
	for _, v := range c.on {
		var err error
		if out, err = c.run.children(out, v, ""); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fnDescendants goes through a tree as it is written, an element before its
// parts.
func fnDescendants(c *call) ([]Value, error) {
	n := 0
	for _, v := range c.on {
		n += v.node.Size()
	}
	if err := c.run.work(n + len(c.on)); err != nil {
		return nil, err
	}
	out := make([]Value, 0, n)
	for _, v := range c.on {
		for x := range v.node.Within() {
			out = append(out, Value{node: x})
		}
	}
	return out, nil
}

// fnRepeat goes on with what an expression makes of each item, until nothing new
// comes. Elements are new by their place, other values by what they say.
func fnRepeat(c *call) ([]Value, error) {
	seen := map[Value]bool{}
	said, err := c.run.set(nil)
	if err != nil {
		return nil, err
	}
	return c.repeat(func(v Value) (bool, error) {
		if v.atom != nil {
			return said.add(v)
		}
		if seen[v] {
			return false, nil
		}
		seen[v] = true
		return true, nil
	})
}

func fnRepeatAll(c *call) ([]Value, error) {
	return c.repeat(func(Value) (bool, error) { return true, nil })
}

func (c *call) repeat(fresh func(v Value) (bool, error)) ([]Value, error) {
	var out []Value
	for on := c.on; len(on) > 0; {
		var next []Value
		for i := range on {
			vs, err := c.scope.on(on, i).eval(c.node.args[0])
			if err != nil {
				return nil, err
			}
			if err := c.run.work(len(vs)); err != nil {
				return nil, err
			}
			for _, v := range vs {
				add, err := fresh(v)
				if err != nil {
					return nil, err
				}
				if add {
					next = append(next, v)
				}
			}
		}
		out = append(out, next...)
		on = next
	}
	return out, nil
}

func fnType(c *call) ([]Value, error) {
	out := make([]Value, 0, len(c.on))
	for _, v := range c.on {
		space, name := typeOf(v)
		out = append(out, computed(atom{kind: kindType, text: space + "." + name}))
	}
	return out, c.run.work(len(c.on))
}
