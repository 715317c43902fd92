// Package form reads FHIR R4 Questionnaires with Structured Data Capture and
// fills, evaluates, checks and extracts their responses. It is pure: the time,
// the chart and value sets come in through Env. What it does not understand in a
// form it keeps, shows as plain text and lists as a Problem.
//
// It refuses what it cannot be sure of: a form that is not a Questionnaire, is
// too large or names no questions; an answer to a question that is hidden,
// disabled, read-only or not there; a response that was given to another form.
// Errors and issues name elements and linkIds of the form, never an answer.
package form

import (
	"fmt"

	"rapport/errs"
	"rapport/fhir/path"
)

// The bounds of a form. More is refused, with the reason.
const (
	MaxBytes = 8 << 20
	MaxItems = 10_000
	MaxNests = 24
)

// Form is a Questionnaire ready to be filled. It never changes once read, and
// serves any number of goroutines.
type Form struct {
	ID, URL, Version, Name, Status, Copyright, Language string
	From, Until                                         string // its effective period, as written
	Codes                                               []Answer
	Items                                               []*Item

	title, description text
	src                []byte
	all                []*Item // by number
	byLink             map[string][]*Item
	problems           []Problem
	variables          []*expression
	constraints        []constraint
	dangers            []danger
	launch             []string
	sources            map[string][]*expression // sourceQueries: contained batches of queries, by id
	contained          map[string]*val
	sets               map[string]set
	extract            extraction
	quicks             map[quick]int         // look-ups, and the number each goes by
	programs           map[string]*path.Expr // of templates, by their text
	strict             bool                  // it is valid R4 as it stands
	lively             bool                  // it has expressions that are evaluated while it is filled
	counts             string                // how expressions are told what a coding counts
	weights            map[string]string     // what a coding counts, where all questions agree
}

type set struct {
	options []Option
	ok      bool
}

// Title returns the form's title, else its name, in a language.
func (f *Form) Title(lang string) string {
	if s := f.title.in(lang); s != "" {
		return s
	}
	return f.Name
}

// Description returns what the form says of itself.
func (f *Form) Description(lang string) string { return f.description.in(lang) }

// Problems returns what was read but is not understood, and what cannot work,
// in the order of the items.
func (f *Form) Problems() []Problem { return f.problems }

// JSON returns the Questionnaire as it came.
func (f *Form) JSON() []byte { return f.src }

// Canonical returns what a response names the form by: url|version, or a
// relative reference when it has no url.
func (f *Form) Canonical() string {
	switch {
	case f.URL != "" && f.Version != "":
		return f.URL + "|" + f.Version
	case f.URL != "":
		return f.URL
	case f.ID != "":
		return "Questionnaire/" + f.ID
	}
	return ""
}

// Count returns how many items the form has.
func (f *Form) Count() int { return len(f.all) }

// Item returns an item by its number, or nil.
func (f *Form) Item(number int) *Item {
	if number < 0 || number >= len(f.all) {
		return nil
	}
	return f.all[number]
}

// Find returns the first item with a linkId, or nil.
func (f *Form) Find(linkID string) *Item {
	if is := f.byLink[linkID]; len(is) > 0 {
		return is[0]
	}
	return nil
}

// Severity says how bad a Problem is.
type Severity uint8

// The severities. The zero Severity is none.
const (
	Note    Severity = iota + 1 // kept and left alone
	Warning                     // part of the form will not work as its author meant
	Serious                     // what depends on it is left out
)

// String returns the severity in one word.
func (s Severity) String() string {
	return [...]string{"", "note", "warning", "serious"}[s]
}

// Problem is something in a form that is not understood or cannot work.
type Problem struct {
	LinkID   string // of the item, or "" for the form
	Code     string // extension, type, expression, cycle, duplicate, target, operator, set, structure, unsupported
	Severity Severity
	Text     string
}

// String returns the problem in one line.
func (p Problem) String() string {
	where := p.LinkID
	if where == "" {
		where = "(form)"
	}
	return fmt.Sprintf("%s %s: %s: %s", p.Severity, where, p.Code, p.Text)
}

func (f *Form) problem(i *Item, s Severity, code, format string, args ...any) {
	p := Problem{Code: code, Severity: s, Text: fmt.Sprintf(format, args...)}
	if i != nil {
		p.LinkID = i.LinkID
	}
	f.problems = append(f.problems, p)
}

func invalid(format string, args ...any) error {
	return errs.E(errs.Invalid, "form: "+format, args...)
}
