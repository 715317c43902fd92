package joining

import (
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// listView is who asked to be taken on.
type listView struct {
	Shell shell.View
	P     lang.Printer
	Rows  []parts.RowView
}

func list(a *web.Ask, d *record.Directory) (web.Answer, error) {
	all, err := d.Waiting(a.Context())
	if err != nil {
		return web.Answer{}, err
	}
	v := listView{Shell: frame(a, a.P.JoiningWaiting(), "/waiting"), P: a.P}
	for _, w := range all {
		r := parts.RowView{Href: "/waiting/" + w.Subject.ID, Name: w.Name, Seed: w.Subject.ID, Title: w.Name, Text: w.Mail, Meta: a.P.JoiningSince(a.P.ShortDay(a.Local(w.At)))}
		if len(w.Also) > 0 {
			r.Text += " · " + a.P.JoiningAlso(a.P.And(w.Also))
		}
		v.Rows = append(v.Rows, r)
	}
	switch a.Query("done") {
	case "taken":
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.JoiningTaken()}
	case "declined":
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.JoiningDeclined()}
	case "gone":
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneInfo, Text: a.P.JoiningGone()}
	}
	return web.Page(listPage(v)), nil
}

// decideView is one who waits, and whom they may be.
type decideView struct {
	Shell   shell.View
	P       lang.Printer
	Base    string
	W       record.Waiting
	Facts   []parts.Fact
	Also    string
	Found   found
	Problem string
}

// found is whom a search found: the fragment that it answers with.
type found struct {
	P     lang.Printer
	Base  string
	Query string
	Rows  []candidate
}

// candidate is somebody with a chart.
type candidate struct {
	ID, Name, Text, Meta string
}

// found by a search, and before one by the name they wrote.
const (
	perFind  = 30
	perGuess = 5
)

// waited reads who a page is about; the answer is set if they wait no more.
func waited(a *web.Ask, d *record.Directory) (record.Waiting, *web.Answer, error) {
	w, err := d.Wait(a.Context(), a.Path("id"))
	if errs.Is(err, errs.NotFound) {
		gone := web.See("/waiting?done=gone")
		return w, &gone, nil
	}
	return w, nil, err
}

func newDecide(a *web.Ask, d *record.Directory, w record.Waiting) decideView {
	base := "/waiting/" + w.Subject.ID
	v := decideView{Shell: frame(a, a.P.JoiningWho(w.Name), base), P: a.P, Base: base, W: w, Facts: wrote(a, w)}
	v.Shell.Here = "/waiting" // the page of a search is an act, and has no address
	v.Also = a.P.And(w.Also)
	v.Found = newFound(a, base, "", d.Find(w.Name, perGuess))
	return v
}

// wrote is what somebody said of themselves.
func wrote(a *web.Ask, w record.Waiting) []parts.Fact {
	return []parts.Fact{{Term: a.P.JoiningName(), Text: w.Name}, {Term: a.P.JoiningMail(), Text: w.Mail}, {Term: a.P.JoiningAskedOn(), Text: a.P.Date(a.Local(w.At), a.Now)}}
}

func newFound(a *web.Ask, base, query string, cards []record.Card) found {
	f := found{P: a.P, Base: base, Query: query}
	for _, c := range cards {
		f.Rows = append(f.Rows, candidate{string(c.Client), called(a.P, c), born(a.P, c.Birth), phoneEnd(a.P, c.Phones)})
	}
	return f
}

func (f found) line() string {
	if len(f.Rows) == 0 {
		return f.P.ClientsNobody()
	}
	return f.P.ClientsFits(len(f.Rows))
}

func decide(a *web.Ask, d *record.Directory) (web.Answer, error) {
	w, gone, err := waited(a, d)
	if err != nil || gone != nil {
		return or(gone), err
	}
	return web.Page(decidePage(newDecide(a, d, w))), nil
}

func or(a *web.Answer) web.Answer {
	if a == nil {
		return web.Answer{}
	}
	return *a
}

// find looks for a chart. What was looked for goes nowhere.
func find(a *web.Ask, d *record.Directory) (web.Answer, error) {
	w, gone, err := waited(a, d)
	if err != nil || gone != nil {
		return or(gone), err
	}
	v := newDecide(a, d, w)
	if q := a.Form("q"); q != "" {
		v.Found = newFound(a, v.Base, q, d.Find(a.P.DateIn(q), perFind))
	}
	if a.Fragment {
		return web.Page(foundPart(v.Found)), nil
	}
	return web.Page(decidePage(v)), nil
}

// matchView asks whether somebody is this client.
type matchView struct {
	Shell   shell.View
	P       lang.Printer
	Base    string
	Client  string
	Name    string
	Given   string
	Wrote   []parts.Fact
	Facts   []parts.Fact
	Private string // who else reads a minor's address; "" for nobody
	Mail    string
	Problem string
}

// match shows both beside each other: what somebody wrote, and whom staff chose.
func match(a *web.Ask, d *record.Directory) (web.Answer, error) {
	w, gone, err := waited(a, d)
	if err != nil || gone != nil {
		return or(gone), err
	}
	card, ok := d.Card(fhir.ClientID(a.Form("client")))
	if !ok {
		return web.See("/waiting/" + w.Subject.ID), nil
	}
	v, err := newMatch(a, d, w, card)
	return web.Page(matchPage(v)), err
}

func newMatch(a *web.Ask, d *record.Directory, w record.Waiting, card record.Card) (matchView, error) {
	name := called(a.P, card)
	v := matchView{Shell: frame(a, a.P.JoiningMatch(name), "/waiting"), P: a.P, Base: "/waiting/" + w.Subject.ID, Client: string(card.Client), Name: name, Given: card.Given, Wrote: wrote(a, w), Mail: w.Mail}
	if v.Given == "" {
		v.Given = name
	}
	v.Facts = []parts.Fact{{Term: a.P.JoiningName(), Text: name}, {Term: a.P.JoiningBorn(), Text: born(a.P, card.Birth)}, {Term: a.P.JoiningPhone(), Text: phoneEnd(a.P, card.Phones)}}
	also, err := d.Shared(a.Context(), w, card)
	v.Private = a.P.And(also)
	return v, err
}

// accept takes somebody on as the client staff chose.
func accept(a *web.Ask, d *record.Directory) (web.Answer, error) {
	w, gone, err := waited(a, d)
	if err != nil || gone != nil {
		return or(gone), err
	}
	card, ok := d.Card(fhir.ClientID(a.Form("client")))
	if !ok {
		return web.See("/waiting/" + w.Subject.ID), nil
	}
	asked := record.NotAsked
	if a.Form("asked") != "" {
		asked = record.AskedInPrivate
	}
	err = d.Accept(a.Context(), w.Subject.ID, card.Client, asked)
	if err == nil {
		return web.See("/waiting?done=taken"), nil
	}
	say, ok := a.P.Say(errs.SayOf(err))
	if !ok {
		return web.Answer{}, err
	}
	v, verr := newMatch(a, d, w, card)
	if v.Problem = say; errs.SayOf(err) == "joining.shared_mail" {
		v.Problem = a.P.JoiningPrivateMissing()
	}
	return web.Wrong(matchPage(v)), verr
}

// decline takes somebody off the list. Nobody is told.
func decline(a *web.Ask, d *record.Directory) (web.Answer, error) {
	err := d.Decline(a.Context(), a.Path("id"))
	if errs.Is(err, errs.NotFound) {
		return web.See("/waiting?done=gone"), nil
	}
	return web.See("/waiting?done=declined"), err
}
