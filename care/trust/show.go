package trust

import (
	"context"
	"slices"
	"time"

	"rapport/fhir/label"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/look"
	"rapport/web/parts"
	"rapport/web/shell"
)

// view is the five questions and their answers.
type view struct {
	Shell    shell.View
	P        lang.Printer
	Base, Me string
	Looked   []string
	Team     []parts.RowView
	Helpers  []parts.RowView
	Limits   string
	Left     []leftView
	Notices  string
	Kept     keptView
	Open     string // corrections that wait
}

// leftView is one copy that left.
type leftView struct{ Day, Who, What string }

// month is how far back the page looks, in days, and batch and reach how many lines it reads.
const (
	month = 30
	batch = 500
	reach = 5000
)

// show answers GET /me/{client}/trust.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ctx := a.Context()
	v := view{Shell: a.Shell(a.P.TrustTitle(), "health"), P: a.P, Base: base(c), Me: me(c)}
	if err := v.looked(a, c); err != nil {
		return web.Answer{}, err
	}
	team, err := c.Team(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	for _, t := range team {
		if t.Bond != record.NoBond && !t.Barred {
			v.Team = append(v.Team, treating(a, t))
		}
	}
	circle, err := c.Circle(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	v.Helpers = helpers(circle)
	limits, err := c.Limits(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	if len(limits) > 0 {
		v.Limits = a.P.TrustLimits(len(limits))
	}
	told, err := c.Told(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	if n := sent(told); n > 0 {
		v.Notices = a.P.TrustNotices(n)
	}
	if v.Kept, err = kept(a, c); err != nil {
		return web.Answer{}, err
	}
	fixes, err := c.Corrections(ctx)
	if err != nil {
		return web.Answer{}, err
	}
	if n := len(slices.DeleteFunc(fixes, func(x record.Correction) bool { return x.State != record.CorrectionAsked })); n > 0 {
		v.Open = a.P.TrustWrongOpen(n)
	}
	return web.Page(showPage(v)), nil
}

// looked answers who looked lately, and what left.
func (v *view) looked(a *web.Ask, c *record.Chart) error {
	ls, err := lately(a.Context(), c)
	if err != nil {
		return err
	}
	since := a.Now.AddDate(0, 0, -month)
	people, asked, glass := map[string]bool{}, 0, 0
	for _, l := range ls {
		if l.Gave != (record.Gave{}) && !l.Refused {
			s := look.Say(a.P, l, a.Who.ID())
			v.Left = append(v.Left, leftView{lang.Upper(a.P.Date(a.Local(l.Time), a.Now)), s.Who, s.What})
		}
		if l.Time.Before(since) || l.Refused {
			continue
		}
		switch x := look.SortOf(l, a.Who.ID()); {
		case l.Act == "askwhy":
			asked++
		case l.Act == "glass":
			glass++
		case (x == look.Person || x == look.Helper) && l.Act == "open":
			people[l.Kind+l.ID] = true
		}
	}
	if n := len(people); n > 0 {
		v.Looked = []string{a.P.TrustLooked(a.P.TrustPeople(n), month)}
	} else {
		v.Looked = []string{a.P.TrustLookedNone(month)}
	}
	if glass > 0 {
		v.Looked = append(v.Looked, a.P.TrustGlassed(glass))
	}
	if asked > 0 {
		v.Looked = append(v.Looked, a.P.TrustAsked(asked))
	}
	v.Left = v.Left[:min(len(v.Left), 5)]
	return nil
}

// lately reads the newest looks, as far as the page reaches.
func lately(ctx context.Context, c *record.Chart) ([]record.Look, error) {
	var out []record.Look
	below := int64(0)
	for len(out) < reach {
		ls, err := c.Looks(ctx, below, batch)
		if err != nil {
			return nil, err
		}
		out = append(out, ls...)
		if len(ls) < batch {
			return out, nil
		}
		below = ls[len(ls)-1].Number
	}
	return out, nil
}

// sent counts what went out of the house.
func sent(told []record.Notice) (n int) {
	for _, x := range told {
		if slices.ContainsFunc(x.Rungs, func(r record.Rung) bool { return !r.At.IsZero() }) {
			n++
		}
	}
	return n
}

var bonds = map[record.Bond]func(lang.Printer) string{
	record.ByVisit: lang.Printer.TrustByVisit, record.ByRefer: lang.Printer.TrustByRefer, record.ByAssign: lang.Printer.TrustByAssign,
	record.ByTask: lang.Printer.TrustByTask, record.ByCover: lang.Printer.TrustByCover, record.ByGlass: lang.Printer.TrustByGlass,
}

// treating says what makes somebody one who treats the reader, and until when.
func treating(a *web.Ask, t record.Treats) parts.RowView {
	r := parts.RowView{Name: t.Name, Seed: t.ID, Title: t.Name}
	if f, ok := bonds[t.Bond]; ok {
		switch why, until := f(a.P), a.Local(t.Until); {
		case t.Until.IsZero():
			r.Text = a.P.TrustWhile(why)
		case t.Bond == record.ByGlass: // hours, not days
			r.Text = a.P.TrustUntil(why, a.P.Clock(until))
		default:
			r.Text = a.P.TrustUntil(why, a.P.Full(until))
		}
	}
	if t.Title != "" {
		r.Title += ", " + t.Title
	}
	return r
}

func helpers(circle []record.Grant) (out []parts.RowView) {
	for _, g := range circle {
		if !g.Open() {
			out = append(out, parts.RowView{Name: g.Name, Seed: g.ID, Title: g.Name, Text: g.Relation})
		}
	}
	return out
}

// keptView is how long things are kept.
type keptView struct {
	Lines []string
	Held  bool
}

func kept(a *web.Ask, c *record.Chart) (keptView, error) {
	k, err := c.Kept(a.Context())
	v := keptView{Held: k.Held}
	for _, x := range k.Clocks {
		what, until := a.P.TrustKeptRecord(), ""
		if x.In != 0 {
			what = look.Closed(a.P, x.In)
		}
		if !x.Until.IsZero() {
			until = a.P.TrustKeptUntil(a.P.Full(a.Local(x.Until)))
		}
		v.Lines = append(v.Lines, a.P.TrustKeptYears(what, x.Years, until))
	}
	if card, ok := c.Card(); ok && young(card.Birth, k.Minor, a.Now) {
		v.Lines = append(v.Lines, a.P.TrustKeptMinor(a.P.Count(k.Minor)))
	}
	v.Lines = append(v.Lines, a.P.TrustKeptLooks(), a.P.TrustKeptSealed())
	return v, err
}

// young reports that somebody is not past the age until which a minor's record is kept.
func young(birth string, age int, now time.Time) bool {
	born, err := time.Parse(time.DateOnly, birth)
	return err == nil && now.Before(born.AddDate(age, 0, 0))
}

// compartments are what a client can name.
var compartments = (label.All &^ label.Other).Each()
