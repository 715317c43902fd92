package record

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
)

func TestOffersOfOtherPurposesAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.guarded("example-england")
	kid := h.admit("kid", "Kim", "Young", "2020-05-05")
	help, guard := Grant{Tie: Helper, Name: "Eve", Reads: Results}, Grant{Tie: Guardian, Name: "Eve"}
	desk, nurse := h.staff("frontdesk"), h.staff("nurse")
	for _, c := range []struct {
		name string
		c    *Chart
		g    Grant
		want errs.Kind
	}{
		{"their own chart, only to look", h.open(h.client(kid), Own, kid, Agreements), help, errs.Refused},
		{"a client names a guardian", h.sharing(kid), guard, errs.Invalid},
		{"a nurse who gives care asks a helper", h.open(nurse, Care, kid, Agreements), help, errs.Invalid},
		{"a nurse who gives care names a guardian", h.open(nurse, Care, kid, Agreements), guard, errs.Invalid},
		{"the desk, for care", h.open(desk, Care, kid, Person|Agreements), help, errs.Refused},
		{"the desk asks a helper", h.open(desk, Vouching, kid, Agreements), help, errs.Invalid},
		{"the desk names a guardian of somebody grown up", h.open(desk, Vouching, h.bob, Agreements), guard, errs.Invalid},
		{"software", h.bring(kid), help, errs.Invalid},
		{"no tie", h.sharing(kid), Grant{Name: "Eve", Reads: Results}, errs.Invalid},
		{"a tie that is none", h.sharing(kid), Grant{Tie: 3, Name: "Eve", Reads: Results}, errs.Invalid},
		{"nothing lent", h.sharing(kid), Grant{Tie: Helper, Name: "Eve"}, errs.Invalid},
		{"only what is never lent", h.sharing(kid), Grant{Tie: Helper, Name: "Eve", Reads: Looks | Agreements | Money | Other}, errs.Invalid},
		{"nobody's name", h.sharing(kid), Grant{Tie: Helper, Name: " ", Reads: Results}, errs.Invalid},
		{"the zero Chart", &Chart{}, help, errs.Refused},
		{"no Chart", nil, help, errs.Refused},
	} {
		token, err := c.c.Offer(t.Context(), c.g, "", lang.English)
		if !errs.Is(err, c.want) || token != "" {
			t.Errorf("%s: %q, %v; want %v", c.name, token, err, c.want)
		}
	}
	_, err := h.sharing(kid).Offer(t.Context(), help, "no address", lang.English)
	kindIs(t, "to no address", err, errs.Invalid)
	if gs, err := h.sharing(kid).Circle(t.Context()); err != nil || len(gs) != 0 {
		t.Errorf("what was refused left %v, %v", gs, err)
	}
	_, err = h.open(desk, Vouching, kid, Agreements).Offer(t.Context(), guard, "", lang.English)
	do(t, err)
}

func TestWhatIsLentIsNeverMoreThanMayBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.helper(h.ada, Grant{Reads: AllParts | Looks, Acts: AllParts | Looks})
	gs, err := h.sharing(h.ada).Circle(t.Context())
	do(t, err)
	want := AllParts &^ (Agreements | Money | Other)
	if len(gs) != 1 || gs[0].Reads != want || gs[0].Acts != want {
		t.Errorf("lent %+v", gs)
	}
	if c := h.open(who, Own, h.ada, AllParts|Looks); c.Parts() != want || c.writes != Messages|Results {
		t.Errorf("a helper sees %q and writes %q", c.Parts(), c.writes)
	}
	// no more than twenty at once
	for i := range grantsMax - 1 {
		h.asks(h.ada, Grant{Name: fmt.Sprint("Helper ", i), Reads: Visits})
	}
	_, err = h.sharing(h.ada).Offer(t.Context(), Grant{Tie: Helper, Name: "One more", Reads: Visits}, "", lang.English)
	kindIs(t, "one more than twenty", err, errs.Conflict)
	h.now.Add(offerLife) // those who did not answer make room
	h.asks(h.ada, Grant{Name: "One more", Reads: Visits})
}

// TestAMailedLinkIsNobodysButTheReaders: a link in a mail shows who reads the
// address. Who asked for it to be sent must not have it too, or they could come in
// as whoever has that address.
func TestAMailedLinkIsNobodysButTheReaders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.reads(h.bob, "bob@example.org", "1962-10-22")
	token, err := h.sharing(h.ada).Offer(t.Context(), Grant{Tie: Helper, Name: "Bob", Reads: Visits}, "bob@example.org", lang.Spanish)
	if err != nil || token != "" {
		t.Errorf("who asks for help has the token of somebody's mail: %q, %v", token, err)
	}
	ls := h.letters()
	mailed, ok := strings.CutPrefix(ls[0], "helper-invite bob@example.org /help/")
	if !ok || len(ls) != 1 {
		t.Fatalf("letters: %q", ls)
	}
	in, err := h.doors.Enter(t.Context(), mailed, account.Ask{})
	if err != nil || in.Subject.Kind != account.Guest || in.Level != account.ByLink {
		t.Errorf("by the mail came %+v, %v; want somebody new, by a link, and never who has that address", in.Subject, err)
	}
	of, err := h.v.TakeHelp(t.Context(), h.client(h.bob), mailed)
	if err != nil || of != h.ada {
		t.Errorf("TakeHelp = %v, %v", of, err)
	}
	token, err = h.open(h.staff("frontdesk"), Vouching, h.ada, Person|Agreements).Invite(t.Context(), "ada@example.org", NotAsked, lang.English)
	if err != nil || token != "" {
		t.Errorf("staff have the token of a client's mail: %q, %v", token, err)
	}
}

func TestTheClientReadsWhoLookedForThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.helper(h.ada, Grant{Name: "Grace Hopper", Reads: Results})
	h.open(who, Own, h.ada, Results|Looks|Conditions)
	bob := h.client(h.bob)
	_, err := h.v.Open(t.Context(), bob, Own, h.ada, Results)
	kindIs(t, "another client", err, errs.Refused)
	looks, err := h.open(h.client(h.ada), Own, h.ada, Looks).Looks(t.Context(), 0, 50)
	do(t, err)
	var got []string
	for _, l := range looks {
		if l.ID == who.ID() || l.ID == bob.ID() || strings.HasPrefix(l.Act, "help") {
			got = append(got, fmt.Sprintf("%s %s %s %s %q refused=%v", l.Kind, l.Act, l.Purpose, l.Basis, l.Parts, l.Refused))
		}
	}
	want := []string{
		`client open helping  "results" refused=true`,
		`guest open helping helper "results" refused=false`,
		`guest helptake helping  "results" refused=false`,
		`client helpask sharing own "results" refused=false`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Ada reads, newest first (-want +got):\n%s", d)
	}
	for _, l := range looks {
		if l.ID == who.ID() && (l.Name != "Grace Hopper" || l.Kind != "guest") {
			t.Errorf("a line names the helper as %q, %s", l.Name, l.Kind)
		}
	}
	h.verify()
}

func TestOpeningEverybodyIsOneActWithALineEach(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.guarded("example-england")
	h.reads(h.bob, "bob@example.org", "1962-10-22")
	bob := h.client(h.bob)
	kid, teen := h.admit("kid", "Kim", "Young", "2020-05-05"), h.admit("teen", "Theo", "Young", "2012-05-05")
	other := h.admit("other", "Olga", "Orlova", "1950-01-01")
	take := func(c fhir.ClientID, g Grant) {
		t.Helper()
		_, err := h.v.TakeHelp(t.Context(), bob, h.asks(c, g))
		do(t, err)
	}
	take(h.ada, Grant{Reads: Results | Visits})
	take(other, Grant{Reads: Medicines})
	h.guards(bob, kid)
	h.guards(bob, teen) // 14: the rules give nothing any more
	n := h.size()
	var cs []*Chart
	var err error
	lines := h.grew(h.ada, func() {
		cs, err = h.v.OpenAll(t.Context(), bob, Person|Visits)
	})
	do(t, err)
	var got []string
	for _, c := range cs {
		card, _ := c.Card()
		got = append(got, card.Name+": "+c.Parts().String()+" "+c.Purpose().String())
	}
	want := []string{"Bob Odenkirk: person visits own", "Ada Lovelace: person visits helping", "Kim Young: person visits helping"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("opened (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"client open helping person visits"}, lines); d != "" {
		t.Errorf("Ada's chain (-want +got):\n%s", d)
	}
	if grew := h.size() - n; grew != 3 {
		t.Errorf("%d entries for three charts", grew)
	}
	for c, want := range map[fhir.ClientID]string{h.bob: "own own", h.ada: "helping helper", kid: "helping guardian"} {
		ls := h.lines(c)
		if l := ls[len(ls)-1]; l.Purpose+" "+l.Basis != want || l.Actor.Name != "Bob Odenkirk" {
			t.Errorf("the newest line of %s is %s %s by %s, want %s", c, l.Purpose, l.Basis, l.Actor.Name, want)
		}
	}
	for name, a := range map[string]account.Actor{"staff": h.staff("nurse"), "software": importer, "nobody": {}} {
		cs, err := h.v.OpenAll(t.Context(), a, Visits)
		if !errs.Is(err, errs.Refused) || cs != nil {
			t.Errorf("%s opens %v, %v", name, cs, err)
		}
	}
	h.verify()
}

func TestADestroyedKeyTakesNothingFromTheOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.helper(h.ada, Grant{Reads: Visits})
	_, err := h.v.TakeHelp(t.Context(), who, h.asks(h.bob, Grant{Reads: Visits}))
	do(t, err)
	do(t, h.v.Close())
	pid, _ := pidOf(h.ada)
	h.edit(ringFile, `DELETE FROM key WHERE pid = ?`, pid[:])
	v, err := Open(t.Context(), h.config())
	do(t, err)
	h.use(v)
	cs, err := v.OpenAll(t.Context(), who, Visits)
	if err != nil || len(cs) != 1 || cs[0].Client() != h.bob {
		t.Errorf("OpenAll = %v, %v; want Bob's alone", cs, err)
	}
}

// byLink is somebody who followed a link and showed nothing else.
func (h *house) byLink(s account.Subject) account.Actor {
	h.t.Helper()
	link, err := h.doors.Invite(h.t.Context(), s, account.Once)
	do(h.t, err)
	in, err := h.doors.Enter(h.t.Context(), link, account.Ask{})
	do(h.t, err)
	who, err := h.doors.Who(h.t.Context(), in.Token)
	do(h.t, err)
	if who.Level() != account.ByLink {
		h.t.Fatalf("known by %v", who.Level())
	}
	return who
}

func TestWhatIsMissingDoesNotTellWhetherAChartIsThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nurse, desk := h.byLink(account.Subject{Kind: account.Staff, ID: "nurse"}), h.byLink(account.Subject{Kind: account.Staff, ID: "frontdesk"})
	manager, bob := h.byLink(account.Subject{Kind: account.Staff, ID: "manager"}), h.byLink(account.Subject{Kind: account.Client, ID: string(h.bob)})
	for _, c := range []struct {
		name string
		who  account.Actor
		why  Purpose
		what Parts
		need account.Level
	}{
		{"a nurse", nurse, Care, Results, account.ByKey},
		{"a nurse who vouches", nurse, Vouching, Person, account.Fresh},
		{"the desk", desk, Care, Visits, account.ByKey},
		{"the desk, asking for what it never gets", desk, Care, Results, 0},
		{"the manager", manager, Care, Visits, 0},
		{"another client", bob, Own, Visits, 0},
		{"another client, sharing", bob, Sharing, Agreements, 0},
	} {
		_, there := h.v.Open(t.Context(), c.who, c.why, h.ada, c.what)
		_, away := h.v.Open(t.Context(), c.who, c.why, absent, c.what)
		_, into := h.v.Into(t.Context(), c.who, c.why, absent)
		if !errs.Is(there, errs.Refused) || !errs.Is(into, errs.Refused) || away == nil || there.Error() != away.Error() {
			t.Errorf("%s: of a chart %v, of none %v", c.name, there, away)
		}
		if need, _ := account.NeedOf(there); need != c.need {
			t.Errorf("%s needs %v, want %v", c.name, need, c.need)
		}
	}
	// their own, by a link: when and whether
	c := h.open(bob, Own, h.bob, Visits|Messages)
	if c.Parts() != Visits|Messages || c.writes != 0 || c.opens != 0 {
		t.Errorf("by a link: %q, writes %q, opens %s", c.Parts(), c.writes, c.opens)
	}
	_, err := h.v.Open(t.Context(), bob, Own, h.bob, Visits|Results)
	if need, ok := account.NeedOf(err); !ok || need != account.ByKey {
		t.Errorf("more than that, by a link: %v", err)
	}
	_, err = h.v.Open(t.Context(), bob, Sharing, h.bob, Agreements)
	if need, ok := account.NeedOf(err); !ok || need != account.Fresh {
		t.Errorf("sharing, by a link: %v", err)
	}
	if cared, err := h.v.Caring(t.Context(), bob); err != nil || cared != nil {
		t.Errorf("by a link, whom they look after: %v, %v", cared, err)
	}
	if _, err := h.v.OpenAll(t.Context(), bob, Visits); !errs.Is(err, errs.Refused) {
		t.Errorf("by a link, everybody: %v", err)
	}
}
