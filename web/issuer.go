package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"rapport/account"
	"rapport/errs"
)

// Issuer is the practice's identity provider, through which staff may come in.
type Issuer interface {
	// Label is what its button says: "City Health sign-in".
	Label() string
	// Begin returns where to send the browser, and what to keep until it comes back.
	Begin(ctx context.Context) (half []byte, to string, err error)
	// Finish checks what the browser brought back; at is when the person last showed
	// the provider who they are.
	Finish(ctx context.Context, half []byte, query url.Values) (id account.Identity, at time.Time, renew string, err error)
}

// toIssuer answers GET /in/issuer.
func (s *Server) toIssuer(a *Ask) (Answer, error) {
	if s.cfg.Issuer == nil {
		return Answer{}, errs.E(errs.NotFound, "web: no identity provider")
	}
	half, to, err := s.cfg.Issuer.Begin(a.Context())
	if err != nil {
		return Answer{}, errs.E(errs.Unavailable, "web: the identity provider: %w", err)
	}
	token, err := s.cfg.Doors.Keep(a.Context(), s.token(a.r), half)
	if err != nil {
		return Answer{}, err
	}
	ans := See(to)
	ans.cookies = []*http.Cookie{s.cookie(issuerCookie, token, 10*time.Minute, http.SameSiteLaxMode)}
	return ans, nil
}

// fromIssuer answers GET /in/issuer/back. A member of staff who is making their
// first way in binds the account there to theirs; anyone else comes in by it. The
// page that follows has a button: a cookie that no other site can send along is
// not sent along on the way back from one.
func (s *Server) fromIssuer(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorTitle())
	if s.cfg.Issuer == nil {
		return Answer{}, errs.E(errs.NotFound, "web: no identity provider")
	}
	half, _, err := s.cfg.Doors.Take(a.Context(), s.cookieOf(a.r, issuerCookie))
	if errs.Is(err, errs.NotFound) {
		return s.spent(v), nil
	}
	if err != nil {
		return Answer{}, err
	}
	id, at, renew, err := s.cfg.Issuer.Finish(a.Context(), half, a.r.URL.Query())
	if err != nil {
		s.cfg.Log.Info("issuer", "kind", errs.KindOf(err).String())
		return wrongAt(a, v, errs.Say(errs.E(errs.Invalid, "web: the identity provider"), "door.key_wrong"), func(v doorView) Answer { return Page(doorPage(v)) })
	}
	d, known := a.device(account.Theirs)
	in, err := s.cfg.Doors.EnterBy(a.Context(), id, at, renew, d)
	if err != nil {
		return wrongAt(a, v, err, func(v doorView) Answer { return Page(doorPage(v)) })
	}
	came := s.came(in, known, "/")
	ans := Page(cameInPage(v))
	ans.cookies = append(came.cookies, s.cookie(issuerCookie, "", 0, http.SameSiteLaxMode))
	return ans, nil
}
