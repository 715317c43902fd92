package form

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapport/errs"
	"rapport/fhir"
)

// x is an extension in JSON.
func x(url, value string) string { return `{"url":"` + url + `",` + value + `}` }

func expr(url, src string) string {
	return x(url, `"valueExpression":{"language":"text/fhirpath","expression":`+quote(src)+`}`)
}

func translated(name, words, lang, there string) string {
	return `"` + name + `":` + quote(words) + `,"_` + name + `":{"extension":[` + x(core+"translation", `"extension":[{"url":"lang","valueCode":"`+lang+`"},{"url":"content","valueString":`+quote(there)+`}]`) + `]}`
}

func TestEnableWhenOnEveryType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typ, op, want, given, on string }{
		{"integer", "=", `"answerInteger":3`, "3", "yes"}, {"integer", "!=", `"answerInteger":3`, "3", "no"}, {"integer", ">", `"answerInteger":3`, "3", "no"},
		{"integer", ">=", `"answerInteger":3`, "3", "yes"}, {"integer", "<", `"answerInteger":3`, "2", "yes"}, {"integer", "<=", `"answerInteger":3`, "4", "no"},
		{"decimal", "=", `"answerDecimal":1.5`, "1,50", "yes"}, {"decimal", ">", `"answerDecimal":1.5`, "1.51", "yes"},
		{"date", "=", `"answerDate":"2020-05"`, "2020-05", "yes"}, {"date", ">", `"answerDate":"2020"`, "2021-01", "yes"}, {"date", ">", `"answerDate":"2020-05"`, "2020", "no"},
		{"date", "<", `"answerDate":"2020-05"`, "2020-04-30", "yes"}, {"date", ">=", `"answerDate":"2020-05-01"`, "2020-05-01", "yes"},
		{"dateTime", "<", `"answerDateTime":"2020-05-01T12:00:00Z"`, "2020-05-01T11:59:00Z", "yes"}, {"time", ">", `"answerTime":"12:00:00"`, "12:01", "yes"},
		{"string", "=", `"answerString":"Yes"`, "yes", "no"}, {"string", "=", `"answerString":"Yes"`, "Yes", "yes"}, {"boolean", "=", `"answerBoolean":true`, "false", "no"},
		{"quantity", ">", `"answerQuantity":{"value":5,"unit":"kg"}`, "6 kg", "yes"}, {"quantity", ">", `"answerQuantity":{"value":5,"unit":"kg"}`, "6 g", "no"},
		{"quantity", "=", `"answerQuantity":{"value":5,"unit":"kg"}`, "5.0 kg", "yes"},
		{"integer", "exists", `"answerBoolean":true`, "1", "yes"}, {"integer", "exists", `"answerBoolean":false`, "1", "no"}, {"integer", "exists", `"answerBoolean":false`, "", "yes"},
		{"integer", "!=", `"answerInteger":3`, "", "no"}, {"integer", "about", `"answerInteger":3`, "3", "no"},
	} {
		f := items(t, `{"linkId":"q","type":"`+c.typ+`"}`, `{"linkId":"then","type":"string","enableWhen":[{"question":"q","operator":"`+c.op+`",`+c.want+`}]}`)
		d := sit(t, f, Env{})
		if c.given != "" {
			d.say("q", c.given)
		}
		if got := map[bool]string{true: "yes", false: "no"}[d.asked("then")]; got != c.on {
			t.Errorf("%s %s %s with %q: asked %s", c.typ, c.op, c.want, c.given, got)
		}
	}
}

func TestAllAndAny(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ behaviour, a, b, on string }{{"all", "true", "true", "yes"}, {"all", "true", "false", "no"}, {"any", "true", "false", "yes"}, {"any", "false", "false", "no"}} {
		f := items(t, `{"linkId":"a","type":"boolean"}`, `{"linkId":"b","type":"boolean"}`,
			`{"linkId":"then","type":"string","enableBehavior":"`+c.behaviour+`","enableWhen":[{"question":"a","operator":"=","answerBoolean":true},{"question":"b","operator":"=","answerBoolean":true}]}`)
		d := sit(t, f, Env{})
		d.say("a", c.a)
		d.say("b", c.b)
		if got := map[bool]string{true: "yes", false: "no"}[d.asked("then")]; got != c.on {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestWhatIsNotAskedHasNoAnswer(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"a","type":"boolean"}`, `{"linkId":"b","type":"boolean","enableWhen":[{"question":"a","operator":"=","answerBoolean":true}]}`,
		`{"linkId":"c","type":"string","enableWhen":[{"question":"b","operator":"=","answerBoolean":true}]}`,
		`{"linkId":"n","type":"integer","readOnly":true,"extension":[`+expr(sdc+"sdc-questionnaire-calculatedExpression", "%resource.descendants().where(linkId='b').count()")+`]}`)
	d := sit(t, f, Env{})
	d.say("a", "true")
	d.say("b", "true")
	d.say("c", "words")
	d.want("n", "1")
	d.say("a", "false")
	if d.asked("b") || d.asked("c") {
		t.Error("what is not asked still has an answer")
	}
	d.want("n", "0")
	if !strings.Contains(string(d.JSON()), "words") {
		t.Error("the draft has forgotten it")
	}
	if _, done := d.Complete(theDay); strings.Contains(string(done), "words") {
		t.Error("the completed response has it")
	}
	d.say("a", "true")
	d.want("c", "words")
}

func TestTheNearestInstanceCounts(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"kin","type":"group","repeats":true,"item":[{"linkId":"alive","type":"boolean"},{"linkId":"inner","type":"group","item":[{"linkId":"cause","type":"string","enableWhen":[{"question":"alive","operator":"=","answerBoolean":false}]}]}]}`,
		`{"linkId":"any","type":"string","enableWhen":[{"question":"alive","operator":"=","answerBoolean":false}]}`)
	d := sit(t, f, Env{})
	if _, err := d.Add("0"); err != nil {
		t.Fatal(err)
	}
	d.put("1.0", "true")
	d.put("1.1", "false")
	var got []Place
	for _, q := range d.Questions() {
		got = append(got, q.Place)
	}
	if fmt.Sprint(got) != "[1.0 1.1 3.1 0 4]" {
		t.Errorf("%v", got)
	}
}

// What is asked is what a sheet read anew would ask, after every sort of change.
func TestWhatIsAskedFollowsEveryChange(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"kin","type":"group","repeats":true,"item":[{"linkId":"who","type":"string"}]}`, `{"linkId":"more","type":"boolean"}`,
		`{"linkId":"what","type":"string","enableWhen":[{"question":"more","operator":"=","answerBoolean":true}]}`)
	d := sit(t, f, Env{})
	asked := func(qs []Question) (out []string) {
		for _, q := range qs {
			said := ""
			for _, a := range q.Answers {
				said += a.Text
			}
			out = append(out, fmt.Sprint(q.Place, q.Another, q.Absent, said))
		}
		return out
	}
	for _, act := range []struct {
		name string
		do   func() error
	}{
		{"an answer", func() error { _, err := d.Set("2", []Answer{{Type: "boolean", Text: "true"}}); return err }},
		{"one refused", func() error { _, err := d.Set("2", []Answer{{Type: "boolean", Text: "perhaps"}}); return err }},
		{"a reason", func() error { return d.Skip("1.0", Declined) }},
		{"one more", func() error { _, err := d.Add("0"); return err }},
		{"no more", func() error { return d.Skip("0", Skipped) }},
		{"one less", func() error { return d.Remove("0.1") }},
		{"an answer taken back", func() error { _, err := d.Set("2", nil); return err }},
	} {
		before := asked(d.Questions())
		kept := d.Questions()
		if err := act.do(); err != nil {
			t.Fatalf("%s: %v", act.name, err)
		}
		again, err := Resume(f, d.JSON(), Env{Now: theDay})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := asked(d.Questions()), asked(again.Questions()); !slices.Equal(got, want) {
			t.Errorf("%s: asks\n%q, and read anew\n%q", act.name, got, want)
		}
		if !slices.Equal(asked(kept), before) {
			t.Errorf("%s: what was asked before is another now", act.name)
		}
	}
}

func TestRulesForAnswers(t *testing.T) {
	t.Parallel()
	ext := func(list ...string) string { return `,"extension":[` + strings.Join(list, ",") + `]` }
	for _, c := range []struct{ typ, more, given, code string }{
		{"string", `,"maxLength":3`, "abcd", "too-long"}, {"string", `,"maxLength":4`, "äöüß", ""}, {"string", ext(x(core+"minLength", `"valueInteger":3`)), "ab", "too-short"},
		{"string", ext(x(core+"regex", `"valueString":"[0-9]{4}"`)), "12345", "regex"}, {"string", ext(x(core+"regex", `"valueString":"[0-9]{4}"`)), "1234", ""},
		{"string", ext(x(core+"regex", `"valueString":"(a+)+$"`)), strings.Repeat("a", 5000) + "b", "regex"},
		{"integer", ext(x(core+"minValue", `"valueInteger":3`)), "2", "min"}, {"integer", ext(x(core+"maxValue", `"valueInteger":3`)), "4", "max"}, {"integer", ext(x(core+"maxValue", `"valueInteger":3`)), "3", ""},
		{"decimal", ext(x(core+"maxDecimalPlaces", `"valueInteger":1`)), "1.25", "decimals"}, {"decimal", ext(x(core+"maxDecimalPlaces", `"valueInteger":1`)), "1,2", ""},
		{"date", ext(x(core+"minValue", `"valueDate":"2020-01-01"`)), "2019-12-31", "min"}, {"date", ext(`{"url":"` + core + `maxValue","_valueDate":{"extension":[` + expr(core+"cqf-calculatedValue", "today()") + `]}}`), "2026-11-27", "max"},
		{"date", ext(`{"url":"` + core + `maxValue","_valueDate":{"extension":[` + expr(core+"cqf-calculatedValue", "today() - 1 year") + `]}}`), "2026-01-01", "max"},
		{"quantity", ext(x(core+"questionnaire-unitOption", `"valueCoding":{"system":"http://unitsofmeasure.org","code":"kg"}`)), "3 lb", "unit"}, {"quantity", ext(x(core+"questionnaire-unitOption", `"valueCoding":{"system":"http://unitsofmeasure.org","code":"kg"}`)), "3 kg", ""},
		{"integer", `,"answerOption":[{"valueInteger":1},{"valueInteger":2}]`, "3", "option"}, {"integer", `,"answerOption":[{"valueInteger":1},{"valueInteger":2}]`, "2", ""},
		{"open-choice", `,"answerOption":[{"valueCoding":{"code":"a"}}]`, "something else", ""},
		{"string", ext(x(core+"questionnaire-constraint", `"extension":[{"url":"key","valueId":"c1"},{"url":"severity","valueCode":"error"},{"url":"expression","valueString":"answer.value.startsWith('x')"},{"url":"human","valueString":"It begins with x."}]`)), "y", "constraint"},
	} {
		f := items(t, `{"linkId":"q","type":"`+c.typ+`"`+c.more+`}`)
		for _, p := range f.Problems() {
			t.Errorf("%s: %s", c.more, p)
		}
		d := sit(t, f, Env{})
		is := d.put("0", c.given)
		switch {
		case c.code == "" && len(is) > 0, c.code != "" && (len(is) != 1 || is[0].Code != c.code):
			t.Errorf("%s %s with %.20q: %v, want %q", c.typ, c.more, c.given, is, c.code)
		case c.code != "" && d.get("q") != "":
			t.Errorf("%s %s: what breaks a rule is kept", c.typ, c.more)
		case c.code == "" && d.get("q") == "":
			t.Errorf("%s %s: what breaks no rule is not kept", c.typ, c.more)
		}
	}
}

func TestTypedWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typ, in, out string }{
		{"integer", " 12 ", "12"}, {"integer", "+3", "3"}, {"integer", "1.5", "!"}, {"integer", "99999999999", "!"}, {"integer", "٣", "!"},
		{"decimal", "1,5", "1.5"}, {"decimal", "1.50", "1.50"}, {"decimal", "-,5", "-0.5"}, {"decimal", ".5", "0.5"}, {"decimal", "007", "7"}, {"decimal", "1,000.5", "!"}, {"decimal", "1e5", "!"}, {"decimal", "NaN", "!"}, {"decimal", "5.", "5"},
		{"date", "2026", "2026"}, {"date", "2026-02", "2026-02"}, {"date", "2026-02-30", "!"}, {"date", "02/03/2026", "!"}, {"dateTime", "2026-02-03T10:30", "2026-02-03T10:30:00Z"}, {"dateTime", "2026-02-03T10:30:00+01:00", "2026-02-03T10:30:00+01:00"},
		{"time", "10:30", "10:30:00"}, {"time", "24:00", "!"}, {"boolean", "true", "true"}, {"boolean", "on", "!"}, {"string", "  a b ", "  a b "}, {"text", "a\r\nb", "a\nb"},
		{"url", "http://a.example/x", "http://a.example/x"}, {"url", "a b", "!"}, {"string", "", ""}, {"integer", "  ", ""},
	} {
		q := Question{Item: &Item{Type: c.typ}}
		as, _, ok := q.Read(Typed{Text: c.in})
		got := words(as)
		if !ok {
			got = "!"
		}
		if got != c.out {
			t.Errorf("%s %q is %q, want %q", c.typ, c.in, got, c.out)
		}
		if ok && len(as) == 1 && !as[0].sound() {
			t.Errorf("%s %q is not sound", c.typ, c.in)
		}
	}
	q := Question{Item: &Item{Type: "attachment"}}
	if as, _, ok := q.Read(Typed{MIME: "image/png", Data: "aGk=", Text: "x.png"}); !ok || as[0].Size != 2 {
		t.Error(as)
	}
}

func TestWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"q","type":"string","required":true}`, `{"linkId":"r","type":"string"}`)
	for _, why := range []Absence{Declined, InPerson, Skipped} {
		d := sit(t, f, Env{})
		if is, _ := d.Complete(theDay); len(is) != 1 || is[0].Code != "required" {
			t.Fatalf("%v", is)
		}
		if err := d.Skip("0", why); err != nil {
			t.Fatal(err)
		}
		is, done := d.Complete(theDay)
		if len(is) > 0 || !strings.Contains(string(done), `"valueCode":"`+absences[why]+`"`) {
			t.Errorf("%d: %v %s", why, is, done)
		}
		if bad := Validate(f, done, Env{}); len(bad) > 0 {
			t.Error(bad)
		}
		if at, _ := d.Open(); at != "1" {
			t.Errorf("open is %q", at)
		}
		d.say("q", "after all")
		if q, _ := d.Question("0"); q.Absent != 0 || strings.Contains(string(d.JSON()), "data-absent-reason") {
			t.Error("the reason stays beside the answer")
		}
	}
}

func TestInTheirLanguage(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"q","type":"choice",`+translated("text", "How are you?", "es", "¿Cómo está?")+`,"answerOption":[{"valueCoding":{"code":"g",`+translated("display", "Good", "fr-CA", "Bien")+`}}],
		"item":[{"linkId":"h","type":"display",`+translated("text", "Just now.", "es", "Ahora.")+`,"extension":[`+x(core+"questionnaire-itemControl", `"valueCodeableConcept":{"coding":[{"code":"help"}]}`)+`]},
		{"linkId":"w","type":"display","text":"Because.","extension":[`+x(core+"questionnaire-itemControl", `"valueCodeableConcept":{"coding":[{"system":"urn:rapport:item-control","code":"why"}]}`)+`]}]}`)
	q := sit(t, f, Env{}).Questions()[0]
	if q.Text("es-MX") != "¿Cómo está?" || q.Text("de") != "How are you?" || q.Options[0].Text("fr") != "Bien" || q.Options[0].Text("es") != "Good" {
		t.Error(q.Text("es-MX"), q.Options[0].Text("fr"))
	}
	if q.Item.Help[0].Text("es") != "Ahora." || q.Item.Why[0].Text("") != "Because." {
		t.Error("help and why")
	}
}

func phq() string {
	opts := `"answerOption":[{"valueCoding":{"code":"0","display":"Never"},"extension":[` + x(core+"ordinalValue", `"valueDecimal":0`) + `]},{"valueCoding":{"code":"1","display":"Often"},"extension":[` + x(core+"ordinalValue", `"valueDecimal":3`) + `]}]`
	return `{"linkId":"a","type":"choice",` + opts + `},{"linkId":"b","type":"choice",` + opts + `,"extension":[` +
		x(ours+"danger", `"extension":[{"url":"when","valueExpression":{"language":"text/fhirpath","expression":"answer.value.ordinal() > 0"}},{"url":"text",`+translated("valueString", "You are not alone.", "es", "No está solo.")+`},{"url":"code","valueCode":"crisis"}]`) + `]},
		{"linkId":"sum","type":"integer","readOnly":true,"extension":[` + expr(sdc+"sdc-questionnaire-calculatedExpression", "%resource.item.where(linkId='a' or linkId='b').answer.value.ordinal().sum()") + `,` +
		x(ours+"bands", `"extension":[{"url":"low","valueDecimal":0},{"url":"high","valueDecimal":2},{"url":"text",`+translated("valueString", "Low", "es", "Bajo")+`},{"url":"tone","valueCode":"ok"}]`) + `,` +
		x(ours+"bands", `"extension":[{"url":"low","valueDecimal":3},{"url":"text","valueString":"High"},{"url":"tone","valueCode":"act"}]`) + `]}`
}

func TestScoresAndAlarms(t *testing.T) {
	t.Parallel()
	f := items(t, phq())
	if ps := f.Problems(); len(ps) > 0 {
		t.Fatal(ps)
	}
	d := sit(t, f, Env{})
	d.say("a", "Often")
	if sc := d.Scores(); len(sc) != 1 || sc[0].Value != "3" || sc[0].Band.Text("es") != "High" || sc[0].Band.Tone != "act" {
		t.Errorf("%+v", sc)
	}
	if len(d.Alarms()) > 0 {
		t.Error("an alarm about nothing")
	}
	q, _ := d.Question("1")
	before := string(d.JSON())
	if as := d.AlarmsIf("1", q.Options[0]); len(as) > 0 {
		t.Errorf("%+v", as)
	}
	if as := d.AlarmsIf("1", q.Options[1]); len(as) != 1 || as[0].Level != "crisis" || as[0].Text("es") != "No está solo." || as[0].Place != "1" {
		t.Errorf("%+v", as)
	}
	if string(d.JSON()) != before || len(d.Alarms()) > 0 {
		t.Error("asking has changed the sheet")
	}
	d.say("b", "Often")
	if as := d.Alarms(); len(as) != 1 {
		t.Errorf("%+v", as)
	}
}

// A danger that does not say how grave it is, is grave; one that cannot be known is told
// to who writes the form.
func TestADangerThatIsNotWellWritten(t *testing.T) {
	t.Parallel()
	when := `{"url":"when","valueExpression":{"language":"text/fhirpath","expression":"answer.value"}}`
	for _, c := range []struct {
		name, parts, level string
		severity           Severity
	}{
		{"no level", when, "crisis", Warning},
		{"another level", when + `,{"url":"code","valueCode":"soon"}`, "crisis", Warning},
		{"urgent", when + `,{"url":"code","valueCode":"urgent"}`, "urgent", 0},
		{"nothing to go by", `{"url":"code","valueCode":"urgent"}`, "", Serious},
	} {
		f := items(t, `{"linkId":"q","type":"boolean","extension":[`+x(ours+"danger", `"extension":[`+c.parts+`]`)+`]}`)
		if ps := f.Problems(); (len(ps) > 0) != (c.severity != 0) || len(ps) > 0 && ps[0].Severity != c.severity {
			t.Errorf("%s: %v", c.name, ps)
		}
		d := sit(t, f, Env{})
		d.say("q", "true")
		level := ""
		if as := d.Alarms(); len(as) > 0 {
			level = as[0].Level
		}
		if level != c.level {
			t.Errorf("%s: alarm %q, want %q", c.name, level, c.level)
		}
	}
}

func TestOptionsThatComeAndGo(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"child","type":"boolean"}`, `{"linkId":"q","type":"choice","answerOption":[{"valueCoding":{"code":"a","display":"A"}},{"valueCoding":{"code":"b","display":"B"}}],"extension":[`+
		x(sdc+"sdc-questionnaire-answerOptionsToggleExpression", `"extension":[{"url":"option","valueCoding":{"code":"b"}},{"url":"expression","valueExpression":{"language":"text/fhirpath","expression":"%resource.item.where(linkId='child').answer.value = false"}}]`)+`]}`)
	d := sit(t, f, Env{})
	d.say("child", "true")
	if q, _ := d.Question("1"); len(q.Options) != 1 {
		t.Errorf("%d options", len(q.Options))
	}
	if is, _ := d.Set("1", []Answer{{Type: "Coding", Code: "b", Text: "B"}}); len(is) != 1 || is[0].Code != "option" {
		t.Error(is)
	}
	d.say("child", "false")
	d.say("q", "B")
}

func TestFlagsFollowExpressions(t *testing.T) {
	t.Parallel()
	on := `{"extension":[` + expr(core+"cqf-expression", "%resource.item.where(linkId='a').answer.value") + `]}`
	f := items(t, `{"linkId":"a","type":"boolean"}`, `{"linkId":"need","type":"string","_required":`+on+`}`, `{"linkId":"lock","type":"string","_readOnly":`+on+`}`)
	d := sit(t, f, Env{})
	d.say("a", "true")
	if q, _ := d.Question("1"); !q.Required {
		t.Error("not required")
	}
	if _, err := d.Set("2", []Answer{{Type: "string", Text: "x"}}); !errs.Is(err, errs.Refused) {
		t.Error(err)
	}
}

func TestQuestionsBeneathQuestions(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"drink","type":"choice","repeats":true,"answerOption":[{"valueCoding":{"code":"beer"}},{"valueCoding":{"code":"wine"}}],"item":[{"linkId":"often","type":"integer"},{"linkId":"why","type":"string","enableWhen":[{"question":"drink","operator":"=","answerCoding":{"code":"wine"}}]}]}`)
	d := sit(t, f, Env{})
	if d.asked("often") {
		t.Error("asked of no answer")
	}
	d.say("drink", "beer", "wine")
	d.put("1.0", "3")
	d.put("1.1", "5")
	if _, err := d.Set("2.0", []Answer{{Type: "string", Text: "x"}}); !errs.Is(err, errs.Refused) {
		t.Errorf("why is asked beneath beer: %v", err)
	}
	d.put("2.1", "taste")
	doc, err := fhir.Parse(d.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.Root().Get("item", "answer", "item", "answer", "value").Str(); got != "3" {
		t.Errorf("beneath the first answer is %q", got)
	}
}

func TestSectionsAndProgress(t *testing.T) {
	t.Parallel()
	f := items(t, `{"linkId":"one","type":"group","text":"One","item":[{"linkId":"t","type":"display","text":"Read this."},{"linkId":"a","type":"string"},{"linkId":"b","type":"string"},{"linkId":"end","type":"display","text":"That was it."}]}`,
		`{"linkId":"two","type":"group","item":[{"linkId":"c","type":"string"}]}`)
	d := sit(t, f, Env{})
	d.say("a", "x")
	p := d.Progress()
	if p.Done != 1 || p.All != 3 || len(p.Sections) != 2 || p.Sections[0].Done != 1 || p.Sections[0].All != 2 || p.Sections[1].Item.LinkID != "two" {
		t.Errorf("%+v", p)
	}
	qs := d.Questions()
	if len(qs) != 4 || qs[0].Notes[0].Text("") != "Read this." || qs[0].Trail[0].Text("") != "One" || !qs[2].Display() || qs[2].Text("") != "That was it." {
		t.Errorf("%+v", qs)
	}
}
