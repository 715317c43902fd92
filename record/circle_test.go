package record

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record/internal/policy"
)

// sharing opens a client's chart for them to say who may act for them.
func (h *house) sharing(c fhir.ClientID) *Chart {
	h.t.Helper()
	return h.open(h.client(c), Sharing, c, Person|Agreements)
}

// asks asks somebody to help a client, and returns the token of their link.
func (h *house) asks(c fhir.ClientID, g Grant) string {
	h.t.Helper()
	if g.Name == "" {
		g.Name = "Grace Hopper"
	}
	g.Tie = Helper
	token, err := h.sharing(c).Offer(h.t.Context(), g, "", lang.English)
	do(h.t, err)
	return token
}

// follows is somebody new who follows a link to help: known by nothing but that,
// and then by more.
func (h *house) follows(token string) (byLink, byKey account.Actor) {
	h.t.Helper()
	in, err := h.doors.Enter(h.t.Context(), token, account.Ask{})
	do(h.t, err)
	byLink, err = h.doors.Who(h.t.Context(), in.Token)
	do(h.t, err)
	if byLink.Kind() != account.Guest || byLink.Level() != account.ByLink {
		h.t.Fatalf("who follows a link to help is %v, known by %v", byLink, byLink.Level())
	}
	return byLink, h.enter(in.Subject)
}

// helper is somebody new who helps a client.
func (h *house) helper(c fhir.ClientID, g Grant) account.Actor {
	h.t.Helper()
	token := h.asks(c, g)
	_, who := h.follows(token)
	of, err := h.v.TakeHelp(h.t.Context(), who, token)
	do(h.t, err)
	if of != c {
		h.t.Fatalf("help was taken for %v, want %v", of, c)
	}
	return who
}

// letters takes every letter that is due, in short.
func (h *house) letters() []string {
	h.t.Helper()
	due, err := h.v.Due(h.t.Context(), 1000)
	do(h.t, err)
	out := []string{}
	for _, p := range due {
		out = append(out, p.Letter.Kind+" "+p.Letter.To+" "+p.Letter.Path)
		do(h.t, h.v.Settled(h.t.Context(), p.ID))
	}
	return out
}

// reads gives a client an address of their own that is checked.
func (h *house) reads(c fhir.ClientID, mail, born string) {
	h.t.Helper()
	_, err := h.open(h.staff("frontdesk"), Vouching, c, Person|Agreements).Invite(h.t.Context(), mail, NotAsked, lang.French)
	do(h.t, err)
	ls := h.letters()
	token, ok := strings.CutPrefix(ls[len(ls)-1], "invite "+mail+" /in/")
	if !ok {
		h.t.Fatalf("letters: %q", ls)
	}
	_, err = h.doors.Enter(h.t.Context(), token, account.Ask{Born: born})
	do(h.t, err)
}

// labelled is a resource with a security label.
func labelled(r fhir.Resource, code string) fhir.Resource {
	system := "v3-ActCode"
	if len(code) == 1 {
		system = "v3-Confidentiality"
	}
	r.JSON = []byte(strings.Replace(string(r.JSON), `,"status"`, fmt.Sprintf(`,"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/%s","code":%q}]},"status"`, system, code), 1))
	return r
}

func remove(typ, id string) Change {
	return Change{Resource: fhir.Resource{Type: typ, ID: id}, Delete: true}
}

// seeded is Ada's chart with open and private things side by side.
func (h *house) seeded() {
	h.t.Helper()
	c := h.bring(h.ada)
	_, err := c.Put(h.t.Context(), pulse("o1", "ada", 60), labelled(pulse("o2", "ada", 61), "SEX"), pulse("o3", "ada", 62), labelled(pulse("o4", "ada", 99), "R"),
		labelled(pulse("o5", "ada", 64), "N"), labelled(pulse("was", "ada", 70), "SEX"), pulse("became", "ada", 71), labelled(pulse("went", "ada", 72), "ETH"), pulse("left", "ada", 73), condition("c1", "ada", "38341003"),
		resource("RelatedPerson", "mother", `"patient":{"reference":"Patient/ada"},"name":[{"text":"Annabella"}],"telecom":[{"system":"phone","value":"+44 555"}]`))
	do(h.t, err)
	_, err = c.Apply(h.t.Context(), Change{Resource: pulse("was", "ada", 80)}, Change{Resource: labelled(pulse("became", "ada", 81), "SEX")}, remove("Observation", "went"), remove("Observation", "left"))
	do(h.t, err)
}

func TestAHelperSeesWhatWasLentAndNothingPrivate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seeded()
	who := h.helper(h.ada, Grant{Reads: Results, Acts: Results})
	c := h.open(who, Own, h.ada, AllParts|Looks)
	if c.Parts() != Person|Results || c.Purpose() != Helping {
		t.Fatalf("a helper opened %q for %s", c.Parts(), c.Purpose())
	}
	for _, q := range []struct{ params, want string }{
		{"_sort=value-quantity", "o1 o3 o5 was"},
		{"_sort=-value-quantity", "was o5 o3 o1"},
		{"_sort=value-quantity&_count=2", "o1 o3"}, // o2 takes no place on a page
		{"_sort=-value-quantity&_count=1", "was"},
		{"value-quantity=61,99,81", ""},
		{"value-quantity=gt61&_sort=value-quantity", "o3 o5 was"},
		{"_id=o2", ""},
		{"code=8867-4&_sort=value-quantity&_count=3", "o1 o3 o5"},
	} {
		fs, err := c.Search(t.Context(), query(t, "Observation", q.params))
		do(t, err)
		if got := strings.Join(ids(fs), " "); got != q.want {
			t.Errorf("a helper finds by %s: %q, want %q", q.params, got, q.want)
		}
	}
	_, err := c.Search(t.Context(), query(t, "Observation", "_security=SEX"))
	do(t, err) // of what is there, nothing has the label
	_, missing := c.Read(t.Context(), "Observation", "nothing")
	for _, id := range []string{"o2", "o4", "became", "went", "left"} {
		_, byID := c.Read(t.Context(), "Observation", id)
		_, byRef := c.ReadRef(t.Context(), "Observation", c.Ref("Observation", id))
		if byID == nil || byRef == nil || byID.Error() != missing.Error() || byRef.Error() != missing.Error() {
			t.Errorf("%s reads %v and %v; what is not there %v", id, byID, byRef, missing)
		}
	}
	_, missing = c.History(t.Context(), "Observation", "nothing")
	for _, id := range []string{"o2", "became", "went"} {
		if vs, err := c.History(t.Context(), "Observation", id); err == nil || err.Error() != missing.Error() {
			t.Errorf("the history of %s: %d versions, %v; of what is not there %v", id, len(vs), err, missing)
		}
	}
	for id, want := range map[string]int{"was": 1, "left": 2, "o1": 1} {
		if vs, err := c.History(t.Context(), "Observation", id); err != nil || len(vs) != want {
			t.Errorf("the history of %s: %d versions, %v; want %d", id, len(vs), err, want)
		}
	}
	since, err := c.Since(t.Context(), start.AddDate(-1, 0, 0))
	do(t, err)
	for _, x := range since {
		if strings.Contains("o2 o4 became went", x.ID) || policy.PartOf(x.Type)&(Person|Results) == 0 {
			t.Errorf("what came, for a helper, holds %s %s", x.Type, x.ID)
		}
	}
	if len(since) != 6 { // o1 o3 o5 was, Ada and her mother
		t.Errorf("%d things came, want 6: %v", len(since), since)
	}
	_, err = c.Read(t.Context(), "Condition", "c1")
	kindIs(t, "a part that was not lent", err, errs.NotFound)
	_, err = c.Looks(t.Context(), 0, 10)
	kindIs(t, "the looks", err, errs.Refused)
	_, err = c.Circle(t.Context())
	kindIs(t, "who else helps", err, errs.Refused)
	_, err = c.Account(t.Context())
	kindIs(t, "how the client comes in", err, errs.Refused)
}

func TestAHelperSeesWhoItIsAndNotHowToReachThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seeded()
	c := h.open(h.helper(h.ada, Grant{Reads: Person | Results}), Own, h.ada, Person|Results)
	card, ok := c.Card()
	want := Card{Client: h.ada, Person: "ada", Given: "Ada", Family: "Lovelace", Name: "Ada Lovelace", Birth: "1815-12-10"}
	if d := cmp.Diff(want, card); !ok || d != "" {
		t.Errorf("a helper's card (-want +got):\n%s", d)
	}
	for _, x := range []struct{ typ, id string }{{"Patient", "ada"}, {"RelatedPerson", "mother"}} {
		f, err := c.Read(t.Context(), x.typ, x.id)
		do(t, err)
		if strings.Contains(string(f.JSON), "555") || strings.Contains(string(f.JSON), "Annabella") {
			t.Errorf("a helper reads %s", f.JSON)
		}
	}
	for _, q := range []string{"phone=5550121", "telecom=5550121", "address-city=London"} {
		_, err := c.Search(t.Context(), query(t, "Patient", q))
		kindIs(t, "searching by "+q, err, errs.Refused)
	}
	_, err := c.Search(t.Context(), query(t, "RelatedPerson", "name=Annabella"))
	kindIs(t, "searching a relative by name", err, errs.Refused)
	if fs, err := c.Find(t.Context(), "Patient", "family", "lovelace"); err != nil || len(fs) != 1 {
		t.Errorf("searching by name: %v, %v", fs, err)
	}
	// alone, who it is is nothing
	_, err = h.v.Open(t.Context(), c.Who(), Own, h.ada, Person)
	kindIs(t, "who it is, alone", err, errs.Refused)
	_, err = h.sharing(h.ada).Offer(t.Context(), Grant{Tie: Helper, Name: "Eve", Reads: Person}, "", lang.English)
	kindIs(t, "lending who it is alone", err, errs.Invalid)
}

func TestAHelperAddsWhereTheyMayAndWritesOverNothingPrivate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seeded()
	c := h.open(h.helper(h.ada, Grant{Reads: Results | Conditions, Acts: Results | Conditions | Messages}), Own, h.ada, AllParts)
	_, err := c.Put(t.Context(), pulse("mine", "ada", 65))
	do(t, err)
	for what, x := range map[string]Change{
		"over something private":            {Resource: pulse("o2", "ada", 1)},
		"the private thing as it stands":    {Resource: labelled(pulse("o2", "ada", 61), "SEX")},
		"over a version of something":       {Resource: pulse("o2", "ada", 1), IfVersion: 7},
		"a deletion of something private":   remove("Observation", "o4"),
		"a part nobody adds to for another": {Resource: condition("c1", "ada", "1")},
		"a part that was not lent":          {Resource: resource("Communication", "m1", `"status":"completed","subject":{"reference":"Patient/ada"}`)},
	} {
		_, err := c.Apply(t.Context(), x)
		kindIs(t, what, err, errs.Refused)
	}
	c = h.open(h.helper(h.ada, Grant{Reads: Results}), Own, h.ada, Results)
	_, err = c.Put(t.Context(), pulse("mine too", "ada", 65))
	kindIs(t, "adding where they may only see", err, errs.Refused)
	if f, err := h.bring(h.ada).Read(t.Context(), "Observation", "o2"); err != nil || f.Version != 1 {
		t.Errorf("what is private was written over: %v, %v", f.Version, err)
	}
	into, err := h.v.Into(t.Context(), importer, Importing, h.ada) // who brings records in writes over everything
	do(t, err)
	_, err = into.Put(t.Context(), labelled(pulse("o2", "ada", 62), "SEX"))
	do(t, err)
}

func TestHelpEndsToTheSecond(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.helper(h.ada, Grant{Reads: Results, Until: start.Add(time.Hour)})
	h.now.Add(time.Hour - time.Second - h.now.Now().Sub(start))
	h.open(who, Own, h.ada, Results)
	if cared, err := h.v.Caring(t.Context(), who); err != nil || len(cared) != 1 || cared[0] != (Cared{h.ada, "Ada Lovelace", Helper, Results, "Ada"}) {
		t.Errorf("a helper looks after %v, %v", cared, err)
	}
	h.now.Add(time.Second)
	_, ended := h.v.Open(t.Context(), who, Own, h.ada, Results)
	_, never := h.v.Open(t.Context(), who, Own, h.bob, Results)
	_, missing := h.v.Open(t.Context(), who, Own, absent, Results)
	if ended == nil || ended.Error() != never.Error() || ended.Error() != missing.Error() {
		t.Errorf("ended: %v; never: %v; absent: %v", ended, never, missing)
	}
	if cared, err := h.v.Caring(t.Context(), who); err != nil || len(cared) != 0 {
		t.Errorf("a helper whose time is over looks after %v, %v", cared, err)
	}
	if gs, err := h.sharing(h.ada).Circle(t.Context()); err != nil || len(gs) != 0 {
		t.Errorf("the circle is %v, %v", gs, err)
	}
	_, err := h.sharing(h.ada).Offer(t.Context(), Grant{Tie: Helper, Name: "Eve", Reads: Results, Until: h.now.Now()}, "", lang.English)
	kindIs(t, "help that ends as it begins", err, errs.Invalid)
}

func TestHelpIsEndedAtOnceAndToldOrNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.reads(h.ada, "ada@example.org", "1815-12-10")
	h.reads(h.bob, "bob@example.org", "1962-10-22")
	bob, ada := h.client(h.bob), h.client(h.ada)
	told := "sharing-changed ada@example.org /me/" + string(h.ada) + "/helpers"
	for _, c := range []struct {
		name string
		end  func(id string) error
		want []string
	}{
		{"told", func(id string) error { return h.sharing(h.ada).EndHelp(t.Context(), id, AndTell) }, []string{"sharing-changed bob@example.org /family"}},
		{"quietly", func(id string) error { return h.sharing(h.ada).EndHelp(t.Context(), id, AndSayNothing) }, []string{}},
		{"from their own chart", func(id string) error {
			return h.open(ada, Own, h.ada, Agreements).EndHelp(t.Context(), id, AndSayNothing)
		}, []string{}},
		{"by staff who vouch", func(id string) error {
			return h.open(h.staff("coordinator"), Vouching, h.ada, Agreements).EndHelp(t.Context(), id, AndTell)
		}, []string{"sharing-changed bob@example.org /family"}},
		{"by the helper", func(string) error { return h.v.StepBack(t.Context(), bob, h.ada) }, []string{told}},
	} {
		token := h.asks(h.ada, Grant{Reads: Visits})
		_, err := h.v.TakeHelp(t.Context(), bob, token)
		do(t, err)
		if d := cmp.Diff([]string{told}, h.letters()); d != "" {
			t.Errorf("%s: as help began (-want +got):\n%s", c.name, d)
		}
		h.open(bob, Own, h.ada, Visits)
		gs, err := h.sharing(h.ada).Circle(t.Context())
		do(t, err)
		kindIs(t, c.name+": ending what is not there", h.sharing(h.ada).EndHelp(t.Context(), "0000", AndTell), errs.NotFound)
		lines := h.grew(h.ada, func() { do(t, c.end(gs[0].ID)) })
		if last := lines[len(lines)-1]; !strings.Contains(last, " helpend ") {
			t.Errorf("%s: on the ledger %q", c.name, lines)
		}
		if d := cmp.Diff(c.want, h.letters()); d != "" {
			t.Errorf("%s: as help ended (-want +got):\n%s", c.name, d)
		}
		_, err = h.v.Open(t.Context(), bob, Own, h.ada, Visits)
		kindIs(t, c.name+": the next open", err, errs.Refused)
		if cared, err := h.v.Caring(t.Context(), bob); err != nil || len(cared) > 0 {
			t.Errorf("%s: looks after %v, %v", c.name, cared, err)
		}
	}
	kindIs(t, "stepping back from nothing", h.v.StepBack(t.Context(), bob, h.ada), errs.Refused)
	kindIs(t, "stepping back from nobody", h.v.StepBack(t.Context(), bob, absent), errs.Refused)
	id := Grant{Reads: Visits}
	h.asks(h.ada, id)
	gs, err := h.sharing(h.ada).Circle(t.Context())
	do(t, err)
	kindIs(t, "care ends no help", h.open(h.staff("nurse"), Care, h.ada, Agreements).EndHelp(t.Context(), gs[0].ID, AndTell), errs.Refused)
	h.verify()
}

func TestAnOfferIsTakenOnceByWhoMay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.asks(h.ada, Grant{Reads: Results})
	link, who := h.follows(token)
	_, err := h.v.TakeHelp(t.Context(), link, token)
	if need, ok := account.NeedOf(err); !ok || need != account.ByKey || !errs.Is(err, errs.Refused) {
		t.Errorf("known by a link: %v", err)
	}
	_, err = h.v.Asks(t.Context(), link, token)
	kindIs(t, "seeing who asks, known by a link", err, errs.Refused)
	for name, a := range map[string]account.Actor{"staff": h.staff("nurse"), "software": importer, "nobody": {}} {
		_, err := h.v.TakeHelp(t.Context(), a, token)
		kindIs(t, name, err, errs.Refused)
	}
	_, err = h.v.TakeHelp(t.Context(), h.client(h.ada), token)
	kindIs(t, "the client themselves", err, errs.Invalid)
	if a, err := h.v.Asks(t.Context(), who, token); err != nil || a.Client != h.ada || a.Name != "Ada Lovelace" || a.Reads != Results {
		t.Errorf("who asks: %+v, %v", a, err)
	}
	for _, bad := range []string{"", "nonsense", token + "a"} {
		_, err := h.v.TakeHelp(t.Context(), who, bad)
		kindIs(t, "by "+bad, err, errs.NotFound)
	}
	_, err = h.v.Open(t.Context(), who, Own, h.ada, Results)
	kindIs(t, "before it is taken", err, errs.Refused)
	var taken atomic.Int32
	var wg sync.WaitGroup
	begin := make(chan struct{})
	crowd := []account.Actor{who, h.client(h.bob)}
	for i := range 100 {
		wg.Go(func() {
			<-begin
			_, err := h.v.TakeHelp(context.WithoutCancel(t.Context()), crowd[i%2], token)
			if err == nil {
				taken.Add(1)
			} else if !errs.Is(err, errs.NotFound) {
				t.Errorf("a hundred at once: %v", err)
			}
		})
	}
	close(begin)
	wg.Wait()
	if taken.Load() != 1 {
		t.Errorf("%d took one offer", taken.Load())
	}
	if gs, err := h.sharing(h.ada).Circle(t.Context()); err != nil || len(gs) != 1 || gs[0].Open() {
		t.Errorf("the circle is %+v, %v", gs, err)
	}
	for after, good := range map[time.Duration]bool{72*time.Hour - time.Second: true, 72 * time.Hour: false} {
		late := h.asks(h.ada, Grant{Reads: Results})
		h.now.Add(after)
		if _, err := h.v.TakeHelp(t.Context(), who, late); good != (err == nil) || err != nil && !errs.Is(err, errs.NotFound) {
			t.Errorf("after %v: %v", after, err)
		}
	}
	ended := h.asks(h.ada, Grant{Reads: Results})
	gs, err := h.sharing(h.ada).Circle(t.Context())
	do(t, err)
	do(t, h.sharing(h.ada).EndHelp(t.Context(), gs[len(gs)-1].ID, AndTell))
	_, err = h.v.TakeHelp(t.Context(), who, ended)
	kindIs(t, "an offer that was taken back", err, errs.NotFound)
}
