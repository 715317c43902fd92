package account_test

import (
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"rapport/account"
	"rapport/errs"
)

func TestAPasskeyIsMadeByALinkAndLetsIn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	link, one := d.in(d.client), newStick(t)
	in := d.enrol(link, one)
	d.is(link, "") // the privilege changed, and so did the token
	d.is(in.Token, d.client.ID)
	d.level(in.Token, account.Fresh)
	if in.Ends.IsZero() || in.Enrols || in.Token == link {
		t.Errorf("the session is %+v", in.Session)
	}
	again, err := d.signIn(one, account.Device{Name: "Firefox on Linux"})
	do(t, err)
	if again.Ends.IsZero() || again.Token == in.Token {
		t.Errorf("coming in gives %+v", again.Session)
	}
	d.level(again.Token, account.Fresh)
	d.now.Add(5 * time.Minute)
	d.level(again.Token, account.ByKey)
	_, err = d.BeginKey(t.Context(), again.Token)
	if need, ok := account.NeedOf(err); !ok || need != account.Fresh {
		t.Errorf("a second passkey without being fresh: %v", err)
	}
	fresh := d.fresh(again.Token, one)
	d.is(again.Token, "")
	d.level(fresh, account.Fresh)
	two := newStick(t)
	b, err := d.BeginKey(t.Context(), fresh)
	do(t, err)
	o, err := virtualwebauthn.ParseAttestationOptions(string(b.Options))
	do(t, err)
	if !one.cred.IsExcludedForAttestation(*o) || two.cred.IsExcludedForAttestation(*o) {
		t.Error("the passkey that is there is not excluded")
	}
	both, err := d.FinishKey(t.Context(), fresh, b.Token, two.makes(t, b), account.Device{Name: "iPhone"})
	do(t, err)
	for _, s := range []*stick{one, two} {
		_, err := d.signIn(s, account.Device{})
		do(t, err)
	}
	w, err := d.Ways(t.Context(), both.Token)
	do(t, err)
	if len(w.Passkeys) != 2 || w.Passkeys[1].Name != "iPhone" || w.Locked {
		t.Errorf("the ways in are %+v", w)
	}
}

func TestTheLastWayInStaysAndARemovedOneIsDead(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token, one := d.member(d.client)
	two := newStick(t)
	token = d.enrol(token, two).Token
	elsewhere, err := d.signIn(one, account.Device{})
	do(t, err)
	w, err := d.Ways(t.Context(), token)
	do(t, err)
	d.saw.take()
	do(t, d.DropKey(t.Context(), token, "no such key"))
	if s := d.saw.take(); len(s.acts) != 0 || len(s.letters) != 0 {
		t.Errorf("removing nothing did %+v", s)
	}
	d.is(elsewhere.Token, d.client.ID)
	do(t, d.DropKey(t.Context(), token, w.Passkeys[0].ID))
	d.is(elsewhere.Token, "") // whoever holds it is out
	d.is(token, d.client.ID)
	if _, err := d.signIn(one, account.Device{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("a removed passkey: %v", err)
	}
	for _, id := range []string{w.Passkeys[1].ID} {
		if err := d.DropKey(t.Context(), token, id); !errs.Is(err, errs.Conflict) {
			t.Errorf("removing the last way in: %v", err)
		}
	}
	_, err = d.signIn(two, account.Device{})
	do(t, err)
	d.now.Add(6 * time.Minute)
	d.saw.take()
	if err := d.DropKey(t.Context(), token, w.Passkeys[1].ID); !errs.Is(err, errs.Refused) || d.saw.take().refusals() != 1 {
		t.Errorf("removing without being fresh: %v", err)
	}
}

func TestAMovedAccountsPasskeyNamesWhoItIsNow(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token, guest, early := d.guest("Ada", "ada@mail.example")
	key := newStick(t)
	token = d.enrol(token, key).Token
	d.accept(guest)
	d.is(token, "")
	in, err := d.signIn(key, account.Device{})
	do(t, err)
	d.is(in.Token, d.client.ID)
	if in.Subject != d.client {
		t.Errorf("came in as %v", in.Subject)
	}
	// a link from before leads to the same account and takes nothing from it
	by, err := d.Enter(t.Context(), early.token, account.Ask{Asking: early.asking})
	do(t, err)
	if by.Subject != d.client || by.Level != account.ByLink {
		t.Errorf("a link from before: %+v", by.Session)
	}
	in, err = d.signIn(key, account.Device{})
	do(t, err)
	w, err := d.Ways(t.Context(), in.Token)
	do(t, err)
	if len(w.Passkeys) != 1 || len(w.Mails) != 1 {
		t.Errorf("the account has %+v", w)
	}
	in = d.byMail("ada@mail.example", account.Device{})
	d.is(in.Token, d.client.ID)
}
