package topics

import (
	"slices"
	"strconv"
	"strings"

	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// repliesView is what is said often.
type repliesView struct {
	Shell shell.View
	P     lang.Printer
	Rows  []parts.RowView
}

// replies answers GET /practice/replies.
func replies(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v := repliesView{Shell: frame(a, a.P.TopicsReplies()), P: a.P}
	names := map[string]string{}
	for _, t := range p.Topics() {
		names[t.ID] = a.In(t.Names)
	}
	for _, r := range p.Replies() {
		row := parts.RowView{Href: saidAt + "/" + r.ID, Icon: "messages", Title: r.Title, Text: a.In(r.Body)}
		switch n, there := names[r.Topic]; {
		case there:
			row.Text = n + ": " + row.Text
		case r.Topic != "":
			row.Tag = parts.TagView{Tone: parts.ToneDanger, Icon: "alert-triangle", Text: a.P.TopicsReplyLost()}
		}
		v.Rows = append(v.Rows, row)
	}
	return web.Page(repliesPage(v)), nil
}

// replyView is one of them to be changed.
type replyView struct {
	Shell   shell.View
	P       lang.Printer
	Title   string
	Action  string
	Problem string
	Name    parts.FieldView
	Topics  []parts.Option
	Bodies  []parts.AreaView
	Steps   parts.AreaView
	New     bool
}

var errNoReply = errs.E(errs.NotFound, "topics: no such reply")

func findReply(p *record.Practice, id string) (record.Reply, bool) {
	for _, r := range p.Replies() {
		if r.ID == id {
			return r, true
		}
	}
	return record.Reply{}, id == fresh
}

// editReply answers GET /practice/replies/{id}.
func editReply(a *web.Ask, p *record.Practice) (web.Answer, error) {
	r, ok := findReply(p, a.Path("id"))
	if !ok {
		return web.Answer{}, errNoReply
	}
	return web.Page(replyPage(replyOf(a, p, r))), nil
}

func replyOf(a *web.Ask, p *record.Practice, r record.Reply) replyView {
	v := replyView{Shell: frame(a, a.P.TopicsReplies()), P: a.P, Title: r.Title, Action: saidAt + "/" + a.Path("id"), New: r.ID == ""}
	if v.Title == "" {
		v.Title = a.P.TopicsReplyNew()
	}
	v.Name = parts.FieldView{P: a.P, Name: "title", Label: a.P.TopicsReplyTitle(), Hint: a.P.TopicsReplyTitleHint(), Value: r.Title, MaxLength: 80, Required: true}
	for _, t := range p.Topics() {
		v.Topics = append(v.Topics, parts.Option{Value: t.ID, Text: a.In(t.Names), Chosen: t.ID == r.Topic})
	}
	for _, l := range languages(a) {
		v.Bodies = append(v.Bodies, parts.AreaView{P: a.P, Name: "body-" + l.String(), Label: a.P.TopicsReplyBody(l.Name()), Value: r.Body[l.String()], Rows: 4, MaxLength: 4000})
	}
	v.Steps = parts.AreaView{P: a.P, Name: "steps", Label: a.P.TopicsReplySteps(), Hint: a.P.TopicsReplyStepsHint(), Value: strings.Join(r.Steps, "\n"), Rows: 4, MaxLength: 2000, Optional: true}
	return v
}

// saveReply answers POST /practice/replies/{id}.
func saveReply(a *web.Ask, p *record.Practice) (web.Answer, error) {
	r, ok := findReply(p, a.Path("id"))
	if !ok {
		return web.Answer{}, errNoReply
	}
	all := p.Replies()
	i := slices.IndexFunc(all, func(x record.Reply) bool { return x.ID == r.ID })
	if a.Form("do") == "remove" {
		if i < 0 {
			return web.Answer{}, errNoReply
		}
		if err := p.SetReplies(a.Context(), slices.Delete(all, i, i+1)); err != nil {
			return web.Answer{}, err
		}
		return web.See(saidAt), nil
	}
	r.Title, r.Topic = strings.TrimSpace(a.Form("title")), a.Form("topic")
	if _, there := find(p, r.Topic); !there || r.Topic == fresh {
		r.Topic = ""
	}
	for _, l := range languages(a) {
		r.Body = with(r.Body, l.String(), a.Form("body-"+l.String()))
	}
	r.Steps = nil
	for s := range strings.Lines(a.Form("steps")) {
		if s = strings.TrimSpace(s); s != "" {
			r.Steps = append(r.Steps, s)
		}
	}
	if i >= 0 {
		all[i] = r
	} else {
		r.ID = "r" + strconv.FormatInt(a.Now.UnixMilli(), 36) + "-" + strconv.Itoa(len(all))
		all = append(all, r)
	}
	err := p.SetReplies(a.Context(), all)
	if text, ok := a.P.Say(errs.SayOf(err)); ok && errs.Is(err, errs.Invalid) {
		v := replyOf(a, p, r)
		v.Problem, v.New = text, i < 0
		return web.Wrong(replyPage(v)), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	return web.See(saidAt), nil
}
