// Package theme turns a practice's brand colour and accent into the whole set
// of colours its pages use, light and dark, such that every text and its ground
// meet WCAG 2.2 AA by construction. It refuses to let a brand cost legibility:
// a colour that cannot carry a label is moved until it can. It knows nothing of
// pages; it only writes custom properties.
package theme

import (
	"strings"
)

// The colours of a practice that has not chosen any.
const (
	DefaultBrand  = "#0b5a60"
	DefaultAccent = "#ffb930"
)

// Token is one custom property: its name without the dashes, and a colour as
// "#rrggbb".
type Token struct{ Name, Value string }

// Pair is a promise about two tokens: the ratio that FG has on BG in a scheme,
// and the least it may be.
type Pair struct {
	Scheme, FG, BG string
	Ratio, Want    float64
}

// Theme is the colours of one practice. Pairs are the promises kept, for a
// page that shows them to the practice and for tests.
type Theme struct {
	Light, Dark []Token
	Pairs       []Pair
}

// New builds a theme from a brand colour and an accent, each "#rrggbb". The
// only error is a colour that is not one.
func New(brandHex, accentHex string) (Theme, error) {
	b, err := Hex(brandHex)
	if err != nil {
		return Theme{}, err
	}
	a, err := Hex(accentHex)
	if err != nil {
		return Theme{}, err
	}
	// An accent carries dark text and lies on a dark ground too: a deep one is
	// lightened, its hue kept.
	if al := a.lch(); al.L < 0.74 {
		a = lch{0.80, min(al.C, 0.15), al.H}.rgb()
	}
	light, dark := newPalette(b, a), newPalette(b, a)
	light.light()
	dark.dark()
	return Theme{
		Light: light.tokens(), Dark: dark.tokens(),
		Pairs: append(light.pairs("light"), dark.pairs("dark")...),
	}, nil
}

// CSS writes the theme in the cascade layer "tokens": light, dark when the
// reader's system is dark, and each by data-theme on the root. Inside .on-light
// and .on-dark it is that one whatever the page is, so that a practice sees both
// when it chooses. Paper is always light.
func (t Theme) CSS() string {
	var b strings.Builder
	w := func(selector string, ts []Token) {
		b.WriteString(selector + "{")
		for i, x := range ts {
			if i > 0 {
				b.WriteByte(';')
			}
			b.WriteString("--" + x.Name + ":" + x.Value)
		}
		b.WriteString("}")
	}
	b.WriteString("@layer tokens{")
	w(":root,.on-light", t.Light)
	b.WriteString("@media screen{@media (prefers-color-scheme:dark){")
	w(":root:not([data-theme=light])", t.Dark)
	b.WriteString("}")
	w(":root[data-theme=dark],.on-dark", t.Dark)
	b.WriteString("}}\n")
	return b.String()
}

// Value returns a token's colour in the light scheme, or "" if there is none.
func (t Theme) Value(name string) string {
	for _, x := range t.Light {
		if x.Name == name {
			return x.Value
		}
	}
	return ""
}
