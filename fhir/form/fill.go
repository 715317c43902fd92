package form

import (
	"slices"
	"strconv"

	"rapport/errs"
)

func itoa(n int) []byte { return strconv.AppendInt(nil, int64(n), 10) }

// askable returns the row of a question that may be answered, or why not.
func (s *Sheet) askable(at Place) (*row, error) {
	r, k, err := s.find(at)
	switch {
	case err != nil:
		return nil, err
	case k >= 0 && !r.item.Question():
		return nil, errs.E(errs.NotFound, "form: %s is not a question", r.item.LinkID)
	case r.off():
		return nil, errs.E(errs.Refused, "form: %s is not asked now", r.item.LinkID)
	case r.concealed():
		return nil, errs.E(errs.Refused, "form: %s is hidden", r.item.LinkID)
	case r.locked():
		return nil, errs.E(errs.Refused, "form: %s is read-only", r.item.LinkID)
	}
	return r, nil
}

// concealed reports that the item or a group around it is hidden.
func (r *row) concealed() bool {
	for ; r != nil; r = r.in.of {
		if r.item.Hidden {
			return true
		}
	}
	return false
}

// Set answers a question; no answers take the answer back. Answers that break a
// rule of the form are not kept, and the issues say which rule. The error is
// errs.NotFound for a place that is not there, and errs.Refused for a question
// that is hidden, disabled or read-only.
func (s *Sheet) Set(at Place, answers []Answer) ([]Issue, error) {
	r, err := s.askable(at)
	if err != nil {
		return nil, err
	}
	if !r.item.Question() {
		return nil, errs.E(errs.Refused, "form: %s is not a question", r.item.LinkID)
	}
	answers = s.tidy(r, answers)
	if len(answers) > maxInstances || s.full() {
		return []Issue{{Place: at, LinkID: r.item.LinkID, Code: "occurs-max", Bound: strconv.Itoa(maxInstances)}}, nil
	}
	if is := grave(s.check(r, answers)); len(is) > 0 {
		return is, nil
	}
	before := *r
	before.parts = slices.Clone(r.parts)
	s.give(r, answers)
	r.absent = 0
	if err := s.settle(); err != nil {
		return nil, err
	}
	if is := grave(s.broken(r)); len(is) > 0 && len(answers) > 0 {
		r.answers, r.parts, r.absent = before.answers, before.parts, before.absent
		return is, s.settle()
	}
	return s.check(r, answers), nil
}

// tidy leaves out blanks and what is said twice, and calls options by their name.
func (s *Sheet) tidy(r *row, answers []Answer) []Answer {
	var out []Answer
	for _, a := range answers {
		if a.IsZero() || a.Type == "string" && a.Text == "" {
			continue
		}
		if o := pick(s.options(r), a); o != nil && a.Type == "Coding" {
			a.System, a.Code, a.Text, a.raw = o.Value.System, o.Value.Code, o.Value.Text, ""
		}
		if !slices.ContainsFunc(out, a.Is) || r.item.Type != "choice" && r.item.Type != "open-choice" {
			out = append(out, a)
		}
	}
	return out
}

// Skip says why a question has no answer, and takes the answer it had. Of a
// repeating group it says that there are no more instances.
func (s *Sheet) Skip(at Place, why Absence) error {
	if why == 0 || int(why) >= len(absences) {
		return errs.E(errs.Invalid, "form: there is no such reason")
	}
	r, err := s.askable(at)
	if err != nil {
		return err
	}
	switch {
	case r.item.Group() && r.item.Repeats:
		r.enough, s.asks = true, nil
		return nil
	case !r.item.Question():
		return errs.E(errs.Refused, "form: %s is not a question", r.item.LinkID)
	}
	s.give(r, nil)
	r.absent = why
	return s.settle()
}

// Add gives a repeating group, named as a whole, one more instance, and returns
// the place of that.
func (s *Sheet) Add(at Place) (Place, error) {
	r, err := s.askable(at)
	switch {
	case err != nil:
		return "", err
	case !r.item.Group() || !r.item.Repeats:
		return "", errs.E(errs.Refused, "form: %s does not repeat", r.item.LinkID)
	case r.item.MaxOccurs > 0 && len(r.parts) >= r.item.MaxOccurs, len(r.parts) >= maxInstances, s.full():
		return "", errs.E(errs.Refused, "form: %s has as many as it may", r.item.LinkID)
	}
	p := s.grow(r, r.item.Items, len(r.parts), true)
	r.parts = append(r.parts, p)
	r.enough = false
	if err := s.populate(p); err != nil {
		return "", err
	}
	return r.instance(p.index), s.settle()
}

// Remove takes an instance of a repeating group away, with its answers. Those
// after it move up.
func (s *Sheet) Remove(at Place) error {
	r, k, err := s.find(at)
	switch {
	case err != nil:
		return err
	case k < 0 || !r.item.Group() || !r.item.Repeats:
		return errs.E(errs.Refused, "form: %s is not an instance of a repeating group", r.item.LinkID)
	case r.off() || r.concealed() || r.locked():
		return errs.E(errs.Refused, "form: %s cannot be changed now", r.item.LinkID)
	}
	r.parts = slices.Delete(r.parts, k, k+1)
	for n, p := range r.parts {
		p.index = n
	}
	return s.settle()
}
