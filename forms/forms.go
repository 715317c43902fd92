// Package forms is what Rapport asks and proposes when a practice has written
// nothing of its own yet: the first intake, the instruments that are free to
// ship, the check-ins, and the plan templates, as FHIR R4 JSON in English,
// Spanish and French. It hands them out and does nothing else: it fills in,
// scores and proposes nothing (fhir/form and fhir/plan do), reads no file at run
// time, and knows no client.
//
// It also judges text for whoever writes a form: [Grade] says how many years of
// school a reader needs, [Words] which words may put a person to shame. And it
// is a practice's library: what ships, with the practice's own over it, and when
// each form goes out by itself.
//
// The files in library/ are the source: edit them by hand, raise the version,
// and let the tests of this package read every sentence of them. A practice must
// review a plan template before it uses it; each says so itself.
package forms

import (
	"embed"
	"encoding/json"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed library/*.json
var library embed.FS

// Resource is one shipped definition. JSON is as the file has it, indented, and
// is shared: it must not be changed.
type Resource struct {
	Type    string // Questionnaire, PlanDefinition or ActivityDefinition
	ID      string // its logical id
	URL     string // urn:rapport:form:…, urn:rapport:plan:… or urn:rapport:activity:…
	Version string
	Title   string // in English
	JSON    []byte
}

// Shipped returns every shipped definition, ordered by URL.
func Shipped() []Resource { return slices.Clone(read()) }

// Find returns the shipped definition of that URL; a version after a bar is
// passed over, since one version of each is shipped.
func Find(url string) (Resource, bool) {
	url, _, _ = strings.Cut(url, "|")
	all := read()
	i, ok := slices.BinarySearchFunc(all, url, func(r Resource, url string) int { return strings.Compare(r.URL, url) })
	if !ok {
		return Resource{}, false
	}
	return all[i], true
}

var read = sync.OnceValue(func() []Resource {
	files, err := library.ReadDir("library")
	if err != nil {
		panic("forms: " + err.Error()) // the compiler embedded it
	}
	out := make([]Resource, 0, len(files))
	for _, f := range files {
		b, err := library.ReadFile(path.Join("library", f.Name()))
		if err != nil {
			panic("forms: " + err.Error())
		}
		var head struct{ ResourceType, ID, URL, Version, Title string }
		if err := json.Unmarshal(b, &head); err != nil {
			panic("forms: " + f.Name() + ": " + err.Error())
		}
		out = append(out, Resource{Type: head.ResourceType, ID: head.ID, URL: head.URL, Version: head.Version, Title: head.Title, JSON: b})
	}
	slices.SortFunc(out, func(a, b Resource) int { return strings.Compare(a.URL, b.URL) })
	return out
})
