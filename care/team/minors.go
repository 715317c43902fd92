package team

import (
	"strconv"
	"time"
	"unicode/utf8"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// minorsView is the rules that are on, and those to choose from.
type minorsView struct {
	Shell shell.View
	P     lang.Printer
	On    *onView
	Rows  []parts.RowView
}

// onView is the rules in force, who read them and who switched them on.
type onView struct{ ID, Place, Read, By string }

func minors(a *web.Ask, _ *record.Practice) (web.Answer, error) {
	v := minorsView{Shell: frame(a, a.P.TeamMinors()), P: a.P}
	m := a.Practice.Minors
	for _, r := range record.ExampleRules() {
		row := parts.RowView{Href: "/practice/minors/" + r.ID, Icon: "globe", Title: r.Place, Text: a.P.TeamMinorsUntil(strconv.Itoa(r.Majority)), Tag: parts.TagView{Tone: parts.ToneWarn, Text: a.P.TeamMinorsUnread()}}
		if on(m, r) {
			row.Tag = parts.TagView{Tone: parts.ToneAccent, Text: a.P.TeamMinorsInforce()}
			v.On = &onView{ID: r.ID, Place: r.Place, Read: a.P.TeamMinorsOnText(m.Reviewer, day(a.P, m.Reviewed)), By: a.P.TeamMinorsBy(m.By, day(a.P, m.Since))}
		}
		v.Rows = append(v.Rows, row)
	}
	switch a.Query("done") {
	case "on":
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.TeamMinorsDone()}
	case "off":
		v.Shell.Flash = parts.FlashView{Tone: parts.ToneOK, Text: a.P.TeamMinorsStopped()}
	}
	return web.Page(minorsPage(v)), nil
}

func on(m record.Minors, r record.Rules) bool { return m.ID == r.ID && m.Version == r.Version }

func day(p lang.Printer, date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return p.Full(t)
}

// rulesView is one example, by age, and the form that switches it on.
type rulesView struct {
	Shell    shell.View
	P        lang.Printer
	R        record.Rules
	On       bool
	Table    parts.TableView
	Reviewer string
	Reviewed string
	Ticked   bool
	Wrong    map[string]string
}

func (v rulesView) problems() []parts.FieldProblem {
	var out []parts.FieldProblem
	for _, id := range []string{"reviewer", "reviewed", "checked"} {
		if text := v.Wrong[id]; text != "" {
			out = append(out, parts.FieldProblem{ID: id, Text: text})
		}
	}
	return out
}

func newRules(a *web.Ask) (rulesView, error) {
	for _, r := range record.ExampleRules() {
		if r.ID == a.Path("id") {
			return rulesView{Shell: frame(a, a.P.TeamMinors()), P: a.P, R: r, On: on(a.Practice.Minors, r), Table: byAge(a.P, r), Wrong: map[string]string{}}, nil
		}
	}
	return rulesView{}, errs.E(errs.NotFound, "team: no such rules")
}

func rules(a *web.Ask, _ *record.Practice) (web.Answer, error) {
	v, err := newRules(a)
	return web.Page(rulesPage(v)), err
}

// byAge is the table of an example.
func byAge(p lang.Printer, r record.Rules) parts.TableView {
	t := parts.TableView{Caption: p.TeamMinorsAges(), CaptionHidden: true, Stacks: true, Columns: []parts.Column{{Text: p.TeamMinorsAge()}, {Text: p.TeamMinorsReads()}, {Text: p.TeamMinorsActs()}, {Text: p.TeamMinorsAlone()}, {Text: p.TeamMinorsAccount()}}}
	for _, b := range r.Bands {
		reads, acts := b.Gives()
		var alone []string
		for _, m := range b.Alone {
			alone = append(alone, matter(p, m.String()))
		}
		t.Rows = append(t.Rows, []parts.Cell{
			{Text: p.TeamMinorsSpan(strconv.Itoa(b.From), strconv.Itoa(b.To-1))},
			{Text: orNothing(p, partWords(p, reads))}, {Text: orNothing(p, partWords(p, acts))}, {Text: orNothing(p, alone)}, {Text: ownAccount(p, b.OwnAccount.String())},
		})
	}
	return t
}

func orNothing(p lang.Printer, ws []string) string {
	if len(ws) == 0 {
		return p.TeamMinorsNothing()
	}
	return lang.Upper(p.And(ws))
}

func partWords(p lang.Printer, ps record.Parts) []string {
	var out []string
	for _, x := range ps.Each() {
		if f, ok := partNames[x]; ok {
			out = append(out, f(p))
		}
	}
	return out
}

var partNames = map[record.Parts]func(lang.Printer) string{
	record.Person: lang.Printer.LooksPartPerson, record.Conditions: lang.Printer.LooksPartConditions, record.Medicines: lang.Printer.LooksPartMedicines,
	record.Allergies: lang.Printer.LooksPartAllergies, record.Immunisations: lang.Printer.LooksPartImmunisations, record.Results: lang.Printer.LooksPartResults,
	record.Documents: lang.Printer.LooksPartDocuments, record.Visits: lang.Printer.LooksPartVisits, record.Plans: lang.Printer.LooksPartPlans,
	record.Messages: lang.Printer.LooksPartMessages, record.Procedures: lang.Printer.LooksPartProcedures, record.Family: lang.Printer.LooksPartFamily,
	record.Told: lang.Printer.LooksPartTold,
}

// matter names what a minor may decide alone, by its code.
func matter(p lang.Printer, code string) string {
	switch code {
	case "contraception":
		return p.TeamMatterContraception()
	case "sexual-health":
		return p.TeamMatterSexual()
	case "pregnancy":
		return p.TeamMatterPregnancy()
	case "mental-health":
		return p.TeamMatterMental()
	case "substance-use":
		return p.TeamMatterSubstance()
	case "sexual-assault":
		return p.TeamMatterAssault()
	case "vaccination":
		return p.TeamMatterVaccination()
	case "all-care":
		return p.TeamMatterAll()
	}
	return p.TeamMatterOther()
}

func ownAccount(p lang.Printer, code string) string {
	switch code {
	case "with-guardians-knowledge":
		return p.TeamMinorsAccountKnown()
	case "on-their-own":
		return p.TeamMinorsAccountOwn()
	}
	return p.TeamMinorsAccountNo()
}

// switchOn puts rules in force, once somebody is named who checked them.
func switchOn(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := newRules(a)
	if err != nil {
		return web.Answer{}, err
	}
	v.Reviewer, v.Reviewed, v.Ticked = account.CleanName(a.Form("reviewer")), a.Form("reviewed"), a.Form("checked") != ""
	today := a.Now.Format(time.DateOnly)
	if n := utf8.RuneCountInString(v.Reviewer); n == 0 || n > nameMost {
		v.Wrong["reviewer"] = a.P.TeamMinorsBadReviewer()
	}
	if _, err := time.Parse(time.DateOnly, v.Reviewed); err != nil || v.Reviewed > today {
		v.Wrong["reviewed"] = a.P.TeamMinorsBadDay()
	}
	if !v.Ticked {
		v.Wrong["checked"] = a.P.TeamMinorsBadTick()
	}
	if len(v.Wrong) > 0 {
		return web.Wrong(rulesPage(v)), nil
	}
	s := a.Practice
	s.Minors = record.Minors{ID: v.R.ID, Version: v.R.Version, Reviewer: v.Reviewer, Reviewed: v.Reviewed, By: a.Who.Name(), Since: today}
	return web.See("/practice/minors?done=on"), p.SetSettings(a.Context(), s)
}

// switchOff takes the rules out of force: no guardian sees anything.
func switchOff(a *web.Ask, p *record.Practice) (web.Answer, error) {
	s := a.Practice
	s.Minors = record.Minors{}
	return web.See("/practice/minors?done=off"), p.SetSettings(a.Context(), s)
}
