package form

import (
	"regexp"
	"strings"

	"rapport/fhir/path"
)

// expression is one expression of a form, compiled. One that does not compile
// has a Problem and is nothing.
type expression struct {
	name, lang, src string
	item            *Item // where it stands; nil is the form
	program         *path.Expr
	pieces          []piece // of a query: text and expressions in turn
	ok              bool
}

// piece is a part of a query: words, or an expression whose value goes there.
type piece struct {
	words   string
	program *path.Expr
}

// maxSteps is the work one evaluation may take.
const maxSteps = 500_000

const (
	langPath  = "text/fhirpath"
	langQuery = "application/x-fhir-query"
)

func (f *Form) expression(i *Item, v *val) *expression {
	if v == nil {
		return nil
	}
	e := &expression{name: v.get("name").str(), lang: v.get("language").str(), src: v.get("expression").str(), item: i}
	f.ready(e)
	return e
}

// ready compiles an expression, or says why it cannot be.
func (f *Form) ready(e *expression) {
	switch e.lang {
	case langPath, "text/fhirpath-x", "":
		p, err := f.compile(e.src)
		if err != nil {
			if p, err2 := f.compile(escaped(e.src)); err2 == nil {
				f.problem(e.item, Note, "expression", "a backslash FHIRPath does not know in a text; it is taken as written")
				e.program, e.ok = p, true
				return
			}
			f.problem(e.item, Serious, "expression", "%s", f.wrong(e.src, err))
			return
		}
		e.program, e.ok = p, true
	case langQuery:
		e.ok = f.query(e)
	default:
		f.problem(e.item, Serious, "unsupported", "expressions in %s are not run", e.lang)
	}
}

var inset = regexp.MustCompile(`\{\{(.*?)\}\}`)

// wrong says what is wrong with a source, where it stands in what was written.
func (f *Form) wrong(src string, err error) string {
	if _, plain := path.Compile(src); plain != nil {
		err = plain
	}
	return strings.TrimPrefix(err.Error(), "fhirpath: ")
}

// query takes an x-fhir-query apart.
func (f *Form) query(e *expression) bool {
	at := 0
	for _, m := range inset.FindAllStringSubmatchIndex(e.src, -1) {
		p, err := f.compile(e.src[m[2]:m[3]])
		if err != nil {
			f.problem(e.item, Serious, "expression", "in a query: %s", f.wrong(e.src[m[2]:m[3]], err))
			return false
		}
		e.pieces = append(e.pieces, piece{words: e.src[at:m[0]]}, piece{program: p})
		at = m[1]
	}
	e.pieces = append(e.pieces, piece{words: e.src[at:]})
	return true
}

var choiceName = regexp.MustCompile(`\b(value|answer)(Boolean|Decimal|Integer|Date|DateTime|Time|String|Uri|Attachment|Coding|Quantity|Reference|CodeableConcept|Code|Expression)\b`)

// compile compiles an expression. FHIRPath says value where JSON says
// valueCoding; many authors write the latter.
func (f *Form) compile(src string) (*path.Expr, error) {
	src = f.quickly(src)
	var b strings.Builder
	at := 0
	plain := func(s string) { b.WriteString(choiceName.ReplaceAllString(s, "$1")) }
	for _, m := range literal.FindAllStringIndex(src, -1) {
		plain(src[at:m[0]])
		b.WriteString(src[m[0]:m[1]])
		at = m[1]
	}
	plain(src[at:])
	return path.Compile(b.String())
}

var stray = regexp.MustCompile(`\\.`)

// escaped doubles the backslashes that begin no escape of FHIRPath's: authors
// write regular expressions as they are used to.
func escaped(src string) string {
	return stray.ReplaceAllStringFunc(src, func(m string) string {
		if strings.ContainsAny(m[1:], "'\"`rntfu\\/") {
			return m
		}
		return "\\" + m
	})
}

var literal = regexp.MustCompile(`'(?:[^'\\]|\\.)*'`)

// mentions returns the items whose linkIds an expression quotes, by way of the
// variables it uses as well.
func (f *Form) mentions(e *expression, seen map[*expression]bool) []*Item {
	if e == nil || !e.ok || seen[e] {
		return nil
	}
	seen[e] = true
	var out []*Item
	for _, l := range literal.FindAllString(e.src, -1) {
		out = append(out, f.byLink[l[1:len(l)-1]]...)
	}
	for _, n := range e.names() {
		out = append(out, f.mentions(f.variable(e.item, n), seen)...)
	}
	return out
}

func (e *expression) names() []string {
	if e.program != nil {
		return e.program.Names()
	}
	var out []string
	for _, p := range e.pieces {
		if p.program != nil {
			out = append(out, p.program.Names()...)
		}
	}
	return out
}

// variable returns what a name stands for at an item, or nil.
func (f *Form) variable(i *Item, name string) *expression {
	for ; i != nil; i = i.Parent {
		for _, v := range i.variables {
			if v.name == name {
				return v
			}
		}
	}
	for _, v := range f.variables {
		if v.name == name {
			return v
		}
	}
	return nil
}
