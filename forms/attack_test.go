package forms

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/fhir"
	"rapport/fhir/form"
)

func TestHostileDefinitionsAreTold(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"linkId":"g","type":"group","item":[`, 3000) + strings.Repeat(`]}`, 3000)
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, `,{"linkId":"q%d","type":"string","text":"Q%d","enableWhen":[{"question":"q%d","operator":"exists","answerBoolean":true}]}`, i, i, max(i-1, 0))
	}
	for name, body := range map[string]string{
		"nothing": ``, "null": `null`, "a list": `[]`, "deep": `{"resourceType":"Questionnaire","url":"u","item":[` + deep + `]}`,
		"items that are none": `{"resourceType":"Questionnaire","url":"u","status":"active","item":[null,1,"x",{"linkId":null,"type":7}]}`,
		"itself":              `{"resourceType":"Questionnaire","url":"u","status":"active","item":[{"linkId":"a","type":"string","enableWhen":[{"question":"a","operator":"exists","answerBoolean":false}]}]}`,
		"a ring":              `{"resourceType":"Questionnaire","url":"u","status":"active","item":[{"linkId":"a","type":"string","enableWhen":[{"question":"b","operator":"=","answerString":"x"}]},{"linkId":"b","type":"string","enableWhen":[{"question":"a","operator":"!=","answerString":"x"}]}]}`,
		"expressions":         `{"resourceType":"Questionnaire","url":"u","status":"active","item":[{"linkId":"a","type":"decimal","extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"1/0 + %resource.descendants().descendants().descendants().count()"}}]}]}`,
		"a loop":              `{"resourceType":"Questionnaire","url":"u","status":"active","item":[{"linkId":"a","type":"integer","extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"%resource.item.where(linkId='b').answer.value+1"}}]},{"linkId":"b","type":"integer","extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"%resource.item.where(linkId='a').answer.value+1"}}]}]}`,
		"five thousand":       `{"resourceType":"Questionnaire","url":"u","status":"active","item":[` + many.String()[1:] + `]}`,
		"a regex":             `{"resourceType":"Questionnaire","url":"u","status":"active","item":[{"linkId":"a","type":"string","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/regex","valueString":"(((("}]}]}`,
		"asked":               `{"resourceType":"Questionnaire","url":"u","status":"active","extension":[{"url":"urn:rapport:asked","extension":[{"url":"from","valueInteger":-999999999},{"url":"again","valueInteger":999999999},{"url":"after","valueString":"u"}]}],"item":[{"linkId":"a","type":"string"}]}`,
		"a set":               `{"resourceType":"Questionnaire","url":"u","status":"active","item":[{"linkId":"a","type":"choice","answerValueSet":"#none"},{"linkId":"b","type":"choice"}]}`,
	} {
		for _, typ := range Kinds {
			b := strings.Replace(body, `"Questionnaire"`, `"`+typ+`"`, 1)
			start := time.Now()
			l := New([]fhir.Resource{{Type: typ, ID: "x", JSON: []byte(b)}})
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("%s as %s takes %v", name, typ, d)
			}
			for _, a := range l.Asked() {
				a.Due("", -1, time.Now(), func(string) time.Time { return time.Now() })
			}
			e, ok := l.Form("u", "")
			if !ok {
				continue
			}
			start = time.Now()
			s, err := form.Start(e.Form, form.Env{Now: time.Now(), Sets: l.Set})
			if err != nil {
				t.Logf("%s: %v", name, err)
				continue
			}
			for _, q := range s.Questions() {
				s.Skip(q.Place, form.Declined)
				break
			}
			s.Complete(time.Now())
			if _, err := s.Extract(); err != nil {
				t.Logf("%s: %v", name, err)
			}
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("%s: to fill in takes %v", name, d)
			}
		}
	}
}
