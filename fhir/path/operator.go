package path

import "strings"

func (s *scope) binary(n *node, l []Value) ([]Value, error) {
	switch n.name {
	case "and", "or", "xor", "implies":
		return s.logic(n, l)
	}
	right, err := s.apart(n.right)
	if err != nil {
		return nil, err
	}
	switch n.name {
	case "|":
		if err := s.run.work(len(l) + len(right)); err != nil {
			return nil, err
		}
		return s.run.distinct(append(append(make([]Value, 0, len(l)+len(right)), l...), right...))
	case "=", "!=":
		t, err := s.run.equals(l, right)
		if n.name == "!=" && t != unknown {
			t = yes + no - t
		}
		return t.values(), err
	case "~", "!~":
		same, err := s.run.alike(l, right)
		return boolean(same == (n.name == "~")), err
	case "in":
		return s.run.in("in", l, right)
	case "contains":
		return s.run.in("contains", right, l)
	}
	if len(l) > 1 || len(right) > 1 {
		return nil, fail("%s takes one item on each side", n.name)
	}
	if n.name == "&" {
		return s.run.concat(l, right)
	}
	if len(l) == 0 || len(right) == 0 {
		return nil, nil
	}
	if err := s.run.work(cost(l[0]) + cost(right[0])); err != nil {
		return nil, err
	}
	a, ok := l[0].system()
	b, ok2 := right[0].system()
	if !ok || !ok2 {
		return nil, fail("%s takes simple values", n.name)
	}
	switch n.name {
	case "<", "<=", ">", ">=":
		return ordered(n.name, a, b)
	}
	return s.run.arithmetic(n.name, a, b)
}

// logic is and, or, xor and implies, of three values. The right side is not
// looked at when the left decides.
func (s *scope) logic(n *node, l []Value) ([]Value, error) {
	a, err := truth(n.name, l)
	if err != nil {
		return nil, err
	}
	switch {
	case n.name == "and" && a == no:
		return boolean(false), nil
	case n.name == "or" && a == yes, n.name == "implies" && a == no:
		return boolean(true), nil
	}
	right, err := s.apart(n.right)
	if err != nil {
		return nil, err
	}
	b, err := truth(n.name, right)
	if err != nil {
		return nil, err
	}
	switch n.name {
	case "and":
		return min3(a, b).values(), nil
	case "or":
		return negate(min3(negate(a), negate(b))).values(), nil
	case "implies":
		return negate(min3(a, negate(b))).values(), nil
	}
	if a == unknown || b == unknown {
		return nil, nil
	}
	return boolean(a != b), nil
}

// min3 is and.
func min3(a, b ternary) ternary {
	switch {
	case a == no || b == no:
		return no
	case a == yes && b == yes:
		return yes
	}
	return unknown
}

func negate(t ternary) ternary {
	if t == unknown {
		return unknown
	}
	return yes + no - t
}

// equals is = of two collections: the same items in the same order.
func (r *run) equals(l, right []Value) (ternary, error) {
	if len(l) == 0 || len(right) == 0 {
		return unknown, nil
	}
	if len(l) != len(right) {
		return no, nil
	}
	all := yes
	for i := range l {
		if err := r.work(min(cost(l[i]), cost(right[i]))); err != nil {
			return unknown, err
		}
		same, sure := equal(l[i], right[i])
		if !sure {
			all = unknown
		} else if !same {
			return no, nil
		}
	}
	return all, nil
}

// alike is ~ of two collections: equivalent items in any order.
func (r *run) alike(l, right []Value) (bool, error) {
	if len(l) != len(right) {
		return false, nil
	}
	used := make([]bool, len(right))
	for _, x := range l {
		found := false
		for j, y := range right {
			if used[j] {
				continue
			}
			same, err := r.equivalent(x, y)
			if err != nil {
				return false, err
			}
			if same {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return false, nil
		}
	}
	return true, nil
}

func (r *run) in(what string, one, all []Value) ([]Value, error) {
	switch len(one) {
	case 0:
		return nil, nil
	case 1:
		found, err := r.contains(all, one[0])
		return boolean(found), err
	}
	return nil, fail("%s takes one item to look for", what)
}

// concat is &: nothing is an empty text.
func (r *run) concat(l, right []Value) ([]Value, error) {
	var b strings.Builder
	for _, vs := range [][]Value{l, right} {
		for _, v := range vs {
			a, ok := v.system()
			if !ok {
				return nil, fail("& takes texts")
			}
			s := a.write()
			if err := r.room(b.Len() + len(s)); err != nil {
				return nil, err
			}
			b.WriteString(s)
		}
	}
	return r.text(b.String())
}

// order compares two values; sure is false when what is known does not tell.
func order(a, b atom) (n int, sure, ok bool) {
	a, b = meet(a, b)
	switch {
	case a.kind == kindInt && b.kind == kindInt:
		switch {
		case a.i < b.i:
			return -1, true, true
		case a.i > b.i:
			return 1, true, true
		}
		return 0, true, true
	case a.numeric() && b.numeric():
		return a.number().cmp(b.number()), true, true
	case a.kind == kindString && b.kind == kindString:
		return strings.Compare(a.text, b.text), true, true
	case a.kind == kindQuantity && b.kind == kindQuantity:
		n, sure = compareQuantity(a, b)
		return n, sure, true
	case a.timely() && b.timely() && (a.kind == kindTime) == (b.kind == kindTime):
		n, sure = a.compare(b)
		return n, sure, true
	}
	return 0, false, false
}

func ordered(op string, a, b atom) ([]Value, error) {
	n, sure, ok := order(a, b)
	if !ok {
		return nil, fail("%s cannot compare %s with %s", op, kindNames[a.kind], kindNames[b.kind])
	}
	if !sure {
		return nil, nil
	}
	switch op {
	case "<":
		return boolean(n < 0), nil
	case "<=":
		return boolean(n <= 0), nil
	case ">":
		return boolean(n > 0), nil
	}
	return boolean(n >= 0), nil
}

func sign(l []Value, op op) ([]Value, error) {
	if len(l) == 0 {
		return nil, nil
	}
	a, ok := atom{}, false
	if len(l) == 1 {
		a, ok = l[0].system()
	}
	if !ok || !a.numeric() && a.kind != kindQuantity {
		return nil, fail("a sign takes one number")
	}
	if op == opNegate {
		a.i, a.num = -a.i, a.num.neg()
	}
	return []Value{computed(a)}, nil
}

func typeIs(l []Value, typ string) ([]Value, error) {
	spec, err := specOf(typ)
	if err != nil || len(l) == 0 {
		return nil, err
	}
	if len(l) > 1 {
		return nil, fail("is takes one item")
	}
	return boolean(spec.is(l[0])), nil
}

func typeAs(l []Value, typ string) ([]Value, error) {
	spec, err := specOf(typ)
	if err != nil || len(l) == 0 {
		return nil, err
	}
	if len(l) > 1 {
		return nil, fail("as takes one item")
	}
	if spec.takes(l[0]) {
		return l, nil
	}
	return nil, nil
}
