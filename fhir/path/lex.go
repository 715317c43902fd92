package path

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"rapport/errs"
)

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenQuoted // a delimited identifier
	tokenNumber
	tokenLong
	tokenString
	tokenMoment // @2024, without the @
	tokenDollar // $this, without the $
	tokenPercent
	tokenMark // an operator or bracket
)

type token struct {
	kind tokenKind
	text string
	pos  int
}

func (t token) is(mark string) bool { return t.kind == tokenMark && t.text == mark }

type lexer struct {
	src string
	i   int
}

func syntax(pos int, what string) error {
	return errs.E(errs.Invalid, "fhirpath: %s at %d", what, pos)
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || digit(c)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func lex(src string) ([]token, error) {
	l := &lexer{src: src}
	out := make([]token, 0, len(src)/4+2)
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if t.kind == tokenEnd {
			return out, nil
		}
	}
}

// space passes white space and comments.
func (l *lexer) space() error {
	for l.i < len(l.src) {
		rest := l.src[l.i:]
		switch {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\n' || rest[0] == '\r':
			l.i++
		case strings.HasPrefix(rest, "//"):
			n := strings.IndexAny(rest, "\r\n")
			if n < 0 {
				n = len(rest)
			}
			l.i += n
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return syntax(l.i, "a comment does not end")
			}
			l.i += n + 4
		default:
			return nil
		}
	}
	return nil
}

var marks = [...]string{"!=", "!~", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "|", "&", "=", "~", "<", ">"}

func (l *lexer) next() (token, error) {
	if err := l.space(); err != nil {
		return token{}, err
	}
	at := l.i
	if at >= len(l.src) {
		return token{tokenEnd, "", at}, nil
	}
	switch c := l.src[at]; {
	case c == '\'':
		s, err := l.quoted(c)
		return token{tokenString, s, at}, err
	case c == '`' || c == '"':
		s, err := l.quoted(c)
		return token{tokenQuoted, s, at}, err
	case c == '@':
		return token{tokenMoment, l.moment(), at}, nil
	case digit(c):
		return l.number(), nil
	case nameByte(c):
		l.name()
		return token{tokenName, l.src[at:l.i], at}, nil
	case c == '$':
		l.i++
		l.name()
		return token{tokenDollar, l.src[at+1 : l.i], at}, nil
	case c == '%':
		return l.percent()
	}
	for _, m := range marks {
		if strings.HasPrefix(l.src[at:], m) {
			l.i += len(m)
			return token{tokenMark, m, at}, nil
		}
	}
	return token{}, syntax(at, "an unexpected character")
}

func (l *lexer) name() {
	for l.i < len(l.src) && nameByte(l.src[l.i]) {
		l.i++
	}
}

func (l *lexer) digits() {
	for l.i < len(l.src) && digit(l.src[l.i]) {
		l.i++
	}
}

func (l *lexer) number() token {
	at := l.i
	l.digits()
	if l.i+1 < len(l.src) && l.src[l.i] == '.' && digit(l.src[l.i+1]) {
		l.i++
		l.digits()
	} else if l.i < len(l.src) && l.src[l.i] == 'L' && (l.i+1 == len(l.src) || !nameByte(l.src[l.i+1])) {
		l.i++
		return token{tokenLong, l.src[at : l.i-1], at}
	}
	return token{tokenNumber, l.src[at:l.i], at}
}

// percent reads %name, %`vs-name`, %'vs-name' and, as people write it, %vs-name.
func (l *lexer) percent() (token, error) {
	at := l.i
	l.i++
	if l.i < len(l.src) && (l.src[l.i] == '`' || l.src[l.i] == '\'' || l.src[l.i] == '"') {
		s, err := l.quoted(l.src[l.i])
		return token{tokenPercent, s, at}, err
	}
	for l.i < len(l.src) && nameByte(l.src[l.i]) {
		l.i++
		if rest := l.src[at+1 : l.i]; (rest == "vs" || rest == "ext") && l.i < len(l.src) && l.src[l.i] == '-' {
			for l.i < len(l.src) && (nameByte(l.src[l.i]) || l.src[l.i] == '-') {
				l.i++
			}
			break
		}
	}
	if l.i == at+1 {
		return token{}, syntax(at, "a variable without a name")
	}
	return token{tokenPercent, l.src[at+1 : l.i], at}, nil
}

// moment reads @2024-05-01T10:00:00.0+02:00 as far as it goes; whether it is a
// date is for the parser.
func (l *lexer) moment() string {
	at := l.i + 1
	l.i = at
	take := func(max int) bool {
		k := l.i
		for l.i < len(l.src) && l.i-k < max && digit(l.src[l.i]) {
			l.i++
		}
		return l.i > k
	}
	more := func(mark byte, max int) bool {
		if l.i+1 < len(l.src) && l.src[l.i] == mark && digit(l.src[l.i+1]) {
			l.i++
			return take(max)
		}
		return false
	}
	_ = take(4) && more('-', 2) && more('-', 2)
	if l.i >= len(l.src) || l.src[l.i] != 'T' {
		return l.src[at:l.i]
	}
	l.i++
	if take(2) && more(':', 2) && more(':', 2) {
		more('.', 1000)
	}
	switch {
	case l.i >= len(l.src) || l.i == at+1:
	case l.src[l.i] == 'Z':
		l.i++
	case l.i+5 < len(l.src) && (l.src[l.i] == '+' || l.src[l.i] == '-') && l.src[l.i+3] == ':':
		l.i += 6
	}
	return l.src[at:l.i]
}

// quoted reads a string or a delimited identifier, with its escapes.
func (l *lexer) quoted(end byte) (string, error) {
	at := l.i
	l.i++
	if n := strings.IndexAny(l.src[l.i:], string([]byte{end, '\\'})); n >= 0 && l.src[l.i+n] == end {
		s := l.src[l.i : l.i+n]
		l.i += n + 1
		return s, utf(s, at)
	}
	var b strings.Builder
	for l.i < len(l.src) {
		c := l.src[l.i]
		l.i++
		switch {
		case c == end:
			return b.String(), utf(b.String(), at)
		case c != '\\':
			b.WriteByte(c)
		case l.i >= len(l.src):
			return "", syntax(at, "a string does not end")
		default:
			if err := l.escape(&b); err != nil {
				return "", err
			}
		}
	}
	return "", syntax(at, "a string does not end")
}

func utf(s string, at int) error {
	if !utf8.ValidString(s) {
		return syntax(at, "a string that is not UTF-8")
	}
	return nil
}

func (l *lexer) escape(b *strings.Builder) error {
	c := l.src[l.i]
	l.i++
	switch c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 'f':
		b.WriteByte('\f')
	case 'u':
		r, ok := l.hex4()
		if !ok {
			return syntax(l.i, "a wrong escape")
		}
		if utf16.IsSurrogate(r) && strings.HasPrefix(l.src[l.i:], `\u`) {
			l.i += 2
			low, ok := l.hex4()
			if !ok {
				return syntax(l.i, "a wrong escape")
			}
			r = utf16.DecodeRune(r, low)
		}
		b.WriteRune(r)
	case '\\', '/', '\'', '"', '`':
		b.WriteByte(c)
	default:
		return syntax(l.i-1, "a wrong escape")
	}
	return nil
}

func (l *lexer) hex4() (rune, bool) {
	if l.i+4 > len(l.src) {
		return 0, false
	}
	v, err := strconv.ParseUint(l.src[l.i:l.i+4], 16, 16)
	l.i += 4
	return rune(v), err == nil
}
