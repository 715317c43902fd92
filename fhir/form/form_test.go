package form

import (
	"testing"

	"rapport/fhir"
)

func TestAPlainForm(t *testing.T) {
	t.Parallel()
	f, err := Read([]byte(`{"resourceType":"Questionnaire","status":"active","url":"urn:x","version":"1","title":"About you","_title":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"Sobre usted"}]}]},
	"item":[{"linkId":"g","type":"group","text":"You","item":[
		{"linkId":"note","type":"display","text":"Take your time."},
		{"linkId":"name","type":"string","text":"Your name","required":true},
		{"linkId":"smoke","type":"boolean","text":"Do you smoke?"},
		{"linkId":"much","type":"integer","text":"How much?","enableWhen":[{"question":"smoke","operator":"=","answerBoolean":true}]}]},
	  {"linkId":"kin","type":"group","repeats":true,"text":"Family","item":[{"linkId":"kin-name","type":"string","text":"Name"}]}]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if ps := f.Problems(); len(ps) > 0 {
		t.Error(ps)
	}
	if f.Title("es") != "Sobre usted" || f.Title("fr") != "About you" {
		t.Error("title")
	}
	s, err := Start(f, Env{Subject: "Patient/1"})
	if err != nil {
		t.Fatal(err)
	}
	places := func() (out []Place) {
		for _, q := range s.Questions() {
			out = append(out, q.Place)
		}
		return out
	}
	want := func(ps ...Place) {
		t.Helper()
		got := places()
		if len(got) != len(ps) {
			t.Fatalf("questions %v, want %v", got, ps)
		}
		for n := range ps {
			if got[n] != ps[n] {
				t.Fatalf("questions %v, want %v", got, ps)
			}
		}
	}
	want("2", "3", "6.0", "5")
	if _, err := s.Set("4", []Answer{{Type: "integer", Text: "3"}}); err == nil {
		t.Error("a disabled question was answered")
	}
	q, _ := s.Question("3")
	a, _, ok := q.Read(Typed{Text: "true"})
	if is, err := s.Set("3", a); err != nil || !ok || len(is) > 0 {
		t.Fatal(is, err)
	}
	want("2", "3", "4", "6.0", "5")
	if at, err := s.Add("5"); err != nil || at != "5.1" {
		t.Fatal(at, err)
	}
	want("2", "3", "4", "6.0", "6.1", "5")
	if _, err := fhir.Parse(s.JSON()); err != nil {
		t.Errorf("%v\n%s", err, s.JSON())
	}
}
