package messages

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/fhir"
	"rapport/fhir/thread"
	"rapport/lang"
	"rapport/record"
	"rapport/web/webtest"
)

type house struct {
	*webtest.House
	t testing.TB
}

func newHouse(t testing.TB) house {
	t.Helper()
	h := house{webtest.New(t, Routes()...), t}
	return h
}

// opened opens Ada's chart for somebody.
func (h house) opened(who string, why record.Purpose) *record.Chart {
	h.t.Helper()
	c, err := h.Vault.Open(h.t.Context(), h.As(who).Actor(), why, h.Ada, record.Person|record.Messages, record.Messages)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h house) at(path string) string { return "/me/" + string(h.Ada) + "/messages" + path }

// begun has Ada begin a thread by the pages, and returns its id.
func (h house) begun(form url.Values, files map[string][]byte) string {
	h.t.Helper()
	p := h.As("ada").UploadWith(h.at("/new/care?wait=yes"), form, files).Is(303)
	h.Now.Add(time.Second)
	return strings.TrimPrefix(p.Header.Get("Location"), h.at("/"))
}

func typed(text, key string) url.Values { return url.Values{"text": {text}, "key": {key}} }

func (h house) said(id string) []thread.Said {
	h.t.Helper()
	_, said, err := h.opened("ada", record.Messaging).Thread(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return said
}

func TestAClientWritesAndIsAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.As("ada")
	ada.Get(h.at("")).Is(200).Says("New")
	p := ada.Get(h.at("/new")).Is(200).Has(".choices", "How I am, or my plan", "A letter or a form", "You hear by")
	if n := p.Count(".choice"); n != len(record.DefaultTopics()) {
		t.Errorf("%d topics", n)
	}
	// whether it can wait comes before where to write
	ada.Get(h.at("/new/care")).Is(200).Says("Could this be an emergency?").Has(".numbers", "112").HasNot("textarea")
	ada.Get(h.at("/new/care?wait=no")).Is(200).Has(".numbers a[href='tel:112']", "112").HasNot("textarea")
	// and by when they hear stands above what they write
	p = ada.Get(h.at("/new/care?wait=yes")).Is(200).Has(".hear", "You hear from us by")
	if strings.Index(p.Body, `class="lede hear"`) > strings.Index(p.Body, "<textarea") {
		t.Error("the time stands after what is written")
	}
	form := p.Form("form[data-composer]", "text", "My knee is puffy.\n\nIs that normal?", "title", "Knee recovery", "who", "team")
	to := ada.Post(h.at("/new/care?wait=yes"), form).Is(303).Header.Get("Location")
	if again := ada.Post(h.at("/new/care?wait=yes"), form).Is(303).Header.Get("Location"); again != to {
		t.Errorf("sent twice it is %s and %s", to, again)
	}
	h.Now.Add(time.Minute)
	p = ada.Get(to).Is(200).Has("h1", "Knee recovery").Has("#state", "Received. You hear by").Has(".bub", "Is that normal?")
	if p.Count(".bub") != 1 || p.Count(".bub p") != 2 {
		t.Errorf("%d bubbles with %d paragraphs", p.Count(".bub"), p.Count(".bub p"))
	}
	id := strings.TrimPrefix(to, h.at("/"))
	nurse := h.opened("nurse", record.Care)
	if err := nurse.MarkRead(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	ada.Get(to).Has(".m-meta", "Read by").Has("#about", "Read")
	if _, err := nurse.Say(t.Context(), record.Message{Thread: id, Key: "n", Text: "In week three it is.", Wait: true}); err != nil {
		t.Fatal(err)
	}
	h.Now.Add(time.Minute)
	ada.Get(h.at("")).Has(".thr-new", "In week three", "Waiting for you")
	ada.Get(to).Has("#state", "Waiting for you")
	ada.Get(h.at("")).HasNot(".thr-new")
	ada.Post(to, typed("Thank you", "k2")).Is(303)
	ada.Get(to).Has("#state", "With")
	h.Now.Add(time.Minute)
	if _, err := nurse.Say(t.Context(), record.Message{Thread: id, Key: "n2", Text: "Any time."}); err != nil {
		t.Fatal(err)
	}
	ada.Get(to).Has("#state", "Answered").Has(".choices, .composer", "")
	ada.Get(h.at("/new")).Has("h2", "").Says("Nurse") // who answered last can be written to
	ada.Get(h.at("/new/none?wait=yes")).Is(404)
	ada.Get(h.at("/cffff")).Is(404)
	h.As("bob").Get(to).Is(404)
	h.As("bob").Post(to, typed("x", "y")).Is(404)
	h.As("nurse").Get(to).Is(404) // staff have pages of their own
}

func TestAHelperIsStampedAndASealedThreadIsNotThereForThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.begun(typed("hello", "a"), map[string][]byte{"file": wav()})
	form := typed("for the doctor alone", "b")
	form.Set("who", "named")
	form.Set("reader", "physician")
	form.Set("title", "Quince")
	sealed := h.begun(form, map[string][]byte{"file": photo(t)})
	if sealed == id {
		t.Fatal("no second thread")
	}
	bob := h.Helper("hana", h.Ada, record.Messages, record.Messages)
	p := bob.Get(h.at("")).Is(200).SaysNot("Quince", "for the doctor")
	if p.Count(".thr") != 1 {
		t.Errorf("a helper sees %d threads", p.Count(".thr"))
	}
	bob.Get(h.at("/" + sealed)).Is(404)
	bob.Post(h.at("/"+sealed), typed("x", "y")).Is(404)
	blob := h.said(sealed)[0].Pieces[0].Blob
	h.As("ada").Get(h.at("/" + sealed + "/file/" + blob)).Is(200)
	bob.Get(h.at("/" + sealed + "/file/" + blob)).Is(404)
	bob.Get(h.at("/" + id + "/file/" + blob)).Is(404) // by way of a thread that is open to them
	bob.Post(h.at("/"+id), typed("She asks what to bring.", "h")).Is(303)
	h.As("ada").Get(h.at("/"+id)).Has("#log", "for Ada Nwosu")
	said := h.said(id)
	if last := said[len(said)-1]; last.From.For == "" || last.From.Name == "" {
		t.Errorf("a helper's message is from %+v", last.From)
	}
	// the client sees who may read it, and nothing of it on the list
	ada := h.As("ada")
	ada.Get(h.at("")).SaysNot("for the doctor alone").Has(".threads", "Quince")
	p = ada.Get(h.at("/"+sealed)).Has("#about", "Only")
	if p.Count("#about .people li") != 1 {
		t.Errorf("%d may read it", p.Count("#about .people li"))
	}
	form.Del("reader")
	form.Set("key", "c")
	ada.Post(h.at("/new/care?wait=yes"), form).Is(422).Has(".who-named .problem", "")
	// a helper who may read and not write
	watcher := h.Helper("noor", h.Ada, record.Messages, 0)
	watcher.Get(h.at("/" + id)).Is(404)
}

// photo is a JPEG that carries where it was taken, and a script behind its end.
func photo(t testing.TB) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 240))
	dice := rand.New(rand.NewPCG(1, 2)) // noise, which no coder makes small
	for i := range m.Pix {
		m.Pix[i] = byte(dice.Uint32())
	}
	m.Set(3, 3, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00*GPSLatitude 51.5074 secret-street"
	seg := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))...)
	seg = append(seg, exif...)
	out := append([]byte{}, b.Bytes()[:2]...)
	out = append(out, seg...)
	out = append(out, b.Bytes()[2:]...)
	return append(out, "<script>alert('secret-street')</script>"...)
}

func TestAPhotoIsCoveredAndLosesWhereItWasTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sent := photo(t)
	id := h.begun(typed("look", "a"), map[string][]byte{"file": sent})
	ada := h.As("ada")
	p := ada.Get(h.at("/" + id)).Is(200)
	src, href := p.Attr(".photo img", "src"), p.Attr(".photo a", "href")
	if src == href || !strings.HasSuffix(src, "/cover") {
		t.Fatalf("what is shown is %s, what is behind it %s", src, href)
	}
	full, cover := ada.Get(href).Is(200), ada.Get(src).Is(200)
	if len(cover.Body) > 3000 || len(full.Body) < 2*len(cover.Body) {
		t.Errorf("a cover of %d bytes before %d", len(cover.Body), len(full.Body))
	}
	for _, x := range []*webtest.Page{full, cover} {
		if strings.Contains(x.Body, "secret-street") || strings.Contains(x.Body, "Exif") || strings.Contains(x.Body, "GPS") {
			t.Error("where it was taken came along")
		}
		if x.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(x.Header.Get("Content-Security-Policy"), "sandbox") || x.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", x.Header)
		}
		if !strings.HasPrefix(x.Header.Get("Content-Type"), "image/") {
			t.Errorf("served as %s", x.Header.Get("Content-Type"))
		}
	}
	if _, _, err := image.Decode(strings.NewReader(full.Body)); err != nil {
		t.Errorf("it is no picture any more: %v", err)
	}
	h.As("bob").Get(href).Is(404)
	blob := href[strings.LastIndex(href, "/")+1:]
	bobs := "/me/" + string(h.Bob) + "/messages"
	p = h.As("bob").UploadWith(bobs+"/new/care?wait=yes", typed("mine", "z"), nil).Is(303)
	h.As("bob").Get(p.Header.Get("Location") + "/file/" + blob).Is(404)
	// nothing of it lies readable on the disk
	err := filepath.WalkDir(h.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte("secret-street")) || bytes.Contains(b, []byte(full.Body)) {
			t.Errorf("%s holds the photo", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// wav is a second of silence.
func wav() []byte {
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00@\x1f\x00\x00\x80>\x00\x00\x02\x00\x10\x00data")
	b = binary.LittleEndian.AppendUint32(b, 16000)
	b = append(b, make([]byte, 16000)...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

func TestAVoiceIsPlayedFromAnywhereAndItsWordsAreRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	form := typed("", "a")
	form.Set("caption", "The cough is worse. <b>At night</b> --> it rattles.")
	id := h.begun(form, map[string][]byte{"file": wav()})
	ada := h.As("ada")
	p := ada.Get(h.at("/"+id)).Has(".vid details", "The cough is worse.").HasNot(".vid b")
	src := p.Attr(".vid audio", "src")
	full := ada.Get(src).Is(200)
	if full.Header.Get("Accept-Ranges") != "bytes" || len(full.Body) < 16000 {
		t.Errorf("%d bytes, %v", len(full.Body), full.Header)
	}
	words := ada.Get(src + "/words").Is(200)
	if !strings.HasPrefix(words.Body, "WEBVTT\n") || strings.Contains(words.Body, "<b>") || strings.Count(words.Body, "-->") != strings.Count(words.Body, "\n\n") {
		t.Errorf("%q, %q", words.Header.Get("Content-Type"), words.Body)
	}
}

func TestWhatMustNotComeInIsRefusedInWordsAndNothingOfItStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.As("ada")
	png := func(w, hgt uint32) []byte { // says it is huge
		b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
		body := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), hgt)
		body = append(body, 8, 6, 0, 0, 0)
		b = append(b[:12], body...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
	}
	for name, file := range map[string][]byte{
		"nothing":      {},
		"a drawing":    []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"a page":       []byte("<!doctype html><script>alert(1)</script>"),
		"a gif page":   []byte("GIF89a/*<script>alert(1)</script>*/"),
		"a pixel bomb": png(60000, 60000),
		"an archive":   append([]byte("PK\x03\x04"), make([]byte, 400)...),
		"cut":          photo(t)[:200],
		"a paper zip":  append([]byte("%PDF-1.4\n%%EOF"), []byte("PK\x05\x06\x00\x00")...),
		"text":         []byte("just words"),
	} {
		p := ada.UploadWith(h.at("/new/care?wait=yes"), typed("with "+name, name), map[string][]byte{"file": file})
		p.Is(422).Has(".problem", "").Has("textarea", "with "+name)
	}
	long := strings.Repeat("á", 100_000)
	ada.UploadWith(h.at("/new/care?wait=yes"), typed(long, "long"), nil).Is(422).Has(".problem", "")
	ada.UploadWith(h.at("/new/care?wait=yes"), typed("\u200b\u2066 \ufeff", "blank"), nil).Is(422)
	all, err := h.opened("ada", record.Messaging).Threads(t.Context())
	if err != nil || len(all) != 0 {
		t.Errorf("%d threads begun by what was refused: %v", len(all), err)
	}
	id := h.begun(typed("turn \u202earound\u202c\u0000 and zero\u200bwidth", "turn"), nil)
	if got := h.said(id)[0].Text; strings.ContainsAny(got, "\u202e\u202c\u200b\x00") || !strings.HasPrefix(got, "turn around") {
		t.Errorf("%q", got)
	}
	p := ada.UploadWith(h.at("/"+id), typed("<img src=x onerror=alert(1)>", "html"), nil).Is(303)
	to, _, _ := strings.Cut(p.Header.Get("Location"), "#")
	ada.Get(to).HasNot(".bub img").Says("<img src=x")
}

func TestWhatIsNotSentIsKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.As("ada")
	ada.Post(h.at("/draft/new"), url.Values{"text": {"not yet sent"}}).Is(200)
	h.As("ada").Get(h.at("/new/care?wait=yes")).Has("textarea", "not yet sent") // on another device
	bob := h.Helper("hana", h.Ada, record.Messages, record.Messages)
	bob.Get(h.at("/new/care?wait=yes")).SaysNot("not yet sent")
	h.begun(typed("not yet sent", "a"), nil)
	ada.Get(h.at("/new/care?wait=yes")).SaysNot("not yet sent")
}

func TestAnOpenPageChangesInPieces(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.begun(typed("hello", "a"), nil)
	ada := h.As("ada")
	ada.Fragment = true
	p := ada.Get(h.at("/" + id)).Is(200)
	for _, at := range []string{"#threads", "#state", "#log", "#about"} {
		if p.Count(at) != 1 {
			t.Errorf("%s comes %d times", at, p.Count(at))
		}
	}
	p.HasNot("form", "textarea", "main")
}

func TestAnotherClientsDraftsAndThreadsInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.begun(typed("hello", "a"), map[string][]byte{"file": photo(t)})
	ada := h.As("ada")
	for _, l := range lang.All() {
		ada.Language = l.String()
		for _, at := range []string{"", "/new", "/new/care", "/new/care?wait=no", "/new/care?wait=yes", "/" + id} {
			ada.Get(h.at(at)).Is(200).SaysNot("%!", "{name}", "{when}")
		}
	}
	var c fhir.ClientID = h.Bob
	h.As("ada").Get("/me/" + string(c) + "/messages").Is(404)
}
