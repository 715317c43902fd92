package record

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"rapport/fhir"
)

// finder finds people by what somebody at a desk hears or reads: pieces of a
// name with a slip of the finger in it, a birth date, the end of a phone number.
type finder struct {
	words map[string][]*Card // folded name word → who has it
}

func newFinder() *finder { return &finder{words: map[string][]*Card{}} }

// fold writes a word without case and marks: "Étienne" becomes "etienne".
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		default:
			r = unicode.ToLower(r)
			if plain, ok := plainer[r]; ok {
				b.WriteString(plain)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// plainer are the letters with no marks to take off, as they are typed on a
// keyboard that lacks them.
var plainer = map[rune]string{'ß': "ss", 'ø': "o", 'ł': "l", 'æ': "ae", 'œ': "oe", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i"}

// split parts folded text into words. A vowel sign (Mc) is part of its word.
func split(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mc, r) })
}

func nameWords(c *Card) []string {
	ws := split(fold(strings.Join(append([]string{c.Name, c.Given, c.Family}, c.Others...), " ")))
	slices.Sort(ws)
	return slices.Compact(ws)
}

func (f *finder) add(c *Card) {
	for _, w := range nameWords(c) {
		f.words[w] = append(f.words[w], c)
	}
}

func (f *finder) drop(c *Card) {
	for _, w := range nameWords(c) {
		f.words[w] = slices.DeleteFunc(f.words[w], func(x *Card) bool { return x == c })
		if len(f.words[w]) == 0 {
			delete(f.words, w)
		}
	}
}

// score is how well somebody fits, the higher the better.
type score = int

// numeric reports that somebody typed a number or a date, not a name.
func numeric(t string) bool {
	return strings.ContainsAny(t, "0123456789") && !strings.ContainsFunc(t, unicode.IsLetter)
}

// terms parts a query into what must all fit: numbers as they are typed, and
// words as names are kept, so that "Smith-Jones" is two.
func terms(query string) []string {
	var out []string
	for _, t := range strings.Fields(query) {
		if numeric(t) {
			out = append(out, t)
		} else {
			out = append(out, split(fold(t))...)
		}
	}
	return out
}

// fits returns who fits every term, and how well.
func (f *finder) fits(all map[fhir.ClientID]*Card, terms []string) map[*Card]score {
	if len(terms) > 8 {
		return nil
	}
	var fits map[*Card]score
	for i, t := range terms {
		got := f.term(all, t)
		if i == 0 {
			fits = got
			continue
		}
		for c, s := range fits {
			if g, ok := got[c]; ok {
				fits[c] = s + g
			} else {
				delete(fits, c)
			}
		}
	}
	return fits
}

// find returns who fits every word of the query, best first.
func (f *finder) find(all map[fhir.ClientID]*Card, query string, limit int) []Card {
	if len(query) > 200 || limit <= 0 {
		return nil
	}
	fits := f.fits(all, terms(query))
	if len(fits) == 0 && numeric(query) {
		fits = f.fits(all, []string{strings.TrimSpace(query)}) // a number or date written with spaces
	}
	out := make([]*Card, 0, len(fits))
	for c := range fits {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Card) int {
		return cmp.Or(fits[b]-fits[a], strings.Compare(fold(a.Family), fold(b.Family)), strings.Compare(fold(a.Given), fold(b.Given)), strings.Compare(string(a.Client), string(b.Client)))
	})
	if len(out) > limit {
		out = out[:limit]
	}
	cards := make([]Card, len(out))
	for i, c := range out {
		cards[i] = *c
	}
	return cards
}

func (f *finder) term(all map[fhir.ClientID]*Card, t string) map[*Card]score {
	if numeric(t) {
		return numbers(all, t)
	}
	out := map[*Card]score{}
	slips := 0
	if n := len([]rune(t)); n >= 8 {
		slips = 2
	} else if n >= 4 {
		slips = 1
	}
	for w, cs := range f.words {
		s := fit(t, w, slips)
		if s == 0 {
			continue
		}
		for _, c := range cs {
			out[c] = max(out[c], s)
		}
	}
	return out
}

// fit scores a query word against a name word: whole, beginning, or a slip away
// from its beginning.
func fit(t, w string, slips int) score {
	switch {
	case w == t:
		return 100
	case strings.HasPrefix(w, t):
		return 80
	case slips == 0:
		return 0
	}
	if d := slipsFrom([]rune(t), []rune(w), slips); d <= slips {
		return 60 - 15*d
	}
	return 0
}

// slipsFrom returns the least number of slips (a letter more, less, wrong, or two
// swapped) between t and some beginning of w, or more than most.
func slipsFrom(t, w []rune, most int) int {
	if len(w)+most < len(t) {
		return most + 1
	}
	w = w[:min(len(w), len(t)+most)]
	prev2, prev, row := make([]int, len(w)+1), make([]int, len(w)+1), make([]int, len(w)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(t); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(w); j++ {
			c := 1
			if t[i-1] == w[j-1] {
				c = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+c)
			if i > 1 && j > 1 && t[i-1] == w[j-2] && t[i-2] == w[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
		prev2, prev, row = prev, row, prev2
	}
	return slices.Min(prev)
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// numbers finds people by birth date (year first or day first) or by the digits
// of a phone number.
func numbers(all map[fhir.ClientID]*Card, t string) map[*Card]score {
	d := digits(t)
	dated := strings.ContainsAny(t, "-/. ") || len(d) == 8
	padded := pad(t)
	out := map[*Card]score{}
	for _, c := range all {
		birth := digits(c.Birth)
		dayFirst := ""
		if len(birth) == 8 {
			dayFirst = birth[6:] + birth[4:6] + birth[:4]
		}
		switch {
		case len(d) >= 4 && birth != "" && (birth == d || birth == padded), dated && dayFirst != "" && dayFirst == padded:
			out[c] = 100
		case len(d) >= 4 && (strings.HasPrefix(birth, d) || dated && strings.HasPrefix(birth, padded) || dated && dayFirst != "" && strings.HasPrefix(dayFirst, padded)):
			out[c] = 70
		case len(d) >= 4 && slices.ContainsFunc(c.Phones, func(p string) bool { return rings(digits(p), d) }):
			out[c] = 60
		}
	}
	return out
}

// rings reports that a phone number has these digits in it, or has them after
// its country code where they are typed with the 0 used at home.
func rings(phone, d string) bool {
	abroad := strings.TrimPrefix(d, "0")
	return strings.Contains(phone, d) || len(abroad) >= 4 && strings.Contains(phone, abroad)
}

// pad writes a typed date's digits with two for day and month: 4/3/1968 becomes
// 04031968.
func pad(t string) string {
	var b strings.Builder
	for _, f := range strings.FieldsFunc(t, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(f) == 1 {
			b.WriteByte('0')
		}
		b.WriteString(f)
	}
	return b.String()
}
