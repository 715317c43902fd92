package path

import (
	"slices"
)

// fnSort orders items by themselves or by what expressions make of them; a sign
// before one, or desc after it, turns its order round. Nothing comes first, either way.
func fnSort(c *call) ([]Value, error) {
	n := max(c.takes(), 1)
	type row struct {
		v    Value
		keys []atom
	}
	rows := make([]row, len(c.on))
	down := make([]bool, n)
	for i, v := range c.on {
		rows[i] = row{v, make([]atom, n)}
		if c.takes() == 0 {
			a, ok, err := c.single(c.on[i : i+1])
			if err != nil || !ok {
				return nil, err
			}
			rows[i].keys[0] = a
		}
		for k, x := range c.node.args {
			if x.op == opNegate {
				x, down[k] = x.left, true
			}
			vs, err := c.scope.on(c.on, i).eval(x)
			if err != nil {
				return nil, err
			}
			if rows[i].keys[k], _, err = c.single(vs); err != nil {
				return nil, err
			}
		}
	}
	if err := c.run.work(len(rows) * 16); err != nil {
		return nil, err
	}
	var wrong error
	slices.SortStableFunc(rows, func(x, y row) int {
		for k := range n {
			d, err := sortOrder(x.keys[k], y.keys[k])
			if err != nil {
				wrong = err
			}
			if down[k] && x.keys[k].kind != kindNone && y.keys[k].kind != kindNone {
				d = -d
			}
			if d != 0 {
				return d
			}
		}
		return 0
	})
	if wrong != nil {
		return nil, wrong
	}
	out := make([]Value, len(rows))
	for i := range rows {
		out[i] = rows[i].v
	}
	return out, nil
}

func sortOrder(a, b atom) (int, error) {
	switch {
	case a.kind == kindNone && b.kind == kindNone:
		return 0, nil
	case a.kind == kindNone:
		return -1, nil
	case b.kind == kindNone:
		return 1, nil
	}
	d, sure, ok := order(a, b)
	if !ok {
		return 0, fail("sort() cannot compare %s with %s", kindNames[a.kind], kindNames[b.kind])
	}
	if !sure {
		return 0, nil
	}
	return d, nil
}
