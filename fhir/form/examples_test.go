package form

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"rapport/fhir"
	"rapport/fhir/path"
)

// proof is one line of docs/forms.md: what an example says of itself, and
// whether the engine does it.
type proof struct {
	file, says string
	do         func(*testing.T, *Form)
	missed     string // why it is not done, when it is not
}

func resource(t *testing.T, src string) []path.Value {
	t.Helper()
	d, err := fhir.Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return []path.Value{path.Of(d.Root())}
}

func patient(t *testing.T) func(string) ([]path.Value, bool) {
	vs := resource(t, `{"resourceType":"Patient","id":"p1","gender":"female","birthDate":"1970-02-03","name":[{"given":["Ada","May"],"family":"Quill"},{"given":["Addie"],"family":"Quill"}]}`)
	return func(name string) ([]path.Value, bool) { return vs, name == "patient" }
}

func phq9(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	for n, l := range []string{"/44250-9", "/44255-8", "/44259-0", "/44254-1", "/44251-7", "/44258-2", "/44252-5", "/44253-3", "/44260-8"} {
		d.say(l, []string{"LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"}[n%4])
	}
	d.want("/44261-6", "12")
	sc := d.Scores()
	if len(sc) != 1 || sc[0].Value != "12" || sc[0].Unit != "{score}" {
		t.Errorf("scores %+v", sc)
	}
}

func framingham(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	d.say("/age", "29")
	if !d.asked("/age_requirement_notice") {
		t.Error("no notice below 30")
	}
	d.say("/age", "55")
	if d.asked("/age_requirement_notice") {
		t.Error("a notice at 55")
	}
	for l, w := range map[string]string{"/46098-0": "Male", "/smokes": "Yes", "/8480-6": "140", "/2093-3": "213", "/2085-9": "50"} {
		d.say(l, w)
	}
	d.want("riskPercentage", "")
	d.say("/antihypertensive", "No")
	// ATP III's published equation, by hand.
	if got := d.get("riskPercentage"); got != riskByHand() {
		t.Errorf("risk %s, by hand %s", got, riskByHand())
	}
}

func weightHeight(t *testing.T, f *Form) {
	asked := []string{}
	d := sit(t, f, Env{Subject: "Patient/p1", Author: "Patient/p1", Response: "QuestionnaireResponse/r1", Query: func(q string) ([]byte, bool) {
		asked = append(asked, q)
		code, value, unit := "29463-7", "70.5", "kg"
		if strings.Contains(q, "8302-2") {
			code, value, unit = "8302-2", "69", "[in_i]"
		}
		entry := func(id, at, value string) string {
			return fmt.Sprintf(`{"resource":{"resourceType":"Observation","id":%q,"status":"final","code":{"coding":[{"system":"http://loinc.org","code":%q}]},"effectiveDateTime":%q,"valueQuantity":{"value":%s,"unit":%q,"system":"http://unitsofmeasure.org","code":%q}}}`, id, code, at, value, unit, unit)
		}
		return []byte(`{"resourceType":"Bundle","type":"searchset","entry":[` + entry("a", "2019-01-01", "11") + "," + entry("b", "2026-10-01", value) + "," + entry("c", "1900-01-01", "12") + "]}"), true
	}})
	d.want("/29463-7", "70.5")
	d.want("/8302-2", "69")
	d.want("/39156-5", "23.0")
	if len(asked) != 2 || !strings.Contains(asked[0], "date=gt1926-11-26") || !strings.Contains(asked[0], "patient=p1") {
		t.Errorf("asked %v", asked)
	}
	obs := d.stated()["Observation"]
	if len(obs) != 2 {
		t.Fatalf("%d observations", len(obs))
	}
	n := obs[0].Root()
	for p, w := range map[string]string{"valueQuantity.value": "70.5", "valueQuantity.code": "kg", "subject.reference": "Patient/p1",
		"derivedFrom.reference": "QuestionnaireResponse/r1", "status": "final"} {
		if got := n.Get(strings.Split(p, ".")...).Str(); got != w {
			t.Errorf("%s is %q", p, got)
		}
	}
}

func hunger(t *testing.T, f *Form) {
	for _, c := range [][3]string{{"Often true", "Never true", "At risk"}, {"Never true", "Sometimes true", "At risk"}, {"Never true", "Don't know/refused", "No risk"}} {
		d := sit(t, f, Env{})
		d.want("/88124-3", "")
		d.say("/88122-7", c[0])
		d.say("/88123-5", c[1])
		d.want("/88124-3", c[2])
	}
	if len(f.Find("/88124-3").Help) != 1 {
		t.Error("the help is not with its question")
	}
}

func familyPortrait(t *testing.T, f *Form) {
	d := sit(t, f, Env{Vars: patient(t)})
	d.want("/54126-8/54125-0", "Ada Quill")
	d.want("/54126-8/21112-8", "1970-02-03")
	one, err := d.Add(d.at("/54114-4"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(one), ".1") {
		t.Errorf("the second relative is at %s", one)
	}
	living := []Place{d.row("/54114-4/54139-1", 0).place(), d.row("/54114-4/54139-1", 1).place()}
	d.put(living[0], "Yes")
	d.put(living[1], "No")
	if r := d.row("/54114-4/54139-1/54141-7", 0); r == nil || string(r.place()) != fmt.Sprint(r.item.Number)+".0" {
		t.Error("the age of the living relative is not asked")
	}
	if r := d.row("/54114-4/54139-1/54112-8", 0); r == nil || string(r.place()) != fmt.Sprint(r.item.Number)+".1" {
		t.Error("the cause of death of the dead relative is not asked")
	}
	if d.row("/54114-4/54139-1/54112-8", 1) != nil {
		t.Error("a cause of death is asked of the living")
	}
}

func cardiology(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	if is := d.put(d.at("patient_phone_mobile"), "12"); len(is) != 1 || is[0].Key != "mobilephone" {
		t.Errorf("a wrong phone number: %v", is)
	}
	d.say("patient_phone_mobile", "555-123-4567")
	if d.asked("cpp_allergies") != true {
		t.Error("allergies are not asked")
	}
	d.say("cpp_separate", "CPP attached separately (if not entered below)")
	if d.asked("cpp_allergies") {
		t.Error("allergies are asked although they are attached")
	}
	if is := d.put(d.at("patient_hc_pc"), "x"); len(is) > 0 {
		t.Error(is)
	}
	if is := d.put(d.at("patient_hc_vc"), "A"); len(is) != 1 || is[0].Code != "too-short" {
		t.Errorf("one letter: %v", is)
	}
}

func cardiologyResponse(t *testing.T, f *Form) {
	root := shared(t, "dev")
	is := Validate(f, load1(t, filepath.Join(root, "hl7-sdc/QuestionnaireResponse-Cardiology-MariaSantos.json")), Env{Now: theDay})
	for _, i := range is {
		if !i.Warning && i.Key != "refphone" && i.Key != "reffax" {
			t.Errorf("%v", i)
		}
	}
}

func rxterms(t *testing.T, f *Form) {
	d := sit(t, f, Env{Query: func(q string) ([]byte, bool) {
		if !strings.Contains(q, "code=Aspirin") {
			return nil, false
		}
		return []byte(`{"resourceType":"Parameters","parameter":[{"name":"property","part":[{"name":"code","valueCode":"STRENGTHS_AND_FORMS"},{"name":"value","valueCoding":{"code":"111","display":"81 mg Tab"}},{"name":"value","valueCoding":{"code":"222","display":"325 mg Tab"}}]}]}`), true
	}})
	at := d.at("medication")
	if q, _ := d.Question(at); len(q.Options) > 0 {
		t.Error("options from nowhere")
	}
	r := d.row("medication", 0)
	r.answers = []Answer{{Type: "Coding", Code: "Aspirin", Text: "Aspirin"}} // from a terminology server
	if err := d.settle(); err != nil {
		t.Fatal(err)
	}
	d.say("strength", "325 mg Tab")
	d.want("rxcui", "222")
}

func definitionExtract(t *testing.T, f *Form) {
	d := sit(t, f, Env{Subject: "Patient/p1", Author: "Patient/p1", Response: "QuestionnaireResponse/r1"})
	first := d.row("given", 0)
	d.put(first.place(), "Ada", "May")
	d.say("family", "Quill")
	if _, err := d.Add(d.at("name")); err != nil {
		t.Fatal(err)
	}
	d.put(d.row("given", 1).place(), "Addie")
	d.say("dob", "1970-02-03")
	d.say("ihi", "8003")
	d.say("contact-name", "Bea")
	d.say("height", "1,75")
	st := d.stated()
	p := st["Patient"][0]
	got := string(p.Compact())
	for _, w := range []string{`"name":[{"text":"Ada May Quill","given":["Ada","May"],"family":"Quill"},{"text":"Addie","given":["Addie"]}]`,
		`"birthDate":"1970-02-03"`, `"identifier":[{"value":"8003","type":{"text":"National Identifier (IHI)"},"system":"http://example.org/nhio"}]`} {
		if !strings.Contains(squash(got), squash(w)) {
			t.Errorf("no %s in\n%s", w, got)
		}
	}
	if n := len(st["RelatedPerson"]); n != 1 {
		t.Errorf("%d related persons", n)
	}
	o := st["Observation"]
	if len(o) != 1 || o[0].Root().Get("valueQuantity", "value").Str() != "1.75" || o[0].Root().Get("valueQuantity", "unit").Str() != "m" {
		t.Errorf("height: %d observations", len(o))
	}
}

func templateExtract(t *testing.T, f *Form) {
	d := sit(t, f, Env{Subject: "Patient/p1", Author: "Patient/p1", Response: "QuestionnaireResponse/r1"})
	d.put(d.row("given", 0).place(), "Ada", "May")
	d.say("family", "Quill")
	d.say("ihi", "8003")
	d.say("mobile-phone", "555")
	d.say("contact-name", "Bea")
	d.say("height", "1.75")
	st := d.stated()
	p := string(st["Patient"][0].Compact())
	for _, w := range []string{`"name":[{"text":"Ada May Quill","family":"Quill","given":["Ada","May"]}]`, `"telecom":[{"system":"phone","value":"555","use":"mobile"}]`} {
		if !strings.Contains(p, w) && !strings.Contains(p, `"telecom":[{"use":"mobile","value":"555","system":"phone"}]`) {
			t.Errorf("no %s in\n%s", w, p)
		}
	}
	if strings.Contains(p, "templateExtract") {
		t.Error("the template shows")
	}
	o := st["Observation"][0].Root()
	if got := o.Get("valueQuantity", "value").Str(); got != "175.00" && got != "175" || len(st["Observation"]) != 1 {
		t.Errorf("%d observations, height %s cm", len(st["Observation"]), got)
	}
	if !strings.HasPrefix(o.Get("subject", "reference").Str(), "urn:uuid:") && !strings.Contains(f.ID, "2") {
		t.Error("the observation is not about the new Patient")
	}
}

// squash leaves the order of members out: {"a":1,"b":2} as sorted pieces.
func squash(s string) string { return strings.ReplaceAll(s, " ", "") }

func variableScope(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	d.say("/groupA/fieldB", "3")
	d.want("/groupA/fieldC", "10") // (3 + 2) + 4 + 1
	d.want("/groupB/fieldD", "")   // %Y is group A's
	d.want("/groupB/fieldE", "18")
	if _, err := d.Add(d.at("/groupA")); err != nil {
		t.Fatal(err)
	}
	d.put(d.row("/groupA/fieldB", 1).place(), "5")
	if got := words(d.row("/groupA/fieldC", 1).answers); got != "12" {
		t.Errorf("the second instance calculates %q", got)
	}
}

func enableWhenTable(t *testing.T, f *Form) {
	for _, c := range []struct{ q, v, on, off string }{
		{"Q1", "true", "Q1-exists Q1-true", "Q1-not-exists Q1-false Q1-not-true"},
		{"Q1", "false", "Q1-exists Q1-false Q1-not-true", "Q1-true"},
		{"Q2", "5.60", "Q2-exists Q2-equal Q2-ge", "Q2-not-exists"},
		{"Q2", "4.7", "Q2-exists", "Q2-equal Q2-ge"},
		{"Q3", "4", "Q3-ge", "Q3-equal"},
		{"Q4", "2020-05-01", "Q4-equal Q4-ge", "Q4-not-exists"},
		{"Q4", "2020-04-30", "", "Q4-equal Q4-ge"},
		{"Q6", "10:30", "Q6-exists", "Q6-not-exists"},
		{"Q7", "test", "Q7-equals Q7-gt Q7-ge Q7-ge2 Q7-le2", "Q7-notequals Q7-lt Q7-le"},
		{"Q9", "B", "Q9-eq-B", "Q9-noteq-B"},
		{"Q9", "A", "Q9-noteq-B", "Q9-eq-B"},
		{"Q9a", "B", "Q9a-eq-B", "Q9a-noteq-B"},
		{"Q9b", "34", "Q9b-eq-B", "Q9b-noteq-B"},
	} {
		d := sit(t, f, Env{})
		d.say(c.q, c.v)
		for _, l := range strings.Fields(c.on) {
			if !d.asked(l) {
				t.Errorf("%s = %s: %s is not asked", c.q, c.v, l)
			}
		}
		for _, l := range strings.Fields(c.off) {
			if d.asked(l) {
				t.Errorf("%s = %s: %s is asked", c.q, c.v, l)
			}
		}
	}
	d := sit(t, f, Env{})
	d.say("Q8", "A", "B")
	if !d.asked("Q8-eq-B") {
		t.Error("one of several answers matches")
	}
	d.say("Q8", "B", "C")
	if !d.asked("Q8-eq-B-and-C") {
		t.Error("two of several answers match")
	}
	d.say("Q10", "chi")
	if d.asked("Q10-ewe") {
		t.Error("half a chicken")
	}
	d.say("Q10b", "cken")
	if !d.asked("Q10-ewe") {
		t.Error("no chicken")
	}
}
