package booking

import (
	"slices"
	"strconv"
	"time"

	"rapport/errs"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/shell"
)

// pageView is the page of the map, with or without something held.
type pageView struct {
	Shell   shell.View
	P       lang.Printer
	Base    string
	Title   string
	Service serviceView
	Pick    string    // where another service is chosen; "" when a visit is moved
	Ways    []wayView // either, in person, video, phone
	Moving  string    // "Thu 26, 10:30": the visit that is moved
	Fields  [][2]string
	Map     mapView
	Hold    *holdView
	Say     string // what went wrong, kindly
	Note    string // what was written to the clinician
	Earlier bool   // they would rather come sooner
	Door    bool   // nobody is signed in
	In      string // where to sign in and go on
	Own     string // the base of who is signed in, and stands at the open door
	Name    string // who that is
	HoldFor int    // minutes
}

// wayView is one way to meet, as a link or a radio button.
type wayView struct {
	Code, Text, Icon, Href string
	Chosen                 bool
}

// holdView is the time that is held, or was.
type holdView struct {
	Ended         bool // it is held no longer
	Free          bool // and can be held again
	Key, Slot     string
	Seconds       int    // left
	Clock         string // the same for people
	Ring          string // the share that is left, as a dash pattern
	Dow, Num, Mon string
	When          string // "10:30 to 10:50"
	Who           string
	Ways          []wayView
	Way           string // the one there is, when it is one
	Cost, Change  string
	Prepare       string
	Remind        string // when they are reminded
	KeepFor       int    // minutes; 0 when it can be kept no more
	Room          string
}

// show answers GET …/map.
func show(at place) (web.Answer, error) {
	c := chosen(at.a.Query)
	if to := at.own(); to != "" {
		return web.See(c.at(to + "/map")), nil
	}
	return at.page(c, nil, "", "")
}

// showHeld answers GET …/hold.
func showHeld(at place) (web.Answer, error) {
	c := chosen(at.a.Query)
	h, err := at.cal.Held(at.a.Context())
	if errs.Is(err, errs.Conflict) {
		if to := at.own(); to != "" {
			return web.See(c.at(to + "/map")), nil
		}
		if c.service == "" {
			return web.See(at.base), nil
		}
		return at.page(c, nil, "", "")
	}
	if err != nil {
		return web.Answer{}, err
	}
	c.service, c.was = h.Service, slotOf(h.Who, h.From, at.a.Now.Location())
	return at.page(c, &h, "", "")
}

// hold answers POST …/hold: a seat of the map was pressed.
func hold(at place) (web.Answer, error) {
	c, note := chosen(at.a.Form), at.a.Form("note")
	if at.a.Form("mine") != "" && at.chart != nil {
		h, err := at.cal.Adopt(at.a.Context(), at.a.Times())
		if err != nil && !errs.Is(err, errs.Conflict) {
			return web.Answer{}, err
		}
		if err == nil {
			c.service = h.Service
		}
		return web.See(c.at(at.base + "/hold")), nil
	}
	if pick := parseSlot(at.a.Form("pick")); pick != (slot{}) {
		c.was = pick
	}
	p, err := at.pick(c, hours.ParseMode(at.a.Form("way")))
	if err == nil {
		_, err = at.cal.Hold(at.a.Context(), p)
	}
	return at.after(c, err, note)
}

// pick is what a pressed seat asks for: in the way that was asked for, else the first
// that is open.
func (at place) pick(c choice, way hours.Modes) (record.Pick, error) {
	from, ok := c.was.day.At(c.was.minute, at.a.Now.Location())
	p := record.Pick{Service: c.service, Who: c.was.who, From: from}
	if !ok || c.was == (slot{}) {
		return p, errGone
	}
	ways := hours.Modes(0)
	for _, o := range at.cal.Openings(hours.Query{Service: c.service, From: c.was.day, To: c.was.day, Who: []string{c.was.who}}) {
		if o.From.Equal(from) {
			ways = o.Modes
		}
	}
	if ways == 0 { // it may be what they hold already
		h, err := at.cal.Held(at.a.Context())
		if err != nil || h.Service != p.Service || h.Who != p.Who || !h.From.Equal(from) {
			return p, errGone
		}
		ways = h.Ways
	}
	for _, m := range []hours.Modes{way, c.how, hours.InPerson, hours.Video, hours.Phone} {
		if m != 0 && ways&m != 0 {
			p.Mode = m
			return p, nil
		}
	}
	return p, errGone
}

var errGone = errs.Say(errs.E(errs.Conflict, "booking: no such time is open"), "visits.gone")

// keep answers POST …/keep: five minutes more.
func keep(at place) (web.Answer, error) {
	_, err := at.cal.Keep(at.a.Context())
	return at.after(chosen(at.a.Form), err, at.a.Form("note"))
}

// drop answers POST …/drop: what is held is given back.
func drop(at place) (web.Answer, error) {
	c := chosen(at.a.Form)
	if err := at.cal.Drop(at.a.Context()); err != nil && !errs.Is(err, errs.Refused) {
		return web.Answer{}, err
	}
	c.was = slot{}
	if c.service == "" {
		return web.See(at.base), nil
	}
	return web.See(c.at(at.base + "/map")), nil
}

// after answers an act on what is held. A note is in no address, so that with one the
// page itself is the answer.
func (at place) after(c choice, err error, note string) (web.Answer, error) {
	switch {
	case err != nil && !errs.Is(err, errs.Conflict):
		return web.Answer{}, err
	case c.service == "":
		return web.See(at.base), nil
	case err == nil && note == "":
		return web.See(c.at(at.base+"/hold") + "#mine"), nil
	}
	h, herr := at.cal.Held(at.a.Context())
	if herr != nil && !errs.Is(herr, errs.Conflict) {
		return web.Answer{}, herr
	}
	say := ""
	if err != nil {
		say, _ = at.a.P.Say(errs.SayOf(err))
	}
	if herr == nil {
		c.service = h.Service
		return at.page(c, &h, say, note)
	}
	return at.page(c, nil, say, note)
}

// confirm answers POST …/confirm: what is held becomes a visit, or the new time of one.
func confirm(at place) (web.Answer, error) {
	ctx, c, note := at.a.Context(), chosen(at.a.Form), at.a.Form("note")
	from, ok := c.was.day.At(c.was.minute, at.a.Now.Location())
	p := record.Pick{Service: c.service, Who: c.was.who, From: from, Mode: hours.ParseMode(at.a.Form("way"))}
	key := at.a.Form("key")
	if !ok || c.was == (slot{}) || key == "" || p.Mode == 0 {
		return at.after(c, errGone, note)
	}
	id := ""
	var err error
	if c.move != "" {
		if id, err = at.chart.VisitID(ctx, c.move); err == nil {
			err = at.chart.Move(ctx, id, p)
		}
	} else {
		var ids []string
		if ids, err = at.chart.Book(ctx, key, note, p); err == nil {
			id = ids[0]
		}
		if err == nil && at.a.Form("earlier") != "" {
			err = at.chart.WishEarlier(ctx, id, record.Wish{})
		}
	}
	if err != nil {
		return at.after(c, err, note)
	}
	return web.See(at.base + "/" + string(refOf(at.chart, id))), nil
}

// page is the map with what is held, and what went wrong.
func (at place) page(c choice, h *record.Held, say, note string) (web.Answer, error) {
	p := at.a.P
	s, ok := at.tt.Service(c.service)
	if !ok || !s.Public {
		return web.See(at.base), nil
	}
	v := pageView{P: p, Base: at.base, Title: p.VisitsPick(), Service: at.service(s), Pick: at.base + "/new", Say: say, Note: note, Earlier: at.a.Form("earlier") != "", Door: at.chart == nil, HoldFor: int(at.tt.Hold() / time.Minute)}
	if v.Door {
		v.Pick, v.In, v.Own, v.Name = at.base, "/in?to=/visits/hold", at.own(), at.a.Who.Name()
	}
	own := ""
	if at.chart != nil {
		was, err := gone(at.a.Context(), at.chart, at.a.Now, 30)
		if err != nil {
			return web.Answer{}, err
		}
		if own, err = at.usual(was, s); err != nil {
			return web.Answer{}, err
		}
	}
	if err := at.moving(&v, &c); err != nil {
		return web.Answer{}, err
	}
	var err error
	if v.Map, err = at.plan(s, c, h, own); err != nil {
		return web.Answer{}, err
	}
	v.Ways = at.ways(s, c, h != nil)
	v.Fields = c.fields()
	if v.Hold, err = at.held(s, c, h); err != nil {
		return web.Answer{}, err
	}
	if v.Hold != nil && v.Hold.Ended && v.Say == "" {
		v.Say = p.VisitsEnded()
		if !v.Hold.Free {
			v.Say = p.VisitsGone()
		}
	}
	title := v.Title
	if v.Hold != nil && !v.Hold.Ended {
		title = p.VisitsHeldTitle()
	}
	v.Shell = at.shell(title, "js/book.js")
	v.Shell.Here = c.at(at.base + "/map")
	if v.Hold != nil {
		v.Shell.Here = c.at(at.base + "/hold")
	}
	ans := web.Page(mapPage(v))
	if say != "" {
		ans = web.Wrong(mapPage(v))
	}
	return ans, nil
}

// moving fills in which visit is moved.
func (at place) moving(v *pageView, c *choice) error {
	if c.move == "" || at.chart == nil {
		c.move = ""
		return nil
	}
	x, err := one(at.a.Context(), at.chart, c.move)
	if err != nil {
		return err
	}
	if x.at.IsZero() { // staff asked for it, and it has no time yet
		v.Pick = ""
		return nil
	}
	from := at.a.Local(x.at)
	v.Title, v.Pick = at.a.P.VisitsMoveTitle(), ""
	v.Moving = lang.Upper(at.a.P.Date(from, at.a.Now)) + ", " + at.a.P.Clock(from)
	return nil
}

// ways are the links to the map of each way to meet.
func (at place) ways(s hours.Service, c choice, held bool) []wayView {
	if len(s.Modes.Each()) < 2 {
		return nil
	}
	path := at.base + "/map"
	if held {
		path = at.base + "/hold"
	}
	var out []wayView
	for _, m := range append([]hours.Modes{0}, s.Modes.Each()...) {
		x := c
		x.how = m
		out = append(out, wayView{Code: m.String(), Text: wayText(at.a.P, m), Icon: wayIcon(m), Href: x.at(path), Chosen: c.how == m})
	}
	return out
}

// held is what is held, or was and is held no longer; nil for nothing.
func (at place) held(s hours.Service, c choice, h *record.Held) (*holdView, error) {
	p, zone := at.a.P, at.a.Now.Location()
	if h == nil && c.was == (slot{}) {
		return nil, nil
	}
	who, err := at.people()
	if err != nil {
		return nil, err
	}
	var v holdView
	from, id := time.Time{}, c.was.who
	if h == nil {
		from, _ = c.was.day.At(c.was.minute, zone)
		v.Ended = true
		v.Free = slices.ContainsFunc(at.cal.Openings(hours.Query{Service: s.ID, From: c.was.day, To: c.was.day, Who: []string{id}}), func(o hours.Opening) bool { return o.From.Equal(from) })
	} else {
		from, id = h.From.In(zone), h.Who
		left := h.Ends.Sub(at.a.Now)
		v.Key, v.Seconds = h.Key(), int(left/time.Second)
		v.Clock = strconv.Itoa(v.Seconds/60) + ":" + strconv.Itoa(v.Seconds%60/10) + strconv.Itoa(v.Seconds%10)
		v.Ring = strconv.Itoa(min(100, int(100*left/at.tt.Hold()))) + " 100"
		if h.Left > 0 {
			v.KeepFor = int(at.tt.Hold() / time.Minute)
		}
		for _, m := range h.Ways.Each() {
			text := wayText(p, m)
			if m == hours.InPerson {
				text = at.where(m, h.In)
			}
			v.Ways = append(v.Ways, wayView{Code: m.String(), Text: text, Icon: wayIcon(m), Chosen: m == h.Mode})
		}
	}
	v.Slot = slotOf(id, from, zone).String()
	v.Dow, v.Num, v.Mon = lang.Upper(p.WeekdayShort(from)), from.Format("2"), lang.Upper(p.MonthShort(from))
	v.When = span(p, from, from.Add(time.Duration(s.Minutes)*time.Minute))
	v.Who = who[id].called()
	if v.Cost = at.a.In(s.Price); v.Cost == "" {
		v.Cost = p.VisitsCovered()
	}
	v.Prepare, v.Remind = at.a.In(s.Prepare), reminded(p, s, from.Sub(at.a.Now))
	v.Change = at.changeable(s, from)
	return &v, nil
}

// usual is whom somebody saw for a service last; else whom of those who do it they saw
// most; "" for nobody.
func (at place) usual(was []visit, s hours.Service) (string, error) {
	who, err := at.people()
	if err != nil {
		return "", err
	}
	n, best, title := map[string]int{}, "", at.a.In(s.Names)
	for _, v := range was {
		for _, w := range v.with {
			for _, id := range s.Who {
				if id != w.id && (w.name == "" || who[id].name != w.name) {
					continue
				}
				if v.service == s.ID || at.name(v) == title {
					return id, nil
				}
				n[id]++
			}
		}
	}
	for _, id := range s.Who {
		if n[id] > n[best] {
			best = id
		}
	}
	return best, nil
}
