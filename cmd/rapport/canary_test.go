package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"rapport/account"
	"rapport/edge/bundles"
	"rapport/record"
	"rapport/web/webtest"
)

// canaries makes marked words that occur nowhere else.
type canaries struct{ all []string }

func (c *canaries) word() string {
	w := fmt.Sprintf("Kanarje%04dvogel", len(c.all)*7919%10007)
	c.all = append(c.all, w)
	return w
}

// planted is a bundle in which every text is marked: names, ids, numbers,
// addresses, notes, codes, extensions.
func planted(c *canaries) string {
	k := c.word
	person := "p" + k()
	about := `"subject":{"reference":"Patient/` + person + `"}`
	entry := func(json string) string { return `{"resource":` + json + `}` }
	note := base64.StdEncoding.EncodeToString([]byte("A note about " + k()))
	return `{"resourceType":"Bundle","type":"collection","entry":[` + strings.Join([]string{
		entry(`{"resourceType":"Patient","id":"` + person + `","identifier":[{"system":"urn:x:` + k() + `","value":"` + k() + `"}],"name":[{"family":"` + k() + `","given":["` + k() + `"]}],"birthDate":"1971-02-03","telecom":[{"system":"email","value":"` + k() + `@example.org"},{"system":"phone","value":"07700 900321"}],"address":[{"line":["` + k() + `"],"city":"` + k() + `"}],"extension":[{"url":"http://x/` + k() + `","valueString":"` + k() + `"}]}`),
		entry(`{"resourceType":"Condition","id":"c` + k() + `","code":{"coding":[{"system":"http://x/` + k() + `","code":"` + k() + `"}],"text":"` + k() + `"},"note":[{"text":"` + k() + `"}],` + about + `}`),
		entry(`{"resourceType":"Observation","id":"o` + k() + `","status":"final","code":{"text":"` + k() + `","coding":[{"system":"http://loinc.org","code":"` + k() + `"}]},` + about + `,"effectiveDateTime":"2026-11-20T10:00:00Z","valueString":"` + k() + `"}`),
		entry(`{"resourceType":"MedicationRequest","id":"m` + k() + `","status":"active","intent":"order","medicationCodeableConcept":{"text":"` + k() + `"},` + about + `,"dosageInstruction":[{"text":"` + k() + `"}]}`),
		entry(`{"resourceType":"AllergyIntolerance","id":"a` + k() + `","code":{"text":"` + k() + `"},"patient":{"reference":"Patient/` + person + `"}}`),
		entry(`{"resourceType":"DocumentReference","id":"d` + k() + `","status":"current",` + about + `,"description":"` + k() + `","content":[{"attachment":{"contentType":"text/plain","title":"` + k() + `","data":"` + note + `"}}]}`),
		entry(`{"resourceType":"Appointment","id":"v` + k() + `","status":"booked","description":"` + k() + `","start":"2026-11-27T10:00:00Z","end":"2026-11-27T10:20:00Z","participant":[{"actor":{"reference":"Patient/` + person + `"},"status":"accepted"}]}`),
	}, ",") + `]}`
}

// shapes are the ways a word may lie in a file.
func shapes(w string) map[string][]byte {
	u := utf16.Encode([]rune(w))
	wide := make([]byte, 0, 2*len(u))
	for _, x := range u {
		wide = append(wide, byte(x), byte(x>>8))
	}
	out := map[string][]byte{"as it is": []byte(w), "lower case": []byte(strings.ToLower(w)), "hex": []byte(hex.EncodeToString([]byte(w))), "utf-16": wide}
	for shift := range 3 { // base64 of the word at each place in a triple
		b := base64.StdEncoding.EncodeToString(append(bytes.Repeat([]byte{'x'}, shift), w...))
		out[fmt.Sprintf("base64 at %d", shift)] = []byte(b[4 : len(b)-4])
	}
	return out
}

// hunt looks for every canary in every shape.
func hunt(t *testing.T, where string, b []byte, words []string) int {
	t.Helper()
	found := 0
	for _, w := range words {
		for shape, x := range shapes(w) {
			if bytes.Contains(b, x) {
				found++
				t.Errorf("%s holds a canary, %s", where, shape)
			}
		}
	}
	return found
}

// TestNoCanaryOnDisk plants marked words through import and through every page,
// and looks for them in every file, in the log and in the addresses.
func TestNoCanaryOnDisk(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, routes()...)
	c := &canaries{}
	file := filepath.Join(t.TempDir(), "people.json")
	if err := os.WriteFile(file, []byte(planted(c)), 0o600); err != nil {
		t.Fatal(err)
	}
	im, err := bundles.New(t.Context(), h.Vault, account.AsSystem(account.Importer), nil)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := im.Files(t.Context(), []string{file})
	if err != nil || rep.Clients != 1 || len(rep.Refused) > 0 {
		t.Fatalf("import: %+v, %v", rep, err)
	}
	client := theirs(t, h, c.all)
	question := c.word()
	shown := visit(t, h, client, question)
	missing := 0
	for _, w := range c.all {
		if !strings.Contains(shown, w) {
			missing++
		}
	}
	if !strings.Contains(shown, question) || len(c.all)-missing < 10 {
		t.Errorf("the pages showed the question: %t, and %d of %d canaries not: too little was tested", strings.Contains(shown, question), missing, len(c.all))
	}
	hunt(t, "the log", h.Log.Bytes(), c.all)
	for _, a := range addresses(shown) {
		hunt(t, "an address", []byte(a), c.all)
	}
	files := 0
	err = filepath.WalkDir(h.Dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		files++
		hunt(t, "file "+filepath.Base(p), b, c.all)
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("looked into %d files: %v", files, err)
	}
	t.Logf("%d canaries, %d files, %d bytes of pages, %d of log", len(c.all), files, len(shown), h.Log.Len())
	// the hunt itself must be able to find one
	if got := hunt(&testing.T{}, "", []byte("..."+base64.StdEncoding.EncodeToString([]byte("ab"+c.all[0]+"cd"))), c.all); got == 0 {
		t.Error("the hunt finds nothing even where there is something")
	}
}

// theirs signs the planted person in.
func theirs(t *testing.T, h *webtest.House, words []string) string {
	t.Helper()
	dir, err := h.Vault.OpenDirectory(t.Context(), account.AsSystem(account.Importer), record.Importing)
	if err != nil {
		t.Fatal(err)
	}
	id, ok := dir.ByPerson("p" + words[0])
	if !ok {
		t.Fatal("the planted person is not in the directory")
	}
	return string(id)
}

// visit opens every page about a client as themselves and as a nurse, asks a
// question, and searches; it returns all that was shown.
func visit(t *testing.T, h *webtest.House, client, question string) string {
	t.Helper()
	var shown strings.Builder
	own := h.AsClient(client)
	nurse := h.As("nurse")
	seen := map[string]bool{}
	var walk func(v *webtest.Visitor, path string)
	walk = func(v *webtest.Visitor, path string) {
		if seen[path] || len(seen) > 200 {
			return
		}
		seen[path] = true
		p := v.Get(path)
		shown.WriteString(p.Body)
		for _, a := range addresses(p.Body) {
			if strings.HasPrefix(a, "/me/"+client) || strings.HasPrefix(a, "/clients/"+client) {
				walk(v, a)
			}
		}
	}
	walk(own, "/me/"+client+"/today")
	asks := regexp.MustCompile(`/me/` + client + `/looks/\d+/ask`).FindString(own.Get("/me/" + client + "/looks?who=everyone").Body)
	own.Post(asks, url.Values{"question": {question}}).Is(303)
	delete(seen, "/me/"+client+"/looks")
	walk(own, "/me/"+client+"/looks")
	walk(nurse, "/clients/"+client)
	p := nurse.Post("/clients/find", url.Values{"q": {"Kanarje"}})
	shown.WriteString(p.Body)
	return shown.String()
}

var address = regexp.MustCompile(`(?:href|action|src)="([^"]*)"`)

// addresses returns every address on pages.
func addresses(page string) []string {
	var out []string
	for _, m := range address.FindAllStringSubmatch(page, -1) {
		out = append(out, html.UnescapeString(m[1]))
	}
	return out
}
