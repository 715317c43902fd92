package forms

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/fhir/plan"
	library "rapport/forms"
)

// kind says what sort of paper one is.
type kind uint8

const (
	aForm kind = iota + 1
	aPlan
)

// path is where the pages of a paper are.
func (k kind) path(id string) string {
	if k == aPlan {
		return "/practice/plans/" + id
	}
	return "/practice/forms/" + id
}

// paper is a form or a plan template with all its versions, the newest first.
type paper struct {
	kind kind
	id   string // in addresses
	url  string
	all  []edition
}

// edition is one version of a paper. form or plan is set, by what it is.
type edition struct {
	version, status, title string
	source                 library.Source
	json                   []byte
	form                   *form.Form
	plan                   *plan.Template
}

func (e edition) discarded() bool {
	return e.status == "retired" && bytes.Contains(e.json, []byte(discardedURL))
}

// key is how addresses name what has a url of its own.
func key(url string) string {
	for _, p := range []string{"urn:rapport:form:", "urn:rapport:plan:"} {
		if s, ok := strings.CutPrefix(url, p); ok && plain(s) && len(s) <= 48 {
			return s
		}
	}
	h := sha256.Sum256([]byte(url))
	return "x-" + hex.EncodeToString(h[:8])
}

// plain reports a name that stands in an address and in a resource's id as it is.
func plain(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == ""
}

// paper finds a paper by its name in addresses.
func (d *desk) paper(k kind, id string) (*paper, error) {
	for _, p := range d.papers(k) {
		if p.id == id {
			return p, nil
		}
	}
	return nil, errNone
}

// papers are all forms or all plan templates.
func (d *desk) papers(k kind) []*paper {
	var out []*paper
	if k == aForm {
		for _, e := range d.lib.Forms() {
			p := &paper{kind: k, id: key(e.URL), url: e.URL}
			for _, x := range d.lib.Editions(e.URL) {
				p.all = append(p.all, edition{version: x.Version, status: x.Status, title: x.Title(d.reader()), source: x.Source, json: x.JSON(), form: x.Form})
			}
			out = append(out, p)
		}
		return out
	}
	for _, url := range d.lib.TemplateURLs() {
		p := &paper{kind: k, id: key(url), url: url}
		for _, x := range d.lib.Templates(url) {
			p.all = append(p.all, edition{version: x.Version, status: x.Status, title: x.Template.Title(d.reader()), source: x.Source, json: x.JSON, plan: x.Template})
		}
		out = append(out, p)
	}
	return out
}

// work is the version that is worked on: the draft if there is one after what is
// published, else that, else the newest.
func (p *paper) work() edition {
	for _, e := range p.all {
		if e.status == "draft" || e.status == "active" {
			return e
		}
	}
	for _, e := range p.all {
		if !e.discarded() {
			return e
		}
	}
	return p.all[0]
}

// live is the version that people get; false if there is none.
func (p *paper) live() (edition, bool) {
	for _, e := range p.all {
		if e.status == "active" {
			return e, true
		}
	}
	return edition{}, false
}

func (p *paper) version(v string) (edition, bool) {
	for _, e := range p.all {
		if e.version == v {
			return e, true
		}
	}
	return edition{}, false
}

// next is the version that follows all there are.
func (p *paper) next() string { return raised(p.all[0].version) }

// raised is the version after one: its last number is one more.
func raised(v string) string {
	head, last := "", v
	if i := strings.LastIndexByte(v, '.'); i >= 0 {
		head, last = v[:i+1], v[i+1:]
	}
	if n, err := strconv.Atoi(last); err == nil && n >= 0 && n < 1<<30 {
		return head + strconv.Itoa(n+1)
	}
	if v == "" {
		return "1"
	}
	return v + ".1"
}

// token stands for a version as it is now: a form that was sent carries the one its page
// was made with.
func (e edition) token() string {
	h := sha256.Sum256(e.json)
	return e.version + "-" + hex.EncodeToString(h[:8])
}

// resourceID names a version as a resource of its own.
func resourceID(id, version string) string {
	v := version
	if !plain(v) || len(v) > 12 {
		h := sha256.Sum256([]byte(v))
		v = "v" + hex.EncodeToString(h[:5])
	}
	return id + "-" + v
}

// one lets one change at a time look at the library and write it: between the two,
// nobody else's may come.
var one sync.Mutex

// errMeanwhile says that somebody else changed it since the page was made.
var errMeanwhile = errs.E(errs.Conflict, "forms: changed meanwhile")

// change edits what is worked on, if it still is as the sender knew it: a draft where it
// is, anything else as the draft of the next version.
func (d *desk) change(k kind, id, token string, edit func(root *tree) error) (*paper, error) {
	one.Lock()
	defer one.Unlock()
	d.lib = d.p.Library()
	p, err := d.paper(k, id)
	if err != nil {
		return nil, err
	}
	e := p.work()
	if e.token() != token {
		return p, errMeanwhile
	}
	root, err := parse(e.json)
	if err != nil {
		return p, err
	}
	was := root.bytes()
	if err := edit(root); err != nil {
		return p, err
	}
	if bytes.Equal(root.bytes(), was) {
		return p, nil // nothing was changed
	}
	version := e.version
	if e.status != "draft" {
		version = p.next()
		setExt(root, discardedURL, nil)
		root.setText("version", version)
		root.setText("status", "draft")
	}
	root.setText("date", d.Now.Format(time.DateOnly))
	if err := d.put(k, root, id, version); err != nil {
		return p, err
	}
	d.lib = d.p.Library()
	return d.paper(k, id)
}

// put checks a definition and keeps it.
func (d *desk) put(k kind, root *tree, id, version string) error {
	root.setText("id", resourceID(id, version))
	b := root.bytes()
	if err := d.sound(k, b); err != nil {
		return err
	}
	typ := "Questionnaire"
	if k == aPlan {
		typ = "PlanDefinition"
	}
	_, err := d.p.Put(d.Context(), fhir.Resource{Type: typ, ID: resourceID(id, version), JSON: b})
	return err
}

// sound reports why a definition cannot be kept.
func (d *desk) sound(k kind, b []byte) error {
	if len(b) > mostBytes {
		return errs.E(errs.Invalid, "forms: larger than %d MB", mostBytes>>20)
	}
	if _, err := fhir.Parse(b); err != nil {
		return err
	}
	if k == aPlan {
		_, err := plan.Read(b, d.activity)
		return err
	}
	f, err := form.Read(b, d.lib.Set)
	if err == nil && f.Count() > mostItems {
		err = errs.E(errs.Invalid, "forms: more than %d items", mostItems)
	}
	return err
}

// activity finds what a step leans on.
func (d *desk) activity(canonical string) ([]byte, bool) {
	r, ok := library.Find(canonical)
	if ok && r.Type == "ActivityDefinition" {
		return r.JSON, true
	}
	url, _, _ := strings.Cut(canonical, "|")
	var out []byte
	err := d.p.Each(d.Context(), func(r fhir.Resource) error {
		if r.Type == "ActivityDefinition" && bytes.Contains(r.JSON, []byte(quoted(url))) {
			out = slices.Clone(r.JSON)
		}
		return nil
	})
	return out, err == nil && out != nil
}

// set gives versions another status, as they are.
func (d *desk) set(p *paper, status string, which func(edition) bool) error {
	for _, e := range p.all {
		if !which(e) {
			continue
		}
		root, err := parse(e.json)
		if err != nil {
			return err
		}
		root.setText("status", status)
		if e.status == "draft" && status == "retired" {
			setValue(root, discardedURL, "Boolean", truth())
		}
		if err := d.put(p.kind, root, p.id, e.version); err != nil {
			return err
		}
	}
	d.lib = d.p.Library()
	return nil
}
