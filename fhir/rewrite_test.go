package fhir_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir"
)

func parse(tb testing.TB, json string) *fhir.Doc {
	tb.Helper()
	d, err := fhir.Parse([]byte(json))
	if err != nil {
		tb.Fatal(d.Issues())
	}
	return d
}

func TestCompactTouchesNothingButSpace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"the digits of decimals stay":       {"{\"resourceType\" : \"Observation\",\n \"status\":\"final\",\"code\":{\"text\":\"a\"},\"valueQuantity\":{ \"value\" : 1.10 }}", `{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value":1.10}}`},
		"so do exponents":                   {`{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value": 1e3}}`, `{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value":1e3}}`},
		"space in texts stays":              {`{"resourceType":"Patient","name":[{"text":" a  \" b\\"} ]}`, `{"resourceType":"Patient","name":[{"text":" a  \" b\\"}]}`},
		"escapes and order stay":            {` {"id":"a", "gender":"m\u0061le","resourceType":"Patient"} `, `{"id":"a","gender":"m\u0061le","resourceType":"Patient"}`},
		"extensions of primitives stay":     {`{"resourceType":"Patient", "_birthDate":{"extension":[{"url":"u","valueCode":"c"}]}}`, `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"u","valueCode":"c"}]}}`},
		"what is compact already is itself": {`{"resourceType":"Patient"}`, `{"resourceType":"Patient"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, string(parse(t, c.in).Compact())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReferencesLieWhereTheySay(t *testing.T) {
	t.Parallel()
	d := parse(t, `{"resourceType":"Observation","contained":[{"resourceType":"Device","patient":{"reference":"Patient\/2"}}],"status":"final","code":{"text":"a"},"subject":{"reference":"urn:uuid:1"},"performer":[{"display":"x"},{"reference":"Practitioner?identifier=a|b"}]}`)
	var got []string
	for _, r := range d.References() {
		got = append(got, r.Text, string(d.Src[r.Start:r.End]))
	}
	want := []string{"Patient/2", `"Patient\/2"`, "urn:uuid:1", `"urn:uuid:1"`, "Practitioner?identifier=a|b", `"Practitioner?identifier=a|b"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	to := func(r string) (string, bool) {
		switch r {
		case "urn:uuid:1":
			return "Patient/p1", true
		case "Practitioner?identifier=a|b":
			return `Practitioner/"q`, true
		}
		return "", false
	}
	for name, c := range map[string]struct{ in, want string }{
		"references change and the rest is compacted": {
			`{"resourceType":"Observation", "status":"final","code":{"text":"urn:uuid:1"},"subject":{"reference": "urn:uuid:1"},"performer":[{"reference":"Practitioner?identifier=a|b"}],"valueQuantity":{"value":1.10}}`,
			`{"resourceType":"Observation","status":"final","code":{"text":"urn:uuid:1"},"subject":{"reference":"Patient/p1"},"performer":[{"reference":"Practitioner/\"q"}],"valueQuantity":{"value":1.10}}`},
		"addresses of attachments change too": {
			`{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"url":"urn:uuid:1"}},{"attachment":{"url":"urn:uuid:2"}}]}`,
			`{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"url":"Patient/p1"}},{"attachment":{"url":"urn:uuid:2"}}]}`},
		"a bundle keeps its full addresses": {
			`{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1"}]}`,
			`{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1"}]}`},
		"an escaped reference is understood": {
			`{"resourceType":"Observation","status":"final","code":{"text":"a"},"subject":{"reference":"urn:uu\u0069d:1"}}`,
			`{"resourceType":"Observation","status":"final","code":{"text":"a"},"subject":{"reference":"Patient/p1"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := parse(t, c.in).Rewrite(to)
			if diff := cmp.Diff(c.want, string(out)); diff != "" {
				t.Error(diff)
			}
			parse(t, string(out))
		})
	}
}

func TestWithID(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"an id is replaced":                 {`{"resourceType":"Patient","id": "old","gender":"male"}`, `{"resourceType":"Patient","id": "new","gender":"male"}`},
		"an escaped id is replaced":         {`{"resourceType":"Patient","\u0069d":"old"}`, `{"resourceType":"Patient","\u0069d":"new"}`},
		"ids inside stay":                   {`{"contained":[{"id":"x"}],"resourceType":"Patient"}`, `{"contained":[{"id":"x"}],"resourceType":"Patient","id":"new"}`},
		"a missing id follows the type":     {`{"resourceType":"Patient","gender":"male"}`, `{"resourceType":"Patient","id":"new","gender":"male"}`},
		"without a type it comes first":     {`{ "gender":"male"}`, `{"id":"new", "gender":"male"}`},
		"an empty object gets one":          {`{ }`, `{"id":"new" }`},
		"what is not an object stays":       {`[1]`, `[1]`},
		"what is not JSON stays as it came": {`{"resourceType":"Patient",`, `{"resourceType":"Patient",`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, string(fhir.WithID([]byte(c.in), "new"))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNodes(t *testing.T) {
	t.Parallel()
	d := parse(t, string(load(t, "observation.json")))
	root := d.Root()
	if got := root.Get("component", "value", "unit").Str(); got != "mmHg" {
		t.Errorf("got %q by the element's name", got)
	}
	if got := string(root.Get("component", "valueQuantity", "value").Raw()); got != "142.0" {
		t.Errorf("got %q by the property's name", got)
	}
	var codes []string
	for c := range root.Each("component") {
		codes = append(codes, c.Get("code", "coding", "code").Str())
	}
	if diff := cmp.Diff([]string{"8480-6", "8462-4"}, codes); diff != "" {
		t.Error(diff)
	}
	if got := root.Get("note", "text").Str(); got != "Taken \"seated\", left arm.\nSecond reading." {
		t.Errorf("got %q with escapes", got)
	}
	if got := root.Get("effective"); got.Type() != "dateTime" || got.Name() != "effectiveDateTime" {
		t.Errorf("got %s under %s", got.Type(), got.Name())
	}
	nothing := root.Get("value", "code", "x")
	if nothing.OK() || nothing.Str() != "" || nothing.Raw() != nil || nothing.Type() != "" || nothing.Bool() || nothing.Int() != 0 || !nothing.Time().IsZero() {
		t.Error("nothing is something")
	}
	for range nothing.Children() {
		t.Error("nothing has children")
	}
}
