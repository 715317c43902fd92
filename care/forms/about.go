package forms

import (
	"errors"
	"slices"
	"strconv"

	"rapport/errs"
	library "rapport/forms"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// aboutView is what a form says of itself, and when it goes out.
type aboutView struct {
	Shell    shell.View
	P        lang.Printer
	Head     headView
	Token    string
	Title    []tongue
	About    []tongue
	Purpose  []tongue
	Goes     bool
	Said     string
	Services []parts.Option
	Typed    map[string]string
	After    []parts.Option
	Wrong    wrongs
	Changed  bool
	Refused  string
}

// aboutTexts are the texts of a form as a whole.
type aboutTexts struct{ title, about, purpose texts }

func readAbout(root *tree) aboutTexts {
	base := baseOf(root)
	return aboutTexts{readTexts(root, "title", base), readTexts(root, "description", base), readTexts(root, "purpose", base)}
}

func showAbout(d *desk) (web.Answer, error) {
	p, root, err := d.paperForm()
	if err != nil {
		return web.Answer{}, err
	}
	a, goes := d.askedOf(p)
	return web.Page(aboutPage(d.newAbout(p, root, readAbout(root), a, goes))), nil
}

// askedOf is when what is worked on goes out.
func (d *desk) askedOf(p *paper) (library.Asked, bool) {
	if e, ok := d.lib.Form(p.url, p.work().version); ok {
		return e.Asked, e.Goes
	}
	return library.Asked{}, false
}

func (d *desk) newAbout(p *paper, root *tree, t aboutTexts, a library.Asked, goes bool) *aboutView {
	base := baseOf(root)
	v := &aboutView{P: d.P, Head: d.head(p, "/about"), Token: p.work().token(), Goes: goes, Typed: map[string]string{"from": number(a.From), "to": number(a.To), "again": number(a.Again)}}
	v.Shell = d.frame(v.Head.Title)
	v.Title, v.About, v.Purpose = d.tongues(t.title, base, false), d.tongues(t.about, base, true), d.tongues(t.purpose, base, false)
	for _, s := range d.p.Timetable().Services {
		v.Services = append(v.Services, parts.Option{Value: s.ID, Text: d.serviceName(s.ID), Chosen: slices.Contains(a.Services, s.ID)})
	}
	for _, id := range a.Services {
		if !slices.ContainsFunc(v.Services, func(o parts.Option) bool { return o.Value == id }) {
			v.Services = append(v.Services, parts.Option{Value: id, Text: id, Chosen: true})
		}
	}
	for _, e := range d.lib.Forms() {
		if e.Status == "active" && e.URL != p.url {
			v.After = append(v.After, parts.Option{Value: e.URL, Text: e.Title(d.reader()), Chosen: slices.Contains(a.After, e.URL)})
		}
	}
	if v.Said = d.P.BuilderGoesNever(); goes {
		v.Said = d.sayAsked(a)
	}
	return v
}

// number is a number as its field holds it; none is empty.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func saveAbout(d *desk) (web.Answer, error) {
	p, root, err := d.paperForm()
	if err != nil {
		return web.Answer{}, err
	}
	base, was := baseOf(root), readAbout(root)
	var w wrongs
	now := aboutTexts{d.formTexts(&w, "title", was.title, base), d.formTexts(&w, "about", was.about, base), d.formTexts(&w, "purpose", was.purpose, base)}
	if now.title[base] == "" {
		w.add("title-"+base, d.P.BuilderBadText())
	}
	a, goes := d.formGoes(&w)
	again := func(p *paper, root *tree) *aboutView {
		v := d.newAbout(p, root, now, a, goes)
		for _, f := range []string{"from", "to", "again"} {
			v.Typed[f] = d.Form(f)
		}
		v.Wrong = w
		return v
	}
	if w.any() {
		v := again(p, root)
		v.Token = d.Form("was")
		return web.Wrong(aboutPage(v)), nil
	}
	q, err := d.change(aForm, p.id, d.Form("was"), func(root *tree) error {
		was := readAbout(root)
		writeTexts(root, "title", base, "String", was.title, now.title)
		writeTexts(root, "description", base, "Markdown", was.about, now.about)
		writeTexts(root, "purpose", base, "Markdown", was.purpose, now.purpose)
		writeGoes(root, a, goes)
		return nil
	})
	if err == nil {
		return web.See(q.kind.path(q.id) + "/about?done=saved"), nil
	}
	if q == nil {
		return web.Answer{}, err
	}
	v := again(q, root)
	switch {
	case errors.Is(err, errMeanwhile):
		v.Changed = true
	case errs.Is(err, errs.Invalid):
		v.Refused = reason(err)
	default:
		return web.Answer{}, err
	}
	return web.Wrong(aboutPage(v)), nil
}

// formGoes reads when a form goes out.
func (d *desk) formGoes(w *wrongs) (library.Asked, bool) {
	goes := d.Form("goes") != ""
	a := library.Asked{Services: d.FormAll("services"), After: d.FormAll("after")}
	slices.Sort(a.After)
	for _, x := range []struct {
		f  string
		to *int
	}{{"from", &a.From}, {"to", &a.To}, {"again", &a.Again}} {
		f, s := x.f, d.Form(x.f)
		if s == "" {
			continue
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > 600 {
			w.add(f, d.P.BuilderBadNumber())
			continue
		}
		*x.to = n
	}
	if goes && a.To > 0 && a.To < a.From {
		w.add("to", d.P.BuilderBadAges())
	}
	if goes && len(a.After) > 0 && a.Again == 0 {
		w.add("again", d.P.BuilderBadAgain())
	}
	return a, goes
}

// writeGoes writes when a form goes out; parts of it that are not ours stay.
func writeGoes(root *tree, a library.Asked, goes bool) {
	x := ext(root, library.AskedURL)
	if !goes {
		setExt(root, library.AskedURL, nil)
		return
	}
	if x == nil {
		x = obj(pair{"url", str(library.AskedURL)}, pair{"extension", list()})
		root.add("extension", x)
	}
	several := func(name, typ string, want []string) {
		have := map[string]bool{}
		x.keep("extension", func(e *tree) bool {
			if e.get("url").text() != name {
				return true
			}
			s := value(e).text()
			have[s] = true
			return slices.Contains(want, s)
		})
		for _, s := range want {
			if !have[s] {
				x.add("extension", obj(pair{"url", str(name)}, pair{"value" + typ, str(s)}))
			}
		}
	}
	several("service", "String", a.Services)
	several("after", "Uri", a.After)
	for _, n := range []struct {
		name string
		n    int
	}{{"from", a.From}, {"to", a.To}, {"again", a.Again}} {
		if n.n == 0 {
			setExt(x, n.name, nil)
		} else if extText(x, n.name) != strconv.Itoa(n.n) {
			setValue(x, n.name, "Integer", num(strconv.Itoa(n.n)))
		}
	}
	if len(x.each("extension")) == 0 { // an extension must say something: from the age of 0
		x.add("extension", obj(pair{"url", str("from")}, pair{"valueInteger", num("0")}))
	}
}
