package forms

import (
	"crypto/rand"
	"slices"
	"strings"

	library "rapport/forms"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// listView is everything there is.
type listView struct {
	Shell       shell.View
	P           lang.Printer
	Forms       []entry
	Plans       []entry
	Broken      []brokenView
	Title       string
	Wrong       wrongs
	ImportWrong string
	Report      []reportView
}

// entry is one form or plan template on the list.
type entry struct {
	Href, Title, Text, Meta string
	Tags                    []parts.TagView
}

type brokenView struct{ Title, Why string }

func showList(d *desk) (web.Answer, error) { return web.Page(listPage(d.newList())), nil }

func (d *desk) newList() *listView {
	v := &listView{Shell: d.frame(d.P.BuilderTitle()), P: d.P}
	for _, p := range d.papers(aForm) {
		v.Forms = append(v.Forms, d.entry(p))
	}
	for _, p := range d.papers(aPlan) {
		v.Plans = append(v.Plans, d.entry(p))
	}
	for _, es := range [][]entry{v.Forms, v.Plans} {
		slices.SortStableFunc(es, func(a, b entry) int { return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
	}
	for _, b := range d.lib.Broken() {
		v.Broken = append(v.Broken, brokenView{b.Type + " " + b.ID, reason(b.Err)})
	}
	return v
}

func (d *desk) entry(p *paper) entry {
	w := p.work()
	e := entry{Href: p.kind.path(p.id), Title: w.title}
	if e.Title == "" {
		e.Title = p.id
	}
	e.Tags = d.stateTags(p)
	if w.form != nil {
		e.Meta = d.P.BuilderCount(questions(w))
		e.Text = d.P.BuilderGoesNever()
		if x, ok := p.live(); ok {
			if ed, ok := d.lib.Form(p.url, x.version); ok && ed.Goes {
				e.Text = d.sayAsked(ed.Asked)
			}
		}
		return e
	}
	out := w.plan.Outline(d.reader())
	e.Meta = d.P.BuilderSteps(len(out.Steps))
	e.Text = short(w.plan.Description(d.reader()), 140)
	return e
}

// questions counts what can be answered.
func questions(e edition) int {
	n := 0
	for i := range e.form.Count() {
		if x := e.form.Item(i); x != nil && x.Question() && !x.Hidden {
			n++
		}
	}
	return n
}

// stateTags say which version is published, and that there is a draft.
func (d *desk) stateTags(p *paper) []parts.TagView {
	var out []parts.TagView
	live, ok := p.live()
	if ok {
		out = append(out, parts.TagView{Tone: parts.ToneOK, Text: d.P.BuilderStatePublished(live.version)})
	}
	w := p.work()
	switch {
	case w.status == "draft":
		out = append(out, parts.TagView{Tone: parts.ToneWarn, Text: d.P.BuilderStateDraft(w.version)})
	case !ok:
		out = append(out, parts.TagView{Text: d.P.BuilderStateRetired()})
	}
	if w.source == library.OfPractice {
		out = append(out, parts.TagView{Text: d.P.BuilderOwn()})
	}
	return out
}

// sayAsked says when a form goes out: "Before every visit of people from 18, once".
func (d *desk) sayAsked(a library.Asked) string {
	p := d.P
	what := p.BuilderGoesEvery()
	if len(a.Services) > 0 {
		var names []string
		for _, id := range a.Services {
			names = append(names, d.serviceName(id))
		}
		what = p.BuilderGoesServices(p.And(names))
	}
	who := ""
	switch {
	case a.From > 0 && a.To > 0:
		who = p.BuilderGoesBetween(number(a.From), number(a.To))
	case a.From > 0:
		who = p.BuilderGoesFrom(number(a.From))
	case a.To > 0:
		who = p.BuilderGoesTo(number(a.To))
	}
	often := p.BuilderGoesOnce()
	if a.Again > 0 {
		often = p.BuilderGoesAgain(a.Again)
	}
	if len(a.After) > 0 {
		var names []string
		for _, u := range a.After {
			if n := d.formName(u); !slices.Contains(names, n) { // one form for each age may have one title
				names = append(names, n)
			}
		}
		often = p.BuilderGoesAfter(a.Again, p.And(names))
	}
	return p.BuilderGoes(what+who, often)
}

func (d *desk) formName(url string) string {
	if e, ok := d.lib.Form(url, ""); ok {
		return "“" + e.Title(d.reader()) + "”"
	}
	return url
}

func (d *desk) serviceName(id string) string {
	for _, s := range d.p.Timetable().Services {
		if s.ID == id {
			if n := d.In(s.Names); n != "" {
				return n
			}
		}
	}
	return id
}

// titleMost is how long a title may be, in letters.
const titleMost = 200

// addForm begins a form of the practice's own.
func addForm(d *desk) (web.Answer, error) {
	title := d.Form("title")
	if title == "" || len([]rune(title)) > titleMost {
		v := d.newList()
		v.Title = title
		v.Wrong.add("title", d.P.BuilderBadText())
		return web.Wrong(listPage(v)), nil
	}
	id := slug(title, "form") + "-" + strings.ToLower(rand.Text()[:6])
	base := "en"
	if ls := d.Practice.Languages; len(ls) > 0 {
		base = ls[0]
	}
	root := obj(pair{"resourceType", str("Questionnaire")}, pair{"id", str(id)}, pair{"language", str(base)}, pair{"url", str("urn:rapport:form:" + id)}, pair{"version", str("1")},
		pair{"title", str(title)}, pair{"status", str("draft")}, pair{"subjectType", list(str("Patient"))},
		pair{"item", list(obj(pair{"linkId", str("question")}, pair{"text", str(d.P.BuilderFirst())}, pair{"type", str("string")}))})
	one.Lock()
	defer one.Unlock()
	if err := d.put(aForm, root, id, "1"); err != nil {
		return web.Answer{}, err
	}
	return web.See(aForm.path(id)), nil
}
