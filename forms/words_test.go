package forms_test

import (
	"slices"
	"testing"

	"rapport/forms"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang, text string
		want       []string
	}{
		{"en", "A missed week offers a smaller step.", nil},
		{"en", "You failed again: no excuse.", []string{"failed", "no excuse", "excuse"}},
		{"en", "Non-compliant patients are lazy. LAZY!", []string{"Non-compliant", "lazy", "LAZY"}},
		{"en", "Fatigue is not fat, and a failsafe is no fail", []string{"fat", "fail"}},
		{"en-GB", "He suffers from gout", []string{"suffers from"}},
		{"es", "No es culpa suya; tenga fuerza de voluntad.", []string{"culpa", "fuerza de voluntad"}},
		{"es", "¿Consume alguna bebida alcohólica?", nil},
		{"es", "pacientes incumplidores", []string{"incumplidores"}},
		{"fr", "Vous souffrez de paresse ? C’est un échec.", []string{"souffrez de", "paresse", "échec"}},
		{"fr", "Il a bien annulé son rendez-vous", nil},
		{"de", "faul", nil},
		{"", "lazy", nil},
	} {
		if got := forms.Words(c.lang, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s %q: %q, want %q", c.lang, c.text, got, c.want)
		}
	}
}

// TestGrade puts plain and official language on the right sides of the line.
func TestGrade(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang, text string
		low, high  float64
	}{
		{"en", "", 0, 0},
		{"en", "The cat sat on the mat.", 0, 2},
		{"en", "What do you like to be called?", 0, 4},
		{"en", "Sit for five minutes first, arm at heart height. Two readings, a minute apart.", 1, 6},
		{"en", "Please indicate the frequency with which you experience symptomatology attributable to cardiovascular insufficiency, notwithstanding pharmacological intervention.", 18, 60},
		{"es", "¿Cómo le gusta que le llamen?", 3, 7},
		{"es", "Indique la frecuencia con la que experimenta sintomatología atribuible a insuficiencia cardiovascular, independientemente de la intervención farmacológica.", 13, 20},
		{"fr", "Comment aimez-vous qu’on vous appelle ?", 3, 8},
		{"fr", "Veuillez indiquer la fréquence des manifestations symptomatologiques attribuables à une insuffisance cardiovasculaire, indépendamment de toute intervention pharmacologique.", 14, 20},
		{"xx", "The cat sat on the mat.", 0, 2},
	} {
		if g := forms.Grade(c.lang, c.text); g < c.low || g > c.high {
			t.Errorf("%s %q: grade %.1f, want %v–%v", c.lang, c.text, g, c.low, c.high)
		}
	}
}

func FuzzHints(f *testing.F) {
	f.Add("en", "You never listen. {{%wish}} isn’t l’été")
	f.Add("\u212a", "l’’’ -- {{ qu’")
	f.Fuzz(func(t *testing.T, lang, text string) {
		if g := forms.Grade(lang, text); g < 0 || g != g {
			t.Errorf("grade %v", g)
		}
		for _, w := range forms.Words(lang, text) {
			if w == "" {
				t.Error("an empty hint")
			}
		}
	})
}
