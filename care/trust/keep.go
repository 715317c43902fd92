package trust

import (
	"rapport/errs"
	"rapport/fhir/label"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/look"
	"rapport/web/parts"
	"rapport/web/shell"
)

// keepView is how long things are kept, and a form to have them erased.
type keepView struct {
	Shell shell.View
	P     lang.Printer
	Base  string
	Kept  keptView
	List  []fixView
	What  parts.ChoiceView
	Why   parts.AreaView
}

// keep answers GET /me/{client}/trust/keep.
func keep(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := keepFor(a, c)
	return web.Page(keepPage(v)), err
}

func keepFor(a *web.Ask, c *record.Chart) (keepView, error) {
	v := keepView{Shell: a.Shell(a.P.TrustKeepTitle(), "health"), P: a.P, Base: base(c), What: whatChoice(a, a.P.TrustEraseWhat(), a.P.TrustEraseAll())}
	v.Why = parts.AreaView{P: a.P, Name: "why", Label: a.P.TrustEraseWhy(), MaxLength: 2000, Required: true, Value: a.Form("why")}
	var err error
	if v.Kept, err = kept(a, c); err != nil {
		return v, err
	}
	asked, err := c.Erasures(a.Context())
	if err != nil {
		return v, err
	}
	for _, x := range asked {
		v.List = append(v.List, erasure(a, x))
	}
	return v, nil
}

// erasure says what became of an asking.
func erasure(a *web.Ask, x record.Review) fixView {
	v := fixView{About: a.P.TrustEraseAll(), Text: x.Said, Answer: x.Note, Asked: a.P.TrustWrongAsked(a.P.Full(a.Local(x.At)))}
	if x.In != 0 {
		v.About = ""
		for _, in := range x.In.Each() {
			if v.About != "" {
				v.About += ", "
			}
			v.About += look.Closed(a.P, in)
		}
	}
	switch {
	case x.Done.IsZero():
		v.State = parts.TagView{Tone: parts.ToneBrand, Text: a.P.TrustEraseWaits(a.P.Full(a.Local(x.Due))), Icon: "hourglass"}
		return v
	case x.Verdict == record.VerdictErased:
		v.State = parts.TagView{Tone: parts.ToneOK, Text: a.P.TrustEraseDone(), Icon: "check"}
	default:
		v.State = parts.TagView{Text: a.P.TrustEraseRefused()}
	}
	v.By = a.P.TrustWrongBy(x.By, a.P.Full(a.Local(x.Done)))
	return v
}

// erase answers POST /me/{client}/trust/keep.
func erase(a *web.Ask, c *record.Chart) (web.Answer, error) {
	var in label.Set
	if what := a.Form("what"); what != "all" {
		if in = label.Parse(what); in == 0 {
			return web.Answer{}, errs.E(errs.Invalid, "trust: nothing is to be erased")
		}
	}
	err := c.AskErase(a.Context(), in, a.Form("why"))
	if errs.Is(err, errs.Invalid) {
		v, err := keepFor(a, c)
		v.Why.Problem = a.P.TrustSaySomething()
		return web.Wrong(keepPage(v)), err
	}
	return web.See(base(c) + "/keep"), err
}
