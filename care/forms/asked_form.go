package forms

import (
	"slices"
	"strconv"
	"strings"

	"rapport/fhir/form"
	"rapport/fhir/path"
	"rapport/lang"
	"rapport/web/parts"
)

// The most a text may have, in letters, and a list in entries.
const (
	textMost      = 4000
	optionsMost   = 300
	conditionMost = 60
)

// wrongs is what is wrong with a form, by field, in the order of the form.
type wrongs struct {
	fields []string
	words  map[string]string
}

func (w *wrongs) add(field, text string) {
	if w.words == nil {
		w.words = map[string]string{}
	}
	if _, twice := w.words[field]; !twice {
		w.fields, w.words[field] = append(w.fields, field), text
	}
}

func (w *wrongs) of(field string) string { return w.words[field] }

func (w *wrongs) any() bool { return len(w.fields) > 0 }

func (w *wrongs) list() []parts.FieldProblem {
	var out []parts.FieldProblem
	for _, f := range w.fields {
		out = append(out, parts.FieldProblem{ID: f, Text: w.words[f]})
	}
	return out
}

// formTexts reads a text in every language. A language that is not on the page stays.
func (d *desk) formTexts(w *wrongs, name string, was texts, base string) texts {
	out := texts{}
	for k, v := range was {
		out[k] = v
	}
	for _, t := range d.languages(base) {
		code := t.String()
		out[code] = strings.ReplaceAll(d.Form(name+"-"+code), "\r\n", "\n")
		if out[code] == strings.TrimSpace(was[code]) {
			out[code] = was[code] // what a browser trims was not changed by anybody
		}
		if len([]rune(out[code])) > textMost {
			w.add(name+"-"+code, d.P.BuilderBadLong())
		}
	}
	return out
}

// formAsked reads the form of a question over the question as it is.
func (d *desk) formAsked(was asked, base string) (asked, wrongs) {
	var w wrongs
	a := was
	a.Text = d.formTexts(&w, "text", was.Text, base)
	a.Help = d.formTexts(&w, "help", was.Help, base)
	a.Why = d.formTexts(&w, "why", was.Why, base)
	if t := d.Form("type"); slices.Contains(types, t) || t == was.Type {
		a.Type = t
	}
	if a.Text[base] == "" && was.Text[base] != "" { // what never had words is a fixed value
		w.add("text-"+base, d.P.BuilderBadText())
	}
	a.Required, a.Repeats = d.Form("required") != "", d.Form("repeats") != ""
	d.formBounds(&a, &w)
	if d.Form("has-options") != "" {
		a.Options = d.formOptions(was, base, &w)
	}
	a.settle(base)
	d.formConditions(&a, &w)
	d.formAlarm(&a, was, base, &w)
	a.Definition = d.Form("definition")
	if a.answered() {
		a.Extract = d.Form("extract") != ""
	}
	a.Code, a.Name = d.Form("code"), d.Form("code-name")
	if was.Code == "" && a.System == "" && a.Code != "" {
		a.System = "http://loinc.org"
	}
	if a.Extract && a.Code == "" {
		w.add("code", d.P.BuilderBadCode())
	}
	if d.Form("has-calculated") != "" {
		a.Calculated = d.formExpr("calculated", &w)
	}
	return a, w
}

func (d *desk) formBounds(a *asked, w *wrongs) {
	count := func(name string) string {
		s := d.Form(name)
		if n, err := strconv.Atoi(s); s != "" && (err != nil || n < 0 || n > 1<<20) {
			w.add(name, d.P.BuilderBadNumber())
		}
		return s
	}
	if a.worded() {
		a.MinLength, a.Most = count("least-length"), count("most-length")
	}
	bound := func(name string) string {
		s := d.Form(name)
		if s == "" || a.dated() {
			return s
		}
		n, ok := form.Number(s)
		if !ok || a.Type == "integer" && strings.Contains(n, ".") {
			w.add(name, d.P.BuilderBadNumber())
			return s
		}
		return n
	}
	if a.counts() || a.dated() {
		a.Min, a.Max = bound("min"), bound("max")
	}
	if a.counts() {
		had := a.UnitText
		a.Unit, a.UnitText = d.Form("unit"), d.Form("unit-text")
		if a.Unit == "" && a.UnitText != had {
			a.Unit = a.UnitText
		}
	}
}

// formOptions reads the options in the order of the page. One without words is left out
// if it is new.
func (d *desk) formOptions(was asked, base string, w *wrongs) []option {
	n, err := strconv.Atoi(d.Form("options"))
	if err != nil || n < 0 || n > optionsMost {
		w.add("opt-0-"+base, d.P.BuilderBadMany(strconv.Itoa(optionsMost)))
		return was.Options
	}
	var out []option
	codes := map[string]bool{}
	for i := range n {
		f := "opt-" + strconv.Itoa(i)
		o := option{Text: texts{}}
		if k := d.Form(f + "-key"); k != "" {
			if j := slices.IndexFunc(was.Options, func(x option) bool { return x.Key == k }); j >= 0 {
				o = was.Options[j]
			}
		}
		o.Text = d.formTexts(w, f, o.Text, base)
		o.Score = strings.ReplaceAll(d.Form(f+"-score"), ",", ".")
		o.Exclusive, o.Alarm = d.Form(f+"-alone") != "", d.Form(f+"-alarm") != ""
		if o.Key == "" {
			o.Code = d.Form(f + "-code")
		}
		if o.Key == "" && !o.Text.any() && o.Code == "" && d.Form("do") != "option-add" {
			continue
		}
		if o.Score != "" && !isNumber(o.Score) {
			w.add(f+"-score", d.P.BuilderBadNumber())
		}
		if o.Text[base] == "" && o.words(base, base) == "" && d.Form("do") == "save" {
			w.add(f+"-"+base, d.P.BuilderBadText())
		}
		if c := o.System + "|" + o.Code; o.Code != "" {
			if codes[c] {
				w.add(f+"-"+base, d.P.BuilderBadTwice())
			}
			codes[c] = true
		}
		out = append(out, o)
	}
	return out
}

func (d *desk) formConditions(a *asked, w *wrongs) {
	a.Any = d.Form("any") != "all"
	n, err := strconv.Atoi(d.Form("conditions"))
	if err != nil || n < 0 || n > conditionMost {
		return
	}
	a.Conditions = nil
	for i := range n {
		f := "if-" + strconv.Itoa(i)
		c := condition{Key: d.Form(f + "-key"), Question: d.Form(f), Op: d.Form(f + "-op"), Value: d.Form(f + "-value")}
		if c.Op == "" {
			c.Op = "="
		}
		if !slices.ContainsFunc(ops, func(o struct {
			name    string
			ordered bool
		}) bool {
			return o.name == c.Op
		}) {
			continue
		}
		if d.Form("do") == "save" && c.Question != "" && c.valued() && c.Value == "" {
			w.add(f+"-value", d.P.BuilderBadValue())
		}
		if c.Question != "" || d.Form("do") != "save" {
			a.Conditions = append(a.Conditions, c)
		}
	}
	if d.Form("has-when") != "" {
		a.When = d.formExpr("when", w)
	}
}

// formExpr reads an expression, and says where it cannot be read.
func (d *desk) formExpr(name string, w *wrongs) string {
	s := d.Form(name)
	if s == "" {
		return ""
	}
	if _, err := path.Compile(s); err != nil {
		w.add(name, d.P.BuilderBadExpr(reason(err)))
	}
	return s
}

func (d *desk) formAlarm(a *asked, was asked, base string, w *wrongs) {
	if d.Form("has-alarm-expr") == "" {
		return
	}
	m := &a.Alarm
	m.Text = d.formTexts(w, "alarm-text", was.Alarm.Text, base)
	m.Level = d.Form("alarm")
	if m.Level != "crisis" && m.Level != "urgent" && m.Level != was.Alarm.Level {
		m.Level = ""
	}
	m.Yes, m.No = d.Form("alarm-yes") != "", d.Form("alarm-no") != ""
	if m.From = d.Form("alarm-from"); m.From != "" {
		n, ok := form.Number(m.From)
		if !ok {
			w.add("alarm-from", d.P.BuilderBadNumber())
		}
		m.From = n
	}
	m.Expr = d.formExpr("alarm-expr", w)
	if m.Expr == was.Alarm.Expr && a.ticks() != was.ticks() {
		m.Expr = a.expr()
	}
	if m.Level != "" && m.Expr == "" && d.Form("do") == "save" {
		w.add("alarm", d.P.BuilderBadAlarm())
	}
	if m.Level != "" && m.Text[base] == "" && d.Form("do") == "save" {
		w.add("alarm-text-"+base, d.P.BuilderBadText())
	}
}

// isNumber reports digits as JSON has them.
func isNumber(s string) bool {
	n, ok := form.Number(s)
	return ok && n == s
}

// tongue is a field in one language: what there is to say about its words.
type tongue struct {
	Tag   lang.Tag
	Value string
	Hints []string
}
