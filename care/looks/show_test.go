package looks

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/a-h/templ"

	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/shell"
	"rapport/web/webtest"
)

// rendered checks what holds of every page: it renders, and nothing in it is
// inline or foreign.
func rendered(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	if strings.Contains(s, "style=") || regexp.MustCompile(`https?://`).MatchString(s) {
		t.Errorf("inline or foreign: %s", s)
	}
	return s
}

func TestPagesRenderInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, tag := range lang.All() {
		p := lang.New(tag, lang.WordPatient)
		sh := shell.View{P: p, Title: "x", Brand: shell.Brand{Name: "Rowan Street Practice"}}
		d := diary{p: p, me: me, base: "/b", now: noon}
		refused := nurseAt(1, noon.AddDate(0, 0, -400))
		refused.Refused = true
		ls := []record.Look{nurseAt(3, noon), nurseAt(2, noon), refused}
		v := view{Shell: sh, P: p, Days: d.days(ls), Chips: chips(p, "/b", ""), Older: parts.Link{Text: "o", Href: "/o"}, Newest: parts.Link{Text: "n", Href: "/n"}, Yours: parts.Link{Text: "y", Href: "/y"},
			Questions: []asked{{Text: "Why?", On: "today", Href: "/q", State: parts.TagView{Text: "w"}}}}
		v.Sums, v.Heat = sums(p, ls, me, noon)
		if s := rendered(t, showPage(v)); !strings.Contains(s, "is-flag") || !strings.Contains(s, "Priya Raman") {
			t.Error("the list lacks its lines")
		}
		rendered(t, showPage(view{Shell: sh, P: p, Chips: chips(p, "/b", "you")}))
		for _, fits := range []bool{true, false} {
			rendered(t, checkPage(checkView{Shell: sh, P: p, Line: d.line(refused, noon), Fits: fits, Number: "41", Size: "1204", Steps: 11}))
		}
		rendered(t, askPage(askView{Shell: sh, P: p, Line: d.line(refused, noon), Practice: "Rowan", Problem: "!"}))
		rendered(t, askPage(askView{Shell: sh, P: p, Line: d.line(refused, noon), Mine: v.Questions, Questions: v.Questions}))
	}
}

func TestAClientSeesWhoLooked(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	nurse, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.Results|record.Medicines)
	if err != nil || nurse == nil {
		t.Fatal(err)
	}
	if _, err := h.Vault.Open(t.Context(), h.As("manager").Actor(), record.Care, h.Ada, record.Results); err == nil {
		t.Fatal("the manager got in")
	}
	ada, me := h.As("ada"), "/me/"+string(h.Ada)
	page := ada.Get(me+"/looks").Is(200).
		Has(".lk.is-flag", "Grace Obi", "practice manager", "Tried to open your results").
		Has(".lk:not(.is-flag)").Says("Priya Raman", "Opened your medicines and results, for your care.").
		HasNot("[style]").SaysNot("careteam", "Bob")
	if page.Count(".lk a[href$='/ask']") == 0 || strings.Contains(page.Text(".looks-list"), "You ") {
		t.Error("no way to ask, or the client's own looks among the others")
	}
	ada.Get(me + "/looks?who=software").Says("Record import").SaysNot("Priya Raman")
	ada.Get(me + "/looks?who=you").Says("Opened your messages and this list.").SaysNot("Priya Raman")
	ada.Get(me + "/looks?below=2").Is(200).HasNot(".sum")
	h.As("bob").Get(me + "/looks").Is(404)
	h.As("nurse").Get(me + "/looks").Is(404)
	if l := h.Looks(h.Ada, 1)[0]; !l.Refused || l.Name != "Priya Raman" {
		t.Errorf("the nurse's try left %+v", l)
	}
}

func TestALineIsCheckedAndAskedAbout(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	if _, err := h.Vault.Open(t.Context(), h.As("nurse").Actor(), record.Care, h.Ada, record.Results); err != nil {
		t.Fatal(err)
	}
	ada, me := h.As("ada"), "/me/"+string(h.Ada)
	href := ada.Get(me+"/looks?who=people").Attr(".lk-acts a", "href")
	ada.Get(href).Is(200).Has("[data-book-result=server]", "number", "the book is signed").Has("[data-says*='|open|care|0|results:0']").
		HasNot("[style]").Says("Priya Raman")
	number := ada.Get(href).Attr("[data-line]", "data-line")
	var b struct {
		Checkpoint, Key string
		Lines           []wireProof
	}
	if err := json.Unmarshal([]byte(ada.Get(me+"/looks/book?lines="+number).Is(200).Body), &b); err != nil || len(b.Lines) < 1 {
		t.Fatal(b, err)
	}
	p := b.Lines[0]
	p.note, p.key = b.Checkpoint, b.Key
	if err := p.check(); err != "" {
		t.Error(err)
	}
	p.Entry[5] ^= 1
	if p.check() == "" {
		t.Error("a changed entry was found to be in the book")
	}
	ask := href + "/ask"
	ada.Post(ask, url.Values{"question": {" \u202e "}}).Is(422).Has(".problem", "Write your question")
	ada.Post(ask, url.Values{"question": {strings.Repeat("x", 2001)}}).Is(422)
	ada.Post(ask, url.Values{"question": {"Why?"}}).Is(303)
	ada.Post(ask, url.Values{"question": {"Again"}}).Is(303)
	ada.Get(ask).Has("h1", "recorded").Says("Why?", "Waiting for an answer", "Rowan Street Practice must answer").SaysNot("Again")
	ada.Get(me+"/looks").Has(".lk-asked", "You asked about this on 24 Nov").Has(".rows", "Why?")
	wrote := 0
	for _, l := range h.Looks(h.Ada, 12) {
		if l.Act == "write" && l.Parts == record.Messages && l.Written == 1 && l.Purpose == "own" {
			wrote++
		}
	}
	if wrote != 1 {
		t.Errorf("%d questions are on the ledger, want one", wrote)
	}
	h.As("bob").Get(strings.Replace(href, string(h.Ada), string(h.Bob), 1)).Is(404)
	h.As("bob").Post(strings.Replace(ask, string(h.Ada), string(h.Bob), 1), url.Values{"question": {"Why?"}}).Is(404)
	ada.Get(me + "/looks/99999").Is(404)
	ada.Get(me + "/looks/x").Is(404)
}

// A button pressed twice, or two tabs at once, ask one question.
func TestAQuestionSentManyTimesAtOnceIsOneQuestion(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, Routes()...)
	ada := h.As("ada")
	me := "/me/" + string(h.Ada)
	ask := me + "/looks/" + strconv.FormatInt(h.Looks(h.Ada, 1)[0].Seq, 10) + "/ask"
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() { ada.Post(ask, url.Values{"question": {"Why " + strconv.Itoa(i)}}).Is(303) })
	}
	wg.Wait()
	if n := strings.Count(ada.Get(me+"/looks").Text(".rows"), "Why "); n != 1 {
		t.Errorf("%d questions are kept, want one", n)
	}
}

// wireProof is a proof as the browser gets it, and check is what js/looks.js
// does, in another language than both it and the ledger: if one of the three
// drifts, this fails.
type wireProof struct {
	Entry, Salt []byte
	Index       int64
	Hashes      [][]byte
	note, key   string
}

func (p wireProof) check() string {
	sum := func(bs ...[]byte) []byte { h := sha256.Sum256(bytes.Join(bs, nil)); return h[:] }
	end := strings.Index(p.note, "\n\n")
	head := strings.Split(p.note, "\n")
	size, err := strconv.ParseInt(head[1], 10, 64)
	if err != nil || end < 0 || p.Index >= size {
		return "the note is no checkpoint"
	}
	r := sum([]byte{0}, sum([]byte("rapport/ledger/v1\n"), p.Salt, sum(p.Entry)))
	fn, sn := p.Index, size-1
	for _, x := range p.Hashes {
		if sn == 0 {
			return "the path is too long"
		}
		if fn%2 == 1 || fn == sn {
			r = sum([]byte{1}, x, r)
			for fn != 0 && fn%2 == 0 {
				fn, sn = fn/2, sn/2
			}
		} else {
			r = sum([]byte{1}, r, x)
		}
		fn, sn = fn/2, sn/2
	}
	if sn != 0 || base64.StdEncoding.EncodeToString(r) != head[2] {
		return "the line is not in the book"
	}
	v := strings.SplitN(p.key, "+", 3)
	key, err := base64.StdEncoding.DecodeString(v[2])
	if err != nil || hex.EncodeToString(sum([]byte(v[0]+"\n"), key)[:4]) != v[1] {
		return "the key is not the key it says it is"
	}
	line := strings.TrimSpace(p.note[end+2:])
	sig, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(line, "— "+v[0]+" "))
	if err != nil || len(sig) != 68 || !ed25519.Verify(key[1:], []byte(p.note[:end+1]), sig[4:]) {
		return "the book is not signed"
	}
	return ""
}
