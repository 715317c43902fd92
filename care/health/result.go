package health

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/reading"
	"rapport/web/shell"
)

// resultView is one reading, what became of its kind over time, and where it
// came from.
type resultView struct {
	Shell     shell.View
	P         lang.Printer
	Whose     whose
	Base      string
	Name      string
	Big, Unit string
	Delta     parts.TagView
	Words     string // "In the usual range."
	Tag       parts.TagView
	Long      bool // the value is words, not a number
	Range     *parts.RangeView
	RangeText string
	Parts     []parts.Fact // of a reading of many
	Newer     parts.Link
	Trend     *parts.TrendView
	Spans     parts.ChipsView
	Thinned   string
	Facts     []parts.Fact
	Reports   []reportView
}

// reportView is the report a reading came in.
type reportView struct {
	Name, Words, From string
	Siblings          []parts.RowView
}

// shownPoints bounds a chart and its table, and pastPoints what is opened to
// draw it.
const (
	shownPoints = 90
	pastPoints  = 1500
)

// result answers GET /me/{client}/health/results/{id}.
func result(a *web.Ask, c *record.Chart) (web.Answer, error) {
	f, err := c.ReadRef(a.Context(), "Observation", record.Ref(a.Path("id")))
	if err != nil {
		return web.Answer{}, err
	}
	r, err := readFinding(f.JSON)
	if err != nil {
		return web.Answer{}, err
	}
	if r.Void {
		return web.Answer{}, errs.E(errs.NotFound, "health: that result was withdrawn")
	}
	r.Ref = f.Ref
	from, err := readOrigin(f.JSON)
	if err != nil {
		return web.Answer{}, err
	}
	v := resultView{P: a.P, Whose: whoseOf(a), Base: base(c), Name: named(a.P, r.name(a.P))}
	v.Shell = a.Shell(v.Name, "health")
	v.value(r)
	if err := v.past(a, c, r); err != nil {
		return web.Answer{}, err
	}
	if v.Reports, err = reports(a, c, r); err != nil {
		return web.Answer{}, err
	}
	v.Facts = origins(a, r, from)
	return web.Page(resultPage(v)), nil
}

// value fills in what stands large.
func (v *resultView) value(r finding) {
	m := r.main()
	v.Big = reading.Digits(v.P, m)
	if m.Number != "" {
		v.Unit = reading.Unit(v.P, m)
	}
	v.Long = m.Number == "" && len([]rune(v.Big)) > 14
	v.Words, v.Tag = words(v.P, r.state()), tag(v.P, r.state())
	if len(r.Values) > 1 {
		for _, x := range r.Values {
			f := parts.Fact{Term: x.name(v.P), Text: reading.Say(v.P, x.Value), Small: span(v.P, x.Value)}
			if s := x.State(); s.Out() {
				f.Small = sentence(words(v.P, s), f.Small)
			}
			v.Parts = append(v.Parts, f)
		}
		return
	}
	if low, high := m.Ends(); m.HasRange() && !math.IsNaN(m.Float()) {
		v.Range = &parts.RangeView{P: v.P, Low: low, High: high, Value: m.Float(), LowText: reading.End(v.P, m.Low), HighText: reading.End(v.P, m.High), ValueText: reading.Say(v.P, m)}
	}
	v.RangeText = span(v.P, m)
}

// span is a value's range as a clause: "Usual range: 4 to 6".
func span(p lang.Printer, v reading.Value) string {
	if s := reading.RangeText(p, v); s != "" {
		return p.HealthRange() + ": " + s
	}
	return ""
}

// past fills in the course of this kind of reading.
func (v *resultView) past(a *web.Ask, c *record.Chart, r finding) error {
	if r.Key == "text:" { // nothing says what it is, so nothing is of its kind
		return nil
	}
	all, err := findings(a.Context(), c, append(sameKind(r), "_count", strconv.Itoa(pastPoints))...)
	if err != nil {
		return err
	}
	upTo := []finding{r} // what a search does not find again has no course
	for i, x := range all {
		if x.Ref == r.Ref {
			upTo = all[i:]
			if i > 0 && all[0].At.At.After(r.At.At) {
				v.Newer = parts.Link{Text: a.P.HealthNewer() + " (" + dated(a.P, all[0].At, a.Now) + ")", Href: v.Base + "/results/" + string(all[0].Ref), Icon: "arrow-right"}
			}
			break
		}
	}
	v.Delta = delta(a.P, upTo, a.Now)
	if math.IsNaN(r.main().Float()) || len(all) < 2 {
		return nil
	}
	here := v.Base + "/results/" + string(r.Ref)
	back := a.Query("back")
	shown := within(all, a.Now, back)
	if len(all) > 20 {
		v.Spans = spans(a.P, here, back)
	}
	few := reading.Thin(shown, shownPoints)
	if len(few) < len(shown) {
		v.Thinned = a.P.HealthThinned(a.P.Count(len(few)), a.P.Count(len(shown)))
	}
	t := trend(a.P, few, a.Now)
	t.Title = v.Name
	v.Trend = &t
	return nil
}

// sameKind are the search parameters for findings of the same kind.
func sameKind(r finding) []string {
	escape := strings.NewReplacer(`\`, `\\`, ",", `\,`, "$", `\$`, "|", `\|`)
	if code, ok := strings.CutPrefix(r.Key, "text:"); ok {
		return []string{"code:text", escape.Replace(code)}
	}
	system, code, _ := strings.Cut(r.Key, "|")
	return []string{"code", escape.Replace(system) + "|" + escape.Replace(code)}
}

// within leaves the readings of the time asked for; a year if nothing is, and
// everything when that would leave too little to see a course.
func within(rs []finding, now time.Time, back string) []finding {
	from := now.AddDate(-1, 0, -5)
	switch back {
	case "month":
		from = now.AddDate(0, -1, 0)
	case "all":
		return rs
	}
	for i, r := range rs {
		if r.At.At.Before(from) {
			if i < 2 {
				return rs
			}
			return rs[:i]
		}
	}
	return rs
}

func spans(p lang.Printer, here, back string) parts.ChipsView {
	v := parts.ChipsView{Label: p.HealthSpan(), Current: here, Chips: []parts.Link{
		{Text: p.HealthSpanMonth(), Href: here + "?back=month"}, {Text: p.HealthSpanYear(), Href: here}, {Text: p.HealthSpanAll(), Href: here + "?back=all"},
	}}
	if back == "month" || back == "all" {
		v.Current = here + "?back=" + back
	}
	return v
}

// origins says when, by whom and with what.
func origins(a *web.Ask, r finding, from origin) []parts.Fact {
	by := from.By
	if from.Own {
		by = append([]string{whoseOf(a).measured()}, by...)
	}
	return []parts.Fact{
		{Term: a.P.HealthWhen(), Text: moment(a.P, r.At, a.Now)},
		{Term: a.P.HealthBy(), Text: a.P.And(by)},
		{Term: a.P.HealthKit(), Text: from.Kit},
		{Term: a.P.HealthMethod(), Text: r.Method},
		{Term: a.P.HealthNotes(), Text: strings.Join(r.Notes, " ")},
	}
}

// moment writes a time as fine as it is known: "Tuesday 24 November, 07:42".
func moment(p lang.Printer, t fhir.Time, now time.Time) string {
	at := local(t, now)
	switch t.Prec {
	case fhir.ToSecond:
		return lang.Upper(p.Date(at, now)) + ", " + p.Clock(at)
	case fhir.ToDay:
		return lang.Upper(p.Date(at, now))
	}
	return dated(p, t, now)
}

// reports returns the reports a reading came in, each with what else it holds.
func reports(a *web.Ask, c *record.Chart, r finding) ([]reportView, error) {
	found, err := each(a.Context(), c, readReport, "DiagnosticReport", "result", "Observation/"+r.ID, "status:not", invalid, "_count", "3")
	if err != nil {
		return nil, err
	}
	var out []reportView
	for _, x := range found {
		v := reportView{Name: plain(x.Name), Words: x.Words, From: clauses(strings.Join(x.By, ", "), dated(a.P, x.At, a.Now))}
		if v.Siblings, err = siblings(a, c, r, x); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func siblings(a *web.Ask, c *record.Chart, r finding, x report) ([]parts.RowView, error) {
	const most = 15
	var out []parts.RowView
	for _, id := range x.Results[:min(len(x.Results), most)] {
		if id == r.ID {
			continue
		}
		s, err := sibling(a.Context(), c, id)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(s.Values) > 0 && !s.Void {
			row := row(a.P, base(c), kind{[]finding{s}}, a.Now)
			row.Meta = ""
			out = append(out, row)
		}
	}
	return out, nil
}

func sibling(ctx context.Context, c *record.Chart, id string) (finding, error) {
	f, err := c.Read(ctx, "Observation", id)
	if err != nil {
		return finding{}, err
	}
	s, err := readFinding(f.JSON)
	s.Ref = f.Ref
	return s, err
}
