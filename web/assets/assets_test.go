package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func get(t *testing.T, method, path, accept string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestHandler(t *testing.T) {
	t.Parallel()
	css := Href("css/client.css")
	for _, c := range []struct{ accept, coding string }{
		{"", ""}, {"identity", ""}, {"gzip", "gzip"}, {"gzip, deflate, br", "br"}, {"br;q=0, gzip;q=0.5", "gzip"}, {"BR", "br"}, {"gzip;q=0", ""}, {"brx", ""},
	} {
		r := get(t, "GET", css, c.accept)
		if r.StatusCode != 200 || r.Header.Get("Content-Encoding") != c.coding {
			t.Errorf("Accept-Encoding %q: status %d, coding %q", c.accept, r.StatusCode, r.Header.Get("Content-Encoding"))
		}
		if r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: headers %v", c.accept, r.Header)
		}
	}
	for name, kind := range map[string]string{"css/console.css": "text/css; charset=utf-8", "js/app.js": "text/javascript; charset=utf-8", "fonts/figtree.woff2": "font/woff2"} {
		r := get(t, "HEAD", Href(name), "br")
		b, _ := io.ReadAll(r.Body)
		if r.Header.Get("Content-Type") != kind || len(b) != 0 {
			t.Errorf("%s: type %q, body %d", name, r.Header.Get("Content-Type"), len(b))
		}
	}
	for _, p := range []string{"/assets/", "/assets/css/client.css", "/assets/manifest.json", "/assets/../assets.go", css + ".br", "/other", "/assets/css/"} {
		if r := get(t, "GET", p, "br"); r.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", p, r.StatusCode)
		}
	}
}

func TestEncodingsHoldTheSame(t *testing.T) {
	t.Parallel()
	for name, a := range served {
		if a.br == nil {
			continue
		}
		b, err := io.ReadAll(brotli.NewReader(bytes.NewReader(a.br)))
		if err != nil || !bytes.Equal(b, a.raw) {
			t.Errorf("%s.br differs: %v", name, err)
		}
		z, err := gzip.NewReader(bytes.NewReader(a.gzip))
		if err != nil {
			t.Errorf("%s.gz: %v", name, err)
			continue
		}
		g, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(g, a.raw) {
			t.Errorf("%s.gz differs: %v", name, err)
		}
	}
}

// TestNothingForeign holds what is sent to this origin: no address elsewhere,
// no data: or blob: address that a strict policy would have to allow.
func TestNothingForeign(t *testing.T) {
	t.Parallel()
	for name, a := range served {
		if a.br == nil {
			continue
		}
		for _, bad := range []string{"http://", "https://", "url(//", "data:", "blob:", "eval(", "Function(", "sourceMappingURL"} {
			if strings.Contains(string(a.raw), bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
}

// budgets are what scripts may cost, compressed, in bytes.
func TestScriptBudgets(t *testing.T) {
	t.Parallel()
	const client, console = 6_000, 25_000
	if n := Size("js/app.js"); n > client {
		t.Errorf("app.js is %d bytes, may be %d", n, client)
	}
	if n := Size("js/console.js") + Size("js/brand.js"); n > console {
		t.Errorf("the console's scripts are %d bytes, may be %d", n, console)
	}
	names := Names()
	slices.Sort(names)
	for _, n := range names {
		t.Logf("%-24s %6d", n, Size(n))
	}
}

func TestHrefOfNothing(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a missing asset has an address")
		}
	}()
	Href("css/none.css")
}

func FuzzAccepts(f *testing.F) {
	for _, s := range []string{"", "br", "gzip;q=0", "br; q=0.5 , gzip", ";;;", "br;q=x", ",,br"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if accepts(header, "br") && !strings.Contains(strings.ToLower(header), "br") {
			t.Errorf("%q accepts br", header)
		}
	})
}
