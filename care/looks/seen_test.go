package looks

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"rapport/proof"
	"rapport/web/webtest"
)

// barriers says what of WCAG 2.2 AA a page breaks, and what is too wide for it.
const barriers = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] }).then((r) => JSON.stringify(r.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")).concat(
  document.documentElement.scrollWidth > 320 ? ["too wide: " + document.documentElement.scrollWidth] : [])))`

// axe is the source of axe-core, which the browser walk brings along.
func axe(t *testing.T) string {
	t.Helper()
	f, err := os.Open("../../cmd/rapport/testdata/axe.min.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
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

// held looks at the page in the window, narrow and in both schemes; it keeps pictures where
// RAPPORT_PICTURES says.
func held(t *testing.T, ctx context.Context, rules, name string) {
	t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		if err == nil {
			_, err = chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 320, Height: 800, DeviceScaleFactor: 1, Mobile: true})
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](rules+"\n;"+barriers, chromedp.EvalAwaitPromise))
		var found []string
		if err == nil {
			err = json.Unmarshal([]byte(got), &found)
		}
		if err != nil || len(found) > 0 {
			t.Errorf("%s, %s: %v %v", name, scheme, found, err)
		}
		if dir := os.Getenv("RAPPORT_PICTURES"); dir != "" {
			png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name+"-"+scheme+".png"), png, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestTheProofIsForEverybody: what a device says of the book is read on a narrow screen, in
// three languages, in the dark and by a screen reader; the receipt is one sheet of paper.
func TestTheProofIsForEverybody(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	looked(t, h, 3)
	r, rules := newReader(t, h, h.Web), axe(t)
	for _, tongue := range []string{"en", "es", "fr"} {
		if _, err := chromedp.Call(r.ctx, network.SetCookie, network.SetCookieParams{Name: "language", Value: tongue, URL: r.srv.URL, Secure: new(true), Path: "/"}); err != nil {
			t.Fatal(err)
		}
		if got := r.finds(r.me+"/looks", ""); got != "ok" {
			t.Fatal(got)
		}
		held(t, r.ctx, rules, "list-"+tongue)
		if got := r.finds(r.me+"/looks", tamper(`b.lines.at(-1).hashes[0]=b.lines[0].hashes[1]`)); got != "line" {
			t.Fatal(got)
		}
		if on := r.eval(`document.activeElement.closest(".book-alarm")?.querySelector("h1")===document.activeElement?document.documentElement.lang:"the focus is elsewhere"`); on != tongue {
			t.Errorf("the alarm: %s", on)
		}
		held(t, r.ctx, rules, "alarm-"+tongue)
		if got := r.finds(r.me+"/looks", tamper(`b.since.hashes=b.since.hashes.map(()=>btoa("x".repeat(32)));if(!b.since.hashes.length)b.since.hashes=[btoa("x".repeat(32))]`)); got != "changed" {
			t.Fatal(got)
		}
		if err := chromedp.Do(r.ctx, chromedp.Click(chromedp.CSS(".book-alarm summary"))); err != nil {
			t.Fatal(err)
		}
		held(t, r.ctx, rules, "changed-"+tongue)
		const under = `String(document.querySelector("main").closest("[inert]")!==null)+getComputedStyle(document.querySelector(".book-alarm")).position`
		if got := r.eval(under); got != "truefixed" {
			t.Errorf("under the alarm: %s", got)
		}
		if err := chromedp.Do(r.ctx, chromedp.Click(chromedp.CSS(".book-alarm > div > button"))); err != nil {
			t.Fatal(err)
		}
		if got := r.eval(under); got != "falsestatic" {
			t.Errorf("once the alarm was read: %s", got)
		}
		held(t, r.ctx, rules, "read-"+tongue)
		if err := chromedp.Do(r.ctx, chromedp.Navigate(r.srv.URL+r.me+"/looks/receipt")); err != nil {
			t.Fatal(err)
		}
		held(t, r.ctx, rules, "receipt-"+tongue)
	}
	pdf, err := chromedp.Call(r.ctx, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("RAPPORT_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "receipt.pdf"), pdf.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(string(pdf.Data), "/Type /Page") - strings.Count(string(pdf.Data), "/Type /Pages"); n != 1 {
		t.Errorf("the receipt is %d sheets, want one", n)
	}
}

// TestThePageThatChecksIsForEverybody, in each language, with what it says of a good copy
// and of a changed one.
func TestThePageThatChecksIsForEverybody(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	looked(t, h, 3)
	copied := h.As("ada").Get("/me/" + string(h.Ada) + "/looks/copy").Is(200).Body
	if _, err := proof.Parse([]byte(copied)); err != nil {
		t.Fatal(err)
	}
	dir, ctx, rules := t.TempDir(), webtest.Window(t, 90*time.Second), axe(t)
	for name, s := range map[string]string{"check.html": h.As("nobody").Get("/looks/check.html").Is(200).Body, "good.json": copied, "wrong.json": without(copied, 3)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// the page's own policy lets no rules of others in; that it holds is another test's
	if _, err := chromedp.Call(ctx, cdppage.SetBypassCSP, cdppage.SetBypassCSPParams{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	for _, tongue := range []string{"en", "es", "fr"} {
		for _, file := range []string{"good", "wrong"} {
			err := chromedp.Do(ctx, chromedp.Navigate("file://"+filepath.Join(dir, "check.html")), chromedp.Click(chromedp.CSS("[data-speak="+tongue+"]")), chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{filepath.Join(dir, file+".json")}), chromedp.Click(chromedp.CSS("form > button")), chromedp.WaitReady(chromedp.CSS("#said[data-state="+file+"]")))
			if err != nil {
				t.Fatal(tongue, file, err)
			}
			held(t, ctx, rules, "check-"+file+"-"+tongue)
		}
	}
}
