package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/web"
	"rapport/web/webtest"
)

// service is an identity service that vouches for one account. What it checks
// itself, package account/idp tests.
type service struct{ id account.Identity }

func (service) Label() string { return "City Health" }

func (service) Begin(context.Context) ([]byte, string, error) {
	return []byte("half"), "https://login.city.example/authorize?state=x", nil
}

func (s service) Finish(_ context.Context, half []byte, q url.Values) (account.Identity, time.Time, string, error) {
	if string(half) != "half" || q.Get("code") != "good" {
		return account.Identity{}, time.Time{}, "", errs.E(errs.Refused, "not believed")
	}
	return s.id, webtest.Start, "", nil
}

// jar is a browser that keeps cookies and sends the strict ones along only within
// the site.
type jar struct {
	t   *testing.T
	web *web.Server
	all map[string]*http.Cookie
}

func (j *jar) ask(method, path, site string) *httptest.ResponseRecorder {
	j.t.Helper()
	r := httptest.NewRequest(method, "https://practice.example"+path, strings.NewReader(""))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", site)
	for _, c := range j.all {
		if site == "same-origin" || c.SameSite != http.SameSiteStrictMode {
			r.AddCookie(c)
		}
	}
	w := httptest.NewRecorder()
	j.web.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(j.all, c.Name)
			continue
		}
		j.all[c.Name] = c
	}
	return w
}

func TestStaffBindTheirWorkplacesSignInAndComeInByIt(t *testing.T) {
	t.Parallel()
	h := webtest.New(t)
	cfg := h.Config
	cfg.Issuer = service{account.Identity{Issuer: "https://login.city.example", Subject: "42"}}
	s, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	link, err := h.Doors.Invite(t.Context(), h.Subject("nurse"), account.Once)
	if err != nil {
		t.Fatal(err)
	}
	j := &jar{t, s, map[string]*http.Cookie{}}
	// nobody knows the account there yet
	j.ask("GET", "/in/issuer", "same-origin")
	if w := j.ask("GET", "/in/issuer/back?code=good", "cross-site"); w.Code != 422 || j.all["__Host-session"] != nil {
		t.Errorf("an account nobody bound comes in: %d", w.Code)
	}
	// the invitation lets her bind it
	if w := j.ask("POST", "/in/"+link, "same-origin"); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/account/start") {
		t.Fatalf("the invitation leads to %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := j.ask("GET", "/account/start", "same-origin"); !strings.Contains(w.Body.String(), "City Health") {
		t.Error("the page of ways in does not offer the workplace's")
	}
	if w := j.ask("GET", "/in/issuer", "same-origin"); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "https://login.city.example/") {
		t.Fatalf("to the service: %d %s", w.Code, w.Header().Get("Location"))
	}
	w := j.ask("GET", "/in/issuer/back?code=good", "cross-site")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `action="/account/issuer"`) {
		t.Fatalf("back from the service: %d", w.Code)
	}
	if again := j.ask("GET", "/in/issuer/back?code=good", "cross-site"); again.Code == 200 && strings.Contains(again.Body.String(), `action="/account/issuer"`) {
		t.Error("half a sign-in is good twice")
	}
	// coming back a second time took the waiting half away: begin again
	j.ask("GET", "/in/issuer", "same-origin")
	j.ask("GET", "/in/issuer/back?code=good", "cross-site")
	if w := j.ask("POST", "/account/issuer", "same-origin"); w.Code != 303 {
		t.Fatalf("binding: %d %s", w.Code, w.Body)
	}
	// another browser comes in by it, and presses the button of the page in between
	k := &jar{t, s, map[string]*http.Cookie{}}
	k.ask("GET", "/in/issuer", "same-origin")
	if w := k.ask("GET", "/in/issuer/back?code=bad", "cross-site"); w.Code != 422 {
		t.Errorf("a bad answer: %d", w.Code)
	}
	k.ask("GET", "/in/issuer", "same-origin")
	if w := k.ask("GET", "/in/issuer/back?code=good", "cross-site"); w.Code != 200 {
		t.Fatalf("coming in: %d", w.Code)
	}
	if w := k.ask("GET", "/account", "same-origin"); w.Code != 200 || !strings.Contains(w.Body.String(), "Your workplace") {
		t.Errorf("in by the service: %d", w.Code)
	}
}
