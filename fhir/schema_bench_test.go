package fhir

import "testing"

func BenchmarkReadSchema(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readSchema(compiled); err != nil {
			b.Fatal(err)
		}
	}
}
