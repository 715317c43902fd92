package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/fhir"
	"rapport/record"
)

// saves lets a window save files, and returns what waits for the next of them.
func (b *tab) saves() func(sel, name string) string {
	b.t.Helper()
	dir := b.t.TempDir()
	if _, err := chromedp.Call(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, EventsEnabled: new(true)}); err != nil {
		b.t.Fatal(err)
	}
	return func(sel, name string) string {
		b.t.Helper()
		var pressed bool
		b.eval(`(document.querySelector("`+sel+`").click(), true)`, &pressed)
		at := filepath.Join(dir, name)
		for range 1200 {
			if _, err := os.Stat(at); err == nil {
				return at
			}
			<-time.After(25 * time.Millisecond)
		}
		b.t.Fatalf("%s: %s was not saved", b.at, name)
		return ""
	}
}

// TestACopyOpensWithoutUs has somebody of the demo take everything with them in a browser,
// shuts the practice down, opens the copy on their own disk with the page that came with
// it, and reads every page of it.
func TestACopyOpensWithoutUs(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser; -short leaves it out")
	}
	s := openStreet(t)
	b := browse(t, s)
	b.view(390, "light")
	b.signIn(s.link(t, "client"))
	me := s.made.charts[s.made.world.Clients[0].ID]
	b.open(s.url + "/me/" + string(me) + "/take")
	save := b.saves()
	opener := save("a[href='/take/open.html']", "open.html")
	var words string
	b.eval(`document.querySelector("[name=words]").value`, &words)
	sealed := save("main form button", "copy-2026-11-24.zip.age")

	// from here on the practice is not there, and this is a browser that never was
	s.gate.Store(new(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	}))
	mine := b
	b = browse(t, &street{}) // which has no address: whatever it asks for is too much
	save = b.saves()
	b.open("file://" + opener)
	var quiet []string
	b.view(320, "dark")
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](axe(t)+"\n;true")); err != nil {
		t.Fatal(err)
	}
	for what, expr := range map[string]string{"axe": axeRun, "too wide": wide, "too small": small} {
		b.eval(expr, &quiet)
		for _, f := range quiet {
			b.complain("%s: %s", what, f)
		}
	}
	b.unlocks(sealed, words+"x", "wrong")
	b.unlocks(sealed, "  "+words, "done")
	b.reads(s, me, save("#save", "copy-2026-11-24.zip"))

	// a copy that was cut short opens to nothing
	whole, err := os.ReadFile(sealed)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.zip.age")
	if err := os.WriteFile(cut, whole[:len(whole)-100], 0o600); err != nil {
		t.Fatal(err)
	}
	b.open("file://" + opener)
	b.unlocks(cut, words, "broken")
	var hidden bool
	b.eval(`document.querySelector("#save").hidden`, &hidden)
	if !hidden {
		t.Error("half a copy is handed over")
	}
	for _, c := range append(mine.what, b.what...) {
		t.Error(c)
	}
}

// unlocks gives a copy and words to the page that opens it, and waits for what it says.
func (b *tab) unlocks(at, words, want string) {
	b.t.Helper()
	b.do(chromedp.SetUploadFiles("#file", []string{at}))
	quoted, err := json.Marshal(words)
	if err != nil {
		b.t.Fatal(err)
	}
	var state string
	b.eval(`((document.querySelector("#words").value = `+string(quoted)+`), document.querySelector("form").requestSubmit(), "sent")`, &state)
	for range 600 {
		b.eval(`new Promise((ok) => setTimeout(() => ok(document.querySelector("#said").dataset.state || ""), 50))`, &state)
		if state == want {
			return
		}
	}
	b.t.Fatalf("%s: the page says %q, want %q", b.at, state, want)
}

// reads unpacks a copy that was opened, holds it to what the practice has, and reads every
// page of it in the window.
func (b *tab) reads(s *street, me fhir.ClientID, at string) {
	b.t.Helper()
	dir := b.t.TempDir()
	files := unzip(b.t, at, dir)
	c, gave := s.taking(b.t, me)
	if sum := sha256.Sum256(files["manifest.json"]); gave.Hash != hex.EncodeToString(sum[:]) {
		b.t.Errorf("the ledger says %s of the list, which is %x", gave.Hash, sum)
	}
	resources, attached := s.whole(b.t, c, files)
	if gave.N != resources+attached {
		b.t.Errorf("the ledger says %d, and there are %d resources and %d files", gave.N, resources, attached)
	}
	pages := 0
	for name := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		pages++
		for _, width := range []int64{320, 1440} {
			for _, scheme := range []string{"light", "dark"} {
				b.view(width, scheme)
				b.open("file://" + filepath.Join(dir, name))
				if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](axe(b.t)+"\n;true")); err != nil {
					b.t.Fatal(err)
				}
				for what, expr := range map[string]string{"axe": axeRun, "too wide": wide, "too small": small} {
					var found []string
					b.eval(expr, &found)
					for _, f := range found {
						b.complain("%d %s: %s: %s", width, scheme, what, f)
					}
				}
			}
		}
	}
	if pages < 8 {
		b.t.Errorf("the copy has %d pages", pages)
	}
	b.t.Logf("TRUST %s: %s", "takeaway-demo", fmt.Sprintf("%d resources and %d attachments of a made-up client byte-equal after a browser opened them, %d pages pass axe", resources, attached, pages))
}

// unzip unpacks a copy.
func unzip(t *testing.T, at, dir string) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader(at)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(f.Name, "export/")
		if files[name], err = io.ReadAll(r); err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), files[name], 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// taking opens everything of a client as they would, and returns the newest line that says
// that something left.
func (s *street) taking(t *testing.T, me fhir.ClientID) (*record.Chart, record.Gave) {
	t.Helper()
	link, err := s.h.doors.Invite(t.Context(), account.Subject{Kind: account.Client, ID: string(me)}, account.Demo)
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.h.doors.Enter(t.Context(), link, account.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	who, err := s.h.doors.Who(t.Context(), in.Token)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.h.vault.Open(t.Context(), who, record.Taking, me, record.AllParts|record.Looks)
	if err != nil {
		t.Fatal(err)
	}
	ls, err := c.Looks(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(ls, func(l record.Look) bool { return l.Act == "give" })
	if i < 0 {
		t.Fatal("no line says that anything left")
	}
	return c, ls[i].Gave
}

// whole holds a copy to the chart, to the byte, and returns how much there is.
func (s *street) whole(t *testing.T, c *record.Chart, files map[string][]byte) (resources, attached int) {
	t.Helper()
	var bundle struct {
		Entry []struct {
			FullURL  string          `json:"fullUrl"`
			Resource json.RawMessage `json:"resource"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(files["fhir/bundle.json"], &bundle); err != nil {
		t.Fatal(err)
	}
	in := map[string][]byte{}
	for _, e := range bundle.Entry {
		in[strings.TrimPrefix(e.FullURL, s.url+"/fhir/")] = e.Resource
	}
	all, err := c.Holdings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	blobs := map[string]bool{}
	for _, x := range all {
		if x.Deleted {
			continue
		}
		b, err := c.Content(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range blobRe.FindAllSubmatch(b, -1) {
			blobs[string(m[1])] = true
		}
		if !x.Newest {
			continue
		}
		if resources++; !bytes.Equal(in[x.Type+"/"+x.ID], b) {
			t.Errorf("%s/%s is not in the copy as it is in the chart", x.Type, x.ID)
		}
	}
	for id := range blobs {
		r, err := c.Attached(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		want, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		found := false
		for name, b := range files {
			found = found || strings.HasPrefix(name, "files/") && bytes.Equal(b, want)
		}
		if !found {
			t.Errorf("attachment %s of %d bytes is not in the copy", id, len(want))
		}
	}
	for name := range files {
		if strings.HasPrefix(name, "files/") {
			attached++
		}
	}
	if resources < 100 || len(blobs) == 0 {
		t.Errorf("%d resources and %d attachments: the demo is too poor for this", resources, len(blobs))
	}
	return resources, attached
}

var blobRe = regexp.MustCompile(`"blob:([0-9a-f]{32})"`)
