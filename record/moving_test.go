package record

import (
	"context"
	"slices"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

type lineRead = ledger.Read

// change writes behind the doors' back, in one transaction.
func (h *house) change(f func(ctx context.Context, tx store.Tx) error) {
	h.t.Helper()
	do(h.t, h.v.led.Commit(context.Background(), &ledger.Act{Write: f}))
}

// way gives a client a way in, known by a name.
func (h *house) way(c fhir.ClientID, name string) {
	h.t.Helper()
	h.change(func(ctx context.Context, tx store.Tx) error {
		s := asClient(c)
		if err := h.v.put(ctx, tx, store.Contacts, h.v.Key("mail", account.SameMail(name+"@x.example")), time.Time{}, &[]account.Subject{s}); err != nil {
			return err
		}
		return h.v.put(ctx, tx, store.Access, h.v.Key("access", s.Kind.String()+" "+s.ID), time.Time{},
			&account.Access{Subject: s, App: &account.App{}, Language: name, Mails: []account.Mail{{Address: name + "@x.example"}}})
	})
}

// access is what a client comes in by; nil for nothing.
func (h *house) accessTo(c fhir.ClientID) (a *account.Access) {
	h.t.Helper()
	do(h.t, h.v.st.View(context.Background(), func(r store.Reader) (err error) {
		a, err = h.v.accessOf(context.Background(), r, asClient(c))
		return err
	}))
	return a
}

func (h *house) circle(c fhir.ClientID) (names []string) {
	h.t.Helper()
	do(h.t, h.v.st.View(context.Background(), func(r store.Reader) error {
		all, err := h.v.circleOf(context.Background(), r, c)
		for _, g := range all.Grants {
			names = append(names, g.Name)
		}
		return err
	}))
	slices.Sort(names)
	return names
}

func (h *house) caring(s account.Subject) (out []fhir.ClientID) {
	h.t.Helper()
	do(h.t, h.v.st.View(context.Background(), func(r store.Reader) error {
		x, err := h.v.caringOf(context.Background(), r, s)
		out = x.Clients
		return err
	}))
	return out
}

// helps makes somebody a helper of a client.
func (h *house) helps(of fhir.ClientID, who account.Subject, name string) {
	h.t.Helper()
	h.change(func(ctx context.Context, tx store.Tx) error {
		all, err := h.v.circleOf(ctx, tx, of)
		if err != nil {
			return err
		}
		all.Grants = append(all.Grants, Grant{ID: name, Who: who, Name: name, Tie: Helper, Reads: Results, From: start, Asked: start})
		if err := h.v.putCircle(ctx, tx, of, all); err != nil {
			return err
		}
		x, err := h.v.caringOf(ctx, tx, who)
		if err != nil {
			return err
		}
		x.Clients = append(x.Clients, of)
		return h.v.put(ctx, tx, store.Caring, h.v.caringKey(who), time.Time{}, &x)
	})
}

func TestTheOneWayInGoesWithTheChartAndComesBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, id := h.twins()
	h.way(a, "ruth")
	h.helps(a, asClient(h.bob), "bob helps ruth")
	h.helps(h.ada, asClient(a), "ruth helps ada")
	who := h.client(a)
	link, err := h.v.Invite2(t.Context(), a)
	do(t, err)
	do(t, h.doubler().Merge(t.Context(), id, b))
	if m := h.accessTo(a); m == nil || !m.Moved || m.Subject != asClient(b) {
		t.Errorf("the account that went is %+v", m)
	}
	if x := h.accessTo(b); x == nil || x.Locked() || x.Language != "ruth" || len(x.Sessions) != 0 || string(x.Handle) != string(h.v.Key("access", "client "+string(a))) {
		t.Errorf("the account that stays is %+v", x)
	}
	var whose []account.Subject
	do(t, h.v.st.View(t.Context(), func(r store.Reader) error {
		return h.v.get(t.Context(), r, store.Contacts, h.v.Key("mail", account.SameMail("ruth@x.example")), &whose)
	}))
	if !slices.Equal(whose, []account.Subject{asClient(b)}) {
		t.Errorf("their address is of %v", whose)
	}
	_, err = h.v.Open(t.Context(), who, Own, a, AllParts)
	kindIs(t, "the session of before", err, errs.Refused)
	if got := h.caring(asClient(h.bob)); !slices.Equal(got, []fhir.ClientID{b}) {
		t.Errorf("bob looks after %v", got)
	}
	if got := h.caring(asClient(b)); !slices.Equal(got, []fhir.ClientID{h.ada}) {
		t.Errorf("ruth looks after %v", got)
	}
	if c, err := h.v.Open(t.Context(), h.client(h.bob), Own, b, Results); err != nil || c.basis.String() != "helper" {
		t.Errorf("bob cannot help: %v", err)
	}
	// who was asked before the merge can still say yes, to the one chart
	bobs := h.client(h.bob)
	if of, err := h.v.TakeHelp(t.Context(), bobs, link); err != nil || of != b {
		t.Errorf("help taken for %v, %v", of, err)
	}
	// one more is let in after the merge: they stay with the chart that was kept
	h.helps(b, asClient(h.ada), "ada helps ruth")
	h.undo(id)
	if x := h.accessTo(a); x == nil || x.Locked() || x.Moved || x.Subject != asClient(a) {
		t.Errorf("the account did not come back: %+v", x)
	}
	if x := h.accessTo(b); x != nil {
		t.Errorf("an account stayed: %+v", x)
	}
	if ga, gb := h.circle(a), h.circle(b); !slices.Equal(ga, []string{"asked", "bob helps ruth"}) || !slices.Equal(gb, []string{"ada helps ruth"}) {
		t.Errorf("circles: %q, %q", ga, gb)
	}
	if got := h.caring(asClient(h.bob)); !slices.Equal(got, []fhir.ClientID{a}) {
		t.Errorf("bob looks after %v, want %v", got, a)
	}
	if got := h.caring(asClient(a)); !slices.Equal(got, []fhir.ClientID{h.ada}) {
		t.Errorf("ruth looks after %v", got)
	}
	h.client(a)
	h.verify()
}

// Invite2 asks somebody to help a client, as the client would.
func (v *Vault) Invite2(ctx context.Context, c fhir.ClientID) (string, error) {
	d := &Directory{v: v, why: Sharing}
	chart, err := d.inner(ctx, c)
	if err != nil {
		return "", err
	}
	return chart.Offer(ctx, Grant{Name: "asked", Tie: Helper, Reads: Visits}, "", lang.English)
}

func TestWhatAMergeIsRefusedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		say string
		do  func(h *house, a, b fhir.ClientID)
	}{
		"both have a way in":           {"joining.both_keys", func(h *house, a, b fhir.ClientID) { h.way(a, "a"); h.way(b, "b") }},
		"both have helpers":            {"joining.both_helpers", func(h *house, a, b fhir.ClientID) { h.helps(a, asClient(h.bob), "1"); h.helps(b, asClient(h.ada), "2") }},
		"one helps the other":          {"joining.tied", func(h *house, a, b fhir.ClientID) { h.helps(a, asClient(b), "1") }},
		"the other helps the one":      {"joining.tied", func(h *house, a, b fhir.ClientID) { h.helps(b, asClient(a), "1") }},
		"the same helper twice":        {"", func(h *house, a, b fhir.ClientID) { h.helps(a, asClient(h.bob), "1"); h.helps(b, asClient(h.bob), "2") }},
		"the one kept has both":        {"", func(h *house, a, b fhir.ClientID) { h.way(b, "b"); h.helps(b, asClient(h.bob), "1") }},
		"an account with no way in":    {"", func(h *house, a, b fhir.ClientID) { h.way(a, "a"); h.lock(a); h.way(b, "b") }},
		"it stands in for one with no": {"", func(h *house, a, b fhir.ClientID) { h.way(b, "b"); h.lock(b); h.way(a, "a") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			a, b, id := h.twins()
			c.do(h, a, b)
			was, had, ca, cb := h.accessTo(a), h.accessTo(b), h.circle(a), h.circle(b)
			err := h.doubler().Merge(t.Context(), id, b)
			if errs.SayOf(err) != c.say || (err == nil) != (c.say == "") {
				t.Fatalf("%v says %q, want %q", err, errs.SayOf(err), c.say)
			}
			if err == nil {
				h.undo(id)
			} else if h.open1().State != DoubleOpen {
				t.Error("decided all the same")
			}
			for i, x := range []*account.Access{h.accessTo(a), h.accessTo(b)} {
				y := []*account.Access{was, had}[i]
				if (x == nil) != (y == nil) || x != nil && (x.Subject != y.Subject || x.Locked() != y.Locked() || x.Moved != y.Moved || x.Language != y.Language) {
					t.Errorf("account %d is %+v, was %+v", i, x, y)
				}
			}
			if !slices.Equal(ca, h.circle(a)) || !slices.Equal(cb, h.circle(b)) {
				t.Errorf("circles: %q, %q", h.circle(a), h.circle(b))
			}
			h.verify()
		})
	}
}

// lock takes a client's way in.
func (h *house) lock(c fhir.ClientID) {
	h.t.Helper()
	a := h.accessTo(c)
	a.App = nil
	h.change(func(ctx context.Context, tx store.Tx) error {
		return h.v.put(ctx, tx, store.Access, h.v.Key("access", "client "+string(c)), time.Time{}, a)
	})
}
