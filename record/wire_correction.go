package record

import (
	"encoding/json"
	"slices"
	"time"

	"rapport/account"
	"rapport/fhir"
)

// correctionJSON is the Task by which a client asks for a correction, after HL7's Patient
// Request for Corrections.
type correctionJSON struct {
	ResourceType string           `json:"resourceType"`
	ID           string           `json:"id"`
	Status       string           `json:"status"`
	StatusReason *textJSON        `json:"statusReason,omitempty"`
	Intent       string           `json:"intent"`
	Code         conceptJSON      `json:"code"`
	Description  string           `json:"description"`
	Focus        *linkJSON        `json:"focus,omitempty"`
	For          linkJSON         `json:"for"`
	AuthoredOn   string           `json:"authoredOn"`
	LastModified string           `json:"lastModified"`
	Requester    linkJSON         `json:"requester"`
	Owner        *linkJSON        `json:"owner,omitempty"`
	Restriction  *restrictionJSON `json:"restriction,omitempty"`
}

type textJSON struct {
	Text string `json:"text"`
}

var correctionStates = map[CorrectionState]string{CorrectionAsked: taskOpen, CorrectionMade: taskClosed, CorrectionRefused: "rejected"}

func (c *Chart) correctionTask(x Correction) fhir.Resource {
	who := linkJSON{Reference: "Patient/" + c.v.people.personOf(c.client)}
	t := correctionJSON{ResourceType: task, ID: x.ID, Status: correctionStates[x.State], Intent: "order", Code: conceptJSON{[]codingJSON{{todoSystem, TodoCorrection}}, "Medical record correction"},
		Description: x.Text, For: who, Requester: who, AuthoredOn: x.Asked.UTC().Format(time.RFC3339), LastModified: x.Asked.UTC().Format(time.RFC3339), Restriction: &restrictionJSON{periodJSON{x.Due.UTC().Format(time.RFC3339)}}}
	if x.Type != "" {
		t.Focus = &linkJSON{Reference: x.Type + "/" + x.Of}
	}
	if !x.Answered.IsZero() {
		t.LastModified, t.StatusReason, t.Owner = x.Answered.UTC().Format(time.RFC3339), &textJSON{x.Answer}, &linkJSON{Reference: "Practitioner/" + c.who.ID(), Display: x.By}
	}
	b, err := json.Marshal(t)
	if err != nil {
		panic("record: a task of strings that does not marshal")
	}
	return fhir.Resource{Type: task, ID: x.ID, JSON: b}
}

func readCorrection(b []byte) (Correction, error) {
	var t correctionJSON
	if err := json.Unmarshal(b, &t); err != nil {
		return Correction{}, err
	}
	at := func(s string) time.Time {
		x, _ := time.Parse(time.RFC3339, s) //nolint:errcheck // the zero time is none
		return x
	}
	x := Correction{ID: t.ID, Text: t.Description, Asked: at(t.AuthoredOn)}
	for s, code := range correctionStates {
		if code == t.Status {
			x.State = s
		}
	}
	if t.Focus != nil {
		x.Type, x.Of = fhir.SplitReference(t.Focus.Reference)
	}
	if t.Restriction != nil {
		x.Due = at(t.Restriction.Period.End)
	}
	if t.StatusReason != nil {
		x.Answer, x.Answered = t.StatusReason.Text, at(t.LastModified)
	}
	if t.Owner != nil {
		x.By = t.Owner.Display
	}
	return x, nil
}

// provenanceOfCorrection says in the chart who put what right, because who asked.
func provenanceOfCorrection(id string, at time.Time, x Correction, changes []Change, who account.Actor) []byte {
	var of []reference
	if x.Of != "" {
		of = append(of, reference{Reference: x.Type + "/" + x.Of})
	}
	for _, c := range changes {
		if r := (reference{Reference: c.Type + "/" + c.ID}); !slices.Contains(of, r) {
			of = append(of, r)
		}
	}
	b, err := json.Marshal(struct {
		ResourceType string      `json:"resourceType"`
		ID           string      `json:"id"`
		Target       []reference `json:"target"`
		Recorded     string      `json:"recorded"`
		Activity     concept     `json:"activity"`
		Agent        []agent     `json:"agent"`
		Entity       []entity    `json:"entity"`
	}{"Provenance", id, of, at.UTC().Format(time.RFC3339),
		concept{[]coding{{"http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "amend"}}},
		[]agent{{concept{[]coding{{"http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author"}}}, reference{Identifier: &identifier{"urn:rapport:staff", who.ID()}, Display: who.Name()}}},
		[]entity{{"source", reference{Reference: task + "/" + x.ID}}}})
	if err != nil {
		panic("record: a provenance of strings that does not marshal")
	}
	return b
}
