package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapport/account"
	"rapport/errs"
	"rapport/record"
)

// locked is a client who is locked out: a passkey they lost, an app, ten codes,
// two addresses.
type locked struct {
	*door
	session string // from before, not fresh any more when the clock moves
	key     *stick
	secret  []byte
	spares  []string
}

func newLocked(t *testing.T) *locked {
	t.Helper()
	d, session, key := known(t)
	d.mailed(session, "ada@work.example")
	l := &locked{door: d, key: key}
	var err error
	l.spares, err = d.MakeSpares(t.Context(), session)
	do(t, err)
	l.session, l.secret = d.app(session)
	d.saw.take()
	return l
}

// mail comes in by mail, desk by a link that staff show.
func (l *locked) mail() string { return l.byMail("ada@mail.example", account.Device{}).Token }

func (l *locked) seen() string {
	l.t.Helper()
	in, err := l.Enter(l.t.Context(), l.vouched(), account.Ask{})
	do(l.t, err)
	return in.Token
}

// back gives what a session and a code prove.
func (l *locked) back(session, spare string) account.Recovery {
	l.t.Helper()
	r, err := l.GetBack(l.t.Context(), session, spare, account.Origin{})
	do(l.t, err)
	return r
}

// begun has shown two proofs: mail and a code.
func (l *locked) begun() (stop string) {
	l.t.Helper()
	s := l.mail()
	l.saw.take()
	if r := l.back(s, l.spares[0]); r.Opens.Sub(l.now.Now()) != account.BackWaits {
		l.t.Fatalf("begun: %+v", r)
	}
	return l.saw.take().token(l.t, account.LetterBack)
}

func begunBack(t *testing.T) (d *door, stop string) {
	l := newLocked(t)
	return l.door, l.begun()
}

// mayNot checks that a session cannot make a way in.
func (l *locked) mayNot(name, session string) {
	l.t.Helper()
	l.saw.take()
	if _, err := l.BeginKey(l.t.Context(), session); !errs.Is(err, errs.Refused) {
		l.t.Errorf("%s: BeginKey = %v", name, err)
	}
	if _, err := l.BeginApp(l.t.Context(), session, "Rowan"); !errs.Is(err, errs.Refused) {
		l.t.Errorf("%s: BeginApp = %v", name, err)
	}
	if _, err := l.MakeSpares(l.t.Context(), session); !errs.Is(err, errs.Refused) {
		l.t.Errorf("%s: MakeSpares = %v", name, err)
	}
	who, err := l.Who(l.t.Context(), session)
	do(l.t, err)
	if n := l.saw.take().refusals(); who.ID() != "" && n != 3 {
		l.t.Errorf("%s: %d refusals on the ledger", name, n)
	}
}

func both(kind string) string { return kind + " ada@mail.example, " + kind + " ada@work.example" }

func TestGettingBackTakesTwoProofsAndADay(t *testing.T) {
	t.Parallel()
	for name, prove := range map[string]func(*locked) (account.Recovery, []account.Proof){
		"mail and a code": func(l *locked) (account.Recovery, []account.Proof) {
			s := l.mail()
			l.back(s, "")
			l.saw.take()
			return l.back(s, l.spares[3]), []account.Proof{account.ByMail, account.BySpare}
		},
		"mail and the desk": func(l *locked) (account.Recovery, []account.Proof) {
			m, s := l.mail(), l.seen()
			l.back(m, "")
			l.saw.take()
			return l.back(s, ""), []account.Proof{account.ByMail, account.AtDesk}
		},
		"the desk and a code": func(l *locked) (account.Recovery, []account.Proof) {
			s := l.seen()
			l.saw.take()
			return l.back(s, l.spares[9]), []account.Proof{account.AtDesk, account.BySpare}
		},
	} {
		l := newLocked(t)
		r, want := prove(l)
		if diff := cmp.Diff(r.Proofs, want); diff != "" || r.Opens.Sub(l.now.Now()) != 24*time.Hour || r.Open {
			t.Errorf("%s: %+v", name, r)
		}
		if got := l.saw.take().told(); got != both("recovery-begun")+", "+both("recovery-ready") { // the second a day from now
			t.Errorf("%s: told %s", name, got)
		}
		l.is(l.session, l.client.ID) // nothing is given away meanwhile
		l.now.Add(24*time.Hour - time.Second)
		if got := l.saw.take().told(); got != "" {
			t.Errorf("%s: told %s before it opens", name, got)
		}
		other := l.mustIn(l.key) // the thief, say
		early := l.mail()
		if want[0] == account.AtDesk {
			early = l.seen()
		}
		l.mayNot(name+", a second early", early)
		l.now.Add(time.Second)
		l.again() // a restart keeps it
		l.completes(name, early, other)
	}
}

// completes makes the new way in, and everything that was before is gone.
func (l *locked) completes(name, session, other string) {
	t := l.t
	t.Helper()
	w, err := l.Ways(t.Context(), session)
	do(t, err)
	if !w.Enrols || w.Waiting == nil || !w.Waiting.Open {
		t.Errorf("%s: the page says %+v", name, w)
	}
	fresh := newStick(t)
	in := l.enrol(session, fresh)
	if got := l.saw.take().told(); got != "key-added ada@mail.example, key-added ada@work.example, "+both("recovery-done") {
		t.Errorf("%s: told %s", name, got)
	}
	for _, s := range []string{session, other, l.session} {
		l.is(s, "")
	}
	l.level(in.Token, account.Fresh)
	if _, err := l.signIn(l.key, account.Device{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("%s: the old passkey: %v", name, err)
	}
	l.now.Add(time.Hour)
	link := l.in(l.client)
	if _, err := l.UseApp(t.Context(), link, account.AppCode(l.secret, l.now.Now()), account.Origin{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("%s: the old app: %v", name, err)
	}
	if _, err := l.UseSpare(t.Context(), link, l.spares[5], account.Origin{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("%s: an old code: %v", name, err)
	}
	again, err := l.signIn(fresh, account.Device{})
	do(t, err)
	w, err = l.Ways(t.Context(), again.Token)
	do(t, err)
	if len(w.Passkeys) != 1 || w.App || w.Spares != 0 || w.Waiting != nil || len(w.Mails) != 2 || w.Enrols {
		t.Errorf("%s: left are %+v", name, w)
	}
	if _, err := l.MakeSpares(t.Context(), again.Token); err != nil {
		t.Errorf("%s: new codes: %v", name, err)
	}
}

func TestAnAppCanBeTheNewWayInToo(t *testing.T) {
	t.Parallel()
	l := newLocked(t)
	l.begun()
	l.now.Add(24 * time.Hour)
	in, _ := l.app(l.mail())
	l.level(in, account.ByKey)
	if _, err := l.signIn(l.key, account.Device{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("the old passkey: %v", err)
	}
}

func TestStaffStartARecoveryAndSeeNoCredential(t *testing.T) {
	t.Parallel()
	l := newLocked(t)
	token := l.vouched()
	seen, err := l.Peek(t.Context(), token, "")
	do(t, err)
	if seen.For != account.ToGetBack || !seen.Here || seen.Code != "" {
		t.Errorf("the link is %+v", seen)
	}
	in, err := l.Enter(t.Context(), token, account.Ask{})
	do(t, err)
	if in.Level != account.ByLink || in.Enrols {
		t.Errorf("staff's link gives %+v", in.Session)
	}
	l.mayNot("staff's link", in.Token)
	if _, err := l.Ways(t.Context(), in.Token); !errs.Is(err, errs.Refused) {
		t.Errorf("staff's link shows the ways in: %v", err)
	}
	if r := l.back(in.Token, ""); len(r.Proofs) != 1 || !r.Opens.IsZero() {
		t.Errorf("staff's link alone: %+v", r)
	}
	again, err := l.Vouch(t.Context(), l.desk(), l.client)
	do(t, err)
	l.now.Add(15 * time.Minute)
	if _, err := l.Enter(t.Context(), again, account.Ask{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("after a quarter of an hour: %v", err)
	}
}

// TestAFeedEndsWhenItsAccountIsGotBack: whoever had the account may have made it.
func TestAFeedEndsWhenItsAccountIsGotBack(t *testing.T) {
	t.Parallel()
	l := newLocked(t)
	feed := func(session string) string {
		t.Helper()
		who, err := l.Who(t.Context(), session)
		do(t, err)
		c, err := l.v.Open(t.Context(), who, record.Booking, who.Client(), record.Visits)
		do(t, err)
		path, err := c.NewFeed(t.Context())
		do(t, err)
		return strings.Split(path, "/")[2]
	}
	old := feed(l.session)
	l.now.Add(time.Minute)
	m, s := l.mail(), l.seen()
	l.back(m, "")
	l.back(s, "")
	l.now.Add(24 * time.Hour)
	if _, err := l.Feed(t.Context(), old); err != nil {
		t.Errorf("before: %v", err)
	}
	in := l.enrol(l.mail(), newStick(t))
	if _, err := l.Feed(t.Context(), old); !errs.Is(err, errs.NotFound) {
		t.Errorf("after: %v", err)
	}
	if _, err := l.Feed(t.Context(), feed(in.Token)); err != nil {
		t.Errorf("a new one: %v", err)
	}
}
