package joining

import (
	"time"

	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// scanView is a picture to be scanned with somebody's own phone.
type scanView struct {
	Shell shell.View
	P     lang.Printer
	Base  string
	Title string
	Path  string    // what the picture leads to
	Until time.Time // zero for three days
	Text  string
	Notes []string
	Code  parts.QRView
}

// scan shows the picture, once.
func scan(a *web.Ask, of accessView, v scanView) (web.Answer, error) {
	v.Shell, v.P, v.Base = of.Shell, a.P, of.Base
	v.Shell.Title = v.Title
	v.Text = a.P.JoiningScanDays()
	if !v.Until.IsZero() {
		v.Text = a.P.JoiningScanText(a.P.Clock(v.Until))
	}
	var err error
	if v.Code, err = parts.QR(a.Absolute(v.Path), a.P.JoiningScanLabel()); err != nil {
		return web.Answer{}, err
	}
	return web.Page(scanPage(v)), nil
}

// askView is the question that must be asked in private.
type askView struct {
	Shell   shell.View
	P       lang.Printer
	Base    string
	Given   string
	Mail    string
	Names   string
	Problem string
}

// private says who else uses an address, and asks to ask.
func private(a *web.Ask, c *record.Chart, of accessView, again bool) (web.Answer, error) {
	names, err := c.AlsoRead(a.Context(), of.Mail)
	if err != nil {
		return web.Answer{}, err
	}
	v := askView{Shell: of.Shell, P: a.P, Base: of.Base, Given: of.Given, Mail: of.Mail, Names: a.P.And(names)}
	v.Shell.Title = a.P.JoiningPrivateTitle()
	if again { // the box was there, and was not ticked
		v.Problem = a.P.JoiningPrivateMissing()
	}
	return web.Wrong(askPage(v)), nil
}
