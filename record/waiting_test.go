package record

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record/internal/store"
)

// asksToJoin has somebody new ask to be taken on, and returns their account and
// the token of their session.
func (h *house) asksToJoin(name, mail string) (account.Subject, string) {
	h.t.Helper()
	ctx := h.t.Context()
	asking, err := h.doors.AskJoin(ctx, name, mail, account.Origin{Addr: netip.MustParseAddr("192.0.2.7"), Lang: lang.English})
	do(h.t, err)
	ps, err := h.v.Due(ctx, 10)
	do(h.t, err)
	for _, p := range ps {
		do(h.t, h.v.Settled(ctx, p.ID))
		if token, ok := strings.CutPrefix(p.Letter.Path, "/in/"); ok && p.Letter.To == mail {
			in, err := h.doors.Enter(ctx, token, account.Ask{Asking: asking})
			do(h.t, err)
			return in.Subject, in.Token
		}
	}
	h.t.Fatalf("no letter to %s", mail)
	return account.Subject{}, ""
}

// vouches opens the directory for the front desk to say who somebody is.
func (h *house) vouches() *Directory {
	h.t.Helper()
	d, err := h.v.OpenDirectory(h.t.Context(), h.staff("frontdesk"), Vouching)
	do(h.t, err)
	return d
}

func TestWhoAskedIsTakenOnAsWhomStaffSay(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	guest, token := h.asksToJoin("Ada L.", "ada@home.example")
	d := h.vouches()
	w, err := d.Wait(ctx, guest.ID)
	do(t, err)
	if w.Name != "Ada L." || w.Mail != "ada@home.example" || len(w.Also) != 0 {
		t.Errorf("who waits: %+v", w)
	}
	lines := h.grew(h.ada, func() { do(t, d.Accept(ctx, guest.ID, h.ada, NotAsked)) })
	if !slices.Equal(lines, []string{"staff accept vouching"}) {
		t.Errorf("in Ada's chain: %v", lines)
	}
	if who := h.who(token); who.Kind() != account.Nobody {
		t.Errorf("a session from before goes on as %v", who)
	}
	kindIs(t, "taken on twice", d.Accept(ctx, guest.ID, h.bob, NotAsked), errs.NotFound)
	kindIs(t, "declined after", d.Decline(ctx, guest.ID), errs.NotFound)
	if all, err := d.Waiting(ctx); err != nil || len(all) != 0 {
		t.Errorf("still waiting: %v, %v", all, err)
	}
}

// TestAMinorsSharedMailIsAskedAboutInPrivate: whose address it is decides, not
// what they are called, and a birth date nobody knows counts as a minor's.
func TestAMinorsSharedMailIsAskedAboutInPrivate(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	teen := h.admit("teen", "Mia", "Odenkirk", "2011-06-01")
	ageless := h.admitAs(resource("Patient", "ageless", `"name":[{"text":"No Date"}]`))
	h.admitAs(resource("Patient", "dad", `"name":[{"text":"Mia Odenkirk"}],"birthDate":"1970-01-01","telecom":[{"system":"email","value":"family+x@home.example"}]`))
	guest, _ := h.asksToJoin("Mia Odenkirk", "fa.mily@home.example")
	h.guarded("example-scotland")
	d := h.vouches()
	w, err := d.Wait(ctx, guest.ID)
	do(t, err)
	if !slices.Equal(w.Also, []string{"Mia Odenkirk"}) { // another of the same name is another
		t.Errorf("also used by %v", w.Also)
	}
	for what, as := range map[string]fhir.ClientID{"a minor": teen, "somebody of unknown age": ageless} {
		card, _ := d.Card(as)
		names, err := d.Shared(ctx, w, card)
		do(t, err)
		if len(names) != 1 {
			t.Errorf("%s shares with %v", what, names)
		}
		err = d.Accept(ctx, guest.ID, as, NotAsked)
		kindIs(t, what+" without asking", err, errs.Conflict)
		if errs.SayOf(err) != "joining.shared_mail" {
			t.Errorf("%s: says %q", what, errs.SayOf(err))
		}
	}
	if names, err := d.Shared(ctx, w, Card{Birth: "1980-01-01"}); err != nil || len(names) != 0 {
		t.Errorf("an adult is asked about %v, %v", names, err)
	}
	do(t, d.Accept(ctx, guest.ID, teen, AskedInPrivate))
	var a *account.Access
	do(t, h.v.Change(ctx, func(k account.Desk) error {
		a = &account.Access{}
		return k.Get(ctx, account.Accesses, h.v.Key("access", "client "+string(teen)), a)
	}))
	if len(a.Mails) != 1 || !a.Mails[0].Private {
		t.Errorf("that staff asked is not kept: %+v", a.Mails)
	}
}

func TestWhoIsDeclinedWaitsNoMore(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	guest, token := h.asksToJoin("Nia", "nia@home.example")
	finding, err := h.v.OpenDirectory(ctx, h.staff("nurse"), Finding)
	do(t, err)
	kindIs(t, "declined by who only looks", finding.Decline(ctx, guest.ID), errs.Refused)
	kindIs(t, "taken on by who only looks", finding.Accept(ctx, guest.ID, h.ada, AskedInPrivate), errs.Refused)
	do(t, h.vouches().Decline(ctx, guest.ID))
	if all, err := h.vouches().Waiting(ctx); err != nil || len(all) != 0 {
		t.Errorf("still waiting: %v, %v", all, err)
	}
	if h.who(token).Kind() != account.Guest {
		t.Error("the account is gone")
	}
}

func TestANewIDIsAUUID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.vouches()
	seen := map[string]bool{}
	for range 100 {
		id, err := d.NewID()
		do(t, err)
		if len(id) != 36 || id[14] != '4' || !strings.ContainsRune("89ab", rune(id[19])) || seen[id] {
			t.Fatalf("%q is no UUID, or came twice", id)
		}
		seen[id] = true
	}
}

// TestAMinorsOwnAccountIsForTheRulesToSay: by invitation at the desk or by mail, and by
// being taken on.
func TestAMinorsOwnAccountIsForTheRulesToSay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules, birth string
		guardian     bool
		say          string
		told         []string
	}{
		"no rules":                        {"", "2012-05-05", true, "joining.own_rules", nil},
		"too young":                       {"example-england", "2019-05-05", true, "joining.own_age", nil},
		"the last day of being too young": {"example-france", "2011-11-25", false, "joining.own_age", nil},
		"a birthday":                      {"example-france", "2011-11-24", false, "", nil},
		"a guardian must know":            {"example-england", "2014-05-05", true, "", []string{"own-account bob@example.org /family"}},
		"no guardian knows":               {"example-england", "2014-05-05", false, "joining.own_known", nil},
		"on their own":                    {"example-england", "2012-05-05", true, "", nil},
		"grown":                           {"example-england", "2000-05-05", true, "", nil},
		"grown, no rules":                 {"", "2000-05-05", false, "", nil},
		"nobody knows when born":          {"example-england", "", false, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, ctx := newHouse(t), t.Context()
			h.reads(h.bob, "bob@example.org", "1962-10-22")
			person := patient("kid", "Kim", "Young", c.birth)
			if c.birth == "" {
				person = resource("Patient", "ageless", `"name":[{"text":"No Date"}]`)
			}
			kid := h.admitAs(person)
			if c.guardian {
				h.guarded("example-england")
				bob := h.client(h.bob)
				young := h.admit("young", "An", "Other", "2019-01-01")
				h.guards(bob, young) // by rules that let him; moved to the one at hand
				h.change(func(ctx context.Context, tx store.Tx) error {
					all, err := h.v.circleOf(ctx, tx, young)
					return orElse(err, h.v.putCircle(ctx, tx, kid, all))
				})
			}
			h.settles(func(s *Settings) { s.Minors = Minors{} })
			if c.rules != "" {
				h.guarded(c.rules)
			}
			guest, _ := h.asksToJoin("Kim", "kim@home.example")
			h.letters()
			says := func(what string, err error) {
				t.Helper()
				if errs.SayOf(err) != c.say || (err == nil) != (c.say == "") {
					t.Errorf("%s: %v, want %q", what, err, c.say)
				}
			}
			chart := h.vouching(kid)
			says("the page", chart.OwnAccount(ctx))
			_, err := chart.Invite(ctx, "", NotAsked, lang.English)
			says("at the desk", err)
			if got := h.letters(); !slices.Equal(got, append([]string{}, c.told...)) {
				t.Errorf("told %q, want %q", got, c.told)
			}
			_, err = chart.Invite(ctx, "own@home.example", AskedInPrivate, lang.English)
			says("by mail", err)
			h.letters()
			says("taken on", h.vouches().Accept(ctx, guest.ID, kid, AskedInPrivate))
			if got := h.letters(); c.told != nil && !slices.Contains(got, c.told[0]) {
				t.Errorf("taken on, told %q", got)
			}
			if a := h.accessTo(kid); (a == nil) != (c.say != "") {
				t.Errorf("the account is %+v", a)
			}
		})
	}
}
