package account_test

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"rapport/account"
)

const home = "https://rowan.example"

// stick is an authenticator with one credential.
type stick struct {
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	cred virtualwebauthn.Credential
}

func newStick(t *testing.T) *stick {
	t.Helper()
	return &stick{virtualwebauthn.RelyingParty{ID: "rowan.example", Name: "Rowan Street", Origin: home}, virtualwebauthn.NewAuthenticator(), newCred(t)}
}

// newCred draws a key whose coordinates are 32 bytes: the virtual one writes
// shorter ones short, which no real one does.
func newCred(t *testing.T) virtualwebauthn.Credential {
	t.Helper()
	for {
		c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		k, err := x509.ParsePKCS8PrivateKey(c.Key.Data)
		do(t, err)
		pub, err := k.(*ecdsa.PrivateKey).PublicKey.Bytes()
		do(t, err)
		if pub[1] != 0 && pub[33] != 0 {
			return c
		}
	}
}

// makes answers a begun registration.
func (s *stick) makes(t *testing.T, b account.Begun) []byte {
	t.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(string(b.Options))
	do(t, err)
	s.auth.Options.UserHandle = []byte(o.UserID)
	return []byte(virtualwebauthn.CreateAttestationResponse(s.rp, s.auth, s.cred, *o))
}

// signs answers a begun sign-in; its counter goes up.
func (s *stick) signs(t *testing.T, b account.Begun) []byte {
	t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(string(b.Options))
	do(t, err)
	s.cred.Counter++
	return []byte(virtualwebauthn.CreateAssertionResponse(s.rp, s.auth, s.cred, *o))
}

// edit changes an answer's JSON.
func edit(t *testing.T, answer []byte, f func(top, response map[string]any)) []byte {
	t.Helper()
	var top map[string]any
	do(t, json.Unmarshal(answer, &top))
	f(top, top["response"].(map[string]any))
	out, err := json.Marshal(top)
	do(t, err)
	return out
}

// enrol makes a passkey for the account of a session.
func (d *door) enrol(session string, s *stick) account.In {
	d.t.Helper()
	b, err := d.BeginKey(d.t.Context(), session)
	do(d.t, err)
	in, err := d.FinishKey(d.t.Context(), session, b.Token, s.makes(d.t, b), account.Device{Name: "Firefox on Linux"})
	do(d.t, err)
	return in
}

// member is a new account with a passkey: its session, its stick.
func (d *door) member(s account.Subject) (string, *stick) {
	d.t.Helper()
	k := newStick(d.t)
	return d.enrol(d.in(s), k).Token, k
}

// signIn signs in with a passkey.
func (d *door) signIn(s *stick, dev account.Device) (account.In, error) {
	d.t.Helper()
	b, err := d.BeginSignIn(d.t.Context(), account.Origin{})
	do(d.t, err)
	return d.FinishSignIn(d.t.Context(), b.Token, s.signs(d.t, b), dev)
}

// fresh touches the passkey again.
func (d *door) fresh(session string, s *stick) string {
	d.t.Helper()
	b, err := d.BeginFresh(d.t.Context(), session)
	do(d.t, err)
	in, err := d.FinishFresh(d.t.Context(), session, b.Token, s.signs(d.t, b))
	do(d.t, err)
	return in.Token
}

// level checks how surely it is known who a token is.
func (d *door) level(token string, want account.Level) {
	d.t.Helper()
	who, err := d.Who(d.t.Context(), token)
	do(d.t, err)
	if who.Level() != want {
		d.t.Errorf("the level is %v, want %v", who.Level(), want)
	}
}

// mailed puts a checked address on an account that has a fresh session.
func (d *door) mailed(session, address string) {
	d.t.Helper()
	d.saw.take()
	do(d.t, d.AddMail(d.t.Context(), session, address, account.Origin{}))
	token := d.saw.take().token(d.t, account.LetterVerify)
	if _, err := d.Enter(d.t.Context(), token, account.Ask{Old: session}); err != nil {
		d.t.Fatalf("adding %s: %v", address, err)
	}
}

// byMail comes in by a mailed link, in the browser that asked.
func (d *door) byMail(address string, dev account.Device) account.In {
	d.t.Helper()
	d.saw.take()
	asking, err := d.AskIn(d.t.Context(), address, account.Origin{Trust: dev.Trust})
	do(d.t, err)
	token := d.saw.take().token(d.t, account.LetterSignIn)
	in, err := d.Enter(d.t.Context(), token, account.Ask{Asking: asking, Device: dev})
	do(d.t, err)
	return in
}

// text is a long string.
func text(n int) string { return strings.Repeat("A", n) }
