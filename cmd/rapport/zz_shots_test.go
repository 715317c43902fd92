package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

func TestZZShots(t *testing.T) {
	dir := os.Getenv("SHOTS")
	if dir == "" {
		t.Skip()
	}
	s := openStreet(t)
	b := browse(t, s)
	b.signIn(s.link(t, "client"))
	me := s.url + "/me/" + string(s.made.charts[s.made.world.Clients[0].ID])
	shoot := func(name string, w, h int64) {
		_, _ = chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: w, Height: h, DeviceScaleFactor: 1, Mobile: w < 600})
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil { t.Fatal(err) }
		_ = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	b.open(me + "/today"); shoot("today", 390, 1600)
	b.open(me + "/forms"); shoot("forms", 390, 844)
	b.tap("main form.btn-row button"); shoot("q1", 390, 844)
	for i := 0; i < 6; i++ { b.tap("button[value=decline]") }
	shoot("q7", 390, 844)
	b.open(me + "/plan"); shoot("plan0", 390, 844)
	b.open(me + "/plan/new"); shoot("plan1", 390, 2400); shoot("plan1d", 1440, 1600)
	b.tap("form.plan-form .btn-row button"); shoot("plan2", 390, 1600)
	b.open(strings.Replace(me, "/me/", "/me/", 1) + "/forms"); 
}
