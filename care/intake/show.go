package intake

import (
	"slices"
	"strconv"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/question"
	"rapport/web/shell"
)

// listView is every form of a client: what to fill in, and what was handed in.
type listView struct {
	Shell   shell.View
	P       lang.Printer
	Action  string
	Open    []openView
	Given   []parts.RowView
	Flash   parts.FlashView
	Nothing bool
}

// openView is a form to fill in.
type openView struct {
	Title, For, Time string
	Form             string // to begin it
	Href             string // to go on
	Done             parts.TallyView
}

// list answers GET …/forms.
func list(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ctx, p, t := a.Context(), a.P, a.P.Tag().String()
	v := listView{P: p, Shell: a.Shell(p.IntakeTitle(), "today"), Action: base(c)}
	wanted, err := c.Wanted(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	found, err := c.Find(ctx, response, "_sort", "-authored", "_count", "100")
	if err != nil {
		return web.Answer{}, err
	}
	begun := map[string]bool{}
	for _, x := range found {
		if h := question.HeadOf(x); !h.Begun() {
			if h.Given() {
				v.Given = append(v.Given, given(a, c, x, h))
			}
			continue
		}
		f, err := fill(a, c, x)
		if errs.Is(err, errs.Gone) {
			continue
		}
		if err != nil {
			return web.Answer{}, err
		}
		begun[f.of.URL] = true
		pr := f.sheet.Progress()
		o := openView{Title: f.of.Title(t), Href: f.base, Time: p.IntakeLeft(minutes(pr.All - pr.Done)), Done: parts.TallyView{Done: pr.Done * tenths / max(pr.All, 1), Total: tenths, Text: p.IntakeOfAll(strconv.Itoa(pr.Done), strconv.Itoa(pr.All))}}
		if i := slices.IndexFunc(wanted, func(w record.Wanted) bool { return w.Form == f.of.URL }); i >= 0 {
			o.For = forVisit(a, wanted[i])
		}
		v.Open = append(v.Open, o)
	}
	for _, w := range wanted {
		e, ok := c.Library().Form(w.Form, "")
		if !ok || begun[w.Form] {
			continue
		}
		v.Open = append(v.Open, openView{Title: e.Title(t), Form: w.Form, For: forVisit(a, w), Time: p.IntakeAbout(minutes(asked(e.Form)))})
	}
	v.Nothing = len(v.Open)+len(v.Given) == 0
	return web.Page(listPage(v)), nil
}

// tenths is in how many pieces the bar of a form is drawn, however many questions it has.
const tenths = 10

// minutes is about how long questions take.
func minutes(questions int) int { return max(1, (questions*15+59)/60) }

// asked is about how many questions of a form somebody meets: those that are always asked.
func asked(f *form.Form) int {
	n := 0
	var walk func(is []*form.Item, maybe bool)
	walk = func(is []*form.Item, maybe bool) {
		for _, i := range is {
			maybe := maybe || i.Conditional() || i.Hidden
			if i.Question() && !maybe && !i.Calculated() {
				n++
			}
			walk(i.Items, maybe)
		}
	}
	walk(f.Items, false)
	return n
}

func forVisit(a *web.Ask, w record.Wanted) string {
	if !w.Asked.IsZero() {
		if w.By == "" {
			return a.P.IntakeAskedAny()
		}
		return a.P.IntakeAskedBy(w.By)
	}
	if w.Visit.IsZero() {
		return ""
	}
	day := a.P.Date(a.Local(w.Visit), a.Now)
	if w.With != "" {
		return a.P.IntakeBefore(day, w.With)
	}
	return a.P.IntakeBeforeAny(day)
}

func given(a *web.Ask, c *record.Chart, x record.Found, h question.Head) parts.RowView {
	title := a.P.IntakeForm()
	if e, ok := c.Library().Form(h.Form, h.Version); ok {
		title = e.Title(a.P.Tag().String())
	} else if e, ok := c.Library().Form(h.Form, ""); ok {
		title = e.Title(a.P.Tag().String())
	}
	return parts.RowView{Icon: "file-check", Title: title, Text: a.P.IntakeGiven(lang.Upper(a.P.Date(a.Local(h.At), a.Now))), Href: base(c) + "/" + string(x.Ref)}
}

// toldView is a form with what was said: to be looked through, or handed in.
type toldView struct {
	Shell    shell.View
	Flow     shell.FlowView
	P        lang.Printer
	Title    string
	When     string
	Back     parts.Link
	Sections []section
	Problems []parts.FieldProblem
	Alarm    bool
	Crisis   crisisView
	Seen     string // what is wrong with the box that says the help was seen
	Was      string // the version the page shows
	Action   string
	Thanks   bool
	Decided  []parts.RowView
}

// section is one part of a form, with what was said in it.
type section struct {
	Title string
	Lines []line
}

type line struct{ ID, Trail, Question, Answer, Change string }

// show answers GET …/forms/{id}: a form to be gone on with, or one that was handed in.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	f, err := open(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if !f.done() {
		return web.See(f.goOn()), nil
	}
	v := f.told(false)
	v.Shell = a.Shell(v.Title, "today")
	v.Back = parts.Link{Text: a.P.IntakeTitle(), Href: base(c)}
	v.Thanks = a.Query("did") == "handed"
	v.When = a.P.IntakeGiven(lang.Upper(a.P.Date(a.Local(question.HeadOf(f.found).At), a.Now)))
	v.Decided = decided(a, f)
	return web.Page(showPage(v)), nil
}

// told is what was said, in the order it was asked.
func (f *filling) told(change bool) toldView {
	p, t := f.a.P, f.a.P.Tag().String()
	v := toldView{P: p, Title: f.of.Title(t), Action: f.base + "/review", Crisis: f.crisis(isGrave(f.sheet.Alarms())), Alarm: len(f.sheet.Alarms()) > 0}
	named := f.named()
	for _, q := range f.sheet.Questions() {
		if q.Another || q.Display() || !askable(q) && len(q.Answers) == 0 {
			continue
		}
		l := line{ID: "q-" + string(q.Place), Question: q.Text(t), Answer: question.Say(p, q)}
		if change && askable(q) {
			l.Change = f.at(q.Place) + "?from=review"
		}
		if !change && len(q.Answers) == 0 && q.Absent == 0 {
			continue
		}
		if l.Answer == "" {
			l.Answer = p.IntakeUnanswered()
		}
		title := ""
		if len(q.Trail) > 0 {
			title = q.Trail[0].Text(t)
			if n := len(q.Trail); n > 1 || q.Trail[0].Instance > 0 {
				l.Trail = f.trailBy(named, q)
			}
		}
		if n := len(v.Sections); n == 0 || v.Sections[n-1].Title != title {
			v.Sections = append(v.Sections, section{Title: title})
		}
		s := &v.Sections[len(v.Sections)-1]
		s.Lines = append(s.Lines, l)
	}
	return v
}

// review answers GET …/review: everything, before it is handed in.
func review(a *web.Ask, c *record.Chart) (web.Answer, error) {
	f, err := open(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if f.done() {
		return web.See(f.base), nil
	}
	return web.Page(reviewPage(f.reviewed())), nil
}

func (f *filling) reviewed() toldView {
	v := f.told(true)
	p := f.a.P
	v.Shell, v.Flow = f.frame(p.IntakeReview(), form.Question{})
	v.Flow.Text, v.Was = p.IntakeReview(), strconv.FormatInt(f.found.Version, 10)
	if qs := f.sheet.Questions(); len(qs) > 0 {
		for _, q := range qs {
			if askable(q) && !q.Another {
				v.Back = parts.Link{Text: p.IntakeBack(), Href: f.at(q.Place)}
			}
		}
	}
	return v
}

// handIn answers POST …/review.
func handIn(a *web.Ask, c *record.Chart) (web.Answer, error) {
	f, err := open(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if f.done() {
		return web.See(f.base), nil
	}
	if was := a.Form("was"); was != "" && was != strconv.FormatInt(f.found.Version, 10) {
		return web.See(f.base + "/review"), nil // it was answered elsewhere meanwhile: look through that
	}
	if len(f.sheet.Alarms()) > 0 && a.Form("seen") == "" {
		v := f.reviewed()
		v.Seen = a.P.IntakeSeenMissing()
		return web.Wrong(reviewPage(v)), nil
	}
	issues, json := f.sheet.Complete(a.Now)
	if wrong := problems(a.P, issues); len(wrong) > 0 {
		v := f.reviewed()
		v.Problems = wrong
		return web.Wrong(reviewPage(v)), nil
	}
	results, err := question.Measured(f.sheet, f.found.ID)
	if err != nil {
		return web.Answer{}, err
	}
	if err := f.keep(a.Context(), true, fhir.WithID(json, f.found.ID), results); err != nil {
		if errs.Is(err, errs.Conflict) && errs.SayOf(err) == "" {
			return web.See(f.base + "/review"), nil // it was answered elsewhere meanwhile: look through that
		}
		return web.Answer{}, err
	}
	return web.See(f.base + "?did=handed"), nil
}

func problems(p lang.Printer, issues []form.Issue) []parts.FieldProblem {
	var out []parts.FieldProblem
	for _, i := range issues {
		if !i.Warning {
			out = append(out, parts.FieldProblem{ID: "q-" + string(i.Place), Text: question.Wrong(p, i)})
		}
	}
	return out
}
