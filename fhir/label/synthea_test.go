package label

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/fhir"
)

const people = "../../../shared/data/synthea"

// judged is what of the names of Synthea's people is sensitive, by hash.
func judged(t *testing.T) map[string]Set {
	t.Helper()
	b, err := os.ReadFile("testdata/synthea.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Set{}
	for line := range strings.Lines(string(b)) {
		if hash, sets, ok := strings.Cut(strings.TrimSpace(line), " "); ok && hash != "#" {
			out[hash] = Parse(sets)
		}
	}
	return out
}

func hashOf(text []byte) string {
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:8])
}

// eachPerson goes through the resources of each of Synthea's files.
func eachPerson(t testing.TB, each func([]*fhir.Doc)) {
	t.Helper()
	files, err := filepath.Glob(people + "/dev/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("Synthea's people are not here")
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var bundle struct {
			Entry []struct{ Resource json.RawMessage }
		}
		if err := json.Unmarshal(b, &bundle); err != nil {
			t.Fatal(err)
		}
		var docs []*fhir.Doc
		for _, e := range bundle.Entry {
			if d, err := fhir.Parse(e.Resource); err == nil {
				docs = append(docs, d)
			}
		}
		each(docs)
	}
}

func TestSyntheasPeople(t *testing.T) {
	t.Parallel()
	truth := judged(t)
	found, exact := tally{}, tally{}
	over, all := 0, 0
	visits, raised := tally{}, tally{}
	eachPerson(t, func(docs []*fhir.Doc) {
		at := map[string]bool{}
		for _, d := range docs {
			if silent[d.Type()] || fhir.PracticeWide(d.Type()) {
				continue
			}
			all++
			var want Set
			for x := range d.Terms {
				want |= truth[hashOf(x.Text)]
			}
			if d.Type() == "Immunization" {
				want = 0
			}
			got := Of(d)
			if want != 0 {
				found.of++
				if got&want == want {
					found.found++
				}
			}
			if got != 0 {
				exact.of++
				if want != 0 {
					exact.found++
				} else {
					over++
				}
			}
			if v := d.Root().Get("encounter", "reference").Str(); v != "" && got != 0 {
				at[v] = true
			}
		}
		for _, d := range docs {
			if d.Type() == "Encounter" {
				visits.of, raised.of = visits.of+1, raised.of+1
				if Of(d) != 0 {
					visits.found++
				}
				if Of(d) != 0 || at["urn:uuid:"+d.ID()] || at["Encounter/"+d.ID()] {
					raised.found++
				}
			}
		}
	})
	t.Logf("TRUST labels-synthea: found %s, right %s, of %d resources; visits %s by themselves, %s by what was recorded at them", found, exact, all, visits, raised)
	if found.found*1000 < found.of*985 {
		t.Errorf("found %s: fewer than 98.5 %%", found)
	}
	if exact.found*1000 < exact.of*950 {
		t.Errorf("right %s: fewer than 95 %%", exact)
	}
}
