package ical

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest line that is kept, folds undone; what is beyond is read and dropped.
const maxLine = 1 << 18

// lines reads the content lines of a calendar (RFC 5545 section 3.1), folds undone.
type lines struct {
	in   *bufio.Reader
	buf  []byte
	left int // bytes that may still be read
}

func newLines(r io.Reader, maxBytes int) *lines {
	return &lines{in: bufio.NewReaderSize(r, 1<<16), left: maxBytes}
}

// next returns the next line, good until the one after, and whether it was cut. At the
// end its error is io.EOF.
func (l *lines) next() (line []byte, cut bool, err error) {
	l.buf = l.buf[:0]
	for {
		if err := l.physical(&cut); err != nil {
			if errors.Is(err, io.EOF) && len(l.buf) > 0 {
				return l.buf, cut, nil
			}
			return nil, false, err
		}
		l.buf = bytes.TrimRight(l.buf, "\r\n")
		p, err := l.in.Peek(1)
		if err == nil && (p[0] == ' ' || p[0] == '\t') {
			if _, err := l.in.Discard(1); err != nil {
				return nil, false, err
			}
			l.left--
			continue
		}
		if len(l.buf) > 0 {
			return l.buf, cut, nil
		}
	}
}

// physical adds what stands up to the next end of a line.
func (l *lines) physical(cut *bool) error {
	for {
		part, err := l.in.ReadSlice('\n')
		if l.left -= len(part); l.left < 0 {
			return ErrTooLarge
		}
		if room := maxLine - len(l.buf); len(part) > room {
			part, *cut = part[:max(room, 0)], true
		}
		l.buf = append(l.buf, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// split takes a content line apart; params is what stands between name and value.
func split(line []byte) (name, params, value []byte, ok bool) {
	quoted, end := false, -1
	for i, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';' && end < 0:
			end = i
		case c == ':':
			if end < 0 {
				return line[:i], nil, line[i+1:], true
			}
			return line[:end], line[end+1 : i], line[i+1:], true
		}
	}
	return nil, nil, nil, false
}

// param returns the first value of a parameter, "" if it is not there.
func param(params []byte, name string) string {
	for len(params) > 0 {
		end, quoted := 0, false
		for end < len(params) && (quoted || params[end] != ';') {
			quoted = quoted != (params[end] == '"')
			end++
		}
		k, v, _ := bytes.Cut(params[:end], []byte{'='})
		if strings.EqualFold(string(bytes.TrimSpace(k)), name) {
			return strings.Trim(string(bytes.TrimSpace(v)), `"`)
		}
		params = params[min(end+1, len(params)):]
	}
	return ""
}

// The most letters of a title that are kept.
const maxTitle = 200

// title reads a TEXT as one line.
func title(v []byte) string {
	var b strings.Builder
	n, space := 0, true
	for s := v; len(s) > 0 && n < maxTitle; {
		c, size := utf8.DecodeRune(s)
		if c == '\\' && len(s) > 1 {
			if c, size = rune(s[1]), 2; c == 'n' || c == 'N' {
				c = ' '
			} else if c >= utf8.RuneSelf {
				size = 1 // a stray backslash; the letter is next
				s = s[size:]
				continue
			}
		}
		s = s[size:]
		if unicode.IsSpace(c) || !unicode.IsPrint(c) && !unicode.In(c, unicode.Cf) {
			c = ' '
		}
		if c == ' ' && space {
			continue
		}
		space = c == ' '
		b.WriteRune(c)
		n++
	}
	return strings.TrimSpace(b.String())
}
