package parts

import (
	"bytes"
	"html"
	"slices"
	"strings"

	"rapport/web/theme"
)

// marks are the signs a practice can choose when it has none of its own, drawn
// in 32 by 32. "currentColor" is the brand, class mark-hot the accent.
var marks = []struct{ name, shapes string }{
	{"rowan", `<path fill="none" stroke="currentColor" stroke-width="2.25" stroke-linecap="round" d="M16 3v7M16 10l-6.5 7M16 10l6.5 7M16 10v10"/><circle cx="8.5" cy="20" r="5" fill="currentColor"/><circle cx="23.5" cy="20" r="5" fill="currentColor"/><circle class="mark-hot" cx="16" cy="25" r="5"/>`},
	{"leaf", `<path fill="currentColor" d="M28 4C13.5 3.5 5 10.5 5 20c0 1.7.3 3.3.8 4.700C9.5 17.5 14.5 13.3 21 11c-5.8 4-9.6 8.6-11.8 15.400C19.5 29 29 21.5 28 4z"/><circle class="mark-hot" cx="7" cy="27.5" r="3"/>`},
	{"heart", `<path fill="currentColor" d="M16 28.5 4.6 17A7.9 7.9 0 0 1 15.7 5.800l.3.3.3-.3A7.9 7.9 0 0 1 27.4 17z"/><circle class="mark-hot" cx="16" cy="15" r="4"/>`},
	{"sunrise", `<path class="mark-hot" d="M7.5 20a8.5 8.5 0 0 1 17 0z"/><path fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" d="M3 24h26M9 28.750h14M16 3.500v4M5.7 8.700l2.5 2.500M26.3 8.700l-2.5 2.5"/>`},
	{"house", `<path fill="currentColor" d="M14.7 3.5 3.7 12.800A2 2 0 0 0 3 14.300V27a2 2 0 0 0 2 2h22a2 2 0 0 0 2-2V14.300a2 2 0 0 0-.7-1.500l-11-9.300a2 2 0 0 0-2.6 0z"/><path class="mark-hot" d="M11.5 29v-7.500a4.5 4.5 0 0 1 9 0V29z"/>`},
	{"rings", `<path fill="none" stroke="currentColor" stroke-width="2.5" d="M20.5 16a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM29.5 16a9 9 0 1 1-18 0 9 9 0 0 1 18 0z"/><path class="mark-hot" d="M16 8.200a9 9 0 0 1 0 15.6 9 9 0 0 1 0-15.600z"/>`},
	{"wave", `<path fill="none" stroke="currentColor" stroke-width="3.5" stroke-linecap="round" d="M3 17.500c4.3-5.3 8.7-5.3 13 0s8.7 5.3 13 0M3 25.500c4.3-5.3 8.7-5.3 13 0s8.7 5.3 13 0"/><circle class="mark-hot" cx="22" cy="6.5" r="4"/>`},
}

// Marks returns the names of the built-in marks; the first is the default.
func Marks() []string {
	out := make([]string, len(marks))
	for i, m := range marks {
		out[i] = m.name
	}
	return out
}

// HasMark says whether a mark of that name is built in.
func HasMark(name string) bool { return slices.Contains(Marks(), name) }

func markShapes(name string) string {
	for _, m := range marks {
		if m.name == name {
			return m.shapes
		}
	}
	return marks[0].shapes
}

// MarkSVG returns a mark as a file in a practice's own colours, for the icon
// in a browser's tab. Colours that are none become the defaults.
func MarkSVG(name, brandHex, accentHex string) []byte {
	t, err := theme.New(brandHex, accentHex)
	if err != nil {
		t, _ = theme.New(theme.DefaultBrand, theme.DefaultAccent)
	}
	s := strings.NewReplacer(
		"currentColor", html.EscapeString(t.Value("brand-ui")),
		`class="mark-hot"`, `fill="`+html.EscapeString(t.Value("accent"))+`"`,
	).Replace(markShapes(name))
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">` + s + `</svg>`)
	return b.Bytes()
}
