package web

import (
	"context"
	"encoding/json"
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

// fromIssuer answers GET /in/issuer/back. Who went there from inside is asked
// whether to bind the account there to theirs; anyone else comes in by it. The
// page that follows has a button: a cookie that no other site can send along is
// not sent along on the way back from one.
func (s *Server) fromIssuer(a *Ask) (Answer, error) {
	v := s.doorView(a, a.P.DoorTitle())
	if s.cfg.Issuer == nil {
		return Answer{}, errs.E(errs.NotFound, "web: no identity provider")
	}
	half, session, err := s.cfg.Doors.Take(a.Context(), s.cookieOf(a.r, issuerCookie))
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
	if session != (account.Hash{}) {
		return s.toBind(a, v, bound{id, renew})
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

// bound is an account at the identity service that waits to be tied to one here.
type bound struct {
	ID    account.Identity
	Renew string
}

// toBind asks somebody who was in already, and came back from the identity
// service, whether they want to come in through it from now on. Their session's
// cookie does not come along from there; it does when they press the button.
func (s *Server) toBind(a *Ask, v doorView, b bound) (Answer, error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return Answer{}, err
	}
	token, err := s.cfg.Doors.Keep(a.Context(), "", raw)
	if err != nil {
		return Answer{}, err
	}
	ans := Page(bindPage(v))
	ans.cookies = []*http.Cookie{s.cookie(issuerCookie, token, 10*time.Minute, http.SameSiteStrictMode)}
	return ans, nil
}

// bind answers POST /account/issuer.
func (s *Server) bind(a *Ask) (Answer, error) {
	raw, _, err := s.cfg.Doors.Take(a.Context(), s.cookieOf(a.r, issuerCookie))
	if errs.Is(err, errs.NotFound) {
		return s.spent(s.doorView(a, a.P.DoorTitle())), nil
	}
	if err != nil {
		return Answer{}, err
	}
	var b bound
	if err := json.Unmarshal(raw, &b); err != nil {
		return Answer{}, errs.E(errs.Invalid, "web: nothing to bind")
	}
	in, err := s.cfg.Doors.Bind(a.Context(), s.token(a.r), b.ID, b.Renew)
	if err != nil {
		return wrongAt(a, s.doorView(a, a.P.DoorTitle()), err, func(v doorView) Answer { return Page(bindPage(v)) })
	}
	_, known := a.device(in.Device.Use)
	ans := s.came(in, known, "/account")
	ans.cookies = append(ans.cookies, s.cookie(issuerCookie, "", 0, http.SameSiteStrictMode))
	return ans, nil
}
