package clients

import (
	"math"
	"strings"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/reading"
	"rapport/web/shell"
)

// resultView is one measure over time.
type resultView struct {
	Shell shell.View
	P     lang.Printer
	Head  headView
	Back  parts.Link
	Trend parts.TrendView
	Facts []parts.Fact
	Notes []string
	Table parts.TableView
	Foot  footView
}

// mostValues is how many values of one measure are drawn and listed.
const mostValues = 200

func result(a *web.Ask, c *record.Chart) (web.Answer, error) {
	p := &puller{ctx: a.Context(), c: c}
	who := readWho(p)
	m, at := p.measure(record.Ref(a.Path("id")))
	if p.err != nil {
		return web.Answer{}, p.err
	}
	v := newResult(teller{a.P, a.Now}, m, at)
	v.Head = newHead(a, c, who)
	v.Head.Home = base(c)
	v.Back = parts.Link{Text: a.P.ClientsTabsSummary(), Href: base(c)}
	v.Shell = frame(a, v.Head.Name)
	v.Foot = footOf(a, c, who)
	return web.Page(resultPage(v)), nil
}

// newResult shows the finding that was asked for and, around it, the course.
func newResult(t teller, m measure, at finding) resultView {
	name := reading.Name(t.Printer, at.loinc, at.name)
	s := at.value.State()
	v := resultView{P: t.Printer, Notes: at.notes, Trend: parts.TrendView{P: t.Printer, ID: "course", Title: name, Big: reading.Digits(t.Printer, at.value), Now: t.now}}
	if at.value.Number != "" {
		v.Trend.Unit = reading.Unit(t.Printer, at.value)
	}
	v.Trend.Delta = delta(t, m, at)
	for _, f := range m.found {
		if x := f.value.Float(); !math.IsNaN(x) && !f.at.IsZero() {
			q := parts.Point{At: t.local(f.at), Value: x, Second: math.NaN(), Text: reading.Digits(t.Printer, f.value), Note: outWord(t.Printer, f.value.State())}
			if f.value.Second != nil {
				q.Second = f.value.Second.Float()
				v.Trend.First, v.Trend.Second = t.ReadingNameSystolic(), t.ReadingNameDiastolic()
			}
			v.Trend.Points = append(v.Trend.Points, q)
		}
	}
	if at.value.HasRange() { // of a pair, that of the upper one
		low, high := at.value.Ends()
		v.Trend.Band = &parts.Band{Low: low, High: high}
		v.Trend.BandText = t.ClientsResultShade(reading.RangeText(t.Printer, at.value))
	}
	v.Facts = []parts.Fact{
		{Term: t.PartWhen(), Text: when(t, at)}, {Term: t.ClientsResultState(), Text: reading.Word(t.Printer, s)},
		{Term: t.ClientsResultUsual(), Text: rangeText(t.Printer, at.value)}, {Term: t.ClientsResultBy(), Text: strings.Join(at.by, ", ")},
		{Term: t.ClientsResultSent(), Text: sentName(name, at.name)},
	}
	v.Table = table(t, m)
	return v
}

// sentName is what the sender called it, if that is not what we call it.
func sentName(ours, theirs string) string {
	if strings.EqualFold(ours, theirs) {
		return ""
	}
	return theirs
}

// rangeText says the usual range; of a pair, both.
func rangeText(p lang.Printer, v reading.Value) string {
	s := reading.RangeText(p, v)
	if v.Second == nil {
		return s
	}
	if low := reading.RangeText(p, *v.Second); s != "" && low != "" {
		return s + " / " + low
	}
	return s
}

// when says the day, and the time where it was written down.
func when(t teller, f finding) string {
	if s := t.short(f.at); f.at.Prec != fhir.ToSecond {
		return s
	}
	return t.short(f.at) + ", " + t.Clock(t.local(f.at))
}

// delta says how the value went since the one before it.
func delta(t teller, m measure, at finding) parts.TagView {
	for i, f := range m.found {
		if f.ref != at.ref || i+1 == len(m.found) {
			continue
		}
		before := m.found[i+1]
		v := parts.TagView{Text: reading.Change(t.Printer, before.value, f.value, t.local(before.at), t.local(f.at))}
		switch a, b := before.value.Float(), f.value.Float(); {
		case b > a:
			v.Icon = "trending-up"
		case b < a:
			v.Icon = "trending-down"
		}
		return v
	}
	return parts.TagView{}
}

// table lists the values with what belongs to each.
func table(t teller, m measure) parts.TableView {
	name := reading.Name(t.Printer, m.loinc, m.name)
	v := parts.TableView{Caption: t.ClientsResultAll(name), CaptionHidden: true,
		Columns: []parts.Column{{Text: t.PartWhen()}, {Text: t.PartValue(), Number: true}, {Text: t.ClientsResultUsual(), Number: true}, {Text: t.ClientsResultBy()}}}
	for _, f := range m.found {
		val := parts.Cell{Text: reading.Say(t.Printer, f.value)}
		if w := outWord(t.Printer, f.value.State()); w != "" {
			val.Tag = parts.TagView{Tone: tone(f.value.State()), Text: w}
		}
		v.Rows = append(v.Rows, []parts.Cell{{Text: when(t, f)}, val, {Text: rangeText(t.Printer, f.value)}, {Text: first(f.by), Small: first(f.notes)}})
	}
	return v
}
