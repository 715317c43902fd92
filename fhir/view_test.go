package fhir_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rapport/errs"
	"rapport/fhir"
)

// sees compares a view with what is wanted; two times are the same moment.
func sees[T any](t *testing.T, read func([]byte) (T, error), json string, want T) {
	t.Helper()
	got, err := read([]byte(json))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Error(diff)
	}
}

func day(y int, m time.Month, d int) fhir.Time {
	return fhir.Time{At: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), Prec: fhir.ToDay}
}

func moment(s string) fhir.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return fhir.Time{At: t, Prec: fhir.ToSecond}
}

func TestReadPatient(t *testing.T) {
	t.Parallel()
	p, err := fhir.ReadPatient(load(t, "patient.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := fhir.Patient{
		ID: "8c1f3c1e-55a5-4f8b-9a31-6f2f9d0b7c11", BirthDate: "1987-02", Gender: "female", Active: true,
		Names: []fhir.Name{
			{Use: "maiden", Text: "Zoë Müller", Family: "Müller", Given: []string{"Zoë"}},
			{Use: "official", Text: "Zoë A. Nwosu-Smith", Family: "Nwosu-Smith", Given: []string{"Zoë", "A."}},
		},
		Telecoms:    []fhir.Contact{{System: "phone", Value: "+1 555 0100", Use: "mobile", Rank: 1}, {System: "email", Value: "zoe@mail.example"}},
		Addresses:   []fhir.Address{{Use: "home", Lines: []string{"5 Elm Road", "Flat 2"}, City: "Örebro", PostalCode: "70 210", Country: "SE"}},
		Languages:   []fhir.Spoken{{Language: "sv", Text: "Svenska"}, {Language: "en", Text: "English", Preferred: true}},
		Identifiers: []fhir.Identifier{{System: "urn:oid:1.2.36.146.595.217.0.1", Value: "12345", Use: "usual", Type: "MRN"}},

		GeneralPractitioners: []fhir.Link{{Reference: "Practitioner/pr1", Display: "Dr. Ana Ruiz"}},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if p.Name().Family != "Nwosu-Smith" || p.Language() != "en" {
		t.Errorf("got %q, %q", p.Name().Family, p.Language())
	}
	for name, c := range map[string]struct {
		json     string
		deceased bool
	}{
		"alive unless said":     {`{"resourceType":"Patient"}`, false},
		"dead with a date":      {`{"resourceType":"Patient","deceasedDateTime":"2020"}`, true},
		"dead without a date":   {`{"resourceType":"Patient","deceasedBoolean":true}`, true},
		"alive when that is so": {`{"resourceType":"Patient","deceasedBoolean":false}`, false},
	} {
		got, err := fhir.ReadPatient([]byte(c.json))
		if err != nil || got.Deceased != c.deceased || got.Name() != nil || got.Language() != "" {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestReadObservation(t *testing.T) {
	t.Parallel()
	code := func(system, code, display, text string) fhir.Concept {
		return fhir.Concept{Text: text, Codings: []fhir.Coding{{System: system, Code: code, Display: display}}}
	}
	mm := func(text string, f float64) fhir.Quantity {
		return fhir.Quantity{Value: fhir.Decimal{Text: text, Float: f}, Unit: "mmHg", System: "http://unitsofmeasure.org", Code: "mm[Hg]"}
	}
	sees(t, fhir.ReadObservation, string(load(t, "observation.json")), fhir.Observation{
		ID: "3f2b8a6e-0d61-4c1b-9d7e-2a64f1f0c3aa", Status: "final",
		Code:           code("http://loinc.org", "85354-9", "Blood pressure panel", "Blood pressure"),
		Categories:     []fhir.Concept{code("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital signs", "Vital signs")},
		Effective:      moment("2024-03-05T10:15:00-05:00"),
		Interpretation: []fhir.Concept{code("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "H", "High", "High")},
		Components: []fhir.Component{
			{Code: code("http://loinc.org", "8480-6", "Systolic", "Systolic"), Value: fhir.Value{Kind: fhir.QuantityValue, Quantity: mm("142.0", 142)},
				Ranges: []fhir.ReferenceRange{{High: fhir.Quantity{Value: fhir.Decimal{Text: "130", Float: 130}, Unit: "mmHg"}, Text: "below 130"}}},
			{Code: code("http://loinc.org", "8462-4", "Diastolic", "Diastolic"), Value: fhir.Value{Kind: fhir.QuantityValue, Quantity: mm("91", 91)}},
		},
		Performers: []string{"Dr. Ana Ruiz"}, Notes: []string{"Taken \"seated\", left arm.\nSecond reading."},
		Encounter: fhir.Link{Reference: "Encounter/e1"},
	})
	for name, c := range map[string]struct {
		value string
		want  fhir.Value
	}{
		"a text":     {`"valueString":"a\tb"`, fhir.Value{Kind: fhir.TextValue, Text: "a\tb"}},
		"a code":     {`"valueCodeableConcept":{"coding":[{"code":"x"}]}`, fhir.Value{Kind: fhir.ConceptValue, Concept: code("", "x", "", "x")}},
		"yes":        {`"valueBoolean":true`, fhir.Value{Kind: fhir.BoolValue, Bool: true}},
		"a count":    {`"valueInteger":-3`, fhir.Value{Kind: fhir.IntValue, Int: -3}},
		"a decimal":  {`"valueQuantity":{"value":1.10,"comparator":"<","code":"mg"}`, fhir.Value{Kind: fhir.QuantityValue, Quantity: fhir.Quantity{Value: fhir.Decimal{Text: "1.10", Float: 1.1}, Comparator: "<", Unit: "mg", Code: "mg"}}},
		"a month":    {`"valueDateTime":"2024-02"`, fhir.Value{Kind: fhir.TimeValue, Time: fhir.Time{At: time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC), Prec: fhir.ToMonth}}},
		"a range":    {`"valueRange":{"low":{"value":1}}`, fhir.Value{Kind: fhir.RangeValue, Low: fhir.Quantity{Value: fhir.Decimal{Text: "1", Float: 1}}}},
		"a ratio":    {`"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}`, fhir.Value{Kind: fhir.RatioValue, Low: fhir.Quantity{Value: fhir.Decimal{Text: "1", Float: 1}}, High: fhir.Quantity{Value: fhir.Decimal{Text: "128", Float: 128}}}},
		"no value":   {`"dataAbsentReason":{"text":"refused"}`, fhir.Value{}},
		"a time":     {`"valueTime":"10:00:00"`, fhir.Value{Kind: fhir.TextValue, Text: "10:00:00"}},
		"a series":   {`"valueSampledData":{"origin":{"value":0},"period":1,"dimensions":1,"data":"1 2"}`, fhir.Value{Kind: fhir.SampledValue}},
		"a stay":     {`"valuePeriod":{"start":"2024-02-01"}`, fhir.Value{Kind: fhir.PeriodValue, Period: fhir.Period{Start: day(2024, 2, 1)}}},
		"a big text": {`"valueQuantity":{"value":1e999}`, fhir.Value{Kind: fhir.QuantityValue, Quantity: fhir.Quantity{Value: fhir.Decimal{Text: "1e999"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := fhir.ReadObservation([]byte(`{"resourceType":"Observation","status":"final","code":{"text":"a"},` + c.value + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Value, cmp.Comparer(time.Time.Equal)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadConditionAndProcedure(t *testing.T) {
	t.Parallel()
	sees(t, fhir.ReadCondition, `{"resourceType":"Condition","id":"c","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},"category":[{"text":"Problem"}],"severity":{"text":"mild"},"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003"},{"code":"I10","display":"Hypertension"}]},"subject":{"reference":"Patient/p"},"onsetAge":{"value":52,"unit":"a","system":"http://unitsofmeasure.org","code":"a"},"abatementDateTime":"2024-02-03","recordedDate":"2020-02-03","bodySite":[{"text":"heart"}],"note":[{"text":"n"}]}`,
		fhir.Condition{ID: "c", ClinicalStatus: "active", VerificationStatus: "confirmed", Category: []fhir.Concept{{Text: "Problem"}}, Severity: fhir.Concept{Text: "mild"},
			Code:  fhir.Concept{Text: "Hypertension", Codings: []fhir.Coding{{System: "http://snomed.info/sct", Code: "38341003"}, {Code: "I10", Display: "Hypertension"}}},
			Onset: fhir.Moment{Age: fhir.Quantity{Value: fhir.Decimal{Text: "52", Float: 52}, Unit: "a", System: "http://unitsofmeasure.org", Code: "a"}}, Abatement: fhir.Moment{Time: day(2024, 2, 3)},
			Recorded: day(2020, 2, 3), BodySites: []string{"heart"}, Notes: []string{"n"}})
	sees(t, fhir.ReadProcedure, `{"resourceType":"Procedure","id":"c","status":"completed","code":{"text":"Stitches"},"subject":{"reference":"Patient/p"},"performedPeriod":{"start":"2024-02-03","end":"2024-02-04"},"performer":[{"actor":{"display":"Dr. A"}}],"reasonCode":[{"text":"cut"}]}`,
		fhir.Procedure{ID: "c", Status: "completed", Code: fhir.Concept{Text: "Stitches"}, Performed: fhir.Moment{Time: day(2024, 2, 3)}, PerformedEnd: day(2024, 2, 4), Performers: []string{"Dr. A"}, Reasons: []string{"cut"}})
}

func TestReadMedicine(t *testing.T) {
	t.Parallel()
	sees(t, fhir.ReadMedicine, `{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","medicationCodeableConcept":{"text":"Metformin 500 mg"},"subject":{"reference":"Patient/p"},"authoredOn":"2024-02-03","requester":{"display":"Dr. A"},"reasonCode":[{"text":"Diabetes"}],"dosageInstruction":[{"text":"one in the morning","asNeededBoolean":true},{"patientInstruction":"with food"},{"sequence":3}]}`,
		fhir.Medicine{ID: "m", Type: "MedicationRequest", Status: "active", Intent: "order", Code: fhir.Concept{Text: "Metformin 500 mg"}, Authored: day(2024, 2, 3), By: fhir.Link{Display: "Dr. A"},
			Reasons: []string{"Diabetes"}, Dosage: []string{"one in the morning", "with food"}, AsNeeded: true})
	sees(t, fhir.ReadMedicine, `{"resourceType":"MedicationStatement","contained":[{"resourceType":"Medication","id":"x","code":{"text":"Aspirin"}}],"status":"active","medicationReference":{"reference":"#x"},"subject":{"reference":"Patient/p"},"effectivePeriod":{"start":"2024-02-03"},"dateAsserted":"2024-02-04","dosage":[{"text":"daily"}]}`,
		fhir.Medicine{Type: "MedicationStatement", Status: "active", Code: fhir.Concept{Text: "Aspirin"}, Reference: fhir.Link{Reference: "#x"}, Effective: fhir.Period{Start: day(2024, 2, 3)}, Authored: day(2024, 2, 4), Dosage: []string{"daily"}})
	if _, err := fhir.ReadMedicationRequest([]byte(`{"resourceType":"MedicationStatement","status":"active","medicationReference":{"display":"x"},"subject":{"reference":"Patient/p"}}`)); !errs.Is(err, errs.Invalid) {
		t.Errorf("a statement was read as a request: %v", err)
	}
}

func TestReadAllergyAndImmunization(t *testing.T) {
	t.Parallel()
	sees(t, fhir.ReadAllergyIntolerance, `{"resourceType":"AllergyIntolerance","id":"a","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"category":["food","environment"],"criticality":"high","code":{"text":"Peanuts"},"patient":{"reference":"Patient/p"},"onsetString":"as a child","recordedDate":"2024-02-03","reaction":[{"manifestation":[{"text":"Hives"},{"coding":[{"display":"Wheeze"}]}],"severity":"severe"}]}`,
		fhir.AllergyIntolerance{ID: "a", ClinicalStatus: "active", Categories: []string{"food", "environment"}, Criticality: "high", Code: fhir.Concept{Text: "Peanuts"},
			Onset: fhir.Moment{Text: "as a child"}, Recorded: day(2024, 2, 3), Reactions: []fhir.Reaction{{Manifestations: []string{"Hives", "Wheeze"}, Severity: "severe"}}})
	sees(t, fhir.ReadImmunization, `{"resourceType":"Immunization","id":"i","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"140","display":"Influenza"}]},"patient":{"reference":"Patient/p"},"occurrenceDateTime":"2024-02-03","lotNumber":"AB1","protocolApplied":[{"doseNumberPositiveInt":2}]}`,
		fhir.Immunization{ID: "i", Status: "completed", Code: fhir.Concept{Text: "Influenza", Codings: []fhir.Coding{{System: "http://hl7.org/fhir/sid/cvx", Code: "140", Display: "Influenza"}}}, Date: day(2024, 2, 3), Lot: "AB1", Dose: "2"})
}

func TestReadReportAndDocument(t *testing.T) {
	t.Parallel()
	sees(t, fhir.ReadDiagnosticReport, `{"resourceType":"DiagnosticReport","id":"d","status":"final","code":{"text":"Lipids"},"effectiveDateTime":"2024-02-03","issued":"2024-02-04T10:00:00Z","result":[{"reference":"Observation/1"}],"conclusion":"fine","presentedForm":[{"contentType":"application/pdf","title":"Report","data":"YQ==","size":1}]}`,
		fhir.DiagnosticReport{ID: "d", Status: "final", Code: fhir.Concept{Text: "Lipids"}, Effective: day(2024, 2, 3), Issued: moment("2024-02-04T10:00:00Z"), Results: []fhir.Link{{Reference: "Observation/1"}},
			Conclusion: "fine", Forms: []fhir.Attachment{{ContentType: "application/pdf", Title: "Report", Data: "YQ==", Size: 1}}})
	sees(t, fhir.ReadDocumentReference, `{"resourceType":"DocumentReference","id":"d","status":"current","type":{"text":"Letter"},"date":"2024-02-04T10:00:00Z","author":[{"display":"Dr. A"},{"reference":"Practitioner/1"}],"description":"About you","content":[{"attachment":{"contentType":"text/plain","url":"https://x.example/1"}}]}`,
		fhir.DocumentReference{ID: "d", Status: "current", Type: fhir.Concept{Text: "Letter"}, Date: moment("2024-02-04T10:00:00Z"), Authors: []string{"Dr. A"}, Description: "About you", Content: []fhir.Attachment{{ContentType: "text/plain", URL: "https://x.example/1"}}})
}

func TestReadVisits(t *testing.T) {
	t.Parallel()
	sees(t, fhir.ReadEncounter, `{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"type":[{"text":"Check-up"}],"period":{"start":"2024-02-03","end":"2024-02-03"},"participant":[{"individual":{"display":"Dr. A"}}],"reasonCode":[{"text":"cough"}],"location":[{"location":{"display":"Room 2"}}]}`,
		fhir.Encounter{ID: "e", Status: "finished", Class: "AMB", Types: []fhir.Concept{{Text: "Check-up"}}, Period: fhir.Period{Start: day(2024, 2, 3), End: day(2024, 2, 3)}, Participants: []string{"Dr. A"}, Reasons: []string{"cough"}, Location: "Room 2"})
	sees(t, fhir.ReadAppointment, `{"resourceType":"Appointment","id":"a","status":"booked","serviceType":[{"text":"Check-up"}],"appointmentType":{"text":"Routine"},"description":"d","comment":"c","start":"2024-02-04T10:00:00Z","end":"2024-02-04T10:20:00Z","minutesDuration":20,"participant":[{"actor":{"reference":"Patient/p","display":"Ana"},"status":"accepted"}]}`,
		fhir.Appointment{ID: "a", Status: "booked", ServiceTypes: []fhir.Concept{{Text: "Check-up"}}, Type: fhir.Concept{Text: "Routine"}, Description: "d", Comment: "c", Start: moment("2024-02-04T10:00:00Z"), End: moment("2024-02-04T10:20:00Z"), Minutes: 20,
			Participants: []fhir.Participant{{Actor: fhir.Link{Reference: "Patient/p", Display: "Ana"}, Status: "accepted"}}})
	sees(t, fhir.ReadCarePlan, `{"resourceType":"CarePlan","id":"p","status":"active","intent":"plan","category":[{"text":"Diabetes"}],"subject":{"reference":"Patient/p"},"period":{"start":"2024-02-03"}}`,
		fhir.CarePlan{ID: "p", Status: "active", Intent: "plan", Title: "Diabetes", Categories: []fhir.Concept{{Text: "Diabetes"}}, Period: fhir.Period{Start: day(2024, 2, 3)}})
	sees(t, fhir.ReadCommunication, `{"resourceType":"Communication","id":"m","status":"completed","category":[{"text":"question"}],"topic":{"text":"Tablets"},"about":[{"reference":"MedicationRequest/1"}],"sent":"2024-02-04T10:00:00Z","sender":{"reference":"Patient/p"},"recipient":[{"reference":"Practitioner/1"}],"payload":[{"contentString":"May I?"},{"contentAttachment":{"contentType":"image/png"}}]}`,
		fhir.Communication{ID: "m", Status: "completed", Categories: []fhir.Concept{{Text: "question"}}, Topic: fhir.Concept{Text: "Tablets"}, About: []fhir.Link{{Reference: "MedicationRequest/1"}}, Sent: moment("2024-02-04T10:00:00Z"),
			Sender: fhir.Link{Reference: "Patient/p"}, Recipients: []fhir.Link{{Reference: "Practitioner/1"}}, Texts: []string{"May I?"}, Attachments: []fhir.Attachment{{ContentType: "image/png"}}})
	sees(t, fhir.ReadPractitioner, `{"resourceType":"Practitioner","id":"p","active":false,"name":[{"prefix":["Dr."],"given":["Ana"],"family":"Ruiz"}],"qualification":[{"code":{"text":"MD"}}],"communication":[{"coding":[{"code":"es"}]}]}`,
		fhir.Practitioner{ID: "p", Names: []fhir.Name{{Text: "Ana Ruiz", Prefix: []string{"Dr."}, Given: []string{"Ana"}, Family: "Ruiz"}}, Qualifications: []string{"MD"}, Languages: []fhir.Spoken{{Language: "es", Text: "es"}}})
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]fhir.Time{
		"2024":                               {At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Prec: fhir.ToYear},
		"2024-02":                            {At: time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC), Prec: fhir.ToMonth},
		"2024-02-29":                         {At: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), Prec: fhir.ToDay},
		"2024-02-29T10:00:00.5+05:30":        {At: time.Date(2024, 2, 29, 4, 30, 0, 500_000_000, time.UTC), Prec: fhir.ToSecond},
		"2024-02-29T10:00:00":                {At: time.Date(2024, 2, 29, 10, 0, 0, 0, time.UTC), Prec: fhir.ToSecond},
		"2024-02-29T10:00:00.1234567890123Z": {At: time.Date(2024, 2, 29, 10, 0, 0, 123456789, time.UTC), Prec: fhir.ToSecond},
		"2024-02-30":                         {}, "": {}, "24": {}, "2024-02T10:00:00Z": {}, "2024-02-29T10:00Z": {},
	} {
		got, ok := fhir.ParseTime(in)
		if !got.At.Equal(want.At) || got.Prec != want.Prec || ok != (want.Prec != 0) {
			t.Errorf("%s: got %v, want %v", in, got, want)
		}
	}
}

func TestReadQuestionnaireResponse(t *testing.T) {
	sees(t, fhir.ReadQuestionnaireResponse, `{"resourceType":"QuestionnaireResponse","id":"r","questionnaire":"urn:form|2","status":"completed","authored":"2026-11-26","item":[{"linkId":"a"}]}`,
		fhir.QuestionnaireResponse{ID: "r", Status: "completed", Form: "urn:form", Version: "2", Authored: day(2026, time.November, 26)})
	for status, want := range map[string][2]bool{"in-progress": {true, false}, "completed": {false, true}, "amended": {false, true}, "entered-in-error": {}, "stopped": {}, "": {}} {
		if r := (fhir.QuestionnaireResponse{Status: status}); r.Begun() != want[0] || r.Given() != want[1] {
			t.Errorf("%q: begun %v, given %v", status, r.Begun(), r.Given())
		}
	}
}
