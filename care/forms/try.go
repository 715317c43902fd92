package forms

import (
	"slices"
	"strconv"
	"strings"

	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/question"
	"rapport/web/shell"
)

// trialView is a form being tried out. What is answered travels in the page and is kept
// nowhere.
type trialView struct {
	Shell    shell.View
	P        lang.Printer
	Head     headView
	Phone    phoneView
	State    string
	At       string
	Before   string // the question before
	Done     bool
	Files    bool
	Again    bool // the form changed, so the trial began anew
	Progress parts.TallyView
	Alarms   []parts.TagView
	Scores   []parts.Fact
	Stated   []parts.Fact
	Lacking  []string
	Answers  []parts.Fact
}

func showTrial(d *desk) (web.Answer, error) {
	p, err := d.paper(aForm, d.Path("id"))
	if err != nil {
		return web.Answer{}, err
	}
	s, err := form.Start(p.work().form, d.env())
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(trialPage(d.newTrial(p, s, d.opened(s)))), nil
}

// env is what a trial can reach: the time and the value sets, and nobody.
func (d *desk) env() form.Env { return form.Env{Now: d.Now, Sets: d.lib.Set} }

// open is the first question without an answer.
func (d *desk) opened(s *form.Sheet) form.Place {
	for _, q := range s.Questions() {
		if askable(q) && !q.Done() {
			return q.Place
		}
	}
	return ""
}

// askable reports a question that gets a page of its own.
func askable(q form.Question) bool { return !q.ReadOnly || q.Another }

func goTrial(d *desk) (web.Answer, error) {
	p, err := d.paper(aForm, d.Path("id"))
	if err != nil {
		return web.Answer{}, err
	}
	again := false
	s, err := form.Resume(p.work().form, []byte(d.Form("said")), d.env())
	if err != nil {
		again = true
		if s, err = form.Start(p.work().form, d.env()); err != nil {
			return web.Answer{}, err
		}
	}
	at := form.Place(d.Form("at"))
	what := d.Form("do")
	if to, ok := strings.CutPrefix(what, "to:"); ok {
		v := d.newTrial(p, s, form.Place(to))
		v.Again = again
		return web.Page(trialPage(v)), nil
	}
	if !again {
		if v := d.takeTrial(p, s, at, what); v != nil {
			return web.Wrong(trialPage(v)), nil
		}
	}
	v := d.newTrial(p, s, d.after(s, at))
	v.Again = again
	return web.Page(trialPage(v)), nil
}

// takeTrial puts one answer into a trial; what it returns says what was wrong.
func (d *desk) takeTrial(p *paper, s *form.Sheet, at form.Place, what string) *trialView {
	q, ok := s.Question(at)
	if !ok {
		return nil
	}
	wrong := func(typed []form.Typed, text string) *trialView {
		v := d.newTrial(p, s, at)
		v.Phone.Draw.Typed, v.Phone.Draw.Problem = typed, text
		return v
	}
	var err error
	switch {
	case what == "add" && q.Another:
		_, err = s.Add(at)
	case what == "enough" || what == "person" || what == "decline":
		err = s.Skip(at, map[string]form.Absence{"enough": form.Skipped, "person": form.InPerson, "decline": form.Declined}[what])
	case q.Display(): // there is nothing to answer
	default:
		typed := question.Read(question.Fields{All: d.FormAll, File: d.File}, "a", q)
		as, _, ok := q.Read(typed...)
		if !ok {
			return wrong(typed, d.P.QuestionWrongType())
		}
		if len(as) == 0 {
			if q.Required {
				return wrong(typed, d.P.QuestionWrongRequired())
			}
			err = s.Skip(at, form.Skipped)
			break
		}
		issues, e := s.Set(at, as)
		if i := slices.IndexFunc(issues, func(i form.Issue) bool { return !i.Warning }); e == nil && i >= 0 {
			return wrong(typed, question.Wrong(d.P, issues[i]))
		}
		err = e
	}
	if err != nil {
		return wrong(nil, d.P.QuestionWrongOther())
	}
	return nil
}

// after is the question after a place: the next that is open, in reading order.
func (d *desk) after(s *form.Sheet, at form.Place) form.Place {
	passed := false
	for _, q := range s.Questions() {
		if q.Place == at && !q.Another {
			passed = true
			continue
		}
		if passed && askable(q) && !q.Done() {
			return q.Place
		}
	}
	return d.opened(s)
}

func (d *desk) newTrial(p *paper, s *form.Sheet, at form.Place) *trialView {
	v := &trialView{P: d.P, Head: d.head(p, "/try"), State: string(s.JSON()), At: string(at)}
	v.Shell = d.frame(v.Head.Title)
	v.Phone = phoneView{P: d.P}
	q, ok := s.Question(at)
	if !ok {
		v.Done = true
	} else {
		d.fillPhone(&v.Phone, s, q)
		v.Files = q.Item.Type == "attachment"
	}
	pr := s.Progress()
	v.Progress = parts.TallyView{Done: pr.Done, Total: pr.All, Now: true, Text: d.P.BuilderTryOf(pr.Done, strconv.Itoa(pr.All))}
	if pr.All > 40 {
		v.Progress.Done, v.Progress.Total = pr.Done*20/pr.All, 20
	}
	v.outcome(d, s, at)
	return v
}

// answersMost is how many of the last answers stand beside the trial.
const answersMost = 12

// outcome is what follows from the answers so far.
func (v *trialView) outcome(d *desk, s *form.Sheet, at form.Place) {
	t := d.reader()
	for _, a := range s.Alarms() {
		tag := parts.TagView{Tone: parts.ToneWarn, Icon: "alert-triangle", Text: a.Text(t)}
		if a.Level == "crisis" {
			tag.Tone = parts.ToneDanger
		}
		v.Alarms = append(v.Alarms, tag)
	}
	for _, x := range s.Scores() {
		f := parts.Fact{Term: x.Item.Text(t), Text: d.P.Number(x.Value)}
		if x.Unit != "" {
			f.Text += " " + x.Unit
		}
		if x.Band != nil {
			f.Small = x.Band.Text(t)
		}
		v.Scores = append(v.Scores, f)
	}
	stated, err := s.Extract()
	for _, x := range stated {
		v.Stated = append(v.Stated, parts.Fact{Term: d.statedName(x.Type), Text: statedText(x)})
	}
	if err != nil {
		v.Lacking = append(v.Lacking, reason(err))
	}
	for _, q := range s.Questions() {
		if q.Place == at {
			v.before(s, at)
		}
		if said := question.Say(d.P, q); said != "" && !q.Another {
			v.Answers = append(v.Answers, parts.Fact{Term: short(q.Text(t), 90), Text: short(said, 120)})
		}
	}
	v.Answers = v.Answers[max(0, len(v.Answers)-answersMost):]
	if v.Done {
		v.before(s, "")
	}
}

func (v *trialView) before(s *form.Sheet, at form.Place) {
	for _, q := range s.Questions() {
		if q.Place == at {
			return
		}
		if askable(q) && !q.Another {
			v.Before = string(q.Place)
		}
	}
}

// statedName is what an answer would become, in words.
func (d *desk) statedName(typ string) string {
	switch typ {
	case "Observation":
		return d.P.BuilderStatedResult()
	case "Condition":
		return d.P.BuilderStatedCondition()
	case "MedicationStatement":
		return d.P.BuilderStatedMedicine()
	case "AllergyIntolerance":
		return d.P.BuilderStatedAllergy()
	case "FamilyMemberHistory":
		return d.P.BuilderStatedRelative()
	}
	return typ
}

// statedText is what something that is stated is called, and its value.
func statedText(x form.Stated) string {
	doc, err := fhir.Parse(x.JSON)
	if err != nil {
		return ""
	}
	r := doc.Root()
	name := ""
	for _, el := range []string{"code", "medication", "relationship"} {
		n := r.Get(el)
		if name = n.Get("text").Str(); name != "" {
			break
		}
		for c := range n.Each("coding") {
			if name = c.Get("display").Str(); name == "" {
				name = c.Get("code").Str()
			}
			break
		}
		if name != "" {
			break
		}
	}
	n := r.Get("value")
	v := n.Str()
	if v == "" {
		if v = n.Get("value").Str(); v != "" {
			v += " " + n.Get("unit").Str()
		}
	}
	if v == "" {
		for c := range n.Each("coding") {
			v = c.Get("display").Str()
			break
		}
	}
	switch {
	case v == "":
		return name
	case name == "":
		return v
	}
	return name + ": " + v
}
