package trust

import (
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// fixesView is what a client asks to be put right, for staff.
type fixesView struct {
	Shell  shell.View
	P      lang.Printer
	Client string
	Name   string
	List   []askedFix
}

// askedFix is one asking, and a form to answer it while it waits.
type askedFix struct {
	fixView
	Href string // to what it is about, if it has a page
	ID   string // "" once it is answered
	Text parts.AreaView
}

// corrections answers GET /clients/{client}/corrections.
func corrections(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := fixesFor(a, c)
	if a.Query("done") != "" {
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.PrivacyFixDone()}
	}
	return web.Page(fixesPage(v)), err
}

// seen is the page of what an asking is about; "" if there is none.
func seen(c *record.Chart, f fixView, x record.Correction) string {
	at := "/clients/" + string(c.Client())
	switch {
	case f.Gone:
		return ""
	case x.Type == "Observation":
		return at + "/results/" + string(c.Ref(x.Type, x.Of))
	case x.Type == "DocumentReference":
		return at + "/documents/" + string(c.Ref(x.Type, x.Of))
	}
	return ""
}

func fixesFor(a *web.Ask, c *record.Chart) (fixesView, error) {
	v := fixesView{Shell: ofClient(a, a.P.PrivacyFixTitle()), P: a.P, Client: "/clients/" + string(c.Client()), Name: nameOf(a, c)}
	all, err := c.Corrections(a.Context())
	if err != nil {
		return v, err
	}
	for _, x := range all {
		f, err := fixOf(a, c, x)
		if err != nil {
			return v, err
		}
		if x.Type == "" {
			f.About = a.P.PrivacyFixGone()
		}
		y := askedFix{fixView: f, Href: seen(c, f, x)}
		if x.State == record.CorrectionAsked {
			y.ID = x.ID
			y.Text = parts.AreaView{P: a.P, ID: "t-" + x.ID, Name: "text", Label: a.P.PrivacyFixText(), Rows: 3, MaxLength: 2000, Required: true}
		}
		v.List = append(v.List, y)
	}
	return v, nil
}

// answerFix answers POST /clients/{client}/corrections.
func answerFix(a *web.Ask, c *record.Chart) (web.Answer, error) {
	state := record.CorrectionRefused
	if a.Form("how") == "made" {
		state = record.CorrectionMade
	}
	err := c.AnswerCorrection(a.Context(), a.Form("id"), state, a.Form("text"))
	if !errs.Is(err, errs.Invalid) {
		return web.See("/clients/" + string(c.Client()) + "/corrections?done=1"), err
	}
	v, err := fixesFor(a, c)
	for i := range v.List {
		if x := &v.List[i]; x.ID != "" && x.ID == a.Form("id") {
			x.Text.Value, x.Text.Problem = a.Form("text"), a.P.TrustSaySomething()
		}
	}
	return web.Wrong(fixesPage(v)), err
}
