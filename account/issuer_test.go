package account_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
)

// service is an identity service: what is given to ask again with works once.
type service struct {
	mu    sync.Mutex
	gone  bool
	dead  bool
	next  string
	asked int
	twice bool
}

var errDead = errors.New("no answer")

// Still implements account.Issuer.
func (s *service) Still(_ context.Context, _ account.Identity, renew string) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.dead {
		return "", false, errDead
	}
	if renew != s.next {
		s.twice = true
	}
	s.next += "x"
	return s.next, s.gone, nil
}

func (s *service) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

var who1 = account.Identity{Issuer: "https://id.example", Subject: "1"}

// bound is a nurse whose account is bound, and in through the service.
func bound(t *testing.T) (*door, *service, account.In) {
	t.Helper()
	d, s := newDoor(t), &service{next: "r"}
	d.UseIssuer(s)
	_, err := d.Bind(t.Context(), d.in(d.nurse), who1, "r0")
	do(t, err)
	in, err := d.EnterBy(t.Context(), who1, d.now.Now(), "r", account.Device{})
	do(t, err)
	return d, s, in
}

func TestOneIdentityIsOneAccount(t *testing.T) {
	t.Parallel()
	d, _, in := bound(t)
	d.level(in.Token, account.Fresh)
	if in.Ends.IsZero() {
		t.Error("the session never ends")
	}
	d.staff("doc", "clinician", false)
	doc := account.Subject{Kind: account.Staff, ID: "doc"}
	for name, c := range map[string]struct {
		session string
		id      account.Identity
		kind    errs.Kind
	}{
		"somebody else's identity": {d.in(doc), who1, errs.Invalid},
		"no issuer":                {d.in(doc), account.Identity{Subject: "2"}, errs.Invalid},
		"no subject":               {d.in(doc), account.Identity{Issuer: "https://id.example"}, errs.Invalid},
		"a client":                 {d.in(d.client), account.Identity{Issuer: "https://id.example", Subject: "3"}, errs.Invalid},
		"no session":               {"", account.Identity{Issuer: "https://id.example", Subject: "4"}, errs.Refused},
		"by a link, bound already": {d.in(d.nurse), account.Identity{Issuer: "https://id.example", Subject: "5"}, errs.Refused},
	} {
		d.saw.take()
		if got, err := d.Bind(t.Context(), c.session, c.id, "r"); errs.KindOf(err) != c.kind || got.Token != "" {
			t.Errorf("%s: %v", name, err)
		}
		if n := d.saw.take().refusals(); n != 1 && c.session != "" {
			t.Errorf("%s: %d refusals on the ledger", name, n)
		}
	}
	// the same subject at another issuer is another identity, and so is a seam moved
	for _, id := range []account.Identity{{Issuer: "https://evil.example", Subject: "1"}, {Issuer: "https://id.example\x001", Subject: ""}, {Issuer: "https://id.exampl", Subject: "e\x001"}, {}} {
		d.saw.take()
		if got, err := d.EnterBy(t.Context(), id, d.now.Now(), "r", account.Device{}); !errs.Is(err, errs.Invalid) || got.Token != "" || d.saw.take().refusals() != 1 {
			t.Errorf("%+v came in: %v", id, err)
		}
	}
	_, err := d.Bind(t.Context(), d.in(doc), account.Identity{Issuer: "https://other.example", Subject: "1"}, "r")
	do(t, err)
	got, err := d.EnterBy(t.Context(), account.Identity{Issuer: "https://other.example", Subject: "1"}, d.now.Now().Add(-time.Hour), "r", account.Device{})
	do(t, err)
	if got.Subject != doc {
		t.Errorf("came in as %v", got.Subject)
	}
	d.level(got.Token, account.ByKey) // they showed who they are an hour ago
	got, err = d.EnterBy(t.Context(), who1, d.now.Now().Add(time.Hour), "r", account.Device{})
	do(t, err)
	d.level(got.Token, account.ByKey) // nobody shows it tomorrow
	// rebinding leaves the old identity to nobody
	now, err := d.EnterBy(t.Context(), who1, d.now.Now(), "r", account.Device{})
	do(t, err)
	_, err = d.Bind(t.Context(), now.Token, account.Identity{Issuer: "https://id.example", Subject: "new"}, "r")
	do(t, err)
	if _, err := d.EnterBy(t.Context(), who1, d.now.Now(), "r", account.Device{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("the old identity: %v", err)
	}
	d.staff("doc", "clinician", true)
	if _, err := d.EnterBy(t.Context(), account.Identity{Issuer: "https://other.example", Subject: "1"}, d.now.Now(), "r", account.Device{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("who has left: %v", err)
	}
}

func TestWhoIsGoneAtTheIssuerIsOutWithinAMinute(t *testing.T) {
	t.Parallel()
	d, s, in := bound(t)
	for range 5 {
		d.now.Add(50 * time.Second)
		d.is(in.Token, "nurse")
	}
	if s.asked != 5 || s.twice {
		t.Errorf("asked %d times, one token used twice: %v", s.asked, s.twice)
	}
	s.set(func() { s.gone = true })
	out := time.Duration(0)
	for who := "nurse"; who != ""; out += 5 * time.Second {
		if out > time.Minute {
			t.Fatal("in after a minute")
		}
		d.now.Add(5 * time.Second)
		w, err := d.Who(t.Context(), in.Token)
		do(t, err)
		who = w.ID()
	}
	s.set(func() { s.gone = false })
	d.is(in.Token, "")
	if out < 30*time.Second {
		t.Errorf("out after %v: it is asked too often", out)
	}
}

func TestAnIssuerThatDoesNotAnswerIsForgivenForTenMinutes(t *testing.T) {
	t.Parallel()
	d, s, in := bound(t)
	s.set(func() { s.dead = true })
	d.now.Add(10*time.Minute - time.Second)
	d.is(in.Token, "nurse")
	s.set(func() { s.dead = false })
	d.is(in.Token, "nurse") // it answers, and ten minutes begin anew
	s.set(func() { s.dead = true })
	d.now.Add(9 * time.Minute)
	d.is(in.Token, "nurse")
	d.now.Add(time.Minute)
	d.saw.take()
	d.is(in.Token, "")
	if w := d.saw.take(); len(w.acts) != 1 || w.acts[0].What != "signout" || w.acts[0].How != account.ByIssuer {
		t.Errorf("the ledger has %+v", w.acts)
	}
	s.set(func() { s.dead = false })
	d.is(in.Token, "")
}

func TestParallelRequestsAskTheIssuerOnce(t *testing.T) {
	t.Parallel()
	d, s, in := bound(t)
	for range 5 {
		d.now.Add(time.Minute)
		before := s.asked
		n := atOnce(t, func(ctx context.Context, _ int) error {
			who, err := d.Who(ctx, in.Token)
			if err == nil && who.ID() != "nurse" {
				err = errs.E(errs.NotFound, "nobody")
			}
			return err
		})
		if n != 100 {
			t.Errorf("%d of a hundred requests are somebody's", n)
		}
		if s.asked != before+1 || s.twice {
			t.Errorf("asked %d times, one token used twice: %v", s.asked-before, s.twice)
		}
	}
	// whoever asked first and turned away takes nothing from the others
	d.now.Add(time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d.Who(ctx, in.Token) //nolint:errcheck // it may be refused, and must do no harm
	d.is(in.Token, "nurse")
	if s.twice {
		t.Error("one token was used twice")
	}
}
