package urgent

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func marked(text string) string {
	var out []string
	for _, s := range Find(text) {
		out = append(out, text[s.From:s.To])
	}
	return strings.Join(out, " ")
}

func TestWordsThatAPersonShouldLookAtAreMarked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Thank you. One more thing, since this morning my calf on the same side is sore and feels hot. Should I still walk today?": "calf sore hot",
		"I have a pain in my chest.":                        "pain chest",
		"No chest pain today":                               "chest pain",
		"My chest feels tight, I can’t breathe":             "chest tight can t breathe",
		"I cannot really breathe well":                      "cannot breathe",
		"She wants to END HER LIFE? I want to end my life.": "end my life",
		"I took too many tablets":                           "too many tablets",
		"He hits me when he drinks":                         "hits me",
		"J’ai très mal à la poitrine":                       "mal poitrine",
		"je n’ai plus envie, j’ai envie de mourir":          "envie mourir",
		"Mon mollet est chaud et gonflé":                    "mollet chaud gonflé",
		"Me duele el pecho desde ayer":                      "duele pecho",
		"no quiero vivir así":                               "no quiero vivir",
		"Estoy embarazada y sangro un poco":                 "embarazada sangro",
		"The cough is worse, I cough up blood. 😟":           "cough blood",
		"My tongue is swelling":                             "tongue swelling",
		"LE BÉBÉ NE BOUGE PLUS":                             "BÉBÉ BOUGE",
	} {
		if got := marked(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsNotUrgentIsNotMarked(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "Could I have a letter for work, please?", "I have five tablets left. Can I have the next ones?",
		"The bend is easier, but my knee is puffy in the evening. Is that normal in week three?",
		"My chest is fine. The pain in my knee is better.", // two sentences
		"Friday does not work after all. Mornings are better for me.",
		"This week it was 128 over 79 on most mornings.",
		"Merci beaucoup, à vendredi !", "Gracias, el viernes me va bien.", "I will have a hot bath for my back", "the calf of the cow",
		"🙂🙂🙂", "𝔠𝔥𝔢𝔰𝔱",
	} {
		if got := marked(text); got != "" {
			t.Errorf("%q: %q is marked", text, got)
		}
	}
}

func TestALongHostileTextIsLookedThroughInNoTime(t *testing.T) {
	t.Parallel()
	for _, w := range []string{"chest ", "calf ", "b", "bleed ", "́", "\u202e", "\xff\xfe", "a\u0301", "chest pain. "} {
		text := strings.Repeat(w, 100_000/len(w))
		check(t, text, Find(text))
	}
}

func check(t *testing.T, text string, spans []Span) {
	t.Helper()
	last := 0
	for _, s := range spans {
		if s.From < last || s.To <= s.From || s.To > len(text) || !utf8.RuneStart(text[s.From]) || s.Word == "" {
			t.Fatalf("%+v after %d in %d bytes", s, last, len(text))
		}
		last = s.To
	}
}

func FuzzFind(f *testing.F) {
	f.Add("my calf is hot")
	f.Add("J’ai mal à la poitrine\x00")
	f.Add("é́́ chest\u200b pain\r\n")
	f.Fuzz(func(t *testing.T, text string) { check(t, text, Find(text)) })
}

// BenchmarkFind marks a message of ten thousand characters.
func BenchmarkFind(b *testing.B) {
	text := strings.Repeat("The bend is easier, but my calf on the same side is sore and hot. ", 150)
	b.ReportAllocs()
	for b.Loop() {
		Find(text)
	}
}
