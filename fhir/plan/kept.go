package plan

import "time"

// Plan is a plan as it is kept: a CarePlan and its Goals. It is a value; what it was
// read from goes with it, so that what this program does not know survives.
type Plan struct {
	ID, Title string
	Status    Status
	// Version counts what was agreed upon, from 1; a proposal nobody agreed to yet
	// has the number it will have.
	Version int
	// Started is the first day of week 1; zero until it begins. Ends is the last day.
	Started, Ends Date
	From          []Source
	Goals         []Goal
	Phases        []Phase
	Steps         []Step
	Agreed        []Agreement
	Objections    []Objection
	Changes       []Change  // oldest first
	Settled       []Settled // oldest first

	kept    []byte   // the CarePlan as it came
	strange []string // references to goals that it was read without
	// While it is written: the references of goals by their ids, and the other way.
	goalRef, goalKey map[string]string
}

// Agreement is somebody's name under a version of a plan.
type Agreement struct {
	Who     string // a reference, "Patient/1"
	Name    string
	Role    Role
	At      time.Time
	Version int
}

// Objection is what somebody says against a change or a step. It stays until it is
// answered: Closed is when.
type Objection struct {
	Who, Name string
	Role      Role
	At        time.Time
	Version   int
	Text      string
	Closed    time.Time
}

// Change is one thing that differs between two versions of a plan. Diff gives
// what; Plan.Revise adds when, who and why.
type Change struct {
	Kind  ChangeKind
	Thing Thing
	ID    string // of the step, goal or phase
	Title string // of it, after the change; before it if it was removed
	// Fields are the names of what is different in an update, in this package's words:
	// "title", "text", "why", "when", "goals", "phase", "status", "measure", "due" …
	Fields []string
	// Was and Is tell the field that is best shown, where it is words.
	Was, Is string

	Version int
	At      time.Time
	Who     string // a reference
	Name    string
	Rule    string // the rule that suggested it, or ""
	Why     string
}

// Settled is what somebody said to a suggestion, so that it is not made again the
// next day.
type Settled struct {
	Rule, Step string
	Said       Answered
	Who        string
	At         time.Time
}

// Suggestion is what a rule suggests. Nothing has changed until somebody says yes:
// see Plan.Apply.
type Suggestion struct {
	Rule  string // the rule, "urn:rapport:plan:sleep|1#smaller"
	Title string
	Why   string
	Kind  ChangeKind
	Step  string // the id of the step it is about; of a new one, the id it gets
	// Becomes is the step as it would be; nil for a removal.
	Becomes *Step
}

// Event is what happened.
type Event struct {
	Name EventName
	// Step is the step that was missed; "" asks the rules about every step.
	Step string
}

// Done is one time a step was done.
type Done struct {
	Plan, Step string
	Day        Date
	N          int // which one of the day, from 1
	At         time.Time
	By         string // a reference
}

// Due is a step on a day's list.
type Due struct {
	Step Step
	Occurrence
	Done   bool
	DoneAt time.Time
	// Once: it is to be done one time, and stays until it is. Late: its phase is over.
	Once, Late bool
	// Left is how many times are left in the week or month, for what may be done on any
	// day of it, this one included; 0 for what is for this day.
	Left int
}

// Reading is one number measured.
type Reading struct {
	System, Code string
	Value        float64
	At           time.Time
}

// Off is a goal that is off its track, and how it shows.
type Off struct {
	Goal Goal
	Why  OffWhy
}

// OffWhy says how it shows that a goal is off track.
type OffWhy uint8

// The ways to be off track.
const (
	_            OffWhy = iota
	Overdue             // its day has passed
	NotNearer           // half of its time has passed and the readings are no nearer
	NoReadings          // half of its time has passed and nothing was measured
	FeelsFarther        // the person's own number has gone down
)
