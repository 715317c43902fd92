package question

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"rapport/fhir/form"
	"rapport/lang"
)

// every is a form with one question of each kind.
const every = `{"resourceType":"Questionnaire","status":"active","url":"urn:t","item":[
 {"linkId":"yes","type":"boolean","text":"Yes?"},
 {"linkId":"one","type":"choice","text":"One","answerOption":[{"valueCoding":{"code":"a","display":"A","_display":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"La A"}]}]}}},{"valueCoding":{"code":"b","display":"B"}}]},
 {"linkId":"many","type":"open-choice","repeats":true,"text":"Many","answerOption":[{"valueCoding":{"code":"n","display":"None"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive","valueBoolean":true}]},{"valueCoding":{"code":"x","display":"X"}}]},
 {"linkId":"words","type":"text","text":"Words"},{"linkId":"line","type":"string","text":"Line","maxLength":10},
 {"linkId":"scale","type":"integer","text":"Scale","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/minValue","valueInteger":0},{"url":"http://hl7.org/fhir/StructureDefinition/maxValue","valueInteger":10}]},
 {"linkId":"number","type":"decimal","text":"Number","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-unit","valueCoding":{"code":"h","display":"hours"}}]},
 {"linkId":"measured","type":"quantity","text":"Measured","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption","valueCoding":{"system":"http://unitsofmeasure.org","code":"kg","display":"kg"}},{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption","valueCoding":{"system":"http://unitsofmeasure.org","code":"[lb_av]","display":"lb"}}]},
 {"linkId":"day","type":"date","text":"Day"},{"linkId":"file","type":"attachment","text":"File"}]}`

func sheet(t *testing.T) *form.Sheet {
	t.Helper()
	f, err := form.Read([]byte(every), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := form.Start(f, form.Env{Now: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func drawn(t *testing.T, tag lang.Tag, v View) string {
	t.Helper()
	v.P, v.ID, v.By = lang.New(tag, lang.WordClient), "a", "ask"
	var b strings.Builder
	if err := Draw(v).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What a browser would send for a question is read, kept, said in words, and drawn again.
func TestEveryKindOfQuestionIsDrawnReadAndSaid(t *testing.T) {
	t.Parallel()
	sends := map[string][]string{"yes": {"true"}, "one": {"0"}, "many": {"1", elsewhere}, "words": {"a line\nand <b>"}, "line": {"short"}, "scale": {"7"}, "number": {"7,5"}, "measured": {"70.5"}, "day": {"2026-11-02"}}
	says := map[string]map[lang.Tag]string{"one": {lang.Spanish: "La A"}, "many": {lang.English: "X · my own"}, "number": {lang.French: "7,5 hours"}, "day": {lang.Spanish: "2 de noviembre de 2026"}, "yes": {lang.French: "Oui"}}
	s := sheet(t)
	for _, q := range s.Questions() {
		link := q.Item.LinkID
		fields := Fields{All: func(name string) []string {
			return map[string][]string{"a": sends[link], "a-own": {"my own"}, "a-unit": {"kg"}}[name]
		}, File: func(string) []byte { return []byte("\x89PNG\r\n\x1a\n and so on") }}
		answers, _, ok := q.Read(Read(fields, "a", q)...)
		if !ok || len(answers) == 0 {
			t.Fatalf("%s is not read", link)
		}
		if is, err := s.Set(q.Place, answers); err != nil || len(is) > 0 {
			t.Fatalf("%s is not kept: %v %v", link, is, err)
		}
		now, _ := s.Question(q.Place)
		for _, tag := range lang.All() {
			html := drawn(t, tag, View{Q: now})
			if strings.Contains(html, "<b>") || strings.Contains(html, "style=") || !strings.Contains(html, `name="a`) {
				t.Errorf("%s in %s: %s", link, tag, html)
			}
			if want := says[link][tag]; want != "" && Say(lang.New(tag, lang.WordClient), now) != want {
				t.Errorf("%s in %s says %q, want %q", link, tag, Say(lang.New(tag, lang.WordClient), now), want)
			}
		}
	}
	if a := s.Questions()[9].Answers; len(a) != 1 || a[0].MIME != "image/png" {
		t.Errorf("the file is %+v", a)
	}
}

func TestWhatGoesWithNoOtherStandsApartAndHelpIsThereBeforeTheTap(t *testing.T) {
	t.Parallel()
	q := sheet(t).Questions()[2]
	html := drawn(t, lang.English, View{Q: q, Alarms: []int{1}, Help: templ.Raw("help here")})
	none, other := strings.Index(html, ">None<"), strings.Index(html, ">X<")
	if or := strings.Index(html, `class="or"`); or < other || none < or {
		t.Error("what goes with no other does not stand apart, at the end")
	}
	if strings.Count(html, `class="alarm"`) != 1 || !strings.Contains(html, "help here") {
		t.Error("the help of a dangerous option is not on the page before it is chosen")
	}
	if html := drawn(t, lang.English, View{Q: q, Typed: []form.Typed{{Option: "1"}}, Problem: "again"}); !strings.Contains(html, `aria-invalid="true"`) || !strings.Contains(html, "again") || !strings.Contains(html, `value="1" checked`) {
		t.Errorf("what was typed and is wrong is not shown again: %s", html)
	}
}

func TestWhatIsWrongIsSaidInThreeLanguages(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"required", "too-long", "too-short", "min", "max", "decimals", "occurs-max", "exclusive", "mime", "size", "regex"} {
		seen := map[string]bool{}
		for _, tag := range lang.All() {
			s := Wrong(lang.New(tag, lang.WordClient), form.Issue{Code: code, Bound: "5"})
			if s == "" || seen[s] {
				t.Errorf("%s in %s: %q", code, tag, s)
			}
			seen[s] = true
		}
	}
}

// A file is of a kind that is shown only if it begins like one, whatever it is called.
func TestAFileIsWhatItBeginsAs(t *testing.T) {
	t.Parallel()
	for begins, want := range map[string]string{
		"\xff\xd8\xff\xe0": "image/jpeg", "\x89PNG\r\n\x1a\n": "image/png", "GIF89a": "image/gif", "RIFF\x00\x00\x00\x00WEBPVP8 ": "image/webp", "%PDF-1.7": "application/pdf",
		"<html><script>": "application/octet-stream", "<?xml version='1.0'?><svg>": "application/octet-stream", "words": "application/octet-stream", "": "application/octet-stream",
	} {
		if got := sniff([]byte(begins)); got != want {
			t.Errorf("%q is %s, want %s", begins, got, want)
		}
	}
}
