package takeaway

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"rapport/account"
	"rapport/clock"
	"rapport/fhir"
	"rapport/record"
	"rapport/web/webtest"
)

func TestTheWordsAreDrawnFairly(t *testing.T) {
	t.Parallel()
	if len(words) != 1296 {
		t.Fatalf("%d words", len(words))
	}
	heads := map[string]bool{}
	for _, w := range words {
		if heads[w[:3]] || strings.ToLower(w) != w {
			t.Errorf("%s begins as another does", w)
		}
		heads[w[:3]] = true
	}
	// two bytes at a time: what would favour the first words is drawn again
	got, err := draw(bytes.NewReader([]byte{0, 0, 0xfd, 0x20, 0xff, 0xff, 5, 0x0f, 5, 0x10, 0xfd, 0x1f, 0, 2, 0, 1}))
	if want := strings.Join([]string{words[0], words[1295], words[0], words[1295], words[2], words[1]}, " "); err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if _, err := draw(bytes.NewReader(make([]byte, 11))); err == nil {
		t.Error("words are made of what was not drawn")
	}
	made, err := draw(rand.Reader)
	if err != nil || weak(made) || settled(made) != made || len(strings.Fields(made)) != howMany {
		t.Errorf("%q, %v", made, err)
	}
}

func TestWordsOfOnesOwn(t *testing.T) {
	t.Parallel()
	for s, bad := range map[string]bool{"": true, "elevenchars": true, "twelve chars": false, "aaaaaaaaaaaaaaaa": true, "abababababababab": true, "мои двенадцать": false, "two\nlines of words": true, strings.Repeat("abcdef ", 30): true} {
		if weak(s) != bad {
			t.Errorf("%q: weak is %v", s, !bad)
		}
	}
	h := webtest.New(t, Routes(rand.Reader)...)
	at := "/me/" + string(h.Ada) + "/take"
	h.As("ada").Post(at, url.Values{"words": {"too short"}}).Is(422).Has("#words-problem", "12 characters").Has("input[name=words][value='too short']")
	for _, l := range h.Looks(h.Ada, 5) {
		if l.Act == "give" {
			t.Error("something left all the same")
		}
	}
	// what is typed in two ways that look alike is one
	unlock(t, []byte(h.As("ada").Post(at, url.Values{"words": {"  cafe\u0301 au lait, s'il vous plai\u0302t "}}).Is(200).Body), "café au lait, s'il vous plaît")
}

func TestThePageSaysWhatACopyIs(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes(rand.Reader)...)
	rich(t, h)
	at := "/me/" + string(h.Ada) + "/take"
	p := h.As("ada").Get(at).Is(200).Says("cannot protect it or call it back", "24 entries and 3 files, at most about 1 MB", "about 1 minute", "Rowan Street Practice").Has("a[href='/take/open.html'][download]")
	if again := h.As("ada").Get(at).Attr("input[name=words]", "value"); again == p.Attr("input[name=words]", "value") {
		t.Error("the words are made twice")
	}
	if got := h.As("ada").Get(at); got.Header.Get("Cache-Control") != "no-store" {
		t.Error("a browser keeps the words")
	}
	for _, who := range []string{"bob", "hana", "nurse", "physician", "frontdesk", "manager"} {
		refused, absent := h.As(who).Get(at).Is(404).Body, h.As(who).Get("/me/aaaaaaaaaaaaaaaaaaaaaaaaaa/take").Is(404).Body
		if strings.ReplaceAll(refused, string(h.Ada), "") != strings.ReplaceAll(absent, "aaaaaaaaaaaaaaaaaaaaaaaaaa", "") {
			t.Errorf("%s can tell that it is there", who)
		}
		h.As(who).Post(at, url.Values{"words": {own}}).Is(404)
	}
	if strings.Contains(h.Log.String(), own) {
		t.Error("the words stand in the log")
	}
}

// TestWhoseKeyIsNotFreshIsAsked lets the five minutes pass between the page and the copy:
// the words wait.
func TestWhoseKeyIsNotFreshIsAsked(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes(rand.Reader)...)
	at := "/me/" + string(h.Ada) + "/take"
	v := h.ByLink("ada")
	v.Get(at).Is(303)
	v.Post(at, url.Values{"words": {own}}).Is(401).Has("input[name=words][value='" + own + "']")
}

// served is a House behind a real connection, and a session of Ada's.
func served(t *testing.T, h *webtest.House) (post func(ctx context.Context) *http.Response) {
	t.Helper()
	srv := httptest.NewServer(h.Web)
	t.Cleanup(srv.Close)
	link, err := h.Doors.Invite(t.Context(), h.Subject("ada"), account.Demo)
	do(t, err)
	in, err := h.Doors.Enter(t.Context(), link, account.Ask{})
	do(t, err)
	return func(ctx context.Context) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/me/"+string(h.Ada)+"/take", strings.NewReader(url.Values{"words": {own}}.Encode()))
		do(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Cookie", "__Host-session="+in.Token)
		res, err := srv.Client().Do(r)
		do(t, err)
		return res
	}
}

// loads gives Ada attachments of so many bytes each, which are all alike.
func loads(t *testing.T, h *webtest.House, n int, each int64) {
	t.Helper()
	c, err := h.Vault.Open(t.Context(), account.AsSystem(account.Importer), record.Importing, h.Ada, record.AllParts)
	do(t, err)
	for i := range n {
		id, err := c.AttachFrom(t.Context(), io.LimitReader(&marked{}, each))
		do(t, err)
		_, err = c.Put(t.Context(), fhir.Resource{Type: "DocumentReference", ID: "film-" + string(rune('a'+i)), JSON: []byte(`{"resourceType":"DocumentReference","id":"film-` + string(rune('a'+i)) + `","status":"current","content":[{"attachment":{"contentType":"video/mp4","url":"blob:` + id + `"}}],"subject":{"reference":"Patient/ada-person"}}`)})
		do(t, err)
	}
}

const canary = "CANARYINAFILM"

// marked is a film without end.
type marked struct{ at int }

// Read implements io.Reader.
func (m *marked) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = canary[(m.at+i)%len(canary)]
	}
	m.at += len(b)
	return len(b), nil
}

// TestACopyThatNobodyReadsOnEnds has Ada go away in the midst of hers: the turn is free
// again, nothing of it goes on, and the ledger says that it was begun.
func TestACopyThatNobodyReadsOnEnds(t *testing.T) {
	t.Parallel()
	d := &desk{rand.Reader, make(chan struct{}, atOnce)}
	h := webtest.New(t, d.routes()...)
	loads(t, h, 2, 32<<20)
	post := served(t, h)
	for range atOnce + 1 {
		ctx, away := context.WithCancel(t.Context())
		res := post(ctx)
		if _, err := io.ReadFull(res.Body, make([]byte, 100_000)); err != nil || res.StatusCode != 200 {
			t.Fatal(res.Status, err)
		}
		away()
		res.Body.Close()
		until(t, func() bool { return len(d.turns) == 0 })
	}
	gave := 0
	for _, l := range h.Looks(h.Ada, 30) {
		if l.Act == "give" {
			gave++
		}
	}
	if gave != atOnce+1 {
		t.Errorf("%d lines say that a copy was begun, want %d", gave, atOnce+1)
	}
}

// until waits until something is so.
func until(t *testing.T, so func() bool) {
	t.Helper()
	for range 500 {
		if so() {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Fatal("it never came")
}

func TestTwoAtATime(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes(rand.Reader)...)
	loads(t, h, 1, 64<<20)
	post := served(t, h)
	var open []*http.Response
	for range atOnce {
		res := post(t.Context())
		if res.StatusCode != 200 {
			t.Fatal(res.Status)
		}
		open = append(open, res)
	}
	h.As("ada").Post("/me/"+string(h.Ada)+"/take", url.Values{"words": {own}}).Is(422).Has("#words-problem", "try again in a few minutes").Has("input[name=words][value='" + own + "']")
	for _, res := range open {
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	res := post(t.Context())
	if res.Body.Close(); res.StatusCode != 200 {
		t.Errorf("when the others are done: %s", res.Status)
	}
}

// watching sees when the first byte of an answer is sent.
type watching struct {
	*httptest.ResponseRecorder
	see  func()
	seen bool
}

// Write implements io.Writer.
func (f *watching) Write(b []byte) (int, error) {
	if !f.seen {
		f.seen = true
		f.see()
	}
	return f.ResponseRecorder.Write(b)
}

func TestTheLedgerSaysItBeforeTheFirstByte(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes(rand.Reader)...)
	loads(t, h, 1, 1<<20) // more than waits to be sent
	link, err := h.Doors.Invite(t.Context(), h.Subject("ada"), account.Demo)
	do(t, err)
	in, err := h.Doors.Enter(t.Context(), link, account.Ask{})
	do(t, err)
	r := httptest.NewRequest(http.MethodPost, "https://practice.example/me/"+string(h.Ada)+"/take", strings.NewReader(url.Values{"words": {own}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "__Host-session", Value: in.Token})
	w := &watching{ResponseRecorder: httptest.NewRecorder()}
	w.see = func() {
		if l := h.Looks(h.Ada, 1); l[0].Act != "give" || l[0].Gave.Hash == "" {
			t.Errorf("when the first byte leaves, the newest line is %+v", l[0])
		}
	}
	h.Web.ServeHTTP(w, r)
	if !w.seen || w.Code != 200 {
		t.Errorf("nothing was sent: %d", w.Code)
	}
}

func TestAFileThatChangedBreaksTheCopyOff(t *testing.T) {
	t.Parallel()
	n := 0
	ps := []piece{{name: "a.txt", pour: func(_ context.Context, w io.Writer) error { n++; return all(w.Write([]byte{byte(n)})) }}}
	if _, err := list(t.Context(), ps); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := lock(t.Context(), &b, own, []byte("{}"), ps, time.Now()); !errors.Is(err, errChanged) {
		t.Errorf("%v", err)
	}
	id, err := age.NewScryptIdentity(own)
	do(t, err)
	if r, err := age.Decrypt(bytes.NewReader(b.Bytes()), id); err == nil {
		if _, err := io.ReadAll(r); err == nil {
			t.Error("what came of it opens as if it were whole")
		}
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if err := lock(gone, io.Discard, own, []byte("{}"), ps, time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody reads it: %v", err)
	}
}

// heap is how much of the heap is taken.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// peaked takes a copy over a real connection, throws it away, and returns how far the heap
// rose meanwhile, how long it took and how much came.
func peaked(t *testing.T, h *webtest.House) (rose uint64, took time.Duration, came int64) {
	t.Helper()
	post := served(t, h)
	before, stop, top := heap(), make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			select {
			case <-stop:
				top <- most
				return
			case <-time.After(2 * time.Millisecond):
				most = max(most, heap())
			}
		}
	}()
	begun := clock.Wall{}.Now()
	res := post(t.Context())
	n, err := io.Copy(io.Discard, res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res.Status, err)
	}
	res.Body.Close()
	took = clock.Wall{}.Now().Sub(begun)
	close(stop)
	if most := <-top; most > before {
		rose = most - before
	}
	return rose, took, n
}

// entries is how many resources Ada's chart has.
func entries(t *testing.T, h *webtest.House) int {
	t.Helper()
	c, err := h.Vault.Open(t.Context(), h.As("ada").Actor(), record.Taking, h.Ada, everything)
	do(t, err)
	n, _, _, err := weigh(t.Context(), c)
	do(t, err)
	return n
}

// TestACopyLiesNeitherInMemoryNorOnTheDisk takes a copy of a gigabyte, and of nearly
// nothing: they need the same memory. It cannot be parallel: it measures the whole process,
// and watches where temporary files would be.
func TestACopyLiesNeitherInMemoryNorOnTheDisk(t *testing.T) {
	each, n := int64(190<<20), 6
	if testing.Short() {
		each, n = 64<<20, 2
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	small := webtest.New(t, Routes(rand.Reader)...)
	low, _, _ := peaked(t, small)
	large := webtest.New(t, Routes(rand.Reader)...)
	loads(t, large, n, each)
	high, took, came := peaked(t, large)
	all := int64(n) * each
	t.Logf("TRUST %s: %s", "takeaway", fmt.Sprintf("%d resources, %d files, %d MB in %.1f s (%.0f MB/s), heap +%d MB (+%d MB without attachments)", entries(t, large), n+1, all>>20, took.Seconds(), float64(all>>20)/took.Seconds(), high>>20, low>>20))
	if came < all {
		t.Errorf("%d bytes came of %d", came, all)
	}
	if most := low + 24<<20; high > most {
		t.Errorf("the heap rose by %d MB, and by %d MB for nearly nothing", high>>20, low>>20)
	}
	for _, dir := range []string{tmp, large.Dir} {
		do(t, filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasPrefix(p, large.Dir) && dir == tmp || strings.HasPrefix(p, small.Dir) {
				return err
			}
			b, err := os.ReadFile(p)
			if bytes.Contains(b, []byte(canary)) {
				t.Errorf("%s holds what was attached, and anybody can read it", p)
			}
			if dir == tmp {
				t.Errorf("%s was left behind", p)
			}
			return err
		}))
	}
}
