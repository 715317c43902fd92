package bundles

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"rapport/fhir"
	"rapport/record"
)

// source is one file to bring in.
type source struct {
	path    string
	size    int64
	changed time.Time // the file's own time: it must not change while it is read
	lines   bool      // NDJSON
	class   class
	why     string // it cannot be taken at all
	digest  []byte // of the content: a file taken once is known under any name
	stepped int64  // bytes the caller was told of

	// of NDJSON, between rounds
	begun   bool
	through bool // read to the end; what is left is held
	unclean bool // something was not taken: the next import looks at it again
	at      int64
	line    int
	held    []place
	charts  map[string]*record.Chart
	refusal int // how many refusals it has
}

// place is where a line begins, and which it is.
type place struct {
	at   int64
	line int
}

// class orders files: what the practice shares, then people, then the rest.
type class uint8

const (
	classShared class = iota + 1
	classPeople
	classRest
)

// order looks at the files and puts them in the order they need.
func order(paths []string) []*source {
	out := make([]*source, 0, len(paths))
	for _, p := range paths {
		s := &source{path: p, class: classRest}
		s.look()
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b *source) int { return cmp.Compare(a.class, b.class) })
	return out
}

// look sees from the beginning of a file what it holds, or why it cannot be taken.
func (s *source) look() {
	st, err := os.Stat(s.path)
	if err != nil {
		s.why = "cannot be read: " + reasonOf(err)
		return
	}
	s.size, s.changed = st.Size(), st.ModTime()
	switch {
	case st.IsDir():
		s.why = "is a folder: give the files in it"
		return
	case !st.Mode().IsRegular():
		s.why = "is not a file"
		return
	case s.size == 0:
		s.why = errEmpty.Error()
		return
	}
	f, err := os.Open(s.path)
	if err != nil {
		s.why = "cannot be read: " + reasonOf(err)
		return
	}
	defer f.Close() //nolint:errcheck // only read
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		s.why = "cannot be read: " + reasonOf(err)
		return
	}
	head = head[:n]
	ext := strings.ToLower(filepath.Ext(s.path))
	s.lines = ext == ".ndjson" || ext == ".jsonl"
	s.why = foreign(head, s.lines)
	if s.why == "" && !s.lines && s.size > maxBundle {
		s.why = "is one file of more than 256 MB: give smaller Bundles, or NDJSON (a name that ends in .ndjson)"
	}
	// Whoever brings people comes before whoever only speaks of them, so that a
	// Patient who has somebody else's id is known by then, in whatever order the
	// files were named.
	switch typ := firstType(head); {
	case fhir.PracticeWide(typ):
		s.class = classShared
	case typ == "Patient" || !s.lines && patientIn.Match(head):
		s.class = classPeople
	}
}

// bom is how some programs begin a file in UTF-8.
var bom = []byte("\xef\xbb\xbf")

// foreign says what a file is that is not JSON in UTF-8, from its beginning.
func foreign(head []byte, lines bool) string {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, bom), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}), bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("BZh")), bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return "is compressed: unpack it first"
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}), bytes.HasPrefix(text, []byte("{\x00")), bytes.HasPrefix(text, []byte("\x00{")):
		return "is UTF-16: save it as UTF-8"
	case len(text) > 0 && text[0] == '<':
		return "is XML: give FHIR's JSON"
	case len(text) > 0 && text[0] == 0:
		return errForm.Error()
	case len(text) == 0 || text[0] == '{' || lines: // a broken line is refused by itself
	case text[0] == '[':
		return "is not FHIR: it is a list, not a resource"
	default:
		return errForm.Error()
	}
	return ""
}

// patientIn finds a Patient in the beginning of a file.
var patientIn = regexp.MustCompile(`"resourceType"\s*:\s*"Patient"`)

// firstType returns the type of the first resource that is not a Bundle in the
// beginning of a file. It only decides an order, so a guess is enough.
func firstType(head []byte) string {
	for {
		_, rest, ok := bytes.Cut(head, []byte(`"resourceType"`))
		if !ok {
			return ""
		}
		parts := bytes.SplitN(rest, []byte{'"'}, 3)
		if len(parts) < 3 {
			return ""
		}
		if t := string(parts[1]); t != "Bundle" {
			return t
		}
		head = rest
	}
}

// sum names an NDJSON file by its content; a Bundle is named once it is read.
func (s *source) sum(ctx context.Context) error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for {
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			s.digest = h.Sum(nil)
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// moved reports whether the file changed since it was looked at.
func (s *source) moved() bool {
	st, err := os.Stat(s.path)
	return err != nil || st.Size() != s.size || !st.ModTime().Equal(s.changed)
}

// countLines returns how many lines end before an offset.
func countLines(path string, to int64) (n int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close() //nolint:errcheck // only read
	r := io.LimitReader(f, to)
	buf := make([]byte, 256<<10)
	for {
		k, err := r.Read(buf)
		n += bytes.Count(buf[:k], []byte{'\n'})
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
