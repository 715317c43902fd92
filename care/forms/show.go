package forms

import (
	"net/url"
	"slices"
	"strconv"

	"rapport/fhir/form"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// headView is what stands above every page of a form or a plan template.
type headView struct {
	P     lang.Printer
	Kind  kind
	Path  string
	Title string
	Tags  []parts.TagView
	Tabs  parts.TabsView
	Draft bool // there is something to publish
	Ours  bool // nothing is published yet, or a draft is after it
}

// formView is the outline of a form beside the phone.
type formView struct {
	Shell     shell.View
	P         lang.Printer
	Head      headView
	Token     string
	Changed   bool // somebody else changed it meanwhile
	Wrong     string
	Trail     []parts.Link
	Rows      []outlineRow
	More      []parts.Link // the pages of a long list
	Hints     int
	Copyright string
	Goes      string
	Phone     phoneView
	Problems  []form.Problem
	New       string // the text of a question to be added
}

// outlineRow is one item on the outline.
type outlineRow struct {
	Number         int
	Link           string
	Depth          int
	Href, Edit     string
	Icon           string
	Text, When     string
	Inside, Open   string // a group that is opened on a page of its own: how many are in it
	Tags           []parts.TagView
	Selected       bool
	Group          bool
	Up, Down       bool
	In, Out        bool
	Within, Delete bool
	Faint          bool
}

// outlineMost is how many rows one page shows.
const outlineMost = 80

// paperForm finds the form a page is about, with the tree of what is worked on.
func (d *desk) paperForm() (*paper, *tree, error) {
	p, err := d.paper(aForm, d.Path("id"))
	if err != nil {
		return nil, nil, err
	}
	root, err := parse(p.work().json)
	return p, root, err
}

func showForm(d *desk) (web.Answer, error) {
	p, root, err := d.paperForm()
	if err != nil {
		return web.Answer{}, err
	}
	return web.Page(formPage(d.newForm(p, root, d.Query("q"), d.Query("in")))), nil
}

// head is the head of a paper's pages.
func (d *desk) head(p *paper, current string) headView {
	w, at := p.work(), p.kind.path(p.id)
	h := headView{P: d.P, Kind: p.kind, Path: at, Title: w.title, Tags: d.stateTags(p), Draft: w.status == "draft"}
	if h.Title == "" {
		h.Title = p.id
	}
	first := d.P.BuilderTabQuestions()
	if p.kind == aPlan {
		first = d.P.BuilderTabPlan()
	}
	h.Tabs = parts.TabsView{Label: h.Title, Current: at + current, Tabs: []parts.Tab{{Text: first, Href: at}}}
	if p.kind == aForm {
		h.Tabs.Tabs = append(h.Tabs.Tabs, parts.Tab{Text: d.P.BuilderTabAbout(), Href: at + "/about"}, parts.Tab{Text: d.P.BuilderTabTry(), Href: at + "/try"})
	}
	h.Tabs.Tabs = append(h.Tabs.Tabs, parts.Tab{Text: d.P.BuilderTabVersions(), Href: at + "/versions"}, parts.Tab{Text: d.P.BuilderTabPublish(), Href: at + "/publish"})
	return h
}

func (d *desk) newForm(p *paper, root *tree, selected, in string) *formView {
	w := p.work()
	v := &formView{P: d.P, Head: d.head(p, ""), Token: w.token(), Copyright: w.form.Copyright, Problems: problems(w.form, form.Warning)}
	v.Shell = d.frame(v.Head.Title)
	base, all := baseOf(root), spots(root)
	number, err := strconv.Atoi(selected)
	if err != nil || number < 0 || number >= len(all) {
		number = firstAsked(all)
	}
	for number < len(all) && all[number].around != nil && aside(all[number].item) != "" { // it is part of what it lies in
		number = all[number].around.number
		if next := number + 1; all[number].item.get("type").text() == "group" {
			for ; next < len(all) && aside(all[next].item) != ""; next++ {
			}
			number = min(next, len(all)-1)
			break
		}
	}
	v.outline(d, p, all, number, in, base)
	if e, ok := d.lib.Form(p.url, w.version); ok && e.Goes {
		v.Goes = d.sayAsked(e.Asked)
	} else {
		v.Goes = d.P.BuilderGoesNever()
	}
	if number < len(all) {
		v.Phone = d.phone(root, all[number].item, base)
		v.Phone.Edit = v.Head.Path + "/q/" + strconv.Itoa(number)
	}
	v.Phone.Try = v.Head.Path + "/try"
	return v
}

func firstAsked(all []*spot) int {
	for _, s := range all {
		if t := s.item.get("type").text(); t != "group" && t != "display" && extText(s.item, hiddenURL) != "true" {
			return s.number
		}
	}
	return 0
}

// outline puts the items in rows: all of them if they are few, else those of one group.
func (v *formView) outline(d *desk, p *paper, all []*spot, selected int, in, base string) {
	var top *spot
	if n, err := strconv.Atoi(in); err == nil && n >= 0 && n < len(all) && all[n].item.get("type").text() == "group" {
		top = all[n]
	}
	shown := func(s *spot) bool { return s.around == nil || aside(s.item) == "" }
	within := func(s *spot) (depth int, ok bool) {
		for x := s.around; ; x = x.around {
			if x == top {
				return depth, true
			}
			if x == nil {
				return 0, false
			}
			depth++
		}
	}
	var rows []*spot
	depths := map[*spot]int{}
	for _, s := range all {
		if depth, ok := within(s); ok && shown(s) {
			rows, depths[s] = append(rows, s), depth
		}
	}
	closed := len(rows) > outlineMost
	if closed {
		rows = folded(rows, depths, all[min(selected, len(all)-1)])
	}
	at := v.Head.Path
	query := func(n int) string {
		q := url.Values{"q": {strconv.Itoa(n)}}
		if top != nil {
			q.Set("in", in)
		}
		return at + "?" + q.Encode()
	}
	v.trail(d, top, base)
	from := v.pages(rows, selected, query)
	links := byLink(all)
	about := aboutIn(links, base)
	for i := from; i < min(from+outlineMost, len(rows)); i++ {
		s := rows[i]
		r := d.row(s, about, base)
		r.Depth, r.Selected, r.Href = depths[s], s.number == selected, query(s.number)+"#i-"+strconv.Itoa(s.number)
		r.Edit = at + "/q/" + strconv.Itoa(s.number)
		shut := closed && r.Group && (i+1 == len(rows) || depths[rows[i+1]] <= depths[s])
		if shut {
			n := 0
			for _, x := range s.item.each("item") {
				if aside(x) == "" {
					n++
				}
			}
			r.Inside, r.Open = d.P.BuilderInside(n), at+"?in="+strconv.Itoa(s.number)
			if first := s.number + 1; n > 0 && top == nil && len(spots(s.item))+len(rows) <= outlineMost { // it opens where it is
				r.Href = query(first) + "#i-" + strconv.Itoa(s.number)
				r.Open = ""
			}
		}
		v.Rows = append(v.Rows, r)
	}
}

// folded leaves the uppermost rows of a long list, and those of the group that what is
// selected lies in, if they are few.
func folded(rows []*spot, depths map[*spot]int, selected *spot) []*spot {
	open := selected
	for open.around != nil && depths[open] > 0 {
		open = open.around
	}
	in := func(s *spot) bool {
		for ; s != nil; s = s.around {
			if s == open {
				return true
			}
		}
		return false
	}
	few := slices.DeleteFunc(slices.Clone(rows), func(s *spot) bool { return depths[s] > 0 && !in(s) })
	if len(few) <= outlineMost {
		return few
	}
	return slices.DeleteFunc(few, func(s *spot) bool { return depths[s] > 0 })
}

// trail leads out of the groups that a page is within.
func (v *formView) trail(d *desk, top *spot, base string) {
	if top == nil {
		return
	}
	for s := top; s != nil; s = s.around {
		v.Trail = append(v.Trail, parts.Link{Text: short(readTexts(s.item, "text", base).in(d.reader(), base), 50), Href: v.Head.Path + "?in=" + strconv.Itoa(s.number)})
	}
	v.Trail = append(v.Trail, parts.Link{Text: v.Head.Title, Href: v.Head.Path})
	slices.Reverse(v.Trail)
}

// pages cuts a long list, and returns where the page with what is selected begins.
func (v *formView) pages(rows []*spot, selected int, query func(int) string) int {
	from := 0
	for i, s := range rows {
		if s.number == selected {
			from = i / outlineMost * outlineMost
		}
	}
	for i := 0; len(rows) > outlineMost && i < len(rows); i += outlineMost {
		l := parts.Link{Text: strconv.Itoa(i+1) + "–" + strconv.Itoa(min(i+outlineMost, len(rows)))}
		if i != from {
			l.Href = query(rows[i].number)
		}
		v.More = append(v.More, l)
	}
	return from
}

// byLink finds items by their linkId.
func byLink(all []*spot) map[string]*spot {
	out := map[string]*spot{}
	for _, s := range all {
		if out[s.link()] == nil {
			out[s.link()] = s
		}
	}
	return out
}

// aboutIn reads the items that conditions look at, each once.
func aboutIn(links map[string]*spot, base string) func(string) *asked {
	read := map[string]*asked{}
	return func(link string) *asked {
		if a, ok := read[link]; ok {
			return a
		}
		var a *asked
		if s := links[link]; s != nil {
			x := readAsked(s.item, base)
			a = &x
		}
		read[link] = a
		return a
	}
}

func (d *desk) row(s *spot, about func(string) *asked, base string) outlineRow {
	a := readAsked(s.item, base)
	r := outlineRow{Number: s.number, Link: a.Link, Text: short(a.Text.in(d.reader(), base), 140), Icon: iconOf(a.Type), Group: a.Type == "group", When: sayWhen(d.P, &a, about, base)}
	if r.Text == "" {
		r.Text = a.Link
	}
	r.Up, r.Down = !s.first(), !s.last()
	ps, mine := s.siblings()
	r.In = mine > 0 && s.in.each("item")[ps[mine-1]].get("type").text() == "group"
	r.Out, r.Within, r.Delete = s.around != nil, r.Group, true
	tag := func(tone parts.Tone, text string) { r.Tags = append(r.Tags, parts.TagView{Tone: tone, Text: text}) }
	if a.Alarm.Level != "" {
		tag(parts.ToneDanger, d.P.BuilderTagAlarm())
	}
	if a.Hidden {
		r.Faint = true
		tag(parts.TonePlain, d.P.BuilderTagHidden())
	}
	if a.Repeats && a.Group() {
		tag(parts.TonePlain, d.P.BuilderTagRepeats())
	}
	if a.Official != "" {
		tag(parts.ToneInfo, d.P.BuilderTagOfficial())
	}
	hs := itemHints(s.item, s.number, base, d.languages(base))
	kinds := map[hintKind]bool{}
	for _, h := range hs {
		if !kinds[h.Kind] {
			kinds[h.Kind] = true
			tag(parts.ToneWarn, d.hintTag(h))
		}
	}
	return r
}

// Group reports that the item has others in it.
func (a *asked) Group() bool { return a.Type == "group" }

func (d *desk) hintTag(h hint) string {
	switch h.Kind {
	case hard:
		return d.P.BuilderTagHard()
	case shaming:
		return d.P.BuilderTagShame()
	}
	return d.P.BuilderTagMissing()
}

func iconOf(typ string) string {
	switch typ {
	case "group":
		return "folder"
	case "display":
		return "info"
	case "choice", "open-choice":
		return "list"
	case "boolean":
		return "circle-dot"
	case "integer", "decimal", "quantity":
		return "scale"
	case "date", "dateTime", "time":
		return "calendar"
	case "attachment":
		return "paperclip"
	}
	return "type"
}
