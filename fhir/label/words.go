package label

import (
	"strings"
	"unicode/utf8"
)

// lexicon is the phrases that are told from words, in several languages at once.
type lexicon struct {
	phrases []phrase
	begins  [1 << 15 / 64]uint64 // the first three letters of words that begin one
	by      map[uint16][]phrase  // by those letters
	longest int                  // in words
}

// phrase is words that follow each other. One that lies nowhere is innocent: its words
// count for no other phrase.
type phrase struct {
	slots []slot
	set   Set
}

// slot is the words that may stand at a place.
type slot []stem

// stem is a word, or how it begins.
type stem struct {
	text string
	open bool
}

const (
	atOnce     = 64 // words looked at together
	mostWords  = 6  // of a phrase
	mostLetter = 24 // of a word; what is longer is told by how it begins
)

// readPhrase reads "genital herpes|wart*": words in their order, | for either, * for any
// word that begins so.
func readPhrase(fields []string, set Set) (phrase, bool) {
	p := phrase{set: set}
	for _, f := range fields {
		var s slot
		for w := range strings.SplitSeq(f, "|") {
			text, open := strings.CutSuffix(w, "*")
			text = string(fold(nil, text))
			if text == "" || len(text) > mostLetter || open && len(text) < 3 {
				return p, false
			}
			s = append(s, stem{text, open})
		}
		p.slots = append(p.slots, s)
	}
	return p, len(p.slots) <= mostWords
}

func (x *lexicon) index() {
	x.by, x.longest = map[uint16][]phrase{}, 1
	for _, p := range x.phrases {
		x.longest = max(x.longest, len(p.slots))
		seen := map[uint16]bool{}
		for _, s := range p.slots[0] {
			k := key([]byte(s.text))
			if !seen[k] {
				seen[k] = true
				x.begins[k/64] |= 1 << (k % 64)
				x.by[k] = append(x.by[k], p)
			}
		}
	}
}

// key is the first three letters of a word, or letters like them.
func key(w []byte) uint16 {
	switch len(w) {
	case 1:
		return uint16(w[0]&31) << 10
	case 2:
		return uint16(w[0]&31)<<10 | uint16(w[1]&31)<<5
	}
	return uint16(w[0]&31)<<10 | uint16(w[1]&31)<<5 | uint16(w[2]&31)
}

func (x *lexicon) may(k uint16) bool { return x.begins[k/64]>>(k%64)&1 != 0 }

// part says of a byte that it is in a word: 1; that its rune must be looked at, which the
// quick look leaves to the careful one: 2.
var part = func() (t [256]byte) {
	for c := range t {
		switch {
		case c >= 0x80:
			t[c] = 2
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			t[c] = 1
		}
	}
	return t
}()

// touches reports that a word of a text may begin a phrase. Most texts end here.
func (x *lexicon) touches(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if part[text[i]] == 0 {
			continue
		}
		from := i
		for i < len(text) && part[text[i]] == 1 {
			i++
		}
		if i < len(text) && part[text[i]] == 2 || x.may(key(text[from:i])) {
			return true
		}
	}
	return false
}

// reading is some words of a text.
type reading struct {
	letters [atOnce * mostLetter]byte
	words   [atOnce]struct{ from, to uint16 }
	n       int
}

func (r *reading) word(i int) []byte { return r.letters[r.words[i].from:r.words[i].to] }

// find returns where the words of a text lie. It takes time as the text is long.
func (x *lexicon) find(text []byte) Set {
	if !x.touches(text) {
		return 0
	}
	return x.look(text)
}

func (x *lexicon) look(text []byte) (s Set) {
	var r reading
	var room [mostLetter]byte
	for len(text) > 0 {
		var w []byte
		w, text = next(room[:0], text)
		if len(w) == 0 {
			continue
		}
		if r.n == atOnce {
			s |= x.match(&r)
			r.keep(x.longest - 1)
		}
		from := r.n * mostLetter
		copy(r.letters[from:], w)
		r.words[r.n].from, r.words[r.n].to = uint16(from), uint16(from+len(w)) //nolint:gosec // 64 × 24
		r.n++
	}
	return s | x.match(&r)
}

// keep keeps the last words, with which a phrase may begin that goes on.
func (r *reading) keep(last int) {
	for i := range last {
		w := r.word(r.n - last + i)
		from := i * mostLetter
		n := copy(r.letters[from:from+mostLetter], w)
		r.words[i].from, r.words[i].to = uint16(from), uint16(from+n) //nolint:gosec // 64 × 24
	}
	r.n = last
}

// match returns where the phrases in the words lie, but for words of innocent ones.
func (x *lexicon) match(r *reading) (s Set) {
	var innocent uint64
	for pass := range 2 {
		for i := range r.n {
			w := r.word(i)
			if !x.may(key(w)) {
				continue
			}
			for _, p := range x.by[key(w)] {
				if (p.set == 0) != (pass == 0) || p.set != 0 && s&p.set == p.set || !p.at(r, i) {
					continue
				}
				if these := (uint64(1)<<len(p.slots) - 1) << i; p.set == 0 {
					innocent |= these
				} else if innocent&these == 0 {
					s |= p.set
				}
			}
		}
	}
	return s
}

// at reports that a phrase stands at a word.
func (p *phrase) at(r *reading, i int) bool {
	if i+len(p.slots) > r.n {
		return false
	}
	for j, s := range p.slots {
		if !s.is(r.word(i + j)) {
			return false
		}
	}
	return true
}

func (s slot) is(w []byte) bool {
	for _, t := range s {
		if len(w) >= len(t.text) && string(w[:len(t.text)]) == t.text && (t.open || len(w) == len(t.text)) {
			return true
		}
	}
	return false
}

// next appends the next word of a text to dst, in small letters without marks, and
// returns what follows. A word that is too long is cut.
func next(dst, text []byte) (word, rest []byte) {
	for len(text) > 0 {
		c, n := rune(text[0]), 1
		if c >= utf8.RuneSelf {
			c, n = utf8.DecodeRune(text)
		}
		text = text[n:]
		a, b := letter(c)
		switch {
		case a == mark:
			continue
		case a == 0 && len(dst) > 0:
			return dst, text
		case a == 0:
			continue
		}
		if len(dst) < cap(dst) {
			dst = append(dst, a)
		}
		if b != 0 && len(dst) < cap(dst) {
			dst = append(dst, b)
		}
	}
	return dst, nil
}

// fold appends a word in small letters without marks.
func fold(dst []byte, word string) []byte {
	for _, c := range word {
		if a, b := letter(c); a != 0 && a != mark {
			if dst = append(dst, a); b != 0 {
				dst = append(dst, b)
			}
		}
	}
	return dst
}

// mark stands for what changes the letter before it.
const mark = 1

// latin is Latin-1's letters from À on without their marks.
const latin = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty"

// letter returns what a rune is in a word: one or two small letters or a digit, a mark, or
// 0 for what is in no word.
func letter(c rune) (a, b byte) {
	switch {
	case c < utf8.RuneSelf:
		if part[c] == 0 {
			return 0, 0
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		return byte(c), 0
	case c == 'Æ' || c == 'æ':
		return 'a', 'e'
	case c == 'Œ' || c == 'œ':
		return 'o', 'e'
	case c == 'ß':
		return 's', 's'
	case c >= 0xc0 && c <= 0xff && latin[c-0xc0] != ' ':
		return latin[c-0xc0], 0
	case c >= 0x300 && c <= 0x36f || c == 0xad || c == 0x200b || c == 0x200d:
		return mark, 0
	}
	return 0, 0
}
