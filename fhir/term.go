package fhir

import "bytes"

// TermKind says what a Term is.
type TermKind uint8

// The kinds of Term.
const (
	CodedTerm    TermKind = iota // a Coding, with what is shown for it
	WrittenTerm                  // a few words that name something: a concept's text, a title, an answer
	AskedTerm                    // what was answered: an item of a response, by its linkId
	FollowedTerm                 // what something was made by: a form's or a plan template's canonical
)

// Term is one thing that a resource says by a code or in a few words. What its slices
// hold is the resource's.
type Term struct {
	Kind               TermKind
	System, Code, Text []byte
}

// What a node says, by its type and by the element it is.
const (
	tellsNothing = iota
	tellsCoding
	tellsWords
	tellsItem
	tellsCanonical
	tellsLess // it and what is below say nothing: labels, identifiers, signatures
)

// wordsOf are the elements that name something in words, by the type they are in; "" is
// every type. Prose is not among them (notes, narratives, what is said in a message), nor
// what names people and places.
var wordsOf = map[string][]string{
	"":                                  {"title", "description"},
	"CodeableConcept":                   {"text"},
	"Reference":                         {"display"},
	"Appointment":                       {"comment"},
	"ClinicalImpression":                {"summary"},
	"DiagnosticReport":                  {"conclusion"},
	"Observation":                       {"valueString"},
	"Observation.component":             {"valueString"},
	"QuestionnaireResponse.item.answer": {"valueString"},
}

// tellings is what each element of each type says, worked out when the schema is read.
func (s *schema) tellings() {
	less := map[uint16]bool{s.byName["Meta"]: true, s.byName["Identifier"]: true, s.byName["Signature"]: true}
	item, canonical := s.byName["QuestionnaireResponse.item"], s.byName["canonical"]
	for i := range s.types {
		t := &s.types[i]
		for j := range t.elems {
			e := &t.elems[j]
			switch p := s.types[e.typ].prim; {
			case less[e.typ]:
				e.tells = tellsLess
			case e.typ == s.coding:
				e.tells = tellsCoding
			case e.typ == item:
				e.tells = tellsItem
			case e.typ == canonical && t.resource:
				e.tells = tellsCanonical
			case p != primString && p != primMarkdown:
			default:
				for _, in := range []string{"", t.name} {
					for _, name := range wordsOf[in] {
						if name == e.name {
							e.tells = tellsWords
						}
					}
				}
			}
		}
	}
}

// Terms goes through what a resource and what it contains say by codes and in few words,
// in order. It costs one pass over the resource and allocates for what holds escapes only.
func (d *Doc) Terms(yield func(Term) bool) {
	if !d.Root().OK() {
		return
	}
	for i := uint32(2); i < uint32(len(d.n)); i++ { //nolint:gosec // Reset bounds it
		x := &d.n[i]
		if x.flags&(flagUnder|flagNull) != 0 {
			continue
		}
		t := Term{}
		switch d.s.types[x.owner].elems[x.elem].tells {
		case tellsLess:
			for i+1 < uint32(len(d.n)) && d.n[i+1].start < x.end { //nolint:gosec // as above
				i++
			}
			continue
		case tellsCoding:
			n := Node{d, i}
			t.System, t.Code, t.Text = d.kept(n.child("system")), d.kept(n.child("code")), d.kept(n.child("display"))
		case tellsWords:
			t.Kind, t.Text = WrittenTerm, d.kept(Node{d, i})
		case tellsItem:
			n := Node{d, i}
			if !n.child("answer").OK() {
				continue
			}
			t.Kind, t.Code = AskedTerm, d.kept(n.child("linkId"))
		case tellsCanonical:
			t.Kind, t.Code = FollowedTerm, d.kept(Node{d, i})
		default:
			continue
		}
		if !yield(t) {
			return
		}
	}
}

// kept returns a value's characters, which stay when the next are asked for.
func (d *Doc) kept(n Node) []byte {
	if !d.isPrim(n) {
		return nil
	}
	if d.n[n.i].flags&flagEscape != 0 {
		return bytes.Clone(n.bytes())
	}
	return n.bytes()
}
