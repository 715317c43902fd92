package today

import (
	"rapport/account"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// nowView is what a link in a mail opens.
type nowView struct {
	Shell    shell.View
	P        lang.Printer
	Of       string // whom the reader looks after, "" for themselves
	Link     bool   // they came by a link alone
	Parts    record.Parts
	Visits   []parts.RowView
	Reply    bool
	Everyday string // the page with everything; "" if it is not open
}

// coming is how many visits stand on the page.
const coming = 6

// now answers GET /me/{client}/now: who and when, never why.
func now(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v := nowView{P: a.P, Of: of(a), Link: c.Who().Level() < account.ByKey, Parts: c.Parts(), Everyday: "/me/" + string(c.Client()) + "/today"}
	if x, ok := a.Of(); ok {
		v.Everyday = a.Landing(x)
	}
	v.Shell = a.Shell(v.title(), "today")
	vs, err := visits(a.Context(), c, a.Now, coming)
	if err != nil {
		return web.Answer{}, err
	}
	for _, x := range vs {
		v.Visits = append(v.Visits, x.bare(a))
	}
	if v.Reply, err = replied(a.Context(), c, c.LastLook()); err != nil {
		return web.Answer{}, err
	}
	return web.Page(nowPage(v)), nil
}

func (v nowView) title() string {
	if v.Of != "" {
		return v.P.TodayOf(v.Of)
	}
	return v.P.TodayNowTitle()
}

// bare is a visit without what it is about.
func (x visit) bare(a *web.Ask) parts.RowView {
	at := a.Local(x.at)
	r := parts.RowView{Icon: "calendar", Title: lang.Upper(a.P.Date(at, a.Now)) + ", " + a.P.Clock(at), Text: a.P.And(x.with)}
	if where := x.place(a.P, of(a)); where != "" {
		r.Meta = where
	}
	return r
}

func (v nowView) news() string {
	if v.Link {
		return v.P.TodayNowReplyText()
	}
	return v.P.TodayNowReplyOf()
}
