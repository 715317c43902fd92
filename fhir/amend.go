package fhir

import (
	"bytes"
	"encoding/json"

	"rapport/errs"
)

// Amend returns a resource with one top-level element in place of the one it has
// or at its end, and without it if value is nil. Everything else stays as it was
// written, and where it stood.
func Amend(resource []byte, name string, value []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(resource))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errs.E(errs.Invalid, "fhir: not a resource")
	}
	out := []byte{'{'}
	add := func(key string, v []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(quote(out, key), ':'), v...)
	}
	done := value == nil
	for dec.More() {
		t, err := dec.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return nil, errs.E(errs.Invalid, "fhir: not a resource")
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, errs.E(errs.Invalid, "fhir: not a resource")
		}
		if key != name {
			add(key, v)
		} else if value != nil {
			add(key, value)
			done = true
		}
	}
	if !done {
		add(name, value)
	}
	return append(out, '}'), nil
}

// SplitReference returns the type and the logical id of a literal reference to one
// resource, relative or absolute, with or without a version; nothing for what is
// none (#contained, urn:uuid:…, a search).
func SplitReference(ref string) (typ, id string) {
	t, i := splitRef([]byte(ref))
	return string(t), string(i)
}
