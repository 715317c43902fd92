// Package people reads lists of people, as other programs write them into CSV
// files, into FHIR Patients, one row at a time. It takes a column only when it
// knows its name, and a value only when there is one way to read it: it refuses to
// guess the order of day and month, the meaning of a column, or where the cells of
// a row with too many of them belong. What it leaves out it reports by line and
// column, never by content. Its Importer takes rows into charts, each person once,
// and proposes who may be kept twice; it merges nobody, and changes nobody who is
// here already.
package people

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"

	"rapport/errs"
	"rapport/fhir"
)

// The bounds on what is taken.
const (
	maxLine    = 2 << 20 // bytes of a line, and of a row of several lines
	maxColumns = 1000
	maxSpan    = 32  // lines of one row
	maxCell    = 256 // characters of a name, a number or a line of an address
)

// Order is the order of day and month in dates such as 3/4/1980. The zero Order
// is not known, and such dates are left out.
type Order uint8

// The orders there are.
const (
	_ Order = iota
	DayFirst
	MonthFirst
)

// Options say what a file does not say itself.
type Options struct {
	Order Order
	// Source names the system the file came from, in lowercase letters, digits and
	// hyphens. It becomes part of the system of every number that is unique there
	// only, so that number 12 of one system is not number 12 of another. It may be
	// empty if there is one source.
	Source string
	// ID returns the logical id of the Patient of a row. number is what stands in
	// the first column of record numbers, "" if there is none; it is content. What
	// it returns must be a FHIR id.
	ID func(line int, number string) string
}

// Row is one row that has something in it.
type Row struct {
	Line int // where it begins; the first line of a file is 1
	// Person is a Patient that fhir.Parse accepts. Without a Type, the row was not
	// taken, and the last of its problems says why.
	Person fhir.Resource
	// Number is the first of the row's record numbers, "system|value"; "" if it has
	// none. It is content.
	Number   string
	Problems []Problem
}

// Problem is one thing that was left out. It holds no content.
type Problem struct {
	Line   int
	Column string // as the file calls it, "" for the whole row
	Reason string
}

// String writes the problem as one line.
func (p Problem) String() string {
	if p.Column == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Reason)
	}
	return fmt.Sprintf("line %d, %s: %s", p.Line, p.Column, p.Reason)
}

// Sheet is a file whose header was read.
type Sheet struct {
	opt     Options
	lines   lines
	comma   byte
	columns []column
	unknown []Problem
	latin   bool // it was said that the file is not UTF-8
	cells   []string
}

// Read reads a file's header. The error is errs.Invalid if this is no list of
// people: it is empty, is no text, or has no column with a name that is known.
func Read(r io.Reader, opt Options) (*Sheet, error) {
	if opt.ID == nil || opt.Order > MonthFirst || !IsSource(opt.Source) {
		return nil, errs.E(errs.Internal, "people: options that make no sense")
	}
	s := &Sheet{opt: opt, lines: lines{r: bufio.NewReaderSize(r, 64<<10)}}
	head, err := s.lines.r.Peek(512)
	if err != nil && err != io.EOF {
		return nil, errs.E(errs.Unavailable, "people: read: %w", err)
	}
	if why := noText(head); why != "" {
		return nil, errs.E(errs.Invalid, "people: the file %s", why)
	}
	if err := s.header(); err != nil {
		return nil, err
	}
	return s, nil
}

// noText says why something is not a text file, if it is not.
func noText(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return "is a spreadsheet or an archive: save it as CSV"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return "is compressed: unpack it first"
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "is UTF-16: save it as UTF-8"
	case len(head) >= 8 && bytes.Count(head, []byte{0}) > len(head)/4:
		return "is no text: save it as CSV in UTF-8"
	}
	return ""
}

// Unknown returns the columns that are not read, in the order of the file: those
// whose names are not known, and those that say again what another says. A name
// that could be content is given by its place: "column 7".
func (s *Sheet) Unknown() []Problem { return s.unknown }

// Rows goes through the rows, once. Rows with nothing in them are passed over. An
// error ends it, and is the reader's (errs.Unavailable) or that of an ID that is
// none (errs.Internal).
func (s *Sheet) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			row, some, err := s.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			if some && !yield(row, nil) {
				return
			}
		}
	}
}

// next reads one row; some is false if there was nothing in it.
func (s *Sheet) next() (row Row, some bool, err error) {
	raw, problem, err := s.record()
	if err != nil {
		return Row{}, false, err
	}
	row.Line = raw.line
	say := func(column, reason string) { row.Problems = append(row.Problems, Problem{raw.line, column, reason}) }
	if problem != "" {
		say("", problem)
	}
	if raw.long {
		say("", "the line is too long to be a row, and was not taken")
		return row, true, nil
	}
	if raw.latin && !s.latin {
		s.latin = true
		say("", "is not UTF-8, and was read as Windows-1252, as others after it may be")
	}
	if empty(s.cells) && raw.extra == 0 {
		return Row{}, false, nil
	}
	if raw.extra > 0 {
		say("", "has more cells than there are columns, and was not taken")
		return row, true, nil
	}
	if raw.cells < len(s.columns) {
		say("", "has fewer cells than there are columns")
	}
	row.Person, row.Number, err = s.person(raw.line, say)
	return row, true, err
}

func empty(cells []string) bool {
	for _, c := range cells {
		if c != "" {
			return false
		}
	}
	return true
}
