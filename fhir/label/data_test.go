package label

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rapport/errs"
)

// lists is every file of codes/ by name.
func lists(t *testing.T) map[string]string {
	t.Helper()
	entries, err := files.ReadDir("codes")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range entries {
		b, err := files.ReadFile(path.Join("codes", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(b)
	}
	if len(out) < 8 {
		t.Fatalf("%d lists", len(out))
	}
	return out
}

func TestEveryListSaysWhereItIsFrom(t *testing.T) {
	t.Parallel()
	for name, text := range lists(t) {
		for _, missing := range lacks(text) {
			t.Errorf("%s does not say its %s", name, missing)
		}
	}
	if got := lacks("# name: x\n# version: soon\n# source:\n# licence: x\n"); !slices.Equal(got, []string{"version", "source", "provenance"}) {
		t.Errorf("a bad header lacks %v", got)
	}
	if !strings.Contains(lists(t)["loinc.txt"], "LOINC is copyright Regenstrief Institute, Inc.") {
		t.Error("LOINC's notice is gone")
	}
}

func lacks(text string) (out []string) {
	for _, want := range []string{"name", "version", "source", "licence", "provenance"} {
		form := `.+`
		if want == "version" {
			form = `\d{4}-\d{2}-\d{2}`
		}
		if !regexp.MustCompile(`(?m)^# ` + want + `: ` + form + `$`).MatchString(text) {
			out = append(out, want)
		}
	}
	return out
}

func TestNoCodeStandsTwice(t *testing.T) {
	t.Parallel()
	if got := twice(lists(t)); len(got) > 0 {
		t.Errorf("twice: %v", got)
	}
	if got := twice(map[string]string{"a": "icd10 F10 substance", "b": "icd10 f1.0 mental\nicd10 F11 mental"}); len(got) != 1 {
		t.Errorf("of one that stands twice: %v", got)
	}
}

func twice(lists map[string]string) (out []string) {
	seen := map[string]bool{}
	for name, text := range lists {
		for line := range strings.Lines(text) {
			f := strings.Fields(line)
			if len(f) < 3 || f[0] == "#" {
				continue
			}
			k := f[0] + " " + string(plain(nil, []byte(f[1])))
			if f[0] == wordsKey {
				k = name + " " + strings.Join(f, " ") // one word may stand in two languages
			}
			if seen[k] {
				out = append(out, strings.TrimSpace(line))
			}
			seen[k] = true
		}
	}
	return out
}

func TestNothingOfSNOMEDShips(t *testing.T) {
	t.Parallel()
	for name, text := range lists(t) {
		if strings.Contains(text, "snomed") || strings.Contains(text, "SNOMED") {
			t.Errorf("%s speaks of SNOMED CT", name)
		}
	}
}

// TestLOINCCodesAreWhole holds the check digit of every LOINC code.
func TestLOINCCodesAreWhole(t *testing.T) {
	t.Parallel()
	n := 0
	for code := range shipped().codes[loincKey] {
		n++
		if !checked(code) {
			t.Errorf("%s is no LOINC code", code)
		}
	}
	if n < 200 || checked("2106-4") || !checked("2106-3") {
		t.Errorf("%d codes were looked at", n)
	}
}

// checked is LOINC's check digit: mod 10, as on a bank card.
func checked(code string) bool {
	body, digit, ok := strings.Cut(code, "-")
	if !ok || len(digit) != 1 {
		return false
	}
	sum := 0
	for i := range body {
		v := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			v *= 2
		}
		sum += v/10 + v%10
	}
	return (10-sum%10)%10 == int(digit[0]-'0')
}

func TestABadLineIsNamedAndAddsNothing(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"icd10 F10", "icd10 F10 sad", "nosuch 1 mental", "words mental a b c d e f g", "words mental ab*", "words mental |", "label SUD mental"} {
		b := shipped().clone()
		err := b.read(strings.NewReader("# fine\nicd10 A00 mental\n" + bad + "\n"))
		if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if len(shipped().codes["icd10"]) < 100 || shipped().codes["icd10"]["A00"] != 0 {
		t.Error("what ships was changed")
	}
}

func TestAPracticeAddsItsOwn(t *testing.T) {
	t.Parallel()
	own := `# system: snomed http://snomed.info/sct
snomed 1 reproductive one of the practice's own
http://codes.example/ours x9 own+mental
loinc 718-7 genetic
icd10 F10 -
asked q7 violence
form urn:ours:form substance
words gender their own word
`
	b := shipped().clone()
	if err := b.read(bytes.NewReader([]byte(own))); err != nil {
		t.Fatal(err)
	}
	b.done()
	for text, want := range map[string]Set{
		`"code":{"coding":[{"system":"http://snomed.info/sct","code":"1"}]}`:                       Reproductive,
		`"code":{"coding":[{"system":"http://snomed.info/sct","code":"2"}]}`:                       0,
		`"code":{"coding":[{"system":"http://codes.example/ours","code":"x9"}]}`:                   Own | Mental,
		`"code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}`:                         Genetic,
		`"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F10.2"}]}`:        0,
		`"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F11.2"}]}`:        Substance,
		`"code":{"text":"about Their OWN word."}`:                                                  Gender,
		`"code":{"coding":[{"system":"http:\/\/snomed.info\/sct","code":"\u0031","display":"x"}]}`: Reproductive,
	} {
		if got := b.of(parsed(t, []byte(`{"resourceType":"Observation","status":"final",`+text+`}`))); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]Set{
		`"questionnaire":"urn:ours:form|2"`:                                              Substance,
		`"item":[{"linkId":"q7","answer":[{"valueBoolean":true}]}]`:                      Violence,
		`"item":[{"linkId":"q7"}]`:                                                       0,
		`"questionnaire":"http://loinc.org/q/44249-1"`:                                   Mental,
		`"item":[{"linkId":"g","item":[{"linkId":"q7","answer":[{"valueInteger":1}]}]}]`: Violence,
	} {
		if got := b.of(parsed(t, []byte(`{"resourceType":"QuestionnaireResponse","status":"completed",`+text+`}`))); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsAddedIsInUse(t *testing.T) {
	t.Parallel()
	d := parsed(t, []byte(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://codes.example/only-here","code":"x"}]}}`))
	if err := Add(strings.NewReader("http://codes.example/only-here x mental\nno line\n")); !errs.Is(err, errs.Invalid) || Of(d) != 0 {
		t.Errorf("a list with a bad line: %v, %q", err, Of(d))
	}
	if err := Add(strings.NewReader("http://codes.example/only-here x mental")); err != nil || Of(d) != Mental {
		t.Errorf("%v, %q", err, Of(d))
	}
}
