package form

import (
	"slices"
	"strings"

	"rapport/errs"
	"rapport/fhir"
)

// Resume goes on with a response. The error is errs.Invalid for what is not one,
// errs.Conflict for a response to another form, and errs.Gone for one to another
// version of this form: go on with that version, or Move it. What the form does
// not know of survives in the draft.
func Resume(f *Form, response []byte, env Env) (*Sheet, error) {
	s, err := load(f, response, env)
	if err != nil {
		return nil, err
	}
	return s, s.settle()
}

// Move goes on with a response given to another version of the form. Answers
// whose question is still there, with the same linkId, in the same place and of
// a type that fits, are kept; lost are the linkIds of the others.
func Move(f *Form, response []byte, env Env) (s *Sheet, lost []string, err error) {
	s, err = load(f, response, env)
	if err != nil && !errs.Is(err, errs.Gone) {
		return nil, nil, err
	}
	if s == nil {
		return nil, nil, err
	}
	s.drop(s.root, &lost)
	return s, lost, s.settle()
}

// drop takes away what the form has no place for.
func (s *Sheet) drop(p *part, lost *[]string) {
	for _, x := range p.strays {
		*lost = append(*lost, x.get("linkId").str())
	}
	p.strays = nil
	for _, r := range p.rows {
		for _, a := range r.answers {
			if !r.item.takes(a.Type) {
				*lost = append(*lost, r.item.LinkID)
				s.give(r, nil)
				break
			}
		}
		for _, q := range r.parts {
			s.drop(q, lost)
		}
	}
}

// load reads a response. With errs.Gone it returns the sheet as well.
func load(f *Form, response []byte, env Env) (*Sheet, error) {
	d, err := fhir.Parse(response)
	if err != nil {
		return nil, errs.E(errs.Invalid, "form: the response: %w", err)
	}
	if d.Type() != "QuestionnaireResponse" {
		return nil, invalid("a QuestionnaireResponse is expected")
	}
	v := parseJSON(response)
	if v == nil {
		return nil, invalid("the response nests too deep")
	}
	fits := f.fits(v.get("questionnaire").str())
	if fits != nil && !errs.Is(fits, errs.Gone) {
		return nil, fits
	}
	s := &Sheet{form: f, env: env}
	for _, m := range v.obj {
		switch m.name {
		case "resourceType", "questionnaire", "status", "item", "authored":
		default:
			s.head = append(s.head, m)
		}
	}
	s.root = s.grow(nil, f.Items, 0, false)
	s.take(s.root, v.each("item"))
	if s.size >= maxRows {
		return nil, invalid("the response has more than %d places", maxRows)
	}
	return s, fits
}

// fits reports whether a response's questionnaire is this form.
func (f *Form) fits(canonical string) error {
	url, version, _ := strings.Cut(canonical, "|")
	url, _, _ = strings.Cut(url, "#")
	typ, id := fhir.SplitReference(url)
	switch {
	case url == "" && f.Canonical() == "":
		return nil
	case url == "":
		return errs.E(errs.Conflict, "form: the response does not say to which form it was given")
	case f.Canonical() == "", f.URL != "" && url == f.URL, f.ID != "" && typ == "Questionnaire" && id == f.ID:
	default:
		return errs.E(errs.Conflict, "form: the response was given to another form")
	}
	if version != "" && version != f.Version {
		return errs.E(errs.Gone, "form: the response was given to another version of the form")
	}
	return nil
}

// take puts the items of a response into the rows of a part.
func (s *Sheet) take(p *part, items []*val) {
	seen := map[*row]int{}
	for _, v := range items {
		r := p.named(v.get("linkId").str())
		if r == nil || s.size >= maxRows || seen[r] >= maxInstances || r.item.Group() && !r.item.Repeats && seen[r] > 0 || r.item.Group() && len(v.each("answer")) > 0 {
			p.strays = append(p.strays, v)
			continue
		}
		if r.item.Group() {
			s.takeGroup(r, v, seen[r])
		} else {
			s.takeQuestion(r, v)
		}
		seen[r]++
	}
}

// named returns the row of a linkId in a part, the first of its name.
func (p *part) named(link string) *row {
	for _, r := range p.rows {
		if r.item.LinkID == link {
			return r
		}
	}
	return nil
}

func (s *Sheet) takeGroup(r *row, v *val, nth int) {
	rest, code, enough := members(v, "linkId", "item")
	r.enough = r.enough || enough
	if code == "not-applicable" && r.item.Repeats && len(v.each("item")) == 0 {
		r.parts = nil
		return
	}
	if nth == 0 {
		r.parts = nil
	}
	q := s.grow(r, r.item.Items, len(r.parts), false)
	q.rest, q.bare = rest, len(v.each("item")) == 0
	r.parts = append(r.parts, q)
	s.take(q, v.each("item"))
}

func (s *Sheet) takeQuestion(r *row, v *val) {
	rest, code, _ := members(v, "linkId", "answer", "item")
	if u := v.each("item"); len(u) > 0 {
		for _, m := range v.obj {
			if m.name == "item" {
				r.under = string(m.v.raw)
			}
		}
	}
	r.rest = rest
	r.bare = len(v.each("answer")) == 0 && code == ""
	for n, c := range absences {
		if n > 0 && c == code && len(v.each("answer")) == 0 {
			r.absent = Absence(n)
		}
	}
	for _, av := range v.each("answer") {
		name, c := av.choice("value")
		a := readAnswer(name, c)
		if a.IsZero() || !slices.Contains(answerTypes, name) {
			p := r.in
			p.strays = append(p.strays, v)
			r.answers, r.parts, r.rest, r.bare = nil, nil, "", false
			return
		}
		a.rest, _, _ = members(av, "value"+name, "item")
		if s.size >= maxRows {
			return // load refuses it
		}
		r.answers = append(r.answers, a)
		if len(r.item.Items) > 0 || len(av.each("item")) > 0 {
			q := s.grow(r, r.item.Items, len(r.parts), false)
			r.parts = append(r.parts, q)
			s.take(q, av.each("item"))
		}
	}
}

// answerTypes are the values R4 lets a response have.
var answerTypes = []string{"Boolean", "Decimal", "Integer", "Date", "DateTime", "Time", "String", "Uri", "Attachment", "Coding",
	"Quantity", "Reference"}

// members returns what an object holds beside what we write ourselves, as it
// stood, and what our extensions say.
func members(v *val, but ...string) (rest, absence string, enough bool) {
	var parts []string
	put := func(name, raw string) {
		parts = append(parts, quote(name)+":"+raw)
	}
next:
	for _, m := range v.obj {
		for _, n := range but {
			if m.name == n {
				continue next
			}
		}
		if m.name != "extension" {
			put(m.name, string(m.v.raw))
			continue
		}
		var kept []string
		for _, x := range m.v.arr {
			switch url := x.get("url").str(); {
			case url == core+"data-absent-reason" && x.get("valueCode") != nil && ourAbsence(x.get("valueCode").str()):
				absence = x.get("valueCode").str()
			case url == enoughURL:
				enough = true
			default:
				kept = append(kept, string(x.raw))
			}
		}
		if len(kept) > 0 {
			// First, so that ours can join them.
			parts = append([]string{`"extension":[` + strings.Join(kept, ",") + "]"}, parts...)
		}
	}
	return strings.Join(parts, ","), absence, enough
}

func ourAbsence(code string) bool {
	for _, c := range absences[1:] {
		if c == code {
			return true
		}
	}
	return code == "not-applicable"
}
