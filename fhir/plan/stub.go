package plan

import (
	"time"

	"rapport/errs"
	"rapport/fhir"
)

var errSoon = errs.E(errs.Internal, "plan: not built yet")

// Template is a plan template, ready to be tried. It does not change and may be
// used by many goroutines.
type Template struct{ source Source }

// Facts are what is known about a person, for the expressions of a template. They
// are for one goroutine at a time; every resource is read once, when it is first
// asked for.
type Facts struct {
	// Now is where the person is: its location is the zone that days are counted in.
	Now time.Time
	// Said is the newest completed response to the first-visit form.
	Said, Patient                             []byte
	Conditions, Medicines, Allergies, Results [][]byte
	// Plan is the CarePlan there is, if there is one, with its Goals and what was done.
	Plan  []byte
	Goals [][]byte
	Done  [][]byte
	// Number says a number in the reader's way, given its digits ("7.5" → "7,5");
	// Date a day or moment. Nil leaves them as they are.
	Number func(digits string) string
	Date   func(fhir.Time) string
}

// Read reads a PlanDefinition and the activities it names. The error is errs.Invalid
// and says which element is wrong; what is unknown but harmless is in Problems.
func Read(planDefinition []byte, activities func(canonical string) ([]byte, bool)) (*Template, error) {
	return nil, errSoon
}

// Source returns the template's address and version.
func (t *Template) Source() Source { return t.source }

// Title returns the template's title in a language.
func (t *Template) Title(lang string) string { return "" }

// Description returns what the template is for, in a language.
func (t *Template) Description(lang string) string { return "" }

// Problems returns what was not understood, and is left out.
func (t *Template) Problems() []Problem { return nil }

// Propose tries the template. It returns nil without an error when the template does
// not apply.
func (t *Template) Propose(f *Facts, lang string) (*Proposal, error) { return nil, errSoon }

// Outline returns everything the template may propose, with the holes in its texts
// as they are written: what an editor or a reader of the template sees.
func (t *Template) Outline(lang string) *Proposal { return nil }

// Rule is a rule of a template, for reading.
type Rule struct {
	ID    string // as in Suggestion.Rule
	Title string
	Why   string
	On    []EventName
	If    []string // expressions, all of which must be true
	Kind  ChangeKind
	Step  string // the id of the step it is about
	// Becomes is the step as it would be, with the holes as written.
	Becomes *Step
}

// Rules returns the template's rules.
func (t *Template) Rules(lang string) []Rule { return nil }

// Adapt asks the rules what to change about the plan in the facts after an event.
func (t *Template) Adapt(f *Facts, e Event, lang string) ([]Suggestion, error) { return nil, errSoon }

// MostAWeek is how many steps Merge lets a week have.
const MostAWeek = 7

// Merge makes one proposal of several: the same goal and the same step once, and no
// week with more than MostAWeek steps, the most important ones. What was left out is
// in Left. The order of the arguments does not matter; nil ones do not count.
func Merge(ps ...*Proposal) *Proposal { return nil }

// Plan makes a draft of a proposal, version 1, that begins on a day.
func (p *Proposal) Plan(id string, started Date) Plan { return Plan{} }

// Step returns the step with an id.
func (p Plan) Step(id string) (Step, bool) { return Step{}, false }

// Goal returns the goal with an id.
func (p Plan) Goal(id string) (Goal, bool) { return goalIn(p.Goals, id) }

// AgreedBy returns who agreed to the current version as client or staff.
func (p Plan) AgreedBy(r Role) (Agreement, bool) { return Agreement{}, false }

// Apply returns the plan as a suggestion would make it.
func (p Plan) Apply(s Suggestion) Plan { return p }

// Open returns the suggestions that nobody answered in the last days.
func (p Plan) Open(ss []Suggestion, now time.Time) []Suggestion { return ss }

// Revise returns the next version of the plan, which is after: numbered, and with
// what changed noted under a name and for a reason. Nobody has agreed to it yet but
// those who agree with it again.
func (p Plan) Revise(after Plan, by Agreement, rule, why string) Plan { return after }

// Week returns which week of the plan a day is in, from 1; 0 before it begins.
func (p Plan) Week(day Date) int { return 0 }

// Day returns the steps of a day in order, done or not.
func (p Plan) Day(day Date, done []Done) []Due { return nil }

// Missed returns on how many days in a row, before a day, a step was to be done and
// was not.
func (p Plan) Missed(step string, done []Done, day Date) int { return 0 }

// Stalled returns for how many days nothing at all was done although there was
// something to do.
func (p Plan) Stalled(done []Done, day Date) int { return 0 }

// OffTrack returns the goals that are off track.
func (p Plan) OffTrack(readings []Reading, day Date) []Off { return nil }

// ReadDone reads a Task that says a step was done. ok is false for any other Task,
// and for one that was taken back.
func ReadDone(task []byte) (d Done, ok bool) { return Done{}, false }

// ID returns the id of the Task: the same for the same step, day and number.
func (d Done) ID() string { return "" }

// Task writes it as a Task for a subject ("Patient/1").
func (d Done) Task(subject string) (fhir.Resource, error) { return fhir.Resource{}, errSoon }
