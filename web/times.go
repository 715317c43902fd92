package web

import (
	"crypto/rand"
	"net/http"
	"time"

	"rapport/account"
	"rapport/errs"
)

// times hands the practice's times to a page for anybody. What somebody does who is not
// known is told from what another does by a cookie, which is made with the first act.
func (s *Server) times(rt Route, a *Ask) (Answer, error) {
	token := s.cookieOf(a.r, holdCookie)
	var made *http.Cookie
	if token == "" && a.r.Method == http.MethodPost {
		token = rand.Text()
		made = s.cookie(holdCookie, token, 24*time.Hour, http.SameSiteLaxMode)
	}
	ans, err := rt.Times(a, s.cfg.Vault.TimesOf(a.Who, token))
	if made != nil && err == nil {
		ans.cookies = append(ans.cookies, made)
	}
	return ans, err
}

// slip hands one visit to a page for whoever has its link. Who is signed in counts for
// nothing here, and is not shown.
func (s *Server) slip(rt Route, a *Ask) (Answer, error) {
	who, visit, err := s.cfg.Doors.Slip(a.Context(), a.Path("token"))
	if errs.Is(err, errs.NotFound) {
		return a.Spent(), nil
	}
	if err != nil {
		return Answer{}, err
	}
	a.Who, a.caring = account.Actor{}, nil
	a.speak(who.Language())
	x, err := s.cfg.Vault.OpenSlip(a.Context(), who, visit)
	if err != nil {
		return Answer{}, err
	}
	return rt.Slip(a, x)
}
