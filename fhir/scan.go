package fhir

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// This file reads JSON's tokens (RFC 8259), strictly: no lone surrogates, no
// invalid UTF-8, no leading zeros. Every function leaves d.i after what it read
// and returns false, with d.fault set, at the first byte that is not JSON.

const (
	maxDepth = 64
	maxArray = 100_000
)

func (d *Doc) fail(fault string) bool {
	if d.fault == "" {
		d.fault = fault
	}
	return false
}

func (d *Doc) space() {
	for d.i < len(d.Src) {
		switch d.Src[d.i] {
		case ' ', '\n', '\t', '\r':
			d.i++
			d.spaced = true
		default:
			return
		}
	}
}

// text is a JSON string's content: Src[a:b], still escaped if esc.
type text struct {
	a, b int
	esc  bool
}

// plain returns the index of the first byte from i on that is a quote, a
// backslash, a control character or outside ASCII, eight bytes at a time.
func plain(s []byte, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for i+8 <= len(s) {
		w := binary.LittleEndian.Uint64(s[i:])
		q := w ^ ones*'"'
		e := w ^ ones*'\\'
		m := ((q-ones)&^q | (e-ones)&^e | (w-ones*0x20)&^w | w) & high
		if m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
		i += 8
	}
	for i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= 0x20 && s[i] < 0x80 {
		i++
	}
	return i
}

func (d *Doc) str() (text, bool) {
	s := d.Src
	if d.i >= len(s) || s[d.i] != '"' {
		return text{}, d.fail("a string is expected")
	}
	t := text{a: d.i + 1}
	i, wide := d.i+1, false
	for {
		i = plain(s, i)
		if i >= len(s) {
			return t, d.fail("a string does not end")
		}
		switch c := s[i]; {
		case c == '"':
			if wide && !utf8.Valid(s[t.a:i]) {
				return t, d.fail("a string is not UTF-8")
			}
			t.b, d.i = i, i+1
			return t, true
		case c == '\\':
			t.esc = true
			n := escape(s[i:])
			if n == 0 {
				return t, d.fail("a string has a wrong escape")
			}
			i += n
		case c < 0x20:
			return t, d.fail("a string has a control character")
		default:
			wide = true
			for i < len(s) && s[i] >= 0x80 {
				i++
			}
		}
	}
}

// escape returns the length of the escape sequence at the start of s, counting
// a surrogate pair as one, or 0 when it is none.
func escape(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		r := hex4(s[2:])
		switch {
		case r < 0:
			return 0
		case !utf16.IsSurrogate(r):
			return 6
		case len(s) >= 12 && s[6] == '\\' && s[7] == 'u' && utf16.DecodeRune(r, hex4(s[8:])) != utf8.RuneError:
			return 12
		}
	}
	return 0
}

func hex4(s []byte) rune {
	if len(s) < 4 {
		return -1
	}
	var r rune
	for _, c := range s[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// unescape appends the characters a JSON string's content stands for. The
// content has been through str.
func unescape(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c != '\\' || i+1 >= len(s) {
			dst = append(dst, c)
			i++
			continue
		}
		n := 2
		switch c = s[i+1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(s[i+2:])
			n = 6
			if utf16.IsSurrogate(r) && i+12 <= len(s) {
				r = utf16.DecodeRune(r, hex4(s[i+8:]))
				n = 12
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
		i += n
	}
	return dst
}

// value returns the characters of a string: a part of Src, or d's own buffer
// until the next call when there were escapes.
func (d *Doc) value(t text) []byte {
	if !t.esc {
		return d.Src[t.a:t.b]
	}
	d.buf = unescape(d.buf[:0], d.Src[t.a:t.b])
	return d.buf
}

// scalar reads a number, true, false or null and says which by a letter:
// n, t, f or 0.
func (d *Doc) scalar() (byte, bool) {
	s := d.Src[d.i:]
	for _, w := range [...]struct {
		word string
		kind byte
	}{{"true", 't'}, {"false", 'f'}, {"null", '0'}} {
		if len(s) >= len(w.word) && string(s[:len(w.word)]) == w.word {
			d.i += len(w.word)
			return w.kind, true
		}
	}
	n := number(s)
	if n == 0 {
		return 0, d.fail("a value is expected")
	}
	d.i += n
	return 'n', true
}

// number returns the length of the JSON number at the start of s, or 0.
func number(s []byte) int {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	k := i
	i = digits(s, i)
	if i == k || (s[k] == '0' && i > k+1) {
		return 0
	}
	if i < len(s) && s[i] == '.' {
		k = i + 1
		if i = digits(s, k); i == k {
			return 0
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		k = i
		if i = digits(s, k); i == k {
			return 0
		}
	}
	return i
}

func digits(s []byte, i int) int {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}

// skip reads any value without looking at what it means.
func (d *Doc) skip() bool {
	d.space()
	if d.i >= len(d.Src) {
		return d.fail("the text ends too early")
	}
	open := d.Src[d.i]
	switch open {
	case '"':
		_, ok := d.str()
		return ok
	case '{', '[':
	default:
		_, ok := d.scalar()
		return ok
	}
	if d.depth++; d.depth > maxDepth {
		return d.fail("too deep")
	}
	d.i++
	last := open + 2 // ] and } follow [ and { by two in ASCII
	d.space()
	if d.i < len(d.Src) && d.Src[d.i] == last {
		d.i++
		d.depth--
		return true
	}
	for {
		if open == '{' {
			if _, ok := d.key(); !ok {
				return false
			}
		}
		if !d.skip() {
			return false
		}
		more, ok := d.more(last)
		if !ok {
			return false
		}
		if !more {
			d.depth--
			return true
		}
	}
}

// key reads a property's name and the colon.
func (d *Doc) key() (text, bool) {
	d.space()
	t, ok := d.str()
	if !ok {
		return t, false
	}
	d.space()
	if d.i >= len(d.Src) || d.Src[d.i] != ':' {
		return t, d.fail("a colon is expected")
	}
	d.i++
	d.space()
	if d.i >= len(d.Src) {
		return t, d.fail("the text ends too early")
	}
	return t, true
}

// more reads a comma (true) or the closing bracket (false).
func (d *Doc) more(last byte) (more, ok bool) {
	d.space()
	if d.i >= len(d.Src) {
		return false, d.fail("the text ends too early")
	}
	c := d.Src[d.i]
	if c != ',' && c != last {
		return false, d.fail("a comma or a closing bracket is expected")
	}
	d.i++
	return c == ',', true
}
