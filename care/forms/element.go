package forms

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"rapport/errs"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// place is an element of a plan template: where it stands, and what it is.
type place struct {
	node *tree
	in   *tree
	name string // goal or action
	at   int
	sort sort
}

// sort is what an element of a template is.
type sort uint8

const (
	theHead sort = iota + 1
	aGoal
	aPhase
	aStep
	aRule
	theChange // the step as a rule would make it
)

// element finds an element by its address: head, g0, a1, a1.2.
func element(root *tree, at string) (place, bool) {
	if at == "head" {
		return place{node: root, sort: theHead}, true
	}
	if len(at) < 2 {
		return place{}, false
	}
	name := map[byte]string{'g': "goal", 'a': "action"}[at[0]]
	p := place{in: root, name: name, sort: aGoal}
	outer, inner, nested := strings.Cut(at[1:], ".")
	i, err := strconv.Atoi(outer)
	l := root.each(name)
	if err != nil || i < 0 || i >= len(l) {
		return place{}, false
	}
	p.node, p.at = l[i], i
	if name == "goal" {
		return p, !nested
	}
	rule := p.node.get("trigger") != nil
	if p.sort = aPhase; rule {
		p.sort = aRule
	}
	if !nested {
		return p, true
	}
	j, err := strconv.Atoi(inner)
	steps := p.node.each("action")
	if err != nil || j < 0 || j >= len(steps) {
		return place{}, false
	}
	p = place{node: steps[j], in: p.node, name: "action", at: j, sort: aStep}
	if rule {
		p.sort = theChange
	}
	return p, true
}

// said are the texts of an element.
type said struct{ title, about, why texts }

func (p place) read(base string) said {
	s := said{texts{}, texts{}, texts{}}
	if p.sort == aGoal {
		if n := p.node.get("description"); n != nil {
			s.title = readTexts(n, "text", base)
		}
		return s
	}
	s.title, s.about = readTexts(p.node, "title", base), readTexts(p.node, "description", base)
	if w := ext(p.node, whyURL); w != nil {
		s.why = readTexts(w, "valueString", base)
	}
	return s
}

func (p place) write(base string, was, now said) {
	if p.sort == aGoal {
		n := p.node.get("description")
		if n == nil {
			n = obj()
			p.node.set("description", n)
		}
		writeTexts(n, "text", base, "String", was.title, now.title)
		return
	}
	writeTexts(p.node, "title", base, "String", was.title, now.title)
	typ := "String"
	if p.sort == theHead {
		typ = "Markdown"
	}
	writeTexts(p.node, "description", base, typ, was.about, now.about)
	if !was.why.same(now.why) {
		w := ext(p.node, whyURL)
		if w == nil {
			w = obj(pair{"url", str(whyURL)})
			p.node.add("extension", w)
		}
		writeTexts(w, "valueString", base, "String", was.why, now.why)
		if !now.why.any() {
			setExt(p.node, whyURL, nil)
		}
	}
}

// expressions are the places in an element where an expression stands, in order.
func (p place) expressions() []*tree {
	var out []*tree
	if p.sort == theHead {
		for _, x := range p.node.each("extension") {
			if u := x.get("url").text(); u == hl7+"variable" || u == whenURL {
				out = append(out, x.get("valueExpression"))
			}
		}
		return slices.DeleteFunc(out, func(n *tree) bool { return n == nil })
	}
	for _, c := range p.node.each("condition") {
		out = append(out, c.get("expression"))
	}
	for _, x := range p.node.each("extension") {
		if u := x.get("url").text(); u == whenURL || u == "urn:rapport:each" {
			out = append(out, x.get("valueExpression"))
		}
	}
	return slices.DeleteFunc(out, func(n *tree) bool { return n == nil })
}

// elementView is the form of one element.
type elementView struct {
	Shell             shell.View
	P                 lang.Printer
	Head              headView
	Action            string
	Token             string
	At, ID            string
	Sort              sort
	Title, About, Why []tongue
	From, To          string
	Kinds             []parts.Option
	Often, Per        string
	Units             []parts.Option
	Goals             []parts.Option
	Exprs             []exprView
	NewExpr           string
	Leans             string
	Wrong             wrongs
	Changed           bool
	Refused           string
	First, Last       bool
}

// exprView is one expression, with its name if it has one.
type exprView struct{ N, Label, Text, Problem string }

func showElement(d *desk) (web.Answer, error) {
	p, root, err := d.paperPlan()
	if err != nil {
		return web.Answer{}, err
	}
	e, ok := element(root, d.Path("at"))
	if !ok {
		return web.Answer{}, errNone
	}
	return web.Page(elementPage(d.newElement(p, root, e, e.read(baseOf(root))))), nil
}

func (d *desk) newElement(p *paper, root *tree, e place, s said) *elementView {
	base := baseOf(root)
	v := &elementView{P: d.P, Head: d.head(p, ""), At: d.Path("at"), ID: e.node.get("id").text(), Sort: e.sort, Token: p.work().token()}
	v.Action = v.Head.Path + "/e/" + v.At
	v.Shell = d.frame(v.Head.Title)
	v.Title, v.About, v.Why = d.tongues(s.title, base, false), d.tongues(s.about, base, e.sort == theHead), d.tongues(s.why, base, false)
	for i, x := range e.expressions() {
		label := d.P.BuilderOnlyIf()
		if n := x.get("name").text(); n != "" {
			label = "%" + n
		} else if e.sort == theHead {
			label = d.P.BuilderAppliesRule()
		}
		v.Exprs = append(v.Exprs, exprView{N: "expr-" + strconv.Itoa(i), Label: label, Text: x.get("expression").text()})
	}
	v.Leans = e.node.get("definitionCanonical").text()
	v.From, v.To = e.node.get("timingRange", "low", "value").text(), e.node.get("timingRange", "high", "value").text()
	r := e.node.get("timingTiming", "repeat")
	v.Often, v.Per = r.get("frequency").text(), r.get("period").text()
	v.Units = choose(r.get("periodUnit").text(), [2]string{"", d.P.BuilderOftenOnce()}, [2]string{"d", d.P.BuilderUnitDays()}, [2]string{"wk", d.P.BuilderUnitWeeks()}, [2]string{"mo", d.P.BuilderUnitMonths()})
	var kinds [][2]string
	for _, k := range []string{"do", "take", "measure", "answer", "read", "book", "message"} {
		text, _ := d.stepKind(k)
		kinds = append(kinds, [2]string{k, text})
	}
	if kindOf(e.node) == "" { // what it leans on says it
		kinds = append([][2]string{{"", d.P.BuilderChoose()}}, kinds...)
	}
	v.Kinds = choose(kindOf(e.node), kinds...)
	for _, g := range root.each("goal") {
		id := g.get("id").text()
		chosen := slices.ContainsFunc(e.node.each("goalId"), func(x *tree) bool { return x.text() == id })
		v.Goals = append(v.Goals, parts.Option{Value: id, Text: d.goal(g, base).Title, Chosen: chosen})
	}
	if e.in != nil {
		v.First, v.Last = e.at == 0, e.at == len(e.in.each(e.name))-1
	}
	return v
}

// step reports that the element is a step, or what one would become.
func (v *elementView) step() bool { return v.Sort == aStep || v.Sort == theChange }

func saveElement(d *desk) (web.Answer, error) {
	p, root, err := d.paperPlan()
	if err != nil {
		return web.Answer{}, err
	}
	base := baseOf(root)
	e, ok := element(root, d.Path("at"))
	if !ok || e.node.get("id").text() != d.Form("id") {
		v := d.newPlan(p, root)
		v.Changed = true
		return web.Wrong(planPage(v)), nil
	}
	var w wrongs
	was := e.read(base)
	now := said{d.formTexts(&w, "title", was.title, base), was.about, was.why}
	if e.sort != aGoal && e.sort != aPhase {
		now.about = d.formTexts(&w, "about", was.about, base)
	}
	if e.sort != aGoal && e.sort != aPhase && e.sort != theHead {
		now.why = d.formTexts(&w, "why", was.why, base)
	}
	if now.title[base] == "" && was.title[base] != "" {
		w.add("title-"+base, d.P.BuilderBadText())
	}
	d.checkElement(e, &w)
	if w.any() {
		return d.elementAgain(p, root, e, now, w, d.Form("was"), nil)
	}
	q, err := d.change(aPlan, p.id, d.Form("was"), func(root *tree) error {
		x, ok := element(root, d.Path("at"))
		if !ok {
			return errMeanwhile
		}
		x.write(base, x.read(base), now)
		d.writeElement(x)
		return nil
	})
	if err == nil {
		return web.See(q.kind.path(q.id) + "?done=saved#e-" + d.Path("at")), nil
	}
	if q == nil {
		return web.Answer{}, err
	}
	root, perr := parse(q.work().json)
	if perr != nil {
		return web.Answer{}, perr
	}
	x, ok := element(root, d.Path("at"))
	if !ok || x.node.get("id").text() != d.Form("id") {
		v := d.newPlan(q, root)
		v.Changed = true
		return web.Wrong(planPage(v)), nil
	}
	return d.elementAgain(q, root, x, now, wrongs{}, q.work().token(), err)
}

// elementAgain shows what was typed, with what was wrong.
func (d *desk) elementAgain(p *paper, root *tree, e place, now said, w wrongs, token string, err error) (web.Answer, error) {
	v := d.newElement(p, root, e, now)
	v.Token, v.Wrong = token, w
	for i := range v.Exprs {
		x := &v.Exprs[i]
		x.Text, x.Problem = d.Form(x.N), w.of(x.N)
	}
	v.NewExpr = d.Form("expr-new")
	v.From, v.To = d.Form("from"), d.Form("to")
	v.Often, v.Per = d.Form("often"), d.Form("per")
	mark := func(os []parts.Option, chosen []string) {
		for i := range os {
			os[i].Chosen = slices.Contains(chosen, os[i].Value)
		}
	}
	mark(v.Units, d.FormAll("unit"))
	mark(v.Kinds, d.FormAll("kind"))
	mark(v.Goals, d.FormAll("goals"))
	switch {
	case err == nil:
	case errors.Is(err, errMeanwhile):
		v.Changed = true
	case errs.Is(err, errs.Invalid):
		v.Refused = reason(err)
	default:
		return web.Answer{}, err
	}
	return web.Wrong(elementPage(v)), nil
}

// checkElement says what is wrong with the numbers and expressions that were typed.
func (d *desk) checkElement(e place, w *wrongs) {
	for i := range e.expressions() {
		n := "expr-" + strconv.Itoa(i)
		if d.formExpr(n, w) == "" && e.sort == theHead {
			w.add(n, d.P.BuilderBadExpr(""))
		}
	}
	d.formExpr("expr-new", w)
	whole := func(name string, most int) int {
		s := d.Form(name)
		n, err := strconv.Atoi(s)
		if s != "" && (err != nil || n < 1 || n > most) {
			w.add(name, d.P.BuilderBadNumber())
		}
		return n
	}
	switch e.sort {
	case aPhase:
		from, to := whole("from", 520), whole("to", 520)
		if to > 0 && to < from {
			w.add("to", d.P.BuilderBadWeeks())
		}
	case aStep, theChange:
		whole("often", 24)
		whole("per", 52)
		if e.sort == aStep && len(d.FormAll("goals")) == 0 {
			w.add("goals", d.P.BuilderBadGoal())
		}
	}
}
