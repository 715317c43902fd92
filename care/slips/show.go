package slips

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"rapport/errs"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// view is what a slip's page shows.
type view struct {
	Shell   shell.View
	P       lang.Printer
	At      string // the page's own address
	Flash   parts.FlashView
	Ticket  parts.TicketView
	Booked  bool // it is to come
	Yes     bool // they said that they come
	Movable bool
	Offer   *parts.TicketView
	Ends    string // until when the offer may be answered
	First   bool   // others are asked too
	Late    string // that whoever they see runs late
	Days    []day  // when it could be instead
	More    string // the address of later days, "" for none
	mode    hours.Modes
	who     string // whom it is with
}

// day is one of the days on which a visit could be instead.
type day struct {
	Name  string
	Times []choice
}

// choice is one time a visit could be at.
type choice struct{ Text, From, Mode string }

// show answers GET /v/{token}.
func show(a *web.Ask, s *record.Slip) (web.Answer, error) {
	return page(a, s, "")
}

// page shows the visit, with what an act came to.
func page(a *web.Ask, s *record.Slip, said string) (web.Answer, error) {
	v, err := shown(a, s)
	if errs.Is(err, errs.NotFound) {
		return a.Spent(), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	if text, ok := a.P.Say(said); ok {
		v.Flash = parts.FlashView{Tone: parts.ToneDanger, Text: text}
		return web.Wrong(showPage(v)), nil
	}
	switch a.Query("did") {
	case "yes":
		v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.SlipsDidYes()}
	case "moved":
		v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.SlipsDidMoved()}
	case "left":
		v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.SlipsDidLeft()}
	}
	return web.Page(showPage(v)), nil
}

func shown(a *web.Ask, s *record.Slip) (view, error) {
	x, err := s.Visit(a.Context())
	if err != nil {
		return view{}, err
	}
	v := view{P: a.P, At: "/v/" + url.PathEscape(a.Path("token")), Yes: x.Confirmed}
	v.Booked = x.Status == "booked" && x.From.After(a.Now)
	title := a.P.SlipsTitle()
	switch {
	case x.Status == "cancelled" || x.From.IsZero():
		title = a.P.SlipsOff()
	case !v.Booked:
		title = a.P.SlipsPast()
	}
	v.Shell = a.Shell(title, "")
	if !x.From.IsZero() {
		v.Ticket = ticket(a, x.Seat, x.Place)
		v.Ticket.When = title
		if x.Late > 0 && v.Booked {
			v.Late = a.P.SlipsLate(x.Late)
		}
	}
	v.Movable, v.mode, v.who = v.Booked && x.Service != "", x.Mode, x.Who
	if x.Offer != nil && v.Booked {
		t := ticket(a, x.Offer.Seat, "")
		t.When, t.ID = a.P.SlipsEarlier(), "earlier"
		v.Offer, v.Ends, v.First = &t, a.P.Clock(a.Local(x.Offer.Ends)), x.Offer.First
	}
	return v, nil
}

// ticket is the stub of a time.
func ticket(a *web.Ask, s record.Seat, place string) parts.TicketView {
	from, to := a.Local(s.From), a.Local(s.To)
	t := parts.Stub(a.P, "when", from)
	t.Title = a.P.SlipsFromto(a.P.Clock(from), a.P.Clock(to))
	t.Meta = append(t.Meta, lang.Upper(a.P.Date(from, a.Now)))
	switch {
	case s.Mode == hours.Video:
		t.Meta = append(t.Meta, a.P.SlipsVideo())
	case s.Mode == hours.Phone:
		t.Meta = append(t.Meta, a.P.SlipsPhone())
	case place != "":
		t.Meta = append(t.Meta, a.P.SlipsPlace(a.Practice.Name, place))
	default:
		t.Meta = append(t.Meta, a.Practice.Name)
	}
	return t
}

// done goes back to the slip after an act, or shows why it did not come about.
func done(a *web.Ask, s *record.Slip, did string, err error) (web.Answer, error) {
	if key := errs.SayOf(err); key != "" {
		return page(a, s, key)
	}
	if errs.Is(err, errs.NotFound) {
		return page(a, s, "visits.gone")
	}
	if err != nil {
		return web.Answer{}, err
	}
	to := "/v/" + url.PathEscape(a.Path("token"))
	if did != "" {
		to += "?did=" + did
	}
	return web.See(to), nil
}

func confirm(a *web.Ask, s *record.Slip) (web.Answer, error) {
	return done(a, s, "yes", s.Confirm(a.Context()))
}

func cancel(a *web.Ask, s *record.Slip) (web.Answer, error) {
	return done(a, s, "", s.Cancel(a.Context()))
}

func take(a *web.Ask, s *record.Slip) (web.Answer, error) {
	return done(a, s, "moved", s.Accept(a.Context()))
}

func leave(a *web.Ask, s *record.Slip) (web.Answer, error) {
	return done(a, s, "left", s.DeclineOffer(a.Context()))
}

// shownDays is how many days with openings a page lists, within how many it looks.
const (
	shownDays = 5
	lookDays  = 28
)

// openings answers GET /v/{token}/move: when the visit could be instead.
func openings(a *web.Ask, s *record.Slip) (web.Answer, error) {
	v, err := shown(a, s)
	if errs.Is(err, errs.NotFound) {
		return a.Spent(), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	if !v.Movable {
		return web.See(v.At), nil
	}
	first := hours.DateOf(a.Now)
	if d, ok := hours.ParseDate(a.Query("from")); ok && d > first && d < first+400 {
		first = d
	}
	os, err := s.Openings(a.Context(), first, first+lookDays)
	if err != nil {
		return web.Answer{}, err
	}
	v.Shell.Title = a.P.SlipsMove()
	for _, o := range os {
		at := a.Local(o.From)
		name := lang.Upper(a.P.Date(at, a.Now))
		if n := len(v.Days); n == 0 || v.Days[n-1].Name != name {
			if n == shownDays {
				v.More = v.At + "/move?from=" + hours.DateOf(at).String()
				break
			}
			v.Days = append(v.Days, day{Name: name})
		}
		d := &v.Days[len(v.Days)-1]
		if n := len(d.Times); n > 0 && d.Times[n-1].Text == a.P.Clock(at) { // with whom it was, or else whoever is first
			if o.Who != v.who {
				continue
			}
			d.Times = d.Times[:n-1]
		}
		mode := o.Modes.Each()[0].String()
		if o.Modes&v.mode != 0 {
			mode = v.mode.String()
		}
		d.Times = append(d.Times, choice{a.P.Clock(at), o.From.UTC().Format(time.RFC3339), mode})
	}
	return web.Page(movePage(v)), nil
}

// move answers POST /v/{token}/move. Whom it is with stands nowhere on the page: it is who
// it was with, or else whoever is first.
func move(a *web.Ask, s *record.Slip) (web.Answer, error) {
	from, mode, _ := strings.Cut(a.Form("to"), " ")
	at, err := time.Parse(time.RFC3339, from)
	if err != nil {
		return page(a, s, "visits.gone")
	}
	x, err := s.Visit(a.Context())
	if err != nil {
		return done(a, s, "", err)
	}
	p := record.Pick{Who: x.Who, From: at, Mode: hours.ParseMode(mode)}
	day := hours.DateOf(a.Local(at))
	os, err := s.Openings(a.Context(), day, day)
	if err != nil {
		return web.Answer{}, err
	}
	os = slices.DeleteFunc(slices.Clone(os), func(o hours.Opening) bool { return !o.From.Equal(at) || o.Modes&p.Mode == 0 })
	if len(os) > 0 && !slices.ContainsFunc(os, func(o hours.Opening) bool { return o.Who == x.Who }) {
		p.Who = os[0].Who
	}
	return done(a, s, "moved", s.Move(a.Context(), p))
}
