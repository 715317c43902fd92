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
		x(ours+"danger", `"valueExpression":{"name":"urgent","language":"text/fhirpath","expression":"true","description":"Call us."}`)+`]}`)
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
