package schedule

import (
	"crypto/rand"
	"net/url"
	"slices"
	"strings"
	"time"

	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// openView is times to choose from, for a visit that is booked or moved: first what for,
// then when, then yes.
type openView struct {
	Shell    shell.View
	P        lang.Printer
	Title    string
	Client   string
	Seed     string
	Back     parts.Link
	Action   string // where yes is posted
	Services []parts.RowView
	None     bool   // the practice has no services
	Order    string // the page on which the client is asked to come again
	Service  string
	What     string
	Minutes  string
	Change   parts.Link // another service
	With     parts.ChipsView
	Days     []openDay
	Earlier  parts.Link
	Later    parts.Link
	Note     string // above the times: why they are shown
	Was      string // the time of a visit that is moved
	Pick     *pickView
	Line     *lineView
	Key      string
}

// openDay is the open times of one day.
type openDay struct {
	ID, Label string
	Times     []openTime
}

// openTime is one of them.
type openTime struct {
	Href, Clock, Who string
	Icons            []string
	Label            string
}

// pickView is the time that was chosen, to say yes to.
type pickView struct {
	Dow, Day, Mon string
	When          string
	Lines         []string
	Who, At       string
	Modes         []parts.Option
	Other         string
	Button        string
}

// lineView offers to wait in line instead.
type lineView struct{ Action, Service, Who string }

// How far the list of times reaches: so many days at once, and so many times of one.
const (
	daysShown  = 14
	timesShown = 60
)

// wish is what is chosen so far.
type wish struct {
	service, who string
	date         hours.Date
	at           time.Time // zero while none is chosen
	mode         hours.Modes
}

// wishIn reads a wish: of the address, or of the form.
func wishIn(a *web.Ask, get func(string) string) wish {
	w := wish{service: get("service"), who: get("who"), date: max(dayIn(a, get("date")), hours.DateOf(a.Now)), mode: hours.ParseMode(get("mode"))}
	if at, err := time.Parse(time.RFC3339, get("at")); err == nil {
		w.at = at.UTC()
		w.date = max(hours.DateOf(a.Local(at)), hours.DateOf(a.Now))
	}
	return w
}

func (w wish) query() string {
	v := url.Values{}
	if w.service != "" {
		v.Set("service", w.service)
	}
	if w.who != "" {
		v.Set("who", w.who)
	}
	if !w.at.IsZero() {
		v.Set("at", w.at.Format(time.RFC3339))
	} else if w.date != 0 {
		v.Set("date", w.date.String())
	}
	return "?" + v.Encode()
}

func showBook(a *web.Ask, c *record.Chart) (web.Answer, error) {
	x, err := newCase(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(openPage(x.booking(wishIn(a, a.Query)))), nil
}

// booking is the page on which a visit is booked.
func (x *caseOf) booking(w wish) openView {
	v := x.open(x.P.ScheduleBookTitle(), x.base()+"/book", parts.Link{Text: x.name, Href: x.base()})
	v.Key = rand.Text()
	s, ok := x.t.Service(w.service)
	if !ok {
		v.services(x, w)
		return v
	}
	v.times(x, s, w, x.P.ScheduleBookConfirm())
	v.Change = parts.Link{Text: x.P.ScheduleBookChange(), Href: v.Action + wish{who: w.who, date: w.date, at: w.at}.query(), Icon: "arrow-left"}
	if w.date == hours.DateOf(x.Now) && v.Pick == nil {
		v.Line = &lineView{x.base() + "/line", w.service, w.who}
	}
	return v
}

func (x *caseOf) open(title, action string, back parts.Link) openView {
	return openView{Shell: frame(x.Ask, title), P: x.P, Title: title, Client: x.name, Seed: string(x.c.Client()), Back: back, Action: action, Order: "/clients/" + string(x.c.Client()) + "/order"}
}

// services lists what can be booked, with one person or with anybody.
func (v *openView) services(x *caseOf, w wish) {
	for _, s := range x.t.Services {
		if len(s.Who) == 0 || w.who != "" && !slices.Contains(s.Who, w.who) {
			continue
		}
		var who []string
		for _, id := range s.Who {
			if x.names[id] != "" {
				who = append(who, x.names[id])
			}
		}
		y := w
		y.service = s.ID
		v.Services = append(v.Services, parts.RowView{Href: v.Action + y.query(), Icon: s.Icon, Title: x.service(s.ID), Text: x.P.ScheduleMinutes(s.Minutes) + " · " + strings.Join(who, ", ")})
	}
	v.None = len(v.Services) == 0
}

// times lists when a service can be had, and the one that was chosen, if it is open.
func (v *openView) times(x *caseOf, s hours.Service, w wish, button string) {
	v.Service, v.What, v.Minutes = s.ID, x.service(s.ID), x.P.ScheduleMinutes(s.Minutes)
	v.With = parts.ChipsView{Label: x.P.ScheduleBookWith(), Current: v.Action + wish{service: w.service, who: w.who, date: w.date}.query()}
	v.With.Chips = append(v.With.Chips, parts.Link{Text: x.P.ScheduleBookAnybody(), Href: v.Action + wish{service: w.service, date: w.date}.query()})
	for _, who := range s.Who {
		if x.names[who] != "" {
			v.With.Chips = append(v.With.Chips, parts.Link{Text: x.names[who], Href: v.Action + wish{service: w.service, who: who, date: w.date}.query()})
		}
	}
	q := hours.Query{Service: s.ID, From: w.date, To: w.date + daysShown - 1}
	if w.who != "" {
		q.Who = []string{w.who}
	}
	all := x.cal.Openings(q)
	if !w.at.IsZero() {
		if i := slices.IndexFunc(all, func(o hours.Opening) bool { return o.From.Equal(w.at) && (w.who == "" || o.Who == w.who) }); i >= 0 {
			v.Pick = x.pick(all[i], w, v.Action+wish{service: w.service, who: w.who, date: w.date}.query(), button)
			return
		}
		v.Note = x.P.ScheduleBookNotOpen()
	}
	n := 0
	for _, o := range all {
		d := hours.DateOf(x.Local(o.From))
		if n++; n > timesShown {
			if last := &v.Days[len(v.Days)-1]; last.ID != d.String() {
				v.Later = parts.Link{Text: x.P.ScheduleBookLater(), Href: v.Action + wish{service: w.service, who: w.who, date: d}.query(), Icon: "arrow-right"}
				break
			}
		}
		if len(v.Days) == 0 || v.Days[len(v.Days)-1].ID != d.String() {
			v.Days = append(v.Days, openDay{ID: d.String(), Label: lang.Upper(x.P.Date(on(x.Ask, d), x.Now))})
		}
		day := &v.Days[len(v.Days)-1]
		day.Times = append(day.Times, x.openTime(o, w, v.Action, w.who == ""))
	}
	if v.Later.Href == "" {
		v.Later = parts.Link{Text: x.P.ScheduleBookLater(), Href: v.Action + wish{service: w.service, who: w.who, date: w.date + daysShown}.query(), Icon: "arrow-right"}
	}
	if today := hours.DateOf(x.Now); w.date > today {
		v.Earlier = parts.Link{Text: x.P.ScheduleBookEarlier(), Href: v.Action + wish{service: w.service, who: w.who, date: max(w.date-daysShown, today)}.query(), Icon: "arrow-left"}
	}
}

func (x *caseOf) openTime(o hours.Opening, w wish, action string, named bool) openTime {
	t := openTime{Clock: x.P.Clock(x.Local(o.From)), Href: action + wish{service: w.service, who: o.Who, at: o.From.UTC()}.query()}
	if named {
		t.Who = x.practice.name(o.Who)
	}
	var hows []string
	for _, m := range o.Modes.Each() {
		text, icon := mode(x.P, m)
		hows = append(hows, text)
		if m != hours.InPerson {
			t.Icons = append(t.Icons, icon)
		}
	}
	t.Label = strings.Join(hows, ", ")
	return t
}

// pick is an opening to say yes to.
func (x *caseOf) pick(o hours.Opening, w wish, other, button string) *pickView {
	at := x.Local(o.From)
	v := &pickView{Dow: lang.Upper(x.P.WeekdayShort(at)), Day: x.P.Count(at.Day()), Mon: lang.Upper(x.P.MonthShort(at)), When: x.span(o.From, o.To), Who: o.Who, At: o.From.UTC().Format(time.RFC3339), Other: other, Button: button}
	v.Lines = []string{x.practice.name(o.Who)}
	if r := x.room(o.Room); r != "" {
		v.Lines = append(v.Lines, r)
	}
	chosen := w.mode & o.Modes
	if chosen == 0 {
		chosen = o.Modes.Each()[0]
	}
	for _, m := range o.Modes.Each() {
		text, icon := mode(x.P, m)
		v.Modes = append(v.Modes, parts.Option{Value: m.String(), Text: text, Icon: icon, Chosen: m == chosen})
	}
	return v
}

// chosen is the time a form names; false if it names none.
func chosen(w wish) (record.Pick, bool) {
	p := record.Pick{Service: w.service, Who: w.who, From: w.at, Mode: w.mode}
	return p, w.service != "" && w.who != "" && !w.at.IsZero() && w.mode != 0
}

func book(a *web.Ask, c *record.Chart) (web.Answer, error) {
	x, err := newCase(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	w := wishIn(a, a.Form)
	p, ok := chosen(w)
	if key := a.Form("key"); ok && key != "" {
		ids, err := c.Book(a.Context(), key, a.Form("note"), p)
		if err == nil {
			return web.See(done(x.dayOf(p.From), "booked") + "#v-" + string(visitRef(c, ids[0]))), nil
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
	v := x.booking(w)
	v.Shell.Flash = parts.FlashView{Tone: parts.ToneWarn, Text: why}
	return web.Wrong(openPage(v)), nil
}

// join has a client who is here wait in line.
func join(a *web.Ask, c *record.Chart) (web.Answer, error) {
	x, err := newCase(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	w := wishIn(a, a.Form)
	s, ok := x.t.Service(w.service)
	if !ok || a.Form("key") == "" || w.who != "" && !slices.Contains(s.Who, w.who) {
		v := x.booking(wish{date: hours.DateOf(a.Now)})
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneWarn, Text: a.P.ScheduleBookWhat()}
		return web.Wrong(openPage(v)), nil
	}
	_, err = c.WalkIn(a.Context(), a.Form("key"), w.service, w.who)
	return web.See("/day?done=line"), err
}
