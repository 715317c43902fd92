package form

import (
	"strconv"
	"time"

	"rapport/fhir"
	"rapport/fhir/path"
)

// Complete checks the whole response and returns it as completed: without the
// answers of what is not asked now. It may be kept when no issue is more than a
// warning.
func (s *Sheet) Complete(now time.Time) ([]Issue, []byte) {
	return s.Issues(), s.write(&writer{final: true}, "completed", now)
}

// Issues returns everything that is wrong with the response as it stands.
func (s *Sheet) Issues() []Issue {
	var out []Issue
	s.root.each(func(r *row) bool {
		if !r.off() {
			out = append(out, s.missing(r)...)
			if len(r.answers) > 0 {
				out = append(out, lenient(r, s.check(r, r.answers))...)
			}
			out = append(out, s.broken(r)...)
		}
		return true
	})
	for n := range s.form.constraints {
		out = append(out, s.constrain(&s.form.constraints[n], scope{}, nil)...)
	}
	return out
}

// lenient makes warnings of what nobody can put right: rules that a calculated
// answer breaks.
func lenient(r *row, is []Issue) []Issue {
	for n := range is {
		is[n].Warning = is[n].Warning || r.item.Calculated()
	}
	return is
}

// missing returns what a row lacks.
func (s *Sheet) missing(r *row) []Issue {
	i := r.item
	is := func(code, bound string, warning bool) []Issue {
		return []Issue{{Place: r.place(), LinkID: i.LinkID, Code: code, Bound: bound, Warning: warning}}
	}
	if r.unsettled {
		return is("unsettled", "", true)
	}
	if r.spare() {
		return nil
	}
	// What nobody can answer keeps nobody from handing the form in.
	lame := r.concealed() || r.locked()
	switch {
	case i.Group():
		full := 0
		for _, p := range r.parts {
			if !p.blank() {
				full++
			}
		}
		if full == 0 && i.Required {
			return is("required", "", lame)
		}
		if full > 0 && full < i.MinOccurs {
			return is("occurs-min", strconv.Itoa(i.MinOccurs), lame)
		}
		if i.Repeats && i.MaxOccurs > 0 && full > i.MaxOccurs {
			return is("occurs-max", strconv.Itoa(i.MaxOccurs), false)
		}
	case i.Question() && len(r.answers) == 0 && r.absent == 0:
		if i.MinOccurs > 1 {
			return is("occurs-min", strconv.Itoa(i.MinOccurs), lame)
		}
		if r.wanted() || i.MinOccurs > 0 {
			return is("required", "", lame)
		}
	}
	return nil
}

// spare reports that a row lies in an instance of a repeating group that nobody
// has begun and nobody needs.
func (r *row) spare() bool {
	for p := r.in; p.of != nil; p = p.of.in {
		if g := p.of.item; g.Group() && g.Repeats && p.unbegun() && p.index >= g.MinOccurs && !(g.Required && p.index == 0) {
			return true
		}
	}
	return false
}

// blank reports that no enabled question beneath a part has an answer or a
// reason for none.
func (p *part) blank() bool {
	return p.each(func(r *row) bool { return r.off() || len(r.answers) == 0 && r.absent == 0 })
}

// unbegun reports that nobody has said anything beneath a part: what there is was
// calculated.
func (p *part) unbegun() bool {
	return p.each(func(r *row) bool {
		return r.off() || r.item.Calculated() || len(r.answers) == 0 && r.absent == 0
	})
}

// broken returns the constraints of a row's item that do not hold.
func (s *Sheet) broken(r *row) []Issue {
	var out []Issue
	for n := range r.item.constraints {
		c := &r.item.constraints[n]
		if r.item.Group() {
			for _, p := range r.parts {
				if !p.blank() {
					out = append(out, s.constrain(c, scope{part: p}, r)...)
				}
			}
		} else if len(r.answers) > 0 {
			out = append(out, s.constrain(c, scope{row: r}, r)...)
		}
	}
	return out
}

func (s *Sheet) constrain(c *constraint, at scope, r *row) []Issue {
	i := Issue{Code: "constraint", Key: c.key, Warning: c.severity == "warning" || c.severity == "information", text: c.text}
	if r != nil {
		i.Place, i.LinkID = r.place(), r.item.LinkID
	}
	if c.must == nil || !c.must.ok || s.doc == nil {
		i.Code, i.Warning = "expression", true
		return []Issue{i}
	}
	vs, err := s.evaluate(c.must, at)
	if err != nil {
		i.Code, i.Warning = "expression", true
		return []Issue{i}
	}
	if yes, known := path.Truth(vs); yes || !known {
		return nil
	}
	return []Issue{i}
}

// Validate checks a response against its form: its structure, every rule of the
// form, and that nothing is answered that was not asked. What a draft lacks is a
// warning. A response to another form has one issue, "form".
func Validate(f *Form, response []byte, env Env) []Issue {
	d, err := fhir.Parse(response)
	if err != nil {
		return []Issue{{Code: "structure", Bound: d.Issues()[0].Path}}
	}
	if f == nil {
		return []Issue{{Code: "form"}}
	}
	s, err := load(f, response, env)
	if err != nil {
		return []Issue{{Code: "form"}}
	}
	v := parseJSON(response)
	said, given := map[*row][]Answer{}, map[*row]bool{}
	s.root.each(func(r *row) bool {
		if r.item.Calculated() {
			said[r] = r.answers
		}
		given[r] = len(r.answers) > 0 || r.item.Group() && !empty(r)
		return true
	})
	if err := s.settle(); err != nil {
		return []Issue{{Code: "structure"}}
	}
	status := v.get("status").str()
	out := s.around(status, v.get("authored").str())
	out = append(out, s.astray(s.root)...)
	s.root.each(func(r *row) bool {
		if r.off() && given[r] && (r.in.of == nil || !r.in.of.off()) {
			out = append(out, Issue{Place: r.place(), LinkID: r.item.LinkID, Code: "disabled"})
		}
		if was, ok := said[r]; ok && !r.off() && !sameAnswers(was, r.answers) {
			out = append(out, Issue{Place: r.place(), LinkID: r.item.LinkID, Code: "calculated", Warning: true})
		}
		return true
	})
	for _, i := range s.Issues() {
		if status == "in-progress" && (i.Code == "required" || i.Code == "occurs-min" || i.Code == "occurs-max") {
			i.Warning = true
		}
		out = append(out, i)
	}
	return out
}

func empty(r *row) bool {
	for _, p := range r.parts {
		if !p.empty() {
			return false
		}
	}
	return true
}

func sameAnswers(a, b []Answer) bool {
	if len(a) != len(b) {
		return false
	}
	for n := range a {
		if !a[n].Is(b[n]) {
			return false
		}
	}
	return true
}

// around returns what is wrong about when and for what the response was given.
func (s *Sheet) around(status, authored string) []Issue {
	var out []Issue
	if s.form.Status == "retired" {
		out = append(out, Issue{Code: "status", Bound: s.form.Status, Warning: true})
	}
	at := Answer{Type: "dateTime", Text: authored}
	for n, b := range []string{s.form.From, s.form.Until} {
		if b == "" || authored == "" {
			continue
		}
		lo, hi, ok := compare(at, Answer{Type: "dateTime", Text: b})
		if ok && (n == 0 && lo < 0 && hi < 0 || n == 1 && lo > 0 && hi > 0) {
			out = append(out, Issue{Code: "period", Bound: b, Warning: true})
		}
	}
	return out
}

// astray returns the items of the response the form has no place for.
func (s *Sheet) astray(p *part) []Issue {
	var out []Issue
	for _, x := range p.strays {
		link := x.get("linkId").str()
		i := s.form.Find(link)
		switch {
		case i != nil && i.Display() && i.Parent != nil && p.of != nil && i.Parent == p.of.item && len(x.each("answer")) == 0:
			// something to read that goes with its question has no place of its own
		case i == nil:
			out = append(out, Issue{Code: "unknown"}) // its name is not ours to repeat
		case i.Parent != nil && p.of == nil, i.Parent == nil && p.of != nil, i.Parent != nil && p.of != nil && i.Parent != p.of.item:
			out = append(out, Issue{LinkID: link, Code: "nesting"})
		default:
			out = append(out, Issue{LinkID: link, Code: "type"})
		}
	}
	for _, r := range p.rows {
		if r.under != "" {
			out = append(out, Issue{Place: r.place(), LinkID: r.item.LinkID, Code: "nesting"})
		}
		for _, q := range r.parts {
			out = append(out, s.astray(q)...)
		}
	}
	return out
}
