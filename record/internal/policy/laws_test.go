package policy

import (
	"testing"

	"pgregory.net/rapid"

	"rapport/account"
	"rapport/fhir/label"
)

// fatal is a test, or one of rapid's.
type fatal interface{ Fatalf(string, ...any) }

// everywhere holds a law to the corners of the space and to facts drawn at random.
func everywhere(t *testing.T, law func(fatal, Facts)) {
	t.Helper()
	t.Parallel()
	n, each := 0, 1
	if testing.Short() { // with the race detector, all corners take minutes: a prime keeps to no pattern
		each = 37
	}
	smallSpace().walk(func(f Facts) {
		if n++; n%each == 0 {
			law(t, f)
		}
	})
	rapid.Check(t, func(t *rapid.T) { law(t, drawn(t)) })
}

// drawn draws facts from everywhere, the undefined included, and mostly from where
// something is permitted.
func drawn(t *rapid.T) Facts {
	f := rapid.SampledFrom([]Facts{
		{Kind: account.Client, Purpose: Own, Target: Chart, Self: true, Exists: true},
		{Kind: account.Client, Purpose: Sharing, Target: Chart, Self: true, Exists: true},
		{Kind: account.Client, Purpose: Helping, Target: Chart, Tie: Helper, Exists: true},
		{Kind: account.Guest, Purpose: Helping, Target: Chart, Tie: Guardian, Exists: true},
		{Kind: account.Staff, Purpose: Care, Target: Chart, Exists: true},
		{Kind: account.Staff, Purpose: Vouching, Target: Chart, Exists: true},
		{Kind: account.Staff, Purpose: Breaking, Target: Chart, Exists: true},
		{Kind: account.Client, Purpose: Minding, Target: Chart, Self: true, Exists: true},
		{Kind: account.Client, Purpose: Taking, Target: Chart, Self: true, Exists: true},
		{Kind: account.Staff, Purpose: Finding, Target: Directory},
		{Kind: account.Staff, Purpose: Staffing, Target: Practice},
		{Kind: account.System, Purpose: Importing, Target: Chart},
		{
			Kind:    account.Kind(rapid.Uint8Range(0, 6).Draw(t, "kind")),
			Purpose: Purpose(rapid.Uint8Range(0, uint8(purposeEnd)+1).Draw(t, "purpose")),
			Target:  Target(rapid.Uint8Range(0, uint8(targetEnd)+1).Draw(t, "target")),
			Tie:     Tie(rapid.Uint8Range(0, 3).Draw(t, "tie")),
			Self:    rapid.Bool().Draw(t, "self"),
			Exists:  rapid.Bool().Draw(t, "exists"),
		},
	}).Draw(t, "facts")
	f.Level = account.Level(rapid.Uint8Range(0, 4).Draw(t, "level"))
	f.Roles = account.Roles(rapid.Uint16().Draw(t, "roles")) & account.Roles(rapid.Uint16().Draw(t, "of these"))
	f.Bond, f.Barred, f.Shut = Bond(rapid.Uint8Range(0, uint8(bondEnd)+1).Draw(t, "bond")), rapid.Bool().Draw(t, "barred"), label.Set(rapid.Uint16().Draw(t, "shut"))
	f.Asked, f.Reads, f.Acts = someParts(t, "asked"), someParts(t, "reads"), someParts(t, "acts")
	return f
}

// someParts draws few parts as often as many.
func someParts(t *rapid.T, what string) Parts {
	all := Parts(rapid.Uint32().Draw(t, what))
	if rapid.Bool().Draw(t, "few") {
		for range 2 {
			all &= Parts(rapid.Uint32().Draw(t, what))
		}
	}
	return all
}

// wider reports that a decision gives anything that another does not, a promise of
// more to who shows more surely who they are included.
func wider(now, was Decision) bool {
	return now.Allow() && !was.Allow() || now.Parts&^was.Parts != 0 || now.Writes()&^was.Writes() != 0 ||
		now.Opens()&^was.Opens() != 0 || now.Allow() && !now.Desk() && was.Desk() || now.Needs != 0 && was.Needs == 0 && !was.Allow()
}

func TestAPermissionNeverExceedsWhatWasAsked(t *testing.T) {
	everywhere(t, func(t fatal, f Facts) {
		d := Decide(f)
		switch {
		case d.Parts&^f.Asked != 0:
			t.Fatalf("%+v: asked %q, given %q", f, f.Asked, d.Parts)
		case d.Parts&^(AllParts|Looks) != 0:
			t.Fatalf("%+v: given %b, which is no part", f, d.Parts)
		case d.Writes()&^d.Parts != 0:
			t.Fatalf("%+v: sees %q, writes %q", f, d.Parts, d.Writes())
		case d.Allow() && f.Target == Chart && d.Parts == 0:
			t.Fatalf("%+v: a permission that opens no part", f)
		case d.Allow() && f.Target != Chart && d.Parts != 0:
			t.Fatalf("%+v: parts of what has none", f)
		}
	})
}

func TestARefusalIsNothingButWhatIsMissing(t *testing.T) {
	everywhere(t, func(t fatal, f Facts) {
		d := Decide(f)
		if !d.Allow() && d != (Decision{Needs: d.Needs}) {
			t.Fatalf("%+v: a refusal that holds something: %+v", f, d)
		}
		if d.Allow() && d.Needs != 0 {
			t.Fatalf("%+v: a permission that needs more: %+v", f, d)
		}
	})
}

// Needs is the least level that makes a permission of a refusal, and is there
// whenever there is one.
func TestNeedsIsTheLeastThatWouldDo(t *testing.T) {
	everywhere(t, func(t fatal, f Facts) {
		d := Decide(f)
		if d.Allow() || f.Level > account.Fresh {
			return
		}
		var least account.Level
		for l := account.Fresh; l > f.Level; l-- {
			more := f
			more.Level = l
			if Decide(more).Allow() {
				least = l
			}
		}
		if d.Needs != least {
			t.Fatalf("%+v needs %s, and %s would do", f, d.Needs, least)
		}
	})
}

// Raising the level takes nothing away: what was given is given, to be read and to
// be written, the private where it was. The basis stays too, but that a client who
// came by a link, and saw of their visits and messages only that they are there,
// sees the same parts whole.
func TestRaisingTheLevelTakesNothingAway(t *testing.T) {
	everywhere(t, func(t fatal, f Facts) {
		for low := account.Level(0); low < account.Fresh; low++ {
			a, b := f, f
			a.Level, b.Level = low, low+1
			was, now := Decide(a), Decide(b)
			if wider(Decision{was.Basis, was.Parts, 0, was.writes, was.opens, was.desk}, now) {
				t.Fatalf("%+v gives %+v, and %s gives less: %+v", a, was, b.Level, now)
			}
			if !was.Allow() || was.Basis == now.Basis {
				continue
			}
			if was.Basis != ByLink || now.Basis != IsTheirs || now.Parts != was.Parts || was.Parts != f.Asked&(AllParts|Looks) || was.Writes() != 0 && f.Purpose != Booking {
				t.Fatalf("%+v rests on %s, at %s on %s: %+v, %+v", a, was.Basis, b.Level, now.Basis, was, now)
			}
		}
	})
}

func TestTakingAwayNeverWidens(t *testing.T) {
	everywhere(t, func(t fatal, f Facts) {
		was := Decide(f)
		if was == (Decision{}) && f.Purpose != Helping {
			f.Reads, f.Acts = 0, 0 // nothing of a tie is looked at: see TestReadsAndActsAreOnlyATies
		}
		check := func(what string, g Facts) {
			if now := Decide(g); wider(now, was) {
				t.Fatalf("%+v gives %+v; without %s it gives %+v", f, was, what, now)
			}
		}
		for _, r := range account.AllRoles() {
			less := f
			less.Roles &^= r
			check(r.String(), less)
		}
		for _, p := range (AllParts | Looks).Each() {
			if f.Reads&p != 0 {
				less := f
				less.Reads &^= p
				check("reading "+p.String(), less)
			}
			if f.Acts&p != 0 {
				less := f
				less.Acts &^= p
				check("acting on "+p.String(), less)
			}
		}
		less := f
		less.Tie = NoTie
		check("the tie", less)
		less = f
		less.Exists = false
		check("the chart", less)
		less = f
		less.Purpose = 0
		check("the purpose", less)
		less = f
		less.Kind = account.Nobody
		check("the actor", less)
		if f.Tie == NoTie { // nobody is tied to themselves
			less = f
			less.Self = false
			check("its being theirs", less)
		}
	})
}

// Asking for less gives no part that asking for more did not, except by a link,
// which gives all or nothing.
func TestAskingForLessGivesNoMore(t *testing.T) {
	everywhere(t, func(t fatal, f Facts) {
		was := Decide(f)
		for _, p := range (AllParts | Looks).Each() {
			less := f
			less.Asked &^= p
			now := Decide(less)
			byLink := now.Basis == ByLink && now.Parts == less.Asked&(AllParts|Looks) || f.Level < account.ByLink && now.Needs == account.ByLink
			if wider(now, was) && !byLink {
				t.Fatalf("%+v gives %+v; without asking for %s it gives %+v", f, was, p, now)
			}
		}
	})
}

// alsoTied are the purposes for which a client and who looks after them open a chart alike.
func alsoTied(p Purpose) bool {
	return p == Booking || p == Answering || p == Planning || p == Messaging || p == Replying
}

// What a tie gives is the tie's alone: without one, what stands under it says
// nothing.
func TestReadsAndActsAreOnlyATies(t *testing.T) {
	everywhere(t, func(t fatal, f Facts) {
		was := Decide(f)
		if was.Basis == Helps || was.Basis == Guards || f.Purpose == Helping || alsoTied(f.Purpose) && !f.Self && f.Kind != account.Staff {
			return
		}
		g := f
		g.Tie, g.Reads, g.Acts = NoTie, 0, 0
		if now := Decide(g); now != was {
			t.Fatalf("%+v gives %+v; without the tie %+v", f, was, now)
		}
	})
}

// What tells that a chart is there is a permission or a promise of one: neither is
// given to who could not open it.
func TestExistenceDoesNotLeakThroughTheStepUp(t *testing.T) {
	everywhere(t, func(t fatal, f Facts) {
		there, away := f, f
		there.Exists, away.Exists = true, false
		if f.Target != Chart {
			if Decide(there) != Decide(away) {
				t.Fatalf("%+v: a chart counts where none is opened", f)
			}
			return
		}
		if d := Decide(away); f.Purpose != Importing && d != (Decision{}) || d.Needs != 0 {
			t.Fatalf("%+v, of no chart: %+v", away, d)
		}
		stranger := f.Kind != account.Staff && f.Kind != account.System && !f.Self && (f.Tie == NoTie || f.Tie > Guardian || f.Reads&ForOthers&^Person == 0)
		if d := Decide(there); stranger && d != (Decision{}) {
			t.Fatalf("%+v, of a stranger's chart: %+v", there, d)
		}
	})
}

func TestWhoSaysNothingIsRefused(t *testing.T) {
	if Decide(Facts{}) != (Decision{}) || (Decision{}).Allow() || (Decision{}).Opens() != 0 || (Decision{}).Writes() != 0 {
		t.Error("zero facts, or the zero decision, permit something")
	}
	everywhere(t, func(t fatal, f Facts) {
		for _, zero := range []func(*Facts){
			func(g *Facts) { g.Purpose = 0 }, func(g *Facts) { g.Purpose = purposeEnd }, func(g *Facts) { g.Purpose = Public },
			func(g *Facts) { g.Purpose = Entering }, func(g *Facts) { g.Target = 0 }, func(g *Facts) { g.Target = targetEnd },
			func(g *Facts) { g.Kind = account.Nobody }, func(g *Facts) { g.Kind = account.Guest + 1 },
		} {
			g := f
			zero(&g)
			if d := Decide(g); d != (Decision{}) {
				t.Fatalf("%+v: %+v", g, d)
			}
		}
		g, h := f, f
		g.Level, h.Level = account.Fresh+1, 0 // a level that is none
		if Decide(g) != Decide(h) {
			t.Fatalf("%+v: %+v", g, Decide(g))
		}
	})
}

// TestEveryRuleIsPlain holds each rule to what a reader may take for granted.
func TestEveryRuleIsPlain(t *testing.T) {
	t.Parallel()
	for i, r := range Table() {
		person := r.Kind != account.System
		switch {
		case r.Kind == account.Nobody || r.Purpose == 0 || r.Target == 0 || r.Basis == None:
			t.Errorf("rule %d says nothing: %+v", i, r)
		case r.Purpose == Entering || r.Purpose == Public:
			t.Errorf("rule %d is about pages that open nothing: %+v", i, r)
		case (r.Target == Chart) != (r.Gives != 0) || (r.Target == Chart) != (r.Whom != Nobody):
			t.Errorf("rule %d is half about a chart: %+v", i, r)
		case r.Writes&^r.Gives != 0 || r.Gives&^(AllParts|Looks) != 0:
			t.Errorf("rule %d writes what it does not see: %+v", i, r)
		case person && r.Least < account.ByLink || !person && r.Least != 0 || r.Least > account.Fresh:
			t.Errorf("rule %d is for who is known by nothing: %+v", i, r)
		case (r.Kind == account.Staff) != (r.Roles != 0):
			t.Errorf("rule %d gives without a role, or a role to who has none: %+v", i, r)
		case (r.Whom == Tied) != (r.Tie != NoTie) || (r.Whom == Tied) != (r.Purpose == Helping || alsoTied(r.Purpose) && r.Whom != Themselves && r.Kind != account.Staff):
			t.Errorf("rule %d is half about a tie: %+v", i, r)
		case r.Whom == Anyone && person:
			t.Errorf("rule %d lets a person open what is not there: %+v", i, r)
		}
	}
}

// What a page cannot do without only narrows: it gives the same, or nothing.
func TestWhatAPageMustHaveOnlyNarrows(t *testing.T) {
	everywhere(t, func(t fatal, f Facts) {
		if f.Target != Chart {
			return
		}
		g := f
		g.Must = Plans | Told
		was, now := Decide(f), Decide(g)
		if now.Allow() && (now.Parts&g.Must != g.Must || was.Parts&g.Must == g.Must && now.Parts&^was.Parts != 0) {
			t.Fatalf("%+v gives %+v; with what it must have %+v", f, was, now)
		}
	})
}

// TestWhatTheClientShutsIsShut holds that a client's word only ever takes away, that a bond
// only ever gives, and that neither counts for anybody but staff.
func TestWhatTheClientShutsIsShut(t *testing.T) {
	everywhere(t, func(t fatal, f Facts) {
		was := Decide(f)
		for _, less := range []func(*Facts){
			func(f *Facts) { f.Barred = true }, func(f *Facts) { f.Shut |= label.Mental }, func(f *Facts) { f.Shut = label.All }, func(f *Facts) { f.Bond = NoBond },
		} {
			x := f
			less(&x)
			now := Decide(x)
			if wider(now, was) {
				t.Fatalf("%+v gives %+v, and %+v gives more: %+v", f, was, x, now)
			}
			if f.Kind != account.Staff && now != was {
				t.Fatalf("%+v is not about staff, and gives %+v for %+v", x, now, was)
			}
		}
		if was.Opens()&f.Shut != 0 && f.Kind == account.Staff && f.Bond != ByGlass {
			t.Fatalf("%+v opens %s, which is shut", f, was.Opens()&f.Shut)
		}
		if f.Barred && was.Allow() && f.Kind == account.Staff && f.Target == Chart && f.Bond != ByGlass && f.Purpose != Breaking {
			t.Fatalf("%+v lets in whom the client bars", f)
		}
	})
}
