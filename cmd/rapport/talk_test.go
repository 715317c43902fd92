package main

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/fhir"
	"rapport/fhir/thread"
	"rapport/record"
)

// talking is a window with a camera and a microphone that are not there: Chromium makes a
// picture and a tone of its own.
func talking(t *testing.T, s *street, role string) *tab {
	t.Helper()
	b := browse(t, s, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("autoplay-policy", "no-user-gesture-required"))
	b.view(1440, "light")
	b.signIn(s.link(t, role))
	return b
}

// script does something on the page.
func (b *tab) script(js string) {
	b.t.Helper()
	var x any
	b.eval(`(() => { `+js+`; return 1 })()`, &x)
}

// offline cuts the window from the practice, and gives it back.
func (b *tab) offline(is bool) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: is, DownloadThroughput: -1, UploadThroughput: -1})
	if err == nil {
		_, err = chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: is, DownloadThroughput: -1, UploadThroughput: -1}}})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// threads are those of the first made-up client, for whom they are not sealed.
func (s *street) threads(t *testing.T) []record.Conversation {
	t.Helper()
	c, _, err := s.made.opened(context.Background(), s.made.world.Clients[0].ID, record.Messaging, record.Person|record.Messages)
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Threads(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (s *street) saidIn(t *testing.T, id string) []thread.Said {
	t.Helper()
	c, _, err := s.made.opened(context.Background(), s.made.world.Clients[0].ID, record.Messaging, record.Person|record.Messages)
	if err != nil {
		t.Fatal(err)
	}
	_, said, err := c.Thread(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// TestTwoPeopleTalk has a client and a nurse at two screens: a question with a film the
// client records, the nurse's list that changes by itself, an answer that appears, a
// photo nobody sees before they tap.
func TestTwoPeopleTalk(t *testing.T) {
	s := openStreet(t)
	c, n := talking(t, s, "client"), talking(t, s, "nurse")
	me := "/me/" + string(s.made.charts[s.made.world.Clients[0].ID]) + "/messages"

	n.open(s.url + "/inbox?tab=unassigned")
	var before int
	n.eval(`document.querySelectorAll(".q").length`, &before)

	c.open(s.url + me + "/new/medicine?wait=yes")
	c.records("video", "This is how it looks. Is that right?")
	c.do(chromedp.SendKeys("#text", "About the new tablets"))
	c.script(`document.querySelector("form[data-composer]").requestSubmit()`)
	c.until("the message is not sent", `location.pathname.includes("/messages/c") && document.querySelector(".vid video")`)
	c.script(`document.querySelector(".vid video").preload = "metadata"; document.querySelector(".vid video").load()`)
	c.until("the film does not play", `document.querySelector(".vid video").readyState > 0 && document.querySelector(".vid video").videoWidth > 0`)
	var words string
	c.eval(`document.querySelector(".vid details p").textContent`, &words)
	if words != "This is how it looks. Is that right?" {
		t.Errorf("its words are %q", words)
	}

	// the nurse's list has it without being asked
	n.until("the list does not change by itself", `document.querySelectorAll(".q").length === `+strconv.Itoa(before+1))
	n.script(`[...document.querySelectorAll(".q a")].find((a) => a.textContent.includes("Amara") && a.textContent.includes("medicine")).click()`)
	n.until("the thread does not open", `document.querySelector(".bub")?.textContent.includes("About the new tablets")`)
	c.until("the client does not see that it was read", `document.querySelector("#log").textContent.includes("Read by")`)
	n.do(chromedp.SendKeys(".as-reply textarea", "Yes, that is how they look."))
	n.script(`document.querySelector(".as-reply form").requestSubmit()`)
	c.until("the answer does not appear by itself", `[...document.querySelectorAll(".bub")].some((b) => b.textContent.includes("how they look."))`)
	c.until("the thread is not answered", `document.querySelector("#state").textContent.includes("Answered")`)
	n.until("the nurse's own answer does not stand there", `[...document.querySelectorAll(".mine .bub")].some((b) => b.textContent.includes("how they look."))`)

	// a photo
	c.attach(snapshot(t), "photo.jpg")
	c.script(`document.querySelector("form[data-composer]").requestSubmit()`)
	n.until("the photo does not arrive", `document.querySelector(".photo img")?.src.endsWith("/cover")`)
	n.script(`document.querySelector(".photo a").click()`)
	n.until("a tap does not show it", `document.querySelector(".photo.shown img").naturalWidth === 640`)

	// by keys: a note, and back to the reply
	n.script(`document.activeElement.blur()`)
	n.do(chromedp.KeyEvent("n"))
	n.until("N does not lead to the note", `document.activeElement.id === "note-text" && !document.querySelector(".as-reply").offsetHeight`)
	n.script(`document.activeElement.blur()`)
	n.do(chromedp.KeyEvent("r"))
	n.until("R does not lead to the reply", `document.activeElement.id === "text" && !document.querySelector(".as-note").offsetHeight`)

	n.quiet()
	c.quiet()
}

// TestASealedThreadLeavesNoTraceForAHelper looks through every page that is open to
// somebody who helps, for any word of a thread that is sealed.
func TestASealedThreadLeavesNoTraceForAHelper(t *testing.T) {
	s := openStreet(t)
	b := browse(t, s)
	b.view(390, "light")
	// Amara's daughter helps her, and sees her messages
	amara := s.made.charts[s.made.world.Clients[0].ID]
	ctx := context.Background()
	c, _, err := s.made.opened(ctx, s.made.world.Clients[0].ID, record.Messaging, record.Person|record.Messages)
	if err != nil {
		t.Fatal(err)
	}
	doctor := s.made.who("physician", 0)
	id, err := c.Say(ctx, record.Message{Key: "sealed", Topic: "care", Title: "Marzipan", Text: "pistachio", Named: []thread.Party{{Ref: "Practitioner/" + doctor.ID(), Name: doctor.Name()}}})
	if err != nil {
		t.Fatal(err)
	}
	helper := s.helperOf(t, amara)
	l, err := s.h.link(ctx, helper, account.Demo)
	if err != nil {
		t.Fatal(err)
	}
	b.signIn(l)
	base, me := s.url, "/me/"+string(amara)
	todo, seen := []string{base + "/", base + "/family", base + me + "/today", base + me + "/messages", base + me + "/messages/new"}, map[string]bool{}
	pages := 0
	for len(todo) > 0 && pages < 40 {
		u := todo[0]
		todo = todo[1:]
		if seen[u] || !strings.HasPrefix(u, base+"/") {
			continue
		}
		seen[u] = true
		b.open(u)
		pages++
		var html string
		b.eval(`document.documentElement.outerHTML`, &html)
		for _, secret := range []string{"Marzipan", "pistachio", id} {
			if strings.Contains(html, secret) {
				t.Errorf("%s shows %q", b.at, secret)
			}
		}
		todo = append(todo, b.links()...)
	}
	if pages < 8 {
		t.Errorf("only %d pages are open", pages)
	}
}

// helperOf is somebody who helps a client, and sees and writes their messages.
func (s *street) helperOf(t *testing.T, of fhir.ClientID) account.Subject {
	t.Helper()
	ctx := context.Background()
	who, err := s.made.client(ctx, of)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.made.v.Open(ctx, who, record.Sharing, of, record.Agreements)
	if err != nil {
		t.Fatal(err)
	}
	circle, err := c.Circle(ctx)
	if err != nil || len(circle) == 0 {
		t.Fatalf("nobody helps: %v", err)
	}
	g := circle[0]
	if g.Reads&record.Messages == 0 {
		t.Fatalf("whoever helps does not see messages: %v", g.Reads)
	}
	return g.Who
}
