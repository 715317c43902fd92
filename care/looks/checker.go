package looks

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // what is written into a page that stands alone
	"encoding/base64"
	"encoding/json"
	"io"

	"github.com/a-h/templ"

	"rapport/lang"
	"rapport/web"
)

//go:embed checker.css
var checkerCSS string

//go:embed checker.min.js
var checkerJS string

// checkerPolicy lets the page run its own script and reach nowhere: what it reads it can
// tell nobody.
var checkerPolicy = "default-src 'none'; style-src " + hashed(checkerCSS) + "; script-src " + hashed(checkerJS) + "; base-uri 'none'; form-action 'none'"

// hashed names a text in a content security policy (CSP Level 3, hash-source).
func hashed(s string) string {
	h := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}

// checker answers GET /looks/check.html with the page that checks a copy without us. It is
// about nobody, and the same for everybody.
func checker(a *web.Ask) (web.Answer, error) {
	words, err := checkerWords()
	if err != nil {
		return web.Answer{}, err
	}
	var b bytes.Buffer
	if err := checkerPage(a.P, words).Render(a.Context(), &b); err != nil {
		return web.Answer{}, err
	}
	return web.File("text/html; charset=utf-8", "check.html", b.Bytes()), nil
}

// checkerWords are all the page says, in every language.
func checkerWords() (string, error) {
	out := map[string]map[string]string{}
	for _, t := range lang.All() {
		p := lang.New(t, lang.WordClient)
		out[t.String()] = map[string]string{
			"title": p.ProofCheckTitle(), "lede": p.ProofCheckLede(), "file": p.ProofCheckFile(), "receipt": p.ProofCheckReceipt(), "paper": p.ProofCheckPaper(), "go": p.ProofCheckGo(),
			"empty": p.ProofCheckEmpty(), "working": p.ProofCheckWorking(), "unable": p.ProofCheckUnable(), "unread": p.ProofCheckUnread(),
			"misread-form": p.ProofCheckMisreadForm(), "misread-root": p.ProofCheckMisreadRoot(), "misread-key": p.ProofCheckMisreadKey(), "misread-line": p.ProofCheckMisreadLine(),
			"good": p.ProofCheckGood("{lines}", "{size}"), "wrong": p.ProofCheckWrong(), "key": p.ProofCheckKey(), "signature": p.ProofCheckSignature(),
			"altered": p.ProofCheckAltered("{line}"), "missing": p.ProofCheckMissing("{line}"), "missing-many": p.ProofCheckMissingMany("{line}", "{to}"),
			"order": p.ProofCheckOrder("{line}"), "dated": p.ProofCheckDated("{line}"), "chain": p.ProofCheckChain("{line}"), "other": p.ProofCheckOther("{line}"),
			"receipt-key": p.ProofCheckReceiptKey(), "receipt-shorter": p.ProofCheckReceiptShorter("{now}", "{was}"), "receipt-other": p.ProofCheckReceiptOther("{was}"), "receipt-line": p.ProofCheckReceiptLine("{line}"),
			"receipt-good": p.ProofCheckReceiptGood("{day}", "{size}"), "receipt-unproven": p.ProofCheckReceiptUnproven("{day}", "{size}"),
			"unsigned": p.ProofCheckUnsigned(), "todo": p.ProofCheckTodo(), "limits": p.ProofCheckLimits(), "refused": p.ProofCheckRefused(),
		}
	}
	b, err := json.Marshal(out) // escapes "<", so that it can stand in a page
	return string(b), err
}

// jsonWords are the attributes of the element that holds the words; it runs nothing.
const jsonWords = ` type="application/json" id="words"`

// inlined writes an element of our own into a page, as it is. The page's policy names the
// hash of what runs.
func inlined(tag, attributes, text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, "<"+tag+attributes+">"+text+"</"+tag+">")
		return err
	})
}
