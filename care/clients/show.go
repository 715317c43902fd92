package clients

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/reading"
	"rapport/web/shell"
)

// showView is a chart on one page. An empty part draws nothing: a heading
// without content would tell whoever may not see it that it is there.
type showView struct {
	Shell     shell.View
	P         lang.Printer
	Head      headView
	Foot      footView
	Since     sinceView
	Questions []questionView

	Conditions, Over   listing
	Medicines, Stopped listing
	Results            []resultRow
	Vitals             []parts.VitalView
	Coming             []tile
	Last               *tile
	Documents          []parts.RowView
	Shots              listing
	Timeline           []parts.StopGroup
	TimelineHref       string
}

// sinceView says what is new to whoever looks.
type sinceView struct {
	Text  string
	Links []parts.Link
}

// questionView is what the person asked about a look.
type questionView struct{ Title, Text string }

// listing is short lines under one heading.
type listing struct {
	Lines []line
	More  int // how many are not shown
}

// line is one of them.
type line struct {
	Text, Small, Meta string
	New               bool
}

// resultRow is one laboratory value with its course.
type resultRow struct {
	Href, Name, Value, Word, Usual, When string
	Tone                                 parts.Tone
	Values                               []float64
	New                                  bool
}

// tile is a visit in the margin: its day and what it is.
type tile struct {
	Day, Mon, Title, Text string
	New                   bool
}

func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ch, err := load(a.Context(), c, a.Now)
	if err != nil {
		return web.Answer{}, err
	}
	v := newShow(teller{a.P, a.Now}, ch, base(c))
	v.Head = newHead(a, c, ch.person).withTabs(base(c), base(c)).withForms(base(c), ch.open, ch.forms)
	v.Head = v.Head.avoiding(teller{a.P, a.Now}, ch.open, ch.allergies)
	v.Shell, v.Foot = frame(a, v.Head.Name), footOf(a, c, ch.person)
	return web.Page(showPage(v)), nil
}

// How much of each part the page shows before it says how much more there is.
const (
	mostLines   = 10
	mostOver    = 20
	mostResults = 9
	mostVitals  = 8
	mostPapers  = 5
	mostShots   = 6
	sparkPoints = 14
)

func newShow(t teller, ch chart, href string) showView {
	v := showView{P: t.Printer, TimelineHref: href + "/timeline"}
	v.Since = newSince(t, ch)
	for _, q := range ch.questions {
		v.Questions = append(v.Questions, questionView{t.ClientsAsked(cmp.Or(ch.person.given, lang.Upper(t.Client())), t.short(q.at)), q.text})
	}
	v.Conditions = lines(ch.active, mostLines, func(c condition) line {
		return line{Text: c.name, Small: c.severity, Meta: cmp.Or(c.sinceText, since(t, c.since)), New: ch.fresh[c.key]}
	})
	v.Over = lines(ch.over, mostOver, func(c condition) line {
		return line{Text: c.name, Meta: span(t, c.since, c.until), New: ch.fresh[c.key]}
	})
	v.Medicines = lines(ch.taken, mostLines, func(m medicine) line { return medicineLine(t, m, ch.fresh) })
	v.Stopped = lines(ch.stopped, mostOver, func(m medicine) line {
		l := medicineLine(t, m, ch.fresh)
		l.Meta = t.year(m.since)
		return l
	})
	v.Results, v.Vitals = measured(t, ch, href)
	for _, x := range ch.coming {
		v.Coming = append(v.Coming, newTile(t, x, ch.fresh))
	}
	for _, x := range ch.visits {
		if !t.local(x.start).After(t.now) && !x.start.IsZero() {
			last := newTile(t, x, ch.fresh)
			v.Last = &last
			break
		}
	}
	for i, d := range ch.documents {
		if i < mostPapers {
			v.Documents = append(v.Documents, paper(t, d, href, ch.fresh))
		}
	}
	v.Shots = shots(t, ch)
	told := paired(t, ch.happened)
	v.Timeline = stops(t, told[:min(recent, len(told))], href, ch.fresh)
	return v
}

// lines makes lines of the first entries and counts the rest.
func lines[T any](es []T, most int, f func(T) line) listing {
	var l listing
	for i, e := range es {
		if i == most {
			l.More = len(es) - most
			break
		}
		l.Lines = append(l.Lines, f(e))
	}
	return l
}

func since(t teller, x fhir.Time) string {
	if x.IsZero() {
		return ""
	}
	switch at := t.local(x); {
	case at.Year() != t.now.Year() || x.Prec == fhir.ToYear:
		return t.ClientsSinceYear(t.year(x))
	case x.Prec == fhir.ToMonth:
		return t.ClientsSinceYear(t.short(x))
	}
	return t.ClientsSinceDay(t.short(x))
}

// span says from when to when, in years.
func span(t teller, from, to fhir.Time) string {
	a, b := t.year(from), t.year(to)
	switch {
	case a == b || b == "":
		return a
	case a == "":
		return b
	}
	return a + "–" + b
}

func medicineLine(t teller, m medicine, fresh map[string]bool) line {
	l := line{Text: m.name, Small: m.how, Meta: since(t, m.since), New: fresh[m.key]}
	if l.Small == "" && m.asNeeded {
		l.Small = t.ClientsAsneeded()
	}
	if m.held {
		l.Meta = t.ClientsHeld()
	}
	return l
}

func newTile(t teller, x visit, fresh map[string]bool) tile {
	at := t.local(x.start)
	v := tile{Day: strconv.Itoa(at.Day()), Mon: t.MonthShort(at), Title: cmp.Or(x.title, t.ClientsVisit()), New: fresh[x.key]}
	if at.Year() != t.now.Year() {
		v.Mon = strconv.Itoa(at.Year())
		v.Day = strconv.Itoa(at.Day()) + " " + t.MonthShort(at)
	}
	var text []string
	if x.start.Prec == fhir.ToSecond {
		text = append(text, t.Clock(at))
	}
	for _, s := range []string{x.with, x.place} {
		if s != "" {
			text = append(text, s)
		}
	}
	v.Text = joinComma(text)
	return v
}

func joinComma(ss []string) string {
	out := ""
	for i, s := range ss {
		if i > 0 {
			out += ", "
		}
		out += s
	}
	return out
}

// measured splits measures into laboratory values, which have a table, and
// signs of life, which stand in the margin. Answers in words from questionnaires
// and habits fill the table up where there is room.
func measured(t teller, ch chart, href string) (labs []resultRow, vital []parts.VitalView) {
	var tests, signs, answers []measure
	byDay(ch.measures)
	for _, m := range ch.measures {
		switch number := m.last().value.Number != ""; {
		case isVital(m) && number:
			signs = append(signs, m)
		case isVital(m) || m.kind == "social-history":
			answers = append(answers, m)
		default:
			tests = append(tests, m)
		}
	}
	for _, m := range slices.Concat(tests, answers) {
		if len(labs) < mostResults {
			labs = append(labs, newResultRow(t, m, href, ch.fresh))
		}
	}
	slices.SortStableFunc(signs, func(a, b measure) int { return vitalRank(a) - vitalRank(b) })
	for _, m := range signs[:min(len(signs), mostVitals)] {
		f := m.last()
		s := f.value.State()
		vital = append(vital, parts.VitalView{Href: href + "/results/" + string(f.ref), Name: reading.Name(t.Printer, m.loinc, m.name), Values: shape(m),
			Value: vitalValue(t.Printer, f.value), Note: note(outWord(t.Printer, s), t.short(f.at)), Tone: tone(s)})
	}
	return labs, vital
}

func newResultRow(t teller, m measure, href string, fresh map[string]bool) resultRow {
	f := m.last()
	s := f.value.State()
	return resultRow{Href: href + "/results/" + string(f.ref), Name: reading.Name(t.Printer, m.loinc, m.name), Value: reading.Say(t.Printer, f.value),
		Word: outWord(t.Printer, s), Tone: tone(s), Usual: reading.RangeText(t.Printer, f.value), When: t.short(f.at), Values: shape(m), New: fresh[f.key]}
}

// vitalValue leaves out the unit where there is only one: the margin is narrow.
func vitalValue(p lang.Printer, v reading.Value) string {
	if v.Second != nil || strings.HasSuffix(v.Code, "/min") || v.Code == "{steps}/d" {
		return reading.Digits(p, v)
	}
	return reading.Say(p, v)
}

func note(word, day string) string {
	if word == "" {
		return day
	}
	return word + ", " + day
}

// outWord says only what stands out: in a list of results a word on every line
// is a word on none.
func outWord(p lang.Printer, s reading.State) string {
	if !s.Out() {
		return ""
	}
	return reading.Word(p, s)
}

func tone(s reading.State) parts.Tone {
	switch {
	case s.Grave():
		return parts.ToneDanger
	case s.Out():
		return parts.ToneWarn
	}
	return parts.TonePlain
}

// shape is the course of a measure, oldest first; a single number has none, and
// words have none either.
func shape(m measure) []float64 {
	var out []float64
	for _, f := range slices.Backward(m.found[:min(len(m.found), sparkPoints)]) {
		if x := f.value.Float(); !math.IsNaN(x) {
			out = append(out, x)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

func paper(t teller, d document, href string, fresh map[string]bool) parts.RowView {
	r := parts.RowView{Href: href + "/documents/" + string(d.ref), Icon: "file-text", Title: cmp.Or(d.title, t.ClientsDocument()), Text: first(d.by), Meta: t.short(d.at)}
	if fresh[d.key] {
		r.Tag = parts.TagView{Tone: parts.ToneBrand, Text: t.ClientsNew()}
	}
	return r
}

func shots(t teller, ch chart) listing {
	var es []happened
	for _, h := range ch.happened {
		if h.sort == anImmunisation {
			es = append(es, h)
		}
	}
	es = newest(es, func(h happened) string { return h.title })
	return lines(es, mostShots, func(h happened) line { return line{Text: h.title, Meta: t.short(h.at), New: ch.fresh[h.key]} })
}
