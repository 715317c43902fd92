package policy

import (
	"slices"
	"strings"
	"testing"

	"rapport/account"
	"rapport/fhir/label"
)

// The whole policy a second time, as a table somebody at a practice can read.
// Nothing below shares code with Decide but the names. The lines are tried from
// the top; the first that gives anything decides.
//
// Under "sees", "only:" gives all that was asked or nothing; "lent:" gives what of
// the list the tie lets them read, and the person along with it but never alone; and
// "!" marks a part without which nothing is given. "desk" is absent, and of messages
// all that is not administrative is absent too. "bonded" is a client that the practice
// knows, whom this member of staff treats. Of what is "seen", staff see no compartment that
// the client shut to them, unless they broke the glass; whom the client bars no line gives
// anything to but one for breaking it.
const table = `
	who          | in one of these roles              | known by | why       | opens     | whose      | sees                | may write          | private | basis
	client       | -                                  | key      | own       | chart     | their own  | all looks           | messages results   | seen    | own
	client       | -                                  | link     | own       | chart     | their own  | only: visits messages | -                | absent  | link
	client       | -                                  | fresh    | sharing   | chart     | their own  | person agreements   | agreements         | seen    | own
	client guest | -                                  | key      | helping   | chart     | helper     | lent: conditions medicines allergies immunisations results documents visits plans messages procedures family told | messages results | absent | helper
	client guest | -                                  | key      | helping   | chart     | guardian   | lent: conditions medicines allergies immunisations results documents visits plans messages procedures family told | messages results | absent | guardian
	client       | -                                  | key      | booking   | chart     | their own  | person visits       | visits             | seen    | own
	client       | -                                  | link     | booking   | chart     | their own  | only: visits        | visits             | absent  | link
	client guest | -                                  | key      | booking   | chart     | helper     | lent: visits        | visits             | absent  | helper
	client guest | -                                  | key      | booking   | chart     | guardian   | lent: visits        | visits             | absent  | guardian
	client       | -                                  | key      | answering | chart     | their own  | person conditions medicines allergies results visits family told! | told results | seen | own
	client guest | -                                  | key      | answering | chart     | helper     | lent: conditions medicines allergies results visits family told! | told results | absent | helper
	client guest | -                                  | key      | answering | chart     | guardian   | lent: conditions medicines allergies results visits family told! | told results | absent | guardian
	client       | -                                  | key      | planning  | chart     | their own  | person conditions medicines allergies results visits plans! told | plans results | seen | own
	client guest | -                                  | key      | planning  | chart     | helper     | lent: conditions medicines allergies results visits plans! told | plans results | absent | helper
	client guest | -                                  | key      | planning  | chart     | guardian   | lent: conditions medicines allergies results visits plans! told | plans results | absent | guardian
	client       | -                                  | key      | messaging | chart     | their own  | person visits messages! | messages        | seen    | own
	client guest | -                                  | key      | messaging | chart     | helper     | lent: visits messages! | messages         | absent  | helper
	client guest | -                                  | key      | messaging | chart     | guardian   | lent: visits messages! | messages         | absent  | guardian
	staff        | frontdesk                          | key      | replying  | chart     | known      | person visits messages! | messages        | desk    | frontdesk
	client       | -                                  | key      | minding   | chart     | their own  | all looks           | agreements plans   | seen    | own
	client       | -                                  | fresh    | taking    | chart     | their own  | all looks           | -                  | seen    | own
	staff        | nurse clinician coordinator        | key      | care      | chart     | bonded     | all                 | all                | seen    | careteam
	staff        | nurse clinician coordinator        | key      | care      | chart     | known      | all                 | all                | absent  | careteam
	staff        | nurse clinician coordinator        | fresh    | breaking  | chart     | known      | person!             | -                  | absent  | careteam
	staff        | frontdesk                          | key      | care      | chart     | known      | person visits       | person visits      | absent  | frontdesk
	staff        | nurse clinician coordinator frontdesk | fresh | vouching  | chart     | known      | person agreements   | person agreements  | absent  | frontdesk
	system       | -                                  | -        | importing | chart     | known or not | all               | all                | seen    | software
	staff        | nurse clinician coordinator        | key      | finding   | directory | -          | -                   | -                  | seen    | careteam
	staff        | frontdesk                          | key      | finding   | directory | -          | -                   | -                  | seen    | frontdesk
	staff        | nurse clinician coordinator frontdesk | fresh | vouching  | directory | -          | -                   | -                  | seen    | frontdesk
	system       | -                                  | -        | importing | directory | -          | -                   | -                  | seen    | software
	system       | -                                  | -        | telling   | directory | -          | -                   | -                  | seen    | software
	staff        | manager                            | key      | running   | practice  | -          | -                   | -                  | seen    | manages
	staff        | manager                            | fresh    | staffing  | practice  | -          | -                   | -                  | seen    | manages
	staff        | privacy                            | key      | guarding  | practice  | -          | -                   | -                  | seen    | manages
	staff        | editor manager                     | key      | writing   | practice  | -          | -                   | -                  | seen    | manages
	system       | -                                  | -        | importing | practice  | -          | -                   | -                  | seen    | software
`

// row is one line of the table, with names turned into what a loop can look at.
type row struct {
	kinds, purpose, target, whose, basis string
	roles                                account.Roles // none: nobody is asked for one
	level                                account.Level
	sees, writes, must                   map[Parts]bool
	lent, only, private, desk            bool
}

var levelNames = []string{"-", "link", "key", "fresh"}

// everyPart is the names of all parts but the looks.
const everyPart = "person conditions medicines allergies immunisations results documents visits plans messages procedures family agreements money other told"

func named(list string) map[Parts]bool {
	out := map[Parts]bool{}
	for _, n := range strings.Fields(list) {
		if n == "all" {
			n = everyPart
		}
		for _, p := range strings.Fields(n) {
			out[ParseParts(strings.TrimSuffix(p, "!"))] = true
		}
	}
	delete(out, 0) // "-"
	return out
}

func rows(t testing.TB) []row {
	t.Helper()
	var out []row
	for l := range strings.Lines(strings.TrimSpace(table)) {
		f := strings.Split(l, "|")
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		if len(f) != 10 {
			t.Fatalf("row of %d cells: %q", len(f), l)
		}
		if f[0] == "who" {
			continue
		}
		r := row{kinds: f[0], purpose: f[3], target: f[4], whose: f[5], basis: f[9], private: f[8] == "seen", desk: f[8] == "desk"}
		if f[1] != "-" {
			roles, ok := account.ParseRoles(f[1])
			if !ok {
				t.Fatalf("no such roles: %q", f[1])
			}
			r.roles = roles
		}
		r.level = account.Level(slices.Index(levelNames, f[2])) //nolint:gosec // one of four
		sees, lent := strings.CutPrefix(f[6], "lent:")
		sees, only := strings.CutPrefix(sees, "only:")
		r.lent, r.only, r.sees, r.writes, r.must = lent, only, named(sees), named(f[7]), map[Parts]bool{}
		for _, p := range strings.Fields(sees) {
			if strings.HasSuffix(p, "!") {
				r.must[ParseParts(strings.TrimSuffix(p, "!"))] = true
			}
		}
		out = append(out, r)
	}
	return out
}

// said is what the oracle says.
type said struct {
	basis         string
	parts, writes Parts
	opens         label.Set
	desk          bool
	needs         account.Level
}

// oracle answers from the table.
type oracle struct {
	rows  []row
	found map[[3]uint8][]*row // by kind, purpose and target
}

var targetNames = map[Target]string{Chart: "chart", Directory: "directory", Practice: "practice"}

// of returns the lines about a kind, a purpose and a target.
func (o *oracle) of(f Facts) []*row {
	key := [3]uint8{uint8(f.Kind), uint8(f.Purpose), uint8(f.Target)}
	if rs, ok := o.found[key]; ok {
		return rs
	}
	var rs []*row
	for i := range o.rows {
		r := &o.rows[i]
		if slices.Contains(strings.Fields(r.kinds), f.Kind.String()) && r.purpose == f.Purpose.String() && r.target == targetNames[f.Target] {
			rs = append(rs, r)
		}
	}
	o.found[key] = rs
	return rs
}

// says is the answer: what the lines give at this level, or else the least level
// above it at which they give anything.
func (o *oracle) says(f Facts) said {
	rs := o.of(f)
	if len(rs) == 0 {
		return said{basis: "none"}
	}
	level := f.Level
	if int(level) >= len(levelNames) {
		level = 0
	}
	if s, ok := gives(rs, f, level); ok {
		return s
	}
	for l := level + 1; int(l) < len(levelNames); l++ {
		if _, ok := gives(rs, f, l); ok {
			return said{basis: "none", needs: l}
		}
	}
	return said{basis: "none"}
}

// single is every part alone, by hand: seventeen of them.
var single = func() (out [17]Parts) {
	for i := range out {
		out[i] = 1 << i
	}
	return out
}()

func gives(rs []*row, f Facts, level account.Level) (said, bool) {
	for _, r := range rs {
		if level < r.level || r.roles != 0 && r.roles&f.Roles == 0 || !r.isAbout(f) {
			continue
		}
		out := said{basis: r.basis, opens: r.opens(f), desk: r.desk}
		if r.target != "chart" {
			return out, true
		}
		whole := true
		for _, p := range single {
			if f.Asked&p == 0 {
				continue
			}
			if !r.sees[p] || r.lent && f.Reads&p == 0 {
				whole = false
				continue
			}
			out.parts |= p
			if r.writes[p] && (!r.lent || f.Acts&p != 0) {
				out.writes |= p
			}
		}
		if out.parts == 0 || r.only && !whole {
			continue
		}
		if slices.ContainsFunc(single[:], func(p Parts) bool { return r.must[p] && out.parts&p == 0 }) {
			continue
		}
		if r.lent && f.Asked&Person != 0 {
			out.parts |= Person
		}
		return out, true
	}
	return said{}, false
}

// opens is what a line shows of the nine compartments.
func (r *row) opens(f Facts) label.Set {
	var out label.Set
	for i := range 9 {
		shut := f.Shut>>i&1 == 1 && r.kinds == "staff" && f.Bond != 6
		if r.private && r.target == "chart" && !shut {
			out |= 1 << i
		}
	}
	return out
}

// isAbout reports that a line is about this chart.
func (r *row) isAbout(f Facts) bool {
	if barred := f.Barred && f.Bond != 6; barred && r.target == "chart" && r.kinds == "staff" && r.purpose != "breaking" {
		return false
	}
	switch r.whose {
	case "their own":
		return f.Exists && f.Self
	case "helper", "guardian":
		return f.Exists && !f.Self && f.Tie.String() == r.whose
	case "known":
		return f.Exists
	case "bonded":
		return f.Exists && slices.Contains([]Bond{1, 2, 3, 4, 5, 6}, f.Bond)
	}
	return r.whose == "known or not" || r.whose == "-"
}

// roleSets are all sets of at most two roles, a role nobody defined, and all.
func roleSets() []account.Roles {
	all := account.AllRoles()
	sets := []account.Roles{0, 1 << 15, ^account.Roles(0)}
	for i, a := range all {
		sets = append(sets, a)
		for _, b := range all[:i] {
			sets = append(sets, a|b)
		}
	}
	return sets
}

// askedSets are what pages ask for, and the sets at the edges.
func askedSets() []Parts {
	return []Parts{0, Person, Visits, Messages, Results, Agreements, Looks, Messages | Visits, Visits | 1<<30, Messages | Visits | Person, Results | Person, Agreements | Person, Money | Other, Conditions | Looks, AllParts, AllParts | Looks, 1 << 31, ^Parts(0)}
}

// lentSets are what a tie lets somebody see and do.
func lentSets() [][2]Parts {
	return [][2]Parts{{0, 0}, {Person, Person}, {Visits | Messages, Messages}, {Results, Messages}, {Looks | Agreements | Money | Other, ^Parts(0)}, {^Parts(0), ^Parts(0)}}
}

// space is how much of the space a walk goes through.
type space struct {
	roles  []account.Roles
	levels []account.Level
	asked  []Parts
	lent   [][2]Parts
}

func wholeSpace() space {
	return space{roleSets(), []account.Level{0, account.ByLink, account.ByKey, account.Fresh, account.Fresh + 1, 255}, askedSets(), lentSets()}
}

// smallSpace is the corners.
func smallSpace() space {
	return space{[]account.Roles{0, account.FrontDesk, account.Nurse | account.Manager, account.Clinician, account.Coordinator, ^account.Roles(0)}, []account.Level{0, account.ByLink, account.ByKey, account.Fresh},
		[]Parts{0, Person, Visits, Messages | Visits, Results | Person, ^Parts(0)}, [][2]Parts{{Person, Person}, {Results, Messages}, {^Parts(0), ^Parts(0)}}}
}

// walk calls f with every point, and returns how many there are. Roles are all
// told of staff; of others, that they count for nothing.
func (s space) walk(f func(Facts)) (n int) {
	for kind := account.Nobody; kind <= account.Guest+1; kind++ {
		roles := s.roles
		if kind != account.Staff {
			roles = []account.Roles{0, ^account.Roles(0)}
		}
		for _, purpose := range append(Purposes(), 0, purposeEnd, 255) {
			for _, target := range append(Targets(), 0, targetEnd) {
				for _, role := range roles {
					for _, level := range s.levels {
						n += s.within(Facts{Kind: kind, Roles: role, Level: level, Purpose: purpose, Target: target}, f)
					}
				}
			}
		}
	}
	return n
}

// saying is what a client said of a member of staff, and what binds the two.
type saying struct {
	bond   Bond
	barred bool
	shut   label.Set
}

// sayings are those a walk goes through: all bonds for staff at a chart, and for others
// that none of it counts.
func sayings(f Facts) []saying {
	if f.Kind != account.Staff || f.Target != Chart {
		return []saying{{}, {ByGlass, true, label.All}}
	}
	var out []saying
	for b := NoBond; b <= bondEnd; b++ {
		out = append(out, saying{bond: b}, saying{b, true, label.Mental}, saying{b, false, label.Mental | label.Own})
	}
	return append(out, saying{ByVisit, false, ^label.Set(0)})
}

// within is the part of a walk about one actor with one purpose.
func (s space) within(x Facts, f func(Facts)) (n int) {
	lasting := Guardian + 1
	if x.Kind == account.Staff {
		lasting = Helper // that a tie counts for nothing takes one
	}
	for tie := NoTie; tie <= lasting; tie++ {
		for _, lent := range s.lent {
			for _, asked := range s.asked {
				for _, b := range []struct{ self, exists bool }{{}, {true, false}, {false, true}, {true, true}} {
					if x.Kind == account.Staff && b.self && tie == NoTie {
						continue
					}
					x.Tie, x.Reads, x.Acts, x.Asked, x.Self, x.Exists = tie, lent[0], lent[1], asked, b.self, b.exists
					for _, y := range sayings(x) {
						x.Bond, x.Barred, x.Shut = y.bond, y.barred, y.shut
						f(x)
						n++
					}
				}
			}
		}
		if x.Kind == account.Staff {
			s.lent = s.lent[len(s.lent)-1:]
		}
	}
	return n
}

func TestDecideIsTheTable(t *testing.T) {
	t.Parallel()
	o := &oracle{rows(t), map[[3]uint8][]*row{}}
	s := wholeSpace()
	if testing.Short() {
		s = smallSpace()
	}
	wrong, allowed, needing := 0, 0, 0
	used := map[string]bool{}
	n := s.walk(func(f Facts) {
		d, want := Decide(f), o.says(f)
		if d.Allow() {
			allowed++
			used[f.Purpose.String()+want.basis] = true
		}
		if d.Needs != 0 {
			needing++
		}
		got := said{d.Basis.String(), d.Parts, d.Writes(), d.Opens(), d.Desk(), d.Needs}
		if got == want && d.Allow() == (want.basis != "none") {
			return
		}
		if wrong++; wrong <= 10 {
			t.Errorf("%+v: Decide says %+v; the table says %+v", f, got, want)
		}
	})
	t.Logf("%d points of which %d are permitted and %d would be to who shows more; %d disagreements", n, allowed, needing, wrong)
	for _, r := range o.rows {
		if !used[r.purpose+r.basis] {
			t.Errorf("nobody was permitted anything for %s on the basis %s: the walk is too small", r.purpose, r.basis)
		}
	}
	if allowed == n || needing == 0 {
		t.Errorf("%d points, %d permitted, %d that need more: the walk is empty", n, allowed, needing)
	}
}

func TestTheTableAndTheRulesHaveTheSameLines(t *testing.T) {
	t.Parallel()
	lines := 0
	for _, r := range rows(t) {
		lines += len(strings.Fields(r.kinds))
	}
	if got := len(Table()); got != lines {
		t.Errorf("the policy has %d rules, the table has %d", got, lines)
	}
	rs := Table()
	rs[0].Gives = 0
	if Table()[0].Gives == 0 {
		t.Error("who reads the table can change the policy")
	}
}

func TestEveryPurposeHasItsCodes(t *testing.T) {
	t.Parallel()
	want := "own=PATRQT helping=FAMRQT sharing=PATRQT care=TREAT finding=HOPERAT vouching=HOPERAT running=HSYSADMIN staffing=HSYSADMIN importing=HOPERAT telling=HOPERAT entering=HSYSADMIN public=HSYSADMIN booking=PATRQT answering=PATRQT planning=PATRQT writing=HSYSADMIN messaging=PATRQT replying=HOPERAT minding=PATRQT breaking=BTG guarding=HCOMPL taking=PATRQT"
	var got []string
	for _, p := range Purposes() {
		got = append(got, p.String()+"="+p.Code())
	}
	if strings.Join(got, " ") != want {
		t.Errorf("the purposes are %s, want %s", got, want)
	}
	for _, p := range []Purpose{0, purposeEnd, 200} {
		if p.Code() != "" || p.String() != "none" {
			t.Errorf("purpose %d, which is none, has codes %q, %q", p, p, p.Code())
		}
	}
	for got, want := range map[string]string{NoTie.String(): "none", Helper.String(): "helper", Guardian.String(): "guardian", (Guardian + 1).String(): "none", Tie(255).String(): "none", (Software + 1).String(): "none", Basis(255).String(): "none", Software.String(): "software"} {
		if got != want {
			t.Errorf("a code is %q, want %q", got, want)
		}
	}
}
