package clients

import (
	"strconv"
	"time"

	"rapport/fhir"
	"rapport/lang"
)

// teller says times in one language, as seen from one moment in the practice's
// zone.
type teller struct {
	lang.Printer
	now time.Time
}

// local puts a time into the practice's zone. A date has no zone: it stays the
// day it was written as.
func (t teller) local(x fhir.Time) time.Time {
	if x.Prec == fhir.ToSecond {
		return x.At.In(t.now.Location())
	}
	return x.At
}

// short writes a time as a day, or as much of one as is known: "12 Nov", with
// its year unless that is this one.
func (t teller) short(x fhir.Time) string {
	at := t.local(x)
	switch {
	case x.IsZero():
		return ""
	case x.Prec == fhir.ToYear:
		return strconv.Itoa(at.Year())
	case x.Prec == fhir.ToMonth:
		return t.MonthShort(at) + " " + strconv.Itoa(at.Year())
	case at.Year() == t.now.Year():
		return t.ShortDay(at)
	}
	return t.Short(at)
}

// year writes only the year.
func (t teller) year(x fhir.Time) string {
	if x.IsZero() {
		return ""
	}
	return strconv.Itoa(t.local(x).Year())
}

// born writes a birth date whole: the year is what tells two people apart.
func (t teller) born(x fhir.Time) string {
	switch x.Prec {
	case fhir.ToYear, fhir.ToMonth:
		return t.short(x)
	case fhir.ToDay, fhir.ToSecond:
		return t.Short(t.local(x))
	}
	return ""
}

// age says how old somebody born then is at a time: in days for the first month,
// in months until two, in years after. It is "" when not even the year is known.
func (t teller) age(born, at fhir.Time) string {
	if born.IsZero() {
		return ""
	}
	b, n := born.At, t.now
	if !at.IsZero() {
		n = t.local(at)
	}
	n = time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, time.UTC)
	if n.Before(b) {
		return ""
	}
	months := (n.Year()-b.Year())*12 + int(n.Month()) - int(b.Month())
	if n.Day() < b.Day() {
		months--
	}
	switch {
	case born.Prec == fhir.ToYear:
		return t.ClientsAgeAbout(t.ClientsAgeYears(n.Year() - b.Year()))
	case months < 1:
		return t.ClientsAgeDays(int(n.Sub(b) / (24 * time.Hour)))
	case months < 24:
		return t.ClientsAgeMonths(months)
	}
	return t.ClientsAgeYears(months / 12)
}
