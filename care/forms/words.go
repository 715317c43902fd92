package forms

import (
	"strings"

	"rapport/lang"
)

// The extensions of R4 and SDC that this package edits; all others stay as they are.
const (
	hl7            = "http://hl7.org/fhir/StructureDefinition/"
	sdc            = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
	translationURL = hl7 + "translation"
	controlURL     = hl7 + "questionnaire-itemControl"
	hiddenURL      = hl7 + "questionnaire-hidden"
	exclusiveURL   = hl7 + "questionnaire-optionExclusive"
	ordinalURL     = hl7 + "ordinalValue"
	unitURL        = hl7 + "questionnaire-unit"
	minURL         = hl7 + "minValue"
	maxURL         = hl7 + "maxValue"
	minLengthURL   = hl7 + "minLength"
	minOccursURL   = hl7 + "questionnaire-minOccurs"
	maxOccursURL   = hl7 + "questionnaire-maxOccurs"
	enableURL      = sdc + "sdc-questionnaire-enableWhenExpression"
	calculatedURL  = sdc + "sdc-questionnaire-calculatedExpression"
	extractURL     = sdc + "sdc-questionnaire-observationExtract"
	contextURL     = sdc + "sdc-questionnaire-itemExtractionContext"
	dangerURL      = "urn:rapport:danger"
	officialURL    = "urn:rapport:official"
	whyURL         = "urn:rapport:why"
	whenURL        = "urn:rapport:when"
	discardedURL   = "urn:rapport:discarded"
)

// ext returns the first extension with an address.
func ext(n *tree, url string) *tree {
	for _, x := range n.each("extension") {
		if x.get("url").text() == url {
			return x
		}
	}
	return nil
}

// value returns what an extension holds.
func value(x *tree) *tree {
	_, v := x.choice("value")
	return v
}

// extText is the text an extension holds.
func extText(n *tree, url string) string { return value(ext(n, url)).text() }

// expression is what an extension with an Expression says.
func expression(n *tree, url string) string {
	return ext(n, url).get("valueExpression", "expression").text()
}

// setExt puts an extension in the place of the one with its address; nil takes that away.
func setExt(n *tree, url string, x *tree) {
	old := ext(n, url)
	switch {
	case x == nil:
		n.keep("extension", func(t *tree) bool { return t != old })
	case old != nil:
		old.keys, old.vals = x.keys, x.vals
	default:
		n.add("extension", x)
	}
}

// setValue sets the value of an extension, and keeps the rest of it; nil takes it away.
func setValue(n *tree, url, typ string, v *tree) {
	x := ext(n, url)
	switch {
	case v == nil:
		setExt(n, url, nil)
	case x == nil:
		n.add("extension", obj(pair{"url", str(url)}, pair{"value" + typ, v}))
	default:
		if was, _ := x.choice("value"); was != "" && was != typ {
			x.set("value"+was, nil)
		}
		x.set("value"+typ, v)
	}
}

// texts are words by language; base is the language a form was first written in.
type texts map[string]string

func (t texts) any() bool {
	for _, s := range t {
		if s != "" {
			return true
		}
	}
	return false
}

func (t texts) same(o texts) bool {
	for _, l := range lang.All() {
		if t[l.String()] != o[l.String()] {
			return false
		}
	}
	return true
}

// in is a text for a reader: in their language, else as it was first written.
func (t texts) in(code, base string) string {
	if s := t[code]; s != "" {
		return s
	}
	return t[base]
}

// baseOf is the language a form or a plan template is written in.
func baseOf(root *tree) string {
	code, _, _ := strings.Cut(root.get("language").text(), "-")
	if t, ok := lang.Parse(code); ok {
		return t.String()
	}
	return "en"
}

// readTexts reads an element with its translations.
func readTexts(n *tree, name, base string) texts {
	t := texts{}
	for _, x := range n.get("_" + name).each("extension") {
		if x.get("url").text() != translationURL {
			continue
		}
		code, _, _ := strings.Cut(extText(x, "lang"), "-")
		if s := extText(x, "content"); s != "" && t[code] == "" {
			t[code] = s
		}
	}
	t[base] = n.get(name).text()
	return t
}

// writeTexts writes the texts that are not as they were. typ is that of a translation:
// String or Markdown.
func writeTexts(n *tree, name, base, typ string, was, now texts) {
	for _, l := range lang.All() {
		code := l.String()
		switch {
		case was[code] == now[code]:
		case code == base:
			n.setText(name, now[code])
		default:
			translate(n, name, code, typ, now[code])
		}
	}
}

func translate(n *tree, name, code, typ, s string) {
	beside := n.get("_" + name)
	if beside == nil || beside.kind != '{' {
		if s == "" {
			return
		}
		beside = obj()
		n.set("_"+name, beside)
	}
	var at *tree
	for _, x := range beside.each("extension") {
		if c, _, _ := strings.Cut(extText(x, "lang"), "-"); x.get("url").text() == translationURL && c == code {
			at = x
			break
		}
	}
	switch {
	case s == "":
		beside.keep("extension", func(x *tree) bool { return x != at })
		if len(beside.keys) == 0 {
			n.set("_"+name, nil)
		}
	case at != nil:
		if was, _ := ext(at, "content").choice("value"); was != "" {
			typ = was
		}
		setValue(at, "content", typ, str(s))
	default:
		beside.add("extension", obj(pair{"url", str(translationURL)}, pair{"extension", list(
			obj(pair{"url", str("lang")}, pair{"valueCode", str(code)}),
			obj(pair{"url", str("content")}, pair{"value" + typ, str(s)}),
		)}))
	}
}
