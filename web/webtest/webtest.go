// Package webtest builds a small practice over a real store and lets a test walk
// through its pages as somebody: who, request, status, what must and must not be
// on the page, and the ledger lines it must have caused. It refuses to fake
// anything but the clock.
package webtest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the people
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"rapport/account"
	"rapport/clock"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record"
	"rapport/web"
	"rapport/web/shell"
)

//go:embed people.ndjson
var people []byte

// Start is when a House opens: a Tuesday morning.
var Start = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

// House is a practice with four staff and two clients: Ada, who has a little of
// everything in her chart, and Bob, who has other things in his.
type House struct {
	T      testing.TB
	Dir    string
	Vault  *record.Vault
	Doors  *account.Doors
	Now    *clock.Fake
	Web    *web.Server
	Config web.Config    // what Web was made with
	Log    *bytes.Buffer // what the server logged
	Ada    fhir.ClientID
	Bob    fhir.ClientID
	hanas  account.Subject
	key    string // the master key's file
}

// Staff are the accounts of a House, by the role they are named after.
var Staff = map[string]record.StaffMember{
	"nurse":     {ID: "nurse", Name: "Priya Raman", Title: "Nurse", Roles: "nurse"},
	"physician": {ID: "physician", Name: "Dr Lena Ortiz", Title: "GP", Roles: "clinician"},
	"frontdesk": {ID: "frontdesk", Name: "Joe Park", Title: "Front desk", Roles: "frontdesk"},
	"manager":   {ID: "manager", Name: "Grace Obi", Title: "Practice manager", Roles: "manager"},
	"officer":   {ID: "officer", Name: "Ruth Bell", Title: "Privacy officer", Roles: account.PrivacyOfficer.String()},
}

// New builds a House that serves the given routes.
func New(t testing.TB, routes ...web.Route) *House {
	t.Helper()
	h := &House{T: t, Dir: filepath.Join(t.TempDir(), "data"), Now: clock.At(Start), Log: &bytes.Buffer{}, key: filepath.Join(t.TempDir(), "key")}
	v, err := record.Create(t.Context(), record.Config{Dir: h.Dir, KeyFile: h.key, Clock: h.Now})
	if err != nil {
		t.Fatal(err)
	}
	h.use(v)
	h.furnish()
	h.serve(routes)
	return h
}

// use has the House live in a vault.
func (h *House) use(v *record.Vault) {
	h.Vault, h.Doors = v, account.New(v, v, h.Now)
	h.T.Cleanup(func() {
		if err := v.Close(); err != nil {
			h.T.Error(err)
		}
	})
}

// serve has the House serve pages.
func (h *House) serve(routes []web.Route) {
	h.T.Helper()
	base := &url.URL{Scheme: "https", Host: "practice.example"}
	err := h.Doors.Serve(base, func() string { return h.Vault.Settings().Name })
	if err != nil {
		h.T.Fatal(err)
	}
	h.Config = web.Config{Vault: h.Vault, Doors: h.Doors, Clock: h.Now, Log: slog.New(slog.NewTextHandler(h.Log, nil)), Base: base,
		Home: func(account.Actor, []record.Cared) string { return "/home" }, Nav: nav}
	if h.Web, err = web.New(h.Config, routes...); err != nil {
		h.T.Fatal(err)
	}
}

// nav leads to the day of whom somebody looks after, and nowhere else.
func nav(_ lang.Printer, _ account.Actor, _ []record.Cared, of *record.Cared) []shell.NavItem {
	if of == nil {
		return nil
	}
	return []shell.NavItem{{ID: "today", Label: "Today", Href: "/me/" + string(of.Client) + "/today"}}
}

func (h *House) furnish() {
	h.T.Helper()
	importer := account.AsSystem(account.Importer)
	p, err := h.Vault.OpenPractice(h.T.Context(), importer, record.Importing)
	if err != nil {
		h.T.Fatal(err)
	}
	s := h.Vault.Settings()
	s.Name, s.Zone, s.Phone, s.Emergency = "Rowan Street Practice", "Europe/London", "020 7946 0123", "112"
	if err := p.SetSettings(h.T.Context(), s); err != nil {
		h.T.Fatal(err)
	}
	for _, m := range Staff {
		if err := p.SetStaff(h.T.Context(), m); err != nil {
			h.T.Fatal(err)
		}
	}
	if err := p.SetTimetable(h.T.Context(), Times()); err != nil {
		h.T.Fatal(err)
	}
	var charts [][]fhir.Resource
	sc := bufio.NewScanner(bytes.NewReader(people))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var x struct{ ResourceType, ID string }
		if err := json.Unmarshal(sc.Bytes(), &x); err != nil {
			h.T.Fatal(err)
		}
		if x.ResourceType == "Patient" {
			charts = append(charts, nil)
		}
		charts[len(charts)-1] = append(charts[len(charts)-1], fhir.Resource{Type: x.ResourceType, ID: x.ID, JSON: bytes.Clone(sc.Bytes())})
	}
	ids := make([]fhir.ClientID, len(charts))
	for i, rs := range charts {
		c, err := h.Vault.Admit(h.T.Context(), importer, record.Importing)
		if err != nil {
			h.T.Fatal(err)
		}
		rs = append(rs, fhir.Resource{Type: "CareTeam", ID: rs[0].ID + "-team", JSON: []byte(`{"resourceType":"CareTeam","id":"` + rs[0].ID + `-team","status":"active","subject":{"reference":"Patient/` + rs[0].ID + `"},` +
			`"participant":[{"member":{"reference":"Practitioner/physician"}},{"member":{"reference":"Practitioner/nurse"}}]}`)})
		if _, err := c.Put(h.T.Context(), rs...); err != nil {
			h.T.Fatal(err)
		}
		ids[i] = c.Client()
	}
	h.Ada, h.Bob = ids[0], ids[1]
}

// Subject returns the account of somebody in the House: "ada", "bob", "hana", who
// helps Ada, or a role.
func (h *House) Subject(name string) account.Subject {
	switch name {
	case "ada":
		return account.Subject{Kind: account.Client, ID: string(h.Ada)}
	case "bob":
		return account.Subject{Kind: account.Client, ID: string(h.Bob)}
	}
	if name == "hana" {
		return h.hana()
	}
	return account.Subject{Kind: account.Staff, ID: name}
}

// carried are the cookies a visitor keeps from page to page who is on their way in.
var carried = []string{"__Host-asking", "__Host-books"}

// Visitor is somebody with a browser.
type Visitor struct {
	kept     map[string]string
	h        *House
	token    string
	held     string // the cookie that tells one browser's held time from another's
	Language string // chosen in the menu: "es"; the chart's own, or English, if empty
	Fragment bool   // asks as the script does
	through  http.Handler
	Range    string // asks for a part, as a player does: "bytes=0-9"
}

// As signs somebody in; "nobody" has no session.
func (h *House) As(name string) *Visitor {
	h.T.Helper()
	if name == "nobody" {
		return &Visitor{h: h}
	}
	return h.in(h.Subject(name))
}

// AsClient signs a client in by id.
func (h *House) AsClient(id string) *Visitor {
	h.T.Helper()
	return h.in(account.Subject{Kind: account.Client, ID: id})
}

func (h *House) in(s account.Subject) *Visitor {
	h.T.Helper()
	v := &Visitor{h: h}
	link, err := h.Doors.Invite(h.T.Context(), s, account.Demo)
	if err != nil {
		h.T.Fatal(err)
	}
	in, err := h.Doors.Enter(h.T.Context(), link, account.Ask{})
	if err != nil {
		h.T.Fatal(err)
	}
	v.token = in.Token
	return v
}

// Forget has a visitor throw away the cookie that tells what is held for them.
func (v *Visitor) Forget() { v.held = "" }

// Holding has a visitor use the browser in which another held a time.
func (v *Visitor) Holding(of *Visitor) *Visitor {
	v.held = of.held
	return v
}

// Actor returns the signed-in Actor.
func (v *Visitor) Actor() account.Actor {
	v.h.T.Helper()
	who, err := v.h.Doors.Who(context.Background(), v.token)
	if err != nil {
		v.h.T.Fatal(err)
	}
	return who
}

// Page is an answer.
type Page struct {
	T      testing.TB
	Path   string
	Status int
	Header http.Header
	Body   string
	doc    *html.Node
}

// Get asks for a page.
func (v *Visitor) Get(path string) *Page {
	v.h.T.Helper()
	return v.Do("GET", path, nil)
}

// Post sends a form.
func (v *Visitor) Post(path string, form url.Values) *Page {
	v.h.T.Helper()
	return v.Do("POST", path, form)
}

// Do sends a request as a browser of the same site would.
func (v *Visitor) Do(method, path string, form url.Values) *Page {
	v.h.T.Helper()
	if form == nil {
		return v.send(method, path, "", nil)
	}
	return v.send(method, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// Upload sends a form with one file.
func (v *Visitor) Upload(path, field string, file []byte) *Page {
	v.h.T.Helper()
	return v.UploadWith(path, nil, map[string][]byte{field: file})
}

// UploadWith sends a form with fields and files.
func (v *Visitor) UploadWith(path string, form url.Values, files map[string][]byte) *Page {
	v.h.T.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	var err error
	for k, vs := range form {
		for _, x := range vs {
			err = errors.Join(err, w.WriteField(k, x))
		}
	}
	for field, file := range files {
		part, perr := w.CreateFormFile(field, "a file")
		if perr == nil {
			_, perr = part.Write(file)
		}
		err = errors.Join(err, perr)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		v.h.T.Fatal(err)
	}
	return v.send("POST", path, w.FormDataContentType(), &b)
}

func (v *Visitor) send(method, path, kind string, body io.Reader) *Page {
	v.h.T.Helper()
	r := httptest.NewRequest(method, "https://practice.example"+path, body)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if v.Language != "" {
		r.AddCookie(&http.Cookie{Name: "language", Value: v.Language})
	}
	if v.Fragment {
		r.Header.Set("X-Fragment", "1")
	}
	if v.Range != "" {
		r.Header.Set("Range", v.Range)
	}
	if v.token != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-session", Value: v.token})
	}
	if v.held != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-hold", Value: v.held})
	}
	for _, name := range carried {
		if c := v.kept[name]; c != "" {
			r.AddCookie(&http.Cookie{Name: name, Value: c})
		}
	}
	w := httptest.NewRecorder()
	var to http.Handler = v.h.Web
	if v.through != nil {
		to = v.through
	}
	to.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Name == "__Host-hold" {
			v.held = c.Value
		}
		if slices.Contains(carried, c.Name) {
			if v.kept == nil {
				v.kept = map[string]string{}
			}
			v.kept[c.Name] = c.Value
		}
	}
	p := &Page{T: v.h.T, Path: method + " " + path, Status: w.Code, Header: w.Header(), Body: w.Body.String()}
	var err error
	if p.doc, err = html.Parse(strings.NewReader(p.Body)); err != nil {
		v.h.T.Fatal(err)
	}
	return p
}

// Is checks the status.
func (p *Page) Is(status int) *Page {
	p.T.Helper()
	if p.Status != status {
		p.T.Errorf("%s: status %d, want %d", p.Path, p.Status, status)
	}
	return p
}

func (p *Page) all(sel string) []*html.Node {
	p.T.Helper()
	s, err := cascadia.ParseGroup(sel)
	if err != nil {
		p.T.Fatalf("selector %q: %v", sel, err)
	}
	return cascadia.QueryAll(p.doc, s)
}

// Count returns how many elements match a selector.
func (p *Page) Count(sel string) int { p.T.Helper(); return len(p.all(sel)) }

// Has checks that a selector matches, and that the first match contains every
// text.
func (p *Page) Has(sel string, texts ...string) *Page {
	p.T.Helper()
	ns := p.all(sel)
	if len(ns) == 0 {
		p.T.Errorf("%s: nothing matches %q", p.Path, sel)
		return p
	}
	for _, want := range texts {
		if !strings.Contains(text(ns[0]), want) {
			p.T.Errorf("%s: %q says %q, want %q in it", p.Path, sel, text(ns[0]), want)
		}
	}
	return p
}

// HasNot checks that no selector matches.
func (p *Page) HasNot(sels ...string) *Page {
	p.T.Helper()
	for _, sel := range sels {
		if ns := p.all(sel); len(ns) > 0 {
			p.T.Errorf("%s: %q matches %q, and must not", p.Path, sel, text(ns[0]))
		}
	}
	return p
}

// Says checks that the page contains every text.
func (p *Page) Says(texts ...string) *Page { p.T.Helper(); return p.Has("body", texts...) }

// SaysNot checks that the whole answer contains none of the texts.
func (p *Page) SaysNot(texts ...string) *Page {
	p.T.Helper()
	for _, x := range texts {
		if strings.Contains(p.Body, x) {
			p.T.Errorf("%s: contains %q, and must not", p.Path, x)
		}
	}
	return p
}

// All returns the texts of what a selector finds, in their order.
func (p *Page) All(sel string) (out []string) {
	p.T.Helper()
	for _, n := range p.all(sel) {
		out = append(out, strings.TrimSpace(text(n)))
	}
	return out
}

// Text returns the text of the first match.
func (p *Page) Text(sel string) string {
	p.T.Helper()
	ns := p.all(sel)
	if len(ns) == 0 {
		p.T.Fatalf("%s: nothing matches %q", p.Path, sel)
	}
	return text(ns[0])
}

// Attr returns an attribute of the first match, "" if it has none.
func (p *Page) Attr(sel, name string) string {
	p.T.Helper()
	ns := p.all(sel)
	if len(ns) == 0 {
		p.T.Fatalf("%s: nothing matches %q", p.Path, sel)
	}
	for _, a := range ns[0].Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Form is what a form of the page would send as it stands: what is hidden, filled in or
// chosen. Fields are added or replaced by pairs of a name and a value.
func (p *Page) Form(sel string, more ...string) url.Values {
	p.T.Helper()
	out := url.Values{}
	for _, n := range p.all(sel + " input[name]") {
		f := map[string]string{}
		for _, a := range n.Attr {
			f[a.Key] = a.Val
		}
		_, ticked := f["checked"]
		if (f["type"] != "radio" && f["type"] != "checkbox" || ticked) && f["form"] == "" {
			out.Add(f["name"], f["value"])
		}
	}
	for _, n := range p.all(sel + " textarea[name]") {
		if n.FirstChild != nil {
			out.Add(attr(n, "name"), n.FirstChild.Data)
		} else {
			out.Add(attr(n, "name"), "")
		}
	}
	for _, n := range p.all(sel + " select[name]") {
		if o := chosen(n); o != nil {
			out.Add(attr(n, "name"), attr(o, "value"))
		}
	}
	for i := 0; i+1 < len(more); i += 2 {
		out.Set(more[i], more[i+1])
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// chosen is the option of a select that would be sent: the chosen one, else the first.
func chosen(n *html.Node) *html.Node {
	var first *html.Node
	for o := range n.Descendants() {
		if o.Data != "option" {
			continue
		}
		if first == nil {
			first = o
		}
		if slices.ContainsFunc(o.Attr, func(a html.Attribute) bool { return a.Key == "selected" }) {
			return o
		}
	}
	return first
}

func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

// Gave checks that the newest line about a client says that this answer left them, to
// whoever took it.
func (h *House) Gave(c fhir.ClientID, p *Page, as, purpose string, parts record.Parts, n int) {
	h.T.Helper()
	sum := sha256.Sum256([]byte(p.Body))
	want := record.Gave{To: record.ToThemselves, As: as, Hash: hex.EncodeToString(sum[:]), N: n}
	if l := h.Looks(c, 1); len(l) != 1 || l[0].Act != "give" || l[0].Gave != want || l[0].Purpose != purpose || l[0].Parts != parts {
		h.T.Errorf("%s left, and the newest line is %+v, want %+v", p.Path, l, want)
	}
}

// Looks returns the newest ledger lines of a client, newest first, without the
// one this very reading adds.
func (h *House) Looks(c fhir.ClientID, n int) []record.Look {
	h.T.Helper()
	name := "ada"
	if c == h.Bob {
		name = "bob"
	}
	who := h.As(name).Actor() // adds a link and a sign-in
	chart, err := h.Vault.Open(h.T.Context(), who, record.Own, c, record.Looks)
	if err != nil {
		h.T.Fatal(err)
	}
	const ours = 3
	ls, err := chart.Looks(h.T.Context(), 0, n+ours)
	if err != nil {
		h.T.Fatal(err)
	}
	return ls[min(ours, len(ls)):]
}
