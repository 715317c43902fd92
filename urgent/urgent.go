// Package urgent marks words in what a client wrote that a person should look at soon: a
// hint for whoever reads, in English, French and Spanish at once, because people write in
// the language they are afraid in.
//
// It refuses to decide anything. Nobody is answered by it, nothing is sorted by it, and
// what it does not mark is not thereby harmless: "no chest pain" is marked as "chest
// pain" is, and a person reads which it was.
package urgent

import (
	"embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Span is a part of a text, by bytes, and the words it was found by.
type Span struct {
	From, To int
	Word     string
}

//go:embed words/*.txt
var files embed.FS

// phrase is words that are told together. Of a phrase that is apart, each word may stand
// anywhere in the sentence; else they follow each other, with a few between.
type phrase struct {
	stems []stem
	apart bool
}

// stem is a word, or how it begins.
type stem struct {
	text string
	open bool // more may follow
}

// between is how many other words may stand between two of a phrase: "pain in my chest".
const between = 3

// all is every phrase, by the first letters of its first word, so that a word of a text
// meets few of them.
var all = load()

func load() map[string][]phrase {
	out := map[string][]phrase{}
	for _, name := range []string{"en", "es", "fr"} {
		b, err := files.ReadFile("words/" + name + ".txt")
		if err != nil {
			panic(err) // it is built in
		}
		for line := range strings.Lines(string(b)) {
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			p := phrase{apart: strings.Contains(line, "&")}
			for w := range strings.FieldsSeq(strings.ReplaceAll(line, "&", " ")) {
				s, open := strings.CutSuffix(w, "*")
				p.stems = append(p.stems, stem{fold(s), open})
			}
			out[p.stems[0].text[:2]] = append(out[p.stems[0].text[:2]], p)
		}
	}
	return out
}

// fold writes a word in small letters without marks.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// word is a word of a text.
type word struct {
	from, to int
	text     string
	sentence int
}

// wordsMost bounds how many words are looked at; a message has at most ten thousand
// characters.
const wordsMost = 20_000

func split(text string) []word {
	var out []word
	sentence, from := 0, -1
	end := func(to int) {
		if from >= 0 && len(out) < wordsMost {
			out = append(out, word{from, to, fold(text[from:to]), sentence})
		}
		from = -1
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			if from < 0 {
				from = i
			}
		default:
			end(i)
			if strings.ContainsRune(".!?…\n", r) {
				sentence++
			}
		}
	}
	end(len(text))
	return out
}

func (s stem) is(w string) bool {
	return w == s.text || s.open && strings.HasPrefix(w, s.text)
}

// Find returns what to mark in a text, in order, none within another.
func Find(text string) []Span {
	ws := split(text)
	first := map[int]int{} // of a sentence
	for i, w := range ws {
		if _, ok := first[w.sentence]; !ok {
			first[w.sentence] = i
		}
	}
	marked := map[int]bool{}
	for i, w := range ws {
		if len(w.text) < 2 || !utf8.ValidString(w.text[:2]) {
			continue
		}
		for _, p := range all[w.text[:2]] {
			if p.stems[0].is(w.text) {
				p.mark(ws, i, first[w.sentence], marked)
			}
		}
	}
	var out []Span
	for _, i := range slices.Sorted(mapKeys(marked)) {
		w := ws[i]
		out = append(out, Span{w.from, w.to, strings.ToLower(text[w.from:w.to])})
	}
	return out
}

func mapKeys(m map[int]bool) func(func(int) bool) {
	return func(yield func(int) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// sentenceMost is how many words of one sentence are looked through for a phrase that is
// apart.
const sentenceMost = 60

// mark marks the words of a phrase that begins at one.
func (p phrase) mark(ws []word, at, start int, marked map[int]bool) {
	found := []int{at}
	last := at
	for _, s := range p.stems[1:] {
		from, to := last+1, min(last+2+between, len(ws))
		if p.apart {
			from, to = max(start, at-sentenceMost), min(at+sentenceMost, len(ws))
		}
		hit := -1
		for i := from; i < to && ws[i].sentence <= ws[at].sentence; i++ {
			if ws[i].sentence == ws[at].sentence && s.is(ws[i].text) {
				hit = i
				break
			}
		}
		if hit < 0 {
			return
		}
		found, last = append(found, hit), hit
	}
	for _, i := range found {
		marked[i] = true
	}
}
