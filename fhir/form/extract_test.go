package form

import (
	"strings"
	"testing"

	"rapport/errs"
)

const sdDef = "http://hl7.org/fhir/StructureDefinition/"

func extracts(typ string) string {
	return x(sdc+"sdc-questionnaire-definitionExtract", `"extension":[{"url":"definition","valueCanonical":"`+sdDef+typ+`"}]`)
}

func def(path string) string {
	typ, _, _ := strings.Cut(path, ".")
	return `"definition":"` + sdDef + typ + "#" + path + `"`
}

func hiddenCode(link, path, code string) string {
	return `{"linkId":"` + link + `","type":"choice",` + def(path) + `,"extension":[` + x(core+"questionnaire-hidden", `"valueBoolean":true`) + `],"initial":[{"valueCoding":{"system":"urn:s","code":"` + code + `"}}]}`
}

// intake is a first visit in small: what somebody has, takes, cannot bear, whom
// they come from and what they want.
func intake(t *testing.T) *Form {
	return items(t,
		`{"linkId":"has","type":"group","repeats":true,"extension":[`+extracts("Condition")+`],"item":[{"linkId":"what","type":"open-choice",`+def("Condition.code")+`,"answerOption":[{"valueCoding":{"system":"http://snomed.info/sct","code":"38341003","display":"High blood pressure"}}]},{"linkId":"since","type":"date",`+def("Condition.onset[x]")+`},{"linkId":"note","type":"text",`+def("Condition.note")+`}]}`,
		`{"linkId":"takes","type":"group","repeats":true,"extension":[`+extracts("MedicationStatement")+`],"item":[{"linkId":"medicine","type":"string",`+def("MedicationStatement.medicationCodeableConcept")+`},{"linkId":"dose","type":"string",`+def("MedicationStatement.dosage")+`}]}`,
		`{"linkId":"bears","type":"group","repeats":true,"extension":[`+x(sdc+"sdc-questionnaire-itemExtractionContext", `"valueCode":"AllergyIntolerance"`)+`],"item":[{"linkId":"to","type":"string",`+def("AllergyIntolerance.code")+`},{"linkId":"does","type":"string","repeats":true,`+def("AllergyIntolerance.reaction.manifestation")+`}]}`,
		`{"linkId":"kin","type":"group","repeats":true,"extension":[`+extracts("FamilyMemberHistory")+`],"item":[{"linkId":"who","type":"choice",`+def("FamilyMemberHistory.relationship")+`,"answerOption":[{"valueCoding":{"system":"urn:s","code":"MTH","display":"Mother"}}]},{"linkId":"old","type":"integer",`+def("FamilyMemberHistory.age[x]")+`,"extension":[`+x(core+"questionnaire-unit", `"valueCoding":{"system":"http://unitsofmeasure.org","code":"a","display":"years"}`)+`]},
			{"linkId":"kin-has","type":"group","repeats":true,`+def("FamilyMemberHistory.condition")+`,"item":[{"linkId":"kin-what","type":"string",`+def("FamilyMemberHistory.condition.code")+`},{"linkId":"kin-since","type":"integer",`+def("FamilyMemberHistory.condition.onset[x]")+`,"extension":[`+x(core+"questionnaire-unit", `"valueCoding":{"system":"http://unitsofmeasure.org","code":"a"}`)+`]}]}]}`,
		`{"linkId":"goal","type":"group","repeats":true,"extension":[`+extracts("Goal")+`],"item":[{"linkId":"wish","type":"text",`+def("Goal.description")+`},{"linkId":"by","type":"date",`+def("Goal.target.due[x]")+`},`+hiddenCode("kind", "Goal.category", "function")+`]}`,
		`{"linkId":"smokes","type":"boolean","code":[{"system":"http://loinc.org","code":"72166-2"}],"extension":[`+x(sdc+"sdc-questionnaire-observationExtract", `"valueBoolean":true`)+`]}`,
		`{"linkId":"pressure","type":"group","extension":[`+extracts("Observation")+`],"item":[`+hiddenCode("bp", "Observation.code.coding", "85354-9")+`,{"linkId":"sys","type":"group",`+def("Observation.component")+`,"item":[`+hiddenCode("sysc", "Observation.component.code.coding", "8480-6")+`,{"linkId":"sysv","type":"quantity",`+def("Observation.component.value[x]")+`}]},{"linkId":"dia","type":"group",`+def("Observation.component")+`,"item":[`+hiddenCode("diac", "Observation.component.code.coding", "8462-4")+`,{"linkId":"diav","type":"quantity",`+def("Observation.component.value[x]")+`}]}]}`,
		`{"linkId":"phone","type":"string"}`)
}

func TestAnIntakeIsExtracted(t *testing.T) {
	t.Parallel()
	f := intake(t)
	if ps := f.Problems(); len(ps) > 0 {
		t.Fatal(ps)
	}
	d := sit(t, f, Env{Subject: "Patient/p1", Author: "Patient/p1", Response: "QuestionnaireResponse/r1"})
	if st, err := d.Extract(); err != nil || len(st) > 0 {
		t.Fatalf("hidden values alone state %d things, %v", len(st), err)
	}
	d.say("what", "High blood pressure")
	d.say("since", "2019")
	if _, err := d.Add(d.at("has")); err != nil {
		t.Fatal(err)
	}
	d.put(d.row("what", 1).place(), "A bad knee")
	d.put(d.row("note", 1).place(), "since the fall")
	d.say("medicine", "Lisinopril")
	d.say("dose", "10 mg in the morning")
	d.say("to", "Penicillin")
	d.put(d.at("does"), "Rash", "Swelling")
	d.say("who", "Mother")
	d.say("old", "71")
	d.say("kin-what", "Diabetes")
	d.say("kin-since", "50")
	if _, err := d.Add(d.at("kin-has")); err != nil {
		t.Fatal(err)
	}
	d.put(d.row("kin-what", 1).place(), "Stroke")
	d.say("wish", "Walk to the lake again")
	d.say("by", "2027-05-01")
	d.say("smokes", "false")
	d.say("sysv", "120 mmHg")
	d.say("diav", "80 mmHg")
	st := d.stated()
	for typ, n := range map[string]int{"Condition": 2, "MedicationStatement": 1, "AllergyIntolerance": 1, "FamilyMemberHistory": 1, "Goal": 1, "Observation": 2} {
		if len(st[typ]) != n {
			t.Errorf("%d of %s, want %d", len(st[typ]), typ, n)
		}
	}
	for _, c := range []struct {
		typ, has string
		n        int
	}{
		{"Condition", `"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003","display":"High blood pressure"}],"text":"High blood pressure"},"onsetDateTime":"2019"`, 0},
		{"Condition", `"code":{"text":"A bad knee"},"note":[{"text":"since the fall"}]`, 1},
		{"Condition", `"evidence":[{"detail":[{"reference":"QuestionnaireResponse/r1"}]}]`, 0},
		{"MedicationStatement", `"medicationCodeableConcept":{"text":"Lisinopril"},"dosage":[{"text":"10 mg in the morning"}]`, 0},
		{"AllergyIntolerance", `"patient":{"reference":"Patient/p1"}`, 0},
		{"AllergyIntolerance", `"reaction":[{"manifestation":[{"text":"Rash"},{"text":"Swelling"}]}]`, 0},
		{"FamilyMemberHistory", `"ageAge":{"value":71,"unit":"years","system":"http://unitsofmeasure.org","code":"a"}`, 0},
		{"FamilyMemberHistory", `"condition":[{"code":{"text":"Diabetes"},"onsetAge":{"value":50,"unit":"a","system":"http://unitsofmeasure.org","code":"a"}},{"code":{"text":"Stroke"}}]`, 0},
		{"Goal", `"description":{"text":"Walk to the lake again"},"target":[{"dueDate":"2027-05-01"}],"category":[{"coding":[{"system":"urn:s","code":"function"}]}]`, 0},
		{"Observation", `"component":[{"code":{"coding":[{"system":"urn:s","code":"8480-6"}]},"valueQuantity":{"value":120,"unit":"mmHg"}},{"code":{"coding":[{"system":"urn:s","code":"8462-4"}]},"valueQuantity":{"value":80,"unit":"mmHg"}}]`, 0},
		{"Observation", `"valueBoolean":false`, 1},
	} {
		if docs := st[c.typ]; len(docs) <= c.n || !strings.Contains(string(docs[c.n].Compact()), c.has) {
			t.Errorf("no %s in %s", c.has, docs[c.n].Compact())
		}
	}
}

func TestWhatCannotBeValidIsLeftOutByName(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"g","type":"group","extension":[`+extracts("FamilyMemberHistory")+`],"item":[{"linkId":"name","type":"string",`+def("FamilyMemberHistory.name")+`}]}`,
		`{"linkId":"smokes","type":"boolean","code":[{"system":"http://loinc.org","code":"72166-2"}],"extension":[`+x(sdc+"sdc-questionnaire-observationExtract", `"valueBoolean":true`)+`]}`)
	d := sit(t, f, Env{Subject: "Patient/p1"})
	d.say("name", "Agatha")
	d.say("smokes", "true")
	st, err := d.Extract()
	if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "name") || strings.Contains(err.Error(), "Agatha") {
		t.Error(err)
	}
	if len(st) != 1 || st[0].Type != "Observation" || st[0].Links[0] != "smokes" || st[0].Places[0] != "2" {
		t.Errorf("%+v", st)
	}
}

func TestWhatIsNotAskedStatesNothing(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"q","type":"boolean"}`, `{"linkId":"n","type":"integer","code":[{"system":"urn:s","code":"n"}],"enableWhen":[{"question":"q","operator":"=","answerBoolean":true}],"extension":[`+x(sdc+"sdc-questionnaire-observationExtract", `"valueBoolean":true`)+`]}`)
	d := sit(t, f, Env{})
	d.say("q", "true")
	d.say("n", "3")
	if len(d.stated()["Observation"]) != 1 {
		t.Error("nothing is stated")
	}
	d.say("q", "false")
	if len(d.stated()) != 0 {
		t.Error("what is not asked is stated")
	}
}
