package account_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
)

// from is one of many places.
func from(i int) account.Origin {
	return account.Origin{Addr: netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 7})}
}

func TestOnePersonTypedThirtyWaysIsOneMailbox(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	ways := []string{
		"ada.lovelace@mail.example", "Ada.Lovelace@mail.example", "ADA.LOVELACE@MAIL.EXAMPLE", "ada.lovelace@Mail.Example", "adalovelace@mail.example",
		"a.d.a.lovelace@mail.example", "ada.love.lace@mail.example", "AdaLovelace@mail.example", "ada.lovelace+1@mail.example", "ada.lovelace+shop@mail.example",
		"adalovelace+x+y@mail.example", "ADA.lovelace+Z@mail.example", " ada.lovelace@mail.example", "ada.lovelace@mail.example ", "\tada.lovelace@mail.example\r\n",
		"ａda.lovelace@mail.example", "ａｄａ.lovelace@mail.example", "ada.lovelace@mａil.example", "ADA.LOVELACE@ＭAIL.example", "ªda.lovelace@mail.example",
		"adₐ.lovelace@mail.example", "ada.ˡovelace@mail.example", "ada.lovelaᶜe@mail.example", "ada.ⓛovelace@mail.example", "ada.lovelacⅇ@mail.example",
		"ada.ｌovelace+９@mail.example", "ada.lovelace+ü@mail.example", "ada.LOVELACE+@mail.example", "A.D.A.L.O.V.E.L.A.C.E@mail.example", "ada.lovelace@MAIL.EXAMPLE ",
		"ada.ⅼovelace@mail.example", "ⓐda.lovelace@mail.example",
	}
	taken := 0
	for i, w := range ways {
		d.now.Add(time.Millisecond)
		if _, err := d.AskIn(t.Context(), w, from(i)); err != nil {
			if !errs.Is(err, errs.Invalid) {
				t.Fatalf("%q: %v", w, err)
			}
			continue
		}
		taken++
	}
	if taken < 30 {
		t.Errorf("only %d spellings are addresses", taken)
	}
	if n := len(d.saw.take().letters); n != 10 {
		t.Errorf("%d letters to one mailbox", n)
	}
	d.now.Add(5 * time.Minute)
	for i := range 4 {
		_, err := d.AskIn(t.Context(), "ada.lovelace@mail.example", from(i))
		do(t, err)
	}
	if n := len(d.saw.take().letters); n != 1 {
		t.Errorf("five minutes later, %d letters", n)
	}
}

// TestAStrangersAsksKeepNothingFromTheOwner: a link opens in the browser that asked
// for it, so a stranger's asks are of no use to the owner, and must not use up theirs.
func TestAStrangersAsksKeepNothingFromTheOwner(t *testing.T) {
	t.Parallel()
	d, _, key := known(t)
	mine := account.Device{Trust: "my own laptop"}
	_, err := d.signIn(key, mine)
	do(t, err)
	d.saw.take()
	for i := range 300 {
		asking, err := d.AskIn(t.Context(), "a.d.a@mail.example", from(i))
		do(t, err)
		for range 6 {
			d.TypeCode(t.Context(), "x", account.Ask{Asking: asking, Device: account.Device{Trust: fmt.Sprint("made up ", i)}}) //nolint:errcheck // all are refused
		}
		asking, err = d.AskIn(t.Context(), "ada@mail.example", from(i))
		do(t, err)
		for range 6 {
			d.TypeCode(t.Context(), "x", account.Ask{Asking: asking}) //nolint:errcheck // all are refused
		}
		d.now.Add(200 * time.Millisecond)
	}
	if n := len(d.saw.take().letters); n < 3 || n > 11 {
		t.Errorf("%d letters in a minute to one mailbox", n)
	}
	asking, err := d.AskIn(t.Context(), "ada@mail.example", account.Origin{Addr: from(1).Addr, Trust: mine.Trust})
	do(t, err)
	token := d.saw.take().token(t, account.LetterSignIn)
	seen, err := d.Peek(t.Context(), token, "another browser")
	do(t, err)
	for range 2 { // typed wrongly twice, then right
		if _, err := d.TypeCode(t.Context(), "x", account.Ask{Asking: asking, Device: mine}); !errs.Is(err, errs.Invalid) {
			t.Errorf("the owner's slip: %v", err)
		}
	}
	if _, err := d.TypeCode(t.Context(), seen.Code, account.Ask{Asking: asking, Device: mine}); err != nil {
		t.Errorf("the owner's code: %v", err)
	}
}

func TestWhatNobodyWasSentIsNotGuessed(t *testing.T) {
	t.Parallel()
	d, _, _ := known(t)
	d.now.Add(time.Hour)
	for i := range 3 {
		_, err := d.AskIn(t.Context(), "ada@mail.example", account.Origin{})
		do(t, err)
		if n := len(d.saw.take().letters); n != 1 && i > 0 {
			t.Fatalf("%d letters", n)
		}
	}
	asking, err := d.AskIn(t.Context(), "ada@mail.example", account.Origin{})
	do(t, err)
	w := d.saw.take()
	if len(w.letters) != 0 {
		t.Fatalf("told %q", w.told())
	}
	if w.code == "" {
		t.Fatal("no link was kept: how long it takes would tell that it was not sent")
	}
	if _, err := d.TypeCode(t.Context(), w.code, account.Ask{Asking: asking}); !errs.Is(err, errs.Invalid) {
		t.Errorf("a code that nobody was sent: %v", err)
	}
}

// TestTriesWithWhatNeverWasFillNoDisk: everybody can make them, as many as they like.
func TestTriesWithWhatNeverWasFillNoDisk(t *testing.T) {
	t.Parallel()
	d, _, key := known(t)
	d.saw.take()
	for hour := range 2 {
		for i := range 1000 {
			for what, f := range map[string]func() error{
				"a link": func() error { _, err := d.Enter(t.Context(), fmt.Sprint(i), account.Ask{}); return err },
				"a code": func() error {
					_, err := d.TypeCode(t.Context(), "123456", account.Ask{Asking: fmt.Sprint(i)})
					return err
				},
				"a key": func() error {
					_, err := d.FinishSignIn(t.Context(), fmt.Sprint(i), []byte("{}"), account.Device{})
					return err
				},
			} {
				if err := f(); !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Invalid) {
					t.Fatalf("%s: %v", what, err)
				}
			}
		}
		w := d.saw.take()
		if n := w.refusals(); n < 90 || n > 110 || len(w.puts) != 0 {
			t.Errorf("hour %d: %d lines, %d objects", hour, n, len(w.puts))
		}
		d.now.Add(time.Hour)
	}
	in, err := d.signIn(key, account.Device{})
	do(t, err)
	// a link that lets nobody in any more is refused once, and then is none
	for range 200 {
		d.Enter(t.Context(), "none", account.Ask{}) //nolint:errcheck // all are refused
	}
	asking, token, _ := d.ask("ada@mail.example")
	do(t, d.DropMail(t.Context(), in.Token, "ada@mail.example"))
	d.saw.take()
	for range 500 {
		if _, err := d.Enter(t.Context(), token, account.Ask{Asking: asking}); !errs.Is(err, errs.NotFound) {
			t.Fatal(err)
		}
	}
	if n := d.saw.take().refusals(); n != 1 {
		t.Errorf("%d lines about one link", n)
	}
	if _, err := d.signIn(key, account.Device{}); err != nil {
		t.Errorf("and the owner: %v", err)
	}
}

func TestAFloodOfAsksLeavesPasskeysAlone(t *testing.T) {
	t.Parallel()
	d, _, key := known(t)
	slow := 0
	for i := range 2000 {
		if _, err := d.AskIn(t.Context(), fmt.Sprintf("a%d@mail.example", i), from(i)); errs.Is(err, errs.Unavailable) {
			slow++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if slow < 1000 {
		t.Errorf("only %d of 2000 asks are slowed down", slow)
	}
	if _, err := d.signIn(key, account.Device{}); err != nil {
		t.Errorf("a passkey from somewhere else: %v", err)
	}
}

func TestALookAlikeAddressGetsNoLetter(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	session, _ := d.member(d.client)
	d.mailed(session, "Mike@Mail.example")
	d.saw.take()
	for typed, want := range map[string]string{
		"MIKE@mail.example":      "signin MIKE@mail.example", // case is no other mailbox
		"mi\u212ae@mail.example": "signin miKe@mail.example", // the sign for kelvin is sent to as K
		"mike@\uff4dail.example": "noaccount mike@\uff4dail.example",
		"m\u0130ke@mail.example": "noaccount m\u0130ke@mail.example", // a capital i with a dot is a small i without
		"m\u2170ke@mail.example": "noaccount m\u2170ke@mail.example",
		"mike@ma\u0131l.example": "noaccount mike@ma\u0131l.example",
		"m.ike@mail.example":     "noaccount m.ike@mail.example",
		"mike+x@mail.example":    "noaccount mike+x@mail.example",
	} {
		d.now.Add(time.Hour)
		_, err := d.AskIn(t.Context(), typed, from(1))
		do(t, err)
		if got := d.saw.take().told(); got != want {
			t.Errorf("typed %q, told %q, want %q", typed, got, want)
		}
		_, err = d.AskJoin(t.Context(), "Mike", typed, from(2))
		do(t, err)
		if got := d.saw.take().told(); got != strings.Replace(want, "noaccount", "joining", 1) {
			t.Errorf("typed %q to join, told %q", typed, got)
		}
	}
}

func TestPlacesAreCountedByTheirNeighbourhood(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	tries := func(n int, at func(int) netip.Addr) (good int) {
		for i := range n {
			_, err := d.BeginSignIn(t.Context(), account.Origin{Addr: at(i), Trust: fmt.Sprint("made up ", i)})
			if err == nil {
				good++
			} else if !errs.Is(err, errs.Unavailable) {
				t.Fatal(err)
			}
		}
		d.now.Add(time.Hour)
		return good
	}
	six := netip.MustParseAddr("2001:db8:1:2::").As16()
	for name, c := range map[string]struct {
		at   func(int) netip.Addr
		want int
	}{
		"one /24": {func(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}) }, 40},
		"one /64": {func(i int) netip.Addr {
			a := six
			binary.BigEndian.PutUint64(a[8:], uint64(i)<<40|uint64(i))
			return netip.AddrFrom16(a)
		}, 40},
		"mapped":   {func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("::ffff:192.0.2.%d", i)) }, 40},
		"zones":    {func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("fe80::1%%eth%d", i)) }, 40},
		"nowhere":  {func(int) netip.Addr { return netip.Addr{} }, 40},
		"200 /24s": {func(i int) netip.Addr { return from(i).Addr }, 200},
	} {
		if got := tries(200, c.at); got != c.want {
			t.Errorf("%s: %d tries of 200, want %d", name, got, c.want)
		}
	}
}

func TestAFloodFromOnePlaceLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	d, session, key := known(t)
	_, err := d.signIn(key, account.Device{Trust: "my own laptop"})
	do(t, err)
	do(t, d.Leave(t.Context(), session))
	d.now.Add(time.Hour)
	for range 2000 {
		if _, err := d.BeginSignIn(t.Context(), from(1)); err != nil && !errs.Is(err, errs.Unavailable) {
			t.Fatal(err)
		}
	}
	if _, err := d.BeginSignIn(t.Context(), from(2)); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	for i := range 1000 { // and a flood from everywhere
		d.BeginSignIn(t.Context(), from(i)) //nolint:errcheck // some are refused
	}
	if _, err := d.BeginSignIn(t.Context(), from(5000)); !errs.Is(err, errs.Unavailable) {
		t.Errorf("there is no bound on all: %v", err)
	}
	if _, err := d.BeginSignIn(t.Context(), account.Origin{Trust: "my own laptop", Addr: from(1).Addr}); err != nil {
		t.Errorf("the owner, on their own laptop, in the place of the flood: %v", err)
	}
	b, err := d.BeginSignIn(t.Context(), account.Origin{Trust: "my own laptop"})
	do(t, err)
	in, err := d.FinishSignIn(t.Context(), b.Token, key.signs(t, b), account.Device{Trust: "my own laptop"})
	do(t, err)
	do(t, d.EndDevice(t.Context(), in.Token, ""))
	if _, err := d.BeginSignIn(t.Context(), account.Origin{Trust: "my own laptop", Addr: from(1).Addr}); err != nil {
		t.Errorf("and after ending the other devices: %v", err)
	}
}

func TestWhoGuessesGetsTenAnHourAndTheOwnerGetsIn(t *testing.T) {
	t.Parallel()
	d, session, key := known(t)
	session, secret := d.app(session)
	do(t, d.Leave(t.Context(), session))
	mine := account.Device{Trust: "my own laptop"}
	_, err := d.signIn(key, mine)
	do(t, err)
	for hour := range 3 {
		guesses := 0
		for i := range 60 {
			s := d.byLinkFrom(i)
			for _, o := range []account.Origin{from(i), {Addr: from(i).Addr, Trust: "made up"}, {Trust: fmt.Sprint("made up", i)}} {
				for _, f := range []func() error{
					func() error { _, err := d.UseApp(t.Context(), s, "x", o); return err },
					func() error { _, err := d.UseSpare(t.Context(), s, "x", o); return err },
					func() error { _, err := d.GetBack(t.Context(), s, "x", o); return err },
				} {
					if err := f(); errs.Is(err, errs.Invalid) {
						guesses++
					} else if !errs.Is(err, errs.Unavailable) {
						t.Fatal(err)
					}
				}
			}
			d.now.Add(time.Minute)
		}
		if guesses > 10 || guesses < 4 {
			t.Errorf("%d guesses in hour %d", guesses, hour)
		}
	}
	if _, err := d.signIn(key, account.Device{}); err != nil {
		t.Errorf("the owner's passkey: %v", err)
	}
	in, err := d.Enter(t.Context(), d.link(d.client, account.Once), account.Ask{Device: mine})
	do(t, err)
	if _, err := d.UseApp(t.Context(), in.Token, account.AppCode(secret, d.now.Now()), account.Origin{Trust: mine.Trust, Addr: from(3).Addr}); err != nil {
		t.Errorf("the owner, on a device they came in with before: %v", err)
	}
	other := d.in(d.nurse)
	if _, err := d.UseApp(t.Context(), other, "x", account.Origin{Trust: mine.Trust}); !errs.Is(err, errs.Invalid) {
		t.Errorf("somebody else's account: %v", err)
	}
}

// byLinkFrom is a session of the client's that a guesser got by a link, with a
// device token that they made up.
func (d *door) byLinkFrom(i int) string {
	d.t.Helper()
	in, err := d.Enter(d.t.Context(), d.link(d.client, account.Once), account.Ask{Device: account.Device{Trust: fmt.Sprint("made up", i)}})
	do(d.t, err)
	return in.Token
}
