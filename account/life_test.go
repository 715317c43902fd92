package account_test

import (
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
)

func TestALentDeviceIsForgottenSoon(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, key := d.member(d.client)
	_, theirs := d.member(d.nurse)
	for _, c := range []struct {
		key  *stick
		use  account.Use
		idle time.Duration
		life time.Duration
	}{
		{key, account.Theirs, 30 * time.Minute, 24 * time.Hour}, {key, account.Lent, 5 * time.Minute, 24 * time.Hour},
		{theirs, account.Theirs, 15 * time.Minute, 12 * time.Hour}, {theirs, account.Lent, 5 * time.Minute, 12 * time.Hour},
	} {
		in, err := d.signIn(c.key, account.Device{Use: c.use, Trust: "a device"})
		do(t, err)
		if in.Ends.Sub(in.Made) != c.life {
			t.Errorf("%v lives %v, want %v", in.Subject.Kind, in.Ends.Sub(in.Made), c.life)
		}
		who, err := d.Who(t.Context(), in.Token)
		do(t, err)
		if who.Idle() != c.idle {
			t.Errorf("idles %v, want %v", who.Idle(), c.idle)
		}
		d.now.Add(c.idle - time.Millisecond)
		d.is(in.Token, in.Subject.ID)
		d.now.Add(c.idle)
		d.is(in.Token, "")
		if err := d.DropMail(t.Context(), in.Token, "x"); !errs.Is(err, errs.Refused) {
			t.Errorf("an errand of a session that idled away: %v", err)
		}
	}
}

func TestFreshIsForFiveMinutesByAnyClock(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, key := d.member(d.client)
	token := d.mustIn(key)
	d.now.Add(5*time.Minute - time.Millisecond)
	d.level(token, account.Fresh)
	d.now.Add(time.Millisecond)
	d.level(token, account.ByKey)
	token = d.fresh(token, key)
	d.level(token, account.Fresh)
	d.now.Add(-time.Hour)
	d.level(token, account.ByKey) // a clock that went back makes nothing fresh for an hour
	d.now.Add(time.Hour)
	d.level(token, account.Fresh)
	if _, err := d.BeginFresh(t.Context(), ""); !errs.Is(err, errs.Refused) {
		t.Errorf("without a session: %v", err)
	}
}

func TestEveryRiseOfPrivilegeIsANewToken(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	link := d.in(d.client)
	d.level(link, account.ByLink)
	app, secret := d.app(link)
	d.is(link, "")
	d.level(app, account.ByKey)
	again := d.in(d.client)
	d.now.Add(time.Minute)
	used, err := d.UseApp(t.Context(), again, account.AppCode(secret, d.now.Now()), account.Origin{})
	do(t, err)
	d.is(again, "")
	d.level(used.Token, account.ByKey)
	if used.Ends.Sub(used.Made) != 24*time.Hour || used.Made != used.Seen.Add(-time.Minute) {
		t.Errorf("a session that rose lives longer: %+v", used.Session)
	}
	// and the session a browser had ends when it comes in anew
	in, err := d.Enter(t.Context(), d.link(d.client, account.Once), account.Ask{Old: used.Token})
	do(t, err)
	d.is(used.Token, "")
	d.is(in.Token, d.client.ID)
}

func TestDevicesAreListedAndEnded(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	first, key := d.member(d.client)
	var tokens []string
	for _, name := range []string{"Firefox on Linux", "Safari on iPhone", "Chrome on Android"} {
		d.now.Add(time.Second)
		in, err := d.signIn(key, account.Device{Name: name})
		do(t, err)
		tokens = append(tokens, in.Token)
	}
	w, err := d.Ways(t.Context(), tokens[2])
	do(t, err)
	if len(w.Devices) != 4 || w.Devices[0].Name != "Chrome on Android" || !w.Devices[0].This || w.Devices[1].This || w.Devices[0].Level != account.Fresh {
		t.Fatalf("the devices are %+v", w.Devices)
	}
	nurse, _ := d.member(d.nurse)
	if err := d.EndDevice(t.Context(), nurse, w.Devices[1].ID); err != nil {
		t.Error(err)
	}
	d.is(tokens[1], d.client.ID) // another account's device is not theirs to end
	do(t, d.EndDevice(t.Context(), tokens[2], w.Devices[1].ID))
	d.is(tokens[1], "")
	d.is(tokens[0], d.client.ID)
	do(t, d.EndDevice(t.Context(), tokens[2], w.Devices[1].ID))
	do(t, d.EndDevice(t.Context(), tokens[2], ""))
	for _, x := range []string{first, tokens[0], tokens[1]} {
		d.is(x, "")
	}
	d.is(tokens[2], d.client.ID)
	if err := d.EndDevice(t.Context(), d.in(d.client), ""); !errs.Is(err, errs.Refused) {
		t.Errorf("by a link: %v", err)
	}
	d.is(tokens[2], d.client.ID)
	if w, err = d.Ways(t.Context(), tokens[2]); err != nil || len(w.Devices) != 2 {
		t.Errorf("left are %+v, %v", w.Devices, err)
	}
}

func TestTwentyBrowsersAreEnough(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	var tokens []string
	for range 25 {
		tokens = append(tokens, d.in(d.client))
	}
	for i, x := range tokens {
		want := d.client.ID
		if i < 5 {
			want = ""
		}
		d.is(x, want)
	}
}

func TestWhatAnAccountMayDoIsDecidedByItsLevel(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	session, key := d.member(d.client)
	d.app(session)
	old, link := d.older(key), d.in(d.client)
	ctx := t.Context()
	run := map[account.Errand]func(session string) error{
		account.SeeWays:    func(s string) error { _, err := d.Ways(ctx, s); return err },
		account.EndDevice:  func(s string) error { return d.EndDevice(ctx, s, "none") },
		account.AddKey:     func(s string) error { _, err := d.BeginKey(ctx, s); return err },
		account.DropKey:    func(s string) error { return d.DropKey(ctx, s, "none") },
		account.MakeSpares: func(s string) error { _, err := d.MakeSpares(ctx, s); return err },
		account.Contact:    func(s string) error { return d.AddMail(ctx, s, "x@mail.example", account.Origin{}) },
		account.StopBack:   func(s string) error { return d.StopOwn(ctx, s) },
		account.Prove:      func(s string) error { _, err := d.BeginFresh(ctx, s); return err },
		account.GoTo: func(s string) error {
			if err := d.GoTo(ctx, s, ""); !errs.Is(err, errs.NotFound) { // a client holds no role at any place
				return err
			}
			return nil
		},
		account.GetBack: func(s string) error { _, err := d.GetBack(ctx, s, "", account.Origin{}); return err },
	}
	for _, n := range account.Needs { // the list is the code's own
		f := run[n.Errand]
		if f == nil {
			t.Errorf("%s is not tried", n.Code)
			continue
		}
		for _, level := range append(account.Levels(), 0) {
			s := map[account.Level]string{account.ByLink: link, account.ByKey: old}[level]
			if level == account.Fresh {
				s = d.mustIn(key)
			}
			err := f(s)
			need, low := account.NeedOf(err)
			if good := level >= n.Least; good != (err == nil) || !good && (!low || need != n.Least || !errs.Is(err, errs.Refused)) {
				t.Errorf("%s at %v: %v", n.Code, level, err)
			}
			old, link = d.older(key), d.in(d.client) // some errands end sessions
		}
	}
}

// older is a session that is no longer fresh.
func (d *door) older(key *stick) string {
	d.t.Helper()
	s := d.mustIn(key)
	d.now.Add(5 * time.Minute)
	return s
}
