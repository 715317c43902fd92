// Package question draws one question of a form and reads what was said to it: for a
// client who sees one at a time, for staff who see all of them on a page, and for the
// preview of who writes forms. It refuses to decide anything: which questions there are,
// and whether an answer is allowed, package form says.
package question

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/lang"
	"rapport/web/reading"
)

// View is one question to draw.
type View struct {
	P  lang.Printer
	Q  form.Question
	ID string // begins the names and ids of its fields; "a" if it is the only one
	// By is the id of the element that says what is asked.
	By      string
	Problem string // what is wrong with what was typed
	// Typed is what was typed and not kept; nil shows the question's answers.
	Typed []form.Typed
	// Alarms are the numbers of options after which Help is shown in the same moment.
	Alarms []int
	Help   templ.Component
}

// MostBytes is the largest file that can be an answer.
const MostBytes = 4 << 20

// shape is the way a question is drawn.
type shape uint8

const (
	_ shape = iota
	options
	list  // a drop-down
	scale // numbers from low to high
	line
	words
	number
	measured // with a unit
	file
	nothing
)

// few is up to how many options stand open one below the other.
const few = 12

// widest is up to how many steps a scale has.
const widest = 11

func (v View) shape() shape {
	i := v.Q.Item
	switch {
	case v.Q.Display() || v.Q.ReadOnly && len(v.Q.Answers) == 0:
		return nothing
	case i.Type == "boolean":
		return options
	case len(v.Q.Options) > 0:
		if !v.many() && !i.Open && (i.Control == "drop-down" || i.Control == "autocomplete" || len(v.Q.Options) > few) {
			return list
		}
		return options
	case i.Type == "text":
		return words
	case i.Type == "integer" && v.steps() != nil:
		return scale
	case i.Type == "integer", i.Type == "decimal":
		return number
	case i.Type == "quantity":
		return measured
	case i.Type == "attachment":
		return file
	}
	return line
}

// steps are the numbers of a scale; nil if the question has none.
func (v View) steps() []int {
	lo, err1 := strconv.Atoi(v.Q.Min.Text)
	hi, err2 := strconv.Atoi(v.Q.Max.Text)
	if err1 != nil || err2 != nil || hi-lo < 2 || hi-lo >= widest || v.many() {
		return nil
	}
	var out []int
	for n := lo; n <= hi; n++ {
		out = append(out, n)
	}
	return out
}

func (v View) many() bool { return v.Q.Item.Repeats && !v.Q.Another }

func (v View) kind() string {
	if v.many() {
		return "checkbox"
	}
	return "radio"
}

// choice is one option as it is drawn.
type choice struct {
	Value, Text      string
	Chosen, Alone    bool
	Alarm, Exclusive bool
}

// choices are the options, those that go with no other last.
func (v View) choices() []choice {
	t := v.P.Tag().String()
	if v.Q.Item.Type == "boolean" {
		return []choice{{Value: "true", Text: v.P.QuestionYes(), Chosen: v.is("true"), Alarm: slices.Contains(v.Alarms, 0)}, {Value: "false", Text: v.P.QuestionNo(), Chosen: v.is("false"), Alarm: slices.Contains(v.Alarms, 1)}}
	}
	var out, alone []choice
	for n, o := range v.Q.Options {
		c := choice{Value: strconv.Itoa(n), Text: o.Text(t), Chosen: v.chosen(n, o), Alarm: slices.Contains(v.Alarms, n), Exclusive: o.Exclusive}
		if o.Prefix != "" {
			c.Text = o.Prefix + " " + c.Text
		}
		if o.Exclusive && v.many() {
			alone = append(alone, c)
		} else {
			out = append(out, c)
		}
	}
	if len(alone) > 0 && len(out) > 0 {
		alone[0].Alone = true
	}
	return append(out, alone...)
}

// shown is what stands in the fields: what was typed, else the answers.
func (v View) shown() []form.Typed {
	if v.Typed != nil {
		return v.Typed
	}
	var out []form.Typed
	for _, a := range v.Q.Answers {
		t := form.Typed{Text: a.Text, Unit: a.Code}
		if t.Unit == "" {
			t.Unit = a.Unit
		}
		if a.Type == "decimal" || a.Type == "Quantity" {
			t.Text = v.P.Number(a.Text)
		}
		out = append(out, t)
	}
	return out
}

// is reports that a text was answered.
func (v View) is(text string) bool {
	return slices.ContainsFunc(v.shown(), func(t form.Typed) bool { return t.Text == text })
}

func (v View) chosen(n int, o form.Option) bool {
	if v.Typed != nil {
		return slices.ContainsFunc(v.Typed, func(t form.Typed) bool { return t.Option == strconv.Itoa(n) })
	}
	return slices.ContainsFunc(v.Q.Answers, func(a form.Answer) bool { return a.Is(o.Value) })
}

// own is what somebody said in their own words where there are options too.
func (v View) own() string {
	for n, a := range v.Q.Answers {
		if v.Typed == nil && !slices.ContainsFunc(v.Q.Options, func(o form.Option) bool { return a.Is(o.Value) }) {
			return v.Q.Answers[n].Text
		}
	}
	for _, t := range v.Typed {
		if t.Option == "" {
			return t.Text
		}
	}
	return ""
}

// lines are the values of the lines to write in: one, or if there may be several, those
// there are and one more.
func (v View) lines() []string {
	var out []string
	for _, t := range v.shown() {
		out = append(out, t.Text)
	}
	if len(out) == 0 || v.many() && len(out) < mostLines {
		out = append(out, "")
	}
	for v.many() && len(out) < 3 {
		out = append(out, "")
	}
	return out
}

const mostLines = 20

func (v View) unit() string {
	for _, t := range v.shown() {
		return t.Unit
	}
	return v.Q.Item.Unit.Value.Code
}

// input is what type of field holds a line.
func (v View) input() string {
	switch v.Q.Item.Type {
	case "date":
		return "date"
	case "dateTime":
		return "datetime-local"
	case "time":
		return "time"
	case "url":
		return "url"
	}
	return "text"
}

func (v View) mode() string {
	switch v.Q.Item.Type {
	case "integer":
		return "numeric"
	case "decimal", "quantity":
		return "decimal"
	}
	return ""
}

// described joins what tells more about the field.
func (v View) described() string {
	if v.Problem != "" {
		return v.ID + "-problem"
	}
	return ""
}

// line is the id of one of several lines; the first has the question's own.
func (v View) line(n int) string {
	if n == 0 {
		return v.ID
	}
	return v.ID + "-" + strconv.Itoa(n)
}

// Fields is where the fields of a form that was sent are read from.
type Fields struct {
	All  func(name string) []string
	File func(name string) []byte
}

// Read returns what was typed for a question whose fields begin with id.
func Read(f Fields, id string, q form.Question) []form.Typed {
	all := f.All(id)
	if q.Item.Type == "attachment" {
		return readFile(f, id, q)
	}
	var out []form.Typed
	for _, s := range all {
		t := form.Typed{Text: s}
		if len(q.Options) > 0 && q.Item.Type != "boolean" {
			if s == elsewhere {
				t = form.Typed{Text: strings.TrimSpace(first(f.All(id + "-own")))}
			} else {
				t = form.Typed{Option: s}
			}
		}
		if q.Item.Type == "quantity" {
			t.Unit = first(f.All(id + "-unit"))
		}
		if t != (form.Typed{}) && (t.Text != "" || t.Option != "") {
			out = append(out, t)
		}
	}
	return out
}

// elsewhere is the value of the option that is none of them.
const elsewhere = "own"

func readFile(f Fields, id string, q form.Question) []form.Typed {
	var out []form.Typed
	for n, a := range q.Answers {
		if slices.Contains(f.All(id+"-keep"), strconv.Itoa(n)) {
			out = append(out, form.Typed{Text: a.Text, MIME: a.MIME, Data: a.Data, URL: a.URL, Size: a.Size})
		}
	}
	b := f.File(id + "-file")
	if len(b) == 0 {
		return out
	}
	if !q.Item.Repeats {
		out = nil
	}
	return append(out, form.Typed{MIME: sniff(b), Data: base64.StdEncoding.EncodeToString(b), Size: len(b)})
}

// sniff says what sort of file it is by how it begins; what we do not show is only kept.
func sniff(b []byte) string {
	switch t := http.DetectContentType(b); t {
	case "image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf":
		return t
	}
	return "application/octet-stream"
}

func first(ss []string) string {
	if len(ss) == 0 {
		return ""
	}
	return ss[0]
}

// Say writes the answers to a question in words, or why there are none.
func Say(p lang.Printer, q form.Question) string {
	switch q.Absent {
	case form.Declined:
		return p.QuestionDeclined()
	case form.InPerson:
		return p.QuestionInperson()
	case form.Skipped:
		return p.QuestionSkipped()
	}
	var out []string
	for _, a := range q.Answers {
		out = append(out, say(p, q, a))
	}
	return strings.Join(out, " · ")
}

func say(p lang.Printer, q form.Question, a form.Answer) string {
	for _, o := range q.Item.Options {
		if a.Is(o.Value) {
			return o.Text(p.Tag().String())
		}
	}
	switch a.Type {
	case "boolean":
		if a.Text == "true" {
			return p.QuestionYes()
		}
		return p.QuestionNo()
	case "integer", "decimal":
		s := p.Number(a.Text)
		if u := q.Item.Unit.Text(p.Tag().String()); u != "" {
			s += " " + u
		}
		return s
	case "Quantity":
		return reading.Say(p, reading.Value{Number: a.Text, Unit: unitOf(a)})
	case "date", "dateTime":
		return day(p, a.Text)
	case "Attachment":
		if a.Text != "" {
			return a.Text
		}
		return p.QuestionFile()
	}
	return a.Text
}

// day says a date with as much of it as is known.
func day(p lang.Printer, s string) string {
	t, ok := fhir.ParseTime(s)
	switch {
	case !ok || t.Prec < fhir.ToMonth:
		return s
	case t.Prec == fhir.ToMonth:
		return p.Month(t.At)
	case t.Prec == fhir.ToDay:
		return p.Full(t.At)
	}
	return p.Full(t.At) + ", " + p.Clock(t.At)
}

func unitOf(a form.Answer) string {
	if a.Unit != "" {
		return a.Unit
	}
	return a.Code
}

// Unread says that what was typed is no answer of the kind that is asked for.
func Unread(p lang.Printer, q form.Question) string {
	switch q.Item.Type {
	case "integer", "decimal", "quantity":
		return p.QuestionWrongNumber()
	case "date", "dateTime":
		return p.QuestionWrongDate()
	}
	return p.QuestionWrongType()
}

// Wrong says what is wrong with what was typed, in the form's own words where it has some.
func Wrong(p lang.Printer, i form.Issue) string {
	if s := i.Text(p.Tag().String()); s != "" {
		return s
	}
	switch i.Code {
	case "required", "occurs-min":
		return p.QuestionWrongRequired()
	case "too-long":
		return p.QuestionWrongLong(i.Bound)
	case "too-short":
		return p.QuestionWrongShort(i.Bound)
	case "min":
		return p.QuestionWrongMin(p.Number(i.Bound))
	case "max":
		return p.QuestionWrongMax(p.Number(i.Bound))
	case "decimals":
		return p.QuestionWrongDecimals(i.Bound)
	case "occurs-max":
		return p.QuestionWrongMany(i.Bound)
	case "exclusive":
		return p.QuestionWrongExclusive()
	case "mime", "size":
		return p.QuestionWrongFile()
	}
	return p.QuestionWrongOther()
}

// about ties a field to what is asked, and to what is wrong.
func (v View) about() templ.Attributes {
	a := templ.Attributes{"aria-labelledby": v.By}
	if d := v.described(); d != "" {
		a["aria-describedby"], a["aria-invalid"] = d, "true"
	}
	return a
}
