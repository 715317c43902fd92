package people

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// quoting says what a quote at the beginning of a cell is.
type quoting uint8

const (
	_       quoting = iota
	quoted          // the cell goes to the quote that closes it (RFC 4180)
	literal         // a character
)

// state is where in a cell one is.
type state uint8

const (
	before state = iota // nothing but spaces so far
	plain
	inside // quotes
	after  // a quote within quotes, or behind them
)

// quotes follows the quotes of a row.
type quotes struct {
	comma byte
	state state
	torn  bool // something stands between a closing quote and the end of its cell
}

func (q *quotes) feed(text []byte) {
	for _, c := range text {
		q.step(c)
	}
}

// step reads a byte and reports whether it is content of the cell.
func (q *quotes) step(c byte) bool {
	switch q.state {
	case inside:
		if c == '"' {
			q.state = after
			return false
		}
		return true
	case after:
		switch c {
		case '"': // one quote is written as two
			q.state = inside
			return true
		case q.comma:
			q.state = before
			return false
		case ' ':
			return false
		}
		q.torn = true
	case before:
		if c == '"' {
			q.state = inside
			return false
		}
		if c == ' ' {
			return false
		}
	}
	if c == q.comma {
		q.state = before
		return false
	}
	q.state = plain
	return true
}

// split calls cell for each cell of a row. What cell is given is void afterwards.
func split(text []byte, comma byte, how quoting, cell func([]byte)) {
	if how == literal {
		for part := range strings.SplitSeq(string(text), string(rune(comma))) {
			cell([]byte(part))
		}
		return
	}
	q := quotes{comma: comma}
	var buf []byte
	for _, c := range text {
		keep := q.step(c)
		switch {
		case keep:
			buf = append(buf, c)
		case c == comma && q.state == before:
			cell(buf)
			buf = buf[:0]
		}
	}
	cell(buf)
}

// clean takes out of a cell what cannot be seen: control characters, byte order
// marks, and the marks that turn the direction of text and so show one thing for
// another. Whitespace becomes one space, or one line break where it held one.
func clean(s string) string {
	if tidy(s) {
		return s
	}
	var b strings.Builder
	gap := byte(0)
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			if r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' {
				gap = '\n'
			} else if gap == 0 {
				gap = ' '
			}
			continue
		case unicode.IsControl(r), r == '\ufeff', r == '\u200b', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			continue
		}
		if gap != 0 && b.Len() > 0 {
			b.WriteByte(gap)
		}
		gap = 0
		b.WriteRune(r)
	}
	return b.String()
}

// tidy reports a text of plain characters that clean would not change.
func tidy(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return s == "" || !space
}

// oneLine puts a clean cell in one line.
func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }

// cut bounds a text to maxCell characters, and reports whether it was longer.
func cut(s string) (string, bool) {
	if len(s) <= maxCell || utf8.RuneCountInString(s) <= maxCell {
		return s, false
	}
	n := 0
	for i := range s {
		if n == maxCell {
			return strings.TrimSpace(s[:i]), true
		}
		n++
	}
	return s, false
}
