package path_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"rapport/fhir"
	"rapport/fhir/path"
)

func TestEnv(t *testing.T) {
	t.Parallel()
	p := patient(t)
	known, err := path.Parse("Coding", []byte(`{"code":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	env := &path.Env{
		Resource: p, Now: time.Date(2026, 11, 26, 23, 30, 0, 5_000_000, time.FixedZone("", 3600)),
		Var: func(name string) ([]path.Value, bool) {
			return []path.Value{path.Int(7)}, name == "score"
		},
		Func: func(name string) (path.Func, bool) {
			return func(focus []path.Value, args [][]path.Value) ([]path.Value, error) {
				if len(args) == 2 {
					return nil, errors.New("too many")
				}
				return []path.Value{path.Int(int64(len(focus)*10 + len(args)))}, nil
			}, name == "weight"
		},
		Resolve: func(ref string) (path.Value, bool) { return p, ref == "Patient/p1" },
		MemberOf: func(v path.Value, set string) (bool, bool) {
			return path.Equal(v, known), set == "http://vs"
		},
	}
	for src, want := range map[string]string{
		"%score + 1":                                   "8",
		"name.weight(1)":                               "21",
		"name.given.weight()":                          "30",
		"'Patient/p1'.resolve().id":                    "p1",
		"'Patient/p2'.resolve().id":                    "",
		"%resource.memberOf('http://vs')":              "false",
		"%resource.memberOf('http://other')":           "",
		"now()":                                        "2026-11-26T23:30:00.005+01:00",
		"today()":                                      "2026-11-26",
		"timeOfDay()":                                  "23:30:00.005",
		"%`ext-a` & '|' & %'vs-b' & '|' & %vs-c":       "http://hl7.org/fhir/StructureDefinition/a|http://hl7.org/fhir/ValueSet/b|http://hl7.org/fhir/ValueSet/c",
		"%ucum.startsWith('http') and %sct.length()>5": "true",
	} {
		if got, err := eval(t, env, src, p); err != nil || got != want {
			t.Errorf("%s is %q (%v), not %q", src, got, err, want)
		}
	}
	for _, src := range []string{"%other", "weight(1, 2)", "other()"} {
		if got, err := eval(t, env, src, p); err == nil {
			t.Errorf("%s is %q", src, got)
		}
	}
	e, err := path.Compile("%a + %`b c`.where(%a = $this) + %resource.x")
	if err != nil || !slices.Equal(e.Names(), []string{"a", "b c", "resource"}) {
		t.Errorf("the names are %v (%v)", e.Names(), err)
	}
}

func TestBundle(t *testing.T) {
	t.Parallel()
	d, err := fhir.Parse([]byte(`{"resourceType":"Bundle","type":"collection","entry":[
{"fullUrl":"http://x/Patient/1","resource":{"resourceType":"Patient","id":"1","active":true,"link":[{"other":{"reference":"Patient/2"},"type":"refer"}]}},
{"fullUrl":"urn:uuid:0f4ef0bc-9b5a-4a3c-8d63-000000000000","resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"http://x/Patient/1"},
 "contained":[{"resourceType":"Device","id":"d"}],"device":{"reference":"#d"},"valueQuantity":{"value":70.50,"code":"kg","system":"http://unitsofmeasure.org"}}},
{"fullUrl":"http://x/Patient/2","resource":{"resourceType":"Patient","id":"2","active":true}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]string{
		"entry.resource.ofType(Observation).subject.resolve().id":         "1",
		"entry.resource.ofType(Patient).link.other.resolve().id":          "2",
		"entry.resource.device.resolve().type().name":                     "Device",
		"entry.resource.where($this is Patient).count()":                  "2",
		"entry.resource.where($this is DomainResource).count()":           "3",
		"entry.resource.active.distinct().count()":                        "1",
		"entry[0].resource = entry[2].resource":                           "false",
		"entry[0].resource ~ entry[0].resource":                           "true",
		"entry.resource.value.value":                                      "70.50",
		"entry.resource.value = 70500 'g'":                                "true",
		"entry.resource.value.ofType(Quantity)":                           "70.50 'kg'",
		"entry.resource.value > 155 '[lb_av]'":                            "true",
		"descendants().where(fullUrl = 'http://x/Patient/2').resource.id": "2",
		"descendants().where(url = 'x').count()":                          "0",
	} {
		if got, err := eval(t, nil, src, path.Of(d.Root())); err != nil || got != want {
			t.Errorf("%s is %q (%v), not %q", src, got, err, want)
		}
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"1 year = 12 months":                                 "true",
		"1 year > 11 months":                                 "true",
		"7 days = 1 week":                                    "true",
		"1 year ~ 1 'a'":                                     "true",
		"1 minute = 60 's'":                                  "true",
		"1 'wk' = 7 days":                                    "true",
		"37 'Cel' = 98.6 '[degF]'":                           "true",
		"37 'Cel'.toQuantity('[degF]')":                      "98.6 '[degF]'",
		"5 'mmol/L' = 5000 'umol/L'":                         "true",
		"2 'cm' * 3 'm' = 0.06 'm2'":                         "true",
		"10 'g' / 4 'mL' = 2.5 'kg/L'":                       "true",
		"1 'kg' / 250 'g'":                                   "4 '1'",
		"1 'kg' + 250 'g'":                                   "1.25 'kg'",
		"1 'g' + 2 'kg'":                                     "2001 'g'",
		"3 years * 2":                                        "6 years",
		"5 '[IU]' = 5 '[iU]'":                                "true",
		"'5 mg'.toQuantity().exists()":                       "false",
		"'5 \\'mg\\''.toQuantity() = 5 'mg'":                 "true",
		"'5 days'.toQuantity()":                              "5 days",
		"70 'kg' / (1.75 'm' * 1.75 'm') < 23 'kg/m2'":       "true",
		"(1 'mg' | 0.001 'g' | 2 'mg').count()":              "2",
		"(1 | 1.0 | 1 '1').count()":                          "1",
		"(1 'kg' | 500 'g').min()":                           "500 'g'",
		"@2024-01-31 + 1 month":                              "2024-02-29",
		"@2024 + 24 months":                                  "2026",
		"@2024 + 23 months":                                  "2025",
		"@2024-01-01T23:59:59 + 1 second":                    "2024-01-02T00:00:00",
		"@T23:30 + 45 minutes":                               "00:15",
		"@2024-03-01T00:30:00+02:00 = @2024-02-29T22:30:00Z": "true",
		"@2024-03-01T00:30:00.000 = @2024-03-01T00:30:00":    "true",
		"1/3":              "0.3333333333333333",
		"0.1 + 0.2":        "0.3",
		"10 / 4":           "2.5",
		"-7 div 2":         "-3",
		"-7 mod 2":         "-1",
		"2.5.round()":      "3",
		"1.250 * 2":        "2.500",
		"2.power(10)":      "1024",
		"1.10.precision()": "2",
	} {
		if got, err := eval(t, nil, src); err != nil || got != want {
			t.Errorf("%s is %q (%v), not %q", src, got, err, want)
		}
	}
}
