package brief

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/question"
	"rapport/web/reading"
)

// scoreView is a number of the form, what it means, and how it went.
type scoreView struct {
	Name, Value string
	Band        parts.TagView
	Values      []float64
	Course      string // rising, falling, steady
	Before      string // the numbers before, with their days
}

// tones are what the bands of a form mean to the eye.
var tones = map[string]parts.Tone{"ok": parts.ToneOK, "watch": parts.ToneWarn, "act": parts.ToneDanger}

// mostBefore is how many earlier numbers are told.
const mostBefore = 3

// scores are the numbers of the form, those that stand out first.
func (p *paper) scores(h question.Head) ([]scoreView, error) {
	var out []scoreView
	for _, s := range p.sheet.Scores() {
		v := scoreView{Name: s.Item.Text(p.lang()), Value: p.a.P.Number(s.Value)}
		if s.Unit != "" && s.Unit != "1" {
			v.Value = reading.Say(p.a.P, reading.Value{Number: s.Value, Unit: s.Unit})
		}
		if s.Band != nil {
			v.Band = parts.TagView{Tone: tones[s.Band.Tone], Text: s.Band.Text(p.lang())}
		}
		was, err := p.before(s.Item.Codes, h.At)
		if err != nil {
			return nil, err
		}
		v.course(p, was, s.Value)
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b scoreView) int { return rank(b.Band.Tone) - rank(a.Band.Tone) })
	return out, nil
}

// rank puts what stands out first.
func rank(t parts.Tone) int {
	switch t {
	case parts.ToneDanger:
		return 2
	case parts.ToneWarn:
		return 1
	}
	return 0
}

// measured is one number of the record, and when it was.
type measured struct {
	value float64
	text  string
	at    time.Time
}

func (v *scoreView) course(p *paper, was []measured, now string) {
	x, err := strconv.ParseFloat(now, 64)
	if err != nil || len(was) == 0 {
		return
	}
	var said []string
	for i, m := range was {
		v.Values = append(v.Values, m.value)
		if i >= len(was)-mostBefore {
			said = append(said, p.a.P.BriefWas(p.a.P.Number(m.text), p.a.P.Short(p.a.Local(m.at))))
		}
	}
	v.Values = append(v.Values, x)
	slices.Reverse(said)
	v.Before = p.a.P.BriefBefore(strings.Join(said, ", "))
	v.Course = reading.CourseWord(p.a.P, reading.CourseOf(v.Values))
}

// before are the numbers of the same code that the record holds from before the form,
// the oldest first.
func (p *paper) before(codes []form.Answer, now time.Time) ([]measured, error) {
	var out []measured
	for _, c := range codes {
		if c.System == "" || c.Code == "" {
			continue
		}
		found, err := p.c.Find(p.a.Context(), "Observation", "code", searched(c.System)+"|"+searched(c.Code), "_sort", "-date", "_count", "30")
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			if m, ok := numberOf(x); ok && m.at.Before(now) && !strings.HasPrefix(x.ID, p.found.ID+"-") {
				out = append(out, m)
			}
		}
		if len(out) > 0 {
			break
		}
	}
	slices.SortFunc(out, func(a, b measured) int { return a.at.Compare(b.at) })
	return out[max(0, len(out)-12):], nil
}

// searched keeps the signs that have a meaning in a search value (FHIR R4 §3.1.1.4.1).
func searched(s string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `$`, `\$`, `|`, `\|`).Replace(s)
}

func numberOf(x record.Found) (measured, bool) {
	d, err := fhir.Parse(x.JSON)
	if err != nil {
		return measured{}, false
	}
	r := d.Root()
	m := measured{at: x.Time}
	if t := r.Get("effectiveDateTime").Time(); !t.IsZero() {
		m.at = t.At
	}
	for _, n := range []fhir.Node{r.Get("valueInteger"), r.Get("valueQuantity", "value"), r.Get("valueDecimal")} {
		if s := string(n.Raw()); s != "" {
			if m.value, err = strconv.ParseFloat(s, 64); err == nil {
				m.text = s
				return m, true
			}
		}
	}
	return m, false
}

// changes are the answers that were others when the form was handed in before, and when
// that was; what is stated is told apart.
func (p *paper) changes(h question.Head, all []claim) ([]changeView, string, error) {
	found, err := p.c.Find(p.a.Context(), response, "_sort", "-authored", "_count", "100")
	if err != nil {
		return nil, "", err
	}
	for _, x := range found {
		b := question.HeadOf(x)
		if x.ID == p.found.ID || b.Form != h.Form || !b.Given() || !b.At.Before(h.At) {
			continue
		}
		was, err := read(p.a, p.c, x)
		if errs.Is(err, errs.Gone) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		return p.against(was, all), p.a.P.Short(p.a.Local(b.At)), nil
	}
	return nil, "", nil
}

func (p *paper) against(was *paper, all []claim) []changeView {
	before := map[string]string{}
	for _, q := range was.sheet.Questions() {
		if !q.Another && !q.Display() {
			before[spot(q)] = was.answer(q)
		}
	}
	in := p.spokenIn(all)
	var out []changeView
	for _, q := range p.sheet.Questions() {
		if q.Another || q.Display() || q.ReadOnly || in[string(q.Place)] || in["in "+around(q)] {
			continue
		}
		now, then := p.answer(q), before[spot(q)]
		if now != then && (now != "" || then != "") {
			out = append(out, changeView{Question: q.Text(p.lang()), Was: then, Now: now})
		}
	}
	return out
}

func (p *paper) answer(q form.Question) string {
	if s := p.absent(q); s != "" {
		return s
	}
	if len(q.Answers) == 0 {
		return ""
	}
	return say(p, q)
}

// spot names a question so that it is found in another version of its form: by its linkId,
// and the instances it lies in.
func spot(q form.Question) string {
	s := q.Item.LinkID
	for _, l := range q.Trail {
		if l.Instance > 0 {
			s += "/" + l.Item.LinkID + " " + strconv.Itoa(l.Instance)
		}
	}
	return s
}
