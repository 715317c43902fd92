package path

// FHIRPath 5.1, existence.
var existence = map[string]*function{
	"empty":      {0, 0, func(c *call) ([]Value, error) { return boolean(len(c.on) == 0), nil }},
	"not":        {0, 0, fnNot},
	"exists":     {0, 1, fnExists},
	"all":        {1, 1, fnAll},
	"allTrue":    {0, 0, fnTruths(yes, true)},
	"anyTrue":    {0, 0, fnTruths(yes, false)},
	"allFalse":   {0, 0, fnTruths(no, true)},
	"anyFalse":   {0, 0, fnTruths(no, false)},
	"subsetOf":   {1, 1, fnSubset},
	"supersetOf": {1, 1, fnSubset},
	"count":      {0, 0, func(c *call) ([]Value, error) { return []Value{Int(int64(len(c.on)))}, nil }},
	"distinct":   {0, 0, func(c *call) ([]Value, error) { return c.run.distinct(c.on) }},
	"isDistinct": {0, 0, fnIsDistinct},
}

func fnNot(c *call) ([]Value, error) {
	t, err := truth("not()", c.on)
	return negate(t).values(), err
}

func fnExists(c *call) ([]Value, error) {
	if c.takes() == 0 {
		return boolean(len(c.on) > 0), nil
	}
	found := false
	err := c.each(func(_ Value, vs []Value) (bool, error) {
		t, err := truth("exists()", vs)
		found = t == yes
		return !found, err
	})
	return boolean(found), err
}

func fnAll(c *call) ([]Value, error) {
	all := true
	err := c.each(func(_ Value, vs []Value) (bool, error) {
		t, err := truth("all()", vs)
		all = t == yes
		return all, err
	})
	return boolean(all), err
}

// fnTruths looks for a truth value: in all items, or in any.
func fnTruths(want ternary, all bool) func(c *call) ([]Value, error) {
	return func(c *call) ([]Value, error) {
		if err := c.run.work(len(c.on)); err != nil {
			return nil, err
		}
		for _, v := range c.on {
			b, ok := v.Bool()
			if !ok {
				return nil, fail("%s() takes truth values", c.name())
			}
			if (b == (want == yes)) != all {
				return boolean(!all), nil
			}
		}
		return boolean(all), nil
	}
}

// fnSubset is subsetOf() and supersetOf().
func fnSubset(c *call) ([]Value, error) {
	whole, err := c.arg(0)
	if err != nil {
		return nil, err
	}
	part := c.on
	if c.name() == "supersetOf" {
		part, whole = whole, part
	}
	s, err := c.run.set(whole)
	if err != nil {
		return nil, err
	}
	for _, v := range part {
		if in, err := s.has(v); err != nil || !in {
			return boolean(false), err
		}
	}
	return boolean(true), nil
}

func fnIsDistinct(c *call) ([]Value, error) {
	vs, err := c.run.distinct(c.on)
	return boolean(len(vs) == len(c.on)), err
}
