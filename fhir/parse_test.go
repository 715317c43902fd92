package fhir_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/errs"
	"rapport/fhir"
)

// marked stands for content: no error may ever repeat it.
const marked = "SECRET"

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ json, want string }{
		// structure
		"an empty text is refused":                      {``, `the text ends too early`},
		"an array is not a resource":                    {`[]`, `a resource is expected`},
		"a resource without a type is refused":          {`{"id":"a"}`, `resourceType is missing or unknown`},
		"a type R4 does not have is refused":            {`{"resourceType":"SECRET"}`, `resourceType is missing or unknown`},
		"an abstract type is refused":                   {`{"resourceType":"DomainResource"}`, `resourceType is missing or unknown`},
		"a data type is not a resource":                 {`{"resourceType":"HumanName"}`, `resourceType is missing or unknown`},
		"the type may come last":                        {`{"id":"a","gender":"male","resourceType":"Patient"}`, ``},
		"the type may be written with escapes":          {`{"resource\u0054ype":"Pat\u0069ent"}`, ``},
		"a type given twice is refused":                 {`{"resourceType":"Patient","resourceType":"Patient"}`, `Patient.resourceType: a property is given twice`},
		"an unknown element is kept":                    {`{"resourceType":"Patient","x":{"y":[1,null]}}`, ``},
		"an unknown element given twice is refused":     {`{"resourceType":"Patient","x":1,"x":2}`, `Patient: a property is given twice`},
		"one of R4's in other letters is refused":       {`{"resourceType":"Patient","Gender":"male"}`, `Patient: an element R4 does not have here`},
		"and so is the type":                            {`{"resourceType":"Patient","RESOURCETYPE":"Group"}`, `Patient: an element R4 does not have here`},
		"and so inside":                                 {`{"resourceType":"Patient","name":[{"family":"a"},{"FAMILY":"b"}]}`, `Patient.name[1]: an element R4 does not have here`},
		"a companion of an object is refused":           {`{"resourceType":"Patient","_name":[{"id":"a"}]}`, `Patient: an element R4 does not have here`},
		"a property given twice is refused":             {`{"resourceType":"Patient","gender":"male","gender":"male"}`, `Patient.gender: a property is given twice`},
		"an escape does not hide a second property":     {`{"resourceType":"Patient","gender":"male","g\u0065nder":"male"}`, `Patient.gender: a property is given twice`},
		"an escaped property is understood":             {`{"resourceType":"Patient","g\u0065nder":"male"}`, ``},
		"two companions are refused":                    {`{"resourceType":"Patient","_gender":{"id":"a"},"_gender":{"id":"a"}}`, `Patient.gender: a property is given twice`},
		"an object where an array belongs is refused":   {`{"resourceType":"Patient","name":{"family":"a"}}`, `Patient.name: an array is expected`},
		"an array where one value belongs is refused":   {`{"resourceType":"Patient","gender":["male"]}`, `Patient.gender: an array is not allowed`},
		"an empty array is refused":                     {`{"resourceType":"Patient","name":[]}`, `Patient.name: an array may not be empty`},
		"an empty object is refused":                    {`{"resourceType":"Patient","name":[{}]}`, `Patient.name[0]: an object may not be empty`},
		"an array in an array is refused":               {`{"resourceType":"Patient","name":[["a"]]}`, `Patient.name: an object is expected`},
		"a text where an object belongs is refused":     {`{"resourceType":"Patient","name":["SECRET"]}`, `Patient.name: an object is expected`},
		"an object where a text belongs is refused":     {`{"resourceType":"Patient","gender":{"a":1}}`, `Patient.gender: a single value is expected`},
		"null is refused":                               {`{"resourceType":"Patient","active":null}`, `Patient.active: null is not allowed`},
		"null among objects is refused":                 {`{"resourceType":"Patient","name":[null]}`, `Patient.name: null is not allowed`},
		"two of a choice are refused":                   {`{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}`, `Patient.deceased[x]: more than one of a choice`},
		"a choice with its companion is one":            {`{"resourceType":"Patient","deceasedDateTime":"2020","_deceasedDateTime":{"id":"a"}}`, ``},
		"a required element must be there":              {`{"resourceType":"Observation","status":"final"}`, `Observation.code: is required`},
		"an extension may stand for a required element": {`{"resourceType":"Observation","_status":{"extension":[{"url":"http://a.b","valueCode":"unknown"}]},"code":{"text":"a"}}`, ``},
		"a required choice must be there":               {`{"resourceType":"Immunization","status":"completed","vaccineCode":{"text":"a"},"patient":{"display":"a"}}`, `Immunization.occurrence[x]: is required`},
		"contained resources are checked":               {`{"resourceType":"Patient","contained":[{"resourceType":"Patient","gender":"SECRET"}]}`, `Patient.contained[0].gender: not a code of http://hl7.org/fhir/ValueSet/administrative-gender`},
		"unknown extensions are kept":                   {`{"resourceType":"Patient","extension":[{"url":"https://x.example/y","valueString":"a"}],"modifierExtension":[{"url":"https://x.example/z","valueInteger":3}]}`, ``},
		"an extension needs its address":                {`{"resourceType":"Patient","extension":[{"valueString":"a"}]}`, `Patient.extension[0].url: is required`},
		"an extension needs a value":                    {`{"resourceType":"Patient","extension":[{"url":"http://a.b"}]}`, `Patient.extension[0]: an extension has either a value or extensions (ext-1)`},
		"an extension has no value beside extensions":   {`{"resourceType":"Patient","extension":[{"url":"http://a.b","valueString":"a","extension":[{"url":"c","valueString":"d"}]}]}`, `Patient.extension[0]: an extension has either a value or extensions (ext-1)`},

		// nulls beside extensions
		"a null beside an extension keeps its place": {`{"resourceType":"Patient","name":[{"given":["a",null],"_given":[null,{"id":"x"}]}]}`, ``},
		"a companion may come first":                 {`{"resourceType":"Patient","name":[{"_given":[null,{"id":"x"}],"given":["a",null]}]}`, ``},
		"a null beside nothing is refused":           {`{"resourceType":"Patient","name":[{"given":["a",null]}]}`, `Patient.name[0].given[1]: null with nothing beside it`},
		"two nulls beside each other are refused":    {`{"resourceType":"Patient","name":[{"given":["a",null],"_given":[{"id":"x"},null]}]}`, `Patient.name[0].given[1]: null with nothing beside it`},

		// JSON
		"text after the resource is refused":   {`{"resourceType":"Patient"} SECRET`, `there is more after the resource`},
		"a comma too many is refused":          {`{"resourceType":"Patient",}`, `a string is expected`},
		"an unfinished text is refused":        {`{"resourceType":"Patient","id":"SECRET`, `a string does not end`},
		"an unfinished object is refused":      {`{"resourceType":"Patient"`, `the text ends too early`},
		"a wrong escape is refused":            {`{"resourceType":"Patient","id":"\x"}`, `a string has a wrong escape`},
		"a lone surrogate is refused":          {`{"resourceType":"Patient","language":"\ud800"}`, `a string has a wrong escape`},
		"a lone low surrogate is refused":      {`{"resourceType":"Patient","language":"\udc00a"}`, `a string has a wrong escape`},
		"a pair of surrogates is a character":  {`{"resourceType":"Patient","name":[{"text":"\ud83d\ude00"}]}`, ``},
		"text that is not UTF-8 is refused":    {"{\"resourceType\":\"Patient\",\"name\":[{\"text\":\"a\xff\"}]}", `a string is not UTF-8`},
		"a surrogate in UTF-8 is refused":      {"{\"resourceType\":\"Patient\",\"name\":[{\"text\":\"\xed\xa0\x80\"}]}", `a string is not UTF-8`},
		"a control character is refused":       {"{\"resourceType\":\"Patient\",\"name\":[{\"text\":\"a\tb\"}]}", `a string has a control character`},
		"an escaped control is refused":        {`{"resourceType":"Patient","name":[{"text":"a\u0000b"}]}`, `Patient.name[0].text: not a valid string`},
		"an escaped line break is text":        {`{"resourceType":"Patient","name":[{"text":"a\nb"}]}`, ``},
		"NaN is refused":                       {`{"resourceType":"Patient","multipleBirthInteger":NaN}`, `a value is expected`},
		"a number with leading zeros is wrong": {`{"resourceType":"Patient","multipleBirthInteger":01}`, `a value is expected`},
		"a byte order mark is refused":         {"\xef\xbb\xbf{\"resourceType\":\"Patient\"}", `a value is expected`},

		// codes and references
		"a code must be in its set":                     {`{"resourceType":"Patient","gender":"SECRET"}`, `Patient.gender: not a code of http://hl7.org/fhir/ValueSet/administrative-gender`},
		"an escape does not hide a wrong code":          {`{"resourceType":"Patient","gender":"ban\u0061na"}`, `Patient.gender: not a code of http://hl7.org/fhir/ValueSet/administrative-gender`},
		"an escape does not spoil a right code":         {`{"resourceType":"Patient","gender":"m\u0061le"}`, ``},
		"a concept must have a code of its set":         {`{"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"SECRET"}]}}`, `Condition.clinicalStatus: no code of http://hl7.org/fhir/ValueSet/condition-clinical`},
		"a concept may have other codes besides":        {`{"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"code":"x"},{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}}`, ``},
		"a reference must be to a type it may be to":    {`{"resourceType":"Condition","subject":{"reference":"Practitioner/SECRET"}}`, `Condition.subject.reference: may not refer to that type of resource`},
		"a conditional reference is to a type too":      {`{"resourceType":"Condition","subject":{"reference":"Practitioner?identifier=SECRET"}}`, `Condition.subject.reference: may not refer to that type of resource`},
		"a URN may lead anywhere":                       {`{"resourceType":"Condition","subject":{"reference":"urn:uuid:2d7f3c0a-8f54-4f0a-a4d6-0e0a7b8b9c10"}}`, ``},
		"a fragment may lead anywhere":                  {`{"resourceType":"Condition","subject":{"reference":"#p"}}`, ``},
		"elements past the sixty-fourth are told apart": {`{"resourceType":"StructureDefinition","url":"http://a","name":"a","status":"draft","kind":"logical","abstract":true,"type":"a","snapshot":{"element":[{"path":"a","fixedString":"x","patternCode":"y","minValueInteger":1,"maxLength":3,"maxLength":4}]}}`, `StructureDefinition.snapshot.element[0].maxLength: a property is given twice`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, c.json, c.want)
		})
	}
}

func check(t *testing.T, json, want string) {
	t.Helper()
	d, err := fhir.Parse([]byte(json))
	switch {
	case want == "" && err != nil:
		t.Errorf("got %v, want none", d.Issues())
	case want != "" && err == nil:
		t.Errorf("got no issue, want %q", want)
	case want != "":
		got := d.Issues()[0]
		if text, _, _ := strings.Cut(got.String(), ", at byte"); text != want {
			t.Errorf("got  %s\nwant %s", text, want)
		}
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("got kind %v, want invalid", errs.KindOf(err))
		}
		if strings.Contains(fmt.Sprint(err, d.Issues()), marked) {
			t.Errorf("an error repeats content: %v", err)
		}
	}
}

func TestPrimitives(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ, element string
		right, wrong []string
	}{
		{"boolean", `"experimental":%s`, []string{`true`, `false`}, []string{`"true"`, `1`, `True`}},
		{"code", `"language":%s`, []string{`"en"`, `"a b"`, `"\u0065n"`}, []string{`""`, `" en"`, `"en "`, `"a  b"`, `"a\tb"`, `1`, `true`}},
		{"id", `"id":%s`, []string{`"a"`, `"A-1.b"`, `"1234567890123456789012345678901234567890123456789012345678901234"`}, []string{`""`, `"a_b"`, `"a b"`, `"12345678901234567890123456789012345678901234567890123456789012345"`, `5`}},
		{"uri", `"url":%s`, []string{`"http://a.b/c"`, `"urn:oid:1.2"`, `"a"`}, []string{`""`, `"http://a b"`, `"http://a\n"`, `"\u0020"`}},
		{"canonical", `"derivedFrom":[%s]`, []string{`"http://a.b|1"`}, []string{`""`, `"a b"`}},
		{"date", `"approvalDate":%s`, []string{`"2024"`, `"2024-02"`, `"2024-02-29"`, `"1900-02-28"`}, []string{`"24"`, `"2024-13"`, `"2023-02-29"`, `"1900-02-29"`, `"2024-00-10"`, `"2024-1-1"`, `"0000"`, `"2024-02-29T10:00:00Z"`, `2024`, `""`}},
		{"dateTime", `"date":%s`, []string{`"2024"`, `"2024-02-29"`, `"2024-02-29T23:59:60Z"`, `"2024-02-29T10:00:00.123456789+14:00"`, `"2024-02-29T10:00:00-05:00"`},
			[]string{`"2024-02-29T10:00Z"`, `"2024-02-29T10:00:00"`, `"2024-02-29T24:00:00Z"`, `"2024-02T10:00:00Z"`, `"2024-02-29T10:00:00+15:00"`, `"2024-02-29T10:00:00.Z"`, `"2024-02-29t10:00:00Z"`}},
		{"instant", `"meta":{"lastUpdated":%s}`, []string{`"2024-02-29T10:00:00Z"`}, []string{`"2024-02-29"`, `"2024"`}},
		{"markdown", `"description":%s`, []string{`"# a\n\nb"`}, []string{`""`, `"\u0007"`, `3`}},
		{"string", `"title":%s`, []string{`" a "`, `"é"`, `"\u00e9"`}, []string{`""`, `3`, `true`}},
		{"xhtml", `"text":{"status":"generated","div":%s}`, []string{`"<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>"`, `"\u003cdiv>a</div>"`}, []string{`"a"`, `"<divan>a</divan>"`, `"<div>a"`, `""`}},
	} {
		t.Run("a "+c.typ+" has its form", func(t *testing.T) {
			t.Parallel()
			lexicals(t, `{"resourceType":"Questionnaire","status":"draft",`+c.element+`}`, c.right, c.wrong)
		})
	}
	for _, c := range []struct {
		typ, json    string
		right, wrong []string
	}{
		{"decimal", `{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value":%s}}`, []string{`1`, `1.10`, `-0.0`, `1e3`, `1.5E-10`, `0`}, []string{`"1"`, `1.`, `.5`, `+1`, `1e`, `01`, `0x1`}},
		{"integer", `{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueInteger":%s}`, []string{`0`, `-1`, `2147483647`, `-2147483648`}, []string{`2147483648`, `-2147483649`, `1.0`, `1e3`, `-0`, `"1"`}},
		{"positiveInt", `{"resourceType":"Patient","telecom":[{"rank":%s}]}`, []string{`1`, `2147483647`}, []string{`0`, `-1`, `1.0`, `99999999999`}},
		{"unsignedInt", `{"resourceType":"Appointment","status":"booked","participant":[{"status":"accepted"}],"priority":%s}`, []string{`0`, `7`}, []string{`-1`, `0.5`}},
		{"base64Binary", `{"resourceType":"Binary","contentType":"text/plain","data":%s}`, []string{`"YQ=="`, `"YWJj"`, `"YWJj\nYWJj"`, `"YW Jj"`}, []string{`"YQ="`, `"Y"`, `"Y!Jj"`, `"YQ==YQ=="`, `"===="`, `""`}},
		{"oid", `{"resourceType":"Observation","status":"final","code":{"text":"a"},"extension":[{"url":"a","valueOid":%s}]}`, []string{`"urn:oid:1.2.3"`}, []string{`"1.2.3"`, `"urn:oid:3.1"`, `"urn:oid:1.02"`, `"urn:oid:1."`}},
		{"uuid", `{"resourceType":"Observation","status":"final","code":{"text":"a"},"extension":[{"url":"a","valueUuid":%s}]}`, []string{`"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"`}, []string{`"c757873d-ec9a-4326-a141-556f43239520"`, `"urn:uuid:c757873d"`}},
		{"time", `{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueTime":%s}`, []string{`"10:00:00"`, `"23:59:59.5"`}, []string{`"10:00"`, `"24:00:00"`, `"10:00:00Z"`, `"10:61:00"`}},
	} {
		t.Run("a "+c.typ+" has its form", func(t *testing.T) {
			t.Parallel()
			lexicals(t, c.json, c.right, c.wrong)
		})
	}
}

func lexicals(t *testing.T, json string, right, wrong []string) {
	t.Helper()
	for _, v := range right {
		if d, err := fhir.Parse(fmt.Appendf(nil, json, v)); err != nil {
			t.Errorf("%s: got %v, want none", v, d.Issues())
		}
	}
	for _, v := range wrong {
		if _, err := fhir.Parse(fmt.Appendf(nil, json, v)); err == nil {
			t.Errorf("%s: got no issue", v)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	deep := func(n int) string {
		return `{"resourceType":"Patient","extension":[` + strings.Repeat(`{"url":"a","extension":[`, n) + `{"url":"a","valueCode":"a"}` + strings.Repeat(`]}`, n) + `]}`
	}
	long := func(n int) string {
		return `{"resourceType":"Patient","name":[{"given":["a"` + strings.Repeat(`,"a"`, n-1) + `]}]}`
	}
	for name, c := range map[string]struct{ json, want string }{
		"sixty-four levels are allowed":      {deep(30), ``},
		"more levels are refused":            {deep(31), `too deep`},
		"levels in unknown parts count too":  {`{"resourceType":"Patient","x":` + strings.Repeat(`[`, 10_000) + strings.Repeat(`]`, 10_000) + `}`, `too deep`},
		"a hundred thousand values are fine": {long(100_000), ``},
		"more values are refused":            {long(100_001), `an array is too long`},
		"a text of a megabyte is allowed":    {`{"resourceType":"Patient","name":[{"text":"` + strings.Repeat("a", 1<<20) + `"}]}`, ``},
		"a longer text is refused":           {`{"resourceType":"Patient","name":[{"text":"` + strings.Repeat("a", 1<<20+1) + `"}]}`, `Patient.name[0].text: not a valid string`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, c.json, c.want)
		})
	}
}

func TestIssuesStopAtAHundred(t *testing.T) {
	t.Parallel()
	d, err := fhir.Parse([]byte(`{"resourceType":"Patient","name":[{}` + strings.Repeat(`,{}`, 500) + `]} x`))
	if err == nil || len(d.Issues()) != 100 {
		t.Fatalf("got %d issues, want 100", len(d.Issues()))
	}
	if got := d.Issues()[0].Code; got != "invalid" {
		t.Errorf("got %s first, want the one that stopped the reading", got)
	}
}

func TestADocCanBeUsedAgain(t *testing.T) {
	t.Parallel()
	var d fhir.Doc
	for range 3 {
		if err := d.Reset([]byte(`{"resourceType":"Patient","Gender":"male"}`)); err == nil {
			t.Fatal("got no issue")
		}
		if err := d.Reset(load(t, "observation.json")); err != nil {
			t.Fatal(err)
		}
		if d.Type() != "Observation" || len(d.Issues()) != 0 {
			t.Fatalf("got %s with %v", d.Type(), d.Issues())
		}
	}
}

// Not parallel: the count is of the whole process.
func TestADocUsedAgainDoesNotAllocate(t *testing.T) {
	var d fhir.Doc
	json := load(t, "observation.json")
	if n := testing.AllocsPerRun(100, func() {
		if err := d.Reset(json); err != nil {
			t.Error(err)
		}
	}); n > 1 {
		t.Errorf("got %v allocations, want at most 1", n)
	}
}

func TestUnknownElementsAreKeptAndFoundByTheirPlace(t *testing.T) {
	t.Parallel()
	in := `{"resourceType":"Patient","id":"a","SECRET":{"deep":[1.10]},"name":[{"family":"a"},{"x":"y","_x":{"id":"1"}}]}`
	d, err := fhir.Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if string(d.Compact()) != in || string(d.Rewrite(func(string) (string, bool) { return "", false })) != in {
		t.Errorf("came back as %s", d.Compact())
	}
	var got []string
	for _, i := range d.Unknown() {
		text, _, _ := strings.Cut(i.String(), ", at byte")
		got = append(got, text)
	}
	want := []string{"Patient: an element R4 does not have here", "Patient.name[1]: an element R4 does not have here", "Patient.name[1]: an element R4 does not have here"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
