package account_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rapport/account"
	"rapport/clock"
	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
)

// door is the Doors of a real practice with two staff and a client.
type door struct {
	*account.Doors
	t      *testing.T
	saw    *watch
	dir    string
	v      *record.Vault
	now    *clock.Fake
	nurse  account.Subject
	client account.Subject
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{t: t, dir: filepath.Join(t.TempDir(), "data"), now: clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}
	v, err := record.Create(t.Context(), record.Config{Dir: d.dir, KeyFile: filepath.Join(t.TempDir(), "key"), Clock: d.now})
	do(t, err)
	t.Cleanup(func() { v.Close() }) //nolint:errcheck // the test is over
	d.v, d.saw = v, &watch{Keeper: v}
	d.again()
	d.nurse = account.Subject{Kind: account.Staff, ID: "nurse"}
	d.staff("nurse", "nurse", false)
	c, err := v.Admit(t.Context(), account.AsSystem(account.Importer), record.Importing)
	do(t, err)
	_, err = c.Put(t.Context(), fhir.Resource{Type: "Patient", ID: "ada", JSON: []byte(`{"resourceType":"Patient","id":"ada","name":[{"text":"Ada"}]}`)})
	do(t, err)
	d.client = account.Subject{Kind: account.Client, ID: string(c.Client())}
	return d
}

// again restarts the Doors: what is not kept is forgotten.
func (d *door) again() {
	d.t.Helper()
	d.Doors = account.New(d.saw, d.v, d.now)
	base, err := url.Parse(home)
	do(d.t, err)
	do(d.t, d.Serve(base, func() string { return "Rowan Street" }))
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *door) staff(id, roles string, left bool) {
	d.t.Helper()
	p, err := d.v.OpenPractice(d.t.Context(), account.AsSystem(account.Importer), record.Importing)
	do(d.t, err)
	do(d.t, p.SetStaff(d.t.Context(), record.StaffMember{ID: id, Name: "Priya Raman", Title: "Nurse", Roles: roles, Left: left}))
}

func (d *door) link(s account.Subject, u account.Uses) string {
	d.t.Helper()
	token, err := d.Invite(d.t.Context(), s, u)
	do(d.t, err)
	return token
}

func (d *door) in(s account.Subject) string {
	d.t.Helper()
	in, err := d.Enter(d.t.Context(), d.link(s, account.Once), account.Ask{})
	do(d.t, err)
	return in.Token
}

// is checks who a token is; "" for nobody.
func (d *door) is(token, id string) {
	d.t.Helper()
	who, err := d.Who(d.t.Context(), token)
	do(d.t, err)
	if who.ID() != id || id == "" && who != (account.Actor{}) {
		d.t.Errorf("at %s the token is %q, want %q", d.now.Now().Format("15:04:05"), who.ID(), id)
	}
}

func TestASessionEndsWhenItIsIdleAndWhenItIsOld(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		who        func(*door) account.Subject
		idle, life time.Duration
	}{
		{func(d *door) account.Subject { return d.nurse }, 15 * time.Minute, 12 * time.Hour},
		{func(d *door) account.Subject { return d.client }, 30 * time.Minute, 24 * time.Hour},
	} {
		d := newDoor(t)
		who := c.who(d)
		idle := d.in(who)
		d.now.Add(c.idle - time.Second)
		d.is(idle, who.ID) // and this look counts
		d.now.Add(c.idle - time.Second)
		d.is(idle, who.ID)
		d.now.Add(c.idle)
		d.is(idle, "")
		d.now.Add(-c.idle) // what has ended by the clock is judged by the clock
		d.is(idle, who.ID)
		busy := d.in(who)
		began := d.now.Now()
		for d.now.Now().Sub(began) < c.life-time.Minute {
			d.is(busy, who.ID)
			d.now.Add(time.Minute)
		}
		d.is(busy, who.ID)
		d.now.Add(time.Minute)
		d.is(busy, "") // however busy
		d.is(busy, "")
	}
}

func TestALinkWorksOnceAndNotForever(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	used := d.link(d.nurse, account.Once)
	in, err := d.Enter(t.Context(), used, account.Ask{})
	first := in.Token
	if err != nil || in.Subject != d.nurse || in.Level != account.ByLink {
		t.Fatalf("Enter = %+v, %v", in, err)
	}
	for _, token := range []string{used, "", "nonsense", used + "A", used[1:], first} {
		if _, err := d.Enter(t.Context(), token, account.Ask{}); !errs.Is(err, errs.NotFound) {
			t.Errorf("%.8q…: %v, want not found", token, err)
		}
	}
	d.is(first, "nurse")
	d.is(used, "") // a link is no session
	for _, c := range []struct {
		after time.Duration
		good  bool
	}{{account.LinkLife - time.Millisecond, true}, {account.LinkLife, false}, {account.LinkLife + time.Hour, false}} {
		late := d.link(d.client, account.Once)
		d.now.Add(c.after)
		if _, err := d.Enter(t.Context(), late, account.Ask{}); (err == nil) != c.good || err != nil && !errs.Is(err, errs.NotFound) {
			t.Errorf("after %v: %v", c.after, err)
		}
	}
	never := d.link(d.nurse, 0)
	if _, err := d.Enter(t.Context(), never, account.Ask{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("a link for no use: %v", err)
	}
	for _, nobody := range []account.Subject{{}, {Kind: account.Staff, ID: "nobody"}, {Kind: account.Client, ID: "nobody"}, {Kind: account.System, ID: "import"}, {Kind: 77, ID: "nurse"}} {
		if _, err := d.Invite(t.Context(), nobody, account.Once); !errs.Is(err, errs.NotFound) {
			t.Errorf("a link for %v: %v", nobody, err)
		}
	}
}

func TestOfAHundredAtOnceOneComesIn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	rounds := 10
	if testing.Short() {
		rounds = 2
	}
	for range rounds {
		link := d.link(d.client, account.Once)
		var in atomic.Int32
		var token atomic.Value
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for range 100 {
			wg.Go(func() {
				<-begin
				got, err := d.Enter(context.WithoutCancel(t.Context()), link, account.Ask{})
				if err == nil {
					in.Add(1)
					token.Store(got.Token)
				} else if !errs.Is(err, errs.NotFound) {
					t.Error(err)
				}
			})
		}
		close(begin)
		wg.Wait()
		if n := in.Load(); n != 1 {
			t.Fatalf("%d of a hundred came in on one link", n)
		}
		d.is(token.Load().(string), d.client.ID)
	}
}

func TestADemoLinkWorksForMany(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	link := d.link(d.nurse, account.Demo)
	seen := map[string]bool{}
	for range 5 {
		in, err := d.Enter(t.Context(), link, account.Ask{})
		do(t, err)
		d.is(in.Token, "nurse")
		seen[in.Token] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d different sessions, want 5", len(seen))
	}
	d.now.Add(account.LinkLife)
	if _, err := d.Enter(t.Context(), link, account.Ask{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("after a day: %v", err)
	}
}

func TestWhoHasLeftIsOutAtOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token, unused := d.in(d.nurse), d.link(d.nurse, account.Once)
	d.is(token, "nurse")
	d.staff("boss", "manager", false)
	d.staff("nurse", "manager", false)
	who, err := d.Who(t.Context(), token)
	if err != nil || who.Roles() != account.Manager {
		t.Errorf("after a change of roles: %v, %v", who.Roles(), err)
	}
	d.staff("nurse", "nurse", true)
	d.is(token, "")
	if _, err := d.Enter(t.Context(), unused, account.Ask{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("who has left came in on a link from before: %v", err)
	}
	if _, err := d.Invite(t.Context(), d.nurse, account.Once); !errs.Is(err, errs.NotFound) {
		t.Errorf("a link for who has left: %v", err)
	}
	d.staff("nurse", "nurse", false) // and back: they come in again, nothing of before lets them
	d.is(token, "")
	if _, err := d.Enter(t.Context(), unused, account.Ask{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("who came back came in on a link from before they left: %v", err)
	}
	d.is(d.in(d.nurse), "nurse")
}

func TestLeavingEndsThatSessionAndNoOther(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	one, two := d.in(d.nurse), d.in(d.nurse)
	do(t, d.Leave(t.Context(), one))
	d.is(one, "")
	d.is(two, "nurse")
	do(t, d.Leave(t.Context(), one)) // twice is as well as once
	do(t, d.Leave(t.Context(), "nonsense"))
	// a session that was dropped while somebody looked stays dropped
	d.now.Add(2 * time.Minute)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := d.Who(context.WithoutCancel(t.Context()), two); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		if err := d.Leave(context.WithoutCancel(t.Context()), two); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	d.is(two, "")
}

func TestComingAndGoingIsOnTheLedger(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	in, err := d.Enter(t.Context(), d.link(d.client, account.Demo), account.Ask{})
	do(t, err)
	who, err := d.Who(t.Context(), in.Token)
	do(t, err)
	do(t, d.Leave(t.Context(), in.Token))
	c, err := d.v.Open(t.Context(), who, record.Own, fhir.ClientID(d.client.ID), record.Looks)
	do(t, err)
	looks, err := c.Looks(t.Context(), 0, 10)
	do(t, err)
	var acts []string
	for i := len(looks) - 1; i >= 0; i-- {
		acts = append(acts, looks[i].Act)
	}
	if got := fmt.Sprint(acts); got != "[admit link signin signout open]" {
		t.Errorf("the client's chain says %s", got)
	}
}

func TestNoTokenIsKept(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	link := d.link(d.nurse, account.Demo)
	in, err := d.Enter(t.Context(), link, account.Ask{})
	do(t, err)
	token := in.Token
	d.now.Add(2 * time.Minute)
	d.is(token, "nurse") // kept again
	check := func() {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(d.dir, "*"))
		do(t, err)
		read := 0
		for _, f := range files {
			b, err := os.ReadFile(f)
			do(t, err)
			read += len(b)
			for _, x := range []string{link, token} {
				if bytes.Contains(b, []byte(x)) {
					t.Errorf("%s holds a token", filepath.Base(f))
				}
			}
		}
		if read < 10_000 {
			t.Errorf("only %d bytes were searched", read)
		}
	}
	check()
	do(t, d.v.Close())
	check()
}

// tired is a Keeper that cannot answer.
type tired struct{ account.Keeper }

var errTired = errs.E(errs.Unavailable, "the disk gave an error")

func (tired) Look(context.Context, func(account.Reader) error) error { return errTired }

func (tired) Change(context.Context, func(account.Desk) error) error { return errTired }

func TestWhenItCannotBeKnownItIsAnErrorAndNotNobody(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token := d.in(d.nurse)
	doors := account.New(tired{d.v}, d.v, d.now)
	if who, err := doors.Who(t.Context(), token); !errors.Is(err, errTired) || who != (account.Actor{}) {
		t.Errorf("Who = %v, %v", who, err)
	}
	if err := doors.Leave(t.Context(), token); !errors.Is(err, errTired) {
		t.Errorf("Leave = %v", err)
	}
	if who, err := doors.Who(t.Context(), ""); err != nil || who != (account.Actor{}) {
		t.Errorf("Who without a token = %v, %v", who, err)
	}
}
