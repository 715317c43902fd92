package fhir_test

import (
	"testing"

	"rapport/fhir"
)

func TestOnlyTheNamedElementsAreLeft(t *testing.T) {
	t.Parallel()
	in := `{"resourceType":"Encounter","id":"e","text":{"div":"why"},"contained":[{"x":1}],"reasonCode":[{"text":"why"}],"status":"finished","_status":{"id":"s"},"period":{"start":"2026-11-24"},"length":{"value":1.10}}`
	got, err := fhir.Only([]byte(in), "resourceType", "id", "status", "period", "length")
	want := `{"resourceType":"Encounter","id":"e","status":"finished","_status":{"id":"s"},"period":{"start":"2026-11-24"},"length":{"value":1.10}}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := fhir.Only([]byte(in)); err != nil || string(got) != "{}" {
		t.Errorf("nothing named leaves %s, %v", got, err)
	}
	for _, bad := range []string{"", "[]", `{"a"`, `{"a":}`, "null"} {
		if got, err := fhir.Only([]byte(bad), "a"); err == nil {
			t.Errorf("%q gives %s", bad, got)
		}
	}
}
