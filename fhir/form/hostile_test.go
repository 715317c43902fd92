package form

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/errs"
	"rapport/fhir"
)

func TestFormsThatAreRefused(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"linkId":"a","type":"group","item":[`, 40) + `{"linkId":"b","type":"string"}` + strings.Repeat(`]}`, 40)
	many := strings.TrimSuffix(strings.Repeat(`{"linkId":"a","type":"display"},`, MaxItems+1), ",")
	for want, src := range map[string]string{
		"not JSON":                    `{"resourceType":`,
		"a Questionnaire is expected": `{"resourceType":"Patient"}`,
		"item 1 has no linkId":        `{"resourceType":"Questionnaire","status":"active","item":[{"linkId":"a","type":"string"},{"type":"string"}]}`,
		"items nest deeper":           `{"resourceType":"Questionnaire","status":"active","item":[` + deep + `]}`,
		"nested too deep":             strings.Repeat("[", 3000) + strings.Repeat("]", 3000),
		"more than":                   `{"resourceType":"Questionnaire","status":"active","item":[` + many + `]}`,
		"larger than":                 `{"resourceType":"Questionnaire","title":"` + strings.Repeat("x", MaxBytes) + `"}`,
	} {
		_, err := Read([]byte(src), nil)
		if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestProblems: what is not understood is kept, told, and does no harm.
func TestProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ item, code, text string }{
		{`{"linkId":"q","type":"hologram","text":"Look"}`, "type", "used as display"},
		{`{"linkId":"q","type":"string","extension":[` + x("http://example.org/new", `"valueString":"x"`) + `]}`, "extension", "kept, not used: http://example.org/new"},
		{`{"linkId":"q","type":"string","enableWhen":[{"question":"gone","operator":"exists","answerBoolean":true}]}`, "target", "not there: gone"},
		{`{"linkId":"q","type":"string","enableWhen":[{"question":"q2","operator":"~","answerBoolean":true}]}`, "operator", "never asked"},
		{`{"linkId":"q","type":"string","extension":[` + expr(sdc+"sdc-questionnaire-calculatedExpression", "1 +") + `]}`, "expression", "ends too early"},
		{`{"linkId":"q","type":"string","extension":[` + x(sdc+"sdc-questionnaire-calculatedExpression", `"valueExpression":{"language":"text/cql","expression":"x"}`) + `]}`, "unsupported", "text/cql"},
		{`{"linkId":"q","type":"string","extension":[` + x(core+"regex", `"valueString":"(?=a)b"`) + `]}`, "expression", "regular expression"},
		{`{"linkId":"q2","type":"string"}`, "duplicate", "twice"},
		{`{"linkId":"q","type":"choice","answerValueSet":"http://example.org/vs"}`, "set", "http://example.org/vs"},
		{`{"linkId":"q","type":"display","extension":[` + x(sdc+"sdc-questionnaire-subQuestionnaire", `"valueCanonical":"http://a"`) + `]}`, "unsupported", "assemble"},
		{`{"linkId":"q","type":"string","enableWhen":[{"question":"q3","operator":"exists","answerBoolean":true}]},{"linkId":"q3","type":"string","enableWhen":[{"question":"q","operator":"exists","answerBoolean":true}]}`, "cycle", "leads back"},
		{`{"linkId":"q","type":"integer","extension":[` + expr(sdc+"sdc-questionnaire-calculatedExpression", "%resource.item.where(linkId='q').answer.value + 1") + `]}`, "cycle", "leads back"},
	} {
		f := items(t, c.item, `{"linkId":"q2","type":"string","text":"Fine"}`)
		found := false
		for _, p := range f.Problems() {
			found = found || p.Code == c.code && strings.Contains(p.Text, c.text)
		}
		if !found {
			t.Errorf("%s\nno problem %s %q in %v", c.item, c.code, c.text, f.Problems())
		}
		d := sit(t, f, Env{})
		d.put(d.row("q2", 0).place(), "x")
		if _, err := fhir.Parse(d.JSON()); err != nil {
			t.Error(err)
		}
		if !bytes.Contains(f.JSON(), []byte(`"q2"`)) {
			t.Error("the form is not as it came")
		}
	}
	q := sit(t, items(t, `{"linkId":"q","type":"hologram","text":"Look"}`, `{"linkId":"q2","type":"string"}`), Env{}).Questions()
	if len(q) != 1 || q[0].Notes[0].Text("") != "Look" {
		t.Error("an unknown type is not shown as text")
	}
}

func TestExpressionsThatMeanHarm(t *testing.T) {
	t.Parallel()
	calc := func(link, src string) string {
		return `{"linkId":"` + link + `","type":"decimal","readOnly":true,"extension":[` + expr(sdc+"sdc-questionnaire-calculatedExpression", src) + `]}`
	}
	at := func(l string) string { return "%resource.item.where(linkId='" + l + "').answer.value" }
	f := items(t, calc("never", "iif("+at("never")+".exists(), "+at("never")+", 0) + 1"),
		calc("ping", "iif("+at("pong")+".exists(), {}, 1)"), calc("pong", "iif("+at("ping")+".exists(), 1, {})"),
		calc("zero", "1 / 0"), calc("boom", "repeat($this | $this.descendants()).repeat($this | descendants()).count()"),
		calc("big", "(10).power(500)"), calc("many", "(1|2)[0] + ('a' | 'b')"), calc("unknown", "%nobody + 1"),
		`{"linkId":"v","type":"string","extension":[`+expr(core+"variable", "1")+`,`+x(core+"variable", `"valueExpression":{"name":"a","language":"text/fhirpath","expression":"%b"}`)+`,`+x(core+"variable", `"valueExpression":{"name":"b","language":"text/fhirpath","expression":"%a"}`)+`,`+expr(sdc+"sdc-questionnaire-enableWhenExpression", "%a.exists()")+`]}`,
		calc("fine", "1 + 1"), `{"linkId":"q","type":"string"}`)
	start := time.Now()
	d := sit(t, f, Env{})
	d.say("q", "x")
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	d.want("fine", "2")
	for _, l := range []string{"never", "ping", "zero", "many", "unknown"} {
		d.want(l, "")
	}
	if d.asked("v") {
		t.Error("variables that lean on each other have a value")
	}
	is, done := d.Complete(theDay)
	if len(grave(is)) > 0 {
		t.Error(is)
	}
	told := false
	for _, i := range is {
		told = told || i.Code == "unsettled" && i.LinkID == "never"
	}
	if !told {
		t.Errorf("what does not settle is not told: %v", is)
	}
	if _, err := fhir.Parse(done); err != nil {
		t.Error(err)
	}
}

func TestFiveThousandItems(t *testing.T) {
	t.Parallel()
	src := big(5000, 500)
	if len(src) > 4<<20 {
		t.Logf("the form has %d bytes", len(src))
	}
	f := read(t, string(src))
	s, draft := filled(t, f)
	if len(s.Questions()) < 2000 {
		t.Errorf("%d questions", len(s.Questions()))
	}
	if _, err := Resume(f, draft, Env{Now: theDay}); err != nil {
		t.Error(err)
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"hid","type":"string","extension":[`+x(core+"questionnaire-hidden", `"valueBoolean":true`)+`]}`,
		`{"linkId":"off","type":"string","enableWhen":[{"question":"q","operator":"=","answerBoolean":true}]}`, `{"linkId":"ro","type":"string","readOnly":true}`,
		`{"linkId":"q","type":"boolean"}`, `{"linkId":"g","type":"group","extension":[`+x(core+"questionnaire-hidden", `"valueBoolean":true`)+`],"item":[{"linkId":"in","type":"string"}]}`,
		`{"linkId":"n","type":"display","text":"x"}`)
	d := sit(t, f, Env{})
	before := string(d.JSON())
	say := []Answer{{Type: "string", Text: "secret"}}
	for at, kind := range map[Place]errs.Kind{"0": errs.Refused, "1": errs.Refused, "2": errs.Refused, "5": errs.Refused, "4": errs.Refused, "6": errs.Refused,
		"7": errs.NotFound, "-1": errs.NotFound, "0.0": errs.NotFound, "00": errs.NotFound, "": errs.NotFound, "3.": errs.NotFound, "x": errs.NotFound, "99999999999999999999": errs.NotFound} {
		if _, err := d.Set(at, say); !errs.Is(err, kind) || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("Set at %q: %v", at, err)
		}
		if err := d.Skip(at, Skipped); !errs.Is(err, kind) {
			t.Errorf("Skip at %q: %v", at, err)
		}
		if _, err := d.Add(at); err == nil {
			t.Errorf("Add at %q", at)
		}
		if err := d.Remove(at); err == nil {
			t.Errorf("Remove at %q", at)
		}
	}
	for _, a := range []Answer{{Type: "string", Text: "x"}, {Type: "boolean", Text: `true,"x":1`}, {Type: "Coding", Code: "true"}, {Type: "nonsense", Text: "x"}} {
		if is, err := d.Set("3", []Answer{a}); err != nil || len(is) != 1 || is[0].Code != "type" || strings.Contains(is[0].String(), a.Text) && a.Text != "" && a.Text != "x" {
			t.Errorf("%+v: %v %v", a, is, err)
		}
	}
	if string(d.JSON()) != before {
		t.Error("something was kept")
	}
}

func TestResponsesThatAreRefused(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"q","type":"string"}`)
	for src, kind := range map[string]errs.Kind{
		`{"resourceType":"QuestionnaireResponse","status":"in-progress","questionnaire":"urn:other|1"}`: errs.Conflict,
		`{"resourceType":"QuestionnaireResponse","status":"in-progress"}`:                               errs.Conflict,
		`{"resourceType":"QuestionnaireResponse","status":"in-progress","questionnaire":"urn:test|2"}`:  errs.Gone,
		`{"resourceType":"Patient"}`: errs.Invalid,
		`{"resourceType":"QuestionnaireResponse","questionnaire":"urn:test|1"}`: errs.Invalid,
		`{`: errs.Invalid,
	} {
		if _, err := Resume(f, []byte(src), Env{}); !errs.Is(err, kind) {
			t.Errorf("%s: %v", src, err)
		}
	}
	if _, err := Resume(f, []byte(`{"resourceType":"QuestionnaireResponse","status":"in-progress","questionnaire":"urn:test"}`), Env{}); err != nil {
		t.Error(err)
	}
}

func TestResponsesThatWouldFillTheHouse(t *testing.T) {
	t.Parallel()
	kids := strings.TrimSuffix(strings.Repeat(`{"linkId":"k","type":"display"},`, 100), ",")
	n := 0
	kids = strings.ReplaceAll(kids, `"k"`, "@")
	for strings.Contains(kids, "@") {
		n++
		kids = strings.Replace(kids, "@", fmt.Sprintf("%q", fmt.Sprint("k", n)), 1)
	}
	f := items(t, `{"linkId":"q","type":"string","repeats":true,"item":[`+kids+`,{"linkId":"d1","type":"string"},{"linkId":"d2","type":"string"},{"linkId":"d3","type":"string"},{"linkId":"deep","type":"boolean","item":[{"linkId":"deeper","type":"string"}]}]}`,
		`{"linkId":"g","type":"group","repeats":true,"item":[{"linkId":"h","type":"group","repeats":true,"extension":[`+x(core+"questionnaire-minOccurs", `"valueInteger":1000000`)+`],"item":[{"linkId":"hh","type":"group","repeats":true,"extension":[`+x(core+"questionnaire-minOccurs", `"valueInteger":1000000`)+`],"item":[{"linkId":"hhh","type":"group","repeats":true,"extension":[`+x(core+"questionnaire-minOccurs", `"valueInteger":1000000`)+`],"item":[{"linkId":"i","type":"string"}]}]}]}]}`)
	d := sit(t, f, Env{})
	if d.size > 2*maxRows {
		t.Errorf("%d places", d.size)
	}
	answers := strings.TrimSuffix(strings.Repeat(`{"valueString":"x"},`, 60_000), ",")
	if _, err := Resume(f, []byte(`{"resourceType":"QuestionnaireResponse","status":"in-progress","questionnaire":"urn:test|1","item":[{"linkId":"q","answer":[`+answers+`]}]}`), Env{}); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "places") {
		t.Error(err)
	}
	groups := strings.TrimSuffix(strings.Repeat(`{"linkId":"g"},`, 100_000), ",")
	if _, err := Resume(f, []byte(`{"resourceType":"QuestionnaireResponse","status":"in-progress","questionnaire":"urn:test|1","item":[`+groups+`]}`), Env{}); err != nil && !errs.Is(err, errs.Invalid) {
		t.Error(err)
	}
}

func TestOneFormServesMany(t *testing.T) {
	t.Parallel()
	f := items(t, phq(), `{"linkId":"z","type":"string","extension":[`+expr(sdc+"sdc-questionnaire-calculatedExpression", "%questionnaire.item.count().toString() & %qitem.linkId")+`]}`)
	done := make(chan string)
	for range 8 {
		go func() {
			s, err := Start(f, Env{Now: theDay})
			if err != nil {
				done <- err.Error()
				return
			}
			q, _ := s.Question("0")
			if _, err := s.Set("0", []Answer{q.Options[1].Value}); err != nil {
				done <- err.Error()
				return
			}
			done <- string(s.JSON())
		}()
	}
	first := <-done
	for range 7 {
		if got := <-done; got != first {
			t.Errorf("%s\n%s", first, got)
		}
	}
	if !strings.Contains(first, `"4z"`) {
		t.Error(first)
	}
}

func TestAnotherVersionOfTheForm(t *testing.T) {
	t.Parallel()
	f := read(t, `{"resourceType":"Questionnaire","status":"active","url":"urn:test","version":"2","item":[{"linkId":"q","type":"string"},{"linkId":"n","type":"integer"},{"linkId":"new","type":"string"}]}`)
	old := []byte(`{"resourceType":"QuestionnaireResponse","status":"in-progress","questionnaire":"urn:test|1","item":[{"linkId":"q","answer":[{"valueString":"kept"}]},{"linkId":"n","answer":[{"valueString":"three"}]},{"linkId":"gone","answer":[{"valueString":"x"}]}]}`)
	s, lost, err := Move(f, old, Env{})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(lost) != "[gone n]" || strings.Contains(string(s.JSON()), "three") || !strings.Contains(string(s.JSON()), `"questionnaire":"urn:test|2"`) {
		t.Errorf("lost %v: %s", lost, s.JSON())
	}
	d := desk{t, s}
	d.want("q", "kept")
	if at, _ := s.Open(); at != "1" {
		t.Errorf("open at %q", at)
	}
}

func TestWhatIsNotOursSurvives(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"g","type":"group","item":[{"linkId":"q","type":"decimal","repeats":true}]}`, `{"linkId":"c","type":"choice"}`)
	src := `{"resourceType":"QuestionnaireResponse","id":"r1","meta":{"tag":[{"code":"x"}]},"extension":[{"url":"urn:e","valueString":"root"}],"questionnaire":"urn:test|1","status":"in-progress","subject":{"reference":"Patient/1"},
		"item":[{"linkId":"g","id":"g1","extension":[{"url":"urn:e","valueString":"group"}],"item":[{"linkId":"q","text":"Q","extension":[{"url":"urn:e","valueString":"item"}],"answer":[{"id":"a1","extension":[{"url":"urn:e","valueString":"answer"}],"valueDecimal":1.500},{"valueDecimal":2}]},{"linkId":"alien","answer":[{"valueString":"alien"}]}]},
		{"linkId":"c","answer":[{"valueCoding":{"extension":[{"url":"urn:e","valueString":"coding"}],"version":"7","code":"x","userSelected":true}}]},{"linkId":"alien2"}]}`
	s, err := Resume(f, []byte(src), Env{Now: theDay})
	if err != nil {
		t.Fatal(err)
	}
	out := string(s.JSON())
	for _, w := range []string{`"id":"r1"`, `"code":"x"`, `"root"`, `"group"`, `"item"`, `"answer"`, "1.500", `"alien"`, `"coding"`, `"version":"7"`, `"userSelected":true`, `"alien2"`, `"id":"a1"`, `"id":"g1"`, `"text":"Q"`} {
		if !strings.Contains(out, w) {
			t.Errorf("no %s in %s", w, out)
		}
	}
	if _, err := fhir.Parse([]byte(out)); err != nil {
		t.Error(err)
	}
	codes := ""
	for _, i := range Validate(f, []byte(src), Env{}) {
		codes += i.String() + "; "
		if strings.Contains(i.String(), "alien") {
			t.Error("an issue repeats a name that is not ours")
		}
	}
	if codes != "unknown; unknown; " {
		t.Error(codes)
	}
}
