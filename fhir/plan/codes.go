package plan

import "slices"

// Kind says what sort of thing a step asks for.
type Kind uint8

// The kinds of step, codes of urn:rapport:step. The zero Kind is none.
const (
	_         Kind = iota
	ToTake         // a medicine
	ToDo           // something, as it says
	ToRead         // or to watch
	ToAnswer       // a form
	ToMeasure      // a reading
	ToBook         // a visit
	ToMessage      // the practice
)

var kinds = []string{"", "take", "do", "read", "answer", "measure", "book", "message"}

// String returns the code.
func (k Kind) String() string { return code(kinds, k) }

// ParseKind reads a code of urn:rapport:step.
func ParseKind(s string) (Kind, bool) { return parse[Kind](kinds, s) }

// Lifecycle says where a goal stands (FHIR R4, GoalLifecycleStatus).
type Lifecycle uint8

// The life of a goal.
const (
	_ Lifecycle = iota
	GoalProposed
	GoalPlanned
	GoalAccepted
	GoalActive
	GoalOnHold
	GoalCompleted
	GoalCancelled
	GoalRejected
	GoalMistaken // entered in error
)

var lifecycles = []string{"", "proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled", "rejected", "entered-in-error"}

// String returns the code.
func (l Lifecycle) String() string { return code(lifecycles, l) }

// Open reports that the goal is still worked towards, or about to be.
func (l Lifecycle) Open() bool { return l >= GoalProposed && l <= GoalActive }

// Achievement says how it goes with a goal (goal-achievement of HL7 terminology).
type Achievement uint8

// How it goes.
const (
	_ Achievement = iota
	InProgress
	Improving
	Worsening
	NoChange
	Achieved
	Sustaining
	NotAchieved
	NoProgress
	NotAttainable
)

var achievements = []string{"", "in-progress", "improving", "worsening", "no-change", "achieved", "sustaining", "not-achieved", "no-progress", "not-attainable"}

// String returns the code.
func (a Achievement) String() string { return code(achievements, a) }

// StepStatus says where a step stands (FHIR R4, CarePlanActivityStatus).
type StepStatus uint8

// The life of a step.
const (
	_            StepStatus = iota
	StepProposed            // not-started
	StepScheduled
	StepActive // in-progress
	StepOnHold
	StepCompleted
	StepCancelled
	StepStopped
	StepUnknown
	StepMistaken // entered in error
)

var stepStatuses = []string{"", "not-started", "scheduled", "in-progress", "on-hold", "completed", "cancelled", "stopped", "unknown", "entered-in-error"}

// String returns the code.
func (s StepStatus) String() string { return code(stepStatuses, s) }

// Open reports that the step is to be done, or about to be.
func (s StepStatus) Open() bool { return s >= StepProposed && s <= StepActive }

// Status says where a plan stands (FHIR R4, RequestStatus).
type Status uint8

// The life of a plan.
const (
	_ Status = iota
	Draft
	Active
	OnHold
	Revoked
	Completed
	Mistaken // entered in error
	Unknown
)

var statuses = []string{"", "draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}

// String returns the code.
func (s Status) String() string { return code(statuses, s) }

// Role says as what somebody agrees to a plan or objects.
type Role uint8

// The roles. The zero Role is nobody.
const (
	_ Role = iota
	Client
	Staff
)

var roles = []string{"", "client", "staff"}

// String returns the code.
func (r Role) String() string { return code(roles, r) }

// ChangeKind says what a change does.
type ChangeKind uint8

// The kinds of change, codes of action-type of HL7 terminology.
const (
	_ ChangeKind = iota
	Create
	Update
	Remove
)

var changeKinds = []string{"", "create", "update", "remove"}

// String returns the code.
func (k ChangeKind) String() string { return code(changeKinds, k) }

// Thing says what a change is about.
type Thing uint8

// What can change.
const (
	_ Thing = iota
	ThePlan
	AGoal
	APhase
	AStep
)

var things = []string{"", "plan", "goal", "phase", "step"}

// String returns the code.
func (t Thing) String() string { return code(things, t) }

// EventName says what happened that rules are asked about.
type EventName uint8

// The events, names of triggers in a template.
const (
	_          EventName = iota
	StepMissed           // a step was not done
	ResultCame           // a reading or a result
	AnswerCame           // a form was answered
	DayCame              // a day began
)

var events = []string{"", "missed", "result", "answer", "date"}

// String returns the name.
func (e EventName) String() string { return code(events, e) }

// Answered says what became of a suggestion.
type Answered uint8

// What people say to a suggestion.
const (
	_ Answered = iota
	SaidYes
	SaidNo
)

var answers = []string{"", "yes", "no"}

// String returns the code.
func (a Answered) String() string { return code(answers, a) }

func code[T ~uint8](names []string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return ""
}

func parse[T ~uint8](names []string, s string) (T, bool) {
	i := slices.Index(names, s)
	if i <= 0 {
		return 0, false
	}
	return T(i), true
}
