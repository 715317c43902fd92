package form

import (
	"fmt"
	"strings"
	"testing"
)

// TestTheSameCodeCountsByItsQuestion: a question scored the other way round
// offers the same codes with other numbers.
func TestTheSameCodeCountsByItsQuestion(t *testing.T) {
	t.Parallel()
	option := func(code, n string) string {
		return `{"valueCoding":{"system":"urn:s","code":"` + code + `"},"extension":[` + x(core+"ordinalValue", `"valueDecimal":`+n) + `]}`
	}
	f := items(t, `{"linkId":"a","type":"choice","answerOption":[`+option("never", "0")+`,`+option("often", "4")+`]}`,
		`{"linkId":"b","type":"choice","answerOption":[`+option("never", "4")+`,`+option("often", "0")+`]}`,
		`{"linkId":"sum","type":"decimal","readOnly":true,"extension":[`+expr(sdc+"sdc-questionnaire-calculatedExpression", "%resource.descendants().where(linkId = 'a' or linkId = 'b').answer.value.weight().sum()")+`]}`)
	d := sit(t, f, Env{})
	d.say("a", "never")
	d.say("b", "never")
	d.want("sum", "4")
	d.say("a", "often")
	d.want("sum", "8")
	if strings.Contains(string(d.JSON()), "ordinalValue") {
		t.Error("the draft says what an answer counts")
	}
}

func TestADangerThatIsNotAskedIsNone(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"q","type":"boolean"}`, `{"linkId":"d","type":"boolean","enableWhen":[{"question":"q","operator":"=","answerBoolean":true}],"extension":[`+
		x(ours+"danger", `"extension":[{"url":"when","valueExpression":{"language":"text/fhirpath","expression":"true"}},{"url":"text","valueString":"Call us."},{"url":"code","valueCode":"urgent"}]`)+`]}`)
	d := sit(t, f, Env{})
	if len(d.Alarms()) > 0 {
		t.Error("an alarm about a question nobody was asked")
	}
	d.say("q", "true")
	if as := d.Alarms(); len(as) != 1 || as[0].Level != "urgent" {
		t.Errorf("%+v", as)
	}
}

func TestWhatTheChartKnows(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"w","type":"decimal","code":[{"system":"http://loinc.org","code":"29463-7"}],"extension":[`+
		x(sdc+"sdc-questionnaire-observationLinkPeriod", `"valueDuration":{"value":1,"unit":"year","system":"http://unitsofmeasure.org","code":"a"}`)+`,`+
		x(core+"questionnaire-unit", `"valueCoding":{"system":"http://unitsofmeasure.org","code":"kg"}`)+`]}`)
	obs := func(id, status, code, at, value, unit string) string {
		return fmt.Sprintf(`{"resource":{"resourceType":"Observation","id":%q,"status":%q,"code":{"coding":[{"system":"http://loinc.org","code":%q}]},"effectiveDateTime":%q,"valueQuantity":{"value":%s,"code":%q,"system":"http://unitsofmeasure.org"}}}`, id, status, code, at, value, unit)
	}
	for want, list := range map[string][]string{
		"":   {obs("a", "final", "29463-7", "2025-11-20", "70", "kg")},
		"71": {obs("a", "final", "29463-7", "2026-01-01", "71", "kg"), obs("b", "final", "29463-7", "2025-12-01", "72", "kg"), obs("c", "entered-in-error", "29463-7", "2026-10-01", "73", "kg"), obs("d", "final", "8302-2", "2026-10-01", "170", "kg")},
		"-":  {obs("a", "final", "29463-7", "2026-01-01", "150", "[lb_av]")},
	} {
		d := sit(t, f, Env{Query: func(string) ([]byte, bool) {
			return []byte(`{"resourceType":"Bundle","type":"searchset","entry":[` + strings.Join(list, ",") + `]}`), true
		}})
		d.want("w", strings.Trim(want, "-"))
	}
}

func TestTheUnaskedIsNotValid(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"q","type":"boolean"}`, `{"linkId":"n","type":"integer","enableWhen":[{"question":"q","operator":"=","answerBoolean":true}]}`)
	response := func(q string) []byte {
		return []byte(`{"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"urn:test|1","item":[{"linkId":"q","answer":[{"valueBoolean":` + q + `}]},{"linkId":"n","answer":[{"valueInteger":3}]}]}`)
	}
	if is := Validate(f, response("true"), Env{}); len(is) > 0 {
		t.Error(is)
	}
	if is := Validate(f, response("false"), Env{}); len(is) != 1 || is[0].Code != "disabled" || is[0].LinkID != "n" {
		t.Error(is)
	}
}

func TestARemovedInstance(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"g","type":"group","repeats":true,"item":[{"linkId":"q","type":"string"}]}`)
	d := sit(t, f, Env{})
	for n := range 3 {
		if n > 0 {
			if _, err := d.Add("0"); err != nil {
				t.Fatal(err)
			}
		}
		d.put(Place(fmt.Sprintf("1.%d", n)), fmt.Sprint("answer ", n))
	}
	if err := d.Remove("0.1"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, q := range d.Questions() {
		got = append(got, string(q.Place)+"="+words(q.Answers))
	}
	if fmt.Sprint(got) != "[1.0=answer 0 1.1=answer 2 0=]" {
		t.Error(got)
	}
	for range 2 {
		if err := d.Remove("0.0"); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Resume(f, d.JSON(), Env{Now: theDay})
	if err != nil || len(again.Questions()) != 1 {
		t.Errorf("none is not none after it was resumed: %v", err)
	}
}

func TestARefusedAnswerLeavesWhatLiesBeneath(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"q","type":"string","repeats":true,"extension":[`+x(core+"questionnaire-constraint", `"extension":[{"url":"key","valueId":"c"},{"url":"severity","valueCode":"error"},{"url":"expression","valueString":"answer.all(value != 'no')"},{"url":"human","valueString":"Not no."}]`)+`],"item":[{"linkId":"k","type":"string"}]}`)
	d := sit(t, f, Env{})
	d.say("q", "a", "b")
	d.put("1.1", "beneath b")
	before := string(d.JSON())
	if is := d.put("0", "no"); len(is) != 1 || is[0].Text("") != "Not no." {
		t.Error(is)
	}
	if got := string(d.JSON()); got != before {
		t.Errorf("%s\n%s", before, got)
	}
}

func TestBatchesOfQueries(t *testing.T) {
	t.Parallel()
	f := read(t, `{"resourceType":"Questionnaire","status":"active","url":"urn:test","version":"1",
		"contained":[{"resourceType":"Bundle","id":"Pre","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/{{%patient.id}}"}},{"request":{"method":"GET","url":"Observation?code=x"}}]}],
		"extension":[`+x(sdc+"sdc-questionnaire-sourceQueries", `"valueReference":{"reference":"#Pre"}`)+`,`+x(sdc+"sdc-questionnaire-launchContext", `"extension":[{"url":"name","valueCoding":{"code":"patient"}},{"url":"type","valueCode":"Patient"}]`)+`],
		"item":[{"linkId":"n","type":"string","extension":[`+expr(sdc+"sdc-questionnaire-initialExpression", "%Pre.entry[0].resource.entry.resource.name.family")+`]},
		{"linkId":"who","type":"reference","extension":[`+x(core+"questionnaire-referenceResource", `"valueCode":"Patient"`)+`,`+x(sdc+"sdc-questionnaire-candidateExpression", `"valueExpression":{"language":"text/fhirpath","expression":"%Pre.entry[0].resource.entry.resource"}`)+`]}]}`)
	if ps := f.Problems(); len(ps) > 0 {
		t.Fatal(ps)
	}
	d := sit(t, f, Env{Vars: patient(t), Query: func(q string) ([]byte, bool) {
		return []byte(`{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Patient","id":"p9","name":[{"given":["Bea"],"family":"Quill"}]}}]}`), q == "Patient/p1"
	}})
	d.want("n", "Quill")
	q, _ := d.Question("1")
	if len(q.Options) != 1 || q.Options[0].Text("") != "Bea Quill" || q.Options[0].Value.URL != "Patient/p9" {
		t.Errorf("%+v", q.Options)
	}
	if is, _ := d.Set("1", []Answer{{Type: "Reference", URL: "Group/1"}}); len(is) == 0 {
		t.Error("a reference to what may not be chosen")
	}
	d.say("who", "Bea Quill")
}

func TestHowOften(t *testing.T) {
	t.Parallel()
	occurs := func(name, n string) string { return x(core+"questionnaire-"+name, `"valueInteger":`+n) }
	f := items(t, `{"linkId":"q","type":"string","repeats":true,"extension":[`+occurs("minOccurs", "2")+`,`+occurs("maxOccurs", "3")+`]}`,
		`{"linkId":"g","type":"group","repeats":true,"extension":[`+occurs("minOccurs", "2")+`,`+occurs("maxOccurs", "2")+`],"item":[{"linkId":"i","type":"string","required":true}]}`,
		`{"linkId":"only","type":"choice","repeats":true,"answerOption":[{"valueCoding":{"code":"a"}},{"valueCoding":{"code":"none"},"extension":[`+x(core+"questionnaire-optionExclusive", `"valueBoolean":true`)+`]}]}`)
	d := sit(t, f, Env{})
	if is := d.put("0", "a"); len(is) != 1 || is[0].String() != "q: occurs-min 2" {
		t.Error(is)
	}
	if is := d.put("0", "a", "b", "c", "d"); len(is) != 1 || is[0].String() != "q: occurs-max 3" {
		t.Error(is)
	}
	d.say("q", "a", "b")
	if _, err := d.Add("1"); err == nil {
		t.Error("a third instance")
	}
	is, _ := d.Complete(theDay)
	if fmt.Sprint(is) != "[i: required i: required]" {
		t.Error(is)
	}
	d.put("2.0", "x")
	if err := d.Remove("1.1"); err != nil {
		t.Fatal(err)
	}
	if is, _ := d.Complete(theDay); fmt.Sprint(is) != "[g: occurs-min 2]" {
		t.Error(is)
	}
	if is := d.put("3", "a", "none"); len(is) != 1 || is[0].Code != "exclusive" {
		t.Error(is)
	}
}

func TestUnitsFromASet(t *testing.T) {
	t.Parallel()
	f := read(t, `{"resourceType":"Questionnaire","status":"active","url":"urn:test","contained":[{"resourceType":"ValueSet","id":"u","status":"active","compose":{"include":[{"system":"http://unitsofmeasure.org","concept":[{"code":"kg","display":"kilos"},{"code":"g"}]}]}}],
		"item":[{"linkId":"q","type":"quantity","extension":[`+x(core+"questionnaire-unitValueSet", `"valueCanonical":"#u"`)+`]}]}`)
	d := sit(t, f, Env{})
	if is := d.put("0", "3 lb"); len(is) != 1 || is[0].Code != "unit" {
		t.Error(is)
	}
	d.say("q", "3,5 kilos")
	if !strings.Contains(string(d.JSON()), `{"value":3.5,"unit":"kilos","system":"http://unitsofmeasure.org","code":"kg"}`) {
		t.Error(string(d.JSON()))
	}
}
