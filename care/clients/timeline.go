package clients

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// timelineView is everything that happened in one year.
type timelineView struct {
	Shell shell.View
	P     lang.Printer
	Head  headView
	Years parts.ChipsView
	Stops []parts.StopGroup
	Empty string
	More  parts.Link
	Foot  footView
}

// perYear is how much of a year stands on one page.
const perYear = 100

func timeline(a *web.Ask, c *record.Chart) (web.Answer, error) {
	p := &puller{ctx: a.Context(), c: c}
	who := readWho(p)
	years := p.years(a.Now.Year())
	year, err := strconv.Atoi(a.Query("year"))
	if err != nil || !slices.Contains(years, year) {
		year = p.newestYear(years[0])
	}
	from, err := strconv.Atoi(a.Query("from"))
	if err != nil || from < 0 {
		from = 0
	}
	all, avoided := p.year(year), p.allergies()
	if p.err != nil {
		return web.Answer{}, p.err
	}
	t := teller{a.P, a.Now}
	all = paired(t, all)
	href := base(c) + "/timeline"
	v := timelineView{P: a.P, Head: newHead(a, c, who).withTabs(base(c), href).withForms(base(c), c.Parts(), 0), Shell: frame(a, who.name), Foot: footOf(a, c, who)}
	v.Head = v.Head.avoiding(t, c.Parts(), avoided)
	v.Years = chips(a.P, href, years, year)
	if len(all) == 0 {
		v.Empty = a.P.ClientsTimelineEmpty(strconv.Itoa(year))
	}
	from = min(from, len(all))
	v.Stops = stops(t, all[from:min(from+perYear, len(all))], base(c), nil)
	if next := from + perYear; next < len(all) {
		v.More = parts.Link{Text: a.P.ClientsTimelineMore(len(all) - next), Href: href + "?year=" + strconv.Itoa(year) + "&from=" + strconv.Itoa(next), Icon: "arrow-right"}
	}
	return web.Page(timelinePage(v)), nil
}

// paired lets a visit and the note about it, which bear one name and stand on
// one day, be one line that opens the note.
func paired(t teller, hs []happened) []happened {
	hs = slices.Clone(hs)
	key := func(h happened) string { return t.local(h.at).Format(time.DateOnly) + h.title }
	visit := map[string]int{}
	for i, h := range hs {
		if h.sort == aVisit && h.title != "" {
			visit[key(h)] = i
		}
	}
	told := map[string]bool{}
	for _, h := range hs {
		if i, ok := visit[key(h)]; ok && h.sort == aDocument && hs[i].ref == "" {
			hs[i].ref, told[h.key] = h.ref, true
		}
	}
	return slices.DeleteFunc(hs, func(h happened) bool { return told[h.key] })
}

func chips(p lang.Printer, href string, years []int, year int) parts.ChipsView {
	v := parts.ChipsView{Label: p.ClientsTimelineYears()}
	for _, y := range years {
		l := parts.Link{Text: strconv.Itoa(y), Href: href + "?year=" + strconv.Itoa(y)}
		if y == year {
			v.Current = l.Href
		}
		v.Chips = append(v.Chips, l)
	}
	return v
}

var icons = map[sortOf]string{
	aVisit: "stethoscope", aReport: "flask", aDocument: "file-text", aProcedure: "bandage", anImmunisation: "syringe",
	aCondition: "clipboard-check", aMedicine: "pill", aMessage: "message",
}

// stops draws what happened along a thread, a month at a time.
func stops(t teller, hs []happened, href string, fresh map[string]bool) []parts.StopGroup {
	var out []parts.StopGroup
	for _, h := range hs {
		label := month(t, h.at)
		if len(out) == 0 || out[len(out)-1].Label != label {
			out = append(out, parts.StopGroup{Label: label})
		}
		g := &out[len(out)-1]
		s := parts.Stop{Icon: icons[h.sort], Title: cmp.Or(h.title, sortWord(t.Printer, h.sort)), Text: stopText(t.Printer, h), Meta: t.dayOf(h.at)}
		switch {
		case h.sort == aDocument, h.sort == aVisit && h.ref != "":
			s.Href = href + "/documents/" + string(h.ref)
		case h.sort == aReport && h.ref != "":
			s.Href = href + "/results/" + string(h.ref)
		}
		if fresh[h.key] {
			s.Tag = parts.TagView{Tone: parts.ToneBrand, Text: t.ClientsNew()}
		}
		g.Stops = append(g.Stops, s)
	}
	return out
}

// stopText says what sort of thing it was, and what is to be said of it.
func stopText(p lang.Printer, h happened) string {
	word := sortWord(p, h.sort)
	switch {
	case h.title == "":
		return h.text
	case h.text == "":
		return word
	}
	return word + " · " + h.text
}

func sortWord(p lang.Printer, s sortOf) string {
	switch s {
	case aVisit:
		return p.ClientsVisit()
	case aReport:
		return p.ClientsReport()
	case aDocument:
		return p.ClientsDocument()
	case aProcedure:
		return p.ClientsProcedure()
	case anImmunisation:
		return p.ClientsImmunisation()
	case aCondition:
		return p.ClientsConditionNew()
	case aMedicine:
		return p.ClientsMedicineNew()
	case aMessage:
		return p.ClientsMessage()
	}
	return ""
}

// month heads a part of the thread; of a date that is only a year, the year.
func month(t teller, x fhir.Time) string {
	if x.Prec == fhir.ToYear {
		return t.year(x)
	}
	return lang.Upper(t.Month(t.local(x)))
}

// dayOf writes the day alone: the month stands above.
func (t teller) dayOf(x fhir.Time) string {
	if x.Prec == fhir.ToYear || x.Prec == fhir.ToMonth {
		return ""
	}
	return t.ShortDay(t.local(x))
}
