package forms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapport/fhir/form"
	"rapport/forms"
)

var four = []string{"LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"}

// give answers an instrument's items, 0–3 each, in order.
func give(into map[string]any, prefix string, scores ...int) map[string]any {
	if into == nil {
		into = map[string]any{}
	}
	for i, s := range scores {
		into[fmt.Sprintf("%s-%d", prefix, i+1)] = four[s]
	}
	return into
}

func scored(t *testing.T, s *form.Sheet, link string) (value, tone string) {
	t.Helper()
	for _, sc := range s.Scores() {
		if sc.Item.LinkID == link {
			if sc.Band == nil {
				return sc.Value, ""
			}
			return sc.Value, sc.Band.Tone
		}
	}
	return "", ""
}

func TestTheEnginesUnderstandEveryForm(t *testing.T) {
	t.Parallel()
	for _, r := range forms.Shipped() {
		if r.Type != "Questionnaire" {
			continue
		}
		f, err := form.Read(r.JSON, nil)
		if err != nil {
			t.Errorf("%s: %v", r.URL, err)
			continue
		}
		for _, p := range f.Problems() {
			if p.Severity > form.Note { // urn:rapport:official is for the builder
				t.Errorf("%s: %v", r.URL, p)
			}
		}
	}
	if len(templates(t)) != 10 {
		t.Error("not ten plan templates")
	}
}

func TestInstrumentScores(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form    string
		answers map[string]any
		link    string
		value   string
		tone    string
	}{
		{"phq-9", give(nil, "phq", 0, 0, 0, 0, 0, 0, 0, 0, 0), "phq9-total", "0", "ok"},
		{"phq-9", give(nil, "phq", 1, 1, 1, 1, 0, 0, 0, 0, 0), "phq9-total", "4", "ok"},
		{"phq-9", give(nil, "phq", 1, 1, 1, 1, 1, 0, 0, 0, 0), "phq9-total", "5", "watch"},
		{"phq-9", give(nil, "phq", 2, 2, 1, 1, 1, 1, 1, 0, 0), "phq9-total", "9", "watch"},
		{"phq-9", give(nil, "phq", 2, 2, 2, 1, 1, 1, 1, 0, 0), "phq9-total", "10", "act"},
		{"phq-9", give(nil, "phq", 3, 3, 3, 3, 3, 3, 3, 3, 3), "phq9-total", "27", "act"},
		{"phq-9", give(nil, "phq", 3, 3, 3, 3, 3, 3, 3, 3), "phq9-total", "", ""},
		{"phq-9", give(nil, "phq", 2, 1), "phq2-total", "3", "watch"},
		{"gad-7", give(nil, "gad", 1, 1, 1, 1, 0, 0, 0), "gad7-total", "4", "ok"},
		{"gad-7", give(nil, "gad", 2, 2, 2, 2, 1, 1, 0), "gad7-total", "10", "act"},
		{"gad-7", give(nil, "gad", 3, 3, 3, 3, 3, 3, 3), "gad7-total", "21", "act"},
		{"gad-7", give(nil, "gad", 3), "gad7-total", "", ""},
		{"audit-c", map[string]any{"audit-c-1": "LA6270-8"}, "audit-c-total", "0", "ok"},
		{"audit-c", map[string]any{"audit-c-1": "LA18928-4"}, "audit-c-total", "", ""},
		{"audit-c", map[string]any{"audit-c-1": "LA18927-6", "audit-c-2": "LA15694-5", "audit-c-3": "LA18933-4"}, "audit-c-total", "3", "watch"},
		{"audit-c", map[string]any{"audit-c-1": "LA18929-2", "audit-c-2": "LA18932-6", "audit-c-3": "LA18934-2"}, "audit-c-total", "12", "act"},
		{"movement", map[string]any{"move-days": 5.0, "move-minutes": 30.0}, "move-week", "150", "ok"},
		{"movement", map[string]any{"move-days": 0.0}, "move-week", "0", "watch"},
		{"pain-and-function", map[string]any{"pain-average": 5.0, "pain-joy": 7.0, "pain-day": 8.0}, "pain-mean", "6.7", "watch"},
	} {
		s := person{Form: c.form, Answers: c.answers}.fill(t)
		if value, tone := scored(t, s, c.link); value != c.value || tone != c.tone {
			t.Errorf("%s %v: %s is %q (%s), want %q (%s)", c.form, c.answers, c.link, value, tone, c.value, c.tone)
		}
	}
}

func shown(s *form.Sheet, link string) bool {
	return slices.ContainsFunc(s.Questions(), func(q form.Question) bool { return q.Item.LinkID == link })
}

func TestGates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form    string
		answers map[string]any
		link    string
		shown   bool
	}{
		{"first-visit", give(nil, "phq", 1, 1), "phq-9", false},
		{"first-visit", give(nil, "phq", 3), "phq-3", false},
		{"first-visit", give(nil, "phq", 2, 1), "phq-9", true},
		{"first-visit", give(nil, "phq", 2, 1), "phq-difficulty", true},
		{"first-visit", give(nil, "gad", 1, 1), "gad-3", false},
		{"first-visit", give(nil, "gad", 3, 0), "gad-7", true},
		{"first-visit", nil, "audit-c-2", false},
		{"first-visit", map[string]any{"audit-c-1": "LA6270-8"}, "audit-c-2", false},
		{"first-visit", map[string]any{"audit-c-1": "LA18926-8"}, "audit-c-3", true},
		{"first-visit", map[string]any{"tobacco": "never"}, "tobacco-stop", false},
		{"first-visit", map[string]any{"tobacco": "some-days"}, "tobacco-stop", true},
		{"first-visit", map[string]any{"tobacco": "some-days"}, "tobacco-many", false},
		{"first-visit", map[string]any{"who-hears": []any{"nobody"}}, "who-hears-names", false},
		{"first-visit", map[string]any{"who-hears": []any{"family"}}, "who-hears-names", true},
		{"first-visit", map[string]any{"safe-home": "yes"}, "safe-reach", false},
		{"first-visit", map[string]any{"safe-home": "no"}, "safe-reach", true},
		{"first-visit", nil, "medicine-missed", false},
		{"first-visit", map[string]any{"medicine": []any{map[string]any{"medicine-name": "Ramipril"}}}, "medicine-missed", true},
		{"first-visit", map[string]any{"allergy": []any{map[string]any{"allergy-what": "Nuts"}}}, "no-allergies", false},
		{"teen-first-visit", give(nil, "phq", 2, 1), "phq-9", true},
		{"still-true", map[string]any{"changed": []any{"nothing"}}, "changed-words", false},
		{"still-true", map[string]any{"changed": []any{"hospital"}}, "changed-words", true},
	} {
		s := person{Form: c.form, Answers: c.answers}.fill(t)
		if shown(s, c.link) != c.shown {
			t.Errorf("%s %v: %s is shown: %v", c.form, c.answers, c.link, !c.shown)
		}
	}
}

func TestDanger(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form    string
		answers map[string]any
		levels  string
	}{
		{"phq-9", give(nil, "phq", 0, 0, 0, 0, 0, 0, 0, 0, 0), ""},
		{"phq-9", give(nil, "phq", 0, 0, 0, 0, 0, 0, 0, 0, 1), "crisis"},
		{"first-visit", give(nil, "phq", 3, 3, 0, 0, 0, 0, 0, 0, 3), "crisis"},
		{"first-visit", map[string]any{"safe-home": "yes"}, ""},
		{"first-visit", map[string]any{"safe-home": "sometimes"}, "urgent"},
		{"first-visit", map[string]any{"move-stops": []any{"pain", "breath"}}, ""},
		{"movement", map[string]any{"move-stops": []any{"pain", "chest"}}, "urgent"},
		{"child-first-visit", map[string]any{"safe-home": "no"}, "urgent"},
		{"teen-first-visit", map[string]any{"harm": "no"}, ""},
		{"teen-first-visit", map[string]any{"harm": "sometimes", "safe-home": "no"}, "crisis urgent"},
	} {
		s := person{Form: c.form, Answers: c.answers}.fill(t)
		var levels []string
		for _, a := range s.Alarms() {
			levels = append(levels, a.Level)
			for _, lang := range langs {
				if a.Text(lang) == "" {
					t.Errorf("%s: an alarm has no words in %s", c.form, lang)
				}
			}
		}
		if got := strings.Join(levels, " "); got != c.levels {
			t.Errorf("%s %v: alarms %q, want %q", c.form, c.answers, got, c.levels)
		}
	}
}

// TestAnAnswerThatIsTakenBackCountsNoMore: the rest of the PHQ-9 goes with the
// first two questions, and its alarm with it.
func TestAnAnswerThatIsTakenBackCountsNoMore(t *testing.T) {
	t.Parallel()
	s := person{Form: "first-visit", Answers: give(nil, "phq", 3, 3, 0, 0, 0, 0, 0, 0, 2)}.fill(t)
	for _, q := range s.Questions() {
		if q.Item.LinkID == "phq-1" || q.Item.LinkID == "phq-2" {
			if _, err := s.Set(q.Place, answers(t, q, four[0])); err != nil {
				t.Fatal(err)
			}
		}
	}
	if v, _ := scored(t, s, "phq9-total"); v != "" || len(s.Alarms()) != 0 || shown(s, "phq-9") {
		t.Errorf("total %q, %d alarms", v, len(s.Alarms()))
	}
}

func TestNothingChangedIsQuick(t *testing.T) {
	t.Parallel()
	p := readPerson(t, "runner")
	p.Form = "still-true"
	p.Chart = append(readPerson(t, "grandfather").Chart, []byte(`{"resourceType":"Goal","id":"g","lifecycleStatus":"active","description":{"text":"Walk to the park"},"subject":{"reference":"Patient/1"}}`))
	card := map[string]any{"condition-still": "yes"}
	pill := map[string]any{"medicine-still": "yes"}
	p.Answers = map[string]any{"changed": []any{"nothing"}, "condition": []any{card, card, card},
		"medicine": slices.Repeat([]any{pill}, 8), "goal": []any{map[string]any{"goal-hard": 6.0}}}
	s := p.fill(t)
	known := 0
	for _, q := range s.Questions() {
		if (q.Item.LinkID == "condition-name" || q.Item.LinkID == "medicine-name" || q.Item.LinkID == "goal-words") && len(q.Answers) == 1 {
			known++
		}
	}
	if known != 12 {
		t.Errorf("%d known facts are filled in, want 3 conditions, 8 medicines, 1 wish", known)
	}
	stated, err := s.Extract()
	if err != nil {
		t.Fatal(err)
	}
	hard := 0
	for _, x := range stated {
		if x.Type == "Observation" && strings.Contains(string(x.JSON), "how-hard") {
			hard++
		}
	}
	if hard != 1 {
		t.Errorf("%d readings of how hard it is", hard)
	}
}
