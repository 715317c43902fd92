package inbox

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir/thread"
	"rapport/forms"
	"rapport/hours"
	"rapport/lang"
	"rapport/record"
	"rapport/urgent"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/talk"
)

// itemView is one thread, with what helps to answer it.
type itemView struct {
	Shell      shell.View
	P          lang.Printer
	Thread     string
	Href, Fill string // this page, and the list beside it
	Back       string // to the list
	Name, Seed string
	Facts      []string
	Alerts     []parts.TagView
	Title      string
	Topic      string
	State      string
	Late       bool
	Here       string // who else has it open
	Open       bool   // somebody waits
	Mine       bool
	Chart      string // the client's chart; "" at the desk
	Book, Plan string
	Owners     []parts.Option
	Whys       []parts.Option
	Talk       talk.View
	Reply      talk.ComposerView
	Note       talk.ComposerView
	Calls      []parts.Option
	Replies    []parts.Link // what is said often
	Steps      []string     // what to do before what was chosen is said
	Live       string
	Side       sideView
}

// show answers GET …/{thread}.
func (s side) show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return s.shown(a, c, nil, nil)
}

// shown shows a thread, with what was typed and is wrong.
func (s side) shown(a *web.Ask, c *record.Chart, reply, note *talk.Typed) (web.Answer, error) {
	id := a.Path("thread")
	k, said, err := c.Thread(a.Context(), id)
	if err != nil {
		return web.Answer{}, err
	}
	if err := c.MarkRead(a.Context(), id); err != nil {
		return web.Answer{}, err
	}
	v, err := s.item(a, c, k, said)
	if err != nil {
		return web.Answer{}, err
	}
	if a.Fragment && reply == nil && note == nil {
		return web.Page(itemNews(v)), nil
	}
	names := map[string]string{}
	for _, o := range v.Owners {
		names[o.Value] = o.Text
	}
	if v.Side, err = s.sideOf(a, c, names); err != nil {
		return web.Answer{}, err
	}
	if err := s.composers(a, c, &v, reply, note); err != nil {
		return web.Answer{}, err
	}
	if reply != nil || note != nil {
		return web.Wrong(itemPage(v)), nil
	}
	return web.Page(itemPage(v)), nil
}

// item is what the page says of the thread itself.
func (s side) item(a *web.Ask, c *record.Chart, k record.Conversation, said []thread.Said) (itemView, error) {
	people, err := c.Colleagues(a.Context(), k.Thread)
	if err != nil {
		return itemView{}, err
	}
	who := map[string]record.Colleague{}
	for _, p := range people {
		who[p.ID] = p
	}
	card, _ := c.Card()
	tab := cmp.Or(a.Query("tab"), tabMine)
	v := itemView{P: a.P, Thread: k.ID, Href: s.href(c, k.ID), Name: cmp.Or(card.Name, a.P.ClientsNameless()), Seed: string(c.Client()), Title: title(a, c, k.Thread), Topic: k.Topic}
	v.Back, v.Fill = "/inbox?tab="+tab, "/inbox?tab="+tab+"&at="+k.ID
	v.Open = k.Talk.State == record.TalkReceived || k.Talk.State == record.TalkWith
	v.Mine = k.Talk.Owner == a.Who.ID()
	v.State, v.Late = state(a, k.Talk, who)
	v.Live = "/live/" + c.LiveTicket(k.ID)
	here := slices.DeleteFunc(c.Here(k.ID), func(n string) bool { return n == a.Who.Name() })
	if len(here) > 0 {
		v.Here = a.P.InboxHere(join(a.P, here))
	}
	v.Talk = talk.Draw(a, k, said, talk.Reading{Base: v.Href, Staff: true, Titles: who, Client: v.Name, Seed: v.Seed, Mark: marks})
	for _, p := range people {
		v.Owners = append(v.Owners, parts.Option{Value: p.ID, Text: p.Name, Chosen: p.ID == k.Talk.Owner})
		if p.ID != a.Who.ID() {
			v.Calls = append(v.Calls, parts.Option{Value: p.ID, Text: p.Name})
		}
	}
	v.Whys = whys(a.P)
	v.Facts, v.Alerts = facts(a, c, card, k)
	if s.why == record.Care {
		v.Chart = "/clients/" + string(c.Client())
		v.Book, v.Plan = v.Chart+"/book", v.Chart+"/plan"
	}
	v.Shell = frame(a, v.Name)
	v.Shell.Keys = []shell.Key{{Key: "R", Text: a.P.InboxTabReply()}, {Key: "N", Text: a.P.InboxTabNote()}}
	if v.Open {
		v.Shell.Keys = append(v.Shell.Keys, shell.Key{Key: "A", Text: a.P.InboxAssign()}, shell.Key{Key: "E", Text: a.P.InboxSettle()})
	}
	return v, nil
}

func whys(p lang.Printer) []parts.Option {
	text := map[string]string{"result": p.InboxWhyResult(), "colleague": p.InboxWhyColleague(), "client": p.InboxWhyClient(), "visit": p.InboxWhyVisit(), "other": p.InboxWhyOther()}
	var out []parts.Option
	for _, w := range record.SnoozeWhys {
		out = append(out, parts.Option{Value: w, Text: text[w]})
	}
	return out
}

func join(p lang.Printer, names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return p.InboxAnd(names[0], len(names)-1)
}

// title is what a thread is called.
func title(a *web.Ask, c *record.Chart, t thread.Thread) string {
	for _, x := range c.Topics() {
		if x.ID == t.Topic && t.Title == "" {
			return a.In(x.Names)
		}
	}
	return cmp.Or(t.Title, a.P.MessagesSentByUs())
}

// state says who answers, and by when.
func state(a *web.Ask, k record.Talk, who map[string]record.Colleague) (string, bool) {
	owner := a.P.InboxNobody()
	if c, ok := who[k.Owner]; ok {
		owner = c.Name
	}
	switch {
	case k.Due.IsZero() && k.State == record.TalkYours:
		return a.P.InboxStateYours(), false
	case k.Due.IsZero():
		return a.P.InboxStateRest(), false
	case !k.Due.After(a.Now):
		return a.P.InboxStateLate(owner, talk.By(a, k.Due)), true
	case k.Broken > 0:
		return a.P.InboxStateAgain(owner, talk.By(a, k.Due)), true
	}
	return a.P.InboxStateBy(owner, talk.By(a, k.Due)), false
}

// composers are where a reply, and apart from it a note, is written.
func (s side) composers(a *web.Ask, c *record.Chart, v *itemView, reply, note *talk.Typed) error {
	for _, x := range []struct {
		into  *talk.ComposerView
		typed *talk.Typed
		note  bool
	}{{&v.Reply, reply, false}, {&v.Note, note, true}} {
		key, err := c.NewID()
		if err != nil {
			return err
		}
		w := talk.ComposerView{View: v.Talk, Key: key, Wide: true, Note: x.note, Rows: "3", Action: v.Href, Draft: v.Href + "/draft", Label: a.P.InboxReply(v.Name), Send: a.P.MessagesSend()}
		at := v.Thread
		if x.note {
			w.ID, w.Action, w.Draft, w.Label, w.Send, at = "note", v.Href+"/note", v.Href+"/draft?of=note", a.P.InboxNoteText(), a.P.InboxNoteSend(), "note "+v.Thread
		}
		if !x.note {
			v.Replies = replyLinks(a, c, v.Href, v.Topic)
		}
		if x.typed != nil {
			w.Text, w.Notice, w.Key = x.typed.Text, x.typed.Notice, x.typed.Key
		} else if w.Text, err = c.Draft(a.Context(), at); err != nil {
			return err
		}
		if r, ok := chosen(c, a.Query("say")); ok && !x.note && x.typed == nil {
			w.Text, v.Steps = strings.TrimSpace(w.Text+"\n\n"+said(a, c, r)), r.Steps
		}
		*x.into = w
	}
	return nil
}

// reply answers POST …/{thread}.
func (s side) reply(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return s.says(a, c, false)
}

// note answers POST …/{thread}/note: what is for staff alone has a form of its own, and
// cannot be sent by accident.
func (s side) note(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return s.says(a, c, true)
}

func (s side) says(a *web.Ask, c *record.Chart, note bool) (web.Answer, error) {
	t := talk.ReadForm(a)
	m, err := t.Message(a.Context(), a, c)
	if err != nil {
		return web.Answer{}, err
	}
	id := a.Path("thread")
	if t.Notice != "" {
		if note {
			return s.shown(a, c, nil, &t)
		}
		return s.shown(a, c, &t, nil)
	}
	m.Thread, m.Note, m.Wait = id, note, !note && a.Form("wait") != ""
	at := id
	if note {
		at = "note " + id
		if call := a.Form("call"); call != "" {
			m.Calls = []string{call}
		}
	}
	if _, err := c.Say(a.Context(), m); err != nil {
		return web.Answer{}, err
	}
	if err := c.SetDraft(a.Context(), at, ""); err != nil {
		return web.Answer{}, err
	}
	return web.See(s.href(c, id) + "#end"), nil
}

// draft answers POST …/draft.
func (s side) draft(a *web.Ask, c *record.Chart) (web.Answer, error) {
	text, err := talk.Words(a.Form("text"))
	if err != nil {
		return web.Answer{}, err
	}
	at := a.Path("thread")
	if a.Query("of") == "note" {
		at = "note " + at
	}
	if err := c.SetDraft(a.Context(), at, text); err != nil {
		return web.Answer{}, err
	}
	said := ""
	if text != "" {
		said = a.P.InboxGrade(int(math.Round(forms.Grade(tongue(a, c), text))) + schoolAge)
	}
	return web.JSON(struct {
		Grade string `json:"grade"`
	}{said})
}

// schoolAge is how old somebody is who begins school: a text for six years of it is read
// at eleven.
const schoolAge = 5

// keptFor is how long a time is kept for who it is offered to.
const keptFor = 2 * time.Hour

// time answers POST …/time: a time is kept for the client, and they are told, in one act
// of whoever writes.
func (s side) time(a *web.Ask, c *record.Chart) (web.Answer, error) {
	from, err := time.Parse(time.RFC3339, a.Form("from"))
	if err != nil {
		return web.Answer{}, errs.E(errs.Invalid, "inbox: no time")
	}
	mode := hours.Modes(0)
	service, ok := c.Calendar().Timetable().Service(a.Form("service"))
	if !ok {
		return web.Answer{}, errs.E(errs.Invalid, "inbox: no such service")
	}
	for _, o := range c.Calendar().Openings(hours.Query{Service: service.ID, From: hours.DateOf(a.Local(from)), To: hours.DateOf(a.Local(from)), Who: []string{a.Form("who")}, At: from}) {
		mode = o.Modes.Each()[0]
	}
	until := a.Now.Add(keptFor)
	if end := from.Add(-15 * time.Minute); end.Before(until) {
		until = end
	}
	_, err = c.KeepFor(a.Context(), record.Pick{Service: service.ID, Who: a.Form("who"), From: from, Mode: mode}, until)
	if errs.Is(err, errs.Conflict) { // somebody was faster: the page says so, and has other times
		t := talk.Typed{Key: "after " + a.Form("key")}
		t.Notice, _ = a.P.Say(errs.SayOf(err))
		return s.shown(a, c, &t, nil)
	}
	if err != nil {
		return web.Answer{}, err
	}
	id := a.Path("thread")
	what := a.In(service.Names) + ", " + talk.By(a, from)
	m := record.Message{Thread: id, Key: "time " + a.Form("key"), Wait: true, Text: a.P.InboxTimeText(talk.By(a, from), talk.By(a, until)), Cards: []thread.Card{{Type: "Slot", ID: from.UTC().Format(time.RFC3339), Name: what}}}
	if _, err := c.Say(a.Context(), m); err != nil {
		return web.Answer{}, err
	}
	return web.See(s.href(c, id) + "#end"), nil
}

// marks are the words of a client that somebody should look at.
func marks(text string) []talk.Span {
	var out []talk.Span
	for _, s := range urgent.Find(text) {
		out = append(out, talk.Span(s))
	}
	return out
}
