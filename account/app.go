package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- RFC 6238 apps speak SHA-1; as an HMAC it is sound
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"rapport/errs"
)

// Codes of an authenticator app (RFC 6238): six digits, thirty seconds, SHA-1,
// one step of slack on either side, each spent once.
const (
	appStep   = 30
	appDigits = 1_000_000
	appSlack  = 1
	appSecret = 20
)

// appCode returns the code of a time step (RFC 4226, 5.3).
func appCode(secret []byte, step int64) string {
	m := hmac.New(sha1.New, secret)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(step))) //nolint:gosec // a step is not negative
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%appDigits)
}

// spend checks a code, and spends its step.
func (a *App) spend(code string, now time.Time) bool {
	code = digits(code)
	step := now.Unix() / appStep
	for s := max(step-appSlack, a.Last+1); s <= step+appSlack; s++ {
		if subtle.ConstantTimeCompare([]byte(appCode(a.Secret, s)), []byte(code)) == 1 {
			a.Last = s
			return true
		}
	}
	return false
}

// digits leaves the digits of what somebody typed.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// NewApp is an authenticator app that is being set up.
type NewApp struct {
	Secret string // as it is typed, in groups of four
	URI    string // as a QR code carries it
	Token  string // comes back with the first code
}

// appMade is an app that waits for its first code.
type appMade struct {
	Session Hash
	Secret  []byte
	Ends    time.Time
}

// BeginApp draws a secret for an authenticator app. issuer is what the app shows:
// the practice's name, or its host.
func (d *Doors) BeginApp(ctx context.Context, session, issuer string) (NewApp, error) {
	secret := make([]byte, appSecret)
	if _, err := io.ReadFull(d.rand, secret); err != nil {
		return NewApp{}, fmt.Errorf("account: draw secret: %w", err)
	}
	t, h, err := d.token()
	if err != nil {
		return NewApp{}, err
	}
	err = d.errand(ctx, session, AddKey, func(k Desk, _ *Access, s *Session) error {
		m := appMade{s.Hash, secret, d.now.Now().Add(deskLife)}
		return k.Put(ctx, Ceremonies, h[:], m.Ends, &m)
	})
	if err != nil {
		return NewApp{}, err
	}
	return shownApp(t, secret, issuer), nil
}

// AppAgain returns an app that is being set up, for who typed its first code wrongly:
// what their app has already is not of no use. It is errs.NotFound once it has ended.
func (d *Doors) AppAgain(ctx context.Context, session, token, issuer string) (NewApp, error) {
	var m appMade
	err := d.keep.Look(ctx, func(r Reader) error {
		_, s, err := d.own(ctx, r, session, AddKey)
		if err != nil {
			return err
		}
		m, err = d.appMade(ctx, r, s, token)
		return err
	})
	if err != nil {
		return NewApp{}, err
	}
	return shownApp(token, m.Secret, issuer), nil
}

// appMade reads an app that a session is setting up.
func (d *Doors) appMade(ctx context.Context, r Reader, s *Session, token string) (appMade, error) {
	var m appMade
	h := HashOf(token)
	err := r.Get(ctx, Ceremonies, h[:], &m)
	if err == nil && (m.Session != s.Hash || len(m.Secret) != appSecret || !d.now.Now().Before(m.Ends)) {
		return appMade{}, errNoLink
	}
	return m, err
}

func shownApp(token string, secret []byte, issuer string) NewApp {
	coded := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	n := NewApp{Token: token, URI: "otpauth://totp/" + url.PathEscape(issuer) + "?" + url.Values{"secret": {coded}, "issuer": {issuer}}.Encode()}
	for i := 0; i < len(coded); i += 4 {
		n.Secret += coded[i:min(i+4, len(coded))] + " "
	}
	n.Secret = strings.TrimSpace(n.Secret)
	return n
}

// FinishApp keeps an authenticator app once its first code fits.
func (d *Doors) FinishApp(ctx context.Context, session, token, code string) (In, error) {
	return d.keyed(ctx, session, AddKey, func(k Desk, a *Access, s *Session) error {
		h := HashOf(token)
		m, err := d.appMade(ctx, k, s, token)
		if errs.Is(err, errs.NotFound) {
			return errWrong
		}
		if err != nil {
			return err
		}
		app := &App{Secret: m.Secret, Made: d.now.Now()}
		if !app.spend(code, d.now.Now()) {
			return errWrong
		}
		if err := d.newWay(ctx, k, a, s); err != nil {
			return err
		}
		a.App = app
		k.Note(Act{Subject: a.Subject, What: "keyadd", How: ByAppCode})
		if err := d.tell(ctx, k, a, LetterKeyAdded, "/account"); err != nil {
			return err
		}
		return k.Drop(ctx, Ceremonies, h[:])
	}, ByAppCode)
}

// UseApp makes a session that a link opened a full one, by a code of the app. A
// code counts once.
func (d *Doors) UseApp(ctx context.Context, session, code string, from Origin) (In, error) {
	return d.secondProof(ctx, session, from, ByAppCode, func(_ Desk, a *Access) error {
		if a.App == nil || !a.App.spend(code, d.now.Now()) {
			return errWrong
		}
		return nil
	})
}

// secondProof makes a session stronger by something typed, which is a guess until
// it fits and is counted as one.
func (d *Doors) secondProof(ctx context.Context, session string, from Origin, p Proof, check func(Desk, *Access) error) (In, error) {
	s, err := d.session(ctx, session)
	if err != nil {
		return In{}, err
	}
	if s == nil {
		return In{}, Low(ByLink)
	}
	if err := d.guess(ctx, s.Subject, from); err != nil {
		return In{}, err
	}
	return d.keyed(ctx, session, Prove, func(k Desk, a *Access, _ *Session) error { return check(k, a) }, p)
}
