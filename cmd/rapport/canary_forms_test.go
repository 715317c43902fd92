package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/net/html"

	"rapport/account"
	"rapport/fhir"
	"rapport/post"
	"rapport/record"
	"rapport/web/webtest"
)

// Every canary begins with a stem, so that one search finds them all. What is about the
// practice and about no client is readable (docs/threats.md lists it) and has a stem of its
// own: it may lie in the database, and nowhere else.
const (
	clientStem   = "Kanarjenvogel"
	practiceStem = "Praxisjenvogel"
	numberStem   = "+447700"
)

// planter fills every field of every form with a canary of its own.
type planter struct {
	t      *testing.T
	h      *webtest.House
	n      int
	fields int
	forms  map[string]bool // by method, kind of address and the names of the fields
	taken  int             // how many were taken
	late   []filled        // forms that end something: they are sent last
	pages  map[string]bool
	shown  strings.Builder // every answer
	urls   []string        // every address that was asked for, led to, or sent to
}

type filled struct {
	v    *webtest.Visitor
	n    *html.Node
	path string
}

// ofPractice are the addresses at which a practice writes about itself.
func ofPractice(path string) bool { return strings.HasPrefix(path, "/practice") }

func (p *planter) canary(stem string) string {
	p.n++
	p.fields++
	return fmt.Sprintf("%s%04d", stem, p.n)
}

// walk opens every kind of page somebody can reach, and fills the forms in.
func (p *planter) walk(v *webtest.Visitor, who string, from ...string) {
	todo := from
	for opened := 0; len(todo) > 0 && opened < 150; {
		at, _, _ := strings.Cut(todo[0], "#")
		todo = todo[1:]
		kind := who + " " + kindOf(at)
		if p.pages[kind] || !strings.HasPrefix(at, "/") || strings.HasPrefix(at, "/live/") || strings.HasPrefix(at, "/assets/") {
			continue
		}
		p.pages[kind] = true
		opened++
		page := v.Get(at)
		p.answered(at, page)
		doc, err := html.Parse(strings.NewReader(page.Body))
		if err != nil || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") || page.Header.Get("Content-Disposition") != "" { // a page to save sends nothing anywhere
			continue
		}
		for n := range doc.Descendants() {
			if n.Data == "a" {
				todo = append(todo, valueOf(n, "href"))
			}
			if n.Type == html.ElementNode && n.Data == "form" {
				todo = append(todo, p.fill(v, n, at, false)...)
			}
		}
	}
}

var lasting = []string{"end", "left", "drop", "remove", "cancel", "stop", "withdraw", "reset", "back", "away", "out", "keep", "apart", "merge", "decline", "leave"}

// fill sends a form with canaries in it, once for each kind of form, and returns where it
// led to.
func (p *planter) fill(v *webtest.Visitor, n *html.Node, at string, late bool) []string {
	path := valueOf(n, "action")
	if path == "" {
		path = at
	}
	method := strings.ToUpper(valueOf(n, "method"))
	if !strings.HasPrefix(path, "/") || method != "POST" && method != "" && method != "GET" {
		return nil
	}
	var names []string
	for e := range n.Descendants() {
		if name := valueOf(e, "name"); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	kind := method + " " + kindOf(path) + " " + strings.Join(names, " ")
	if p.forms[kind] && !late {
		return nil
	}
	p.forms[kind] = true
	if !late && slices.Contains(lasting, path[strings.LastIndex(path, "/")+1:]) {
		p.late = append(p.late, filled{v, n, at})
		return nil
	}
	var leads []string
	for _, only := range []int{-1, 0, 1} { // all the fields, and then the first ones alone
		form, files, texts := p.values(n, path, only)
		if only >= texts && only > 0 {
			break
		}
		var page *webtest.Page
		switch {
		case method != "POST": // what is asked for by an address stands in it: it must hold no words
			if texts > 0 && !numeric(n) {
				p.t.Errorf("the form on %s puts %v into an address", kindOf(at), names)
			}
			return nil
		case len(files) > 0:
			page = v.UploadWith(path, form, files)
		default:
			page = v.Post(path, form)
		}
		p.answered(path, page)
		if page.Status == 303 {
			p.taken++
			leads = append(leads, page.Header.Get("Location"))
			break
		}
		if strings.Contains(page.Header.Get("Content-Type"), "text/html") && page.Status == 200 {
			p.taken++
			break
		}
	}
	return leads
}

// values fills in what can be written; what can be chosen stays, or is the first.
func (p *planter) values(n *html.Node, path string, only int) (url.Values, map[string][]byte, int) {
	form, files, texts := url.Values{}, map[string][]byte{}, 0
	stem := clientStem
	if ofPractice(path) {
		stem = practiceStem
	}
	text := func(e *html.Node, s string) {
		if only < 0 || only == texts || slices.ContainsFunc(e.Attr, func(a html.Attribute) bool { return a.Key == "required" }) {
			form.Add(valueOf(e, "name"), s)
		} else {
			form.Add(valueOf(e, "name"), valueOf(e, "value"))
		}
		texts++
	}
	for e := range n.Descendants() {
		name := valueOf(e, "name")
		if name == "" || e.Type != html.ElementNode {
			continue
		}
		switch e.Data {
		case "textarea":
			text(e, p.canary(stem)+" and more.")
		case "select":
			for o := range e.Descendants() {
				if v := valueOf(o, "value"); o.Data == "option" && v != "" {
					form.Set(name, v)
				}
			}
		case "button":
			if form.Get(name) == "" {
				form.Set(name, valueOf(e, "value"))
			}
		case "input":
			switch valueOf(e, "type") {
			case "", "text", "search":
				text(e, p.canary(stem))
			case "email":
				text(e, p.canary(stem)+"@example.org")
			case "tel":
				text(e, p.canary(numberStem))
			case "file":
				files[name] = []byte("%PDF-1.4\n% " + p.canary(stem) + "\n%%EOF\n")
			case "date":
				form.Add(name, "2026-11-26")
			case "time":
				form.Add(name, "10:00")
			case "number", "range":
				form.Add(name, "7")
			case "radio", "checkbox":
				if form.Get(name) == "" || valueOf(e, "type") == "checkbox" {
					form.Add(name, orOn(valueOf(e, "value")))
				}
			default:
				form.Add(name, valueOf(e, "value"))
			}
		}
	}
	return form, files, texts
}

// numeric reports that a form takes numbers alone.
func numeric(n *html.Node) bool {
	for e := range n.Descendants() {
		if e.Data == "textarea" || e.Data == "input" && valueOf(e, "inputmode") != "numeric" && slices.Contains([]string{"", "text", "search", "email", "tel"}, valueOf(e, "type")) {
			return false
		}
	}
	return true
}

func orOn(s string) string {
	if s == "" {
		return "on"
	}
	return s
}

// answered keeps what an answer said, and every address in it.
func (p *planter) answered(path string, page *webtest.Page) {
	if page.Status >= 500 && page.Status != 503 { // of times there are only so many to hold
		p.t.Errorf("%s: status %d", kindOf(path), page.Status)
	}
	p.shown.WriteString(page.Body)
	p.urls = append(append(p.urls, path, page.Header.Get("Location")), addresses(page.Body)...)
}

// wherever are the ways in which a stem may lie in bytes.
func wherever(stem string) map[string][]byte {
	wide := []byte{}
	for _, x := range utf16.Encode([]rune(stem)) {
		wide = append(wide, byte(x), byte(x>>8))
	}
	out := map[string][]byte{"as it is": []byte(stem), "in small letters": []byte(strings.ToLower(stem)), "in hex": []byte(hex.EncodeToString([]byte(stem))), "in UTF-16": wide, "in an address": []byte(url.QueryEscape(stem))}
	for shift := range 3 {
		b := base64.StdEncoding.EncodeToString(append(bytes.Repeat([]byte{'x'}, shift), stem...))
		out[fmt.Sprint("in base64 at ", shift)] = []byte(b[4 : len(b)-4])
	}
	return out
}

// sought looks for some stems and says where they are.
func sought(b []byte, stems ...string) (out []string) {
	for _, s := range stems {
		for how, x := range wherever(s) {
			if i := bytes.Index(b, x); i >= 0 {
				out = append(out, fmt.Sprintf("%s %s: %.60q", s, how, b[i:]))
			}
		}
	}
	return out
}

// mails are the letters that wait, as they leave: as mail, as a push, as a text.
func (p *planter) mails(t *testing.T) (n int, all string) {
	t.Helper()
	var b strings.Builder
	base := &url.URL{Scheme: "https", Host: "practice.example"}
	for _, l := range p.h.Mailed() {
		x := letters{p.h.Vault, base}.letter("l", "", l)
		x.Practice = "" // what the practice calls itself is no secret
		if m, err := post.Write(x); err == nil {
			n++
			fmt.Fprint(&b, m)
		}
		if s, err := post.Text(x); err == nil {
			b.WriteString(s)
		}
		if s, err := post.Short(x); err == nil {
			fmt.Fprint(&b, s)
		}
		p.urls = append(p.urls, x.Link)
	}
	return n, b.String()
}

// TestNoCanaryOfAnyForm writes a word of its own into every field of every form that
// anybody can reach, and looks for them where none may be: on the disk, in temporary files,
// in the log, in addresses, in mail, pushes and texts.
func TestNoCanaryOfAnyForm(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp) // temporary files are looked through, too
	h := webtest.New(t, routes()...)
	p := &planter{t: t, h: h, forms: map[string]bool{}, pages: map[string]bool{}}
	if err := h.Practice().SetStaff(t.Context(), record.StaffMember{ID: "officer", Name: "Una Holm", Title: "Privacy officer", Roles: account.PrivacyOfficer.String()}); err != nil {
		t.Fatal(err)
	}
	sent, posted := 0, ""
	ada, of := "/me/"+string(h.Ada), "/clients/"+string(h.Ada)
	for _, x := range []struct {
		who  string
		from []string
	}{
		{"ada", own(ada)}, {"bob", []string{"/me/" + string(h.Bob) + "/today"}}, {"hana", []string{"/family", ada + "/visits", ada + "/today"}},
		{"physician", staffPages(of)}, {"nurse", staffPages(of)}, {"frontdesk", append(staffPages(of), "/waiting", "/doubles")},
		{"manager", []string{"/practice", "/practice/team", "/practice/times", "/practice/forms", "/practice/services", "/practice/rooms", "/practice/minors", "/practice/messages", "/practice/replies", "/practice/keeping", "/practice/times/changes", "/practice/times/hours", "/practice/team/new"}},
		{"officer", []string{"/practice/privacy", "/practice/keeping"}}, {"ada", own(ada)}, {"nobody", []string{"/", "/in", "/join", "/visits", "/visits/map", "/visits/guest", "/in/back"}},
	} {
		v := h.As(x.who)
		p.walk(v, x.who+fmt.Sprint(len(p.pages)), append([]string{"/home", "/account", "/account/notices", "/account/start", "/account/why"}, x.from...)...)
		n, m := p.mails(t)
		sent, posted = sent+n, posted+m
	}
	for _, f := range p.late {
		p.fill(f.v, f.n, f.path, true)
	}
	n, m := p.mails(t)
	sent, posted = sent+n, posted+m
	p.apis(h)
	p.look(t, tmp, posted, sent)
}

func own(me string) []string {
	var out []string
	for _, at := range []string{"/today", "/health", "/visits", "/visits/map", "/messages", "/messages/new", "/messages/new/care?wait=no", "/plan", "/plan/new", "/forms", "/helpers", "/helpers/new", "/looks", "/looks?who=everyone", "/trust", "/trust/who", "/trust/as", "/trust/private", "/trust/wrong", "/trust/wrong?part=results", "/trust/keep", "/take", "/visits/series", "/visits/calendar"} {
		out = append(out, me+at)
	}
	return out
}

func staffPages(of string) []string {
	out := []string{"/clients", "/inbox", "/inbox/many", "/day", "/day/book", "/day/calendar", "/plans"}
	for _, at := range []string{"", "/access", "/book", "/forms", "/order", "/plan", "/plan/new", "/timeline", "/glass", "/corrections"} {
		out = append(out, of+at)
	}
	return append(out, strings.Replace(of, "/clients/", "/inbox/", 1)+"/new", strings.Replace(of, "/clients/", "/desk/", 1)+"/new")
}

// apis writes canaries into every text of the resources that other programs bring.
func (p *planter) apis(h *webtest.House) {
	for i, typ := range sortedKeys(secretShapes) {
		body := strings.NewReplacer("WORD", p.canary(clientStem), "DAY", "2026-11-20", "PERSON", "ada-person").Replace(secretShapes[typ])
		chart, err := h.Vault.Open(p.t.Context(), account.AsSystem(account.Importer), record.Importing, h.Ada, record.AllParts)
		if err != nil {
			p.t.Fatal(err)
		}
		id := fmt.Sprintf("%s-%d", p.canary(clientStem), i)
		if _, err := chart.Put(p.t.Context(), fhir.Resource{Type: typ, ID: id, JSON: []byte(`{"resourceType":"` + typ + `","id":"` + id + `",` + body + `}`)}); err != nil {
			p.t.Fatal(typ, err)
		}
	}
}

// look searches everything that is not sealed.
func (p *planter) look(t *testing.T, tmp, posted string, sent int) {
	t.Helper()
	found := 0
	report := func(where string, hits []string) {
		for _, x := range hits {
			found++
			t.Errorf("%s holds %s", where, x)
		}
	}
	all := []string{clientStem, practiceStem, numberStem}
	report("the log", sought(p.h.Log.Bytes(), all...))
	report("mail", sought([]byte(posted), clientStem, practiceStem))
	for _, u := range p.urls {
		stems := all
		if ofPractice(u) { // a form of the practice's has its title in its address
			stems = []string{clientStem, numberStem}
		}
		report("the address "+kindOf(u), sought([]byte(u), stems...))
	}
	files, size := 0, 0 // of the folder where the House lies, and those made elsewhere meanwhile
	err := filepath.WalkDir(filepath.Dir(tmp), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		files, size = files+1, size+len(b)
		stems := all
		if strings.HasPrefix(d.Name(), "data.db") { // and its write-ahead log
			stems = []string{clientStem, numberStem}
		}
		report("file "+d.Name(), sought(b, stems...))
		return err
	})
	shown := strings.Count(p.shown.String(), clientStem)
	if err != nil || files < 4 || len(p.forms) < 60 || p.fields < 200 || sent < 5 || shown < 50 {
		t.Errorf("%d files, %d forms, %d fields, %d letters, shown again %d times, %v: too little was tried", files, len(p.forms), p.fields, sent, shown, err)
	}
	if len(sought([]byte("x"+base64.StdEncoding.EncodeToString([]byte("ab"+clientStem+"9999"))), clientStem)) == 0 {
		t.Error("the search finds nothing even where there is something")
	}
	t.Logf("TRUST canaries: %d forms (%d sendings taken), %d fields each with a word of its own; shown again to who may see them %d times; looked for in %d files (%d bytes), %d letters, %d addresses, %d bytes of log: %d found",
		len(p.forms), p.taken, p.fields, shown, files, size, sent, len(p.urls), p.h.Log.Len(), found)
}
