package account_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"rapport/account"
	"rapport/errs"
)

// forged is one way to answer a begun sign-in wrongly.
type forged struct {
	name string
	how  func(d *door, s, other *stick, b account.Begun) (token string, answer []byte)
}

func flip(t *testing.T, answer []byte, field string, at int) []byte {
	return edit(t, answer, func(_, r map[string]any) {
		b, err := base64.RawURLEncoding.DecodeString(r[field].(string))
		do(t, err)
		b[at%len(b)] ^= 1
		r[field] = base64.RawURLEncoding.EncodeToString(b)
	})
}

func put(t *testing.T, answer []byte, field string, v any) []byte {
	return edit(t, answer, func(_, r map[string]any) { r[field] = v })
}

// with answers with a stick that is not quite the one that was made.
func with(f func(x *stick, other *stick)) func(*door, *stick, *stick, account.Begun) (string, []byte) {
	return func(d *door, s, other *stick, b account.Begun) (string, []byte) {
		x := *s
		x.cred.Counter += 10
		f(&x, other)
		return b.Token, x.signs(d.t, b)
	}
}

// after changes an honest answer.
func after(f func(t *testing.T, honest []byte, other *stick) []byte) func(*door, *stick, *stick, account.Begun) (string, []byte) {
	return func(d *door, s, other *stick, b account.Begun) (string, []byte) {
		x := *s
		x.cred.Counter += 10
		return b.Token, f(d.t, x.signs(d.t, b), other)
	}
}

// literal answers with something that is no answer.
func literal(s string) func(*door, *stick, *stick, account.Begun) (string, []byte) {
	return func(_ *door, _, _ *stick, b account.Begun) (string, []byte) { return b.Token, []byte(s) }
}

var forgeries = []forged{
	{"another origin", with(func(x, _ *stick) { x.rp.Origin = "https://rowan.example.evil.example" })},
	{"the origin without TLS", with(func(x, _ *stick) { x.rp.Origin = "http://rowan.example" })},
	{"the origin on another port", with(func(x, _ *stick) { x.rp.Origin = home + ":8443" })},
	{"a sibling's origin", with(func(x, _ *stick) { x.rp.Origin = "https://www.rowan.example" })},
	{"no origin", with(func(x, _ *stick) { x.rp.Origin = "" })},
	{"the null origin", with(func(x, _ *stick) { x.rp.Origin = "null" })},
	{"another relying party", with(func(x, _ *stick) { x.rp.ID = "evil.example" })},
	{"a parent as relying party", with(func(x, _ *stick) { x.rp.ID = "example" })},
	{"no user verification", with(func(x, _ *stick) { x.auth.Options.UserNotVerified = true })},
	{"no user present", with(func(x, _ *stick) { x.auth.Options.UserNotPresent = true })},
	{"neither", with(func(x, _ *stick) { x.auth.Options.UserNotPresent, x.auth.Options.UserNotVerified = true, true })},
	{"a counter that went back", with(func(x, _ *stick) { x.cred.Counter = 0 })},
	{"a counter that stood still", with(func(x, _ *stick) { x.cred.Counter -= 11 })},
	{"backed up but not able to be", with(func(x, _ *stick) { x.auth.Options.BackupState = true })},
	{"suddenly able to be backed up", with(func(x, _ *stick) { x.auth.Options.BackupEligible = true })},
	{"a foreign credential with this handle", with(func(x, o *stick) { x.cred = o.cred; x.cred.Counter += 20 })},
	{"this credential's id, another's key", with(func(x, o *stick) { x.cred.Key = o.cred.Key })},
	{"another account's id with own handle and key", with(func(x, o *stick) { x.cred.ID = o.cred.ID })},
	{"own credential, another's handle", with(func(x, o *stick) { x.auth.Options.UserHandle = o.auth.Options.UserHandle })},
	{"an unknown handle", with(func(x, _ *stick) { x.auth.Options.UserHandle = []byte("0123456789abcdef") })},
	{"a long handle", with(func(x, _ *stick) { x.auth.Options.UserHandle = []byte(text(4000)) })},
	{"no handle", with(func(x, _ *stick) { x.auth.Options.UserHandle = nil })},
	{"an RSA key under an EC key's id", with(func(x, _ *stick) {
		id := x.cred.ID
		x.cred = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA)
		x.cred.ID, x.cred.Counter = id, 50
	})},
	{"a key nobody has", with(func(x, _ *stick) { x.cred.ID = []byte("nobody's credential id, 32 bytes") })},
	{"a bit of the signature", after(func(t *testing.T, a []byte, _ *stick) []byte { return flip(t, a, "signature", 40) })},
	{"no signature", after(func(t *testing.T, a []byte, _ *stick) []byte { return put(t, a, "signature", "") })},
	{"a signature of zeros", after(func(t *testing.T, a []byte, _ *stick) []byte { return put(t, a, "signature", "MAYCAQACAQA") })},
	{"a bit of the authenticator data", after(func(t *testing.T, a []byte, _ *stick) []byte { return flip(t, a, "authenticatorData", 36) })},
	{"short authenticator data", after(func(t *testing.T, a []byte, _ *stick) []byte { return put(t, a, "authenticatorData", "AAAA") })},
	{"oversized authenticator data", after(func(t *testing.T, a []byte, _ *stick) []byte { return put(t, a, "authenticatorData", text(40_000)) })},
	{"a bit of the client data", after(func(t *testing.T, a []byte, _ *stick) []byte { return flip(t, a, "clientDataJSON", 30) })},
	{"client data of a registration", after(func(t *testing.T, a []byte, _ *stick) []byte {
		return put(t, a, "clientDataJSON", base64.RawURLEncoding.EncodeToString([]byte(`{"type":"webauthn.create","challenge":"AAAA","origin":"`+home+`"}`)))
	})},
	{"client data that is no JSON", after(func(t *testing.T, a []byte, _ *stick) []byte { return put(t, a, "clientDataJSON", "AAAA") })},
	{"client data that is null", after(func(t *testing.T, a []byte, _ *stick) []byte { return put(t, a, "clientDataJSON", "bnVsbA") })},
	{"another type", after(func(t *testing.T, a []byte, _ *stick) []byte {
		return edit(t, a, func(top, _ map[string]any) { top["type"] = "password" })
	})},
	{"id and rawId that differ", after(func(t *testing.T, a []byte, o *stick) []byte {
		return edit(t, a, func(top, _ map[string]any) { top["rawId"] = base64.RawURLEncoding.EncodeToString(o.cred.ID) })
	})},
	{"no response", after(func(t *testing.T, a []byte, _ *stick) []byte {
		return edit(t, a, func(top, _ map[string]any) { delete(top, "response") })
	})},
	{"half an answer", after(func(_ *testing.T, a []byte, _ *stick) []byte { return a[:len(a)/2] })},
	{"an answer and more", after(func(_ *testing.T, a []byte, _ *stick) []byte { return append(slices.Clone(a), a...) })},
	{"an answer too long", after(func(t *testing.T, a []byte, _ *stick) []byte {
		return edit(t, a, func(top, _ map[string]any) { top["filler"] = text(1 << 20) })
	})},
	{"nothing", literal("")},
	{"null", literal("null")},
	{"a number", literal("7")},
	{"an empty object", literal("{}")},
	{"deep nesting", literal(text(0) + string(slices.Repeat([]byte("["), 50_000)))},
	{"bytes", literal("\xff\xfe\x00\x01")},
	{"a made-up ceremony", func(d *door, s, _ *stick, b account.Begun) (string, []byte) {
		return "made up", s.signs(d.t, b)
	}},
	{"no ceremony", func(d *door, s, _ *stick, b account.Begun) (string, []byte) { return "", s.signs(d.t, b) }},
	{"another ceremony's challenge", func(d *door, s, _ *stick, b account.Begun) (string, []byte) {
		c, err := d.BeginSignIn(d.t.Context(), account.Origin{})
		do(d.t, err)
		return b.Token, s.signs(d.t, c)
	}},
	{"an expired ceremony", func(d *door, s, _ *stick, b account.Begun) (string, []byte) {
		d.now.Add(5 * time.Minute)
		return b.Token, s.signs(d.t, b)
	}},
	{"a registration's ceremony", func(d *door, s, _ *stick, b account.Begun) (string, []byte) {
		session, err := d.signIn(s, account.Device{})
		do(d.t, err)
		c, err := d.BeginKey(d.t.Context(), session.Token)
		do(d.t, err)
		return c.Token, s.signs(d.t, c)
	}},
	{"a session's ceremony", func(d *door, s, _ *stick, b account.Begun) (string, []byte) {
		session, err := d.signIn(s, account.Device{})
		do(d.t, err)
		c, err := d.BeginFresh(d.t.Context(), session.Token)
		do(d.t, err)
		return c.Token, s.signs(d.t, c)
	}},
	{"a registration's answer", func(d *door, s, _ *stick, b account.Begun) (string, []byte) {
		session, err := d.signIn(s, account.Device{})
		do(d.t, err)
		c, err := d.BeginKey(d.t.Context(), session.Token)
		do(d.t, err)
		x := *newStick(d.t)
		return b.Token, x.makes(d.t, c)
	}},
	{"a mailed link's browser token", func(d *door, s, _ *stick, b account.Begun) (string, []byte) {
		asking, err := d.AskIn(d.t.Context(), "ada@mail.example", account.Origin{})
		do(d.t, err)
		return asking, s.signs(d.t, b)
	}},
}

func TestAForgedAnswerLetsNobodyInAndLooksLikeEveryOther(t *testing.T) {
	t.Parallel()
	if len(forgeries) < 40 {
		t.Fatalf("only %d forgeries", len(forgeries))
	}
	d := newDoor(t)
	_, s := d.member(d.client)
	_, other := d.member(d.nurse)
	var first string
	for _, f := range forgeries {
		d.now.Add(time.Minute) // the place's tries come back
		b, err := d.BeginSignIn(t.Context(), account.Origin{})
		do(t, err)
		token, answer := f.how(d, s, other, b)
		d.saw.take()
		in, err := d.FinishSignIn(t.Context(), token, answer, account.Device{})
		if err == nil || in.Token != "" || !errs.Is(err, errs.Invalid) {
			t.Fatalf("%s: %+v, %v", f.name, in.Session, err)
		}
		if first == "" {
			first = err.Error() + errs.SayOf(err)
		}
		if got := err.Error() + errs.SayOf(err); got != first {
			t.Errorf("%s looks different: %s", f.name, got)
		}
		if w := d.saw.take(); w.refusals() != 1 || len(w.acts) != 1 || w.acts[0].How != account.ByPasskey {
			t.Errorf("%s: the ledger has %+v", f.name, w.acts)
		}
		// an answer that was refused has used up its ceremony
		if token == b.Token {
			x := *s
			x.cred.Counter += 100
			if _, err := d.FinishSignIn(t.Context(), b.Token, x.signs(t, b), account.Device{}); !errs.Is(err, errs.Invalid) {
				t.Errorf("%s: and then the honest answer: %v", f.name, err)
			}
		}
		if _, err := d.signIn(s, account.Device{}); err != nil {
			t.Fatalf("after %s the owner is kept out: %v", f.name, err)
		}
	}
	// replayed: one answer counts once
	b, err := d.BeginSignIn(t.Context(), account.Origin{})
	do(t, err)
	answer := s.signs(t, b)
	_, err = d.FinishSignIn(t.Context(), b.Token, answer, account.Device{})
	do(t, err)
	if _, err := d.FinishSignIn(t.Context(), b.Token, answer, account.Device{}); !errs.Is(err, errs.Invalid) || err.Error()+errs.SayOf(err) != first {
		t.Errorf("replayed: %v", err)
	}
	d.staff("nurse", "nurse", true)
	if _, err := d.signIn(other, account.Device{}); err == nil || err.Error()+errs.SayOf(err) != first {
		t.Errorf("who has left: %v", err)
	}
	_, err = d.v.Verify(t.Context())
	do(t, err)
}

func TestAForgedRegistrationMakesNoKey(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token, s := d.member(d.client)
	spare, _ := d.member(d.nurse)
	cases := []struct {
		name string
		how  func(x *stick, b account.Begun) (ceremony string, answer []byte)
	}{
		{"another origin", func(x *stick, b account.Begun) (string, []byte) {
			x.rp.Origin = "https://evil.example"
			return b.Token, x.makes(t, b)
		}},
		{"another relying party", func(x *stick, b account.Begun) (string, []byte) {
			x.rp.ID = "evil.example"
			return b.Token, x.makes(t, b)
		}},
		{"no user verification", func(x *stick, b account.Begun) (string, []byte) {
			x.auth.Options.UserNotVerified = true
			return b.Token, x.makes(t, b)
		}},
		{"no user present", func(x *stick, b account.Begun) (string, []byte) {
			x.auth.Options.UserNotPresent = true
			return b.Token, x.makes(t, b)
		}},
		{"the passkey that is there", func(x *stick, b account.Begun) (string, []byte) {
			x.cred = s.cred
			return b.Token, x.makes(t, b)
		}},
		{"garbage for CBOR", func(x *stick, b account.Begun) (string, []byte) {
			return b.Token, put(t, x.makes(t, b), "attestationObject", "_____w")
		}},
		{"CBOR that claims to be huge", func(x *stick, b account.Begun) (string, []byte) {
			return b.Token, put(t, x.makes(t, b), "attestationObject", base64.RawURLEncoding.EncodeToString([]byte{0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}))
		}},
		{"CBOR nested deep", func(x *stick, b account.Begun) (string, []byte) {
			return b.Token, put(t, x.makes(t, b), "attestationObject", base64.RawURLEncoding.EncodeToString(slices.Repeat([]byte{0x81}, 20_000)))
		}},
		{"CBOR cut short", func(x *stick, b account.Begun) (string, []byte) {
			return b.Token, edit(t, x.makes(t, b), func(_, r map[string]any) { r["attestationObject"] = r["attestationObject"].(string)[:200] })
		}},
		{"oversized", func(x *stick, b account.Begun) (string, []byte) {
			return b.Token, edit(t, x.makes(t, b), func(top, _ map[string]any) { top["filler"] = text(1 << 20) })
		}},
		{"an algorithm that is not its key's", func(x *stick, b account.Begun) (string, []byte) {
			a := x.makes(t, b) // alg -7 of the key becomes -8: 0x26 is CBOR for -7
			return b.Token, edit(t, a, func(_, r map[string]any) {
				raw, err := base64.RawURLEncoding.DecodeString(r["attestationObject"].(string))
				do(t, err)
				for i := 0; i+2 < len(raw); i++ {
					if raw[i] == 0x03 && raw[i+1] == 0x26 {
						raw[i+1] = 0x27
					}
				}
				r["attestationObject"] = base64.RawURLEncoding.EncodeToString(raw)
			})
		}},
		{"a bit of the attestation", func(x *stick, b account.Begun) (string, []byte) {
			return b.Token, flip(t, x.makes(t, b), "attestationObject", 40)
		}},
		{"null", func(_ *stick, b account.Begun) (string, []byte) { return b.Token, []byte("null") }},
		{"nothing", func(_ *stick, b account.Begun) (string, []byte) { return b.Token, nil }},
		{"a made-up ceremony", func(x *stick, b account.Begun) (string, []byte) { return "made up", x.makes(t, b) }},
		{"another's ceremony", func(x *stick, _ account.Begun) (string, []byte) {
			o, err := d.BeginKey(t.Context(), spare)
			do(t, err)
			return o.Token, x.makes(t, o)
		}},
		{"a sign-in's ceremony", func(x *stick, b account.Begun) (string, []byte) {
			o, err := d.BeginSignIn(t.Context(), account.Origin{})
			do(t, err)
			return o.Token, mixed(t, x, b, o)
		}},
		{"the session's other ceremony", func(x *stick, b account.Begun) (string, []byte) {
			o, err := d.BeginFresh(t.Context(), token)
			do(t, err)
			return o.Token, mixed(t, x, b, o)
		}},
		{"a sign-in's answer", func(_ *stick, b account.Begun) (string, []byte) { return b.Token, s.signs(t, b) }},
	}
	for _, c := range cases {
		b, err := d.BeginKey(t.Context(), token)
		do(t, err)
		x := newStick(t)
		ceremony, answer := c.how(x, b)
		d.saw.take()
		in, err := d.FinishKey(t.Context(), token, ceremony, answer, account.Device{})
		if !errs.Is(err, errs.Invalid) || in.Token != "" {
			t.Errorf("%s: %+v, %v", c.name, in.Session, err)
		}
		if w := d.saw.take(); w.refusals() != 1 || len(w.letters) != 0 {
			t.Errorf("%s: the ledger has %+v", c.name, w)
		}
		if w, err := d.Ways(t.Context(), token); err != nil || len(w.Passkeys) != 1 {
			t.Fatalf("%s left %d passkeys, %v", c.name, len(w.Passkeys), err)
		}
	}
	ofTheSessionBefore(t, d, s, token)
}

// ofTheSessionBefore tries a ceremony in the session that came after.
func ofTheSessionBefore(t *testing.T, d *door, s *stick, token string) {
	t.Helper()
	b, err := d.BeginKey(t.Context(), token)
	do(t, err)
	d.now.Add(5*time.Minute - time.Second)
	fresh := d.fresh(token, s)
	if _, err := d.FinishKey(t.Context(), fresh, b.Token, newStick(t).makes(t, b), account.Device{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("a ceremony of the session before: %v", err)
	}
}

// mixed answers one registration with the challenge of another ceremony.
func mixed(t *testing.T, x *stick, b, challenge account.Begun) []byte {
	t.Helper()
	var o, c map[string]json.RawMessage
	do(t, json.Unmarshal(b.Options, &o))
	do(t, json.Unmarshal(challenge.Options, &c))
	o["challenge"] = c["challenge"]
	raw, err := json.Marshal(o)
	do(t, err)
	return x.makes(t, account.Begun{Options: raw})
}

func TestOnlyTheRightSessionMakesAKey(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token, s := d.member(d.client)
	do(t, d.Leave(t.Context(), token))
	unlocked := d.in(d.client) // a new link, but there is a way in already
	left := d.in(d.nurse)
	d.staff("nurse", "nurse", true)
	for name, session := range map[string]string{"none": "", "ended": token, "made up": "x", "a link that does not enrol": unlocked, "who has left": left} {
		d.saw.take()
		b, err := d.BeginKey(t.Context(), session)
		if need, ok := account.NeedOf(err); !ok || need != account.Fresh || !errs.Is(err, errs.Refused) || b.Token != "" {
			t.Errorf("%s: BeginKey = %v", name, err)
		}
		if _, err := d.BeginApp(t.Context(), session, "Rowan"); !errs.Is(err, errs.Refused) {
			t.Errorf("%s: BeginApp = %v", name, err)
		}
		if _, err := d.MakeSpares(t.Context(), session); !errs.Is(err, errs.Refused) {
			t.Errorf("%s: MakeSpares = %v", name, err)
		}
		if want := map[bool]int{true: 3}[session == unlocked]; d.saw.take().refusals() != want {
			t.Errorf("%s: not the refusals that were expected", name)
		}
	}
	// and a ceremony of one session is none of another of the same account
	one, err := d.signIn(s, account.Device{})
	do(t, err)
	two, err := d.signIn(s, account.Device{})
	do(t, err)
	b, err := d.BeginKey(t.Context(), one.Token)
	do(t, err)
	if _, err := d.FinishKey(t.Context(), two.Token, b.Token, newStick(t).makes(t, b), account.Device{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("another session's ceremony: %v", err)
	}
	f, err := d.BeginFresh(t.Context(), one.Token)
	do(t, err)
	if _, err := d.FinishFresh(t.Context(), two.Token, f.Token, s.signs(t, f)); !errs.Is(err, errs.Invalid) {
		t.Errorf("another session's touch: %v", err)
	}
	// the challenge of a registration is no challenge to touch
	m, err := d.BeginKey(t.Context(), one.Token)
	do(t, err)
	if _, err := d.FinishFresh(t.Context(), one.Token, m.Token, s.signs(t, m)); !errs.Is(err, errs.Invalid) {
		t.Errorf("touching a registration: %v", err)
	}
}
