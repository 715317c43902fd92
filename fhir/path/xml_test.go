package path_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"

	"rapport/fhir"
)

// xmlNode is an element of a resource in FHIR's XML.
type xmlNode struct {
	name, value string
	has         bool // a value
	attrs       map[string]string
	kids        []*xmlNode
	raw         string // of a narrative
}

// shapes are what XML does not tell: which elements are arrays, and which values
// are no strings, by path. The parser's complaints teach them.
type shapes map[string]bool

var place = regexp.MustCompile(`\[\d+\]`)

// jsonOf turns FHIR's XML into its JSON, for what of the suite has no other form.
// What comes out is valid.
func jsonOf(src []byte) ([]byte, error) {
	d := xml.NewDecoder(strings.NewReader(string(src)))
	for {
		tok, err := d.Token()
		if err != nil {
			return nil, err
		}
		s, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		n, err := readXML(d, s)
		if err != nil {
			return nil, err
		}
		know := shapes{}
		for range 20 {
			b, err := json.Marshal(know.resource(n, n.name))
			if err != nil {
				return nil, err
			}
			doc, err := fhir.Parse(b)
			if err == nil {
				return b, nil
			}
			for _, i := range doc.Issues() {
				know[place.ReplaceAllString(i.Path, "")] = true
			}
		}
		return nil, errors.New("the XML cannot be told")
	}
}

func readXML(d *xml.Decoder, s xml.StartElement) (*xmlNode, error) {
	n := &xmlNode{name: s.Name.Local, attrs: map[string]string{}}
	for _, a := range s.Attr {
		switch a.Name.Local {
		case "value":
			n.value, n.has = a.Value, true
		case "id", "url":
			n.attrs[a.Name.Local] = a.Value
		}
	}
	if n.name == "div" {
		n.raw = `<div xmlns="http://www.w3.org/1999/xhtml">…</div>`
		return n, d.Skip()
	}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			k, err := readXML(d, t)
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, k)
		case xml.EndElement:
			return n, nil
		}
	}
}

func (s shapes) resource(n *xmlNode, at string) map[string]any {
	o := s.object(n, at)
	o["resourceType"] = n.name
	return o
}

func (s shapes) object(n *xmlNode, at string) map[string]any {
	o := map[string]any{}
	for k, v := range n.attrs {
		o[k] = v
	}
	count := map[string]int{}
	for _, k := range n.kids {
		count[k.name]++
	}
	for _, k := range n.kids {
		path := at + "." + k.name
		for _, choice := range []string{"value", "deceased", "multipleBirth"} {
			if rest, ok := strings.CutPrefix(k.name, choice); ok && rest != "" && rest[0] <= 'Z' {
				path = at + "." + choice
			}
		}
		v := s.value(k, path)
		choice := path != at+"."+k.name // never an array
		array := !choice && (count[k.name] > 1 || s[path] && (!k.has || v == k.value))
		if array {
			l, _ := o[k.name].([]any)
			o[k.name] = append(l, v)
		} else {
			o[k.name] = v
		}
		if k.has && (len(k.kids) > 0 || len(k.attrs) > 0) && !array {
			o["_"+k.name] = s.object(k, path)
		}
	}
	return o
}

func (s shapes) value(n *xmlNode, at string) any {
	switch {
	case n.raw != "":
		return n.raw
	case !n.has && (n.name == "resource" || n.name == "contained") && len(n.kids) == 1:
		return s.resource(n.kids[0], at)
	case !n.has:
		return s.object(n, at)
	case s[at] && (n.value == "true" || n.value == "false"):
		return n.value == "true"
	case s[at] && n.name != "valueString" && strings.Trim(n.value, "0123456789.-") == "":
		return json.Number(n.value)
	}
	return n.value
}
