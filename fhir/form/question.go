package form

// Question is one question at one place, as it stands now.
type Question struct {
	Place Place
	Item  *Item
	// Another asks whether a repeating group (the Item) gets one more instance. It
	// is answered by Add or by Skip.
	Another bool
	Trail   []Line // the groups it lies in, outermost first
	Notes   []Line // what there is to read before it
	Answers []Answer
	Absent  Absence
	Options []Option // what can be chosen now
	// ReadOnly questions are shown and not asked.
	ReadOnly bool
	Required bool
	Min, Max Answer
	Issues   []Issue // what is wrong with the answers it has

	text string
}

// Line is a group or a display item as it reads now.
type Line struct {
	Item     *Item
	Instance int // of a repeating group, counted from 1; else 0
	Place    Place

	text string
}

// Text returns the line's words, in a language if the form has them.
func (l Line) Text(lang string) string {
	if l.text != "" {
		return l.text
	}
	return l.Item.Text(lang)
}

// Text returns the question's words, in a language if the form has them. A text
// that the form computes is as computed.
func (q *Question) Text(lang string) string {
	if q.text != "" {
		return q.text
	}
	return q.Item.Text(lang)
}

// Display reports that the question only has something to read: what stands last
// in its group and belongs to no question.
func (q *Question) Display() bool { return q.Item.Display() }

// Done reports that nothing more is wanted here: it has an answer, a reason why
// there is none, or cannot be answered by anybody.
func (q *Question) Done() bool {
	return len(q.Answers) > 0 || q.Absent != 0 || q.ReadOnly || q.Display()
}

// Questions returns every question that is enabled and visible, in order. The slice is
// the sheet's, and stays as it is when the sheet changes.
func (s *Sheet) Questions() []Question {
	if s.asks == nil {
		w := walk{s: s, out: make([]Question, 0, min(len(s.form.all), s.size))}
		w.part(s.root, nil)
		w.rest(nil)
		s.asks = w.out
	}
	return s.asks
}

type walk struct {
	s     *Sheet
	out   []Question
	notes []Line
}

func (w *walk) part(p *part, trail []Line) {
	for _, r := range p.rows {
		if r.off() || r.item.Hidden {
			continue
		}
		switch {
		case r.item.Display():
			w.notes = append(w.notes, r.line())
		case r.item.Group():
			w.group(r, trail)
		default:
			w.out = append(w.out, w.s.question(r, trail, w.notes))
			w.notes = nil
			for _, q := range r.parts {
				w.part(q, trail)
			}
		}
	}
}

func (w *walk) group(r *row, trail []Line) {
	for _, p := range r.parts {
		l := r.line()
		if r.item.Repeats {
			l.Instance = p.index + 1
			l.Place = r.instance(p.index)
		}
		inner := append(trail[:len(trail):len(trail)], l)
		w.part(p, inner)
		w.rest(inner)
	}
	if !r.item.Repeats || r.locked() {
		return
	}
	q := Question{Place: r.place(), Item: r.item, Another: true, Trail: trail, Required: len(r.parts) < r.item.MinOccurs, text: r.text}
	if r.enough {
		q.Absent = Skipped
	}
	q.ReadOnly = r.item.MaxOccurs > 0 && len(r.parts) >= r.item.MaxOccurs
	w.out = append(w.out, q)
}

// rest makes a question of the display items nothing follows.
func (w *walk) rest(trail []Line) {
	if len(w.notes) == 0 {
		return
	}
	n := w.notes[0]
	w.out = append(w.out, Question{Place: n.Place, Item: n.Item, Trail: trail, Notes: w.notes[1:], ReadOnly: true, text: n.text})
	w.notes = nil
}

func (r *row) line() Line { return Line{Item: r.item, Place: r.place(), text: r.text} }

// instance names one instance of a repeating group.
func (r *row) instance(k int) Place { return Place((&part{of: r, index: k}).path(itoa(r.item.Number))) }

func (s *Sheet) question(r *row, trail, notes []Line) Question {
	q := Question{Place: r.place(), Item: r.item, Trail: trail, Notes: notes, Answers: r.answers, Absent: r.absent,
		Options: s.options(r), ReadOnly: r.locked(), Required: r.wanted(), text: r.text}
	q.Min, q.Max = r.low(), r.high()
	for _, n := range r.item.Notes {
		q.Notes = append(q.Notes, Line{Item: n, Place: q.Place})
	}
	if len(r.answers) > 0 {
		q.Issues = s.check(r, r.answers)
	}
	return q
}

// Question returns the question at a place, as Questions would.
func (s *Sheet) Question(at Place) (Question, bool) {
	for _, q := range s.Questions() {
		if q.Place == at {
			return q, true
		}
	}
	return Question{}, false
}

// Open returns the first question that has neither an answer nor a reason why
// there is none.
func (s *Sheet) Open() (Place, bool) {
	for _, q := range s.Questions() {
		if !q.Done() {
			return q.Place, true
		}
	}
	return "", false
}

// Progress is how far a sheet is filled.
type Progress struct {
	Done, All int
	Sections  []Section
}

// Section is the progress in one group at the top of the form, or in the
// questions between two such groups (Item is nil).
type Section struct {
	Item      *Item
	Done, All int
}

// Progress counts the questions that can be answered now. Whether a group gets
// another instance is not counted.
func (s *Sheet) Progress() Progress {
	var p Progress
	for _, q := range s.Questions() {
		var top *Item
		if len(q.Trail) > 0 {
			top = q.Trail[0].Item
		}
		if q.ReadOnly || q.Another {
			continue
		}
		if n := len(p.Sections); n == 0 || p.Sections[n-1].Item != top {
			p.Sections = append(p.Sections, Section{Item: top})
		}
		sec := &p.Sections[len(p.Sections)-1]
		p.All++
		sec.All++
		if q.Done() {
			p.Done++
			sec.Done++
		}
	}
	return p
}
