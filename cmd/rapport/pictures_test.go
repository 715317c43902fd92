package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestPictures takes the README's pictures when told where to put them.
func TestPictures(t *testing.T) {
	dir := os.Getenv("RAPPORT_PICTURES")
	if dir == "" {
		t.Skip("takes pictures for the README only when RAPPORT_PICTURES says where to")
	}
	s := openStreet(t)
	b := browse(t, s)
	b.signIn(s.link(t, "client"))
	me := s.url + "/me/" + string(s.made.charts[s.made.world.Clients[0].ID])
	for name, path := range map[string]string{"book": "/visits/map?service=blood-pressure", "looks": "/looks"} {
		_, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 390, Height: 844, DeviceScaleFactor: 1.5, Mobile: true})
		if err != nil {
			t.Fatal(err)
		}
		b.open(me + path)
		if name == "book" { // a time on the first day, held
			b.tap(`#d0 .seats li:nth-child(2) .seat`)
		}
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
