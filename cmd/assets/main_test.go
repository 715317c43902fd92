package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// TestFresh fails when a source has changed and the result was not built
// again. Compressed copies are compared by what they hold, in web/assets:
// another release of a compressor may pack them otherwise.
func TestFresh(t *testing.T) {
	t.Parallel()
	src := filepath.Join(root, "web", "assets")
	same := func(path string, want []byte, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run go generate ./web/assets", path)
		}
	}
	theme, err := defaultTheme()
	same(filepath.Join(src, "css", "theme.css"), theme, err)
	icons, err := iconTable(filepath.Join(src, "icons"))
	same(filepath.Join(root, "web", "parts", "icons_gen.go"), icons, err)
	open, err := opener(root)
	same(filepath.Join(root, openerMade), open, err)
	check, err := checker(root)
	same(filepath.Join(root, checkerMade), check, err)
	files, err := build(src)
	if err != nil {
		t.Fatal(err)
	}
	m, err := manifest(files)
	same(filepath.Join(src, "dist", "manifest.json"), m, err)
	want := map[string]bool{"manifest.json": true}
	for _, f := range files {
		same(filepath.Join(src, "dist", f.hashed), f.body, nil)
		want[f.hashed] = true
		if f.text {
			want[f.hashed+".br"], want[f.hashed+".gz"] = true, true
		}
	}
	err = fs.WalkDir(os.DirFS(filepath.Join(src, "dist")), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !want[p] {
			t.Errorf("dist/%s belongs to nothing", p)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestVendor holds every file others made to the list that says where it is
// from.
func TestVendor(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile(filepath.Join(root, "web", "assets", "VENDOR.md"))
	if err != nil {
		t.Fatal(err)
	}
	fonts, err := read(filepath.Join(root, "web", "assets"), "fonts", "*.woff2")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fonts {
		if !strings.Contains(string(list), "`"+f.name+"`") || !strings.Contains(string(list), sum(f.body)) {
			t.Errorf("VENDOR.md does not list %s with its hash", f.name)
		}
	}
}

func TestInnerSVG(t *testing.T) {
	t.Parallel()
	got, err := innerSVG("<!-- c --><svg a=\"b\">\n <path d=\"M1 2\" />\n <circle cx=\"1\" cy=\"2\" r=\"3\" />\n</svg>\n")
	if want := `<path d="M1 2"/><circle cx="1" cy="2" r="3"/>`; err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range []string{
		"", "<svg>", "<svg></svg>", `<svg><script>x</script></svg>`, `<svg><path d="M1" onload="x"/><g></g></svg>`,
		`<svg><path style="x"/><a href="y"/></svg>`, `<svg><image href="http://x"/></svg>`, "<svg><path d='`'/></svg>",
	} {
		if s, err := innerSVG(bad); err == nil {
			t.Errorf("%q was taken as %q", bad, s)
		}
	}
}

func FuzzInnerSVG(f *testing.F) {
	f.Add(`<svg><path d="M1 2"/></svg>`)
	f.Add(`</svg><svg`)
	f.Fuzz(func(t *testing.T, s string) {
		got, err := innerSVG(s)
		if err == nil && (strings.Contains(got, "<script") || strings.Contains(got, "`")) {
			t.Errorf("%q became %q", s, got)
		}
	})
}
