package main

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"rapport/account"
)

// TestVisitsByLetterAreForEverybody goes the way of somebody new, and of a client who
// wants more than one visit, and looks at every page on it as TestWalk does.
func TestVisitsByLetterAreForEverybody(t *testing.T) {
	if testing.Short() {
		t.Skip("looks at pages in a browser; -short leaves it out")
	}
	s := openStreet(t)
	b := browse(t, s)
	source, pictures := axe(t), os.Getenv("RAPPORT_SHOTS")
	see := func(name string) {
		b.t.Helper()
		b.view(390, "light")
		b.do(chromedp.Reload())
		b.look(source, pictures, "slip-"+name)
		b.view(390, "light")
	}
	const mail = "nora@mail.example"
	b.view(390, "light")
	b.open(s.url + "/visits/map?service=gp")
	b.tap(`#d0 .seats li:nth-child(6) .seat`)
	b.do(chromedp.Click(`.hold-guest summary`))
	b.fill("#name", "Nora Test")
	b.fill("#mail", mail)
	b.tap(`.hold-guest button`)
	b.view(390, "light")
	b.look(source, pictures, "slip-sent")
	b.signIn(s.url + s.letterTo(t, account.LetterJoin, mail))
	see("mine")
	b.open(s.url + s.letterTo(t, account.LetterBooked, mail))
	see("shown")
	b.do(chromedp.Click(`.confirm summary, details summary`))
	b.look(source, pictures, "slip-cancel")
	b.view(390, "light")
	b.tap(`main a[href$="/move"]`)
	see("move")
	b.signIn(s.linkOf(t, 0))
	me := s.visitsOf(0)
	b.open(me + "/series")
	see("series")
	b.open(me + "/series?service=physio&n=3")
	see("series-times")
	b.open(me + "/calendar")
	see("calendar")
	b.open(me + "/map?service=blood-pressure")
	b.tap(`#d0 .seats li:nth-child(5) .seat`)
	b.tap(`[formaction$="/confirm"]`)
	b.open(s.url + b.path() + "/earlier")
	see("earlier")
	b.signIn(s.link(t, "parent"))
	b.open(s.url + "/family/visits")
	see("family")
	b.signIn(s.link(t, "frontdesk"))
	b.open(s.url + "/day?code=none")
	see("day-code")
	b.signIn(s.link(t, "manager"))
	b.open(s.url + "/practice/services/gp")
	see("service")
	b.quiet()
}
