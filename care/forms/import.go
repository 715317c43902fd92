package forms

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/fhir/plan"
	library "rapport/forms"
	"rapport/web"
	"rapport/web/parts"
)

// reportView is what became of one definition that was brought in.
type reportView struct {
	Tag         parts.TagView
	Title, Href string
	Notes       []string
	Problems    []string
}

// entriesMost is how many definitions one file may hold.
const entriesMost = 500

// importFile brings in a form, a plan template, or a Bundle of them.
func importFile(d *desk) (web.Answer, error) {
	again := func(text string) (web.Answer, error) {
		v := d.newList()
		v.ImportWrong = text
		v.Wrong.add("file", text)
		return web.Wrong(listPage(v)), nil
	}
	b := d.File("file")
	switch {
	case len(b) == 0:
		return again(d.P.BuilderBadFile())
	case len(b) > mostBytes:
		return again(d.P.BuilderBadLarge(strconv.Itoa(mostBytes >> 20)))
	}
	root, err := parse(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))
	if err != nil {
		return again(d.P.BuilderBadJson(reason(err)))
	}
	var rs []*tree
	switch root.get("resourceType").text() {
	case "Bundle":
		for _, e := range root.each("entry") {
			if r := e.get("resource"); r != nil {
				rs = append(rs, r)
			}
		}
	case "":
		return again(d.P.BuilderBadType())
	default:
		rs = []*tree{root}
	}
	if len(rs) == 0 || len(rs) > entriesMost {
		return again(d.P.BuilderBadEmpty(strconv.Itoa(entriesMost)))
	}
	// what others lean on first
	slices.SortStableFunc(rs, func(a, b *tree) int { return leans(a) - leans(b) })
	one.Lock()
	defer one.Unlock()
	var out []reportView
	for _, r := range rs {
		out = append(out, d.bring(r, d.Form("keep") != ""))
		d.lib = d.p.Library()
	}
	v := d.newList()
	v.Report = out
	return web.Page(listPage(v)), nil
}

func leans(r *tree) int {
	switch r.get("resourceType").text() {
	case "ValueSet", "ActivityDefinition":
		return 0
	}
	return 1
}

// bring keeps one definition, and says what became of it.
func (d *desk) bring(root *tree, keep bool) reportView {
	typ := root.get("resourceType").text()
	v := reportView{Title: root.get("title").text()}
	if v.Title == "" {
		v.Title = typ + " " + root.get("id").text()
	}
	refuse := func(why string) reportView {
		v.Tag = parts.TagView{Tone: parts.ToneDanger, Text: d.P.BuilderRefused(), Icon: "x"}
		v.Notes = append(v.Notes, why)
		return v
	}
	k := aForm
	switch typ {
	case "Questionnaire":
	case "PlanDefinition":
		k = aPlan
	case "ValueSet", "ActivityDefinition":
		return d.bringPart(typ, root, v, refuse)
	default:
		return refuse(d.P.BuilderOther(typ))
	}
	if root.get("url").text() == "" {
		h := sha256.Sum256(root.bytes())
		root.setText("url", "urn:rapport:"+map[kind]string{aForm: "form", aPlan: "plan"}[k]+":x"+hex.EncodeToString(h[:6]))
		v.Notes = append(v.Notes, d.P.BuilderNoteUrl())
	}
	if root.get("version").text() == "" {
		root.setText("version", "1")
		v.Notes = append(v.Notes, d.P.BuilderNoteVersion())
	}
	url, version := root.get("url").text(), root.get("version").text()
	id := key(url)
	root.setText("id", resourceID(id, version))
	if p, err := d.paper(k, id); err == nil {
		if e, ok := p.version(version); ok {
			if equal(e.json, root.bytes(), "id") {
				v.Href = k.path(id)
				v.Tag = parts.TagView{Text: d.P.BuilderUnchanged(), Icon: "check"}
				return v
			}
			version = p.next()
			root.setText("version", version)
			keep = false
			v.Notes = append(v.Notes, d.P.BuilderNoteNext(version))
		}
	}
	if !keep && root.get("status").text() != "draft" {
		root.setText("status", "draft")
		v.Notes = append(v.Notes, d.P.BuilderNoteDraft())
	}
	if err := d.put(k, root, id, version); err != nil {
		return refuse(reason(err))
	}
	v.Href = k.path(id)
	v.Tag = parts.TagView{Tone: parts.ToneOK, Text: d.P.BuilderBrought(), Icon: "check"}
	v.Problems = d.understood(k, root.bytes())
	return v
}

// understood says what of a definition was not understood; all of it is kept.
func (d *desk) understood(k kind, b []byte) []string {
	var out []string
	if k == aPlan {
		if t, err := plan.Read(b, d.activity); err == nil {
			for _, p := range t.Problems() {
				out = append(out, p.String())
			}
		}
		return out
	}
	if f, err := form.Read(b, d.lib.Set); err == nil {
		for _, p := range f.Problems() {
			out = append(out, p.String())
		}
	}
	return out
}

// bringPart keeps what forms and templates lean on, under an id made of its address.
func (d *desk) bringPart(typ string, root *tree, v reportView, refuse func(string) reportView) reportView {
	url := root.get("url").text()
	if url == "" {
		return refuse(d.P.BuilderNoteNourl())
	}
	if _, known := library.Find(url); known && typ == "ActivityDefinition" {
		v.Tag = parts.TagView{Text: d.P.BuilderUnchanged(), Icon: "check"}
		return v
	}
	id := resourceID(key(url), "")
	root.setText("id", id)
	if _, err := d.p.Put(d.Context(), fhir.Resource{Type: typ, ID: id, JSON: root.bytes()}); err != nil {
		if errs.Is(err, errs.Internal) || errs.Is(err, errs.Unavailable) {
			return refuse(d.P.BuilderBadKeep())
		}
		return refuse(reason(err))
	}
	v.Tag = parts.TagView{Tone: parts.ToneOK, Text: d.P.BuilderBrought(), Icon: "check"}
	return v
}

// equal reports that two definitions are the same, one element apart.
func equal(a, b []byte, but string) bool {
	x, err := parse(a)
	y, err2 := parse(b)
	if err != nil || err2 != nil {
		return false
	}
	x.set(but, nil)
	y.set(but, nil)
	return bytes.Equal(x.bytes(), y.bytes())
}

// export gives a version as a file: as it is kept, with its lines broken.
func export(d *desk, k kind) (web.Answer, error) {
	p, err := d.paper(k, d.Path("id"))
	if err != nil {
		return web.Answer{}, err
	}
	e := p.work()
	if v := d.Query("version"); v != "" {
		var ok bool
		if e, ok = p.version(v); !ok {
			return web.Answer{}, errNone
		}
	}
	return web.File("application/fhir+json", resourceID(p.id, e.version)+".json", broken(e.json)), nil
}
