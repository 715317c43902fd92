package form

import "strings"

// text is what is shown to people, with its translations.
type text struct {
	own string
	by  []translation
}

type translation struct{ lang, words string }

// readText reads a string element and the translations beside it.
func readText(v *val, name string) text {
	t := text{own: v.get(name).str()}
	for _, x := range extensions(v.get("_"+name), "translation") {
		var tr translation
		for _, p := range x.each("extension") {
			_, c := p.choice("value")
			switch p.get("url").str() {
			case "lang":
				tr.lang = c.str()
			case "content":
				tr.words = c.str()
			}
		}
		if tr.lang != "" && tr.words != "" {
			t.by = append(t.by, tr)
		}
	}
	return t
}

// in returns the words in a language: the very tag, else the same language
// spoken elsewhere, else the original.
func (t text) in(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	near := ""
	for _, tr := range t.by {
		if strings.EqualFold(tr.lang, lang) {
			return tr.words
		}
		b, _, _ := strings.Cut(tr.lang, "-")
		if near == "" && lang != "" && strings.EqualFold(b, base) {
			near = tr.words
		}
	}
	if near != "" {
		return near
	}
	return t.own
}

// Extensions are known by short names: the last part of their URL, without the
// prefixes R4, SDC and older SDC give the same thing.
const (
	core = "http://hl7.org/fhir/StructureDefinition/"
	sdc  = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
	ours = "urn:rapport:"
)

func short(url string) string {
	switch {
	case strings.HasPrefix(url, sdc):
		return strings.TrimPrefix(strings.TrimPrefix(url, sdc), "sdc-questionnaire-")
	case strings.HasPrefix(url, core):
		return strings.TrimPrefix(strings.TrimPrefix(url, core), "questionnaire-")
	}
	return url
}

// extensions returns the extensions of a short name.
func extensions(v *val, name string) []*val {
	var out []*val
	for _, x := range v.each("extension") {
		if short(x.get("url").str()) == name {
			out = append(out, x)
		}
	}
	return out
}

// extension returns the value of the first extension of a short name.
func extension(v *val, name string) *val {
	for _, x := range v.each("extension") {
		if short(x.get("url").str()) == name {
			if _, c := x.choice("value"); c != nil {
				return c
			}
		}
	}
	return nil
}
