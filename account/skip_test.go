package account_test

import (
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
)

// skips are attempts to get back in without two proofs or the day. Each returns
// the session that then tries to make a way in; it must not.
var skips = map[string]func(l *locked) string{
	"with nothing": func(l *locked) string { return "" },
	"by mail, without beginning": func(l *locked) string {
		l.now.Add(25 * time.Hour)
		return l.mail()
	},
	"mail twice": func(l *locked) string {
		l.back(l.mail(), "")
		l.back(l.mail(), "")
		l.now.Add(25 * time.Hour)
		return l.mail()
	},
	"two addresses of one account": func(l *locked) string {
		l.back(l.mail(), "")
		l.back(l.byMail("ada@work.example", account.Device{}).Token, "")
		l.now.Add(25 * time.Hour)
		return l.mail()
	},
	"two codes": func(l *locked) string {
		l.back(l.in(l.client), l.spares[0]) // in by an invitation: seen at the desk
		do(l.t, l.StopOwn(l.t.Context(), l.mustIn(l.key)))
		r := l.nobody(l.spares[1])
		if len(r.Proofs) > 1 {
			l.t.Errorf("two codes are %v", r.Proofs)
		}
		r = l.nobody(l.spares[2])
		if len(r.Proofs) > 1 {
			l.t.Errorf("three codes are %v", r.Proofs)
		}
		l.now.Add(25 * time.Hour)
		return l.mail()
	},
	"one code twice": func(l *locked) string {
		l.nobody(l.spares[0])
		s := l.mail()
		if _, err := l.GetBack(l.t.Context(), s, l.spares[0], account.Origin{}); !errs.Is(err, errs.Invalid) {
			l.t.Errorf("a spent code: %v", err)
		}
		l.now.Add(90 * time.Minute)
		return l.mail()
	},
	"the desk twice": func(l *locked) string {
		l.back(l.seen(), "")
		l.back(l.seen(), "")
		l.now.Add(25 * time.Hour)
		return l.seen()
	},
	"a wrong code": func(l *locked) string {
		l.saw.take()
		if r, err := l.GetBack(l.t.Context(), l.mail(), "aaaa-bbbb-cccc-dddd", account.Origin{}); !errs.Is(err, errs.Invalid) || len(r.Proofs) != 1 || !r.Opens.IsZero() {
			l.t.Errorf("a wrong code: %+v, %v", r, err)
		}
		if l.saw.take().refusals() != 1 {
			l.t.Error("it is not on the ledger")
		}
		l.now.Add(25 * time.Hour)
		return l.mail()
	},
	"proofs more than an hour apart": func(l *locked) string {
		l.back(l.mail(), "")
		l.now.Add(time.Hour + time.Second)
		if r := l.back(l.seen(), ""); len(r.Proofs) != 1 {
			l.t.Errorf("an hour apart: %+v", r)
		}
		l.now.Add(25 * time.Hour)
		return l.mail()
	},
	"a mail read hours ago and a code now": func(l *locked) string {
		s := l.mail()
		for range 6 {
			l.now.Add(20 * time.Minute)
			l.is(s, l.client.ID)
		}
		if r := l.back(s, l.spares[0]); len(r.Proofs) != 1 {
			l.t.Errorf("a mail read two hours ago: %+v", r)
		}
		l.now.Add(25 * time.Hour)
		return l.mail()
	},
	"another account's proof": func(l *locked) string {
		l.back(l.mail(), "")
		theirs, _ := l.member(l.other("bea"))
		l.mailed(theirs, "bea@mail.example")
		s := l.byMail("bea@mail.example", account.Device{}).Token
		if r, err := l.GetBack(l.t.Context(), s, l.spares[0], account.Origin{}); !errs.Is(err, errs.Invalid) || len(r.Proofs) > 1 {
			l.t.Errorf("a code of another account: %+v, %v", r, err)
		}
		l.now.Add(25 * time.Hour)
		return l.mail()
	},
	"before it opens": func(l *locked) string {
		l.begun()
		l.now.Add(24*time.Hour - time.Millisecond)
		return l.mail()
	},
	"at once": func(l *locked) string { l.begun(); return l.mail() },
	"beginning again to begin earlier": func(l *locked) string {
		l.begun()
		l.now.Add(23 * time.Hour)
		l.back(l.seen(), l.spares[2])
		return l.mail()
	},
	"a restart in between": func(l *locked) string { l.begun(); l.again(); return l.mail() },
	"after it lapsed": func(l *locked) string {
		l.begun()
		l.now.Add(24*time.Hour + 7*24*time.Hour)
		return l.mail()
	},
	"after it lapsed, with one proof more": func(l *locked) string {
		l.begun()
		l.now.Add(24*time.Hour + 7*24*time.Hour)
		if r := l.back(l.mail(), ""); len(r.Proofs) != 1 || !r.Opens.IsZero() {
			l.t.Errorf("a lapsed one goes on: %+v", r)
		}
		l.now.Add(25 * time.Hour)
		return l.mail()
	},
	"after a stop by the link": func(l *locked) string {
		do(l.t, l.StopBack(l.t.Context(), l.begun()))
		l.now.Add(24 * time.Hour)
		return l.mail()
	},
	"with a session from before the stop": func(l *locked) string {
		s := l.mail()
		stop := l.begun()
		do(l.t, l.StopBack(l.t.Context(), stop))
		l.is(s, "") // whoever asked is out
		return s
	},
	"after a stop from inside": func(l *locked) string {
		l.begun()
		do(l.t, l.StopOwn(l.t.Context(), l.mustIn(l.key)))
		l.now.Add(24 * time.Hour)
		return l.mail()
	},
	"stopped when it was open already": func(l *locked) string {
		stop := l.begun()
		l.now.Add(30 * time.Hour)
		do(l.t, l.StopBack(l.t.Context(), stop))
		return l.mail()
	},
	"a second person's session": func(l *locked) string {
		l.begun()
		theirs, _ := l.member(l.other("bea"))
		l.mailed(theirs, "bea@mail.example")
		l.now.Add(24 * time.Hour)
		return l.byMail("bea@mail.example", account.Device{}).Token
	},
	"a proof that is none of this recovery's": func(l *locked) string {
		l.back(l.seen(), l.spares[0])
		l.now.Add(24 * time.Hour)
		return l.mail() // who reads the mail was not part of it
	},
	"on another device than it was begun on": func(l *locked) string {
		in := l.byMail("ada@mail.example", account.Device{Trust: "the phone it began on"})
		l.back(in.Token, l.spares[0])
		l.now.Add(24 * time.Hour)
		return l.byMail("ada@mail.example", account.Device{Trust: "somebody's tablet"}).Token
	},
	"on a device without a token": func(l *locked) string {
		in := l.byMail("ada@mail.example", account.Device{Trust: "the phone it began on"})
		l.back(in.Token, l.spares[0])
		l.now.Add(24 * time.Hour)
		return l.mail()
	},
	"a clock that goes back after it opened": func(l *locked) string {
		l.begun()
		l.now.Add(24 * time.Hour)
		s := l.mail()
		l.now.Add(-time.Minute)
		return s
	},
	"a clock that goes back between the proofs": func(l *locked) string {
		l.back(l.mail(), "")
		l.now.Add(-48 * time.Hour)
		l.back(l.seen(), "")
		return l.mail()
	},
	"an invitation": func(l *locked) string {
		l.begun()
		return l.in(l.client)
	},
	"a session that idled away": func(l *locked) string {
		l.begun()
		l.now.Add(24 * time.Hour)
		s := l.mail()
		l.now.Add(31 * time.Minute)
		return s
	},
}

// nobody shows a code with a session that shows nothing else any more.
func (l *locked) nobody(spare string) account.Recovery {
	l.t.Helper()
	s := l.in(l.client)
	for range 4 {
		l.now.Add(20 * time.Minute)
		l.is(s, l.client.ID)
	}
	return l.back(s, spare)
}

func TestNoProofAndNoDayIsSkipped(t *testing.T) {
	t.Parallel()
	if len(skips) < 25 {
		t.Fatalf("only %d attempts", len(skips))
	}
	for name, f := range skips {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLocked(t)
			l.mayNot(name, f(l))
			if _, err := l.signIn(l.key, account.Device{}); err != nil {
				t.Errorf("the owner is out: %v", err)
			}
		})
	}
}

func TestARecoveryGoesOnOnTheDeviceItWasBegunOn(t *testing.T) {
	t.Parallel()
	l := newLocked(t)
	phone := account.Device{Trust: "the phone it began on"}
	l.back(l.byMail("ada@mail.example", phone).Token, l.spares[0])
	l.now.Add(24*time.Hour + 7*24*time.Hour - time.Second) // in its last moment
	l.enrol(l.byMail("ada@mail.example", phone).Token, newStick(t))
	if _, err := l.signIn(l.key, account.Device{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("the old passkey: %v", err)
	}
}

func TestAnOwnersNewKeyDoesNotCompleteSomebodysRecovery(t *testing.T) {
	t.Parallel()
	l := newLocked(t)
	stop := l.begun()
	l.now.Add(25 * time.Hour)
	in := l.enrol(l.mustIn(l.key), newStick(t))
	w, err := l.Ways(t.Context(), in.Token)
	do(t, err)
	if len(w.Passkeys) != 2 || !w.App || w.Waiting == nil {
		t.Errorf("the owner has %+v", w)
	}
	l.saw.take()
	do(t, l.StopBack(t.Context(), stop))
	if s := l.saw.take(); len(s.acts) != 1 || s.acts[0].What != "stopped" {
		t.Errorf("the ledger has %+v", s.acts)
	}
	l.is(in.Token, l.client.ID)
}

func TestARecoveryCodeLetsInOnceAndTells(t *testing.T) {
	t.Parallel()
	l := newLocked(t)
	typed := " " + l.spares[0][:4] + l.spares[0][5:9] + " " + l.spares[0][10:] + "\n"
	in, err := l.UseSpare(t.Context(), l.mail(), typed, account.Origin{})
	do(t, err)
	l.level(in.Token, account.ByKey)
	if got := l.saw.take().told(); got != both("key-removed") {
		t.Errorf("told %s", got)
	}
	l.mayNot("a code and a mail", in.Token) // which take a day to make a key
	if _, err := l.UseSpare(t.Context(), l.mail(), l.spares[0], account.Origin{}); !errs.Is(err, errs.Invalid) || l.saw.take().refusals() != 1 {
		t.Errorf("twice: %v", err)
	}
	if len(l.spares) != 10 || len(l.spares[0]) != 19 {
		t.Errorf("the codes are %q", l.spares)
	}
}
