package shell

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"rapport/lang"
	"rapport/web/assets"
	"rapport/web/parts"
	"rapport/web/theme"
)

func sample(p lang.Printer) View {
	return View{
		P: p, Title: "Today", Base: "/me/4f2c", Here: "/me/4f2c/today", Current: "today", Live: true,
		Brand: Brand{Name: "Rowan Street Practice", Mark: "rowan", Phone: "020 7946 0118", ThemeHref: theme.Href("#7b1e4b", "#ffb930"), IconHref: IconHref("rowan", "#7b1e4b", "#ffb930")},
		Nav: []NavItem{
			{ID: "today", Label: "Today", Href: "/me/4f2c/today", Icon: "sun", Key: "t"},
			{ID: "plan", Label: "Plan", Href: "/me/4f2c/plan", Icon: "plan"},
			{ID: "visits", Label: "Visits", Href: "/me/4f2c/visits", Icon: "calendar"},
			{ID: "messages", Label: "Messages", Href: "/me/4f2c/messages", Icon: "messages", Count: 101},
			{ID: "health", Label: "Health", Href: "/me/4f2c/health", Icon: "health", Last: true},
		},
		Me:     Me{Name: "Amara Nwosu", Role: "Nurse", Links: []parts.Link{{Text: "Sharing", Href: "/me/4f2c/sharing", Icon: "share"}}},
		Flash:  parts.FlashView{Tone: parts.ToneOK, Text: "Saved."},
		Search: parts.FindView{Action: "/clients", Name: "q", Label: "Find a client"},
	}
}

func render(t *testing.T, around func(View) templ.Component, v View, inside templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := around(v).Render(templ.WithChildren(context.Background(), inside), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var shells = map[string]func(View) templ.Component{"client": Client, "console": Console, "console side": ConsoleSide, "bare": Bare}

func TestEveryLanguage(t *testing.T) {
	t.Parallel()
	for name, around := range shells {
		for _, tag := range lang.All() {
			html := render(t, around, sample(lang.New(tag, lang.WordClient)), templ.Raw("<p>inside</p>"))
			for _, want := range []string{
				"<!doctype html>", `<html lang="` + tag.String() + `" dir="ltr"`, "<title>Today · Rowan Street Practice</title>", "<p>inside</p>", `href="#main"`, `id="main"`,
				`id="offline"`, `action="/language"`, `name="back" value="/me/4f2c/today"`, `name="robots" content="noindex, nofollow"`, `id="theme" href="/theme.css?`,
			} {
				if !strings.Contains(html, want) {
					t.Errorf("%s in %s lacks %q", name, tag, want)
				}
			}
			// the practice's page, not ours: no address elsewhere, nothing inline, no name
			for _, bad := range []string{" style=", "<style", "http://", "https://", "onclick", "Rapport", "<script>", `class=""`} {
				if strings.Contains(html, bad) {
					t.Errorf("%s in %s holds %q", name, tag, bad)
				}
			}
		}
	}
}

func TestNobody(t *testing.T) {
	t.Parallel()
	v := View{Title: "Sign in", Brand: Brand{Name: "P"}}
	for name, around := range shells {
		html := render(t, around, v, templ.NopComponent)
		for _, bad := range []string{`action="/out"`, "tel:", "data-events", `aria-current="page"`} {
			if strings.Contains(html, bad) {
				t.Errorf("%s for nobody holds %q", name, bad)
			}
		}
	}
	if got := (View{Brand: Brand{Name: "P"}}).PageTitle(); got != "P" {
		t.Errorf("title %q", got)
	}
}

func TestCurrentAndCount(t *testing.T) {
	t.Parallel()
	html := render(t, Client, sample(lang.Printer{}), templ.NopComponent)
	if n := strings.Count(html, `aria-current="page"`); n != 1 {
		t.Errorf("%d current places", n)
	}
	for _, want := range []string{"99+", "101 new", `href="tel:02079460118"`, `data-events="/me/4f2c/live"`} {
		if !strings.Contains(html, want) {
			t.Errorf("lacks %q", want)
		}
	}
}

func TestTypefaces(t *testing.T) {
	t.Parallel()
	for face, font := range map[string]string{"": "fonts/figtree.woff2", "figtree": "fonts/figtree.woff2", "atkinson": "fonts/atkinson.woff2", "system": "", "x": "fonts/figtree.woff2"} {
		v := View{Brand: Brand{Typeface: face}}
		want := ""
		if font != "" {
			want = assets.Href(font)
		}
		if got := v.font(); got != want {
			t.Errorf("typeface %q fetches %q, want %q", face, got, want)
		}
	}
}

func TestIconHandler(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	IconHandler().ServeHTTP(w, httptest.NewRequest("GET", IconHref("leaf", "#7b1e4b", "#ffb930"), nil))
	if w.Header().Get("Content-Type") != "image/svg+xml" || !strings.Contains(w.Body.String(), "#7b1e4b") {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
}

func zipped(t *testing.T, s string) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// TestBudgets adds up what a first visit fetches, around a long list.
func TestBudgets(t *testing.T) {
	t.Parallel()
	th, err := theme.New(theme.DefaultBrand, theme.DefaultAccent)
	if err != nil {
		t.Fatal(err)
	}
	looks := parts.Looks([]parts.LookDay{{Label: "Today", Looks: make([]parts.LookView, 40)}})
	for _, c := range []struct {
		name        string
		around      func(View) templ.Component
		assets      []string
		first, next int
	}{
		{"client", Client, []string{"css/client.css", "js/app.js", "fonts/figtree.woff2"}, 60_000, 12_000},
		{"console", Console, []string{"css/console.css", "js/console.js", "fonts/figtree.woff2"}, 120_000, 20_000},
	} {
		page := zipped(t, render(t, c.around, sample(lang.Printer{}), looks))
		total := page + zipped(t, th.CSS()) + zipped(t, string(parts.MarkSVG("rowan", "", "")))
		for _, a := range c.assets {
			total += assets.Size(a)
		}
		requests := 1 + 2 + len(c.assets)
		t.Logf("%s: page %d, first visit %d in %d requests", c.name, page, total, requests)
		if page > c.next || total > c.first || requests > 8 {
			t.Errorf("%s: page %d of %d, first visit %d of %d, %d requests of 8", c.name, page, c.next, total, c.first, requests)
		}
	}
}

func BenchmarkClient(b *testing.B) {
	v := sample(lang.Printer{})
	for b.Loop() {
		_ = Client(v).Render(context.Background(), &bytes.Buffer{})
	}
}
