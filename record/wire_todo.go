package record

import (
	"encoding/json"
	"slices"
	"time"

	"rapport/fhir"
)

const (
	task = "Task"
	// todoSystem is the code system of what is to do after a visit that does not
	// take place.
	todoSystem = "urn:rapport:todo"
)

// The states of a Task of ours (FHIR R4, TaskStatus).
const (
	taskOpen    = "requested"
	taskClosed  = "completed"
	taskDropped = "cancelled"
)

// taskWords are what other systems read a Task of ours by.
var taskWords = map[string]string{"cancelled": "A visit was cancelled: see whether another time is wanted", "noshow": "A visit was missed: see how they are and whether another time is wanted",
	TodoAlarm: "An answer to a form needs somebody to call"}

type taskJSON struct {
	ResourceType string           `json:"resourceType"`
	ID           string           `json:"id"`
	Meta         json.RawMessage  `json:"meta,omitempty"`
	Status       string           `json:"status"`
	Intent       string           `json:"intent"`
	Code         conceptJSON      `json:"code"`
	Priority     string           `json:"priority,omitempty"`
	Description  string           `json:"description,omitempty"`
	Focus        linkJSON         `json:"focus"`
	For          linkJSON         `json:"for"`
	AuthoredOn   string           `json:"authoredOn"`
	LastModified string           `json:"lastModified"`
	Owner        *linkJSON        `json:"owner,omitempty"`
	Restriction  *restrictionJSON `json:"restriction,omitempty"`
}

type restrictionJSON struct {
	Period periodJSON `json:"period"`
}

type periodJSON struct {
	End string `json:"end"`
}

// restricted is the meta of what only the client and who treats them may know of.
const restricted = `{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}`

// between marks what answers measure as private: a score of somebody's mood tells what
// they said, and who may see results was not let hear it. What a device measured is not.
func between(result []byte) ([]byte, error) {
	var x struct {
		Meta     map[string]any `json:"meta"`
		Category []conceptJSON  `json:"category"`
	}
	if err := json.Unmarshal(result, &x); err != nil {
		return nil, err
	}
	for _, k := range x.Category {
		if slices.ContainsFunc(k.Coding, func(c codingJSON) bool { return c.Code == "vital-signs" }) {
			return result, nil
		}
	}
	var mark struct {
		Security []any `json:"security"`
	}
	if err := json.Unmarshal([]byte(restricted), &mark); err != nil {
		return nil, err
	}
	if x.Meta == nil {
		x.Meta = map[string]any{}
	}
	has, _ := x.Meta["security"].([]any)
	x.Meta["security"] = append(has, mark.Security...)
	b, err := json.Marshal(x.Meta)
	if err != nil {
		return nil, err
	}
	return fhir.Amend(result, "meta", b)
}

// alarmTask writes what is to do about an answer.
func (c *Chart) alarmTask(t Todo, response0 string, a Alarm) Change {
	at := t.At.UTC().Format(time.RFC3339)
	x := taskJSON{ResourceType: task, ID: t.ID, Meta: json.RawMessage(restricted), Status: taskOpen, Intent: "order", Code: conceptJSON{[]codingJSON{{todoSystem, t.Kind}}, taskWords[t.Kind]},
		Priority: map[bool]string{true: "stat", false: "urgent"}[a.Crisis], Description: a.What,
		Focus: linkJSON{Reference: response + "/" + response0}, For: linkJSON{Reference: "Patient/" + c.v.people.personOf(c.client)}, AuthoredOn: at, LastModified: at,
		Restriction: &restrictionJSON{periodJSON{t.Due.UTC().Format(time.RFC3339)}}}
	if t.Owner != "" {
		x.Owner = &linkJSON{Reference: "Practitioner/" + t.Owner}
	}
	return Change{Resource: fhir.Resource{Type: task, ID: t.ID, JSON: mustTask(x)}}
}

func mustTask(x taskJSON) []byte {
	b, err := json.Marshal(x)
	if err != nil {
		panic("record: a task of strings that does not marshal")
	}
	return b
}

// taskOf writes what is to do about a visit. What is private about the visit is
// private about this.
func (c *Chart) taskOf(t Todo, visit fhir.Appointment, json0 []byte, status string) Change {
	at := t.At.UTC().Format(time.RFC3339)
	x := taskJSON{ResourceType: task, ID: t.ID, Meta: security(json0), Status: status, Intent: "order", Code: conceptJSON{[]codingJSON{{todoSystem, t.Kind}}, taskWords[t.Kind]},
		Focus: linkJSON{Reference: appointment + "/" + visit.ID}, For: linkJSON{Reference: "Patient/" + c.v.people.personOf(c.client)}, AuthoredOn: at, LastModified: at}
	for _, p := range visit.Participants {
		if typ, who := p.Actor.Target(); typ == "Practitioner" && x.Owner == nil {
			x.Owner = &linkJSON{Reference: typ + "/" + who}
		}
	}
	return Change{Resource: fhir.Resource{Type: task, ID: t.ID, JSON: mustTask(x)}}
}

// security is the meta of a resource of which only its labels are left; nil for none.
func security(of []byte) json.RawMessage {
	var m struct {
		Meta struct {
			Security []json.RawMessage `json:"security"`
		} `json:"meta"`
	}
	if json.Unmarshal(of, &m) != nil || len(m.Meta.Security) == 0 {
		return nil
	}
	b, err := json.Marshal(m.Meta)
	if err != nil {
		return nil
	}
	return b
}

// taskDone is a Task that was seen to.
func (c *Chart) taskDone(was []byte) ([]byte, error) {
	return edit(was, map[string]any{"status": taskClosed, "lastModified": c.v.now.Now().UTC().Format(time.RFC3339)})
}
