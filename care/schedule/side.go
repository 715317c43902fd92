package schedule

import (
	"slices"
	"strconv"
	"time"

	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
)

// sideView is what stands beside the day: what to see to, who waits in line, and who
// runs late.
type sideView struct {
	P      lang.Printer
	Back   string
	Mine   []todoRow
	Others []todoRow
	Line   []lineRow
	IsNow  bool // today is shown
	Again  bool // a code was asked for that nobody has
	Late   lateView
}

// todoRow is something to see to.
type todoRow struct {
	Name, Seed, Text, Owner string
	Action, Offer           string
	Alarm, Late             bool   // an answer that must not wait; it is overdue
	Due                     string // by when
	Phone, Tel              string
	Forms                   string // where the answer is read
}

// lineRow is somebody in line.
type lineRow struct {
	Place      int // in line; 0 is not in it any more
	Name, Seed string
	Text, Wait string
	Since      string
	Waits      int
	Href, ID   string
	State      parts.TagView
	Act        quick
	Waiting    bool // not yet with anybody
}

// lateView is who runs late, and the form to say so.
type lateView struct {
	Who   []parts.Option
	By    []parts.Option
	Rows  []parts.RowView
	About string
}

func (k *desk) side() (sideView, error) {
	today := hours.DateOf(k.Now)
	first, last := k.q.span()
	v := sideView{P: k.P, Back: k.q.href(), IsNow: first <= today && today < last, Again: k.Query("code") == "none"}
	all, err := k.d.Todos(k.Context())
	if err != nil {
		return v, err
	}
	for _, t := range all {
		if slices.Contains([]string{record.TodoMessage, record.TodoNote, record.TodoUnreached}, t.Kind) {
			continue // what was written is in the inbox
		}
		r := k.todo(t)
		if r.Alarm || t.Owner == k.Ask.Who.ID() || t.Owner == "" || k.names[t.Owner] == "" {
			v.Mine = append(v.Mine, r)
		} else {
			v.Others = append(v.Others, r)
		}
	}
	if v.IsNow {
		v.Line = k.line(today)
		v.Late = k.late()
	}
	return v, nil
}

func (k *desk) todo(t record.Todo) todoRow {
	r := todoRow{Name: k.P.ScheduleNameless(), Seed: string(t.Client), Action: "/clients/" + string(t.Client) + "/todo/" + t.ID, Offer: "/clients/" + string(t.Client) + "/book"}
	if c, ok := k.d.Card(t.Client); ok && c.Name != "" {
		r.Name = c.Name
	}
	if _, ok := k.t.Service(t.Service); ok {
		r.Offer += "?service=" + t.Service
	}
	if t.Kind == record.TodoAlarm {
		return k.alarm(t, r)
	}
	what := k.service(t.Service)
	if !t.From.IsZero() {
		at := k.Local(t.From)
		what += ", " + k.P.ShortDay(at) + " " + k.P.Clock(at)
	}
	switch {
	case t.Kind == "noshow":
		r.Text = k.P.ScheduleTodoMissed(what)
	case t.ByStaff:
		r.Text = k.P.ScheduleTodoCancelledStaff(what)
	default:
		r.Text = k.P.ScheduleTodoCancelledClient(what)
	}
	return k.owned(t, r)
}

func (k *desk) owned(t record.Todo, r todoRow) todoRow {
	if k.names[t.Owner] != "" && t.Owner != k.Ask.Who.ID() {
		r.Owner = k.name(t.Owner)
	}
	return r
}

// alarm is an answer that somebody must see to. What was answered is not said here.
func (k *desk) alarm(t record.Todo, r todoRow) todoRow {
	r.Alarm, r.Offer, r.Text, r.Forms = true, "", k.P.ScheduleTodoAlarm(), "/clients/"+string(t.Client)+"/forms"
	if t.About != "" {
		r.Forms += "/" + string(t.About)
	}
	at := k.Local(t.Due)
	when := k.P.Clock(at)
	if hours.DateOf(at) != hours.DateOf(k.Now) {
		when = k.P.ShortDay(at) + " " + when
	}
	if r.Due = k.P.ScheduleTodoDue(when); !t.Due.After(k.Now) {
		r.Late, r.Due = true, k.P.ScheduleTodoLate(when)
	}
	if c, ok := k.d.Card(t.Client); ok && len(c.Phones) > 0 {
		r.Phone, r.Tel = c.Phones[0], parts.Tel(c.Phones[0])
	}
	return k.owned(t, r)
}

// line is who waits without a time, first come first, with how long they still wait.
func (k *desk) line(today hours.Date) []lineRow {
	var rows []lineRow
	var waiting []waiter
	var at []int
	for _, b := range k.booked {
		if !b.Line || hours.DateOf(k.Local(b.From)) != today || b.State != "arrived" && b.State != "checked-in" {
			continue
		}
		r := lineRow{ID: "v-" + string(b.Ref), Href: base(b), Seed: string(b.Client), Act: k.next(b), Since: b.Since.UTC().Format(time.RFC3339), Waits: waited(k.Now, b.From)}
		if b.Client == "" {
			r.Name, r.Href, r.Act = k.P.ScheduleTaken(), "", quick{}
		} else {
			r.Name = k.client(b)
		}
		with := k.P.ScheduleLineAny()
		s, _ := k.t.Service(b.Service)
		who := s.Who
		if b.Who != "" {
			with, who = k.name(b.Who), []string{b.Who}
		}
		r.Text = k.service(b.Service) + " · " + with
		if b.State == "checked-in" {
			r.State = parts.TagView{Tone: parts.ToneBrand, Text: k.P.ScheduleStateSeen()}
		} else {
			r.Waiting, r.Since = true, b.From.UTC().Format(time.RFC3339)
			waiting, at = append(waiting, waiter{who, time.Duration(max(s.Minutes, 5)) * time.Minute}), append(at, len(rows))
			r.Place = len(waiting)
		}
		rows = append(rows, r)
	}
	for i, e := range k.waits(today, waiting) {
		r := &rows[at[i]]
		switch {
		case !e.ok:
			r.Wait = k.P.ScheduleLineFull()
		case fives(e.wait) == 0:
			r.Wait = k.P.ScheduleLineNow()
		default:
			r.Wait = k.P.ScheduleLineWait(fives(e.wait))
		}
	}
	return rows
}

// waits estimates a line out of the day as it stands.
func (k *desk) waits(today hours.Date, line []waiter) []estimate {
	works, booked, late := map[string][]span{}, map[string][]seated{}, map[string]time.Duration{}
	zone := k.Now.Location()
	for _, who := range k.seers() {
		late[who] = time.Duration(k.cal.Late(who)) * time.Minute
		for _, p := range k.t.Hours(who, today) {
			from, _ := today.At(p.From, zone)
			to, _ := today.At(p.To, zone)
			works[who] = append(works[who], span{from, to})
		}
	}
	for _, b := range k.booked {
		gone := b.State == "fulfilled" || b.State == "noshow" || b.Line && b.State != "checked-in" || b.State == "booked" && !b.To.After(k.Now)
		if hours.DateOf(k.Local(b.From)) != today || gone {
			continue
		}
		s, _ := k.t.Service(b.Service)
		x := seated{span: span{b.From, b.To}, before: time.Duration(s.Before) * time.Minute, after: time.Duration(s.After) * time.Minute, fixed: b.Hold || b.Block}
		if b.State == "checked-in" {
			x.begun = b.Since
		}
		for _, who := range append([]string{b.Who}, b.Also...) {
			booked[who] = append(booked[who], x)
		}
	}
	return waits(k.Now, works, booked, late, line)
}

// delays are the minutes somebody can say they run late.
var delays = []int{0, 5, 10, 15, 20, 30, 45, 60, 90, 120}

func (k *desk) late() lateView {
	var v lateView
	me := k.Ask.Who.ID()
	now := 0
	for _, who := range k.seers() {
		n := k.cal.Late(who)
		if who == me {
			now = n
		}
		v.Who = append(v.Who, parts.Option{Value: who, Text: k.name(who), Chosen: who == me})
		if n > 0 {
			about := k.P.ScheduleLateAbout(len(k.d.Affected(who)))
			v.Rows = append(v.Rows, parts.RowView{Name: k.name(who), Seed: who, Title: k.name(who), Text: about, Tag: parts.TagView{Tone: parts.ToneWarn, Icon: "clock", Text: k.P.ScheduleLateN(n)}})
		}
	}
	ds := delays
	if !slices.Contains(ds, now) {
		ds = append(slices.Clone(ds), now)
		slices.Sort(ds)
	}
	for _, n := range ds {
		text := k.P.ScheduleLateNot()
		if n > 0 {
			text = k.P.ScheduleLateN(n)
		}
		v.By = append(v.By, parts.Option{Value: strconv.Itoa(n), Text: text, Chosen: n == now})
	}
	return v
}

// setLate keeps how late somebody runs today.
func setLate(a *web.Ask, d *record.Directory) (web.Answer, error) {
	n, err := strconv.Atoi(a.Form("late"))
	if err != nil || !slices.Contains(delays, n) || a.Form("who") == "" {
		return web.See(backTo(a, "/day")), nil
	}
	err = d.SetLate(a.Context(), a.Form("who"), n)
	return web.See(done(backTo(a, "/day"), "saved")), err
}
