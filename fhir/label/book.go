package label

import (
	"bufio"
	"bytes"
	"embed"
	"io"
	"maps"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"rapport/errs"
)

//go:embed codes/*.txt
var files embed.FS

// book is what is known of codes and words. It does not change once read.
type book struct {
	urls   map[string]string         // key by address: a system has had several
	codes  map[string]map[string]Set // by key, then by code
	by     map[string]*system        // by address: what of looks up
	labels map[string]Set            // HL7's sensitivity codes
	words  lexicon
	ours   bool // a practice's: HL7's labels are not for it to say, for FacetPrivate must agree
}

// system is one code system.
type system struct {
	codes  map[string]Set
	prefix bool // a code stands for all that begin with it; the longest decides
	whole  Set  // for every code of it
}

// The keys of what is no code system: HL7's labels, items of forms, forms and plans that
// something was made by, and words.
const (
	labelKey = "label"
	askedKey = "asked"
	formKey  = "form"
	wordsKey = "words"
	loincKey = "loinc"
)

// shipped is what the program comes with, read on first use. That it can be read is a
// matter of the build, so it panics rather than answer.
var shipped = sync.OnceValue(ship)

func ship() *book {
	b := &book{urls: map[string]string{}, codes: map[string]map[string]Set{}}
	entries, err := files.ReadDir("codes")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		f, err := files.ReadFile(path.Join("codes", e.Name()))
		if err != nil {
			panic(err)
		}
		if err := b.read(bytes.NewReader(f)); err != nil {
			panic("fhir/label: " + e.Name() + ": " + err.Error())
		}
	}
	return b.done()
}

// current is the book in use once a practice added to it.
var current atomic.Pointer[book]

func inUse() *book {
	if b := current.Load(); b != nil {
		return b
	}
	return shipped()
}

var adding sync.Mutex

// Add adds a practice's own codes and words to those that ship: lines as in codes/, where
// a system may also be named by its address. What it says of a code that ships counts
// instead of what ships; "-" takes a code out. An error names the line and adds nothing.
// It is for the start of the program: what was labelled before stays as it is.
func Add(r io.Reader) error {
	adding.Lock()
	defer adding.Unlock()
	b := inUse().clone()
	if err := b.read(r); err != nil {
		return err
	}
	current.Store(b.done())
	return nil
}

func (b *book) clone() *book {
	c := &book{urls: maps.Clone(b.urls), codes: map[string]map[string]Set{}, ours: true}
	for k, m := range b.codes {
		c.codes[k] = maps.Clone(m)
	}
	c.words.phrases = append(c.words.phrases, b.words.phrases...)
	return c
}

// read reads lines: "# system: KEY [prefix] ADDRESS…" names a system, every other line
// that begins with # is for people; "KEY CODE COMPARTMENTS note" says where a code lies,
// "words COMPARTMENTS phrase" where words do.
func (b *book) read(r io.Reader) error {
	in := bufio.NewScanner(r)
	for n := 1; in.Scan(); n++ {
		line := strings.TrimSpace(in.Text())
		if strings.HasPrefix(line, "# system:") {
			b.name(strings.Fields(line)[2:])
		}
		if line == "" || line[0] == '#' {
			continue
		}
		if !b.line(line) {
			return errs.E(errs.Invalid, "label: line %d is not KEY CODE COMPARTMENTS, or words COMPARTMENTS PHRASE", n)
		}
	}
	if err := in.Err(); err != nil {
		return errs.E(errs.Invalid, "label: %v", err)
	}
	return nil
}

func (b *book) name(fields []string) {
	if len(fields) == 0 {
		return
	}
	for _, f := range fields[1:] {
		if f == "prefix" {
			b.urls[prefixOf(fields[0])] = "prefix"
		} else {
			b.urls[f] = fields[0]
		}
	}
}

// prefixOf is where a book notes that the codes of a system are beginnings.
func prefixOf(key string) string { return " prefix " + key }

func (b *book) line(line string) bool {
	f := strings.Fields(line)
	if len(f) < 3 {
		return false
	}
	if f[0] == wordsKey {
		s, ok := sets(f[1])
		p, fine := readPhrase(f[2:], s)
		if ok && fine {
			b.words.phrases = append(b.words.phrases, p)
		}
		return ok && fine
	}
	key, known := b.key(f[0])
	s, ok := sets(f[2])
	if !ok || !known || b.ours && key == labelKey {
		return false
	}
	if b.codes[key] == nil {
		b.codes[key] = map[string]Set{}
	}
	code := f[1]
	if b.urls[prefixOf(key)] != "" {
		code = string(plain(nil, []byte(code)))
	}
	b.codes[key][code] = s
	return true
}

// key is the key of a system that a line names by its key or its address. An address
// nobody named is its own key.
func (b *book) key(name string) (string, bool) {
	if k, ok := b.urls[name]; ok {
		return k, true
	}
	if strings.Contains(name, ":") {
		b.urls[name] = name
		return name, true
	}
	for _, k := range b.urls {
		if k == name {
			return name, true
		}
	}
	return name, name == askedKey || name == formKey || name == labelKey
}

// sets reads compartments: "sexual+mental", or "-" for none.
func sets(text string) (Set, bool) {
	if text == "-" {
		return 0, true
	}
	var s Set
	for w := range strings.SplitSeq(text, "+") {
		x := parseOne(w)
		if x == 0 {
			return 0, false
		}
		s |= x
	}
	return s, true
}

// done makes a book ready to be asked.
func (b *book) done() *book {
	b.by = map[string]*system{}
	by := map[string]*system{}
	for k, m := range b.codes {
		by[k] = &system{codes: m, prefix: b.urls[prefixOf(k)] != "", whole: m["*"]}
	}
	for url, k := range b.urls {
		if by[k] != nil {
			b.by[url] = by[k]
		}
	}
	for _, k := range []string{askedKey, formKey, loincKey} {
		if b.by[k] = by[k]; by[k] == nil {
			b.by[k] = &system{}
		}
	}
	b.labels = b.codes[labelKey]
	b.words.index()
	return b
}

// plain appends an ICD code as it is kept: capitals, no dots.
func plain(dst, code []byte) []byte {
	for _, c := range code {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != '.' && c != ' ' {
			dst = append(dst, c)
		}
	}
	return dst
}

func (s *system) of(code []byte) Set {
	if !s.prefix {
		return s.codes[string(code)] | s.whole
	}
	var room [8]byte
	if len(code) > len(room) {
		code = code[:len(room)]
	}
	k := plain(room[:0], code)
	for n := len(k); n > 0; n-- {
		if x, ok := s.codes[string(k[:n])]; ok {
			return x
		}
	}
	return 0
}
