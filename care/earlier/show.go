package earlier

import (
	"slices"
	"strconv"
	"time"

	"rapport/errs"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// view is what somebody would take, and what they are offered.
type view struct {
	Shell  shell.View
	P      lang.Printer
	Back   string // the visit's own page
	At     string
	Flash  parts.FlashView
	Wishes bool // they wish already
	Offer  *parts.TicketView
	Ends   string
	First  bool
	Who    parts.ChoiceView
	When   parts.ChoiceView
	Days   parts.ChoiceView
}

// spans are the parts of a day somebody can choose, as minutes.
var spans = map[string][2]int{"any": {}, "morning": {0, 12 * 60}, "afternoon": {12 * 60, 17 * 60}, "evening": {17 * 60, 24 * 60}}

// weekdays are the days of a week as they are chosen.
var weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}

// show answers GET …/earlier.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := viewOf(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if a.Query("did") == "kept" {
		v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.EarlierKept()}
	}
	return web.Page(page(v)), nil
}

// at is the visit's own address.
func at(a *web.Ask) string { return "/me/" + a.Path("client") + "/visits/" + a.Path("id") }

func viewOf(a *web.Ask, c *record.Chart) (view, error) {
	ctx, p := a.Context(), a.P
	id, err := c.VisitID(ctx, record.Ref(a.Path("id")))
	if err != nil {
		return view{}, err
	}
	v := view{P: p, Back: at(a), At: at(a) + "/earlier", Shell: a.Shell(p.EarlierTitle(), "visits")}
	w, err := c.Wish(ctx, id)
	v.Wishes = err == nil
	if err != nil && !errs.Is(err, errs.NotFound) {
		return view{}, err
	}
	if o := w.Offer; o != nil {
		from, to := a.Local(o.From), a.Local(o.To)
		t := parts.Stub(p, "offer", from)
		t.When, t.Title, t.Meta = p.SlipsEarlier(), p.SlipsFromto(p.Clock(from), p.Clock(to)), []string{lang.Upper(p.Date(from, a.Now))}
		v.Offer = &t
		v.Ends, v.First = p.Clock(a.Local(o.Ends)), o.First
	}
	v.choices(w.Wish)
	return v, nil
}

// choices are what somebody would take, as they chose before.
func (v *view) choices(w record.Wish) {
	p := v.P
	who, when := "any", "any"
	if len(w.Who) > 0 {
		who = "same"
	}
	for name, s := range spans {
		if s[0]|s[1] != 0 && s == [2]int{w.From, w.To} {
			when = name
		}
	}
	v.Who = parts.ChoiceView{P: p, Name: "who", Label: p.EarlierWho(), Options: []parts.Option{{Value: "any", Text: p.EarlierWhoAny(), Chosen: who == "any"}, {Value: "same", Text: p.EarlierWhoSame(), Chosen: who == "same"}}}
	v.When = parts.ChoiceView{P: p, Name: "when", Label: p.EarlierWhen()}
	for _, o := range []struct{ code, text string }{{"any", p.EarlierWhenAny()}, {"morning", p.EarlierWhenMorning()}, {"afternoon", p.EarlierWhenAfternoon()}, {"evening", p.EarlierWhenEvening()}} {
		v.When.Options = append(v.When.Options, parts.Option{Value: o.code, Text: o.text, Chosen: o.code == when})
	}
	v.Days = parts.ChoiceView{P: p, Name: "day", Label: p.EarlierDays(), Hint: p.EarlierDaysHint(), Many: true}
	for _, d := range weekdays {
		monday := time.Date(2024, 1, 1+int(d+6)%7, 12, 0, 0, 0, time.UTC) // a week that begins on a Monday
		v.Days.Options = append(v.Days.Options, parts.Option{Value: strconv.Itoa(int(d)), Text: lang.Upper(p.Weekday(monday)), Chosen: slices.Contains(w.Days, d)})
	}
}

// wish answers POST …/earlier.
func wish(a *web.Ask, c *record.Chart) (web.Answer, error) {
	ctx := a.Context()
	id, err := c.VisitID(ctx, record.Ref(a.Path("id")))
	if err != nil {
		return web.Answer{}, err
	}
	var w record.Wish
	if s, ok := spans[a.Form("when")]; ok {
		w.From, w.To = s[0], s[1]
	}
	for _, d := range weekdays {
		if slices.Contains(a.FormAll("day"), strconv.Itoa(int(d))) {
			w.Days = append(w.Days, d)
		}
	}
	if a.Form("who") == "same" {
		if who, err := whoOf(ctx, c, id); err == nil && who != "" {
			w.Who = []string{who}
		}
	}
	w.Modes = hours.AllModes
	if err := c.WishEarlier(ctx, id, w); err != nil {
		return web.Answer{}, err
	}
	return web.See(at(a) + "/earlier?did=kept"), nil
}

// act does one thing about the visit and goes on.
func act(a *web.Ask, c *record.Chart, f func(id string) error, to string) (web.Answer, error) {
	id, err := c.VisitID(a.Context(), record.Ref(a.Path("id")))
	if err == nil {
		err = f(id)
	}
	if key := errs.SayOf(err); key != "" {
		v, verr := viewOf(a, c)
		if verr != nil {
			return web.Answer{}, verr
		}
		v.Flash.Tone = parts.ToneDanger
		v.Flash.Text, _ = a.P.Say(key)
		return web.Wrong(page(v)), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See(to), nil
}

func stop(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return act(a, c, func(id string) error { return c.WishNoMore(a.Context(), id) }, at(a))
}

func take(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return act(a, c, func(id string) error { return c.Accept(a.Context(), id) }, at(a))
}

func leave(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return act(a, c, func(id string) error { return c.DeclineOffer(a.Context(), id) }, at(a)+"/earlier")
}
