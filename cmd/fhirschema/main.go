// Command fhirschema compiles the FHIR R4 definitions (hl7.fhir.r4.core 4.0.1)
// into fhir/schema.bin: element tables, required code sets, search parameters as
// one automaton per resource type, the patient compartment, and the stable
// numbers used in storage. It refuses to renumber: types.txt, params.txt and
// systems.txt beside it are append-only, and anything missing from them is an
// error rather than a new number, unless -append asks for it.
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	pkg := flag.String("package", "../shared/data/fhir-r4/hl7.fhir.r4.core-4.0.1.tgz", "the definitions, as npm packs them")
	out := flag.String("o", "fhir/schema.bin", "where to write the compiled schema")
	lists := flag.String("lists", "cmd/fhirschema", "the folder with types.txt, params.txt and systems.txt")
	grow := flag.Bool("append", false, "append numbers for what the lists do not have yet")
	flag.Parse()
	b, err := run(*pkg, *lists, *grow)
	if err == nil {
		err = os.WriteFile(*out, b, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fhirschema:", err)
		os.Exit(1)
	}
	fmt.Printf("%s: %d bytes\n", filepath.Clean(*out), len(b))
}

// run compiles a package into the bytes of schema.bin.
func run(pkg, lists string, grow bool) ([]byte, error) {
	d, err := readPackage(pkg)
	if err != nil {
		return nil, err
	}
	s, err := build(d)
	if err != nil {
		return nil, err
	}
	n, err := readNumbers(lists)
	if err != nil {
		return nil, err
	}
	if err := n.cover(s, d, grow); err != nil {
		return nil, err
	}
	x, err := compile(s, d, n)
	if err != nil {
		return nil, err
	}
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(encode(s, n, x)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return z.Bytes(), nil
}
