package takeaway

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/thread"
	"rapport/record"
	"rapport/web/webtest"
)

const own = "correct horse battery staple"

// taken is a copy that was unpacked.
type taken struct {
	t     *testing.T
	files map[string][]byte
	m     manifest
	raw   []byte // the manifest as it is
}

// unlock opens a copy with its words.
func unlock(t *testing.T, sealed []byte, words string) *taken {
	t.Helper()
	id, err := age.NewScryptIdentity(words)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return unpack(t, b)
}

func unpack(t *testing.T, b []byte) *taken {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	x := &taken{t: t, files: map[string][]byte{}}
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, folder)
		r, err := f.Open()
		if err != nil || !ok || x.files[name] != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if x.files[name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	x.raw = x.files["manifest.json"]
	if err := json.Unmarshal(x.raw, &x.m); err != nil {
		t.Fatal(err)
	}
	delete(x.files, "manifest.json")
	if len(x.m.List) != len(x.files) {
		t.Errorf("the manifest lists %d files of %d", len(x.m.List), len(x.files))
	}
	for _, l := range x.m.List {
		sum := sha256.Sum256(x.files[l.Name])
		if l.SHA256 != hex.EncodeToString(sum[:]) || l.Size != int64(len(x.files[l.Name])) {
			t.Errorf("%s is not what the manifest says", l.Name)
		}
	}
	return x
}

// entries are a bundle's resources by type and id, as they stand in it.
func (x *taken) entries(file string) map[string][]string {
	x.t.Helper()
	var b struct {
		Type  string `json:"type"`
		Entry []struct {
			FullURL  string          `json:"fullUrl"`
			Resource json.RawMessage `json:"resource"`
			Request  struct {
				Method, URL string
			} `json:"request"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(x.files[file], &b); err != nil {
		x.t.Fatal(err)
	}
	out := map[string][]string{}
	for _, e := range b.Entry {
		k := e.FullURL[strings.Index(e.FullURL, "/fhir/")+6:]
		out[k] = append(out[k], string(e.Resource))
	}
	return out
}

// takes downloads a copy as Ada.
func takes(t *testing.T, h *webtest.House, who, words string) *taken {
	t.Helper()
	p := h.As(who).Post("/me/"+h.Subject(who).ID+"/take", url.Values{"words": {words}}).Is(200)
	if p.Header.Get("Content-Disposition") != `attachment; filename="copy-2026-11-24.zip.age"` {
		t.Errorf("headers %v", p.Header)
	}
	return unlock(t, []byte(p.Body), words)
}

// rich gives Ada more: older versions, a deletion, a thread with a file, a sealed thread,
// answers, and a document whose content lies in it.
func rich(t *testing.T, h *webtest.House) {
	t.Helper()
	ctx := t.Context()
	in, err := h.Vault.Open(ctx, account.AsSystem(account.Importer), record.Importing, h.Ada, record.AllParts)
	do(t, err)
	put := func(typ, id, rest string) {
		t.Helper()
		_, err := in.Put(ctx, fhir.Resource{Type: typ, ID: id, JSON: []byte(fmt.Sprintf(`{"resourceType":%q,"id":%q,%s}`, typ, id, rest))})
		do(t, err)
	}
	who := `"subject":{"reference":"Patient/ada-person"}`
	put("Condition", "old", `"code":{"text":"Hay fever, once"},`+who)
	put("Condition", "old", `"code":{"text":"Hay fever"},`+who)
	put("Condition", "slip", `"code":{"text":"A slip of the pen"},`+who)
	_, err = in.Apply(ctx, record.Change{Resource: fhir.Resource{Type: "Condition", ID: "slip"}, Delete: true})
	do(t, err)
	put("Basic", "b1", `"code":{"text":"Something <b>else</b>"},`+who)
	put("Observation", "sleep", `"status":"final","code":{"text":"Sleep"},"valueQuantity":{"value":7.50,"unit":"h"},"note":[{"text":"slept badly"}],`+who)
	put("DocumentReference", "html", `"status":"current","type":{"text":"A web page"},"content":[{"attachment":{"contentType":"text/html","title":"page.html","data":"PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="}}],`+who)
	put("MedicationRequest", "shared", `"status":"active","intent":"order","medicationReference":{"reference":"Medication/med-1"},`+who)
	_, err = h.Practice().Put(ctx, fhir.Resource{Type: "Medication", ID: "med-1", JSON: []byte(`{"resourceType":"Medication","id":"med-1","code":{"text":"Sertraline"}}`)})
	do(t, err)
	write(t, h)
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write has Ada and Lena write to each other, once for Lena alone.
func write(t *testing.T, h *webtest.House) {
	t.Helper()
	ctx := t.Context()
	const parts = record.Person | record.Visits | record.Messages
	c, err := h.Vault.Open(ctx, h.As("ada").Actor(), record.Messaging, h.Ada, parts)
	do(t, err)
	blob, err := c.Attach(ctx, []byte("%PDF-1.4 the attached paper %%EOF"))
	do(t, err)
	id, err := c.Say(ctx, record.Message{Key: "k1", Topic: "care", Title: "My knee", Text: "It hurts\n\nAt night <i>", Pieces: []thread.Piece{{Type: "application/pdf", Blob: blob, Name: "knee.pdf", Size: 33}}})
	do(t, err)
	_, err = c.Say(ctx, record.Message{Key: "k2", Topic: "care", Title: "Marzipan", Text: "pistachio", Named: []thread.Party{{Ref: "Practitioner/physician", Name: "Dr Lena Ortiz"}}})
	do(t, err)
	s, err := h.Vault.Open(ctx, h.As("physician").Actor(), record.Care, h.Ada, parts)
	do(t, err)
	_, err = s.Say(ctx, record.Message{Key: "k3", Thread: id, Text: "Come and see me"})
	do(t, err)
	_, err = s.Say(ctx, record.Message{Key: "k4", Thread: id, Text: "NOTEBETWEENSTAFF", Note: true})
	do(t, err)
}

func TestACopyHoldsEverythingToTheByte(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes(rand.Reader)...)
	rich(t, h)
	x := takes(t, h, "ada", own)

	c, err := h.Vault.Open(t.Context(), h.As("ada").Actor(), record.Taking, h.Ada, everything)
	do(t, err)
	all, err := c.Holdings(t.Context())
	do(t, err)
	want, past := map[string][]string{}, map[string][]string{}
	for _, k := range all {
		b, err := c.Content(t.Context(), k)
		if err != nil && !errs.Is(err, errs.NotFound) {
			t.Fatal(err)
		}
		into := want
		if !k.Newest || k.Deleted {
			into = past
		}
		into[k.Type+"/"+k.ID] = append(into[k.Type+"/"+k.ID], string(b))
	}
	got := x.entries("fhir/bundle.json")
	for k := range got {
		if typ, _, _ := strings.Cut(k, "/"); fhir.PracticeWide(typ) {
			delete(got, k)
		}
	}
	if d := cmp.Diff(want, got); d != "" || len(want) < 20 {
		t.Errorf("%d resources: %s", len(want), d)
	}
	if d := cmp.Diff(past, x.entries("history/bundle.json")); d != "" || len(past) < 2 {
		t.Errorf("what there was before: %s", d)
	}
	var lines []string
	for name, b := range x.files {
		if typ, ok := strings.CutSuffix(strings.TrimPrefix(name, "fhir/"), ".ndjson"); ok && slices.Contains(fhir.Types(), typ) {
			lines = append(lines, strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")...)
		}
	}
	var flat []string
	for _, v := range want {
		flat = append(flat, v...)
	}
	slices.Sort(lines)
	slices.Sort(flat)
	if d := cmp.Diff(flat, lines); d != "" {
		t.Errorf("the files by type: %s", d)
	}
	if strings.Contains(string(x.files["fhir/Communication.ndjson"]), "NOTEBETWEENSTAFF") {
		t.Error("what staff say to each other is in the copy")
	}
	if len(want) != x.m.Resources || x.m.Files != 3 {
		t.Errorf("the manifest says %+v", x.m)
	}
}
