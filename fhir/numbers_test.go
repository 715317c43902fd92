package fhir_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"rapport/fhir"
)

// TestNumbersNeverChange holds the first lines of each list of numbers to a hash:
// what is stored under a number stays under it. New lines may follow.
func TestNumbersNeverChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file  string
		lines int
		hash  string
	}{
		{"types", 146, "18342ce5738fdafa"},
		{"params", 455, "8436aaadb093890f"},
		{"systems", 1090, "309eb17a7fb67211"},
	} {
		b, err := os.ReadFile("../cmd/fhirschema/" + c.file + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(string(b))
		if len(lines) < c.lines {
			t.Fatalf("%s.txt lost lines: %d of %d", c.file, len(lines), c.lines)
		}
		sum := sha256.Sum256([]byte(strings.Join(lines[:c.lines], "\n")))
		if got := hex.EncodeToString(sum[:8]); got != c.hash {
			t.Errorf("%s.txt: its first %d lines are %s, not %s", c.file, c.lines, got, c.hash)
		}
	}
}

func TestTypeNumbers(t *testing.T) {
	t.Parallel()
	for typ, want := range map[string]uint16{"Account": 1, "Observation": 96, "Patient": 103, "VisionPrescription": 146} {
		if got, ok := fhir.TypeNumber(typ); !ok || got != want {
			t.Errorf("%s is %d, not %d", typ, got, want)
		}
	}
	types := fhir.Types()
	if len(types) != 146 {
		t.Errorf("got %d types, want the 146 concrete ones of R4", len(types))
	}
	for _, typ := range types {
		if n, ok := fhir.TypeNumber(typ); !ok || n == 0 || fhir.TypeName(n) != typ {
			t.Errorf("%s does not come back from its number", typ)
		}
	}
	for _, typ := range []string{"", "Resource", "DomainResource", "HumanName", "patient"} {
		if _, ok := fhir.TypeNumber(typ); ok {
			t.Errorf("%q has a number", typ)
		}
	}
	if fhir.TypeName(0) != "" || fhir.TypeName(9999) != "" {
		t.Error("a number nobody has has a name")
	}
}
