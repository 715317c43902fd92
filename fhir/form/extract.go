package form

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/path"
)

// Stated is a resource that answers state: a condition, a medicine, a result.
type Stated struct {
	Type string
	// JSON is the resource: valid R4, without an id.
	JSON []byte
	// Places and Links (linkIds) are the questions it comes from.
	Places []Place
	Links  []string
	// FullURL is the name others of the same extraction call it by, or "".
	FullURL string
}

// extraction is what a form or an item says about extraction.
type extraction struct {
	observe    bool // observationExtract
	forbid     bool // the same, saying no
	categories []string
	contexts   []context
	values     []fixed
	allocate   []string
	templates  []template
}

// context begins a resource: once, or for every instance.
type context struct {
	typ     string
	fullURL *expression
}

// fixed is a value for an element, given or computed.
type fixed struct {
	path  string
	kind  string // of the value: CodeableConcept
	value Answer
	raw   string
	expr  *expression
}

// read takes up an extension about extraction.
func (e *extraction) read(f *Form, i *Item, name string, x, c *val) bool {
	switch name {
	case "observationExtract":
		e.observe, e.forbid = c.truth(), !c.truth()
	case "observation-extract-category":
		if c.isObject() {
			e.categories = append(e.categories, string(c.raw))
		}
	case "itemExtractionContext":
		e.context(f, i, c)
	case "definitionExtract":
		e.definition(f, i, x)
	case "definitionExtractValue":
		e.value(f, i, x)
	case "extractAllocateId":
		e.allocate = append(e.allocate, c.str())
	case "templateExtract", "templateExtractBundle":
		e.template(f, i, x, c)
	case "targetStructureMap":
		f.problem(i, Warning, "unsupported", "extraction by a StructureMap is not done")
	default:
		return false
	}
	return true
}

// context reads the older way: a type, or a query for what to bring up to date.
// What the query finds is not changed here: what is extracted is proposed anew.
func (e *extraction) context(f *Form, i *Item, c *val) {
	typ := c.str()
	if c.isObject() {
		typ, _, _ = strings.Cut(c.get("expression").str(), "?")
		if c.get("language").str() != langQuery {
			typ = ""
		}
	}
	if _, ok := fhir.TypeNumber(typ); !ok {
		f.problem(i, Serious, "unsupported", "its extraction context is not a type of resource or a query for one")
		return
	}
	e.contexts = append(e.contexts, context{typ: typ})
}

func (e *extraction) definition(f *Form, i *Item, x *val) {
	def := nested(x, "definition").str()
	url, _, _ := strings.Cut(def, "|")
	typ := url[strings.LastIndexByte(url, '/')+1:]
	if _, ok := fhir.TypeNumber(typ); !ok {
		f.problem(i, Serious, "unsupported", "it extracts to a profile whose type is not known here: %s", def)
		return
	}
	k := context{typ: typ}
	if full := nested(x, "fullUrl"); full != nil {
		k.fullURL = f.computed(i, full)
	}
	e.contexts = append(e.contexts, k)
}

// computed reads an expression given as a string or as an Expression.
func (f *Form) computed(i *Item, v *val) *expression {
	if v.isObject() {
		return f.expression(i, v)
	}
	e := &expression{lang: langPath, src: v.str(), item: i}
	f.ready(e)
	return e
}

func (e *extraction) value(f *Form, i *Item, x *val) {
	v := fixed{path: nested(x, "definition").str()}
	for _, p := range x.each("extension") {
		name, c := p.choice("value")
		switch p.get("url").str() {
		case "fixed-value":
			v.kind, v.value, v.raw = name, readAnswer(name, c), string(c.raw)
		case "expression":
			v.expr = f.computed(i, c)
		}
	}
	if _, steps := definition(v.path); len(steps) == 0 || v.raw == "" && v.expr == nil {
		f.problem(i, Warning, "structure", "a definitionExtractValue without an element or without a value")
		return
	}
	e.values = append(e.values, v)
}

// definition takes the path of an element apart: Patient, [name given].
func definition(d string) (typ string, steps []string) {
	if _, after, ok := strings.Cut(d, "#"); ok {
		d = after
	}
	typ, rest, ok := strings.Cut(d, ".")
	if _, known := fhir.TypeNumber(typ); !ok || !known {
		return "", nil
	}
	return typ, strings.Split(rest, ".")
}

// Extract returns what the answers state: results of questions marked so
// (observation-based), and resources put together from elements
// (definition-based) or from templates. The answers of questions that are not
// asked now state nothing. The error names, by linkId, what would not have been
// valid R4 and was left out; what is returned beside it stands.
func (s *Sheet) Extract() ([]Stated, error) {
	if s.doc == nil {
		if err := s.rebuild(); err != nil {
			return nil, err
		}
	}
	x := extractor{s: s}
	x.allocate(s.root, s.form.extract.allocate)
	x.begin(&s.form.extract, scope{})
	x.assign(&s.form.extract, scope{}, nil)
	x.templates(&s.form.extract, scope{})
	x.part(s.root, inherited{observe: s.form.extract.observe, categories: s.form.extract.categories})
	x.observations(s.root, inherited{observe: s.form.extract.observe, categories: s.form.extract.categories})
	s.root.bound = nil
	var out []Stated
	for _, d := range x.drafts {
		st, ok, err := x.finish(d)
		if err != nil {
			x.failed = append(x.failed, err)
		} else if ok {
			out = append(out, st)
		}
	}
	return append(out, x.out...), errors.Join(x.failed...)
}

// inherited is what the items around one say about results.
type inherited struct {
	observe    bool
	categories []string
}

func (h inherited) with(e *extraction) inherited {
	if e.observe {
		h.observe = true
	}
	if e.forbid {
		h.observe = false
	}
	if len(e.categories) > 0 {
		h.categories = e.categories
	}
	return h
}

type extractor struct {
	s      *Sheet
	drafts []*draft
	open   []*draft // innermost last
	out    []Stated
	failed []error
	named  int
}

// draft is a resource being put together.
type draft struct {
	typ     string
	root    *element
	real    bool // somebody said something: it is not only made of fixed values
	places  []Place
	links   []string
	fullURL string
	open    map[string]*element // what the groups around have begun, by path
}

func (d *draft) from(r *row) {
	d.places = append(d.places, r.place())
	d.links = append(d.links, r.item.LinkID)
}

// allocate binds names for resources that have none yet. The same answers give
// the same names.
func (x *extractor) allocate(p *part, names []string) {
	for _, n := range names {
		x.named++
		h := sha256.Sum256([]byte(x.s.form.Canonical() + "\n" + x.s.env.Subject + "\n" + x.s.response() + "\n" + n + string(itoa(x.named))))
		id := hex.EncodeToString(h[:16])
		v := path.String("urn:uuid:" + id[:8] + "-" + id[8:12] + "-8" + id[13:16] + "-8" + id[17:20] + "-" + id[20:32])
		p.bound = append(p.bound, binding{n, []path.Value{v}})
	}
	x.s.memo = map[memoKey][]path.Value{}
}

// response is the reference to the response itself, or "".
func (s *Sheet) response() string {
	if s.env.Response != "" {
		return s.env.Response
	}
	for _, m := range s.head {
		if m.name == "id" {
			return "QuestionnaireResponse/" + m.v.str()
		}
	}
	return ""
}

// begin opens the resources that start at a place, and returns how many.
func (x *extractor) begin(e *extraction, at scope) int {
	for _, c := range e.contexts {
		d := &draft{typ: c.typ, root: &element{typ: c.typ}, open: map[string]*element{}}
		if vs := x.s.values(c.fullURL, at); len(vs) == 1 {
			d.fullURL = vs[0].Text()
		}
		x.drafts, x.open = append(x.drafts, d), append(x.open, d)
	}
	return len(e.contexts)
}

// nearest returns the innermost open resource of a type.
func (x *extractor) nearest(typ string) *draft {
	for n := len(x.open) - 1; n >= 0; n-- {
		if x.open[n].typ == typ {
			return x.open[n]
		}
	}
	return nil
}

// finish makes a draft a valid resource.
func (x *extractor) finish(d *draft) (Stated, bool, error) {
	if !d.real || len(d.root.kids) == 0 {
		return Stated{}, false, nil
	}
	x.round(d)
	st := Stated{Type: d.typ, JSON: d.root.resource(), Places: d.places, Links: d.links, FullURL: d.fullURL}
	return st, true, valid(st)
}

func valid(st Stated) error {
	if _, err := fhir.Parse(st.JSON); err != nil {
		return errs.E(errs.Invalid, "form: what %s states: %w", strings.Join(st.Links, ", "), err)
	}
	return nil
}
