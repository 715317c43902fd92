package form

import (
	"strconv"
	"strings"

	"rapport/fhir"
)

const (
	stateUnknown uint8 = iota
	stateAsking        // being found out: a condition leads back to itself
	stateOn
	stateOff
)

// on finds out whether a row is enabled. A condition that leads back to itself
// counts as it stands: the answers of what is being asked are taken as they are.
func (s *Sheet) on(r *row) bool {
	switch r.state {
	case stateAsking, stateOn:
		return true
	case stateOff:
		return false
	}
	r.state = stateAsking
	on := (r.in.of == nil || s.on(r.in.of)) && s.holds(r)
	r.state = stateOff
	if on {
		r.state = stateOn
	}
	return on
}

// holds reports that the conditions of a row itself are met.
func (s *Sheet) holds(r *row) bool {
	i := r.item
	if r.denied {
		return false
	}
	if len(i.when) == 0 {
		return true
	}
	for n := range i.when {
		if met := s.met(r, &i.when[n]); met == i.any {
			return met
		}
	}
	return !i.any
}

// met reports that a condition holds for the nearest instances of the question
// it asks about.
func (s *Sheet) met(r *row, c *condition) bool {
	if c.on == nil || c.op == "" {
		return false
	}
	answered, equal, some := false, false, false
	s.near(r, c.on, func(a Answer) {
		answered = true
		if a.Is(c.answer) {
			equal = true
		}
		if order(a, c.answer, c.op) {
			some = true
		}
	})
	switch c.op {
	case "exists":
		return answered == (c.answer.Text == "true")
	case "=":
		return equal
	case "!=":
		return answered && !equal
	}
	return some
}

// near goes through the answers of an item nearest to a row: those within the
// innermost instance around the row that has the item in it. An answer the row
// lies beneath is alone.
func (s *Sheet) near(r *row, i *Item, do func(Answer)) {
	p := r.in
	for ; p.of != nil; p = p.of.in {
		if p.of.item == i {
			if p.index < len(p.of.answers) && s.on(p.of) {
				do(p.of.answers[p.index])
			}
			return
		}
		if i.within(p.of.item) {
			break
		}
	}
	s.beneath(p, i, do)
}

// within reports that an item lies somewhere beneath another.
func (i *Item) within(a *Item) bool {
	for p := i.Parent; p != nil; p = p.Parent {
		if p == a {
			return true
		}
	}
	return false
}

// beneath goes through the answers of an item's enabled rows beneath a part.
func (s *Sheet) beneath(p *part, i *Item, do func(Answer)) {
	var top *Item // the item directly in p that leads to i
	for a := i; a != nil && (p.of == nil || a != p.of.item); a = a.Parent {
		top = a
	}
	if top == nil {
		return
	}
	r := p.row(top)
	if r == nil {
		return
	}
	if top == i {
		if len(r.answers) > 0 && s.on(r) {
			for _, a := range r.answers {
				do(a)
			}
		}
		return
	}
	for _, q := range r.parts {
		s.beneath(q, i, do)
	}
}

// order compares an answer with a condition's, for >, <, >= and <=.
func order(a, b Answer, op string) bool {
	if op == "exists" || op == "=" || op == "!=" {
		return false
	}
	lo, hi, ok := compare(a, b)
	if !ok {
		return false
	}
	switch op {
	case ">":
		return lo > 0
	case "<":
		return hi < 0
	case ">=":
		return lo >= 0
	case "<=":
		return hi <= 0
	}
	return false
}

// compare orders two values. What is less exact (2024 and 2024-05) lies between
// two orders: lo is that of the beginnings, made less when they overlap, hi that
// of the ends. ok is false for what cannot be compared.
func compare(a, b Answer) (lo, hi int, ok bool) {
	switch {
	case a.number() && b.number(), a.Type == "Quantity" && b.Type == "Quantity" && sameUnit(a, b):
		x, err1 := strconv.ParseFloat(a.Text, 64)
		y, err2 := strconv.ParseFloat(b.Text, 64)
		c := sign(x, y)
		return c, c, err1 == nil && err2 == nil
	case a.Type == "time" && b.Type == "time", a.Type == "string" && b.Type == "string":
		c := strings.Compare(a.Text, b.Text)
		return c, c, true
	case (a.Type == "date" || a.Type == "dateTime") && (b.Type == "date" || b.Type == "dateTime"):
		x, ok1 := fhir.ParseTime(a.Text)
		y, ok2 := fhir.ParseTime(b.Text)
		if !ok1 || !ok2 {
			return 0, 0, false
		}
		af, at := x.Span()
		bf, bt := y.Span()
		switch {
		case af >= bt:
			return 1, 1, true
		case at <= bf:
			return -1, -1, true
		}
		lo, hi = 0, 0
		if af < bf {
			lo = -1
		}
		if at > bt {
			hi = 1
		}
		return lo, hi, true
	}
	return 0, 0, false
}

func sameUnit(a, b Answer) bool {
	return a.unit() == b.unit() || a.unit() == "" || b.unit() == "" || a.Unit != "" && a.Unit == b.Unit && a.System == b.System
}

func sign[T int | int64 | float64](x, y T) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
