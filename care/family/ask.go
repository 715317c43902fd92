package family

import (
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// askView is the form that asks somebody to help.
type askView struct {
	Shell   shell.View
	P       lang.Printer
	Base    string
	Problem string
	Form    form
	Wrong   wrong
}

// form is what was chosen and typed.
type form struct {
	Name, Relation string
	Sees           record.Parts
	Acts           bool
	Until          string // "", month, year, day
	Day            string // YYYY-MM-DD
	Reach          string // mail, here
	Mail           string
}

// wrong is what is wrong with it, field by field.
type wrong struct{ Name, Sees, Day, Mail string }

// handedView is what became of it.
type handedView struct {
	Shell   shell.View
	P       lang.Printer
	Base    string
	Name    string
	Day     string // until which they can answer
	Address string // of the link, if nobody was written to
	Code    parts.QRView
}

// ask answers GET /me/{client}/helpers/new.
func ask(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v := askFor(a, c)
	v.Form = form{Reach: "mail"}
	return web.Page(askPage(v)), nil
}

func askFor(a *web.Ask, c *record.Chart) askView {
	return askView{Shell: a.Shell(a.P.FamilyAdd(), "helpers"), P: a.P, Base: base(c)}
}

// longestName is how long a name or what somebody is to a client may be.
const longestName = 120

// read reads the form, and what is wrong with it.
func read(a *web.Ask) (form, wrong) {
	f := form{Name: account.CleanName(a.Form("name")), Relation: account.CleanName(a.Form("relation")), Acts: a.Form("acts") == "yes", Until: a.Form("until"), Day: a.Form("day"), Reach: a.Form("reach"), Mail: a.Form("mail")}
	var w wrong
	for _, code := range a.FormAll("sees") {
		for _, s := range sorts {
			if s.code == code {
				f.Sees |= s.parts
			}
		}
	}
	if f.Name == "" {
		w.Name = a.P.DoorNameMissing()
	}
	if f.Sees == 0 {
		w.Sees = a.P.FamilyNewSeesNone()
	}
	if f.Until == "day" {
		if t, err := time.ParseInLocation(time.DateOnly, f.Day, a.Now.Location()); err != nil || !t.AddDate(0, 0, 1).After(a.Now) {
			w.Day = a.P.FamilyNewDayWrong()
		}
	}
	if f.Reach != "here" {
		f.Reach = "mail"
		if _, err := account.ParseMail(f.Mail); err != nil {
			w.Mail = a.P.DoorMailWrong()
		}
	}
	return f, w
}

// until is when the help ends; the zero time for when somebody ends it.
func (f form) until(now time.Time) time.Time {
	y, m, d := now.Date()
	midnight := time.Date(y, m, d+1, 0, 0, 0, 0, now.Location())
	switch f.Until {
	case "month":
		return midnight.AddDate(0, 1, 0)
	case "year":
		return midnight.AddDate(1, 0, 0)
	case "day":
		t, err := time.ParseInLocation(time.DateOnly, f.Day, now.Location())
		if err == nil {
			return t.AddDate(0, 0, 1)
		}
	}
	return time.Time{}
}

// askPost answers POST /me/{client}/helpers/new. The link it makes stands in this
// one answer and nowhere else.
func askPost(a *web.Ask, c *record.Chart) (web.Answer, error) {
	v := askFor(a, c)
	v.Form, v.Wrong = read(a)
	if v.Wrong != (wrong{}) {
		return web.Wrong(askPage(v)), nil
	}
	g := record.Grant{Name: v.Form.Name, Relation: v.Form.Relation, Tie: record.Helper, Reads: v.Form.Sees, Until: v.Form.until(a.Now)}
	if v.Form.Acts {
		g.Acts = g.Reads & acting
	}
	mail := v.Form.Mail
	if v.Form.Reach == "here" {
		mail = ""
	}
	token, err := c.Offer(a.Context(), g, mail, a.P.Tag())
	if say, ok := a.P.Say(errs.SayOf(err)); ok {
		v.Problem = say
		return web.Wrong(askPage(v)), nil
	}
	if err != nil {
		return web.Answer{}, err
	}
	return handed(a, c, v.Form, token)
}

// handed is the answer to an invitation that was made.
func handed(a *web.Ask, c *record.Chart, f form, token string) (web.Answer, error) {
	v := handedView{P: a.P, Base: base(c), Name: f.Name, Day: day(a.P, record.Grant{Asked: a.Now}.Answer(), a.Now)}
	if f.Reach != "here" {
		v.Shell = a.Shell(a.P.FamilySentTitle(), "helpers")
		return web.Page(handedPage(v)), nil
	}
	v.Shell, v.Address = a.Shell(a.P.FamilyScanTitle(f.Name), "helpers"), a.Absolute("/help/"+token)
	var err error
	if v.Code, err = parts.QR(v.Address, a.P.FamilyScanLabel(f.Name)); err != nil {
		return web.Answer{}, err
	}
	return web.Page(handedPage(v)), nil
}

// seeing are the things that can be chosen.
func (v askView) seeing() parts.ChoiceView {
	c := parts.ChoiceView{P: v.P, Name: "sees", Label: v.P.FamilyNewSees(), Problem: v.Wrong.Sees, Many: true, Pictures: true}
	for _, s := range sorts {
		o := parts.Option{Value: s.code, Text: lang.Upper(s.noun(v.P)), Icon: s.icon, Chosen: v.Form.Sees&s.parts != 0}
		if s.more != nil {
			o.Small = s.more(v.P)
		}
		c.Options = append(c.Options, o)
	}
	return c
}

func (v askView) choose(name, label, hint, chosen string, options ...string) parts.ChoiceView {
	c := parts.ChoiceView{P: v.P, Name: name, Label: label, Hint: hint}
	for i := 0; i+1 < len(options); i += 2 {
		c.Options = append(c.Options, parts.Option{Value: options[i], Text: options[i+1], Chosen: options[i] == chosen})
	}
	return c
}

func (v askView) acting() parts.ChoiceView {
	chosen := "no"
	if v.Form.Acts {
		chosen = "yes"
	}
	return v.choose("acts", v.P.FamilyNewActs(), v.P.FamilyNewActsHint(), chosen, "no", v.P.FamilyNewActsNo(), "yes", v.P.FamilyNewActsYes())
}

func (v askView) ending() parts.ChoiceView {
	chosen := v.Form.Until
	if !strings.Contains(" month year day ", " "+chosen+" ") {
		chosen = "none"
	}
	return v.choose("until", v.P.FamilyNewUntil(), "", chosen, "none", v.P.FamilyNewUntilNone(), "month", v.P.FamilyNewUntilMonth(), "year", v.P.FamilyNewUntilYear(), "day", v.P.FamilyNewUntilDay())
}

func (v askView) reaching() parts.ChoiceView {
	return v.choose("reach", v.P.FamilyNewReach(), v.P.FamilyNewReachHint(), v.Form.Reach, "mail", v.P.FamilyNewReachMail(), "here", v.P.FamilyNewReachHere())
}

// problems are what to mend, each with its field.
func (v askView) problems() []parts.FieldProblem {
	var out []parts.FieldProblem
	for _, x := range []parts.FieldProblem{{ID: "name", Text: v.Wrong.Name}, {ID: "sees-group", Text: v.Wrong.Sees}, {ID: "day", Text: v.Wrong.Day}, {ID: "mail", Text: v.Wrong.Mail}} {
		if x.Text != "" {
			out = append(out, x)
		}
	}
	return out
}

func (v askView) problem() parts.FlashView {
	if v.Problem == "" {
		return parts.FlashView{}
	}
	return parts.FlashView{Tone: parts.ToneDanger, Text: v.Problem}
}
