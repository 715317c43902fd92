package record

import (
	"encoding/json"
	"slices"
	"time"

	"rapport/fhir/label"
)

// limitJSON writes a limit as a Consent (FHIR R4 6.2).
func limitJSON(l Limit, person string, names map[string]string) ([]byte, error) {
	type codingJSON struct {
		System string `json:"system"`
		Code   string `json:"code"`
	}
	type conceptJSON struct {
		Coding []codingJSON `json:"coding"`
	}
	type actorJSON struct {
		Role      conceptJSON `json:"role"`
		Reference linkJSON    `json:"reference"`
	}
	type provisionJSON struct {
		Type   string            `json:"type"`
		Period map[string]string `json:"period,omitempty"`
		Actor  []actorJSON       `json:"actor,omitempty"`
		Labels []codingJSON      `json:"securityLabel,omitempty"`
		But    []provisionJSON   `json:"provision,omitempty"`
	}
	const hl7 = "http://terminology.hl7.org/CodeSystem/"
	actors := func(ids []string) (out []actorJSON) {
		for _, id := range slices.Sorted(slices.Values(ids)) {
			out = append(out, actorJSON{conceptJSON{[]codingJSON{{hl7 + "v3-ParticipationType", "IRCP"}}}, linkJSON{"Practitioner/" + id, names[id]}})
		}
		return out
	}
	p := provisionJSON{Type: "deny", Actor: actors(l.Who), Period: map[string]string{"start": l.Said.UTC().Format(time.RFC3339)}}
	if !l.Until.IsZero() {
		p.Period["end"] = l.Until.UTC().Format(time.RFC3339)
	}
	for _, x := range label.Codings(l.In) {
		p.Labels = append(p.Labels, codingJSON{x.System, x.Code})
	}
	if len(l.But) > 0 {
		p.But = []provisionJSON{{Type: "permit", Actor: actors(l.But)}}
	}
	return json.Marshal(struct {
		Type      string        `json:"resourceType"`
		ID        string        `json:"id"`
		Status    string        `json:"status"`
		Scope     conceptJSON   `json:"scope"`
		Category  []conceptJSON `json:"category"`
		Patient   linkJSON      `json:"patient"`
		Date      string        `json:"dateTime"`
		Rule      conceptJSON   `json:"policyRule"`
		Provision provisionJSON `json:"provision"`
	}{consent, l.ID, "active", conceptJSON{[]codingJSON{{hl7 + "consentscope", "patient-privacy"}}}, []conceptJSON{{[]codingJSON{{"http://loinc.org", "57016-8"}}}},
		linkJSON{Reference: "Patient/" + person}, l.Said.UTC().Format(time.RFC3339), conceptJSON{[]codingJSON{{hl7 + "v3-ActCode", "OPTIN"}}}, p})
}

// withInactive is a Consent that stands no more.
func withInactive(was []byte) ([]byte, error) {
	return edit(was, map[string]any{"status": "inactive"})
}
