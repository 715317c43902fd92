package alike

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// face is a person as they are compared: folded, split and without what says
// nothing.
type face struct {
	given, family []string
	birth         date
	house         []string // the words of the street with digits in them
	street        []string // the other words
	city          string
	postcode      string
	phones, mails []string
	numbers       []number
}

type number struct{ system, value string }

// maxList is how many phones, mails, numbers and words of a person are looked at,
// maxText how many bytes of a text, and maxWord how many characters of a word are
// compared for slips: more is not somebody's.
const (
	maxList = 12
	maxText = 256
	maxWord = 64
)

func look(p Person) face {
	f := face{given: words(p.Given), family: words(p.Family), birth: readDate(p.Birth), city: squeeze(p.City), postcode: squeeze(p.Postcode)}
	f.given = named(f.given)
	for _, w := range words(p.Street) {
		if strings.ContainsAny(w, "0123456789") {
			f.house = append(f.house, w)
		} else if long, ok := longer[w]; ok {
			f.street = append(f.street, long)
		} else {
			f.street = append(f.street, w)
		}
	}
	for _, t := range p.Phones[:min(len(p.Phones), maxList)] {
		if d := digits(t); telling(d, 7) {
			f.phones = append(f.phones, d)
		}
	}
	for _, t := range p.Mails[:min(len(p.Mails), maxList)] {
		if m := strings.TrimSpace(fold(t)); strings.Contains(m, "@") {
			f.mails = append(f.mails, m)
		}
	}
	for _, t := range p.Numbers[:min(len(p.Numbers), maxList)] {
		system, value, _ := strings.Cut(t, "|")
		if v := squeeze(value); system != "" && telling(v, 1) {
			f.numbers = append(f.numbers, number{system, v})
		}
	}
	return f
}

// telling reports whether a number is one: 000-00-0000 and 99999 stand for none.
func telling(s string, least int) bool {
	return len(s) >= least && (strings.Trim(s, s[:1]) != "" || s[0] != '0' && len(s) < 5)
}

// unnamed are words that stand where a child has no name yet. They are no name.
var unnamed = map[string]bool{"baby": true, "bebe": true, "newborn": true, "infant": true, "twin": true, "unknown": true}

func named(ws []string) []string {
	out := ws[:0]
	for _, w := range ws {
		if !unnamed[w] {
			out = append(out, w)
		}
	}
	return out
}

// longer are words of streets as they are often shortened.
var longer = map[string]string{
	"st": "street", "rd": "road", "ave": "avenue", "av": "avenue", "dr": "drive", "ln": "lane", "ct": "court", "pl": "place", "cres": "crescent",
	"cct": "circuit", "blvd": "boulevard", "bd": "boulevard", "tce": "terrace", "sq": "square", "hwy": "highway", "cl": "close", "apt": "apartment", "c": "calle",
}

// plainer are the letters with no marks to take off, as they are typed on a
// keyboard that lacks them. It is the list of record's finder.
var plainer = map[rune]string{'ß': "ss", 'ø': "o", 'ł': "l", 'æ': "ae", 'œ': "oe", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i"}

// fold writes a text without case and marks, as record's finder does: "Étienne"
// becomes "etienne". Of a long text it folds the beginning.
func fold(s string) string {
	for len(s) > maxText {
		_, n := utf8.DecodeLastRuneInString(s[:maxText])
		s = s[:maxText-n]
	}
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] < utf8.RuneSelf
	}
	if plain {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		if p, ok := plainer[r]; ok {
			b.WriteString(p)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r)
}

// words parts a text into folded words, the first of them.
func words(s string) []string {
	ws := strings.FieldsFunc(fold(s), func(r rune) bool { return !wordRune(r) })
	return ws[:min(len(ws), maxList)]
}

// squeeze folds a text and leaves only its letters and digits.
func squeeze(s string) string {
	s = fold(s)
	return keep(s, wordRune)
}

func digits(s string) string {
	return keep(s, func(r rune) bool { return r >= '0' && r <= '9' })
}

// keep returns s with only some of its characters, at most maxText bytes.
func keep(s string, which func(rune) bool) string {
	for i, r := range s {
		if which(r) && i < maxText {
			continue
		}
		out := []byte(s[:i])
		for _, r := range s[i:] {
			if which(r) && len(out) < maxText {
				out = utf8.AppendRune(out, r)
			}
		}
		return string(out)
	}
	return s
}

// slips returns the least number of slips (a letter more, less, wrong, or two
// beside each other exchanged) that part a from b, or more than most.
func slips(a, b string, most int) int {
	var x, y [maxWord]rune
	s, l := runes(&x, a), runes(&y, b)
	if len(s) > len(l) {
		s, l = l, s
	}
	if len(l)-len(s) > most {
		return most + 1
	}
	return distance(s, l, most)
}

func runes(to *[maxWord]rune, s string) []rune {
	n := 0
	for _, r := range s {
		if n == maxWord {
			break
		}
		to[n] = r
		n++
	}
	return to[:n]
}

// distance is the restricted edit distance within a band of most on each side of
// the diagonal. a is not longer than b.
func distance(a, b []rune, most int) int {
	var r0, r1, r2 [maxWord + 1]int
	older, old, row := &r0, &r1, &r2
	for j := 0; j <= len(b); j++ {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		from, to := max(1, i-most), min(len(b), i+most)
		row[from-1] = most + 1
		if from == 1 {
			row[0] = i
		}
		if to == i+most {
			old[to] = most + 1 // outside the band of the row before
		}
		least := row[from-1]
		for j := from; j <= to; j++ {
			d := old[j-1]
			if a[i-1] != b[j-1] {
				d++
			}
			d = min(d, old[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, older[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > most {
			return most + 1
		}
		older, old, row = old, row, older
	}
	return min(old[len(b)], most+1)
}
