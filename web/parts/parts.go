// Package parts is the box of pieces pages are built from: buttons, fields,
// tags, lists, tickets, charts. Each is a templ component that takes a small
// struct with texts already in the reader's language. It refuses to fetch, to
// format what only a page can know, to style inline and to script inline: what
// it draws is whole without any script.
package parts

import (
	"strconv"
	"strings"
)

// Tone is what a colour means, never which colour. Plain says nothing.
type Tone uint8

// The tones. Accent means now, or yours, and nothing else.
const (
	TonePlain Tone = iota
	ToneBrand
	ToneOK
	ToneWarn
	ToneDanger
	ToneInfo
	ToneAccent
)

var toneNames = [...]string{"plain", "brand", "ok", "warn", "danger", "info", "accent"}

// String returns the tone's name in class names.
func (t Tone) String() string {
	if int(t) < len(toneNames) {
		return toneNames[t]
	}
	return toneNames[TonePlain]
}

// icon is the one a message of this tone carries when it names none, so that
// no meaning hangs on colour alone.
func (t Tone) icon() string {
	switch t {
	case ToneOK:
		return "check-circle"
	case ToneWarn:
		return "alert-triangle"
	case ToneDanger:
		return "alert-circle"
	default:
		return "info"
	}
}

// Link is a place to go and what it is called. The zero Link is none.
type Link struct{ Text, Href, Icon string }

// first returns the first text that is not empty.
func first(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

// described joins the ids that aria-describedby names.
func described(id, hint, problem string) string {
	var out []string
	if hint != "" {
		out = append(out, id+"-hint")
	}
	if problem != "" {
		out = append(out, id+"-problem")
	}
	return strings.Join(out, " ")
}

// coordinate writes a number for SVG with at most two decimals.
func coordinate(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Tel is the address that dials a number.
func Tel(number string) string {
	return "tel:" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
}
