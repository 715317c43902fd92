package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func catalog(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, f := range files {
		if err := os.WriteFile(filepath.Join(dir, string(rune('a'+i))+".json"), []byte(f), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestACatalogThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files []string
		say   string
	}{
		"a language missing":             {[]string{`{"a.b":{"en":"x","es":"y"}}`}, "languages"},
		"a language empty":               {[]string{`{"a.b":{"en":"x","es":" ","fr":"z"}}`}, "lacks es"},
		"another language":               {[]string{`{"a.b":{"en":"x","es":"y","de":"z"}}`}, "lacks fr"},
		"a brace missing":                {[]string{`{"a.b":{"en":"x {name}","es":"y","fr":"z {name}"}}`}, "braces"},
		"a brace of another name":        {[]string{`{"a.b":{"en":"x {name}","es":"y {nombre}","fr":"z {name}"}}`}, "braces"},
		"a count in one language only":   {[]string{`{"a.b":{"en":{"one":"a","other":"{n} b"},"es":"{n}","fr":"{n}"}}`}, "counted"},
		"a count without a number":       {[]string{`{"a.b":{"en":{"one":"a","other":"b"},"es":{"one":"a","other":"b"},"fr":{"one":"a","other":"b"}}}`}, "{n}"},
		"a key in two files":             {[]string{`{"a.b":{"en":"x","es":"y","fr":"z"}}`, `{"a.b":{"en":"x","es":"y","fr":"z"}}`}, "two files"},
		"two keys of one method":         {[]string{`{"a.b":{"en":"x","es":"y","fr":"z"},"a_b":{"en":"x","es":"y","fr":"z"}}`}, "both be AB"},
		"a count that has one form only": {[]string{`{"a.b":{"en":{"other":"{n} b"},"es":"{n}","fr":"{n}"}}`}, "one and other"},
		"a brace that only the one has":  {[]string{`{"a.b":{"en":{"one":"{x}","other":"{n}"},"es":{"one":"a","other":"{n}"},"fr":{"one":"a","other":"{n}"}}}`}, "unknown brace"},
		"nothing":                        {nil, "no catalog"},
	} {
		if _, err := generate(catalog(t, c.files...)); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v, want it to say %q", name, err, c.say)
		}
	}
}

func TestTheMessagesAreMadeFromTheCatalog(t *testing.T) {
	t.Parallel()
	want, err := generate("../../lang/catalog")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../lang/messages_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("lang/messages_gen.go is stale: run make generate")
	}
}
