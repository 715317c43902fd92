package plans

import (
	"slices"
	"strconv"
	"strings"

	"rapport/fhir/plan"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/reading"
	"rapport/web/shell"
	"rapport/web/steps"
)

// planView is a plan, or what is proposed as one.
type planView struct {
	Shell    shell.View
	P        lang.Printer
	Staff    bool
	Base     string
	Back     parts.Link
	Was      string // the version the page shows
	New      bool   // nothing is kept yet
	Edit     bool   // goals and steps can be chosen and written
	Empty    bool
	None     bool // nothing was chosen
	State    string
	Names    []string // who agreed, and when
	CanAgree bool
	Waits    string
	Flash    parts.FlashView
	Goals    []goalView
	Line     []phaseView
	Weeks    int
	Suggest  []suggestView
	Changes  []changeView
	Objects  []objectView
	Options  []parts.Option // goals, for a step of one's own
	FormHref string         // where what it is made from is told
	Active   bool
}

// goalView is one goal.
type goalView struct {
	ID, Words, Better, By, Because, Off string
	Near                                int // -1 while nobody said
	Marks                               []float64
	Open                                bool
	State                               parts.TagView
}

// phaseView is a stretch of weeks with its steps.
type phaseView struct {
	ID, Title, Weeks string
	Anchor           string // its place on the page, which goes into an address and so says nothing
	From, To         int
	Now              bool
	Steps            []stepView
}

// slot is the classes that put a phase on the line of weeks.
func (v phaseView) slot() string {
	return "wk wk-f" + strconv.Itoa(min(v.From, mostWeeks)) + " wk-t" + strconv.Itoa(min(v.To, mostWeeks)+1)
}

// mostWeeks is how long the line of weeks is drawn.
const mostWeeks = 26

type stepView struct {
	ID, Icon, Kind, Title, Text, Why, Often, Goals string
	Open                                           bool
	State                                          parts.TagView
}

type suggestView struct{ Rule, Step, Title, Why, Becomes string }

type changeView struct{ Head, Text, Why string }

type objectView struct{ Who, Text string }

// dateOf is a day, with its year if that is another; "" for none.
func dateOf(a *web.Ask, d plan.Date) string {
	if d == 0 {
		return ""
	}
	t := d.At(12*60, a.Now.Location())
	if t.Year() != a.Now.Year() {
		return a.P.Full(t)
	}
	return a.P.DayMonth(t)
}

// proposalOf is what is proposed, to be chosen from.
func proposalOf(a *web.Ask, c *record.Chart, p *plan.Proposal) planView {
	v := planView{P: a.P, Staff: byStaff(c), Base: base(c), New: true, Edit: true, None: a.Query("did") == "none", FormHref: "/me/" + string(c.Client()) + "/forms"}
	v.frame(a, c)
	if p == nil {
		v.Empty = true
		return v
	}
	v.fill(a, p.Plan("draft", 0), nil)
	return v
}

func (v *planView) frame(a *web.Ask, c *record.Chart) {
	title := a.P.PlanTitle()
	if v.Staff {
		v.Shell = a.Shell(title, "clients")
		v.Shell.Place = title
		if card, ok := c.Card(); ok {
			v.Shell.Place = a.P.PlanOf(card.Name)
			v.Back = parts.Link{Text: card.Name, Href: "/clients/" + string(c.Client())}
		}
		return
	}
	if of, ok := a.Of(); ok {
		title = a.P.PlanOf(of.Given)
	}
	v.Shell = a.Shell(title, "plan")
}

// fill is the goals, phases and steps of a plan.
func (v *planView) fill(a *web.Ask, p plan.Plan, off []plan.Off) {
	for _, g := range p.Goals {
		v.Goals = append(v.Goals, goal(a, g, off))
		if g.Lifecycle.Open() || g.Lifecycle == 0 {
			v.Options = append(v.Options, parts.Option{Value: g.ID, Text: g.Text})
		}
	}
	now := p.Week(today(a))
	add := func(id, title string, from, to int) {
		x := phaseView{ID: id, Title: title, From: max(from, 1), To: max(to, from), Now: p.Status == plan.Active && from > 0 && from <= now && (to == 0 || now <= to)}
		if to == 0 {
			x.To = max(from, v.Weeks)
		}
		for _, s := range p.Steps {
			if s.Phase == id {
				x.Steps = append(x.Steps, oneStep(a.P, p, s))
			}
		}
		if len(x.Steps) == 0 {
			return
		}
		switch {
		case from == 0:
		case to == 0:
			x.Weeks = a.P.PlanWeeksFrom(strconv.Itoa(from))
		case from == to:
			x.Weeks = a.P.PlanWeek(strconv.Itoa(from))
		default:
			x.Weeks = a.P.PlanWeeks(strconv.Itoa(from), strconv.Itoa(to))
		}
		v.Weeks = max(v.Weeks, min(x.To, mostWeeks))
		x.Anchor = "phase-" + strconv.Itoa(len(v.Line)+1)
		v.Line = append(v.Line, x)
	}
	phases := slices.Clone(p.Phases)
	slices.SortStableFunc(phases, func(a, b plan.Phase) int { return a.From - b.From })
	for _, f := range phases {
		add(f.ID, f.Title, f.From, f.To)
	}
	add("", a.P.PlanAnytime(), 0, 0)
}

func goal(a *web.Ask, g plan.Goal, off []plan.Off) goalView {
	p := a.P
	v := goalView{ID: g.ID, Words: g.Text, Because: g.Because, Near: -1, Open: g.Lifecycle.Open() || g.Lifecycle == 0}
	if b := measure(p, g.Measure); b != "" {
		v.Better = p.PlanBetter(b)
	}
	if d := dateOf(a, g.Due); d != "" {
		v.By = p.PlanBy(d)
	}
	for _, m := range g.Progress {
		v.Marks, v.Near = append(v.Marks, float64(m.Value)), m.Value
	}
	for _, o := range off {
		if o.Goal.ID == g.ID {
			v.Off = offWords(p, o.Why)
		}
	}
	switch g.Lifecycle {
	case plan.GoalCompleted:
		v.State = parts.TagView{Tone: parts.ToneOK, Text: p.PlanReached()}
	case plan.GoalCancelled, plan.GoalRejected:
		v.State = parts.TagView{Text: p.PlanDropped()}
	default:
	}
	return v
}

func measure(p lang.Printer, m plan.Measure) string {
	if m.Detail != "" {
		return m.Detail
	}
	name := m.Text
	unit := ""
	if m.Unit != "" {
		unit = " " + reading.Unit(p, reading.Value{Unit: m.Unit})
	}
	switch {
	case m.From.Text != "" && m.To.Text != "":
		return strings.TrimSpace(name + " " + p.PlanBetween(p.Number(m.From.Text), p.Number(m.To.Text)) + unit)
	case m.To.Text != "":
		return strings.TrimSpace(name + " " + p.PlanMost(p.Number(m.To.Text)) + unit)
	case m.From.Text != "":
		return strings.TrimSpace(name + " " + p.PlanLeast(p.Number(m.From.Text)) + unit)
	}
	return name
}

func offWords(p lang.Printer, w plan.OffWhy) string {
	switch w {
	case plan.Overdue:
		return p.PlanOffOverdue()
	case plan.NotNearer:
		return p.PlanOffNearer()
	case plan.NoReadings:
		return p.PlanOffReadings()
	case plan.FeelsFarther:
		return p.PlanOffFarther()
	}
	return ""
}

func oneStep(p lang.Printer, all plan.Plan, s plan.Step) stepView {
	v := stepView{ID: s.ID, Icon: steps.Icon(s.Kind), Kind: steps.Kind(p, s.Kind), Title: s.Title, Text: s.Text, Why: s.Why, Often: lang.Upper(steps.Often(p, s.When)), Open: s.Status.Open() || s.Status == 0}
	var goals []string
	for _, id := range s.Goals {
		if g, ok := all.Goal(id); ok {
			goals = append(goals, g.Text)
		}
	}
	v.Goals = strings.Join(goals, " · ")
	switch s.Status {
	case plan.StepCompleted:
		v.State = parts.TagView{Tone: parts.ToneOK, Text: p.PlanDone()}
	case plan.StepStopped, plan.StepCancelled:
		v.State = parts.TagView{Text: p.PlanDropped()}
	default:
	}
	return v
}

// changes says what became different, the newest first.
func changes(a *web.Ask, k plan.Plan) []changeView {
	var out []changeView
	for i := len(k.Changes) - 1; i >= 0 && len(out) < mostChanges; i-- {
		x := k.Changes[i]
		v := changeView{Head: a.P.PlanChangedBy(strconv.Itoa(x.Version), x.Name, dateOf(a, plan.DateOf(x.At.In(a.Now.Location())))), Why: x.Why}
		what := x.Title
		if what == "" {
			what = x.Is
		}
		switch x.Kind {
		case plan.Create:
			v.Text = a.P.PlanChangeAdded(what)
		case plan.Remove:
			v.Text = a.P.PlanChangeRemoved(what)
		case plan.Update:
			v.Text = a.P.PlanChangeUpdated(what)
			if x.Was != "" && x.Is != "" && x.Was != x.Is {
				v.Text = a.P.PlanChangeFrom(x.Was, x.Is)
			}
		}
		out = append(out, v)
	}
	return out
}

const mostChanges = 30

// names says who agreed to the version that is shown, and when.
func names(a *web.Ask, p plan.Plan) []string {
	var out []string
	for _, x := range p.Agreed {
		if x.Version == p.Version {
			out = append(out, a.P.PlanAgreedBy(x.Name, dateOf(a, plan.DateOf(x.At.In(a.Now.Location())))))
		}
	}
	return out
}

// rhythms are how often somebody can say that a step of their own is done.
func (v planView) rhythms() []parts.Option {
	return []parts.Option{{Value: "once", Text: lang.Upper(v.P.StepsOnce())}, {Value: "daily", Text: lang.Upper(v.P.StepsDaily())}, {Value: "three", Text: lang.Upper(v.P.StepsTimesWeek(3))}, {Value: "week", Text: lang.Upper(v.P.StepsWeekly())}}
}
