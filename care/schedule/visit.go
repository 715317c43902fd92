package schedule

import (
	"slices"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// visitView is one visit, and what staff can do with it.
type visitView struct {
	Shell   shell.View
	P       lang.Printer
	Name    string
	Seed    string
	Chart   string
	Forms   string // what they told in forms, for those who give care
	Back    parts.Link
	State   parts.TagView
	Facts   []parts.Fact
	Out     string
	Action  string
	Steps   []parts.ButtonView
	Undo    parts.ButtonView
	Move    string
	Cancel  parts.ConfirmView
	Waiting bool
}

// room of one client: the practice's times, opened through their chart.
type caseOf struct {
	*practice
	c    *record.Chart
	cal  *record.Calendar
	name string
}

func newCase(a *web.Ask, c *record.Chart) (*caseOf, error) {
	cal := c.Calendar()
	staff, err := cal.Colleagues(a.Context())
	if err != nil {
		return nil, err
	}
	x := &caseOf{newPractice(a, cal.Timetable(), staff), c, cal, a.P.ScheduleNameless()}
	if card, ok := c.Card(); ok && card.Name != "" {
		x.name = card.Name
	}
	return x, nil
}

// base is the address of the chart.
func (x *caseOf) base() string { return "/clients/" + string(x.c.Client()) }

func (x *caseOf) ref() record.Ref { return record.Ref(x.Path("id")) }

// dayOf is the address of the day a visit is on.
func (x *caseOf) dayOf(at time.Time) string {
	return asked{Date: hours.DateOf(x.Local(at)), View: byDay}.href()
}

// visit is the visit in the address, and its id.
func (x *caseOf) visit() (record.Booked, string, error) {
	b, err := x.c.Visit(x.ref())
	if err != nil {
		return b, "", err
	}
	id, err := x.c.VisitID(x.Context(), x.ref())
	return b, id, err
}

func showVisit(a *web.Ask, c *record.Chart) (web.Answer, error) {
	x, err := newCase(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	b, id, err := x.visit()
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(visitPage(x.view(b, id))), nil
}

func (x *caseOf) view(b record.Booked, id string) visitView {
	p := x.P
	v := visitView{Shell: frame(x.Ask, x.name), P: p, Name: x.name, Seed: string(x.c.Client()), Chart: x.base(), Back: parts.Link{Text: p.ScheduleBackDay(), Href: x.dayOf(b.From)}, Action: x.base() + "/visits/" + string(b.Ref)}
	if x.Who.Roles().Any(account.Nurse | account.Clinician | account.Coordinator) { // the gate decides; this only spares others a dead end
		v.Forms = x.base() + "/forms"
	}
	word, tone := stateWord(x.practice, b)
	v.State = parts.TagView{Tone: tone, Text: word}
	if b.State == "arrived" {
		v.State.Text = p.ScheduleStateArrivedFor(waited(x.Now, b.Since))
	}
	how, _ := mode(p, b.Mode)
	v.Facts = []parts.Fact{{Term: p.PartWhen(), Text: x.when(b.From, b.To)}, {Term: p.ScheduleVisit(), Text: x.service(b.Service)}}
	if b.Who != "" {
		v.Facts = append(v.Facts, parts.Fact{Term: p.ScheduleBookWith(), Text: x.practice.name(b.Who)})
	}
	v.Facts = append(v.Facts, parts.Fact{Term: p.ScheduleBookHow(), Text: how, Small: x.room(b.Room)})
	if !b.Line {
		v.Facts = append(v.Facts, parts.Fact{Term: p.ScheduleCode(), Text: x.c.CheckIn(id)})
	}
	v.Out = outWord(x.practice, b.Cover)
	step := func(status, text, icon string) {
		v.Steps = append(v.Steps, parts.ButtonView{Text: text, Icon: icon, Name: "status", Value: status})
	}
	undo := func(status, text string) {
		v.Undo = parts.ButtonView{Text: text, Icon: "undo", Name: "status", Value: status, Size: parts.ButtonSmall}
	}
	cancel := false
	switch b.State {
	case "booked":
		step("arrived", p.ScheduleDoArrived(), "user-check")
		step("noshow", p.ScheduleDoMissed(), "x")
		step("fulfilled", p.ScheduleDoDone(), "check")
		v.Move, cancel = v.Action+"/move", true
	case "pending":
		v.Move, cancel = v.Action+"/move", true
	case "arrived":
		step("checked-in", p.ScheduleDoStart(), "play")
		step("fulfilled", p.ScheduleDoDone(), "check")
		if !b.Line {
			undo("booked", p.ScheduleDoUndoArrived())
		}
		v.Waiting, cancel = true, b.Line
	case "checked-in":
		step("fulfilled", p.ScheduleDoDone(), "check")
		undo("arrived", p.ScheduleDoUndoStart())
	case "fulfilled":
		undo("checked-in", p.ScheduleDoUndoDone())
	case "noshow":
		undo("booked", p.ScheduleDoUndoMissed())
	}
	if len(v.Steps) > 0 {
		v.Steps[0].Kind = parts.ButtonPrimary
	}
	if cancel {
		v.Cancel = parts.ConfirmView{Text: p.ScheduleDoCancel(), Lost: p.ScheduleDoCancelLost(), Action: v.Action + "/cancel"}
		if b.Line {
			v.Cancel.Text, v.Cancel.Lost = p.ScheduleDoLeft(), p.ScheduleDoLeftLost()
		}
	}
	return v
}

// states are those that staff put a visit into.
var states = []string{"arrived", "checked-in", "fulfilled", "noshow", "booked"}

// setState says that a client has come, is being seen, was seen or did not come, or
// takes that back.
func setState(a *web.Ask, c *record.Chart) (web.Answer, error) {
	x, err := newCase(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	b, id, err := x.visit()
	if err != nil {
		return web.Answer{}, err
	}
	status := a.Form("status")
	if slices.Contains(states, status) {
		if err = c.Arrive(a.Context(), id, status); err == nil {
			what := "saved"
			if status == "arrived" {
				what = "arrived"
			}
			return web.See(done(backTo(a, x.dayOf(b.From)), what) + "#v-" + string(b.Ref)), nil
		}
		if !met(err) && !errs.Is(err, errs.NotFound) {
			return web.Answer{}, err
		}
	}
	return x.again(a.P.ScheduleOtherState())
}

// again shows a visit as it is by now, with why nothing was done.
func (x *caseOf) again(why string) (web.Answer, error) {
	b, id, err := x.visit()
	if err != nil {
		return web.Answer{}, err
	}
	v := x.view(b, id)
	v.Shell.Flash = parts.FlashView{Tone: parts.ToneWarn, Text: why}
	return web.Wrong(visitPage(v)), nil
}

func cancel(a *web.Ask, c *record.Chart) (web.Answer, error) {
	x, err := newCase(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	b, id, err := x.visit()
	if err != nil {
		return web.Answer{}, err
	}
	if err = c.Cancel(a.Context(), id); met(err) || errs.Is(err, errs.NotFound) {
		return x.again(a.P.ScheduleOtherState())
	}
	return web.See(done(x.dayOf(b.From), "cancelled")), err
}

// finish says that what was left to do about a client is done.
func finish(a *web.Ask, c *record.Chart) (web.Answer, error) {
	err := c.Finish(a.Context(), a.Path("id"))
	return web.See(done(backTo(a, "/day"), "saved")), err
}

// clientOf is the address of a client's page to book on.
func clientOf(c fhir.ClientID) string { return "/clients/" + string(c) + "/book" }
