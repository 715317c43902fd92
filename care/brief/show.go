package brief

import (
	"cmp"
	"slices"
	"strconv"

	"rapport/errs"
	"rapport/fhir/form"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/question"
	"rapport/web/shell"
)

// briefView is a form on one page.
type briefView struct {
	Shell    shell.View
	P        lang.Printer
	Head     headView
	Title    string
	When     string
	Back     parts.Link
	Action   string
	Gone     bool   // the form is not here any more
	Fill     string // to go on filling it in, "" once it was handed in
	Words    []saidView
	Alarms   []alarmView
	Changes  []changeView // what they said otherwise before
	Firsts   []changeView // what they did not say before
	Since    string       // when they filled it in before, "" for never
	Unspoken []string
	Scores   []scoreView
	Facts    []factView
	Left     int // facts nobody has decided about
	Asks     []askView
	Sections []section
}

// saidView is one answer in the client's own words.
type saidView struct {
	Question, Words string
	Beside          []string // what they answered to questions that go with it
}

// alarmView is an answer that must not wait.
type alarmView struct {
	ID, What, Due string
	Late, Open    bool
	Crisis        bool
}

// changeView is an answer that was another one before.
type changeView struct{ Question, Was, Now string }

// askView is what they left to be asked about.
type askView struct {
	Question string
	Why      parts.TagView
}

// section is one part of the form, with what was said in it.
type section struct {
	Title string
	Lines []line
}

type line struct{ Trail, Question, Answer string }

// show answers GET …/{id}.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	p, err := open(a, c)
	if errs.Is(err, errs.Gone) {
		return plain(a, c)
	}
	if err != nil {
		return web.Answer{}, err
	}
	v, err := p.view()
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(showPage(v)), nil
}

// plain is a form that is not here any more, as it stands.
func plain(a *web.Ask, c *record.Chart) (web.Answer, error) {
	p, err := bare(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	v := briefView{P: a.P, Head: newHead(a, c), Title: a.P.BriefForm(), When: a.P.BriefGiven(when(a, question.HeadOf(p.found).At)), Action: p.base, Back: parts.Link{Text: a.P.BriefAll(), Href: base(c)}, Gone: true}
	v.Shell = frame(a, v.Title)
	v.Shell.Flash = flash(a)
	if v.Alarms, err = p.alarms(); err != nil {
		return web.Answer{}, err
	}
	v.Sections = asItStands(a.P, p.found)
	return web.Page(showPage(v)), nil
}

func (p *paper) view() (briefView, error) {
	a, c, h := p.a, p.c, question.HeadOf(p.found)
	v := briefView{P: a.P, Head: newHead(a, c), Title: p.of.Title(p.lang()), When: a.P.BriefGiven(when(a, h.At)), Action: p.base, Back: parts.Link{Text: a.P.BriefAll(), Href: base(c)}}
	v.Shell = frame(a, v.Title, "js/brief.js")
	v.Shell.Flash = flash(a)
	var all []claim
	var err error
	if h.Given() {
		if all, err = p.claims(); err != nil {
			return v, err
		}
	} else {
		v.When, v.Fill = a.P.BriefOpen(when(a, p.found.Time)), p.base+"/fill"
	}
	here, err := p.kept()
	if err != nil {
		return v, err
	}
	v.Words = p.words(all)
	if v.Alarms, err = p.alarms(); err != nil {
		return v, err
	}
	changes, since, err := p.changes(h, all)
	if err != nil {
		return v, err
	}
	v.Since = since
	for _, x := range changes {
		if x.Was == "" {
			v.Firsts = append(v.Firsts, x)
		} else {
			v.Changes = append(v.Changes, x)
		}
	}
	for _, k := range unspoken(here, all) {
		v.Unspoken = append(v.Unspoken, k.Name)
	}
	if v.Scores, err = p.scores(h); err != nil {
		return v, err
	}
	for n, x := range all {
		f := p.factView(n, x)
		if f.Open {
			v.Left++
		}
		v.Facts = append(v.Facts, f)
	}
	v.Asks, v.Sections = p.asks(), p.everything()
	return v, nil
}

func flash(a *web.Ask) parts.FlashView {
	said := map[string]string{"taken": a.P.BriefDoneTaken(), "aside": a.P.BriefDoneAside(), "before": a.P.BriefDoneBefore(), "seen": a.P.BriefDoneSeen(), "asked": a.P.BriefDoneAsked(), "saved": a.P.BriefDoneSaved()}[a.Query("done")]
	tone := parts.ToneOK
	if a.Query("done") == "before" {
		tone = parts.ToneWarn
	}
	return parts.FlashView{Tone: tone, Text: said}
}

func say(p *paper, q form.Question) string { return question.Say(p.a.P, q) }

// absent says why somebody did not answer, as staff read it; "" if they did, or left it out.
func (p *paper) absent(q form.Question) string {
	switch q.Absent {
	case form.Declined:
		return p.a.P.BriefDeclined()
	case form.InPerson:
		return p.a.P.BriefInperson()
	}
	return ""
}

// first is the order in which the client's own words are read: why they come, what they
// want, what helped; other words follow as the form has them.
var first = []string{"reason-words", "worry-words", "visit-hope", "goal-words", "goal-measure", "helped-words"}

// words are the answers in their own words, each with what goes with it.
func (p *paper) words(all []claim) []saidView {
	type ranked struct {
		saidView
		rank int
		at   string
	}
	var out []ranked
	qs, in := p.sheet.Questions(), p.spokenIn(all)
	for _, q := range qs {
		if !wordy(q) || in[string(q.Place)] || in["in "+around(q)] {
			continue
		}
		r := ranked{saidView{Question: q.Text(p.lang()), Words: say(p, q)}, len(first), around(q)}
		switch n := slices.Index(first, q.Item.LinkID); {
		case q.Item.LinkID == "goal-measure":
			r.rank = slices.Index(first, "goal-words") // a wish and how it is measured stay together
		case n >= 0:
			r.rank = n
		}
		if r.at != "" {
			last := !slices.ContainsFunc(qs, func(o form.Question) bool {
				return around(o) == r.at && wordy(o) && o.Item.Number > q.Item.Number
			})
			for _, o := range qs {
				if last && around(o) == r.at && !wordy(o) && len(o.Answers) > 0 {
					r.Beside = append(r.Beside, o.Text(p.lang())+" "+say(p, o))
				}
			}
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	var vs []saidView
	for _, r := range out {
		vs = append(vs, r.saidView)
	}
	return vs
}

// wordy reports that a question was answered in words of one's own.
func wordy(q form.Question) bool {
	return len(q.Answers) > 0 && (q.Item.Type == "text" || q.Item.Type == "string") && len(q.Item.Options) == 0
}

// spokenIn are the places of what is stated, and the instances of groups they lie in.
func (p *paper) spokenIn(all []claim) map[string]bool {
	out := map[string]bool{}
	for _, c := range all {
		for _, at := range c.Places {
			out[string(at)] = true
			if q, ok := p.sheet.Question(at); ok {
				out["in "+around(q)] = true
			}
		}
	}
	delete(out, "in ")
	return out
}

// around names the instance of a repeating group that a question lies in, "" for none.
func around(q form.Question) string {
	for i := len(q.Trail) - 1; i >= 0; i-- {
		if q.Trail[i].Instance > 0 {
			return string(q.Trail[i].Place)
		}
	}
	return ""
}

func (p *paper) alarms() ([]alarmView, error) {
	ts, err := p.todos()
	if err != nil {
		return nil, err
	}
	var out []alarmView
	for _, t := range ts {
		v := alarmView{ID: t.id, What: t.what, Open: t.open, Crisis: t.crisis}
		v.What = p.inWords(t.what)
		switch {
		case !t.open:
			v.Due = p.a.P.BriefAlarmDone()
		case !t.due.After(p.a.Now):
			v.Late, v.Due = true, p.a.P.BriefAlarmLate(when(p.a, t.due))
		default:
			v.Due = p.a.P.BriefAlarmDue(when(p.a, t.due))
		}
		out = append(out, v)
	}
	return out, nil
}

// inWords says what there is to see to in the reader's language, where the form has it.
func (p *paper) inWords(what string) string {
	if p.sheet == nil {
		return what
	}
	for _, x := range p.sheet.Alarms() {
		if x.Text("") == what {
			return x.Text(p.lang())
		}
	}
	return what
}

// asks are what they declined or would rather say in person.
func (p *paper) asks() []askView {
	var out []askView
	for _, q := range p.sheet.Questions() {
		if s := p.absent(q); s != "" && !q.Another {
			v := askView{Question: q.Text(p.lang()), Why: parts.TagView{Text: s}}
			if q.Absent == form.InPerson {
				v.Why.Tone, v.Why.Icon = parts.ToneInfo, "mic"
			}
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b askView) int { return cmp.Compare(b.Why.Icon, a.Why.Icon) })
	return out
}

// everything is what was said, in the order it was asked.
func (p *paper) everything() []section {
	t := p.lang()
	var out []section
	for _, q := range p.sheet.Questions() {
		if q.Another || q.Display() || len(q.Answers) == 0 && p.absent(q) == "" {
			continue
		}
		l := line{Question: q.Text(t), Answer: cmp.Or(p.absent(q), say(p, q))}
		title := ""
		if n := len(q.Trail); n > 0 {
			title = q.Trail[0].Text(t)
			if last := q.Trail[n-1]; n > 1 || last.Instance > 0 {
				if l.Trail = last.Text(t); last.Instance > 0 {
					l.Trail = p.a.P.IntakeInstance(l.Trail, strconv.Itoa(last.Instance))
				}
			}
		}
		if n := len(out); n == 0 || out[n-1].Title != title {
			out = append(out, section{Title: title})
		}
		s := &out[len(out)-1]
		if n := len(s.Lines); n > 0 && lastTrail(s.Lines) == l.Trail {
			l.Trail = "" // it is said above already
		} else if l.Trail != "" {
			s.Lines = append(s.Lines, line{Trail: l.Trail})
			l.Trail = ""
		}
		s.Lines = append(s.Lines, l)
	}
	return out
}

func lastTrail(ls []line) string {
	for i := len(ls) - 1; i >= 0; i-- {
		if ls[i].Trail != "" {
			return ls[i].Trail
		}
	}
	return ""
}
