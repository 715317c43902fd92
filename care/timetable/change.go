package timetable

import (
	"cmp"
	"slices"
	"time"

	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// changesView is the departures from the weeks, and a form to add one.
type changesView struct {
	Shell   shell.View
	o       *office
	P       lang.Printer
	Tabs    parts.TabsView
	Coming  []changeRow
	Past    []changeRow
	Kind    string
	C       hours.Change
	Typed   map[string]string
	Wrong   wrongs
	Version string
}

// changeRow is one of them.
type changeRow struct {
	ID, Title, When, Icon string
	Tone                  parts.Tone
	N                     int        // visits that stand in it
	Day                   parts.Link // where they are seen
}

// The kinds of departure, as the form names them.
const (
	kindLeave  = "leave"
	kindClosed = "closed"
	kindExtra  = "extra"
)

func (o *office) newChanges() (*changesView, error) {
	v := &changesView{Shell: o.frame(o.P.TimetableTabChanges()), o: o, P: o.P, Tabs: o.tabs(changesHref), Kind: kindLeave, Version: o.newest(), Typed: map[string]string{"first": "", "last": "", "from": "", "to": ""}}
	out, err := o.p.Outliers(o.p.Timetable())
	if err != nil {
		return nil, err
	}
	today := hours.DateOf(o.Now)
	all := slices.Clone(o.p.Timetable().Changes)
	slices.SortStableFunc(all, func(a, b hours.Change) int { return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Who, b.Who)) })
	for _, c := range all {
		if r := o.changeRow(c, out); c.Last < today {
			v.Past = append(v.Past, r)
		} else {
			v.Coming = append(v.Coming, r)
		}
	}
	slices.Reverse(v.Past)
	return v, nil
}

func (o *office) changeRow(c hours.Change, out []record.Outlier) changeRow {
	r := changeRow{ID: c.ID, Title: o.P.TimetableKindClosed(), Icon: "lock", Tone: parts.ToneWarn}
	switch {
	case c.Open:
		r.Title, r.Icon, r.Tone = o.P.TimetableExtraOf(o.name(c.Who)), "plus", parts.ToneOK
	case c.Who != "":
		r.Title, r.Icon = o.P.TimetableLeaveOf(o.name(c.Who)), "sun"
	}
	r.When = lang.Upper(o.P.Date(dateOf(c.First), o.Now))
	if c.Last > c.First {
		r.When = o.P.TimetableChangeDays(o.P.Date(dateOf(c.First), o.Now), o.P.Date(dateOf(c.Last), o.Now))
	}
	if c.To > 0 {
		r.When += ", " + clock(c.From) + "–" + clock(c.To)
	}
	if p := o.placeName(c.Place); p != "" {
		r.When += ", " + p
	}
	for _, x := range out {
		if !c.Open && (c.Who == "" || c.Who == x.Who) && o.within(c, x) {
			if r.N++; r.N == 1 && o.seesVisits() {
				r.Day = parts.Link{Text: o.P.TimetableSeeDay(), Href: "/day?date=" + o.Local(x.From).Format(time.DateOnly), Icon: "calendar"}
			}
		}
	}
	return r
}

// within reports that a visit lies in the time of a departure.
func (o *office) within(c hours.Change, x record.Outlier) bool {
	from, to := o.Local(x.From), o.Local(x.To)
	d := hours.DateOf(from)
	first, last := c.From, c.To
	if last == 0 {
		first, last = 0, hours.DayMinutes
	}
	return c.First <= d && d <= c.Last && from.Hour()*60+from.Minute() < last && to.Hour()*60+to.Minute() > first
}

func showChanges(o *office) (web.Answer, error) {
	v, err := o.newChanges()
	if err != nil {
		return web.Answer{}, err
	}
	v.C.Who, v.Typed["first"] = o.Query("who"), o.Query("date")
	return web.Page(changesPage(v)), nil
}

// read takes the form into the view.
func (v *changesView) read() {
	o, c := v.o, &v.C
	for f := range v.Typed {
		v.Typed[f] = o.Form(f)
	}
	v.Kind, c.Place = o.Form("kind"), o.Form("place")
	if c.Who = o.Form("who"); v.Kind == kindClosed {
		c.Who = ""
	} else if !o.here(c.Who) {
		v.Wrong.add("who", o.P.TimetableBadWho())
	}
	if v.Kind != kindLeave && v.Kind != kindClosed && v.Kind != kindExtra {
		v.Kind = kindLeave
	}
	if c.Open = v.Kind == kindExtra; !c.Open {
		c.Place = ""
	}
	var ok bool
	if c.First, ok = dateIn(v.Typed["first"]); !ok || c.First == 0 {
		v.Wrong.add("first", o.P.TimetableBadDate())
	}
	if c.Last, ok = dateIn(v.Typed["last"]); !ok {
		v.Wrong.add("last", o.P.TimetableBadDate())
	}
	switch {
	case c.Last == 0:
		c.Last = c.First
	case c.Last < c.First:
		v.Wrong.add("last", o.P.TimetableBadUntil())
	case c.Last-c.First > 3*366:
		v.Wrong.add("last", o.P.TimetableBadSpan())
	}
	v.hours()
}

// hours reads the part of the days; none is the whole of them.
func (v *changesView) hours() {
	c := &v.C
	from, to := v.Typed["from"], v.Typed["to"]
	if from == "" && to == "" {
		if c.Open {
			v.Wrong.add("from", v.P.TimetableChangeExtraHours())
		}
		return
	}
	var ok, too bool
	if c.From, ok = minuteIn(from); !ok {
		v.Wrong.add("from", v.P.TimetableBadTime())
	}
	if c.To, too = minuteIn(to); !too {
		v.Wrong.add("to", v.P.TimetableBadTime())
	}
	if ok && too && c.From >= c.To {
		v.Wrong.add("to", v.P.TimetableBadOrder())
	}
}

func addChange(o *office) (web.Answer, error) {
	v, err := o.newChanges()
	if err != nil {
		return web.Answer{}, err
	}
	if v.read(); v.Wrong.any() {
		return web.Wrong(changesPage(v)), nil
	}
	v.C.ID = newID("c")
	o.t.Changes = append(o.t.Changes, v.C)
	x, err := o.save()
	if err != nil || x == kept {
		return web.See(changesHref + "?done=saved#c-" + v.C.ID), err
	}
	v.Shell.Flash, v.Version = o.say(x), o.newest()
	return web.Wrong(changesPage(v)), nil
}

func removeChange(o *office) (web.Answer, error) {
	i := slices.IndexFunc(o.t.Changes, func(c hours.Change) bool { return c.ID == o.Path("id") })
	if i < 0 {
		return web.Answer{}, errNone
	}
	o.t.Changes = slices.Delete(o.t.Changes, i, i+1)
	x, err := o.save()
	if err != nil || x == kept {
		return web.See(changesHref + "?done=removed"), err
	}
	v, err := o.newChanges()
	if err != nil {
		return web.Answer{}, err
	}
	v.Shell.Flash = o.say(x)
	return web.Wrong(changesPage(v)), nil
}

func (v *changesView) kinds() []parts.Option {
	return []parts.Option{
		{Value: kindLeave, Text: v.P.TimetableKindLeave(), Chosen: v.Kind == kindLeave},
		{Value: kindClosed, Text: v.P.TimetableKindClosed(), Chosen: v.Kind == kindClosed},
		{Value: kindExtra, Text: v.P.TimetableKindExtra(), Chosen: v.Kind == kindExtra},
	}
}
