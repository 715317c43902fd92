package policy

import (
	"rapport/account"
	"rapport/fhir/label"
)

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
	Closed  bool  // what lies in a compartment is absent
	Bonded  bool  // only for who treats the client
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
	{Kind: account.Client, Purpose: Minding, Target: Chart, Whom: Themselves, Least: account.ByKey, Basis: IsTheirs, Gives: AllParts | Looks, Writes: Agreements | Plans},
	{Kind: account.Client, Purpose: Taking, Target: Chart, Whom: Themselves, Least: account.Fresh, Basis: IsTheirs, Gives: AllParts | Looks},
	{Kind: account.Staff, Roles: treats, Purpose: Care, Target: Chart, Whom: Known, Least: account.ByKey, Basis: CareTeam, Gives: AllParts, Writes: AllParts, Bonded: true},
	{Kind: account.Staff, Roles: treats, Purpose: Care, Target: Chart, Whom: Known, Least: account.ByKey, Basis: CareTeam, Gives: AllParts, Writes: AllParts, Closed: true},
	{Kind: account.Staff, Roles: treats, Purpose: Breaking, Target: Chart, Whom: Known, Least: account.Fresh, Basis: CareTeam, Gives: Person, Must: Person, Closed: true},
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
	{Kind: account.Staff, Roles: account.PrivacyOfficer, Purpose: Guarding, Target: Practice, Least: account.ByKey, Basis: Manages},
	{Kind: account.Staff, Roles: account.Editor | account.Manager, Purpose: Writing, Target: Practice, Least: account.ByKey, Basis: Manages},
	{Kind: account.System, Purpose: Importing, Target: Practice, Basis: Software},
}

// Table returns the policy, line by line.
func Table() []Rule { return append([]Rule(nil), rules...) }

// about reports whether a rule is about these facts, the level apart.
func (r *Rule) about(f Facts) bool {
	if r.Kind != f.Kind || r.Purpose != f.Purpose || r.Target != f.Target || r.Roles != 0 && !r.Roles.Any(f.Roles) {
		return false
	}
	bond := f.Kind == account.Staff && f.Bond > NoBond && f.Bond < bondEnd
	if r.Bonded && !bond {
		return false
	}
	if f.Barred && f.Kind == account.Staff && r.Target == Chart && r.Purpose != Breaking && f.Bond != ByGlass {
		return false // the client's word, unless they answer for breaking it
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
	d := Decision{Basis: r.Basis, Parts: f.Asked & r.Gives, writes: r.Writes, opens: r.opens(f), desk: r.Desk}
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

// opens are the compartments that a rule shows to whoever the facts are about.
func (r *Rule) opens(f Facts) label.Set {
	switch {
	case r.Closed || r.Target != Chart:
		return 0
	case f.Kind == account.Staff && f.Bond != ByGlass:
		return label.All &^ f.Shut
	}
	return label.All
}
