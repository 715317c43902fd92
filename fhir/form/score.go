package form

import "strconv"

// Score is a number the form calculates from its answers.
type Score struct {
	Place Place
	Item  *Item
	Value string // a decimal
	Unit  string
	Band  *Band // what it means, where the form says so; else nil
}

// Scores returns the calculated numbers that have a value now: those of items
// that are calculated or have bands, in the order of the form.
func (s *Sheet) Scores() []Score {
	var out []Score
	s.root.each(func(r *row) bool {
		i := r.item
		if r.off() || len(r.answers) != 1 || i.calculate == nil && len(i.bands) == 0 {
			return true
		}
		a := r.answers[0]
		switch a.Type {
		case "integer", "decimal", "Quantity":
			sc := Score{Place: r.place(), Item: i, Value: a.Text, Unit: a.Unit, Band: i.Band(a.Text)}
			if sc.Unit == "" {
				sc.Unit = i.Unit.Text("")
			}
			out = append(out, sc)
		}
		return true
	})
	return out
}

// Bands returns what the item's value may mean (urn:rapport:bands).
func (i *Item) Bands() []Band { return i.bands }

// Band returns what a value of the item means, or nil.
func (i *Item) Band(value string) *Band {
	x, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return nil
	}
	for n := range i.bands {
		b := &i.bands[n]
		lo, err1 := strconv.ParseFloat(b.Low, 64)
		hi, err2 := strconv.ParseFloat(b.High, 64)
		if (b.Low == "" || err1 == nil && x >= lo) && (b.High == "" || err2 == nil && x <= hi) {
			return b
		}
	}
	return nil
}

// Alarm is a dangerous answer (urn:rapport:danger): something that must not pass
// in silence.
type Alarm struct {
	Place Place  // of the question, or "" for the form as a whole
	Item  *Item  // nil for the form
	Level string // crisis or urgent

	text text
}

// Text returns what the form says about the danger.
func (a Alarm) Text(lang string) string { return a.text.in(lang) }

// Alarms returns the dangers that are there now. A danger whose expression fails
// is not one that can be told; Problems names those that never can.
func (s *Sheet) Alarms() []Alarm {
	var out []Alarm
	for n := range s.form.dangers {
		d := &s.form.dangers[n]
		if d.item == nil {
			if s.flag(d.when, scope{}) {
				out = append(out, Alarm{Level: d.level, text: d.text})
			}
			continue
		}
		s.root.each(func(r *row) bool {
			if r.item == d.item && !r.off() && s.flag(d.when, scope{row: r}) {
				out = append(out, Alarm{Place: r.place(), Item: d.item, Level: d.level, text: d.text})
			}
			return true
		})
	}
	return out
}

// AlarmsIf returns the dangers there would be were an option chosen, so that a
// page can offer help in the same moment. The sheet stays as it is.
func (s *Sheet) AlarmsIf(at Place, option Option) []Alarm {
	if len(s.form.dangers) == 0 {
		return nil
	}
	r, err := s.askable(at)
	if err != nil || !r.item.Question() {
		return nil
	}
	before := *r
	before.parts = append([]*part(nil), r.parts...)
	as := []Answer{option.Value}
	if r.repeats() && !option.Exclusive {
		for _, a := range r.answers {
			if !a.Is(option.Value) {
				as = append(as, a)
			}
		}
	}
	s.give(r, as)
	r.absent = 0
	var out []Alarm
	if s.settle() == nil {
		out = s.Alarms()
	}
	r.answers, r.parts, r.absent = before.answers, before.parts, before.absent
	if s.settle() != nil {
		return nil
	}
	return out
}
