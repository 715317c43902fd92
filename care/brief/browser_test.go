package brief_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/web/webtest"
)

// screen is a browser window in which Dr Lena Ortiz is signed in.
type screen struct {
	t     *testing.T
	ctx   context.Context
	url   string
	rules string
}

// opened opens a window on a house, and the address of a brief with something of
// everything.
func opened(t *testing.T) (*screen, *house, string) {
	t.Helper()
	ctx := webtest.Window(t, 120*time.Second, chromedp.IgnoreCertErrors)
	h := newHouse(t)
	h.tell(gad7, true, says{"gad-1": "LA6568-5"})
	h.tell(visit1, true, says{"reason-words": "My breath.", "sleep-hours": 7, "move-days": 3, "move-minutes": 30, "helped-words": "Rest"})
	h.later(40 * 24 * time.Hour)
	at := h.tell(visit1, true, full())
	link, err := h.Doors.Invite(t.Context(), h.Subject("physician"), account.Demo)
	if err != nil {
		t.Fatal(err)
	}
	in, err := h.Doors.Enter(t.Context(), link, account.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewTLSServer(h.Web)
	t.Cleanup(srv.Close)
	if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: "__Host-session", Value: in.Token, URL: srv.URL, Secure: new(true), Path: "/"}); err != nil {
		t.Fatal(err)
	}
	return &screen{t, ctx, srv.URL, axe(t)}, h, at
}

// look opens a page at a size and holds it to what every page is held to; it takes a
// picture where RAPPORT_PICTURES says where to.
func (s *screen) look(name, to string, width, height int64) {
	s.t.Helper()
	if _, err := chromedp.Call(s.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500}); err != nil {
		s.t.Fatal(err)
	}
	if err := chromedp.Do(s.ctx, chromedp.Navigate(s.url+to)); err != nil {
		s.t.Fatal(err)
	}
	wide, err := chromedp.Run(s.ctx, chromedp.Evaluate[float64](`document.documentElement.scrollWidth`))
	if err != nil || wide > float64(width) {
		s.t.Errorf("%s is %v wide on a screen of %d, %v", name, wide, width, err)
	}
	var found []string
	got, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](s.rules+"\n;"+barriers, chromedp.EvalAwaitPromise))
	if err == nil {
		err = json.Unmarshal([]byte(got), &found)
	}
	if err != nil || len(found) > 0 {
		s.t.Errorf("%s at %d: %v, %v", name, width, found, err)
	}
	if os.Getenv("RAPPORT_PICTURES") != "" {
		png, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			s.t.Fatal(err)
		}
		s.file(name+".png", png)
	}
}

func (s *screen) file(name string, b []byte) {
	s.t.Helper()
	if dir := os.Getenv("RAPPORT_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestThePagesInABrowserAndOnPaper(t *testing.T) {
	t.Parallel()
	s, h, at := opened(t)
	draft := h.tell(gad7, false, says{"gad-1": "LA6568-5"})
	for _, width := range []int64{320, 390, 1440} {
		size := strconv.FormatInt(width, 10)
		s.look("brief-"+size, at, width, 900)
		s.look("forms-"+size, h.forms(), width, 900)
		s.look("fill-"+size, draft+"/fill", width, 900)
	}
	if err := chromedp.Do(s.ctx, chromedp.Navigate(s.url+at)); err != nil {
		t.Fatal(err)
	}
	pdf, err := chromedp.Call(s.ctx, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
	if err != nil {
		t.Fatal(err)
	}
	s.file("brief.pdf", pdf.Data)
	if n := bytes.Count(pdf.Data, []byte("/Type /Page")) - bytes.Count(pdf.Data, []byte("/Type /Pages")); n != 1 {
		t.Errorf("prints on %d pages, want one", n)
	}
}

// TestTheKeyboardGoesThroughTheFacts moves with J and K, accepts with A, edits with E and
// sets aside with X, in a real browser.
func TestTheKeyboardGoesThroughTheFacts(t *testing.T) {
	t.Parallel()
	s, _, at := opened(t)
	s.look("brief", at, 1440, 900)
	const on = `document.activeElement?.id ?? ""`
	for _, x := range []struct{ key, want string }{{"j", "f0"}, {"j", "f1"}, {"k", "f0"}, {"k", "f0"}, {"x", "f0-why"}, {"Escape", "f0"}, {"e", "f0-text0"}, {"Escape", "f0"}} {
		if got := key(t, s.ctx, x.key, on); got != x.want {
			t.Errorf("%s leads to %q, want %q", x.key, got, x.want)
		}
	}
	key(t, s.ctx, "a", on)
	if err := chromedp.Do(s.ctx, chromedp.WaitVisible(chromedp.CSS("#f0.is-done"))); err != nil {
		t.Fatal(err)
	}
	// the page goes away under the question, so an error only means: ask again
	got := ""
	for range 200 {
		id, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](`new Promise((ok) => setTimeout(() => ok(`+on+`), 25))`, chromedp.EvalAwaitPromise))
		if err == nil && id != "" {
			if got = id; got == "f1" {
				break
			}
		}
	}
	if got != "f1" {
		t.Errorf("after a decision %q has the focus, want the next: f1", got)
	}
}

// barriers says what of WCAG 2.2 AA a page breaks, and what is too small to touch.
const barriers = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] }).then((r) => JSON.stringify(r.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")).concat(
  [...document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary")].filter((e) => { const r = (e.closest("label") || e).getBoundingClientRect(), s = getComputedStyle(e);
  return r.width && s.visibility !== "hidden" && s.opacity !== "0" && !e.closest(".skip") && s.clipPath !== "inset(50%)" && !(s.display === "inline" && e.tagName === "A") && (r.width < 23.5 || r.height < 23.5) }).map((e) => "small: " + e.tagName + "." + e.className))))`

// axe is the source of axe-core, which the browser walk brings along.
func axe(t *testing.T) string {
	t.Helper()
	f, err := os.Open("../../cmd/rapport/testdata/axe.min.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// key presses a key where the focus is and returns what an expression then says.
func key(t *testing.T, ctx context.Context, k, then string) string {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.activeElement.dispatchEvent(new KeyboardEvent("keydown",{key:"`+k+`",bubbles:true,cancelable:true}))`)); err != nil {
		t.Fatal(err)
	}
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](then))
	if err != nil {
		t.Fatal(err)
	}
	return got
}
