package policy

import (
	"testing"

	"rapport/account"
)

// looksAfter reports that a decision is about somebody else's chart, by a tie.
func looksAfter(d Decision) bool { return d.Basis == Helps || d.Basis == Guards }

// writesElsewhere reports that a visit, an answer or a plan is written for another
// purpose than its own.
func writesElsewhere(f Facts, d Decision) bool {
	return d.Writes()&Visits != 0 && f.Purpose != Booking || d.Writes()&Told != 0 && f.Purpose != Answering || d.Writes()&Plans != 0 && f.Purpose != Planning && f.Purpose != Minding
}

// nevers is what the policy never allows, in the words of docs/policy.md. Each
// sentence is held to the corners of the space and to facts drawn at random.
var nevers = []struct {
	says string
	// when is whether the sentence is about a permission, and broken whether the
	// permission breaks it
	when, broken func(Facts, Decision) bool
}{
	{
		"Nothing is opened without a purpose, and pages about nobody or about signing in open nothing.",
		func(f Facts, _ Decision) bool { return f.Purpose == 0 || f.Purpose == Entering || f.Purpose == Public },
		func(Facts, Decision) bool { return true },
	},
	{
		"Nobody whose identity is unknown opens anything: every person must at least have followed a link from their own mail.",
		func(f Facts, _ Decision) bool {
			return f.Kind == account.Nobody || f.Kind != account.System && (f.Level == 0 || f.Level > account.Fresh)
		},
		func(Facts, Decision) bool { return true },
	},
	{
		"There is no account that may do everything: somebody who holds every role at once still opens nothing but to give care, to find somebody, to answer for who somebody is, to run the practice, to write its forms, to answer messages, and to look into what was opened, and sees no ledger of looks.",
		func(f Facts, _ Decision) bool { return f.Kind == account.Staff && f.Roles == ^account.Roles(0) },
		func(f Facts, d Decision) bool {
			ok := f.Purpose == Care || f.Purpose == Finding || f.Purpose == Vouching || f.Purpose == Running || f.Purpose == Staffing || f.Purpose == Writing || f.Purpose == Replying || f.Purpose == Breaking || f.Purpose == Guarding
			return !ok || d.Parts&Looks != 0
		},
	},
	{
		"The manager, an editor and the privacy officer open no chart and no list of people.",
		func(f Facts, _ Decision) bool {
			return f.Kind == account.Staff && !f.Roles.Any(account.Nurse|account.Clinician|account.Coordinator|account.FrontDesk)
		},
		func(f Facts, _ Decision) bool { return f.Target == Chart || f.Target == Directory },
	},
	{
		"The front desk sees who somebody is, their visits, and, when it answers for who somebody is, their agreements: never why they come, and nothing that is marked private. Of messages it sees those that are marked as administrative, and only to answer them.",
		func(f Facts, _ Decision) bool {
			return f.Kind == account.Staff && f.Target == Chart && !f.Roles.Any(account.Nurse|account.Clinician|account.Coordinator)
		},
		func(f Facts, d Decision) bool {
			return d.Parts&^(Person|Visits|Agreements|Messages) != 0 || d.Parts&Messages != 0 && (f.Purpose != Replying || !d.Desk()) || d.Opens() != 0
		},
	},
	{
		"Nobody but the client sees who looked at the client's chart, and no staff and no helper ever does.",
		func(_ Facts, d Decision) bool { return d.Parts&Looks != 0 },
		func(f Facts, _ Decision) bool {
			return f.Kind != account.Client || !f.Self || f.Purpose != Own && f.Purpose != Minding && f.Purpose != Taking || f.Level < account.ByKey
		},
	},
	{
		"Nobody writes the ledger of looks: not even the client may change it.",
		func(_ Facts, d Decision) bool { return true },
		func(_ Facts, d Decision) bool { return d.Writes()&Looks != 0 },
	},
	{
		"Another client opens nothing of a chart that is not theirs, unless the client let them or they are the guardian of a minor.",
		func(f Facts, _ Decision) bool {
			return (f.Kind == account.Client || f.Kind == account.Guest) && !f.Self && f.Tie != Helper && f.Tie != Guardian
		},
		func(Facts, Decision) bool { return true },
	},
	{
		"Somebody with an account and no chart opens nothing but the charts of whom they look after.",
		func(f Facts, _ Decision) bool { return f.Kind == account.Guest },
		func(_ Facts, d Decision) bool { return !looksAfter(d) },
	},
	{
		"Helpers and guardians never see the looks, the agreements with others, money, or what lies under other.",
		func(_ Facts, d Decision) bool { return looksAfter(d) },
		func(_ Facts, d Decision) bool { return d.Parts&(Looks|Agreements|Money|Other) != 0 },
	},
	{
		"Helpers and guardians never see what is marked private: for them it is not there, not found, and not counted.",
		func(_ Facts, d Decision) bool { return looksAfter(d) },
		func(_ Facts, d Decision) bool { return d.Opens() != 0 },
	},
	{
		"Helpers and guardians see no part that was not lent to them, and who somebody is goes along with it: alone it is never given.",
		func(_ Facts, d Decision) bool { return looksAfter(d) },
		func(f Facts, d Decision) bool { return d.Parts&^f.Reads&^Person != 0 || d.Parts&^Person == 0 },
	},
	{
		"Helpers and guardians change nothing that the practice wrote: they add messages, results and answers, book visits, move or cancel them, and follow and change a plan, where they were let.",
		func(_ Facts, d Decision) bool { return looksAfter(d) },
		func(f Facts, d Decision) bool {
			return d.Writes()&^(Messages|Results|Visits|Told|Plans)|d.Writes()&^f.Acts != 0 || writesElsewhere(f, d)
		},
	},
	{
		"Clients change nothing that the practice wrote: they add messages, results and answers, book visits, move or cancel them, agree, change and follow a plan, say who may act for them and who may not look, and ask for corrections.",
		func(f Facts, _ Decision) bool { return f.Kind == account.Client },
		func(f Facts, d Decision) bool {
			return d.Writes()&^(Messages|Results|Agreements|Visits|Told|Plans) != 0 || d.Writes()&Agreements != 0 && f.Purpose != Sharing && f.Purpose != Minding || writesElsewhere(f, d)
		},
	},
	{
		"A mailed link alone opens nothing but when the client's own visits are and that a message is there; nothing is added by it but an answer to a visit that is booked, and nothing private is seen.",
		func(f Facts, _ Decision) bool { return f.Kind != account.System && f.Level <= account.ByLink },
		func(f Facts, d Decision) bool {
			_, visits := d.Basis.Elements("Appointment")
			_, messages := d.Basis.Elements("Communication")
			return f.Kind != account.Client || !f.Self || d.Parts&^(Visits|Messages) != 0 || d.Writes() != 0 && (f.Purpose != Booking || d.Writes() != Visits) || d.Opens() != 0 || visits || messages
		},
	},
	{
		"Who may act for a client, who somebody is, and who works here are changed only by somebody who touched their passkey in the last five minutes.",
		func(f Facts, _ Decision) bool {
			return f.Purpose == Sharing || f.Purpose == Vouching || f.Purpose == Staffing
		},
		func(f Facts, _ Decision) bool { return f.Level != account.Fresh },
	},
	{
		"A copy of everything is made for nobody but the client themselves, who touched their passkey in the last five minutes, and nothing is changed by it.",
		func(f Facts, _ Decision) bool { return f.Purpose == Taking },
		func(f Facts, d Decision) bool {
			return f.Kind != account.Client || !f.Self || d.Basis != IsTheirs || f.Level != account.Fresh || d.Writes() != 0
		},
	},
	{
		"What lies in a compartment (see below) is absent for staff who do not treat the client: nobody is let into it by working here.",
		func(f Facts, _ Decision) bool {
			return f.Kind == account.Staff && (f.Bond == NoBond || f.Bond >= bondEnd)
		},
		func(_ Facts, d Decision) bool { return d.Opens() != 0 },
	},
	{
		"A member of staff whom the client bars opens nothing of the chart, and sees nothing of a compartment that the client shut to them, unless they break the glass: that takes a fresh passkey and a reason, lasts four hours, and is told and looked into.",
		func(f Facts, _ Decision) bool {
			return f.Kind == account.Staff && f.Target == Chart && f.Bond != ByGlass
		},
		func(f Facts, d Decision) bool {
			return f.Barred && (f.Purpose != Breaking || d.Parts&^Person != 0) || d.Opens()&f.Shut != 0
		},
	},
	{
		"Breaking the glass itself opens nothing but who it is, and the front desk cannot do it.",
		func(f Facts, _ Decision) bool { return f.Purpose == Breaking },
		func(f Facts, d Decision) bool {
			return d.Parts&^Person != 0 || d.Writes() != 0 || d.Opens() != 0 || !f.Roles.Any(account.Nurse|account.Clinician|account.Coordinator) || f.Level != account.Fresh
		},
	},
	{
		"A chart that is not there opens for nobody, and nobody is told that it is not: only software that brings records in may make one.",
		func(f Facts, _ Decision) bool { return f.Target == Chart && !f.Exists },
		func(f Facts, _ Decision) bool { return f.Kind != account.System || f.Purpose != Importing },
	},
	{
		"Software has one purpose each time and no roles: it brings records in, or tells people that something changed; telling opens no chart.",
		func(f Facts, _ Decision) bool { return f.Kind == account.System },
		func(f Facts, d Decision) bool {
			return f.Purpose != Importing && f.Purpose != Telling || f.Purpose == Telling && f.Target != Directory || d.Parts&Looks != 0
		},
	},
}

func TestWhatThePolicyNeverAllows(t *testing.T) {
	seen := make([]bool, len(nevers))
	everywhere(t, func(t fatal, f Facts) {
		d := Decide(f)
		for i, n := range nevers {
			if n.when(f, d) {
				seen[i] = true
				if d.Allow() && n.broken(f, d) {
					t.Fatalf("%q, but %+v gives %+v", n.says, f, d)
				}
			}
		}
	})
	for i, n := range nevers {
		if !seen[i] {
			t.Errorf("nothing was ever about %q", n.says)
		}
	}
}
