package schedule

import (
	"time"

	"rapport/errs"
	"rapport/hours"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
)

func showMove(a *web.Ask, c *record.Chart) (web.Answer, error) {
	x, err := newCase(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	b, _, err := x.visit()
	if err != nil {
		return web.Answer{}, err
	}
	w := wishIn(a, a.Query)
	if a.Query("date") == "" && a.Query("at") == "" {
		w.date = max(hours.DateOf(a.Local(b.From)), hours.DateOf(a.Now))
	}
	v, err := x.moving(b, w)
	return web.Page(openPage(v)), err
}

// errFixed is for a visit that cannot be moved here: it is of no service of the
// practice's, or it is over.
var errFixed = errs.E(errs.NotFound, "schedule: a visit that is not moved")

// moving is the page on which a visit is moved. It keeps its time until somebody says
// yes to another.
func (x *caseOf) moving(b record.Booked, w wish) (openView, error) {
	s, ok := x.t.Service(b.Service)
	if !ok || b.Line || b.State != "booked" && b.State != "pending" {
		return openView{}, errFixed
	}
	w.service = b.Service
	if w.mode == 0 {
		w.mode = b.Mode
	}
	v := x.open(x.P.ScheduleMoveTitle(), x.base()+"/visits/"+string(b.Ref)+"/move", parts.Link{Text: x.name, Href: x.base() + "/visits/" + string(b.Ref)})
	v.Was = x.when(b.From, b.To)
	v.times(x, s, w, x.P.ScheduleMoveConfirm())
	return v, nil
}

func move(a *web.Ask, c *record.Chart) (web.Answer, error) {
	x, err := newCase(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	b, id, err := x.visit()
	if err != nil {
		return web.Answer{}, err
	}
	w := wishIn(a, a.Form)
	w.service = b.Service
	p, ok := chosen(w)
	if ok {
		err = c.Move(a.Context(), id, p)
		if err == nil {
			return web.See(done(x.dayOf(p.From), "moved") + "#v-" + string(b.Ref)), nil
		}
		if !met(err) {
			return web.Answer{}, err
		}
	}
	why := a.P.ScheduleBookChoose()
	if ok {
		why = a.P.ScheduleGone()
	}
	w.at = time.Time{}
	v, err := x.moving(b, w)
	v.Shell.Flash = parts.FlashView{Tone: parts.ToneWarn, Text: why}
	return web.Wrong(openPage(v)), err
}
