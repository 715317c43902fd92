package forms_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rapport/fhir"
	"rapport/forms"
)

var langs = []string{"en", "es", "fr"}

func parsed(t *testing.T, r forms.Resource) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.JSON, &v); err != nil {
		t.Fatalf("%s: %v", r.URL, err)
	}
	return v
}

func TestEveryFileIsValidFHIR(t *testing.T) {
	t.Parallel()
	for _, r := range forms.Shipped() {
		d, err := fhir.Parse(r.JSON)
		if err != nil {
			t.Errorf("%s: %v", r.URL, err)
			continue
		}
		for _, i := range append(d.Issues(), d.Unknown()...) {
			t.Errorf("%s: %v", r.URL, i)
		}
	}
}

func TestTheLibraryIsWhole(t *testing.T) {
	t.Parallel()
	kinds := map[string]string{"Questionnaire": "urn:rapport:form:", "PlanDefinition": "urn:rapport:plan:", "ActivityDefinition": "urn:rapport:activity:"}
	for _, r := range forms.Shipped() {
		if !strings.HasPrefix(r.URL, kinds[r.Type]) || r.Version == "" || r.Title == "" {
			t.Errorf("%s %q version %q title %q", r.Type, r.URL, r.Version, r.Title)
		}
		if again, ok := forms.Find(r.URL + "|" + r.Version); !ok || again.URL != r.URL {
			t.Errorf("%s is not found", r.URL)
		}
	}
	if _, ok := forms.Find("urn:rapport:form:none"); ok {
		t.Error("found what is not there")
	}
}

// node visits every object of a resource with its path.
func walk(at string, v any, visit func(at string, o map[string]any)) {
	switch x := v.(type) {
	case map[string]any:
		visit(at, x)
		for k, c := range x {
			walk(at+"."+k, c, visit)
		}
	case []any:
		for i, c := range x {
			walk(fmt.Sprintf("%s[%d]", at, i), c, visit)
		}
	}
}

// said is one text in its three languages.
type said struct {
	at    string
	words map[string]string
	exact bool // an instrument's official wording
	kind  string
}

var hole = regexp.MustCompile(`\{\{.*?\}\}`)

// texts returns everything of a resource that a person reads.
func texts(t *testing.T, r forms.Resource) []said {
	var out []said
	walk("", parsed(t, r), func(at string, o map[string]any) {
		for _, k := range []string{"text", "title", "description", "purpose", "display", "valueString"} {
			v, ok := o[k].(string)
			switch {
			case !ok, k == "display" && !strings.Contains(at, "answerOption"):
				continue
			case k == "valueString" && o["url"] != "text" && o["url"] != "urn:rapport:why":
				continue
			}
			s := said{at: at + "." + k, words: map[string]string{"en": v}, kind: k, exact: official(o) || k == "display" && loinc(o)}
			for lang, w := range translations(o["_"+k]) {
				s.words[lang] = w
			}
			out = append(out, s)
		}
	})
	return out
}

func official(o map[string]any) bool {
	es, _ := o["extension"].([]any)
	return slices.ContainsFunc(es, func(e any) bool { return e.(map[string]any)["url"] == "urn:rapport:official" })
}

func loinc(o map[string]any) bool { return o["system"] == "http://loinc.org" }

func translations(v any) map[string]string {
	out := map[string]string{}
	walk("", v, func(_ string, o map[string]any) {
		if o["url"] != "http://hl7.org/fhir/StructureDefinition/translation" {
			return
		}
		var lang, content string
		for _, p := range o["extension"].([]any) {
			part := p.(map[string]any)
			for _, k := range []string{"valueCode", "valueString", "valueMarkdown"} {
				if s, ok := part[k].(string); ok && part["url"] == "lang" {
					lang = s
				} else if ok {
					content = s
				}
			}
		}
		out[lang] = content
	})
	return out
}

func TestEveryTextIsInThreeLanguages(t *testing.T) {
	t.Parallel()
	for _, r := range forms.Shipped() {
		for _, s := range texts(t, r) {
			for _, lang := range langs {
				if strings.TrimSpace(s.words[lang]) == "" {
					t.Errorf("%s%s is not in %s: %q", r.URL, s.at, lang, s.words["en"])
				}
				if a, b := hole.FindAllString(s.words["en"], -1), hole.FindAllString(s.words[lang], -1); !slices.Equal(a, b) {
					t.Errorf("%s%s: the holes of %s are %v, not %v", r.URL, s.at, lang, b, a)
				}
				if strings.Contains(hole.ReplaceAllString(s.words[lang], ""), "'") {
					t.Errorf("%s%s: a straight apostrophe: %q", r.URL, s.at, s.words[lang])
				}
			}
			if len(s.words) != len(langs) {
				t.Errorf("%s%s has %d languages", r.URL, s.at, len(s.words))
			}
		}
	}
}

// maxGrade is the highest reading grade of a text that Rapport itself wrote.
const maxGrade = 8

func TestEveryTextIsPlainAndKind(t *testing.T) {
	t.Parallel()
	for _, r := range forms.Shipped() {
		for _, s := range texts(t, r) {
			if s.exact {
				continue
			}
			for _, lang := range langs {
				if bad := forms.Words(lang, s.words[lang]); len(bad) > 0 {
					t.Errorf("%s%s: %v in %q", r.URL, s.at, bad, s.words[lang])
				}
				if s.kind == "title" || s.kind == "display" || strings.Count(s.at, ".") == 1 { // labels; what staff read
					continue
				}
				if g := forms.Grade(lang, s.words[lang]); g > maxGrade {
					t.Errorf("%s%s: grade %.1f in %s: %q", r.URL, s.at, g, lang, s.words[lang])
				}
			}
		}
	}
}
