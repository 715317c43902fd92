package main

import (
	"bytes"
	"os"
	"testing"
)

// TestSchemaIsFresh compiles the package again, where it is, and compares.
func TestSchemaIsFresh(t *testing.T) {
	t.Parallel()
	pkg := "../../../shared/data/fhir-r4/hl7.fhir.r4.core-4.0.1.tgz"
	if _, err := os.Stat(pkg); err != nil {
		t.Skip("the R4 package is not here")
	}
	want, err := run(pkg, ".", false)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../fhir/schema.bin")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("fhir/schema.bin is stale: go generate ./fhir")
	}
	if len(got) > 150_000 {
		t.Errorf("schema.bin has %d bytes, more than 150,000", len(got))
	}
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"a.exists()", "%resource.a", "a.where(b > 3)", "a[x]"} {
		if got, err := parse(wrong); err == nil {
			t.Errorf("%s: got %v, want an error", wrong, got)
		}
	}
}
