package bundles

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/fhir"
	"rapport/record"
)

// outside returns the files below a folder of the shared data, or skips.
func outside(t testing.TB, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join("..", "..", "..", "shared", "data", dir), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, p)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the shared data is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// vault makes an empty practice.
func vault(t testing.TB) *record.Vault {
	t.Helper()
	v, err := record.Create(t.Context(), record.Config{Dir: filepath.Join(t.TempDir(), "data"), KeyFile: filepath.Join(t.TempDir(), "key"), Clock: clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

func importer(t testing.TB, v *record.Vault) *Importer {
	t.Helper()
	im, err := New(t.Context(), v, account.AsSystem(account.Importer), nil)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestSyntheaComesInWholeAndOnlyOnce(t *testing.T) {
	t.Parallel()
	files := outside(t, "synthea/dev")
	if testing.Short() {
		files = files[5:12] // some of those with people, and both of those they point into
	}
	v := vault(t)
	rep, err := importer(t, v).Files(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rep.Refused {
		if i < 20 {
			t.Errorf("not taken: %v", r)
		}
	}
	t.Logf("%+v", rep)
	want, shared := count(t, files)
	if got := len(importerShared(t, v)); rep.Written-rep.Shared != want || got != shared {
		t.Errorf("wrote %d and %d shared, the files hold %d and %d", rep.Written-rep.Shared, got, want, shared)
	}
	if others := same(t, v, files); others != rep.Kept {
		t.Errorf("%d shared resources are kept as another file has them, and %d are said to be", others, rep.Kept)
	}
	again, err := importer(t, v).Files(t.Context(), files)
	if err != nil || again.Written != 0 || again.Skipped != len(files) {
		t.Errorf("a second import: %+v, %v; want nothing written", again, err)
	}
	// under other names and with other whitespace, the files are read, and still
	// change nothing
	var touched []string
	for i, f := range files[:6] {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		p := filepath.Join(t.TempDir(), strings.Repeat("x", i+1)+".json")
		if err := os.WriteFile(p, append([]byte("\n\n"), b...), 0o600); err != nil {
			t.Fatal(err)
		}
		touched = append(touched, p)
	}
	third, err := importer(t, v).Files(t.Context(), touched)
	if err != nil || third.Written != 0 || third.Unchanged == 0 || len(third.Refused) > 0 {
		t.Errorf("the same content in other files: %+v, %v; want all unchanged", third, err)
	}
}

// count returns how many resources the bundles hold, those of charts and those
// that are shared, the shared ones once each.
func count(t *testing.T, files []string) (own, shared int) {
	t.Helper()
	share := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var x struct {
			Entry []struct {
				Resource struct{ ResourceType, ID string }
			}
		}
		if err := json.NewDecoder(bytes.NewReader(b)).Decode(&x); err != nil {
			t.Fatal(err)
		}
		for _, e := range x.Entry {
			switch e.Resource.ResourceType {
			case "Practitioner", "Organization", "Location", "Medication", "PractitionerRole":
				share[e.Resource.ResourceType+"/"+e.Resource.ID] = true
			default:
				own++
			}
		}
	}
	return own, len(share)
}

// importerShared returns what every chart shares, by address.
func importerShared(t testing.TB, v *record.Vault) map[string][]byte {
	t.Helper()
	p, err := v.OpenPractice(t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	err = p.Each(t.Context(), func(r fhir.Resource) error { out[r.Type+"/"+r.ID] = r.JSON; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// fileEntry is one entry of a Synthea file.
type fileEntry struct {
	FullURL    string
	Resource   json.RawMessage
	typ, id    string
	identifier []struct{ System, Value string }
}

func readEntries(t *testing.T, f string) []fileEntry {
	t.Helper()
	b, err := os.ReadFile(f)
	if err != nil {
		t.Fatal(err)
	}
	var x struct{ Entry []fileEntry }
	if err := json.Unmarshal(b, &x); err != nil {
		t.Fatal(err)
	}
	for i := range x.Entry {
		e := &x.Entry[i]
		var r struct {
			ResourceType, ID string
			Identifier       json.RawMessage
		}
		if err := json.Unmarshal(e.Resource, &r); err != nil {
			t.Fatal(err)
		}
		e.typ, e.id = r.ResourceType, r.ID
		if len(r.Identifier) > 0 && r.Identifier[0] == '[' {
			if err := json.Unmarshal(r.Identifier, &e.identifier); err != nil {
				t.Fatal(err)
			}
		}
	}
	return x.Entry
}

// answers returns who answers to which conditional reference.
func answers(t *testing.T, files []string) map[string]string {
	t.Helper()
	to := map[string]string{}
	for _, f := range files {
		for _, e := range readEntries(t, f) {
			for _, k := range e.identifier {
				if fhir.PracticeWide(e.typ) {
					to[e.typ+"?identifier="+k.System+"|"+k.Value] = e.typ + "/" + e.id
				}
			}
		}
	}
	return to
}

// pointed writes a resource in one way, its references as they should be kept:
// those of Reference and the urls, and nothing else that looks like one.
func pointed(t *testing.T, b []byte, to map[string]string) (out string, swapped int) {
	t.Helper()
	var walk func(x any)
	walk = func(x any) {
		switch x := x.(type) {
		case []any:
			for _, y := range x {
				walk(y)
			}
		case map[string]any:
			for k, y := range x {
				if s, ok := y.(string); ok && (k == "reference" || k == "url") && to[s] != "" {
					x[k], swapped = to[s], swapped+strings.Count(s, "?")
				}
				walk(y)
			}
		}
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var x any
	if err := dec.Decode(&x); err != nil {
		t.Fatal(err)
	}
	walk(x)
	again, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(again), swapped
}

// same holds what is kept against the files, number by number and field by field;
// only references between entries and those by an identifier may have changed,
// and only to the address they mean. It returns how many entries are of something
// shared that is kept as another file has it.
func same(t *testing.T, v *record.Vault, files []string) (others int) {
	t.Helper()
	kept := state(t, v)
	conditional := answers(t, files)
	fits := map[string]bool{} // of what is shared: some file has it as it is kept
	compared, resolved := 0, 0
	for _, f := range files {
		es := readEntries(t, f)
		to := maps.Clone(conditional)
		person := ""
		for _, e := range es {
			to[e.FullURL] = e.typ + "/" + e.id
			if e.typ == "Patient" {
				person = e.id
			}
		}
		for _, e := range es {
			share := fhir.PracticeWide(e.typ)
			key := person + "/" + e.typ + "/" + e.id
			if share {
				key = "shared/" + e.typ + "/" + e.id
			}
			got, ok := strings.CutPrefix(kept[key], "1 ")
			if !ok {
				t.Errorf("%s is not there, or not at its first version", key)
				continue
			}
			want, n := pointed(t, e.Resource, to)
			resolved += n
			if strings.Contains(want, "?identifier=") {
				t.Errorf("%s points at somebody no file holds", key)
			}
			is := exact(t, []byte(got)) == want
			switch {
			case share && is:
				fits[key] = true
			case share:
				fits[key] = fits[key] || false
				others++
			case !is:
				t.Errorf("%s came back changed", key)
			}
			compared++
		}
	}
	for key, ok := range fits {
		if !ok {
			t.Errorf("%s is as no file has it", key)
		}
	}
	if resolved == 0 {
		t.Error("no reference by an identifier was compared")
	}
	t.Logf("%d resources came back as they went in, %d references by an identifier with them", compared-others, resolved)
	return others
}

// exact writes JSON in one way, keeping the digits of numbers.
func exact(t *testing.T, b []byte) string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var x any
	if err := dec.Decode(&x); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
