package path

import "strconv"

// set finds equal values without comparing each with each: values that can be
// equal have the same key.
type set struct {
	run  *run
	keys map[string][]Value
}

func (r *run) set(vs []Value) (*set, error) {
	s := &set{r, make(map[string][]Value, len(vs))}
	for _, v := range vs {
		k := key(v)
		s.keys[k] = append(s.keys[k], v)
	}
	return s, r.work(len(vs))
}

// key is a text that equal values share. Dates and quantities share one each,
// for what they equal does not show.
func key(v Value) string {
	a, ok := v.system()
	switch {
	case !ok:
		return "." + v.Type()
	case a.numeric():
		return "1" + a.number().trim().String()
	case a.kind == kindBool:
		return strconv.FormatInt(a.i, 10)
	case a.timely():
		return "@"
	case a.kind == kindQuantity:
		return "q"
	case a.kind == kindString:
		if a.text != "" && digit(a.text[0]) {
			_, day := parseMoment(a.text)
			if _, clock := parseClock(a.text); day || clock {
				return "@"
			}
		}
		return "'" + a.text
	}
	return "t" + a.text
}

// has says whether an equal value is in the set.
func (s *set) has(v Value) (bool, error) {
	k := key(v)
	same := s.keys[k]
	for _, x := range same {
		if same, err := s.run.equal(x, v); same || err != nil {
			return same, err
		}
	}
	if k[0] != '1' && k != "q" {
		return false, nil
	}
	// A number equals a Quantity without a unit.
	other := "q"
	if k == "q" {
		a, _ := v.system()
		other = "1" + a.num.trim().String()
	}
	for _, x := range s.keys[other] {
		if same, err := s.run.equal(x, v); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// add puts a value in, unless it is there.
func (s *set) add(v Value) (added bool, err error) {
	was, err := s.has(v)
	if was || err != nil {
		return false, err
	}
	k := key(v)
	s.keys[k] = append(s.keys[k], v)
	return true, nil
}

// distinct keeps the first of equal values.
func (r *run) distinct(vs []Value) ([]Value, error) {
	if len(vs) < 2 {
		return vs, nil
	}
	s, err := r.set(nil)
	if err != nil {
		return nil, err
	}
	out := make([]Value, 0, len(vs))
	for _, v := range vs {
		added, err := s.add(v)
		if err != nil {
			return nil, err
		}
		if added {
			out = append(out, v)
		}
	}
	return out, nil
}

// contains says whether one of the values equals v.
func (r *run) contains(vs []Value, v Value) (bool, error) {
	for _, x := range vs {
		if same, err := r.equal(x, v); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// equal is = of two items, and costs by their size.
func (r *run) equal(a, b Value) (bool, error) {
	if err := r.work(min(cost(a), cost(b))); err != nil {
		return false, err
	}
	return Equal(a, b), nil
}

// equivalent is ~ of two items. Their parts may each be compared with each.
func (r *run) equivalent(a, b Value) (bool, error) {
	n := cost(a)
	if a.node.OK() && b.node.OK() {
		n += a.node.Size() * b.node.Size() / 4
	}
	if err := r.work(n); err != nil {
		return false, err
	}
	return equivalent(a, b), nil
}

// cost is the work of reading a whole value. Units have to be parsed.
func cost(v Value) int {
	if a := v.atom; a != nil {
		n := 1 + len(a.text)/64 + a.num.int().BitLen()/32
		if a.kind == kindQuantity {
			n += 20 + len(a.text)
		}
		return n
	}
	n := len(v.node.Raw())
	if t, valued := v.node.Declared(); !valued && quantities[t] {
		return 20 + n
	}
	return 1 + n/64
}
