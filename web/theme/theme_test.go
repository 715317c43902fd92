package theme

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestEveryColourIsLegible tries colours at random, and the corners where
// mixing goes wrong: black, white, greys, and every pure hue.
func TestEveryColourIsLegible(t *testing.T) {
	t.Parallel()
	colours := []string{"#000000", "#ffffff", "#808080", "#757575", "#777777", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#ff00ff", "#00ffff", DefaultBrand, DefaultAccent}
	r := rand.New(rand.NewPCG(1, 2))
	for range 600 {
		colours = append(colours, fmt.Sprintf("#%06x", r.IntN(1<<24)))
	}
	for i, b := range colours {
		a := colours[(i*7+3)%len(colours)]
		th, err := New(b, a)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range th.Pairs {
			if p.Ratio < p.Want {
				t.Errorf("brand %s accent %s: %s %s on %s is %.2f, want %.1f", b, a, p.Scheme, p.FG, p.BG, p.Ratio, p.Want)
			}
		}
		if len(th.Light) != len(th.Dark) {
			t.Fatalf("%d light tokens, %d dark", len(th.Light), len(th.Dark))
		}
	}
}

func TestOwnColourIsKept(t *testing.T) {
	t.Parallel()
	for _, own := range []string{DefaultBrand, "#7b1e4b", "#ffd500", "#1d4ed8"} {
		th, err := New(own, DefaultAccent)
		if err != nil {
			t.Fatal(err)
		}
		if got := th.Value("brand"); got != own {
			t.Errorf("brand %s became %s", own, got)
		}
	}
}

func TestNotAColour(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "#fff", "red", "#12345g", "#1234567", "url(x)", "#+12345"} {
		if _, err := New(s, DefaultAccent); err == nil {
			t.Errorf("brand %q was taken", s)
		}
		if _, err := New(DefaultBrand, s); err == nil {
			t.Errorf("accent %q was taken", s)
		}
		if got := Href(s, s); got != Href(DefaultBrand, DefaultAccent) {
			t.Errorf("Href(%q) = %s", s, got)
		}
	}
}

// TestEdition fails when the same colours give another style sheet: raise
// edition, then put the new hash here.
func TestEdition(t *testing.T) {
	t.Parallel()
	th, err := New(DefaultBrand, DefaultAccent)
	if err != nil {
		t.Fatal(err)
	}
	s := sha256.Sum256([]byte(th.CSS()))
	got := edition + " " + hex.EncodeToString(s[:6])
	if want := "2 af64107af7ae"; got != want {
		t.Errorf("edition and hash are %q, want %q", got, want)
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	get := func(target, accept string) *http.Response {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Accept-Encoding", accept)
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, r)
		return w.Result()
	}
	plainText := get(Href("#7b1e4b", "#ffb930"), "")
	a, _ := io.ReadAll(plainText.Body)
	z := get(Href("#7b1e4b", "#ffb930"), "gzip, br")
	zr, err := gzip.NewReader(z.Body)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(zr)
	if string(a) != string(b) || !strings.Contains(string(a), "--brand:#7b1e4b") {
		t.Errorf("plain and gzip differ, or the brand is missing: %.80s", a)
	}
	if z.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Error("not immutable")
	}
	if got := get(Path+"?b=x&a=y", "").StatusCode; got != 400 {
		t.Errorf("nonsense got %d", got)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		th, _ := New(DefaultBrand, DefaultAccent)
		_ = th.CSS()
	}
}

func FuzzHex(f *testing.F) {
	for _, s := range []string{DefaultBrand, "#FFFFFF", "", "#-00001", "0x1234", " #0b5a60 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Hex(s)
		if err != nil {
			return
		}
		again, err := Hex(c.Hex())
		if err != nil || again != c {
			t.Errorf("%q is %v, then %v, %v", s, c, again, err)
		}
	})
}
