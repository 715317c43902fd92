package looks

import (
	"context"
	"slices"
	"strconv"
	"time"

	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/look"
	"rapport/web/parts"
	"rapport/web/shell"
)

// view is the list.
type view struct {
	Shell     shell.View
	P         lang.Printer
	Chips     parts.ChipsView
	Sums      []parts.Sum // only above the newest looks
	Heat      parts.HeatView
	Days      []day
	Older     parts.Link
	Newest    parts.Link
	Take      parts.Link // a copy of everything
	Yours     parts.Link // where the client's own looks are, if they are left out
	Questions []asked
	Base      string
	Book      bookView
}

// asked is a question as it is listed.
type asked struct {
	Text, On, Href string
	State          parts.TagView
}

// page is how many lines stand on one page, and batch how many are fetched at a
// time to find them. No request reads more than reach.
const (
	page  = 30
	batch = 200
	reach = 2000
)

// show answers GET /me/{client}/looks.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ctx := a.Context()
	below, err := strconv.ParseInt(a.Query("below"), 10, 64)
	if err != nil || below < 0 {
		below = 0
	}
	who := a.Query("who")
	qs, err := questions(ctx, c)
	if err != nil {
		return web.Answer{}, err
	}
	d := diary{p: a.P, me: a.Who.ID(), base: base(c), now: a.Now, asked: map[int64]time.Time{}}
	for _, q := range qs {
		d.asked[q.Seq] = q.Sent
	}
	g := &gathering{c: c, me: d.me, want: wanted(who), from: below}
	if err := g.fill(ctx); err != nil {
		return web.Answer{}, err
	}
	v := view{Shell: a.Shell(a.P.LooksTitle(), "health", scripts(a.P)...), P: a.P, Base: d.base, Days: d.days(g.lines), Take: parts.Link{Text: a.P.TakeLink(), Href: "/me/" + string(c.Client()) + "/take", Icon: "download"}}
	if below == 0 {
		if err := g.back(ctx, a.Now.AddDate(0, 0, -month)); err != nil {
			return web.Answer{}, err
		}
		v.Sums, v.Heat = sums(a.P, g.all, d.me, a.Now)
		v.Questions = list(a, d.base, qs)
	} else {
		v.Newest = parts.Link{Text: a.P.LooksNewest(), Href: filtered(d.base, who), Icon: "arrow-left"}
	}
	v.Chips = chips(a.P, d.base, who)
	if wanted(who) == look.Helper || slices.ContainsFunc(g.all, func(l record.Look) bool { return look.SortOf(l, d.me) == look.Helper }) {
		v.Chips.Chips = append(v.Chips.Chips, parts.Link{Text: a.P.LooksHelpers(), Href: filtered(d.base, "helpers")})
	}
	if g.more {
		v.Older = parts.Link{Text: a.P.LooksOlder(), Href: d.base + "?" + whoQuery(who) + "below=" + strconv.FormatInt(g.last, 10)}
	}
	if wanted(who) == 0 && g.skipped {
		v.Yours = parts.Link{Text: a.P.LooksFoldedLink(), Href: filtered(d.base, "you")}
	}
	v.Book = bookView{Href: d.base + "/book", Me: d.me}
	if len(g.all) > 0 {
		v.Book.Low = strconv.FormatInt(g.last, 10)
	}
	return web.Page(showPage(v)), nil
}

// wanted reads the filter; the zero Sort is everybody but the client.
func wanted(who string) look.Sort {
	switch who {
	case "people":
		return look.Person
	case "software":
		return look.Software
	case "you":
		return look.Yours
	case "helpers":
		return look.Helper
	}
	return 0
}

func whoQuery(who string) string {
	if wanted(who) == 0 {
		return ""
	}
	return "who=" + who + "&"
}

func filtered(base, who string) string {
	if wanted(who) == 0 {
		return base
	}
	return base + "?who=" + who
}

func chips(p lang.Printer, base, who string) parts.ChipsView {
	return parts.ChipsView{Label: p.LooksFilter(), Current: filtered(base, who), Chips: []parts.Link{
		{Text: p.LooksEveryone(), Href: base}, {Text: p.LooksPeople(), Href: filtered(base, "people")},
		{Text: p.LooksSoftware(), Href: filtered(base, "software")}, {Text: p.LooksYou(), Href: filtered(base, "you")},
	}}
}

// gathering collects one page of looks of one sort.
type gathering struct {
	c       *record.Chart
	me      string
	want    look.Sort
	from    int64
	all     []record.Look // everything read, of every sort
	lines   []record.Look // what the page shows
	last    int64         // number of the last look read for the page
	more    bool          // there is more below
	skipped bool          // the client's own were left out
}

func (g *gathering) fits(l record.Look) bool {
	s := look.SortOf(l, g.me)
	if g.want == 0 {
		g.skipped = g.skipped || s == look.Yours
		return s != look.Yours
	}
	return s == g.want
}

// fill reads until a page is full, the chain ends, or it has read enough.
func (g *gathering) fill(ctx context.Context) error {
	below := g.from
	for len(g.all) < reach {
		ls, err := g.c.Looks(ctx, below, batch)
		if err != nil {
			return err
		}
		g.all = append(g.all, ls...)
		for _, l := range ls {
			below = l.Number
			fits := g.fits(l)
			if fits && len(g.lines) == page {
				g.more = true
				return nil
			}
			g.last = l.Number
			if fits {
				g.lines = append(g.lines, l)
			}
		}
		if len(ls) < batch {
			return nil
		}
	}
	g.more = true
	return nil
}

// back reads on to a moment in the past, for the sums.
func (g *gathering) back(ctx context.Context, until time.Time) error {
	for len(g.all) > 0 && len(g.all) < reach {
		oldest := g.all[len(g.all)-1]
		if oldest.Time.Before(until) || oldest.Number <= 1 {
			return nil
		}
		ls, err := g.c.Looks(ctx, oldest.Number, batch)
		if err != nil || len(ls) == 0 {
			return err
		}
		g.all = append(g.all, ls...)
	}
	return nil
}

// list puts questions into words.
func list(a *web.Ask, base string, qs []question) []asked {
	var out []asked
	for _, q := range qs {
		x := asked{Text: q.Text, On: a.P.LooksAskOn(a.P.Short(a.Local(q.Sent))), Href: base + "/" + strconv.FormatInt(q.Seq, 10) + "/ask"}
		switch q.State {
		case answered:
			x.State = parts.TagView{Tone: parts.ToneOK, Text: a.P.LooksAskAnswered(), Icon: "check"}
		case stopped:
			x.State = parts.TagView{Text: a.P.LooksAskStopped()}
		default:
			x.State = parts.TagView{Tone: parts.ToneBrand, Text: a.P.LooksAskWaiting(), Icon: "hourglass"}
		}
		out = append(out, x)
	}
	return out
}
