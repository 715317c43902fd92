package clients

import (
	"strings"

	"rapport/fhir"
	"rapport/web/reading"
)

// The functions below read one resource as one entry. The second result is
// false for what was entered in error and for what says nothing.

const inError = "entered-in-error"

const loincSystem = "http://loinc.org"

func readPerson(json []byte) (person, error) {
	x, err := fhir.ReadPatient(json)
	if err != nil {
		return person{}, err
	}
	p := person{sex: x.Gender, died: x.DeceasedAt, deceased: x.Deceased}
	p.born, _ = fhir.ParseTime(x.BirthDate) //nolint:errcheck // not known means none
	if n := x.Name(); n != nil {
		p.name = n.Text
		if len(n.Given) > 0 {
			p.given = n.Given[0]
		}
	}
	if p.given == "" {
		p.given = p.name
	}
	first := x.Language()
	if first != "" {
		p.languages = append(p.languages, first)
	}
	for _, l := range x.Languages {
		if l.Language != "" && l.Language != first {
			p.languages = append(p.languages, l.Language)
		}
	}
	for _, t := range x.Telecoms {
		if t.Value != "" && (t.System == "phone" || t.System == "sms") {
			p.phones = append(p.phones, t.Value)
		}
	}
	p.interpreter = interpreter(json)
	return p, nil
}

const interpreterURL = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"

// interpreter reads the standard extension; the view leaves extensions alone.
func interpreter(json []byte) bool {
	if !strings.Contains(string(json), interpreterURL) {
		return false
	}
	d, err := fhir.Parse(json)
	if err != nil {
		return false
	}
	for e := range d.Root().Each("extension") {
		if e.Get("url").Str() == interpreterURL {
			return e.Get("value").Bool()
		}
	}
	return false
}

func readCondition(json []byte) (condition, bool, error) {
	x, err := fhir.ReadCondition(json)
	c := condition{key: "Condition/" + x.ID, name: term(x.Code.Text), since: x.Onset.Time, until: x.Abatement.Time, sinceText: x.Onset.Text}
	if x.Severity.Text != "" {
		c.severity = strings.ToLower(term(x.Severity.Text))
	}
	if c.since.IsZero() && c.sinceText == "" {
		c.since = x.Recorded
	}
	switch x.ClinicalStatus {
	case "active", "recurrence", "relapse":
		c.active = true
	case "":
		c.active = x.Abatement == fhir.Moment{}
	}
	return c, err == nil && x.VerificationStatus != inError && x.VerificationStatus != "refuted" && c.name != "", err
}

// readMedicine also returns the link to what the medicine is, where the
// resource does not say so itself.
func readMedicine(json []byte) (m medicine, see fhir.Link, ok bool, err error) {
	x, err := fhir.ReadMedicine(json)
	m = medicine{key: x.Type + "/" + x.ID, name: x.Code.Text, how: strings.Join(x.Dosage, "; "), since: x.Authored, asNeeded: x.AsNeeded}
	if !x.Effective.Start.IsZero() {
		m.since = x.Effective.Start
	}
	switch x.Status {
	case "active", "intended", "draft":
		m.current = true
	case "on-hold":
		m.current, m.held = true, true
	}
	if m.name == "" {
		see = x.Reference
	}
	return m, see, err == nil && x.Status != inError && x.Status != "not-taken", err
}

// medicationName reads what a Medication is called.
func medicationName(json []byte) string {
	d, err := fhir.Parse(json)
	if err != nil {
		return ""
	}
	code := d.Root().Get("code")
	if t := code.Get("text").Str(); t != "" {
		return t
	}
	return code.Get("coding", "display").Str()
}

// noAllergy are the SNOMED CT codes that deny an allergy.
var noAllergy = []string{"716186003", "409137002", "428607008", "429625007"}

func readAllergy(json []byte) (allergy, bool, error) {
	x, err := fhir.ReadAllergyIntolerance(json)
	a := allergy{key: "AllergyIntolerance/" + x.ID, name: term(x.Code.Text), high: x.Criticality == "high", since: x.Onset.Time}
	if a.since.IsZero() {
		a.since = x.Recorded
	}
	for _, code := range noAllergy {
		a.none = a.none || x.Code.Has("", code)
	}
	for _, r := range x.Reactions {
		if r.Severity == "severe" {
			a.high = true
		}
		if a.reaction == "" && len(r.Manifestations) > 0 {
			a.reaction = strings.ToLower(term(r.Manifestations[0]))
		}
	}
	live := x.ClinicalStatus == "" || x.ClinicalStatus == "active"
	return a, err == nil && live && x.Verification != inError && x.Verification != "refuted" && a.name != "", err
}

func readFinding(json []byte) (finding, bool, error) {
	x, err := fhir.ReadObservation(json)
	f := finding{key: "Observation/" + x.ID, name: x.Code.Text, at: x.Effective, by: x.Performers, notes: x.Notes}
	if f.at.IsZero() {
		f.at = x.Issued
	}
	for _, c := range x.Code.Codings {
		if f.code == "" && c.Code != "" {
			f.code = c.System + "|" + c.Code
		}
		if c.System == loincSystem && f.loinc == "" {
			f.loinc = c.Code
		}
	}
	if len(x.Categories) > 0 {
		f.kind = x.Categories[0].Code()
	}
	f.value, f.shown = reading.Of(x)
	f.value.Words = term(f.value.Words)
	return f, err == nil && x.Status != inError && x.Status != "cancelled" && f.name != "", err
}

func readVisit(json []byte) (visit, bool, error) {
	x, err := fhir.ReadEncounter(json)
	v := visit{key: "Encounter/" + x.ID, class: x.Class, start: x.Period.Start, end: x.Period.End, place: x.Location, with: first(x.Participants)}
	if v.place == "" && x.Class != "HH" && x.Class != "VR" { // at home or from afar is not at the provider's
		v.place = x.Provider
	}
	for _, t := range x.Types {
		if v.title == "" {
			v.title = term(t.Text)
		}
	}
	if v.title == "" {
		v.title = term(first(x.Reasons))
	}
	return v, err == nil && x.Status != inError && x.Status != "cancelled", err
}

func readComing(json []byte) (visit, bool, error) {
	x, err := fhir.ReadAppointment(json)
	v := visit{key: "Appointment/" + x.ID, title: x.Description, start: x.Start, end: x.End}
	if v.title == "" && len(x.ServiceTypes) > 0 {
		v.title = x.ServiceTypes[0].Text
	}
	if v.title == "" {
		v.title = first(x.Reasons)
	}
	for _, p := range x.Participants {
		switch typ, _ := p.Actor.Target(); typ {
		case "Practitioner", "PractitionerRole":
			if v.with == "" {
				v.with = p.Actor.Display
			}
		case "Location":
			if v.place == "" {
				v.place = p.Actor.Display
			}
		}
	}
	if v.place == "" {
		v.place = x.Type.Text
	}
	return v, err == nil, err
}

func readQuestion(json []byte) (lookQuestion, error) {
	x, err := fhir.ReadCommunication(json)
	return lookQuestion{text: strings.Join(x.Texts, " "), at: x.Sent}, err
}

func first(ss []string) string {
	if len(ss) > 0 {
		return ss[0]
	}
	return ""
}
