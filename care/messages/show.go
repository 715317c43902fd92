package messages

import (
	"slices"
	"strings"

	"rapport/fhir/thread"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/talk"
)

// pageView is the list, and the thread that is open.
type pageView struct {
	Shell   shell.View
	P       lang.Printer
	Base    string
	Rows    []row
	Open    *open
	Current string
	Looks   string // who looked; only the client is shown
}

// row is a thread on the list.
type row struct {
	ID, Href, Title      string
	Name, Seed           string // of who answers
	Text, When, State    string
	Unread, Sealed, Open bool
}

// open is the thread that is shown.
type open struct {
	ID, Title string
	State     string
	Late      bool
	Talk      talk.View
	Composer  talk.ComposerView
	Readers   []reader
	Sealed    bool
	Shared    []parts.Link
	Live      string
}

// reader is somebody who may read it, and whether they have.
type reader struct{ Name, Title, Seed, Read string }

// list answers GET /me/{client}/messages.
func list(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := listOf(a, c, "")
	return web.Page(page(v)), err
}

func listOf(a *web.Ask, c *record.Chart, current string) (pageView, error) {
	v := pageView{Shell: a.Shell(a.P.MessagesTitle(), "messages", "js/messages.js"), P: a.P, Base: base(c), Current: current}
	if _, helps := a.Of(); !helps {
		v.Looks = me(c) + "/looks"
	}
	all, err := c.Threads(a.Context())
	if err != nil {
		return v, err
	}
	who, err := colleagues(a, c)
	for _, k := range all {
		v.Rows = append(v.Rows, rowOf(a, c, k, current, who))
	}
	return v, err
}

// colleagues are who of the practice may have to do with the client's threads, by id.
func colleagues(a *web.Ask, c *record.Chart) (map[string]record.Colleague, error) {
	people, err := c.Colleagues(a.Context(), thread.Thread{Desk: true})
	who := map[string]record.Colleague{}
	for _, p := range people {
		who[p.ID] = p
	}
	return who, err
}

func rowOf(a *web.Ask, c *record.Chart, k record.Conversation, current string, who map[string]record.Colleague) row {
	r := row{ID: k.ID, Href: base(c) + "/" + k.ID, Title: title(a, c, k.Thread), Seed: k.Talk.Owner, Open: k.ID == current, Sealed: len(k.Named) > 0, State: stateWord(a.P, k.Talk)}
	_, helps := a.Of()
	r.Unread = !helps && k.Talk.Unread(record.ClientReads)
	at := k.Last.At
	if at.IsZero() {
		at = k.Begun
	}
	if c, ok := who[k.Talk.Owner]; ok {
		r.Name = c.Name
	}
	if l := a.Local(at); l.YearDay() == a.Now.YearDay() && l.Year() == a.Now.Year() {
		r.When = a.P.Clock(l)
	} else {
		r.When = a.P.ShortDay(l)
	}
	switch {
	case r.Sealed:
		r.Text = a.P.MessagesSealedFor(names(k.Named))
	case k.Last.Text == "" && len(k.Last.Pieces) > 0:
		r.Text = a.P.MessagesAttached()
	default:
		r.Text = strings.Join(strings.Fields(k.Last.Text), " ")
		if cut := []rune(r.Text); len(cut) > lastWords {
			r.Text = string(cut[:lastWords]) + "…"
		}
	}
	if _, staff := k.Last.From.Staff(); !staff && !r.Sealed && r.Text != "" {
		if helps || k.Last.From.For != "" { // whoever reads it did not write it, or maybe not
			r.Text = k.Last.From.Name + ": " + r.Text
		} else {
			r.Text = a.P.MessagesYou(r.Text)
		}
	}
	return r
}

// lastWords is how many characters of the last message the list shows.
const lastWords = 80

func names(ps []thread.Party) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Name)
	}
	return strings.Join(out, ", ")
}

// title is what a thread is called: in the client's words, or its topic's.
func title(a *web.Ask, c *record.Chart, t thread.Thread) string {
	if t.Title != "" {
		return t.Title
	}
	for _, x := range c.Topics() {
		if x.ID == t.Topic {
			return a.In(x.Names)
		}
	}
	return a.P.MessagesSentByUs()
}

func stateWord(p lang.Printer, k record.Talk) string {
	switch k.State {
	case record.TalkYours:
		return p.MessagesStateYours()
	case record.TalkAnswered:
		return p.MessagesStateAnswered()
	}
	return ""
}

// state says where a thread stands, and by when the client hears.
func state(a *web.Ask, k record.Talk, who map[string]record.Colleague) (text string, late bool) {
	when := talk.By(a, k.Due)
	switch {
	case k.State == record.TalkReceived || k.State == record.TalkWith:
		if k.Broken > 0 {
			return a.P.MessagesStateLate(when), true
		}
		if c, ok := who[k.Owner]; ok && k.State == record.TalkWith {
			name := c.Name
			if c.Title != "" {
				name = c.Title + ", " + name
			}
			return a.P.MessagesStateWith(name, when), false
		}
		return a.P.MessagesStateReceived(when), false
	}
	return stateWord(a.P, k), false
}

// show answers GET /me/{client}/messages/{thread}.
func show(a *web.Ask, c *record.Chart) (web.Answer, error) {
	return shown(a, c, nil)
}

// shown shows a thread, with what was typed and is wrong.
func shown(a *web.Ask, c *record.Chart, typed *talk.Typed) (web.Answer, error) {
	id := a.Path("thread")
	k, said, err := c.Thread(a.Context(), id)
	if err != nil {
		return web.Answer{}, err
	}
	if err := c.MarkRead(a.Context(), id); err != nil {
		return web.Answer{}, err
	}
	v, err := listOf(a, c, id)
	if err != nil {
		return web.Answer{}, err
	}
	people, err := c.Colleagues(a.Context(), k.Thread)
	if err != nil {
		return web.Answer{}, err
	}
	who := map[string]record.Colleague{}
	for _, p := range people {
		who[p.ID] = p
	}
	o := &open{ID: id, Title: title(a, c, k.Thread), Sealed: len(k.Named) > 0, Live: "/live/" + c.LiveTicket(id)}
	o.State, o.Late = state(a, k.Talk, who)
	o.Talk = talk.Draw(a, k, said, talk.Reading{Base: base(c) + "/" + id, Me: me(c), Titles: who})
	o.Readers = readers(a, k, said, people)
	o.Shared = shared(a, c, id, said)
	if o.Composer, err = composer(a, c, id, typed); err != nil {
		return web.Answer{}, err
	}
	o.Composer.Label = a.P.MessagesText()
	if p, ok := who[k.Talk.Owner]; ok {
		o.Composer.Label = a.P.MessagesWriteTo(p.Name)
	}
	v.Open, v.Shell.Title = o, o.Title
	switch {
	case typed != nil:
		return web.Wrong(page(v)), nil
	case a.Fragment: // what is being written stays
		return web.Page(news(v, *o)), nil
	}
	return web.Page(page(v)), nil
}

// composer is where the client writes: what they typed before is there.
func composer(a *web.Ask, c *record.Chart, id string, typed *talk.Typed) (talk.ComposerView, error) {
	key, err := c.NewID()
	v := talk.ComposerView{View: talk.View{P: a.P}, Action: base(c) + "/" + id, Draft: base(c) + "/draft/" + id, Key: key, Send: a.P.MessagesSend(), Rows: "1", Emergency: a.Practice.Emergency}
	if err != nil {
		return v, err
	}
	if typed != nil {
		v.Text, v.Notice, v.Key = typed.Text, typed.Notice, typed.Key
		return v, nil
	}
	v.Text, err = c.Draft(a.Context(), id)
	return v, err
}

// readersMost bounds the people shown beside a thread that is not sealed.
const readersMost = 6

func readers(a *web.Ask, k record.Conversation, said []thread.Said, people []record.Colleague) []reader {
	in := map[string]bool{k.Talk.Owner: true}
	for _, s := range said {
		if id, ok := s.From.Staff(); ok {
			in[id] = true
		}
	}
	var out []reader
	for _, p := range people {
		at, read := k.Talk.Reads[p.ID]
		if len(k.Named) == 0 && !in[p.ID] && !read {
			continue
		}
		r := reader{Name: p.Name, Title: p.Title, Seed: p.ID, Read: a.P.MessagesNotRead()}
		if read && !at.Before(k.Talk.Last) {
			r.Read = a.P.MessagesReadAt(a.P.Clock(a.Local(at)))
		}
		out = append(out, r)
	}
	return out[:min(len(out), readersMost)]
}

func shared(a *web.Ask, c *record.Chart, id string, said []thread.Said) []parts.Link {
	var out []parts.Link
	for _, s := range slices.Backward(said) {
		for _, p := range s.Pieces {
			l := parts.Link{Text: a.P.MessagesFile(), Href: base(c) + "/" + id + "#m-" + s.ID, Icon: "file-text"}
			switch {
			case strings.HasPrefix(p.Type, "image/"):
				l.Text, l.Icon = a.P.MessagesPhoto(), "image"
			case strings.HasPrefix(p.Type, "video/"):
				l.Icon = "video"
			case strings.HasPrefix(p.Type, "audio/"):
				l.Icon = "mic"
			}
			if p.Caption != "" {
				l.Text = p.Caption
				if cut := []rune(l.Text); len(cut) > 40 {
					l.Text = string(cut[:40]) + "…"
				}
			}
			l.Text += ", " + a.P.ShortDay(a.Local(s.At))
			out = append(out, l)
		}
	}
	return out
}

// reply answers POST /me/{client}/messages/{thread}.
func reply(a *web.Ask, c *record.Chart) (web.Answer, error) {
	t := talk.ReadForm(a)
	m, err := t.Message(a.Context(), a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if t.Notice != "" {
		return shown(a, c, &t)
	}
	m.Thread = a.Path("thread")
	if _, err := c.Say(a.Context(), m); err != nil {
		return web.Answer{}, err
	}
	if err := c.SetDraft(a.Context(), m.Thread, ""); err != nil {
		return web.Answer{}, err
	}
	return web.See(base(c) + "/" + m.Thread + "#end"), nil
}

// draft answers POST …/draft: what is written and not sent is kept.
func draft(a *web.Ask, c *record.Chart) (web.Answer, error) {
	text, err := talk.Words(a.Form("text"))
	if err != nil {
		return web.Answer{}, err
	}
	if err := c.SetDraft(a.Context(), a.Path("thread"), text); err != nil {
		return web.Answer{}, err
	}
	return web.JSON("kept")
}
