package path_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// xmlNode is an element of a resource in FHIR's XML.
type xmlNode struct {
	name, value string
	has         bool // a value
	attrs       map[string]string
	kids        []*xmlNode
	raw         string // of a narrative
}

// repeated are the elements that are arrays in the resources of the suite that
// exist in XML only.
var repeated = map[string]bool{
	"parameter": true, "extension": true, "coding": true, "identifier": true, "name.given": true, "name": true, "given": true, "telecom": true,
	"address": true, "line": true, "contact": true, "contains": true, "include": true, "concept": true, "link": true, "communication": true,
	"generalPractitioner": true, "prefix": true, "suffix": true, "contained": true, "entry": true, "relationship": true, "useContext": true,
	"jurisdiction": true, "exclude": true, "filter": true, "designation": true,
}

// jsonOf turns FHIR's XML into its JSON, for the few resources of the suite that
// have no other form. What comes out is parsed and validated like any other.
func jsonOf(src []byte) ([]byte, error) {
	d := xml.NewDecoder(strings.NewReader(string(src)))
	for {
		tok, err := d.Token()
		if err != nil {
			return nil, err
		}
		if s, ok := tok.(xml.StartElement); ok {
			n, err := readXML(d, s)
			if err != nil {
				return nil, err
			}
			return json.Marshal(n.resource())
		}
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

func (n *xmlNode) resource() map[string]any {
	o := n.object(n.name)
	o["resourceType"] = n.name
	return o
}

func (n *xmlNode) object(in string) map[string]any {
	o := map[string]any{}
	for k, v := range n.attrs {
		o[k] = v
	}
	for _, k := range n.kids {
		v := k.json()
		if repeated[k.name] && !(k.name == "name" && in != "Patient" && in != "contact") {
			l, _ := o[k.name].([]any)
			o[k.name] = append(l, v)
		} else {
			o[k.name] = v
		}
		if k.has && (len(k.kids) > 0 || len(k.attrs) > 0) {
			o["_"+k.name] = k.object(k.name)
		}
	}
	return o
}

var numbers = map[string]bool{
	"valueInteger": true, "valueDecimal": true, "valuePositiveInt": true, "valueUnsignedInt": true, "total": true, "offset": true, "count": true, "rank": true,
}

func (n *xmlNode) json() any {
	switch {
	case n.raw != "":
		return n.raw
	case !n.has && (n.name == "resource" || n.name == "contained") && len(n.kids) == 1:
		return n.kids[0].resource()
	case !n.has:
		return n.object(n.name)
	case n.value == "true" && n.name != "code", n.value == "false" && n.name != "code":
		return n.value == "true"
	case numbers[n.name]:
		return json.Number(n.value)
	case n.name == "value" && strings.Trim(n.value, "0123456789.-") == "":
		return json.Number(n.value)
	}
	return n.value
}
