package form

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"rapport/errs"
	"rapport/fhir"
)

// pairs are responses that do not say, or not rightly, which form they were given
// to.
var pairs = map[string]string{
	"hl7-sdc-3.0/questionnaireresponse-sdc-example-ussg-fht-answers.json": "hl7-sdc-3.0/questionnaire-sdc-profile-example-ussg-fht.json",
	"lforms-R4/fhir-sdc-response-ussgfht.json":                            "lforms-R4/ussg-fhp.json",
	"lforms-R4/qr-items-under-repeating-choice-item.json":                 "lforms-R4/q-items-under-repeating-choice-item.json",
	"lforms-R4/qr-with-answerValueSet-autocomplete.json":                  "lforms-R4/q-with-answerValueSet-autocomplete.json",
	"r4-examples/QuestionnaireResponse-3141.json":                         "r4-examples/Questionnaire-3141.json",
	"r4-examples/QuestionnaireResponse-bb.json":                           "r4-examples/Questionnaire-bb.json",
	"r4-examples/QuestionnaireResponse-f201.json":                         "r4-examples/Questionnaire-f201.json",
}

// TestExampleResponses holds the example responses against their forms, found by
// what they name. What is wrong with them is listed in a golden file.
func TestExampleResponses(t *testing.T) {
	t.Parallel()
	root := shared(t, "dev")
	forms := map[string]*Form{}
	responses := map[string][]byte{}
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(p) != ".json" {
			return err
		}
		b := load1(t, p)
		name, _ := filepath.Rel(root, p)
		if parseJSON(b).get("resourceType").str() == "QuestionnaireResponse" {
			responses[name] = b
		} else if f, err := Read(b, listed); err == nil {
			for _, k := range []string{f.URL, "Questionnaire/" + f.ID, f.Canonical()} {
				if forms[k] == nil && k != "" && k != "Questionnaire/" {
					forms[k] = f
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(responses))
	for n := range responses {
		names = append(names, n)
	}
	sort.Strings(names)
	var out strings.Builder
	for _, n := range names {
		q := parseJSON(responses[n]).get("questionnaire").str()
		url, _, _ := strings.Cut(q, "|")
		f := forms[url]
		if i := strings.LastIndex(url, "Questionnaire/"); f == nil && i >= 0 {
			f = forms[url[i:]]
		}
		b := responses[n]
		if p := pairs[n]; f == nil && p != "" || p != "" && errs.Is(f.fits(q), errs.Gone) {
			if f, err = Read(load1(t, filepath.Join(root, p)), listed); err != nil {
				t.Fatal(err)
			}
			if c := f.Canonical(); c != "" {
				if b, err = fhir.Amend(b, "questionnaire", []byte(quote(c))); err != nil {
					t.Fatal(err)
				}
			}
		}
		if f == nil {
			fmt.Fprintf(&out, "%s\n\tits form is not here: %q\n", n, q)
			continue
		}
		fmt.Fprintf(&out, "%s\n", n)
		count := map[string]int{}
		var lines []string
		for _, i := range Validate(f, b, Env{Now: theDay, Sets: listed}) {
			if count[i.String()]++; count[i.String()] == 1 {
				lines = append(lines, i.String())
			}
		}
		for _, l := range lines {
			fmt.Fprintf(&out, "\t%s × %d\n", l, count[l])
		}
	}
	golden(t, "testdata/responses.golden", out.String())
}
