package takeaway

import (
	_ "embed" // the list
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

//go:embed words.txt
var wordList string

// words are the list: 1,296 words, no two of which begin with the same three letters.
var words = strings.Fields(wordList)

// howMany words lock a copy: each is one of 1,296, so six are 62 bits.
const howMany = 6

// leastOwn is how many characters words of one's own have.
const leastOwn = 12

// mostOwn bounds them.
const mostOwn = 200

// draw makes the words for a copy. No word is likelier than another.
func draw(rand io.Reader) (string, error) {
	n := uint16(len(words)) //nolint:gosec // 1,296
	fair := 65535 / n * n
	out := make([]string, 0, howMany)
	for len(out) < howMany {
		var b [2]byte
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return "", err
		}
		if x := binary.BigEndian.Uint16(b[:]); x < fair {
			out = append(out, words[x%n])
		}
	}
	return strings.Join(out, " "), nil
}

// settled is how words are used that were typed: as they look, without what stands around
// them. The opener does the same.
func settled(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }

// weak reports that words are too few to lock anything.
func weak(s string) bool {
	n := utf8.RuneCountInString(s)
	if n < leastOwn || n > mostOwn || strings.ContainsAny(s, "\n") {
		return true
	}
	var seen []rune
	for _, r := range s {
		if !slices.Contains(seen, r) {
			seen = append(seen, r)
		}
	}
	return len(seen) < 5 // "aaaaaaaaaaaa"
}
