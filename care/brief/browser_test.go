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
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/web/webtest"
)

// TestTheKeyboardGoesThroughTheFacts moves with J and K, accepts with A, edits with E and
// sets aside with X, in a real browser.
func TestTheKeyboardGoesThroughTheFacts(t *testing.T) {
	t.Parallel()
	ctx := webtest.Window(t, 90*time.Second, chromedp.IgnoreCertErrors)
	h := newHouse(t)
	h.tell("urn:rapport:form:gad-7", true, says{"gad-1": "LA6568-5"})
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
	rules := axe(t)
	look := func(name, to string, width, height int64) {
		t.Helper()
		if _, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500}); err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Do(ctx, chromedp.Navigate(srv.URL+to)); err != nil {
			t.Fatal(err)
		}
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`document.documentElement.scrollWidth`))
		if err != nil || wide > float64(width) {
			t.Errorf("%s is %v wide on a screen of %d, %v", to, wide, width, err)
		}
		var found []string
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](rules+"\n;"+barriers, chromedp.EvalAwaitPromise))
		if err == nil {
			err = json.Unmarshal([]byte(got), &found)
		}
		if err != nil || len(found) > 0 {
			t.Errorf("%s at %d: %v, %v", name, width, found, err)
		}
		if dir := os.Getenv("RAPPORT_PICTURES"); dir != "" {
			png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	draft := h.tell("urn:rapport:form:gad-7", false, says{"gad-1": "LA6568-5"})
	look("brief-s", at, 320, 844)
	look("brief-m", at, 390, 2400)
	look("forms-m", h.forms(), 390, 844)
	look("forms-d", h.forms(), 1440, 900)
	look("fill-d", draft+"/fill", 1440, 900)
	look("fill-m", draft+"/fill", 390, 844)
	look("brief-tall", at, 1440, 2000)
	look("brief-d", at, 1440, 900)
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	look("brief-print", at, 688, 1001)
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}); err != nil {
		t.Fatal(err)
	}
	look("brief-d", at, 1440, 900)
	pdf, err := chromedp.Call(ctx, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(pdf.Data, []byte("/Type /Page\n")) + bytes.Count(pdf.Data, []byte("/Type /Page/")) + bytes.Count(pdf.Data, []byte("/Type /Page ")); n != 1 {
		t.Errorf("prints on %d pages, want one", n)
	}
	if dir := os.Getenv("RAPPORT_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "brief.pdf"), pdf.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	type press = struct{ key, want string } // what the page then says
	const on = `document.activeElement.id`
	for _, x := range []press{{"j", "f0"}, {"j", "f1"}, {"k", "f0"}, {"k", "f0"}, {"x", "f0-why"}} {
		got := key(t, ctx, x.key, on)
		if got != x.want {
			t.Errorf("%s leads to %q, want %q", x.key, got, x.want)
		}
	}
	if got := key(t, ctx, "Escape", on); got != "f0" {
		t.Errorf("Escape leads to %q, want f0", got)
	}
	if got := key(t, ctx, "e", on); got != "f0-text0" {
		t.Errorf("e leads to %q, want f0-text0", got)
	}
	key(t, ctx, "Escape", on)
	key(t, ctx, "a", on)
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS("#f0.is-done"))); err != nil {
		t.Fatal(err)
	}
	if got, err := chromedp.Run(ctx, chromedp.Evaluate[string](on)); err != nil || got != "f1" {
		t.Errorf("after a decision %q has the focus, want the next: f1; %v", got, err)
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
