package look

import (
	"strings"

	"rapport/fhir/label"
	"rapport/lang"
	"rapport/record"
)

// watched says what was done to watch over privacy here, and what for; "" for anything else.
func watched(p lang.Printer, l record.Look, why string) string {
	if l.Act == "review" {
		if l.How == record.VerdictRight {
			return p.LooksDoReviewRight(l.Whom)
		}
		return p.LooksDoReviewWrong(l.Whom)
	}
	switch l.Act {
	case "mark":
		return p.LooksDoMark(why)
	case "glass":
		return p.LooksDoGlass(unstopped(l.Said))
	case "askwhy":
		return p.LooksDoAskwhy(l.Whom)
	case "explain":
		return p.LooksDoExplain(unstopped(l.Said))
	case "unexplained":
		return p.LooksDoUnexplained(l.Whom)
	case "freeze":
		return p.LooksDoFreeze(l.Whom)
	case "fix":
		return p.LooksDoFix()
	case "erase":
		return p.LooksDoErase()
	case "answererase":
		return p.LooksDoAnswererase()
	case "hold":
		return p.LooksDoHold()
	case "unhold":
		return p.LooksDoUnhold()
	case "clock":
		return p.LooksDoClock()
	}
	return ""
}

// unstopped is what somebody said without its full stop: the sentence it stands in has one.
func unstopped(said string) string { return strings.TrimSuffix(said, ".") }

// bonds say why somebody who gave care was the one to give it.
var bonds = map[record.Bond]func(lang.Printer) string{
	record.ByVisit: lang.Printer.LooksWhyVisit, record.ByRefer: lang.Printer.LooksWhyRefer, record.ByAssign: lang.Printer.LooksWhyAssign,
	record.ByTask: lang.Printer.LooksWhyTask, record.ByCover: lang.Printer.LooksWhyCover, record.ByGlass: lang.Printer.LooksWhyGlass,
}

// bound says why, and what made somebody the one who treats the reader.
func bound(p lang.Printer, l record.Look) string {
	if f, ok := bonds[l.Bond]; ok && l.Purpose == "care" {
		return f(p)
	}
	return reason(p, l.Purpose)
}

var closed = map[label.Set]func(lang.Printer) string{
	label.Reproductive: lang.Printer.LooksInReproductive, label.Sexual: lang.Printer.LooksInSexual, label.Gender: lang.Printer.LooksInGender,
	label.Mental: lang.Printer.LooksInMental, label.Substance: lang.Printer.LooksInSubstance, label.Genetic: lang.Printer.LooksInGenetic,
	label.Violence: lang.Printer.LooksInViolence, label.Own: lang.Printer.LooksInOwn, label.Other: lang.Printer.LooksInOther,
}

// Closed names one compartment.
func Closed(p lang.Printer, in label.Set) string {
	if f, ok := closed[in]; ok {
		return f(p)
	}
	return p.LooksInOther()
}

// Part names one part of a record, as it stands within a sentence.
func Part(p lang.Printer, x record.Parts) string { return noun(p, x) }
