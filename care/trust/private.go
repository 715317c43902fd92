package trust

import (
	"slices"

	"rapport/errs"
	"rapport/fhir/label"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/look"
	"rapport/web/parts"
	"rapport/web/shell"
)

// privateView is what is private, and a way to make more so.
type privateView struct {
	Shell  shell.View
	P      lang.Printer
	Base   string
	Flash  parts.FlashView
	Groups []groupView
	Lifted []markView // what the reader took out again
	Parts  []parts.RowView
	Title  string // of the part to choose from
	Items  []markView
	More   string
	Part   string
	Staff  bool // something is private because staff said so
}

// groupView is one compartment and what lies in it.
type groupView struct {
	ID, Title string
	Items     []markView
}

// markView is one thing that can be marked.
type markView struct {
	Title, Day, Why string
	What            string // type and name, for the form
	Set             string // what is added or lifted
	Lift            bool   // it can be taken out
}

// private answers GET /me/{client}/trust/private.
func private(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v := privateView{Shell: a.Shell(a.P.TrustPrivateTitle(), "health"), P: a.P, Base: base(c)}
	if a.Query("done") != "" {
		v.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.TrustPrivateDone()}
	}
	all, err := things(a.Context(), c)
	if err != nil {
		return web.Answer{}, err
	}
	v.Parts = partLinks(a.P, v.Base+"/private?", all)
	if part := chosen(a); part != 0 {
		page, next := cut(a, slices.DeleteFunc(all, func(x item) bool { return x.Part != part }))
		if page, err = named(a, c, page); err != nil {
			return web.Answer{}, err
		}
		v.Title, v.Part = partTitle(a.P, part), part.String()
		for _, x := range page {
			m := markOf(x)
			if m.Set = label.Own.String(); x.In.In != 0 {
				m.Why, m.Set = a.P.TrustPrivateTitle(), ""
			}
			v.Items = append(v.Items, m)
		}
		v.More = more(v.Base+"/private?", part, next)
		return web.Page(privatePage(v)), nil
	}
	closed, err := named(a, c, slices.DeleteFunc(all, func(x item) bool { return x.In.In == 0 && x.In.Lifted == 0 }))
	if err != nil {
		return web.Answer{}, err
	}
	v.group(closed)
	return web.Page(privatePage(v)), nil
}

func markOf(x item) markView {
	return markView{Title: x.Title, Day: x.Day, What: x.Type + "/" + string(x.Ref)}
}

// group puts what is private by compartment.
func (v *privateView) group(xs []item) {
	for _, in := range label.All.Each() {
		g := groupView{ID: "in-" + in.String(), Title: look.Closed(v.P, in)}
		for _, x := range xs {
			if x.In.In&in == 0 {
				continue
			}
			m := markOf(x)
			m.Set = in.String()
			switch {
			case x.In.Client&in != 0:
				m.Why, m.Lift = v.P.TrustPrivateYours(), true
			case x.In.Staff&in != 0:
				m.Why, v.Staff = v.P.TrustPrivateStaff(), true
			default:
				m.Why, m.Lift = v.P.TrustPrivateFound(), true
			}
			g.Items = append(g.Items, m)
		}
		if len(g.Items) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	for _, x := range xs {
		if x.In.In == 0 && x.In.Lifted != 0 {
			m := markOf(x)
			m.Set = x.In.Lifted.String()
			v.Lifted = append(v.Lifted, m)
		}
	}
}

// mark answers POST /me/{client}/trust/private.
func mark(a *web.Ask, c *record.Chart) (web.Answer, error) {
	typ, ref, ok := pointed(a.Form("what"))
	set := label.Parse(a.Form("set"))
	if !ok || set == 0 {
		return web.Answer{}, errs.E(errs.Invalid, "trust: nothing is marked")
	}
	var err error
	if a.Form("how") == "lift" {
		err = c.Mark(a.Context(), typ, ref, 0, set)
	} else {
		err = c.Mark(a.Context(), typ, ref, set, 0)
	}
	to := base(c) + "/private?done=1"
	if part := record.ParseParts(a.Form("part")); part != 0 {
		to += "&part=" + part.Each()[0].String()
	}
	return web.See(to), err
}
