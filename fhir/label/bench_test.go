package label

import (
	"os"
	"testing"

	"rapport/fhir"
)

// plainPeople is Synthea's resources that lie nowhere, or one made up where they are not here.
func plainPeople(b *testing.B) []*fhir.Doc {
	var out []*fhir.Doc
	if _, err := os.Stat(people); err == nil {
		eachPerson(b, func(docs []*fhir.Doc) {
			for _, d := range docs {
				switch d.Type() {
				case "Observation", "Condition", "MedicationRequest", "Encounter", "Procedure", "DiagnosticReport", "Immunization", "CarePlan":
					if Of(d) == 0 {
						out = append(out, d)
					}
				}
			}
		})
		return out
	}
	for _, m := range cases(b) {
		if m.Want == "" {
			out = append(out, parsed(b, m.Resource))
		}
	}
	return out
}

func BenchmarkOf(b *testing.B) {
	docs := plainPeople(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i++; i == len(docs) {
			i = 0
		}
		Of(docs[i])
	}
}

func BenchmarkOfObservation(b *testing.B) {
	for _, d := range plainPeople(b) {
		if d.Type() == "Observation" {
			b.ReportAllocs()
			for b.Loop() {
				Of(d)
			}
			return
		}
	}
	b.Skip("no Observation")
}

func BenchmarkMarked(b *testing.B) {
	d := parsed(b, []byte(`{"resourceType":"Observation","status":"final","code":{"text":"x"}}`))
	b.ReportAllocs()
	for b.Loop() {
		Marked(d)
	}
}

func BenchmarkFacetMarked(b *testing.B) {
	f := parsed(b, []byte(`{"resourceType":"Observation","status":"final","code":{"text":"x"},"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"SUD"}]}}`)).Facet(nil)
	b.ReportAllocs()
	for b.Loop() {
		FacetMarked(f)
	}
}

// BenchmarkStart is what reading the lists costs, once.
func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ship()
	}
}
