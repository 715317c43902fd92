package clients

import (
	"testing"
)

func TestAPressureIsAPair(t *testing.T) {
	t.Parallel()
	f, ok, err := readFinding([]byte(`{"resourceType":"Observation","id":"x","status":"final","category":[{"coding":[{"code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},
		"effectiveDateTime":"2026-11-01","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":79}},
		{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":128,"code":"mm[Hg]"},"interpretation":[{"coding":[{"code":"H"}]}]}]}`))
	if err != nil || !ok || !f.shown || f.value.Number != "128" || f.value.Second == nil || f.value.Second.Number != "79" || !f.value.State().Out() || f.kind != "vital-signs" {
		t.Errorf("%+v %v %v", f, ok, err)
	}
}

func TestWhatWasEnteredInErrorIsNotShown(t *testing.T) {
	t.Parallel()
	if _, ok, err := readFinding([]byte(`{"resourceType":"Observation","id":"x","status":"entered-in-error","code":{"text":"A"}}`)); ok || err != nil {
		t.Error("a finding", err)
	}
	if _, ok, err := readCondition([]byte(`{"resourceType":"Condition","id":"x","verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"entered-in-error"}]},"code":{"text":"A"},"subject":{"display":"x"}}`)); ok || err != nil {
		t.Error("a condition", err)
	}
}

func TestAConditionWithoutStatusIsOverIfItEnded(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{`"abatementDateTime":"2020"`: false, `"onsetDateTime":"2020"`: true} {
		c, ok, err := readCondition([]byte(`{"resourceType":"Condition","id":"x","code":{"text":"Cough (finding)"},"subject":{"display":"x"},` + in + `}`))
		if err != nil || !ok || c.active != want || c.name != "Cough" {
			t.Errorf("%s: %+v %v %v", in, c, ok, err)
		}
	}
}

func TestAnInterpreterIsReadFromItsExtension(t *testing.T) {
	t.Parallel()
	p, err := readPerson([]byte(`{"resourceType":"Patient","id":"x","extension":[{"url":"` + interpreterURL + `","valueBoolean":true}],"name":[{"given":["An","Thi"],"family":"Tran"}],
		"communication":[{"language":{"coding":[{"code":"en"}]}},{"language":{"coding":[{"code":"vi"}]},"preferred":true}]}`))
	if err != nil || !p.interpreter || p.given != "An" || p.languages[0] != "vi" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestAFileIsTextOrBytes(t *testing.T) {
	t.Parallel()
	b, err := decode("S25lZSBp\ncyBmaW5l")
	if err != nil || string(b) != "Knee is fine" {
		t.Errorf("%q %v", b, err)
	}
	if got := paragraphs([]byte("One\r\nline\r\n\r\n\r\nCaf\xe9")); len(got) != 2 || got[1] != "Café" {
		t.Errorf("%q", got)
	}
	if mediaType("text/plain; charset=UTF-8") != "text/plain" || mediaType("nonsense;;") != "" {
		t.Error("media types")
	}
}

// FuzzRead feeds every reader anything: none may panic.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Observation","id":"x","status":"final","code":{"text":"A"},"valueQuantity":{"value":1}}`))
	f.Add([]byte(`{"resourceType":"DocumentReference","id":"x","status":"current","content":[{"attachment":{"url":"Binary/1"}}]}`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = readPerson(b)
		_, _, _ = readCondition(b)
		_, _, _, _ = readMedicine(b)
		_, _, _ = readAllergy(b)
		_, _, _ = readFinding(b)
		_, _, _ = readVisit(b)
		_, _, _ = readComing(b)
		_, _, _ = readDocument(b)
		_, _, _ = readReport(b)
		_, _, _ = readProcedure(b)
		_, _, _ = readImmunisation(b)
		_, _, _ = readBinary(b)
		_, _ = readQuestion(b)
		_ = medicationName(b)
	})
}
