package bundles

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/account"
)

// seeds are Bundles of every kind, whole and broken.
func seeds(f *testing.F) []string {
	urn := "urn:uuid:" + uuidP
	out := []string{
		collection(patient("p"), observation("o", "Patient/p")),
		bundleOf("transaction", entryOf(urn, res("Patient", "", ""), "POST Patient"), entryOf("", obs("o", about(urn)), "PUT Observation/o")),
		bundleOf("batch", ask(npi("n", "1"), `"method":"POST","url":"Practitioner","ifNoneExist":"identifier=http://npi.example|1"`), entryOf("", "", "DELETE Patient/p")),
		collection(npi("n", "1"), patient("p"), obs("o", about("Patient/p")+performer("Practitioner?identifier=1"))),
		bundleOf("searchset", entryOf("http://a.example/Patient/1", res("Patient", "1", ""), ""), entryOf("http://a.example/Observation/2", obs("2", about("Patient/1")), "")),
		collection(patient("p"), obs("a", about("Patient/p")), obs("a", about("Patient/p")+`,"effectiveDateTime":"2020"`)),
		collection(patient("p"), res("List", "l", `"status":"current","mode":"working","entry":[{"item":{"reference":"Observation/o"}}]`), obs("o", about("Patient/p"))),
		strings.Replace(collection(patient("p")), `"entry"`, `"entr\u0079"`, 1),
		patient("p"), "{}", "[]", deep(100, true), patient("p") + "\n" + patient("q"), "\xef\xbb\xbf" + patient("p"),
		patient("p") + "\n\n" + observation("o", "Patient/p") + "\r\n{",
	}
	odd, err := os.ReadFile(filepath.Join("testdata", "odd.json"))
	if err != nil {
		f.Fatal(err)
	}
	return append(out, string(odd))
}

// FuzzSplit takes Bundles apart. What is not JSON must not yield an entry, and
// what is must yield what encoding/json sees in it.
func FuzzSplit(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		es, whole, refused := split(raw)
		for _, r := range refused {
			if strings.ContainsAny(r.Reason, "\n\r") || r.Reason == "" || len(r.Reason) > 250 {
				t.Errorf("not one plain line: %q", r.Reason)
			}
		}
		if len(es)+len(refused) == 0 {
			t.Error("neither taken nor refused")
		}
		if !json.Valid(raw) {
			if len(es) > 0 || !whole {
				t.Error("not JSON, and yet there are entries")
			}
			return
		}
		for _, e := range es {
			if !json.Valid(e.raw) || e.id == "" || e.typ == "" || !bytes.Contains(raw, e.raw) {
				t.Errorf("an entry that is none: %+v", e)
			}
		}
		var x struct {
			ResourceType string
			Entry        []struct{ Resource json.RawMessage }
		}
		if json.Unmarshal(raw, &x) == nil && x.ResourceType == "Bundle" && len(es) > 0 && len(es)+len(refused) != len(x.Entry) && es[0].typ != "Bundle" {
			t.Errorf("%d entries and %d refused, of %d", len(es), len(refused), len(x.Entry))
		}
	})
}

// FuzzImport brings anything in, as a Bundle and as lines, and again with other
// whitespace: it must not panic, and the second time nothing may change.
func FuzzImport(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	v := vault(f)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, raw []byte, lines bool) {
		names := []string{"a.json", "b.json"}
		if lines {
			names = []string{"a.ndjson", "b.ndjson"}
		}
		var first Report
		for i, name := range names {
			var steps atomicSum
			im, err := New(context.Background(), v, account.AsSystem(account.Importer), steps.add)
			if err != nil {
				t.Fatal(err)
			}
			p := filepath.Join(dir, name)
			content := append(bytes.Clone(raw), "\n\n\n\n"[:2*i]...)
			if err := os.WriteFile(p, content, 0o600); err != nil {
				t.Fatal(err)
			}
			rep, err := im.Files(context.Background(), []string{p})
			if err != nil {
				t.Fatal(err)
			}
			if steps.sum() != int64(len(content)) {
				t.Errorf("the steps add up to %d of %d", steps.sum(), len(content))
			}
			if i == 0 {
				first = rep
			} else if rep.Written != 0 {
				t.Errorf("first %+v, then %+v", first, rep)
			}
		}
	})
}
