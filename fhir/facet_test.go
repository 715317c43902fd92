package fhir_test

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/fhir"
)

var update = flag.Bool("update", false, "write the goldens")

// TestFacetsKeepTheirForm holds the bytes of a few facets: they are stored, and
// an older program's must be read by this one.
func TestFacetsKeepTheirForm(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"observation", "patient"} {
		d := parse(t, string(load(t, name+".json")))
		f := d.Facet(nil)
		golden := filepath.Join("testdata", name+".facet")
		got := hex.Dump(f)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if again := d.Facet(nil); hex.Dump(again) != got {
			t.Errorf("%s: the second facet differs from the first", name)
		}
		if len(f) > len(d.Compact())/2 {
			t.Errorf("%s: a facet of %d bytes for a body of %d", name, len(f), len(d.Compact()))
		}
	}
}

func TestFacetHeader(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"a", "3f2b8a6e-0d61-4c1b-9d7e-2a64f1f0c3aa", "3F2B8A6E-0D61-4C1B-9D7E-2A64F1F0C3AA", "3f2b8a6e-0d61-4c1b-9d7e-2a64f1f0c3a", strings.Repeat("x", 64)} {
		d := parse(t, `{"resourceType":"Basic", "id":"`+id+`","code":{"text":"a"}}`)
		f := d.Facet([]byte("before"))[len("before"):]
		if got := fhir.FacetID(f); got != id {
			t.Errorf("got id %q, want %q", got, id)
		}
		sum := sha256.Sum256(d.Compact())
		if got := fhir.FacetHash(f); got != [16]byte(sum[:16]) {
			t.Errorf("got hash %x, want %x", got, sum[:16])
		}
		if got := fhir.FacetType(f); got != "Basic" {
			t.Errorf("got type %q", got)
		}
	}
	gone := fhir.GoneFacet(nil, "a")
	if fhir.FacetID(gone) != "a" || fhir.FacetType(gone) != "" {
		t.Errorf("got %q of type %q for a deleted one", fhir.FacetID(gone), fhir.FacetType(gone))
	}
	for _, cut := range [][]byte{nil, {1}, make([]byte, 40)} {
		if fhir.FacetID(cut) != "" || fhir.FacetType(cut) != "" {
			t.Error("something that is no facet has an id")
		}
	}
}

func TestEveryTypeHasItsParameters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ, code string
		kind      fhir.ParamKind
	}{
		{"Observation", "code", fhir.TokenParam},
		{"Observation", "date", fhir.DateParam},
		{"Observation", "value-quantity", fhir.QuantityParam},
		{"Observation", "combo-code-value-quantity", fhir.CompositeParam},
		{"Patient", "name", fhir.StringParam},
		{"Patient", "deceased", fhir.TokenParam},
		{"Patient", "_profile", fhir.URIParam},
		{"Provenance", "target", fhir.ReferenceParam},
		{"RiskAssessment", "probability", fhir.NumberParam},
	} {
		p, ok := fhir.ParamOf(c.typ, c.code)
		if !ok || p.Kind != c.kind || p.Code != c.code || p.Number == 0 {
			t.Errorf("%s of %s: got %+v", c.code, c.typ, p)
		}
	}
	if _, ok := fhir.ParamOf("Patient", "value-quantity"); ok {
		t.Error("a Patient has an Observation's parameter")
	}
	for _, typ := range fhir.Types() {
		if len(fhir.Params(typ)) < 4 {
			t.Errorf("%s has %d parameters", typ, len(fhir.Params(typ)))
		}
	}
}
