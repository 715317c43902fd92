package record

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/go-cmp/cmp"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/lang"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// vouching opens a client's chart for staff who answer for who it is.
func (h *house) vouching(c fhir.ClientID) *Chart {
	h.t.Helper()
	return h.open(h.staff("frontdesk"), Vouching, c, Person|Agreements)
}

func (h *house) desk(why Purpose) *Directory {
	h.t.Helper()
	d, err := h.v.OpenDirectory(h.t.Context(), h.staff("frontdesk"), why)
	do(h.t, err)
	return d
}

// joins is somebody new who asked to be taken on, and came by the link in the mail.
func (h *house) joins(name, mail string) (account.Subject, string) {
	h.t.Helper()
	asking, err := h.doors.AskJoin(h.t.Context(), name, mail, account.Origin{})
	do(h.t, err)
	ls := h.letters()
	token, ok := strings.CutPrefix(ls[len(ls)-1], "joining "+mail+" /in/")
	if !ok {
		h.t.Fatalf("letters: %q", ls)
	}
	in, err := h.doors.Enter(h.t.Context(), token, account.Ask{Asking: asking})
	do(h.t, err)
	if in.Subject.Kind != account.Guest {
		h.t.Fatalf("joined as %v", in.Subject)
	}
	return in.Subject, in.Token
}

// keyed gives an account a passkey, as a browser would.
func (h *house) keyed(s account.Subject) {
	h.t.Helper()
	do(h.t, h.v.led.Commit(context.Background(), &ledger.Act{Write: func(ctx context.Context, tx store.Tx) error {
		a, err := h.v.accessOf(ctx, tx, s)
		if err != nil {
			return err
		}
		a.Passkeys = append(a.Passkeys, account.Passkey{Credential: webauthn.Credential{ID: []byte("key of " + s.ID)}, Name: "Firefox on Linux"})
		return h.v.put(ctx, tx, store.Access, h.v.Key("access", s.Kind.String()+" "+s.ID), time.Time{}, a)
	}}))
}

func (h *house) access(s account.Subject) *account.Access {
	h.t.Helper()
	var a *account.Access
	do(h.t, h.v.st.View(h.t.Context(), func(r store.Reader) (err error) {
		a, err = h.v.accessOf(h.t.Context(), r, s)
		return err
	}))
	return a
}

func TestAnInvitationIsForOneMailboxOfOnePerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admitAs(resource("Patient", "mum", `"name":[{"text":"Annabella Byron"}],"telecom":[{"system":"email","value":"Family.Byron@example.org"}]`))
	h.reads(h.bob, "bob@example.org", "1962-10-22")
	for mail, who := range map[string]string{"familybyron+ada@example.org": "Annabella Byron", "b.o.b@example.org": "Bob Odenkirk"} {
		_, err := h.vouching(h.ada).Invite(t.Context(), mail, NotAsked, lang.English)
		if kindIs(t, "a mailbox somebody else reads", err, errs.Conflict); errs.SayOf(err) != "joining.shared_mail" {
			t.Errorf("%s is refused with %q", mail, errs.SayOf(err))
		}
		if names, err := h.vouching(h.ada).AlsoRead(t.Context(), mail); err != nil || len(names) != 1 || names[0] != who {
			t.Errorf("%s is also read by %q, %v; want %s", mail, names, err, who)
		}
	}
	if ls := h.letters(); len(ls) != 0 {
		t.Errorf("what was refused was mailed: %q", ls)
	}
	// their own address, by their own card, is not somebody else's
	if names, err := h.vouching(h.bob).AlsoRead(t.Context(), "bob@example.org"); err != nil || len(names) != 0 {
		t.Errorf("Bob's own address is also read by %q, %v", names, err)
	}
	_, err := h.vouching(h.ada).Invite(t.Context(), "familybyron+ada@example.org", AskedInPrivate, lang.English)
	do(t, err)
	token, ok := strings.CutPrefix(h.letters()[0], "invite familybyron+ada@example.org /in/")
	if !ok {
		t.Fatal("no letter")
	}
	if acc, err := h.vouching(h.ada).Account(t.Context()); err != nil || acc.Has || acc.By == "" || !acc.Invited.After(h.now.Now()) {
		t.Errorf("the desk knows of the invitation %+v, %v", acc, err)
	}
	for _, born := range []string{"", "1815-12-11"} {
		_, err := h.doors.Enter(t.Context(), token, account.Ask{Born: born})
		kindIs(t, "without the birth date", err, errs.Invalid)
	}
	in, err := h.doors.Enter(t.Context(), token, account.Ask{Born: "1815-12-10"})
	if err != nil || in.Subject.ID != string(h.ada) || in.Level != account.ByLink || !in.Enrols {
		t.Fatalf("by the mail came %+v, %v", in.Session, err)
	}
	if a := h.access(in.Subject); len(a.Mails) != 1 || !a.Mails[0].Private {
		t.Errorf("her addresses are %+v", a.Mails)
	}
	h.keyed(in.Subject)
	if acc, err := h.vouching(h.ada).Account(t.Context()); err != nil || acc != (Account{Has: true, Mails: 1}) {
		t.Errorf("the desk knows %+v, %v", acc, err)
	}
	_, err = h.vouching(h.ada).Invite(t.Context(), "", NotAsked, lang.English)
	kindIs(t, "who has a way in", err, errs.Conflict)
	_, err = h.vouching(h.ada).Invite(t.Context(), "no address", NotAsked, lang.English)
	kindIs(t, "no address", err, errs.Invalid)
}

func TestWhatIsShownAtTheDeskLastsAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, make := range map[string]func() (string, error){
		"an invitation": func() (string, error) { return h.vouching(h.bob).Invite(t.Context(), "", NotAsked, lang.English) },
		"a way back":    func() (string, error) { return h.vouching(h.bob).LetBack(t.Context()) },
	} {
		for after, good := range map[time.Duration]bool{15*time.Minute - time.Second: true, 15 * time.Minute: false} {
			var token string
			var err error
			lines := h.grew(h.bob, func() { token, err = make() })
			do(t, err)
			if len(lines) != 2 || !strings.HasPrefix(lines[0], "staff open vouching") || !strings.Contains(lines[1], " vouching") {
				t.Errorf("%s: Bob's chain says %q", name, lines)
			}
			h.now.Add(after)
			in, err := h.doors.Enter(t.Context(), token, account.Ask{})
			if good != (err == nil) || err == nil && (in.Subject.ID != string(h.bob) || in.Level != account.ByLink || in.Proofs[0] != account.AtDesk) {
				t.Errorf("%s after %v: %+v, %v", name, after, in.Session, err)
			}
		}
	}
}

func TestOnlyWhoVouchesAnswersForSomebody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	guest, _ := h.joins("Grace Hopper", "grace@example.org")
	for name, c := range map[string]*Chart{
		"care":              h.open(h.staff("nurse"), Care, h.ada, AllParts),
		"the client":        h.open(h.client(h.ada), Own, h.ada, AllParts),
		"the client, fresh": h.sharing(h.ada),
		"software":          h.bring(h.ada),
		"without the part":  h.open(h.staff("frontdesk"), Vouching, h.ada, Person),
		"zero":              {},
	} {
		_, err := c.Invite(t.Context(), "", NotAsked, lang.English)
		kindIs(t, name+" invites", err, errs.Refused)
		_, err = c.LetBack(t.Context())
		kindIs(t, name+" lets back", err, errs.Refused)
		_, err = c.AlsoRead(t.Context(), "ada@example.org")
		kindIs(t, name+" asks who reads", err, errs.Refused)
	}
	imports, err := h.v.OpenDirectory(t.Context(), importer, Importing)
	do(t, err)
	tells, err := h.v.OpenDirectory(t.Context(), account.AsSystem(account.Birthdays), Telling)
	do(t, err)
	for name, d := range map[string]*Directory{"finding": h.desk(Finding), "importing": imports, "telling": tells, "zero": {}, "none": nil} {
		kindIs(t, name+" accepts", d.Accept(t.Context(), guest.ID, h.ada, NotAsked), errs.Refused)
		kindIs(t, name+" declines", d.Decline(t.Context(), guest.ID), errs.Refused)
		_, err := d.Admit(t.Context(), patient("new", "Nora", "New", "2000-01-01"))
		kindIs(t, name+" admits", err, errs.Refused)
		if ws, err := d.Waiting(t.Context()); name != "finding" && (!errs.Is(err, errs.Refused) || ws != nil) {
			t.Errorf("%s sees who waits: %v, %v", name, ws, err)
		}
	}
	link := h.byLink(account.Subject{Kind: account.Staff, ID: "frontdesk"})
	_, err = h.v.OpenDirectory(t.Context(), link, Vouching)
	if need, _ := account.NeedOf(err); need != account.Fresh {
		t.Errorf("vouching by a link: %v", err)
	}
	if h.access(guest).Moved {
		t.Error("what was refused was done")
	}
}

func TestWhoWaitsIsSeenWithWhoElseReadsTheirMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admitAs(resource("Patient", "kid", `"name":[{"text":"Grace Hopper"}],"telecom":[{"system":"email","value":"grace@example.org"}]`)) // of the same name
	first, _ := h.joins("Grace Hopper", "grace@example.org")
	h.now.Add(time.Minute)
	second, _ := h.joins("Alan Turing", "alan@example.org")
	ws, err := h.desk(Vouching).Waiting(t.Context())
	do(t, err)
	if len(ws) != 2 || ws[0].Subject != first || ws[1].Subject != second || ws[0].Name != "Grace Hopper" || ws[0].Mail != "grace@example.org" {
		t.Fatalf("who waits: %+v", ws)
	}
	if d := cmp.Diff([]string{"Grace Hopper"}, ws[0].Also); d != "" || len(ws[1].Also) != 0 {
		t.Errorf("also read by (-want +got):\n%s and %q", d, ws[1].Also)
	}
	do(t, h.desk(Vouching).Decline(t.Context(), first.ID))
	if ws, err := h.desk(Finding).Waiting(t.Context()); err != nil || len(ws) != 1 || ws[0].Subject != second {
		t.Errorf("after one was declined: %+v, %v", ws, err)
	}
	if h.access(first) == nil {
		t.Error("who was declined has lost the account")
	}
	if ls := h.letters(); len(ls) != 0 {
		t.Errorf("declining told somebody: %q", ls)
	}
}

func TestAcceptingMovesAWholeAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	guest, session := h.joins("Robert Odenkirk", "bob@example.org")
	bob := account.Subject{Kind: account.Client, ID: string(h.bob)}
	h.keyed(guest)
	for _, c := range []fhir.ClientID{h.ada, h.bob} { // one of them is who they turn out to be
		if _, err := h.v.TakeHelp(t.Context(), h.enter(guest), h.asks(c, Grant{Reads: Visits})); err != nil {
			t.Fatal(err)
		}
	}
	pending, err := h.doors.Invite(t.Context(), guest, account.Demo)
	do(t, err)
	kindIs(t, "nobody's chart", h.desk(Vouching).Accept(t.Context(), guest.ID, absent, NotAsked), errs.NotFound)
	kindIs(t, "nobody's account", h.desk(Vouching).Accept(t.Context(), "nobody", h.bob, NotAsked), errs.NotFound)
	handle := h.v.Key("access", "guest "+guest.ID)
	lines := h.grew(h.bob, func() { do(t, h.desk(Vouching).Accept(t.Context(), guest.ID, h.bob, NotAsked)) })
	if d := cmp.Diff([]string{"staff accept vouching"}, lines); d != "" {
		t.Errorf("Bob's chain (-want +got):\n%s", d)
	}
	a := h.access(bob)
	if a == nil || a.Subject != bob || a.Moved || len(a.Passkeys) != 1 || len(a.Mails) != 1 || string(a.Handle) != string(handle) || a.Name != "" || len(a.Sessions) != 0 {
		t.Errorf("Bob's account is %+v", a)
	}
	if old := h.access(guest); old == nil || !old.Moved || old.Subject != bob || len(old.Passkeys) != 0 {
		t.Errorf("what is left of the guest: %+v", old)
	}
	if who, err := h.doors.Who(t.Context(), session); err != nil || who.Kind() != account.Nobody {
		t.Errorf("the session from before is %v, %v", who, err)
	}
	if in, err := h.doors.Enter(t.Context(), pending, account.Ask{}); err != nil || in.Subject != bob || in.Enrols {
		t.Errorf("a link from before: %+v, %v; want whose it is now, and making nothing", in.Session, err)
	}
	if a := h.access(bob); len(a.Passkeys) != 1 {
		t.Error("a link from before took the passkey away")
	}
	// the address is Bob's: a link that is asked for lets him in as himself
	if ls := h.letters(); !slices.Contains(ls, "welcome bob@example.org /in") {
		t.Errorf("nobody told them that they are taken on: %q", ls)
	}
	asking, err := h.doors.AskIn(t.Context(), "bob@example.org", account.Origin{})
	do(t, err)
	ls := h.letters()
	token, _ := strings.CutPrefix(ls[len(ls)-1], "signin bob@example.org /in/")
	if in, err := h.doors.Enter(t.Context(), token, account.Ask{Asking: asking}); err != nil || in.Subject != bob {
		t.Errorf("by the address comes %+v, %v", in.Subject, err)
	}
	// whom they looked after they look after still, but for themselves
	who := h.client(h.bob)
	if cared, err := h.v.Caring(t.Context(), who); err != nil || len(cared) != 1 || cared[0].Client != h.ada {
		t.Errorf("looks after %+v, %v", cared, err)
	}
	h.open(who, Own, h.ada, Visits)
	if gs, err := h.sharing(h.bob).Circle(t.Context()); err != nil || len(gs) != 0 {
		t.Errorf("Bob's own circle is %+v, %v", gs, err)
	}
	if ws, err := h.desk(Vouching).Waiting(t.Context()); err != nil || len(ws) != 0 {
		t.Errorf("still waiting: %+v, %v", ws, err)
	}
	for _, c := range []fhir.ClientID{h.bob, h.ada} { // what has moved moves no more
		kindIs(t, "accepting again", h.desk(Vouching).Accept(t.Context(), guest.ID, c, NotAsked), errs.NotFound)
	}
	h.verify()
}

func TestAcceptingTakesNothingFromWhoIsThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob := account.Subject{Kind: account.Client, ID: string(h.bob)}
	h.reads(h.bob, "old@example.org", "1962-10-22") // by links alone
	guest, _ := h.joins("Robert Odenkirk", "new@example.org")
	invited, err := h.doors.Invite(t.Context(), bob, account.Once)
	do(t, err)
	do(t, h.desk(Vouching).Accept(t.Context(), guest.ID, h.bob, NotAsked))
	if _, err := h.doors.Enter(t.Context(), invited, account.Ask{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("an invitation from before: %v", err)
	}
	if ls := h.letters(); len(ls) != 2 { // who was there hears that somebody else is taken on as them
		t.Errorf("told: %q", ls)
	}
	var mails []string
	for _, m := range h.access(bob).Mails {
		mails = append(mails, m.Address)
	}
	if d := cmp.Diff([]string{"new@example.org", "old@example.org"}, mails); d != "" {
		t.Errorf("Bob's addresses (-want +got):\n%s", d)
	}
	kindIs(t, "accepting again", h.desk(Vouching).Accept(t.Context(), guest.ID, h.bob, NotAsked), errs.NotFound)
	if a := h.access(bob); a.Moved || len(a.Mails) != 2 {
		t.Errorf("accepting twice left %+v", a)
	}
	h.keyed(bob)
	other, _ := h.joins("Mallory", "mallory@example.org")
	kindIs(t, "a chart whose client has a way in", h.desk(Vouching).Accept(t.Context(), other.ID, h.bob, NotAsked), errs.Conflict)
	if a := h.access(bob); len(a.Passkeys) != 1 || len(a.Mails) != 2 {
		t.Errorf("what was refused left %+v", a)
	}
}

func TestWhoVouchesMayMakeAChart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c, err := h.desk(Vouching).Admit(t.Context(), patient("nora", "Nora", "New", "2000-01-01"))
	do(t, err)
	if card, ok := h.v.people.card(c); !ok || card.Family != "New" {
		t.Errorf("admitted %+v", card)
	}
	if ls := h.lines(c); len(ls) != 1 || ls[0].Act != "admit" || ls[0].Purpose != "vouching" {
		t.Errorf("their chain says %+v", ls)
	}
	for what, r := range map[string]fhir.Resource{
		"somebody who is here":  patient("ada", "Ada", "Lovelace", "1815-12-10"),
		"no person":             pulse("o1", "nora", 60),
		"a person without name": {Type: "Patient"},
	} {
		if c, err := h.desk(Vouching).Admit(t.Context(), r); err == nil || c != "" {
			t.Errorf("%s: %q, %v", what, c, err)
		}
	}
}

func TestAnInvitationIsTakenBack(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	for _, mail := range []string{"", "ada@example.org"} {
		token, err := h.vouching(h.ada).Invite(ctx, mail, NotAsked, lang.English)
		do(t, err)
		if mail != "" {
			ls := h.letters()
			token = ls[0][strings.LastIndex(ls[0], "/")+1:]
		}
		if _, err := h.doors.Peek(ctx, token, ""); err != nil {
			t.Fatal(err)
		}
		lines := h.grew(h.ada, func() { do(t, h.vouching(h.ada).Withdraw(ctx)) })
		if !slices.Contains(lines, "staff uninvite vouching") {
			t.Errorf("her chain says %q", lines)
		}
		if _, err := h.doors.Peek(ctx, token, ""); !errs.Is(err, errs.NotFound) {
			t.Errorf("what was taken back is there: %v", err)
		}
		if acc, err := h.vouching(h.ada).Account(ctx); err != nil || !acc.Invited.IsZero() {
			t.Errorf("the desk sees %+v, %v", acc, err)
		}
	}
}
