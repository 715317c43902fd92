package web

import (
	"rapport/account"
	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/shell"
)

// placePages are where staff with roles at several places say at which they are.
func (s *Server) placePages() []Route {
	return []Route{
		{Pattern: "GET /place", Why: record.Entering, Open: s.showPlace},
		{Pattern: "POST /place", Why: record.Entering, Open: s.goTo},
	}
}

// placeView is the page to choose a place on.
type placeView struct {
	Shell  shell.View
	P      lang.Printer
	Now    string // the id of the place they are at
	Places []account.At
}

func (s *Server) showPlace(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	at := a.Who.Places()
	if len(at) < 2 {
		return See("/"), nil
	}
	return Page(placePage(placeView{Shell: a.Shell(a.P.PlaceTitle(), ""), P: a.P, Now: a.Who.Place(), Places: at})), nil
}

// goTo answers POST /place. A place that somebody has no role at is as if they
// had not asked.
func (s *Server) goTo(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	for _, x := range a.Who.Places() {
		if x.Place == a.Form("place") {
			return See("/"), s.cfg.Doors.GoTo(a.Context(), s.token(a.r), x.Place)
		}
	}
	return See("/place"), nil
}

// whereLink says in the reader's menu where they are at work, if there is a choice.
func (a *Ask) whereLink() (parts.Link, bool) {
	at := a.Who.Places()
	if len(at) < 2 {
		return parts.Link{}, false
	}
	l := parts.Link{Text: a.P.PlaceChoose(), Href: "/place", Icon: "map-pin"}
	for _, x := range at {
		if x.Place == a.Who.Place() {
			l.Text = a.P.PlaceNow(x.Name)
		}
	}
	return l, true
}
