package form

import (
	"fmt"
	"strings"
	"testing"
)

// big makes a form of n items in groups of 20, of which cond are conditional by
// expressions: half of them shown or hidden, half calculated.
func big(n, cond int) []byte {
	var b strings.Builder
	b.WriteString(`{"resourceType":"Questionnaire","status":"active","url":"urn:big","version":"1","title":"Big","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/variable","valueExpression":{"name":"first","language":"text/fhirpath","expression":"%resource.descendants().where(linkId='q0').answer.value"}}],"item":[`)
	every := 0
	if cond > 0 {
		every = n / cond
	}
	for i := range n {
		if i%20 == 0 {
			if i > 0 {
				b.WriteString("]},")
			}
			fmt.Fprintf(&b, `{"linkId":"g%d","type":"group","text":"Section %d","item":[{"linkId":"q%d","type":"integer","text":"How many?"}`, i, i, i)
			continue
		}
		b.WriteString(",")
		ext, typ := "", `"type":"choice","answerOption":[{"valueCoding":{"system":"s","code":"0","display":"Not at all"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/ordinalValue","valueDecimal":0}]},{"valueCoding":{"system":"s","code":"1","display":"Nearly every day"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/ordinalValue","valueDecimal":1}]}]`
		if every > 0 && i%every == 1 {
			src := i - 1
			switch i / every % 4 {
			case 0:
				ext = fmt.Sprintf(`"extension":[{"url":"%ssdc-questionnaire-enableWhenExpression","valueExpression":{"language":"text/fhirpath","expression":"%%resource.descendants().where(linkId='q%d').answer.value.exists() and %%first > 0"}}],`, sdc, src)
			case 1:
				ext = fmt.Sprintf(`"extension":[{"url":"%ssdc-questionnaire-enableWhenExpression","valueExpression":{"language":"text/fhirpath","expression":"%%resource.item.where(linkId='g%d').item.where(linkId='q%d').answer.value.exists()"}}],`, sdc, src/20*20, src)
			default:
				ext = fmt.Sprintf(`"extension":[{"url":"%ssdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"iif(%%resource.repeat(item).where(linkId='q%d').answer.value.exists(), 1, 0) + %%resource.descendants().where(linkId='q%d').answer.value.ordinal().sum()"}}],"readOnly":true,`, sdc, src, src)
				typ = `"type":"decimal"`
			}
		} else if i%7 == 3 {
			ext = fmt.Sprintf(`"enableWhen":[{"question":"q%d","operator":"exists","answerBoolean":true}],`, i-1)
		}
		fmt.Fprintf(&b, `{"linkId":"q%d","text":"Over the last two weeks, how often have you been bothered by number %d?",%s%s}`, i, i, ext, typ)
	}
	b.WriteString("]}]}")
	return []byte(b.String())
}

func filled(tb testing.TB, f *Form) (*Sheet, []byte) {
	s, err := Start(f, Env{Now: theDay, Subject: "Patient/1"})
	if err != nil {
		tb.Fatal(err)
	}
	n := 0
	for _, q := range s.Questions() {
		a := Answer{Type: "integer", Text: "3"}
		if len(q.Options) > 0 {
			a = q.Options[1].Value
		}
		if q.ReadOnly || n > 400 {
			continue
		}
		r, _, _ := s.find(q.Place)
		r.answers = []Answer{a}
		n++
	}
	if err := s.settle(); err != nil {
		tb.Fatal(err)
	}
	return s, s.JSON()
}

func BenchmarkForm700(b *testing.B) {
	f := read(b, string(big(700, 180)))
	if n := len(f.Problems()); n > 0 {
		b.Fatal(f.Problems())
	}
	_, draft := filled(b, f)
	env := Env{Now: theDay, Subject: "Patient/1"}
	b.Run("page", func(b *testing.B) { // Resume, evaluate, Questions
		for b.Loop() {
			s, err := Resume(f, draft, env)
			if err != nil {
				b.Fatal(err)
			}
			if len(s.Questions()) < 300 {
				b.Fatal("too few questions")
			}
		}
	})
	b.Run("save", func(b *testing.B) { // Resume, Set, JSON
		for b.Loop() {
			s, err := Resume(f, draft, env)
			if err != nil {
				b.Fatal(err)
			}
			if is, err := s.Set(Place(itoa(f.Find("q0").Number)), []Answer{{Type: "integer", Text: "4"}}); err != nil || len(is) > 0 {
				b.Fatal(is, err)
			}
			if len(s.JSON()) == 0 {
				b.Fatal("nothing")
			}
		}
	})
	b.Run("set", func(b *testing.B) { // Set, JSON
		s, err := Resume(f, draft, env)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for b.Loop() {
			n++
			if is, err := s.Set(Place(itoa(f.Find("q0").Number)), []Answer{{Type: "integer", Text: string(itoa(n % 9))}}); err != nil || len(is) > 0 {
				b.Fatal(is, err)
			}
			if len(s.JSON()) == 0 {
				b.Fatal("nothing")
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		src := big(700, 180)
		for b.Loop() {
			if _, err := Read(src, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
