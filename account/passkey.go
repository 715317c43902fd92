package account

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"rapport/errs"
)

var idCoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// ceremonyLife is how long a browser may take over a passkey.
const ceremonyLife = 5 * time.Minute

// Serve says at which address people come in, and under which name their devices
// keep the passkeys. Passkeys are bound to the address's host.
func (d *Doors) Serve(base *url.URL, practice func() string) error {
	name := practice()
	if name == "" {
		name = base.Hostname()
	}
	k, err := webauthn.New(&webauthn.Config{RPID: base.Hostname(), RPDisplayName: name, RPOrigins: []string{base.Scheme + "://" + base.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return fmt.Errorf("account: passkeys at %s: %w", base.Host, err)
	}
	d.keys = k
	return nil
}

// holder is an account as package webauthn wants it.
type holder struct {
	handle []byte
	name   string
	creds  []webauthn.Credential
}

var _ webauthn.User = holder{}

// WebAuthnID implements webauthn.User.
func (h holder) WebAuthnID() []byte { return h.handle }

// WebAuthnName implements webauthn.User.
func (h holder) WebAuthnName() string { return h.name }

// WebAuthnDisplayName implements webauthn.User.
func (h holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials implements webauthn.User.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.creds }

func (d *Doors) holder(a *Access, name string) holder {
	h := holder{handle: a.handle(d), name: name}
	for _, p := range a.Passkeys {
		h.creds = append(h.creds, p.Credential)
	}
	return h
}

// handle is what passkeys call the account: the key it was first kept under.
func (a *Access) handle(d *Doors) []byte {
	if len(a.Handle) > 0 {
		return a.Handle
	}
	return d.accessKey(a.Subject)
}

// What a ceremony is for; an answer to one is none to another.
const (
	toMake   = "make"
	toComeIn = "in"
	toTouch  = "touch"
)

// longestAnswer bounds what a browser may answer, in bytes.
const longestAnswer = 64 << 10

// ceremony is a passkey being made or used.
type ceremony struct {
	What    string
	Data    webauthn.SessionData
	Session Hash // the session it is for; the zero Hash for coming in
	Ends    time.Time
}

// Begun is what a browser needs to go on with a passkey.
type Begun struct {
	Token   string          `json:"ceremony"` // comes back with the answer
	Options json.RawMessage `json:"options"`
}

var errNoKeys = errs.E(errs.Unavailable, "account: passkeys are not set up")

// ErrKey is for a passkey that was not taken.
var errKey = errs.Say(errs.E(errs.Invalid, "account: the passkey was not taken"), "door.key_wrong")

func (d *Doors) begin(ctx context.Context, what string, options any, data *webauthn.SessionData, session Hash) (Begun, error) {
	t, h, err := d.token()
	if err != nil {
		return Begun{}, err
	}
	raw, err := json.Marshal(options)
	if err != nil {
		return Begun{}, fmt.Errorf("account: passkey: %w", err)
	}
	c := ceremony{what, *data, session, d.now.Now().Add(ceremonyLife)}
	if err := d.keep.Change(ctx, func(k Desk) error { return k.Put(ctx, Ceremonies, h[:], c.Ends, &c) }); err != nil {
		return Begun{}, err
	}
	return Begun{t, raw}, nil
}

// ceremony reads one that was begun.
func (d *Doors) ceremony(ctx context.Context, r Reader, what, token string, session Hash) (ceremony, error) {
	var c ceremony
	h := HashOf(token)
	err := r.Get(ctx, Ceremonies, h[:], &c)
	if errs.Is(err, errs.NotFound) || err == nil && (c.What != what || c.Session != session || len(c.Data.Challenge) == 0 || !d.now.Now().Before(c.Ends)) {
		return c, errKey
	}
	return c, err
}

// finish takes a ceremony away, so that its answer counts once.
func (d *Doors) finish(ctx context.Context, k Desk, what, token string, session Hash) (webauthn.SessionData, error) {
	c, err := d.ceremony(ctx, k, what, token, session)
	if err != nil {
		return c.Data, err
	}
	h := HashOf(token)
	return c.Data, k.Drop(ctx, Ceremonies, h[:])
}

// BeginKey begins making a passkey for the account of a session.
func (d *Doors) BeginKey(ctx context.Context, session string) (Begun, error) {
	if d.keys == nil {
		return Begun{}, errNoKeys
	}
	var a *Access
	var s *Session
	err := d.errand(ctx, session, AddKey, func(_ Desk, own *Access, in *Session) error {
		a, s = own, in
		return nil
	})
	if err != nil {
		return Begun{}, err
	}
	p, err := d.people.Person(ctx, a.Subject)
	if err != nil {
		return Begun{}, err
	}
	h := d.holder(a, p.Name)
	o, data, err := d.keys.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.creds).CredentialDescriptors()))
	if err != nil {
		return Begun{}, fmt.Errorf("account: passkey: %w", err)
	}
	return d.begin(ctx, toMake, o.Response, data, s.Hash)
}

// FinishKey keeps a new passkey. The session goes on under a new token, as one
// that was let in by it. After a recovery, everything that let the account in
// before is gone.
func (d *Doors) FinishKey(ctx context.Context, session, token string, answer []byte, dev Device) (In, error) {
	if d.keys == nil {
		return In{}, errNoKeys
	}
	return d.keyed(ctx, session, AddKey, func(k Desk, a *Access, s *Session) error {
		data, err := d.finish(ctx, k, toMake, token, s.Hash)
		if err != nil {
			return err
		}
		if len(answer) > longestAnswer {
			return errKey
		}
		parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
		if err != nil {
			return errKey
		}
		cred, err := d.keys.CreateCredential(d.holder(a, ""), data, parsed)
		if err != nil || !cred.Flags.UserVerified {
			return errKey
		}
		if slices.ContainsFunc(a.Passkeys, func(p Passkey) bool { return bytes.Equal(p.Credential.ID, cred.ID) }) {
			return errKey
		}
		if err := d.newWay(ctx, k, a, s); err != nil {
			return err
		}
		now := d.now.Now()
		a.Passkeys = append(a.Passkeys, Passkey{Credential: *cred, Name: dev.Name, Made: now, Used: now})
		k.Note(Act{Subject: a.Subject, What: "keyadd", How: ByPasskey})
		return d.tell(ctx, k, a, LetterKeyAdded, "/account")
	}, ByPasskey)
}

// keyed runs a change to a session's account that ends in a stronger session: the
// token is a new one, and the old is gone. What the change refused as invalid is
// on the ledger too.
func (d *Doors) keyed(ctx context.Context, session string, e Errand, f func(Desk, *Access, *Session) error, p Proof) (In, error) {
	var in In
	var denied error
	err := d.errand(ctx, session, e, func(k Desk, a *Access, s *Session) error {
		in, denied = In{}, nil
		if err := f(k, a, s); err != nil {
			if !errs.Is(err, errs.Invalid) {
				return err
			}
			denied = err
			k.Note(Act{Subject: a.Subject, What: "signin", How: p, Refused: true})
			return nil
		}
		if err := k.Drop(ctx, Sessions, s.Hash[:]); err != nil {
			return err
		}
		var err error
		in, err = d.stronger(ctx, k, a, s, p)
		return err
	})
	if err == nil {
		err = denied
	}
	if err != nil {
		return In{}, err
	}
	return in, nil
}

// stronger opens a session that goes on from another with one more proof.
func (d *Doors) stronger(ctx context.Context, k Desk, a *Access, old *Session, p Proof) (In, error) {
	t, h, err := d.token()
	if err != nil {
		return In{}, err
	}
	s := *old
	s.Hash, s.Seen = h, d.now.Now()
	s.Proofs = append(slices.Clone(old.Proofs), p)
	s.Level, s.Enrols = ByKey, false
	switch p {
	case ByPasskey:
		s.Touched = s.Seen
	case ByAppCode:
		s.Coded = s.Seen
	}
	err = d.keepNew(ctx, k, a, &s, p)
	return In{t, s}, err
}

// BeginSignIn begins coming in with a passkey; whose it is, the passkey says.
func (d *Doors) BeginSignIn(ctx context.Context, from Origin) (Begun, error) {
	if d.keys == nil {
		return Begun{}, errNoKeys
	}
	if err := d.take(ctx, from, byTouch); err != nil {
		return Begun{}, err
	}
	o, data, err := d.keys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Begun{}, fmt.Errorf("account: passkey: %w", err)
	}
	return d.begin(ctx, toComeIn, o.Response, data, Hash{})
}

// FinishSignIn lets somebody in by a passkey. A counter that went back, a passkey
// nobody has, an answer for another place and one that was used already all look
// the same.
func (d *Doors) FinishSignIn(ctx context.Context, token string, answer []byte, dev Device) (In, error) {
	if d.keys == nil {
		return In{}, errNoKeys
	}
	err := d.keep.Look(ctx, func(r Reader) error {
		_, err := d.ceremony(ctx, r, toComeIn, token, Hash{})
		return err
	})
	if errs.Is(err, errs.Invalid) {
		return In{}, d.stray(ctx, ByPasskey, errKey)
	}
	if err != nil {
		return In{}, err
	}
	var in In
	var denied error
	err = d.keep.Change(ctx, func(k Desk) error {
		in, denied = In{}, nil
		a, err := d.verified(ctx, k, toComeIn, token, Hash{}, nil, answer)
		if err == nil {
			_, err = d.people.Person(ctx, a.Subject)
		}
		if errs.Is(err, errs.Invalid) || errs.Is(err, errs.NotFound) {
			denied = errKey
			k.Note(Act{What: "signin", How: ByPasskey, Refused: true})
			return nil
		}
		if err != nil {
			return err
		}
		in, err = d.admit(ctx, k, a, dev, ByPasskey, false)
		return err
	})
	if err == nil {
		err = denied
	}
	if err != nil {
		return In{}, err
	}
	return in, nil
}

// verified checks a passkey's answer and returns whose account it opens: the one
// given, or whichever the passkey names.
func (d *Doors) verified(ctx context.Context, k Desk, what, token string, session Hash, a *Access, answer []byte) (*Access, error) {
	data, err := d.finish(ctx, k, what, token, session)
	if err != nil {
		return nil, err
	}
	if len(answer) > longestAnswer {
		return nil, errKey
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, errKey
	}
	var cred *webauthn.Credential
	if a != nil {
		cred, err = d.keys.ValidateLogin(d.holder(a, ""), data, parsed)
	} else {
		a = &Access{}
		var broken error
		cred, err = d.keys.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
			if err := d.named(ctx, k, handle, a); err != nil {
				if !errs.Is(err, errs.NotFound) {
					broken = err
				}
				return nil, err
			}
			return d.holder(a, ""), nil
		}, data, parsed)
		if broken != nil {
			return nil, broken
		}
	}
	if err != nil || !cred.Flags.UserVerified || cred.Authenticator.CloneWarning {
		return nil, errKey
	}
	for i := range a.Passkeys {
		if bytes.Equal(a.Passkeys[i].Credential.ID, cred.ID) {
			a.Passkeys[i].Credential, a.Passkeys[i].Used = *cred, d.now.Now()
			return a, nil
		}
	}
	return nil, errKey
}

// BeginFresh begins proving again, with a passkey, that it is still they who hold
// a session.
func (d *Doors) BeginFresh(ctx context.Context, session string) (Begun, error) {
	if d.keys == nil {
		return Begun{}, errNoKeys
	}
	s, err := d.session(ctx, session)
	if err != nil {
		return Begun{}, err
	}
	if s == nil {
		return Begun{}, Low(ByLink)
	}
	var a *Access
	err = d.keep.Look(ctx, func(r Reader) (err error) {
		a, err = d.access(ctx, r, s.Subject)
		return err
	})
	if err != nil {
		return Begun{}, err
	}
	if len(a.Passkeys) == 0 {
		return Begun{}, errs.Say(errs.E(errs.Invalid, "account: no passkey"), "door.no_key")
	}
	o, data, err := d.keys.BeginLogin(d.holder(a, ""), webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Begun{}, fmt.Errorf("account: passkey: %w", err)
	}
	return d.begin(ctx, toTouch, o.Response, data, s.Hash)
}

// FinishFresh makes a session fresh by a passkey of its account.
func (d *Doors) FinishFresh(ctx context.Context, session, token string, answer []byte) (In, error) {
	if d.keys == nil {
		return In{}, errNoKeys
	}
	return d.keyed(ctx, session, Prove, func(k Desk, a *Access, s *Session) error {
		_, err := d.verified(ctx, k, toTouch, token, s.Hash, a, answer)
		return err
	}, ByPasskey)
}
