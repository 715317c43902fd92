package account_test

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"rapport/account"
	"rapport/errs"
)

// app sets up an authenticator app: the session after it, and its secret.
func (d *door) app(session string) (string, []byte) {
	d.t.Helper()
	n, err := d.BeginApp(d.t.Context(), session, "Rowan Street")
	do(d.t, err)
	secret, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(n.Secret, " ", ""))
	do(d.t, err)
	in, err := d.FinishApp(d.t.Context(), session, n.Token, account.AppCode(secret, d.now.Now()))
	do(d.t, err)
	return in.Token, secret
}

// mustIn signs in with a passkey.
func (d *door) mustIn(s *stick) string {
	d.t.Helper()
	in, err := d.signIn(s, account.Device{})
	do(d.t, err)
	return in.Token
}

func TestAppCodesAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890") // RFC 6238, appendix B, the last six digits
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := account.AppCode(secret, time.Unix(at, 0)); got != want {
			t.Errorf("at %d the code is %s, want %s", at, got, want)
		}
	}
	for at, want := range map[int64]string{0: "755224", 30: "287082", 270: "520489"} { // RFC 4226, appendix D
		if got := account.AppCode(secret, time.Unix(at, 0)); got != want {
			t.Errorf("count %d gives %s, want %s", at/30, got, want)
		}
	}
}

func TestAnAppsCodeCountsOnceWithAStepOfSlack(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	session := d.in(d.client)
	full, secret := d.app(session)
	d.is(session, "")
	d.level(full, account.ByKey)
	use := func(name string, ahead time.Duration, good bool) {
		t.Helper()
		d.saw.take()
		code := account.AppCode(secret, d.now.Now().Add(ahead))
		in, err := d.UseApp(t.Context(), d.in(d.client), " "+code[:3]+" "+code[3:], account.Origin{})
		if (err == nil) != good || err != nil && (!errs.Is(err, errs.Invalid) || d.saw.take().refusals() != 1) {
			t.Errorf("%s: %v", name, err)
		}
		if good {
			d.level(in.Token, account.ByKey)
		}
		d.now.Add(-d.now.Now().Sub(d.now.Now().Truncate(30*time.Second)) + 15*time.Minute) // guesses come back, steps stay whole
	}
	use("long after", -5*time.Minute, false)
	use("two steps early", 60*time.Second, false)
	use("two steps late", -60*time.Second, false)
	use("one step late", -30*time.Second, true)
	use("now", 0, true)
	use("one step early", 30*time.Second, true)
	d.now.Add(-15 * time.Minute) // back to the step before the one that was spent
	use("the code before the one that was spent", 0, false)
	d.now.Add(-15 * time.Minute)
	use("the spent one", 30*time.Second, false)
	d.now.Add(-3 * time.Hour)
	use("a clock that went back", 0, false)
	d.now.Add(4 * time.Hour)
	use("and on again", 0, true)
}

func TestAnAppIsOfOneSessionAndNoAppIsAWrongCode(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	one, two := d.in(d.client), d.in(d.client)
	n, err := d.BeginApp(t.Context(), one, "Rowan Street")
	do(t, err)
	if !strings.Contains(n.URI, "issuer=Rowan+Street") || !strings.HasPrefix(n.URI, "otpauth://totp/Rowan%20Street?") {
		t.Errorf("the address is %s", n.URI)
	}
	secret, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(n.Secret, " ", ""))
	do(t, err)
	good := account.AppCode(secret, d.now.Now())
	wrong := "000000"
	if wrong == good {
		wrong = "000001"
	}
	for name, c := range map[string][3]string{"another session": {two, n.Token, good}, "a wrong code": {one, n.Token, wrong}, "no code": {one, n.Token, ""}, "no token": {one, "", good}, "another token": {one, one, good}} {
		if _, err := d.FinishApp(t.Context(), c[0], c[1], c[2]); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, none := d.UseApp(t.Context(), two, "123456", account.Origin{})
	in, err := d.FinishApp(t.Context(), one, n.Token, good)
	do(t, err)
	if _, err := d.FinishApp(t.Context(), in.Token, n.Token, good); err == nil {
		t.Error("one setting-up counted twice")
	}
	if _, err := d.UseApp(t.Context(), d.in(d.client), good, account.Origin{}); err == nil || none == nil || err.Error()+errs.SayOf(err) != none.Error()+errs.SayOf(none) {
		t.Errorf("the code that set it up: %v; without an app: %v", err, none)
	}
	for _, session := range []string{"", "x", one} {
		if _, err := d.UseApp(t.Context(), session, good, account.Origin{}); !errs.Is(err, errs.Refused) {
			t.Errorf("without a session: %v", err)
		}
	}
	late, err := d.BeginApp(t.Context(), d.in(d.nurse), "Rowan")
	do(t, err)
	nurse := d.in(d.nurse)
	late, err = d.BeginApp(t.Context(), nurse, "Rowan")
	do(t, err)
	secret, err = base32.StdEncoding.DecodeString(strings.ReplaceAll(late.Secret, " ", ""))
	do(t, err)
	d.now.Add(14 * time.Minute)
	d.is(nurse, "nurse")
	d.now.Add(time.Minute)
	if _, err := d.FinishApp(t.Context(), nurse, late.Token, account.AppCode(secret, d.now.Now())); !errs.Is(err, errs.Invalid) {
		t.Errorf("after a quarter of an hour: %v", err)
	}
}

// TestWhoBeganWithAnAppGoesOnToAPasskey: a code typed a moment ago does for the account
// itself what a passkey does, as long as there is no passkey, and for nothing else.
func TestWhoBeganWithAnAppGoesOnToAPasskey(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	in, err := d.Enter(t.Context(), d.link(d.client, account.Once), account.Ask{})
	do(t, err)
	session, secret := d.app(in.Token)
	d.mailed(session, "ada@mail.example")
	spares, err := d.MakeSpares(t.Context(), session)
	do(t, err)
	d.level(session, account.ByKey) // and not fresh: nothing is shared by it
	d.now.Add(6 * time.Minute)
	small := func(what, session string) {
		t.Helper()
		_, err := d.BeginKey(t.Context(), session)
		tooLow(t, what+" makes a passkey", err)
		_, err = d.MakeSpares(t.Context(), session)
		tooLow(t, what+" prints codes", err)
		tooLow(t, what+" adds an address", d.AddMail(t.Context(), session, "b@mail.example", account.Origin{}))
	}
	small("six minutes later", session)
	if w, err := d.Ways(t.Context(), session); err != nil || !w.AppOnly || w.Enrols {
		t.Errorf("%+v, %v", w, err)
	}
	again := d.byMail("ada@mail.example", account.Device{})
	small("a link alone", again.Token)
	again, err = d.UseSpare(t.Context(), again.Token, spares[0], account.Origin{})
	do(t, err)
	small("a link and a printed code", again.Token)
	in, err = d.UseApp(t.Context(), session, account.AppCode(secret, d.now.Now()), account.Origin{})
	do(t, err)
	d.level(in.Token, account.ByKey)
	if w, err := d.Ways(t.Context(), in.Token); err != nil || !w.AppOnly || !w.Enrols {
		t.Errorf("%+v, %v", w, err)
	}
	key := newStick(t)
	b, err := d.BeginKey(t.Context(), in.Token)
	do(t, err)
	in, err = d.FinishKey(t.Context(), in.Token, b.Token, key.makes(t, b), account.Device{})
	do(t, err)
	d.level(in.Token, account.Fresh)
	// from then on the passkey is what counts
	d.now.Add(6 * time.Minute)
	in, err = d.UseApp(t.Context(), in.Token, account.AppCode(secret, d.now.Now()), account.Origin{})
	do(t, err)
	small("an app beside a passkey", in.Token)
	if w, err := d.Ways(t.Context(), in.Token); err != nil || w.AppOnly || w.Enrols {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestAWrongFirstCodeKeepsTheSecret(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	one, two := d.in(d.client), d.in(d.client)
	n, err := d.BeginApp(t.Context(), one, "Rowan Street")
	do(t, err)
	if _, err := d.FinishApp(t.Context(), one, n.Token, "x"); !errs.Is(err, errs.Invalid) {
		t.Fatal(err)
	}
	same, err := d.AppAgain(t.Context(), one, n.Token, "Rowan Street")
	do(t, err)
	if same != n {
		t.Errorf("%+v, want %+v", same, n)
	}
	if _, err := d.AppAgain(t.Context(), two, n.Token, "Rowan Street"); !errs.Is(err, errs.NotFound) {
		t.Errorf("another session: %v", err)
	}
	secret, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(n.Secret, " ", ""))
	do(t, err)
	_, err = d.FinishApp(t.Context(), one, n.Token, account.AppCode(secret, d.now.Now()))
	do(t, err)
}

// tooLow checks that something needs a fresher session.
func tooLow(t *testing.T, what string, err error) {
	t.Helper()
	if need, ok := account.NeedOf(err); !ok || need != account.Fresh {
		t.Errorf("%s: %v", what, err)
	}
}
