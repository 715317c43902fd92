package plan

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"rapport/fhir"
	"rapport/fhir/path"
)

const (
	translationURL = "http://hl7.org/fhir/StructureDefinition/translation"
	maxHoleRunes   = 300
	maxHoleValues  = 10
)

// words are a text with holes, in the languages it is written in.
type words struct {
	base sentences
	in   map[string]sentences
}

// sentences are a text in one language, cut where a part of it may be left out.
type sentences []sentence

type sentence []piece

// piece is characters as they are, or a hole.
type piece struct {
	lit  string
	hole *expr
}

// pick returns a text in a language: es-MX, else es, else the base text.
func (w *words) pick(lang string) sentences {
	for w.in != nil && lang != "" {
		if s, ok := w.in[lang]; ok {
			return s
		}
		i := strings.LastIndexByte(lang, '-')
		if i < 0 {
			break
		}
		lang = lang[:i]
	}
	return w.base
}

// source writes a text with its holes as they were written.
func (w *words) source(lang string) string {
	if w == nil {
		return ""
	}
	var b strings.Builder
	for _, s := range w.pick(lang) {
		for _, p := range s {
			if p.hole != nil {
				b.WriteString("{{" + p.hole.String() + "}}")
			}
			b.WriteString(p.lit)
		}
	}
	return clean(b.String())
}

// cut finds the holes of a text. ok is false if one does not end.
func cut(s string) (out []struct{ lit, hole string }, ok bool) {
	for {
		i := strings.Index(s, "{{")
		if i < 0 {
			return append(out, struct{ lit, hole string }{lit: s}), true
		}
		n := holeEnd(s[i+2:])
		if n < 0 {
			return nil, false
		}
		out = append(out, struct{ lit, hole string }{s[:i], s[i+2 : i+2+n]})
		s = s[i+n+4:]
	}
}

// holeEnd returns where the }} of a hole is: not in quotes, and the last two of }}}.
func holeEnd(s string) int {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '`' || c == '"':
			quote = c
		case c == '}' && i+1 < len(s) && s[i+1] == '}' && (i+2 == len(s) || s[i+2] != '}'):
			return i
		}
	}
	return -1
}

// split cuts a run of pieces after every sentence.
func split(ps sentence) sentences {
	var out sentences
	var now sentence
	for _, p := range ps {
		if p.hole != nil {
			now = append(now, p)
			continue
		}
		rest := p.lit
		for {
			i := sentenceEnd(rest)
			if i < 0 {
				break
			}
			out = append(out, append(now, piece{lit: rest[:i]}))
			now, rest = nil, rest[i:]
		}
		if rest != "" {
			now = append(now, piece{lit: rest})
		}
	}
	if len(now) > 0 {
		out = append(out, now)
	}
	return out
}

// sentenceEnd returns where the next sentence begins, or -1.
func sentenceEnd(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] != '\n' && (i+1 >= len(s) || s[i+1] != ' ' && s[i+1] != '\n' || !strings.ContainsRune(".!?", rune(s[i]))) {
			continue
		}
		j := i + 1
		for j < len(s) && (s[j] == ' ' || s[j] == '\n') {
			j++
		}
		return j
	}
	return -1
}

// say fills the holes. A sentence with an empty one is left out; ok is false if that
// leaves nothing.
func (t *trial) say(w *words, at string) (text string, ok bool) {
	if w == nil {
		return "", true
	}
	var b strings.Builder
	for _, s := range w.pick(t.lang) {
		if said, ok := t.sentence(s, at); ok {
			b.WriteString(said)
		}
	}
	out := clean(b.String())
	return out, out != ""
}

func (t *trial) sentence(s sentence, at string) (string, bool) {
	if len(s) == 1 && s[0].hole == nil {
		return s[0].lit, true
	}
	var b strings.Builder
	for _, p := range s {
		if p.hole == nil {
			b.WriteString(p.lit)
			continue
		}
		said := t.shown(t.eval(p.hole, at))
		if said == "" {
			return "", false
		}
		b.WriteString(said)
	}
	return b.String(), true
}

// shown writes the values of a hole.
func (t *trial) shown(vs []path.Value) string {
	var b strings.Builder
	seen := map[string]bool{}
	for _, v := range vs {
		s := t.value(v)
		if s == "" || seen[s] {
			continue
		}
		if seen[s] = true; len(seen) > maxHoleValues {
			break
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s)
	}
	return b.String()
}

func (t *trial) value(v path.Value) string {
	if d, ok := v.Number(); ok {
		return t.number(d)
	}
	n, isNode := v.Node()
	switch typ := v.Type(); typ {
	case "Quantity", "Age", "Duration", "SimpleQuantity", "Count", "Distance":
		if isNode && n.Get("value").OK() {
			return strings.TrimSpace(n.Get("comparator").Str() + t.number(n.Get("value").Str()) + " " + unit(n))
		}
		return ""
	case "System.Quantity":
		num, u, _ := strings.Cut(v.Text(), " ")
		return strings.TrimSpace(t.number(num) + " " + strings.Trim(u, "'"))
	case "Coding":
		return short(translated(n.Get("display"), t.lang))
	case "CodeableConcept":
		if x := n.Get("text"); x.OK() {
			return short(translated(x, t.lang))
		}
		for c := range n.Each("coding") {
			if x := c.Get("display"); x.OK() {
				return short(translated(x, t.lang))
			}
		}
		return ""
	case "Reference":
		return short(n.Get("display").Str())
	case "date", "dateTime", "instant", "System.Date", "System.DateTime":
		if at, ok := fhir.ParseTime(v.Text()); ok && t.f.Date != nil {
			return clean(t.f.Date(at))
		}
	}
	return short(v.Text())
}

func (t *trial) number(digits string) string {
	digits = round(digits)
	if t.f.Number != nil {
		return clean(t.f.Number(digits))
	}
	return digits
}

// translated returns a text in a language, if it is translated.
func translated(n fhir.Node, lang string) string {
	for l := lang; l != ""; {
		if s, ok := translation(n, l); ok {
			return s
		}
		i := strings.LastIndexByte(l, '-')
		if i < 0 {
			break
		}
		l = l[:i]
	}
	return n.Str()
}

func translation(n fhir.Node, lang string) (string, bool) {
	for x := range n.Beside().Each("extension") {
		if x.Get("url").Str() != translationURL {
			continue
		}
		if s := subs(x); s["lang"].Str() == lang && s["content"].OK() {
			return s["content"].Str(), true
		}
	}
	return "", false
}

// short makes what somebody wrote fit into a sentence: on one line, and not longer
// than a paragraph.
func short(s string) string {
	s = clean(strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " "))
	if utf8.RuneCountInString(s) <= maxHoleRunes {
		return s
	}
	r := []rune(s)[:maxHoleRunes-1]
	return strings.TrimRightFunc(string(r), unicode.IsSpace) + "…"
}

// round writes a decimal with at most one digit after the point, a half away from
// zero. One that has no more than that stays as it is.
func round(digits string) string {
	whole, frac, ok := strings.Cut(digits, ".")
	if !ok || len(frac) <= 1 || strings.ContainsAny(digits, "eE") {
		return digits
	}
	n := []byte(whole + frac[:1])
	if frac[1] >= '5' {
		n = up(n)
	}
	whole, frac = string(n[:len(n)-1]), string(n[len(n)-1:])
	if frac != "0" {
		whole += "." + frac
	}
	if whole == "-0" {
		return "0"
	}
	return whole
}

// up adds one to the last digit of a number.
func up(n []byte) []byte {
	for i := len(n) - 1; i >= 0; i-- {
		switch {
		case n[i] < '0' || n[i] > '9': // a sign
			return append(append(append([]byte{}, n[:i+1]...), '1'), n[i+1:]...)
		case n[i] < '9':
			n[i]++
			return n
		}
		n[i] = '0'
	}
	return append([]byte{'1'}, n...)
}
