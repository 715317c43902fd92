package account_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
)

// known is a client with a passkey and a checked address.
func known(t *testing.T) (d *door, session string, key *stick) {
	t.Helper()
	d = newDoor(t)
	session, key = d.member(d.client)
	d.mailed(session, "ada@mail.example")
	return d, session, key
}

// ask asks for a link: the browser's token, the link's, and the code it shows elsewhere.
func (d *door) ask(address string) (asking, token, code string) {
	d.t.Helper()
	d.saw.take()
	asking, err := d.AskIn(d.t.Context(), address, account.Origin{})
	do(d.t, err)
	token = d.saw.take().token(d.t, account.LetterSignIn)
	seen, err := d.Peek(d.t.Context(), token, "another browser")
	do(d.t, err)
	return asking, token, seen.Code
}

func TestALookAtALinkSpendsNothing(t *testing.T) {
	t.Parallel()
	d, _, _ := known(t)
	asking, token, _ := d.ask("ada@mail.example")
	d.saw.take()
	for i := range 1000 { // a mail scanner, and one with every browser's token
		b := [...]string{"", "x", asking}[i%3]
		if s, err := d.Peek(t.Context(), token, b); err != nil || s.For != account.ToSignIn || s.Here != (b == asking) || (s.Code == "") != (b == asking) {
			t.Fatalf("look %d: %+v, %v", i, s, err)
		}
	}
	if s := d.saw.take(); len(s.puts) != 0 || s.drops != 0 || len(s.acts) != 0 {
		t.Errorf("looking did %+v", s)
	}
	in, err := d.Enter(t.Context(), token, account.Ask{Asking: asking})
	do(t, err)
	d.level(in.Token, account.ByLink)
	if _, err := d.Peek(t.Context(), token, asking); !errs.Is(err, errs.NotFound) {
		t.Errorf("a look at a spent link: %v", err)
	}
}

func TestAMailedLinkIsOfUseOnlyWhereItWasAskedFor(t *testing.T) {
	t.Parallel()
	d, _, _ := known(t)
	asking, token, code := d.ask("ada@mail.example")
	for _, b := range []string{"", "another browser", token, asking + "A"} {
		if _, err := d.Enter(t.Context(), token, account.Ask{Asking: b}); !errs.Is(err, errs.NotFound) {
			t.Errorf("forwarded to %.8q: %v", b, err)
		}
	}
	if s := d.saw.take(); s.refusals() != 4 {
		t.Errorf("%d refusals on the ledger", s.refusals())
	}
	if _, err := d.TypeCode(t.Context(), code, account.Ask{Asking: "another browser"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("the code in another browser: %v", err)
	}
	in, err := d.TypeCode(t.Context(), code, account.Ask{Asking: asking})
	do(t, err)
	d.is(in.Token, d.client.ID)
	if _, err := d.TypeCode(t.Context(), code, account.Ask{Asking: asking}); !errs.Is(err, errs.NotFound) {
		t.Errorf("the code again: %v", err)
	}
	if _, err := d.Enter(t.Context(), token, account.Ask{Asking: asking}); !errs.Is(err, errs.NotFound) {
		t.Errorf("the link whose code was typed: %v", err)
	}
	d.now.Add(time.Hour)
	asking, token, _ = d.ask("ada@mail.example")
	d.now.Add(10*time.Minute - time.Millisecond)
	if _, err := d.Peek(t.Context(), token, asking); err != nil {
		t.Errorf("in its last moment: %v", err)
	}
	d.now.Add(time.Millisecond)
	if _, err := d.Enter(t.Context(), token, account.Ask{Asking: asking}); !errs.Is(err, errs.NotFound) {
		t.Errorf("after ten minutes: %v", err)
	}
}

func TestFiveWrongCodesEndIt(t *testing.T) {
	t.Parallel()
	d, _, _ := known(t)
	asking, _, code := d.ask("ada@mail.example")
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	for i := range 5 {
		if _, err := d.TypeCode(t.Context(), wrong, account.Ask{Asking: asking}); !errs.Is(err, errs.Invalid) {
			t.Errorf("wrong code %d: %v", i, err)
		}
	}
	if _, err := d.TypeCode(t.Context(), code, account.Ask{Asking: asking}); !errs.Is(err, errs.NotFound) {
		t.Errorf("the right code at once after five wrong ones: %v", err)
	}
	more, err := d.AskIn(t.Context(), "ada@mail.example", account.Origin{})
	do(t, err)
	if _, err := d.TypeCode(t.Context(), wrong, account.Ask{Asking: more}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("and one of another letter: %v", err)
	}
	d.again() // a restart forgets how often somebody guessed, and not this
	if _, err := d.TypeCode(t.Context(), code, account.Ask{Asking: asking}); !errs.Is(err, errs.NotFound) {
		t.Errorf("the right code after five wrong ones and a restart: %v", err)
	}
}

func TestAskingAgainGivesNoMoreGuesses(t *testing.T) {
	t.Parallel()
	d, _, key := known(t)
	guesses := 0
	for minute := range 60 { // every minute a new browser, five guesses each
		asking, err := d.AskIn(t.Context(), "ada@mail.example", from(minute))
		do(t, err)
		for range 5 {
			_, err := d.TypeCode(t.Context(), "x", account.Ask{Asking: asking})
			if errs.Is(err, errs.Invalid) {
				guesses++
			} else if !errs.Is(err, errs.Unavailable) && !errs.Is(err, errs.NotFound) {
				t.Fatal(err)
			}
		}
		d.now.Add(time.Minute)
	}
	if guesses > 10 || guesses < 5 {
		t.Errorf("%d guesses in an hour", guesses)
	}
	if _, err := d.signIn(key, account.Device{}); err != nil {
		t.Errorf("and the owner: %v", err)
	}
	// an address nobody has is counted the same
	asking, err := d.AskIn(t.Context(), "nobody@mail.example", from(1))
	do(t, err)
	for i := range 5 {
		if _, err := d.TypeCode(t.Context(), "x", account.Ask{Asking: asking}); !errs.Is(err, errs.Invalid) {
			t.Errorf("guess %d at nobody: %v", i, err)
		}
	}
	asking, err = d.AskIn(t.Context(), "nobody@mail.example", from(1))
	do(t, err)
	if _, err := d.TypeCode(t.Context(), "x", account.Ask{Asking: asking}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("one guess more at nobody: %v", err)
	}
}

func TestFiveWrongBirthDatesEndAnInvitation(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	who := d.other("bea")
	c, err := d.v.Open(t.Context(), d.desk(), record.Vouching, fhir.ClientID(who.ID), record.Person|record.Agreements)
	do(t, err)
	for _, wrong := range []int{4, 5} {
		_, err := c.Invite(t.Context(), "bea@mail.example", record.NotAsked, 0)
		do(t, err)
		token := d.posted(account.LetterInvite)
		if s, err := d.Peek(t.Context(), token, ""); err != nil || !s.Born || !s.Here || s.For != account.ToEnrol {
			t.Errorf("a look: %+v, %v", s, err)
		}
		for i := range wrong {
			born := [...]string{"1990-02-04", "", "1990-2-3", "03.02.1990", "1990-02-03 "}[i]
			d.saw.take()
			if _, err := d.Enter(t.Context(), token, account.Ask{Born: born}); err == nil || d.saw.take().refusals() != 1 {
				t.Errorf("born %q: %v", born, err)
			}
		}
		in, err := d.Enter(t.Context(), token, account.Ask{Born: "1990-02-03"})
		if (err == nil) != (wrong < 5) || err != nil && !errs.Is(err, errs.NotFound) {
			t.Errorf("the right date after %d wrong ones: %v", wrong, err)
		}
		if err == nil && !in.Enrols {
			t.Error("an invitation that does not enrol")
		}
	}
}

// atOnce runs f a hundred times at once and returns how often it succeeded.
func atOnce(t *testing.T, f func(context.Context, int) error) int32 {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	var n atomic.Int32
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range 100 {
		wg.Go(func() {
			<-begin
			err := f(ctx, i)
			switch errs.KindOf(err) {
			case 0:
				n.Add(1)
			case errs.NotFound, errs.Invalid, errs.Refused, errs.Unavailable:
			default:
				t.Errorf("%v", err)
			}
		})
	}
	close(begin)
	wg.Wait()
	return n.Load()
}

func TestOfAHundredAtOnceOneUsesEachThing(t *testing.T) {
	t.Parallel()
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	d, session, key := known(t)
	once := func(what string, f func(context.Context, int) error) {
		t.Helper()
		if n := atOnce(t, f); n != 1 {
			t.Errorf("%s was used %d times", what, n)
		}
	}
	_, secret := d.app(session)
	for range rounds {
		d.now.Add(6 * time.Minute)
		session = d.fresh(d.mustIn(key), key)
		invite := d.link(d.nurse, account.Once)
		once("an invitation", func(ctx context.Context, _ int) error {
			_, err := d.Enter(ctx, invite, account.Ask{})
			return err
		})
		asking, token, _ := d.ask("ada@mail.example")
		once("a sign-in link", func(ctx context.Context, _ int) error {
			_, err := d.Enter(ctx, token, account.Ask{Asking: asking})
			return err
		})
		asking, token, code := d.ask("ada@mail.example")
		once("a link and its code", func(ctx context.Context, i int) error {
			if i%2 == 0 {
				_, err := d.Enter(ctx, token, account.Ask{Asking: asking})
				return err
			}
			_, err := d.TypeCode(ctx, code, account.Ask{Asking: asking})
			return err
		})
		spares, err := d.MakeSpares(t.Context(), session)
		do(t, err)
		var sessions []string
		for range 15 {
			sessions = append(sessions, d.in(d.client))
		}
		d.now.Add(2 * time.Hour) // guesses come back
		for i := range sessions {
			sessions[i] = d.in(d.client)
		}
		once("an app's code", func(ctx context.Context, i int) error {
			_, err := d.UseApp(ctx, sessions[i%15], account.AppCode(secret, d.now.Now()), account.Origin{})
			return err
		})
		d.now.Add(2 * time.Hour)
		for i := range sessions {
			sessions[i] = d.in(d.client)
		}
		once("a recovery code", func(ctx context.Context, i int) error {
			_, err := d.UseSpare(ctx, sessions[i%15], spares[0], account.Origin{})
			return err
		})
		b, err := d.BeginSignIn(t.Context(), account.Origin{})
		do(t, err)
		answer := key.signs(t, b)
		once("a passkey's answer", func(ctx context.Context, _ int) error {
			_, err := d.FinishSignIn(ctx, b.Token, answer, account.Device{})
			return err
		})
	}
}

func TestOfAHundredWhoFollowAHelpLinkOneEnrols(t *testing.T) {
	t.Parallel()
	d, session, _ := known(t)
	token := d.helped(session, "grace@mail.example")
	var tries []func(context.Context) error
	for range 15 {
		in, err := d.Enter(t.Context(), token, account.Ask{})
		do(t, err)
		b, err := d.BeginKey(t.Context(), in.Token)
		do(t, err)
		answer := newStick(t).makes(t, b)
		tries = append(tries, func(ctx context.Context) error {
			_, err := d.FinishKey(ctx, in.Token, b.Token, answer, account.Device{})
			return err
		})
	}
	if n := atOnce(t, func(ctx context.Context, i int) error { return tries[i%15](ctx) }); n != 1 {
		t.Errorf("%d enrolled by one link", n)
	}
}

func TestALinkThatSomebodyElseHoldsTooOpensNoAccount(t *testing.T) {
	t.Parallel()
	d, session, key := known(t)
	// ada asks a helper at an address that is another account's, and follows the link herself
	bea := d.other("bea")
	theirs := d.enrol(d.in(bea), newStick(t)).Token
	d.mailed(theirs, "bea@mail.example")
	token := d.helped(session, "Bea@Mail.example")
	in, err := d.Enter(t.Context(), token, account.Ask{})
	do(t, err)
	if in.Subject == bea || in.Subject.Kind != account.Guest {
		t.Fatalf("who asked for help is in as %v", in.Subject)
	}
	d.now.Add(20 * time.Minute)
	if got := d.byMail("bea@mail.example", account.Device{}); got.Subject != bea {
		t.Errorf("the address is %v's now", got.Subject)
	}
	// the same with an account that has no way in yet
	session = d.mustIn(key)
	cy, _, _ := d.guest("Cy", "cy@mail.example")
	token = d.helped(session, "cy@mail.example")
	in, err = d.Enter(t.Context(), token, account.Ask{})
	do(t, err)
	who, err := d.Who(t.Context(), cy)
	do(t, err)
	if in.Subject.ID == who.ID() {
		t.Error("who asked for help may enrol in somebody's account")
	}
	// whoever is in by the link is out once somebody has enrolled by it
	helper, err := d.Enter(t.Context(), token, account.Ask{})
	do(t, err)
	if helper.Subject != in.Subject {
		t.Errorf("two accounts by one link: %v, %v", helper.Subject, in.Subject)
	}
	d.enrol(helper.Token, newStick(t))
	d.is(in.Token, "")
	if _, err := d.Enter(t.Context(), token, account.Ask{}); !errs.Is(err, errs.Refused) {
		t.Errorf("the link once there is a way in: %v", err)
	}
	// and what it showed is no proof for getting back in
	fourth, err := d.Enter(t.Context(), d.helped(session, ""), account.Ask{})
	do(t, err)
	if r, err := d.GetBack(t.Context(), fourth.Token, "", account.Origin{}); err != nil || len(r.Proofs) != 0 {
		t.Errorf("a link from hand to hand proves %v, %v", r.Proofs, err)
	}
}

func TestAnAddressIsAddedFromInsideOnly(t *testing.T) {
	t.Parallel()
	d, session, _ := known(t)
	nurse, _ := d.member(d.nurse)
	d.saw.take()
	do(t, d.AddMail(t.Context(), session, "ada@work.example", account.Origin{}))
	token := d.saw.take().token(t, account.LetterVerify)
	link := d.in(d.client)
	for name, old := range map[string]string{"nobody": "", "somebody else": nurse, "by link": link} {
		if in, err := d.Enter(t.Context(), token, account.Ask{Old: old}); !errs.Is(err, errs.Refused) || in.Token != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	in, err := d.Enter(t.Context(), token, account.Ask{Old: session})
	do(t, err)
	if in.Token != session {
		t.Error("the session is another one")
	}
	d.level(session, account.Fresh)
	if got := d.saw.take().told(); got != "key-added ada@mail.example" {
		t.Errorf("told: %s", got)
	}
	if _, err := d.Enter(t.Context(), token, account.Ask{Old: session}); !errs.Is(err, errs.NotFound) {
		t.Errorf("twice: %v", err)
	}
	do(t, d.DropMail(t.Context(), session, "ada@work.example"))
	if got := d.saw.take().told(); got != "key-removed ada@mail.example, key-removed ada@work.example" {
		t.Errorf("told: %s", got)
	}
	// a link that was on its way to an address that is gone lets nobody in
	asking, late, _ := d.ask("ada@mail.example")
	do(t, d.DropMail(t.Context(), session, "ada@mail.example"))
	if _, err := d.Enter(t.Context(), late, account.Ask{Asking: asking}); !errs.Is(err, errs.NotFound) {
		t.Errorf("a link to an address that was removed: %v", err)
	}
	w, err := d.Ways(t.Context(), session)
	do(t, err)
	if len(w.Mails) != 0 {
		t.Errorf("the addresses are %v", w.Mails)
	}
}

func TestAStopLinkLetsNobodyInAndStaysGood(t *testing.T) {
	t.Parallel()
	d, stop := begunBack(t)
	if _, err := d.Enter(t.Context(), stop, account.Ask{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("coming in by a stop link: %v", err)
	}
	do(t, d.StopBack(t.Context(), stop))
	if err := d.StopBack(t.Context(), stop); !errs.Is(err, errs.NotFound) {
		t.Errorf("stopping twice: %v", err)
	}
}
