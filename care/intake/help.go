package intake

import (
	"slices"

	"rapport/fhir/form"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/shell"
)

// alarming are the numbers of the options that somebody must see soon. What was said
// elsewhere alarms whatever is chosen here, and is not this question's.
func (f *filling) alarming(q form.Question) (options []int, grave bool) {
	type key struct {
		item *form.Item
		at   form.Place
	}
	all, count := f.choices(q), map[key]int{}
	each := make([][]form.Alarm, len(all))
	for n, o := range all {
		each[n] = f.sheet.AlarmsIf(q.Place, o)
		for _, x := range each[n] {
			count[key{x.Item, x.Place}]++
		}
	}
	for n, xs := range each {
		mine := slices.DeleteFunc(xs, func(x form.Alarm) bool {
			return x.Place != q.Place && count[key{x.Item, x.Place}] == len(all)
		})
		if len(mine) > 0 {
			options, grave = append(options, n), grave || isGrave(mine)
		}
	}
	return options, grave
}

// isGrave reports that somebody may harm themselves.
func isGrave(as []form.Alarm) bool {
	return slices.ContainsFunc(as, func(x form.Alarm) bool { return x.Level == "crisis" })
}

// crisisView is where help is to be had at once.
type crisisView struct {
	P                         lang.Printer
	Emergency, Line, Practice string
	By                        string // when somebody calls at the latest
	Grave                     bool   // somebody may harm themselves; else it is the body, or their home
}

func (f *filling) crisis(grave bool) crisisView {
	s := f.a.Practice
	return crisisView{Grave: grave, P: f.a.P, Emergency: s.Emergency, Line: s.Crisis, Practice: s.Phone}
}

// helpView is the page after an answer that somebody must see soon.
type helpView struct {
	Shell  shell.View
	Flow   shell.FlowView
	Crisis crisisView
	On     string
}

// help answers GET …/help.
func help(a *web.Ask, c *record.Chart) (web.Answer, error) {
	f, err := open(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	q, ok := f.sheet.Question(form.Place(a.Query("after")))
	v := helpView{Crisis: f.crisis(isGrave(f.sheet.Alarms())), On: f.goOn()}
	if ok {
		v.On = f.next(q.Place)
	}
	if as := f.sheet.Alarms(); len(as) > 0 {
		due, closed := c.DueBy(record.Alarm{Crisis: isGrave(as)}, f.found.Time)
		at := a.Local(due)
		if v.Crisis.By = a.P.IntakeBy(a.P.Date(at, a.Now), a.P.Clock(at)); closed {
			v.Crisis.By = a.P.IntakeByClosed(a.P.Date(at, a.Now), a.P.Clock(at))
		}
	}
	v.Shell, v.Flow = f.frame(a.P.IntakeHelpTitle(), q)
	return web.Page(helpPage(v)), nil
}
