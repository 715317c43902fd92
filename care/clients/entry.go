package clients

import (
	"cmp"
	"slices"
	"strings"

	"rapport/fhir"
	"rapport/record"
	"rapport/web/reading"
)

// The entries of a chart, as its pages show them. Each has the key of what it
// was read from, "Observation/7", to tell what is new and to build links.

type person struct {
	name, given, sex string
	born, died       fhir.Time
	deceased         bool
	languages        []string // BCP 47, the preferred one first
	interpreter      bool
	phones           []string
}

type condition struct {
	key, name, severity string
	since, until        fhir.Time
	sinceText           string // where only words or an age are known
	active              bool
}

type medicine struct {
	key, name, how string
	since          fhir.Time
	current        bool
	held           bool
	asNeeded       bool
}

type allergy struct {
	key, name, reaction string
	since               fhir.Time
	high                bool // a next reaction could be grave
	none                bool // it says that there is no allergy
}

// finding is one thing measured once.
type finding struct {
	key         string
	ref         record.Ref // its name in an address
	code, loinc string     // code is "system|code", as it is searched for
	name, kind  string     // kind is its category: vital-signs, laboratory …
	at          fhir.Time
	value       reading.Value
	by, notes   []string
	shown       bool // there is a value to show
}

// measure is one thing measured again and again, newest first.
type measure struct {
	loinc, name, kind string
	found             []finding
}

func (m measure) last() finding { return m.found[0] }

type visit struct {
	key, title, with, place string
	class                   string // FHIR's: VR, HH …
	start, end              fhir.Time
}

type document struct {
	key, title, kind string
	ref              record.Ref
	by               []string
	at               fhir.Time
	files            []attached
}

// attached is one file of a document. Data is base64; without it the file is
// kept in this chart under ref, or elsewhere.
type attached struct {
	kind, title, data, ref string
}

// happened is one thing of a timeline.
type happened struct {
	key, title, text string
	ref              record.Ref // of its own page, of its first result's or of the note about it; "" if it has none
	first            string     // a report's first result, by its logical id
	sort             sortOf
	at               fhir.Time
}

// sortOf is what sort of thing happened.
type sortOf uint8

const (
	_ sortOf = iota
	aVisit
	aReport
	aDocument
	aProcedure
	anImmunisation
	aCondition
	aMedicine
	aMessage
	aResult
	anAllergy
)

// lookQuestion is what the client asked about a look at this chart and nobody has
// answered.
type lookQuestion struct {
	text string
	at   fhir.Time
}

// order puts what happened last first, and what has no time last.
func order(es []happened) {
	slices.SortStableFunc(es, func(a, b happened) int {
		return cmp.Or(b.at.At.Compare(a.at.At), strings.Compare(a.key, b.key))
	})
}

// group puts findings into measures, each newest first, in the order in which
// the newest of each was found. Findings without a value are left out.
func group(fs []finding) []measure {
	var out []measure
	at := map[string]int{}
	for _, f := range fs {
		if !f.shown {
			continue
		}
		id := f.course()
		i, ok := at[id]
		if !ok {
			i = len(out)
			at[id] = i
			out = append(out, measure{loinc: f.loinc, name: f.name, kind: f.kind})
		}
		out[i].found = append(out[i].found, f)
	}
	for _, m := range out {
		slices.SortStableFunc(m.found, func(a, b finding) int { return b.at.At.Compare(a.at.At) })
	}
	return out
}

// course is what findings of one course have in common: a code we know, or else
// the code and what the sender called it. Some senders use one code for
// different things.
func (f finding) course() string {
	if reading.Known(f.loinc) {
		return f.loinc
	}
	return f.code + " " + strings.ToLower(f.name)
}

// byDay puts the newest measures first and, among those of one day, what lies
// outside its range.
func byDay(ms []measure) {
	day := func(m measure) int { return int(m.last().at.At.Unix() / (24 * 60 * 60)) }
	rank := func(m measure) int {
		switch s := m.last().value.State(); {
		case s.Grave():
			return 0
		case s.Out():
			return 1
		}
		return 2
	}
	slices.SortStableFunc(ms, func(a, b measure) int { return cmp.Or(day(b)-day(a), rank(a)-rank(b)) })
}

// vitals is the order in which a clinician's eye goes down the signs of life.
var vitals = []string{"85354-9", "55284-4", "8867-4", "2708-6", "59408-5", "8310-5", "9279-1", "29463-7", "39156-5", "59576-9", "9843-4", "72514-3", "8302-2"}

// isVital reports whether a measure stands among the vital signs: what is taken
// by cuff, scale and question rather than from blood.
func isVital(m measure) bool {
	return m.kind == "vital-signs" || m.kind == "activity" || m.kind == "survey"
}

func vitalRank(m measure) int {
	if i := slices.Index(vitals, m.loinc); i >= 0 {
		return i
	}
	return len(vitals)
}

// newest keeps the first entry of each name: a medicine prescribed every month
// is one medicine.
func newest[T any](es []T, name func(T) string) []T {
	seen := map[string]bool{}
	return slices.DeleteFunc(es, func(e T) bool {
		n := strings.ToLower(name(e))
		was := seen[n]
		seen[n] = true
		return was
	})
}

// tails are what clinical terms end in to say what sort of term they are.
var tails = []string{" (disorder)", " (finding)", " (procedure)", " (situation)", " (environment)", " (event)", " (regime/therapy)", " (morphologic abnormality)", " (record artifact)"}

// term takes off the end of a clinical term that no reader needs.
func term(s string) string {
	for _, t := range tails {
		s = strings.TrimSuffix(s, t)
	}
	return strings.TrimSpace(s)
}

// named takes the name that an entry with a page of its own has in addresses. A
// logical id may come from another system and say who somebody is.
func (f *finding) named(r record.Ref)  { f.ref = r }
func (d *document) named(r record.Ref) { d.ref = r }
