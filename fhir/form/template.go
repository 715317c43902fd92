package form

import (
	"strings"

	"rapport/fhir"
	"rapport/fhir/path"
)

// template is a contained resource to fill in with answers: with values
// (templateExtractValue), once for each thing an expression finds
// (templateExtractContext).
type template struct {
	id      string
	whole   bool // a Bundle of templates
	fullURL *expression
}

func (e *extraction) template(f *Form, i *Item, x, c *val) {
	t := template{id: strings.TrimPrefix(nested(x, "template").get("reference").str(), "#")}
	if c != nil {
		t.id, t.whole = strings.TrimPrefix(c.get("reference").str(), "#"), true
	}
	if full := nested(x, "fullUrl"); full != nil {
		t.fullURL = f.computed(i, full)
	}
	v := f.contained[t.id]
	if v == nil {
		f.problem(i, Serious, "target", "its template is not contained in the form: %s", t.id)
		return
	}
	if f.programs == nil {
		f.programs = map[string]*path.Expr{}
	}
	f.programmed(i, v)
	e.templates = append(e.templates, t)
}

const (
	forEach   = "templateExtractContext"
	fillWith  = "templateExtractValue"
	maxFilled = 1 << 20 // bytes of one filled template
)

// programmed compiles the expressions of a template.
func (f *Form) programmed(i *Item, v *val) {
	for _, m := range v.obj {
		if m.name != "extension" {
			f.programmed(i, m.v)
			continue
		}
		for _, x := range m.v.arr {
			n := short(x.get("url").str())
			if n != forEach && n != fillWith {
				continue
			}
			_, c := x.choice("value")
			src := expressionText(c)
			p, err := f.compile(src)
			if err != nil {
				f.problem(i, Serious, "expression", "in a template: %s", f.wrong(src, err))
				continue
			}
			f.programs[src] = p
		}
	}
	for _, a := range v.arr {
		f.programmed(i, a)
	}
}

func expressionText(c *val) string {
	if c.isObject() {
		return c.get("expression").str()
	}
	return c.str()
}

// templates fills the templates that belong to a place.
func (x *extractor) templates(e *extraction, at scope) {
	for _, t := range e.templates {
		f := filler{x: x, at: at}
		focus := x.s.focus(at)
		v := x.s.form.contained[t.id]
		places, links := x.said(at)
		if !t.whole {
			st := Stated{Type: v.get("resourceType").str(), Places: places, Links: links}
			if vs := x.s.values(t.fullURL, at); len(vs) == 1 {
				st.FullURL = vs[0].Text()
			}
			if b, ok := f.object(v, st.Type, focus, true); ok {
				st.JSON = b
				x.keep(st)
			}
			continue
		}
		for _, entry := range v.each("entry") {
			r := entry.get("resource")
			typ := r.get("resourceType").str()
			for _, on := range f.contexts(entry, focus) {
				st := Stated{Type: typ, Places: places, Links: links, FullURL: entry.get("fullUrl").str()}
				if b, ok := f.object(r, typ, on, true); ok {
					st.JSON = b
					x.keep(st)
				}
			}
		}
	}
}

func (x *extractor) keep(st Stated) {
	if err := valid(st); err != nil {
		x.failed = append(x.failed, err)
		return
	}
	x.out = append(x.out, st)
}

// said returns the questions with answers at a place.
func (x *extractor) said(at scope) (places []Place, links []string) {
	add := func(r *row) bool {
		if !r.off() && len(r.answers) > 0 {
			places, links = append(places, r.place()), append(links, r.item.LinkID)
		}
		return true
	}
	switch {
	case at.row != nil:
		add(at.row)
	case at.part != nil:
		at.part.each(add)
	default:
		x.s.root.each(add)
	}
	return places, links
}

// filler fills one template.
type filler struct {
	x    *extractor
	at   scope
	size int
}

// contexts returns what an element is made for: what its context finds, else
// what is around it.
func (f *filler) contexts(v *val, focus path.Value) []path.Value {
	for _, x := range v.each("extension") {
		if short(x.get("url").str()) == forEach {
			_, c := x.choice("value")
			return f.values(expressionText(c), focus)
		}
	}
	return []path.Value{focus}
}

func (f *filler) values(src string, focus path.Value) []path.Value {
	s := f.x.s
	p := s.form.programs[src]
	if p == nil {
		return nil
	}
	before := s.at
	s.at = f.at
	s.depth++
	defer func() { s.at = before; s.depth-- }()
	vs, err := s.runOn(p, focus)
	if err != nil {
		return nil
	}
	return vs
}

// value returns the expression that fills an element, if one does.
func value(v *val) (string, bool) {
	for _, x := range v.each("extension") {
		if short(x.get("url").str()) == fillWith {
			_, c := x.choice("value")
			return expressionText(c), true
		}
	}
	return "", false
}

// object fills an object of a type; top is the resource itself.
func (f *filler) object(v *val, typ string, focus path.Value, top bool) ([]byte, bool) {
	b := []byte{'{'}
	put := func(name string, raw []byte) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, quote(name)...), ':'), raw...)
	}
	for _, m := range v.obj {
		if top && m.name == "id" || m.name == "extension" && f.ours(m.v) || f.filled(v, m.name) {
			continue
		}
		name, beside := strings.CutPrefix(m.name, "_")
		of, list, known := fhir.Property(typ, name)
		switch {
		case !known || m.name == "resourceType":
			put(m.name, m.v.raw)
		case beside:
			if raw, ok := f.primitive(m.v, of, list, focus); ok {
				put(name, raw)
			}
		default:
			if raw, ok := f.member(m.v, of, list, focus); ok {
				put(name, raw)
			}
		}
	}
	f.size += len(b)
	return append(b, '}'), len(b) > 1 && f.size < maxFilled
}

// ours reports that all of an element's extensions are for filling it in.
func (f *filler) ours(v *val) bool {
	for _, x := range v.arr {
		if n := short(x.get("url").str()); n != forEach && n != fillWith {
			return false
		}
	}
	return true
}

// filled reports that a primitive's value gives way to one that is filled in.
func (f *filler) filled(v *val, name string) bool {
	for _, m := range v.obj {
		if m.name == "_"+name {
			_, ok := value(m.v)
			return ok
		}
	}
	return false
}

func (f *filler) primitive(v *val, of string, list bool, focus path.Value) ([]byte, bool) {
	at := v
	if v.isArray() && len(v.arr) > 0 {
		at = v.arr[0]
	}
	src, ok := value(at)
	if !ok {
		return nil, false
	}
	return f.join(f.write(f.values(src, focus), of), list)
}

// write returns computed values as a type of R4.
func (f *filler) write(vs []path.Value, of string) [][]byte {
	var out [][]byte
	for _, v := range vs {
		if raw, ok := valueAs(v, answerFrom(v), of); ok {
			out = append(out, []byte(raw))
		}
	}
	return out
}

func (f *filler) join(raws [][]byte, list bool) ([]byte, bool) {
	if len(raws) == 0 {
		return nil, false
	}
	if !list {
		return raws[0], true
	}
	b := []byte{'['}
	for n, r := range raws {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(b, r...)
	}
	return append(b, ']'), true
}

func (f *filler) member(v *val, of string, list bool, focus path.Value) ([]byte, bool) {
	if !v.isObject() && !v.isArray() {
		return v.raw, true
	}
	elements := []*val{v}
	if v.isArray() {
		elements = v.arr
	}
	var raws [][]byte
	for _, e := range elements {
		if !e.isObject() {
			raws = append(raws, e.raw)
			continue
		}
		for _, on := range f.contexts(e, focus) {
			if src, ok := value(e); ok {
				raws = append(raws, f.write(f.values(src, on), of)...)
			} else if raw, ok := f.object(e, of, on, false); ok {
				raws = append(raws, raw)
			}
		}
	}
	return f.join(raws, list)
}
