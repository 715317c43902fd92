package fhir_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir"
)

func TestCompartment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		json string
		want []string
		ok   bool
	}{
		"a person belongs to themselves":                   {`{"resourceType":"Patient","id":"p1","link":[{"other":{"reference":"Patient/p2"},"type":"seealso"}]}`, []string{"p1"}, true},
		"an observation belongs to its subject":            {`{"resourceType":"Observation","status":"final","code":{"text":"a"},"subject":{"reference":"Patient/p1"}}`, []string{"p1"}, true},
		"the subject goes before a performer":              {`{"resourceType":"Observation","status":"final","code":{"text":"a"},"subject":{"reference":"Patient/p1"},"performer":[{"reference":"Patient/p2"}]}`, []string{"p1"}, true},
		"with a group as subject the performer counts":     {`{"resourceType":"Observation","status":"final","code":{"text":"a"},"subject":{"reference":"Group/g"},"performer":[{"reference":"Patient/p2"}]}`, []string{"p2"}, true},
		"with nobody named it belongs to nobody":           {`{"resourceType":"Observation","status":"final","code":{"text":"a"}}`, nil, true},
		"an absolute reference counts":                     {`{"resourceType":"Observation","status":"final","code":{"text":"a"},"subject":{"reference":"https://x.example/fhir/Patient/p1/_history/3"}}`, []string{"p1"}, true},
		"an escaped reference counts":                      {`{"resourceType":"Observation","status":"final","code":{"text":"a"},"subject":{"reference":"Pat\u0069ent\/p1"}}`, []string{"p1"}, true},
		"a URN names nobody yet":                           {`{"resourceType":"Observation","status":"final","code":{"text":"a"},"subject":{"reference":"urn:uuid:2d7f3c0a-8f54-4f0a-a4d6-0e0a7b8b9c10"}}`, nil, true},
		"a conditional reference names nobody yet":         {`{"resourceType":"Observation","status":"final","code":{"text":"a"},"subject":{"reference":"Patient?identifier=1"}}`, nil, true},
		"an allergy is the patient's, not the recorder's":  {`{"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/p1"},"recorder":{"reference":"Patient/p2"}}`, []string{"p1"}, true},
		"an appointment may be of two":                     {`{"resourceType":"Appointment","status":"booked","participant":[{"actor":{"reference":"Patient/p1"},"status":"accepted"},{"actor":{"reference":"Practitioner/x"},"status":"accepted"},{"actor":{"reference":"Patient/p2"},"status":"accepted"},{"actor":{"reference":"Patient/p1"},"status":"accepted"}]}`, []string{"p1", "p2"}, true},
		"a message is its subject's":                       {`{"resourceType":"Communication","status":"completed","subject":{"reference":"Patient/p1"},"sender":{"reference":"Patient/p2"}}`, []string{"p1"}, true},
		"without a subject a message is its sender's":      {`{"resourceType":"Communication","status":"completed","sender":{"reference":"Patient/p2"},"recipient":[{"reference":"Practitioner/x"}]}`, []string{"p2"}, true},
		"cover is the beneficiary's, not the subscriber's": {`{"resourceType":"Coverage","status":"active","subscriber":{"reference":"Patient/p2"},"beneficiary":{"reference":"Patient/p1"},"payor":[{"reference":"Patient/p2"}]}`, []string{"p1"}, true},
		"provenance follows its targets":                   {`{"resourceType":"Provenance","target":[{"reference":"Observation/o"},{"reference":"Patient/p1"}],"recorded":"2024-01-01T00:00:00Z","agent":[{"who":{"reference":"Patient/p2"}}]}`, []string{"p1"}, true},
		"an answered questionnaire is its subject's":       {`{"resourceType":"QuestionnaireResponse","status":"completed","subject":{"reference":"Patient/p1"},"author":{"reference":"Patient/p2"}}`, []string{"p1"}, true},
		"a task is for somebody although R4 leaves it out": {`{"resourceType":"Task","status":"draft","intent":"order","for":{"reference":"Patient/p1"}}`, []string{"p1"}, true},
		"a device with a patient is theirs":                {`{"resourceType":"Device","patient":{"reference":"Patient/p1"}}`, []string{"p1"}, true},
		"a device without is nobody's":                     {`{"resourceType":"Device"}`, nil, true},
		"a practitioner cannot be anybody's":               {`{"resourceType":"Practitioner"}`, nil, false},
		"a medication cannot be anybody's":                 {`{"resourceType":"Medication"}`, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := fhir.Compartment(parse(t, c.json))
			if diff := cmp.Diff(c.want, got); diff != "" || ok != c.ok {
				t.Errorf("ok is %v\n%s", ok, diff)
			}
		})
	}
}

func TestPracticeWideTypesAreNobodys(t *testing.T) {
	t.Parallel()
	for _, typ := range fhir.Types() {
		if !fhir.PracticeWide(typ) {
			continue
		}
		d := fhir.Doc{}
		_ = d.Reset([]byte(`{"resourceType":"` + typ + `"}`)) // some lack required elements: the type is all we need
		// A ResearchStudy or an ActivityDefinition may have a subject, of a kind that is not one person.
		if ids, _ := fhir.Compartment(&d); len(ids) > 0 {
			t.Errorf("%s belongs to %v", typ, ids)
		}
	}
	for _, typ := range []string{"Patient", "Observation", "Device", "Group", "Schedule", "Slot", "Appointment", "Task"} {
		if fhir.PracticeWide(typ) {
			t.Errorf("%s is the practice's", typ)
		}
	}
}
