package bundles

import (
	"bytes"
	"encoding/json"
	"strings"

	"rapport/fhir"
)

// canonical writes JSON in one way, keeping the digits of numbers and the order
// of arrays; "" if it is not JSON.
func canonical(b []byte) string {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var x any
	if err := dec.Decode(&x); err != nil {
		return ""
	}
	out, err := json.Marshal(x) // a map's keys come out in order
	if err != nil {
		return ""
	}
	return string(out)
}

// newer reports whether a resource says that it was changed after another was.
func newer(doc *fhir.Doc, here []byte) bool {
	old, err := fhir.Parse(here)
	return err == nil && later(updated(doc), updated(old))
}

func updated(doc *fhir.Doc) string { return doc.Root().Get("meta", "lastUpdated").Str() }

// later compares two instants; one that is not there is not later.
func later(a, b string) bool {
	at, aok := fhir.ParseTime(a)
	bt, bok := fhir.ParseTime(b)
	if !aok || !bok {
		return false
	}
	af, _ := at.Span()
	bf, _ := bt.Span()
	return af > bf
}

// samePerson reports whether two Patients with one id are one person: they share
// an identifier, or a birth date and a name. It is asked only when their content
// differs; when in doubt they are two, and nothing is mixed.
func samePerson(a, b *fhir.Doc) bool {
	ids := map[string]bool{}
	for _, k := range identifiers(a) {
		if k.system != "" {
			ids[k.system+"|"+k.value] = true
		}
	}
	for _, k := range identifiers(b) {
		if k.system != "" && ids[k.system+"|"+k.value] {
			return true
		}
	}
	born := a.Root().Get("birthDate").Str()
	if born == "" || born != b.Root().Get("birthDate").Str() {
		return false
	}
	names := map[string]bool{}
	for _, n := range fullNames(a) {
		names[n] = true
	}
	for _, n := range fullNames(b) {
		if names[n] {
			return true
		}
	}
	return false
}

// fullNames returns first given and family name of every name, in lower case.
func fullNames(d *fhir.Doc) (out []string) {
	for n := range d.Root().Each("name") {
		given, family := n.Get("given").Str(), n.Get("family").Str()
		if given != "" && family != "" {
			out = append(out, strings.ToLower(given+" "+family))
		}
	}
	return out
}

// dispute notes that a Patient has the id of another person, if they are not one
// and the same, and returns whether that is so.
func (im *Importer) dispute(e *entry, other []byte) bool {
	if e.typ != "Patient" {
		return false
	}
	doc, err := fhir.Parse(other)
	if err == nil && samePerson(e.doc, doc) {
		return false
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	im.disputes[e.id] = true
	return true
}

// disputed reports whether two people claim this id in the files of this import.
func (im *Importer) disputed(person string) bool {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.disputes[person]
}
