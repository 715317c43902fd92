package fhir

import "testing"

func TestAmend(t *testing.T) {
	t.Parallel()
	const was = `{"resourceType":"Patient","id":"p","x":1.50,"name":[{"family":"É<&"}]}`
	for _, c := range []struct{ name, value, want string }{
		{"x", `2.0`, `{"resourceType":"Patient","id":"p","x":2.0,"name":[{"family":"É<&"}]}`},
		{"active", `false`, `{"resourceType":"Patient","id":"p","x":1.50,"name":[{"family":"É<&"}],"active":false}`},
		{"name", ``, `{"resourceType":"Patient","id":"p","x":1.50}`},
		{"gender", ``, was},
	} {
		var v []byte
		if c.value != "" {
			v = []byte(c.value)
		}
		if got, err := Amend([]byte(was), c.name, v); err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v", c.name, got, err)
		}
	}
	for _, bad := range []string{``, `[]`, `{"a"`, `{"a":}`} {
		if got, err := Amend([]byte(bad), "x", []byte("1")); err == nil {
			t.Errorf("%q becomes %s", bad, got)
		}
	}
}

func TestSplitReference(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string][2]string{
		"Patient/a": {"Patient", "a"}, "Patient/a/_history/3": {"Patient", "a"}, "https://x.example/fhir/Patient/a": {"Patient", "a"},
		"#a": {}, "urn:uuid:1": {}, "Patient?identifier=a": {}, "": {}, "a": {},
	} {
		if typ, id := SplitReference(ref); typ != want[0] || id != want[1] {
			t.Errorf("%q is %q, %q", ref, typ, id)
		}
	}
}
