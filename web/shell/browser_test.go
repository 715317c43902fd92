package shell_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rapport/lang"
	"rapport/web/assets"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/theme"
	"rapport/web/webtest"
)

// policy is the strictest that pages are served under.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types rapport"

// asked is what the test's server was asked for as a fragment.
type asked struct {
	mu   sync.Mutex
	list []string
}

func (a *asked) add(s string) { a.mu.Lock(); a.list = append(a.list, s); a.mu.Unlock() }

func (a *asked) String() string { a.mu.Lock(); defer a.mu.Unlock(); return strings.Join(a.list, " ") }

func desk(p lang.Printer) shell.View {
	return shell.View{
		P: p, Title: "Clients", Current: "clients", Scripts: []string{"js/brand.js"},
		Brand: shell.Brand{Name: "Rowan Street Practice", ThemeHref: theme.Href(theme.DefaultBrand, theme.DefaultAccent)},
		Me:    shell.Me{Name: "Priya Raman", Role: "Nurse"},
		Nav:   []shell.NavItem{{ID: "clients", Label: "Clients", Href: "/", Icon: "clients", Key: "c"}, {ID: "practice", Label: "Practice", Href: "/practice", Icon: "settings", Key: "p"}},
	}
}

func results(q string) string {
	out := `<div id="results" data-results data-say="Found some"><ul class="rows">`
	for i, n := range []string{"Ada Nwosu", "Amara Nwosu", "Walter Lindgren"} {
		if strings.Contains(strings.ToLower(n), strings.ToLower(q)) {
			out += fmt.Sprintf(`<li><a class="row" id="r%d" href="/chart/%d">%s</a></li>`, i, i, n)
		}
	}
	return out + "</ul></div>"
}

func server(t *testing.T) (*httptest.Server, *asked) {
	t.Helper()
	mux, log := http.NewServeMux(), &asked{}
	mux.Handle("GET "+assets.Root, assets.Handler())
	mux.Handle("GET "+theme.Path, theme.Handler())
	mux.Handle("GET "+shell.IconPath, shell.IconHandler())
	mux.HandleFunc("GET /manifest.webmanifest", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/manifest+json")
		fmt.Fprint(w, `{"name":"Rapport","start_url":"/"}`)
	})
	mux.HandleFunc("GET /sw.js", func(w http.ResponseWriter, r *http.Request) { // one that keeps nothing
		w.Header().Set("Content-Type", "text/javascript")
	})
	page := func(w http.ResponseWriter, r *http.Request, title, body string) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		v := desk(lang.Printer{})
		v.Title = title
		if err := shell.Console(v).Render(templ.WithChildren(r.Context(), templ.Raw(body)), w); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		q := r.FormValue("q")
		if r.Header.Get("X-Fragment") != "" {
			log.add("find:" + q)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, results(q))
			return
		}
		var b strings.Builder
		if err := parts.Find(parts.FindView{Action: "/", Name: "q", Label: "Find", Value: q}).Render(r.Context(), &b); err != nil {
			t.Error(err)
		}
		page(w, r, "Clients", b.String()+results(q))
	})
	mux.HandleFunc("GET /practice", func(w http.ResponseWriter, r *http.Request) {
		page(w, r, "Practice", `<form data-brand="/theme.css"><input name="name" value="A"><input type="color" name="brand" value="#0b5a60" data-twin="brand-hex"><input name="brand-hex" value="#0b5a60" data-twin="brand">`+
			`<input name="accent" value="#ffb930"><label><input type="radio" name="mark" value="leaf"><svg viewBox="0 0 1 1" data-leaf></svg></label></form>`+
			`<form data-live method="post" action="/save"><input id="note" name="note"><button id="save" name="b" value="1">Save</button><button id="go" formaction="/go">Go</button><button id="gone" formaction="/gone">Gone</button></form><p id="said">nothing</p>`)
	})
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		log.add("save:" + r.FormValue("note") + r.FormValue("b"))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<title>Saved</title><p id="said">%s<script>document.title="no"</script></p>`, r.FormValue("note"))
	})
	mux.HandleFunc("POST /go", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Location", "/?q=ada")
	})
	mux.HandleFunc("POST /gone", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv, log
}

type browser struct {
	t   *testing.T
	ctx context.Context
}

func open(t *testing.T) browser {
	t.Helper()
	ctx := webtest.Window(t, 60*time.Second)
	b := browser{t, ctx}
	logs := chromedp.Events(ctx, cdplog.EntryAdded)
	if _, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	go func() { // whatever the policy refuses is an error here
		for e, err := range logs {
			if err != nil {
				return
			}
			if !strings.Contains(e.Entry.Text, "ERR_EMPTY_RESPONSE") {
				t.Errorf("console: %s", e.Entry.Text)
			}
		}
	}()
	return b
}

func (b browser) do(as ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, as...); err != nil {
		b.t.Fatal(err)
	}
}

// until waits for an expression of JavaScript to hold, over a change of page.
func (b browser) until(expr string) {
	b.t.Helper()
	look := `new Promise((ok) => { const end = Date.now() + 2000; (function look() { let v; try { v = (` + expr + `) } catch {} if (v) ok(true); else if (Date.now() > end) ok(false); else setTimeout(look, 15) })() })`
	var err error
	for range 4 {
		var ok bool
		if ok, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool](look, chromedp.EvalAwaitPromise)); ok {
			return
		}
	}
	b.t.Fatalf("never: %s: %v", expr, err)
}

func TestSearchAsYouType(t *testing.T) {
	t.Parallel()
	b := open(t)
	srv, log := server(t)
	b.do(chromedp.Navigate(srv.URL + "/"))
	b.until(`document.documentElement.dataset.keys === "on"`)
	b.do(chromedp.KeyEvent("/"))
	b.until(`document.activeElement.name === "q"`)
	b.until(`(document.activeElement.value = "", true)`) // DevTools types the key in spite of preventDefault
	b.do(chromedp.KeyEvent("nwo"))
	b.until(`document.querySelectorAll("#results a").length === 2 && location.search === "?q=nwo" && document.activeElement.name === "q" && document.getElementById("say").textContent === "Found some"`)
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown))
	b.until(`document.activeElement.id === "r1"`)
	b.do(chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.ArrowUp))
	b.until(`document.activeElement.name === "q"`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.activeElement.id === "r0" && location.pathname === "/"`)
	if !strings.HasPrefix(log.String(), "find:nwo") {
		t.Errorf("asked %s: typing was not awaited", log)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	b := open(t)
	srv, _ := server(t)
	b.do(chromedp.Navigate(srv.URL + "/"))
	b.until(`document.documentElement.dataset.keys === "on"`)
	b.do(chromedp.KeyEvent("j"), chromedp.KeyEvent("j"), chromedp.KeyEvent("k"))
	b.until(`document.activeElement.id === "r0"`)
	b.do(chromedp.KeyEvent("?"))
	b.until(`document.getElementById("keys").open`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until(`!document.getElementById("keys").open`)
	b.do(chromedp.KeyEvent("g"), chromedp.KeyEvent("p"))
	b.until(`location.pathname === "/practice"`)
}

func TestPatchAndBrand(t *testing.T) {
	t.Parallel()
	b := open(t)
	srv, log := server(t)
	b.do(chromedp.Navigate(srv.URL + "/practice"))
	b.until(`document.documentElement.dataset.keys === "on"`)
	b.until(`(document.getElementById("note").focus(), true)`)
	b.do(chromedp.KeyEvent("hello"), chromedp.KeyEvent(kb.Enter))
	b.until(`document.getElementById("said").firstChild.data === "hello" && document.title === "Saved"`)
	b.until(`document.activeElement.id === "note"`)
	if got := log.String(); got != "save:hello1" {
		t.Errorf("asked %s", got)
	}
	// the practice tries a colour, a mark and a name
	b.until(`(() => { const f = document.querySelector("[data-brand]"); f.elements.name.value = "Mill Lane"; f.elements.mark.checked = true; f.elements["brand-hex"].value = "7b1e4b"; f.elements["brand-hex"].dispatchEvent(new Event("input", { bubbles: true })); return true })()`)
	b.until(`getComputedStyle(document.documentElement).getPropertyValue("--brand").trim() === "#7b1e4b" && document.querySelector("[data-brand]").elements.brand.value === "#7b1e4b"`)
	b.until(`document.querySelector("[data-brand-name]").textContent === "Mill Lane" && document.querySelector(".cbrand [data-leaf]")`)
	// a practice out of reach: nothing typed is lost
	b.until(`(document.getElementById("gone").click(), true)`)
	b.until(`!document.getElementById("offline").hidden && document.getElementById("note").value === "hello"`)
	// and an answer that leads elsewhere
	b.until(`(document.getElementById("go").click(), true)`)
	b.until(`location.search === "?q=ada"`)
}
