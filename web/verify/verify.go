// Package verify is the page that checks a client's copy of the lines about them on their
// own machine, without a connection and without the practice. It refuses to reach anywhere,
// and to say that all is well where something could not be checked.
package verify

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
)

//go:embed page.css
var style string

//go:embed page.min.js
var script string

// policy lets the page run its own script and reach nowhere: what it reads it can
// tell nobody.
var policy = "default-src 'none'; style-src " + hashed(style) + "; script-src " + hashed(script) + "; base-uri 'none'; form-action 'none'"

// hashed names a text in a content security policy (CSP Level 3, hash-source).
func hashed(s string) string {
	h := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}

// Page is the page, to be kept. It speaks all languages and begins in one. It is about
// nobody, and the same for everybody.
func Page(ctx context.Context, p lang.Printer) ([]byte, error) {
	said, err := words()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = page(p, said).Render(ctx, &b)
	return b.Bytes(), err
}

// words are all the page says, in every language.
func words() (string, error) {
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
