package bundles

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rapport/errs"
	"rapport/fhir"
)

// source is one file to bring in.
type source struct {
	path   string
	size   int64
	lines  bool // NDJSON
	class  class
	digest []byte // of the content: a file taken once is known under any name
}

// class orders files: what the practice shares, then people, then the rest.
type class uint8

const (
	classShared class = iota + 1
	classPeople
	classRest
)

// order looks at the files and puts them in the order they need.
func order(paths []string) ([]source, error) {
	var out []source
	for _, p := range paths {
		st, err := os.Stat(p)
		if err != nil {
			return nil, errs.E(errs.Invalid, "%s: %s", p, reasonOf(err))
		}
		if !st.Mode().IsRegular() {
			return nil, errs.E(errs.Invalid, "%s: is not a file; give the files in it", p)
		}
		s := source{path: p, size: st.Size()}
		if err := s.look(); err != nil {
			return nil, errs.E(errs.Invalid, "%s: %s", p, reasonOf(err))
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b source) int { return cmp.Compare(a.class, b.class) })
	return out, nil
}

// look reads the file once to name it by its content, and its beginning to see
// what it holds.
func (s *source) look() error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	head = head[:n]
	h := sha256.New()
	h.Write(head)
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	s.digest = h.Sum(nil)
	ext := strings.ToLower(filepath.Ext(s.path))
	s.lines = ext == ".ndjson" || ext == ".jsonl"
	s.class = classRest
	switch typ := firstType(head); {
	case typ == "Patient" && s.lines:
		s.class = classPeople
	case fhir.PracticeWide(typ):
		s.class = classShared
	}
	return nil
}

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

// eachLine calls f with every line from an offset on, and the offset behind it.
// Lines longer than maxResource are handed over as nil.
func eachLine(path string, from int64, f func(line []byte, next int64) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReaderSize(file, 256<<10)
	at := from
	var line []byte
	tooLong := false
	for {
		part, err := r.ReadSlice('\n')
		at += int64(len(part))
		if !tooLong {
			line = append(line, part...)
			tooLong = len(line) > maxResource
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil && err != io.EOF {
			return err
		}
		given := bytes.TrimSpace(line)
		if tooLong {
			given = nil
		}
		if tooLong || len(given) > 0 {
			if ferr := f(given, at); ferr != nil {
				return ferr
			}
		}
		line, tooLong = line[:0], false
		if err == io.EOF {
			return nil
		}
	}
}

func lineName(n int) string  { return fmt.Sprintf("line %d", n) }
func entryName(n int) string { return fmt.Sprintf("entry %d", n) }
