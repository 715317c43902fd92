package post

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// The alphabet of phones (3GPP TS 23.038 section 6.2.1), less what ends a line: with it
// alone one text holds 160 characters, with any other 70. Those of the extension count
// twice.
const (
	phoneLetters = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	phoneTwice   = "^{}\\[~]|€"
)

// plainLetters are what stands for signs that phones do not have, where it is not a letter
// without its mark.
var plainLetters = map[rune]string{'’': "'", '‘': "'", '“': `"`, '”': `"`, '«': `"`, '»': `"`, '–': "-", '—': "-", '…': "...", 'œ': "oe", 'Œ': "OE", '\u00a0': " ", '\u202f': " "}

// forPhones writes a text in the alphabet of phones, marks of letters left out, so that it
// stays one text. What cannot be written so, such as a name in another script, leaves the
// whole as it is.
func forPhones(s string) string {
	var b strings.Builder
	for _, r := range s {
		if onPhones(r) {
			b.WriteRune(r)
			continue
		}
		if p, ok := plainLetters[r]; ok {
			b.WriteString(p)
			continue
		}
		for _, p := range norm.NFD.String(string(r)) {
			switch {
			case unicode.Is(unicode.Mn, p):
			case onPhones(p):
				b.WriteRune(p)
			default:
				return s
			}
		}
	}
	return b.String()
}

func onPhones(r rune) bool {
	return strings.ContainsRune(phoneLetters, r) || strings.ContainsRune(phoneTwice, r)
}

// texts returns how many texts a phone joins to show s, each but a lone one shorter by
// what joins it.
func texts(s string) int {
	n, one, joined := 0, 160, 153
	for _, r := range s {
		switch {
		case strings.ContainsRune(phoneLetters, r):
			n++
		case strings.ContainsRune(phoneTwice, r):
			n += 2
		default:
			n, one, joined = len(utf16.Encode([]rune(s))), 70, 67
		}
		if one == 70 {
			break
		}
	}
	if n <= one {
		return 1
	}
	return (n + joined - 1) / joined
}
