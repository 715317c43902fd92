// Package fhir is FHIR R4 as this program speaks it: parsing, validation, search
// values and small typed views of the resources our pages show. It keeps the
// bytes it was given: unknown fields, extensions and the digits of a decimal
// survive. It refuses what is not valid R4, and its errors name elements, never
// content. It does no I/O and imports nothing of ours but errs.
//
// What is checked: structure, cardinality, types, the form of primitives, codes
// of required bindings that can be listed, choices, reference targets. What is
// not: profiles, slicing, other bindings, FHIRPath invariants, the markup of a
// narrative. A page must therefore never show a narrative as it came.
package fhir

// ClientID names one person receiving care: a random pseudonym of 26 lowercase
// base32 characters (128 bits). It says nothing about the person and never
// changes. It is not the logical id of the Patient resource, which a sending
// system may have chosen.
type ClientID string

// Resource is one FHIR resource as kept: its type, logical id and JSON, with the
// whitespace between tokens removed and nothing else touched.
type Resource struct {
	Type, ID string
	JSON     []byte
}
