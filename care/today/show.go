package today

import (
	"strings"
	"time"

	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// view is the page. Of is the given name of whom the reader looks after, "" on
// their own; Parts is what is open, and what is not has no place on it.
type view struct {
	Shell     shell.View
	P         lang.Printer
	Of        string
	Parts     record.Parts
	Date, Day string // "Tuesday 24 November", and the same for machines
	Hello     string
	Steps     *dayView
	Forms     *formView // what is to be filled in next
	Next      *parts.TicketView
	After     string // the visit after it
	News      []parts.RowView
	More      parts.Link
	Trend     *parts.TrendView
	Looks     parts.RowView
	Health    string // where the health page is
	Emergency string
}

// Quiet reports that nothing is next and nothing has changed.
func (v view) quiet() bool {
	return v.Next == nil && len(v.News) == 0 && v.Steps == nil && v.Forms == nil
}

// show answers GET /me/{client}/today.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ctx, me := a.Context(), "/me/"+string(c.Client())
	card, _ := c.Card()
	v := view{P: a.P, Of: of(a), Parts: c.Parts(), Date: lang.Upper(a.P.Date(a.Now, a.Now)), Day: a.Now.Format(time.DateOnly),
		Health: me + "/health", Emergency: a.Practice.Emergency, Hello: hello(a.P, card, a.Now)}
	title := a.P.TodayTitle()
	if v.Of != "" {
		title, v.Hello = a.P.TodayOf(v.Of), a.P.TodayOf(v.Of)
	}
	v.Shell = a.Shell(title, "today")
	var err error
	if v.Steps, err = day(ctx, a, c); err != nil {
		return web.Answer{}, err
	}
	if v.Forms, err = asked(ctx, a, c); err != nil {
		return web.Answer{}, err
	}
	vs, err := visits(ctx, c, a.Now, 2)
	if err != nil {
		return web.Answer{}, err
	}
	v.visits(vs, a.Now)
	seen := c.LastLook()
	rs, err := courses(ctx, c, a.Now)
	if err != nil {
		return web.Answer{}, err
	}
	drawn := choose(rs, a.Now)
	code := ""
	if drawn != nil {
		code, v.Trend = drawn[0].code, trend(a.P, drawn, v.Health, a.Now)
	}
	news, err := gather(ctx, c, a.P, v.Health, code, a.Now)
	if err != nil {
		return web.Answer{}, err
	}
	v.news(news, seen, a.Now)
	if v.Parts&record.Looks != 0 {
		n, err := lookers(ctx, c, a.Now)
		if err != nil {
			return web.Answer{}, err
		}
		v.Looks = parts.RowView{Href: me + "/looks", Icon: "eye", Title: a.P.TodayLooks(n), Text: a.P.TodayLooksWhen()}
		if n == 0 {
			v.Looks.Title, v.Looks.Text = a.P.TodayLooksNone(), a.P.TodayLooksNonewhen()
		}
	}
	return web.Page(showPage(v)), nil
}

// of is the given name of whom the reader looks after on this page, "" on their
// own.
func of(a *web.Ask) string {
	x, _ := a.Of()
	if x.Given != "" {
		return x.Given
	}
	return x.Name
}

// nothing says that all is quiet: of another only what the reader may see, which
// says nothing of the rest.
func (v view) nothing() parts.EmptyView {
	e := parts.EmptyView{Icon: "sun", Title: v.P.TodayEmptyTitle(), Text: v.P.TodayEmptyText(), Action: parts.ButtonView{Text: v.P.TodayEmptyGo(), Href: v.Health, Kind: parts.ButtonSoft}}
	if v.Of == "" {
		return e
	}
	e.Action.Text = v.P.TodayEmptyGoOf()
	switch visits, news := v.Parts&record.Visits != 0, v.Parts&(record.Medicines|record.Results|record.Documents) != 0; {
	case visits && news:
		e.Text = v.P.TodayEmptyBoth()
	case visits:
		e.Text = v.P.TodayEmptyVisits()
	default:
		e.Text = v.P.TodayEmptyNews()
	}
	return e
}

// hello greets by the hour.
func hello(p lang.Printer, card record.Card, now time.Time) string {
	name, _, _ := strings.Cut(card.Given, " ")
	if name == "" {
		name = card.Name
	}
	switch h := now.Hour(); {
	case name == "":
		return p.TodayHello()
	case h >= 5 && h < 12:
		return p.TodayMorning(name)
	case h >= 12 && h < 18:
		return p.TodayAfternoon(name)
	}
	return p.TodayEvening(name)
}

// visits fills in the next visit as a ticket, and the one after it as a line.
func (v *view) visits(vs []visit, now time.Time) {
	if len(vs) == 0 {
		return
	}
	p, x := v.P, vs[0]
	at := x.at.In(now.Location())
	t := parts.Stub(p, "next", at)
	t.When, t.Title = nextWhen(p, at, now), x.title(p)
	line := p.Clock(at)
	if len(x.with) > 0 {
		line = p.TodayAt(p.Clock(at), p.And(x.with))
	}
	t.Meta = append(t.Meta, line)
	if where := x.place(p, v.Of); where != "" {
		t.Meta = append(t.Meta, where)
	}
	v.Next = &t
	if len(vs) > 1 {
		v.After = p.TodayAfter(vs[1].title(p), p.Date(vs[1].at.In(now.Location()), now))
	}
}

func nextWhen(p lang.Printer, at, now time.Time) string {
	switch n := daysBetween(now, at); {
	case n <= 0:
		return p.TodayNextToday()
	case n == 1:
		return p.TodayNextTomorrow()
	case n < 21:
		return p.TodayNextDays(n)
	default:
		return p.TodayNextWeeks(n / 7)
	}
}

// daysBetween counts midnights from a to b, both in the same zone.
func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}

func (x visit) title(p lang.Printer) string {
	if x.name == "" {
		return p.TodayVisit()
	}
	return x.name
}

func (x visit) place(p lang.Printer, of string) string {
	switch x.how {
	case byVideo:
		return p.TodayVideo()
	case byPhone:
		return p.TodayPhone()
	case atHome:
		if of != "" {
			return p.TodayHomeOf()
		}
		return p.TodayHome()
	}
	return x.where
}

// mostNews is how much of what changed stands here; the rest is on the timeline.
const mostNews = 6

func (v *view) news(ns []change, seen, now time.Time) {
	for i, n := range ns {
		if i == mostNews {
			v.More = parts.Link{Text: v.P.TodayMore(len(ns) - mostNews), Href: v.Health + "/timeline"}
			if v.Of != "" {
				v.More.Text = v.P.TodayMoreOf(len(ns) - mostNews)
			}
			return
		}
		r := parts.RowView{Href: n.href, Icon: n.icon, Title: n.title, Text: n.text, Meta: v.P.ShortDay(n.at.In(now.Location()))}
		if !seen.IsZero() && n.came.After(seen) {
			r.Tag = parts.TagView{Tone: parts.ToneBrand, Text: v.P.TodayNew()}
		}
		v.News = append(v.News, r)
	}
}
