package joining

import (
	"encoding/json"
	"strings"

	"rapport/fhir"
)

// The parts of a FHIR R4 Patient that a desk knows of somebody new.

type patient struct {
	ResourceType  string         `json:"resourceType"`
	ID            string         `json:"id"`
	Active        bool           `json:"active"`
	Name          []humanName    `json:"name"`
	Telecom       []contact      `json:"telecom,omitempty"`
	BirthDate     string         `json:"birthDate,omitempty"`
	Communication []communicates `json:"communication,omitempty"`
}

type humanName struct {
	Use    string   `json:"use"`
	Text   string   `json:"text"`
	Family string   `json:"family,omitempty"`
	Given  []string `json:"given,omitempty"`
}

type contact struct {
	System string `json:"system"`
	Value  string `json:"value"`
	Use    string `json:"use,omitempty"`
}

type communicates struct {
	Language  concept `json:"language"`
	Preferred bool    `json:"preferred"`
}

type concept struct {
	Coding []coding `json:"coding"`
}

type coding struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

// tongues is the code system of languages, BCP 47.
const tongues = "urn:ietf:bcp:47"

// written makes the resource of somebody new.
func written(n newcomer) fhir.Resource {
	x := patient{ResourceType: "Patient", ID: n.ID, Active: true, BirthDate: n.Birth}
	x.Name = []humanName{{Use: "official", Text: strings.TrimSpace(n.Given + " " + n.Family), Family: n.Family, Given: strings.Fields(n.Given)}}
	if n.Phone != "" {
		x.Telecom = append(x.Telecom, contact{System: "phone", Value: n.Phone})
	}
	if n.Mail != "" {
		x.Telecom = append(x.Telecom, contact{System: "email", Value: n.Mail})
	}
	if n.Language != "" {
		x.Communication = []communicates{{Language: concept{[]coding{{tongues, n.Language}}}, Preferred: true}}
	}
	b, err := json.Marshal(x)
	if err != nil { // strings and booleans always can be written
		panic("joining: " + err.Error())
	}
	return fhir.Resource{Type: "Patient", ID: n.ID, JSON: b}
}
