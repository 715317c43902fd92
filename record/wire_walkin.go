package record

import (
	"encoding/json"
	"slices"
	"strings"

	"rapport/fhir"
)

// A walk-in is an Appointment of that type (HL7 v2 table 0276), which has arrived.
const (
	unplannedSystem = "http://terminology.hl7.org/CodeSystem/v2-0276"
	unplanned       = "WALKIN"
)

// unplannedOf writes somebody who came without a time as an Appointment.
func (c *Chart) unplannedOf(id string, s Seat, names map[string]string) Change {
	x := c.appointmentOf(id, s, names, "")
	var a appointmentJSON
	if err := json.Unmarshal(x.JSON, &a); err != nil {
		panic("record: an appointment of ours that does not read")
	}
	a.Status = "arrived"
	a.AppointmentType.Coding = append([]codingJSON{{unplannedSystem, unplanned}}, a.AppointmentType.Coding...)
	if s.Who == "" {
		a.Participant = slices.DeleteFunc(a.Participant, func(p whoComesJSON) bool { return strings.HasPrefix(p.Actor.Reference, "Practitioner/") })
	}
	return Change{Resource: fhir.Resource{Type: appointment, ID: id, JSON: mustJSON(a)}}
}
