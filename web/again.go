package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rapport/account"
	"rapport/errs"
)

// again answers a request that needs a stronger session: who is not in comes in
// first, who is shows once more who they are. What was posted waits on the page
// and is sent again afterwards.
func (s *Server) again(w http.ResponseWriter, a *Ask, need account.Level) {
	var ans Answer
	switch {
	case a.Who.Kind() == account.Nobody:
		ans = s.doorstepAt(a, http.StatusUnauthorized)
	case a.r.Method == http.MethodGet && s.enrols(a, need):
		ans = See("/account/start?" + url.Values{"to": {a.r.URL.Path}}.Encode()).forScript(a.Fragment)
	case a.Fragment || a.r.Method == http.MethodGet:
		ans = See("/in/again?" + url.Values{"to": {a.r.URL.Path}}.Encode()).forScript(a.Fragment)
	default:
		v := s.againView(a, need)
		v.Action = ownPath(a.r.URL.Path)
		for name, values := range a.form {
			for _, x := range values {
				v.Carry = append(v.Carry, carried{name, x})
			}
		}
		slices.SortFunc(v.Carry, func(x, y carried) int { return compare(x.Name, y.Name) })
		ans = Page(againPage(v))
		ans.status = http.StatusUnauthorized
	}
	if err := ans.send(a.r, w); err != nil {
		s.cfg.Log.Error("failed", "pattern", a.r.Pattern, "why", err.Error())
	}
}

// enrols reports that who is in has no key to show yet, and may make one.
func (s *Server) enrols(a *Ask, need account.Level) bool {
	if a.Who.Level() >= account.ByKey || need > account.ByKey {
		return false
	}
	w, err := s.cfg.Doors.Ways(a.Context(), s.token(a.r))
	return err == nil && w.Enrols
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (s *Server) againView(a *Ask, need account.Level) doorView {
	v := s.doorView(a, a.P.DoorAgainTitle())
	v.Level = need
	if need < account.Fresh {
		return v
	}
	to := v.To
	if a.r.Method == http.MethodPost && v.To == "/" {
		to = ownPath(a.r.URL.Path)
	}
	if w, err := s.cfg.Doors.Ways(a.Context(), s.token(a.r)); err == nil && w.AppOnly {
		v.AppOnly, v.Errand = true, strings.HasPrefix(to, "/account")
	}
	if v.AppOnly && v.Errand { // what was posted is not sent again by a form without a script
		v.To = to
		if v.To != "/account/codes" && a.r.Method == http.MethodPost {
			v.To = "/account"
		}
	}
	return v
}

// showAgain answers GET /in/again.
func (s *Server) showAgain(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return s.doorstepAt(a, http.StatusOK), nil
	}
	need := account.Fresh
	if a.Who.Level() < account.ByKey {
		need = account.ByKey
	}
	return Page(againPage(s.againView(a, need))), nil
}

func (s *Server) beginFresh(a *Ask) (Answer, error) {
	b, err := s.cfg.Doors.BeginFresh(a.Context(), s.token(a.r))
	if err != nil {
		return told(a, err)
	}
	return JSON(b)
}

func (s *Server) finishFresh(a *Ask) (Answer, error) {
	k, err := a.keyAnswer()
	if err != nil {
		return Answer{}, err
	}
	in, err := s.cfg.Doors.FinishFresh(a.Context(), s.token(a.r), k.Ceremony, k.Answer)
	if err != nil {
		return told(a, err)
	}
	return on(s.came(in, nil, ownPath(k.To))), nil
}

// second takes a typed proof.
func (s *Server) second(a *Ask, use func(session, code string) (account.In, error)) (Answer, error) {
	in, err := use(s.token(a.r), a.Form("code"))
	if err != nil {
		return wrongAt(a, s.againView(a, account.ByKey), err, func(v doorView) Answer { return Page(againPage(v)) })
	}
	_, known := a.device(in.Device.Use)
	return s.came(in, known, ownPath(a.Form("to"))), nil
}

func (s *Server) useApp(a *Ask) (Answer, error) {
	return s.second(a, func(session, code string) (account.In, error) {
		return s.cfg.Doors.UseApp(a.Context(), session, code, a.from())
	})
}

func (s *Server) useSpare(a *Ask) (Answer, error) {
	return s.second(a, func(session, code string) (account.In, error) {
		return s.cfg.Doors.UseSpare(a.Context(), session, code, a.from())
	})
}

// showBack answers GET /in/back: somebody who lost their ways in. Coming by a
// link is one proof; what else they have is asked for.
func (s *Server) showBack(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorBackTitle())
	if a.Who.Kind() == account.Nobody {
		return Page(backPage(v)), nil
	}
	return s.backAt(a, v, "")
}

func (s *Server) getBack(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	return s.backAt(a, s.doorView(a, a.P.DoorBackTitle()), a.Form("code"))
}

func (s *Server) backAt(a *Ask, v doorView, spare string) (Answer, error) {
	w, err := s.cfg.Doors.GetBack(a.Context(), s.token(a.r), spare, a.from())
	if err != nil && !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Unavailable) {
		return Answer{}, err
	}
	v.Back = &w
	v.Spares = !slices.Contains(w.Proofs, account.BySpare)
	if !w.Opens.IsZero() {
		at := a.Local(w.Opens)
		v.Opens = a.P.AccountWhen(a.P.Date(at, a.Now), a.P.Clock(at))
	}
	if err != nil {
		return wrongAt(a, v, err, func(v doorView) Answer { return Page(backPage(v)) })
	}
	return Page(backPage(v)), nil
}

func (s *Server) showStop(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorStopTitle())
	v.Token = a.Path("token")
	return Page(stopPage(v)), nil
}

func (s *Server) stopBack(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorStoppedTitle())
	err := s.cfg.Doors.StopBack(a.Context(), a.Path("token"))
	if errs.Is(err, errs.NotFound) {
		return s.spent(v), nil
	}
	if err != nil {
		return Answer{}, err
	}
	return Page(stoppedPage(v)), nil
}
