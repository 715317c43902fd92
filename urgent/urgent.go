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
	"strings"
	"unicode"

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
// anywhere near in the sentence; else they follow each other, with a few between.
type phrase struct {
	slots []slot
	apart bool
	line  string // as it is written down
}

// slot is one place of a phrase: the words that may stand there.
type slot struct {
	stems []stem
	next  bool // directly after the one before
}

// stem is a word, or how it begins.
type stem struct {
	text string
	open bool // more may follow
}

// between is how many other words may stand between two of a phrase: "pain in my chest".
// near is how far two words of a phrase may be apart in a sentence.
const (
	between = 3
	near    = 20
)

// all is every phrase, by the first letters of the words it can begin with, so that a
// word of a text meets few of them.
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
			p := read(line)
			seen := map[string]bool{}
			for _, s := range p.slots[0].stems {
				if k := key(s.text); !seen[k] {
					seen[k] = true
					out[k] = append(out[k], p)
				}
			}
		}
	}
	return out
}

// read reads a phrase as words/en.txt says it is written.
func read(line string) phrase {
	p := phrase{apart: strings.Contains(line, "&"), line: line}
	for field := range strings.FieldsSeq(strings.ReplaceAll(line, "&", " ")) {
		for i, part := range strings.Split(field, "+") {
			s := slot{next: i > 0}
			for _, w := range strings.Split(part, "|") {
				text, open := strings.CutSuffix(w, "*")
				s.stems = append(s.stems, stem{fold(text), open})
			}
			p.slots = append(p.slots, s)
		}
	}
	return p
}

// key is the first letters of a word that was folded.
func key(s string) string { return s[:min(2, len(s))] }

// ligatures are letters that are two.
var ligatures = strings.NewReplacer("œ", "oe", "Œ", "oe", "æ", "ae", "Æ", "ae")

// fold writes a word in small letters without marks.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(ligatures.Replace(s)) {
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

func split(text string) []word {
	var out []word
	sentence, from := 0, -1
	end := func(to int) {
		if from >= 0 {
			out = append(out, word{from, to, fold(text[from:to]), sentence})
		}
		from = -1
	}
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) {
			if from < 0 {
				from = i
			}
			continue
		}
		end(i)
		if ends(r, text[i:]) {
			sentence++
		}
	}
	end(len(text))
	return out
}

// ends reports that a sentence ends with a rune, with which rest begins: "38.5" goes on.
func ends(r rune, rest string) bool {
	if r == '.' {
		return len(rest) == 1 || rest[1] < '0' || rest[1] > '9'
	}
	return strings.ContainsRune("!?;…\n", r)
}

func (s slot) is(w string) bool {
	for _, t := range s.stems {
		if w == t.text || t.open && strings.HasPrefix(w, t.text) {
			return true
		}
	}
	return false
}

// Find returns what to mark in a text, in order, none within another. It takes time as
// the text is long: from each word it looks at a bounded number of others.
func Find(text string) []Span {
	out, _ := find(text)
	return out
}

// find also counts how often it looked at a word.
func find(text string) (out []Span, looks int) {
	ws := split(text)
	marked := make([]bool, len(ws))
	for i, w := range ws {
		for _, p := range all[key(w.text)] {
			if p.slots[0].is(w.text) {
				looks += p.mark(ws, i, marked)
			}
			looks++
		}
	}
	for i, w := range ws {
		if marked[i] {
			out = append(out, Span{w.from, w.to, strings.ToLower(text[w.from:w.to])})
		}
	}
	return out, looks
}

// mark marks the words of a phrase that begins at one, and returns at how many it looked.
func (p phrase) mark(ws []word, at int, marked []bool) (looks int) {
	found := []int{at}
	last := at
	for _, s := range p.slots[1:] {
		from, to := last+1, min(last+2+between, len(ws))
		switch {
		case s.next:
			to = min(last+2, len(ws))
		case p.apart:
			from, to = max(0, at-near), min(at+near+1, len(ws))
		}
		hit := false
		for i := from; i < to; i++ {
			looks++
			if i == at || ws[i].sentence != ws[at].sentence || !s.is(ws[i].text) {
				continue
			}
			found, last, hit = append(found, i), i, true
			if !p.apart {
				break // the nearest; of a phrase that is apart, all of them
			}
		}
		if !hit {
			return looks
		}
	}
	for _, i := range found {
		marked[i] = true
	}
	return looks
}
