package path_test

import (
	"testing"

	"rapport/fhir"
	"rapport/fhir/path"
)

const person = `{"resourceType":"Patient","id":"p1","birthDate":"1974-12-25","_birthDate":{"extension":[{"url":"http://x/time","valueDateTime":"1974-12-25T14:35:45-05:00"}]},
"name":[{"use":"official","family":"Chalmers","given":["Peter","James"],"_given":[null,{"extension":[{"url":"http://x/n","valueCode":"q"}]}]},{"use":"usual","given":["Jim"]}],
"active":true,"multipleBirthInteger":2,"_gender":{"extension":[{"url":"http://x/g","valueString":"none"}]},
"contained":[{"resourceType":"Organization","id":"o1","name":"ACME"}],"managingOrganization":{"reference":"#o1"}}`

func eval(t *testing.T, env *path.Env, src string, focus ...path.Value) (string, error) {
	t.Helper()
	e, err := path.Compile(src)
	if err != nil {
		return "", err
	}
	vs, err := e.Eval(env, focus...)
	if err != nil {
		return "", err
	}
	out := ""
	for i, v := range vs {
		if i > 0 {
			out += " | "
		}
		if s := v.Text(); s != "" {
			out += s
		} else {
			out += v.Type()
		}
	}
	return out, nil
}

func patient(t testing.TB) path.Value {
	t.Helper()
	d, err := fhir.Parse([]byte(person))
	if err != nil {
		t.Fatal(err)
	}
	return path.Of(d.Root())
}

func TestElements(t *testing.T) {
	t.Parallel()
	p := patient(t)
	for src, want := range map[string]string{
		"Patient.name.given":                                      "Peter | James | Jim",
		"name.where(use = 'usual').given":                         "Jim",
		"birthDate.extension('http://x/time').value":              "1974-12-25T14:35:45-05:00",
		"name.given[1].extension.value":                           "q",
		"name.given[0].extension.value":                           "",
		"gender.exists() and gender.hasValue().not()":             "true",
		"gender.extension.value":                                  "none",
		"multipleBirth":                                           "2",
		"multipleBirth is integer":                                "true",
		"multipleBirth.type().name":                               "integer",
		"managingOrganization.resolve().name":                     "ACME",
		"descendants().where(use = 'official').family":            "Chalmers",
		"contained.descendants().ofType(string)":                  "ACME",
		"%resource.id & '/' & %context.name.count()":              "p1/2",
		"name.select(given.count()).aggregate($this + $total, 0)": "3",
		"Organization.id":                                         "",
		"name.given.defineVariable('n').select(%n.count())":       "3 | 3 | 3",
		"@2024-02-29 + 1 year":                                    "2025-02-28",
		"(1 | 2 | 2 | 3).sum() / 4":                               "1.5",
		"iif(active, 'yes', 1/0)":                                 "yes",
	} {
		got, err := eval(t, nil, src, p)
		if err != nil || got != want {
			t.Errorf("%s is %q (%v), not %q", src, got, err, want)
		}
	}
}
