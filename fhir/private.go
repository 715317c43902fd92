package fhir

import (
	"sync"

	"rapport/fhir/internal/facet"
)

// openCodes are the labels that close nothing: HL7 v3 Confidentiality from
// unrestricted to normal. Any other security label marks a resource as private.
var openCodes = map[string]bool{"U": true, "L": true, "M": true, "N": true}

var securityParam = sync.OnceValue(func() uint16 {
	p, _ := ParamOf("Observation", "_security") // one number for all types
	return p.Number
})

// Private reports whether a resource carries a security label other than an ordinary one.
// What cannot be read counts as private.
func Private(json []byte) bool {
	d, err := Parse(json)
	return err != nil || FacetPrivate(d.Facet(nil))
}

// FacetPrivate reports whether the resource a facet belongs to carries a security
// label (Resource.meta.security) other than an ordinary one. An unknown label
// counts as private: what is not understood stays closed.
func FacetPrivate(f []byte) bool {
	_, _, groups := facet.Open(f)
	rows, ok := facet.Find(groups, securityParam())
	if !ok {
		return false
	}
	for len(rows) > 0 {
		var t facet.Token
		t, rest := facet.NextToken(rows)
		if len(rest) >= len(rows) {
			return true // it does not end: what is not understood stays closed
		}
		rows = rest
		if !openCodes[string(t.Code)] {
			return true
		}
	}
	return false
}
