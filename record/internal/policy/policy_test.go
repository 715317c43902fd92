package policy

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rapport/account"
	"rapport/fhir"
)

var update = flag.Bool("update", false, "write the golden files")

// The whole policy a second time, as a table somebody at a practice can read.
// Nothing below shares code with Decide but the names.
//
//	who      with one of these roles      why        opens      of whom            gives                on what basis
const table = `
	client   -                            own        chart      themselves         every part and looks own
	staff    nurse,clinician,coordinator  care       chart      anyone known       every part           careteam
	staff    frontdesk                    care       chart      anyone known       person,visits        frontdesk
	system   -                            importing  chart      known or not       every part           software
	staff    nurse,clinician,coordinator  finding    directory  -                  -                    careteam
	staff    frontdesk                    finding    directory  -                  -                    frontdesk
	system   -                            importing  directory  -                  -                    software
	staff    manager                      running    practice   -                  -                    manages
	system   -                            importing  practice   -                  -                    software
`

// row is one line of the table. The lines are tried from the top; the first that
// leaves anything decides.
type row struct{ kind, roles, purpose, target, whom, gives, basis string }

func rows(t testing.TB) []row {
	t.Helper()
	var out []row
	for l := range strings.Lines(strings.TrimSpace(table)) {
		f := slices.DeleteFunc(strings.Split(strings.TrimSpace(l), "  "), func(s string) bool { return strings.TrimSpace(s) == "" })
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		if len(f) == 6 && strings.HasSuffix(f[5], " own") { // the widest cell leaves one space
			f = append(f[:5], strings.TrimSuffix(f[5], " own"), "own")
		}
		if len(f) != 7 {
			t.Fatalf("row of %d cells: %q", len(f), l)
		}
		out = append(out, row{f[0], f[1], f[2], f[3], f[4], f[5], f[6]})
	}
	return out
}

var targetNames = map[Target]string{Chart: "chart", Directory: "directory", Practice: "practice"}

// oracle answers from the table: the parts by name, and the basis by name, or "".
func oracle(table []row, f Facts) (parts, basis string) {
	held := strings.Fields(f.Roles.String())
	for _, r := range table {
		if r.kind != f.Kind.String() || r.purpose != f.Purpose.String() || r.target != targetNames[f.Target] {
			continue
		}
		if r.roles != "-" && !slices.ContainsFunc(strings.Split(r.roles, ","), func(x string) bool { return slices.Contains(held, x) }) {
			continue
		}
		if r.whom == "themselves" && !(f.Self && f.Exists) || r.whom == "anyone known" && !f.Exists {
			continue
		}
		if r.gives == "-" {
			return "", r.basis
		}
		var left []string
		for _, p := range strings.Fields(f.Asked.String()) {
			switch r.gives {
			case "every part and looks":
				left = append(left, p)
			case "every part":
				if p != "looks" {
					left = append(left, p)
				}
			default:
				if slices.Contains(strings.Split(r.gives, ","), p) {
					left = append(left, p)
				}
			}
		}
		if len(left) > 0 {
			return strings.Join(left, " "), r.basis
		}
	}
	return "", "none"
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

// askedSets are each part alone, some pairs, and the sets at the edges.
func askedSets() []Parts {
	each := (AllParts | Looks).Each()
	sets := []Parts{0, AllParts, AllParts | Looks, partsEnd, 1 << 31, ^Parts(0), Person | 1<<30}
	sets = append(sets, each...)
	for i, p := range each {
		sets = append(sets, p|each[(i+1)%len(each)], p|Looks, p|Person)
	}
	return sets
}

// everyFact calls f with every point of the space, and returns how many.
func everyFact(f func(Facts)) int {
	n := 0
	for kind := account.Nobody; kind <= account.System+1; kind++ {
		for _, roles := range roleSets() {
			for _, purpose := range append(Purposes(), 0, purposeEnd, purposeEnd+1, 255) {
				for _, target := range append(Targets(), 0, targetEnd, 255) {
					for _, asked := range askedSets() {
						for _, b := range []struct{ self, exists bool }{{}, {true, false}, {false, true}, {true, true}} {
							f(Facts{kind, roles, purpose, target, b.self, b.exists, asked})
							n++
						}
					}
				}
			}
		}
	}
	return n
}

func TestDecideIsTheTable(t *testing.T) {
	t.Parallel()
	rs := rows(t)
	wrong, allowed := 0, 0
	n := everyFact(func(f Facts) {
		d := Decide(f)
		parts, basis := oracle(rs, f)
		if d.Allow() {
			allowed++
		}
		if d.Basis.String() == basis && d.Parts.String() == parts && d.Parts&^(AllParts|Looks) == 0 && d.Allow() == (basis != "none") {
			return
		}
		if wrong++; wrong <= 10 {
			t.Errorf("%+v: Decide says %q on %s (%b); the table says %q on %s", f, d.Parts, d.Basis, d.Parts, parts, basis)
		}
	})
	t.Logf("%d points of which %d are permitted, %d disagreements", n, allowed, wrong)
	if allowed == 0 || allowed == n {
		t.Errorf("%d of %d points are permitted: the walk is empty", allowed, n)
	}
}

// facts draws facts from everywhere, the undefined included, and mostly from where
// something is permitted.
func facts(t *rapid.T) Facts {
	f := rapid.SampledFrom([]Facts{
		{Kind: account.Client, Purpose: Own, Target: Chart, Self: true, Exists: true},
		{Kind: account.Staff, Purpose: Care, Target: Chart, Exists: true},
		{Kind: account.Staff, Purpose: Finding, Target: Directory},
		{Kind: account.Staff, Purpose: Running, Target: Practice},
		{Kind: account.System, Purpose: Importing, Target: Chart},
		{
			Kind:    account.Kind(rapid.Uint8Range(0, 5).Draw(t, "kind")),
			Purpose: Purpose(rapid.Uint8Range(0, uint8(purposeEnd)+1).Draw(t, "purpose")),
			Target:  Target(rapid.Uint8Range(0, uint8(targetEnd)+1).Draw(t, "target")),
			Self:    rapid.Bool().Draw(t, "self"),
			Exists:  rapid.Bool().Draw(t, "exists"),
		},
	}).Draw(t, "facts")
	f.Roles = account.Roles(rapid.Uint16().Draw(t, "roles")) & account.Roles(rapid.Uint16().Draw(t, "of these"))
	f.Asked = Parts(rapid.Uint32().Draw(t, "asked"))
	return f
}

func TestAPermissionNeverExceedsWhatWasAsked(t *testing.T) {
	t.Parallel()
	check := func(t interface{ Fatalf(string, ...any) }, f Facts) {
		d := Decide(f)
		if d.Parts&^f.Asked != 0 {
			t.Fatalf("%+v: asked %q, given %q", f, f.Asked, d.Parts)
		}
		if !d.Allow() && d.Parts != 0 {
			t.Fatalf("%+v: a refusal with parts %q", f, d.Parts)
		}
		if d.Allow() && f.Target == Chart && len(d.Parts.Each()) == 0 {
			t.Fatalf("%+v: a permission that opens no part", f)
		}
	}
	everyFact(func(f Facts) { check(t, f) })
	rapid.Check(t, func(t *rapid.T) { check(t, facts(t)) })
}

func TestTakingAwayNeverWidens(t *testing.T) {
	t.Parallel()
	everyFact(func(f Facts) { // one thing less, everywhere
		was := Decide(f)
		for _, r := range account.AllRoles() {
			less := f
			if less.Roles &^= r; less.Roles != f.Roles {
				if now := Decide(less); now.Parts&^was.Parts != 0 || now.Allow() && !was.Allow() {
					t.Fatalf("%+v gives %q; without %s it gives %q", f, was.Parts, r, now.Parts)
				}
			}
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		f := facts(t)
		was := Decide(f)
		less := f
		less.Roles &= account.Roles(rapid.Uint16().Draw(t, "roles kept"))
		less.Asked &= Parts(rapid.Uint32().Draw(t, "parts kept"))
		less.Self = less.Self && rapid.Bool().Draw(t, "still self")
		less.Exists = less.Exists && rapid.Bool().Draw(t, "still there")
		now := Decide(less)
		if now.Parts&^was.Parts != 0 || now.Allow() && !was.Allow() {
			t.Fatalf("%+v gives %q; %+v gives %q", f, was.Parts, less, now.Parts)
		}
	})
}

func TestWhoSaysNothingIsRefused(t *testing.T) {
	t.Parallel()
	if Decide(Facts{}).Allow() {
		t.Error("zero facts are permitted")
	}
	everyFact(func(f Facts) {
		g := f
		for _, zero := range []func(){
			func() { g.Purpose = 0 }, func() { g.Purpose = purposeEnd }, func() { g.Target = 0 }, func() { g.Kind = account.Nobody },
			func() { g.Purpose = Public }, func() { g.Purpose = Entering },
		} {
			g = f
			zero()
			if Decide(g).Allow() {
				t.Fatalf("%+v is permitted", g)
			}
		}
	})
}

func TestAManagerOpensNoPartOfAnyChart(t *testing.T) {
	t.Parallel()
	everyFact(func(f Facts) {
		f.Kind, f.Target = account.Staff, Chart
		for _, r := range []account.Roles{account.Manager, account.Editor, account.PrivacyOfficer, account.Manager | account.Editor | account.PrivacyOfficer} {
			f.Roles = r
			if Decide(f).Allow() {
				t.Fatalf("%s opens a chart: %+v", r, f)
			}
		}
	})
}

func TestNobodyButTheClientSeesWhoLooked(t *testing.T) {
	t.Parallel()
	everyFact(func(f Facts) {
		if Decide(f).Parts&Looks != 0 && !(f.Kind == account.Client && f.Self && f.Exists && f.Purpose == Own) {
			t.Fatalf("%+v sees the looks", f)
		}
	})
}

func TestEveryResourceTypeLiesInExactlyOnePart(t *testing.T) {
	t.Parallel()
	listed := map[string]Parts{}
	for p, types := range byPart {
		if len(p.Each()) != 1 || p == Looks || p == Other {
			t.Errorf("a list is under %q, which is not one part", p)
		}
		for _, typ := range strings.Fields(types) {
			if _, ok := fhir.TypeNumber(typ); !ok {
				t.Errorf("%s in %q is no R4 type", typ, p)
			}
			if was, ok := listed[typ]; ok {
				t.Errorf("%s is in %q and in %q", typ, was, p)
			}
			listed[typ] = p
		}
	}
	var got strings.Builder
	for _, typ := range slices.Sorted(slices.Values(fhir.Types())) {
		p := PartOf(typ)
		if len(p.Each()) != 1 || p == Looks {
			t.Errorf("%s lies in %q", typ, p)
		}
		if p == Other && !fhir.PracticeWide(typ) {
			fmt.Fprintln(&got, typ)
		}
	}
	for _, typ := range []string{"", "Nonsense", "patient", "Looks"} {
		if PartOf(typ) != Other {
			t.Errorf("%q lies in %q, want other", typ, PartOf(typ))
		}
	}
	// The types that may lie in a chart and fall to Other: opened by few pages,
	// shown by none. A type that leaves or joins this list changes who reads it.
	golden(t, "other.txt", got.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", path, d)
	}
}

func TestCodesOfPartsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Parts(rapid.Uint32().Draw(t, "parts")) & (AllParts | Looks)
		if got := ParseParts(p.String()); got != p {
			t.Fatalf("%q comes back as %q", p, got)
		}
		var sum Parts
		for _, x := range p.Each() {
			if x&(x-1) != 0 || sum&x != 0 {
				t.Fatalf("Each of %q gives %q", p, x)
			}
			sum |= x
		}
		if sum != p {
			t.Fatalf("Each of %q adds up to %q", p, sum)
		}
	})
	if ParseParts("results nonsense LOOKS results") != Results {
		t.Error("unknown codes are not left out")
	}
	if len((AllParts|Looks).Each()) != len(partCodes) || 1<<len(partCodes) != partsEnd {
		t.Error("a part has no code")
	}
}

func TestEveryPurposeHasItsCodes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range Purposes() {
		if p.Code() == "" || p.String() == "none" || seen[p.String()] {
			t.Errorf("purpose %d: %q, %q", p, p, p.Code())
		}
		seen[p.String()] = true
	}
	for _, p := range []Purpose{0, purposeEnd, 200} {
		if p.Code() != "" || p.String() != "none" {
			t.Errorf("purpose %d, which is none, has codes %q, %q", p, p, p.Code())
		}
	}
	if Own.Code() != "PATRQT" || Care.Code() != "TREAT" {
		t.Error("the codes of HL7 v3 PurposeOfUse are not those")
	}
}

func TestWritingIsNeverWiderThanReadingAndClientsAddOnlyTheirOwnWords(t *testing.T) {
	t.Parallel()
	want := map[Basis]Parts{None: 0, IsTheirs: Messages | Results, CareTeam: AllParts, FrontDesk: Person | Visits, Manages: 0, Software: AllParts}
	for b, w := range want {
		for _, p := range append(AllParts.Each(), AllParts, 0) {
			if got := (Decision{Basis: b, Parts: p}).Writes(); got != w&p {
				t.Errorf("%v over %v: may write %v, want %v", b, p, got, w&p)
			}
		}
	}
}
