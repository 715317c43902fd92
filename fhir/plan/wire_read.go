package plan

import (
	"slices"
	"strconv"
	"strings"

	"rapport/errs"
	"rapport/fhir"
)

// StepSystem names the identifier that a Task has of the step it says was done.
const StepSystem = "urn:rapport:step"

// The addresses of our own extensions and code systems.
const (
	goalSystem    = "urn:rapport:goal"
	measureSystem = "urn:rapport:measure"
	ownMeasure    = "own" // words alone say how it would be known
	loinc         = "http://loinc.org"
	ucum          = "http://unitsofmeasure.org"
	prioritySys   = "http://terminology.hl7.org/CodeSystem/goal-priority"
	achievedSys   = "http://terminology.hl7.org/CodeSystem/goal-achievement"
	categorySys   = "http://terminology.hl7.org/CodeSystem/goal-category"

	phaseURL     = "urn:rapport:phase"
	ruleURL      = "urn:rapport:rule"
	whyURL       = "urn:rapport:why"
	importantURL = "urn:rapport:important"
	progressURL  = "urn:rapport:progress"
	versionURL   = "urn:rapport:version"
	agreedURL    = "urn:rapport:agreement"
	objectionURL = "urn:rapport:objection"
	changeURL    = "urn:rapport:change"
	settledURL   = "urn:rapport:settled"
)

// The bounds of what is read of a plan.
const (
	maxSteps   = 500
	maxGoals   = 2000 // given, not named
	maxChanges = 500
)

// Peek names the Goals of a CarePlan, which ReadPlan is to be given, and says whether the
// plan is one that Resources made and not another system's.
func Peek(carePlan []byte) (goals []string, ours bool) {
	d, err := fhir.Parse(carePlan)
	if err != nil {
		return nil, false
	}
	for x := range d.Root().Each("extension") {
		ours = ours || x.Get("url").Str() == versionURL
	}
	for g := range d.Root().Each("goal") {
		if typ, id := fhir.SplitReference(g.Get("reference").Str()); typ == "Goal" {
			goals = append(goals, id)
		}
	}
	return goals, ours
}

// ReadPlan reads a CarePlan and those of the Goals it names. Of another system's plan
// it reads what there is; all of it is kept. The error is errs.Invalid.
func ReadPlan(carePlan []byte, goals [][]byte) (Plan, error) {
	d, err := fhir.Parse(carePlan)
	if err != nil {
		return Plan{}, errs.E(errs.Invalid, "plan: read: %w", err)
	}
	if d.Type() != "CarePlan" {
		return Plan{}, errs.E(errs.Invalid, "plan: read: a %s is not a CarePlan", d.Type())
	}
	n := d.Root()
	p := Plan{ID: d.ID(), Title: n.Get("title").Str(), kept: carePlan}
	p.Status, _ = parse[Status](statuses, n.Get("status").Str())
	p.Started = dateOf(n.Get("period", "start"))
	p.Ends = dateOf(n.Get("period", "end"))
	for c := range n.Each("instantiatesCanonical") {
		url, version, _ := strings.Cut(c.Str(), "|")
		p.From = append(p.From, Source{url, version})
	}
	p.readExtensions(n)
	byID, err := readGoals(goals)
	if err != nil {
		return Plan{}, err
	}
	keys := map[string]string{} // the reference of a goal → its id in the plan
	for g := range n.Each("goal") {
		ref := g.Get("reference").Str()
		typ, id := fhir.SplitReference(ref)
		goal, ok := byID[id]
		if typ != "Goal" || !ok {
			p.strange = append(p.strange, ref)
			continue
		}
		if _, again := keys[id]; again {
			continue
		}
		if _, taken := goalIn(p.Goals, goal.ID); taken {
			goal.ID = id
		}
		for _, taken := goalIn(p.Goals, goal.ID); taken; _, taken = goalIn(p.Goals, goal.ID) {
			goal.ID += "-2"
		}
		keys[id] = goal.ID
		p.Goals = append(p.Goals, goal)
	}
	i := 0
	for a := range n.Each("activity") {
		if i++; i > maxSteps {
			return Plan{}, errs.E(errs.Invalid, "plan: read: CarePlan.activity: more than %d", maxSteps)
		}
		p.Steps = append(p.Steps, readStep(a, i, keys))
	}
	return p, nil
}

// dateOf reads the day of a date or dateTime as it is written, in its own zone.
func dateOf(n fhir.Node) Date {
	t := n.Time()
	if t.IsZero() {
		return 0
	}
	return max(DateOf(t.At), 0)
}

func readGoals(goals [][]byte) (map[string]Goal, error) {
	if len(goals) > maxGoals {
		return nil, errs.E(errs.Invalid, "plan: read: more than %d goals", maxGoals)
	}
	out := map[string]Goal{}
	for _, b := range goals {
		d, err := fhir.Parse(b)
		if err != nil {
			return nil, errs.E(errs.Invalid, "plan: read: %w", err)
		}
		if d.Type() != "Goal" {
			return nil, errs.E(errs.Invalid, "plan: read: a %s is not a Goal", d.Type())
		}
		g := readGoal(d.Root())
		g.kept, g.ref = b, d.ID()
		out[d.ID()] = g
	}
	return out, nil
}

func readGoal(n fhir.Node) Goal {
	g := Goal{ID: n.Get("id").Str(), Text: text(n.Get("description")), Category: codeIn(n.Get("category"), categorySys)}
	for i := range n.Each("identifier") {
		if v := i.Get("value").Str(); i.Get("system").Str() == goalSystem && v != "" {
			g.ID = v
		}
	}
	g.Lifecycle, _ = parse[Lifecycle](lifecycles, n.Get("lifecycleStatus").Str())
	g.Achievement, _ = parse[Achievement](achievements, codeIn(n.Get("achievementStatus"), achievedSys))
	g.Important = slices.Index([]string{"", "high-priority", "medium-priority", "low-priority"}, codeIn(n.Get("priority"), prioritySys))
	g.Important = max(g.Important, 0)
	for a := range n.Each("addresses") {
		g.Addresses = append(g.Addresses, Addressed{a.Get("reference").Str(), a.Get("display").Str()})
	}
	var ms []Milestone
	for t := range n.Each("target") {
		ms = append(ms, Milestone{readMeasure(t), dateOf(t.Get("due"))})
	}
	g.setTargets(ms)
	for x := range n.Each("extension") {
		switch v := x.Get("value"); x.Get("url").Str() {
		case whyURL:
			g.Because = v.Str()
		case ruleURL:
			g.Rule = v.Str()
		case progressURL:
			s := subs(x)
			g.Progress = append(g.Progress, Mark{dateOf(s["on"]), min(max(s["value"].Int(), 0), 10)})
		}
	}
	slices.SortStableFunc(g.Progress, func(a, b Mark) int { return int(a.On - b.On) })
	return g
}

// setTargets sorts targets by their day; the last of them is what the goal is, what
// has no day comes after what has one.
func (g *Goal) setTargets(ms []Milestone) {
	if len(ms) == 0 {
		return
	}
	slices.SortStableFunc(ms, func(a, b Milestone) int {
		switch {
		case a.Due == b.Due:
			return 0
		case b.Due == 0 || a.Due != 0 && a.Due < b.Due:
			return -1
		}
		return 1
	})
	last := len(ms) - 1
	g.Measure, g.Due = ms[last].Measure, ms[last].Due
	if last > 0 {
		g.Milestones = ms[:last:last]
	}
}

// readMeasure reads a target's measure and detail, of a Goal or a PlanDefinition.
func readMeasure(t fhir.Node) Measure {
	c := t.Get("measure")
	m := Measure{System: c.Get("coding", "system").Str(), Code: c.Get("coding", "code").Str(), Text: c.Get("text").Str()}
	if m.Text == "" {
		m.Text = c.Get("coding", "display").Str()
	}
	if m.Code == "" || m.System == measureSystem && m.Code == ownMeasure {
		m.System, m.Code = "", ""
	}
	d := t.Get("detail")
	switch d.Type() {
	case "Quantity":
		v := decimal(d.Get("value"))
		m.Unit = unit(d)
		switch d.Get("comparator").Str() {
		case "<", "<=":
			m.To = v
		case ">", ">=":
			m.From = v
		default:
			m.From, m.To = v, v
		}
	case "Range":
		m.From, m.To = decimal(d.Get("low", "value")), decimal(d.Get("high", "value"))
		if m.Unit = unit(d.Get("high")); m.Unit == "" {
			m.Unit = unit(d.Get("low"))
		}
	case "CodeableConcept":
		m.Detail = text(d)
	default:
		m.Detail = d.Str()
	}
	if m.From.Text == "" && m.To.Text == "" {
		m.Unit = ""
	}
	return m
}

func unit(q fhir.Node) string {
	if u := q.Get("unit"); u.OK() {
		return u.Str()
	}
	return q.Get("code").Str()
}

func decimal(n fhir.Node) fhir.Decimal {
	if !n.OK() {
		return fhir.Decimal{}
	}
	f, err := strconv.ParseFloat(n.Str(), 64)
	if err != nil {
		f = 0
	}
	return fhir.Decimal{Text: n.Str(), Float: f}
}

// text is what to show of a CodeableConcept.
func text(c fhir.Node) string {
	if t := c.Get("text"); t.OK() {
		return t.Str()
	}
	for k := range c.Each("coding") {
		if d := k.Get("display"); d.OK() {
			return d.Str()
		}
	}
	return c.Get("coding", "code").Str()
}

// codeIn returns the code a CodeableConcept has in a system.
func codeIn(c fhir.Node, system string) string {
	for k := range c.Each("coding") {
		if k.Get("system").Str() == system {
			return k.Get("code").Str()
		}
	}
	return ""
}

// subs returns the values of an extension's extensions by their name.
func subs(x fhir.Node) map[string]fhir.Node {
	out := map[string]fhir.Node{}
	for k := range x.Each("extension") {
		if u := k.Get("url").Str(); !out[u].OK() {
			out[u] = k.Get("value")
		}
	}
	return out
}
