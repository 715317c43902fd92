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
		"I have a pain in my chest.":                             "pain chest",
		"No chest pain today":                                    "chest pain", // a person reads which it was
		"My chest feels tight, I can’t breathe":                  "chest tight can t breathe",
		"I cannot really breathe well":                           "cannot breathe",
		"She wants to END HER LIFE? I want to end my life.":      "end my life",
		"I took too many tablets":                                "too many tablets",
		"He hits me when he drinks":                              "hits me",
		"J’ai très mal à la poitrine":                            "mal poitrine",
		"je n’ai plus envie, j’ai envie de mourir":               "envie mourir",
		"Mon mollet est chaud et gonflé":                         "mollet chaud gonflé",
		"Me duele el pecho desde ayer":                           "duele pecho",
		"no quiero vivir así":                                    "no quiero vivir",
		"Estoy embarazada y sangro un poco":                      "embarazada sangro",
		"The cough is worse, I cough up blood. 😟":                "cough blood",
		"My tongue is swelling":                                  "tongue swelling",
		"LE BÉBÉ NE BOUGE PLUS":                                  "BÉBÉ NE BOUGE PLUS",
		"J’ai perdu connaissance, et mon cœur s’emballe":         "perdu connaissance cœur emballe",
		"fever of 38.5 and a rash":                               "fever rash",
		"cha\u0302que fois que je respire, mal a\u0300 respirer": "mal a\u0300 respirer",
	} {
		if got := marked(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestWhatPeopleWriteWhenTheyAreAfraidIsMarked is how people write it: without accents,
// apostrophes or care.
func TestWhatPeopleWriteWhenTheyAreAfraidIsMarked(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		// heart, breath
		"chestpain since noon", "Tightness in my chest", "pressure on my chest when I climb", "I think I had a heart attack",
		"I cant breath", "can't breath properly", "I can not breathe", "can’t catch my breath", "trouble breathing", "breathless since morning", "her lips are blue", "coughing up blood",
		"douleur dans la poitrine", "poitrine serrée", "crise cardiaque", "Je n’arrive plus à respirer", "j'arrive pas a respirer", "J'ai du mal à respirer", "lèvres bleues",
		"opresión en el pecho", "ataque al corazón", "no puedo respirar bien", "me cuesta respirar", "me falta el aire", "tos con sangre",
		// stroke, head
		"Face is drooping on one side", "his mouth droops", "her speech is slurred", "numb on one side", "My mother can't speak since an hour", "worst headache of my life", "had a seizure", "he won't wake up", "suddenly confused",
		"bouche de travers", "bras engourdi d’un côté", "il ne peut plus parler", "le pire mal de tête de ma vie", "crise d'épilepsie", "AVC",
		"tiene la cara torcida", "habla raro desde ayer", "no puede hablar bien", "el peor dolor de cabeza", "derrame cerebral", "se desmayó", "perdí el conocimiento", "convulsiones",
		// clot, spine
		"my calf is really warm and red", "calves are swollen", "my leg is hot and swollen", "mon mollet est rouge et chaud", "la pantorrilla está roja y caliente", "gemelo hinchado", "numb around my bottom", "je n’arrive plus à uriner",
		// bleeding, pregnancy
		"bleeding wont stop", "bled all night", "blood in my stool", "throwing up blood", "haemorrage", "hemorrhage", "je saigne", "je perds du sang", "vomi du sang", "estoy sangrando", "sangrado abundante", "vómito con sangre",
		"I am pregnant and bleeding", "I'm pregnant and there is blood", "waters broke", "baby isn't moving", "baby not moving much", "enceinte et je perds du sang", "el bebé no se mueve",
		// poison, allergy
		"I overdosed", "took a whole box of paracetamol", "took too much insulin", "drank bleach", "swallowed a battery", "anaphylactic", "Anaphalaxis", "severe allergic reaction", "my throat is closing up",
		"surdose", "j’ai pris trop de médicaments", "mes lèvres sont gonflées", "réaction allergique", "sobredosis", "he tomado demasiadas pastillas", "se me hincha la lengua", "se me cierra la garganta", "reacción alérgica grave",
		// wanting to die
		"I want to kill my self", "thinking of suicde", "I am suicidal", "don't want to live anymore", "I dont want to be here any more", "no reason to live", "I've been having thoughts of ending it", "self-harm", "cutting myself",
		"je veux mourir", "je veux en finir avec la vie", "j'ai plus envie de vivre", "je me scarifie", "je me fais du mal",
		"quiero morirme", "ganas de morir", "no quiero seguir viviendo", "pensamientos de suicidio", "me quiero matar", "autolesiones", "me hago daño",
		// danger at home
		"He hit me again last night", "my partner beat me up", "he punched me", "I'm not safe at home", "I don’t feel safe with him", "strangled me", "I was raped", "afraid to go home",
		"il m'a frappée", "mon mari me frappe", "il me tape", "m’a étranglée", "j’ai peur de rentrer", "je ne suis pas en sécurité chez moi", "violée",
		"mi marido me pegó", "me pegó anoche", "mi pareja me golpeó", "me violaron", "me estranguló", "tengo miedo de volver a casa", "no me siento segura en casa",
	} {
		if marked(text) == "" {
			t.Errorf("%q is not marked", text)
		}
		if marked(strings.ToUpper(text)) == "" {
			t.Errorf("%q is not marked in capitals", text)
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
		// what practices are written to about most
		"¿Cuándo es mi análisis de sangre?", "La analítica de sangre salió bien", "Can I get a blood test and a stool test?", "Une prise de sang mercredi",
		"I need a sick note and a blood test", "My blood pressure is fine", "Me mandaron una dieta baja en azúcar", "J’ai une question sur les bas de contention et le sucre",
		// words with another meaning
		"The form was confusing", "I am confused about my appointment", "Sorry for the confusion", "Votre message est un peu confus", "I need a fitting for my brace", "He was fitting the brace",
		"I can't speak on the phone today", "No puedo hablar por teléfono hoy", "I cannot go on Friday", "Is your wound clinic open on Friday?", "I have a hot bath for my leg",
		"My heart rate was 62 and I was racing on Sunday", "Muscle contraction exercises, ten times", "It hurts, please call me", "I am afraid of falling at home", "Tengo miedo de caerme en casa",
		"Je voudrais en finir avec ce traitement", "my breaststroke is better", "El pecho de pollo es caro", "El derrame de café", "Mi cara está mejor; la caída fue en casa", "Nadie responde al teléfono, no responde",
		"I took all the forms to reception", "Je confirme le rendez-vous", "I have a stiff neck from work", "I have haemorrhoids", "My new shoes are tight", "No estoy segura de estar en casa el lunes",
	} {
		if got := marked(text); got != "" {
			t.Errorf("%q: %q is marked", text, got)
		}
	}
}

// TestEveryLineOfTheListsFindsItself looks for lines that can never mark anything.
func TestEveryLineOfTheListsFindsItself(t *testing.T) {
	t.Parallel()
	n := 0
	for _, ps := range all {
		for _, p := range ps {
			for first := range p.slots[0].stems {
				var ws []string
				for i, s := range p.slots {
					if i > 0 {
						first = 0
					}
					x := s.stems[first]
					if x.text == "" || x.text != fold(x.text) || strings.ContainsAny(x.text, "'’-*|+& ") || x.open && len(x.text) < 3 {
						t.Errorf("%q: %q is no word", p.line, x.text)
					}
					ws = append(ws, x.text)
				}
				n++
				if got, want := marked(strings.Join(ws, " ")), strings.Join(ws, " "); got != want {
					t.Errorf("%q marks %q of %q", p.line, got, want)
				}
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d phrases", n)
	}
}

func TestEveryGroupSaysWhyAndWhereFrom(t *testing.T) {
	t.Parallel()
	en, err := files.ReadFile("words/en.txt")
	if err != nil {
		t.Fatal(err)
	}
	groups := strings.Split(strings.TrimSpace(string(en)), "\n\n")
	for _, g := range groups[1:] { // after how it is written
		if !strings.Contains(g, "Why: ") || !strings.Contains(g, "Source: ") {
			t.Errorf("%.40q does not say why, or where from", g)
		}
	}
	for _, l := range []string{"es", "fr"} {
		b, err := files.ReadFile("words/" + l + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if n := len(strings.Split(strings.TrimSpace(string(b)), "\n\n")); n != len(groups) {
			t.Errorf("%s has %d groups, en %d", l, n, len(groups))
		}
	}
}

// hostile are pieces that a text may repeat to make marking slow.
var hostile = []string{"chest ", "calf ", "b", "bleed ", "́", "\u202e", "\xff\xfe", "a\u0301", "chest pain. ", "a ", "not want ", "can t ", ". "}

// TestWorkGrowsWithTheTextAndNotFaster counts what is done, so that no machine is too
// slow for it.
func TestWorkGrowsWithTheTextAndNotFaster(t *testing.T) {
	t.Parallel()
	for _, w := range hostile {
		short, long := strings.Repeat(w, 10_000/len(w)), strings.Repeat(w, 100_000/len(w))
		_, a := find(short)
		spans, b := find(long)
		check(t, long, spans)
		if b > 11*a+100 || b > 300*len(long) {
			t.Errorf("%q: looks at %d words, then at %d for ten times the text", w, a, b)
		}
	}
}

func TestTheEndOfALongTextIsLookedAtToo(t *testing.T) {
	t.Parallel()
	if got := marked(strings.Repeat("a ", 50_000) + ". I want to die"); got != "want die" {
		t.Errorf("%q", got)
	}
}

func check(t *testing.T, text string, spans []Span) {
	t.Helper()
	bounds := make([]bool, len(text)+1) // a byte that is no rune is one by itself
	for i := range text {
		bounds[i] = true
	}
	bounds[len(text)] = true
	last := 0
	for _, s := range spans {
		if s.From < last || s.To <= s.From || s.To > len(text) || !bounds[s.From] || !bounds[s.To] || !utf8.ValidString(text[s.From:s.To]) || s.Word == "" {
			t.Fatalf("%+v after %d in %d bytes", s, last, len(text))
		}
		last = s.To
	}
}

func FuzzFind(f *testing.F) {
	f.Add("my calf is hot")
	f.Add("ChestpAin\x80")
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
