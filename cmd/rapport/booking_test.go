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

// tap clicks and waits until the page that it leads to is there, which needs no script.
func (b *tab) tap(sel string) {
	b.t.Helper()
	r, err := chromedp.RunResponse(b.ctx, chromedp.Click(sel))
	if err != nil || r == nil {
		b.t.Fatalf("%s: %s leads nowhere: %v", b.at, sel, err)
	}
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
	d := browse(t, s)
	d.view(1440, "light")
	b = d
	b.open(s.url + "/visits")
	both("door")
	b.open(s.url + "/visits/map?service=blood-pressure")
	both("door-map")
	b.tap(`#d1 .seats li:nth-child(6) .seat`)
	both("door-held")
}

// taps counts what somebody presses and types on the way from Visits to a ticket, and
// returns the address of the ticket.
func (b *tab) taps(s *street, seat string) (pressed, typed int) {
	b.t.Helper()
	b.open(s.visitsOf(0))
	for _, sel := range []string{`section[aria-labelledby=need] .rows li:nth-child(2) a`, seat, `[formaction$="/confirm"]`} {
		fields, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`[...document.querySelectorAll("main :is(input:not([type=hidden],[type=radio],[type=checkbox]), textarea)")].filter((e) => e.required || e.value).length`))
		if err != nil {
			b.t.Fatal(err)
		}
		typed += fields
		b.tap(sel)
		pressed++
	}
	title, err := chromedp.Run(b.ctx, chromedp.Text("h1"))
	if title = strings.TrimSpace(title); err != nil || title != "You are booked" {
		b.t.Errorf("%d taps lead to %q", pressed, title)
	}
	return pressed, typed
}

// TestThreeTapsFromVisitsToATicket counts, with script and without, with letters of the
// usual size and of twice that.
func TestThreeTapsFromVisitsToATicket(t *testing.T) {
	s := openStreet(t)
	b := browse(t, s)
	b.view(390, "light")
	b.signIn(s.linkOf(t, 0))
	count := func(how, seat string) {
		t.Helper()
		if pressed, typed := b.taps(s, seat); pressed != 3 || typed != 0 {
			t.Errorf("%s: %d taps and %d fields to fill in, want 3 and 0", how, pressed, typed)
		}
	}
	count("a phone", `#d0 .seats li:nth-child(7) .seat`)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	count("without script", `#d0 .seats li:nth-child(9) .seat`)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false}); err != nil {
		t.Fatal(err)
	}
	standard, fixed := int64(32), int64(26)
	if _, err := chromedp.Call(b.ctx, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: standard, Fixed: fixed}}); err != nil {
		t.Fatal(err)
	}
	b.open(s.visitsOf(0) + "/map?service=blood-pressure")
	var look struct{ Map, List bool }
	b.eval(`({ Map: getComputedStyle(document.querySelector(".times")).display !== "none", List: getComputedStyle(document.querySelector("#d1 .seat small, #d0 .seat span")).position !== "absolute" })`, &look)
	if look.Map || !look.List {
		t.Errorf("at 200%% text the map shows, not the list: %+v", look)
	}
	var found []string
	b.eval(wide, &found)
	if len(found) > 0 {
		t.Errorf("at 200%% text too wide: %s", found)
	}
	b.snap("list-200", 390, 844, "light")
	b.tap(`#d0 .seats li:nth-child(2) .seat`)
	b.eval(`[getComputedStyle(document.querySelector(".hold")).position].filter((p) => p === "fixed").concat(`+wide+`)`, &found)
	if len(found) > 0 {
		t.Errorf("at 200%% text what is held stands in the way: %s", found)
	}
	b.snap("held-200", 390, 844, "light")
	count("at 200% text", `#d1 .seats li:nth-child(4) .seat`)
	b.quiet()
}

// quiet fails the test with what a window complained about.
func (b *tab) quiet(but ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
next:
	for _, c := range b.what {
		for _, x := range but {
			if strings.Contains(c, x) {
				continue next
			}
		}
		b.t.Error(c)
	}
}

// within waits until an expression holds, two seconds at most, and returns how long that
// took.
func (b *tab) within(expr string) time.Duration {
	b.t.Helper()
	ms, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](`new Promise((ok) => { const begun = performance.now(); const look = () => (`+expr+`) ? ok(performance.now() - begun) : performance.now() > begun + 2000 ? ok(-1) : setTimeout(look, 10); look(); })`, chromedp.EvalAwaitPromise))
	if err != nil || ms < 0 {
		b.t.Errorf("%s: %.80s: not within 2 s: %v", b.at, expr, err)
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// TestASeatGoesFromEveryOtherMapAndComesBack has two people look at the same map.
func TestASeatGoesFromEveryOtherMapAndComesBack(t *testing.T) {
	s := openStreet(t)
	a, b := browse(t, s), browse(t, s)
	a.view(1440, "light")
	a.signIn(s.linkOf(t, 0))
	b.view(1440, "light")
	const slotted = `#d2 .seats li:nth-child(8) .seat`
	b.open(s.url + "/visits/map?service=blood-pressure") // nobody: the open door
	a.open(s.visitsOf(0) + "/map?service=blood-pressure")
	var value, free string
	a.eval(`document.querySelector("`+slotted+`").value`, &value)
	b.eval(`document.querySelector("#d2 h2 small").textContent`, &free)
	seat := `document.querySelector('.seats .seat[value="` + value + `"]')`
	gone := make(chan time.Duration)
	go func() { gone <- b.within(`!` + seat + ` || ` + seat + `.closest("li").hidden`) }()
	a.tap(slotted)
	took := <-gone
	var less string
	b.eval(`document.querySelector("#d2 h2 small").textContent`, &less)
	if less == free {
		t.Errorf("%s are still said to be free", less)
	}
	c := browse(t, s) // who comes now never saw it
	c.view(1440, "light")
	c.open(s.url + "/visits/map?service=blood-pressure")
	var there bool
	c.eval(`Boolean(`+seat+`)`, &there)
	if there {
		t.Error("a seat that is held stands on a new map")
	}
	came, fresh := make(chan time.Duration), make(chan time.Duration)
	go func() { came <- b.within(seat + ` && !` + seat + `.closest("li").hidden`) }()
	go func() { fresh <- c.within(seat) }()
	a.tap(`[formaction$="/drop"]`)
	back, new := <-came, <-fresh
	t.Logf("after the press, the page that answers it included: gone in %s, back in %s, and on a map that never had it in %s", took, back, new)
	var same bool
	c.eval(`(() => { const at = (el) => el.closest("li").getBoundingClientRect(), s = `+seat+`, row = document.querySelector('.times [data-m="' + s.value.split(".").at(-1) + '"]').getBoundingClientRect(); return Math.abs(at(s).top - row.top) < 2 && s.textContent.includes(":") })()`, &same)
	if !same {
		t.Error("a seat that came back is in another row")
	}
	c.tap(`.seats .seat[value="` + value + `"]`) // and it is a seat like any other
	if c.path() != "/visits/hold" {
		t.Errorf("a seat that came back leads to %s", c.path())
	}
	for _, x := range []*tab{a, b, c} {
		x.quiet()
	}
	n := 0
	for _, l := range strings.Split(s.log.String(), "\n") {
		if strings.Contains(l, "/visits/open") {
			n++
		}
	}
	if n == 0 {
		t.Error("nobody asked what is open")
	}
}

// TestAHoldThatEndsKeepsTheChoices lets the practice's clock and the page's run on.
func TestAHoldThatEndsKeepsTheChoices(t *testing.T) {
	s := openStreet(t)
	b := browse(t, s)
	if _, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "window.later = 0; { const now = Date.now.bind(Date); Date.now = () => now() + window.later; }"}); err != nil {
		t.Fatal(err)
	}
	b.view(390, "light")
	b.signIn(s.linkOf(t, 0))
	b.open(s.visitsOf(0) + "/map?service=blood-pressure&how=video")
	b.tap(`#d0 .seats li:nth-child(5) .seat`)
	var seat string
	b.eval(`document.querySelector("#mine .seat").value`, &seat)
	b.do(chromedp.Click(`.hold-note summary`))
	b.fill("#note", "About the new tablets")
	var said string
	b.eval(`(window.later = 181 * 1000, new Promise((ok) => setTimeout(() => ok(document.getElementById("say").textContent), 1200)))`, &said)
	if !strings.Contains(said, "2 minutes left") {
		t.Errorf("after three minutes a screen reader hears %q", said)
	}
	s.now.Add(6 * time.Minute)
	b.eval(`(window.later = 6 * 60 * 1000, new Promise((ok) => setTimeout(() => ok(document.getElementById("say").textContent), 1200)))`, &said)
	if !strings.Contains(said, "no longer held") {
		t.Errorf("when it ends a screen reader hears %q", said)
	}
	b.snap("ended-m", 390, 844, "light")
	b.view(390, "light")
	b.tap(`.hold .btn[data-over]`) // hold it again, with all that was chosen
	var now struct{ Note, How, Seat string }
	b.eval(`({ Note: document.getElementById("note").value, How: document.querySelector(".reason .seg [aria-current]").textContent.trim(), Seat: document.querySelector("#mine .seat").value })`, &now)
	if now.Note != "About the new tablets" || now.How != "Video" || now.Seat != seat {
		t.Errorf("held again, the choices are %+v", now)
	}
	// and without a script: the page says so when it is asked next
	s.now.Add(6 * time.Minute)
	b.open(s.visitsOf(0) + "/hold?service=blood-pressure&how=video&was=" + seat)
	var ended string
	b.eval(`document.querySelector(".hold-ended").textContent`, &ended)
	if !strings.Contains(ended, "still free") || strings.Count(ended, "Today") < 1 {
		t.Errorf("the page says %q", ended)
	}
	b.snap("ended-page-m", 390, 844, "light")
	b.quiet()
}

// TestConfirmPressedTwiceIsOneVisit presses it twice, as fast as a hand can, and once
// more from an old page.
func TestConfirmPressedTwiceIsOneVisit(t *testing.T) {
	s := openStreet(t)
	b := browse(t, s)
	b.view(1440, "light")
	b.signIn(s.linkOf(t, 0))
	count := func() (n int) {
		b.open(s.visitsOf(0))
		b.eval(`document.querySelectorAll("section[aria-labelledby=coming] .ticket").length`, &n)
		return n
	}
	before := count()
	b.open(s.visitsOf(0) + "/map?service=gp")
	b.tap(`#d1 .seats li:nth-child(3) .seat`)
	// two presses that both leave this window: what the script would stop is let through
	b.eval(`(() => { const f = document.getElementById("book"), body = new URLSearchParams(new FormData(f)), to = document.querySelector('[formaction$="/confirm"]').formAction;
		return Promise.all([0, 1, 2].map(() => fetch(to, { method: "POST", body }).then((r) => r.url))).then((u) => new Set(u).size); })()`, new(int))
	b.do(chromedp.DoubleClick(`[formaction$="/confirm"]`))
	b.leaves("/map", "/hold", "/confirm")
	if after := count(); after != before+1 {
		t.Errorf("%d visits became %d", before, after)
	}
}

// TestBookingIsForEverybody looks at every page of booking that the walk does not find
// by itself, at three widths, in both schemes and in three languages.
func TestBookingIsForEverybody(t *testing.T) {
	if testing.Short() {
		t.Skip("looks at pages in a browser; -short leaves it out")
	}
	s := openStreet(t)
	b := browse(t, s)
	source, pictures := axe(t), os.Getenv("RAPPORT_SHOTS")
	see := func(name, path string) {
		b.view(1440, "light")
		b.open(path)
		b.look(source, pictures, "book-"+name)
	}
	b.view(1440, "light")
	see("door", s.url+"/visits")
	see("door-ask", s.url+"/visits?ask=about&who=any")
	see("door-map", s.url+"/visits/map?service=blood-pressure")
	b.view(1440, "light")
	b.tap(`#d1 .seats li:nth-child(6) .seat`)
	see("door-held", s.url+"/visits/hold")
	b.signIn(s.linkOf(t, 0))
	see("door-mine", s.url+"/visits/hold")
	me := s.visitsOf(0)
	see("visits", me)
	see("list", me+"/map?service=blood-pressure&view=list")
	see("ended", me+"/hold?service=blood-pressure&was=nobody.2026-11-26.600")
	see("map", me+"/map?service=blood-pressure")
	b.view(1440, "light")
	b.tap(`#d2 .seats li:nth-child(5) .seat`)
	see("held", me+"/hold")
	b.view(1440, "light")
	b.tap(`[formaction$="/confirm"]`)
	at := s.url + b.path()
	see("ticket", at)
	see("cancel", at+"/cancel")
	b.quiet()
}
