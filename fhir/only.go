package fhir

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"rapport/errs"
)

// Only returns a resource with just the named top-level elements and their
// primitive extensions, in the order they stood, each as it was written. The
// narrative goes with everything else that is not named: it may repeat it.
func Only(resource []byte, names ...string) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(resource))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errs.E(errs.Invalid, "fhir: not a resource")
	}
	out := []byte{'{'}
	for dec.More() {
		t, err := dec.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return nil, errs.E(errs.Invalid, "fhir: not a resource")
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, errs.E(errs.Invalid, "fhir: not a resource")
		}
		if !slices.Contains(names, strings.TrimPrefix(key, "_")) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(quote(out, key), ':')
		out = append(out, value...)
	}
	return append(out, '}'), nil
}
