package slips

import (
	"bytes"
	"slices"

	"rapport/account"
	"rapport/errs"
	"rapport/hours"
	"rapport/ical"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// mineView is what a guest has booked.
type mineView struct {
	Shell  shell.View
	P      lang.Printer
	Flash  parts.FlashView
	Visits []reserved
}

// reserved is one visit of a guest.
type reserved struct {
	Ticket  parts.TicketView
	Code    string
	QR      parts.QRView
	Prepare string
	File    string // the address of its calendar file
	Cancel  parts.ConfirmView
}

// mine answers GET /visits/mine: what a guest has booked. A client has it on their own
// pages.
func mine(a *web.Ask, t *record.Calendar) (web.Answer, error) {
	switch a.Who.Kind() {
	case account.Client:
		return web.See("/me/" + string(a.Who.Client()) + "/visits"), nil
	case account.Guest:
	default:
		return web.See("/visits"), nil
	}
	v, err := mineOf(a, t)
	if err != nil {
		return web.Answer{}, err
	}
	if text, ok := a.P.Say(a.Query("why")); ok && slices.Contains([]string{"visits.gone", "visits.not_held", "visits.many"}, a.Query("why")) {
		v.Flash = parts.FlashView{Tone: parts.ToneDanger, Text: text}
	}
	if a.Query("did") == "booked" && len(v.Visits) > 0 {
		v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.VisitsBooked()}
	}
	return web.Page(minePage(v)), nil
}

func mineOf(a *web.Ask, t *record.Calendar) (mineView, error) {
	v := mineView{P: a.P, Shell: a.Shell(a.P.SlipsMine(), "")}
	v.Shell.Nav = nil
	with, err := t.Colleagues(a.Context())
	if err != nil {
		return v, err
	}
	tt := t.Timetable()
	for _, x := range t.Reservations() {
		if !x.To.After(a.Now) {
			continue
		}
		room, _ := tt.Room(x.Room)
		s, _ := tt.Service(x.Service)
		r := reserved{Ticket: ticket(a, x.Seat, room.Name), Code: t.CheckIn(x.ID), Prepare: a.In(s.Prepare)}
		r.Ticket.ID, r.Ticket.When = "v"+x.ID, a.In(s.Names)
		if i := slices.IndexFunc(with, func(c record.Colleague) bool { return c.ID == x.Who }); i >= 0 {
			r.Ticket.Meta = append(r.Ticket.Meta, with[i].Name)
		}
		if r.QR, err = parts.QR(r.Code, a.P.SlipsCode()); err != nil {
			return v, err
		}
		r.File = "/visits/mine/" + x.ID + "/visit.ics"
		r.Cancel = parts.ConfirmView{Text: a.P.SlipsCancel(), Lost: a.P.SlipsCancelLost(), Action: "/visits/mine/" + x.ID + "/cancel"}
		v.Visits = append(v.Visits, r)
	}
	return v, nil
}

// calendarFile answers GET /visits/mine/{id}/visit.ics: when and where, and not what for.
func calendarFile(a *web.Ask, t *record.Calendar) (web.Answer, error) {
	all := t.Reservations()
	i := slices.IndexFunc(all, func(x record.Reserved) bool { return x.ID == a.Path("id") })
	if i < 0 {
		return web.See("/visits/mine"), nil
	}
	x, where := all[i], ""
	if x.Mode == hours.InPerson || x.Mode == 0 {
		where = a.Practice.Name
	}
	var b bytes.Buffer
	err := ical.Write(&b, ical.Calendar{Zone: a.Now.Location().String(), Method: "PUBLISH", Events: []ical.Event{{UID: x.ID + "@visits", Title: a.P.VisitsIcs(a.Practice.Name), Where: where,
		URL: a.Absolute("/visits/mine"), From: x.From, To: x.To, Stamp: a.Now, Private: true}}})
	return web.File("text/calendar; charset=utf-8", "visit.ics", b.Bytes()), err
}

// release answers POST /visits/mine/{id}/cancel.
func release(a *web.Ask, t *record.Calendar) (web.Answer, error) {
	err := t.Release(a.Context(), a.Path("id"))
	if key := errs.SayOf(err); key != "" {
		v, verr := mineOf(a, t)
		if verr != nil {
			return web.Answer{}, verr
		}
		v.Flash.Tone = parts.ToneDanger
		v.Flash.Text, _ = a.P.Say(key)
		return web.Wrong(minePage(v)), nil
	}
	if err != nil && !errs.Is(err, errs.NotFound) {
		return web.Answer{}, err
	}
	return web.See("/visits/mine"), nil
}
