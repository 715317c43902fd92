package question

import (
	"encoding/json"
	"strconv"
	"strings"

	"rapport/fhir"
	"rapport/fhir/form"
	"rapport/record"
	"rapport/web"
)

// prescribed are the medicines that are prescribed here, as somebody would say that they
// take them: a form asks whether that is still true, not for what is known. What is said
// to be taken already, by the same name, is not there twice.
func prescribed(a *web.Ask, c *record.Chart, subject string, taken []record.Found) []record.Found {
	found, err := c.Find(a.Context(), "MedicationRequest", "status", "active", "_count", "100")
	if err != nil {
		return nil
	}
	seen := map[string]bool{}
	for _, f := range taken {
		if m, err := fhir.ReadMedicine(f.JSON); err == nil {
			seen[strings.ToLower(m.Code.Text)] = true
		}
	}
	var out []record.Found
	for _, f := range found {
		m, err := fhir.ReadMedicine(f.JSON)
		if err != nil || fhir.Private(f.JSON) {
			continue
		}
		name := m.Code.Text
		if typ, id := m.Reference.Target(); name == "" && typ == "Medication" {
			name = called(a, c, id)
		}
		if name == "" || seen[strings.ToLower(name)] {
			continue
		}
		seen[strings.ToLower(name)] = true
		if b, err := asTaken(f.ID, name, subject, m.Dosage); err == nil {
			out = append(out, record.Found{Resource: fhir.Resource{Type: "MedicationStatement", ID: prescribedAs + f.ID, JSON: b}})
		}
	}
	return out
}

// prescribedAs begins the name of what is only prescribed, in a form.
const prescribedAs = "rx-"

// called is what a medicine that is described elsewhere is called.
func called(a *web.Ask, c *record.Chart, id string) string {
	r, err := c.Shared(a.Context(), "Medication", id)
	if err != nil {
		return ""
	}
	d, err := fhir.Parse(r.JSON)
	if err != nil {
		return ""
	}
	if s := d.Root().Get("code", "text").Str(); s != "" {
		return s
	}
	return d.Root().Get("code", "coding", "display").Str()
}

func asTaken(id, name, subject string, dosage []string) ([]byte, error) {
	type textJSON struct {
		Text string `json:"text"`
	}
	type linkJSON struct {
		Reference string `json:"reference"`
	}
	x := struct {
		ResourceType string     `json:"resourceType"`
		ID           string     `json:"id"`
		Status       string     `json:"status"`
		Medicine     textJSON   `json:"medicationCodeableConcept"`
		Subject      linkJSON   `json:"subject"`
		Dosage       []textJSON `json:"dosage,omitempty"`
	}{ResourceType: "MedicationStatement", ID: prescribedAs + id, Status: "active", Medicine: textJSON{name}, Subject: linkJSON{subject}}
	for _, d := range dosage {
		x.Dosage = append(x.Dosage, textJSON{d})
	}
	return json.Marshal(x)
}

// Alarms are the answers that somebody must see soon, in the practice's first language;
// given is the question that is being answered, "" for none.
func Alarms(s *form.Sheet, given form.Place) []record.Alarm {
	var out []record.Alarm
	for _, x := range s.Alarms() {
		out = append(out, record.Alarm{Crisis: x.Level == "crisis", What: x.Text(""), Again: given != "" && x.Place == given})
	}
	return out
}

// Measured is what the answers of a response measure: scores and numbers, which need
// nobody's yes. Each has the same id whenever the same response says it.
func Measured(s *form.Sheet, response string) ([]fhir.Resource, error) {
	all, err := s.Extract()
	if err != nil {
		return nil, err
	}
	var out []fhir.Resource
	for n, x := range all {
		if x.Type != "Observation" {
			continue
		}
		id := response + "-" + strconv.Itoa(n)
		out = append(out, fhir.Resource{Type: x.Type, ID: id, JSON: fhir.WithID(x.JSON, id)})
	}
	return out, nil
}
