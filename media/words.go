package media

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words cleans what somebody wrote: no controls but new lines and tabs, nothing that
// turns a line around or is not seen, no more than two empty lines in a row. Joiners
// stay, for Persian, Hindi and families of faces need them. It fails with errs.Invalid
// for more than most characters, and for nothing at all unless empty may be.
func Words(s string, most int) (string, error) {
	s = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u200c' || r == '\u200d': // joiners
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u200b', r == '\u2060', r == '\ufeff', r == '\u00ad', r == utf8.RuneError,
			r >= 0xe0000 && r <= 0xe0fff, r == '\u2028', r == '\u2029', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0':
			return -1
		}
		return r
	}, s)
	for strings.Contains(s, "\n\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n\n", "\n\n\n")
	}
	s = strings.TrimSpace(s)
	if strings.Trim(s, "\u200c\u200d \n\t") == "" {
		s = ""
	}
	if utf8.RuneCountInString(s) > most {
		return "", wrong("media.words", "too many words")
	}
	return s, nil
}

// Captions writes the words of a recording as WebVTT: a cue for each sentence, spread
// evenly over how long it lasts; ten seconds each if that is not known.
func Captions(text string, seconds int) []byte {
	var cues []string
	for _, line := range strings.Split(text, "\n") {
		for len(line) > 0 {
			i := strings.IndexAny(line, ".!?…")
			if i < 0 {
				i = len(line) - 1
			} else {
				_, n := utf8.DecodeRuneInString(line[i:])
				i += n - 1
			}
			if c := strings.TrimSpace(line[:i+1]); c != "" {
				cues = append(cues, c)
			}
			line = line[i+1:]
		}
	}
	var b strings.Builder
	b.WriteString("WEBVTT\n")
	each := 10.0
	if seconds > 0 && len(cues) > 0 {
		each = float64(seconds) / float64(len(cues))
	}
	safe := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	for i, c := range cues {
		fmt.Fprintf(&b, "\n%s --> %s\n%s\n", clockOf(float64(i)*each), clockOf(float64(i+1)*each), safe.Replace(c))
	}
	return []byte(b.String())
}

func clockOf(s float64) string {
	ms := int(s * 1000)
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
}
