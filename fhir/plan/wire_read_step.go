package plan

import (
	"time"

	"rapport/fhir"
)

// kindOf says what another system's activity asks for, by its CarePlanActivityKind.
var kindOf = map[string]Kind{"MedicationRequest": ToTake, "Appointment": ToBook, "CommunicationRequest": ToMessage}

// readStep reads the i-th activity. An activity that only refers to something is a
// step with a title.
func readStep(a fhir.Node, i int, goals map[string]string) Step {
	s := Step{ID: a.Get("id").Str(), kept: a.Raw()}
	d := a.Get("detail")
	if !d.OK() {
		if s.ID == "" {
			s.ID = stepID(i)
		}
		s.Title, s.Status = a.Get("reference", "display").Str(), StepUnknown
		return s
	}
	if id := d.Get("id"); id.OK() {
		s.ID = id.Str()
	}
	if s.ID == "" {
		s.ID = stepID(i)
	}
	s.Text = d.Get("description").Str()
	if k, ok := ParseKind(codeIn(d.Get("code"), StepSystem)); ok {
		s.Kind, s.Title = k, d.Get("code", "text").Str()
	} else {
		s.Kind, s.Title = kindOf[d.Get("kind").Str()], text(d.Get("code"))
	}
	s.Code = codeIn(d.Get("code"), loinc)
	s.Why = text(d.Get("reasonCode"))
	s.What = d.Get("instantiatesCanonical").Str()
	s.Status, _ = parse[StepStatus](stepStatuses, d.Get("status").Str())
	for g := range d.Each("goal") {
		if _, id := fhir.SplitReference(g.Get("reference").Str()); goals[id] != "" {
			s.Goals = append(s.Goals, goals[id])
		}
	}
	switch w := d.Get("scheduled"); w.Type() {
	case "Timing":
		s.When, _ = readTiming(w) // what cannot be kept to is once, and kept as it came
	case "string":
		s.When.Text = w.Str()
	}
	for x := range d.Each("extension") {
		switch v := x.Get("value"); x.Get("url").Str() {
		case phaseURL:
			s.Phase = v.Str()
		case ruleURL:
			s.Rule = v.Str()
		case importantURL:
			s.Important = v.Int()
		}
	}
	return s
}

// readExtensions reads what is ours on a CarePlan.
func (p *Plan) readExtensions(n fhir.Node) {
	for x := range n.Each("extension") {
		url := x.Get("url").Str()
		if url == versionURL {
			p.Version = x.Get("value").Int()
			continue
		}
		if !planExtension(url) {
			continue
		}
		s := subs(x)
		at := s["at"].Time().At.UTC()
		role, _ := parse[Role](roles, s["role"].Str())
		who := s["who"].Get("reference").Str()
		switch url {
		case phaseURL:
			p.Phases = append(p.Phases, Phase{s["id"].Str(), s["title"].Str(), s["from"].Int(), s["to"].Int()})
		case agreedURL:
			p.Agreed = append(p.Agreed, Agreement{who, s["name"].Str(), role, at, s["version"].Int()})
		case objectionURL:
			o := Objection{Who: who, Name: s["name"].Str(), Role: role, At: at, Version: s["version"].Int(), Text: s["text"].Str()}
			if c := s["closed"].Time(); !c.IsZero() {
				o.Closed = c.At.UTC()
			}
			p.Objections = append(p.Objections, o)
		case changeURL:
			p.Changes = append(p.Changes, readChange(x, s, who, at))
		case settledURL:
			said, _ := parse[Answered](answers, s["said"].Str())
			p.Settled = append(p.Settled, Settled{s["rule"].Str(), s["step"].Str(), said, who, at})
		}
	}
}

func readChange(x fhir.Node, s map[string]fhir.Node, who string, at time.Time) Change {
	c := Change{ID: s["id"].Str(), Title: s["title"].Str(), Was: s["was"].Str(), Is: s["is"].Str(), Version: s["version"].Int(),
		At: at, Who: who, Name: s["name"].Str(), Rule: s["rule"].Str(), Why: s["why"].Str()}
	c.Kind, _ = parse[ChangeKind](changeKinds, s["kind"].Str())
	c.Thing, _ = parse[Thing](things, s["thing"].Str())
	for k := range x.Each("extension") {
		if k.Get("url").Str() == "field" {
			c.Fields = append(c.Fields, k.Get("value").Str())
		}
	}
	return c
}

// planExtension reports that an extension of a CarePlan is ours to write.
func planExtension(url string) bool {
	switch url {
	case phaseURL, versionURL, agreedURL, objectionURL, changeURL, settledURL:
		return true
	}
	return false
}
