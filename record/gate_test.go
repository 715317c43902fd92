package record

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/search"
	"rapport/record/internal/store"
)

// absent is a well-formed id of nobody.
const absent = fhir.ClientID("aaaaaaaaaaaaaaaaaaaaaaaaaa")

func TestRefusedAndAbsentLookTheSameAndDifferOnTheLedger(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob, nurse, manager := h.client(h.bob), h.staff("nurse"), h.staff("manager")
	for _, c := range []struct {
		name string
		who  account.Actor
		why  Purpose
		what Parts
	}{
		{"another client", bob, Own, AllParts},
		{"a manager for care", manager, Care, Person},
		{"a manager for running", manager, Running, AllParts},
		{"a nurse who says it is hers", nurse, Own, Results},
		{"a nurse who asks for the looks", nurse, Care, Looks},
		{"a nurse who asks for nothing", nurse, Care, 0},
		{"a nurse without a purpose", nurse, 0, Results},
		{"a nurse with a purpose nobody has", nurse, 200, Results},
		{"nobody", account.Actor{}, Care, AllParts},
	} {
		var refused, missing, nonsense error
		there := h.grew(h.ada, func() { _, refused = h.v.Open(t.Context(), c.who, c.why, h.ada, c.what) })
		away := h.grew("", func() {
			_, missing = h.v.Open(t.Context(), c.who, c.why, absent, c.what)
			_, nonsense = h.v.Open(t.Context(), c.who, c.why, "../../ada?", c.what)
		})
		for _, err := range []error{refused, missing, nonsense} {
			if !errs.Is(err, errs.Refused) || err.Error() != refused.Error() || errs.SayOf(err) != errs.SayOf(refused) {
				t.Errorf("%s: refused %q, absent %q, nonsense %q", c.name, refused, missing, nonsense)
			}
		}
		if len(there) != 1 || !strings.Contains(there[0], " open ") || !strings.Contains(there[0], "refused") {
			t.Errorf("%s: Ada's chain says %q, want one refusal", c.name, there)
		}
		if len(away) != 2 || !strings.Contains(away[0], "refused") {
			t.Errorf("%s: the practice's chain says %q, want two refusals", c.name, away)
		}
	}
	h.verify()
}

func TestSoftwareOpensNoChartThatIsNotThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, whose := range []fhir.ClientID{absent, "", "nonsense", fhir.ClientID(strings.ToUpper(string(h.ada))), h.ada + "a", h.ada[:25]} {
		lines := h.grew("", func() {
			_, err := h.v.Open(t.Context(), importer, Importing, whose, AllParts)
			kindIs(t, "opening "+string(whose), err, errs.Refused)
			_, err = h.v.Into(t.Context(), importer, Importing, whose)
			kindIs(t, "delivering into "+string(whose), err, errs.Refused)
		})
		if len(lines) != 2 {
			t.Errorf("%q: %q on the ledger, want two refusals", whose, lines)
		}
	}
}

func TestEveryOpeningIsOneLineThatSaysTheMostThatWasSeen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nurse, desk, ada := h.staff("nurse"), h.staff("frontdesk"), h.client(h.ada)
	for _, c := range []struct {
		who  account.Actor
		why  Purpose
		what Parts
		want string
	}{
		{nurse, Care, Results | Medicines, "staff open care medicines results"},
		{nurse, Care, Results | Looks, "staff open care results"},
		{desk, Care, Person | Results | Visits, "staff open care person visits"},
		{ada, Own, Looks, "client open own looks"},
		{ada, Own, Messages, "client open own messages"},
	} {
		got := h.grew(h.ada, func() {
			ch := h.open(c.who, c.why, h.ada, c.what)
			_, _ = ch.Read(t.Context(), "Observation", "o1") // reading adds nothing
			_, _ = ch.Since(t.Context(), start)
		})
		if d := cmp.Diff([]string{c.want}, got); d != "" {
			t.Errorf("%s asks for %q (-want +got):\n%s", c.who, c.what, d)
		}
	}
	line := h.lines(h.ada)[len(h.lines(h.ada))-1]
	if line.Client != string(h.ada) || line.Actor.Name != "Ada Lovelace" || line.Basis != "own" {
		t.Errorf("the last line is %+v", line)
	}
	ctx := WithRequest(t.Context(), "req-7")
	_, err := h.v.Open(ctx, nurse, Care, h.ada, Results)
	do(t, err)
	last := h.lines(h.ada)[len(h.lines(h.ada))-1]
	if last.Request != "req-7" || last.Actor.Title != "nurse" || last.Basis != "careteam" {
		t.Errorf("the line of a request is %+v", last)
	}
}

func TestZeroValuesAreClosed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	for name, c := range map[string]*Chart{"nil": nil, "zero": {}} {
		for what, f := range map[string]func() error{
			"Read":    func() error { _, err := c.Read(ctx, "Patient", "ada"); return err },
			"Search":  func() error { _, err := c.Search(ctx, query(t, "Patient", "")); return err },
			"History": func() error { _, err := c.History(ctx, "Patient", "ada"); return err },
			"Since":   func() error { _, err := c.Since(ctx, start); return err },
			"Shared":  func() error { _, err := c.Shared(ctx, "Practitioner", "p"); return err },
			"Put":     func() error { _, err := c.Put(ctx, pulse("o", "ada", 60)); return err },
			"Apply":   func() error { _, err := c.Apply(ctx, Change{Resource: pulse("o", "ada", 60)}); return err },
			"Commit": func() error {
				_, err := h.v.Commit(ctx, Write{c, []Change{{Resource: pulse("o", "ada", 60)}}})
				return err
			},
			"Looks": func() error { _, err := c.Looks(ctx, 0, 9); return err },
			"Prove": func() error { _, err := c.Prove(ctx, 0); return err },
		} {
			kindIs(t, name+" Chart "+what, f(), errs.Refused)
		}
		if !c.LastLook().IsZero() {
			t.Errorf("%s Chart was looked at", name)
		}
		if _, ok := c.Card(); ok {
			t.Errorf("%s Chart has a card", name)
		}
	}
	for name, d := range map[string]*Directory{"nil": nil, "zero": {}} {
		all, n := d.All(0, 10)
		_, ok := d.ByPerson("ada")
		_, card := d.Card(h.ada)
		if len(d.Find("ada", 10)) > 0 || len(all) > 0 || n > 0 || ok || card || d.Youth(Card{Birth: "2020"}) != AgeUnknown {
			t.Errorf("%s Directory is open", name)
		}
		for what, f := range map[string]func() error{
			"Waiting": func() error { _, err := d.Waiting(ctx); return err },
			"Wait":    func() error { _, err := d.Wait(ctx, "g"); return err },
			"Shared":  func() error { _, err := d.Shared(ctx, Waiting{}, Card{}); return err },
			"Accept":  func() error { return d.Accept(ctx, "g", h.ada, AskedInPrivate) },
			"Decline": func() error { return d.Decline(ctx, "g") },
			"Admit":   func() error { _, err := d.Admit(ctx, resource("Patient", "p", `"active":true`)); return err },
			"NewID":   func() error { _, err := d.NewID(); return err },
		} {
			kindIs(t, name+" Directory "+what, f(), errs.Refused)
		}
	}
	for name, p := range map[string]*Practice{"nil": nil, "zero": {}} {
		for what, f := range map[string]func() error{
			"Staff":         func() error { _, err := p.Staff(ctx); return err },
			"SetStaff":      func() error { return p.SetStaff(ctx, StaffMember{ID: "x", Name: "X"}) },
			"AddStaff":      func() error { _, err := p.AddStaff(ctx, StaffMember{Name: "X"}); return err },
			"StaffMember":   func() error { _, err := p.StaffMember(ctx, "nurse"); return err },
			"InviteStaff":   func() error { _, err := p.InviteStaff(ctx, "nurse"); return err },
			"ResetStaff":    func() error { return p.ResetStaff(ctx, "nurse") },
			"EndSessions":   func() error { return p.EndSessions(ctx, "nurse") },
			"StaffAccounts": func() error { _, err := p.StaffAccounts(ctx); return err },
			"AddPlace":      func() error { return p.AddPlace(ctx, "North") },
			"RemovePlace":   func() error { return p.RemovePlace(ctx, "n") },
			"SetSettings":   func() error { return p.SetSettings(ctx, Settings{}) },
			"SetTopics":     func() error { return p.SetTopics(ctx, DefaultTopics()) },
			"SetReplies":    func() error { return p.SetReplies(ctx, DefaultReplies()) },
			"Tallies":       func() error { _, err := p.Tallies(ctx); return err },
			"Put":           func() error { _, err := p.Put(ctx, resource("Organization", "o", `"name":"O"`)); return err },
			"Each":          func() error { return p.Each(ctx, func(fhir.Resource) error { return nil }) },
			"Progress":      func() error { _, err := p.Progress(ctx, []byte("d")); return err },
			"SetProgress":   func() error { return p.SetProgress(ctx, []byte("d"), 1) },
		} {
			kindIs(t, name+" Practice "+what, f(), errs.Refused)
		}
	}
	lines := h.grew("", func() {
		_, err := h.v.OpenDirectory(ctx, account.Actor{}, Finding)
		kindIs(t, "the directory for nobody", err, errs.Refused)
		_, err = h.v.OpenPractice(ctx, account.Actor{}, Running)
		kindIs(t, "the practice for nobody", err, errs.Refused)
		_, err = h.v.Admit(ctx, account.Actor{}, Importing)
		kindIs(t, "admitting by nobody", err, errs.Refused)
		_, err = h.v.Admit(ctx, importer, 0)
		kindIs(t, "admitting for nothing", err, errs.Refused)
	})
	if d := cmp.Diff([]string{"nobody find finding refused", "nobody practice running refused", "nobody admit importing refused", "system admit none refused"}, lines); d != "" {
		t.Errorf("on the ledger (-want +got):\n%s", d)
	}
}

func TestAChartOfAnotherVaultIsRefused(t *testing.T) {
	t.Parallel()
	h, other := newHouse(t), newHouse(t)
	c := other.bring(other.ada)
	_, err := h.v.Commit(t.Context(), Write{c, []Change{{Resource: pulse("o", "ada", 60)}}})
	kindIs(t, "another vault's chart", err, errs.Refused)
}

func TestAChartReachesTheNamedPartsAndNoOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.bring(h.ada).Put(t.Context(), pulse("o1", "ada", 60), condition("c1", "ada", "38341003"))
	do(t, err)
	desk := h.staff("frontdesk")
	c := h.open(h.staff("nurse"), Care, h.ada, Results)
	if f, err := c.Read(t.Context(), "Observation", "o1"); err != nil || string(f.JSON) != string(pulse("o1", "ada", 60).JSON) {
		t.Errorf("a named part: %s, %v", f.JSON, err)
	}
	// a part that was not named is a defect in the page
	_, err = c.Read(t.Context(), "Condition", "c1")
	kindIs(t, "reading a part not named", err, errs.Internal)
	_, err = c.History(t.Context(), "Condition", "c1")
	kindIs(t, "the history of a part not named", err, errs.Internal)
	_, err = c.Search(t.Context(), query(t, "Condition", ""))
	kindIs(t, "searching a part not named", err, errs.Internal)
	_, err = c.Put(t.Context(), condition("c2", "ada", "1"))
	kindIs(t, "writing a part not named", err, errs.Refused)
	if _, ok := c.Card(); ok {
		t.Error("the person's card is open without their part")
	}
	_, err = c.Looks(t.Context(), 0, 10)
	kindIs(t, "the looks", err, errs.Refused)
	// a part that the policy took away is as if it were empty
	c = h.open(desk, Care, h.ada, Person|Results)
	_, err = c.Read(t.Context(), "Observation", "o1")
	kindIs(t, "reading a part that was taken away", err, errs.NotFound)
	_, none := c.Read(t.Context(), "Patient", "nobody")
	if none == nil || err.Error() != strings.Replace(none.Error(), "record: read: ", "", 1) && err.Error() != none.Error() {
		t.Errorf("taken away says %q, absent says %q", err, none)
	}
	_, err = c.History(t.Context(), "Observation", "o1")
	kindIs(t, "the history of a part that was taken away", err, errs.NotFound)
	if fs, err := c.Search(t.Context(), query(t, "Observation", "")); err != nil || len(fs) > 0 {
		t.Errorf("searching a part that was taken away: %v, %v; want nothing", fs, err)
	}
	_, err = c.Put(t.Context(), pulse("o2", "ada", 1))
	kindIs(t, "writing a part that was taken away", err, errs.Refused)
	if ch, err := c.Since(t.Context(), start.AddDate(-1, 0, 0)); err != nil || len(ch) != 1 || ch[0].Type != "Patient" {
		t.Errorf("what came, for the front desk: %v, %v; want the person alone", ch, err)
	}
	if card, ok := c.Card(); !ok || card.Family != "Lovelace" {
		t.Errorf("the front desk's card: %+v, %v", card, ok)
	}
}

func TestAChartForDeliveryReadsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.bring(h.ada).Put(t.Context(), pulse("o1", "ada", 60))
	do(t, err)
	lines := h.grew(h.ada, func() {
		c, err := h.v.Into(t.Context(), importer, Importing, h.ada)
		do(t, err)
		_, err = c.Read(t.Context(), "Observation", "o1")
		kindIs(t, "reading", err, errs.Refused)
		_, err = c.Search(t.Context(), query(t, "Observation", ""))
		kindIs(t, "searching", err, errs.Refused)
		_, err = c.History(t.Context(), "Observation", "o1")
		kindIs(t, "the history", err, errs.Refused)
		_, err = c.Looks(t.Context(), 0, 10)
		kindIs(t, "the looks", err, errs.Refused)
		if ch, err := c.Since(t.Context(), start.AddDate(-1, 0, 0)); err == nil && len(ch) > 0 {
			t.Errorf("what came: %v", ch)
		}
		if _, ok := c.Card(); ok {
			t.Error("the card is open")
		}
		_, err = c.Put(t.Context(), pulse("o2", "ada", 61))
		do(t, err)
	})
	if d := cmp.Diff([]string{"system write importing results1"}, lines); d != "" {
		t.Errorf("on the ledger (-want +got):\n%s", d)
	}
	refused := h.grew(h.ada, func() {
		_, err := h.v.Into(t.Context(), h.client(h.bob), Own, h.ada)
		kindIs(t, "delivery by somebody else", err, errs.Refused)
	})
	if len(refused) != 1 || !strings.Contains(refused[0], "refused") {
		t.Errorf("a refused delivery: %q", refused)
	}
}

func TestADestroyedKeyIsGoneForWhoMayAndRefusedForWhoMayNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nurse, bob := h.staff("nurse"), h.client(h.bob)
	do(t, h.v.Close())
	pid, _ := pidOf(h.ada)
	h.edit(ringFile, `DELETE FROM key WHERE pid = ?`, pid[:])
	v, err := Open(t.Context(), h.config())
	do(t, err)
	h.use(v)
	lines := h.grew("", func() {
		_, err := v.Open(t.Context(), nurse, Care, h.ada, Results)
		kindIs(t, "a nurse", err, errs.Gone)
		_, refused := v.Open(t.Context(), bob, Own, h.ada, Results)
		kindIs(t, "another client", refused, errs.Refused)
		_, missing := v.Open(t.Context(), bob, Own, absent, Results)
		if refused.Error() != missing.Error() {
			t.Errorf("refused %q, absent %q", refused, missing)
		}
	})
	if len(lines) != 3 {
		t.Errorf("on the ledger: %q, want three tries", lines)
	}
	h.open(nurse, Care, h.bob, Results) // others go on
	if rep := h.verify(); rep.Unopened == 0 {
		t.Errorf("Verify = %+v, want Ada's lines unopened", rep)
	}
	if _, err := v.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("Check: %v, want that keys are missing", err)
	}
}

func TestNothingIsReadWhenTheLedgerCannotBeWritten(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(h *house){
		"the ledger has stopped":  func(h *house) { h.v.led.Close() },
		"the store is closed":     func(h *house) { do(h.t, h.v.st.Close()) },
		"the store takes nothing": func(h *house) { h.v.led.Close(); h.relive(&stuck{Store: h.v.st}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			nurse, manager, desk := h.staff("nurse"), h.staff("manager"), h.staff("frontdesk")
			ready := h.bring(h.ada)
			spoil(h)
			ctx := context.Background()
			c, err := h.v.Open(ctx, nurse, Care, h.ada, AllParts)
			kindIs(t, "Open", err, errs.Unavailable)
			d, derr := h.v.OpenDirectory(ctx, desk, Finding)
			kindIs(t, "OpenDirectory", derr, errs.Unavailable)
			p, perr := h.v.OpenPractice(ctx, manager, Running)
			kindIs(t, "OpenPractice", perr, errs.Unavailable)
			if c != nil || d != nil || p != nil {
				t.Errorf("opened all the same: %v %v %v", c, d, p)
			}
			// a refusal that cannot be written down is not told either
			_, err = h.v.Open(ctx, manager, Care, h.ada, AllParts)
			kindIs(t, "a refusal", err, errs.Unavailable)
			if _, err := ready.Put(ctx, pulse("o9", "ada", 60)); err == nil {
				t.Error("a write without its line was acknowledged")
			}
		})
	}
}

// stuck is a store whose transactions cannot be committed.
type stuck struct{ store.Store }

type stuckTx struct{ store.Tx }

func (s *stuck) Begin(ctx context.Context) (store.Tx, error) {
	tx, err := s.Store.Begin(ctx)
	return stuckTx{tx}, err
}

func (s stuckTx) Commit() error {
	return errs.E(errs.Unavailable, "the disk is full: %w", s.Rollback())
}

func TestLastLookIsTheVisitBeforeThisOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nurse, other := h.staff("nurse"), h.staff("clinician")
	look := func(who account.Actor) time.Time {
		t.Helper()
		return h.open(who, Care, h.ada, Results).LastLook()
	}
	if got := look(nurse); !got.IsZero() {
		t.Errorf("the first look came after one at %v", got)
	}
	first := h.now.Now()
	h.now.Add(10 * time.Minute)
	if got := look(nurse); !got.IsZero() {
		t.Errorf("a second look in the same visit came after one at %v", got)
	}
	end := h.now.Now()
	h.now.Add(3 * time.Hour)
	look(other)
	_, err := h.v.Open(t.Context(), nurse, Care, h.ada, Looks) // refused: no look
	kindIs(t, "looks", err, errs.Refused)
	h.now.Add(time.Hour)
	if got := look(nurse); !got.Equal(end) {
		t.Errorf("the last visit ended at %v, want %v (it began at %v)", got, end, first)
	}
}

func TestTheFrontDeskReadsWhoAndWhenAndNeverWhy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	visit := fhir.Resource{Type: "Appointment", ID: "v1", JSON: []byte(`{"resourceType":"Appointment","id":"v1","status":"booked","description":"WHY","comment":"WHY","reasonCode":[{"text":"WHY"}],"text":{"status":"generated","div":"<div>WHY</div>"},"start":"2026-11-26T10:30:00Z","end":"2026-11-26T10:50:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"}]}`)}
	_, err := h.open(h.staff("clinician"), Care, h.ada, Visits).Put(t.Context(), visit)
	do(t, err)
	q, err := search.Parse("Appointment", nil)
	do(t, err)
	for role, whole := range map[string]bool{"clinician": true, "frontdesk": false} {
		c := h.open(h.staff(role), Care, h.ada, Visits)
		f, err := c.Read(t.Context(), "Appointment", "v1")
		do(t, err)
		fs, err := c.Search(t.Context(), q)
		do(t, err)
		vs, err := c.History(t.Context(), "Appointment", "v1")
		do(t, err)
		for _, by := range []string{"reason-code", "service-type", "_sort"} {
			value := map[string]string{"_sort": "specialty"}[by]
			if value == "" {
				value = "anything"
			}
			if _, err := c.Find(t.Context(), "Appointment", by, value); errs.Is(err, errs.Refused) == whole {
				t.Errorf("searching by %s as %s: %v", by, role, err)
			}
		}
		for how, b := range map[string][]byte{"read": f.JSON, "search": fs[0].JSON, "history": vs[0].JSON} {
			if bytes.Contains(b, []byte("WHY")) != whole || !bytes.Contains(b, []byte("2026-11-26T10:30:00Z")) {
				t.Errorf("%s by %s: %s", how, role, b)
			}
		}
	}
}
