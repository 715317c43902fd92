package account

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longestName bounds a name in runes.
const longestName = 120

// blank reports the letters and signs that are drawn as nothing.
func blank(r rune) bool {
	return r == 0x115f || r == 0x1160 || r == 0x17b4 || r == 0x17b5 || r == 0x2800 || r == 0x3164 || r == 0xffa0
}

// joins reports the two marks that some scripts are not written without.
func joins(r rune) bool { return r == 0x200c || r == 0x200d }

// CleanName returns a name as it is shown: any script, one line, without controls
// and without marks that turn the direction of writing; "" if nothing is left to
// be seen.
func CleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || blank(r) || unicode.In(r, unicode.Z):
			return ' '
		case !joins(r) && unicode.Is(unicode.C, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	rs := []rune(norm.NFC.String(strings.Join(strings.Fields(s), " ")))
	s = strings.TrimSpace(string(rs[:min(len(rs), longestName)]))
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsMark(r) && !joins(r) && r != ' ' }) {
		return ""
	}
	return s
}
