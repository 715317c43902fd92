package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/record"
)

// records records something in the page's window, with words, and has it go along.
func (b *tab) records(kind, words string) {
	b.t.Helper()
	var was int
	b.eval(`document.querySelectorAll("[data-attached] li").length`, &was)
	b.until("the "+kind+" is not offered", `!document.querySelector("[data-record=`+kind+`]").hidden`)
	b.script(`document.querySelector("[data-record=` + kind + `]").click()`)
	b.until("nothing can be recorded", `!document.querySelector("[data-rec-start]").hidden`)
	b.script(`document.querySelector("[data-rec-start]").click()`)
	b.until("nothing is recorded", `document.querySelector("[data-rec-time]").textContent >= "0:02"`)
	b.script(`document.querySelector("[data-rec-stop]").click()`)
	b.until("what was recorded cannot be used", `!document.querySelector("[data-rec-use]").hidden`)
	b.script(fmt.Sprintf(`document.querySelector("[data-rec-caption]").value = %q; document.querySelector("[data-rec-use]").click()`, words))
	b.until("it is not added", fmt.Sprintf(`document.querySelectorAll("[data-attached] li").length === %d && !document.querySelector("[data-recorder]").open`, was+1))
}

// attach has a file go along.
func (b *tab) attach(body []byte, name string) {
	b.t.Helper()
	at := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(at, body, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles("input[data-attach]", []string{at}))
}

// sends presses what sends.
func (b *tab) sends() {
	b.t.Helper()
	b.until("the page still sends", `!document.querySelector("form[data-composer] [aria-busy]")`)
	b.script(`document.querySelector("form[data-composer]").requestSubmit()`)
}

// types writes in the page's field.
func (b *tab) types(text string) { b.t.Helper(); b.do(chromedp.SendKeys("#text", text)) }

// settled waits until nobody sends what waits any more.
func (b *tab) settled() {
	b.t.Helper()
	b.until("what waits is sent for ever", `navigator.locks.request("rapport-outbox", () => true)`)
}

// blank leaves the page, so that nothing on it hears that there is a connection again.
func (b *tab) blank() {
	b.t.Helper()
	b.do(chromedp.Navigate("about:blank"))
	b.until("the page stays", `location.href === "about:blank"`)
}

// waits is how many messages wait on this device, whoever wrote them.
func (b *tab) waits() (n int) {
	b.t.Helper()
	b.eval(`new Promise((ok, no) => { const r = indexedDB.open("rapport-outbox", 1); r.onerror = no; r.onupgradeneeded = () => r.result.createObjectStore("out", { autoIncrement: true });
		r.onsuccess = () => { const q = r.result.transaction("out").objectStore("out").count(); q.onsuccess = () => { r.result.close(); ok(q.result) } } })`, &n)
	return n
}

func snapshot(t testing.TB) []byte {
	t.Helper()
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, image.NewRGBA(image.Rect(0, 0, 640, 480)), nil); err != nil {
		t.Fatal(err)
	}
	return jpg.Bytes()
}

// says is how often something was said in a thread.
func (s *street) says(t *testing.T, id, text string) (n int) {
	t.Helper()
	for _, x := range s.saidIn(t, id) {
		if x.Text == text {
			n++
		}
	}
	return n
}

// amara is the first made-up client, where her pages are, and a thread she began.
func (s *street) amara(t *testing.T) (me, id string) {
	t.Helper()
	c, _, err := s.made.opened(context.Background(), s.made.world.Clients[0].ID, record.Messaging, record.Person|record.Messages)
	if err != nil {
		t.Fatal(err)
	}
	id, err = c.Say(context.Background(), record.Message{Key: t.Name(), Topic: "care", Title: "A walk", Text: "begun"})
	if err != nil {
		t.Fatal(err)
	}
	return s.url + "/me/" + string(c.Client()), id
}

// TestWhatIsRecordedPlays has a client record a film and their voice, and play them while
// the practice answers.
func TestWhatIsRecordedPlays(t *testing.T) {
	s := openStreet(t)
	me, id := s.amara(t)
	b := talking(t, s, "client")
	var mu sync.Mutex
	parts := map[string]int{} // what players asked for, by what of it
	s.see(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/file/") && r.Header.Get("Range") != "" {
			mu.Lock()
			parts[r.Header.Get("Range")]++
			mu.Unlock()
		}
		return false
	})
	b.open(me + "/messages/" + id)
	b.records("video", "My knee. It clicks <b>here</b>.")
	b.records("voice", "And it hurts at night.")
	b.attach(snapshot(t), "knee.jpg")
	b.until("the photo is not added", `document.querySelectorAll("[data-attached] li").length === 3`)
	b.sends()
	b.until("it is not sent", `document.querySelector(".vid video") && document.querySelector(".vid audio") && document.querySelector(".photo")`)
	b.until("what went still goes along", `!document.querySelector("[data-attached] li")`)
	for _, x := range []string{"video", "audio"} {
		b.script(`window.el = document.querySelector(".vid ` + x + `"); el.muted = true; el.play()`)
		b.until("the "+x+" does not play", `el.readyState >= 2 && el.currentTime > 0.1`)
		b.script(`el.pause()`)
		// a recorder writes no length down: a player knows it when it has read to the end
		b.until("nobody knows how long the "+x+" lasts", `Number.isFinite(el.duration)`)
		var long float64
		b.eval(`el.duration`, &long)
		if long < 1 || long > 8 {
			t.Errorf("the %s says it lasts %v s", x, long)
		}
		b.script(`el.currentTime = 1`)
		b.until("the "+x+" cannot be played from its middle", `!el.seeking && Math.abs(el.currentTime - 1) < 0.2 && el.readyState >= 2 && !el.error`)
	}
	mu.Lock()
	if len(parts) == 0 {
		t.Error("no player asked for a part")
	}
	mu.Unlock()
	// its words are there for who cannot hear it, as words
	b.script(`window.el = document.querySelector(".vid video"); el.textTracks[0].mode = "showing"`)
	b.until("the film has no captions", `el.textTracks[0].cues?.length > 0 && [...el.textTracks[0].cues].map((c) => c.text).join(" ").includes("It clicks")`)
	var words []string
	b.eval(`[...document.querySelectorAll(".vid details p")].map((p) => p.textContent)`, &words)
	if strings.Join(words, "|") != "My knee. It clicks <b>here</b>.|And it hurts at night." {
		t.Errorf("the words are %q", words)
	}

	// a photo nobody sees before they tap, and that stays while there are news
	b.until("the cover is not shown", `document.querySelector(".photo img").naturalWidth > 0`)
	var cover struct {
		Src string
		W   int
	}
	b.eval(`({ Src: document.querySelector(".photo img").src, W: document.querySelector(".photo img").naturalWidth })`, &cover)
	if !strings.HasSuffix(cover.Src, "/cover") || cover.W > 24 {
		t.Errorf("before a tap %s is shown, %d wide", cover.Src, cover.W)
	}
	b.do(chromedp.Click(".photo a"))
	b.until("a tap does not show it", `document.querySelector(".photo.shown img").naturalWidth === 640 && document.activeElement === document.querySelector(".photo img")`)
	b.script(`window.el = document.querySelector(".vid video"); el.loop = true; el.play()`)
	b.until("the film does not play again", `!el.paused`)
	s.answered(t, id, "Rest it for now.")
	b.until("the answer does not appear", `[...document.querySelectorAll(".bub")].some((x) => x.textContent.includes("Rest it"))`)
	var kept struct{ Photo, Same, Plays bool }
	b.eval(`({ Photo: !!document.querySelector(".photo.shown"), Same: el.isConnected && document.querySelector(".vid video") === el, Plays: !el.paused })`, &kept)
	if !kept.Photo || !kept.Same || !kept.Plays {
		t.Errorf("after news: %+v", kept)
	}
	b.quiet()
}

// see has a test look at what is asked, and answer it if it likes.
func (s *street) see(f func(http.ResponseWriter, *http.Request) bool) { s.gate.Store(&f) }

// answered has the nurse answer.
func (s *street) answered(t *testing.T, id, text string) {
	t.Helper()
	c, err := s.h.vault.Open(context.Background(), s.staffActor(t, "nurse"), record.Care, s.made.charts[s.made.world.Clients[0].ID], record.Person|record.Messages)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Say(context.Background(), record.Message{Thread: id, Key: text, Text: text}); err != nil {
		t.Fatal(err)
	}
}

// isSaying reports that something is being said.
func isSaying(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/messages/") && !strings.Contains(r.URL.Path, "/draft/")
}

// networkNoise is what the console says of a network that was taken away.
var networkNoise = []string{"Clear-Site-Data", "ERR_INTERNET_DISCONNECTED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION", "ERR_SOCKET", "ERR_NETWORK", "icon from the Manifest"}

// TestAMessageWaitsForAConnection writes without one, loses the practice's answer, and
// lends the device.
func TestAMessageWaitsForAConnection(t *testing.T) {
	s := openStreet(t)
	me, id := s.amara(t)
	c := talking(t, s, "client")
	at := me + "/messages/" + id
	c.open(at)

	c.offline(true)
	c.types("From the tunnel")
	c.attach(snapshot(t), "tunnel.jpg")
	c.sends()
	c.until("the page does not say that it waits", `!document.querySelector("[data-waiting]").hidden && !document.querySelector("#text").value`)
	if n := s.says(t, id, "From the tunnel"); n != 0 {
		t.Fatalf("it is not cut off: said %d times", n)
	}
	// somebody else signs in on this device. A page that is being left may still hear that
	// there is a connection, and send: nothing arrives until it is gone
	var came atomic.Int32
	var cut atomic.Bool
	cut.Store(true)
	s.see(func(_ http.ResponseWriter, r *http.Request) bool {
		if isSaying(r) && cut.Load() {
			panic(http.ErrAbortHandler)
		}
		if isSaying(r) {
			came.Add(1)
		}
		return false
	})
	c.blank()
	c.offline(false)
	other := account.Subject{Kind: account.Client, ID: string(s.made.charts[s.made.world.Clients[1].ID])}
	c.signIn(must(s.h.link(t.Context(), other, account.Demo)))
	cut.Store(false)
	c.open(s.url + "/me/" + other.ID + "/messages/new/care?wait=yes")
	c.settled()
	var seen struct {
		Waiting, Refused bool
		Text             string
	}
	c.eval(`({ Waiting: !document.querySelector("[data-waiting]").hidden, Refused: !document.querySelector("[data-refused]").hidden, Text: document.querySelector("#text").value })`, &seen)
	if seen.Waiting || seen.Refused || seen.Text != "" {
		t.Errorf("somebody else sees %+v", seen)
	}
	if n := s.says(t, id, "From the tunnel"); n != 0 || came.Load() != 0 || c.waits() != 1 {
		t.Errorf("with somebody else at the device it is sent %d times and said %d times, and %d wait", came.Load(), n, c.waits())
	}
	// and who wrote it comes back
	c.signIn(s.link(t, "client"))
	c.open(at)
	c.until("it does not go by itself", `[...document.querySelectorAll(".bub")].some((b) => b.textContent.includes("From the tunnel")) && document.querySelector(".photo")`)
	c.settled()
	if n := s.says(t, id, "From the tunnel"); n != 1 || c.waits() != 0 {
		t.Errorf("said %d times, %d wait", n, c.waits())
	}

	// the practice takes it, and its answer is lost
	came.Store(0)
	cut.Store(true) // a browser asks again by itself, so it is not a number of times
	s.see(func(_ http.ResponseWriter, r *http.Request) bool {
		if !isSaying(r) {
			return false
		}
		came.Add(1)
		if !cut.Load() {
			return false
		}
		s.h.web.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	c.types("Once is enough")
	c.sends()
	c.until("the page does not say that it waits", `!document.querySelector("[data-waiting]").hidden`)
	if n := s.says(t, id, "Once is enough"); n != 1 {
		t.Errorf("the practice did not take it: %d", n)
	}
	cut.Store(false)
	c.script(`dispatchEvent(new Event("online"))`)
	c.until("it waits for ever", `document.querySelector("[data-waiting]").hidden`)
	if n := s.says(t, id, "Once is enough"); n != 1 || came.Load() < 2 || c.waits() != 0 {
		t.Errorf("sent %d times, said %d times, %d wait", came.Load(), n, c.waits())
	}

	s.forgets(t, c, at, id)
	c.quiet(networkNoise...)
}

// forgets has somebody sign out while a message waits: it is not sent, whoever comes in.
func (s *street) forgets(t *testing.T, c *tab, at, id string) {
	t.Helper()
	s.see(func(_ http.ResponseWriter, r *http.Request) bool {
		if isSaying(r) {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	c.types("Forget this")
	c.sends()
	c.until("the page does not say that it waits", `!document.querySelector("[data-waiting]").hidden`)
	if n := c.waits(); n != 1 {
		t.Errorf("%d wait", n)
	}
	c.script(`document.querySelector('form[action="/out"] button').click()`)
	c.until("it is not signed out", `location.pathname === "/in"`)
	c.until("something is left on the device", `(async () => (await caches.keys()).length === 0 && !(await indexedDB.databases()).some((d) => d.name === "rapport-outbox"))()`)
	s.see(func(http.ResponseWriter, *http.Request) bool { return false })
	c.signIn(s.link(t, "client"))
	c.open(at)
	c.settled()
	if n := s.says(t, id, "Forget this"); n != 0 {
		t.Errorf("what was forgotten is said %d times", n)
	}
}

// TestWhatIsNotTakenIsNotLost has the practice refuse: a file, more than it takes, a
// session that has ended, and a topic that was closed while the phone was away.
func TestWhatIsNotTakenIsNotLost(t *testing.T) {
	s := openStreet(t)
	me, id := s.amara(t)
	c := talking(t, s, "client")
	at := me + "/messages/" + id
	c.open(at)
	was := len(s.saidIn(t, id))

	// a file that is not what it seems
	c.types("Look at this")
	c.attach([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "scan.png")
	c.sends()
	c.until("it is not told why", `document.querySelector("[data-problem]").textContent.includes("We cannot send this kind of file") && !document.querySelector("[data-problem]").hidden`)
	c.until("what was written is gone", `document.querySelector("#text").value === "Look at this" && document.querySelectorAll("[data-attached] li").length === 1`)
	if n := len(s.saidIn(t, id)); n != was {
		t.Fatalf("without its file it was said all the same: %d, want %d", n, was)
	}
	// more than goes along is told before anything is sent
	c.script(`const dt = new DataTransfer(); dt.items.add(new File([new Uint8Array(64 << 20)], "film.mp4")); const f = document.querySelector("form[data-composer]"); f.dispatchEvent(new DragEvent("drop", { dataTransfer: dt, bubbles: true, cancelable: true }))`)
	c.until("too much is not told", `document.querySelector("[data-problem]").textContent.includes("too large") && document.querySelectorAll("[data-attached] li").length === 1`)
	c.script(`const dt = new DataTransfer(); for (let i = 0; i < 4; i++) dt.items.add(new File(["x"], "f" + i)); document.querySelector("form[data-composer]").dispatchEvent(new DragEvent("drop", { dataTransfer: dt, bubbles: true, cancelable: true }))`)
	c.until("too many are not told", `document.querySelector("[data-problem]").textContent.includes("At most 4 files") && document.querySelectorAll("[data-attached] li").length === 4`)
	for range 4 {
		c.script(`document.querySelector("[data-attached] button").click()`)
	}
	c.sends()
	c.until("put right, it does not go", `[...document.querySelectorAll(".bub")].some((b) => b.textContent.includes("Look at this")) && document.querySelector("[data-problem]").hidden`)
	if n := s.says(t, id, "Look at this"); n != 1 {
		t.Errorf("said %d times", n)
	}

	// a topic that is closed while the message waits, and a sealed one at that
	c.open(me + "/messages/new/paper?wait=yes")
	c.script(`document.querySelector("[name=who][value=named]").checked = true; document.querySelector("[name=reader]").checked = true`)
	c.offline(true)
	c.types("About my letter")
	c.sends()
	c.until("the page does not say that it waits", `!document.querySelector("[data-waiting]").hidden`)
	s.closes(t, "paper", true)
	c.offline(false)
	c.until("it does not come back", `document.querySelector("#text").value === "About my letter" && document.querySelector("[data-problem]").textContent.includes("could not be sent")`)
	var sealed bool
	c.eval(`document.querySelector("[name=who][value=named]").checked && document.querySelectorAll("[name=reader]:checked").length === 1`, &sealed)
	if !sealed || c.waits() != 0 {
		t.Errorf("it comes back sealed: %t; %d wait", sealed, c.waits())
	}
	s.closes(t, "paper", false)
	before := s.sealed(t)
	c.sends()
	c.until("open again, it does not go", `location.pathname.includes("/messages/c")`)
	if n := s.sealed(t); n != before+1 {
		t.Errorf("%d sealed threads, want %d", n, before+1)
	}

	// a session that ends while somebody writes
	c.open(at)
	if _, err := chromedp.Run(c.ctx, chromedp.Evaluate[bool](`fetch("/out", { method: "POST" }).then(() => true)`, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatal(err)
	}
	c.types("Still here")
	c.sends()
	c.until("it does not wait for who wrote it", `!document.querySelector("[data-waiting]").hidden`)
	c.signIn(s.link(t, "client"))
	c.open(at)
	c.until("it does not go after signing in", `[...document.querySelectorAll(".bub")].some((b) => b.textContent.includes("Still here"))`)
	c.settled()
	if n := s.says(t, id, "Still here"); n != 1 || c.waits() != 0 {
		t.Errorf("said %d times, %d wait", n, c.waits())
	}
	c.quiet(append(networkNoise, "status of 422", "status of 404", "status of 401")...)
}

// sealed is how many threads of the first client are sealed.
func (s *street) sealed(t *testing.T) (n int) {
	t.Helper()
	for _, k := range s.threads(t) {
		if len(k.Named) > 0 {
			n++
		}
	}
	return n
}

// closes has the manager close a topic, or open it again.
func (s *street) closes(t *testing.T, topic string, is bool) {
	t.Helper()
	p, err := s.h.vault.OpenPractice(context.Background(), s.staffActor(t, "manager"), record.Running)
	if err != nil {
		t.Fatal(err)
	}
	ts := p.Topics()
	for i := range ts {
		if ts[i].ID == topic {
			ts[i].Off = is
		}
	}
	if err := p.SetTopics(context.Background(), ts); err != nil {
		t.Fatal(err)
	}
}

// TestADraftIsOnTheNextDevice types on one device and goes on with on another, and a
// draft that was sent from the outbox is not left to be sent again.
func TestADraftIsOnTheNextDevice(t *testing.T) {
	s := openStreet(t)
	me, id := s.amara(t)
	at := me + "/messages/" + id
	one := talking(t, s, "client")
	kept := make(chan struct{}, 9)
	s.see(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/draft/") {
			return false
		}
		s.h.web.ServeHTTP(w, r)
		kept <- struct{}{}
		return true
	})
	one.open(at)
	one.types("Half a thought")
	<-kept
	two := talking(t, s, "client")
	two.open(at)
	two.until("the draft is not on the other device", `document.querySelector("#text").value === "Half a thought"`)
	// the connection goes, the draft is sent, the page is opened again
	one.offline(true)
	one.sends()
	one.until("the page does not say that it waits", `!document.querySelector("[data-waiting]").hidden`)
	one.blank()
	one.offline(false)
	one.open(at)
	one.until("it does not go", `[...document.querySelectorAll(".bub")].some((b) => b.textContent.includes("Half a thought"))`)
	one.settled()
	one.until("what was sent stands there to be sent again", `document.querySelector("#text").value === ""`)
	two.open(at)
	two.until("the draft outlives its message", `document.querySelector("#text").value === ""`)
	if n := s.says(t, id, "Half a thought"); n != 1 {
		t.Errorf("said %d times", n)
	}
	two.quiet()
	one.quiet(networkNoise...)
}

// TestTheTalkPagesAreForEverybody looks at every kind of page of messages with everything
// on it that makes pages wide.
func TestTheTalkPagesAreForEverybody(t *testing.T) {
	s := openStreet(t)
	me, id := s.amara(t)
	c, _, err := s.made.opened(context.Background(), s.made.world.Clients[0].ID, record.Messaging, record.Person|record.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{strings.Repeat("unbreakable", 90), "https://example.org/" + strings.Repeat("a-b", 90), "\u05d0\u05d1\u05d2 right to left\n\n<b>bold</b>", strings.Repeat("🧑‍🦽", 60)} {
		if _, err := c.Say(context.Background(), record.Message{Thread: id, Key: text, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Say(context.Background(), record.Message{Key: "wide", Topic: "care", Title: strings.Repeat("W", 80), Text: strings.Repeat("w", 300)}); err != nil {
		t.Fatal(err)
	}
	s.answered(t, id, strings.Repeat("n", 400))
	b := browse(t, s)
	b.view(390, "light")
	b.signIn(s.link(t, "client"))
	source := axe(t)
	for _, at := range []string{"", "/new", "/new/care", "/new/care?wait=no", "/new/care?wait=yes", "/" + id} {
		b.open(me + "/messages" + at)
		b.look(source, "", "talk")
		b.view(320, "light")
		var cut []string // to the other side a page cannot be moved
		b.eval(`[...document.querySelectorAll(".bub, .thr, .choice, .m-meta")].filter((e) => e.getBoundingClientRect().left < 0).map((e) => e.textContent.slice(0, 20))`, &cut)
		if len(cut) > 0 {
			b.complain("cut off: %q", cut)
		}
	}
	b.quiet()
}
