package looks

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/proof"
	"rapport/record"
	"rapport/web/webtest"
)

// tamper changes the book on its way to js/looks.js.
func tamper(change string) string {
	return `{const f=fetch;window.fetch=async(...a)=>{const r=await f(...a);if(!String(a[0]).includes("/book"))return r;const b=await r.json();` + change + `;return{ok:true,json:async()=>b}}}`
}

// reader is somebody's browser at the list of looks.
type reader struct {
	t   *testing.T
	h   *webtest.House
	srv *httptest.Server
	ctx context.Context
	me  string
}

func newReader(t *testing.T, h *webtest.House, serve http.Handler) *reader {
	t.Helper()
	r := &reader{t: t, h: h, ctx: webtest.Window(t, 150*time.Second, chromedp.IgnoreCertErrors), me: "/me/" + string(h.Ada)}
	link, err := h.Doors.Invite(t.Context(), h.Subject("ada"), account.Demo)
	if err != nil {
		t.Fatal(err)
	}
	in, err := h.Doors.Enter(t.Context(), link, account.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	r.srv = httptest.NewTLSServer(serve)
	t.Cleanup(r.srv.Close)
	r.comes(in.Token)
	return r
}

func (r *reader) comes(token string) {
	r.t.Helper()
	if _, err := chromedp.Call(r.ctx, network.SetCookie, network.SetCookieParams{Name: "__Host-session", Value: token, URL: r.srv.URL, Secure: new(true), Path: "/"}); err != nil {
		r.t.Fatal(err)
	}
}

// finds opens a page with a script before its own, and returns what the device found.
func (r *reader) finds(path, script string) string {
	r.t.Helper()
	var id cdppage.ScriptIdentifier
	if script != "" {
		x, err := chromedp.Call(r.ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		if err != nil {
			r.t.Fatal(err)
		}
		id = x.Identifier
	}
	if err := chromedp.Do(r.ctx, chromedp.Navigate(r.srv.URL+path), chromedp.WaitReady(chromedp.CSS(`[data-book-result]:not([data-book-result=server],[data-book-result=working])`))); err != nil {
		r.t.Fatal(path, err)
	}
	if id != "" {
		if _, err := chromedp.Call(r.ctx, cdppage.RemoveScriptToEvaluateOnNewDocument, cdppage.RemoveScriptToEvaluateOnNewDocumentParams{Identifier: id}); err != nil {
			r.t.Fatal(err)
		}
	}
	return r.eval(`document.querySelector("[data-book-result]").dataset.bookResult`)
}

func (r *reader) eval(js string) string {
	r.t.Helper()
	got, err := chromedp.Run(r.ctx, chromedp.Evaluate[string](js))
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

func looked(t *testing.T, h *webtest.House, times int) {
	t.Helper()
	for range times {
		if _, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.Results); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheBrowserChecksForItself: the list, and one line, are held to the book on the
// reader's device; whatever is changed on the way is found, named, and said over the page.
func TestTheBrowserChecksForItself(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	looked(t, h, 5)
	h.Now.Add(time.Hour)
	r := newReader(t, h, h.Web)
	list, line := r.me+"/looks", h.As("ada").Get(r.me+"/looks?who=people").Attr(".lk-acts a", "href")
	page := func(change string) string {
		return `document.addEventListener("readystatechange",()=>{const e=[...document.querySelectorAll("[data-line]")];if(e.length&&!self.done){self.done=1;` + change + `}})`
	}
	for _, x := range []struct{ name, path, script, want string }{
		{"the list as it is", list, "", "ok"},
		{"one line as it is", line, "", "ok"},
		{"the list again, held to what was seen", list, "", "ok"},
		{"only people", list + "?who=people", "", "some"},
		{"an entry that says something else", list, tamper(`b.lines[0].entry=btoa(atob(b.lines[0].entry).replace("purpose","qurpose"))`), "line"},
		{"another place in the book", line, tamper(`b.lines.forEach(l=>l.index^=1)`), "line"},
		{"a path with a wrong turn", list, tamper(`b.lines.at(-1).hashes[0]=b.lines[0].hashes[1]`), "line"},
		{"a line taken out of what is sent", list, tamper(`b.lines.splice(-3,1)`), "some"},
		{"a signature that does not fit", list, tamper(`b.checkpoint=b.checkpoint.replace(/.{8}\n$/,"AAAAAAA=\n")`), "signature"},
		{"another key", list, tamper(`b.key=b.key.replace(/.{8}$/,"AAAAAAA=")`), "signature"},
		{"a page that says something else", list, page(`const x=e.find(y=>y.dataset.says.includes("|care|"));x.dataset.says=x.dataset.says.replace("care","sale")`), "line"},
		{"a page that leaves a line out", list, page(`e.filter(x=>x.dataset.says.includes("|care|")).at(-1).remove()`), "hidden"},
		{"a book that does not hold what it held", list, tamper(`b.since.hashes=b.since.hashes.map(()=>btoa("x".repeat(32)))`), "changed"},
		{"a book shorter than before", list, `{const d=Object.getOwnPropertyDescriptor(Document.prototype,"cookie");const g=d.get;Object.defineProperty(document,"cookie",{get(){return g.call(document)},set(v){d.set.call(document,v)}})}` + tamper(`b.since=undefined`), "changed"},
		{"a browser without Ed25519", list, `crypto.subtle.importKey=async()=>{throw new Error("no")}`, "unsigned"},
		{"no connection", list, `{const f=fetch;window.fetch=async(...a)=>{if(String(a[0]).includes("/book"))throw new TypeError("gone");return f(...a)}}`, "unable"},
		{"the list as it is, after all that", list, "", "ok"},
	} {
		if got := r.finds(x.path, x.script); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
			continue
		}
		alarm := r.eval(`document.querySelector(".book-alarm[role=alert]")?.textContent||""`)
		if calm := x.want == "ok" || x.want == "some" || x.want == "unsigned" || x.want == "unable"; calm != (alarm == "") {
			t.Errorf("%s: the alarm says %q", x.name, alarm)
		}
	}
}

// TestARolledBackBookIsRefused: a device that saw the book longer does not take an older
// copy of it for the book, although that copy is whole in itself.
func TestARolledBackBookIsRefused(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	looked(t, h, 3)
	var serve atomic.Pointer[http.Handler]
	use := func(x http.Handler) { serve.Store(&x) }
	use(h.Web)
	r := newReader(t, h, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { (*serve.Load()).ServeHTTP(w, q) }))
	list := r.me + "/looks"
	if got := r.finds(list, ""); got != "ok" {
		t.Fatal(got)
	}
	older := h.Fork(t, rand.Reader, Routes()...) // what the practice's owner does: keep a copy of the data, and bring it back
	looked(t, h, 40)
	if got := r.finds(list, ""); got != "ok" {
		t.Fatal(got)
	}
	use(older.Web)
	r.h = older
	if rep, err := older.Vault.Verify(t.Context()); err != nil || rep.Entries == 0 {
		t.Fatal("the older copy is not whole in itself", err)
	}
	if got := r.finds(list, ""); got != "shorter" {
		t.Errorf("a rolled-back book is %q", got)
	}
	if s := r.eval(`document.querySelector(".book-alarm").textContent`); !strings.Contains(s, "shorter than before") {
		t.Errorf("the alarm says %q", s)
	}
	t.Log("TRUST rolled-back book: refused by a browser that saw it longer")
}

// TestThePageThatChecksWithoutUs opens from a file, reads a copy and a receipt, and names
// what was changed in them.
func TestThePageThatChecksWithoutUs(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	looked(t, h, 4)
	ada, me := h.As("ada"), "/me/"+string(h.Ada)+"/looks"
	paper := ada.Get(me + "/receipt").Is(200)
	receipt := strings.Join(strings.Fields(strings.Join(paper.All(".lk-rows code"), ".")), "")
	looked(t, h, 3)
	was := strings.Split(receipt, ".")[2]
	copied := ada.Get(me + "/copy?was=" + was).Is(200).Body
	_, ls := rows(copied)
	line := ls[1]
	dir := t.TempDir()
	at := filepath.Join(dir, "check.html")
	write := func(name, s string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	write("check.html", h.As("nobody").Get("/looks/check.html").Is(200).Body)
	ctx := webtest.Window(t, 60*time.Second)
	for _, x := range []struct{ name, file, receipt, want string }{
		{"as it is", copied, receipt, `"state":"good"`},
		{"another place", strings.Replace(copied, `"index":`, `"index":1`, 1), receipt, `["altered",1]`},
		{"not as it was saved", strings.Replace(copied, `"index":`, `"index": `, 1), receipt, `"unread"`},
		{"a line taken out", without(copied, 3), receipt, `["missing",3,3]`},
		{"two lines exchanged", exchanged(copied, 3), receipt, `["order",3]`},
		{"the end taken away", beginning(copied, 2), receipt, `["receipt-line",`},
		{"a line twice", strings.Replace(copied, line, line+",\n"+line, 1), receipt, `["order",2]`},
		{"another client", strings.Replace(copied, `"client":"`+string(h.Ada), `"client":"`+string(h.Bob), 1), receipt, `["other",1]`},
		{"another signature", strings.Replace(copied, `\n\n`, `0\n\n`, 1), receipt, `["signature"`},
		{"another receipt", copied, strings.Replace(receipt, "."+was+".", "."+was+"9.", 1), `"misread-root"`},
		{"no copy", "", receipt, `"unread"`},
	} {
		file := write(strings.ReplaceAll(x.name, " ", "-")+".json", x.file)
		err := chromedp.Do(ctx, chromedp.Navigate("file://"+at), chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}), chromedp.SetValue(chromedp.CSS("#receipt"), x.receipt), chromedp.Click(chromedp.CSS("form > button")), chromedp.WaitReady(chromedp.CSS("#said[data-verdict]")))
		if err != nil {
			t.Fatal(x.name, err)
		}
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("#said").dataset.verdict`))
		if err != nil || !strings.Contains(got, x.want) {
			t.Errorf("%s: %s, %v; want %s", x.name, got, err, x.want)
		}
		if want := judged(t, x.file, x.receipt); got != want {
			t.Errorf("%s: the page says %s, and package proof %s", x.name, got, want)
		}
	}
}

// judged is what package proof says of a copy and a receipt, as the page that checks says it.
func judged(t *testing.T, file, receipt string) string {
	t.Helper()
	type verdict struct {
		State    string  `json:"state"`
		Wrong    [][]any `json:"wrong"`
		Unproven bool    `json:"unproven"`
	}
	v := verdict{State: "good", Wrong: [][]any{}}
	r, err := proof.ParseReceipt(receipt)
	var m *proof.Misread
	c, cerr := proof.Parse([]byte(file))
	switch {
	case errors.As(err, &m):
		v.State = "misread-" + m.Part
	case cerr != nil:
		v.State = "unread"
	default:
		rep := c.Check(r)
		v.Unproven = rep.Unproven
		for _, x := range rep.Wrong {
			v.State = "wrong"
			w := []any{x.Kind}
			for _, n := range []int64{x.Number, x.To, x.Now, x.Was} {
				if n > 0 {
					w = append(w, n)
				}
			}
			v.Wrong = append(v.Wrong, w)
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// rows are the lines of a copy, as they stand in the file.
func rows(copied string) (head string, lines []string) {
	head, rest, _ := strings.Cut(copied, `"lines":[`+"\n")
	return head + `"lines":[` + "\n", strings.Split(strings.TrimSuffix(rest, "\n]}\n"), ",\n")
}

func without(copied string, n int) string {
	head, ls := rows(copied)
	return head + strings.Join(append(append([]string{}, ls[:n-1]...), ls[n:]...), ",\n") + "\n]}\n"
}

func beginning(copied string, n int) string {
	head, ls := rows(copied)
	return head + strings.Join(ls[:n], ",\n") + "\n]}\n"
}

func exchanged(copied string, n int) string {
	head, ls := rows(copied)
	ls[n-1], ls[n] = ls[n], ls[n-1]
	return head + strings.Join(ls, ",\n") + "\n]}\n"
}
