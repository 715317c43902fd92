package form

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir/path"
)

// Env is what a sheet can reach outside the form and its answers. The zero Env
// reaches nothing.
type Env struct {
	// Now is the time of now() and today(), and when the response was authored.
	Now time.Time
	// Subject, Author and Encounter are references, "Patient/1".
	Subject, Author, Encounter string
	// Vars returns %name: the launch context (%patient, %user), and whatever else
	// the host knows.
	Vars func(name string) ([]path.Value, bool)
	// Query answers an x-fhir-query ("Observation?code=…") with a searchset Bundle.
	Query func(q string) (json []byte, ok bool)
	// Resolve follows a reference in an expression.
	Resolve func(ref string) (path.Value, bool)
	// Response is the reference to the response itself, once it is kept.
	Response string
	// Sets knows value sets the form does not bring along.
	Sets ValueSets
}

// Place names one question of a sheet: the number of its item and, after dots,
// which instance of every repeating group around it, outermost first: "12",
// "40.1". A group that repeats is named without its own instance as a whole, and
// with it as one of its instances. It is made of digits and dots, repeats nothing
// of the form and goes into an address.
type Place string

// Absence says why there is no answer.
type Absence uint8

// The reasons. The zero Absence is none.
const (
	Declined Absence = iota + 1 // they prefer not to say
	InPerson                    // they will say it to their clinician instead
	Skipped                     // they left it out; of a repeating group: there are no more
)

// absences are the codes of data-absent-reason that keep them.
var absences = [...]string{"", "asked-declined", "temp-unknown", "asked-unknown"}

// Sheet is a response being filled: a form, the answers so far and what follows
// from them. It is for one goroutine.
type Sheet struct {
	form *Form
	env  Env
	root *part
	head []member   // what a resumed response holds beside what we write
	size int        // rows made so far
	asks []Question // what Questions returns; nil since something changed
	engine
}

// row is one item at one place: its answers, or the instances of a group.
type row struct {
	item    *Item
	in      *part
	answers []Answer
	absent  Absence
	enough  bool    // a repeating group: no more instances
	parts   []*part // instances of a group; beneath a question one for each answer
	rest    string  // unknown members of a question's item in the response
	under   string  // items that stand beneath a question and not beneath its answer
	bare    bool    // the response had the item although nothing is in it
	eval
}

// part is what lies beneath one instance of a group or one answer.
type part struct {
	of    *row // nil at the top
	index int
	rows  []*row
	rest  string // unknown members of a group's item in the response
	// strays are items of a response the form has no place for: kept in a draft.
	strays []*val
	bare   bool
	doc    where
	bound  []binding
}

// Start begins a response: with the form's initial values, and what env knows.
func Start(f *Form, env Env) (*Sheet, error) {
	s := &Sheet{form: f, env: env}
	s.root = s.grow(nil, f.Items, 0, true)
	if err := s.begin(); err != nil {
		return nil, err
	}
	return s, nil
}

// grow makes the rows beneath a row, with initial values when fresh.
func (s *Sheet) grow(of *row, items []*Item, index int, fresh bool) *part {
	p := &part{of: of, index: index, rows: make([]*row, len(items))}
	rows := make([]row, len(items))
	s.size += len(items)
	for n, i := range items {
		r := &rows[n]
		r.item, r.in = i, p
		p.rows[n] = r
		if i.Group() {
			many := 1
			if i.Repeats && s.size < maxRows/2 {
				many = min(max(1, i.MinOccurs), 50)
			}
			for k := range many {
				r.parts = append(r.parts, s.grow(r, i.Items, k, fresh))
			}
		} else if fresh && len(i.initial) > 0 {
			s.give(r, slices.Clone(i.initial))
		}
	}
	return p
}

// maxRows bounds how many places a sheet has, maxInstances how often one group
// repeats in it and how many answers one question has.
const (
	maxRows      = 200_000
	maxInstances = 200
)

// full reports that the sheet has as many places as it may.
func (s *Sheet) full() bool {
	if s.size < maxRows {
		return false
	}
	s.size = 0 // what was taken away counts no more
	s.root.each(func(*row) bool { s.size++; return true })
	return s.size >= maxRows
}

// give puts answers into a row, and what lies beneath each.
func (s *Sheet) give(r *row, answers []Answer) {
	r.answers = answers
	if len(r.item.Items) == 0 {
		return
	}
	r.parts = r.parts[:min(len(r.parts), len(answers))]
	for k := len(r.parts); k < len(answers); k++ {
		r.parts = append(r.parts, s.grow(r, r.item.Items, k, true))
	}
}

// place returns the name of a row; of a group that repeats, as a whole.
func (r *row) place() Place {
	b := strconv.AppendInt(nil, int64(r.item.Number), 10)
	return Place(r.in.path(b))
}

// path appends the instances around what lies in a part.
func (p *part) path(b []byte) []byte {
	if p.of == nil {
		return b
	}
	b = p.of.in.path(b)
	if p.of.item.Several() {
		b = strconv.AppendInt(append(b, '.'), int64(p.index), 10)
	}
	return b
}

// find returns the row a place names, and the instance when it names one of a
// repeating group's (else -1).
func (s *Sheet) find(at Place) (*row, int, error) {
	absent := errs.E(errs.NotFound, "form: there is no such place")
	first, rest, more := strings.Cut(string(at), ".")
	n, ok := index(first)
	i := s.form.Item(n)
	if !ok || i == nil {
		return nil, 0, absent
	}
	var steps []int
	for more {
		first, rest, more = strings.Cut(rest, ".")
		k, ok := index(first)
		if !ok {
			return nil, 0, absent
		}
		steps = append(steps, k)
	}
	var chain []*Item
	for a := i; a != nil; a = a.Parent {
		chain = append(chain, a)
	}
	slices.Reverse(chain)
	p := s.root
	for _, a := range chain {
		r := p.row(a)
		if r == nil {
			return nil, 0, absent
		}
		k := 0
		if a.Several() && (a != i || len(steps) > 0) {
			if len(steps) == 0 || steps[0] >= len(r.parts) {
				return nil, 0, absent
			}
			k, steps = steps[0], steps[1:]
		} else if a == i {
			k = -1
		}
		if a == i {
			if len(steps) > 0 {
				return nil, 0, absent
			}
			return r, k, nil
		}
		if k >= len(r.parts) {
			return nil, 0, absent
		}
		p = r.parts[k]
	}
	return nil, 0, absent
}

// index reads one number of a place, as place writes it.
func index(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && strconv.Itoa(n) == s
}

// row returns the row of an item directly in a part.
func (p *part) row(i *Item) *row {
	if i.pos < len(p.rows) && p.rows[i.pos].item == i {
		return p.rows[i.pos]
	}
	return nil
}

// each goes through all rows in reading order.
func (p *part) each(do func(*row) bool) bool {
	for _, r := range p.rows {
		if !do(r) {
			return false
		}
		for _, q := range r.parts {
			if !q.each(do) {
				return false
			}
		}
	}
	return true
}

// empty reports that nothing has been said beneath a part.
func (p *part) empty() bool {
	return len(p.strays) == 0 && p.each(func(r *row) bool {
		return len(r.answers) == 0 && r.absent == 0 && !r.enough && r.rest == "" && !(r.item.Group() && r.item.Repeats && len(r.parts) != 1)
	})
}
