package forms

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	library "rapport/forms"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// versionsView is how a form or a template came to be as it is.
type versionsView struct {
	Shell    shell.View
	P        lang.Printer
	Head     headView
	Token    string
	Versions []versionView
	Draft    bool // what is worked on can be thrown away
	Live     bool // it can be taken out of use
	Retired  bool // it can be taken into use again
	Changed  bool
}

// versionView is one version, and what it changed.
type versionView struct {
	Version, When string
	Tag           parts.TagView
	File          string
	Lines         []string
}

// publishView is what to look at before a draft is published.
type publishView struct {
	Shell    shell.View
	P        lang.Printer
	Head     headView
	Token    string
	Version  string
	Nothing  bool // there is no draft
	Changed  bool
	Problems []string
	Hints    []hintView
	More     int
	Changes  []string
	Goes     string
	Plan     bool
	Stops    bool // something is too bad to be published
}

// hintView is a hint with the way to its text.
type hintView struct {
	Said, Text, Href string
	Kind             hintKind
}

func showVersions(d *desk, k kind) (web.Answer, error) {
	p, err := d.paper(k, d.Path("id"))
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(versionsPage(d.newVersions(p))), nil
}

func (d *desk) newVersions(p *paper) *versionsView {
	w := p.work()
	v := &versionsView{P: d.P, Head: d.head(p, "/versions"), Token: w.token(), Draft: w.status == "draft"}
	v.Shell = d.frame(v.Head.Title)
	_, v.Live = p.live()
	v.Retired = !v.Live && !v.Draft
	for i, e := range p.all {
		x := versionView{Version: e.version, Tag: d.stateTag(e), File: v.Head.Path + "/file?version=" + e.version}
		if root, err := parse(e.json); err == nil {
			if t, ok := fhir.ParseTime(root.get("date").text()); ok {
				x.When = d.P.Full(t.At)
			}
			if i+1 < len(p.all) {
				if before, err := parse(p.all[i+1].json); err == nil {
					x.Lines = d.differences(p.kind, before, root)
				}
			}
		}
		v.Versions = append(v.Versions, x)
	}
	return v
}

func (d *desk) stateTag(e edition) parts.TagView {
	switch {
	case e.status == "active":
		t := parts.TagView{Tone: parts.ToneOK, Text: d.P.BuilderPublishedWord()}
		if e.source == library.OfProgram {
			t.Text = d.P.BuilderShipped()
		}
		return t
	case e.status == "draft":
		return parts.TagView{Tone: parts.ToneWarn, Text: d.P.BuilderDraftWord()}
	case e.discarded():
		return parts.TagView{Text: d.P.BuilderDiscarded()}
	}
	return parts.TagView{Text: d.P.BuilderStateRetired()}
}

// differencesMost is how many changes of a version are told one by one.
const differencesMost = 30

// differences says what one version changed of the one before.
func (d *desk) differences(k kind, was, now *tree) []string {
	base := baseOf(now)
	name := "item"
	if k == aPlan {
		name = ""
	}
	a, b := pieces(was, name), pieces(now, name)
	var out []string
	for _, id := range b.order {
		x, y := a.by[id], b.by[id]
		title := "“" + short(nameOf(y, base, d.reader()), 70) + "”"
		switch {
		case x == nil:
			out = append(out, d.P.BuilderDiffAdded(title))
		case !bytes.Equal(bare(x), bare(y)):
			out = append(out, d.P.BuilderDiffChanged(title, d.P.And(d.parts(x, y, base))))
		}
	}
	for _, id := range a.order {
		if b.by[id] == nil {
			out = append(out, d.P.BuilderDiffRemoved("“"+short(nameOf(a.by[id], base, d.reader()), 70)+"”"))
		}
	}
	if !bytes.Equal(head(was), head(now)) {
		out = append([]string{d.P.BuilderDiffHead()}, out...)
	}
	if !slices.Equal(a.order, b.order) && len(a.order) == len(b.order) && len(out) == 0 {
		out = append(out, d.P.BuilderDiffOrder())
	}
	if n := len(out); n > differencesMost {
		out = append(out[:differencesMost], d.P.BuilderDiffMore(n-differencesMost))
	}
	return out
}

// pieced are the elements of a definition by their names.
type pieced struct {
	by    map[string]*tree
	order []string
}

// pieces are the items of a form, or the goals, phases, steps and rules of a template.
func pieces(root *tree, name string) pieced {
	p := pieced{by: map[string]*tree{}}
	add := func(id string, n *tree) {
		for i := 2; p.by[id] != nil; i++ {
			id += "#" + strconv.Itoa(i)
		}
		p.by[id] = n
		p.order = append(p.order, id)
	}
	if name == "item" {
		for _, s := range spots(root) {
			add(s.link(), s.item)
		}
		return p
	}
	for _, g := range root.each("goal") {
		add("goal "+g.get("id").text(), g)
	}
	var walk func(n *tree)
	walk = func(n *tree) {
		for _, a := range n.each("action") {
			add("action "+a.get("id").text(), a)
			walk(a)
		}
	}
	walk(root)
	return p
}

// bare is an element without the elements within it.
func bare(n *tree) []byte {
	c := &tree{kind: '{'}
	for i, k := range n.keys {
		if k != "item" && k != "action" {
			c.keys, c.vals = append(c.keys, k), append(c.vals, n.vals[i])
		}
	}
	for _, x := range n.each("item") {
		if aside(x) != "" {
			c.add("item", x)
		}
	}
	return c.bytes()
}

// head is a definition without its elements and without what every version changes.
func head(root *tree) []byte {
	c := &tree{kind: '{'}
	for i, k := range root.keys {
		switch k {
		case "item", "action", "goal", "id", "version", "status", "date":
			continue
		}
		c.keys, c.vals = append(c.keys, k), append(c.vals, root.vals[i])
	}
	return c.bytes()
}

func nameOf(n *tree, base, reader string) string {
	for _, el := range []string{"text", "title"} {
		if s := readTexts(n, el, base).in(reader, base); s != "" {
			return s
		}
	}
	if x := n.get("description"); x != nil && x.kind == '{' {
		if s := readTexts(x, "text", base).in(reader, base); s != "" {
			return s
		}
	}
	if s := n.get("linkId").text(); s != "" {
		return s
	}
	return n.get("id").text()
}

// parts says which parts of an element differ.
func (d *desk) parts(x, y *tree, base string) []string {
	if x.get("linkId") == nil {
		return []string{d.P.BuilderPartSettings()}
	}
	a, b := readAsked(x, base), readAsked(y, base)
	var out []string
	say := func(is bool, s string) {
		if is {
			out = append(out, s)
		}
	}
	say(!a.Text.same(b.Text) || !a.Help.same(b.Help) || !a.Why.same(b.Why), d.P.BuilderPartWords())
	say(a.Type != b.Type || a.Required != b.Required || a.Repeats != b.Repeats, d.P.BuilderPartType())
	say(!same(x, y, "answerOption"), d.P.BuilderPartOptions())
	say(!same(x, y, "enableWhen") || a.When != b.When || a.Any != b.Any, d.P.BuilderPartWhen())
	say(a.Alarm.Level != b.Alarm.Level || a.Alarm.Expr != b.Alarm.Expr || !a.Alarm.Text.same(b.Alarm.Text), d.P.BuilderPartAlarm())
	say(a.Definition != b.Definition || a.Extract != b.Extract || a.Code != b.Code, d.P.BuilderPartRecord())
	if len(out) == 0 {
		out = append(out, d.P.BuilderPartSettings())
	}
	return out
}

func same(x, y *tree, name string) bool {
	a, b := x.get(name), y.get(name)
	if a == nil || b == nil {
		return a == b
	}
	return bytes.Equal(a.bytes(), b.bytes())
}

func showPublish(d *desk, k kind) (web.Answer, error) {
	p, err := d.paper(k, d.Path("id"))
	if err != nil {
		return web.Answer{}, err
	}
	v, err := d.newPublish(p)
	return web.Page(publishPage(v)), err
}

// hintsMost is how many hints are told one by one.
const hintsMost = 40

func (d *desk) newPublish(p *paper) (*publishView, error) {
	w := p.work()
	v := &publishView{P: d.P, Head: d.head(p, "/publish"), Token: w.token(), Version: w.version, Nothing: w.status != "draft", Plan: p.kind == aPlan}
	v.Shell = d.frame(v.Head.Title)
	root, err := parse(w.json)
	if err != nil {
		return v, err
	}
	var hs []hint
	ls := d.languages(baseOf(root))
	if p.kind == aPlan {
		hs = planHints(root, ls)
		for _, x := range w.plan.Problems() {
			v.Problems = append(v.Problems, x.String())
		}
	} else {
		hs = formHints(root, ls)
		for _, x := range problems(w.form, form.Warning) {
			v.Problems = append(v.Problems, x.String())
			v.Stops = v.Stops || x.Severity == form.Serious && x.Code == "cycle"
		}
		v.Goes = d.P.BuilderGoesNever()
		if a, goes := d.askedOf(p); goes {
			v.Goes = d.sayAsked(a)
		}
	}
	for _, h := range hs {
		x := hintView{Said: h.say(d.P), Text: h.Text, Kind: h.Kind}
		switch {
		case h.Place != "":
			x.Href = v.Head.Path + "/e/" + h.Place
		case h.Item >= 0:
			x.Href = v.Head.Path + "/q/" + strconv.Itoa(h.Item)
		case !v.Plan:
			x.Href = v.Head.Path + "/about"
		}
		if len(v.Hints) < hintsMost {
			v.Hints = append(v.Hints, x)
		} else {
			v.More++
		}
	}
	if live, ok := p.live(); ok && !v.Nothing {
		if was, err := parse(live.json); err == nil {
			v.Changes = d.differences(p.kind, was, root)
		}
	}
	return v, nil
}

// publish puts a draft into use. What was in use before stays, for those who are in the
// middle of it.
func publish(d *desk, k kind) (web.Answer, error) {
	one.Lock()
	defer one.Unlock()
	d.lib = d.p.Library()
	p, err := d.paper(k, d.Path("id"))
	if err != nil {
		return web.Answer{}, err
	}
	w := p.work()
	v, err := d.newPublish(p)
	if err != nil {
		return web.Answer{}, err
	}
	if v.Nothing || w.token() != d.Form("was") || v.Stops {
		v.Changed = w.token() != d.Form("was")
		return web.Wrong(publishPage(v)), nil
	}
	root, err := parse(w.json)
	if err != nil {
		return web.Answer{}, err
	}
	root.setText("status", "active")
	root.setText("date", d.Now.Format(time.DateOnly))
	if err := d.put(k, root, p.id, w.version); err != nil {
		return web.Answer{}, err
	}
	return web.See(k.path(p.id) + "/versions?done=published"), nil
}

// changeState throws a draft away, takes everything out of use, or begins again with
// what was.
func changeState(d *desk, k kind) (web.Answer, error) {
	if d.Form("do") == "again" {
		p, err := d.change(k, d.Path("id"), d.Form("was"), func(root *tree) error {
			root.setText("status", "unknown") // a draft in a moment
			return nil
		})
		if errs.Is(err, errs.Conflict) {
			v := d.newVersions(p)
			v.Changed = true
			return web.Wrong(versionsPage(v)), nil
		}
		if err != nil {
			return web.Answer{}, err
		}
		return web.See(k.path(p.id)), nil
	}
	one.Lock()
	defer one.Unlock()
	d.lib = d.p.Library()
	p, err := d.paper(k, d.Path("id"))
	if err != nil {
		return web.Answer{}, err
	}
	w := p.work()
	if w.token() != d.Form("was") {
		v := d.newVersions(p)
		v.Changed = true
		return web.Wrong(versionsPage(v)), nil
	}
	status, done := "draft", "removed"
	if d.Form("do") == "retire" {
		status, done = "active", "retired"
	}
	if err := d.set(p, "retired", func(e edition) bool { return e.status == status }); err != nil {
		return web.Answer{}, err
	}
	if _, err := d.paper(k, p.id); err != nil {
		return web.See(listHref + "?done=" + done), nil
	}
	return web.See(k.path(p.id) + "/versions?done=" + done), nil
}
