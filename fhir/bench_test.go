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

// BenchmarkParseAndFacet is what keeping a resource costs here: over all the
// resources of the corpus, one by one.
func BenchmarkParseAndFacet(b *testing.B) {
	var parts [][]byte
	n := 0
	for _, s := range corpus(b) {
		if !s.wrong {
			parts = append(parts, s.parts()...)
		}
	}
	if len(parts) == 0 {
		b.Skip("no corpus")
	}
	for _, p := range parts {
		n += len(p)
	}
	b.SetBytes(int64(n))
	b.ReportAllocs()
	var d fhir.Doc
	var f []byte
	for b.Loop() {
		for _, p := range parts {
			if err := d.Reset(p); err != nil {
				b.Fatal(err)
			}
			f = d.Facet(f[:0])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(parts)), "µs/resource")
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
