package fhir

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for schema.bin
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"
)

//go:generate go run rapport/cmd/fhirschema -package ../../shared/data/fhir-r4/hl7.fhir.r4.core-4.0.1.tgz -o schema.bin -lists ../cmd/fhirschema

//go:embed schema.bin
var compiled []byte

// r4 is the compiled schema, read on first use. That it can be read is a matter
// of the build, so it panics rather than answer.
var r4 = sync.OnceValue(func() *schema {
	s, err := readSchema(compiled)
	if err != nil {
		panic("fhir: schema.bin: " + err.Error())
	}
	return s
})

type prim uint8

// The primitive types; the order is part of schema.bin's format.
const (
	primNone prim = iota
	primBoolean
	primInteger
	primUnsigned
	primPositive
	primDecimal
	primString
	primMarkdown
	primURI
	primURL
	primCanonical
	primUUID
	primOID
	primID
	primCode
	primBase64
	primInstant
	primDate
	primDateTime
	primTime
	primXHTML
)

// elem is one element of a type, as JSON writes it.
type elem struct {
	name     string // the property, valueQuantity
	base     string // the element, value
	typ      uint16
	array    bool
	required bool
	choice   int8  // its choice group, or -1
	set      int16 // the code set it must come from, or -1
	targets  int16 // the types it may refer to, or -1
	tells    uint8 // what it says, for Terms
}

// choice is a group of properties of which one may be given.
type choice struct {
	name     string
	required bool
}

type elemType struct {
	name               string
	prim               prim
	resource, abstract bool
	elems              []elem
	choices            []choice
	required           mask
	byName             map[string]uint16
}

// mask has a bit per element of a type; the generator makes sure they fit.
type mask [4]uint64

func (m *mask) set(i uint16)      { m[i>>6] |= 1 << (i & 63) }
func (m *mask) has(i uint16) bool { return m[i>>6]&(1<<(i&63)) != 0 }

// codeSet is the codes of a required binding.
type codeSet struct {
	url     string
	systems []codeSystem
}

type codeSystem struct {
	url   string
	codes []string // sorted
}

func (c *codeSet) has(code []byte) bool {
	for i := range c.systems {
		if c.systems[i].has(code) {
			return true
		}
	}
	return false
}

func (c *codeSystem) has(code []byte) bool {
	lo, hi := 0, len(c.codes)
	for lo < hi {
		m := (lo + hi) / 2
		if c.codes[m] < string(code) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo < len(c.codes) && c.codes[lo] == string(code)
}

// schema is the R4 definitions in the shape the parser, search and compartments
// use. It does not change once read.
type schema struct {
	types    []elemType
	byName   map[string]uint16
	sets     []codeSet
	targets  [][]string
	resource []string // by type number - 1
	number   map[string]uint16
	params   []string // by parameter number - 1
	paramNo  map[string]uint16
	systems  []string // by system number - 1
	systemNo map[string]uint32
	states   []searchState
	search   []typeSearch // by type number - 1
	// The types the code speaks of by name.
	element, extension, reference, coding, concept uint16
}

// reader reads the varints of schema.bin. After an error it returns zeros.
type reader struct {
	b       []byte
	strings []string
	err     error
}

func (r *reader) n() int {
	v, k := binary.Uvarint(r.b)
	if k <= 0 || v > 1<<24 {
		r.err, r.b = io.ErrUnexpectedEOF, nil
		return 0
	}
	r.b = r.b[k:]
	return int(v)
}

func (r *reader) s() string {
	i := r.n()
	if i >= len(r.strings) {
		r.err = fmt.Errorf("string %d of %d", i, len(r.strings))
		return ""
	}
	return r.strings[i]
}

func (r *reader) list() []string {
	l := make([]string, r.n())
	for i := range l {
		l[i] = r.s()
	}
	return l
}

func readSchema(zipped []byte) (*schema, error) {
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	if len(b) < 4 || string(b[:4]) != "RFS1" {
		return nil, fmt.Errorf("not a schema")
	}
	r := &reader{b: b[4:]}
	r.table()
	s := &schema{}
	r.types(s)
	r.sets(s)
	s.targets = make([][]string, r.n())
	for i := range s.targets {
		s.targets[i] = r.list()
	}
	s.resource, s.params, s.systems = r.list(), r.list(), r.list()
	s.number = numbered[uint16](s.resource)
	s.paramNo = numbered[uint16](s.params)
	s.systemNo = numbered[uint32](s.systems)
	r.search(s)
	s.element, s.extension, s.reference = s.byName["Element"], s.byName["Extension"], s.byName["Reference"]
	s.coding, s.concept = s.byName["Coding"], s.byName["CodeableConcept"]
	s.tellings()
	return s, r.err
}

func numbered[N uint16 | uint32](names []string) map[string]N {
	m := make(map[string]N, len(names))
	for i, n := range names {
		m[n] = N(i + 1)
	}
	return m
}

// table reads the strings; they share one allocation.
func (r *reader) table() {
	n := r.n()
	start := len(r.b)
	all := string(r.b)
	r.strings = make([]string, n)
	for i := range r.strings {
		l := r.n()
		at := start - len(r.b)
		if l > len(r.b) {
			r.err = io.ErrUnexpectedEOF
			return
		}
		r.strings[i] = all[at : at+l]
		r.b = r.b[l:]
	}
}

func (r *reader) types(s *schema) {
	s.types = make([]elemType, r.n())
	s.byName = make(map[string]uint16, len(s.types))
	for i := range s.types {
		t := &s.types[i]
		t.name, t.prim = r.s(), prim(r.n())
		flags := r.n()
		t.resource, t.abstract = flags&1 != 0, flags&2 != 0
		t.choices = make([]choice, r.n())
		for j := range t.choices {
			t.choices[j] = choice{r.s(), r.n() != 0}
		}
		t.elems = make([]elem, r.n())
		t.byName = make(map[string]uint16, len(t.elems))
		for j := range t.elems {
			e := &t.elems[j]
			e.name, e.base, e.typ = r.s(), r.s(), uint16(r.n())
			flags := r.n()
			e.array, e.required = flags&1 != 0, flags&2 != 0
			e.choice, e.set, e.targets = int8(r.n()-1), int16(r.n()-1), int16(r.n()-1)
			t.byName[e.name] = uint16(j)
			if e.required {
				t.required.set(uint16(j))
			}
		}
		s.byName[t.name] = uint16(i)
	}
}

func (r *reader) sets(s *schema) {
	s.sets = make([]codeSet, r.n())
	for i := range s.sets {
		s.sets[i].url = r.s()
		s.sets[i].systems = make([]codeSystem, r.n())
		for j := range s.sets[i].systems {
			s.sets[i].systems[j] = codeSystem{r.s(), r.list()}
		}
	}
}

// Types returns the names of all concrete R4 resource types, sorted.
func Types() []string {
	out := slices.Clone(r4().resource)
	slices.Sort(out)
	return out
}

// TypeNumber returns the number a resource type is stored under. The numbers
// never change: they are lines of cmd/fhirschema/types.txt, which only grows.
func TypeNumber(typ string) (uint16, bool) {
	n, ok := r4().number[typ]
	return n, ok
}

// TypeName returns the resource type stored under a number, or "".
func TypeName(n uint16) string {
	if s := r4(); n > 0 && int(n) <= len(s.resource) {
		return s.resource[n-1]
	}
	return ""
}
