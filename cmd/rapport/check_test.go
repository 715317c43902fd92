package main

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// TestTheBrowserChecksALine lets the reader's own browser do the arithmetic, for
// an honest practice and for several dishonest ones.
func TestTheBrowserChecksALine(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	s := openStreet(t)
	b := browse(t, s)
	b.signIn(s.link(t, "client"))
	var page string
	b.open(s.url + "/me/" + string(s.made.charts[s.made.world.Clients[0].ID]) + "/looks")
	b.eval(`[...document.querySelectorAll("a[href]")].map((a) => a.href).find((h) => /looks\/\d+$/.test(h))`, &page)
	result := func() string {
		t.Helper()
		b.open(page)
		var r string
		for range 60 {
			b.eval(`new Promise((ok) => setTimeout(() => ok(document.querySelector("[data-check-result]").dataset.checkResult), 50))`, &r)
			if r != "server" && r != "working" {
				break
			}
		}
		return r
	}
	if got := result(); got != "ok" {
		t.Errorf("an honest practice: %q, want ok", got)
	}
	edit := func(f func(p map[string]any)) func([]byte) []byte {
		return func(raw []byte) []byte {
			var p map[string]any
			if err := json.Unmarshal(raw, &p); err != nil {
				t.Error(err)
				return raw
			}
			f(p)
			out, err := json.Marshal(p)
			if err != nil {
				t.Error(err)
			}
			return out
		}
	}
	for name, f := range map[string]func(p map[string]any){
		"another name in the entry": func(p map[string]any) {
			e, _ := base64.StdEncoding.DecodeString(p["entry"].(string))
			p["entry"] = base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(e), `"act":"open"`, `"act":"find"`, 1) + " "))
		},
		"another place in the book": func(p map[string]any) { p["index"] = p["index"].(float64) + 1 },
		"another salt":              func(p map[string]any) { p["salt"] = base64.StdEncoding.EncodeToString(make([]byte, 32)) },
		"a proof cut short": func(p map[string]any) {
			h := p["hashes"].([]any)
			p["hashes"] = h[:len(h)-1]
		},
		"a checkpoint nobody signed": func(p map[string]any) {
			c := p["checkpoint"].(map[string]any)
			n := c["Note"].(string)
			at := strings.LastIndex(n, " ") + 12
			c["Note"] = n[:at] + string(n[at]^1) + n[at+1:]
		},
	} {
		s.alter = edit(f)
		if got := result(); got != "bad" {
			t.Errorf("%s: %q, want bad", name, got)
		}
	}
	s.alter = nil
	if got := result(); got != "ok" {
		t.Errorf("honest again: %q, want ok", got)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.what {
		t.Error(c)
	}
}
