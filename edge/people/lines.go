package people

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"rapport/errs"
)

// line is one line of a file, without what ends it.
type line struct {
	text []byte
	n    int
	long bool // it was longer than maxLine: text is its beginning
}

// lines reads a file line by line. A line ends with CR, LF or both.
type lines struct {
	r     *bufio.Reader
	n     int
	cr    bool   // the last line ended with CR: an LF that follows belongs to it
	again []line // lines that were read ahead, and given back
}

// next returns the next line, or io.EOF. Its text is the caller's.
func (l *lines) next() (line, error) {
	if len(l.again) > 0 {
		out := l.again[0]
		l.again = l.again[1:]
		return out, nil
	}
	out := line{n: l.n + 1}
	for some := false; ; {
		if _, err := l.r.Peek(1); err == io.EOF && some {
			l.n++
			return out, nil
		} else if err == io.EOF {
			return line{}, io.EOF
		} else if err != nil {
			return line{}, errs.E(errs.Unavailable, "people: read after line %d: %w", l.n, err)
		}
		part, _ := l.r.Peek(l.r.Buffered()) //nolint:errcheck // it is there
		if l.cr && part[0] == '\n' {
			l.cr = false
			l.discard(1)
			continue
		}
		l.cr, some = false, true
		i := bytes.IndexAny(part, "\r\n")
		if i < 0 {
			out.add(part)
			l.discard(len(part))
			continue
		}
		out.add(part[:i])
		l.cr = part[i] == '\r'
		l.discard(i + 1)
		l.n++
		return out, nil
	}
}

func (l *lines) discard(n int) {
	_, _ = l.r.Discard(n) // it is buffered
}

func (l *line) add(part []byte) {
	if room := maxLine - len(l.text); len(part) > room {
		l.long = true
		part = part[:room]
	}
	l.text = append(l.text, part...)
}

// back gives lines back, to be read again.
func (l *lines) back(ls []line) { l.again = append(slices.Clone(ls), l.again...) }

// span is what is known of a row besides its cells.
type span struct {
	line  int
	cells int // how many the row has
	extra int // cells with something in them, beyond the last column
	long  bool
	latin bool // it was read as Windows-1252
}

// record reads the lines of one row into s.cells. A quote that is opened must be
// closed where a cell ends, within a few lines and before the row is too long;
// else it was no quote, and the row is its first line.
func (s *Sheet) record() (span, string, error) {
	first, err := s.lines.next()
	if err != nil {
		return span{}, "", err
	}
	r := span{line: first.n, long: first.long}
	if r.long {
		return r, "", nil
	}
	text := first.text
	q := quotes{comma: s.comma}
	q.feed(text)
	var more []line
	for q.state == inside && len(more) < maxSpan-1 {
		next, err := s.lines.next()
		if err == io.EOF {
			break
		} else if err != nil {
			return span{}, "", err
		}
		more = append(more, next)
		if next.long || len(text)+len(next.text) >= maxLine {
			break
		}
		text = append(append(text, '\n'), next.text...)
		q.feed([]byte{'\n'})
		q.feed(next.text)
	}
	spoiled := q.state == inside
	if !spoiled {
		s.take(&r, text, quoted)
		spoiled = len(more) > 0 && (q.torn || r.cells > len(s.columns))
	}
	if !spoiled {
		return r, "", nil
	}
	s.lines.back(more)
	s.take(&r, text[:len(first.text)], literal)
	return r, "a quote is opened and not closed", nil
}

// take parts a row into s.cells, one for each column, clean.
func (s *Sheet) take(r *span, text []byte, how quoting) {
	r.latin = !utf8.Valid(text)
	if r.latin {
		text = decode(text)
	}
	s.cells = s.cells[:0]
	r.cells, r.extra = 0, 0
	split(text, s.comma, how, func(b []byte) {
		c := clean(string(b))
		if r.cells < len(s.columns) {
			s.cells = append(s.cells, c)
		} else if c != "" {
			r.extra++
		}
		r.cells++
	})
	for len(s.cells) < len(s.columns) {
		s.cells = append(s.cells, "")
	}
}

// decode reads Windows-1252, in which every byte is something.
func decode(text []byte) []byte {
	out := make([]byte, 0, len(text)+len(text)/8)
	for _, b := range text {
		out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(b))
	}
	return out
}
