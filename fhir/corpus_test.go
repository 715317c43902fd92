package fhir_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/fhir"
)

func TestTry(t *testing.T) {
	files, _ := filepath.Glob("../../shared/data/fhir-r4/examples-instances/dev/*.json")
	bad := 0
	for _, f := range files {
		b, _ := os.ReadFile(f)
		d, err := fhir.Parse(b)
		if err != nil {
			bad++
			t.Log(filepath.Base(f), err, len(d.Issues()))
			continue
		}
		d.Facet(nil)
	}
	t.Log(bad, len(files))
	filepath.WalkDir("../../shared/data/synthea", func(p string, e os.DirEntry, _ error) error {
		if !strings.HasSuffix(p, ".json") {
			return nil
		}
		b, _ := os.ReadFile(p)
		if _, err := fhir.Parse(b); err != nil {
			t.Log(filepath.Base(p), err)
		}
		var x struct {
			Entry []struct{ Resource json.RawMessage }
		}
		json.Unmarshal(b, &x)
		for _, e := range x.Entry {
			d, err := fhir.Parse(e.Resource)
			if err != nil {
				continue
			}
			d.Facet(nil)
		}
		return nil
	})
}
