package looks

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"rapport/account"
	"rapport/record"
	"rapport/web/webtest"
)

// tamper changes the proof on its way to js/check.js.
func tamper(change string) string {
	return `{const f=fetch;window.fetch=async(...a)=>{const r=await f(...a);const p=await r.json();` + change + `;return{ok:true,json:async()=>p}}}`
}

func TestTheBrowserChecksForItself(t *testing.T) {
	t.Parallel()
	ctx := webtest.Window(t, 90*time.Second, chromedp.IgnoreCertErrors)
	h := webtest.New(t, Routes()...)
	for range 5 {
		if _, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.Results); err != nil {
			t.Fatal(err)
		}
	}
	line := h.As("ada").Get("/me/"+string(h.Ada)+"/looks?who=people").Attr(".lk-acts a", "href")
	link, err := h.Doors.Invite(t.Context(), h.Subject("ada"), account.Demo)
	if err != nil {
		t.Fatal(err)
	}
	in, err := h.Doors.Enter(t.Context(), link, account.Ask{})
	token := in.Token
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewTLSServer(h.Web)
	t.Cleanup(srv.Close)
	if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: "__Host-session", Value: token, URL: srv.URL, Secure: new(true), Path: "/"}); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ name, script, want string }{
		{"as it is", "", "ok"},
		{"an entry that says something else", tamper(`p.entry=btoa(atob(p.entry).replace("care","sale"))`), "bad"},
		{"another place in the book", tamper(`p.index^=1`), "bad"},
		{"a path with a wrong turn", tamper(`p.hashes[0]=p.hashes[1]`), "bad"},
		{"a signature that does not fit", tamper(`p.checkpoint.Note=p.checkpoint.Note.replace(/.{8}\n$/,"AAAAAAA=\n")`), "bad"},
		{"another key", tamper(`p.verifier=p.verifier.replace(/.{8}$/,"AAAAAAA=")`), "bad"},
		{"a page that says something else", `document.addEventListener("readystatechange",()=>{const e=document.querySelector("[data-check]");if(e)e.dataset.name="Somebody"})`, "bad"},
		{"a book shorter than before", `localStorage.setItem("book",JSON.stringify({...JSON.parse(localStorage.getItem("book")),size:1e6}))`, "shrunk"},
		{"a book of another key than before", `localStorage.setItem("book",JSON.stringify({verifier:"x",size:1}))`, "shrunk"},
		{"a browser without Ed25519", `localStorage.clear();crypto.subtle.importKey=async()=>{throw new Error("no")}`, "unsigned"},
		{"no connection", `window.fetch=async()=>{throw new TypeError("gone")}`, "unable"},
	} {
		var id cdppage.ScriptIdentifier
		if x.script != "" {
			r, err := chromedp.Call(ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: x.script})
			if err != nil {
				t.Fatal(x.name, err)
			}
			id = r.Identifier
		}
		err := chromedp.Do(ctx, chromedp.Navigate(srv.URL+line), chromedp.WaitVisible(chromedp.CSS(`[data-check-result]:not([data-check-result=server],[data-check-result=working])`)))
		if err != nil {
			t.Fatal(x.name, err)
		}
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("[data-check-result]").dataset.checkResult`))
		if err != nil || got != x.want {
			t.Errorf("%s: %q, %v; want %q", x.name, got, err, x.want)
		}
		if id != "" {
			if _, err := chromedp.Call(ctx, cdppage.RemoveScriptToEvaluateOnNewDocument, cdppage.RemoveScriptToEvaluateOnNewDocumentParams{Identifier: id}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
