package booking

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"rapport/errs"
	"rapport/hours"
	"rapport/ical"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// ticketView is one visit as the ticket it is.
type ticketView struct {
	Shell   shell.View
	P       lang.Printer
	Base    string
	Path    string
	Title   string
	State   state
	Dow     string
	Num     string
	Mon     string
	Date    string // in full
	When    string
	Lines   []string // how with whom, and about what
	Code    string   // spaced
	QR      parts.QRView
	Before  string // "Before Thursday"
	Prepare string
	Note    string
	Seen    string // who will see what
	Looks   string // where the client sees who looked
	Change  string // until when it can be changed
	Move    string
	Cancel  string
	Earlier string // the page of who would rather come sooner
	Late    string // that whoever they see runs late
	Again   string // the map of the same service
	Phone   string
	Problem string
	Name    string // of the practice
}

// state is what has become of a visit.
type state uint8

const (
	_ state = iota
	booked
	over
	calledOff
)

// view makes the ticket of a visit.
func (at place) view(x visit) (ticketView, error) {
	p, from := at.a.P, at.a.Local(x.at)
	v := ticketView{P: p, Base: at.base, Path: at.base + "/" + string(x.ref), Dow: lang.Upper(p.WeekdayShort(from)), Num: from.Format("2"), Mon: lang.Upper(p.MonthShort(from)),
		Date: lang.Upper(p.Date(from, at.a.Now)), When: span(p, from, at.a.Local(x.end)), Phone: at.a.Practice.Phone, Name: at.a.Practice.Name, Note: x.note}
	switch {
	case x.comes(at.a.Now):
		v.State, v.Title = booked, p.VisitsBooked()
	case x.status == "cancelled":
		v.State, v.Title = calledOff, p.VisitsCancelled()
	default:
		v.State, v.Title = over, p.VisitsOver()
	}
	v.Lines = append(at.meeting(x), at.name(x))
	s, known := at.tt.Service(x.service)
	if known && s.Public && at.cal.Holds() {
		v.Again = choice{service: s.ID}.at(at.base + "/map")
	}
	if v.State != booked {
		return v, nil
	}
	code := at.chart.CheckIn(x.id)
	v.Code = spaced(code)
	v.Before, v.Prepare = p.VisitsBefore(p.Weekday(from)), x.prepare
	if hours.DateOf(from) == hours.DateOf(at.a.Now) {
		v.Before = p.VisitsBeforeToday()
	}
	if t := at.a.In(s.Prepare); t != "" {
		v.Prepare = t
	}
	v.Seen = p.VisitsSeen()
	if x.note != "" {
		v.Seen = p.VisitsSeenNote()
	}
	if of(at.a) == "" {
		v.Looks = "/me/" + string(at.chart.Client()) + "/looks"
	}
	switch {
	case at.movable(x):
		v.Change, v.Move, v.Cancel = at.changeable(s, x.at), at.moveTo(x), v.Path+"/cancel"
	default:
		v.Change = p.VisitsChangeCall()
	}
	if v.Move != "" {
		v.Earlier = v.Path + "/earlier"
	}
	if len(x.with) > 0 && hours.DateOf(from) == hours.DateOf(at.a.Now) {
		if n := at.cal.Late(x.with[0].id); n > 0 {
			v.Late = p.SlipsLate(n)
		}
	}
	var err error
	v.QR, err = parts.QR(code, p.VisitsQr())
	return v, err
}

// lower begins a text as it stands within a sentence.
func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

// spaced writes a code in pairs, as it is read out.
func spaced(code string) string {
	out := ""
	for i, r := range code {
		if i > 0 && i%2 == 0 {
			out += " "
		}
		out += string(r)
	}
	return out
}

// found is the visit an address names, with its ticket.
func found(a *web.Ask, c *record.Chart) (place, visit, ticketView, error) {
	at := within(a, c)
	x, err := one(a.Context(), c, record.Ref(a.Path("id")))
	if err != nil {
		return at, x, ticketView{}, err
	}
	v, err := at.view(x)
	return at, x, v, err
}

// ticket answers GET /me/{client}/visits/{id}.
func ticket(a *web.Ask, c *record.Chart) (web.Answer, error) {
	at, _, v, err := found(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	v.Shell = at.shell(v.Title)
	return web.Page(ticketPage(v)), nil
}

// cancelAsk answers GET /me/{client}/visits/{id}/cancel.
func cancelAsk(a *web.Ask, c *record.Chart) (web.Answer, error) {
	at, _, v, err := found(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if v.Cancel == "" {
		return web.See(v.Path), nil
	}
	v.Title = a.P.VisitsCancelTitle()
	v.Shell = at.shell(v.Title)
	return web.Page(cancelPage(v)), nil
}

// cancel answers POST /me/{client}/visits/{id}/cancel.
func cancel(a *web.Ask, c *record.Chart) (web.Answer, error) {
	id, err := c.VisitID(a.Context(), record.Ref(a.Path("id")))
	if err != nil {
		return web.Answer{}, err
	}
	to := visitsOf(c) + "/" + a.Path("id")
	err = c.Cancel(a.Context(), id)
	if errs.Is(err, errs.Conflict) {
		at, _, v, ferr := found(a, c)
		if ferr != nil {
			return web.Answer{}, ferr
		}
		v.Problem, _ = a.P.Say(errs.SayOf(err))
		v.Shell = at.shell(v.Title)
		return web.Wrong(ticketPage(v)), nil
	}
	return web.See(to), err
}

// ticketFile answers GET /me/{client}/visits/{id}/ticket.html: the ticket as one file
// that needs no network, which whoever saves it can also throw away.
func ticketFile(a *web.Ask, c *record.Chart) (web.Answer, error) {
	_, _, v, err := found(a, c)
	if err != nil || v.State != booked {
		return web.See(visitsOf(c) + "/" + a.Path("id")), err
	}
	b, err := rendered(a.Context(), ticketAlone(v))
	if err == nil {
		err = give(a, c, "text/html", b)
	}
	return web.File("text/html; charset=utf-8", "visit.html", b), err
}

// give writes down that a visit leaves as a file.
func give(a *web.Ask, c *record.Chart, as string, file []byte) error {
	_, err := c.Give(a.Context(), record.Gift{To: record.ToThemselves, As: as, Manifest: file, N: 1, Parts: record.Visits})
	return err
}

// calendarFile answers GET /me/{client}/visits/{id}/visit.ics.
func calendarFile(a *web.Ask, c *record.Chart) (web.Answer, error) {
	at, x, v, err := found(a, c)
	if err != nil || v.State != booked {
		return web.See(visitsOf(c) + "/" + a.Path("id")), err
	}
	where := ""
	if x.way == hours.InPerson || x.way == 0 {
		where = x.where
	}
	var b bytes.Buffer
	err = ical.Write(&b, ical.Calendar{Zone: a.Now.Location().String(), Method: "PUBLISH", Events: []ical.Event{{UID: string(x.ref) + "@visits", Title: a.P.VisitsIcs(at.a.Practice.Name), Where: where,
		URL: a.Absolute(v.Path), From: x.at, To: x.end, Stamp: a.Now, Sequence: int(x.sequence), Private: true}}})
	if err == nil {
		err = give(a, c, "text/calendar", b.Bytes())
	}
	return web.File("text/calendar; charset=utf-8", "visit.ics", b.Bytes()), err
}
