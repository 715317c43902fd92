package forms

import (
	"errors"
	"strings"

	"rapport/errs"
	"rapport/fhir/form"
	library "rapport/forms"
	"rapport/lang"
)

// hintKind says what there is to say about a text.
type hintKind uint8

const (
	hard    hintKind = iota + 1 // it needs more than eight years of school
	shaming                     // a word may put somebody to shame
	missing                     // it is not there in a language
)

// hint is one thing to look at in a text. None of them keeps anybody from publishing.
type hint struct {
	Kind  hintKind
	Tag   lang.Tag
	Text  string // the text, or its beginning
	Word  string // what may shame
	Item  int    // the item it is in; -1 for the form itself
	Place string // the element of a plan template it is in
}

// gradeMost is how many years of school a text may need, as Rapport's own do.
const gradeMost = 8

// judge says what there is to look at in one text.
func judge(t texts, base string, in []lang.Tag) []hint {
	if !t.any() {
		return nil
	}
	var out []hint
	for _, l := range in {
		s := t[l.String()]
		if s == "" {
			out = append(out, hint{Kind: missing, Tag: l, Text: short(t.in(base, base), 80), Item: -1})
			continue
		}
		s = unholed(s)
		if library.Grade(l.String(), s) > gradeMost {
			out = append(out, hint{Kind: hard, Tag: l, Text: short(s, 80), Item: -1})
		}
		for _, word := range library.Words(l.String(), s) {
			out = append(out, hint{Kind: shaming, Tag: l, Text: short(s, 80), Word: word, Item: -1})
		}
	}
	return out
}

// unholed is a text with a plain word for each hole.
func unholed(s string) string {
	for {
		i := strings.Index(s, "{{")
		j := strings.Index(s, "}}")
		if i < 0 || j < i {
			return s
		}
		s = s[:i] + "8" + s[j+2:]
	}
}

// say says a hint in words.
func (h hint) say(p lang.Printer) string {
	switch h.Kind {
	case hard:
		return p.BuilderHintHard(h.Tag.Name())
	case shaming:
		return p.BuilderHintShame(h.Tag.Name(), h.Word)
	}
	return p.BuilderHintMissing(h.Tag.Name())
}

// itemTexts are the texts of an item that somebody reads.
func itemTexts(item *tree, base string) []texts {
	out := []texts{readTexts(item, "text", base)}
	for _, o := range item.each("answerOption") {
		if x := readOption(o, base); x.Kind == "Coding" || x.Kind == "String" {
			out = append(out, x.Text)
		}
	}
	if a := readAlarm(item, base); a.Text.any() {
		out = append(out, a.Text)
	}
	return out
}

// itemHints are the hints about one item. The wording of an instrument is not ours to
// judge; whether it is there in a language is.
func itemHints(item *tree, number int, base string, in []lang.Tag) []hint {
	if extText(item, hiddenURL) == "true" {
		return nil
	}
	official := ext(item, officialURL) != nil
	var out []hint
	for _, t := range itemTexts(item, base) {
		for _, h := range judge(t, base, in) {
			if official && h.Kind != missing {
				continue
			}
			h.Item = number
			out = append(out, h)
		}
	}
	return out
}

// formHints are all hints about a form.
func formHints(root *tree, in []lang.Tag) []hint {
	base := baseOf(root)
	var out []hint
	for _, name := range []string{"title", "purpose"} {
		out = append(out, judge(readTexts(root, name, base), base, in)...)
	}
	for _, s := range spots(root) {
		out = append(out, itemHints(s.item, s.number, base, in)...)
	}
	return out
}

// problems are what a form says in a way that cannot work, or is not understood.
func problems(f *form.Form, least form.Severity) []form.Problem {
	var out []form.Problem
	for _, p := range f.Problems() {
		if p.Severity >= least {
			out = append(out, p)
		}
	}
	return out
}

// reason is why something could not be read or kept, as the part that refused says it.
func reason(err error) string {
	var e *errs.Error
	s := err.Error()
	if errors.As(err, &e) && e.Err != nil {
		s = err.Error()
	}
	for _, p := range []string{"forms: ", "plan: template: ", "plan: ", "form: ", "fhir: ", "path: "} {
		s = strings.TrimPrefix(s, p)
	}
	return s
}
