package booking

import (
	"cmp"
	"slices"

	"rapport/hours"
	"rapport/lang"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// newView is the choice of a service, or one of the questions that lead to it.
type newView struct {
	Shell     shell.View
	P         lang.Printer
	Base      string
	Path      string // of this page
	Back      parts.Link
	Services  []serviceView
	Ask       string // "who", "about" or "how": the question; "" for the list
	Question  parts.ChoiceView
	Step      parts.TallyView
	Fields    [][2]string
	None      bool // none of what the practice offers fits the answers
	Door      bool
	In        string
	Phone     string
	Emergency string
}

// answers are what somebody said to the questions so far.
type answers struct {
	who   string      // a clinician's title
	about string      // a service
	how   hours.Modes // one way
}

// choose answers GET …/new and GET /visits: the services, or with ask the questions.
func choose(at place) (web.Answer, error) {
	a := at.a
	if to := at.own(); to != "" {
		return web.See(to), nil
	}
	v := newView{P: a.P, Base: at.base, Path: at.base + "/new", Back: parts.Link{Text: a.P.VisitsTitle(), Href: at.base}, Door: at.chart == nil, Phone: a.Practice.Phone, Emergency: a.Practice.Emergency}
	title := a.P.VisitsBook()
	if v.Door {
		v.Path, v.Back, v.In = at.base, parts.Link{}, "/in?to=/visits"
	}
	if v.Ask = a.Query("ask"); v.Ask != "" {
		v.Back = parts.Link{Text: a.P.VisitsServices(), Href: v.Path}
		to, err := at.question(&v)
		if to != "" || err != nil {
			return web.See(to), err
		}
		title = v.Question.Label
	}
	if v.Ask == "" {
		for _, s := range at.services() {
			v.Services = append(v.Services, at.service(s))
		}
	}
	v.Shell = at.shell(title)
	return web.Page(newPage(v)), nil
}

// question fills in the next question; where to go on when all are answered.
func (at place) question(v *newView) (to string, err error) {
	p := at.a.P
	said := answers{who: at.a.Query("who"), about: at.a.Query("about"), how: hours.ParseMode(at.a.Query("how"))}
	who, err := at.people()
	if err != nil {
		return "", err
	}
	left := slices.DeleteFunc(at.services(), func(s hours.Service) bool {
		return said.who != "" && said.who != anybody && !slices.ContainsFunc(s.Who, func(id string) bool { return who[id].title == said.who })
	})
	v.Step = parts.TallyView{Total: 3, Now: true}
	switch v.Ask {
	case "about":
		if said.who == "" {
			v.Ask = "who"
			break
		}
		v.Step.Done = 1
		v.Question = parts.ChoiceView{P: p, Name: "about", Label: p.VisitsAskAbout(), Required: true}
		for _, s := range left {
			v.Question.Options = append(v.Question.Options, parts.Option{Value: s.ID, Text: cmp.Or(at.a.In(s.About), at.a.In(s.Names)), Icon: at.service(s).Icon})
		}
		v.Question.Options = append(v.Question.Options, parts.Option{Value: anybody, Text: p.VisitsAskElse()})
		v.Fields = [][2]string{{"ask", "how"}, {"who", said.who}}
		v.None = len(left) == 0
		return "", nil
	case "how":
		s, ok := at.tt.Service(said.about)
		if !ok || !s.Public {
			v.None, v.Ask, v.Back.Href = true, "", v.Path
			return "", nil
		}
		v.Step.Done = 2
		ways := s.Modes.Each()
		if len(ways) < 2 || at.a.Query("go") != "" {
			return choice{service: s.ID, how: said.how}.at(at.base + "/map"), nil
		}
		v.Question = parts.ChoiceView{P: p, Name: "how", Label: p.VisitsAskHow(), Required: true}
		for _, m := range ways {
			v.Question.Options = append(v.Question.Options, parts.Option{Value: m.String(), Text: wayText(p, m), Icon: wayIcon(m)})
		}
		v.Question.Options = append(v.Question.Options, parts.Option{Value: anybody, Text: p.VisitsEither()})
		v.Fields = [][2]string{{"ask", "how"}, {"who", said.who}, {"about", s.ID}, {"go", "1"}}
		return "", nil
	}
	v.Ask = "who"
	v.Question = parts.ChoiceView{P: p, Name: "who", Label: p.VisitsAskWho(), Required: true}
	for _, s := range at.services() {
		for _, id := range s.Who {
			t := who[id].title
			if t != "" && !slices.ContainsFunc(v.Question.Options, func(o parts.Option) bool { return o.Value == t }) {
				v.Question.Options = append(v.Question.Options, parts.Option{Value: t, Text: t, Icon: "user"})
			}
		}
	}
	v.Question.Options = append(v.Question.Options, parts.Option{Value: anybody, Text: p.VisitsAskAnybody()})
	v.Fields = [][2]string{{"ask", "about"}}
	return "", nil
}

// anybody is the answer of who does not know.
const anybody = "any"
