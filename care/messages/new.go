package messages

import (
	"net/url"
	"slices"

	"rapport/errs"
	"rapport/fhir/thread"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/talk"
)

// newView is what it is about, and then the first message.
type newView struct {
	Shell    shell.View
	P        lang.Printer
	Base     string
	Topics   []choice
	People   []choice
	Title    string // of the topic
	Href     string // of this page
	Numbers  []parts.Link
	Hear     string // by when
	Away     string
	Words    parts.FieldView
	Readers  []parts.CheckView
	Named    bool // only for some
	NoReader string
	Composer talk.ComposerView
}

// choice is a topic or somebody to write to.
type choice struct{ Icon, Seed, Title, Text, Within, Href string }

// about answers GET …/new: what it is about, in plain words.
func about(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v := newView{Shell: a.Shell(a.P.MessagesAbout(), "messages"), P: a.P, Base: base(c)}
	for _, t := range c.Topics() {
		if t.Off {
			continue
		}
		p, err := c.Promise(a.Context(), t.ID, "")
		if err != nil {
			return web.Answer{}, err
		}
		v.Topics = append(v.Topics, choice{Icon: icon(t), Title: a.In(t.Names), Text: a.In(t.About), Within: a.P.MessagesWithin(talk.By(a, p.Due)), Href: base(c) + "/new/" + t.ID})
	}
	people, err := recent(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	for _, p := range people {
		v.People = append(v.People, choice{Seed: p.ID, Title: p.Name, Text: p.Title, Href: base(c) + "/new/" + careTopic(c) + "?to=" + p.ID})
	}
	return web.Page(aboutPage(v)), nil
}

func icon(t record.Topic) string {
	switch t.ID {
	case "medicine":
		return "pill"
	case "visit":
		return "calendar"
	case "paper":
		return "file-text"
	case "privacy":
		return "shield"
	}
	return "messages"
}

// careTopic is the topic in which somebody is written to by name.
func careTopic(c *record.Chart) string {
	for _, t := range c.Topics() {
		if !t.Desk && !t.Off {
			return t.ID
		}
	}
	return "care"
}

// recentMost is how many people are offered to be written to.
const recentMost = 3

// recent are the people who answered this client last.
func recent(a *web.Ask, c *record.Chart) ([]record.Colleague, error) {
	all, err := c.Threads(a.Context())
	if err != nil {
		return nil, err
	}
	people, err := c.Colleagues(a.Context(), thread.Thread{})
	if err != nil {
		return nil, err
	}
	var out []record.Colleague
	for _, k := range all {
		i := slices.IndexFunc(people, func(p record.Colleague) bool { return p.ID == k.Talk.Owner })
		if i >= 0 && !slices.Contains(out, people[i]) && len(out) < recentMost {
			out = append(out, people[i])
		}
	}
	return out, nil
}

var errNoTopic = errs.E(errs.NotFound, "messages: no such topic")

// fresh answers GET …/new/{topic}: whether it can wait, and then where to write.
func fresh(a *web.Ask, c *record.Chart) (web.Answer, error) {
	switch a.Query("wait") {
	case "yes":
		v, err := freshView(a, c, nil)
		return web.Page(writePage(v)), err
	case "no":
		v, err := headView(a, c)
		return web.Page(callPage(v)), err
	}
	v, err := headView(a, c)
	return web.Page(urgentPage(v)), err
}

// headView is what all pages of a new message have.
func headView(a *web.Ask, c *record.Chart) (newView, error) {
	v := newView{Shell: a.Shell(a.P.MessagesUrgent(), "messages", "js/messages.js"), P: a.P, Base: base(c)}
	i := slices.IndexFunc(c.Topics(), func(t record.Topic) bool { return t.ID == a.Path("topic") && !t.Off })
	if i < 0 {
		return v, errNoTopic
	}
	t := c.Topics()[i]
	v.Title, v.Href = a.In(t.Names), base(c)+"/new/"+t.ID+"?"
	if to := a.Query("to"); to != "" {
		v.Href += "to=" + url.QueryEscape(to) + "&"
	}
	for _, n := range []struct {
		number string
		text   func(string) string
	}{{a.Practice.Emergency, a.P.MessagesCallEmergency}, {a.Practice.Phone, a.P.MessagesCallPractice}, {a.Practice.Crisis, a.P.MessagesCallCrisis}} {
		if n.number != "" {
			v.Numbers = append(v.Numbers, parts.Link{Text: n.text(n.number), Href: string(parts.Tel(n.number)), Icon: "phone"})
		}
	}
	return v, nil
}

// freshView is where the first message is written.
func freshView(a *web.Ask, c *record.Chart, typed *talk.Typed) (newView, error) {
	v, err := headView(a, c)
	if err != nil {
		return v, err
	}
	to := a.Query("to")
	p, err := c.Promise(a.Context(), a.Path("topic"), to)
	if err != nil {
		return v, err
	}
	people, err := c.Colleagues(a.Context(), thread.Thread{})
	if err != nil {
		return v, err
	}
	name := func(id string) string {
		for _, x := range people {
			if x.ID == id {
				return x.Name
			}
		}
		return a.P.MessagesTeam()
	}
	v.Hear = a.P.MessagesHear(talk.By(a, p.Due))
	if p.Owner != "" {
		v.Hear = a.P.MessagesHearWho(name(p.Owner), talk.By(a, p.Due))
	}
	if p.Away != "" {
		v.Away = a.P.MessagesAway(name(p.Away), name(p.Owner))
	}
	v.Shell.Title = v.Title
	v.Words = parts.FieldView{P: a.P, Name: "title", Label: a.P.MessagesTopicTitle(), Hint: a.P.MessagesTopicHint(), Value: a.Form("title"), MaxLength: titleMost, Optional: true}
	if _, helps := a.Of(); !helps {
		for _, x := range people {
			v.Readers = append(v.Readers, parts.CheckView{Name: "reader", Value: x.ID, Text: x.Name + ", " + x.Title, Chosen: slices.Contains(a.FormAll("reader"), x.ID)})
		}
	}
	v.Named = a.Form("who") == "named"
	v.Composer, err = composer(a, c, "new", typed)
	v.Composer.Action = v.Href
	v.Composer.Label, v.Composer.Rows, v.Composer.Wide = a.P.MessagesText(), "5", true
	return v, err
}

// titleMost is how many characters name a thread.
const titleMost = 80

// begin answers POST …/new/{topic}: a thread begins. Its files are kept last, when
// everything else is right.
func begin(a *web.Ask, c *record.Chart) (web.Answer, error) {
	if _, err := headView(a, c); err != nil {
		return web.Answer{}, err // the topic was closed meanwhile
	}
	t := talk.ReadForm(a)
	named, title, err := headed(a, c, &t)
	if err != nil {
		return web.Answer{}, err
	}
	var m record.Message
	if t.Notice == "" {
		if m, err = t.Message(a.Context(), a, c); err != nil {
			return web.Answer{}, err
		}
	}
	if t.Notice != "" {
		v, err := freshView(a, c, &t)
		if t.Notice == a.P.MessagesNoReader() {
			v.NoReader, v.Composer.Notice = t.Notice, ""
		}
		return web.Wrong(writePage(v)), err
	}
	m.Topic, m.To, m.Title, m.Named = a.Path("topic"), a.Query("to"), title, named
	id, err := c.Say(a.Context(), m)
	if err != nil {
		return web.Answer{}, err
	}
	if err := c.SetDraft(a.Context(), "new", ""); err != nil {
		return web.Answer{}, err
	}
	return web.See(base(c) + "/" + id), nil
}

// headed reads what a thread is called and who alone may read it. What is wrong with that
// is t's Notice.
func headed(a *web.Ask, c *record.Chart, t *talk.Typed) (named []thread.Party, title string, err error) {
	if title, err = talk.Words(a.Form("title")); err != nil {
		t.Notice, _ = a.P.Say(errs.SayOf(err))
		return nil, "", nil
	}
	if long := []rune(title); len(long) > titleMost {
		title = string(long[:titleMost])
	}
	if a.Form("who") != "named" {
		return nil, title, nil
	}
	people, err := c.Colleagues(a.Context(), thread.Thread{})
	for _, x := range people {
		if slices.Contains(a.FormAll("reader"), x.ID) {
			named = append(named, thread.Party{Ref: "Practitioner/" + x.ID, Name: x.Name})
		}
	}
	if len(named) == 0 {
		t.Notice = a.P.MessagesNoReader()
	}
	return named, title, err
}
