package plans

import (
	"encoding/json"
	"fmt"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/plan"
	"rapport/record"
	"rapport/web"
	"rapport/web/steps"
)

type refJSON struct {
	Reference string `json:"reference,omitempty"`
	Display   string `json:"display,omitempty"`
}

type agentJSON struct {
	Type any     `json:"type"`
	Who  refJSON `json:"who"`
}

// provenance says whose yes is under a version of a plan.
func provenance(a *web.Ask, c *record.Chart, p plan.Plan) (fhir.Resource, error) {
	id, err := c.NewID()
	if err != nil {
		return fhir.Resource{}, err
	}
	agent := func(code string, x plan.Agreement) agentJSON {
		return agentJSON{map[string]any{"coding": []map[string]string{{"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": code}}}, refJSON{x.Who, x.Name}}
	}
	var agents []agentJSON
	for _, x := range p.Agreed {
		if x.Version == p.Version {
			agents = append(agents, agent("attester", x))
		}
	}
	if len(agents) == 0 {
		agents = append(agents, agent("author", who(a, c)))
	}
	b, err := json.Marshal(map[string]any{"resourceType": "Provenance", "id": id, "recorded": a.Now.UTC().Format(time.RFC3339),
		"target": []refJSON{{Reference: "CarePlan/" + p.ID}}, "agent": agents,
		"activity": map[string]string{"text": fmt.Sprintf("Version %d of the plan", p.Version)}})
	return fhir.Resource{Type: "Provenance", ID: id, JSON: b}, err
}

// bundle is the plan with its goals and what was done, as one collection.
func bundle(k *kept) ([]byte, error) {
	type entry struct {
		FullURL  string          `json:"fullUrl"`
		Resource json.RawMessage `json:"resource"`
	}
	var es []entry
	for _, b := range append(append([][]byte{k.Found.JSON}, k.Goaled...), k.Tasks...) {
		d, err := fhir.Parse(b)
		if err != nil {
			return nil, err
		}
		es = append(es, entry{"urn:rapport:" + d.Type() + ":" + d.ID(), b})
	}
	return json.MarshalIndent(map[string]any{"resourceType": "Bundle", "type": "collection", "entry": es}, "", " ")
}

// errReading is for numbers nobody measures.
var errReading = errs.Say(errs.E(errs.Invalid, "plans: a reading out of all bounds"), "plan.wrong_reading")

// observed writes what was measured in a step as an Observation.
func observed(id, subject, code string, values []string, at time.Time) (fhir.Resource, error) {
	g, ok := steps.GaugeOf(code)
	if !ok {
		return fhir.Resource{}, errs.E(errs.Invalid, "plans: a step that measures nothing we know")
	}
	quantity := func(v string) map[string]any {
		return map[string]any{"value": json.Number(v), "unit": g.Unit, "system": "http://unitsofmeasure.org", "code": g.UCUM}
	}
	concept := func(g steps.Gauge) map[string]any {
		return map[string]any{"coding": []map[string]string{{"system": "http://loinc.org", "code": g.Code, "display": g.Display}}}
	}
	o := map[string]any{"resourceType": "Observation", "id": id, "status": "final", "code": concept(g), "subject": refJSON{Reference: subject},
		"category":          []any{map[string]any{"coding": []map[string]string{{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}}}},
		"effectiveDateTime": at.UTC().Format(time.RFC3339), "performer": []refJSON{{Reference: subject}}}
	if len(g.Parts) != 0 {
		if len(values) != len(g.Parts) {
			return fhir.Resource{}, errReading
		}
		var parts []map[string]any
		for i, x := range g.Parts {
			parts = append(parts, map[string]any{"code": concept(x), "valueQuantity": quantity(values[i])})
		}
		o["component"] = parts
	} else if len(values) == 1 {
		o["valueQuantity"] = quantity(values[0])
	} else {
		return fhir.Resource{}, errReading
	}
	b, err := json.Marshal(o)
	return fhir.Resource{Type: "Observation", ID: id, JSON: b}, err
}

// undone is a tick or a reading that was a mistake.
func undone(json []byte) ([]byte, error) {
	return fhir.Amend(json, "status", []byte(`"entered-in-error"`))
}

// readings are the numbers among results.
func readings(results [][]byte) []plan.Reading {
	var out []plan.Reading
	for _, b := range results {
		o, err := fhir.ReadObservation(b)
		if err != nil {
			continue
		}
		add := func(c fhir.Concept, v fhir.Value) {
			for _, x := range c.Codings {
				switch v.Kind {
				case fhir.QuantityValue:
					out = append(out, plan.Reading{System: x.System, Code: x.Code, Value: v.Quantity.Value.Float, At: o.Effective.At})
				case fhir.IntValue:
					out = append(out, plan.Reading{System: x.System, Code: x.Code, Value: float64(v.Int), At: o.Effective.At})
				default:
				}
			}
		}
		add(o.Code, o.Value)
		for _, x := range o.Components {
			add(x.Code, x.Value)
		}
	}
	return out
}
