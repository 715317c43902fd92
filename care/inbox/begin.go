package inbox

import (
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/talk"
)

// beginView is where somebody of the practice writes first.
type beginView struct {
	Shell      shell.View
	P          lang.Printer
	Name, Seed string
	Back       string
	Topics     []parts.Option
	Title      parts.FieldView
	Composer   talk.ComposerView
}

// fresh answers GET …/new.
func (s side) fresh(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := s.beginOf(a, c, nil)
	return web.Page(beginPage(v)), err
}

func (s side) beginOf(a *web.Ask, c *record.Chart, typed *talk.Typed) (beginView, error) {
	card, _ := c.Card()
	v := beginView{P: a.P, Name: card.Name, Seed: string(c.Client()), Back: "/inbox"}
	if v.Name == "" {
		v.Name = a.P.ClientsNameless()
	}
	if s.why == record.Care {
		v.Back = "/clients/" + string(c.Client())
	}
	v.Shell = frame(a, a.P.InboxWrite(v.Name))
	for _, t := range c.Topics() {
		if !t.Off && (t.Desk || s.why == record.Care) {
			v.Topics = append(v.Topics, parts.Option{Value: t.ID, Text: a.In(t.Names), Chosen: t.ID == a.Form("topic")})
		}
	}
	v.Title = parts.FieldView{P: a.P, Name: "title", Label: a.P.MessagesTopicTitle(), Value: a.Form("title"), MaxLength: 80, Optional: true}
	key, err := c.NewID()
	v.Composer = talk.ComposerView{View: talk.View{P: a.P}, Key: key, Wide: true, Rows: "6", Action: s.href(c, "new"), Draft: s.href(c, "new") + "/draft", Label: a.P.InboxReply(v.Name), Send: a.P.MessagesSend()}
	if err != nil {
		return v, err
	}
	if typed != nil {
		v.Composer.Text, v.Composer.Notice, v.Composer.Key = typed.Text, typed.Notice, typed.Key
		return v, nil
	}
	v.Composer.Text, err = c.Draft(a.Context(), "new")
	return v, err
}

// begin answers POST …/new: somebody of the practice writes first.
func (s side) begin(a *web.Ask, c *record.Chart) (web.Answer, error) {
	t := talk.ReadForm(a)
	m, err := t.Message(a.Context(), a, c)
	if err != nil {
		return web.Answer{}, err
	}
	m.Topic, m.Wait = a.Form("topic"), a.Form("wait") != ""
	if t.Notice == "" {
		if m.Title, err = talk.Words(a.Form("title")); err != nil {
			t.Notice, _ = a.P.Say(errs.SayOf(err))
		}
	}
	if t.Notice != "" {
		v, err := s.beginOf(a, c, &t)
		return web.Wrong(beginPage(v)), err
	}
	id, err := c.Say(a.Context(), m)
	if errs.Is(err, errs.Invalid) {
		t.Notice, _ = a.P.Say(errs.SayOf(err))
		v, err := s.beginOf(a, c, &t)
		return web.Wrong(beginPage(v)), err
	}
	if err != nil {
		return web.Answer{}, err
	}
	if err := c.SetDraft(a.Context(), "new", ""); err != nil {
		return web.Answer{}, err
	}
	return web.See(s.href(c, id)), nil
}
