package steps

import (
	"testing"
	"time"

	"rapport/fhir/plan"
	"rapport/lang"
)

func TestHowOftenIsSaidInThreeLanguages(t *testing.T) {
	t.Parallel()
	monday := plan.Weekdays(0).With(time.Monday).With(time.Thursday)
	for _, c := range []struct {
		when       plan.Timing
		en, es, fr string
	}{
		{plan.Timing{}, "once", "una vez", "une fois"},
		{plan.Timing{Times: 1, Per: 1, Unit: plan.Day, Parts: plan.Morning | plan.Evening}, "every day, in the morning and in the evening", "cada día, por la mañana y por la noche", "chaque jour, le matin et le soir"},
		{plan.Timing{Times: 3, Per: 1, Unit: plan.Week}, "3 times a week", "3 veces a la semana", "3 fois par semaine"},
		{plan.Timing{Times: 2, Per: 1, Unit: plan.Week, Days: monday, At: []int{545}}, "on Monday and Thursday, 09:05", "los lunes y jueves, 09:05", "le lundi et jeudi, 09:05"},
		{plan.Timing{Times: 1, Per: 2, Unit: plan.Week}, "every 2 weeks", "cada 2 semanas", "toutes les 2 semaines"},
		{plan.Timing{Text: "as you like"}, "as you like", "as you like", "as you like"},
	} {
		for tag, want := range map[lang.Tag]string{lang.English: c.en, lang.Spanish: c.es, lang.French: c.fr} {
			if got := Often(lang.New(tag, lang.WordClient), c.when); got != want {
				t.Errorf("%s: %q, want %q", tag, got, want)
			}
		}
	}
	for _, k := range []plan.Kind{plan.ToTake, plan.ToDo, plan.ToRead, plan.ToAnswer, plan.ToMeasure, plan.ToBook, plan.ToMessage} {
		if Icon(k) == "" || Kind(lang.New(lang.English, lang.WordClient), k) == "" {
			t.Errorf("%s has no sign or no word", k)
		}
	}
	if Clock(5) != "00:05" || Clock(13*60) != "13:00" || PartOf(12*60) != plan.Afternoon {
		t.Error("the time of a day is said wrong")
	}
}
