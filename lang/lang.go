// Package lang says everything a person reads, in English, Spanish and French.
// Every text is a key in catalog/*.json with all its languages side by side;
// cmd/words turns the keys into methods of Printer, so that a missing text is a
// build failure and never an empty space on a page. It refuses HTML: texts are
// plain, and templates escape them.
package lang

import (
	"strings"

	"golang.org/x/text/language"
)

//go:generate go run rapport/cmd/words

// Tag is a language this program speaks. The zero Tag is English, because some
// page must be shown to a visitor who speaks none of the three.
type Tag uint8

// The languages, in the order of the catalog's columns.
const (
	English Tag = iota
	Spanish
	French
	tags
)

var codes = [tags]string{"en", "es", "fr"}
var names = [tags]string{"English", "Español", "Français"}

// All returns every language, English first.
func All() []Tag { return []Tag{English, Spanish, French} }

// String returns the BCP 47 code.
func (t Tag) String() string { return codes[t%tags] }

// Name returns the language's name in itself.
func (t Tag) Name() string { return names[t%tags] }

// Parse returns the Tag of a BCP 47 code such as "es" or "fr-CA".
func Parse(code string) (Tag, bool) {
	base, _, _ := strings.Cut(strings.ToLower(code), "-")
	for i, c := range codes {
		if c == base {
			return Tag(i), true
		}
	}
	return English, false
}

// Match picks the best of the offered languages for an Accept-Language header;
// the first offered one if none fits.
func Match(accept string, offered []Tag) Tag {
	if len(offered) == 0 {
		return English
	}
	have := make([]language.Tag, len(offered))
	for i, t := range offered {
		have[i] = language.Make(t.String())
	}
	_, i := language.MatchStrings(language.NewMatcher(have), accept)
	return offered[i]
}

// Word is what a practice calls the people it cares for.
type Word uint8

// The words a practice can choose from. The zero Word is "client".
const (
	WordClient Word = iota
	WordPatient
	WordMember
	words
)

var wordCodes = [words]string{"client", "patient", "member"}

// String returns the word's code, which is also its English singular.
func (w Word) String() string { return wordCodes[w%words] }

// ParseWord returns the Word with the given code.
func ParseWord(code string) (Word, bool) {
	for i, c := range wordCodes {
		if c == code {
			return Word(i), true
		}
	}
	return WordClient, false
}

// Words returns every Word.
func Words() []Word { return []Word{WordClient, WordPatient, WordMember} }

// Printer speaks one language with one practice's word for client. The zero
// Printer speaks English and says "client".
type Printer struct {
	tag  Tag
	word Word
}

// New returns a Printer.
func New(t Tag, w Word) Printer { return Printer{t % tags, w % words} }

// Tag returns the language spoken.
func (p Printer) Tag() Tag { return p.tag }

// Client returns the practice's word for one person it cares for, lowercase.
func (p Printer) Client() string {
	switch p.word {
	case WordPatient:
		return p.WordPatientOne()
	case WordMember:
		return p.WordMemberOne()
	}
	return p.WordClientOne()
}

// Clients returns the practice's word for the people it cares for, lowercase.
func (p Printer) Clients() string {
	switch p.word {
	case WordPatient:
		return p.WordPatientMany()
	case WordMember:
		return p.WordMemberMany()
	}
	return p.WordClientMany()
}

// Upper returns s with its first letter in upper case, as at the start of a
// sentence.
func Upper(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}

// fill puts args, alternately names and values, into the braces of a text.
func fill(s string, args ...string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			break
		}
		j := strings.IndexByte(s[i:], '}')
		if j < 0 {
			break
		}
		b.WriteString(s[:i])
		name := s[i+1 : i+j]
		for k := 0; k+1 < len(args); k += 2 {
			if args[k] == name {
				b.WriteString(args[k+1])
				break
			}
		}
		s = s[i+j+1:]
	}
	b.WriteString(s)
	return b.String()
}

// plural says whether n takes the singular: CLDR cardinal rules for the three
// languages, without the "many" class, which begins at a million.
func (p Printer) singular(n int) bool {
	if p.tag == French {
		return n == 0 || n == 1
	}
	return n == 1
}
