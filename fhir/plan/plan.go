// Package plan makes plans of care out of readable rules: a template (a FHIR R4
// PlanDefinition with FHIRPath conditions) is tried on what is known about a person
// and proposes goals in their own words and steps that each say why; several
// proposals become one plan of a bearable size; rules suggest what to change as
// answers, readings and days come in. A plan is kept as a CarePlan and its Goals.
//
// It is pure: the same facts give the same proposal, no clock is read and nothing is
// stored. It refuses to do anything by itself (what it returns is a proposal or a
// suggestion, and a person says yes), to propose a step without a reason or without
// a goal it serves, and to put words into any language: texts come from templates,
// and the rest is data for a page to say.
package plan

import "rapport/fhir"

// Source names a template by its canonical address and version.
type Source struct{ URL, Version string }

// Proposal is what a template, or several merged, suggest for one person. Goals and
// steps are in their order of importance, phases by the weeks they take.
type Proposal struct {
	From   []Source
	Title  string
	Goals  []Goal
	Phases []Phase
	Steps  []Step
	// Left is what Merge left out.
	Left []Left
	// Problems are the elements that could not be tried, and were left out.
	Problems []Problem
}

// Phase is a stretch of weeks on a plan's line. Week 1 begins on the plan's first
// day; both ends are part of it. A To of 0 means that it has no end.
type Phase struct {
	ID, Title string
	From, To  int
}

// Goal is something a person wants, in their words where there are any. ID is the
// same whenever the same template is tried on the same answers, and unique in a plan.
type Goal struct {
	ID, Text string
	// Measure and Due say how it would be known that it is reached, and by when;
	// Milestones what comes before that, soonest first.
	Measure    Measure
	Due        Date
	Milestones []Milestone
	// Category is a code of http://terminology.hl7.org/CodeSystem/goal-category or "".
	Category string
	// Addresses are the conditions and observations it is about.
	Addresses []Addressed
	// Because says why it is proposed; it may be empty, since a goal in a person's
	// own words needs no reason.
	Because string
	// Rule is the element it came from, "urn:rapport:plan:sleep|1#wish", or "".
	Rule string
	// Important is the goal's rank: 1 high, 2 medium or not said, 3 low.
	Important int

	Lifecycle   Lifecycle
	Achievement Achievement
	// Progress is how near the person says they are, by their own measure, oldest first.
	Progress []Mark

	kept []byte // the Goal as it came
	ref  string // its logical id
}

// Milestone is something on the way to a goal, or on its day beside its Measure.
type Milestone struct {
	Measure Measure
	Due     Date
}

// Addressed is what a goal is about: a reference, words for it, or both.
type Addressed struct{ Reference, Text string }

// Mark is how near to a goal its person feels on a day, from 0 to 10.
type Mark struct {
	On    Date
	Value int
}

// Measure is how it would be known that a goal is reached: a code of what is
// measured with the numbers to be between, or words.
type Measure struct {
	System, Code, Text string
	Unit               string // to show
	From, To           fhir.Decimal
	Detail             string
}

// IsZero reports that nothing was said about how to measure.
func (m Measure) IsZero() bool { return m == Measure{} }

// Meets reports that a number is between From and To; false without either.
func (m Measure) Meets(x float64) bool {
	if m.From.Text == "" && m.To.Text == "" {
		return false
	}
	return (m.From.Text == "" || x >= m.From.Float) && (m.To.Text == "" || x <= m.To.Float)
}

// Step is one thing to do: what, why, for which goals, when and in which phase.
type Step struct {
	ID    string // unique in the plan, "sleep.diary"
	Kind  Kind
	Title string
	Text  string
	Why   string
	Goals []string // ids of goals of the same plan
	Phase string   // the id of a phase of the same plan, or ""
	When  Timing
	// What is the canonical address of a form to answer, or of the activity.
	What string
	// Code is what is measured, a LOINC code.
	Code string
	// Rule is the element it came from, "urn:rapport:plan:sleep|1#diary", or "".
	Rule string
	// Important is the step's rank: 1 first, 2 or 3 the more it can wait.
	Important int

	Status StepStatus

	kept []byte // the activity as it came
}

// Left is a step that Merge left out, and why.
type Left struct {
	Step Step
	Why  LeftWhy
	// For is the step that was kept, if it is left out as another's double.
	For string
}

// LeftWhy says why a step was left out of a merged proposal.
type LeftWhy uint8

// The reasons for leaving out a step.
const (
	_       LeftWhy = iota
	TooMany         // its weeks are full of what is more important
	Double          // another template proposes the same
)

// Problem is something about a template that does not stop it: where, and what. It
// names elements and never repeats content.
type Problem struct{ Path, Reason string }

// String returns the problem in one line.
func (p Problem) String() string { return p.Path + ": " + p.Reason }

// Goal returns the goal with an id.
func (p *Proposal) Goal(id string) (Goal, bool) { return goalIn(p.Goals, id) }

func goalIn(gs []Goal, id string) (Goal, bool) {
	for _, g := range gs {
		if g.ID == id {
			return g, true
		}
	}
	return Goal{}, false
}
