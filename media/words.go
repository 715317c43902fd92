package media

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words cleans what somebody wrote: valid UTF-8 (what is not becomes U+FFFD), lines
// that end in "\n" and in no space, at most two empty lines in a row, none at either
// end. Controls, signs that turn a line around and signs that nobody can see go; the
// joiners stay where a script or an emoji needs them. It returns errs.Invalid that says
// media.blank when nothing to be seen is left, and media.words above most characters.
func Words(s string, most int) (string, error) {
	s = cleaned(s)
	if !visible(s) {
		return "", refuse("media.blank", "nothing was written")
	}
	if n := utf8.RuneCountInString(s); n > most {
		return "", refuse("media.words", "%d characters, %d are allowed", n, most)
	}
	return s, nil
}

const (
	zwnj, zwj = '\u200c', '\u200d'
	mostMarks = 8 // that one letter may carry; no script needs as many
)

// written are the signs of category Cf that one does see: Arabic and Syriac numbers'
// and verses', and Kaithi's.
var written = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x0600, Hi: 0x0605, Stride: 1}, {Lo: 0x06dd, Hi: 0x06dd, Stride: 1}, {Lo: 0x070f, Hi: 0x070f, Stride: 1}, {Lo: 0x0890, Hi: 0x0891, Stride: 1}, {Lo: 0x08e2, Hi: 0x08e2, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x110bd, Hi: 0x110bd, Stride: 1}, {Lo: 0x110cd, Hi: 0x110cd, Stride: 1}},
}

// unseen are signs of other categories that nobody sees: fillers, joiners, and the
// plane of tags and selectors, in which a whole letter can hide.
var unseen = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x034f, Hi: 0x034f, Stride: 1}, {Lo: 0x115f, Hi: 0x1160, Stride: 1}, {Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, {Lo: 0x3164, Hi: 0x3164, Stride: 1}, {Lo: 0xffa0, Hi: 0xffa0, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0xe0000, Hi: 0xe0fff, Stride: 1}},
}

// joining are the scripts whose letters a joiner changes.
var joining = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mandaic, unicode.Mongolian, unicode.Adlam, unicode.Hanifi_Rohingya,
	unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu,
	unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Balinese, unicode.Javanese,
}

var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// cleaned does what Words does, short of refusing.
func cleaned(s string) string {
	return lines(join(keep(breaks.Replace(strings.ToValidUTF8(s, "\ufffd")))))
}

// keep drops every sign that may not stand anywhere, and what one letter carries too
// many of.
func keep(s string) []rune {
	out := make([]rune, 0, len(s))
	marks := 0
	for _, r := range s {
		switch {
		case r == zwj || r == zwnj:
		case r == '\n' || r == '\t':
			marks = 0
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r) && !unicode.Is(written, r), unicode.Is(unseen, r), noncharacter(r):
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > mostMarks {
				continue
			}
		default:
			marks = 0
		}
		out = append(out, r)
	}
	return out
}

func noncharacter(r rune) bool { return r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef }

// join keeps the joiners that do something.
func join(in []rune) string {
	var out strings.Builder
	out.Grow(len(in))
	var before rune
	for i, r := range in {
		if r == zwj || r == zwnj {
			var after rune
			if i+1 < len(in) {
				after = in[i+1]
			}
			if before == zwj || before == zwnj || !joins(before, r, after) {
				continue
			}
		}
		out.WriteRune(r)
		before = r
	}
	return out.String()
}

// joins reports whether a joiner between two signs changes how they look: between
// letters of one of the scripts, behind a mark of such a script (a half letter may end a
// word), or between two signs of an emoji.
func joins(before, joiner, after rune) bool {
	if unicode.In(before, joining...) {
		return unicode.In(after, joining...) || joiner == zwj && unicode.Is(unicode.Mn, before) && after != zwj && after != zwnj
	}
	return joiner == zwj && pictured(before) && (unicode.Is(unicode.So, after) || after == '↔')
}

// pictured reports a sign of an emoji, a skin's colour or the selector of a picture.
func pictured(r rune) bool {
	return unicode.Is(unicode.So, r) || r == '\ufe0f' || r >= 0x1f3fb && r <= 0x1f3ff
}

// lines trims every line, and the empty lines at both ends and in between.
func lines(s string) string {
	const mostEmpty = 2
	var out strings.Builder
	out.Grow(len(s))
	empty := 0
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if line == "" {
			empty++
			continue
		}
		if out.Len() > 0 {
			out.WriteString("\n\n\n"[:1+min(empty, mostEmpty)])
		}
		out.WriteString(line)
		empty = 0
	}
	return strings.TrimLeftFunc(out.String(), unicode.IsSpace)
}

// visible reports whether there is anything to see.
func visible(s string) bool {
	const blankBraille = '\u2800'
	return strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.In(r, unicode.C, unicode.M, unicode.Z) && r != blankBraille
	})
}
