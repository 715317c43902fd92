package look

import (
	"rapport/lang"
	"rapport/record"
)

// markSize is how much of a fingerprint a sentence shows; the whole stands in the entry.
const markSize = 16

// given says what left the record, to whom, and under which fingerprint.
func given(p lang.Printer, l record.Look, mine bool) string {
	what := named(p, l.Parts)
	var s string
	switch {
	case l.Purpose == record.Taking.String() && mine:
		s = p.LooksOwnTake(l.Gave.N)
	case l.Gave.To == record.ToThemselves && mine:
		s = p.LooksOwnGive(what, as(p, l.Gave.As))
	case mine:
		s = p.LooksOwnGiveto(what, as(p, l.Gave.As), whom(p, l.Gave.To))
	case l.Gave.To == record.ToThemselves:
		s = p.LooksDoGive(what, as(p, l.Gave.As), reason(p, l.Purpose))
	default:
		s = p.LooksDoGiveto(what, as(p, l.Gave.As), whom(p, l.Gave.To), reason(p, l.Purpose))
	}
	if len(l.Gave.Hash) > markSize {
		s += " " + p.LooksGiveMark(l.Gave.Hash[:markSize])
	}
	return s
}

// as names a format.
func as(p lang.Printer, media string) string {
	switch media {
	case "application/fhir+json":
		return p.LooksAsFhir()
	case "text/calendar":
		return p.LooksAsCalendar()
	case "text/html":
		return p.LooksAsPage()
	}
	return p.LooksAsFile()
}

// whom names a recipient: as it was said, but for those everybody says alike.
func whom(p lang.Printer, to string) string {
	switch to {
	case record.ToLink:
		return p.LooksToLink()
	case record.ToThemselves:
		return p.LooksToThemselves()
	}
	return "“" + to + "”"
}
