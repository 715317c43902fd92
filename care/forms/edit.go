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

// editView is the form of one item.
type editView struct {
	Shell    shell.View
	P        lang.Printer
	Head     headView
	Action   string
	Token    string
	Base     string
	A        asked
	Number   string
	Wrong    wrongs
	Changed  bool
	Refused  string
	Text     []tongue
	Help     []tongue
	Why      []tongue
	AlarmIn  []tongue
	Options  []optionView
	Ifs      []ifView
	Phone    phoneView
	Expanded bool // the folds stand open, because something in them is to be put right
}

// optionView is an option in its languages.
type optionView struct {
	option
	N       string
	In      []tongue
	Problem string
}

// ifView is one condition with what it can be made of.
type ifView struct {
	condition
	N         string
	Said      string
	Questions []parts.Option
	Ops       []parts.Option
	Values    []parts.Option // of a choice; otherwise it is typed
	Number    bool
	Problem   string
}

func showQuestion(d *desk) (web.Answer, error) {
	p, root, err := d.paperForm()
	if err != nil {
		return web.Answer{}, err
	}
	all := spots(root)
	n, err := strconv.Atoi(d.Path("n"))
	if err != nil || n < 0 || n >= len(all) {
		return web.Answer{}, errNone
	}
	base := baseOf(root)
	return web.Page(editPage(d.newEdit(p, root, all, all[n], readAsked(all[n].item, base), wrongs{}))), nil
}

func (d *desk) newEdit(p *paper, root *tree, all []*spot, s *spot, a asked, w wrongs) *editView {
	base := baseOf(root)
	v := &editView{P: d.P, Head: d.head(p, ""), Base: base, A: a, Wrong: w, Number: strconv.Itoa(s.number), Token: p.work().token(), Expanded: w.any()}
	v.Action = v.Head.Path + "/q/" + v.Number
	v.Shell = d.frame(v.Head.Title, "js/builder.js")
	official := a.Official != ""
	v.Text, v.Help, v.Why, v.AlarmIn = d.tongues(a.Text, base, official), d.tongues(a.Help, base, false), d.tongues(a.Why, base, false), d.tongues(a.Alarm.Text, base, false)
	for i, o := range a.Options {
		n := strconv.Itoa(i)
		x := optionView{option: o, N: n, In: d.tongues(o.Text, base, official), Problem: w.of("opt-" + n + "-score")}
		v.Options = append(v.Options, x)
	}
	about := aboutIn(byLink(all), base)
	for i, c := range a.Conditions {
		v.Ifs = append(v.Ifs, d.newIf(i, c, all, s, about, base, &w))
	}
	shown := s.item.copied()
	before := readAsked(s.item, base)
	before.write(root, shown, a, about, base)
	v.Phone = d.phone(root, shown, base)
	v.Phone.When = sayWhen(d.P, &a, about, base)
	return v
}

// nearMost is how many questions before an item a condition can be about.
const nearMost = 100

func (d *desk) newIf(i int, c condition, all []*spot, me *spot, about func(string) *asked, base string, w *wrongs) ifView {
	n := strconv.Itoa(i)
	v := ifView{condition: c, N: n, Problem: w.of("if-" + n + "-value")}
	a := about(c.Question)
	if c.Question != "" {
		v.Said = sayCondition(d.P, c, a, base)
	}
	v.Questions = []parts.Option{{Value: "", Text: d.P.BuilderChoose(), Chosen: c.Question == ""}}
	known := false
	for _, s := range all[max(0, me.number-nearMost):me.number] {
		x := readAsked(s.item, base)
		if !x.answered() {
			continue
		}
		chosen := s.link() == c.Question
		known = known || chosen
		v.Questions = append(v.Questions, parts.Option{Value: s.link(), Text: short(x.Text.in(d.reader(), base), 70), Chosen: chosen})
	}
	if !known && c.Question != "" {
		text := c.Question
		if a != nil && a.Text.any() {
			text = short(a.Text.in(d.reader(), base), 70)
		}
		v.Questions = append(v.Questions, parts.Option{Value: c.Question, Text: text, Chosen: true})
	}
	v.ways(d.P, a, base, d.reader())
	return v
}

// ways are the ways to compare with a question, and the values to compare with.
func (v *ifView) ways(p lang.Printer, a *asked, base, reader string) {
	said := map[string]string{"=": p.BuilderOpIs(), "!=": p.BuilderOpNot(), ">": p.BuilderOpMore(), ">=": p.BuilderOpLeast(), "<": p.BuilderOpLess(), "<=": p.BuilderOpMost(), "answered": p.BuilderOpAnswered(), "open": p.BuilderOpOpen()}
	for _, o := range ops {
		if !o.ordered || a == nil || a.counts() || a.dated() || v.Op == o.name {
			v.Ops = append(v.Ops, parts.Option{Value: o.name, Text: said[o.name], Chosen: v.Op == o.name})
		}
	}
	if a == nil {
		return
	}
	v.Number = a.counts()
	var vs [][2]string
	if a.Type == "boolean" {
		vs = [][2]string{{"true", p.QuestionYes()}, {"false", p.QuestionNo()}}
	}
	for _, o := range a.Options {
		vs = append(vs, [2]string{o.value(base), o.words(reader, base)})
	}
	if len(vs) > 0 {
		v.Values = choose(v.Value, append([][2]string{{"", p.BuilderChoose()}}, vs...)...)
	}
}

func saveQuestion(d *desk) (web.Answer, error) {
	p, root, err := d.paperForm()
	if err != nil {
		return web.Answer{}, err
	}
	n, err := strconv.Atoi(d.Path("n"))
	if err != nil {
		return web.Answer{}, errNone
	}
	all := spots(root)
	s, ok := find(all, n, d.Form("link"))
	if !ok { // somebody took it out meanwhile
		v := d.newForm(p, root, "", "")
		v.Changed = true
		return web.Wrong(formPage(v)), nil
	}
	base := baseOf(root)
	a, w := d.formAsked(readAsked(s.item, base), base)
	if what := d.Form("do"); what != "save" {
		if what == "preview" && d.Fragment {
			return web.Page(phonePart(d.newEdit(p, root, all, s, a, wrongs{}).Phone)), nil
		}
		a.rearrange(what)
		v := d.newEdit(p, root, all, s, a, w)
		v.Token = d.Form("was") // what is kept is not looked at yet
		return web.Page(editPage(v)), nil
	}
	if w.any() {
		v := d.newEdit(p, root, all, s, a, w)
		v.Token = d.Form("was")
		return web.Wrong(editPage(v)), nil
	}
	return d.keepQuestion(s, a)
}

func (d *desk) keepQuestion(s *spot, a asked) (web.Answer, error) {
	q, err := d.change(aForm, d.Path("id"), d.Form("was"), func(root *tree) error {
		all := spots(root)
		x, ok := find(all, s.number, s.link())
		if !ok {
			return errMeanwhile
		}
		base := baseOf(root)
		was := readAsked(x.item, base)
		was.write(root, x.item, a, aboutIn(byLink(all), base), base)
		return nil
	})
	if err == nil {
		to := q.kind.path(q.id) + "?done=saved"
		if root, err := parse(q.work().json); err == nil {
			if x, ok := find(spots(root), -1, s.link()); ok {
				n := strconv.Itoa(x.number)
				to += "&q=" + n + "#i-" + n
			}
		}
		return web.See(to), nil
	}
	if q == nil {
		return web.Answer{}, err
	}
	root, perr := parse(q.work().json)
	if perr != nil {
		return web.Answer{}, perr
	}
	all := spots(root)
	x, ok := find(all, s.number, s.link())
	if !ok {
		v := d.newForm(q, root, "", "")
		v.Changed = true
		return web.Wrong(formPage(v)), nil
	}
	v := d.newEdit(q, root, all, x, a, wrongs{})
	switch {
	case errors.Is(err, errMeanwhile):
		v.Changed = true
	case errs.Is(err, errs.Invalid):
		v.Refused, v.Expanded = reason(err), true
	default:
		return web.Answer{}, err
	}
	return web.Wrong(editPage(v)), nil
}

// rearrange does to what was typed what a button of the page says; nothing is kept yet.
func (a *asked) rearrange(what string) {
	name, at, _ := strings.Cut(what, ":")
	i, err := strconv.Atoi(at)
	if err != nil {
		i = -1
	}
	switch {
	case name == "option-add" && len(a.Options) < optionsMost:
		a.Options = append(a.Options, option{Kind: "Coding", Text: texts{}})
	case name == "option-up" && i > 0 && i < len(a.Options):
		a.Options[i-1], a.Options[i] = a.Options[i], a.Options[i-1]
	case name == "option-down" && i >= 0 && i < len(a.Options)-1:
		a.Options[i+1], a.Options[i] = a.Options[i], a.Options[i+1]
	case name == "option-drop" && i >= 0 && i < len(a.Options):
		a.Options = slices.Delete(slices.Clone(a.Options), i, i+1)
	case name == "if-add" && len(a.Conditions) < conditionMost:
		a.Conditions = append(a.Conditions, condition{Op: "="})
	case name == "if-drop" && i >= 0 && i < len(a.Conditions):
		a.Conditions = slices.Delete(slices.Clone(a.Conditions), i, i+1)
	}
}

// typeOptions are the kinds of question in words.
func (v *editView) typeOptions() []parts.Option {
	p := v.P
	said := map[string]string{"choice": p.BuilderTypeChoice(), "open-choice": p.BuilderTypeOpen(), "boolean": p.BuilderTypeYesno(), "string": p.BuilderTypeLine(), "text": p.BuilderTypeText(), "integer": p.BuilderTypeInteger(), "decimal": p.BuilderTypeDecimal(), "quantity": p.BuilderTypeQuantity(), "date": p.BuilderTypeDate(), "dateTime": p.BuilderTypeMoment(), "time": p.BuilderTypeTime(), "url": p.BuilderTypeUrl(), "attachment": p.BuilderTypeFile(), "group": p.BuilderTypeGroup(), "display": p.BuilderTypeDisplay()}
	var vs [][2]string
	for _, t := range types {
		vs = append(vs, [2]string{t, said[t]})
	}
	return choose(v.A.Type, vs...)
}

// becomes says in words what an answer becomes in the record.
func (v *editView) becomes() string {
	p := v.P
	typ := v.A.Context
	if typ == "" {
		_, typ, _ = strings.Cut(v.A.Definition, "#")
		typ, _, _ = strings.Cut(typ, ".")
	}
	switch {
	case v.A.Extract:
		return p.BuilderBecomesResult()
	case strings.HasPrefix(typ, "Condition"):
		return p.BuilderBecomesCondition()
	case strings.HasPrefix(typ, "Medication"):
		return p.BuilderBecomesMedicine()
	case strings.HasPrefix(typ, "Allergy"):
		return p.BuilderBecomesAllergy()
	case strings.HasPrefix(typ, "FamilyMember"):
		return p.BuilderBecomesRelative()
	case typ != "":
		return p.BuilderBecomesOther(typ)
	}
	return p.BuilderBecomesNothing()
}
