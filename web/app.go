package web

import (
	"encoding/json"
	"net/http"

	"rapport/record"
	"rapport/web/assets"
	"rapport/web/shell"
)

// The site can be put on a device's home screen. What it keeps there says nothing about
// anybody: style, scripts and one page for when there is no connection (sw.js).

// appPages are the pages of that.
func (s *Server) appPages() []Route {
	return []Route{
		{Pattern: "GET /manifest.webmanifest", Why: record.Public, Open: s.manifest},
		{Pattern: "GET /offline", Why: record.Public, Open: s.nowhere},
	}
}

// manifest answers with the practice's name and colours (W3C Web Application Manifest).
func (s *Server) manifest(a *Ask) (Answer, error) {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	b := a.Practice
	href := shell.IconHref(b.Mark, b.Brand, b.Accent)
	x, err := json.Marshal(struct {
		Name       string `json:"name"`
		Short      string `json:"short_name"`
		Start      string `json:"start_url"`
		Scope      string `json:"scope"`
		Display    string `json:"display"`
		Theme      string `json:"theme_color"`
		Background string `json:"background_color"`
		Lang       string `json:"lang"`
		Icons      []icon `json:"icons"`
	}{b.Name, b.Name, "/", "/", "standalone", b.Brand, "#f3f6f8", a.P.Tag().String(), []icon{{href, "any", "image/svg+xml", "any"}}})
	return Answer{status: http.StatusOK, kind: "application/manifest+json", body: x}, err
}

// nowhere is what a device shows without a connection.
func (s *Server) nowhere(a *Ask) (Answer, error) {
	return Page(awayPage(s.doorView(a, a.P.AppAway()))), nil
}

// worker serves the script that stays on the device. It must lie at the root, or it
// would be for the assets alone.
func worker() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		_, _ = w.Write(assets.Raw("js/sw.js"))
	})
}
