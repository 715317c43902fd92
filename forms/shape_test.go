package forms_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"rapport/forms"
)

// question is what these tests read of a Questionnaire item.
type question struct {
	LinkID       string `json:"linkId"`
	Type, Text   string
	Definition   string
	Extension    []json.RawMessage
	EnableWhen   []struct{ Question, Operator string }
	AnswerOption []struct{ Extension []ext }
	Repeats      bool
	Item         []question
}

type ext struct {
	URL          string
	ValueDecimal *float64
	ValueBoolean *bool
	Extension    []ext
}

type asked struct {
	URL, Copyright string
	Item           []question
}

func questionnaires(t *testing.T) []asked {
	t.Helper()
	var out []asked
	for _, r := range forms.Shipped() {
		if r.Type != "Questionnaire" {
			continue
		}
		var f asked
		if err := json.Unmarshal(r.JSON, &f); err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

func each(items []question, visit func(question)) {
	for _, q := range items {
		visit(q)
		each(q.Item, visit)
	}
}

func (q question) has(url string) bool {
	return slices.ContainsFunc(q.Extension, func(e json.RawMessage) bool { return strings.Contains(string(e), `"`+url+`"`) })
}

func (q question) hidden() bool {
	return q.has("http://hl7.org/fhir/StructureDefinition/questionnaire-hidden")
}

func TestLinkIDsAndGates(t *testing.T) {
	t.Parallel()
	for _, f := range questionnaires(t) {
		seen := map[string]question{}
		each(f.Item, func(q question) {
			if _, twice := seen[q.LinkID]; twice || q.LinkID == "" {
				t.Errorf("%s: %q is there twice", f.URL, q.LinkID)
			}
			if strings.ToLower(q.LinkID) != q.LinkID || strings.ContainsAny(q.LinkID, " _./") {
				t.Errorf("%s: %q is not kebab-case", f.URL, q.LinkID)
			}
			if q.Text == "" && !q.hidden() {
				t.Errorf("%s: %s has no text", f.URL, q.LinkID)
			}
			if (q.Type == "choice") && len(q.AnswerOption) < 2 && !q.hidden() {
				t.Errorf("%s: %s has nothing to choose from", f.URL, q.LinkID)
			}
			seen[q.LinkID] = q
		})
		each(f.Item, func(q question) {
			for _, w := range q.EnableWhen {
				if target, ok := seen[w.Question]; !ok || target.Type == "group" || target.Type == "display" {
					t.Errorf("%s: %s waits for %q, which is not asked", f.URL, q.LinkID, w.Question)
				}
			}
		})
		for _, q := range f.Item {
			if q.Type != "group" {
				t.Errorf("%s: %s stands outside of a section", f.URL, q.LinkID)
			}
		}
	}
}

// instruments says what each scored instrument may add up to and who must be
// named wherever it is asked.
var instruments = []struct {
	first, total string
	items        int
	high         float64
	credit       string
}{
	{"phq-", "phq9-total", 9, 27, "Spitzer"},
	{"gad-", "gad7-total", 7, 21, "Spitzer"},
	{"audit-c-", "audit-c-total", 3, 12, "World Health Organization"},
}

func TestScoresAreTheInstruments(t *testing.T) {
	t.Parallel()
	for _, f := range questionnaires(t) {
		if f.Copyright == "" {
			t.Errorf("%s says nothing of its copyright", f.URL)
		}
		if b, _ := json.Marshal(f); strings.Contains(string(b), "snomed") {
			t.Errorf("%s has SNOMED CT in it", f.URL)
		}
		all := map[string]question{}
		each(f.Item, func(q question) { all[q.LinkID] = q })
		for _, in := range instruments {
			total, asked := all[in.total]
			if !asked {
				continue
			}
			if !strings.Contains(f.Copyright, in.credit) || !strings.Contains(f.Copyright, "LOINC") {
				t.Errorf("%s does not credit %s", f.URL, in.total)
			}
			high := 0.0
			for n := range in.items {
				q := all[in.first+string(rune('1'+n))]
				if !q.has("urn:rapport:official") {
					t.Errorf("%s: %s%d is not marked as official wording", f.URL, in.first, n+1)
				}
				high += highest(q)
			}
			if high != in.high {
				t.Errorf("%s: %s goes up to %v, not %v", f.URL, in.total, high, in.high)
			}
			bandsMeet(t, f.URL, total, in.high)
		}
	}
}

func highest(q question) float64 {
	top := 0.0
	for _, o := range q.AnswerOption {
		for _, e := range o.Extension {
			if e.ValueDecimal != nil {
				top = max(top, *e.ValueDecimal)
			}
		}
	}
	return top
}

// bandsMeet checks that bands of whole numbers leave no gap from 0 to the top.
func bandsMeet(t *testing.T, url string, q question, high float64) {
	t.Helper()
	next := 0.0
	for _, raw := range q.Extension {
		var e ext
		if json.Unmarshal(raw, &e) != nil || e.URL != "urn:rapport:bands" {
			continue
		}
		for _, p := range e.Extension {
			switch p.URL {
			case "low":
				if *p.ValueDecimal != next {
					t.Errorf("%s: a band of %s begins at %v, not %v", url, q.LinkID, *p.ValueDecimal, next)
				}
			case "high":
				next = *p.ValueDecimal + 1
			}
		}
	}
	if next != high+1 {
		t.Errorf("%s: the bands of %s end at %v, not %v", url, q.LinkID, next-1, high)
	}
}

func TestSensitiveQuestionsSayWhy(t *testing.T) {
	t.Parallel()
	sensitive := []string{"safe-home", "food-money", "phq", "gad", "audit-c", "smoking", "relative", "who-hears", "harm", "food-talk", "teen-alcohol", "parent-well"}
	for _, f := range questionnaires(t) {
		all := map[string]question{}
		each(f.Item, func(q question) { all[q.LinkID] = q })
		for _, s := range sensitive {
			if q, ok := all[s]; ok && all[s+"-why"].Text == "" {
				t.Errorf("%s: %s does not say why it is asked", f.URL, q.LinkID)
			}
		}
	}
}

func TestDangerIsNeverLeftOut(t *testing.T) {
	t.Parallel()
	for _, f := range questionnaires(t) {
		each(f.Item, func(q question) {
			if dangerous := slices.Contains([]string{"phq-9", "safe-home", "harm", "move-stops"}, q.LinkID); dangerous != q.has("urn:rapport:danger") {
				t.Errorf("%s: danger of %s is %v", f.URL, q.LinkID, !dangerous)
			}
		})
	}
}
