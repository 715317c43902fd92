package web

import (
	"rapport/account"
	"rapport/errs"
	"rapport/record"
	"rapport/web/parts"
)

// whyPages ask staff why they opened what nothing explains.
func (s *Server) whyPages() []Route {
	return []Route{
		{Pattern: "GET /account/why", Why: record.Entering, Open: s.showWhy},
		{Pattern: "POST /account/why", Why: record.Entering, Open: s.explain},
	}
}

// whyView is the page.
type whyView struct {
	accountView
	Done bool
	Asks []askedWhy
}

// askedWhy is one record that was opened.
type askedWhy struct {
	ID, When string
	Answer   parts.AreaView
}

func (s *Server) showWhy(a *Ask) (Answer, error) {
	v, err := s.whyView(a)
	return Page(whyPage(v)), err
}

func (s *Server) whyView(a *Ask) (whyView, error) {
	v := whyView{accountView: s.accountView(a, a.P.PrivacyWhyTitle()), Done: a.Query("did") != ""}
	if a.Who.Kind() == account.Nobody {
		return v, errNobody
	}
	asked, err := s.cfg.Vault.Whys(a.Context(), a.Who)
	for _, x := range asked {
		at := a.Local(x.First)
		v.Asks = append(v.Asks, askedWhy{ID: x.ID, When: a.P.PrivacyWhyWhen(x.Initials, a.P.Date(at, a.Now), a.P.Clock(at)),
			Answer: parts.AreaView{P: a.P, ID: "said-" + x.ID, Name: "said", Label: a.P.PrivacyWhyAnswer(), Rows: 2, MaxLength: 500, Required: true}})
	}
	return v, err
}

// explain answers POST /account/why.
func (s *Server) explain(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	err := s.cfg.Vault.Explain(a.Context(), a.Who, a.Form("id"), a.Form("said"))
	if !errs.Is(err, errs.Invalid) {
		return See("/account/why?did=answered"), err
	}
	v, err := s.whyView(a)
	for i := range v.Asks {
		if x := &v.Asks[i]; x.ID == a.Form("id") {
			x.Answer.Value, x.Answer.Problem = a.Form("said"), a.P.PrivacyReasonShort()
		}
	}
	return Wrong(whyPage(v)), err
}
