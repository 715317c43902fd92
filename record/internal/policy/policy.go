// Package policy decides who may do what with a client's information, and it is
// the only place that does. It is one pure function over frozen facts and one
// table of rules: no I/O, no clock, no configuration read behind its back. It
// denies by default, a permission can only be narrowed, and it refuses to be
// asked without a purpose. docs/policy.md is printed from the table.
package policy

import (
	"rapport/account"
	"rapport/fhir/label"
)

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
	Minding           // PATRQT: the client looks after their own information: who sees it, what is private, what is wrong with it
	Breaking          // BTG: a member of the care team opens what is closed to them, in need, and answers for it
	Guarding          // HCOMPL: the privacy officer looks into what was opened, and decides what is asked of the practice
	Taking            // PATRQT: the client takes a copy of everything with them
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

var purposeCodes = [...]string{"none", "own", "helping", "sharing", "care", "finding", "vouching", "running", "staffing", "importing", "telling", "entering", "public", "booking", "answering", "planning", "writing", "messaging", "replying", "minding", "breaking", "guarding", "taking"}

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
	case Own, Sharing, Booking, Answering, Planning, Messaging, Minding, Taking:
		return "PATRQT"
	case Helping:
		return "FAMRQT"
	case Care:
		return "TREAT"
	case Finding, Vouching, Importing, Telling, Replying:
		return "HOPERAT"
	case Running, Staffing, Entering, Public, Writing:
		return "HSYSADMIN"
	case Breaking:
		return "BTG"
	case Guarding:
		return "HCOMPL"
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
	Self    bool      // the chart is the actor's own
	Tie     Tie       // what binds the actor to the chart's client, today
	Reads   Parts     // what the tie lets them see, today
	Acts    Parts     // what the tie lets them do
	Exists  bool      // there is such a chart
	Asked   Parts     // what of the chart is to be opened
	Must    Parts     // of that, what the rest is of no use without
	Bond    Bond      // what makes staff one who treats the client
	Barred  bool      // the client said that this member of staff is not to open their chart
	Shut    label.Set // the compartments that the client said this member of staff is not to see
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
	opens  label.Set
	desk   bool
}

// Allow reports whether anything was permitted.
func (d Decision) Allow() bool { return d.Basis != None }

// Writes returns which of the permitted parts may also be written.
func (d Decision) Writes() Parts { return d.Parts & d.writes }

// Opens returns the compartments that may be seen too. What lies in another is absent: not
// counted, not found, not there.
func (d Decision) Opens() label.Set { return d.opens }

// Desk reports that of what was written to and fro only what is marked as
// administrative may be seen. The rest is absent, as what is private is.
func (d Decision) Desk() bool { return d.desk }

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
