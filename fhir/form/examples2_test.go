package form

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/fhir/path"
)

// riskByHand is ATP III's equation for a man of 55 who smokes, with a pressure
// of 140 untreated, cholesterol of 213 and HDL of 50.
func riskByHand() string {
	ln := math.Log
	x := 52.00961*(ln(55)-3.8926095) + 20.014077*(ln(213)-5.3441475) - 0.905964*(ln(50)-3.7731132) +
		1.305784*(ln(140)-4.8618212) + 0.241549*(0-0.1180474) + 12.096316*(1-0.335602) -
		4.605038*(ln(55)*ln(213)-20.8111562) - 2.84367*(ln(55)-1.2890301) - 2.93323*(ln(55)*ln(55)-15.2144965)
	return fmt.Sprintf("%.2f%%", 100*(1-math.Pow(0.9402, math.Exp(x))))
}

func populate(t *testing.T, f *Form) {
	d := sit(t, f, Env{Vars: patient(t)})
	d.want("patient.birthDate", "1970-02-03")
	if r := d.row("patient.name.given", 1); r == nil || words(r.answers) != "Addie" {
		t.Error("the second name is not there")
	}
	d.want("patient.name.given", "Ada, May")
}

func definitionWrong(t *testing.T, f *Form) {
	d := sit(t, f, Env{Subject: "Patient/p1"})
	d.say("mobile-phone", "555")
	st, err := d.Extract()
	if err == nil || !strings.Contains(err.Error(), "mobile-phone") || strings.Contains(err.Error(), "555") || len(st) > 0 {
		t.Errorf("%d stated, error %v", len(st), err)
	}
}

func calculatedList(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	d.say("inputList", "b", "g")
	d.want("calculatedAnswer", "blue")
	d.want("calculatedAnswers", "blue, green")
	q, _ := d.Question(d.at("calculatedListOptions"))
	if len(q.Options) != 2 {
		t.Errorf("options %v", q.Options)
	}
	d.say("calculatedListOptions", "green")
}

func expansionByQuery(t *testing.T, f *Form) {
	d := sit(t, f, Env{Query: func(q string) ([]byte, bool) {
		return []byte(`{"resourceType":"ValueSet","status":"active","expansion":{"timestamp":"2026-01-01","contains":[{"system":"s","code":"x","display":"Ex"}]}}`), q == "ValueSet/language-preference-type/$expand"
	}})
	d.say("listSelection", "language-preference-type")
	d.say("listViewFromContext", "Ex")
}

func initials(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	d.want("/type-integer", "123")
	d.want("/type-string", "abc123")
	d.want("repeating-string", "aaa, bbb")
	if r := d.row("repeating-choice", 0); len(r.answers) < 2 || r.answers[0].Type != "Coding" {
		t.Errorf("%v", words(r.answers))
	}
}

func calculations(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	d.want("/type-integer", "123")
	d.say("string-to-split", "abc")
	d.want("repeating-string", "a, b, c")
	d.say("non-repeating-q", "xy")
	d.want("repeating-q-in-repeating-group", "x, y")
}

func loop(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	n := 0
	for _, p := range f.Problems() {
		if p.Code == "cycle" {
			n++
		}
	}
	if n == 0 {
		t.Error("the loop is not told")
	}
	d.Questions()
}

func namedExpressions(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	d.say("idA", "1")
	d.want("idB", "2")
	d.want("idB.1", "3")
	d.want("idC", "6")
}

func launch(t *testing.T, f *Form) {
	vs := resource(t, `{"resourceType":"Basic","code":{"text":"x"},"identifier":[{"value":"v"}]}`)
	_ = vs
	d := sit(t, f, Env{Vars: func(n string) ([]path.Value, bool) { return []path.Value{}, n == "myCustomVar" }})
	d.want("q1", "")
	d.want("q2", "")
}

func dynamicText(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	d.say("1", "option2")
	q, _ := d.Question(d.at("2"))
	if got := q.Text(""); !strings.Contains(got, "Second Option") {
		t.Errorf("the text is %q", got)
	}
}

func ownLink(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	if d.asked("yes") || d.asked("no") {
		t.Error("asked too early")
	}
	d.say("1", "Y")
	if !d.asked("yes") || d.asked("no") {
		t.Error("yes is asked when it was chosen")
	}
	d.say("1", "N")
	if d.asked("yes") || !d.asked("no") {
		t.Error("no is shown when it was chosen")
	}
}

func age(t *testing.T, f *Form) {
	d := sit(t, f, Env{Now: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)})
	d.say("birthdate", "1970-02-03")
	d.want("age", "56")
}

func categories(t *testing.T, f *Form) {
	d := sit(t, f, Env{Subject: "Patient/p1"})
	n := 0
	d.root.each(func(r *row) bool {
		if r.item.Question() {
			d.put(r.place(), "word")
			n++
		}
		return true
	})
	obs := d.stated()["Observation"]
	if len(obs) != n || n == 0 {
		t.Fatalf("%d observations of %d questions", len(obs), n)
	}
	if got := obs[0].Root().Get("category", "coding", "code").Str(); got != "vital-signs" {
		t.Errorf("the question's own category is %q", got)
	}
}

func auditScore(t *testing.T, f *Form) {
	if n := f.Count(); n < 10 {
		t.Errorf("%d items", n)
	}
	d := sit(t, f, Env{})
	for _, q := range d.Questions() {
		if len(q.Options) > 1 && !q.ReadOnly {
			if _, err := d.Set(q.Place, []Answer{q.Options[1].Value}); err != nil {
				continue // it went away with an answer before it
			}
		}
	}
	if len(d.Scores()) == 0 {
		t.Error("no score")
	}
}

func enoughAnswers(t *testing.T, f *Form) {
	d := sit(t, f, Env{})
	for range 300 {
		at, more := d.Open()
		if !more {
			break
		}
		q, _ := d.Question(at)
		if len(q.Options) > 0 {
			if is, err := d.Set(at, []Answer{q.Options[0].Value}); err == nil && len(is) == 0 {
				continue
			}
		}
		if err := d.Skip(at, Skipped); err != nil {
			t.Fatal(err)
		}
	}
	is, done := d.Complete(theDay)
	if len(grave(is)) > 0 {
		t.Errorf("not complete: %v", is)
	}
	if bad := grave(Validate(f, done, Env{Now: theDay, Sets: listed})); len(bad) > 0 {
		t.Errorf("what was completed is not valid: %v", bad)
	}
}

var proofs = []proof{
	{"lforms-fhir-app/phq9.json", "the total is the sum of the ordinal values of nine answers", phq9, ""},
	{"lforms-R4/phq9.json", "the total is the sum of the ordinal values of nine answers", phq9, ""},
	{"lforms-fhir-app/framingham-HCHD.json", "a notice outside the ages of 30 to 79; a risk only when all is answered, by the published equation", framingham, ""},
	{"lforms-fhir-app/weight-height-questionnaire.json", "weight and height come from the newest results of a hundred years; BMI follows; both are extracted", weightHeight, ""},
	{"lforms-fhir-app/hunger-vital-signs.json", "often or sometimes true means at risk; never and refused mean none; help stays with its question", hunger, ""},
	{"lforms-fhir-app/ussg-fhp.json", "name and birth date from the chart; relatives repeat, and the living and the dead are asked other things, each by their own answer", familyPortrait, ""},
	{"lforms-R4/ussg-fhp.json", "as above", familyPortrait, ""},
	{"hl7-sdc/Questionnaire-CardiologyForm.json", "phone numbers are checked by constraint, conditions show and hide", cardiology, ""},
	{"hl7-sdc/Questionnaire-CardiologyForm.json", "its example response breaks its rule for phone numbers only (two begin with a tab)", cardiologyResponse, ""},
	{"hl7-sdc/Questionnaire-rxterms.json", "the strengths of a medicine come from a query, its RxCUI from the strength", rxterms, ""},
	{"lforms-R4/rxterms.R4.json", "as above", rxterms, ""},
	{"hl7-sdc/extract-complex-defn3.json", "a Patient with every name, RelatedPersons and Observations by definition", definitionExtract, ""},
	{"hl7-sdc/extract-complex-defn3.json", "its telephone has use and system in each other's place: what is not R4 is left out, by name", definitionWrong, ""},
	{"hl7-sdc/extract-complex-template.json", "the same by templates, with computed values", templateExtract, ""},
	{"hl7-sdc/extract-complex-template2.json", "the same by a Bundle of templates", templateExtract, ""},
	{"hl7-sdc/extract-complex-smap.json", "the same by a StructureMap", nil, "StructureMaps are not run, and the Problems say so"},
	{"hl7-sdc-3.0/questionnaire-demographics.json", "a group for each name of the Patient, filled from it", populate, ""},
	{"lforms-R4/variable-scope-test.json", "a variable holds for its group, in each instance", variableScope, ""},
	{"lforms-R4/enableWhen-test.R4.json", "every operator on every type, as each question's text says", enableWhenTable, ""},
	{"lforms-R4/calculatedListAnwers.json", "calculated lists, and options from answers", calculatedList, ""},
	{"lforms-R4/x-fhir-query-test.R4.json", "options from a query that depends on an answer", expansionByQuery, ""},
	{"lforms-R4/questionnaire-initialExpression.json", "initial values of every type", initials, ""},
	{"lforms-R4/questionnaire-calculatedExpression.json", "calculated values of every type, in repeating groups too", calculations, ""},
	{"lforms-R4/q-enableWhen-with-reference-loop.json", "a loop of conditions is told and does not hang", loop, ""},
	{"lforms-R4/named-expressions.json", "an expression with a name is a variable for what lies below", namedExpressions, ""},
	{"lforms-R4/launchContext.json", "a launch context the host does not have is empty", launch, ""},
	{"android-fhir-catalog/behavior_dynamic_question_text.json", "a question's text follows an answer", dynamicText, ""},
	{"android-fhir-catalog/behavior_context_variables.json", "%context is the item itself, even without an answer", ownLink, ""},
	{"android-fhir-catalog/behavior_calculated_expression.json", "an age from a birth date", age, ""},
	{"lforms-R4/Observation-Extract-Category-Test.R4.json", "results with the category of the question, else of its group", categories, ""},
	{"asbi/Questionnaire-WHOAUDIT.json", "AUDIT has a score", auditScore, "the score and what it depends on are CQL, and the Problems say so"},
	{"us-core/Questionnaire-AUDIT-C.json", "can be filled and is valid when complete", enoughAnswers, ""},
	{"us-core/Questionnaire-prapare-example.json", "can be filled and is valid when complete", enoughAnswers, ""},
	{"us-core/Questionnaire-phq-9-example.json", "can be filled and is valid when complete", enoughAnswers, ""},
	{"smart-forms/CVD Check.json", "can be filled and is valid when complete", enoughAnswers, ""},
}

func TestExamplesBehaveAsTheirOwnTextSays(t *testing.T) {
	root := shared(t, "dev")
	var out strings.Builder
	out.WriteString(formsHead)
	done := 0
	for n, p := range proofs {
		ok := t.Run(fmt.Sprintf("%d-%s", n, p.file), func(t *testing.T) {
			f, err := Read(load1(t, filepath.Join(root, p.file)), listed)
			if err != nil {
				t.Fatal(err)
			}
			if p.missed == "" {
				p.do(t, f)
			}
		})
		word := "yes"
		if p.missed != "" || !ok {
			word = "**no**: " + p.missed
		} else {
			done++
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", p.file, p.says, word)
	}
	fmt.Fprintf(&out, "\n%d of %d.\n", done, len(proofs))
	out.WriteString(formsTail(t))
	golden(t, filepath.Join("..", "..", "docs", "forms.md"), out.String())
}

// formsTail tells of the validation suite and of the files that were read.
func formsTail(t *testing.T) string {
	last := func(name string) string {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(b)), "\n")
		return lines[len(lines)-1]
	}
	return "\n## The suites\n\n- qr-validation (brianpos): " + last("qr-validation.golden") +
		".\n- data/questionnaires/dev: " + last("questionnaires.golden") + "; `fhir/form/testdata/questionnaires.golden` has each, with what it uses and what is not understood in it.\n" +
		"- Example responses are held against their forms; `fhir/form/testdata/responses.golden` has what is wrong with them.\n"
}

const formsHead = `# Forms

` + "`fhir/form`" + ` reads FHIR R4 Questionnaires with Structured Data Capture. This page is made by its tests
(` + "`go test ./fhir/form -update`" + `), and they fail when it is not true.

## What of R4 and SDC it does

| feature | done | how |
|---|---|---|
| all item types, groups, repeats, nested questions | yes | a type R4 does not have is shown as text, and is a Problem |
| enableWhen, enableBehavior | yes | all operators; partial dates and units compared; the nearest instance counts; what is not asked has no answer |
| enableWhenExpression, calculatedExpression, initialExpression, variable | yes | FHIRPath; to a fixed point, with bounds; a value that does not settle is none |
| x-fhir-query, sourceQueries, launchContext | yes | through the host; CQL is told as a Problem |
| answerExpression, candidateExpression, answerOptionsToggleExpression | yes | options as they are now |
| cqf-expression on text, required, readOnly, repeats; computed minValue and maxValue | yes | |
| answerValueSet | yes | contained ones by expansion or list; others through the host |
| itemPopulationContext, observationLinkPeriod | yes | an instance for each thing found; the newest result, in the unit that is asked for |
| constraint, targetConstraint | yes | error and warning |
| regex, minLength, maxLength, minValue, maxValue, maxDecimalPlaces, minOccurs, maxOccurs, mimeType, maxSize, unit, unitOption, unitValueSet | yes | regular expressions run in time linear in the text; one that looks ahead is not run |
| ordinalValue, itemWeight, weight(), ordinal() | yes | |
| hidden, readOnly, displayCategory, itemControl, choiceOrientation, sliderStepValue, entryFormat, optionPrefix, optionExclusive, usageMode | yes | told to the page |
| translation | yes | title, text, options, constraints, bands, dangers |
| observation-based and definition-based extraction | yes | SDC 3 and the older itemExtractionContext; what a query finds is not updated, it is proposed anew |
| template-based extraction | yes | contained resources and a contained Bundle |
| StructureMap extraction, CQL, modular forms (subQuestionnaire), adaptive forms | **no** | told as Problems |

## Our own extensions

| extension | stands on | holds |
|---|---|---|
| ` + "`urn:rapport:danger`" + ` | an item, or the form | parts: when (a valueExpression in FHIRPath, true when there is danger), text (what staff read, with translations) and code (crisis or urgent) |
| ` + "`urn:rapport:bands`" + ` | an item with a number, once for each band | parts: low and high (decimals, both included), text (with translations) and tone (ok, watch or act) |
| ` + "`urn:rapport:enough`" + ` | a group in a draft | there are no more of these; it does not leave with the completed response |
| itemControl ` + "`why`" + ` of ` + "`urn:rapport:item-control`" + ` | a display item beneath a question | why we ask |

That somebody prefers not to say, will say it in person or left a question out is kept as data-absent-reason on its
item: asked-declined, temp-unknown, asked-unknown.

## What the examples say of themselves

| example | says | done |
|---|---|---|
`
