package clients

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"rapport/account"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
)

// headView is what stands above everything about one person: who they are, and
// what must not be missed.
type headView struct {
	P          lang.Printer
	Name, Seed string
	Home       string // the chart's own page, "" on it
	Facts      []string
	Phone, Tel string
	Access     string // to how they come in, "" on pages below
	Book       string // to booking a visit, "" on pages below, and once they have died
	Write      string // to writing to them
	Alerts     []parts.TagView
	gone       bool // they have died
	writes     string
	Tabs       parts.TabsView
}

// base is the address of a chart.
func base(c *record.Chart) string { return "/clients/" + string(c.Client()) }

// newHead makes the head of a page about one person. Allergies are nil on pages
// that do not open them.
func newHead(a *web.Ask, c *record.Chart, who person) headView {
	t := teller{a.P, a.Now}
	v := headView{P: a.P, Name: who.name, Seed: string(c.Client()), Facts: facts(t, who), gone: who.deceased}
	if v.Name == "" {
		v.Name = a.P.ClientsNameless()
	}
	if len(who.phones) > 0 && !who.deceased {
		v.Phone, v.Tel = who.phones[0], parts.Tel(who.phones[0])
	}
	v.writes = "/inbox/" + v.Seed + "/new"
	if !a.Who.Roles().Any(account.Nurse | account.Clinician | account.Coordinator) {
		v.writes = "/desk/" + v.Seed + "/new"
	}
	v.Alerts = personAlerts(t, who, a.Practice.Languages)
	return v
}

// avoiding adds what must not be given, if that part of the chart is open.
func (v headView) avoiding(t teller, open record.Parts, as []allergy) headView {
	if open&record.Allergies != 0 {
		v.Alerts = slices.Concat(v.Alerts, allergyAlerts(t, as))
	}
	return v
}

func (v headView) withTabs(href, current string) headView {
	v.Access = href + "/access"
	if !v.gone {
		v.Book, v.Write = href+"/book", v.writes
	}
	v.Tabs = parts.TabsView{Label: v.P.ClientsTabs(v.Name), Current: current, Tabs: []parts.Tab{
		{Text: v.P.ClientsTabsSummary(), Href: href}, {Text: v.P.ClientsTabsTimeline(), Href: href + "/timeline"},
	}}
	return v
}

// withForms adds the way to what they told in forms, with how many are new.
func (v headView) withForms(href string, open record.Parts, fresh int) headView {
	if open&record.Told == 0 {
		return v
	}
	t := parts.Tab{Text: v.P.ClientsTabsForms(), Href: href + "/forms"}
	if fresh > 0 {
		t.Count = strconv.Itoa(fresh)
	}
	v.Tabs.Tabs = append(v.Tabs.Tabs, t)
	return v
}

// facts are who somebody is, without a pronoun nobody told us.
func facts(t teller, who person) []string {
	var out []string
	add := func(s string) {
		if s != "" {
			out = append(out, s)
		}
	}
	add(t.age(who.born, who.died))
	if b := t.born(who.born); b != "" {
		add(t.ClientsBorn(b))
	}
	add(sexWord(t.Printer, who.sex))
	var spoken []string
	for _, l := range who.languages {
		if n := languageName(t.Printer, l); n != "" && !slices.Contains(spoken, n) {
			spoken = append(spoken, n)
		}
	}
	add(strings.Join(spoken, ", "))
	return out
}

func sexWord(p lang.Printer, code string) string {
	switch code {
	case "female":
		return p.ClientsSexFemale()
	case "male":
		return p.ClientsSexMale()
	case "other":
		return p.ClientsSexOther()
	}
	return ""
}

var tongues = [...]language.Tag{language.English, language.Spanish, language.French}

// languageName says a BCP 47 tag in words: "Vietnamese". Where somebody speaks
// it does not matter here, so a region is left out.
func languageName(p lang.Printer, tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return ""
	}
	b, _ := t.Base()
	t, err = language.Compose(b)
	if err != nil || b.String() == "und" {
		return ""
	}
	return lang.Upper(display.Languages(tongues[p.Tag()]).Name(t))
}

// personAlerts are what about the person themselves must be seen first.
func personAlerts(t teller, who person, offered []string) []parts.TagView {
	var out []parts.TagView
	if who.deceased {
		text := t.ClientsDeceased()
		if d := t.short(who.died); d != "" {
			text = t.ClientsDied(d)
		}
		out = append(out, parts.TagView{Tone: parts.ToneDanger, Icon: "info", Text: text})
	}
	if len(who.languages) == 0 {
		if who.interpreter {
			out = append(out, parts.TagView{Tone: parts.ToneWarn, Icon: "languages", Text: t.ClientsInterpreter()})
		}
		return out
	}
	name := languageName(t.Printer, who.languages[0])
	own, _, _ := strings.Cut(who.languages[0], "-")
	switch {
	case who.interpreter:
		out = append(out, parts.TagView{Tone: parts.ToneWarn, Icon: "languages", Text: t.ClientsInterpreterFor(name)})
	case name != "" && len(offered) > 0 && !slices.Contains(offered, own):
		out = append(out, parts.TagView{Tone: parts.ToneInfo, Icon: "languages", Text: t.ClientsPrefers(name)})
	}
	return out
}

// allergyAlerts say what must not be given: the grave ones first.
func allergyAlerts(t teller, as []allergy) []parts.TagView {
	var out []parts.TagView
	grave := slices.Clone(as)
	slices.SortStableFunc(grave, func(a, b allergy) int {
		switch {
		case a.high == b.high:
			return 0
		case a.high:
			return -1
		}
		return 1
	})
	for _, a := range grave {
		if a.none {
			continue
		}
		v := parts.TagView{Tone: parts.ToneWarn, Icon: "alert-triangle", Text: lang.Upper(a.name)}
		if a.reaction != "" {
			v.Text = t.ClientsAllergyReaction(v.Text, a.reaction)
		}
		if y := t.year(a.since); y != "" && len(grave) <= 3 {
			v.Text += ", " + y
		}
		if a.high {
			v.Tone, v.Text = parts.ToneDanger, t.ClientsAllergyHigh(v.Text)
		}
		out = append(out, v)
	}
	switch {
	case len(out) > 0:
	case len(as) > 0:
		out = append(out, parts.TagView{Icon: "check", Text: t.ClientsAllergyNone()})
	default:
		out = append(out, parts.TagView{Icon: "help", Text: t.ClientsAllergyUnknown()})
	}
	return out
}
