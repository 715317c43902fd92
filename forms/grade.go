package forms

import (
	"math"
	"strings"
	"unicode"
)

// Grade returns about how many years of school a reader needs for a text, 0 for
// the easiest and rarely above 18. Rapport's own texts keep below 8.
//
//   - en: the Flesch–Kincaid grade level (Kincaid et al. 1975).
//   - es: Fernández-Huerta's reading ease (1959, with the number of words in a
//     sentence as Law 2011 corrected it), turned into years by its own table; the
//     INFLESZ bands (Barrio-Cantalejo et al. 2008) agree within a band.
//   - fr: Kandel and Moles's reading ease (1958), by Flesch's table.
//
// Such a formula counts syllables and words and understands nothing: it is a
// hint. It was made for pages, and one long word would make a short question
// look hard: a text of less than 12 words counts as filled up with plain ones.
// Another language counts as English.
func Grade(lang, text string) float64 {
	lang = short(lang)
	if plain[lang] == 0 {
		lang = "en"
	}
	words, sentences, syllables := count(lang, text)
	if words == 0 {
		return 0
	}
	perWord := float64(syllables) / float64(words)
	if words < page { // the rest of the page is plain
		perWord = (float64(syllables) + plain[lang]*float64(page-words)) / page
	}
	perSentence := float64(words) / float64(sentences)
	switch lang {
	case "es":
		return years(206.84-60*perWord-1.02*perSentence, huerta)
	case "fr":
		return years(207-1.015*perSentence-73.6*perWord, flesch)
	}
	return math.Max(0, 0.39*perSentence+11.8*perWord-15.59)
}

// page is how many words a text has before its own syllables alone count; plain
// is how many syllables a word of everyday text has.
const page = 12

var plain = map[string]float64{"en": 1.3, "es": 1.9, "fr": 1.45}

// band is a reading ease and the years of school that go with it.
type band struct{ ease, years float64 }

var (
	huerta = []band{{120, 0}, {95, 4}, {85, 5}, {75, 6}, {65, 7.5}, {55, 10}, {40, 13}, {15, 16}, {-30, 20}}
	flesch = []band{{120, 0}, {95, 5}, {85, 6}, {75, 7}, {65, 8.5}, {55, 11}, {40, 14}, {15, 17}, {-30, 20}}
)

// years reads a table of bands, straight lines between its rows.
func years(ease float64, table []band) float64 {
	ease = min(ease, table[0].ease)
	for i, row := range table[:len(table)-1] {
		if next := table[i+1]; ease >= next.ease {
			return row.years + (row.ease-ease)/(row.ease-next.ease)*(next.years-row.years)
		}
	}
	return table[len(table)-1].years
}

// count returns the words, sentences and syllables of a text; a hole {{…}} is
// one short word, a number is read as one word of two syllables.
func count(lang, text string) (words, sentences, syllables int) {
	text = fill(text)
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".!?:;\n", r) }) {
		n := 0
		for _, w := range strings.FieldsFunc(s, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '’' && r != '\''
		}) {
			w = strings.Trim(strings.ToLower(w), "-’'")
			if w == "" {
				continue
			}
			n++
			syllables += max(1, syllablesOf(lang, w))
		}
		if n > 0 {
			words += n
			sentences++
		}
	}
	return words, sentences, syllables
}

func fill(text string) string {
	for {
		a := strings.Index(text, "{{")
		if a < 0 {
			return text
		}
		b := strings.Index(text[a:], "}}")
		if b < 0 {
			return text[:a]
		}
		text = text[:a] + "it" + text[a+b+2:]
	}
}

func syllablesOf(lang, w string) int {
	if unicode.IsDigit([]rune(w)[0]) {
		return 2
	}
	switch lang {
	case "es":
		return spanish(w)
	case "fr":
		return french(w)
	}
	return english(w)
}

// groups counts runs of vowels.
func groups(w, vowels string) int {
	n, inside := 0, false
	for _, r := range w {
		v := strings.ContainsRune(vowels, r)
		if v && !inside {
			n++
		}
		inside = v
	}
	return n
}

func english(w string) int {
	n := groups(w, "aeiouyáéíóúèêïö")
	switch {
	case strings.HasSuffix(w, "le") && len(w) > 3 && !strings.ContainsRune("aeiouy", rune(w[len(w)-3])):
	case strings.HasSuffix(w, "ed") && len(w) > 3 && !strings.HasSuffix(w, "ted") && !strings.HasSuffix(w, "ded"):
		n--
	case strings.HasSuffix(w, "e") && !strings.HasSuffix(w, "ee"):
		n--
	case strings.HasSuffix(w, "es") && len(w) > 3 && !strings.HasSuffix(w, "ses") && !strings.HasSuffix(w, "ces") && !strings.HasSuffix(w, "ges") && !strings.HasSuffix(w, "ches") && !strings.HasSuffix(w, "shes"):
		n--
	}
	for _, two := range []string{"ia", "io", "iety", "ua", "eo", "uie"} {
		if strings.Contains(w, two) && !strings.Contains(w, "tio") && !strings.Contains(w, "sio") && !strings.Contains(w, "cia") && !strings.Contains(w, "qu") && !strings.Contains(w, "gua") && !strings.Contains(w, "people") {
			n++
			break
		}
	}
	return n
}

// spanish counts a vowel group as one, two when strong vowels or an accented
// weak one meet (le-er, dí-a).
func spanish(w string) int {
	w = strings.NewReplacer("qu", "q", "gue", "ge", "gui", "gi").Replace(w)
	n := 0
	var last rune
	for _, r := range w {
		if strings.ContainsRune("aeiouáéíóúü", r) {
			strong := strings.ContainsRune("aeoáéíóú", r)
			if last == 0 || strong && strings.ContainsRune("aeoáéíóú", last) {
				n++
			}
			last = r
			continue
		}
		last = 0
	}
	return n
}

// french counts no silent e at the end, no -es, and nothing for a word that lost
// its vowel (l’, qu’).
func french(w string) int {
	if i := strings.LastIndexAny(w, "’'"); i >= 0 {
		w = strings.TrimLeft(w[i:], "’'")
	}
	n := groups(strings.TrimPrefix(w, "qu"), "aeiouyàâäéèêëîïôöùûüœæ")
	if strings.HasPrefix(w, "qu") && n == 0 {
		n = 1
	}
	bare := strings.TrimSuffix(w, "s")
	if n > 1 && strings.HasSuffix(bare, "e") && !strings.HasSuffix(bare, "ie") && !strings.HasSuffix(bare, "ue") {
		n--
	}
	return n
}
