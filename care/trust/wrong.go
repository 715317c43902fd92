package trust

import (
	"slices"
	"strings"

	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// wrongView is what was asked to be put right, and a form to ask.
type wrongView struct {
	Shell shell.View
	P     lang.Printer
	Base  string
	List  []fixView
	Parts []parts.RowView
	Title string // of the part to choose from
	Items []parts.RowView
	More  string
	About string // what the asking is about, in words
	What  string // and for the form; "" for something missing
	Key   string // which asking this is
	Text  parts.AreaView
}

// fixView is one asking and what became of it.
type fixView struct {
	About, Asked, Text, Answer, By string
	State                          parts.TagView
	Gone                           bool // what it was about is not there
}

// wrong answers GET /me/{client}/trust/wrong.
func wrong(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := wrongFor(a, c, a.Query("of"))
	if err != nil {
		return web.Answer{}, err
	}
	if v.Key, err = c.NewID(); err != nil {
		return web.Answer{}, err
	}
	return web.Page(wrongPage(v)), nil
}

func wrongFor(a *web.Ask, c *record.Chart, of string) (wrongView, error) {
	v := wrongView{Shell: a.Shell(a.P.TrustWrongTitle(), "health"), P: a.P, Base: base(c), About: a.P.TrustWrongMissing()}
	v.Text = parts.AreaView{P: a.P, Name: "text", Label: a.P.TrustWrongText(), Rows: 5, MaxLength: 2000, Required: true}
	if of != "" {
		typ, ref, ok := pointed(of)
		if !ok {
			return v, errs.E(errs.NotFound, "trust: no such thing")
		}
		f, err := c.ReadRef(a.Context(), typ, ref)
		if err != nil {
			return v, err
		}
		title, day, err := called(a, typ, f)
		if err != nil {
			return v, err
		}
		v.About, v.What = strings.Trim(title+", "+day, ", "), of
	}
	all, err := things(a.Context(), c)
	if err != nil {
		return v, err
	}
	v.Parts = partLinks(a.P, v.Base+"/wrong?", all)
	if part := chosen(a); part != 0 {
		page, next := cut(a, slices.DeleteFunc(all, func(x item) bool { return x.Part != part }))
		if page, err = named(a, c, page); err != nil {
			return v, err
		}
		v.Title, v.More = partTitle(a.P, part), more(v.Base+"/wrong?", part, next)
		for _, x := range page {
			v.Items = append(v.Items, parts.RowView{Title: x.Title, Text: x.Day, Href: v.Base + "/wrong?of=" + x.Type + "/" + string(x.Ref)})
		}
	}
	fixes, err := c.Corrections(a.Context())
	if err != nil {
		return v, err
	}
	for _, x := range fixes {
		f, err := fixOf(a, c, x)
		if err != nil {
			return v, err
		}
		v.List = append(v.List, f)
	}
	return v, nil
}

// fixOf says what became of an asking.
func fixOf(a *web.Ask, c *record.Chart, x record.Correction) (fixView, error) {
	v := fixView{Text: x.Text, Answer: x.Answer, Asked: a.P.TrustWrongAsked(a.P.Full(a.Local(x.Asked))), About: a.P.TrustWrongMissing()}
	if v.Gone = x.Type == ""; !v.Gone {
		f, err := c.Read(a.Context(), x.Type, x.Of)
		if err != nil && !gone(err) {
			return v, err
		}
		if v.About, v.Gone = a.P.TrustUntitled(), err != nil; err == nil {
			title, day, err := called(a, x.Type, f)
			if err != nil {
				return v, err
			}
			v.About = strings.Trim(title+", "+day, ", ")
		}
	}
	switch x.State {
	case record.CorrectionMade:
		v.State = parts.TagView{Tone: parts.ToneOK, Text: a.P.TrustWrongMade(), Icon: "check"}
	case record.CorrectionRefused:
		v.State = parts.TagView{Text: a.P.TrustWrongRefused()}
	default:
		v.State = parts.TagView{Tone: parts.ToneBrand, Text: a.P.TrustWrongWaits(a.P.Full(a.Local(x.Due))), Icon: "hourglass"}
	}
	if x.By != "" {
		v.By = a.P.TrustWrongBy(x.By, a.P.Full(a.Local(x.Answered)))
	}
	return v, nil
}

// wrongPost answers POST /me/{client}/trust/wrong.
func wrongPost(a *web.Ask, c *record.Chart) (web.Answer, error) {
	typ, ref, ok := pointed(a.Form("what"))
	if !ok && a.Form("what") != "" {
		return web.Answer{}, errs.E(errs.Invalid, "trust: no such thing")
	}
	_, err := c.AskCorrection(a.Context(), a.Form("key"), typ, ref, a.Form("text"))
	if errs.Is(err, errs.Invalid) {
		v, err := wrongFor(a, c, a.Form("what"))
		v.Key, v.Text.Value, v.Text.Problem = a.Form("key"), a.Form("text"), a.P.TrustSaySomething()
		return web.Wrong(wrongPage(v)), err
	}
	return web.See(base(c) + "/wrong"), err
}

// pointed reads a type and a name as addresses and forms carry them.
func pointed(s string) (typ string, ref record.Ref, ok bool) {
	typ, name, ok := strings.Cut(s, "/")
	return typ, record.Ref(name), ok && typ != "" && name != "" && !machinery[typ]
}
