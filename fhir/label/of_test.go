package label

import (
	"encoding/json"
	"strings"
	"testing"

	"rapport/fhir"
)

func TestWhereWordsAreReadAndWhereNot(t *testing.T) {
	t.Parallel()
	const patient = `"subject":{"reference":"Patient/p"}`
	for text, want := range map[string]Set{
		// names of things, wherever they stand
		`{"resourceType":"Condition",` + patient + `,"code":{"coding":[{"display":"Depression"}]}}`:                                                                                                                         Mental,
		`{"resourceType":"Condition",` + patient + `,"code":{"coding":[{"system":"http://loinc.org","code":"718-7"},{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"f1120"}]}}`:                                       Substance,
		`{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"serviceProvider":{"reference":"Organization/o","display":"Psychiatry"}}`:                                                                   Mental,
		`{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"reasonReference":[{"reference":"Condition/c","display":"Chlamydia"}]}`:                                                                     Sexual,
		`{"resourceType":"Observation","status":"final","code":{"text":"Finding"},"valueString":"Patient is pregnant"}`:                                                                                                     Reproductive,
		`{"resourceType":"Observation","status":"final","code":{"text":"Finding"},"component":[{"code":{"text":"x"},"valueCodeableConcept":{"text":"Cocaine"}}]}`:                                                           Substance,
		`{"resourceType":"CarePlan","status":"active","intent":"plan",` + patient + `,"contained":[{"resourceType":"Goal","id":"g","lifecycleStatus":"active",` + patient + `,"description":{"text":"No alcohol abuse"}}]}`: Substance,
		`{"resourceType":"Composition","status":"final","type":{"text":"Note"},"date":"2024","author":[{"display":"x"}],"title":"Note","section":[{"title":"Psychiatric history"}]}`:                                        Mental,
		`{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId":"a","answer":[{"valueCoding":{"display":"HIV"}}]}]}`:                                                                                Sexual,
		`{"resourceType":"Observation","status":"final","code":{"extension":[{"url":"x","valueCodeableConcept":{"text":"HIV"}}],"text":"x"}}`:                                                                               Sexual,
		// prose, questions and what is about nobody
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"note":[{"text":"depression"}]}`:                                                              0,
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">HIV</div>"}}`: 0,
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"meta":{"tag":[{"display":"depression"}],"security":[{"display":"HIV"}]}}`:                    0,
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"identifier":[{"type":{"text":"HIV"},"value":"1"}]}`:                                          0,
		`{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId":"a","text":"Depression?","answer":[{"valueBoolean":true}]}]}`:                     0,
		`{"resourceType":"Communication","status":"completed","payload":[{"contentString":"depression"}]}`:                                                                0,
		`{"resourceType":"Medication","code":{"text":"Sertraline"}}`:                                                                                                      0,
		`{"resourceType":"HealthcareService","name":"Sexual health","type":[{"text":"Sexual health"}]}`:                                                                   0,
		`{"resourceType":"Patient","extension":[{"url":"x","valueCodeableConcept":{"text":"transgender"}}]}`:                                                              0,
		`{"resourceType":"Consent","status":"active","scope":{"text":"HIV"},"category":[{"text":"HIV"}],"policyRule":{"text":"x"}}`:                                       0,
	} {
		d, err := fhir.Parse([]byte(text))
		if err != nil {
			t.Errorf("%v: %s", err, text)
			continue
		}
		if got := Of(d); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	x := &shipped().words
	for text, want := range map[string]Set{
		"":                                  0,
		"DÉPRESSION":                        Mental,
		"De\u0301pression":                  Mental, // with a mark of its own
		"self-harm":                         Mental,
		"de\u00adpression":                  Mental, // with a place to break it
		"l’avortement":                      Reproductive,
		"depressor":                         0,
		"ST-segment depression":             0,
		"ST depression; depression":         Mental,
		"non-alcoholic, alcoholic":          Substance,
		"hivernal":                          0,
		"shiv":                              0,
		"HIV":                               Sexual,
		"HIV-1":                             Sexual,
		"HIV, depression and alcohol abuse": Sexual | Mental | Substance,
		strings.Repeat("a", 4000) + " hiv":  Sexual,
		strings.Repeat("дождь ", 99) + "hiv":   Sexual,
		strings.Repeat("- ", 2000) + "cocaine": Substance,
	} {
		if got := x.find([]byte(text)); got != want {
			t.Errorf("%.40q: %q, want %q", text, got, want)
		}
	}
	for n := range 3 * atOnce { // wherever the words that are looked at together end
		for text, want := range map[string]Set{"opioid use disorder": Substance, "st segment depression": 0, "interrupcion voluntaria": Reproductive} {
			if got := x.find([]byte(strings.Repeat("w ", n) + text)); got != want {
				t.Errorf("%q after %d words: %q, want %q", text, n, got, want)
			}
		}
	}
}

// TestQuickLookMissesNothing holds the look that most texts end with to the careful one.
func TestQuickLookMissesNothing(t *testing.T) {
	t.Parallel()
	x := &shipped().words
	for _, m := range cases(t) {
		for term := range parsed(t, m.Resource).Terms {
			if !x.touches(term.Text) && x.look(term.Text) != 0 {
				t.Errorf("%q is passed over", term.Text)
			}
		}
	}
	if x.touches([]byte("Hemoglobin in Blood")) {
		t.Error("the quick look ends nothing")
	}
}

// FuzzOf holds that nothing a resource says makes Of fail, that Of says the same of what
// was written anew, and that another word of a name never takes away but by an innocent one.
func FuzzOf(f *testing.F) {
	for _, m := range cases(f) {
		f.Add([]byte(m.Resource))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := fhir.Parse(b)
		if err != nil {
			return
		}
		got := Of(d)
		if got&^(All&^Own&^Other) != 0 {
			t.Fatalf("codes say %q", got)
		}
		again, err := fhir.Parse(d.Compact())
		if err != nil {
			t.Fatal(err)
		}
		if Of(again) != got {
			t.Fatalf("%q, and written anew %q", got, Of(again))
		}
		if f := d.Facet(nil); Marked(d)&FacetMarked(f) != FacetMarked(f) || (FacetMarked(f) != 0) != fhir.FacetPrivate(f) {
			t.Fatalf("marked %q, by its facet %q", Marked(d), FacetMarked(f))
		}
	})
}

// FuzzWords holds the quick look to the careful one, and that what is added after a full
// stop of words takes nothing away.
func FuzzWords(f *testing.F) {
	for _, m := range cases(f) {
		var r struct{ Code, Description json.RawMessage }
		if json.Unmarshal(m.Resource, &r) == nil {
			f.Add(string(r.Code) + string(r.Description))
		}
	}
	x := &shipped().words
	f.Fuzz(func(t *testing.T, text string) {
		got := x.look([]byte(text))
		if !x.touches([]byte(text)) && got != 0 {
			t.Fatalf("passed over: %q", got)
		}
		longer := x.look([]byte(text + strings.Repeat(" zzz", mostWords) + " cocaine"))
		if longer&(got|Substance) != got|Substance {
			t.Fatalf("%q, and with more words %q", got, longer)
		}
	})
}
