package form

import (
	"encoding/json"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
)

// DecidedURL is the extension of a response that says what became of one thing its
// answers state.
const DecidedURL = "urn:rapport:decided"

// Decision is what somebody decided about one thing that answers state.
type Decision struct {
	Type, Place string // of what is stated: see Stated.Place
	What        string // Accepted, Changed or Aside
	By, Name    string // a reference to who decided, and what they are called
	At          time.Time
	Resource    string // a reference to what it became; "" if it was set aside
	Text        string // how it reads now, if it was changed
	Why         string // why it was set aside
}

// What can be decided.
const (
	Accepted = "accepted"
	Changed  = "changed"
	Aside    = "aside"
)

// Place names what is stated among everything of its type that the same response
// states: the places of its questions.
func (s Stated) Place() string {
	out := make([]string, len(s.Places))
	for i, p := range s.Places {
		out[i] = string(p)
	}
	return strings.Join(out, ",")
}

// Decisions returns what was decided about what a response states, in order. What is not
// whole is left out.
func Decisions(response []byte) []Decision {
	d, err := fhir.Parse(response)
	if err != nil {
		return nil
	}
	var out []Decision
	for x := range d.Root().Each("extension") {
		if x.Get("url").Str() != DecidedURL {
			continue
		}
		var one Decision
		for y := range x.Each("extension") {
			switch y.Get("url").Str() {
			case "place":
				one.Place = y.Get("valueString").Str()
			case "type":
				one.Type = y.Get("valueCode").Str()
			case "what":
				one.What = y.Get("valueCode").Str()
			case "by":
				one.By, one.Name = y.Get("valueReference", "reference").Str(), y.Get("valueReference", "display").Str()
			case "at":
				one.At = y.Get("valueDateTime").Time().At
			case "resource":
				one.Resource = y.Get("valueReference", "reference").Str()
			case "text":
				one.Text = y.Get("valueString").Str()
			case "why":
				one.Why = y.Get("valueString").Str()
			}
		}
		if one.Place != "" && one.Type != "" && one.What != "" {
			out = append(out, one)
		}
	}
	return out
}

// Decide writes a decision into a response, which stays as it was otherwise;
// errs.Conflict if that was decided already.
func Decide(response []byte, d Decision) ([]byte, error) {
	for _, x := range Decisions(response) {
		if x.Type == d.Type && x.Place == d.Place {
			return nil, errs.E(errs.Conflict, "form: that was decided already")
		}
	}
	var was struct {
		Extension []json.RawMessage `json:"extension"`
	}
	if err := json.Unmarshal(response, &was); err != nil {
		return nil, errs.E(errs.Invalid, "form: a response that is no JSON")
	}
	type ref struct {
		Reference string `json:"reference"`
		Display   string `json:"display,omitempty"`
	}
	type part struct {
		URL       string `json:"url"`
		String    string `json:"valueString,omitempty"`
		Code      string `json:"valueCode,omitempty"`
		DateTime  string `json:"valueDateTime,omitempty"`
		Reference *ref   `json:"valueReference,omitempty"`
	}
	parts := []part{{URL: "place", String: d.Place}, {URL: "type", Code: d.Type}, {URL: "what", Code: d.What},
		{URL: "by", Reference: &ref{d.By, d.Name}}, {URL: "at", DateTime: d.At.UTC().Format(time.RFC3339)}}
	if d.Resource != "" {
		parts = append(parts, part{URL: "resource", Reference: &ref{Reference: d.Resource}})
	}
	if d.Text != "" {
		parts = append(parts, part{URL: "text", String: d.Text})
	}
	if d.Why != "" {
		parts = append(parts, part{URL: "why", String: d.Why})
	}
	one, err := json.Marshal(struct {
		URL       string `json:"url"`
		Extension []part `json:"extension"`
	}{DecidedURL, parts})
	if err != nil {
		return nil, err
	}
	all, err := json.Marshal(append(was.Extension, one))
	if err != nil {
		return nil, err
	}
	return fhir.Amend(response, "extension", all)
}
