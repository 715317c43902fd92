package bundles

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/record"
)

// marker stands in every name and value the tests make up. It must never be in
// a reason.
const marker = "Zebrafink"

// file writes a file into a folder of the test's own.
func file(t testing.TB, name, content string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func patient(id string) string {
	return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"name":[{"family":"%s","given":["%s"]}],"birthDate":"1980-01-01"}`, id, marker, id)
}

func observation(id, subject string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","code":{"text":"%s"},"subject":{"reference":%q},"valueQuantity":{"value":1.10}}`, id, marker, subject)
}

// entryOf is a Bundle's entry; url is the fullUrl, ask the request ("POST Type").
func entryOf(url, resource, ask string) string {
	var fs []string
	if url != "" {
		fs = append(fs, fmt.Sprintf(`"fullUrl":%q`, url))
	}
	if resource != "" {
		fs = append(fs, `"resource":`+resource)
	}
	if method, to, ok := strings.Cut(ask, " "); ok {
		fs = append(fs, fmt.Sprintf(`"request":{"method":%q,"url":%q}`, method, to))
	}
	return "{" + strings.Join(fs, ",") + "}"
}

func bundleOf(kind string, entries ...string) string {
	return fmt.Sprintf(`{"resourceType":"Bundle","type":%q,"entry":[%s]}`, kind, strings.Join(entries, ","))
}

// collection is a Bundle of resources without anything around them.
func collection(resources ...string) string {
	var es []string
	for _, r := range resources {
		es = append(es, entryOf("", r, ""))
	}
	return bundleOf("collection", es...)
}

// bring imports files and checks what every import must keep to: the steps add up
// to the sizes of the files, and every reason is one line that quotes nothing.
func bring(t testing.TB, v *record.Vault, files ...string) Report {
	t.Helper()
	var steps atomicSum
	im, err := New(t.Context(), v, account.AsSystem(account.Importer), steps.add)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := im.Files(t.Context(), files)
	if err != nil {
		t.Fatalf("%v: %v", files, err)
	}
	var total int64
	for _, f := range files {
		if st, err := os.Stat(f); err == nil {
			total += st.Size()
		}
	}
	if got := steps.sum(); got != total {
		t.Errorf("the steps add up to %d, the files to %d", got, total)
	}
	plainReasons(t, rep)
	if rep.Files+rep.Skipped != len(files) {
		t.Errorf("%d files read and %d skipped, of %d", rep.Files, rep.Skipped, len(files))
	}
	return rep
}

func plainReasons(t testing.TB, rep Report) {
	t.Helper()
	for _, r := range rep.Refused {
		s := r.String()
		if strings.Contains(r.Reason, marker) || strings.ContainsAny(s, "\n\r\x00") || r.File == "" || r.Reason == "" || len(r.Reason) > 250 {
			t.Errorf("not one plain line: %q", s)
		}
	}
}

// reasons returns what was not taken, without the files.
func reasons(rep Report) []string {
	var out []string
	for _, r := range rep.Refused {
		out = append(out, strings.TrimPrefix(r.String(), r.File+": "))
	}
	return out
}

// state is everything that is kept: "person/Type/id" or "shared/Type/id" → version
// and content.
func state(t testing.TB, v *record.Vault) map[string]string {
	t.Helper()
	who := account.AsSystem(account.Importer)
	dir, err := v.OpenDirectory(t.Context(), who, record.Importing)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	cards, _ := dir.All(0, 1<<20)
	for _, card := range cards {
		c, err := v.Open(t.Context(), who, record.Importing, card.Client, record.AllParts)
		if err != nil {
			t.Fatal(err)
		}
		all, err := c.Since(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			f, err := c.Read(t.Context(), x.Type, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			key := card.Person + "/" + x.Type + "/" + x.ID
			if _, twice := out[key]; twice {
				t.Errorf("%s has two charts", card.Person)
			}
			out[key] = fmt.Sprintf("%d %s", x.Version, f.JSON)
		}
	}
	for at, b := range importerShared(t, v) {
		out["shared/"+at] = "1 " + string(b)
	}
	return out
}

// keys returns what is kept, without the content.
func keys(t testing.TB, v *record.Vault) string {
	t.Helper()
	var out []string
	for k := range state(t, v) {
		out = append(out, k)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
