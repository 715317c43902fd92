package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"rapport/account"
)

// visitsOf is the page of a client's visits in the demo, by their place in it.
func (s *street) visitsOf(n int) string {
	return s.url + "/me/" + string(s.made.charts[s.made.world.Clients[n].ID]) + "/visits"
}

// linkOf is a way in for a client.
func (s *street) linkOf(t *testing.T, n int) string {
	t.Helper()
	return must(s.h.link(t.Context(), account.Subject{Kind: account.Client, ID: string(s.made.charts[s.made.world.Clients[n].ID])}, account.Demo))
}

// tap clicks and waits until the page that it leads to is there.
func (b *tab) tap(sel string) {
	b.t.Helper()
	b.eval(`(window.here = true)`, new(bool))
	b.do(chromedp.Click(sel))
	for range 200 {
		// the page goes away under the question, so an error only means: ask again
		there, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`new Promise((ok) => setTimeout(() => ok(!window.here && document.readyState === "complete"), 25))`, chromedp.EvalAwaitPromise))
		if err == nil && there {
			return
		}
	}
	b.t.Fatalf("%s: %s leads nowhere", b.at, sel)
}

// path is where the window is.
func (b *tab) path() string {
	var p string
	b.eval(`location.pathname`, &p)
	return p
}

// snap takes a picture of a window, when RAPPORT_SHOTS says where to put it.
func (b *tab) snap(name string, width, height int64, scheme string) {
	b.t.Helper()
	dir := os.Getenv("RAPPORT_SHOTS")
	if dir == "" {
		return
	}
	b.view(width, scheme)
	scale := 1.0
	if width < 600 {
		scale = 2
	}
	if _, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: scale, Mobile: width < 600}); err != nil {
		b.t.Fatal(err)
	}
	var y float64
	b.eval(`new Promise((ok) => setTimeout(() => ok(scrollY), 300))`, &y)
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// TestBookingPictures takes pictures to be held beside ui/shots.
func TestBookingPictures(t *testing.T) {
	if os.Getenv("RAPPORT_SHOTS") == "" {
		t.Skip("takes pictures only when RAPPORT_SHOTS says where to")
	}
	s := openStreet(t)
	b := browse(t, s)
	b.view(1440, "light")
	b.signIn(s.linkOf(t, 0))
	both := func(name string) {
		for _, x := range []struct {
			name   string
			w, h   int64
			scheme string
		}{{"d", 1440, 1080, "light"}, {"m", 390, 844, "light"}, {"dark-d", 1440, 1080, "dark"}, {"dark-m", 390, 844, "dark"}} {
			b.snap(name+"-"+x.name, x.w, x.h, x.scheme)
		}
		b.view(1440, "light")
	}
	b.open(s.visitsOf(0))
	both("visits")
	b.open(s.visitsOf(0) + "/new")
	both("new")
	b.open(s.visitsOf(0) + "/new?ask=about&who=any")
	both("ask")
	b.open(s.visitsOf(0) + "/map?service=blood-pressure")
	both("map")
	b.open(s.visitsOf(0) + "/map?service=blood-pressure&view=list")
	both("list")
	b.open(s.visitsOf(0) + "/map?service=blood-pressure")
	b.tap(`#d2 .seats li:nth-child(6) .seat`)
	both("held")
	b.tap(`[formaction$="/confirm"]`)
	both("ticket")
	b.open(s.url + b.path() + "/cancel")
	both("cancel")
	_ = page.Enable
	_ = strings.Contains
	_ = time.Second
}
