package joining

import (
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// accessView is how one client comes in, as far as staff may know.
type accessView struct {
	Shell     shell.View
	P         lang.Printer
	Base      string // the chart's address
	Name      string
	Given     string // for a question to them; the whole name if there is no other
	Has       bool   // they have a way in
	Born      bool   // a mailed link asks for the birth date
	Mail      string
	MailWrong string
	Youth     record.Youth
	Invited   string     // that an invitation is on its way, "" if none is
	OwnNo     string     // why they are not to have an account of their own, "" if they may
	Rules     parts.Link // to the rules for minors, for who may change them
	Guardians []guardianView
	Helpers   []parts.RowView
	Guardian  guardianDraft
}

// guardianView is one guardian of a minor.
type guardianView struct{ ID, Name, Seed, Text string }

// guardianDraft is a guardian who is being named, and what is wrong with that.
type guardianDraft struct {
	Name, Relation, Mail string
	NameWrong, MailWrong string
}

// frame is the console around a page of this capability.
func frame(a *web.Ask, title, here string) shell.View {
	s := a.Shell(title, "clients")
	s.Place = lang.Upper(a.P.Clients())
	s.Here = here
	return s
}

func access(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := newAccess(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	switch a.Query("done") {
	case "sent":
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.JoiningSent()}
	case "withdrawn":
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.JoiningWithdrawn()}
	case "ended":
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.JoiningEnded()}
	}
	return web.Page(accessPage(v)), nil
}

func newAccess(a *web.Ask, c *record.Chart) (accessView, error) {
	acc, err := c.Account(a.Context())
	if err != nil {
		return accessView{}, err
	}
	circle, err := c.Circle(a.Context())
	if err != nil {
		return accessView{}, err
	}
	card, _ := c.Card()
	v := accessView{P: a.P, Base: "/clients/" + string(c.Client()), Name: called(a.P, card), Given: card.Given, Has: acc.Has, Youth: c.Youth(), Born: len(card.Birth) == len(time.DateOnly)}
	if v.Given == "" {
		v.Given = v.Name
	}
	v.Shell = frame(a, a.P.JoiningTitle(v.Name), v.Base+"/access")
	if len(card.Mails) > 0 {
		v.Mail = card.Mails[0]
	}
	if !acc.Invited.IsZero() {
		until := a.Local(acc.Invited)
		when := a.P.AccountWhen(a.P.Date(until, a.Now), a.P.Clock(until))
		if v.Invited = a.P.JoiningInvited(when); acc.By != "" {
			v.Invited = a.P.JoiningInvitedMail(acc.By, when)
		}
	}
	if !v.Has {
		if err := c.OwnAccount(a.Context()); err != nil {
			var ok bool
			if v.OwnNo, ok = a.P.Say(errs.SayOf(err)); !ok {
				return accessView{}, err
			}
		}
	}
	if a.Who.Roles().Any(account.Manager) {
		v.Rules = parts.Link{Text: a.P.JoiningGuardiansRules(), Href: "/practice/minors"}
	}
	for _, g := range circle {
		if g.Tie == record.Guardian {
			v.Guardians = append(v.Guardians, newGuardian(a.P, g))
			continue
		}
		v.Helpers = append(v.Helpers, parts.RowView{Name: g.Name, Seed: g.ID, Title: g.Name, Text: g.Relation})
	}
	return v, nil
}

func newGuardian(p lang.Printer, g record.Grant) guardianView {
	v := guardianView{ID: g.ID, Name: g.Name, Seed: g.ID, Text: g.Relation}
	add := func(s string) {
		if v.Text != "" {
			v.Text += " · "
		}
		v.Text += s
	}
	switch {
	case g.Open():
		add(p.JoiningGuardianOpen())
	case g.Reads == 0:
		add(p.JoiningGuardianNothing())
	}
	return v
}

// called is the name of a person, or that it is not known.
func called(p lang.Printer, c record.Card) string {
	if c.Name == "" {
		return p.ClientsNameless()
	}
	return c.Name
}

// tongue is the language a letter is written in: theirs, or the practice's own.
func tongue(a *web.Ask, c record.Card) lang.Tag {
	if t, ok := lang.Parse(c.Language); ok {
		return t
	}
	if len(a.Practice.Languages) > 0 {
		t, _ := lang.Parse(a.Practice.Languages[0]) // English for what is not spoken
		return t
	}
	return a.P.Tag()
}

// refused answers with the page again for what a person can put right, and with the
// error for anything else.
func (v accessView) refused(err error) (web.Answer, error) {
	if _, low := account.NeedOf(err); low {
		return web.Answer{}, err
	}
	text, ok := v.P.Say(errs.SayOf(err))
	if !ok {
		return web.Answer{}, err
	}
	v.Shell.Flash = parts.FlashView{Tone: parts.ToneDanger, Text: text}
	return web.Wrong(accessPage(v)), nil
}

// invite makes a link for a first way in: in a picture at the desk, or by mail.
func invite(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := newAccess(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	mail := a.Form("mail")
	if a.Form("by") == "mail" {
		v.Mail = mail
		if mail == "" {
			v.MailWrong = a.P.JoiningMailMissing()
			return web.Wrong(accessPage(v)), nil
		}
	} else {
		mail = ""
	}
	asked := record.NotAsked
	if a.Form("asked") != "" {
		asked = record.AskedInPrivate
	}
	card, _ := c.Card()
	token, err := c.Invite(a.Context(), mail, asked, tongue(a, card))
	switch {
	case errs.SayOf(err) == "joining.shared_mail":
		return private(a, c, v, a.Form("again") != "")
	case errs.Is(err, errs.Invalid):
		v.MailWrong, _ = a.P.Say(errs.SayOf(err))
		return web.Wrong(accessPage(v)), nil
	case err != nil:
		return v.refused(err)
	case mail != "":
		return web.See(v.Base + "/access?done=sent"), nil
	}
	return scan(a, v, scanView{Title: a.P.JoiningScan(v.Given), Path: "/in/" + token, Until: a.Now.Add(15 * time.Minute)})
}

// withdraw takes an invitation back.
func withdraw(a *web.Ask, c *record.Chart) (web.Answer, error) {
	if err := c.Withdraw(a.Context()); err != nil {
		return web.Answer{}, err
	}
	return web.See("/clients/" + string(c.Client()) + "/access?done=withdrawn"), nil
}

// letBack makes the picture with which somebody who is locked out shows that the
// practice saw them.
func letBack(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := newAccess(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	if !v.Has { // nothing is lost: an invitation is what they need
		return web.See(v.Base + "/access"), nil
	}
	token, err := c.LetBack(a.Context())
	if err != nil {
		return v.refused(err)
	}
	return scan(a, v, scanView{Title: a.P.JoiningScan(v.Given), Path: "/in/" + token, Until: a.Now.Add(15 * time.Minute), Notes: []string{a.P.JoiningLostText(), a.P.JoiningLostWait()}})
}

// nameGuardian asks somebody to act for a minor.
func nameGuardian(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v, err := newAccess(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	v.Guardian = guardianDraft{Name: account.CleanName(a.Form("name")), Relation: account.CleanName(a.Form("relation")), Mail: a.Form("mail")}
	if v.Youth != record.Minor { // the page has no such form
		return web.See(v.Base + "/access"), nil
	}
	if v.Guardian.Name == "" {
		v.Guardian.NameWrong = a.P.DoorNameMissing()
		return web.Wrong(accessPage(v)), nil
	}
	card, _ := c.Card()
	token, err := c.Offer(a.Context(), record.Grant{Name: v.Guardian.Name, Relation: v.Guardian.Relation, Tie: record.Guardian}, v.Guardian.Mail, tongue(a, card))
	switch {
	case errs.Is(err, errs.Invalid):
		v.Guardian.MailWrong = a.P.DoorMailWrong()
		return web.Wrong(accessPage(v)), nil
	case err != nil:
		return v.refused(err)
	case v.Guardian.Mail != "":
		return web.See(v.Base + "/access?done=sent"), nil
	}
	return scan(a, v, scanView{Title: a.P.JoiningScan(v.Guardian.Name), Path: "/help/" + token})
}

// endGuardian ends what a guardian may do. What the client chose for themselves is
// not staff's to end.
func endGuardian(a *web.Ask, c *record.Chart) (web.Answer, error) {
	circle, err := c.Circle(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	home := "/clients/" + string(c.Client()) + "/access"
	for _, g := range circle {
		if g.ID == a.Form("id") && g.Tie == record.Guardian {
			if err := c.EndHelp(a.Context(), g.ID, record.AndTell); err != nil {
				return web.Answer{}, err
			}
			return web.See(home + "?done=ended"), nil
		}
	}
	return web.See(home), nil // it ended meanwhile
}
