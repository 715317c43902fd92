// Package family is about acting for another: a client says who may help them and
// with what, somebody who is asked says yes or no, and whoever looks after others
// sees them side by side. It refuses to decide who may see what (the policy does),
// to show one person anything of another that they were not given, and to keep the
// link of an invitation anywhere but on the one page that hands it over.
package family

import (
	"time"

	"rapport/lang"
	"rapport/record"
	"rapport/web"
)

const (
	circleParts = record.Person | record.Agreements
	everyParts  = record.Person | record.Visits | record.Results | record.Documents | record.Messages | record.Plans | record.Medicines
)

// Routes lists the pages.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /me/{client}/helpers", Why: record.Own, What: circleParts, Chart: show},
		{Pattern: "POST /me/{client}/helpers/end", Why: record.Own, What: circleParts, Chart: end},
		{Pattern: "GET /me/{client}/helpers/new", Why: record.Sharing, What: circleParts, Chart: ask},
		{Pattern: "POST /me/{client}/helpers/new", Why: record.Sharing, What: circleParts, Chart: askPost},
		{Pattern: "GET /help/{token}", Why: record.Helping, Household: asked},
		{Pattern: "POST /help/{token}", Why: record.Helping, Household: take},
		{Pattern: "GET /family", Why: record.Helping, What: everyParts, Household: everyone},
		{Pattern: "POST /family/join", Why: record.Helping, Household: join},
		{Pattern: "POST /family/stop", Why: record.Helping, Household: stop},
	}
}

// base is the address of a client's helpers.
func base(c *record.Chart) string { return "/me/" + string(c.Client()) + "/helpers" }

// sort is one of the things a client can let a helper see.
type sort struct {
	code, icon string
	parts      record.Parts
	noun       func(lang.Printer) string
	more       func(lang.Printer) string // nil for none
}

var sorts = []sort{
	{"visits", "calendar", record.Visits, lang.Printer.FamilyPartVisits, nil},
	{"messages", "messages", record.Messages, lang.Printer.FamilyPartMessages, nil},
	{"plan", "plan", record.Plans, lang.Printer.FamilyPartPlan, nil},
	{"medicines", "pill", record.Medicines | record.Allergies | record.Immunisations, lang.Printer.FamilyPartMedicines, lang.Printer.FamilyPartMedicinesMore},
	{"results", "flask", record.Results, lang.Printer.FamilyPartResults, nil},
	{"told", "forms", record.Told, lang.Printer.FamilyPartTold, lang.Printer.FamilyPartToldMore},
	{"documents", "file-text", record.Documents, lang.Printer.FamilyPartDocuments, nil},
	{"conditions", "health", record.Conditions | record.Procedures | record.Family, lang.Printer.FamilyPartConditions, nil},
}

// acting is where a helper may do something, if the client lets them.
const acting = record.Messages | record.Results | record.Visits | record.Told | record.Plans

// single are the words for parts that are given without the rest of their sort, as
// rules for guardians do.
var single = []struct {
	part record.Parts
	noun func(lang.Printer) string
}{
	{record.Medicines, lang.Printer.FamilyPartMedicines}, {record.Allergies, lang.Printer.LooksPartAllergies}, {record.Immunisations, lang.Printer.LooksPartImmunisations},
	{record.Conditions, lang.Printer.FamilyPartConditions}, {record.Procedures, lang.Printer.LooksPartProcedures}, {record.Family, lang.Printer.LooksPartFamily},
}

// things names what a set of parts lets somebody see: "visits and medicines".
func things(p lang.Printer, set record.Parts) string {
	var out []string
	for _, s := range sorts {
		if set&s.parts == s.parts {
			out = append(out, s.noun(p))
			continue
		}
		for _, x := range single {
			if s.parts&x.part != 0 && set&x.part != 0 {
				out = append(out, x.noun(p))
			}
		}
	}
	return p.And(out)
}

// day writes a day with the year only where it is another one.
func day(p lang.Printer, t, now time.Time) string {
	if t = t.In(now.Location()); t.Year() != now.Year() {
		return p.Full(t)
	}
	return p.DayMonth(t)
}

// lastDay is the day before a moment at which something ends.
func lastDay(p lang.Printer, until, now time.Time) string {
	return day(p, until.Add(-time.Second), now)
}
