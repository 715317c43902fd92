package web_test

import (
	"net/url"
	"testing"
	"time"

	"rapport/account"
	"rapport/web/webtest"
)

// TestWhoBeganWithAnAppFindsTheWayToAPasskey walks the pages as somebody whose browser
// makes no passkey, and later does.
func TestWhoBeganWithAnAppFindsTheWayToAPasskey(t *testing.T) {
	t.Parallel()
	h := webtest.New(t)
	link, err := h.Doors.Invite(t.Context(), h.Subject("nurse"), account.Once)
	if err != nil {
		t.Fatal(err)
	}
	v := h.Came(h.As("nobody").Post("/in/"+link, url.Values{}).Is(303))
	v.Get("/account/start").Is(200).Has("a[href='/account/app']").Has("noscript", "An authenticator app works without")
	p := v.Get("/account/app").Is(200).Says("you also need a passkey")
	secret, form := p.Text(".secret"), url.Values{"ceremony": {p.Attr("input[name=ceremony]", "value")}, "code": {"000000"}}
	if h.AppCode(secret) == "000000" {
		form.Set("code", "000001")
	}
	again := v.Post("/account/app", form).Is(422).Has("#code-problem", "not right")
	if again.Text(".secret") != secret || again.Attr("input[name=ceremony]", "value") != form.Get("ceremony") {
		t.Error("a slip changes the secret that the app has already")
	}
	form.Set("code", h.AppCode(secret))
	v = h.Came(v.Post("/account/app", form).Is(303))
	v.Post("/account/codes", url.Values{}).Is(200).Has("ol.spares li")
	v.Get("/account/start").Is(200)
	h.Now.Add(6 * time.Minute)
	if to := v.Get("/account/start").Is(303).Header.Get("Location"); to != "/in/again?to=%2Faccount%2Fstart" {
		t.Errorf("on to %s", to)
	}
	v.Get("/in/again?to=%2Faccount%2Fstart").Is(200).Has("form[action='/in/again/app'] #app-code").Has("a[href='/in/back']").HasNot("[data-passkey]")
	v.Post("/account/codes", url.Values{}).Is(401).Has("form[action='/in/again/app'] input[name=to][value='/account/codes']")
	v.Get("/in/again?to=%2Fpractice%2Fteam").Is(200).Has("a.btn[href='/account/start?to=%2Fpractice%2Fteam']").Says("you have none yet").HasNot("#app-code", "[data-passkey]")
	in := v.Post("/in/again/app", url.Values{"to": {"/account/start"}, "code": {h.AppCode(secret)}}).Is(303)
	if to := in.Header.Get("Location"); to != "/account/start" {
		t.Errorf("on to %s", to)
	}
	h.Came(in).Get("/account/start").Is(200).Has("[data-passkey='/account/key']")
}
