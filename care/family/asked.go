package family

import (
	"net/url"

	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// askedView is what somebody who is asked to help is shown.
type askedView struct {
	Shell    shell.View
	P        lang.Printer
	Action   string
	Name     string
	Facts    []parts.Fact
	Guardian bool
	Own      bool // they ask themselves
}

// asked answers GET /help/{token}.
func asked(a *web.Ask, h *record.Household) (web.Answer, error) {
	q, err := h.Asks(a.Context(), a.Path("token"))
	if errs.Is(err, errs.NotFound) {
		return a.Spent(), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(askedPage(askedFor(a, q))), nil
}

func askedFor(a *web.Ask, q record.Asked) askedView {
	v := askedView{P: a.P, Action: "/help/" + url.PathEscape(a.Path("token")), Name: q.Name, Guardian: q.Tie == record.Guardian, Own: a.Who.Client() == q.Client}
	title := a.P.FamilyAskedTitle(q.Name)
	switch {
	case v.Own:
		title = a.P.FamilyAskedOwnTitle()
	case v.Guardian:
		title = a.P.FamilyAskedGuardianTitle(q.Name)
	}
	v.Shell = a.Shell(title, "family")
	if v.Guardian {
		return v
	}
	may, until := things(a.P, q.Acts&acting), a.P.FamilyAskedUntilNone()
	if may == "" {
		may = a.P.FamilyAskedActsNone()
	}
	if !q.Until.IsZero() {
		until = a.P.FamilyUntil(lastDay(a.P, q.Until, a.Now))
	}
	v.Facts = []parts.Fact{{Term: a.P.FamilyAskedSees(), Text: lang.Upper(things(a.P, q.Reads))}, {Term: a.P.FamilyAskedActs(), Text: lang.Upper(may)}, {Term: a.P.FamilyAskedUntil(), Text: until}}
	return v
}

// take answers POST /help/{token}.
func take(a *web.Ask, h *record.Household) (web.Answer, error) {
	q, err := h.Asks(a.Context(), a.Path("token"))
	if err == nil && a.Who.Client() == q.Client {
		return web.Page(askedPage(askedFor(a, q))), nil
	}
	switch {
	case err != nil:
	case a.Form("no") != "":
		err = h.Decline(a.Context(), a.Path("token"))
	default:
		_, err = h.Take(a.Context(), a.Path("token"))
	}
	if errs.Is(err, errs.NotFound) {
		return a.Spent(), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See("/family"), nil
}
