package fhir_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir"
)

// shared returns a path in the data folder that lies beside the module in our
// workshop, and "" where it does not.
func shared(tb testing.TB, path string) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			p := filepath.Join(dir, "..", "shared", "data", path)
			if _, err := os.Stat(p); err != nil {
				return ""
			}
			return p
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// wrong are the official examples that are not valid R4, and why.
var wrong = map[string]string{
	"DeviceUseStatement-example.json":  "DeviceUseStatement.reasonReference[0].reference: may not refer to that type of resource",       // to a DeviceUseStatement
	"MedicationRequest-medrx0301.json": "MedicationRequest.dispenseRequest.performer.reference: may not refer to that type of resource", // to a Practitioner
}

type sample struct {
	name  string
	json  []byte
	wrong bool
}

var samples = sync.OnceValues(func() ([]sample, error) {
	var out []sample
	for _, dir := range []string{"fhir-r4/examples-instances/dev", "synthea"} {
		root := filepath.Join("..", "..", "shared", "data", dir)
		err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(p, ".json") {
				return nil
			}
			b, err := os.ReadFile(p)
			_, bad := wrong[filepath.Base(p)]
			out = append(out, sample{filepath.Base(p), b, bad})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
})

// corpus returns the official examples and Synthea's bundles, where they are.
func corpus(tb testing.TB) []sample {
	tb.Helper()
	if shared(tb, "synthea") == "" && shared(tb, "fhir-r4") == "" {
		return nil
	}
	s, err := samples()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// parts returns a sample, or the resources of a bundle.
func (s sample) parts() [][]byte {
	var x struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if json.Unmarshal(s.json, &x) != nil || len(x.Entry) == 0 {
		return [][]byte{s.json}
	}
	var out [][]byte
	for _, e := range x.Entry {
		if len(e.Resource) > 0 {
			out = append(out, e.Resource)
		}
	}
	return out
}

// meaning is a JSON text's value, with the digits of its numbers.
func meaning(tb testing.TB, b []byte) any {
	tb.Helper()
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		tb.Fatal(err)
	}
	return v
}

func TestEveryExampleParses(t *testing.T) {
	t.Parallel()
	all := corpus(t)
	if len(all) == 0 {
		t.Skip("the shared examples are not here")
	}
	var d fhir.Doc
	for _, s := range all {
		err := d.Reset(s.json)
		want := wrong[s.name]
		if want == "" && err != nil {
			t.Errorf("%s: %v", s.name, d.Issues())
		}
		if want != "" && (err == nil || len(d.Issues()) != 1 || !strings.HasPrefix(d.Issues()[0].String(), want)) {
			t.Errorf("%s: got %v, want %s", s.name, d.Issues(), want)
		}
	}
}

func TestEveryExampleKeepsItsMeaning(t *testing.T) {
	t.Parallel()
	all := corpus(t)
	if len(all) == 0 {
		t.Skip("the shared examples are not here")
	}
	for _, s := range all {
		if s.wrong {
			continue
		}
		d, err := fhir.Parse(s.json)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		var std bytes.Buffer
		if err := json.Compact(&std, s.json); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(d.Compact(), std.Bytes()) {
			t.Errorf("%s: compacted otherwise than encoding/json does", s.name)
		}
		same := d.Rewrite(func(r string) (string, bool) { return r, true })
		if was, is := meaning(t, s.json), meaning(t, same); !reflect.DeepEqual(was, is) { // cmp takes half a minute over Synthea
			t.Errorf("%s: rewriting references as they were changed:\n%s", s.name, cmp.Diff(was, is))
		}
		refs := d.References()
		for _, r := range refs {
			var text string
			if err := json.Unmarshal(d.Src[r.Start:r.End], &text); err != nil || text != r.Text {
				t.Errorf("%s: a reference is not where it is said to be: %v", s.name, err)
			}
		}
	}
}

func TestEveryPartOfEveryBundleHasAFacet(t *testing.T) {
	t.Parallel()
	all := corpus(t)
	if len(all) == 0 {
		t.Skip("the shared examples are not here")
	}
	var d fhir.Doc
	var f []byte
	facets, bodies, n, most := 0, 0, 0, 0
	for _, s := range all {
		if s.wrong {
			continue
		}
		for _, b := range s.parts() {
			if err := d.Reset(b); err != nil {
				t.Errorf("%s: %v", s.name, err)
				continue
			}
			f = d.Facet(f[:0])
			if got := fhir.FacetID(f); got != d.ID() {
				t.Errorf("%s: the facet's id is %q, not %q", s.name, got, d.ID())
			}
			if got := fhir.FacetType(f); got != d.Type() {
				t.Errorf("%s: the facet's type is %q, not %q", s.name, got, d.Type())
			}
			facets, bodies, n, most = facets+len(f), bodies+len(d.Compact()), n+1, max(most, len(f))
		}
	}
	t.Logf("%d resources: bodies of %d bytes on average, facets of %d, the largest %d", n, bodies/n, facets/n, most)
}
