// Package forms is the library of a practice: the questionnaires, instruments and plan
// templates that ship with the program, those of the practice over them, and when each
// goes out by itself. Everything in it is FHIR R4 as data, with a version and where it
// comes from; docs/forms-written.md says how it is written.
//
// It refuses to decide anything about a person: what a form means is package
// fhir/form's, what a plan template proposes fhir/plan's, and whether it is taken a
// person's.
package forms

import (
	"embed"
	"io/fs"
	"strings"
	"sync"

	"rapport/fhir"
)

//go:embed library
var library embed.FS

// Resources returns what ships, as FHIR JSON without whitespace, in the order of the
// files' names. The slice is shared and must not be changed.
func Resources() []fhir.Resource { return shipped() }

var shipped = sync.OnceValue(func() []fhir.Resource {
	var out []fhir.Resource
	names, err := fs.Glob(library, "library/*.json")
	if err != nil {
		panic("forms: a pattern that is none: " + err.Error())
	}
	for _, n := range names {
		b, err := library.ReadFile(n)
		if err != nil {
			panic("forms: " + err.Error())
		}
		d, err := fhir.Parse(b)
		if err != nil {
			panic("forms: " + strings.TrimPrefix(n, "library/") + ": " + err.Error())
		}
		out = append(out, fhir.Resource{Type: d.Type(), ID: d.ID(), JSON: append([]byte(nil), d.Compact()...)})
	}
	return out
})
