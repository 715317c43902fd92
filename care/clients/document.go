package clients

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// documentView is one letter or note.
type documentView struct {
	Shell shell.View
	P     lang.Printer
	Head  headView
	Back  parts.Link
	Title string
	Facts []parts.Fact
	Files []fileView
	Foot  footView
}

// fileView is one file of it: text is shown, a picture is shown, the rest is
// kept.
type fileView struct {
	Paragraphs []string
	Picture    string // its address
	Keep       parts.ButtonView
	Elsewhere  bool
}

func documentFacts(t teller, d document) []parts.Fact {
	return []parts.Fact{{Term: t.PartWhen(), Text: t.short(d.at)}, {Term: t.ClientsDocumentBy(), Text: strings.Join(d.by, ", ")}, {Term: t.ClientsDocumentKind(), Text: kindText(d)}}
}

func kindText(d document) string {
	if d.kind == d.title {
		return ""
	}
	return d.kind
}

// pictures are the kinds a browser may draw inside a page. SVG is not among
// them: it can carry script.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// endings are the kinds that are handed out as what they are; anything else is
// handed out as bytes.
var endings = map[string]string{"application/pdf": ".pdf", "text/plain": ".txt", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}

func showFiles(p *puller, l lang.Printer, d document, href string) []fileView {
	var out []fileView
	for i, f := range d.files {
		at := href + "/documents/" + string(d.ref) + "/files/" + strconv.Itoa(i)
		keep := parts.ButtonView{Text: l.ClientsDocumentKeep(), Icon: "download", Href: at, Download: true}
		switch {
		case f.data == "" && f.ref == "":
			out = append(out, fileView{Elsewhere: true})
		case f.kind == "text/plain" || f.kind == "text/markdown":
			_, body := p.contents(f)
			out = append(out, fileView{Paragraphs: paragraphs(body)})
		case slices.Contains(pictures, f.kind):
			out = append(out, fileView{Picture: at, Keep: keep})
		default:
			out = append(out, fileView{Keep: keep})
		}
	}
	return out
}

// paragraphs splits a text where it has an empty line. What is no UTF-8 is
// taken for Latin-1, which older systems send.
func paragraphs(b []byte) []string {
	if !utf8.Valid(b) {
		rs := make([]rune, len(b))
		for i, c := range b {
			rs[i] = rune(c)
		}
		b = []byte(string(rs))
	}
	var out []string
	for _, p := range strings.Split(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n\n") {
		if p = strings.Trim(p, "\n"); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// file hands out one file, under a name of ours and never as something a
// browser would run.
func file(a *web.Ask, c *record.Chart) (web.Answer, error) {
	p := &puller{ctx: a.Context(), c: c}
	d := p.paper(record.Ref(a.Path("id")))
	n, err := strconv.Atoi(a.Path("n"))
	if p.err == nil && (err != nil || n < 0 || n >= len(d.files)) {
		p.err = errs.E(errs.NotFound, "clients: no such file")
	}
	if p.err != nil {
		return web.Answer{}, p.err
	}
	kind, body := p.contents(d.files[n])
	if p.err != nil {
		return web.Answer{}, p.err
	}
	end, ok := endings[kind]
	if !ok {
		kind, end = "application/octet-stream", ".bin"
	}
	return web.File(kind, "document"+end, body), nil
}

func showDocument(a *web.Ask, c *record.Chart) (web.Answer, error) {
	p := &puller{ctx: a.Context(), c: c}
	who, d := readWho(p), p.paper(record.Ref(a.Path("id")))
	v := documentView{P: a.P, Head: newHead(a, c, who), Title: cmp.Or(d.title, a.P.ClientsDocument()), Facts: documentFacts(teller{a.P, a.Now}, d)}
	v.Files = showFiles(p, a.P, d, base(c))
	if p.err != nil {
		return web.Answer{}, p.err
	}
	v.Head.Home = base(c)
	v.Back = parts.Link{Text: a.P.ClientsTabsSummary(), Href: base(c)}
	v.Shell = frame(a, v.Head.Name)
	v.Foot = footOf(a, c, who)
	return web.Page(documentPage(v)), nil
}
