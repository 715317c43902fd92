package trust

import (
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// glassView is the page on which staff open what is closed to them.
type glassView struct {
	Shell  shell.View
	P      lang.Printer
	Client string // the way back
	Name   string
	Open   bool // they did already: the banner says until when
	Why    parts.AreaView
	Unsafe bool
}

// ofClient is the frame of staff's pages about one client.
func ofClient(a *web.Ask, title string) shell.View {
	s := a.Shell(title, "clients")
	s.Place = lang.Upper(a.P.Clients())
	return s
}

// glass answers GET /clients/{client}/glass.
func glass(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return web.Page(glassPage(glassFor(a, c))), nil
}

func glassFor(a *web.Ask, c *record.Chart) glassView {
	v := glassView{Shell: ofClient(a, a.P.PrivacyGlassTitle()), P: a.P, Client: "/clients/" + string(c.Client()), Name: nameOf(a, c), Open: c.Bond() == record.ByGlass, Unsafe: a.Form("unsafe") != ""}
	v.Why = parts.AreaView{P: a.P, Name: "why", Label: a.P.PrivacyGlassWhy(), Hint: a.P.PrivacyGlassHint(), Value: a.Form("why"), Rows: 3, MaxLength: 500, Required: true}
	return v
}

func nameOf(a *web.Ask, c *record.Chart) string {
	if card, ok := c.Card(); ok && card.Name != "" {
		return card.Name
	}
	return a.P.ClientsNameless()
}

// breakGlass answers POST /clients/{client}/glass. What is open is not opened again.
func breakGlass(a *web.Ask, c *record.Chart) (web.Answer, error) {
	to := web.See("/clients/" + string(c.Client()))
	if c.Bond() == record.ByGlass {
		return to, nil
	}
	t := record.Safe
	if a.Form("unsafe") != "" {
		t = record.Unsafe
	}
	err := c.Break(a.Context(), a.Form("why"), t)
	if errs.Is(err, errs.Invalid) {
		v := glassFor(a, c)
		v.Why.Problem = a.P.PrivacyReasonShort()
		return web.Wrong(glassPage(v)), nil
	}
	return to, err
}
