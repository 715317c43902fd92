package forms

import (
	"strconv"
	"strings"

	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// planView is a plan template as rules that can be read.
type planView struct {
	Shell    shell.View
	P        lang.Printer
	Head     headView
	Token    string
	About    string
	When     string
	Named    []parts.Fact // what is given a name before anything is tried
	Goals    []pieceView
	Phases   []phaseView
	Rules    []pieceView
	Weeks    []string
	Last     int
	Problems []string
	Changed  bool
	Wrong    string
}

// pieceView is a goal, a step or a rule.
type pieceView struct {
	At, Title, Text string
	Why             string
	Kind, Often     string
	Icon            string
	Goals           []string
	When            []string // expressions
	Said            string   // a rule as a sentence
}

// phaseView is a phase on the line of weeks.
type phaseView struct {
	pieceView
	Span  string // its place on the line, as classes
	Weeks string
	Steps []pieceView
}

// weeksMost is how many weeks the line shows; what is later stands at its end.
const weeksMost = 26

// paperPlan finds the template a page is about.
func (d *desk) paperPlan() (*paper, *tree, error) {
	p, err := d.paper(aPlan, d.Path("id"))
	if err != nil {
		return nil, nil, err
	}
	root, err := parse(p.work().json)
	return p, root, err
}

func showPlan(d *desk) (web.Answer, error) {
	p, root, err := d.paperPlan()
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(planPage(d.newPlan(p, root))), nil
}

func (d *desk) newPlan(p *paper, root *tree) *planView {
	w, base, t := p.work(), baseOf(root), d.reader()
	v := &planView{P: d.P, Head: d.head(p, ""), Token: w.token(), When: expression(root, whenURL), About: readTexts(root, "description", base).in(t, base)}
	v.Shell = d.frame(v.Head.Title)
	for _, x := range root.each("extension") {
		if x.get("url").text() == hl7+"variable" {
			e := x.get("valueExpression")
			v.Named = append(v.Named, parts.Fact{Term: "%" + e.get("name").text(), Text: e.get("expression").text()})
		}
	}
	for _, x := range w.plan.Problems() {
		v.Problems = append(v.Problems, x.String())
	}
	goals := map[string]string{}
	for i, g := range root.each("goal") {
		x := d.goal(g, base)
		x.At = "g" + strconv.Itoa(i)
		goals[g.get("id").text()] = x.Title
		v.Goals = append(v.Goals, x)
	}
	steps := map[string]string{}
	for i, a := range root.each("action") {
		at := "a" + strconv.Itoa(i)
		if a.get("trigger") != nil {
			continue
		}
		ph := phaseView{pieceView: pieceView{At: at, Title: readTexts(a, "title", base).in(t, base)}}
		from, to := weeksOf(a)
		v.Last = max(v.Last, from, to)
		for j, s := range a.each("action") {
			x := d.step(s, goals, base)
			x.At = at + "." + strconv.Itoa(j)
			steps[s.get("id").text()] = x.Title
			ph.Steps = append(ph.Steps, x)
		}
		v.Phases = append(v.Phases, ph)
	}
	v.line(d, root)
	for i, a := range root.each("action") {
		if a.get("trigger") != nil {
			x := d.rule(a, steps, base)
			x.At = "a" + strconv.Itoa(i)
			v.Rules = append(v.Rules, x)
		}
	}
	return v
}

// line puts the phases on the weeks.
func (v *planView) line(d *desk, root *tree) {
	v.Last = min(max(v.Last, 4), weeksMost)
	for n := 1; n <= v.Last; n++ {
		v.Weeks = append(v.Weeks, strconv.Itoa(n))
	}
	i := 0
	for _, a := range root.each("action") {
		if a.get("trigger") != nil {
			continue
		}
		from, to := weeksOf(a)
		ph := &v.Phases[i]
		i++
		switch {
		case from == 0 && to == 0:
			ph.Weeks = d.P.BuilderWeeksAll()
			from, to = 1, v.Last
		case to == 0:
			ph.Weeks = d.P.BuilderWeeksFrom(from)
			to = v.Last
		case from == to:
			ph.Weeks = d.P.BuilderWeek(from)
		default:
			ph.Weeks = d.P.BuilderWeeks(number(from), number(to))
		}
		from = min(max(from, 1), v.Last)
		to = min(max(to, from), v.Last)
		ph.Span = "wk-" + strconv.Itoa(from) + " wt-" + strconv.Itoa(to+1)
	}
}

func weeksOf(a *tree) (from, to int) {
	from, _ = strconv.Atoi(a.get("timingRange", "low", "value").text()) //nolint:errcheck // none is 0
	to, _ = strconv.Atoi(a.get("timingRange", "high", "value").text())  //nolint:errcheck // none is 0
	return from, to
}

func (d *desk) goal(g *tree, base string) pieceView {
	t := d.reader()
	x := pieceView{Icon: "flag"}
	if n := g.get("description"); n != nil {
		x.Title = readTexts(n, "text", base).in(t, base)
	}
	for _, tg := range g.each("target") {
		var s string
		if m := tg.get("measure"); m != nil {
			s = readTexts(m, "text", base).in(t, base)
		}
		lo, hi := tg.get("detailRange", "low", "value").text(), tg.get("detailRange", "high", "value").text()
		unit := tg.get("detailRange", "high", "unit").text()
		switch {
		case lo != "" && hi != "":
			s += " " + d.P.Number(lo) + "–" + d.P.Number(hi) + " " + unit
		case hi != "":
			s += " ≤ " + d.P.Number(hi) + " " + unit
		case lo != "":
			s += " ≥ " + d.P.Number(lo) + " " + tg.get("detailRange", "low", "unit").text()
		}
		if c := tg.get("detailCodeableConcept"); c != nil {
			s += " " + readTexts(c, "text", base).in(t, base)
		}
		if n := tg.get("due", "value").text(); n != "" {
			s += ", " + d.P.BuilderDue(d.P.Number(n), d.unit(tg.get("due", "unit").text()))
		}
		if x.Text != "" {
			x.Text += " · "
		}
		x.Text += strings.TrimSpace(strings.TrimPrefix(s, ","))
	}
	for _, u := range []string{whenURL, "urn:rapport:each"} {
		if e := expression(g, u); e != "" {
			x.When = append(x.When, e)
		}
	}
	return x
}

func (d *desk) step(s *tree, goals map[string]string, base string) pieceView {
	t := d.reader()
	x := pieceView{Title: readTexts(s, "title", base).in(t, base), Text: readTexts(s, "description", base).in(t, base)}
	if w := ext(s, whyURL); w != nil {
		x.Why = readTexts(w, "valueString", base).in(t, base)
	}
	x.Kind, x.Icon = d.stepKind(kindOf(s))
	x.Often = d.often(s)
	for _, g := range s.each("goalId") {
		if n := goals[g.text()]; n != "" {
			x.Goals = append(x.Goals, n)
		}
	}
	if x.Title == "" {
		x.Title = s.get("definitionCanonical").text()
	}
	x.When = conditionsOf(s)
	return x
}

// conditionsOf are the expressions on which an element hangs.
func conditionsOf(n *tree) []string {
	var out []string
	for _, c := range n.each("condition") {
		if e := c.get("expression", "expression").text(); e != "" {
			out = append(out, e)
		}
	}
	for _, u := range []string{whenURL, "urn:rapport:each"} {
		if e := expression(n, u); e != "" {
			out = append(out, e)
		}
	}
	return out
}

func kindOf(s *tree) string {
	for _, c := range s.each("code") {
		for _, k := range c.each("coding") {
			if k.get("system").text() == "urn:rapport:step" {
				return k.get("code").text()
			}
		}
	}
	return ""
}

func (d *desk) stepKind(k string) (text, icon string) {
	p := d.P
	switch k {
	case "take":
		return p.BuilderStepTake(), "pill"
	case "do":
		return p.BuilderStepDo(), "check-circle"
	case "read":
		return p.BuilderStepRead(), "library"
	case "answer":
		return p.BuilderStepAnswer(), "forms"
	case "measure":
		return p.BuilderStepMeasure(), "activity"
	case "book":
		return p.BuilderStepBook(), "calendar-plus"
	case "message":
		return p.BuilderStepMessage(), "message"
	}
	return "", "circle"
}

// often says how often a step is to be done.
func (d *desk) often(s *tree) string {
	r := s.get("timingTiming", "repeat")
	if r == nil {
		return d.P.BuilderOftenOnce()
	}
	f, per := max(atoi(r.get("frequency").text()), 1), max(atoi(r.get("period").text()), 1)
	var out string
	switch unit := r.get("periodUnit").text(); {
	case unit == "d" && per == 1 && f == 1:
		out = d.P.BuilderOftenDaily()
	case unit == "d" && per == 1:
		out = d.P.BuilderOftenDay(f)
	case unit == "d":
		out = d.P.BuilderOftenDays(per)
	case unit == "wk" && per == 1:
		out = d.P.BuilderOftenWeek(f)
	case unit == "wk":
		out = d.P.BuilderOftenWeeks(per)
	case unit == "mo" && per == 1:
		out = d.P.BuilderOftenMonth(f)
	case unit == "mo":
		out = d.P.BuilderOftenMonths(per)
	default:
		out = d.P.BuilderOftenOnce()
	}
	return out
}

// unit is a unit of the calendar in words.
func (d *desk) unit(s string) string {
	switch s {
	case "d", "day", "days":
		return d.P.BuilderUnitDays()
	case "wk", "week", "weeks":
		return d.P.BuilderUnitWeeks()
	case "mo", "month", "months":
		return d.P.BuilderUnitMonths()
	}
	return s
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// rule says an adapting rule as a sentence.
func (d *desk) rule(a *tree, steps map[string]string, base string) pieceView {
	t, p := d.reader(), d.P
	x := pieceView{Title: readTexts(a, "title", base).in(t, base), Icon: "refresh", When: conditionsOf(a)}
	if w := ext(a, whyURL); w != nil {
		x.Why = readTexts(w, "valueString", base).in(t, base)
	}
	var on []string
	for _, tr := range a.each("trigger") {
		on = append(on, map[string]string{"missed": p.BuilderOnMissed(), "result": p.BuilderOnResult(), "answer": p.BuilderOnAnswer(), "date": p.BuilderOnDate()}[tr.get("name").text()])
	}
	about, becomes, what := "", "", ""
	for _, r := range a.each("relatedAction") {
		about = steps[r.get("actionId").text()]
	}
	for _, n := range a.each("action") {
		becomes = readTexts(n, "title", base).in(t, base)
	}
	for _, c := range a.get("type").each("coding") {
		what = c.get("code").text()
	}
	switch {
	case what == "remove":
		x.Said = p.BuilderRuleRemove(p.And(on), about)
	case what == "create":
		x.Said = p.BuilderRuleCreate(p.And(on), becomes)
	case becomes == "":
		x.Said = p.BuilderRuleChange(p.And(on), about)
	default:
		x.Said = p.BuilderRuleUpdate(p.And(on), about, becomes)
	}
	return x
}
