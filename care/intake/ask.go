package intake

import (
	"slices"
	"strconv"
	"strings"

	"rapport/fhir/form"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/question"
	"rapport/web/shell"
)

// askView is one question.
type askView struct {
	Shell   shell.View
	Flow    shell.FlowView
	P       lang.Printer
	At      string // this page
	Back    parts.Link
	Trail   string
	Stem    bool // the trail asks, and the title is one thing it asks about
	Title   string
	Said    []string // what was added already
	Notes   []string
	Help    []string
	Why     []string
	Draw    question.View
	Mark    string
	Review  bool     // it was come to from the review, and goes back there
	Met     *metView // it was answered on another device meanwhile
	Another bool
	Added   bool // the instance can be taken away again
	None    bool // it begins the only instance, and perhaps there is none
	Display bool
	Moved   bool // the form changed since it was begun
	Shifted bool // something was taken away on another device meanwhile

	Among, Card string // of the instance it lies in
}

// here is where the page sends its answer.
func (v askView) here() string {
	if v.Review {
		return v.At + "?from=review"
	}
	return v.At
}

// enough is what ends the asking for more.
func (v askView) enough() string {
	if v.Trail != "" && v.Title == v.P.IntakeAnother() {
		return v.P.IntakeEnough()
	}
	return v.P.IntakeNone()
}

// enctype is what a form with a file needs.
func (v askView) enctype() string {
	if v.Draw.Q.Item != nil && v.Draw.Q.Item.Type == "attachment" {
		return "multipart/form-data"
	}
	return "application/x-www-form-urlencoded"
}

// metView is what was said on another device.
type metView struct{ Theirs, Mine, Keep string }

// ask answers GET …/q/{at}.
func ask(a *web.Ask, c *record.Chart) (web.Answer, error) {
	f, err := open(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if f.done() {
		return web.See(f.base), nil
	}
	q, ok := f.sheet.Question(form.Place(a.Path("at")))
	if !ok || !askable(q) {
		return web.See(f.goOn()), nil
	}
	return web.Page(askPage(f.view(q))), nil
}

func (f *filling) view(q form.Question) askView {
	p, t := f.a.P, f.a.P.Tag().String()
	v := askView{P: p, At: f.at(q.Place), Title: q.Text(t), Mark: mark(q), Review: f.a.Query("from") == "review", Another: q.Another, Display: q.Display(), Moved: f.lost}
	v.Draw = question.View{P: p, Q: q, ID: "a", By: "ask"}
	v.Trail, v.Added = f.trail(q), len(q.Trail) > 0 && q.Trail[len(q.Trail)-1].Instance > 0
	v.Shifted, v.Among, v.Card = f.a.Query("shifted") != "", f.among(q), f.card(q)
	if q.Another {
		f.another(&v, q)
	}
	v.Stem = v.Added || q.Another || strings.HasSuffix(v.Trail, "?")
	for _, l := range q.Notes {
		v.Notes = append(v.Notes, l.Text(t))
	}
	v.Help, v.Why = texts(q.Item.Help, t), texts(q.Item.Why, t)
	if f.begins(q) {
		g := q.Trail[len(q.Trail)-1]
		v.None, v.Added = g.Instance == 1 && f.instances(g.Item, q.Trail) == 1, g.Instance > 1
		v.Help, v.Why = append(texts(g.Item.Help, t), v.Help...), append(texts(g.Item.Why, t), v.Why...)
	}
	var grave bool
	if v.Draw.Alarms, grave = f.alarming(q); len(v.Draw.Alarms) > 0 {
		v.Draw.Help = crisis(f.crisis(grave))
	}
	if to := f.before(q.Place); to != "" {
		v.Back = parts.Link{Text: p.IntakeBack(), Href: to}
	}
	if v.Review {
		v.Back = parts.Link{Text: p.IntakeReview(), Href: f.base + "/review"}
	}
	v.Shell, v.Flow = f.frame(v.Title, q)
	return v
}

// choices are what can be chosen, a yes and a no included.
func (f *filling) choices(q form.Question) []form.Option {
	if q.Item.Type == "boolean" {
		return []form.Option{{Value: form.Answer{Type: "boolean", Text: "true"}}, {Value: form.Answer{Type: "boolean", Text: "false"}}}
	}
	return q.Options
}

func texts(is []*form.Item, t string) []string {
	var out []string
	for _, i := range is {
		out = append(out, i.Text(t))
	}
	return out
}

// frame is what stands around a page of a form.
func (f *filling) frame(title string, q form.Question) (shell.View, shell.FlowView) {
	p := f.a.P
	v := f.a.Shell(title, "today")
	flow := shell.FlowView{Close: parts.Link{Text: p.IntakeClose(), Href: base(f.c)}, Saved: p.IntakeSaved()}
	var top *form.Item
	for i := q.Item; i != nil; i = i.Parent {
		top = i
	}
	all, n := 0, 0
	for _, x := range f.sheet.Questions() {
		if askable(x) {
			if all++; x.Place == q.Place && x.Another == q.Another {
				n = all
			}
		}
	}
	flow.Text = p.IntakeOf(max(n, 1), strconv.Itoa(all))
	now := false
	for _, s := range f.sheet.Progress().Sections {
		switch {
		case s.Item != nil && s.Item == top && !now:
			flow.Segs, now = append(flow.Segs, "now"), true
		case s.All > 0 && s.Done == s.All:
			flow.Segs = append(flow.Segs, "done")
		default:
			flow.Segs = append(flow.Segs, "todo")
		}
	}
	return v, flow
}

// answer answers POST …/q/{at}: one answer is saved, and the next question asked.
func answer(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return question.Again(func() (web.Answer, error) { return answerOnce(a, c) })
}

func answerOnce(a *web.Ask, c *record.Chart) (web.Answer, error) {
	f, err := open(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if f.done() {
		return web.See(f.base), nil
	}
	at := form.Place(a.Path("at"))
	q, ok := f.sheet.Question(at)
	if !ok || !askable(q) { // it was taken away, or is not asked any more
		if f.a.Form("a") != "" {
			return web.See(f.goOn() + "?shifted=1"), nil
		}
		return web.See(f.goOn()), nil
	}
	was := f.sheet.Alarms()
	f.given = at
	to, wrong, err := f.take(q)
	if err != nil {
		return web.Answer{}, err
	}
	if wrong != nil {
		return web.Wrong(askPage(*wrong)), nil
	}
	if err := f.keep(a.Context(), false, f.sheet.JSON(), nil); err != nil {
		return web.Answer{}, err
	}
	if to == "" {
		to = f.next(at)
	}
	if a.Query("from") == "review" && to != f.at(at) {
		to = f.base + "/review"
	}
	if raised(was, f.sheet.Alarms(), at) {
		return web.See(f.base + "/help?after=" + string(at)), nil
	}
	return web.See(to), nil
}

// raised reports that an answer at a place is one that somebody must see soon: also when
// it is given again, and not for what was said elsewhere.
func raised(was, is []form.Alarm, at form.Place) bool {
	return slices.ContainsFunc(is, func(x form.Alarm) bool {
		return x.Place == at || !slices.ContainsFunc(was, func(w form.Alarm) bool { return w.Item == x.Item && w.Place == x.Place })
	})
}

// take does what the page asked for: an answer, or why there is none. wrong is the page
// again, with what is to be put right; to is where to go on, if not to the next question.
func (f *filling) take(q form.Question) (to string, wrong *askView, err error) {
	if f.shifted(q) {
		typed := question.Read(question.Fields{All: f.a.FormAll, File: f.a.File}, "a", q)
		v := f.again(q, typed, "")
		v.Shifted = true
		return "", v, nil
	}
	switch f.a.Form("do") {
	case "decline":
		return f.absent(q, form.Declined)
	case "person":
		return f.absent(q, form.InPerson)
	case "add":
		at, err := f.sheet.Add(q.Place)
		return f.first(at), nil, err
	case "enough":
		return "", nil, f.sheet.Skip(q.Place, form.Skipped)
	case "remove":
		return f.goOn(), nil, f.sheet.Remove(instance(q))
	case "none":
		if !f.begins(q) { // something was said in it meanwhile
			return f.at(q.Place), nil, nil
		}
		return f.without(q)
	}
	if q.Display() {
		return "", nil, f.sheet.Skip(q.Place, form.Skipped)
	}
	typed := question.Read(question.Fields{All: f.a.FormAll, File: f.a.File}, "a", q)
	answers, _, ok := q.Read(typed...)
	if !ok {
		return "", f.again(q, typed, question.Unread(f.a.P, q)), nil
	}
	if f.met(q) && !same(answers, q.Answers) {
		return "", f.between(q, typed, answers), nil
	}
	if len(answers) == 0 {
		if q.Required {
			return "", f.again(q, typed, f.a.P.QuestionWrongRequired()), nil
		}
		if f.begins(q) {
			return f.without(q) // one without a name is none
		}
		return "", nil, f.sheet.Skip(q.Place, form.Skipped)
	}
	issues, err := f.sheet.Set(q.Place, answers)
	if err != nil {
		return "", nil, err
	}
	if i := slices.IndexFunc(issues, func(i form.Issue) bool { return !i.Warning }); i >= 0 {
		return "", f.again(q, typed, question.Wrong(f.a.P, issues[i])), nil
	}
	return "", nil, nil
}

// absent says why there is no answer; what was said on another device meanwhile is not
// taken away by that.
func (f *filling) absent(q form.Question, why form.Absence) (to string, wrong *askView, err error) {
	if f.met(q) && len(q.Answers) > 0 {
		v := f.view(q)
		v.Met = &metView{Theirs: question.Say(f.a.P, q), Keep: f.next(q.Place)}
		return "", &v, nil
	}
	return "", nil, f.sheet.Skip(q.Place, why)
}

// met reports that a question was answered since the page was shown.
func (f *filling) met(q form.Question) bool {
	m := f.a.Form("was")
	return m != "" && m != mark(q)
}

// between asks which of two holds: what was said on another device, or what is said here.
func (f *filling) between(q form.Question, typed []form.Typed, answers []form.Answer) *askView {
	v := f.again(q, typed, "")
	v.Met = &metView{Theirs: question.Say(f.a.P, q), Keep: f.next(q.Place)}
	q.Answers, q.Absent = answers, 0
	v.Met.Mine = question.Say(f.a.P, q)
	return v
}

// again is the page with what was typed and what is wrong with it.
func (f *filling) again(q form.Question, typed []form.Typed, problem string) *askView {
	v := f.view(q)
	v.Draw.Problem = problem
	if v.Draw.Typed = typed; typed == nil {
		v.Draw.Typed = []form.Typed{}
	}
	return &v
}

func same(a, b []form.Answer) bool {
	return slices.EqualFunc(a, b, form.Answer.Is)
}
