package fhir_test

import (
	"testing"

	"rapport/fhir"
)

func TestProperty(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ, name, of string
		list          bool
	}{
		{"Patient", "name", "HumanName", true}, {"HumanName", "given", "string", true}, {"HumanName", "family", "string", false},
		{"Patient", "contact", "Patient.contact", true}, {"Patient.contact", "name", "HumanName", false},
		{"Observation", "valueQuantity", "Quantity", false}, {"Condition", "code", "CodeableConcept", false},
	} {
		of, list, ok := fhir.Property(c.typ, c.name)
		if !ok || of != c.of || list != c.list {
			t.Errorf("%s.%s is %q, list %v, %v", c.typ, c.name, of, list, ok)
		}
	}
	if _, _, ok := fhir.Property("Patient", "nonsense"); ok {
		t.Error("an element R4 does not have")
	}
}
