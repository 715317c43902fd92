// Package policy decides who may do what with a client's information, and it is
// the only place that does. It is one pure function over frozen facts and one
// table of rules: no I/O, no clock, no configuration read behind its back. It
// denies by default, a permission can only be narrowed, and it refuses to be
// asked without a purpose. docs/policy.md is printed from the table.
package policy

import "rapport/account"

// Purpose is why somebody opens something. The zero Purpose is no purpose at
// all and opens nothing.
type Purpose uint8

// The purposes, and the HL7 v3 PurposeOfUse code each is kept as.
const (
	_         Purpose = iota
	Own               // PATRQT: the client looks at, or adds to, their own chart
	Helping           // FAMRQT: somebody looks after another, who let them or whose guardian they are
	Sharing           // PATRQT: the client says who may act for them
	Care              // TREAT: a member of the care team gives care
	Finding           // HOPERAT: somebody looks for a person in the directory
	Vouching          // HOPERAT: staff answer for who somebody is: invitations, guardians, joining, merging
	Running           // HSYSADMIN: the practice's own settings
	Staffing          // HSYSADMIN: who works here, and as what
	Importing         // HOPERAT: bringing in records from another system
	Telling           // HOPERAT: software tells people what has changed for them
	Entering          // signing in and out; opens no chart
	Public            // pages that are about nobody
	Booking           // PATRQT: a visit is booked, moved or cancelled by the client or for them
	Answering         // PATRQT: a form is filled in by the client or for them
	Planning          // PATRQT: a plan is agreed, changed or followed by the client or with them
	Writing           // HSYSADMIN: the practice's forms and plan templates are written
	Messaging         // PATRQT: the client, or somebody for them, writes to the practice
	Replying          // HOPERAT: the front desk reads and answers what was written to it
	purposeEnd
)

// Purposes returns every purpose.
func Purposes() []Purpose {
	var out []Purpose
	for p := Purpose(1); p < purposeEnd; p++ {
		out = append(out, p)
	}
	return out
}

var purposeCodes = [...]string{"none", "own", "helping", "sharing", "care", "finding", "vouching", "running", "staffing", "importing", "telling", "entering", "public", "booking", "answering", "planning", "writing", "messaging", "replying"}

// String returns the purpose's own short code, as the ledger and docs/routes.txt
// keep it.
func (p Purpose) String() string {
	if p >= purposeEnd {
		return "none"
	}
	return purposeCodes[p]
}

// Code returns the HL7 v3 PurposeOfUse code.
func (p Purpose) Code() string {
	switch p {
	case Own, Sharing, Booking, Answering, Planning, Messaging:
		return "PATRQT"
	case Helping:
		return "FAMRQT"
	case Care:
		return "TREAT"
	case Finding, Vouching, Importing, Telling, Replying:
		return "HOPERAT"
	case Running, Staffing, Entering, Public, Writing:
		return "HSYSADMIN"
	}
	return ""
}

// Target is what is being opened.
type Target uint8

// The targets. The zero Target opens nothing.
const (
	_         Target = iota
	Chart            // one client's chart
	Directory        // the list of people
	Practice         // the practice's own settings
	targetEnd
)

// Targets returns every target.
func Targets() []Target { return []Target{Chart, Directory, Practice} }

// Tie is what binds somebody to a client who is another. The zero Tie is none.
type Tie uint8

// The ties.
const (
	NoTie    Tie = iota
	Helper       // the client let them
	Guardian     // they answer for a minor, by the practice's rules for the minor's age
)

var tieCodes = [...]string{"none", "helper", "guardian"}

// String returns the tie's code.
func (t Tie) String() string {
	if int(t) < len(tieCodes) {
		return tieCodes[t]
	}
	return "none"
}

// Facts is everything a decision may look at, gathered first, then frozen.
type Facts struct {
	Kind    account.Kind
	Roles   account.Roles
	Level   account.Level
	Purpose Purpose
	Target  Target
	Self    bool  // the chart is the actor's own
	Tie     Tie   // what binds the actor to the chart's client, today
	Reads   Parts // what the tie lets them see, today
	Acts    Parts // what the tie lets them do
	Exists  bool  // there is such a chart
	Asked   Parts // what of the chart is to be opened
	Must    Parts // of that, what the rest is of no use without
}

// Basis says what a permission rests on, for the sentence a client reads.
type Basis uint8

// The bases. The zero Basis permits nothing.
const (
	None      Basis = iota
	IsTheirs        // it is their own record
	ByLink          // it is their own, and they came by a link: when and whether, never what
	Helps           // the client let them
	Guards          // they answer for a minor
	CareTeam        // they work in the practice's care team
	FrontDesk       // they work at the front desk: who and when, nothing more
	Manages         // they run the practice
	Software        // the practice had this software do it
)

var basisCodes = [...]string{"none", "own", "link", "helper", "guardian", "careteam", "frontdesk", "manages", "software"}

// String returns the basis's code as the ledger keeps it.
func (b Basis) String() string {
	if int(b) < len(basisCodes) {
		return basisCodes[b]
	}
	return "none"
}

// Decision is the answer: what may be opened, and on what basis. The zero
// Decision refuses.
type Decision struct {
	Basis Basis
	Parts Parts // never more than was asked for
	// Needs is set on a refusal that would be a permission had the actor shown more
	// surely who they are.
	Needs  account.Level
	writes Parts
	closed bool
	desk   bool
}

// Allow reports whether anything was permitted.
func (d Decision) Allow() bool { return d.Basis != None }

// Writes returns which of the permitted parts may also be written.
func (d Decision) Writes() Parts { return d.Parts & d.writes }

// Private reports whether what is marked as private may be seen too. What may not
// is absent: not counted, not found, not there.
func (d Decision) Private() bool { return d.Allow() && !d.closed }

// Desk reports that of what was written to and fro only what is marked as
// administrative may be seen. The rest is absent, as what is private is.
func (d Decision) Desk() bool { return d.desk }

// Whom says whose chart a rule is about.
type Whom uint8

// Whose chart a rule is about. The zero Whom is no chart at all.
const (
	Nobody     Whom = iota
	Themselves      // the actor's own
	Tied            // of somebody they are tied to
	Known           // anyone the practice knows
	Anyone          // known or not: only software that brings people in
)

// Rule is one line of the policy. The lines are tried from the top; the first
// that applies and leaves any part of what was asked decides.
type Rule struct {
	Kind    account.Kind
	Roles   account.Roles // any of these; none are needed if empty
	Tie     Tie           // for Tied
	Purpose Purpose
	Target  Target
	Whom    Whom
	Least   account.Level
	Basis   Basis
	Gives   Parts // of what was asked, at most; less what the tie does not give
	Writes  Parts // at most
	Whole   bool  // nothing is given unless all that was asked is
	Must    Parts // nothing is given without these
	Closed  bool  // what is marked as private is absent
	Desk    bool  // of messages, those that are not administrative are absent
}

// treats are the roles that give care, desk those that also meet people.
const (
	treats = account.Nurse | account.Clinician | account.Coordinator
	desk   = treats | account.FrontDesk
)

// askable is what a form may be filled in with, plannable what a plan is about, and
// talkable what a message may carry along.
const (
	askable   = Person | Conditions | Medicines | Allergies | Results | Visits | Family | Told
	talkable  = Person | Visits | Messages
	plannable = Person | Conditions | Medicines | Allergies | Results | Visits | Plans | Told
)

// rules is the whole policy.
var rules = []Rule{
	{Kind: account.Client, Purpose: Own, Target: Chart, Whom: Themselves, Least: account.ByKey, Basis: IsTheirs, Gives: AllParts | Looks, Writes: Messages | Results},
	{Kind: account.Client, Purpose: Own, Target: Chart, Whom: Themselves, Least: account.ByLink, Basis: ByLink, Gives: Visits | Messages, Whole: true, Closed: true},
	{Kind: account.Client, Purpose: Sharing, Target: Chart, Whom: Themselves, Least: account.Fresh, Basis: IsTheirs, Gives: Person | Agreements, Writes: Agreements},
	{Kind: account.Client, Tie: Helper, Purpose: Helping, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Helps, Gives: ForOthers, Writes: Messages | Results, Closed: true},
	{Kind: account.Guest, Tie: Helper, Purpose: Helping, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Helps, Gives: ForOthers, Writes: Messages | Results, Closed: true},
	{Kind: account.Client, Tie: Guardian, Purpose: Helping, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Guards, Gives: ForOthers, Writes: Messages | Results, Closed: true},
	{Kind: account.Guest, Tie: Guardian, Purpose: Helping, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Guards, Gives: ForOthers, Writes: Messages | Results, Closed: true},
	{Kind: account.Client, Purpose: Booking, Target: Chart, Whom: Themselves, Least: account.ByKey, Basis: IsTheirs, Gives: Person | Visits, Writes: Visits},
	{Kind: account.Client, Purpose: Booking, Target: Chart, Whom: Themselves, Least: account.ByLink, Basis: ByLink, Gives: Visits, Writes: Visits, Whole: true, Closed: true},
	{Kind: account.Client, Tie: Helper, Purpose: Booking, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Helps, Gives: Person | Visits, Writes: Visits, Closed: true},
	{Kind: account.Guest, Tie: Helper, Purpose: Booking, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Helps, Gives: Person | Visits, Writes: Visits, Closed: true},
	{Kind: account.Client, Tie: Guardian, Purpose: Booking, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Guards, Gives: Person | Visits, Writes: Visits, Closed: true},
	{Kind: account.Guest, Tie: Guardian, Purpose: Booking, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Guards, Gives: Person | Visits, Writes: Visits, Closed: true},
	{Kind: account.Client, Purpose: Answering, Target: Chart, Whom: Themselves, Least: account.ByKey, Basis: IsTheirs, Gives: askable, Writes: Told | Results, Must: Told},
	{Kind: account.Client, Tie: Helper, Purpose: Answering, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Helps, Gives: askable, Writes: Told | Results, Must: Told, Closed: true},
	{Kind: account.Guest, Tie: Helper, Purpose: Answering, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Helps, Gives: askable, Writes: Told | Results, Must: Told, Closed: true},
	{Kind: account.Client, Tie: Guardian, Purpose: Answering, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Guards, Gives: askable, Writes: Told | Results, Must: Told, Closed: true},
	{Kind: account.Guest, Tie: Guardian, Purpose: Answering, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Guards, Gives: askable, Writes: Told | Results, Must: Told, Closed: true},
	{Kind: account.Client, Purpose: Planning, Target: Chart, Whom: Themselves, Least: account.ByKey, Basis: IsTheirs, Gives: plannable, Writes: Plans | Results, Must: Plans},
	{Kind: account.Client, Tie: Helper, Purpose: Planning, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Helps, Gives: plannable, Writes: Plans | Results, Must: Plans, Closed: true},
	{Kind: account.Guest, Tie: Helper, Purpose: Planning, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Helps, Gives: plannable, Writes: Plans | Results, Must: Plans, Closed: true},
	{Kind: account.Client, Tie: Guardian, Purpose: Planning, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Guards, Gives: plannable, Writes: Plans | Results, Must: Plans, Closed: true},
	{Kind: account.Guest, Tie: Guardian, Purpose: Planning, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Guards, Gives: plannable, Writes: Plans | Results, Must: Plans, Closed: true},
	{Kind: account.Client, Purpose: Messaging, Target: Chart, Whom: Themselves, Least: account.ByKey, Basis: IsTheirs, Gives: talkable, Writes: Messages, Must: Messages},
	{Kind: account.Client, Tie: Helper, Purpose: Messaging, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Helps, Gives: talkable, Writes: Messages, Must: Messages, Closed: true},
	{Kind: account.Guest, Tie: Helper, Purpose: Messaging, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Helps, Gives: talkable, Writes: Messages, Must: Messages, Closed: true},
	{Kind: account.Client, Tie: Guardian, Purpose: Messaging, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Guards, Gives: talkable, Writes: Messages, Must: Messages, Closed: true},
	{Kind: account.Guest, Tie: Guardian, Purpose: Messaging, Target: Chart, Whom: Tied, Least: account.ByKey, Basis: Guards, Gives: talkable, Writes: Messages, Must: Messages, Closed: true},
	{Kind: account.Staff, Roles: treats, Purpose: Care, Target: Chart, Whom: Known, Least: account.ByKey, Basis: CareTeam, Gives: AllParts, Writes: AllParts},
	{Kind: account.Staff, Roles: account.FrontDesk, Purpose: Care, Target: Chart, Whom: Known, Least: account.ByKey, Basis: FrontDesk, Gives: Person | Visits, Writes: Person | Visits, Closed: true},
	{Kind: account.Staff, Roles: account.FrontDesk, Purpose: Replying, Target: Chart, Whom: Known, Least: account.ByKey, Basis: FrontDesk, Gives: Person | Visits | Messages, Writes: Messages, Must: Messages, Closed: true, Desk: true},
	{Kind: account.Staff, Roles: desk, Purpose: Vouching, Target: Chart, Whom: Known, Least: account.Fresh, Basis: FrontDesk, Gives: Person | Agreements, Writes: Person | Agreements, Closed: true},
	{Kind: account.System, Purpose: Importing, Target: Chart, Whom: Anyone, Basis: Software, Gives: AllParts, Writes: AllParts},

	{Kind: account.Staff, Roles: treats, Purpose: Finding, Target: Directory, Least: account.ByKey, Basis: CareTeam},
	{Kind: account.Staff, Roles: account.FrontDesk, Purpose: Finding, Target: Directory, Least: account.ByKey, Basis: FrontDesk},
	{Kind: account.Staff, Roles: desk, Purpose: Vouching, Target: Directory, Least: account.Fresh, Basis: FrontDesk},
	{Kind: account.System, Purpose: Importing, Target: Directory, Basis: Software},
	{Kind: account.System, Purpose: Telling, Target: Directory, Basis: Software},

	{Kind: account.Staff, Roles: account.Manager, Purpose: Running, Target: Practice, Least: account.ByKey, Basis: Manages},
	{Kind: account.Staff, Roles: account.Manager, Purpose: Staffing, Target: Practice, Least: account.Fresh, Basis: Manages},
	{Kind: account.Staff, Roles: account.Editor | account.Manager, Purpose: Writing, Target: Practice, Least: account.ByKey, Basis: Manages},
	{Kind: account.System, Purpose: Importing, Target: Practice, Basis: Software},
}

// Table returns the policy, line by line.
func Table() []Rule { return append([]Rule(nil), rules...) }

// Decide answers whether the facts permit what they ask for.
func Decide(f Facts) Decision {
	f.Asked &= partsEnd - 1 // what is no part cannot be opened
	if f.Level > account.Fresh {
		f.Level = 0 // what is no level is none
	}
	var needs account.Level
	for i := range rules {
		r := &rules[i]
		if !r.about(f) {
			continue
		}
		d, ok := r.decide(f)
		if !ok {
			continue
		}
		if f.Level < r.Least {
			if needs == 0 || r.Least < needs {
				needs = r.Least
			}
			continue
		}
		return d
	}
	return Decision{Needs: needs}
}

// about reports whether a rule is about these facts, the level apart.
func (r *Rule) about(f Facts) bool {
	if r.Kind != f.Kind || r.Purpose != f.Purpose || r.Target != f.Target || r.Roles != 0 && !r.Roles.Any(f.Roles) {
		return false
	}
	switch r.Whom {
	case Themselves:
		return f.Exists && f.Self
	case Tied:
		return f.Exists && !f.Self && f.Tie == r.Tie
	case Known:
		return f.Exists
	case Nobody:
		return r.Target != Chart
	case Anyone:
		return true
	}
	return false
}

// decide is what a rule gives; false if that is nothing.
func (r *Rule) decide(f Facts) (Decision, bool) {
	d := Decision{Basis: r.Basis, Parts: f.Asked & r.Gives, writes: r.Writes, closed: r.Closed, desk: r.Desk}
	if r.Target != Chart {
		d.Parts = 0
		return d, true
	}
	if r.Whom == Tied {
		d.Parts &= f.Reads &^ Person
		d.writes &= f.Acts
		if d.Parts != 0 {
			d.Parts |= f.Asked & Person // who it is goes with whatever they may see, and is nothing alone
		}
	}
	if r.Whole && d.Parts != f.Asked {
		return Decision{}, false
	}
	if d.Parts == 0 || (d.Parts&(r.Must|f.Must)) != r.Must|f.Must {
		return Decision{}, false // a permission that leaves no part is a refusal
	}
	return d, true
}
