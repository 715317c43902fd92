package record

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/hours"
)

// appointmentJSON is an Appointment as this program writes one.
type appointmentJSON struct {
	ResourceType       string         `json:"resourceType"`
	ID                 string         `json:"id"`
	Status             string         `json:"status"`
	ServiceType        []conceptJSON  `json:"serviceType,omitempty"`
	AppointmentType    *conceptJSON   `json:"appointmentType,omitempty"`
	Description        string         `json:"description,omitempty"`
	Start              string         `json:"start"`
	StartZone          *extendedJSON  `json:"_start,omitempty"`
	End                string         `json:"end"`
	MinutesDuration    int            `json:"minutesDuration"`
	Created            string         `json:"created"`
	Comment            string         `json:"comment,omitempty"`
	PatientInstruction string         `json:"patientInstruction,omitempty"`
	BasedOn            []linkJSON     `json:"basedOn,omitempty"`
	Participant        []whoComesJSON `json:"participant"`
}

type conceptJSON struct {
	Coding []codingJSON `json:"coding,omitempty"`
	Text   string       `json:"text,omitempty"`
}

type codingJSON struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

type linkJSON struct {
	Reference string `json:"reference"`
	Display   string `json:"display,omitempty"`
}

type whoComesJSON struct {
	Actor  linkJSON `json:"actor"`
	Status string   `json:"status"`
}

type extendedJSON struct {
	Extension []extensionJSON `json:"extension"`
}

type extensionJSON struct {
	URL       string `json:"url"`
	ValueCode string `json:"valueCode,omitempty"`
}

const (
	timezoneURL = "http://hl7.org/fhir/StructureDefinition/timezone"
	confirmURL  = "urn:rapport:confirmed"
)

// modeWords are what other systems read the way to meet by.
var modeWords = map[hours.Modes]string{hours.InPerson: "In person", hours.Video: "Video", hours.Phone: "Phone"}

// timed writes a moment as it is shown on the wall there, with its zone beside it.
func timed(t time.Time, zone *time.Location) (string, *extendedJSON) {
	return t.In(zone).Format(time.RFC3339), &extendedJSON{[]extensionJSON{{URL: timezoneURL, ValueCode: zone.String()}}}
}

// appointmentOf writes a seat as an Appointment.
func (c *Chart) appointmentOf(id string, s Seat, names map[string]string, note string) Change {
	zone, tt := c.v.Zone(), c.v.Timetable()
	language := c.v.practice.Load().Languages
	service, _ := tt.Service(s.Service)
	in := func(m map[string]string) string {
		if len(language) > 0 && m[language[0]] != "" {
			return m[language[0]]
		}
		return m["en"]
	}
	a := appointmentJSON{ResourceType: appointment, ID: id, Status: "booked", MinutesDuration: int(s.To.Sub(s.From) / time.Minute),
		ServiceType: []conceptJSON{{[]codingJSON{{ServiceSystem, s.Service}}, in(service.Names)}}, Description: in(service.Names),
		AppointmentType: &conceptJSON{[]codingJSON{{ModeSystem, s.Mode.String()}}, modeWords[s.Mode]},
		Created:         c.v.now.Now().UTC().Format(time.RFC3339), Comment: note, PatientInstruction: in(service.Prepare)}
	a.Start, a.StartZone = timed(s.From, zone)
	a.End, _ = timed(s.To, zone)
	a.Participant = append(a.Participant, whoComesJSON{linkJSON{Reference: "Patient/" + c.v.people.personOf(c.client)}, "accepted"})
	return Change{Resource: fhir.Resource{Type: appointment, ID: id, JSON: mustJSON(a, participants(s, names, tt)...)}}
}

// participants are who and what a seat takes, beside the client.
func participants(s Seat, names map[string]string, tt *hours.Timetable) []whoComesJSON {
	out := []whoComesJSON{{linkJSON{"Practitioner/" + s.Who, names[s.Who]}, "accepted"}}
	for i, id := range append([]string{s.Room}, s.Also...) {
		typ, display := "Practitioner", names[id]
		if r, ours := tt.Room(id); ours {
			typ, display = "Location", r.Name
			if r.Device {
				typ = "Device"
			}
		} else if i == 0 {
			continue
		}
		out = append(out, whoComesJSON{linkJSON{typ + "/" + id, display}, "accepted"})
	}
	return out
}

func mustJSON(a appointmentJSON, more ...whoComesJSON) []byte {
	a.Participant = append(a.Participant, more...)
	b, err := json.Marshal(a)
	if err != nil {
		panic("record: an appointment of strings that does not marshal")
	}
	return b
}

// edit changes an Appointment that is there: what set does not name stays.
func edit(was []byte, set map[string]any) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(was))
	d.UseNumber()
	m := map[string]any{}
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	for k, v := range set {
		if m[k] = v; v == nil {
			delete(m, k)
		}
	}
	return json.Marshal(m)
}

// movedTo is what changes in an Appointment that is moved to a seat: its times, its
// way, and who and what it takes; whoever else comes still does.
func (c *Chart) movedTo(was []byte, s Seat, names map[string]string) ([]byte, error) {
	zone, tt := c.v.Zone(), c.v.Timetable()
	var old struct {
		Participant []json.RawMessage `json:"participant"`
	}
	if err := json.Unmarshal(was, &old); err != nil {
		return nil, err
	}
	var who []any
	for _, p := range old.Participant {
		var x whoComesJSON
		if err := json.Unmarshal(p, &x); err != nil {
			return nil, err
		}
		typ, _, _ := strings.Cut(x.Actor.Reference, "/")
		if !slices.Contains([]string{"Practitioner", "Location", "Device"}, typ) {
			who = append(who, p)
		}
	}
	for _, p := range participants(s, names, tt) {
		who = append(who, p)
	}
	start, z := timed(s.From, zone)
	end, _ := timed(s.To, zone)
	return edit(was, map[string]any{"status": "booked", "start": start, "_start": z, "end": end, "_end": nil, "minutesDuration": int(s.To.Sub(s.From) / time.Minute),
		"appointmentType": conceptJSON{[]codingJSON{{ModeSystem, s.Mode.String()}}, modeWords[s.Mode]}, "participant": who, "requestedPeriod": nil, "extension": without(was, confirmURL)})
}

// without is the extensions of a resource but one; nil for none.
func without(was []byte, url string) any {
	var m struct {
		Extension []map[string]any `json:"extension"`
	}
	if json.Unmarshal(was, &m) != nil {
		return nil
	}
	out := slices.DeleteFunc(m.Extension, func(e map[string]any) bool { return e["url"] == url })
	if len(out) == 0 {
		return nil
	}
	return out
}

// cancelled is an Appointment that is called off, by whom.
func cancelled(was []byte, reason string) ([]byte, error) {
	code := map[string]any{"coding": []codingJSON{{"http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason", reason}}}
	return edit(was, map[string]any{"status": "cancelled", "cancelationReason": code})
}

// confirmed is an Appointment whose client says again that they come.
func confirmed(was []byte, at time.Time) ([]byte, error) {
	var ext []any
	if more, ok := without(was, confirmURL).([]map[string]any); ok {
		for _, e := range more {
			ext = append(ext, e)
		}
	}
	ext = append(ext, map[string]any{"url": confirmURL, "valueDateTime": at.UTC().Format(time.RFC3339)})
	return edit(was, map[string]any{"extension": ext})
}

// withStatus is an Appointment in another state.
func withStatus(was []byte, status string) ([]byte, error) {
	return edit(was, map[string]any{"status": status})
}

// serviceOf is the service of an Appointment, "" if it is of none of the practice's.
func serviceOf(a fhir.Appointment) string {
	for _, x := range a.ServiceTypes {
		for _, c := range x.Codings {
			if c.System == ServiceSystem {
				return c.Code
			}
		}
	}
	return ""
}

var errNoVisit = errs.E(errs.NotFound, "record: no such visit")

// hasExtension reports that a resource has an extension.
func hasExtension(json []byte, url string) bool {
	doc, err := fhir.Parse(json)
	if err != nil {
		return false
	}
	for e := range doc.Root().Each("extension") {
		if e.Get("url").Str() == url {
			return true
		}
	}
	return false
}
