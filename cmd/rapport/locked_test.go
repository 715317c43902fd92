package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/clock"
	"rapport/record"
)

// types types a passphrase on the page at an address.
func types(t *testing.T, at, pass, site string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at+"/unlock", strings.NewReader(url.Values{"passphrase": {pass}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", site)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// TestTheLockedPageGuessesSlowly tries passphrases on the page, without a practice behind
// it.
func TestTheLockedPageGuessesSlowly(t *testing.T) {
	t.Parallel()
	now, tried := clock.At(time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)), 0
	l := newLocked(func(_ context.Context, pass string) (*record.Vault, error) {
		tried++
		if pass == "damaged" {
			return nil, errors.New("the data file is damaged")
		}
		return nil, record.ErrPassphrase
	}, now)
	srv := httptest.NewServer(http.NewCrossOriginProtection().Handler(l))
	defer srv.Close()
	for _, path := range []string{"/", "/me/abc", "/ready", "/unlock"} {
		for tag, text := range map[string]string{"en": "nothing in it can be read", "es": "no se puede leer nada", "fr": "rien ne peut y être lu"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept-Language", tag)
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != 503 || !strings.Contains(string(b), text) || strings.Contains(string(b), "<script") || resp.Header.Get("Retry-After") == "" {
				t.Errorf("%s in %s: %d, %v: %s", path, tag, resp.StatusCode, err, b)
			}
		}
	}
	if code, _ := types(t, srv.URL, "guess", "cross-site"); code != 403 || tried != 0 {
		t.Errorf("another site types: %d, tried %d", code, tried)
	}
	if code, said := types(t, srv.URL, "damaged", "same-origin"); code != 503 || !strings.Contains(said, "log says why") {
		t.Errorf("%d: %s", code, said)
	}
	for range 40 {
		if code, said := types(t, srv.URL, "guess", "same-origin"); code != 403 && code != 429 || strings.Contains(said, "guess") {
			t.Fatalf("%d: %s", code, said)
		}
	}
	if tried != tryBurst {
		t.Errorf("%d were tried at once, want %d", tried, tryBurst)
	}
	now.Add(tryEvery)
	types(t, srv.URL, "guess", "same-origin")
	types(t, srv.URL, "guess", "same-origin")
	if tried != tryBurst+1 {
		t.Errorf("%d were tried a little later, want one more", tried)
	}
}

// TestAPracticeIsUnlockedOnItsPage starts one, and types its passphrase.
func TestAPracticeIsUnlockedOnItsPage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "practice")
	_, errOut, code := run(t, "", "serve", "--dir", dir, "--passphrase-page")
	one(t, errOut, code, "at the terminal")
	_, _, stop := serving(t, "correct horse battery\n", "serve", "--dir", dir, "--passphrase")
	stop()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), bin, "serve", "--dir", dir, "--passphrase-page", "--addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "Locked. ") {
		t.Fatalf("it said %q", lines.Text())
	}
	at := "http://" + lines.Text()[strings.LastIndexByte(lines.Text(), ' ')+1:]
	if code, said := types(t, at, "wrong horse battery", "same-origin"); code != 403 || !strings.Contains(said, "does not fit") {
		t.Errorf("a wrong one: %d, %s", code, said)
	}
	if code, said := types(t, at, "correct horse battery", "same-origin"); code != 200 || !strings.Contains(said, "Unlocked") {
		t.Fatalf("the right one: %d, %s", code, said)
	}
	if !lines.Scan() || !upRe.MatchString(lines.Text()) {
		t.Fatalf("it said %q", lines.Text())
	}
	r, err := http.Get(at + "/ready")
	if err != nil || r.StatusCode != 200 {
		t.Errorf("once it is open: %v, %v", r, err)
	}
	r.Body.Close()
	_, errOut, code = run(t, "", "serve", "--dir", founded(t), "--passphrase-page")
	one(t, errOut, code, "locked with a key file")
}
