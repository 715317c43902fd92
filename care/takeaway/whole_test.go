package takeaway

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"rapport/account"
	"rapport/fhir"
	"rapport/proof"
	"rapport/record"
	"rapport/web/webtest"
)

func TestACopyHoldsEveryLookWithItsProof(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes(rand.Reader)...)
	rich(t, h)
	x := takes(t, h, "ada", own)
	lines := strings.Split(strings.TrimSpace(string(x.files["looks/looks.ndjson"])), "\n")
	proven, err := proof.Parse(x.files["looks/proof.json"])
	do(t, err)
	if rep := proven.Check(nil); len(rep.Wrong) > 0 || proven.Checkpoint != x.m.Book || proven.Key != x.m.Key {
		t.Errorf("the proof: %+v", rep)
	}
	proofs := proven.Lines
	if len(lines) != len(proofs) || int64(len(lines)) != x.m.Looks || len(lines) < 10 {
		t.Fatalf("%d looks, %d proofs, the manifest says %d", len(lines), len(proofs), x.m.Looks)
	}
	c, err := h.Vault.Open(t.Context(), h.As("ada").Actor(), record.Taking, h.Ada, everything)
	do(t, err)
	ls, err := c.Looks(t.Context(), x.m.Looks+1, 1000)
	do(t, err)
	if len(ls) != len(lines) {
		t.Fatalf("%d looks, and the copy has %d", len(ls), len(lines))
	}
	for i, l := range ls {
		var got told
		do(t, json.Unmarshal([]byte(lines[i]), &got))
		if got.Number != l.Number || got.Line != l.Seq || got.Act != l.Act || got.Parts != l.Parts.String() || got.What == "" {
			t.Errorf("look %d is told as %+v, want %+v", l.Number, got, l)
		}
		if p := proofs[len(proofs)-1-i]; p.Index != l.Seq {
			t.Errorf("look %d: its proof is of line %d of the book", l.Number, p.Index)
		}
	}
	if n := strings.Count(string(x.files["looks.html"]), "<article>"); n != len(lines) {
		t.Errorf("the page shows %d looks of %d", n, len(lines))
	}
	// the newest of them is that she opened everything to take it, and what comes after it
	// says what left
	if ls[0].Purpose != "taking" || ls[0].Act != "open" {
		t.Errorf("the newest is %+v", ls[0])
	}
	after, err := c.Looks(t.Context(), x.m.Looks+2, 1)
	do(t, err)
	sum := sha256.Sum256(x.raw)
	if want := (record.Gave{To: record.ToThemselves, As: "application/zip", Hash: hex.EncodeToString(sum[:]), N: x.m.Resources + x.m.Files}); after[0].Act != "give" || after[0].Gave != want {
		t.Errorf("the ledger says %+v, want %+v", after[0], want)
	}
}

func TestNothingOfAnotherClientIsInACopy(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes(rand.Reader)...)
	rich(t, h)
	ctx := t.Context()
	bob, err := h.Vault.Open(ctx, account.AsSystem(account.Importer), record.Importing, h.Bob, record.AllParts)
	do(t, err)
	blob, err := bob.Attach(ctx, []byte("CANARYOFBOB in a file"))
	do(t, err)
	_, err = bob.Put(ctx, fhir.Resource{Type: "DocumentReference", ID: "canary", JSON: []byte(`{"resourceType":"DocumentReference","id":"canary","status":"current","description":"CANARYOFBOB","content":[{"attachment":{"contentType":"text/plain","url":"blob:` + blob + `"}}],"subject":{"reference":"Patient/bob-person"}}`)})
	do(t, err)
	// what names another's attachment does not bring it along
	ada, err := h.Vault.Open(ctx, account.AsSystem(account.Importer), record.Importing, h.Ada, record.AllParts)
	do(t, err)
	_, err = ada.Put(ctx, fhir.Resource{Type: "Basic", ID: "thief", JSON: []byte(`{"resourceType":"Basic","id":"thief","code":{"text":"x"},"extension":[{"url":"urn:x","valueAttachment":{"contentType":"text/plain","url":"blob:` + blob + `"}}],"subject":{"reference":"Patient/ada-person"}}`)})
	do(t, err)
	x := takes(t, h, "ada", own)
	for name, b := range x.files {
		for _, bad := range []string{"CANARYOFBOB", "Zebra", "Quaresma", string(h.Bob)} {
			if bytes.Contains(b, []byte(bad)) {
				t.Errorf("%s holds %s", name, bad)
			}
		}
	}
	if strings.Join(x.m.Gone, " ") != "Basic/thief" {
		t.Errorf("no longer kept: %v", x.m.Gone)
	}
	if b := takes(t, h, "bob", own); !bytes.Contains(b.files["fhir/bundle.json"], []byte("CANARYOFBOB")) || !bytes.Contains(b.files["files/0001.txt"], []byte("CANARYOFBOB")) && !bytes.Contains(b.files["files/0002.txt"], []byte("CANARYOFBOB")) {
		t.Error("Bob's own copy does not hold it: the test looks for nothing")
	}
}

func TestEveryAttachmentIsThereUnderASafeName(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes(rand.Reader)...)
	rich(t, h)
	x := takes(t, h, "ada", own)
	found := map[string]string{}
	name := regexp.MustCompile(`^files/\d{4}\.[a-z0-9]+$`)
	for n, b := range x.files {
		if strings.HasPrefix(n, "files/") {
			found[string(b)] = n
			if !name.MatchString(n) {
				t.Errorf("a file is called %q", n)
			}
		}
	}
	for content, end := range map[string]string{"%PDF-1.4 the attached paper %%EOF": ".pdf", "<script>alert(1)</script>": ".txt", "Knee is healing well.": ".txt"} {
		ok := false
		for b, n := range found {
			ok = ok || strings.HasPrefix(b, content) && strings.HasSuffix(n, end)
		}
		if !ok {
			t.Errorf("%q is not there: %v", content, found)
		}
	}
	if !strings.Contains(string(x.files["messages.html"]), `href="`+found["%PDF-1.4 the attached paper %%EOF"]+`"`) {
		t.Error("no page leads to the paper")
	}
}

func TestWhatABrowserWouldRunIsATextToRead(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"text/html": ".txt", "image/svg+xml": ".txt", "application/xhtml+xml": ".txt", "application/vnd.thing-html": ".txt", "application/xml": ".txt", "text/javascript": ".txt", "application/javascript": ".txt",
		"application/x-msdownload": ".bin", "": ".bin", "TEXT/HTML; charset=utf-8": ".txt", "image/jpeg": ".jpg", "application/pdf;x=y": ".pdf", "../../etc/passwd": ".bin"} {
		if got := ending(attachment{Type: kind}.media()); got != want {
			t.Errorf("%q ends in %s, want %s", kind, got, want)
		}
	}
}

func TestThePagesReadWellAndReachNowhere(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes(rand.Reader)...)
	rich(t, h)
	for tongue, says := range map[string]map[string]string{
		"en": {"health.html": "Hay fever", "results.html": "7.50", "messages.html": "pistachio", "documents.html": "Knee", "visits.html": "Blood-pressure review", "you.html": "14 March 1968", "other.html": "Something &lt;b&gt;else&lt;/b&gt;", "looks.html": "You", "index.html": "manifest.json"},
		"es": {"index.html": "Todo sobre Ada Nwosu", "results.html": "7,50"},
		"fr": {"index.html": "Tout sur Ada Nwosu", "messages.html": "At night &lt;i&gt;"},
	} {
		v := h.As("ada")
		v.Language = tongue
		x := unlock(t, []byte(v.Post("/me/"+string(h.Ada)+"/take", url.Values{"words": {own}}).Is(200).Body), own)
		for page, want := range says {
			if !strings.Contains(string(x.files[page]), want) {
				t.Errorf("%s in %s does not say %q: %s", page, tongue, want, x.files[page])
			}
		}
		for n, b := range x.files {
			switch {
			case n == "looks/check.html": // it checks, so it runs a script, which reaches nowhere
				if !strings.Contains(string(b), "default-src &#39;none&#39;") || strings.Contains(string(b), "connect-src") || !strings.Contains(string(b), "form-action &#39;none&#39;") {
					t.Error("the page that checks may reach somewhere")
				}
			case strings.HasSuffix(n, ".html"):
				alone(t, x, n, b)
			}
		}
		if !strings.Contains(string(x.files["fhir/sealed-words.ndjson"]), "pistachio") || strings.Contains(string(x.files["fhir/bundle.json"]), "pistachio") {
			t.Error("the words of a sealed thread are not where they belong")
		}
		if !strings.Contains(string(x.files["fhir/bundle.json"]), "Sertraline") || !strings.Contains(string(x.files["health.html"]), "Sertraline") {
			t.Error("the medicine that a prescription refers to is not there")
		}
	}
}

// alone holds a page to what it promises: it has no script, loads nothing, and leads only
// to files of the copy.
func alone(t *testing.T, x *taken, name string, b []byte) {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(b))
	do(t, err)
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "img", "iframe", "link", "object", "embed", "form", "base", "video", "audio", "source":
			t.Errorf("%s has a <%s>", name, n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "href" && x.files[a.Val] == nil:
				t.Errorf("%s leads to %q", name, a.Val)
			case a.Key == "src", a.Key == "style", a.Key == "srcset", strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s has %s=%q", name, a.Key, a.Val)
			}
		}
	}
}

// TestTheToolEverybodyCanHaveOpensACopy opens one with age as it is published.
func TestTheToolEverybodyCanHaveOpensACopy(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the age tool; -short leaves it out")
	}
	h := webtest.New(t, Routes(rand.Reader)...)
	p := h.As("ada").Get("/me/" + string(h.Ada) + "/take").Is(200)
	words := p.Attr("input[name=words]", "value")
	sealed := h.As("ada").Post("/me/"+string(h.Ada)+"/take", p.Form("main form")).Is(200).Body
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir+"/", "filippo.io/age/cmd/age", "filippo.io/age/cmd/age-plugin-batchpass")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	do(t, os.WriteFile(filepath.Join(dir, "copy.zip.age"), []byte(sealed), 0o600))
	open := func(words string) ([]byte, error) {
		cmd := exec.CommandContext(context.Background(), filepath.Join(dir, "age"), "-d", "-j", "batchpass", "-o", filepath.Join(dir, "copy.zip"), filepath.Join(dir, "copy.zip.age"))
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "AGE_PASSPHRASE="+words)
		return cmd.CombinedOutput()
	}
	if _, err := open(words + "x"); err == nil {
		t.Error("other words open it")
	}
	if out, err := open(words); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "copy.zip"))
	do(t, err)
	if x := unpack(t, b); x.m.Name != "Ada Nwosu" {
		t.Errorf("%+v", x.m)
	}
}
