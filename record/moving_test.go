package record

import (
	"context"
	"fmt"
	"slices"
	"strings"
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

// mails gives a client who has no way in addresses, with which a link lets them in.
func (h *house) mails(c fhir.ClientID, names ...string) {
	h.t.Helper()
	h.change(func(ctx context.Context, tx store.Tx) error {
		a := &account.Access{Subject: asClient(c)}
		for _, n := range names {
			a.Mails = append(a.Mails, account.Mail{Address: n + "@x.example"})
		}
		return h.v.putAccess(ctx, tx, asClient(c), nil, a)
	})
}

// found is whom an address finds.
func (h *house) found(name string) (who []fhir.ClientID) {
	h.t.Helper()
	for _, key := range [][]byte{h.v.Key("mail", account.SameMail(name+"@x.example")), h.v.Key("mailbox", account.Mailbox(name+"@x.example"))} {
		var whose []account.Subject
		do(h.t, h.v.st.View(context.Background(), func(r store.Reader) error {
			err := h.v.get(context.Background(), r, store.Contacts, key, &whose)
			if errs.Is(err, errs.NotFound) {
				return nil
			}
			return err
		}))
		var ids []fhir.ClientID
		for _, s := range whose {
			ids = append(ids, fhir.ClientID(s.ID))
		}
		if who != nil && !slices.Equal(who, ids) {
			h.t.Errorf("%s: the address finds %v, the mailbox %v", name, who, ids)
		}
		who = ids
	}
	return who
}

// addresses are the names of an account's.
func addresses(a *account.Access) (names []string) {
	if a == nil {
		return nil
	}
	for _, m := range a.Mails {
		name, _, _ := strings.Cut(m.Address, "@")
		names = append(names, name)
	}
	return names
}

func TestAddressesGoWithTheChartAndComeBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ways         string // which of a and b has a way in
		a, b         []string
		one          []string
		gone         string // removed before it is undone
		backA, backB []string
	}{
		"only a comes in":          {"a", []string{"k", "both"}, []string{"l", "both"}, []string{"k", "both", "l"}, "", []string{"k", "both"}, []string{"l", "both"}},
		"only b comes in":          {"b", []string{"k", "both"}, []string{"l", "both"}, []string{"l", "both", "k"}, "", []string{"k", "both"}, []string{"l", "both"}},
		"links only":               {"", []string{"k"}, []string{"l"}, []string{"k", "l"}, "", []string{"k"}, []string{"l"}},
		"removed since, a":         {"a", []string{"k"}, []string{"l"}, []string{"k", "l"}, "l", []string{"k"}, nil},
		"removed since, b":         {"b", []string{"k"}, []string{"l"}, []string{"l", "k"}, "k", nil, []string{"l"}},
		"b has nothing":            {"", []string{"k"}, nil, []string{"k"}, "", []string{"k"}, nil},
		"the way in's own is gone": {"a", []string{"k", "j"}, []string{"l"}, []string{"k", "j", "l"}, "k", []string{"j"}, []string{"l"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			a, b, id := h.twins()
			h.mails(a, c.a...)
			if c.b != nil {
				h.mails(b, c.b...)
			}
			for _, x := range []fhir.ClientID{a, b} {
				if who := map[fhir.ClientID]string{a: "a", b: "b"}[x]; who == c.ways {
					h.change(func(ctx context.Context, tx store.Tx) error {
						s, err := h.v.accessOf(ctx, tx, asClient(x))
						s.App = &account.App{Secret: []byte(who)}
						return orElse(err, h.v.put(ctx, tx, store.Access, h.v.accessKey(asClient(x)), time.Time{}, s))
					})
				}
			}
			do(t, h.doubler().Merge(t.Context(), id, b))
			one := h.accessTo(b)
			if !slices.Equal(addresses(one), c.one) || one.Locked() != (c.ways == "") {
				t.Fatalf("the one account has %q", addresses(one))
			}
			for _, m := range c.one {
				if got := h.found(m); !slices.Equal(got, []fhir.ClientID{b}) {
					t.Errorf("%s finds %v", m, got)
				}
			}
			if c.gone != "" {
				h.change(func(ctx context.Context, tx store.Tx) error {
					had := one.Mails
					one.Mails = slices.DeleteFunc(slices.Clone(had), func(m account.Mail) bool { return m.Address == c.gone+"@x.example" })
					return h.v.putAccess(ctx, tx, asClient(b), had, one)
				})
			}
			h.undo(id)
			if got := addresses(h.accessTo(a)); !slices.Equal(got, c.backA) {
				t.Errorf("a has %q back, want %q", got, c.backA)
			}
			if got := addresses(h.accessTo(b)); !slices.Equal(got, c.backB) {
				t.Errorf("b has %q back, want %q", got, c.backB)
			}
			for _, m := range []string{"k", "l", "j", "both"} {
				var want []fhir.ClientID
				for x, has := range map[fhir.ClientID][]string{a: c.backA, b: c.backB} {
					if slices.Contains(has, m) {
						want = append(want, x)
					}
				}
				got := h.found(m)
				slices.Sort(want)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("%s finds %v, want %v", m, got, want)
				}
			}
			for x, who := range map[fhir.ClientID]string{a: "a", b: "b"} {
				if s := h.accessTo(x); s != nil && (s.Locked() == (who == c.ways) || s.Moved || s.Subject != asClient(x)) {
					t.Errorf("%s is %+v", who, s)
				}
			}
		})
	}
}

// TestALinkFromBeforeTwoMergesTakesNothing: who follows it is whoever the chart is
// of now, with every way in and address they have.
func TestALinkFromBeforeTwoMergesTakesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.admitAs(ruth("ruth-a", ruthPhone)), h.admitAs(ruth("ruth-b", ruthStreet))
	c := h.admitAs(ruth("ruth-c", `"telecom":[{"system":"phone","value":"+41 79 555 01 02"}],"identifier":[{"system":"urn:mrn","value":"C-3"}]`))
	h.mails(a, "k")
	h.way(c, "c")
	doors := h.doors
	invited, err := doors.Invite(t.Context(), asClient(a), account.Once)
	do(t, err)
	stop := account.Link{Hash: account.HashOf("stop"), For: account.ToStop, Subject: asClient(a), Uses: account.Once, Ends: h.now.Now().Add(time.Hour)}
	again := account.Link{Hash: account.HashOf("in"), For: account.ToSignIn, Subject: asClient(a), Uses: account.Once, Ends: h.now.Now().Add(time.Hour), Mail: "k@x.example"}
	h.change(func(ctx context.Context, tx store.Tx) error {
		return orElse(h.v.put(ctx, tx, store.Links, stop.Hash[:], stop.Ends, &stop), h.v.put(ctx, tx, store.Links, again.Hash[:], again.Ends, &again))
	})
	_, err = h.v.Propose(t.Context(), importer, a, b, c)
	do(t, err)
	pair := func(x, y fhir.ClientID) string { return fmt.Sprintf("%x", h.v.doubleKey(x, y)) }
	do(t, h.doubler().Merge(t.Context(), pair(a, b), b))
	h.now.Add(time.Second)
	do(t, h.doubler().Merge(t.Context(), pair(b, c), c))
	_, err = doors.Enter(t.Context(), invited, account.Ask{})
	kindIs(t, "what the practice handed out for the first", err, errs.NotFound)
	in, err := doors.Enter(t.Context(), "in", account.Ask{})
	do(t, err)
	if in.Session.Subject != asClient(c) || in.Session.Level != account.ByLink {
		t.Errorf("the link lets in %+v", in.Session)
	}
	do(t, doors.StopBack(t.Context(), "stop"))
	if x := h.accessTo(c); x == nil || x.App == nil || x.Moved || !slices.Equal(addresses(x), []string{"c", "k"}) {
		t.Errorf("the account is %+v now", x)
	}
	for _, x := range []fhir.ClientID{a, b} {
		if m := h.accessTo(x); m == nil || !m.Moved {
			t.Errorf("%v is %+v", x, m)
		}
	}
	h.verify()
}

func TestOfTwoAccountsTheLaterIsUndoneFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.admitAs(ruth("ruth-a", ruthPhone)), h.admitAs(ruth("ruth-b", ruthStreet))
	c := h.admitAs(ruth("ruth-c", `"telecom":[{"system":"phone","value":"+41 79 555 01 02"}],"identifier":[{"system":"urn:mrn","value":"C-3"}]`))
	h.way(a, "a")
	h.mails(c, "k")
	_, err := h.v.Propose(t.Context(), importer, a, b, c)
	do(t, err)
	pair := func(x, y fhir.ClientID) string { return fmt.Sprintf("%x", h.v.doubleKey(x, y)) }
	do(t, h.doubler().Merge(t.Context(), pair(a, b), b))
	h.now.Add(time.Second)
	do(t, h.doubler().Merge(t.Context(), pair(c, b), b))
	_, err = h.doubler().Undo(t.Context(), pair(a, b))
	kindIs(t, "the earlier first", err, errs.Conflict)
	h.undo(pair(c, b))
	h.undo(pair(a, b))
	if got, want := addresses(h.accessTo(a)), []string{"a"}; !slices.Equal(got, want) {
		t.Errorf("a has %q", got)
	}
	if got := addresses(h.accessTo(c)); !slices.Equal(got, []string{"k"}) || h.accessTo(b) != nil {
		t.Errorf("c has %q, b %+v", got, h.accessTo(b))
	}
}
