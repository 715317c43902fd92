package form

import "strings"

// observations makes a result of every answer to a question that is marked so.
func (x *extractor) observations(p *part, h inherited) {
	for _, r := range p.rows {
		if r.off() || r.item.Display() {
			continue
		}
		in := h.with(&r.item.extract)
		if r.item.Question() && in.observe && len(r.item.Codes) > 0 {
			for _, a := range r.answers {
				x.observation(r, a, in.categories)
			}
		}
		for _, q := range r.parts {
			x.observations(q, in)
		}
	}
}

func (x *extractor) observation(r *row, a Answer, categories []string) {
	i, s := r.item, x.s
	e := &element{typ: "Observation"}
	steps, ok := resolve("Observation", []string{"value[x]"}, observedKind(a, i))
	if !ok {
		return
	}
	raw, ok := a.as(steps[0].of, i.Unit.Value)
	if !ok {
		return
	}
	e.set("status", `"final"`)
	e.set("category", strings.Join(categories, ","))
	var codes []string
	for _, c := range i.Codes {
		codes = append(codes, string(c.plain()))
	}
	code := `{"coding":[` + strings.Join(codes, ",") + `]`
	if i.text.own != "" {
		code += `,"text":` + quote(i.text.own)
	}
	e.set("code", code+"}")
	d := &draft{typ: "Observation", root: e, real: true}
	d.from(r)
	x.about(d)
	e.set(steps[0].name, raw)
	s.derive(e)
	st := Stated{Type: d.typ, JSON: e.resource(), Places: d.places, Links: d.links}
	if err := valid(st); err != nil {
		x.failed = append(x.failed, err)
		return
	}
	x.out = append(x.out, st)
}

// observedKind is how an answer stands in a result: a number with a unit, and
// any decimal, is a quantity.
func observedKind(a Answer, i *Item) string {
	switch {
	case a.Type == "decimal", a.Type == "integer" && !i.Unit.Value.IsZero():
		return "Quantity"
	case a.Type == "date":
		return "dateTime"
	case a.Type == "uri":
		return "string"
	}
	return a.Type
}

// about says whom a resource is about, when and by whom it was said.
func (x *extractor) about(d *draft) {
	s, e := x.s, d.root
	ref := func(name, to string) {
		if to != "" {
			e.set(name, `{"reference":`+quote(to)+`}`)
		}
	}
	for _, m := range s.head {
		if m.name == "subject" && s.env.Subject == "" {
			e.set("subject", string(m.v.raw))
			e.set("patient", string(m.v.raw))
		}
	}
	if d.typ != "Patient" {
		ref("subject", s.env.Subject)
		ref("patient", s.env.Subject)
	}
	switch d.typ {
	case "Observation":
		ref("encounter", s.env.Encounter)
		if e.member("effectivePeriod") == nil {
			e.set("effectiveDateTime", s.when())
		}
		e.set("issued", s.when())
		ref("performer", s.env.Author)
	case "Condition", "AllergyIntolerance":
		ref("encounter", s.env.Encounter)
		e.set("recordedDate", s.when())
		ref("asserter", s.env.Author)
	case "MedicationStatement":
		e.set("dateAsserted", s.when())
		ref("informationSource", s.env.Author)
	case "FamilyMemberHistory":
		e.set("date", s.when())
	}
}

// when is when the response was given, as JSON, or "".
func (s *Sheet) when() string {
	if s.env.Now.IsZero() {
		return ""
	}
	return quote(s.env.Now.Format("2006-01-02T15:04:05Z07:00"))
}

// derive says that a resource comes from the response, where it has an element
// for that.
func (s *Sheet) derive(e *element) {
	to := s.response()
	if to == "" {
		return
	}
	ref := `{"reference":` + quote(to) + `}`
	switch e.typ {
	case "Observation", "MedicationStatement":
		e.set("derivedFrom", ref)
	case "Condition":
		e.set("evidence", `{"detail":[`+ref+`]}`)
	case "FamilyMemberHistory":
		e.set("reasonReference", ref)
	}
}

// round fills in what R4 requires and nobody says in a form.
func (x *extractor) round(d *draft) {
	x.about(d)
	e := d.root
	switch d.typ {
	case "Observation":
		e.set("status", `"final"`)
	case "MedicationStatement":
		e.set("status", `"active"`)
	case "FamilyMemberHistory", "Procedure", "Immunization":
		e.set("status", `"completed"`)
	case "Goal":
		e.set("lifecycleStatus", `"proposed"`)
	case "AllergyIntolerance", "Condition":
		if e.member("clinicalStatus") == nil && e.member("verificationStatus") == nil {
			sys := "http://terminology.hl7.org/CodeSystem/"
			clinical, verified := "condition-clinical", "condition-ver-status"
			if d.typ == "AllergyIntolerance" {
				clinical, verified = "allergyintolerance-clinical", "allergyintolerance-verification"
			}
			e.set("clinicalStatus", `{"coding":[{"system":"`+sys+clinical+`","code":"active"}]}`)
			e.set("verificationStatus", `{"coding":[{"system":"`+sys+verified+`","code":"unconfirmed"}]}`)
		}
	}
	x.s.derive(e)
}
