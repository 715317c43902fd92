package bundles

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
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
	same(t, v, files)
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

// same reads every resource of every file back out of its chart and holds it
// against the file, number by number and field by field; only references between
// entries may have changed.
func same(t *testing.T, v *record.Vault, files []string) {
	t.Helper()
	dir, err := v.OpenDirectory(t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var x struct {
			Entry []struct {
				FullURL  string
				Resource json.RawMessage
			}
		}
		if err := json.Unmarshal(b, &x); err != nil {
			t.Fatal(err)
		}
		swap := []string{}
		person := ""
		for _, e := range x.Entry {
			var r struct{ ResourceType, ID string }
			if err := json.Unmarshal(e.Resource, &r); err != nil {
				t.Fatal(err)
			}
			swap = append(swap, `"`+e.FullURL+`"`, `"`+r.ResourceType+"/"+r.ID+`"`)
			if r.ResourceType == "Patient" {
				person = r.ID
			}
		}
		if person == "" {
			continue
		}
		id, ok := dir.ByPerson(person)
		if !ok {
			t.Errorf("the person of %s is not in the directory", filepath.Base(f))
			continue
		}
		c, err := v.Open(t.Context(), account.AsSystem(account.Importer), record.Importing, id, record.AllParts)
		if err != nil {
			t.Fatal(err)
		}
		put := strings.NewReplacer(swap...)
		for _, e := range x.Entry {
			var r struct{ ResourceType, ID string }
			if err := json.Unmarshal(e.Resource, &r); err != nil {
				t.Fatal(err)
			}
			if fhir.PracticeWide(r.ResourceType) {
				continue
			}
			got, err := c.Read(t.Context(), r.ResourceType, r.ID)
			if err != nil {
				t.Errorf("%s/%s: %v", r.ResourceType, r.ID, err)
				continue
			}
			if want := exact(t, []byte(put.Replace(string(e.Resource)))); !strings.Contains(want, "?identifier=") && exact(t, got.JSON) != want {
				t.Errorf("%s/%s came back changed", r.ResourceType, r.ID)
			}
			compared++
		}
	}
	t.Logf("%d resources came back as they went in", compared)
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
