package fhir

import (
	"sync"

	"rapport/fhir/internal/facet"
)

var securityParam = sync.OnceValue(func() uint16 {
	p, _ := ParamOf("Observation", "_security") // one number for all types
	return p.Number
})

// OpenLabel reports that a security label closes nothing: HL7 v3 Confidentiality from
// unrestricted to normal. A code that names no system is read as one of these; in a system
// that is not known the same letters may mean anything.
func OpenLabel(system string, code []byte) bool {
	if len(code) != 1 || !Confidentiality(system) {
		return false
	}
	switch code[0] {
	case 'U', 'L', 'M', 'N':
		return true
	}
	return false
}

// Confidentiality reports that a system is HL7 v3 Confidentiality, by one of the names it
// has had, or none.
func Confidentiality(system string) bool {
	switch system {
	case "", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "http://hl7.org/fhir/v3/Confidentiality", "urn:oid:2.16.840.1.113883.5.25":
		return true
	}
	return false
}

// Private reports whether a resource carries a security label other than an ordinary one.
// What cannot be read counts as private.
func Private(json []byte) bool {
	d, err := Parse(json)
	return err != nil || FacetPrivate(d.Facet(nil))
}

// FacetPrivate reports whether the resource a facet belongs to carries a security
// label (Resource.meta.security) other than an ordinary one. An unknown label
// counts as private, and so does a facet that is broken where its labels would be:
// what is not understood stays closed.
func FacetPrivate(f []byte) bool {
	private := false
	whole := FacetLabels(f, func(system string, code []byte) { private = private || !OpenLabel(system, code) })
	return private || !whole
}

// FacetLabels goes through the security labels in a facet. It returns false if the facet
// is broken where they would be.
func FacetLabels(f []byte, each func(system string, code []byte)) bool {
	_, _, groups := facet.Open(f)
	rows, _, broken := facet.Look(groups, securityParam())
	for len(rows) > 0 {
		var t facet.Token
		t, rows = facet.NextToken(rows) // one that is cut short has no code
		system := string(t.Other)
		if k := facet.Known(t.System); k != 0 {
			system = KnownSystemName(k)
		}
		each(system, t.Code)
	}
	return !broken
}
