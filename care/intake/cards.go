package intake

import (
	"slices"
	"strconv"
	"strings"

	"rapport/fhir/form"
	"rapport/web/question"
)

// named is what each instance of a repeating group is called: the first that was said in
// it, such as a medicine's name.
func (f *filling) named() map[form.Place]string {
	out := map[form.Place]string{}
	for _, q := range f.sheet.Questions() {
		if n := len(q.Trail); n > 0 && !q.Another && len(q.Answers) > 0 && q.Trail[n-1].Instance > 0 {
			if at := q.Trail[n-1].Place; out[at] == "" {
				out[at] = question.Say(f.a.P, q)
			}
		}
	}
	return out
}

// trail says what a question is about: the names of what it lies in, or else the words of
// the group.
func (f *filling) trail(q form.Question) string { return f.trailBy(f.named(), q) }

func (f *filling) trailBy(named map[form.Place]string, q form.Question) string {
	n := len(q.Trail)
	if n == 0 {
		return ""
	}
	var out []string
	for i, l := range q.Trail {
		name := named[l.Place]
		if l.Instance > 0 && name != "" && (len(q.Answers) == 0 || name != question.Say(f.a.P, q)) {
			out = append(out, name)
			continue
		}
		if i < n-1 {
			continue
		}
		text := l.Text(f.a.P.Tag().String())
		if l.Instance > 1 {
			text = f.a.P.IntakeInstance(text, strconv.Itoa(l.Instance))
		}
		out = append(out, text)
	}
	return strings.Join(out, " · ")
}

// another is the page that asks whether there is one more.
func (f *filling) another(v *askView, q form.Question) {
	text := q.Text(f.a.P.Tag().String())
	named := f.named()
	seen := map[form.Place]bool{}
	for _, x := range f.sheet.Questions() {
		for _, l := range x.Trail {
			if l.Item == q.Item && sameTrail(x.Trail, q.Trail) && !seen[l.Place] {
				seen[l.Place] = true
				if named[l.Place] != "" {
					v.Said = append(v.Said, named[l.Place])
				}
			}
		}
	}
	v.Title = text
	if len(seen) > 0 {
		v.Title = f.a.P.IntakeAnother()
		if within := f.trail(q); len(q.Trail) > 1 && within != "" {
			text = within + " · " + text
		}
		v.Trail = text
	}
}

// sameTrail reports that somewhere lies in the instances that another trail names.
func sameTrail(in, of []form.Line) bool {
	return len(in) >= len(of) && slices.EqualFunc(in[:len(of)], of, func(a, b form.Line) bool { return a.Place == b.Place && a.Item == b.Item })
}

// instances counts those of a group that a question lies in.
func (f *filling) instances(g *form.Item, trail []form.Line) int {
	seen := map[form.Place]bool{}
	for _, x := range f.sheet.Questions() {
		for _, l := range x.Trail {
			if l.Item == g && sameTrail(x.Trail, trail[:len(trail)-1]) {
				seen[l.Place] = true
			}
		}
	}
	return len(seen)
}

// begins reports that a question is the first of an instance in which nothing is said yet.
func (f *filling) begins(q form.Question) bool {
	at := instance(q)
	if q.Another || at == "" || q.Trail[len(q.Trail)-1].Instance == 0 {
		return false
	}
	first := form.Place("")
	for _, x := range f.sheet.Questions() {
		if within(x, at) {
			if len(x.Answers) > 0 {
				return false
			}
			if first == "" && askable(x) {
				first = x.Place
			}
		}
	}
	return first == q.Place
}

// without takes the instance away that a question begins: there is none, or no more.
func (f *filling) without(q form.Question) (to string, wrong *askView, err error) {
	n := len(q.Trail)
	g, around := q.Trail[n-1].Item, q.Trail[:n-1]
	if err := f.sheet.Remove(instance(q)); err != nil {
		return "", nil, err
	}
	for _, x := range f.sheet.Questions() {
		if x.Another && x.Item == g && sameTrail(x.Trail, around) && len(x.Trail) == len(around) {
			if err := f.sheet.Skip(x.Place, form.Skipped); err != nil {
				return "", nil, err
			}
			return f.next(x.Place), nil, nil
		}
	}
	return f.goOn(), nil, nil
}

// first is the first question in a new instance of a group.
func (f *filling) first(at form.Place) string {
	for _, q := range f.sheet.Questions() {
		if askable(q) && within(q, at) {
			return f.at(q.Place)
		}
	}
	return f.goOn()
}

// instance is the instance of a repeating group that a question lies in.
func instance(q form.Question) form.Place {
	if n := len(q.Trail); n > 0 {
		return q.Trail[n-1].Place
	}
	return ""
}

func within(q form.Question, at form.Place) bool {
	return slices.ContainsFunc(q.Trail, func(l form.Line) bool { return l.Place == at })
}
