package practice

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
	"rapport/web/theme"
)

// draft is what the manager has written and not yet saved.
type draft struct {
	record.Settings
	// First is the practice's own language; it stands first in Languages once
	// the draft holds.
	First string
	// Hex is what stands beside the two pickers, when it is no colour.
	BrandHex, AccentHex string
}

// problem is one reason why a draft does not hold. The zero problem is none.
type problem uint8

const (
	_ problem = iota
	nameMissing
	nameLong
	nameOdd
	markUnknown
	brandBad
	accentBad
	typefaceUnknown
	wordUnknown
	languageNone
	languageFirst
	zoneUnknown
	phoneBad
	emergencyBad
	crisisBad
)

// typefaces are the letters a practice can choose from.
var typefaces = []string{"figtree", "atkinson", "system"}

const nameMost = 80

// fresh returns the draft of settings that are kept.
func fresh(s record.Settings) draft {
	d := draft{Settings: s}
	if len(s.Languages) > 0 {
		d.First = s.Languages[0]
	}
	return d
}

// colour returns what was meant by a picker and the digits beside it. The
// picker is the value; but where no script keeps the two alike, the digits are
// what changed if the picker still is as it was.
func colour(was, picker, digits string) string {
	if strings.EqualFold(plain(was), plain(picker)) && digits != "" {
		picker = digits
	}
	if c, err := theme.Hex(picker); err == nil {
		return c.Hex()
	}
	return picker
}

func plain(hex string) string { return strings.TrimPrefix(strings.TrimSpace(hex), "#") }

// problems returns what is to be put right, in the order of the page.
func (d draft) problems() []problem {
	var out []problem
	bad := func(is bool, p problem) {
		if is {
			out = append(out, p)
		}
	}
	switch n := utf8.RuneCountInString(d.Name); {
	case strings.TrimSpace(d.Name) == "":
		out = append(out, nameMissing)
	case n > nameMost:
		out = append(out, nameLong)
	case !utf8.ValidString(d.Name) || strings.ContainsFunc(d.Name, odd):
		out = append(out, nameOdd)
	}
	bad(d.Phone != "" && !dialled(d.Phone), phoneBad)
	bad(!dialled(d.Emergency), emergencyBad)
	bad(d.Crisis != "" && !dialled(d.Crisis), crisisBad)
	bad(!parts.HasMark(d.Mark), markUnknown)
	bad(!isColour(d.Brand), brandBad)
	bad(!isColour(d.Accent), accentBad)
	bad(!slices.Contains(typefaces, d.Typeface), typefaceUnknown)
	_, known := lang.ParseWord(d.Word)
	bad(!known, wordUnknown)
	bad(len(d.Languages) == 0, languageNone)
	bad(len(d.Languages) > 0 && !slices.Contains(d.Languages, d.First), languageFirst)
	bad(!isZone(d.Zone), zoneUnknown)
	return out
}

// odd reports a character that has no place in a name: control characters, and
// those that turn the direction of the text around them.
func odd(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == utf8.RuneError
}

func isColour(s string) bool { _, err := theme.Hex(s); return err == nil }

// isZone refuses "Local", which would be another place on every machine.
func isZone(s string) bool {
	if s == "" || s == "Local" {
		return false
	}
	_, err := time.LoadLocation(s)
	return err == nil
}

// dialled reports whether s can be a telephone number as it is shown.
func dialled(s string) bool {
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, r == ' ', r == '-', r == '(', r == ')', r == '.', r == '/', r == '\u00a0':
		default:
			return false
		}
	}
	return digits >= 2 && digits <= 15 && len(s) <= 40
}

// settings returns what is to be kept of a draft without problems.
func (d draft) settings() record.Settings {
	s := d.Settings
	s.Languages = []string{d.First}
	for _, l := range d.Languages {
		if l != d.First {
			s.Languages = append(s.Languages, l)
		}
	}
	return s
}

// field is where a problem is put right.
func (p problem) field() string {
	switch p {
	case nameMissing, nameLong, nameOdd:
		return "name"
	case markUnknown:
		return "mark"
	case brandBad:
		return "brand"
	case accentBad:
		return "accent"
	case typefaceUnknown:
		return "typeface"
	case wordUnknown:
		return "word"
	case languageNone:
		return "languages"
	case languageFirst:
		return "first"
	case zoneUnknown:
		return "zone"
	case phoneBad:
		return "phone"
	case emergencyBad:
		return "emergency"
	case crisisBad:
		return "crisis"
	}
	return ""
}

// say tells somebody what to do about a problem.
func (p problem) say(l lang.Printer) string {
	switch p {
	case nameMissing:
		return l.PracticeBadNameMissing()
	case nameLong:
		return l.PracticeBadNameLong()
	case nameOdd:
		return l.PracticeBadNameOdd()
	case markUnknown:
		return l.PracticeBadMark()
	case brandBad, accentBad:
		return l.PracticeBadColour()
	case typefaceUnknown:
		return l.PracticeBadTypeface()
	case wordUnknown:
		return l.PracticeBadWord()
	case languageNone:
		return l.PracticeBadLanguages()
	case languageFirst:
		return l.PracticeBadFirst()
	case zoneUnknown:
		return l.PracticeBadZone()
	case phoneBad:
		return l.PracticeBadPhone()
	case emergencyBad:
		return l.PracticeBadEmergency()
	case crisisBad:
		return l.PracticeBadCrisis()
	}
	return ""
}
