package path_test

import (
	"encoding/json"
	"testing"

	"rapport/errs"
	"rapport/fhir/path"
)

func some(t *testing.T, v path.Value, ok bool) path.Value {
	t.Helper()
	if !ok {
		t.Fatal("it is no value")
	}
	return v
}

func TestValues(t *testing.T) {
	t.Parallel()
	dec, ok := path.Decimal("1.500")
	dec = some(t, dec, ok)
	qty, ok := path.Quantity("5", "mg")
	qty = some(t, qty, ok)
	when, ok := path.Time("2024-05-01T10:00:00.1234567+02:00")
	when = some(t, when, ok)
	day, ok := path.Time("2024-05")
	day = some(t, day, ok)
	clock, ok := path.Time("10:30:00")
	clock = some(t, clock, ok)
	coding, err := path.Parse("Coding", []byte(`{"system":"http://loinc.org","code":"LA6570-1"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		v                path.Value
		typ, text, jsonV string
	}{
		{path.String(`a"<b>`), "System.String", `a"<b>`, `"a\"\u003cb\u003e"`},
		{path.Bool(true), "System.Boolean", "true", "true"},
		{path.Int(-3), "System.Integer", "-3", "-3"},
		{dec, "System.Decimal", "1.500", "1.500"},
		{qty, "System.Quantity", "5 'mg'", `{"value":5,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}`},
		{when, "System.DateTime", "2024-05-01T10:00:00.1234567+02:00", `"2024-05-01T10:00:00.1234567+02:00"`},
		{day, "System.Date", "2024-05", `"2024-05"`},
		{clock, "System.Time", "10:30:00", `"10:30:00"`},
		{coding, "Coding", "", `{"system":"http://loinc.org","code":"LA6570-1"}`},
		{path.Value{}, "", "", ""},
	} {
		if c.v.Type() != c.typ || c.v.Text() != c.text || string(c.v.JSON()) != c.jsonV {
			t.Errorf("%s %q %s, not %s %q %s", c.v.Type(), c.v.Text(), c.v.JSON(), c.typ, c.text, c.jsonV)
		}
		if c.v.OK() && !json.Valid(c.v.JSON()) {
			t.Errorf("%s is no JSON", c.v.JSON())
		}
	}
	if n, ok := dec.Number(); !ok || n != "1.500" {
		t.Errorf("the number is %q", n)
	}
	other, _ := path.Decimal("1.5")
	grams, _ := path.Quantity("0.005", "g")
	if !path.Equal(dec, other) || !path.Equal(qty, grams) || path.Equal(dec, qty) {
		t.Error("what is equal is not")
	}
	if _, ok := coding.Node(); !ok {
		t.Error("a Coding is an element")
	}
	for typ, src := range map[string]string{
		"Coding": `{"nothing"`, "Nothing": `{}`, "Patient": `{"resourceType":"Observation"}`, "boolean": `"yes"`, "string": `"a"},{"name":"b"`,
		"Narrative": `{"status":"empty"}`, "integer": `1,"valueString":"x"`,
	} {
		if v, err := path.Parse(typ, []byte(src)); !errs.Is(err, errs.Invalid) || v.OK() {
			t.Errorf("%s of %s: %v", typ, src, err)
		}
	}
	for _, s := range []string{"", "2024-13", "24:00:00", "2024-01-01T", "x", "T10"} {
		if _, ok := path.Time(s); ok {
			t.Errorf("%q is a time", s)
		}
	}
	for _, s := range []string{"", "-", "1.", ".5", "1e9999", "0x1", "--1", "1_0"} {
		if _, ok := path.Decimal(s); ok {
			t.Errorf("%q is a number", s)
		}
	}
}

func TestTruth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		vs         []path.Value
		val, known bool
	}{
		{nil, false, false},
		{[]path.Value{path.Bool(false)}, false, true},
		{[]path.Value{path.Bool(true)}, true, true},
		{[]path.Value{path.String("x")}, true, true},
		{[]path.Value{path.Bool(true), path.Bool(true)}, false, false},
	} {
		if val, known := path.Truth(c.vs); val != c.val || known != c.known {
			t.Errorf("%v is %t %t", c.vs, val, known)
		}
	}
}
