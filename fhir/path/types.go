package path

import (
	"strings"

	"rapport/fhir"
)

// systemTypes are FHIRPath's own types.
var systemTypes = map[string]bool{
	"Boolean": true, "Integer": true, "Long": true, "Decimal": true, "String": true, "Date": true, "DateTime": true, "Time": true, "Quantity": true, "Any": true,
}

// bases are the types other than resources that are a kind of another. Whatever
// is not here is a kind of Element.
var bases = map[string]string{
	"code": "string", "id": "string", "markdown": "string",
	"url": "uri", "canonical": "uri", "uuid": "uri", "oid": "uri",
	"unsignedInt": "integer", "positiveInt": "integer",
	"Age": "Quantity", "Count": "Quantity", "Distance": "Quantity", "Duration": "Quantity", "MoneyQuantity": "Quantity", "SimpleQuantity": "Quantity",
	"Timing": "BackboneElement", "Dosage": "BackboneElement", "ElementDefinition": "BackboneElement",
	"Bundle": "Resource", "Binary": "Resource", "Parameters": "Resource", "DomainResource": "Resource",
	"Element": "", "Resource": "",
}

func baseOf(typ string) string {
	if b, ok := bases[typ]; ok {
		return b
	}
	if _, resource, _ := fhir.TypeInfo(typ); resource {
		return "DomainResource"
	}
	return "Element"
}

// typeOf returns a value's namespace and type as type() tells them: a part of a
// resource is a BackboneElement.
func typeOf(v Value) (space, name string) {
	if v.atom != nil {
		return "System", kindNames[v.atom.kind]
	}
	t, _ := v.node.Declared()
	if strings.Contains(t, ".") {
		t = "BackboneElement"
	}
	return "FHIR", t
}

// typeSpec is a type as an expression names it.
type typeSpec struct{ space, name string }

func specOf(text string) (typeSpec, error) {
	space, name, ok := strings.Cut(text, ".")
	if !ok {
		space, name = "", text
	}
	known, _, _ := fhir.TypeInfo(name)
	switch {
	case space == "System" && (known || systemTypes[name]),
		space == "FHIR" && known,
		space == "" && (known || systemTypes[name]):
		return typeSpec{space, name}, nil
	}
	return typeSpec{}, fail("an unknown type")
}

// is says whether a value is of a type or a kind of it.
func (s typeSpec) is(v Value) bool {
	space, name := typeOf(v)
	if s.space != "" && s.space != space {
		return false
	}
	if space == "System" {
		return name == s.name || s.name == "Any"
	}
	for ; name != ""; name = baseOf(name) {
		if name == s.name {
			return true
		}
	}
	return false
}

// takes is what as() and ofType() mean by a type: a primitive must be of exactly
// that one (a code is no string to them).
func (s typeSpec) takes(v Value) bool {
	if !s.is(v) {
		return false
	}
	if v.atom != nil {
		return true
	}
	t, _ := v.node.Declared()
	if _, _, primitive := fhir.TypeInfo(t); primitive {
		return t == s.name
	}
	return true
}
