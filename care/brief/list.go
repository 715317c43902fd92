package brief

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/question"
	"rapport/web/shell"
)

// listView is every form of a client.
type listView struct {
	Shell  shell.View
	P      lang.Printer
	Head   headView
	Action string
	Back   parts.Link
	Given  []parts.RowView
	Begun  []begunView
	Wanted []parts.RowView
	Form   parts.ChoiceView
}

// begunView is a form that is being filled in.
type begunView struct {
	Title, Text string
	Href, Fill  string // to read it, and to go on with it
	Done        parts.TallyView
}

// list answers GET …/forms.
func list(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v := listView{P: a.P, Head: newHead(a, c), Action: base(c), Shell: frame(a, a.P.BriefTitle())}
	v.Back = parts.Link{Text: a.P.BriefRecord(), Href: v.Head.Home}
	v.Shell.Flash = flash(a)
	found, err := c.Find(a.Context(), response, "_sort", "-authored", "_count", "100")
	if err != nil {
		return web.Answer{}, err
	}
	for _, x := range found {
		h := question.HeadOf(x)
		switch {
		case h.Given():
			v.Given = append(v.Given, givenRow(a, c, x, h))
		case h.Begun():
			p, err := read(a, c, x)
			if errs.Is(err, errs.Gone) {
				continue
			}
			if err != nil {
				return web.Answer{}, err
			}
			pr := p.sheet.Progress()
			v.Begun = append(v.Begun, begunView{Title: p.of.Title(p.lang()), Text: a.P.BriefSaved(when(a, x.Time)), Href: p.base, Fill: p.base + "/fill",
				Done: parts.TallyView{Done: pr.Done, Total: pr.All, Text: a.P.IntakeOfAll(strconv.Itoa(pr.Done), strconv.Itoa(pr.All))}})
		}
	}
	wanted, err := c.Wanted(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	for _, w := range wanted {
		v.Wanted = append(v.Wanted, wantedRow(a, c, w))
	}
	v.Form = choose(a, c)
	return web.Page(listPage(v)), nil
}

func givenRow(a *web.Ask, c *record.Chart, x record.Found, h question.Head) parts.RowView {
	r := parts.RowView{Icon: "file-check", Title: title(a, c, h.Form, h.Version), Text: a.P.BriefGiven(when(a, h.At)), Href: base(c) + "/" + string(x.Ref)}
	if question.New(c, x) {
		r.Tag = parts.TagView{Tone: parts.ToneBrand, Text: a.P.BriefFresh()}
	}
	return r
}

func wantedRow(a *web.Ask, c *record.Chart, w record.Wanted) parts.RowView {
	r := parts.RowView{Icon: "hourglass", Title: title(a, c, w.Form, "")}
	switch {
	case !w.Asked.IsZero():
		r.Text = a.P.BriefAskedBy(w.By, a.P.Date(a.Local(w.Asked), a.Now))
	case w.With != "":
		r.Text = a.P.BriefWanted(a.P.Date(a.Local(w.Visit), a.Now), w.With)
	default:
		r.Text = a.P.BriefWantedAny(a.P.Date(a.Local(w.Visit), a.Now))
	}
	if w.Begun {
		r.Tag = parts.TagView{Tone: parts.ToneInfo, Text: a.P.BriefBegun()}
	}
	return r
}

// choose is the forms there are.
func choose(a *web.Ask, c *record.Chart) parts.ChoiceView {
	v := parts.ChoiceView{P: a.P, Name: "form", Label: a.P.BriefWhich()}
	for _, e := range c.Library().Forms() {
		if e.Status == "active" {
			v.Options = append(v.Options, parts.Option{Value: e.URL, Text: e.Title(a.P.Tag().String())})
		}
	}
	slices.SortFunc(v.Options, func(x, y parts.Option) int { return cmp.Compare(strings.ToLower(x.Text), strings.ToLower(y.Text)) })
	return v
}

// askFor answers POST …/forms/ask: the client is asked to fill in a form.
func askFor(a *web.Ask, c *record.Chart) (web.Answer, error) {
	if a.Form("form") == "" {
		return web.See(base(c)), nil
	}
	if err := c.AskFor(a.Context(), a.Form("form")); err != nil {
		return web.Answer{}, err
	}
	return web.See(base(c) + "?done=asked"), nil
}

// begin answers POST …/forms: a form is begun together with the client, or gone on with
// if it was.
func begin(a *web.Ask, c *record.Chart) (web.Answer, error) {
	if a.Form("form") == "" {
		return web.See(base(c)), nil
	}
	at, err := question.Begin(a, c, a.Form("form"))
	return web.See(base(c) + "/" + string(at) + "/fill"), err
}
