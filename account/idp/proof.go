package idp

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// algorithms are those an identity token may be signed with: asymmetric, so that
// our own secret or a public key signs nothing.
var algorithms = []string{oidc.RS256, oidc.PS256, oidc.ES256, oidc.EdDSA}

// claims are what an identity token says, as far as we listen (OpenID Connect
// Core 1.0, section 2).
type claims struct {
	iss, sub, nonce, azp string
	aud                  []string
	exp, iat, nbf        time.Time
	authTime             time.Time // zero if it was not said
	hasAzp, hasHash      bool
}

var errClaims = errors.New("account/idp: the claims are not as they must be")

// readClaims reads a payload. Names are matched exactly: encoding/json alone
// would take a claim SUB, which a provider may let people set, for sub.
func readClaims(fields map[string]json.RawMessage) (claims, error) {
	var c claims
	for name, to := range map[string]*string{"iss": &c.iss, "sub": &c.sub, "nonce": &c.nonce, "azp": &c.azp} {
		if raw, ok := fields[name]; ok && json.Unmarshal(raw, to) != nil {
			return claims{}, errClaims
		}
	}
	for name, to := range map[string]*time.Time{"exp": &c.exp, "iat": &c.iat, "nbf": &c.nbf, "auth_time": &c.authTime} {
		raw, ok := fields[name]
		if !ok {
			continue
		}
		var n float64 // seconds; exact to the microsecond for as long as it matters
		if json.Unmarshal(raw, &n) != nil || n < 1 || n > 1<<36 {
			return claims{}, errClaims
		}
		*to = time.Unix(int64(n), 0).UTC()
	}
	if raw, ok := fields["aud"]; ok && json.Unmarshal(raw, &c.aud) != nil {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return claims{}, errClaims
		}
		c.aud = []string{s}
	}
	_, c.hasAzp = fields["azp"]
	_, c.hasHash = fields["at_hash"]
	return c, nil
}

// watch is a key set that remembers why it could not say.
type watch struct {
	oidc.KeySet
	err error
}

// VerifySignature implements oidc.KeySet.
func (w *watch) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	b, err := w.KeySet.VerifySignature(ctx, jwt)
	w.err = err
	return b, err
}

// prove checks an identity token in all that does not depend on one sign-in
// (OpenID Connect Core 1.0, section 3.1.3.7). Unavailable if the keys could not
// be fetched; Refused for everything else.
func (d *Door) prove(ctx context.Context, f *found, raw, access string) (claims, error) {
	now := d.cfg.Clock.Now()
	keys := &watch{KeySet: f.keys}
	tok, err := oidc.NewVerifier(d.cfg.Issuer, keys, &oidc.Config{
		ClientID:             d.cfg.ClientID,
		SupportedSigningAlgs: algorithms,
		Now:                  func() time.Time { return now.Add(-leeway) },
	}).Verify(ctx, raw)
	switch {
	case err != nil && errors.Unwrap(keys.err) != nil: // of its own errors it wraps only that of fetching
		return claims{}, trouble("fetch the identity provider's keys", keys.err)
	case err != nil:
		return claims{}, refused("the identity token is not signed by the issuer, for us, in time")
	}
	var fields map[string]json.RawMessage
	if err := tok.Claims(&fields); err != nil {
		return claims{}, refused("the identity token cannot be read")
	}
	c, err := readClaims(fields)
	if err != nil {
		return claims{}, refused("the identity token cannot be read")
	}
	if c.hasHash && tok.VerifyAccessToken(access) != nil {
		return claims{}, refused("the identity token is of another access token (at_hash)")
	}
	return c, d.check(c, now)
}

// check holds claims against the configuration and the clock.
func (d *Door) check(c claims, now time.Time) error {
	soon := now.Add(leeway)
	switch {
	case c.iss != d.cfg.Issuer: // go-oidc would let Google off
		return refused("the identity token is another issuer's (iss)")
	case !slices.Contains(c.aud, d.cfg.ClientID):
		return refused("the identity token is for somebody else (aud)")
	case (c.hasAzp || len(c.aud) > 1) && c.azp != d.cfg.ClientID:
		return refused("the identity token was given to somebody else (azp)")
	case c.sub == "" || len(c.sub) > 255:
		return refused("the identity token names nobody (sub)")
	case c.exp.IsZero() || !now.Before(c.exp.Add(leeway)):
		return refused("the identity token is over (exp)")
	case c.iat.IsZero() || c.iat.After(soon) || c.nbf.After(soon) || c.authTime.After(soon):
		return refused("the identity token is from the future (iat, nbf, auth_time)")
	}
	return nil
}
