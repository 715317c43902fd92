package plan

import (
	"encoding/json"
	"strconv"

	"rapport/fhir"
)

func stepExtension(url string) bool { return url == phaseURL || url == ruleURL || url == importantURL }

// stepJSON writes the i-th step as an activity. One that only refers to something is
// left as it came: what it says is said elsewhere.
func (p Plan) stepJSON(s Step, i int) any {
	o := parseObj(s.kept)
	if o != nil && (!o.has("detail") || p.unchangedStep(s, i)) {
		return json.RawMessage(s.kept)
	}
	d := o.child("detail")
	d.set("id", s.ID)
	var exts []any
	for _, x := range []obj{maybe(phaseURL, "String", s.Phase), maybe(ruleURL, "String", s.Rule), number(importantURL, "Integer", s.Important)} {
		if x != nil {
			exts = append(exts, x)
		}
	}
	d.extend(stepExtension, exts)
	if !d.has("kind") {
		d.set("kind", "Task")
	}
	p.setWhat(&d, s)
	c := d.child("code")
	setCode(&c, StepSystem, s.Kind.String())
	setCode(&c, loinc, s.Code)
	c.text("text", s.Title)
	if len(c) > 0 {
		d.set("code", c)
	} else {
		d.drop("code")
	}
	if s.Why != "" {
		d.set("reasonCode", []any{obj{{"text", clean(s.Why)}}})
	} else {
		d.drop("reasonCode")
	}
	d.list("goal", p.stepGoals(&d, s))
	if s.Status != 0 || !d.has("status") {
		d.set("status", max(s.Status, StepProposed).String())
	}
	p.setWhen(&d, s)
	d.text("description", s.Text)
	o.set("detail", d)
	return o
}

// unchangedStep reports that a step still says what it came with.
func (p Plan) unchangedStep(s Step, i int) bool {
	was, ok := p.keptStep(s, i)
	return ok && was.ID == s.ID && len(stepFields(was, s)) == 0
}

// keptStep reads what a step was read from, again.
func (p Plan) keptStep(s Step, i int) (Step, bool) {
	b := write(nil, obj{{"resourceType", "CarePlan"}, {"status", "draft"}, {"intent", "plan"}, {"subject", obj{{"display", "-"}}}, {"activity", []json.RawMessage{s.kept}}})
	d, err := fhir.Parse(b)
	if err != nil {
		return Step{}, false
	}
	return readStep(d.Root().Get("activity"), i+1, p.goalKey), true
}

func (p Plan) setWhat(d *obj, s Step) {
	var is []string
	if raw, ok := d.get("instantiatesCanonical").(json.RawMessage); ok && json.Unmarshal(raw, &is) == nil && len(is) > 0 && is[0] == s.What {
		return
	}
	if s.What == "" {
		d.drop("instantiatesCanonical")
		return
	}
	d.some("instantiatesCanonical", []string{s.What})
}

// setCode puts a code of a system into a CodeableConcept, or takes it out.
func setCode(c *obj, system, code string) {
	var out []any
	for _, raw := range c.items("coding") {
		var x struct{ System, Code string }
		if json.Unmarshal(raw, &x) == nil && x.System == system {
			if code == "" {
				continue
			}
			if x.Code != code {
				out = append(out, obj{{"system", system}, {"code", code}})
			} else {
				out = append(out, raw)
			}
			code = ""
			continue
		}
		out = append(out, raw)
	}
	if code != "" {
		out = append(out, obj{{"system", system}, {"code", code}})
	}
	if len(out) == 0 {
		c.drop("coding")
		return
	}
	c.set("coding", json.RawMessage(write(nil, out)))
}

// stepGoals are the references of the goals of a step, and those of goals that the
// plan was read without.
func (p Plan) stepGoals(d *obj, s Step) []any {
	var out []any
	for _, g := range s.Goals {
		if ref, ok := p.goalRef[g]; ok {
			out = append(out, obj{{"reference", ref}})
		}
	}
	for _, raw := range d.items("goal") {
		var r struct {
			Reference string `json:"reference"`
		}
		if json.Unmarshal(raw, &r) != nil {
			continue
		}
		for _, x := range p.strange {
			if _, id := fhir.SplitReference(r.Reference); x == r.Reference && p.goalKey[id] == "" {
				out = append(out, raw)
				break
			}
		}
	}
	return out
}

// setWhen writes a timing, unless what is there already means it.
func (p Plan) setWhen(d *obj, s Step) {
	if s.kept != nil {
		if was, ok := p.keptStep(s, 0); ok && was.When.same(s.When) {
			return
		}
	}
	d.drop("scheduledTiming", "scheduledPeriod", "scheduledString", "_scheduledString")
	if t := timingJSON(s.When); t != nil {
		d.set("scheduledTiming", t)
	}
}

// stepID makes an id for a step that has none of its own.
func stepID(i int) string { return "activity-" + strconv.Itoa(i) }
