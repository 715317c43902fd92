package plan

import (
	"cmp"
	"slices"
)

// maxLookBack is how many days are looked back for what was missed.
const maxLookBack = 400

// Week returns which week of the plan a day is in, from 1; 0 before it begins.
func (p Plan) Week(day Date) int {
	if p.Started == 0 || day < p.Started {
		return 0
	}
	return int(day-p.Started)/7 + 1
}

// Span returns the days that a step is for, both included; to is 0 if it has no end.
// ok is false while the plan has no first day.
func (p Plan) Span(s Step) (from, to Date, ok bool) {
	if p.Started == 0 {
		return 0, 0, false
	}
	from, to = p.Started, p.Ends
	if f, ok := p.Phase(s.Phase); ok {
		from += Date(max(f.From, 1)-1) * 7
		if f.To > 0 && (to == 0 || p.Started+Date(f.To*7)-1 < to) {
			to = p.Started + Date(f.To*7) - 1
		}
	}
	return from, to, true
}

// last returns the day before which everything lies: to, or any day if there is none.
func last(to Date) Date {
	if to == 0 {
		return 1 << 30
	}
	return to
}

// Day returns the steps of a day in order, done or not: by the time of the day, then
// what may be done at any time, then what is done once. There are none while the plan
// is not active, and none of steps that are not open.
func (p Plan) Day(day Date, done []Done) []Due {
	if p.Status != Active {
		return nil
	}
	of := p.doneOf(done)
	var out []Due
	for _, s := range p.Steps {
		from, to, ok := p.Span(s)
		if !ok || !s.Status.Open() || day < from || p.Ends != 0 && day > p.Ends {
			continue
		}
		switch {
		case s.When.Times == 0:
			out = append(out, once(s, day, from, to, of[s.ID])...)
		case day > last(to):
		case s.When.Loose():
			out = append(out, loose(s, day, from, of[s.ID])...)
		default:
			for _, o := range s.When.Occurrences(from, day, day) {
				d := Due{Step: s, Occurrence: o}
				d.mark(of[s.ID], func(x Done) bool { return x.Day == day && x.N == o.N })
				out = append(out, d)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Due) int { return cmp.Compare(a.order(), b.order()) })
	return out
}

func (p Plan) doneOf(done []Done) map[string][]Done {
	out := map[string][]Done{}
	for _, d := range done {
		if d.Plan == p.ID || d.Plan == "" {
			out[d.Step] = append(out[d.Step], d)
		}
	}
	return out
}

func (d *Due) mark(done []Done, is func(Done) bool) {
	if i := slices.IndexFunc(done, is); i >= 0 {
		d.Done, d.DoneAt = true, done[i].At
	}
}

// order is a minute of the day to sort by.
func (d Due) order() int {
	switch {
	case d.Minute >= 0:
		return d.Minute
	case d.Part != 0:
		return map[Parts]int{Morning: 8, Afternoon: 13, Evening: 18, Night: 22}[d.Part] * 60
	case d.Once:
		return 24*60 + 2
	case d.Left > 0:
		return 24*60 + 1
	}
	return 24 * 60
}

// once is what is done one time: there until it is, and on the day that it was.
func once(s Step, day, from, to Date, done []Done) []Due {
	d := Due{Step: s, Once: true, Late: day > last(to), Occurrence: Occurrence{Day: day, N: 1, Of: 1, Minute: -1}}
	if s.When.Lasts > 0 && day >= from+Date(s.When.Lasts) {
		d.Late = true
	}
	if len(s.When.At) > 0 {
		d.Minute = s.When.At[0]
	} else if parts := s.When.Parts.List(); len(parts) > 0 {
		d.Part = parts[0]
	}
	for _, x := range done {
		if x.Day < day {
			return nil
		}
	}
	d.mark(done, func(x Done) bool { return x.Day == day })
	return []Due{d}
}

// loose is what may be done on any day of a week or month: there until it was done as
// often as it says.
func loose(s Step, day, from Date, done []Done) []Due {
	if s.When.fault() != "" || s.When.Lasts > 0 && day >= from+Date(s.When.Lasts) {
		return nil
	}
	start, _ := s.When.period(from, day)
	before := 0
	for _, x := range done {
		if x.Day >= start && x.Day < day {
			before++
		}
	}
	d := Due{Step: s, Left: max(s.When.Times-before, 0), Occurrence: Occurrence{Day: day, N: 1, Of: 1, Minute: -1}}
	if len(s.When.At) > 0 {
		d.Minute = s.When.At[0]
	} else if parts := s.When.Parts.List(); len(parts) > 0 {
		d.Part = parts[0]
	}
	d.mark(done, func(x Done) bool { return x.Day == day })
	if d.Left == 0 && !d.Done {
		return nil
	}
	return []Due{d}
}

// Missed returns on how many days in a row, before a day, a step was to be done and
// was not at all; a step that changed is counted from its change. What may be done on
// any day of a week counts as spread over it.
func (p Plan) Missed(step string, done []Done, day Date) int {
	s, ok := p.Step(step)
	if !ok || p.Status != Active || !s.Status.Open() {
		return 0
	}
	from, to, ok := p.Span(s)
	if !ok {
		return 0
	}
	since := max(from-1, day-maxLookBack, p.changed(step)-1)
	for _, d := range p.doneOf(done)[step] {
		if d.Day < day {
			since = max(since, d.Day)
		}
	}
	return p.asked(s, from, since+1, min(day-1, last(to)), p.doneOf(done)[step])
}

// changed returns the last day on which a step was changed, or 0.
func (p Plan) changed(step string) Date {
	var at Date
	for _, c := range p.Changes {
		if c.Thing == AStep && c.ID == step {
			at = max(at, DateOf(c.At))
		}
	}
	return at
}

// asked counts the days between two, both included, on which a step was to be done.
func (p Plan) asked(s Step, begins, from, to Date, done []Done) int {
	if s.When.Times == 0 {
		if len(done) > 0 {
			return 0
		}
		return int(max(to-max(from, begins)+1, 0))
	}
	n, day := 0, Date(0)
	for _, o := range s.When.Occurrences(begins, from, to) {
		if o.Day != day {
			n, day = n+1, o.Day
		}
	}
	return n
}

// Stalled returns for how many days nothing at all was done, up to a day, although
// there was something to do; 0 while there was not.
func (p Plan) Stalled(done []Done, day Date) int {
	if p.Status != Active || p.Started == 0 || day <= p.Started {
		return 0
	}
	since := p.Started - 1
	of := p.doneOf(done)
	for _, ds := range of {
		for _, d := range ds {
			if d.Day <= day {
				since = max(since, d.Day)
			}
		}
	}
	for _, s := range p.Steps {
		from, to, ok := p.Span(s)
		if ok && s.Status.Open() && p.asked(s, from, max(since+1, day-maxLookBack), min(day-1, last(to)), of[s.ID]) > 0 {
			return int(day - max(since, p.Started))
		}
	}
	return 0
}
