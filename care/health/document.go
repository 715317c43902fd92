package health

import (
	"mime"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
	"rapport/web/shell"
)

// documentsView is a page of the list.
type documentsView struct {
	Shell        shell.View
	P            lang.Printer
	Whose        whose
	Base         string
	Rows         []parts.RowView
	Newer, Older parts.Link
}

// documentView is one document.
type documentView struct {
	Shell         shell.View
	P             lang.Printer
	Base          string
	Name, Kind    string
	From, When    string
	Language      string
	Blocks        []block
	Cut           bool
	Files         []parts.ButtonView
	ElsewhereOnly bool
}

const perPage = 25

// documents answers GET /me/{client}/health/documents.
func documents(a *web.Ask, c *record.Chart) (web.Answer, error) {
	n, err := strconv.Atoi(a.Query("page"))
	if err != nil || n < 1 || n > 10_000 {
		n = 1
	}
	ds, err := documentList(a.Context(), c, "_count", strconv.Itoa(n*perPage+1))
	if err != nil {
		return web.Answer{}, err
	}
	v := documentsView{Shell: a.Shell(a.P.HealthDocuments(), "health"), P: a.P, Whose: whoseOf(a), Base: base(c)}
	here := v.Base + "/documents"
	if n > 1 {
		v.Newer = parts.Link{Text: a.P.HealthPageNewer(), Href: here + "?page=" + strconv.Itoa(n-1), Icon: "arrow-left"}
	}
	if len(ds) > n*perPage {
		ds = ds[:n*perPage]
		v.Older = parts.Link{Text: a.P.HealthPageOlder(), Href: here + "?page=" + strconv.Itoa(n+1)}
	}
	for _, d := range ds[min((n-1)*perPage, len(ds)):] {
		v.Rows = append(v.Rows, d.row(a.P, v.Base, a.Now))
	}
	return web.Page(documentsPage(v)), nil
}

// shownText is how much of a document stands on the page; the rest is in the
// file.
const shownText = 20_000

// showDocument answers GET /me/{client}/health/documents/{id}.
func showDocument(a *web.Ask, c *record.Chart) (web.Answer, error) {
	d, err := oneDocument(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	v := documentView{P: a.P, Base: base(c), Name: named(a.P, d.Name), From: strings.Join(d.By, ", "), When: moment(a.P, d.At, a.Now)}
	if d.Kind != d.Name {
		v.Kind = d.Kind
	}
	v.Shell = a.Shell(v.Name, "health")
	for i, f := range d.Files {
		b, err := f.content(a.Context(), c)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return web.Answer{}, err
		}
		if f.plainText() && v.Blocks == nil && utf8.Valid(b) {
			text := string(b)
			if len(text) > shownText {
				text, v.Cut = strings.ToValidUTF8(text[:shownText], ""), true
			}
			v.Blocks, v.Language = blocks(text), f.Language
			if !v.Cut {
				continue
			}
		}
		v.Files = append(v.Files, parts.ButtonView{Text: a.P.HealthDocumentSave(), Icon: "download", Download: true,
			Href: v.Base + "/documents/" + string(d.Ref) + "/" + strconv.Itoa(i)})
	}
	v.ElsewhereOnly = len(v.Blocks)+len(v.Files) == 0
	return web.Page(documentPage(v)), nil
}

func oneDocument(a *web.Ask, c *record.Chart) (document, error) {
	f, err := c.ReadRef(a.Context(), "DocumentReference", record.Ref(a.Path("id")))
	if err != nil {
		return document{}, err
	}
	d, err := readDocument(f.JSON)
	if err == nil && d.ID == "" {
		err = errs.E(errs.NotFound, "health: that document was withdrawn")
	}
	d.Ref = f.Ref
	return d, err
}

// saveDocument answers GET /me/{client}/health/documents/{id}/{file}.
func saveDocument(a *web.Ask, c *record.Chart) (web.Answer, error) {
	d, err := oneDocument(a, c)
	if err != nil {
		return web.Answer{}, err
	}
	n, err := strconv.Atoi(a.Path("file"))
	if err != nil || n < 0 || n >= len(d.Files) {
		return web.Answer{}, errs.E(errs.NotFound, "health: the document has no such file")
	}
	b, err := d.Files[n].content(a.Context(), c)
	if err != nil {
		return web.Answer{}, err
	}
	kind, ext := d.Files[n].safe()
	return web.File(kind, fileName(d.At, a.Now, ext), b), nil
}

func (f file) base() string {
	t, _, err := mime.ParseMediaType(f.Type)
	if err != nil {
		t, _, _ = strings.Cut(f.Type, ";")
	}
	return strings.ToLower(strings.TrimSpace(t))
}

func (f file) plainText() bool { return f.base() == "text/plain" || f.base() == "text/markdown" }

// safe returns the type a file is served as and the ending of its name. What a
// browser might run is served as bytes.
func (f file) safe() (kind, ext string) {
	switch t := f.base(); t {
	case "application/pdf":
		return t, ".pdf"
	case "image/png":
		return t, ".png"
	case "image/jpeg":
		return t, ".jpg"
	case "text/plain", "text/markdown":
		return "text/plain; charset=utf-8", ".txt"
	case "application/rtf", "text/rtf":
		return "application/octet-stream", ".rtf"
	case "application/xml", "text/xml":
		return "application/octet-stream", ".xml"
	}
	return "application/octet-stream", ".bin"
}

// fileName says nothing but the day: a file's name is seen by whoever sees the
// screen.
func fileName(t fhir.Time, now time.Time, ext string) string {
	if t.IsZero() {
		return "document" + ext
	}
	return "document-" + local(t, now).Format(time.DateOnly) + ext
}

// block is a piece of a text: a heading, an item of a list, or a paragraph.
type block struct {
	Kind blockKind
	Text string
}

type blockKind uint8

const (
	paragraph blockKind = iota + 1
	heading
	item
)

// blocks reads the light marks that note-writing systems put into plain text:
// headings after #, items after - or *. Everything else stays as it is.
func blocks(s string) []block {
	var out []block
	open := false // the last block is a paragraph that goes on
	for _, l := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		t := strings.TrimSpace(l)
		switch {
		case t == "":
			open = false
		case strings.HasPrefix(t, "#"):
			if t = strings.TrimSpace(strings.TrimLeft(t, "#")); t != "" {
				out = append(out, block{heading, t})
			}
			open = false
		case strings.HasPrefix(t, "- ") || strings.HasPrefix(t, "* "):
			out = append(out, block{item, strings.TrimSpace(t[2:])})
			open = false
		case open:
			out[len(out)-1].Text += "\n" + t
		default:
			out = append(out, block{paragraph, t})
			open = true
		}
	}
	return out
}
