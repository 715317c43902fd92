// Package policy decides who may do what with a client's information, and it is
// the only place that does. It is one pure function over frozen facts: no I/O,
// no clock, no configuration read behind its back. It denies by default, every
// rule can only narrow what the one before it left, and it refuses to be asked
// without a purpose.
package policy

import "rapport/account"

// Purpose is why somebody opens something. The zero Purpose is no purpose at
// all and opens nothing.
type Purpose uint8

// The purposes, and the HL7 v3 PurposeOfUse code each is kept as.
const (
	_         Purpose = iota
	Own               // PATRQT: the client looks at, or adds to, their own chart
	Care              // TREAT: a member of the care team gives care
	Finding           // HOPERAT: somebody looks for a person in the directory
	Running           // HSYSADMIN: the practice's own settings
	Importing         // HOPERAT: bringing in records from another system
	Entering          // signing in and out; opens no chart
	Public            // pages that are about nobody
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

var purposeCodes = [...]string{"none", "own", "care", "finding", "running", "importing", "entering", "public"}

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
	case Own:
		return "PATRQT"
	case Care:
		return "TREAT"
	case Finding, Importing:
		return "HOPERAT"
	case Running, Entering, Public:
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

// Facts is everything a decision may look at, gathered first, then frozen.
type Facts struct {
	Kind    account.Kind
	Roles   account.Roles
	Purpose Purpose
	Target  Target
	Self    bool  // the chart is the actor's own
	Exists  bool  // there is such a chart
	Asked   Parts // what of the chart is to be opened
}

// Basis says what a permission rests on, for the sentence a client reads.
type Basis uint8

// The bases. The zero Basis permits nothing.
const (
	None      Basis = iota
	IsTheirs        // it is their own record
	CareTeam        // they work in the practice's care team
	FrontDesk       // they work at the front desk: who and when, nothing more
	Manages         // they run the practice
	Software        // the practice had this software do it
)

var basisCodes = [...]string{"none", "own", "careteam", "frontdesk", "manages", "software"}

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
}

// Allow reports whether anything was permitted.
func (d Decision) Allow() bool { return d.Basis != None }

// Writes returns which of the permitted parts may also be written: clients add
// what they say and measure, the front desk who and when, care teams everything.
func (d Decision) Writes() Parts {
	switch d.Basis {
	case IsTheirs:
		return d.Parts & (Messages | Results)
	case FrontDesk:
		return d.Parts & (Person | Visits)
	case CareTeam, Software:
		return d.Parts
	}
	return 0
}

// treats are the roles that give care.
const treats = account.Nurse | account.Clinician | account.Coordinator

// Decide answers whether the facts permit what they ask for.
func Decide(f Facts) Decision {
	if f.Purpose == 0 || f.Purpose >= purposeEnd {
		return Decision{}
	}
	switch f.Target {
	case Chart:
		return chart(f)
	case Directory:
		return directory(f)
	case Practice:
		return practice(f)
	}
	return Decision{}
}

// chart decides about one client's chart. A permission that leaves no part of
// what was asked is a refusal.
func chart(f Facts) Decision {
	if !f.Exists && f.Purpose != Importing {
		return Decision{}
	}
	f.Asked &= partsEnd - 1 // what is no part cannot be opened
	d := Decision{}
	switch {
	case f.Kind == account.Client && f.Purpose == Own && f.Self:
		d = Decision{IsTheirs, f.Asked}
	case f.Kind == account.Staff && f.Purpose == Care && f.Roles.Any(treats):
		d = Decision{CareTeam, f.Asked &^ Looks}
	case f.Kind == account.Staff && f.Purpose == Care && f.Roles.Any(account.FrontDesk):
		d = Decision{FrontDesk, f.Asked & (Person | Visits)}
	case f.Kind == account.System && f.Purpose == Importing:
		d = Decision{Software, f.Asked &^ Looks}
	}
	if d.Parts == 0 {
		return Decision{}
	}
	return d
}

func directory(f Facts) Decision {
	switch {
	case f.Kind == account.Staff && f.Purpose == Finding && f.Roles.Any(treats):
		return Decision{Basis: CareTeam}
	case f.Kind == account.Staff && f.Purpose == Finding && f.Roles.Any(account.FrontDesk):
		return Decision{Basis: FrontDesk}
	case f.Kind == account.System && f.Purpose == Importing:
		return Decision{Basis: Software}
	}
	return Decision{}
}

func practice(f Facts) Decision {
	switch {
	case f.Kind == account.Staff && f.Purpose == Running && f.Roles.Any(account.Manager):
		return Decision{Basis: Manages}
	case f.Kind == account.System && f.Purpose == Importing:
		return Decision{Basis: Software}
	}
	return Decision{}
}
