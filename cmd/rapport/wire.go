package main

import (
	"encoding/json"
	"strings"
	"time"

	"rapport/cmd/rapport/demo"
)

// author is who wrote something down.
type author uint8

const (
	_         author = iota
	byClient         // measured at home
	byVisit          // whoever saw the client that day
	byMachine        // a laboratory's report, a booking
)

// authorOf says who wrote a made-up resource down.
func authorOf(r demo.Resource, person string) author {
	var x struct {
		Encounter *struct{ Reference string }
		Context   *struct{ Encounter []struct{ Reference string } }
		Performer []struct{ Reference string }
	}
	if err := json.Unmarshal(r.JSON, &x); err != nil {
		return byMachine
	}
	switch {
	case len(x.Performer) > 0 && x.Performer[0].Reference == "Patient/"+person:
		return byClient
	case r.Type == "DiagnosticReport" || len(x.Performer) > 0 && strings.HasPrefix(x.Performer[0].Reference, "Organization/"):
		return byMachine
	case r.Type == "Encounter" || r.Type == "MedicationRequest" || x.Encounter != nil || x.Context != nil:
		return byVisit
	}
	return byMachine
}

// writtenAt returns when a made-up resource was written down.
func writtenAt(r demo.Resource) time.Time {
	var x struct {
		Meta struct{ LastUpdated time.Time }
	}
	if err := json.Unmarshal(r.JSON, &x); err != nil {
		return time.Time{}
	}
	return x.Meta.LastUpdated
}

// authorID returns the id of the member of staff a made-up resource says it is
// by, "" if it says none.
func authorID(r demo.Resource) string {
	type ref struct{ Reference string }
	var x struct {
		Author, Performer []ref
		Requester         ref
		Participant       []struct{ Individual ref }
	}
	if err := json.Unmarshal(r.JSON, &x); err != nil {
		return "" // a performer of another shape: somebody else of the visit says
	}
	all := append(append(x.Author, x.Performer...), x.Requester)
	for _, p := range x.Participant {
		all = append(all, p.Individual)
	}
	for _, a := range all {
		if id, ok := strings.CutPrefix(a.Reference, "Practitioner/"); ok {
			return id
		}
	}
	return ""
}
