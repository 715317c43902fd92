package clients

import (
	"time"

	"rapport/fhir"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/reading"
)

// newSince says what is new since whoever looks last looked.
func newSince(t teller, ch chart) sinceView {
	if ch.lastLook.IsZero() {
		return sinceView{Text: t.ClientsSinceFirst()}
	}
	when := t.short(fhir.Time{At: ch.lastLook, Prec: fhir.ToSecond})
	ago := reading.Ago(t.Printer, ch.lastLook.In(t.now.Location()), t.now)
	if d := t.now.Sub(ch.lastLook); d < 24*time.Hour { // a day is too coarse for today
		when = t.Clock(ch.lastLook.In(t.now.Location()))
	}
	var links []parts.Link
	add := func(n int, text func(int) string, to string) {
		if n > 0 {
			links = append(links, parts.Link{Text: text(n), Href: to})
		}
	}
	n := ch.counts
	add(n[aResult], t.ClientsNewResults, "#results")
	if n[aResult] == 0 { // a report's lines are counted already
		add(n[aReport], t.ClientsNewReports, "#timeline")
	}
	add(n[aVisit], t.ClientsNewVisits, "#visits")
	add(n[aDocument], t.ClientsNewDocuments, "#documents")
	add(n[aMedicine], t.ClientsNewMedicines, "#medicines")
	add(n[aCondition], t.ClientsNewConditions, "#conditions")
	add(n[anAllergy], t.ClientsNewAllergies, "#alerts")
	add(n[anImmunisation], t.ClientsNewImmunisations, "#immunisations")
	add(n[aProcedure], t.ClientsNewProcedures, "#timeline")
	add(n[aMessage], t.ClientsNewMessages, "#timeline")
	if len(links) == 0 {
		return sinceView{Text: t.ClientsSinceNothing(when, ago)}
	}
	return sinceView{Text: t.ClientsSinceSome(when, ago), Links: anchored(links, ch)}
}

// anchored takes the link off what has no section on this page: results of
// measures that were not drawn, or parts that are not open.
func anchored(links []parts.Link, ch chart) []parts.Link {
	on := map[string]bool{
		"#results": len(ch.measures) > 0, "#timeline": len(ch.happened) > 0, "#visits": len(ch.coming)+len(ch.visits) > 0,
		"#documents": len(ch.documents) > 0, "#medicines": len(ch.taken)+len(ch.stopped) > 0, "#conditions": len(ch.active)+len(ch.over) > 0,
		"#alerts": ch.open&record.Allergies != 0, "#immunisations": true,
	}
	for i := range links {
		if !on[links[i].Href] {
			links[i].Href = ""
		}
	}
	return links
}
