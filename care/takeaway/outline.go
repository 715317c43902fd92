package takeaway

import (
	"strings"

	"rapport/fhir"
	"rapport/lang"
	"rapport/web/reading"
)

// unsaid are elements of a resource that say nothing to a reader: what the machines note,
// and the narrative, which is a picture of the rest.
var unsaid = map[string]bool{"resourceType": true, "id": true, "meta": true, "text": true, "implicitRules": true}

// outline is a resource with all its elements, under the names FHIR has for them.
func (x *copying) outline(root fhir.Node) []leaf {
	var out []leaf
	for k := range root.Children() {
		if !unsaid[k.Name()] {
			out = append(out, x.leaf(k))
		}
	}
	return out
}

// leaf puts one element into words where there are words for it, and else takes it apart.
func (x *copying) leaf(n fhir.Node) leaf {
	l := leaf{term: spaced(n.Name())}
	switch n.Type() {
	case "CodeableConcept":
		l.text = first(n.Get("text").Str(), n.Get("coding", "display").Str())
		if l.text != "" {
			return l
		}
	case "Coding":
		if l.text = first(n.Get("display").Str(), n.Get("code").Str()); l.text != "" {
			return l
		}
	case "Reference":
		if l.text = first(n.Get("display").Str(), n.Get("reference").Str()); l.text != "" {
			return l
		}
	case "Quantity", "Age", "Duration", "Count", "Distance", "SimpleQuantity":
		l.text = reading.Say(x.p, reading.Value{Number: n.Get("value").Str(), Than: n.Get("comparator").Str(), Unit: n.Get("unit").Str(), Code: n.Get("code").Str()})
		return l
	case "Period":
		if l.text = x.spanned(fhir.Period{Start: n.Get("start").Time(), End: n.Get("end").Time()}); l.text != "" {
			return l
		}
	case "date", "dateTime", "instant":
		l.text = first(x.dated(n.Time()), n.Str())
		return l
	case "boolean":
		l.text = x.p.TakeNo()
		if n.Bool() {
			l.text = x.p.TakeYes()
		}
		return l
	case "Attachment":
		a := attachment{Type: n.Get("contentType").Str(), Title: n.Get("title").Str(), URL: n.Get("url").Str(), Data: n.Get("data").Str()}
		l.file, l.text = x.fileLink(a)
		return l
	case "base64Binary", "xhtml":
		l.text = x.p.TakeBytes()
		return l
	}
	if l.text = n.Str(); l.text != "" {
		return l
	}
	for k := range n.Children() {
		l.under = append(l.under, x.leaf(k))
	}
	return l
}

// fileLink leads to the file that an attachment is, or says where it is.
func (x *copying) fileLink(a attachment) (link, string) {
	if name, ok := x.files.named(a); ok {
		return link{first(a.Title, strings.TrimPrefix(name, "files/")), name}, ""
	}
	if _, blob := a.blob(); blob {
		return link{}, x.p.TakeGone()
	}
	return link{}, first(a.Title, a.URL, x.p.TakeGone())
}

func first(ss ...string) string {
	for _, s := range ss {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// spaced turns FHIR's effectiveDateTime into "Effective date time".
func spaced(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return lang.Upper(b.String())
}
