package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// String search ignores case and accents (R4 search, 3.1.1.4.10). The folding
// happens when a value is compared, not when it is kept: the tables may grow
// without rebuilding a facet, and :exact still sees what was written.

// latin holds what the letters from U+00C0 to U+024F and from U+1E00 to U+1EFF
// fold to; - is a letter that only changes its case.
var (
	latin = strings.Fields("" +
		"a a a a a a ae c e e e e i i i i d n o o o o o - o u u u u y th ss " +
		"a a a a a a ae c e e e e i i i i d n o o o o o - o u u u u y th y " +
		"a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g " +
		"g g g g h h h h i i i i i i i i i i ij ij j j k k k l l l l l l l " +
		"l l l n n n n n n n n n o o o o o o oe oe r r r r r r s s s s s s " +
		"s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s " +
		"b b - - - - - c c d d - - - e e - f f g - - - - k k - - - n n - " +
		"o o - - p p - - - - - - t t t u u - - y y z z - - - - - - - - - " +
		"- - - - dz dz dz lj lj lj nj nj nj a a i i o o u u u u u u u u u u e a a " +
		"a a - - - - g g k k o o o o - - j dz dz dz g g - - n n a a - - - - " +
		"a a a a e e e e i i i i o o o o r r r r u u u u s s t t - - h h " +
		"n - - - - - a a e e o o o o o o o o y y - - - j - - - - - - - - " +
		"- - - b - - - - - - - - - - - -")
	latinMore = strings.Fields("" +
		"a a b b b b b b c c d d d d d d d d d d e e e e e e e e e e f f " +
		"g g h h h h h h h h h h i i i i k k k k k k l l l l l l l l m m " +
		"m m m m n n n n n n n n o o o o o o o o p p p p r r r r r r r r " +
		"s s s s s s s s s s t t t t t t t t u u u u u u u u u u v v v v " +
		"w w w w w w w w w w x x x x y y z z z z z z h t w y - - - - ss - " +
		"a a a a a a a a a a a a a a a a a a a a a a a a e e e e e e e e " +
		"e e e e e e e e i i i i o o o o o o o o o o o o o o o o o o o o " +
		"o o o o u u u u u u u u u u u u u u y y y y y y y y - - - - - - ")
)

// folder gives the folded bytes of a text, one at a time and without allocating.
type folder struct {
	s    []byte
	more [utf8.UTFMax]byte // what is left of the last rune
	n, k int
}

func (f *folder) next() (byte, bool) {
	for {
		if f.k < f.n {
			f.k++
			return f.more[f.k-1], true
		}
		if len(f.s) == 0 {
			return 0, false
		}
		c := f.s[0]
		if c < utf8.RuneSelf {
			f.s = f.s[1:]
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			return c, true
		}
		r, size := utf8.DecodeRune(f.s)
		f.s = f.s[size:]
		f.k, f.n = 0, foldRune(&f.more, r)
	}
}

func foldRune(to *[utf8.UTFMax]byte, r rune) int {
	base := "-"
	switch {
	case r >= 0xc0 && r < 0x250:
		base = latin[r-0xc0]
	case r >= 0x1e00 && r < 0x1f00:
		base = latinMore[r-0x1e00]
	case r >= 0x300 && r < 0x370: // an accent written on its own
		return 0
	}
	if base != "-" {
		return copy(to[:], base)
	}
	return utf8.EncodeRune(to[:], unicode.ToLower(r))
}

// fold returns a text folded.
func fold(s string) string {
	f := folder{s: []byte(s)}
	out := make([]byte, 0, len(s))
	for {
		c, ok := f.next()
		if !ok {
			return string(out)
		}
		out = append(out, c)
	}
}

// begins says whether s, folded, begins with the folded text q.
func begins(s []byte, q string) bool {
	f := folder{s: s}
	for i := 0; i < len(q); i++ {
		if c, ok := f.next(); !ok || c != q[i] {
			return false
		}
	}
	return true
}

// contains says whether s, folded, has the folded text q in it; with words, only
// where a word begins.
func contains(s []byte, q string, where place) bool {
	start := true
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRune(s[i:])
		if (where == anywhere || start) && begins(s[i:], q) {
			return true
		}
		start = !unicode.IsLetter(r) && !unicode.IsDigit(r)
		i += size
	}
	return q == ""
}

// place is where in a text to look.
type place uint8

const (
	anywhere place = iota + 1
	atWords
)

// order compares two texts folded.
func order(a, b []byte) int {
	x, y := folder{s: a}, folder{s: b}
	for {
		c, more := x.next()
		d, still := y.next()
		switch {
		case !more && !still:
			return 0
		case !more:
			return -1
		case !still:
			return 1
		case c != d:
			return int(c) - int(d)
		}
	}
}
