package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/clock"
	"rapport/web/webtest"
)

// demoDay is when the walk's made-up practice stands still: a Tuesday morning.
var demoDay = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

// street is the demo, served.
type street struct {
	made *madeUp
	h    *house
	url  string
	log  *strings.Builder
	now  *clock.Fake
	gate atomic.Pointer[func(http.ResponseWriter, *http.Request) bool] // sees what is asked first; true is: it has seen to it
}

// openStreet makes the demo and serves it on this machine.
func openStreet(t testing.TB) *street {
	t.Helper()
	turn := &turned{to: clock.Wall{}}
	v, made, err := makeUp(context.Background(), t.TempDir(), 1, turn, demoDay)
	if err != nil {
		t.Fatal(err)
	}
	s := &street{made: made, log: &strings.Builder{}, now: clock.At(demoDay)}
	turn.turn(s.now)
	s.h, err = newHouse(v, listen{Addr: "127.0.0.1:0"}, outside{}, turn, slog.New(slog.NewTextHandler(&locked{w: s.log}, nil)), gallery())
	if err != nil {
		t.Fatal(err)
	}
	srv := &httptest.Server{Listener: s.h.ln, Config: &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: headerWait}}
	srv.Start()
	s.url = s.h.base.String()
	t.Cleanup(func() {
		srv.Close()
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// serve answers, unless a test does.
func (s *street) serve(w http.ResponseWriter, r *http.Request) {
	if g := s.gate.Load(); g == nil || !(*g)(w, r) {
		s.h.web.ServeHTTP(w, r)
	}
}

// locked lets several goroutines write.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

// Write implements io.Writer.
func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// link returns a way in for a role, or for the first client.
func (s *street) link(t testing.TB, role string) string {
	t.Helper()
	sub := account.Subject{Kind: account.Client, ID: string(s.made.charts[s.made.world.Clients[0].ID])}
	if role == "parent" {
		sub = s.made.kin()[1].sub
	}
	for _, x := range s.made.world.Staff {
		if x.Role == role {
			sub = account.Subject{Kind: account.Staff, ID: x.ID}
			break
		}
	}
	l, err := s.h.link(context.Background(), sub, account.Demo)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// tab is one browser window; whatever it complains about fails the test.
type tab struct {
	t    *testing.T
	ctx  context.Context
	host string
	mu   sync.Mutex
	at   string // the page under test
	what []string
}

func (b *tab) complain(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.what = append(b.what, b.at+": "+fmt.Sprintf(format, args...))
}

// browse opens a window of its own.
func browse(t *testing.T, s *street, more ...chromedp.ExecAllocatorOption) *tab {
	t.Helper()
	ctx := webtest.Window(t, 8*time.Minute, more...)
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	b := &tab{t: t, ctx: ctx, host: u.Host}
	logs, throws, asks := chromedp.Events(ctx, cdplog.EntryAdded), chromedp.Events(ctx, runtime.ExceptionThrown), chromedp.Events(ctx, network.RequestWillBeSent)
	for _, enable := range []cdp.Command[cdp.Empty, cdp.Empty]{cdplog.Enable, runtime.Enable} {
		if _, err := chromedp.Call(ctx, enable, cdp.Empty{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	go func() {
		for e, err := range logs {
			if err != nil {
				return
			}
			b.complain("console: %s", e.Entry.Text)
		}
	}()
	go func() {
		for e, err := range throws {
			if err != nil {
				return
			}
			b.complain("script: %s", e.ExceptionDetails.Text)
		}
	}()
	go func() {
		for e, err := range asks {
			if err != nil {
				return
			}
			if a, err := url.Parse(e.Request.URL); err == nil && a.Host != b.host && a.Scheme != "blob" && a.Scheme != "data" && a.Scheme != "file" {
				b.complain("asked %s:%s, which is not ours", a.Scheme, a.Host)
			}
		}
	}()
	return b
}

func (b *tab) do(as ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, as...); err != nil {
		b.t.Fatalf("%s: %v", b.at, err)
	}
}

// eval evaluates an expression of JavaScript to a string of JSON.
func (b *tab) eval(expr string, into any) {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`Promise.resolve(`+expr+`).then((x) => JSON.stringify(x))`, chromedp.EvalAwaitPromise))
	if err == nil {
		err = json.Unmarshal([]byte(s), into)
	}
	if err != nil {
		b.t.Fatalf("%s: %.60s: %v", b.at, expr, err)
	}
}

func (b *tab) open(u string) {
	b.t.Helper()
	b.mu.Lock()
	b.at = idRe.ReplaceAllString(u, "{}")
	b.mu.Unlock()
	b.do(chromedp.Navigate(u))
}

// signIn follows a link and presses the button on its page.
func (b *tab) signIn(link string) {
	b.t.Helper()
	b.open(link)
	b.do(chromedp.Click("main form button"))
	b.leaves("/in")
}

// leaves waits until the window is at another page than some, and that page is whole.
func (b *tab) leaves(from ...string) {
	b.t.Helper()
	// the page goes away under the question, so an error only means: ask again
	for range 200 {
		path, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`new Promise((ok) => setTimeout(() => ok(document.readyState === "complete" ? location.pathname : ""), 50))`, chromedp.EvalAwaitPromise))
		if err == nil && path != "" && !slices.ContainsFunc(from, func(f string) bool { return strings.HasPrefix(path, f) || strings.HasSuffix(path, f) }) {
			return
		}
	}
	b.t.Fatalf("%s: the window stays", b.at)
}

// view sets the width of the window and the scheme of its colours.
func (b *tab) view(width int64, scheme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 600})
	if err == nil {
		_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// axe returns the source of axe-core 4.14.1 (MPL-2.0), see testdata/VENDOR.md.
func axe(t testing.TB) string {
	t.Helper()
	f, err := os.Open("testdata/axe.min.js.gz")
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

// wide lists what is wider than the window.
const wide = `(() => { const w = document.documentElement.clientWidth; if (document.documentElement.scrollWidth <= w + 1) return [];
  const all = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > w + 1 && getComputedStyle(e).position !== "fixed");
  const inside = all.filter((e) => !e.closest(".nav, .cnav")); // what is fixed grows with what is too wide
  return (inside.length ? inside : all).slice(0, 4).map((e) => e.tagName + "." + e.className + " " + Math.round(e.getBoundingClientRect().right) + " of " + w + " (" + document.documentElement.scrollWidth + ")") })()`

// small lists controls too small to touch: WCAG 2.2, 2.5.8, 24 by 24 pixels,
// links within a sentence excepted.
const small = `[...document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary")].filter((e) => {
  const r = (e.closest("label") || e).getBoundingClientRect(), s = getComputedStyle(e);
  if (!r.width || s.visibility === "hidden" || s.opacity === "0" || e.closest(".skip") || s.clipPath === "inset(50%)") return false;
  if (s.display === "inline" && e.tagName === "A") return false;
  return r.width < 23.5 || r.height < 23.5;
}).slice(0, 4).map((e) => e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 20))`

// axeRun is all of its rules. Recordings are not waited for: nothing plays by itself.
const axeRun = `axe.run(document, { preload: { assets: ["cssom"] }, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] }).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")))`

// axeColours are those of its rules that the scheme of colours can break.
const axeColours = `axe.run(document, { preload: false, runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] }, resultTypes: ["violations"] }).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")))`

// look checks the page in front of it at every width and in both schemes.
func (b *tab) look(source, pictures, name string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](source+"\n;true")); err != nil {
		b.t.Fatal(err)
	}
	for _, width := range []int64{320, 390, 1440} {
		for _, scheme := range []string{"light", "dark"} {
			b.view(width, scheme)
			checks := map[string]string{"too wide": wide, "too small": small, "axe": axeRun}
			if scheme == "dark" { // what is elsewhere and what it is called, the colours do not change
				checks = map[string]string{"axe": axeColours}
			}
			for what, expr := range checks {
				var found []string
				b.eval(expr, &found)
				for _, f := range found {
					b.complain("%d %s: %s: %s", width, scheme, what, f)
				}
			}
			if pictures != "" {
				png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
				if err == nil {
					err = os.WriteFile(filepath.Join(pictures, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)), png, 0o644)
				}
				if err != nil {
					b.t.Fatal(err)
				}
			}
		}
	}
	b.tongues()
	// twice the text: nothing may fall off the side
	b.view(640, "light")
	var found []string
	b.eval(`(document.documentElement.style.fontSize = "200%", `+wide+`)`, &found)
	for _, f := range found {
		b.complain("at 200%% text: too wide: %s", f)
	}
	b.eval(`(document.documentElement.style.fontSize = "", [])`, &found)
}

// tongues opens the page in the other languages where it is narrowest: their
// words are longer.
func (b *tab) tongues() {
	b.t.Helper()
	var here string
	b.eval(`location.href`, &here)
	b.view(320, "light")
	for _, code := range []string{"es", "fr", "en"} {
		b.speak(code)
		b.do(chromedp.Navigate(here))
		var said string
		b.eval(`document.documentElement.lang`, &said)
		if said != code {
			b.complain("asked for %s, speaks %s", code, said)
		}
		var found []string
		b.eval(wide, &found)
		for _, f := range found {
			b.complain("320 in %s: too wide: %s", code, f)
		}
	}
}

// speak chooses a language, as the menu does.
func (b *tab) speak(code string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: "language", Value: code, URL: "http://" + b.host + "/"})
	if err != nil {
		b.t.Fatal(err)
	}
}

var idRe = regexp.MustCompile(`[a-z2-7]{26}|c[0-9a-f]{32}|\d+`)

// links returns the pages this page leads to; a file to save is none.
func (b *tab) links() []string {
	var out []string
	b.eval(`[...document.querySelectorAll("a[href]:not([download]):not([data-show])")].map((a) => a.href.split("#")[0])`, &out)
	return out
}

// weight is what a page cost to load, as it came over the wire.
type weight struct{ Page, All, Requests int }

const weigh = `(() => { const n = performance.getEntriesByType("navigation")[0], r = performance.getEntriesByType("resource");
  return { Page: n.encodedBodySize, All: n.encodedBodySize + r.reduce((s, x) => s + x.encodedBodySize, 0), Requests: 1 + r.length } })()`

// budget is what pages of one kind may weigh, in bytes.
type budget struct{ first, requests, later int }

// TestWalk goes through every page of every role at three widths and in two
// schemes, and lets axe, the console, the content security policy, the network
// and a ruler complain.
func TestWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("the browser walk takes a minute; -short leaves it out")
	}
	s := openStreet(t)
	source := axe(t)
	pictures, also := os.Getenv("RAPPORT_SHOTS"), s.toldPages(t)
	for role, bud := range map[string]budget{"client": {60_000, 8, 12_000}, "parent": {60_000, 8, 12_000}, "nurse": {120_000, 40, 20_000}, "manager": {120_000, 40, 20_000}} {
		t.Run(role, func(t *testing.T) {
			b := browse(t, s)
			// a page weighs what comes over the wire; through the site's worker the browser
			// reports it unpacked
			if _, err := chromedp.Call(b.ctx, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true}); err != nil {
				t.Fatal(err)
			}
			b.view(390, "light")
			b.signIn(s.link(t, role))
			var w weight
			b.eval(weigh, &w)
			t.Logf("first visit: %d bytes, %d requests", w.All, w.Requests)
			if w.All > bud.first || w.Requests > bud.requests {
				t.Errorf("first visit: %d bytes and %d requests, %d and %d are allowed", w.All, w.Requests, bud.first, bud.requests)
			}
			b.walk(s.url, source, pictures, role, bud, also[role])
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, c := range b.what {
				t.Error(c)
			}
		})
	}
	for l := range strings.Lines(s.log.String()) {
		if strings.Contains(l, "level=ERROR") {
			t.Errorf("the server logged: %.2000s", l)
		}
	}
}

// stretchRe is the name of one of the hours of the demo's week.
var stretchRe = regexp.MustCompile(`[a-z]+-[a-z]+day-\d+`)

// paperRe is the name of a form or a plan template, and of what is in it.
var paperRe = regexp.MustCompile(`^/practice/(forms|plans)/[^/?]+(/[qe]/[a-z]?)?[^/?]*`)

// kindOf says of what kind a page is: its path without names, and what it is asked,
// without the answers.
func kindOf(at string) string {
	path, query, _ := strings.Cut(at, "?")
	path = paperRe.ReplaceAllString(path, "/practice/$1/{}$2")
	kind := idRe.ReplaceAllString(stretchRe.ReplaceAllString(path, "{}"), "{}")
	asked := map[string]bool{}
	for pair := range strings.SplitSeq(query, "&") {
		if key, _, ok := strings.Cut(pair, "="); ok {
			asked[key] = true
		}
	}
	return strings.TrimSuffix(kind+"?"+strings.Join(slices.Sorted(maps.Keys(asked)), "&"), "?")
}

// walk opens one page of every kind that can be reached, and each of those that also are
// to be seen.
func (b *tab) walk(base, source, pictures, role string, bud budget, also []string) {
	b.t.Helper()
	seen, visited := map[string]bool{}, 0
	todo := []string{base + "/"}
	if role == "client" {
		todo = append(todo, base+"/_parts")
	}
	for n := len(also); len(todo) > 0 && visited < 40 || n > 0; {
		kind, u := "", ""
		if n > 0 {
			n--
			u = also[n]
			kind = kindOf(u) + " " + also[n][strings.LastIndex(also[n], "/")+1:]
			u = base + u
			seen[kindOf(also[n])] = true
		} else {
			u, todo = todo[0], todo[1:]
			kind = kindOf(strings.TrimPrefix(u, base))
		}
		if !strings.HasPrefix(u, base+"/") || strings.HasPrefix(kind, "/in/") || strings.Contains(kind, "/looks/copy") || seen[kind] {
			continue
		}
		seen[kind] = true
		b.open(u)
		var w weight
		b.eval(weigh, &w)
		if w.Page > bud.later && kind != "/_parts" {
			b.complain("weighs %d bytes, %d are allowed", w.Page, bud.later)
		}
		todo = append(todo, b.links()...)
		visited++
		b.look(source, pictures, role+strings.Trim(regexp.MustCompile(`[^a-z]+`).ReplaceAllString(kind, "-"), "-"))
		b.t.Logf("%s: %d bytes", kind, w.Page)
	}
	b.t.Logf("%d kinds of page", visited)
}
