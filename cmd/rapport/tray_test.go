package main

import (
	"strings"
	"testing"

	"rapport/lang"
	"rapport/post"
	"rapport/web/webtest"
)

// TestTheTrayShowsEveryWay sends a letter each way, as the demo does, and reads the page.
func TestTheTrayShowsEveryWay(t *testing.T) {
	t.Parallel()
	tray := post.NewTray(webtest.New(t).Now)
	h := webtest.New(t, mailbox(tray))
	browser := `{"endpoint":"https://push.example/made-up","keys":{"p256dh":"made-up","auth":"made-up"}}`
	for _, l := range []post.Letter{
		{ID: "1", Kind: post.Message, By: post.ByMail, To: "a@b.example"},
		{ID: "2", Kind: post.Steps, By: post.ByPush, To: browser, Practice: "Rowan Street"},
		{ID: "3", Kind: post.Forms, By: post.ByText, To: "+447700900118"},
		{ID: "4", Kind: post.Digest, By: post.ByPush, To: browser},
	} {
		l.Lang, l.Link = lang.English, "https://practice.example/me/c1/x"+l.ID
		if err := tray.Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	p := h.As("nobody").Get("/_mail").Is(200)
	said := strings.Split(p.Body, "<section")[1:]
	if len(said) != 4 {
		t.Fatalf("%d letters on the page", len(said))
	}
	for i, want := range [][]string{ // the newest first
		{"Push, as a lock screen shows it", "A notice", "What is new today", `href="/me/c1/x4"`},
		{"Text", "+447700900118", "A few questions wait for you. https://practice.example/me/c1/x3"},
		{"Push, as a lock screen shows it", "Rowan Street", "Something for today", `href="/me/c1/x2"`},
		{"Mail", "a@b.example", "There is something for you to read", "Hello,"},
	} {
		for _, w := range want {
			if !strings.Contains(said[i], w) {
				t.Errorf("letter %d does not show %q:\n%s", i, w, said[i])
			}
		}
	}
	if strings.Contains(p.Body, "push.example") || strings.Contains(p.Body, "p256dh") {
		t.Error("the page shows where a browser is pushed to")
	}
}
