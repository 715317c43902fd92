package brief

import (
	"context"
	"slices"
	"strconv"
	"strings"

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

// fillView is every question of a form on one page.
type fillView struct {
	Shell    shell.View
	P        lang.Printer
	Head     headView
	Title    string
	Back     parts.Link
	Action   string
	Was      string // the version the page shows
	On       string // the places of the questions on it
	Done     parts.TallyView
	Sections []fillSection
	Problems []parts.FieldProblem
	Alarms   []string
	Seen     string // what is wrong with the box that says an alarm was seen
	File     bool
}

type fillSection struct {
	ID, Title string
	Fields    []fieldView
}

// fieldView is one question, or the question whether a group gets one more.
type fieldView struct {
	Place     string
	Label     string // the id of what is asked
	Head      string // of an instance, on its first question
	Remove    string // the place of that instance
	Ask       string
	Notes     []string
	Draw      question.View
	Another   bool
	Display   bool
	Absent    string // why there is no answer
	CanAbsent bool
}

// fillIn answers GET …/fill.
func fillIn(a *web.Ask, c *record.Chart) (web.Answer, error) {
	p, err := open(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if p.done() {
		return web.See(p.base), nil
	}
	v := p.fillView(nil)
	v.Shell.Flash = flash(a)
	return web.Page(fillPage(v)), nil
}

// wrongs is what is wrong with what was typed, by place.
type wrongs map[form.Place]wrong

type wrong struct {
	text  string
	typed []form.Typed
}

func (p *paper) fillView(bad wrongs) fillView {
	a, t := p.a, p.lang()
	v := fillView{P: a.P, Head: newHead(a, p.c), Title: p.of.Title(t), Action: p.base + "/fill", Back: parts.Link{Text: a.P.BriefAll(), Href: base(p.c)}, Was: strconv.FormatInt(p.found.Version, 10)}
	v.Shell = frame(a, v.Title)
	pr := p.sheet.Progress()
	v.Done = parts.TallyView{Done: pr.Done, Total: pr.All, Text: a.P.IntakeOfAll(strconv.Itoa(pr.Done), strconv.Itoa(pr.All))}
	seen := map[form.Place]bool{}
	var on []string
	for _, q := range p.sheet.Questions() {
		f := p.field(q, seen, bad)
		title, id := "", "s"
		if len(q.Trail) > 0 {
			title, id = q.Trail[0].Text(t), "s"+string(q.Trail[0].Place)
		}
		if n := len(v.Sections); n == 0 || v.Sections[n-1].Title != title {
			v.Sections = append(v.Sections, fillSection{ID: id, Title: title})
		}
		s := &v.Sections[len(v.Sections)-1]
		s.Fields = append(s.Fields, f)
		if !f.Another && !f.Display && !q.ReadOnly {
			on = append(on, f.Place)
		}
		v.File = v.File || q.Item.Type == "attachment"
		if f.Draw.Problem != "" {
			v.Problems = append(v.Problems, parts.FieldProblem{ID: f.Label, Text: f.Ask + " " + f.Draw.Problem})
		}
	}
	v.On = strings.Join(on, " ")
	for _, x := range p.sheet.Alarms() {
		v.Alarms = append(v.Alarms, x.Text(t))
	}
	return v
}

func (p *paper) field(q form.Question, seen map[form.Place]bool, bad wrongs) fieldView {
	a, t := p.a, p.lang()
	f := fieldView{Place: string(q.Place), Label: "l" + string(q.Place), Ask: q.Text(t), Another: q.Another, Display: q.Display(), Absent: p.absent(q), CanAbsent: !q.ReadOnly && !q.Display() && !q.Another}
	if q.Another {
		f.Label = "m" + string(q.Place)
	}
	for _, l := range q.Notes {
		f.Notes = append(f.Notes, l.Text(t))
	}
	for _, h := range q.Item.Help {
		f.Notes = append(f.Notes, h.Text(t))
	}
	if n := len(q.Trail); n > 0 {
		if l := q.Trail[n-1]; !seen[l.Place] && n > 1 {
			if f.Head = l.Text(t); l.Instance > 0 {
				f.Head, f.Remove = a.P.IntakeInstance(f.Head, strconv.Itoa(l.Instance)), string(l.Place)
			}
		}
		for _, l := range q.Trail {
			seen[l.Place] = true
		}
	}
	f.Draw = question.View{P: a.P, Q: q, ID: "q" + string(q.Place), By: f.Label}
	if w, ok := bad[q.Place]; ok && !q.Another {
		f.Draw.Problem, f.Draw.Typed = w.text, w.typed
		if w.typed == nil {
			f.Draw.Typed = []form.Typed{}
		}
	}
	return f
}

// fillOn answers POST …/fill: everything on the page is saved, and the form handed in if
// that was asked for.
func fillOn(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return question.Again(func() (web.Answer, error) { return fillOnce(a, c) })
}

func fillOnce(a *web.Ask, c *record.Chart) (web.Answer, error) {
	p, err := open(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if p.done() {
		return web.See(p.base), nil
	}
	shown, err := p.shown()
	if err != nil {
		return web.Answer{}, err
	}
	bad, err := p.takeAll(shown)
	if err != nil {
		return web.Answer{}, err
	}
	to, err := "", error(nil)
	if !p.stale(shown, a.Form("do"), bad) {
		to, err = p.act(a.Form("do"))
	}
	if err != nil {
		return web.Answer{}, err
	}
	hands := a.Form("do") == "handin" && len(bad) == 0 && shown.found.Version == p.found.Version // else it is looked through first
	json, results, v := p.sheet.JSON(), []fhir.Resource(nil), (*fillView)(nil)
	if hands {
		if json, results, v, err = p.complete(); err != nil {
			return web.Answer{}, err
		}
		hands = v == nil
		if !hands {
			json = p.sheet.JSON() // what was typed is kept all the same
		}
	}
	if err := p.keep(a.Context(), hands, fhir.WithID(json, p.found.ID), results); err != nil {
		return web.Answer{}, err
	}
	switch {
	case hands:
		return web.See(p.base), nil
	case v == nil && len(bad) == 0:
		return web.See(p.base + "/fill?done=saved" + to), nil
	}
	if p.found, err = c.Read(a.Context(), response, p.found.ID); err != nil {
		return web.Answer{}, err
	}
	if v == nil {
		w := p.fillView(bad)
		v = &w
	}
	v.Was = strconv.FormatInt(p.found.Version, 10)
	return web.Wrong(fillPage(*v)), nil
}

// complete is the form as it is handed in; or the page again, with what is in the way.
func (p *paper) complete() ([]byte, []fhir.Resource, *fillView, error) {
	if len(p.sheet.Alarms()) > 0 && p.a.Form("seen") == "" {
		v := p.fillView(nil)
		v.Seen = p.a.P.BriefSeenMissing()
		return nil, nil, &v, nil
	}
	issues, json := p.sheet.Complete(p.a.Now)
	bad := wrongs{}
	for _, i := range issues {
		if !i.Warning {
			bad[i.Place] = wrong{question.Wrong(p.a.P, i), p.typedOf(i.Place)}
		}
	}
	if len(bad) > 0 {
		v := p.fillView(bad)
		return nil, nil, &v, nil
	}
	results, err := question.Measured(p.sheet, p.found.ID)
	return json, results, nil, err
}

// typedOf is what the page said at a place.
func (p *paper) typedOf(at form.Place) []form.Typed {
	q, ok := p.sheet.Question(at)
	if !ok {
		return nil
	}
	return question.Read(p.fields(), "q"+string(at), q)
}

func (p *paper) fields() question.Fields {
	return question.Fields{All: p.a.FormAll, File: p.a.File}
}

// takeAll takes what was typed on the page. What the page did not change stays as it is
// by now; what was answered elsewhere meanwhile is asked about again.
func (p *paper) takeAll(shown *paper) (wrongs, error) {
	bad := wrongs{}
	for _, at := range strings.Fields(p.a.Form("on")) {
		place := form.Place(at)
		old, ok := shown.sheet.Question(place)
		if !ok || old.Another || old.ReadOnly {
			continue
		}
		typed := question.Read(p.fields(), "q"+at, old)
		answers, _, ok := old.Read(typed...)
		if !ok {
			bad[place] = wrong{question.Unread(p.a.P, old), typed}
			continue
		}
		if same(answers, old.Answers) {
			continue
		}
		now, ok := p.sheet.Question(place)
		if !ok {
			continue // it is not asked any more
		}
		if shrunk(shown, p, old) || !same(now.Answers, old.Answers) && !same(now.Answers, answers) {
			bad[place] = wrong{p.a.P.BriefMet(question.Say(p.a.P, now)), typed}
			continue
		}
		issues, err := p.sheet.Set(place, answers)
		if errs.Is(err, errs.Refused) || errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(issues, func(i form.Issue) bool { return !i.Warning }); i >= 0 {
			bad[place] = wrong{question.Wrong(p.a.P, issues[i]), typed}
		}
	}
	return bad, nil
}

func same(a, b []form.Answer) bool { return slices.EqualFunc(a, b, form.Answer.Is) }

// shown is the form as the page showed it.
func (p *paper) shown() (*paper, error) {
	was, err := strconv.ParseInt(p.a.Form("was"), 10, 64)
	if err != nil || was == p.found.Version {
		return read(p.a, p.c, p.found)
	}
	all, err := p.c.History(p.a.Context(), response, p.found.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if x.Version == was && !x.Deleted {
			return read(p.a, p.c, x.Found)
		}
	}
	return nil, errs.E(errs.Invalid, "brief: the page is of no version of this form")
}

// act does what a button beside a question asks for; to is where the page goes on.
func (p *paper) act(do string) (to string, err error) {
	what, at, _ := strings.Cut(do, ":")
	place := form.Place(at)
	switch what {
	case "decline":
		err, to = p.sheet.Skip(place, form.Declined), "#l"+at
	case "person":
		err, to = p.sheet.Skip(place, form.InPerson), "#l"+at
	case "enough":
		err, to = p.sheet.Skip(place, form.Skipped), "#m"+at
	case "add":
		_, err = p.sheet.Add(place)
		to = "#m" + at
	case "remove":
		err = p.sheet.Remove(place)
	}
	if errs.Is(err, errs.Refused) || errs.Is(err, errs.NotFound) {
		return "", nil // it is not asked any more
	}
	return to, err
}

func (p *paper) keep(ctx context.Context, done bool, json []byte, results []fhir.Resource) error {
	return p.c.Answer(ctx, record.Answer{Form: p.of.URL, ID: p.found.ID, JSON: json, Was: p.found.Version, Done: done, Results: results, Alarms: question.Alarms(p.sheet, "")})
}
