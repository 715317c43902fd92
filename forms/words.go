package forms

import (
	"slices"
	"strings"
	"unicode"
)

// shame lists, by language, words and turns of phrase that judge a person or
// name them after an illness. Entries are lower case; one that ends in * stands
// for every word that begins so. Sources: NHS England “Language Matters” (2018),
// NIDA “Words Matter” (2021), the UNAIDS terminology guidelines (2015).
var shame = map[string][]string{
	"en": {
		"abuser*", "addict", "addicts", "alcoholic", "alcoholics", "blame", "careless", "cheat", "cheated", "cheating", "complains", "crazy",
		"denies", "diabetics", "disobey*", "drunk", "drunkard", "excuse", "excuses", "fail", "failed", "failing", "fails", "failure", "failures",
		"fat", "fatty", "guilt", "guilty", "junkie", "lazy", "liar", "lying", "must not", "naughty", "no excuse", "non-adheren*", "non-complian*", "noncomplian*",
		"obese", "overeat*", "poorly controlled", "pathetic", "refused", "refuses", "relapsed again", "shame", "shameful", "should have", "sinful", "smokers",
		"stupid", "substance abuse", "suffers from", "suffering from", "victim", "victims", "weak-willed", "willpower", "you didn’t", "you didn't", "you never",
	},
	"es": {
		"adicto*", "adicta*", "alcohólico", "alcohólicos", "borracho*", "borracha*", "culpa", "culpable*", "débil de carácter", "debería haber", "descuidad*",
		"desobedec*", "drogadict*", "excusa*", "fracas*", "fuerza de voluntad", "gordo*", "gorda*", "holgazan*", "incumpl*", "inútil*", "irresponsable*",
		"loco", "loca", "mal controlad*", "mentir*", "negligen*", "obeso*", "obesa*", "pereza", "perezos*", "se niega", "sufre de", "tonto*", "tonta*",
		"trampa*", "usted no hizo", "usted nunca", "vaga", "vago", "vergüenza", "vergonzos*", "víctima*", "yonqui*",
	},
	"fr": {
		"accro", "alcoolique*", "auriez dû", "bête", "coupable*", "culpabilité", "drogué*", "échec*", "échoué*", "excuse*", "faible de caractère", "fautif*", "fautive*",
		"faute", "fainéant*", "flemme", "fou", "folle", "gros et", "honte", "honteu*", "idiot*", "imprudent*", "inobservan*", "irresponsable*", "ivrogne*", "mal contrôlé*",
		"mentir", "menteu*", "négligen*", "non-observan*", "nul", "nulle", "obèse*", "paresse", "paresseu*", "refuse", "souffre de", "souffrez de", "stupide*",
		"toxicomane*", "tricher", "triché*", "victime*", "volonté", "vous n’avez jamais", "vous n'avez jamais",
	},
}

// Words returns the words and phrases of a text that may put a person to shame,
// as they stand in it, in its order and once each. They are hints: an instrument
// says “failure” because it was tested so. A language without a list has none.
func Words(lang, text string) []string {
	list := shame[short(lang)]
	var out []string
	for _, at := range starts(text) {
		for _, w := range list {
			if found := matches(text[at:], w); found != "" && !slices.Contains(out, found) {
				out = append(out, found)
				break
			}
		}
	}
	return out
}

// starts returns where the words of a text begin.
func starts(text string) []int {
	var out []int
	inside := false
	for i, r := range text {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		if letter && !inside {
			out = append(out, i)
		}
		inside = letter
	}
	return out
}

// matches returns the beginning of a text that is the word, if it is.
func matches(text, word string) string {
	word, open := strings.CutSuffix(word, "*")
	end := 0
	for _, w := range word {
		r, n := decode(text[end:])
		if unicode.ToLower(r) != w {
			return ""
		}
		end += n
	}
	for i, r := range text[end:] {
		if !unicode.IsLetter(r) {
			return text[:end+i]
		}
		if !open {
			return ""
		}
	}
	return text
}

func decode(s string) (r rune, n int) {
	for i, c := range s {
		if i > 0 {
			return r, i
		}
		r = c
	}
	return r, len(s)
}

// short is the language of a tag: es-MX is es.
func short(tag string) string {
	lang, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return lang
}
