package web

import (
	"crypto/rand"
	"net/http"
	"time"

	"rapport/record"
)

// Times are the practice's times as this browser saw them before anybody signed in,
// with what is held for it.
func (a *Ask) Times() *record.Calendar { return a.s.cfg.Vault.Times(a.s.cookieOf(a.r, holdCookie)) }

// times hands the practice's times to a page for anybody. What somebody does who is not
// known is told from what another does by a cookie, which is made with the first act.
func (s *Server) times(rt Route, a *Ask) (Answer, error) {
	token := s.cookieOf(a.r, holdCookie)
	var made *http.Cookie
	if token == "" && a.r.Method == http.MethodPost {
		token = rand.Text()
		made = s.cookie(holdCookie, token, 24*time.Hour, http.SameSiteLaxMode)
	}
	ans, err := rt.Times(a, s.cfg.Vault.Times(token))
	if made != nil && err == nil {
		ans.cookies = append(ans.cookies, made)
	}
	return ans, err
}
