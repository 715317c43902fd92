package fhir_test

import (
	"os"
	"testing"

	"rapport/fhir"
)

// kept returns a fixture of ours as the store keeps it.
func kept(tb testing.TB, name string) []byte {
	tb.Helper()
	d, err := fhir.Parse(load(tb, name))
	if err != nil {
		tb.Fatal(err)
	}
	return d.Compact()
}

// load returns a fixture of ours.
func load(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func BenchmarkParse(b *testing.B) {
	files := corpus(b)
	if len(files) == 0 {
		b.Skip("no corpus")
	}
	n := 0
	for _, f := range files {
		n += len(f.json)
	}
	b.SetBytes(int64(n))
	b.ReportAllocs()
	var d fhir.Doc
	for b.Loop() {
		for _, f := range files {
			if err := d.Reset(f.json); err != nil && !f.wrong {
				b.Fatal(f.name, err)
			}
		}
	}
}

func BenchmarkParseObservation(b *testing.B) {
	json := load(b, "observation.json")
	b.SetBytes(int64(len(json)))
	b.ReportAllocs()
	var d fhir.Doc
	for b.Loop() {
		if err := d.Reset(json); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFacet(b *testing.B) {
	d, err := fhir.Parse(load(b, "observation.json"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var f []byte
	for b.Loop() {
		f = d.Facet(f[:0])
	}
	b.ReportMetric(float64(len(f)), "facet-bytes")
}

func BenchmarkReadObservation(b *testing.B) {
	json := kept(b, "observation.json")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fhir.ReadObservation(json); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadPatient(b *testing.B) {
	json := kept(b, "patient.json")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fhir.ReadPatient(json); err != nil {
			b.Fatal(err)
		}
	}
}
